"""Ops in JavaScript: their values and partials as a table of functions, as exact as Python's.

An op's value is its function of floats, translated from its source; where it has none, its body. Bodies and partials
are written in ops: they are recorded as programs and printed as straight-line code.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from threading import RLock
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from .. import ieee
from ..arith import FLOAT
from ..errors import is_inside
from ..kernels import elementary
from ..record import Op, is_built_in, op_named
from .expressions import ATOM, PRODUCT, SUM, UNARY, literal
from .program import Apply, record_program
from .sources import TranslationError, free_names
from .statements import Statements, indented
from .translation import Translator

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .program import Program

__all__ = ["json_number", "program_data", "table_source"]

_SIGNS: Final[Mapping[str, tuple[str, int]]] = {
    "add": ("+", SUM), "sub": ("-", SUM), "mul": ("*", PRODUCT), "div": ("/", PRODUCT),
}  # fmt: skip

# Functions that JavaScript has as they are: nothing raises there.
_NATIVE: Final[Mapping[Any, str]] = {
    **{
        ieee.FUNCTIONS[name]: f"Math.{name}"
        for name in ("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "asin", "acos", "cosh", "acosh")
    },
    elementary.exp: "Math.exp",
    elementary.div: "«operator_truediv»",
}  # fmt: skip

# How deep an expression is written before a part of it gets a name.
_DEEPEST = 12


class _TotalStatements(Statements):
    """A function written with ops and Python's own control flow: its operators never raise."""

    def binary(self, op: ast.operator, left: ast.expr, right: ast.expr) -> tuple[str, int]:
        kind = type(op).__name__
        if kind == "Div":
            return f"{self.put(left, PRODUCT)} / {self.put(right, UNARY)}", PRODUCT
        if kind == "Pow":
            return f"{self.translator.refer(elementary.power)}({self.put(left)}, {self.put(right)})", ATOM
        return super().binary(op, left, right)


class _OpTranslator(Translator):
    """A translator that knows ops as well: a reference to an op is one to its value."""

    def refer(self, value: Any, *, wide: bool = False) -> str:
        """A definition's name; of an op, that of the function which computes it."""
        if isinstance(value, Op):
            native = FLOAT.find(value.native) if value.native else None
            if native is None or value.body is None:
                return super().refer(value) if native is None else self.refer(native)
            try:
                return self.refer(native)
            except TranslationError:
                return super().refer(value)
        return _NATIVE[value] if _is_native(value) else super().refer(value, wide=wide)

    def _define(self, value: Any, *, wide: bool) -> tuple[str, str]:
        if isinstance(value, Op):
            if value.body is None:
                raise TranslationError(f"no translation for the function {value.native!r} of math")
            name = value.name if is_built_in(value.name) else "op"
            return name, f"const «» = {self.written(value.body, 0, value.arity)};"
        return super()._define(value, wide=wide)

    def statements_of(self, function: FunctionType) -> Statements:
        """The operators of a user's function are total: where Python's raise, its ops are computed once more so."""
        if is_inside(function.__code__):
            return super().statements_of(function)
        return _TotalStatements(self, free_names(function), function.__qualname__, wide=False)

    def written(self, function: Callable[..., Any], outputs: int, arity: int) -> str:
        """A function written with ops: recorded, or, where it asks for the truth of numbers, from its source."""
        names = [*["y"][:outputs], *(f"x{index + 1}" for index in range(arity))]
        try:
            program = record_program(function, len(names))
        except Exception as error:  # noqa: BLE001  # a function of a user may fail in any way
            return self._translated(function, error)
        return self._printed(program, names)

    def _translated(self, function: Callable[..., Any], error: Exception) -> str:
        if not isinstance(function, FunctionType):
            raise TranslationError(f"{function!r} is no function written in Python ({error})") from error
        return f"{self.runtime('total')}({self.refer(function)})"

    # --- programs --------------------------------------------------------------------------------------------------

    def _printed(self, program: Program, names: Sequence[str]) -> str:
        """A program as a function: what is used once is written where it is used."""
        (output,) = program.outputs
        uses = Counter(arg for entry in program.entries if isinstance(entry, Apply) for arg in entry.args)
        written: list[tuple[str, int, int]] = []  # text, how tightly it binds, how deep it is
        lines: list[str] = []
        for place, entry in enumerate(program.entries):
            if place < len(names):
                written.append((names[place], ATOM, 0))
            elif isinstance(entry, Apply):
                text, level = self._applied(entry.op, [written[arg][:2] for arg in entry.args])
                depth = 1 + max((written[arg][2] for arg in entry.args), default=0)
                if place != output and (uses[place] > 1 or depth > _DEEPEST):
                    name = f"t{len(lines) + 1}"
                    lines.append(f"const {name} = {text};")
                    text, level, depth = name, ATOM, 0
                written.append((text, level, depth))
            else:
                number = literal(float("nan") if entry.value is None else entry.value)
                written.append((number, UNARY if number.startswith("-") else ATOM, 0))
        read = [place for place in range(len(names)) if uses[place] or place == output]
        parameters = ", ".join(names[: max(read, default=-1) + 1])
        if not lines:
            return f"({parameters}) => {written[output][0]}"
        return indented([f"({parameters}) => {{", *lines, f"return {written[output][0]};", "}"])

    def _applied(self, op: Op, args: Sequence[tuple[str, int]]) -> tuple[str, int]:
        if op.native is not None and op.native in _SIGNS:
            sign, level = _SIGNS[op.native]
            (left, binds), (right, binds_too) = args
            left, right = _grouped(left, binds, level), _grouped(right, binds_too, level + 1)
            return f"{left} {sign} {right}", level
        if op.native == "neg":
            ((text, binds),) = args
            return f"-{_grouped(text, SUM if text.startswith('-') else binds, UNARY)}", UNARY
        if op.name == "copy":
            return args[0]
        return f"{self.refer(op)}({', '.join(text for text, _ in args)})", ATOM


