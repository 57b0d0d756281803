"""Sums of exponentials in wide integers: for the few places where the sum, or its logarithm, cancels in floats.

A number is a pair of integers (m, e) for m·2^e. The precision rises until the answer has all the bits of a float, so
nothing is lost however close Σ w·eᵘ comes to 0 or to 1.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["exp_over_sum", "log_of_sum"]

_HALVINGS = 24  # the Taylor series is summed at x/2^24
_FIRST_BITS, _LAST_BITS = 192, 3072  # enough for two differences of 2^-1074
_WANTED = 100
_NEAR = 4000.0  # exponents larger than this are taken relative to the largest


def log_of_sum(terms: Sequence[tuple[float, float]]) -> float:
    """The logarithm of Σ w·eᵘ over the terms (w, u), all finite: nan where the sum is negative, -inf where it is 0.

    >>> log_of_sum([(1.0, -1e-10), (1.0, -23.0)])
    2.61879632201547e-12
    """
    terms = _without_zeros(terms)
    if not terms:
        return -math.inf
    base = _base(terms)
    bits = _FIRST_BITS
    while True:
        total, exponent = _sum(terms, base, bits)
        one = 1 << -exponent if exponent < 0 and base == 0 else 0
        near_one = one > 0 and one < 2 * total < 4 * one
        excess = total - one if near_one else total
        if abs(excess).bit_length() >= _WANTED or bits >= _LAST_BITS:
            break
        bits *= 2
    if abs(total).bit_length() < _WANTED:
        return -math.inf
    if total < 0:
        return math.nan
    if near_one:
        return math.log1p(_rounded(excess, exponent))
    size = total.bit_length()
    return base + (math.log(_rounded(total, -size)) + (exponent + size) * math.log(2.0))


def exp_over_sum(power: float, terms: Sequence[tuple[float, float]]) -> float:
    """e^power / Σ w·eᵘ over the terms (w, u), all finite; inf where the sum is 0."""
    terms = _without_zeros(terms)
    if not terms:
        return math.inf
    base = _base(terms)
    bits = _FIRST_BITS
    while True:
        total, exponent = _sum(terms, base, bits)
        if abs(total).bit_length() >= _WANTED:
            break
        if bits >= _LAST_BITS:
            return math.inf
        bits *= 2
    if power - base > 2 * _NEAR:
        return math.inf if total > 0 else -math.inf
    above, scale = _sum([(1.0, power)], base, bits)
    quotient = (abs(above) << _FIRST_BITS) // abs(total)
    return _rounded(quotient if total > 0 else -quotient, scale - exponent - _FIRST_BITS)


def _without_zeros(terms: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The terms without those that cancel exactly: of one exponent, and with weights that add up to 0.

    No others can: exponentials of different fractions are linearly independent (Lindemann and Weierstrass).
    """
    weights: dict[float, list[float]] = {}
    for w, u in terms:
        weights.setdefault(u, []).append(w)
    return [(w, u) for w, u in terms if math.fsum(weights[u])]


def _base(terms: Sequence[tuple[float, float]]) -> float:
    """What all exponents are taken relative to: 0 unless some are far away, where no logarithm comes close to 0."""
    largest = max(u + math.log(abs(w)) for w, u in terms if w)
    return 0.0 if abs(largest) < _NEAR else max(u for w, u in terms if w)


def _sum(terms: Sequence[tuple[float, float]], base: float, bits: int) -> tuple[int, int]:
    """Σ w·e^(u - base); each term to about ``bits`` bits, the sum to as many below its largest term."""
    parts = []
    for w, u in terms:
        if w and u - base > -2 * (bits + _NEAR):
            mantissa, exponent = _exp(_fixed(u, bits) - _fixed(base, bits), bits)
            fraction, scale = math.frexp(w)
            parts.append((int(math.ldexp(fraction, 53)) * mantissa, exponent + scale - 53))
    if not parts:
        return 0, 0
    lowest = max(abs(m).bit_length() + e for m, e in parts) - bits
    return sum(_shifted(m, e - lowest) for m, e in parts), lowest


def _exp(x: int, bits: int) -> tuple[int, int]:
    """e^(x/2^bits) by its Taylor series at a small part of x, squared again and again."""
    small = x >> _HALVINGS
    total = term = 1 << bits
    n = 0
    while abs(term) > 1:
        n += 1
        term = (term * small >> bits) // n
        total += term
    exponent = -bits
    for _ in range(_HALVINGS):
        total, exponent = total * total, 2 * exponent
        excess = total.bit_length() - bits
        total, exponent = total >> excess, exponent + excess
    return total, exponent


def _fixed(x: float, bits: int) -> int:
    above, below = x.as_integer_ratio()
    return (above << bits) // below


def _shifted(number: int, places: int) -> int:
    return number << places if places >= 0 else number >> -places


def _rounded(mantissa: int, exponent: int) -> float:
    """m·2^e as a float; inf beyond the range."""
    excess = max(mantissa.bit_length() - 64, 0)
    try:
        return math.ldexp(float(mantissa >> excess), exponent + excess)
    except OverflowError:
        return math.inf if mantissa > 0 else -math.inf
