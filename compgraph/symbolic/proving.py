"""prove: whether two expressions are the same function, by exact cancellation; or a point at which they are not.

No verdict rests on a float. "Proved" is a difference that cancels to 0 over the rational numbers, in letters of which
only relations are used that hold wherever the letters have values. "Refuted" is a point at which enclosures, at
whatever precision it takes, have no number in common.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ..codegen.printer import formula, text_name
from ..errors import GraphTypeError
from ..graph import labels, number, typed_form
from ..node import Node, constant
from ..ops import CONSTANT, contribution, div, pow, where, xlogy
from ..record import is_built_in
from .algebra import Algebra, BudgetError, CaseError, Letter, NoValueError, Term
from .functions import FinerError, Functions
from .points import Look, Sides, look

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from .points import Ends, Separation

__all__ = ["Proof", "prove"]

Status = Literal["proved", "refuted", "undecided"]

# Products of terms that one way of writing the sides may take, and how often it may begin anew.
_WORK, _RESTARTS, _MOST_CASES = 200_000, 24, 64

# So many conditions are told, and so much of each.
_TOLD, _LONGEST = 4, 60

_WHERE = "where both sides are defined"

# Digits in which every float is told.
_SHORTEST = 17


@dataclass(frozen=True)
class Proof:
    """What :func:`prove` answers; true only where it is proved.

    Attributes:
        status: "proved", "refuted" or "undecided".
        how: By what, or why not, in words.
        where: For which inputs it holds; empty where nothing is proved.
        counterexample: Where it is refuted, a value for every input, by name; None otherwise.
        left: Where it is refuted, the ends of an interval that holds the left side's value there: floats, or fractions
            where floats are too coarse to tell the sides apart.
        right: So for the right side; the two have no number in common.
    """

    status: Status
    how: str
    where: str = ""
    counterexample: Mapping[str, float] | None = None
    left: Ends | None = None
    right: Ends | None = None

    def __bool__(self) -> bool:
        return self.status == "proved"

    def __str__(self) -> str:
        text = f"{self.status}: {self.how}"
        return f"{text}; it holds {self.where}." if self.where else f"{text}."


def prove(x: Any, y: Any, *, opaque: Iterable[Node] = ()) -> Proof:
    """Whether two expressions are one function of their inputs, as typed.

    Floats count as the exact fractions that they are, and conventions at kinks as part of the functions. σ, tanh and
    their like are kept whole first and then written in exp; named nodes are written out down to the inputs.

    Args:
        x: A Node or a number.
        y: A Node or a number.
        opaque: Nodes to keep as letters of their own: the equation is then to hold whatever values they have.

    Returns:
        A :class:`Proof`, true where the difference cancels exactly. It is "refuted" only with a point at which
        enclosures of the two sides, computed from the inputs, have no number in common; anything else is "undecided".

    Raises:
        GraphTypeError: A side, or what is to be kept opaque, is of another kind.

    >>> from compgraph.ops import sigmoid, tanh
    >>> from compgraph.reverse import grad
    >>> x = Node(0.3, "x")
    >>> print(prove(grad(tanh(x), x), 1 - tanh(x)**2))
    proved: the difference cancels to 0 over the rational numbers; it holds where both sides are defined.
    >>> print(prove((x*x)**0.5, x))
    refuted: at x = −2.25 the left side is 2.25 and the right side −2.25.
    >>> prove(x + 0.1 + 0.2, x + 0.3).status
    'refuted'
    """
    left, right = _side(x), _side(y)
    kept = list(opaque) if not isinstance(opaque, Node) else [opaque]
    if any(not isinstance(node, Node) for node in kept):
        raise GraphTypeError(f"opaque={kept!r}: give the Nodes that are to stay letters, such as opaque=[a]")
    sides = Sides.of(left, right)
    if _is_one_expression(sides):
        return Proof("proved", "both sides are the same expression", _WHERE)
    first, complaint = _look(sides, few=True)
    if first.separation is not None:
        return _refuted(sides, first.separation)
    reasons = []
    for whole in (True, False):
        outcome = _Attempt(sides, kept, whole=whole).run()
        if outcome.conditions is not None:
            return Proof("proved", outcome.how, _where(sides, outcome.conditions, first))
        reasons.append(outcome.how)
    second, _ = _look(sides, few=False)
    if second.separation is not None:
        return _refuted(sides, second.separation)
    seen = max(first, second, key=lambda found: found.points)
    return Proof("undecided", _undecided(reasons, seen, complaint, kept))


def _side(x: Any) -> Node:
    if isinstance(x, Node):
        return x
    try:
        return constant(x)
    except GraphTypeError as error:
        raise GraphTypeError(f"prove compares Nodes and numbers: {error}") from None


def _look(sides: Sides, *, few: bool) -> tuple[Look, str]:
    try:
        return look(sides, few=few), ""
    except ImportError:
        return Look(), "no library for enclosures is installed, so that no point could be looked at"
    except GraphTypeError as error:
        return Look(), str(error)


def _is_one_expression(sides: Sides) -> bool:
    """Whether both sides are the same, up to the order in sums and products: a look at the structure alone."""
    number_of: dict[Hashable, int] = {}
    numbers: dict[Node, int] = {}
    for node in sides.nodes:
        op, args = typed_form(node)
        parts = [numbers[arg] for arg in args]
        leaf = repr(node._value) if op is CONSTANT else node
        key = (op.name, *(sorted(parts) if op.commutative else parts)) if args else leaf
        numbers[node] = number_of.setdefault(key, len(number_of))
    return numbers[sides.left] == numbers[sides.right]


# --- cancelling ----------------------------------------------------------------------------------------------------


class _Outcome(NamedTuple):
    how: str
    conditions: tuple[str, ...] | None = None  # where it is proved


class _Attempt:
    """One way of writing both sides; begun anew where a comparison has to be told apart, or a unit is too coarse."""

    def __init__(self, sides: Sides, opaque: Iterable[Node], *, whole: bool) -> None:
        self.sides, self.opaque, self.whole = sides, set(opaque), whole
        self._bases: dict[Hashable, list[Fraction]] = {}
        self._certain = _certain(sides)
        self._conditions: dict[str, None] = {}
        self._work = _WORK

    @cached_property
    def _names(self) -> dict[Node, str]:
        return labels(self.sides.left, self.sides.right)

    def run(self) -> _Outcome:
        """Whether the difference cancels in every case."""
        cases: list[dict[Hashable, int]] = [{}]
        done = 0
        for _ in range(_RESTARTS + 2 * _MOST_CASES):
            if not cases:
                return _Outcome(_how(done), tuple(self._conditions))
            case = cases.pop()
            try:
                if not self._cancels(case):
                    return _Outcome("the difference does not cancel")
                done += 1
            except FinerError:
                cases.append(case)
            except CaseError as error:
                cases += [{**case, error.key: 0}, {**case, error.key: 1}]
                if done + len(cases) > _MOST_CASES:
                    return _Outcome(f"there are more than {_MOST_CASES} cases of signs")
            except NoValueError:
                return _Outcome("part of it is defined nowhere, such as 1/0 or log(−1)")
            except BudgetError:
                return _Outcome(f"multiplying out takes more than {_WORK:,} products of terms")
        return _Outcome("the exponents have no common unit")

    def _cancels(self, case: dict[Hashable, int]) -> bool:
        functions = Functions(whole=self.whole, cases=case, bases=self._bases)
        algebra = Algebra(functions, self._work)
        try:
            terms = self._terms(algebra, functions)
            zero = algebra.is_zero(terms[self.sides.left] - terms[self.sides.right])
        finally:
            self._work = max(algebra.work, 0)
        self._conditions.update(algebra.conditions)
        return zero

    def _terms(self, algebra: Algebra, functions: Functions) -> dict[Node, Term]:
        terms: dict[Node, Term] = {}
        same: dict[Hashable, Term] = {}
        letters: dict[Hashable, Term] = {}
        for node in self.sides.nodes:
            op, args = typed_form(node)
            if op is CONSTANT and node not in self.opaque:
                terms[node] = algebra.term(node._value)
                continue
            if not args:
                terms[node] = self._letter(algebra, node)
                continue
            values = tuple(terms[arg] for arg in args)
            key = (op.name, *map(id, values))
            term = same.get(key)
            if term is None:
                term = letters.get((op.name, *map(algebra.key, values))) if letters else None
            if term is None and node in self.opaque:
                term = letters[(op.name, *map(algebra.key, values))] = self._letter(algebra, node)
            if term is None:
                functions.is_certain = node in self._certain and op.arity == 1 and is_built_in(op.name)
                if functions.is_certain:
                    functions.assume(algebra, op.domain[0], values[0])
                known = set(algebra.conditions)
                term = algebra.apply(op, values)
                functions.is_certain = False
                if op is div and algebra.conditions.keys() != known:
                    self._rename_condition(algebra, known, args[1])
            terms[node] = same[key] = term
        return terms

    def _rename_condition(self, algebra: Algebra, known: set[str], divisor: Node) -> None:
        """What was divided by is told by its name or as it was typed, where its factors would be long."""
        new = [condition for condition in algebra.conditions if condition not in known]
        if divisor.name is None and all(len(condition) <= _LONGEST for condition in new):
            return
        for condition in new:
            del algebra.conditions[condition]
        typed = formula(divisor, self._names, lambda node: node.name is not None)
        algebra.conditions[f"{text_name(divisor.name) if divisor.name else typed} ≠ 0"] = None

    def _letter(self, algebra: Algebra, node: Node) -> Term:
        key = ("node", node)
        return algebra.power_of(algebra.letter(key, lambda: Letter(lambda _: text_name(self._names[node]))))


def _certain(sides: Sides) -> set[Node]:
    """The nodes that have values wherever both sides have: none in an arm that may not be taken, or weighed by 0."""
    found = {sides.left, sides.right}
    stack = list(found)
    while stack:
        op, args = typed_form(stack.pop())
        if op in {where, contribution, xlogy, pow}:
            args = args[:1] if op is not pow else args[1:]
        new = [arg for arg in args if arg not in found]
        found.update(new)
        stack += new
    return found


# --- in words ------------------------------------------------------------------------------------------------------


def _how(cases: int) -> str:
    told = f" in each of {cases} cases of signs" if cases > 1 else ""
    return f"the difference cancels to 0 over the rational numbers{told}"


def _where(sides: Sides, conditions: Iterable[str], seen: Look) -> str:
    conditions = list(conditions)
    conditions = [text for text in conditions if f"{text.removesuffix(' ≠ 0')} > 0" not in conditions]
    told = [text for text in conditions if len(text) <= _LONGEST][:_TOLD]
    told += ["and nothing that is divided by is 0"] * (len(told) < len(conditions))
    text = ", ".join([_WHERE, *told])
    if seen.only is not None:
        side, point = seen.only
        text += f" (at {_at(sides, point)} only the {side} side is)"
    return text


def _undecided(reasons: list[str], seen: Look, complaint: str, opaque: list[Node]) -> str:
    if opaque:
        reasons = [f"{reason}, with {len(opaque)} kept as letters" for reason in reasons]
    points = (
        f"none of {seen.points} points tells the sides apart" if seen.points else "no point has a value on both sides"
    )
    return f"{', nor in exp: '.join(dict.fromkeys(reasons))}; {complaint or points}"


def _refuted(sides: Sides, apart: Separation) -> Proof:
    point, left, right = apart
    at = f"at {_at(sides, point)} " if point else ""
    return Proof("refuted", at + _apart(left, right), "", _by_name(sides, point), left, right)


def _apart(left: Ends, right: Ends) -> str:
    """Both enclosures in decimals, rounded outwards, with as many digits as tell them apart."""
    for digits in (_SHORTEST, 25, 40):
        one, other = _decimals(left, digits), _decimals(right, digits)
        if one[1] < other[0] or other[1] < one[0]:
            return f"the left side is {_between(*one)} and the right side {_between(*other)}"
    larger, low, high = ("left", right, left) if left[0] > right[1] else ("right", left, right)
    gap = float(Fraction(high[0]) - Fraction(low[1]))
    return f"both sides are about {_between(*_decimals(left, 6)[:1] * 2)}, the {larger} one larger by {gap:.3g} or more"


def _decimals(ends: Ends, digits: int) -> tuple[Decimal, Decimal]:
    answer = []
    for end, rounding in zip(ends, (ROUND_FLOOR, ROUND_CEILING), strict=True):
        if isinstance(end, float) and (digits == _SHORTEST or math.isinf(end)):
            answer.append(Decimal(repr(end)))
        else:
            top, bottom = end.as_integer_ratio()
            context = Context(prec=digits, rounding=rounding, Emax=MAX_EMAX, Emin=MIN_EMIN)
            answer.append(context.divide(Decimal(top), Decimal(bottom)))
    return answer[0], answer[1]


def _between(low: Decimal, high: Decimal) -> str:
    texts = [str(end).lower().removesuffix(".0").replace("-", "−").replace("infinity", "∞") for end in (low, high)]
    return texts[0] if low == high else f"between {texts[0]} and {texts[1]}"


def _at(sides: Sides, point: Mapping[Node, float]) -> str:
    told = [f"{text_name(name)} = {number(value, 17)}" for name, value in _by_name(sides, point).items()]
    return ", ".join(told[:12]) + (", …" if len(told) > 12 else "")


def _by_name(sides: Sides, point: Mapping[Node, float]) -> dict[str, float]:
    """The point by the inputs' names; a second one of a name is told by its place."""
    names = labels(sides.left, sides.right)
    told: dict[str, float] = {}
    for index, (leaf, value) in enumerate(point.items(), 1):
        told[names[leaf] if names[leaf] not in told else f"{names[leaf]} (input {index})"] = value
    return told
