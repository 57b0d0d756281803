"""Expressions of Python's floats in JavaScript: the subset of Python that the kernels are written in.

What Python answers, JavaScript answers: `/` and `**` raise where Python's do, `%` and `//` round down, nan is true and
an empty list is false, comparisons chain. Floats and small integers are numbers; integers without an end are BigInt.
"""

from __future__ import annotations

import ast
import json
import math
import operator
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .sources import TranslationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .translation import Translator

__all__ = ["ATOM", "BOOL", "LIST", "PRODUCT", "SUM", "UNARY", "Expressions", "Local", "is_record", "literal"]

# How tightly an expression of JavaScript binds.
ARROW, CHOICE, OR, AND, EQUAL, ORDER, SHIFT, SUM, PRODUCT, UNARY, ATOM = range(11)

# What is known of a value before it is computed.
BOOL, LIST = "bool", "list"

_BINARY: Final[Mapping[type[ast.operator], tuple[str, int]]] = {
    ast.Add: ("+", SUM), ast.Sub: ("-", SUM), ast.Mult: ("*", PRODUCT), ast.LShift: ("<<", SHIFT),
    ast.RShift: (">>", SHIFT),
}  # fmt: skip
_WIDE: Final[Mapping[type[ast.operator], str]] = {ast.Add: "wide_add", ast.Sub: "wide_sub", ast.Mult: "wide_mul"}
_CALLED: Final[Mapping[type[ast.operator], str]] = {
    ast.Div: "div", ast.Pow: "pow", ast.Mod: "mod", ast.FloorDiv: "floordiv",
}  # fmt: skip
_COMPARED: Final[Mapping[type[ast.cmpop], tuple[str, int]]] = {
    ast.Lt: ("<", ORDER), ast.LtE: ("<=", ORDER), ast.Gt: (">", ORDER), ast.GtE: (">=", ORDER),
    ast.Eq: ("===", EQUAL), ast.NotEq: ("!==", EQUAL), ast.Is: ("===", EQUAL), ast.IsNot: ("!==", EQUAL),
}  # fmt: skip

_PYTHON: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}  # fmt: skip

# Methods of lists, dictionaries and numbers: as methods of JavaScript, or as functions that take the object first.
_METHODS: Final[Mapping[str, str]] = {"append": "push", "copy": "slice"}
_FUNCTIONS: Final = ("remove", "count", "setdefault", "bit_length", "as_integer_ratio")

_PREDICATES: Final = (math.isfinite, math.isinf, math.isnan, any, all, bool)


class Local(NamedTuple):
    """A name that a function defines: what it is called in JavaScript, and what is known of its values."""

    name: str
    kind: str | None


def literal(value: float | str | None, *, wide: bool = False) -> str:
    """A number, a word, a truth value or None in JavaScript.

    >>> literal(-0.0), literal(float("inf")), literal(3, wide=True), literal("a"), literal(None), literal(1e-300)
    ('-0', 'Infinity', '3n', '"a"', 'null', '1e-300')
    """
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return json.dumps(value).replace("<", r"\u003c")  # no text ends the element that a script stands in
    if isinstance(value, int):
        return f"{value}n" if wide else repr(value if abs(value) < 2**53 else float(value))
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(value).removesuffix(".0")


def is_record(value: Any) -> bool:
    """Whether a value is a class of NamedTuples: they are lists in JavaScript."""
    return isinstance(value, type) and issubclass(value, tuple) and hasattr(value, "_fields")


_NOTHING: Final = object()


