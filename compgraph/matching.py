"""Matching what is about to be recorded against a pattern, modulo spelling, and building what a rule makes of it.

Reads ``.op``, ``.args`` and a constant's ``._value`` of what it is shown, and knows no Node. How sums and products are
read however they are typed is the business of :mod:`compgraph.spelling`.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

# Ruff's A004: the op pow has the name of the function it is.
from .ops import CONSTANT, add, copy, div, mul, neg, pow, sub
from .patterns import Factor, Pattern, Variable
from .shapes import Wanted, admits, as_scaled_variable, places, powers, wanted, wanted_terms
from .spelling import (
    LARGEST_POWER,
    Monomial,
    as_leaf,
    as_number,
    build_monomial,
    build_sum,
    divide,
    is_sum,
    is_sum_of,
    monomial,
    monomial_of,
    product_of_numbers,
    quotient_of_numbers,
    ratio,
    read,
    scaled,
    terms,
    terms_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .record import Family, Op
    from .shapes import Powers

__all__ = ["Shape", "Subject", "is_product", "match_root", "rebuilt"]


# --- what is about to be recorded -----------------------------------------------------------------------------------


def is_product(op: Op, args: Sequence[Any]) -> bool:
    """Whether an op of these arguments is read as a product of powers."""
    if op is pow:
        power = args[1]._value if args[1].op is CONSTANT else None
        return power is not None and (power == -0.5 or (float(power).is_integer() and 0 < abs(power) <= LARGEST_POWER))
    return op is mul or op is div


class Shape(NamedTuple):
    """All that decides which rules are tried: the ops and, of what is read as products, their powers."""

    op: Op
    operands: tuple[Op, ...]
    product: Powers | None
    parts: tuple[Powers, ...]

    @property
    def heads(self) -> set[Op | Family]:
        """The ops that are among the operands."""
        parts = self.parts if self.product is None or self.parts else (self.product,)
        return {*self.operands, *(op for part in parts for op, _ in part)}

    def admits(self, left: Any) -> bool:
        """Whether a pattern that has its ops among the operands may fit."""
        if is_sum(left):
            loose, firm = wanted_terms(left)
            return (len(loose) == 2 and not firm) or places(left, self.parts) is not None
        if is_product(left.op, left.args):
            return self.product is not None and wanted(left).may_be_in(self.product)
        return self.op is left.op and admits(left, self.parts)


class Subject:
    """What is about to be recorded, read once for all rules; a sum that is too long to be read has no parts."""

    __slots__ = ("args", "is_too_long", "op", "parts", "product", "shape")

    def __init__(self, op: Op, args: tuple[Any, ...]) -> None:
        self.op, self.args = op, args
        is_added = op is add or op is sub
        self.parts: list[Monomial] = terms_of(op, args) if is_added else []
        self.is_too_long = is_added and not self.parts
        self.product = monomial_of(op, args) if is_product(op, args) else None
        parts = self.parts
        if not parts and (self.product is None or op is pow):
            parts = [monomial(arg) for arg in args]
        product = None if self.product is None else powers(self.product)
        self.shape = Shape(op, tuple([arg.op for arg in args]), product, tuple([powers(part) for part in parts]))


# --- matching ------------------------------------------------------------------------------------------------------

_Bound = dict[Variable, Any]


def match_root(left: Any, subject: Subject) -> Iterable[tuple[_Bound, float, Monomial | None]]:
    """(bindings, scale, what is left over): the subject is scale·left·rest."""
    if is_sum(left):
        ways = _match_sum(left, subject.op, subject.args, subject.parts, {})
        return ((bound, scale, None) for bound, scale in ways)
    if is_product(left.op, left.args):
        if subject.product is None:
            return []
        return [(bound, 1.0, rest) for bound, rest in _match_product(wanted(left), subject.product, {})]
    return [(bound, 1.0, None) for bound in _match_args(left, subject.op, subject.args, {})]


def _match(pattern: Any, node: Any, bound: _Bound) -> list[_Bound]:
    """Ways in which a pattern is a node, exactly."""
    if isinstance(pattern, Variable):
        if pattern not in bound:
            return [{**bound, pattern: node}]
        return [bound] if ratio(bound[pattern], node) == 1.0 else []
    if pattern.op is CONSTANT:
        return [bound] if node.op is CONSTANT and node._value == pattern._value else []
    if is_sum(pattern):
        return _match_whole_sum(pattern, node, bound)
    variable, number = as_scaled_variable(pattern)
    if variable is not None:  # k·x is the whole node, which is kept as it is where k allows
        return _match(variable, as_leaf(scaled(number, node)), bound)
    found = _match_product(wanted(pattern), monomial(node), bound)
    return [way for way, rest in found if not rest.factors and rest.coefficient == 1.0]


def _match_whole_sum(pattern: Any, node: Any, bound: _Bound) -> list[_Bound]:
    """Ways in which a sum is a node, which may be written −(v − u)."""
    coefficient, factors = monomial(node)
    if len(factors) != 1 or factors[0][1] != 1:
        return []
    ways = _match_base(pattern, factors[0][0], bound)
    return [way for way, scale in ways if scale * coefficient == 1.0]


def _match_base(pattern: Any, node: Any, bound: _Bound) -> list[tuple[_Bound, float]]:
    """(bindings, scale) in which a node is scale·pattern: the application of an op, or a sum."""
    while node.op is copy:
        node = node.args[0]
    if not is_sum(pattern):
        op, args = read(node)
        return [(way, 1.0) for way in _match_args(pattern, op, args, bound)] if op is pattern.op else []
    return list(_match_sum(pattern, node.op, node.args, terms(node), bound)) if is_sum(node) else []


def _match_args(pattern: Any, op: Op, args: tuple[Any, ...], bound: _Bound) -> list[_Bound]:
    """Every way in which the arguments fit, in the order typed first."""
    if op is not pattern.op:
        return []
    if len(args) == 1 and not op.even:
        return _match(pattern.args[0], args[0], bound)
    found = _match_in_order(pattern.args, op, args, bound)
    if op.commutative and args[0] is not args[1]:
        found += _match_in_order(pattern.args, op, args[::-1], bound)
    return found


def _match_in_order(patterns: tuple[Any, ...], op: Op, args: tuple[Any, ...], bound: _Bound) -> list[_Bound]:
    ways = [bound]
    for pattern, arg in zip(patterns, args, strict=True):
        spellings = (arg, as_leaf(scaled(-1.0, arg))) if op.even and arg.op is not CONSTANT else (arg,)
        ways = [more for way in ways for either in spellings for more in _match(pattern, either, way)]
    return ways


# Products: what is no variable is struck out first, factor by factor; then bound variables; a free one takes the rest.


def _match_product(pattern: Wanted, subject: Monomial, bound: _Bound) -> list[tuple[_Bound, Monomial]]:
    """(bindings, rest): the subject is pattern·rest."""
    coefficient = quotient_of_numbers(subject.coefficient, pattern.coefficient)
    if coefficient is None:
        return []
    found = _strike_out(pattern.others, Monomial(coefficient, subject.factors), bound)
    if not pattern.variables:
        return found
    return [full for way, rest in found for full in _bind_variables(pattern.variables, rest, way)]


def _strike_out(
    factors: tuple[tuple[Any, int], ...], subject: Monomial, bound: _Bound
) -> list[tuple[_Bound, Monomial]]:
    if not factors:
        return [(bound, subject)]
    (pattern, exponent), more = factors[0], factors[1:]
    found = []
    for index, (base, present) in enumerate(subject.factors):
        if present * exponent > 0 and abs(present) >= abs(exponent):
            for way, scale in _match_base(pattern, base, bound):
                coefficient = product_of_numbers(subject.coefficient, scale, exponent)
                if coefficient is not None:
                    left = ((base, present - exponent),) if present != exponent else ()
                    others = subject.factors[:index] + left + subject.factors[index + 1 :]
                    found += _strike_out(more, Monomial(coefficient, others), way)
    return found


def _bind_variables(
    variables: Sequence[tuple[Variable, int]], rest: Monomial | None, bound: _Bound
) -> Iterator[tuple[_Bound, Monomial]]:
    free = [(variable, exponent) for variable, exponent in variables if variable not in bound]
    for variable, exponent in variables:
        if variable in bound and rest is not None:
            rest = divide(rest, bound[variable], exponent)
    if rest is None:
        return
    if len(free) == 2 == len(rest.factors) and rest.coefficient == 1.0:
        yield from _bind_pair(free, rest.factors, bound)
    if len(free) > 1:
        return
    if not free:
        yield bound, rest
        return
    (variable, exponent), root = free[0], _root(rest, free[0][1])
    if root is not None and (root != _ONE or isinstance(variable, Factor)):
        for sign in (1.0, -1.0) if exponent % 2 == 0 else (1.0,):
            node = build_monomial(root._replace(coefficient=sign * root.coefficient))
            yield {**bound, variable: as_leaf(node)}, _ONE
        if root.factors and root.coefficient != 1.0:  # or the number is that of the whole, as in −(y·u + (1 − y)·v)
            node = build_monomial(root._replace(coefficient=1.0))
            yield {**bound, variable: as_leaf(node)}, Monomial(rest.coefficient, ())


def _bind_pair(
    free: list[tuple[Variable, int]], factors: tuple[tuple[Any, int], ...], bound: _Bound
) -> Iterator[tuple[_Bound, Monomial]]:
    """Two free variables and two factors, either way round."""
    (first, power), (second, other_power) = free
    for (base, exponent), (other, other_exponent) in (factors, factors[::-1]):
        if (exponent, other_exponent) == (power, other_power):
            yield {**bound, first: base, second: other}, _ONE


_ONE = Monomial(1.0, ())


def _root(whole: Monomial, exponent: int) -> Monomial | None:
    """The product of which ``whole`` is this power, where it is written as one."""
    if exponent == 1:
        return whole
    if any(power % exponent for _, power in whole.factors) or abs(whole.coefficient) < sys.float_info.min:
        return None
    if exponent < 0 and not any(power < 0 for _, power in whole.factors):
        return None  # 1/x is a quotient; that any product is 1/(1/product) says nothing
    size = abs(whole.coefficient) ** (1 / exponent)
    if product_of_numbers(1.0, size, exponent) != whole.coefficient:
        return None
    return Monomial(size, tuple((base, power // exponent) for base, power in whole.factors))


# Sums: whole sums only, up to a common number; a summand that is a variable by itself takes what the others leave.


def _match_sum(
    pattern: Any, op: Op, args: tuple[Any, ...], parts: list[Monomial], bound: _Bound
) -> Iterable[tuple[_Bound, float]]:
    """(bindings, scale): the sum is scale·pattern."""
    loose, firm = wanted_terms(pattern)
    if len(loose) == 2 and not firm:
        return _match_two(pattern, op, args, bound)
    possible = places(pattern, tuple([powers(part) for part in parts]))
    if possible is None or not _have_one_scale(firm, possible, parts):
        return []
    states: list[_State] = [(bound, None, dict(enumerate(parts)))]
    for position, part in enumerate(firm):
        here, elsewhere = possible[position], possible[position + 1 :]
        states = [more for state in states for more in _with_term(part, here, elsewhere, state)]
    return (full for state in states for full in _take_rest(loose, *state))


def _match_two(pattern: Any, op: Op, args: tuple[Any, ...], bound: _Bound) -> Iterator[tuple[_Bound, float]]:
    """A sum u ± v with any u and v: split where it was typed."""
    if op is sub and op is pattern.op and all(variable in bound for variable in pattern.args):
        for way in _match(pattern.args[0], args[1], bound):
            yield from ((more, -1.0) for more in _match(pattern.args[1], args[0], way))
    if op is add and op is pattern.op:
        for way in _match(pattern.args[0], args[1], bound):
            yield from ((more, 1.0) for more in _match(pattern.args[1], args[0], way))
    sign = 1.0 if op is pattern.op else -1.0
    if pattern.op is sub and op is add and monomial(args[0]).coefficient < 0:
        args = args[::-1]
    second = scaled(sign, args[1]) if sign == 1.0 or monomial(args[1]).coefficient < 0 or pattern.op is add else None
    if second is not None and all(isinstance(part, Variable) for part in pattern.args):
        for way in _match(pattern.args[0], args[0], bound):
            yield from ((more, 1.0) for more in _match(pattern.args[1], as_leaf(second), way))


def _have_one_scale(firm: Sequence[Wanted], possible: Sequence[Sequence[int]], parts: Sequence[Monomial]) -> bool:
    """Whether the summands whose scale can be read off may have one in common."""
    common: set[float] | None = None
    for pattern, here in zip(firm, possible, strict=True):
        if pattern.is_rigid:
            scales = {parts[index].coefficient / pattern.coefficient for index in here}
            common = scales if common is None else common & scales
    return common is None or bool(common)


# Bindings, the scale as far as it is known, and the parts of the sum that are not yet taken, by their places.
_State = tuple[_Bound, "float | None", dict[int, Monomial]]


def _with_term(pattern: Wanted, here: Sequence[int], elsewhere: Sequence[Sequence[int]], state: _State) -> list[_State]:
    """One more summand of the pattern, in each of its possible places that leaves a place to the summands to come."""
    bound, scale, parts = state
    found: list[_State] = []
    for index in here:
        if index in parts:
            left = {place: part for place, part in parts.items() if place != index}
            if not any(left.keys().isdisjoint(others) for others in elsewhere):
                found += [(way, share, left) for way, share in _match_term(pattern, parts[index], bound, scale)]
    return found


def _match_term(pattern: Wanted, part: Monomial, bound: _Bound, scale: float | None) -> list[tuple[_Bound, float]]:
    """(bindings, scale): the part is scale·pattern, by the scale that is given if there is one."""
    if part.coefficient == 0:  # nothing is 0 times a pattern that is worth a rule
        return []
    if pattern.is_number:
        ways = [(bound, part.coefficient / pattern.coefficient)]
    elif pattern.others:
        ways = [(way, rest.coefficient) for way, rest in _match_product(pattern, part, bound) if not rest.factors]
    else:  # squares of free variables: the scale cannot be read off
        known = scale or math.copysign(1.0, part.coefficient / pattern.coefficient)
        coefficient = quotient_of_numbers(part.coefficient, known)
        whole = None if coefficient is None else Monomial(coefficient, part.factors)
        found = _match_product(pattern, whole, bound) if whole is not None else []
        ways = [(way, known) for way, rest in found if not rest.factors and rest.coefficient == 1.0]
    return ways if scale is None else [(way, share) for way, share in ways if share == scale]


def _take_rest(
    loose: Sequence[Wanted], bound: _Bound, scale: float | None, left: Mapping[int, Monomial]
) -> list[tuple[_Bound, float]]:
    known = 1.0 if scale is None else scale
    if not loose:
        return [] if left else [(bound, known)]
    (variable, _), factor = loose[0].variables[0], known * loose[0].coefficient
    shares = [quotient_of_numbers(part.coefficient, factor) for part in left.values()]
    if not left or None in shares:
        return []
    parts = [Monomial(share or 0.0, part.factors) for share, part in zip(shares, left.values(), strict=True)]
    if variable in bound:  # compared as it stands: recording a sum for every try would try the rules on that, in turn
        return [(bound, known)] if is_sum_of(bound[variable], parts) else []
    return [(way, known) for way in _match(variable, as_leaf(build_sum(parts)), bound)]


# --- replacing -----------------------------------------------------------------------------------------------------


def rebuilt(right: Any, bound: Mapping[Variable, Any], scale: float, rest: Monomial | None) -> Any:
    """scale·right·rest with the variables' expressions in their places: recorded, op by op."""
    better = scaled(scale, _instance(right, bound))
    return better if rest is None else build_monomial(rest, better)


def _instance(part: Any, bound: Mapping[Variable, Any]) -> Any:
    if isinstance(part, Variable):
        return as_number(bound[part])
    if not isinstance(part, Pattern):
        return part
    if part.op is CONSTANT:
        return part._value
    args = [_instance(arg, bound) for arg in part.args]
    if part.op in {add, sub} and isinstance(args[0], float) and args[0] == 0.0:
        return args[1] if part.op is add else scaled(-1.0, args[1])
    if part.op is neg:
        return scaled(-1.0, args[0])
    if part.op is mul and isinstance(args[0], float):
        return scaled(args[0], args[1])
    if part.op is div and isinstance(args[1], float) and not isinstance(args[0], float):
        inverse = quotient_of_numbers(1.0, args[1])
        return part.op(*args) if inverse is None else scaled(inverse, args[0])
    return part.op(*args)
