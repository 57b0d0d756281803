"""Polynomials over the rational numbers, sparse, in letters whose exponents may be negative.

SymPy's rings fix their letters beforehand; here a letter enters when an op makes one, and relations between letters
are the algebra's business.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Monomial",
    "Number",
    "Polynomial",
    "divided",
    "is_number",
    "leading",
    "plus",
    "primitive",
    "product",
    "raised",
    "times",
]

Number: TypeAlias = "int | Fraction"

# (letter, exponent other than 0), in the order of the letters; () is 1.
Monomial: TypeAlias = tuple[tuple[int, int], ...]

# A quotient with so many more terms than what is divided is not looked for: (x^1000 − 1)/(x − 1).
_LONGEST = 64

# Monomial to its coefficient other than 0; {} is 0.
Polynomial: TypeAlias = dict[Monomial, Number]


def times(u: Monomial, v: Monomial) -> Monomial:
    """The product of two monomials.

    >>> times(((0, 1), (1, 2)), ((1, -2), (2, 1)))
    ((0, 1), (2, 1))
    """
    if not u or not v:
        return u or v
    exponents = dict(u)
    for letter, exponent in v:
        exponents[letter] = exponents.get(letter, 0) + exponent
    return tuple(sorted((letter, exponent) for letter, exponent in exponents.items() if exponent))


def raised(monomial: Monomial, exponent: int) -> Monomial:
    """A whole power of a monomial."""
    return tuple((letter, power * exponent) for letter, power in monomial) if exponent else ()


def plus(p: Polynomial, q: Polynomial) -> Polynomial:
    """The sum of two polynomials."""
    if len(p) < len(q):
        p, q = q, p
    total = dict(p)
    for monomial, number in q.items():
        value = total.get(monomial, 0) + number
        if value:
            total[monomial] = value
        else:
            del total[monomial]
    return total


def product(p: Polynomial, q: Polynomial) -> Polynomial:
    """The product of two polynomials.

    >>> x = ((0, 1),)
    >>> product({x: 1, (): 1}, {x: 1, (): -1})
    {((0, 2),): 1, (): -1}
    """
    total: Polynomial = {}
    for one, number in p.items():
        for other, factor in q.items():
            monomial = times(one, other)
            total[monomial] = total.get(monomial, 0) + number * factor
    return {monomial: number for monomial, number in total.items() if number}


def primitive(p: Polynomial) -> tuple[Number, Monomial, Polynomial]:
    """A polynomial other than 0 as number · monomial · one with coprime whole coefficients and no common letter.

    The last one's leading coefficient is positive, so that what differs by a factor differs in that factor alone.

    >>> x, xy = ((0, 1),), ((0, 1), (1, 1))
    >>> primitive({x: -2, xy: 4})
    (2, ((0, 1),), {(): -1, ((1, 1),): 2})
    """
    common = _common(p)
    over = math.lcm(*(Fraction(number).denominator for number in p.values()))
    whole = {times(m, raised(common, -1)): int(number * over) for m, number in p.items()}
    divisor = math.gcd(*whole.values())
    if whole[leading(whole)] < 0:
        divisor = -divisor
    number = Fraction(divisor, over)
    rest: Polynomial = {monomial: value // divisor for monomial, value in whole.items()}
    return number.numerator if number.denominator == 1 else number, common, rest


def _common(p: Polynomial) -> Monomial:
    """The largest monomial that divides every term."""
    monomials = iter(p)
    least = dict(next(monomials))
    for monomial in monomials:
        exponents = dict(monomial)
        least = {key: min(least.get(key, 0), exponents.get(key, 0)) for key in {*least, *exponents}}
    return tuple(sorted((letter, exponent) for letter, exponent in least.items() if exponent))


def _rank(monomial: Monomial) -> tuple[tuple[int, int], ...]:
    """Lexicographic order of monomials without negative exponents."""
    return tuple((-letter, exponent) for letter, exponent in monomial)


def leading(p: Iterable[Monomial]) -> Monomial:
    """The largest of some monomials, in an order that products keep; of exponents that are not negative."""
    return max(p, key=_rank)


def is_number(p: Polynomial) -> bool:
    """Whether there is no letter in it."""
    return not p or (len(p) == 1 and () in p)


def divided(p: Polynomial, q: Polynomial) -> Polynomial | None:
    """p/q where that is a polynomial; None where it is not. q is primitive, and not 1.

    >>> x = ((0, 1),)
    >>> divided({((0, 2),): 1, (): -1}, {x: 1, (): 1})
    {((0, 1),): 1, (): -1}
    """
    if len(p) < 2 or not _letters(q) <= _letters(p):
        return None
    common = _common(p)
    rest = {times(monomial, raised(common, -1)): number for monomial, number in p.items()}
    lead, last = leading(q), min(q, key=_rank)
    if _quotient(min(rest, key=_rank), last) is None:
        return None
    answer: Polynomial = {}
    while rest:
        top = leading(rest)
        step = _quotient(top, lead)
        if step is None or len(answer) > len(p) + _LONGEST:
            return None
        number = Fraction(rest[top]) / q[lead]
        factor: Number = number.numerator if number.denominator == 1 else number
        answer[times(step, common)] = factor
        rest = plus(rest, {times(monomial, step): -factor * value for monomial, value in q.items()})
    return answer


def _letters(p: Iterable[Monomial]) -> set[int]:
    return {letter for monomial in p for letter, _ in monomial}


def _quotient(u: Monomial, v: Monomial) -> Monomial | None:
    """u/v where no exponent becomes negative."""
    exponents = dict(u)
    for letter, exponent in v:
        left = exponents.get(letter, 0) - exponent
        if left < 0:
            return None
        exponents[letter] = left
    return tuple(sorted((letter, exponent) for letter, exponent in exponents.items() if exponent))
