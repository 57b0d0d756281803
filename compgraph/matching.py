"""Matching what is about to be recorded against a pattern, modulo spelling, and building what a rule makes of it.

Reads ``.op``, ``.args`` and a constant's ``._value`` of what it is shown, and knows no Node. How sums and products are
read however they are typed is the business of :mod:`compgraph.spelling`.
"""

from __future__ import annotations

import math
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

# Ruff's A004: the op pow has the name of the function it is.
from .ops import CONSTANT, add, copy, div, mul, neg, pow, sub
from .patterns import Factor, Pattern, Variable
from .spelling import (
    LARGEST_POWER,
    Monomial,
    as_leaf,
    as_number,
    build_monomial,
    build_sum,
    divide,
    is_sum,
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
    from collections.abc import Iterator, Mapping, Sequence

    from .record import Family, Op

__all__ = ["Subject", "head", "is_product", "match_root", "rebuilt"]


# --- what is about to be recorded -----------------------------------------------------------------------------------


def is_product(op: Op, args: Sequence[Any]) -> bool:
    """Whether an op of these arguments is read as a product of powers."""
    if op is pow:
        power = args[1]._value if args[1].op is CONSTANT else None
        return power is not None and (power == -0.5 or (float(power).is_integer() and 0 < abs(power) <= LARGEST_POWER))
    return op is mul or op is div


def head(node: Any) -> Op | Family:
    """The op of an operand, where all sums count as one, and all ops of a family."""
    op: Op = read(node)[0]
    return add if op is sub else op.family or op


class Subject:
    """What is about to be recorded, read once for all rules."""

    __slots__ = ("args", "heads", "op", "parts", "product")

    def __init__(self, op: Op, args: tuple[Any, ...]) -> None:
        self.op, self.args = op, args
        self.parts: list[Monomial] = []
        self.product: Monomial | None = None
        self.heads = {arg.op for arg in args}
        if op is add or op is sub:
            self.parts = terms_of(op, args)
            factors = [factor for part in self.parts for factor in part.factors]
        elif is_product(op, args):
            self.product = monomial_of(op, args)
            factors = list(self.product.factors)
        if not self.parts and (self.product is None or op is pow):
            factors = [factor for arg in args for factor in monomial(arg).factors]
        self.heads.update(head(base) for base, _ in factors)


# --- matching ------------------------------------------------------------------------------------------------------

_Bound = dict[Variable, Any]

_monomial = cache(monomial)  # of patterns, which stay


def match_root(left: Any, subject: Subject) -> Iterator[tuple[_Bound, float, Monomial | None]]:
    """(bindings, scale, what is left over): the subject is scale·left·rest."""
    if is_sum(left):
        for bound, scale in _match_sum(left, subject.op, subject.args, subject.parts, {}):
            yield bound, scale, None
    elif is_product(left.op, left.args):
        if subject.product is not None:
            for bound, rest in _match_product(_monomial(left), subject.product, {}):
                yield bound, 1.0, rest
    else:
        for bound in _match_args(left, subject.op, subject.args, {}):
            yield bound, 1.0, None


def _match(pattern: Any, node: Any, bound: _Bound) -> Iterator[_Bound]:
    """Ways in which a pattern is a node, exactly."""
    if isinstance(pattern, Variable):
        if pattern not in bound:
            yield {**bound, pattern: node}
        elif ratio(bound[pattern], node) == 1.0:
            yield bound
    elif pattern.op is CONSTANT:
        if node.op is CONSTANT and node._value == pattern._value:
            yield bound
    elif is_sum(pattern):
        yield from (way for way, scale in _match_base(pattern, node, bound) if scale == 1.0)
    else:
        variable, number = _as_scaled_variable(_monomial(pattern))
        if variable is not None:  # k·x is the whole node, which is kept as it is where k allows
            yield from _match(variable, as_leaf(scaled(number, node)), bound)
            return
        for way, rest in _match_product(_monomial(pattern), monomial(node), bound):
            if not rest.factors and rest.coefficient == 1.0:
                yield way


@cache
def _as_scaled_variable(pattern: Monomial) -> tuple[Variable | None, float]:
    """(x, 1/k) of a pattern k·x."""
    inverse = quotient_of_numbers(1.0, pattern.coefficient)
    if inverse is None or len(pattern.factors) != 1 or pattern.factors[0][1] != 1:
        return None, 1.0
    base = pattern.factors[0][0]
    return (base, inverse) if isinstance(base, Variable) else (None, 1.0)


def _match_base(pattern: Any, node: Any, bound: _Bound) -> Iterator[tuple[_Bound, float]]:
    """(bindings, scale) in which a node is scale·pattern: the application of an op, or a sum."""
    while node.op is copy:
        node = node.args[0]
    if is_sum(pattern):
        if is_sum(node):
            yield from _match_sum(pattern, node.op, node.args, terms(node), bound)
    else:
        for way in _match_args(pattern, *read(node), bound):
            yield way, 1.0


def _match_args(pattern: Any, op: Op, args: tuple[Any, ...], bound: _Bound) -> Iterator[_Bound]:
    """Every way in which the arguments fit, in the order typed first."""
    if op is not pattern.op:
        return
    orders = [args, args[::-1]] if op.commutative and args[0] is not args[1] else [args]
    for arranged in orders:
        ways = [bound]
        for part, arg in zip(pattern.args, arranged, strict=True):
            spellings = (arg, scaled(-1.0, arg)) if op.even and arg.op is not CONSTANT else (arg,)
            ways = [more for way in ways for either in spellings for more in _match(part, either, way)]
        yield from ways


# Products: what is no variable is struck out first, factor by factor; then bound variables; a free one takes the rest.


def _match_product(pattern: Monomial, subject: Monomial, bound: _Bound) -> Iterator[tuple[_Bound, Monomial]]:
    """(bindings, rest): the subject is pattern·rest."""
    coefficient = quotient_of_numbers(subject.coefficient, pattern.coefficient)
    if coefficient is None:
        return
    variables, others = _sorted_factors(pattern)
    for way, rest in _strike_out(others, Monomial(coefficient, subject.factors), bound):
        yield from _bind_variables(variables, rest, way)


@cache
def _sorted_factors(pattern: Monomial) -> tuple[list[tuple[Variable, int]], list[tuple[Any, int]]]:
    """A pattern's factors: the variables, and the others."""
    variables = [factor for factor in pattern.factors if isinstance(factor[0], Variable)]
    return variables, [factor for factor in pattern.factors if factor not in variables]


def _strike_out(wanted: list[tuple[Any, int]], subject: Monomial, bound: _Bound) -> Iterator[tuple[_Bound, Monomial]]:
    if not wanted:
        yield bound, subject
        return
    (pattern, exponent), *more = wanted
    for index, (base, present) in enumerate(subject.factors):
        if present * exponent > 0 and abs(present) >= abs(exponent):
            for way, scale in _match_base(pattern, base, bound):
                coefficient = product_of_numbers(subject.coefficient, scale, exponent)
                if coefficient is not None:
                    left = ((base, present - exponent),) if present != exponent else ()
                    factors = subject.factors[:index] + left + subject.factors[index + 1 :]
                    yield from _strike_out(more, Monomial(coefficient, factors), way)


def _bind_variables(
    variables: list[tuple[Variable, int]], rest: Monomial | None, bound: _Bound
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
) -> Iterator[tuple[_Bound, float]]:
    """(bindings, scale): the sum is scale·pattern."""
    loose, firm = _sorted_terms(pattern)
    if len(loose) == 2 and not firm:
        yield from _match_two(pattern, op, args, bound)
    elif len(loose) <= 1 and (len(parts) == len(loose) + len(firm) or (loose and len(parts) > len(firm))):
        for way, scale, left in _assign(firm, parts, bound, None):
            yield from _take_rest(loose, left, way, scale)


@cache
def _sorted_terms(pattern: Any) -> tuple[list[Monomial], list[Monomial]]:
    """A pattern's summands: the variables by themselves, and the others, firmest first."""
    parts = terms(pattern)
    firm = sorted((part for part in parts if not _is_loose(part)), key=_firmness)
    return [part for part in parts if _is_loose(part)], firm


def _is_loose(part: Monomial) -> bool:
    """Whether a summand of a pattern is a variable by itself."""
    return len(part.factors) == 1 and part.factors[0][1] == 1 and isinstance(part.factors[0][0], Variable)


def _firmness(part: Monomial) -> int:
    """What says most comes first: ops, then products of variables, then numbers."""
    if not part.factors:
        return 2
    return int(all(isinstance(base, Variable) for base, _ in part.factors))


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


def _assign(
    wanted: list[Monomial], parts: list[Monomial], bound: _Bound, scale: float | None
) -> Iterator[tuple[_Bound, float | None, list[Monomial]]]:
    """Each wanted summand to one of the parts, all by one scale."""
    if not wanted:
        yield bound, scale, parts
        return
    pattern, *more = wanted
    for index, part in enumerate(parts):
        left = parts[:index] + parts[index + 1 :]
        if part.coefficient == 0:  # nothing is 0 times a pattern that is worth a rule
            continue
        if not pattern.factors:
            found = [] if part.factors else [(bound, part._replace(coefficient=part.coefficient / pattern.coefficient))]
        elif _firmness(pattern) == 1:  # squares of free variables: the scale cannot be read off
            known = scale or math.copysign(1.0, part.coefficient / pattern.coefficient)
            coefficient = quotient_of_numbers(part.coefficient, known)
            whole = None if coefficient is None else Monomial(coefficient, part.factors)
            found = [
                (way, Monomial(known, rest.factors))
                for way, rest in (_match_product(pattern, whole, bound) if whole else ())
                if rest.coefficient == 1.0
            ]
        else:
            found = list(_match_product(pattern, part, bound))
        for way, rest in found:
            if not rest.factors and rest.coefficient == (scale or rest.coefficient):
                yield from _assign(more, left, way, rest.coefficient)


def _take_rest(
    loose: list[Monomial], left: list[Monomial], bound: _Bound, scale: float | None
) -> Iterator[tuple[_Bound, float]]:
    if not loose:
        if not left:
            yield bound, scale or 1.0
        return
    (variable, _), factor = loose[0].factors[0], (scale or 1.0) * loose[0].coefficient
    shares = [quotient_of_numbers(part.coefficient, factor) for part in left]
    if left and None not in shares:
        node = build_sum([Monomial(share or 0.0, part.factors) for share, part in zip(shares, left, strict=True)])
        yield from ((way, scale or 1.0) for way in _match(variable, as_leaf(node), bound))


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