class Expressions:
    """The expressions of one function, in JavaScript.

    Args:
        translator: Knows what other functions and constants are called.
        free: What the names stand for that the function does not define.
        wide: Whether integers are BigInt.
        title: What the function is called in error messages.
    """

    def __init__(self, translator: Translator, free: Mapping[str, Any], title: str, *, wide: bool) -> None:
        self.translator, self.free, self.title, self.wide = translator, free, title, wide
        self.scopes: list[dict[str, Local]] = []

    # --- names -----------------------------------------------------------------------------------------------------

    def local(self, name: str) -> Local | None:
        """What a name is here, the innermost definition first; None where the function does not define it."""
        return next((scope[name] for scope in reversed(self.scopes) if name in scope), None)

    def static(self, node: ast.expr) -> Any:
        """The object that an expression stands for before anything is computed; else a mark that is none."""
        if isinstance(node, ast.Name):
            return _NOTHING if self.local(node.id) else self.free.get(node.id, _NOTHING)
        if isinstance(node, ast.Attribute):
            base = self.static(node.value)
            return getattr(base, node.attr, _NOTHING) if isinstance(base, ModuleType) else _NOTHING
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            base = self.static(node.value)
            return base.get(node.slice.value, _NOTHING) if isinstance(base, Mapping) else _NOTHING
        return _NOTHING

    def refuse(self, node: ast.AST, what: str = "") -> TranslationError:
        """The error for what has no translation."""
        line = getattr(node, "lineno", 0)
        return TranslationError(f"{self.title}, line {line}: no translation for {what or type(node).__name__}")

    # --- what is known before --------------------------------------------------------------------------------------

    def kind(self, node: ast.expr) -> str | None:
        """Whether an expression is a truth value or a list; None where that is not known."""
        if isinstance(node, ast.Compare) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)):
            return BOOL
        if isinstance(node, (ast.List, ast.Tuple, ast.ListComp, ast.GeneratorExp)):
            return LIST
        if isinstance(node, ast.Constant):
            return BOOL if isinstance(node.value, bool) else None
        if isinstance(node, ast.Name):
            known = self.local(node.id)
            return known.kind if known else None
        if isinstance(node, (ast.BoolOp, ast.IfExp, ast.BinOp)):
            parts = _parts(node)
            kinds = {self.kind(part) for part in parts}
            return LIST if LIST in kinds else BOOL if kinds == {BOOL} and not isinstance(node, ast.BinOp) else None
        if isinstance(node, ast.Call):
            callee = self.static(node.func)
            return LIST if callee in {list, tuple, zip, sorted} else BOOL if callee in _PREDICATES else None
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
            return LIST
        return None

    # --- expressions -----------------------------------------------------------------------------------------------

    def put(self, node: ast.expr, need: int = ARROW) -> str:
        """An expression, in brackets where it binds less tightly than is needed."""
        method: Callable[[Any], tuple[str, int]] | None = getattr(self, f"_put_{type(node).__name__.lower()}", None)
        if method is None:
            raise self.refuse(node)
        text, level = method(node)
        return text if level >= need else f"({text})"

    def test(self, node: ast.expr, need: int = ARROW) -> str:
        """An expression of which only the truth is asked."""
        if isinstance(node, ast.BoolOp):
            sign, level = ("&&", AND) if isinstance(node.op, ast.And) else ("||", OR)
            text = f" {sign} ".join(self.test(value, level + 1) for value in node.values)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            text, level = f"!{self.test(node.operand, UNARY)}", UNARY
        elif self.kind(node) == BOOL:
            return self.put(node, need)
        else:
            text, level = f"{self.use('truth')}({self.put(node)})", ATOM
        return text if level >= need else f"({text})"

    def use(self, name: str) -> str:
        """A function of the runtime."""
        return self.translator.runtime(name)

    def call(self, name: str, *nodes: ast.expr) -> tuple[str, int]:
        """A call of a function of the runtime."""
        return f"{self.use(name)}({', '.join(self.put(node) for node in nodes)})", ATOM

    def _put_constant(self, node: ast.Constant) -> tuple[str, int]:
        if isinstance(node.value, (bytes, complex, type(...))):
            raise self.refuse(node, repr(node.value))
        return literal(node.value, wide=self.wide), ATOM

    def _put_name(self, node: ast.Name) -> tuple[str, int]:
        known = self.local(node.id)
        return (known.name, ATOM) if known else self._put_object(node)

    def _put_attribute(self, node: ast.Attribute) -> tuple[str, int]:
        return self._put_object(node)

    def _put_object(self, node: ast.expr) -> tuple[str, int]:
        value = self.static(node)
        if value is _NOTHING:
            raise self.refuse(node, ast.unparse(node))
        text = self.translator.refer(value, wide=self.wide)
        return text, UNARY if text.startswith("-") else ATOM

    def _put_starred(self, node: ast.Starred) -> tuple[str, int]:
        return f"...{self.put(node.value, ATOM)}", ATOM

    def _put_tuple(self, node: ast.Tuple | ast.List | ast.Set) -> tuple[str, int]:
        return f"[{', '.join(self.put(entry) for entry in node.elts)}]", ATOM

    _put_list = _put_set = _put_tuple

    def _put_dict(self, node: ast.Dict) -> tuple[str, int]:
        pairs = [
            f"[{self.put(key)}, {self.put(value)}]" for key, value in zip(node.keys, node.values, strict=True) if key
        ]
        return f"new Map([{', '.join(pairs)}])" if pairs else "new Map()", ATOM

    def _put_unaryop(self, node: ast.UnaryOp) -> tuple[str, int]:
        if isinstance(node.op, ast.Not):
            return self.test(node, UNARY), UNARY
        if isinstance(node.op, ast.UAdd):
            return self.put(node.operand, UNARY), UNARY
        operand = self.put(node.operand, UNARY)
        return (f"-({operand})" if operand.startswith("-") else f"-{operand}"), UNARY

    def _put_binop(self, node: ast.BinOp) -> tuple[str, int]:
        return self.binary(node.op, node.left, node.right)

    def binary(self, op: ast.operator, left: ast.expr, right: ast.expr) -> tuple[str, int]:
        """One of Python's operators at two operands."""
        folded = _folded(ast.BinOp(left, op, right))
        if isinstance(folded, float):
            return literal(folded), ATOM if folded >= 0 else UNARY
        if LIST in {self.kind(left), self.kind(right)}:
            if isinstance(op, ast.Mult):
                return self.call("repeat", left, right)
            return f"[...{self.put(left, ATOM)}, ...{self.put(right, ATOM)}]", ATOM
        if isinstance(op, ast.Div) and _folded(right):
            return f"{self.put(left, PRODUCT)} / {self.put(right, UNARY)}", PRODUCT
        name = _WIDE.get(type(op)) if self.wide else None
        name = name or _CALLED.get(type(op))
        if name:
            return self.call(name, left, right)
        if type(op) not in _BINARY:
            raise self.refuse(op)
        sign, level = _BINARY[type(op)]
        return f"{self.put(left, level)} {sign} {self.put(right, level + 1)}", level

    def _put_boolop(self, node: ast.BoolOp) -> tuple[str, int]:
        if self.kind(node) == BOOL:
            return self.test(node), OR
        first, *rest = node.values
        last = rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
        yes, no = (last, first) if isinstance(node.op, ast.And) else (first, last)
        return f"{self.test(first, OR)} ? {self.put(yes, CHOICE)} : {self.put(no, CHOICE)}", CHOICE

    def _put_compare(self, node: ast.Compare) -> tuple[str, int]:
        operands = [node.left, *node.comparators]
        parts = [self._compared(op, *operands[i : i + 2]) for i, op in enumerate(node.ops)]
        if len(parts) == 1:
            return parts[0]
        return " && ".join(text for text, _ in parts), AND

    def _compared(self, op: ast.cmpop, left: ast.expr, right: ast.expr) -> tuple[str, int]:
        if isinstance(op, (ast.In, ast.NotIn)):
            text, _ = self.call("contains", right, left)
            return (f"!{text}", UNARY) if isinstance(op, ast.NotIn) else (text, ATOM)
        sign, level = _COMPARED[type(op)]
        if self.wide and level == EQUAL:
            sign = sign[:2]  # a BigInt may meet a float
        elif level == EQUAL and LIST in {self.kind(left), self.kind(right)}:
            text, _ = self.call("same", left, right)
            return (f"!{text}", UNARY) if isinstance(op, ast.NotEq) else (text, ATOM)
        return f"{self.put(left, level + 1)} {sign} {self.put(right, level + 1)}", level

    def _put_ifexp(self, node: ast.IfExp) -> tuple[str, int]:
        return f"{self.test(node.test, OR)} ? {self.put(node.body, CHOICE)} : {self.put(node.orelse, CHOICE)}", CHOICE

    # --- lists -----------------------------------------------------------------------------------------------------

    def _put_subscript(self, node: ast.Subscript) -> tuple[str, int]:
        if self.static(node) is not _NOTHING:
            return self._put_object(node)
        base, index = self.put(node.value, ATOM), node.slice
        if isinstance(index, ast.Slice):
            return self._slice(base, index)
        if isinstance(index, ast.Constant) and isinstance(index.value, int) and self.kind(node.value) == LIST:
            return f"{base}[{index.value}]", ATOM
        return self.call("at", node.value, index)

    def _slice(self, base: str, index: ast.Slice) -> tuple[str, int]:
        low = self.put(index.lower) if index.lower else "0"
        if index.step is not None:
            if index.upper is not None:
                raise self.refuse(index, "a slice with an end and a step")
            return f"{self.use('every_nth')}({base}, {low}, {self.put(index.step)})", ATOM
        return f"{base}.slice({low}{f', {self.put(index.upper)}' if index.upper else ''})", ATOM

    def _put_listcomp(self, node: ast.ListComp | ast.GeneratorExp) -> tuple[str, int]:
        return self._loops(node.generators, lambda: self.put(node.elt, CHOICE), ".map"), ATOM

    _put_generatorexp = _put_listcomp

    def _loops(self, loops: Sequence[ast.comprehension], inner: Callable[[], str], method: str) -> str:
        """Loops of a comprehension as .filter, .flatMap and last a method that takes the function inside."""
        loop, *rest = loops
        text = self.put(loop.iter, ATOM)
        self.scopes.append(self.translator.targets_of(loop.target, self))
        target = self.target(loop.target)
        text += "".join(f".filter(({target}) => {self.test(condition, CHOICE)})" for condition in loop.ifs)
        inside = self._loops(rest, inner, method) if rest else inner()
        self.scopes.pop()
        return f"{text}{'.flatMap' if rest else method}(({target}) => {inside})"

    def target(self, node: ast.expr) -> str:
        """What is assigned to: a name, or a list of them."""
        if isinstance(node, ast.Name):
            known = self.local(node.id)
            return known.name if known else node.id
        if isinstance(node, (ast.Tuple, ast.List)):
            return f"[{', '.join(self.target(entry) for entry in node.elts)}]"
        if isinstance(node, ast.Starred):
            return f"...{self.target(node.value)}"
        raise self.refuse(node)

    # --- calls -----------------------------------------------------------------------------------------------------

    def _put_lambda(self, node: ast.Lambda) -> tuple[str, int]:
        self.scopes.append(self.translator.parameters_of(node.args, self))
        text = f"({self.parameters(node.args)}) => {self.put(node.body, CHOICE)}"
        self.scopes.pop()
        return text, ARROW

    def parameters(self, args: ast.arguments, defaults: Sequence[str] | None = None) -> str:
        """The parameters of a function; what they are where a call leaves them out, if not written there, is given."""
        if args.kwarg or (args.kwonlyargs and args.vararg):
            raise self.refuse(args, "keyword arguments of any name")
        names = [*args.posonlyargs, *args.args, *args.kwonlyargs]
        if defaults is None:
            defaults = [self.put(value) for value in (*args.defaults, *args.kw_defaults) if value is not None]
        shown = [self.target(ast.Name(name.arg)) for name in names]
        first = len(shown) - len(defaults)
        shown[first:] = [f"{name} = {value}" for name, value in zip(shown[first:], defaults, strict=True)]
        return ", ".join([*shown, *([f"...{self.target(ast.Name(args.vararg.arg))}"] if args.vararg else [])])

    def _put_call(self, node: ast.Call) -> tuple[str, int]:
        callee = self.static(node.func)
        if callee is _NOTHING:
            return self._call_of_value(node)
        if callee in {max, min, sorted}:
            return self._extreme(node, callee.__name__)
        if callee in {list, tuple}:
            return f"[...{self.put(node.args[0], ATOM)}]" if node.args else "[]", ATOM
        if callee in {any, all} and isinstance(node.args[0], ast.GeneratorExp):
            inside = node.args[0]
            method = ".some" if callee is any else ".every"
            return self._loops(inside.generators, lambda: self.test(inside.elt, CHOICE), method), ATOM
        if callee is abs and not self.wide:
            return f"Math.abs({self.put(node.args[0])})", ATOM
        if callee is sum:
            start = self.put(node.args[1]) if len(node.args) > 1 else literal(0, wide=self.wide)
            return f"{self.use('sum')}({self.put(node.args[0])}, {start})", ATOM
        if self.wide and callee in {int, math.frexp}:
            return self.call(f"wide_{callee.__name__}", *node.args)
        if is_record(callee):
            return f"[{', '.join(self._fields(node, callee))}]", ATOM
        args = self._arguments(node, callee)
        if not self.translator.accepts(callee, len(args)):
            raise self.refuse(node, ast.unparse(node))
        return f"{self.translator.refer(callee, wide=self.wide)}({', '.join(args)})", ATOM

    def _call_of_value(self, node: ast.Call) -> tuple[str, int]:
        """A call of a method, or of a function that is a value."""
        if isinstance(node.func, ast.Attribute):
            base, name = node.func.value, node.func.attr
            if name in _FUNCTIONS:
                return self.call(name, base, *node.args)
            if name not in _METHODS:
                raise self.refuse(node, f"the method {name}")
            return f"{self.put(base, ATOM)}.{_METHODS[name]}({', '.join(map(self.put, node.args))})", ATOM
        if node.keywords:
            raise self.refuse(node, "keyword arguments of a function that is a value")
        return f"{self.put(node.func, ATOM)}({', '.join(map(self.put, node.args))})", ATOM

    def _extreme(self, node: ast.Call, name: str) -> tuple[str, int]:
        """The largest, the smallest, or all in order, perhaps by a key."""
        plain = len(node.args) == 1 and not isinstance(node.args[0], ast.Starred)
        numbers = self.put(node.args[0]) if plain else f"[{', '.join(map(self.put, node.args))}]"
        given = {keyword.arg: self.put(keyword.value) for keyword in node.keywords}
        if given.keys() - {"key", "default"}:
            raise self.refuse(node, f"these keyword arguments of {name}")
        if "default" in given:
            numbers = f"{self.use('or_else')}({numbers}, {given['default']})"
        key = f", {given['key']}" if "key" in given else ""
        return f"{self.use(name)}({numbers}{key})", ATOM

    def _fields(self, node: ast.Call, record: Any) -> list[str]:
        """The fields of a NamedTuple: those that are given, and the defaults of the others."""
        if any(isinstance(arg, ast.Starred) for arg in node.args):
            raise self.refuse(node, "a list of fields")
        args, defaults = self._arguments(node, record), record._field_defaults
        args += ["undefined"] * (len(record._fields) - len(args))
        return [
            self.translator.refer(defaults[name], wide=self.wide) if arg == "undefined" and name in defaults else arg
            for name, arg in zip(record._fields, args, strict=True)
        ]

    def _arguments(self, node: ast.Call, callee: Any) -> list[str]:
        """The arguments of a call in the order of the parameters, strict=True of zip left out."""
        args = [self.put(arg) for arg in node.args]
        given = {keyword.arg: self.put(keyword.value) for keyword in node.keywords}
        if callee is zip:
            given.pop("strict", None)
        if not given:
            return args
        code = getattr(callee, "__code__", None)
        names = callee._fields if is_record(callee) else code.co_varnames[: code.co_argcount] if code else ()
        if any(isinstance(arg, ast.Starred) for arg in node.args) or not given.keys() <= set(names[len(args) :]):
            raise self.refuse(node, "these keyword arguments")
        return [*args, *(given.get(name, "undefined") for name in names[len(args) :])]


def _parts(node: ast.BoolOp | ast.IfExp | ast.BinOp) -> list[ast.expr]:
    if isinstance(node, ast.BoolOp):
        return node.values
    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node.left, node.right]


def _folded(node: ast.expr) -> float | int | None:
    """The number that an expression of numbers alone is, as Python computes it."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, (int, float)) and not isinstance(node.value, bool) else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        operand = _folded(node.operand)
        return None if operand is None else -operand
    if not isinstance(node, ast.BinOp):
        return None
    left, right = _folded(node.left), _folded(node.right)
    if left is None or right is None:
        return None
    function = _PYTHON.get(type(node.op))
    try:
        return function(left, right) if function else None
    except ArithmeticError:
        return None
