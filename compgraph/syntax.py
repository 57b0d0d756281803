"""Program text to nodes: ``"z = w*x + b; a = sigmoid(z)"``, parsed by ``ast`` with a whitelist, never evaluated."""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING, Any

from .arith import to_float
from .errors import CompgraphError, GraphTypeError, ParseError
from .node import Node, constant
from .ops import add, div, equal, greater, greater_equal, less, less_equal, mul, neg, not_equal, pow, sigmoid, sub
from .record import Family, all_ops, closest, families

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .record import Op

__all__ = ["PRINTED", "RESULT", "callables", "parse", "parse_values"]

_BINARY = {ast.Add: add, ast.Sub: sub, ast.Mult: mul, ast.Div: div, ast.Pow: pow}
_COMPARE = {
    ast.Lt: less, ast.LtE: less_equal, ast.Gt: greater, ast.GtE: greater_equal, ast.Eq: equal, ast.NotEq: not_equal,
}  # fmt: skip
#: What formulas print as, accepted back; one character each, so that columns stay.
PRINTED = str.maketrans({"·": "*", "−": "-", "×": "*"})
_SAID_OTHERWISE = {
    ast.BitXor: "^ is not a power here; write **",
    ast.Mod: "% is not an op here",
    ast.FloorDiv: "// is not an op; write floor(x/y)",
    ast.MatMult: "@ is not an op; a Node is one scalar",
}

#: What a last expression without a name is called.
RESULT = "_"


def callables() -> dict[str, Op | Family]:
    """What a program can call, by its name: every op, the user's too, and the families of ops that have a public name.

    >>> callables()["σ"] is callables()["sigmoid"], callables()["logsumexp"]
    (True, <ops logsumexp(…)>)
    """
    return {op.name: op for op in all_ops()} | {family.name: family for family in families()} | {"σ": sigmoid}


def parse(text: str, given: Mapping[str, Node] | None = None) -> dict[str, Node]:
    """Nodes from a program text: assignments, separated by ``;`` or line ends.

    Args:
        text: Assignments such as ``z = w*x + b; a = sigmoid(z)`` with numbers, ``+ - * / **``, comparisons, and calls
            of ops by name. A name that is read before it is assigned becomes an input without a value. The last
            statement may be a bare expression; its node is called ``_``. What formulas print (· − σ) is read, too.
        given: Nodes that names stand for where they are read before they are assigned, instead of new inputs.

    Returns:
        Name to Node, the inputs in the order of their first use, then the assigned names in the order of the program.
        After ``b = a`` both names lead to the one node, which is called a.

    Raises:
        ParseError: The text is not such a program; points at line and column.

    >>> nodes = parse("z = w*x + b; a = sigmoid(z)")
    >>> list(nodes)
    ['w', 'x', 'b', 'z', 'a']
    >>> nodes["a"]
    a = σ(z) = ?
    >>> parse("2*x", {"x": Node(4.0, "x")})["_"].value
    8.0
    """
    return _Program(text, given or {}).nodes()


def parse_values(text: str) -> dict[str, float]:
    """Values for inputs: ``"w1=0.1, x1=1"``.

    Raises:
        ParseError: An entry is not name=number, or a name comes twice; points at the column.

    >>> parse_values("w1=0.1, x1=-2e3")
    {'w1': 0.1, 'x1': -2000.0}
    """
    values: dict[str, float] = {}
    start = 0
    for entry in text.split(","):
        column = start + len(entry) - len(entry.lstrip()) + 1
        start += len(entry) + 1
        name, equals, number = (part.strip() for part in entry.partition("="))
        if not entry.strip() and not values and start > len(text):
            return values
        if not equals or not name:
            raise ParseError(f"{entry.strip()!r} is not name=number", source=text, column=column)
        if name in values:
            raise ParseError(f"{name} has a value already", source=text, column=column)
        try:
            value = float(number.replace("−", "-"))
        except ValueError:
            raise ParseError(f"{number!r} is not a number; write {name}=0.5", source=text, column=column) from None
        if value - value != 0:
            raise ParseError(f"{name}={number} is not finite; write a finite number", source=text, column=column)
        values[name] = value
    return values