def _grouped(text: str, binds: int, need: int) -> str:
    return text if binds >= need else f"({text})"


def _is_native(value: Any) -> bool:
    return callable(value) and not isinstance(value, Op) and value in _NATIVE


# --- tables --------------------------------------------------------------------------------------------------------

_translator = _OpTranslator()
_lock = RLock()
_entries: WeakKeyDictionary[Op, str] = WeakKeyDictionary()


def table_source(ops: Iterable[Op | str]) -> str:
    """JavaScript that defines ``table``: for each op its value, its partials and whether it selects.

    ``table[name].value`` takes the op's arguments, ``table[name].partials[i]`` takes (output, ...arguments) and is null
    where the derivative is 0 throughout. Every number is what Python computes, to the last digits of the elementary
    functions. It needs nothing, and defines no other name.

    Args:
        ops: Ops or their names. Of two ops with one name, which a graph may hold, the second is called ``name#2``.

    Raises:
        TranslationError: An op computes with a function for which there is no translation; names the op.

    >>> print(table_source(["mul", "exp"]))
    const table = (() => {
    "use strict";
    function operator_mul(u, v) { return u * v; }
    return { __proto__: null,
    ["mul"]: { value: operator_mul, partials: [(y, x1, x2) => x2, (y, x1) => x1], selects: false },
    ["exp"]: { value: Math.exp, partials: [(y) => y], selects: false },
    };
    })();
    """
    chosen = list(dict.fromkeys(op_named(op) if isinstance(op, str) else op for op in ops))
    with _lock:
        texts = [f"[{json.dumps(key)}]: {_entry(op)}," for key, op in zip(_keys(chosen), chosen, strict=True)]
        lines = _translator.source(texts)
    split = len(lines) - len(texts)
    parts = ["const table = (() => {", '"use strict";', *lines[:split], "return { __proto__: null,", *lines[split:]]
    return "\n".join([*parts, "};", "})();"])


def _entry(op: Op) -> str:
    if op not in _entries:
        try:
            value = _translator.refer(op)
            partials = [
                "null" if partial is None else _translator.written(partial, 1, op.arity) for partial in op.partials
            ]
        except TranslationError as error:
            raise TranslationError(
                f"op {op.name!r} cannot be computed in a page: {error.message}. Write its value as body=lambda …, and "
                "its partials, with operators and compgraph's ops"
            ) from error
        selects = json.dumps(op.selects)
        _entries[op] = f"{{ value: {value}, partials: [{', '.join(partials)}], selects: {selects} }}"
    return _entries[op]


def _keys(ops: Sequence[Op]) -> list[str]:
    """The name of each op in the table; a number after those that have the name of another."""
    counts: Counter[str] = Counter()
    keys = []
    for op in ops:
        counts[op.name] += 1
        keys.append(op.name if counts[op.name] == 1 else f"{op.name}#{counts[op.name]}")
    return keys


def program_data(program: Program) -> dict[str, Any]:
    """A program as data for JSON: the keys of its ops in the table, and its entries.

    ``code`` has for each entry [k, i, j, …], the op ``ops[k]`` of the entries i, j, …, or [-1, number] for a leaf: null
    where an input has no value yet, and a text where JSON has no number ("Infinity", "-Infinity", "NaN"), which
    ``Number(text)`` reads. ``root`` is the place of the first output.

    >>> from compgraph import Node, exp
    >>> from compgraph.codegen.program import make_program
    >>> x = Node(2.0, "x")
    >>> program_data(make_program([x * exp(x)]))
    {'ops': ['exp', 'mul'], 'code': [[-1, 2.0], [0, 0], [1, 0, 1]], 'root': 2}
    """
    ops = {op: index for index, op in enumerate(program.ops)}
    code = [
        [ops[entry.op], *entry.args] if isinstance(entry, Apply) else [-1, json_number(entry.value)]
        for entry in program.entries
    ]
    return {"ops": _keys([*ops]), "code": code, "root": program.outputs[0]}


def json_number(value: float | None) -> float | str | None:
    """A number for JSON, which has no words for those that are not finite; JavaScript's ``Number(text)`` reads them.

    >>> json_number(0.5), json_number(-math.inf), json_number(None)
    (0.5, '-Infinity', None)
    """
    return value if value is None or math.isfinite(value) else literal(value)
