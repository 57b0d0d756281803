"""Sums read as exponentials with weights, whatever else stands in them: what the rules on log-sum-exp start from."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from ..ops import add, cosh, exp, sinh, sub
from ..spelling import (
    Monomial,
    as_leaf,
    as_number,
    build_monomial,
    build_sum,
    monomial,
    ratio,
    read,
    scaled,
    terms,
)
from ..stable.exponential import exp_difference, exp_of_sum

__all__ = ["Summand", "as_cosines", "build_sum_of", "gathered", "shifted", "summands", "take_exponentials"]

# Longer sums stay as they are typed.
_MOST = 64


class Summand(NamedTuple):
    """weight·e^exponent: the weight a number or an expression, None in the exponent's place where there is no e."""

    weight: Any
    exponent: Any

    @property
    def is_positive(self) -> bool:
        """Whether the weight is a positive number."""
        return isinstance(self.weight, float) and self.weight > 0


def summands(node: Any) -> list[Summand]:
    """A sum as exponentials with weights; empty where none is among them, or too many terms."""
    found: list[Summand] = []
    todo = [(1.0, node)]
    while todo:
        sign, part = todo.pop(0)
        if part.op is add or part.op is sub:
            todo[:0] = [(sign, part.args[0]), (sign if part.op is add else -sign, part.args[1])]
        else:
            found += _opened(sign, monomial(part))
        if len(found) + len(todo) > _MOST:
            return []
    return found if any(part.exponent is not None for part in found) else []


def _opened(sign: float, part: Monomial) -> list[Summand]:
    """A term as exponentials: two of them for a number of times a hyperbolic cosine or the like."""
    op, args = read(part.factors[0][0]) if len(part.factors) == 1 == part.factors[0][1] else (None, ())
    if op is exp_difference:
        pair = ((1.0, args[0]), (-1.0, args[1]))
    elif op is cosh or op is sinh:
        pair = ((0.5, args[0]), (0.5 if op is cosh else -0.5, scaled(-1.0, args[0])))
    else:
        return [_summand(sign, part)]
    return [Summand(sign * part.coefficient * weight, exponent) for weight, exponent in pair]


def _summand(sign: float, part: Monomial) -> Summand:
    exponents, rest = take_exponentials(part)
    exponent = None if not exponents else exponents[0] if len(exponents) == 1 else build_sum_of(exponents)
    return Summand(as_number(build_monomial(rest._replace(coefficient=sign * rest.coefficient))), exponent)


def build_sum_of(nodes: list[Any]) -> Any:
    """Their sum as an expression."""
    total = nodes[0]
    for node in nodes[1:]:
        total = add(total, node)
    return total


def take_exponentials(part: Monomial) -> tuple[list[Any], Monomial]:
    """What the exponentials among the factors have as exponents, and the product without them."""
    exponents: list[Any] = []
    rest = []
    for base, power in part.factors:
        if base.op is exp:
            exponents.append(scaled(float(power), base.args[0]))
        elif base.op in exp_of_sum:
            exponents += [scaled(float(power), arg) for arg in base.args]
        else:
            rest.append((base, power))
    return exponents, Monomial(part.coefficient, tuple(rest))


def shifted(part: Summand) -> Any:
    """log(weight·e^exponent) of a positive weight."""
    if part.exponent is None:
        return math.log(part.weight)
    return part.exponent if part.weight == 1.0 else part.exponent + math.log(part.weight)


def gathered(parts: list[Summand]) -> list[Summand]:
    """With one term for those whose exponents differ by a number: the slopes of several would cancel."""
    sums = [[] if part.exponent is None else terms(as_leaf(part.exponent)) for part in parts]
    if not all(part.is_positive for part in parts) or not any(len(own) > 1 and _shift(own) for own in sums):
        return parts
    found: list[tuple[Any, list[Summand]]] = []
    for part, own in zip(parts, sums, strict=True):
        rest = [term for term in own if term.factors]
        key = build_sum(rest) if rest else 0.0
        group = next((members for other, members in found if ratio(as_leaf(key), as_leaf(other)) == 1.0), None)
        if group is None:
            found.append((key, [part]))
        else:
            group.append(part)
    return [group[0] if len(group) == 1 else _together(key, group) for key, group in found]


def _shift(own: list[Monomial]) -> float:
    return math.fsum(term.coefficient for term in own if not term.factors)


def _together(rest: Any, parts: list[Summand]) -> Summand:
    """Terms weight·e^(rest + number) as one."""
    shifts = [0.0 if part.exponent is None else _shift(terms(as_leaf(part.exponent))) for part in parts]
    total = math.fsum(part.weight * math.exp(shift - max(shifts)) for part, shift in zip(parts, shifts, strict=True))
    return Summand(1.0, rest + (max(shifts) + math.log(total)))


def as_cosines(parts: list[Summand]) -> list[Any]:
    """w1, u1, w2, u2, … of a sum of w·cosh u, a number as one of u = 0; empty where an exponential has no partner."""
    found: list[Any] = []
    rest = list(parts)
    while rest:
        weight, u = rest.pop(0)
        if u is None:
            found += (weight, 0.0)
            continue
        partner = next((part for part in rest if part.weight == weight and _are_opposite(part.exponent, u)), None)
        if partner is None:
            return []
        rest.remove(partner)
        found += (2 * weight, u)
    return found


def _are_opposite(u: Any, v: Any) -> bool:
    return u is not None and ratio(as_leaf(u), as_leaf(v)) == -1.0
