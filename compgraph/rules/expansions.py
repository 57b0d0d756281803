"""Rules that a square is expanded by, where most of it cancels: x² + 2xy + y², (x² + y²)/2 − ((x + y)/2)²."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..ops import add, sub
from ..rewrite import FunctionRule
from ..spelling import (
    Monomial,
    as_leaf,
    build_monomial,
    build_sum,
    product_of_numbers,
    ratio,
    terms,
    terms_of,
)
from .differences import square_root

if TYPE_CHECKING:
    from ..record import Op

__all__ = ["RULES"]

_MOST_TERMS = 4


def _times(a: Monomial, b: Monomial, number: float) -> Monomial | None:
    """number·a·b of two products."""
    coefficient = product_of_numbers(number, a.coefficient)
    coefficient = None if coefficient is None else product_of_numbers(coefficient, b.coefficient)
    if coefficient is None:
        return None
    powers = list(a.factors)
    for base, power in b.factors:
        place = next((i for i, (other, _) in enumerate(powers) if ratio(other, base) == 1.0), None)
        if place is None:
            powers.append((base, power))
        else:
            powers[place] = (powers[place][0], powers[place][1] + power)
    return Monomial(coefficient, tuple(factor for factor in powers if factor[1]))


def _square(part: Monomial) -> list[Monomial | None]:
    """c·(u + v)² as c·u² + 2c·uv + c·v²; [None] of anything else."""
    if len(part.factors) != 1 or part.factors[0][1] != 2:
        return [None]
    inner = terms(part.factors[0][0])
    c: float | None = part.coefficient
    if len(inner) == 1 and len(inner[0].factors) == 1 and inner[0].factors[0][1] == 1:  # (k·(u + v))²
        c = product_of_numbers(part.coefficient, inner[0].coefficient, 2)
        inner = terms(inner[0].factors[0][0])
    if len(inner) != 2 or c is None:
        return [None]
    u, v = inner
    return [_times(u, u, c), _times(u, v, 2 * c), _times(v, v, c)]


def _gathered(parts: list[Monomial]) -> list[Monomial]:
    """The parts with like terms added up, where that is exact."""
    found: list[Monomial] = []
    for part in parts:
        for index, other in enumerate(found):
            if _alike(part, other) and math.fsum([part.coefficient, other.coefficient]) == (
                part.coefficient + other.coefficient
            ):
                found[index] = other._replace(coefficient=part.coefficient + other.coefficient)
                break
        else:
            found.append(part)
    return [part for part in found if part.coefficient]


def _alike(a: Monomial, b: Monomial) -> bool:
    one, other = (as_leaf(build_monomial(part._replace(coefficient=1.0))) for part in (a, b))
    return (not a.factors and not b.factors) or bool(a.factors and b.factors and ratio(one, other) == 1.0)


def _as_square(parts: list[Monomial]) -> Any:
    """c·(a ± b)² of the sum c·a² ± 2c·ab + c·b²."""
    if len(parts) != 3:
        return None
    for place, cross in enumerate(parts):
        first, second = parts[:place] + parts[place + 1 :]
        scale = math.copysign(1.0, first.coefficient) if not second.factors or not first.factors else first.coefficient
        roots = [square_root(_over(part, scale)) for part in (first, second)]
        if None in roots or not cross.factors:
            continue
        a, b = (terms(as_leaf(root))[0] for root in roots)
        twice = _times(a, b, 2.0)
        k = None if twice is None else _ratio(_over(cross, scale), twice)
        if k in {1.0, -1.0}:
            whole = build_sum([a, b._replace(coefficient=(k or 1.0) * b.coefficient)])
            return build_monomial(Monomial(scale, ((whole, 2),)))
    return None


def _over(part: Monomial, scale: float) -> Monomial:
    return part._replace(coefficient=part.coefficient / scale)


def _ratio(a: Monomial, b: Monomial) -> float | None:
    return a.coefficient / b.coefficient if _alike(a, b) else None


def _expanded(op: Op, args: tuple[Any, ...]) -> Any:
    """A sum of squares, squares of sums and products that comes to one square or one product."""
    parts = terms_of(op, args)
    if not 2 <= len(parts) <= _MOST_TERMS:
        return None
    square = _as_square(parts)
    if square is not None or len(parts) < 2:
        return square
    opened = [_square(part) for part in parts]
    if all(None in expansion for expansion in opened):
        return None
    loose = [[part] if None in expansion else expansion for part, expansion in zip(parts, opened, strict=True)]
    opened_up = [part for expansion in loose for part in expansion if part is not None]
    gathered = _gathered(opened_up)
    left = [base for part in gathered for base, _ in part.factors]
    if not all(any(ratio(base, other) == 1.0 for other in left) for part in opened_up for base, _ in part.factors):
        return None  # what cancels altogether may be no number
    if len(gathered) == 1:
        return build_monomial(gathered[0])
    return _as_square(gathered)


RULES: tuple[FunctionRule, ...] = (
    FunctionRule("x² + 2xy + y², (x² + y²)/2 − ((x + y)/2)²", "(x + y)², ((x − y)/2)²", "for all real numbers",
                 "near its zero the sum keeps only the roundings of its terms", (add, sub), _expanded, (),
                 (lambda x, y: x**2 + 2 * x * y + y**2, lambda x: x * x - 2 * x + 1,
                  lambda x, y: (x * x + y * y) / 2 - ((x + y) / 2) ** 2, lambda x, y: (x + y) ** 2 - 4 * x * y)),
)  # fmt: skip
