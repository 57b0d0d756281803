"""Matching what is about to be recorded against rules, and the index of rules by op.

Reads ``.op``, ``.args`` and a constant's ``._value`` of what it is shown, and knows no Node: a pattern is made of ops
applied to variables, and so is a replacement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .ops import CONSTANT, INPUT, Operators

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .record import Op

__all__ = ["Match", "Pattern", "Rule", "RuleIndex", "Variable", "same_expression"]


class _Expression(Operators):
    """What stands in a pattern; operators and ops build larger patterns from it."""

    __slots__ = ()

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Pattern:
        return Pattern(op, args)


class Variable(_Expression):
    """Stands for any expression; for the same one wherever it occurs in a pattern.

    >>> x = Variable("x")
    >>> x + x
    add(x, x)
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


class Pattern(_Expression):
    """An op applied to variables, plain numbers and other patterns."""

    __slots__ = ("args", "op")

    def __init__(self, op: Op, args: tuple[Any, ...]) -> None:
        self.op, self.args = op, args

    def __repr__(self) -> str:
        return f"{self.op.name}({', '.join(map(repr, self.args))})"


class Rule(NamedTuple):
    """One line of data: an expression, one that has the same value and loses fewer digits, and why.

    Attributes:
        left: What is typed.
        right: What it is computed by; reads the variables of ``left`` only.
        where: Where the two are equal, in words.
        why: What the typed form would lose.
    """

    left: Pattern
    right: Any
    where: str
    why: str


class Match(NamedTuple):
    """A rule that fits, and what its variables stand for."""

    rule: Rule
    bound: Mapping[Variable, Any]

    def replacement(self) -> Any:
        """The right side with the variables' expressions in their places: recorded, op by op."""
        return _instance(self.rule.right, self.bound)


class RuleIndex:
    """Rules by the op they start at, which is flagged ``hot``: other ops are recorded without a question.

    >>> from compgraph.node import Node
    >>> from compgraph.ops import exp, log
    >>> x = Variable("x")
    >>> index = RuleIndex([Rule(log(exp(x)), x, "everywhere", "exp overflows beyond 709")])
    >>> index.find(log, (exp(Node(2.0, "z")),)).bound
    {x: z = 2}
    >>> index.find(log, (Node(2.0, "z"),)) is None
    True
    >>> index.clear()
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_op: dict[Op, list[Rule]] = {}
        for rule in rules:
            self._by_op.setdefault(rule.left.op, []).append(rule)
            rule.left.op.hot = True

    def find(self, op: Op, args: tuple[Any, ...]) -> Match | None:
        """The first rule whose left side is this op applied to these arguments."""
        for rule in self._by_op.get(op, ()):
            for bound in _match_args(rule.left, op, args, {}):
                return Match(rule, bound)
        return None

    def clear(self) -> None:
        """Forget all rules."""
        for op in self._by_op:
            op.hot = False
        self._by_op = {}


def same_expression(a: Any, b: Any) -> bool:
    """Whether two expressions have the same structure over the same inputs.

    >>> from compgraph.node import Node
    >>> x, y = Node(1.0, "x"), Node(1.0, "y")
    >>> same_expression(x*x + 1, x*x + 1), same_expression(x, y)
    (True, False)
    """
    stack, equal_pairs = [(a, b)], set()
    while stack:
        one, other = stack.pop()
        if one is other or (id(one), id(other)) in equal_pairs:
            continue
        if one.op is not other.op or one.op is INPUT:
            return False
        if one.op is CONSTANT and repr(one._value) != repr(other._value):
            return False
        equal_pairs.add((id(one), id(other)))
        stack.extend(zip(one.args, other.args, strict=True))
    return True


def _match(pattern: Any, node: Any, bound: Mapping[Variable, Any]) -> Iterator[Mapping[Variable, Any]]:
    if isinstance(pattern, Variable):
        if pattern not in bound:
            yield {**bound, pattern: node}
        elif same_expression(bound[pattern], node):
            yield bound
    elif isinstance(pattern, Pattern):
        yield from _match_args(pattern, node.op, node.args, bound)
    elif node.op is CONSTANT and node._value == pattern:
        yield bound


def _match_args(
    pattern: Pattern, op: Op, args: tuple[Any, ...], bound: Mapping[Variable, Any]
) -> Iterator[Mapping[Variable, Any]]:
    """Every way in which the arguments fit, in the order typed first."""
    if op is not pattern.op:
        return
    orders = [args, args[::-1]] if op.commutative and args[0] is not args[1] else [args]
    for arranged in orders:
        ways: Iterable[Mapping[Variable, Any]] = [bound]
        for part, arg in zip(pattern.args, arranged, strict=True):
            ways = [more for way in ways for more in _match(part, arg, way)]
        yield from ways


def _instance(part: Any, bound: Mapping[Variable, Any]) -> Any:
    if isinstance(part, Variable):
        return bound[part]
    return part.op(*[_instance(arg, bound) for arg in part.args]) if isinstance(part, Pattern) else part
