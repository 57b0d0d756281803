"""Building expressions from monomials as one would write them, and taking them out of one another."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

# Ruff's A004: the op pow has the name of the function it is.
from ..ops import add, copy, div, mul, neg, pow, sub
from .exactly import exact_power, exact_product, quotient_of_numbers
from .reading import (
    LOOKS,
    Monomial,
    as_leaf,
    as_number,
    monomial,
    number_of,
    ratio_of_bases,
    ratio_of_monomials,
    terms,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["build_monomial", "build_sum", "difference", "divide", "increment_of", "scaled"]


def scaled(coefficient: float, node: Any) -> Any:
    """coefficient·node as one would write it: 1·x is x, −(−x) is x, −(a − b) is b − a.

    >>> from compgraph.node import Node
    >>> x, y = Node(2.0, "x"), Node(3.0, "y")
    >>> scaled(-1.0, -x), scaled(0.5, 2*x), scaled(-1.0, x - y), scaled(3.0, x)
    (x = 2, x = 2, y − x = 1, 3·x = 6)
    """
    if not hasattr(node, "op"):
        return coefficient * node
    number: float | None
    while coefficient != 1.0:
        number, below = _peel(node)
        product = exact_product(coefficient, number)
        if below is None or product is None:
            break
        coefficient, node = product, below
    number = number_of(node)
    if number is not None and exact_product(coefficient, number) is not None:
        return coefficient * number
    if coefficient == 1.0:
        return node
    if coefficient == -1.0:
        return sub(node.args[1], node.args[0]) if node.op is sub else neg(node)
    return mul(coefficient, node)


def _peel(node: Any) -> tuple[float, Any]:
    """(number, node) of a product with a number; (1, None) of anything else."""
    op, args = node.op, node.args
    if op is neg:
        return -1.0, args[0]
    if op is copy:
        return 1.0, args[0]
    if op is add and args[0] is args[1]:
        return 2.0, args[0]
    if op is mul:
        for number, other in ((number_of(args[0]), args[1]), (number_of(args[1]), args[0])):
            if number is not None:
                return number, other
    if op is div:
        number = number_of(args[1])
        inverse = None if number is None else exact_power(number, -1)
        if inverse is not None:
            return inverse, args[0]
    return 1.0, None


def build_monomial(part: Monomial, start: Any = None) -> Any:
    """The product coefficient · start · Π baseᵉ as an expression, numerators first; a number without factors."""
    result = start
    numerators = [factor for factor in part.factors if factor[1] > 0]
    denominators = [factor for factor in part.factors if factor[1] < 0]
    for base, exponent in numerators:
        power = base if exponent == 1 else pow(base, exponent)
        result = power if result is None else mul(result, power)
    if result is None:
        if not denominators:
            return part.coefficient
        result = part.coefficient
    else:
        result = scaled(part.coefficient, result)
    for base, exponent in denominators:
        result = div(result, base if exponent == -1 else pow(base, -exponent))
    return result


def build_sum(parts: Sequence[Monomial]) -> Any:
    """The sum of monomials as an expression, with minus signs where one would write them.

    >>> from compgraph.node import Node
    >>> x, y = Node(2.0, "x"), Node(3.0, "y")
    >>> build_sum(terms(x - 2*y))
    x − 2·y = −4
    """
    if len(parts) == 1:
        return build_monomial(parts[0])
    ordered = sorted(parts, key=lambda part: part.coefficient < 0)  # what is added first: u − v, not −v + u
    result = build_monomial(ordered[0])
    for part in ordered[1:]:
        if part.coefficient < 0:
            result = sub(result, build_monomial(part._replace(coefficient=-part.coefficient)))
        else:
            result = add(result, build_monomial(part))
    return result


def divide(whole: Monomial, divisor: Any, exponent: int) -> Monomial | None:
    """The quotient whole / divisorᵉ where that only strikes out factors; None otherwise."""
    direct = _strike(whole, divisor, exponent)
    if direct is not None:
        return direct
    own = monomial(divisor)
    if not own.factors:  # a number goes into any product
        return None
    scale = exact_power(own.coefficient, exponent)
    quotient = None if scale is None else quotient_of_numbers(whole.coefficient, scale)
    rest = None if quotient is None else Monomial(quotient, whole.factors)
    for base, power in own.factors:
        rest = None if rest is None else _strike(rest, base, power * exponent)
    return rest


def _strike(whole: Monomial, base: Any, wanted: int) -> Monomial | None:
    """A product without a power of one factor."""
    for index, (other, present) in enumerate(whole.factors):
        if present * wanted > 0 and abs(present) >= abs(wanted):
            k = ratio_of_bases(other, base, [None] * LOOKS)
            scale = None if k is None else exact_power(k, wanted)
            coefficient = None if scale is None else exact_product(whole.coefficient, scale)
            if coefficient is not None:
                left = ((other, present - wanted),) if present != wanted else ()
                return Monomial(coefficient, whole.factors[:index] + left + whole.factors[index + 1 :])
    return None


def difference(u: Any, v: Any) -> Any:
    """The difference u − v where something in it cancels by the way it is written; None where nothing or all does.

    >>> from compgraph.node import Node
    >>> x, h = Node(2.0, "x"), Node(3.0, "h")
    >>> difference(x + h, x), difference(x + 1, x - 1), difference(1 + x, 1 - x), difference(x, h)
    (h = 3, 2.0, 2·x = 4, None)
    """
    left = terms(as_leaf(u))
    right = [Monomial(-part.coefficient, part.factors) for part in terms(as_leaf(v))]
    kept: list[Monomial] = []
    cancelled = False
    for part in left:
        for index, other in enumerate(right):
            k = ratio_of_monomials(part, other, [None] * LOOKS) if part.factors and other.factors else None
            if k is not None:
                rest = part.coefficient + other.coefficient
                cancelled = cancelled or rest == 0
                if rest:
                    kept.append(Monomial(rest, part.factors))
                del right[index]
                break
        else:
            kept.append(part)
    kept += right
    together = _with_one_number(kept)
    numbers = [part for part in kept if not part.factors]
    # Of two other terms the smaller would be lost in v + (u − v); of one, nothing is.
    cancelled = cancelled or (len(numbers) > 1 and len(together) == 1 and bool(together[0].factors))
    return build_sum(together) if cancelled and kept else None


def _with_one_number(parts: list[Monomial]) -> list[Monomial]:
    """The parts with their numbers added up, where that is exact."""
    numbers = [part.coefficient for part in parts if not part.factors]
    total = math.fsum(numbers)
    if len(numbers) < 2 or math.fsum([*numbers, -total]) != 0:
        return parts
    rest = [part for part in parts if part.factors]
    return [*rest, Monomial(total, ())] if total or not rest else rest


def increment_of(increment: Callable[[Any, Any], Any], u: Any, v: Any, d: Any) -> Any:
    """f(u) − f(v) where d is u − v and increment(d, v) is f(v + d) − f(v); nodes, leaves or numbers in any place.

    By the one of u and v that is written shorter, since x + 1 rounds away a small x.

    >>> from compgraph.node import Node
    >>> from compgraph.ops import log1p
    >>> x = Node(3.0, "x")
    >>> increment_of(lambda d, v: log1p(d / v), 2.0, x + 2, -x)
    −log1p(x/2) = −0.916291
    """
    if len(terms(as_leaf(u))) < len(terms(as_leaf(v))):
        return scaled(-1.0, increment(scaled(-1.0, as_number(d)), as_number(u)))
    return increment(as_number(d), as_number(v))