class _Program:
    def __init__(self, text: str, given: Mapping[str, Node]) -> None:
        if not isinstance(text, str):
            raise GraphTypeError(f"parse takes program text, not {text!r} (a {type(text).__name__})")
        self._lines = text.splitlines() or [""]
        self._functions = callables()
        self._given = given
        self._inputs: dict[str, Node] = {}
        self._assigned: dict[str, Node] = {}
        if "\0" in text:  # early releases of Python 3.11 raise a ValueError for it that has no place
            raise self._error("source code string cannot contain null bytes", 1, 1)
        try:
            self._tree = ast.parse(text.translate(PRINTED))
        except SyntaxError as error:
            line = min(max(error.lineno or 1, 1), len(self._lines))
            raise self._error(error.msg, line, error.offset or 1) from None
        except (RecursionError, MemoryError, ValueError):
            raise self._error("nested too deeply, or not text; split it into several statements", 1, 1) from None

    def nodes(self) -> dict[str, Node]:
        statements = self._tree.body
        if not statements:
            raise self._error("the program is empty; write an assignment such as z = w*x + b", 1, 1)
        for statement in statements:
            try:
                self._statement(statement, is_last=statement is statements[-1])
            except RecursionError:
                raise self._fault(statement, "nested too deeply; split it into several statements") from None
        return self._inputs | self._assigned

    def _statement(self, statement: ast.stmt, *, is_last: bool) -> None:
        if isinstance(statement, ast.Expr) and is_last:
            self._assigned[RESULT] = self._node(statement.value)
            return
        if not isinstance(statement, ast.Assign):
            raise self._fault(statement, "a statement is an assignment such as z = w*x + b")
        if len(statement.targets) != 1 or not isinstance(statement.targets[0], ast.Name):
            raise self._fault(statement.targets[-1], "assign to one name, as in z = w*x + b")
        name, target = statement.targets[0].id, statement.targets[0]
        if name in self._assigned:
            raise self._fault(target, f"{name} is assigned already; a graph has one node per name, use a new one")
        if name in self._inputs:
            raise self._fault(target, f"{name} was read above as an input; assign it before, or use a new name")
        if name in self._functions:
            raise self._fault(target, f"{name} is an op; use another name")
        if name == RESULT:
            raise self._fault(target, f"{name} stands for a last expression without a name; use another name")
        node = self._node(statement.value)
        if node.name is None:  # as in Python, b = a makes no second node: a is what it is called
            node.name = name
        self._assigned[name] = node

    def _node(self, expression: ast.expr) -> Node:
        value = self._expression(expression)
        return value if isinstance(value, Node) else constant(value)

    def _expression(self, expression: ast.expr) -> Any:
        match expression:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                number = self._apply(expression, to_float, value)
                if math.isinf(number):
                    raise self._fault(expression, "this number is beyond the range of floats (about 1.8e308)")
                return number
            case ast.Name(id=name):
                return self._name(expression, name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._apply(expression, neg, self._expression(operand))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._expression(operand)
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _BINARY:
                return self._apply(expression, _BINARY[type(sign)], self._expression(left), self._expression(right))
            case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in _COMPARE:
                return self._apply(expression, _COMPARE[type(sign)], self._expression(left), self._expression(right))
            case ast.Call(func=ast.Name(id=name)):
                return self._call(expression, name)
        raise self._fault(expression, self._advice(expression))

    def _name(self, expression: ast.expr, name: str) -> Node:
        if name in self._assigned:
            return self._assigned[name]
        if name in self._functions:
            raise self._fault(expression, f"{name} is an op; call it: {name}(x)")
        if name not in self._inputs:
            self._inputs[name] = self._given[name] if name in self._given else Node(name=name)
        return self._inputs[name]

    def _call(self, expression: ast.Call, name: str) -> Any:
        op = self._functions.get(name)
        if op is None:
            near = closest(name)
            hint = f"did you mean {near}?" if near else "the functions are ops such as exp, log, sigmoid, where"
            raise self._fault(expression, f"no op is named {name}; {hint}")
        if any(keyword.arg is None for keyword in expression.keywords):
            raise self._fault(expression, "** is not taken here")
        if expression.keywords and isinstance(op, Family):
            raise self._fault(expression, f"{name} takes any number of arguments, and none by name")
        args = [self._expression(argument) for argument in expression.args]
        keywords = {keyword.arg or "": self._expression(keyword.value) for keyword in expression.keywords}
        return self._apply(expression, op, *args, **keywords)

    def _apply(self, expression: ast.expr, function: Any, *args: Any, **keywords: Any) -> Any:
        try:
            return function(*args, **keywords)
        except CompgraphError as error:
            raise self._fault(expression, str(error)) from None

    def _advice(self, expression: ast.expr) -> str:
        match expression:
            case ast.BinOp(op=sign):
                return _SAID_OTHERWISE.get(type(sign), "this operator is not an op")
            case ast.Compare():
                return "one comparison at a time; nest where(…) for several"
            case ast.BoolOp() | ast.IfExp() | ast.UnaryOp(op=ast.Not()):
                return "and, or, not, if cannot be recorded; write where(condition, value_if_true, value_if_false)"
            case ast.Constant():
                return "only real numbers can stand here"
        return f"{type(expression).__name__} is not part of the language: numbers, names, + - * / **, calls of ops"

    def _fault(self, where: ast.AST, message: str) -> ParseError:
        line = getattr(where, "lineno", 1)
        offset = getattr(where, "col_offset", 0)
        source = self._lines[line - 1] if line <= len(self._lines) else ""
        # ast counts UTF-8 bytes; · and − are longer in bytes as typed than as parsed, so count in the parsed line
        column = len(source.translate(PRINTED).encode()[:offset].decode(errors="ignore")) + 1
        return self._error(message, line, column)

    def _error(self, message: str, line: int, column: int) -> ParseError:
        return ParseError(message, source=self._lines[line - 1], line=line, column=column)
