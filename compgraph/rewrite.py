"""The index of rules by the op they start at: what recording asks for a better expression."""

from __future__ import annotations

from bisect import insort
from functools import lru_cache, partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

# Ruff's A004: the op pow has the name of the function it is.
from .matching import Shape, Subject, is_product, match_root, rebuilt
from .ops import CONSTANT, INPUT, add, div, mul, neg, pow, relu, sqrt, sub
from .patterns import Expression, Factor, FunctionRule, Pattern, Rule, Variable, as_pattern
from .record import ALWAYS, BESIDE_SEEDS, table
from .shapes import head
from .spelling import is_sum, monomial, same_expression, terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .record import Family, Op

__all__ = ["Factor", "FunctionRule", "Match", "Pattern", "Rule", "RuleIndex", "Variable", "same_expression"]


class Match(NamedTuple):
    """A rule that fits, and what makes the better expression: recorded, op by op, when it is called for."""

    rule: Rule | FunctionRule
    bound: Mapping[Variable, Any]
    replacement: Callable[[], Any]


class RuleIndex:
    """Rules by the op they start at. Later rules meet arguments that earlier ones have rewritten, and so do patterns.

    An op's ``hot`` says whether rules start there: other ops are recorded without a question.

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

    def __init__(self, rules: Iterable[Rule | FunctionRule]) -> None:
        self._by_op: dict[Op, list[_Entry]] = {}
        self._fitting = lru_cache(_MOST)(self._admitting)
        self._before: dict[Op, tuple[int, bool]] = {op: (op.hot, op.seed) for op in table()}
        for rule in rules:
            if isinstance(rule, FunctionRule):
                entry, ops = _Entry(rule, None, frozenset(rule.heads), 0), rule.ops
            else:
                left = self._with_normal_args(rule.left)
                entry, ops = _Entry(rule, left, _heads(left), -_count(left)), _starts(left)
            for op in ops:
                insort(self._by_op.setdefault(op, []), entry, key=attrgetter("rank"))
                _kindle(op, entry.heads)
            self._fitting.cache_clear()

    def find(self, op: Op, args: tuple[Any, ...]) -> Match | None:
        """The first rule that fits this op of these arguments."""
        if op is pow and args[1].op is CONSTANT and args[1]._value == 0.5:
            op, args = sqrt, args[:1]
        if op not in self._by_op:
            return None
        subject = Subject(op, args)
        if subject.is_too_long:
            return None
        for rule, left, *_ in self._fitting(subject.shape):
            if left is None:
                better = _built(rule, op, args)
                if better is not None:
                    return Match(rule, {}, partial(_identity, better))
            else:
                for bound, scale, rest in match_root(left, subject):
                    return Match(rule, bound, partial(rebuilt, rule.right, bound, scale, rest))
        return None

    def _admitting(self, shape: Shape) -> list[_Entry]:
        """The entries that may fit what has this shape."""
        heads = shape.heads
        return [entry for entry in self._by_op[shape.op] if entry.admits(shape, heads)]

    def load(self) -> None:
        """Nothing is to be done: the rules are here."""

    def clear(self) -> None:
        """Forget all rules; the ops' flags are again what they were before."""
        for op, (hot, seed) in self._before.items():
            op.watch(hot=hot, seed=seed)
        self._by_op = {}
        self._fitting.cache_clear()

    def _with_normal_args(self, part: Any) -> Any:
        """A pattern whose arguments are what the rules so far make of them: that is what it will meet."""
        if not part.args:
            return part
        return Pattern(part.op, tuple(map(self._normal, part.args)))

    def _normal(self, part: Any) -> Any:
        if not part.args:
            return part
        part = self._with_normal_args(part)
        match = self.find(part.op, part.args)
        if match is None:
            return part
        better = match.replacement()
        return better if isinstance(better, Expression) else as_pattern(better)


# How many shapes are remembered, each with the rules that may fit it.
_MOST = 4096


# --- where rules start ---------------------------------------------------------------------------------------------

# Sums and products are most of any graph: there a rule is looked for only where an operand is a seed, an op that some
# rule about sums or products wants to see.
_COMMON = {add, mul}

# Of networks, too: a rule that names it names something rarer beside it.
_PLAIN = {relu}


class _Entry(NamedTuple):
    rule: Any
    left: Any
    heads: frozenset[Op | Family]
    rank: int  # what says most, in ops and variables, is tried first; functions come last

    def admits(self, shape: Shape, heads: set[Op | Family]) -> bool:
        """Whether the rule may fit what has this shape, with these ops among the operands."""
        if self.left is None:
            return not self.heads or not self.heads.isdisjoint(heads)
        return self.heads <= heads and shape.admits(self.left)


def _starts(left: Any) -> tuple[Op, ...]:
    if is_sum(left):
        return add, sub
    return (mul, div, pow) if is_product(left.op, left.args) else (left.op,)


def _kindle(op: Op, heads: frozenset[Op | Family]) -> None:
    op.watch(hot=BESIDE_SEEDS if op in _COMMON else ALWAYS)
    if op in _COMMON:
        for head in {*heads, neg, div, CONSTANT} - _COMMON - _PLAIN:
            head.watch(seed=True)


def _count(part: Any) -> int:
    return sum(map(_count, part.args), int(part.op is not CONSTANT))


def _heads(left: Any) -> frozenset[Op | Family]:
    """The ops that must be among the operands for a pattern to fit."""
    if is_sum(left):
        factors = [factor for part in terms(left) for factor in part.factors]
    elif is_product(left.op, left.args):
        factors = list(monomial(left).factors)
    else:
        factors = [factor for arg in left.args for factor in monomial(arg).factors]
    return frozenset(head(base) for base, _ in factors) - {INPUT}


def _built(rule: FunctionRule, op: Op, args: tuple[Any, ...]) -> Any:
    try:
        return rule.build(op, args)
    except ArithmeticError:  # numbers among the operands, which divide by 0 or overflow: they stay as typed
        return None


def _identity(expression: Any) -> Any:
    return expression
