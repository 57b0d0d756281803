"""Rules about f(c + d) − 2·f(c) + f(c − d), the second difference, and about 1/(c − d) − 1/(c + d)."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

from ..ops import add, cos, div, mul, sin, sqrt, sub
from ..rewrite import FunctionRule
from ..spelling import Monomial, as_leaf, build_monomial, difference, monomial, read, scaled, terms_of
from ..stable.roots import sagitta
from ..stable.series import cosm1
from ..stable.squares import difference_of_squares

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..record import Op

__all__ = ["RULES"]


def _reciprocals(c: Any, d: Any) -> Any:
    return mul(div(2 * d, c), div(d, difference_of_squares(c, d)))


def _roots(c: Any, d: Any) -> Any:
    return div(-2 * sagitta(c, d), reduce(add, (sqrt(c + d), sqrt(c - d), 2 * sqrt(c))))


_FORMULAS: dict[tuple[Op | None, int], Callable[[Any, Any], Any]] = {
    (cos, 1): lambda c, d: 2 * cos(c) * cosm1(d),
    (sin, 1): lambda c, d: 2 * sin(c) * cosm1(d),
    (sqrt, 1): _roots,
    (None, -1): _reciprocals,
}


def _function(part: Monomial, place: int) -> tuple[tuple[Op | None, int], Any, Monomial]:
    """((f, power), argument, the other factors) of one factor of a product."""
    base, power = part.factors[place]
    rest = part._replace(factors=part.factors[:place] + part.factors[place + 1 :])
    op, args = read(base)
    return ((op, power), args[0], rest) if (op, power) in _FORMULAS else ((None, power), base, rest)


def _second_difference(op: Op, args: tuple[Any, ...]) -> Any:
    """k·(f(c + d) − 2·f(c) + f(c − d))."""
    parts = terms_of(op, args)
    if len(parts) != 3 or not all(part.factors for part in parts):
        return None
    for place, middle in enumerate(parts):
        outer = parts[:place] + parts[place + 1 :]
        k = outer[0].coefficient
        if outer[1].coefficient != k or middle.coefficient != -2 * k:
            continue
        for factor in range(len(middle.factors)):
            kind, c, rest = _function(middle, factor)
            found = _symmetric(kind, c, rest, outer) if kind in _FORMULAS else None
            if found is not None:
                return build_monomial(Monomial(k, rest.factors), found)
    return None


def _symmetric(kind: tuple[Op | None, int], c: Any, rest: Monomial, outer: list[Monomial]) -> Any:
    """The formula's value where the outer terms are f(c + d) and f(c − d), times the same factors."""
    steps = []
    for part in outer:
        ways = (_function(part, place) for place in range(len(part.factors)))
        d = next((difference(u, c) for own, u, other in ways if own == kind and other.factors == rest.factors), None)
        if d is None:
            return None
        steps.append(monomial(as_leaf(d)))
    first, second = steps
    if first.factors != second.factors or first.coefficient != -second.coefficient:
        return None
    return _FORMULAS[kind](c, build_monomial(first if first.coefficient > 0 else second))


def _reciprocals_apart(op: Op, args: tuple[Any, ...]) -> Any:
    """k/(c − d) − k/(c + d), of which both the sum of the denominators and their difference are shorter."""
    parts = terms_of(op, args)
    if len(parts) != 2 or any(len(part.factors) != 1 or part.factors[0][1] != -1 for part in parts):
        return None
    (first, second), (u, v) = parts, (part.factors[0][0] for part in parts)
    if first.coefficient != -second.coefficient or difference(u, scaled(-1.0, v)) is None:
        return None
    gap = difference(v, u)
    return None if gap is None else scaled(first.coefficient, div(gap, mul(u, v)))


RULES: tuple[FunctionRule, ...] = (
    FunctionRule("f(c + d) − 2·f(c) + f(c − d)", "2·f(c)·(cos d − 1) for cos and sin, 2d²/(c³ − c·d²) for 1/c, …",
                 "wherever all terms are defined", "as typed the sum keeps only the roundings of its terms", (add, sub),
                 _second_difference, (cos, sin, sqrt, div),
                 (lambda x, h: (cos(x + h) - 2 * cos(x)) + cos(x - h),
                  lambda x, h: sin(x + h) - 2 * sin(x) + sin(x - h),
                  lambda x: sqrt(x + 1) - 2 * sqrt(x) + sqrt(x - 1), lambda x: 1 / (x + 1) + 1 / (x - 1) - 2 / x)),
    FunctionRule("1/(c − d) − 1/(c + d)", "2·d/(c² − d²)", "for |c| ≠ |d|",
                 "near equal divisors its second derivative cancels", (add, sub), _reciprocals_apart, (add,),
                 (lambda x, y: 1 / (x - y) - 1 / (x + y), lambda x: 1 / (1 - x) - 1 / (1 + x))),
)  # fmt: skip
