"""Error-free transformations: a sum or a product of floats, and the rounding error it makes, exactly.

A result too long for one float is a pair (high, low), of which ``high`` is the nearest float.

References: Ogita, Rump, Oishi, Accurate sum and dot product, SIAM J. Sci. Comput. 26 (2005), algorithms 3.1 to 3.3.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["scaled_product", "two_product", "two_quotient", "two_sum"]

_SPLITTER = 2.0**27 + 1.0


def two_sum(a: float, b: float) -> tuple[float, float]:
    """(s, e) with s = fl(a + b) and s + e = a + b; e is 0 where s is not finite.

    >>> two_sum(1.0, 2.0**-60)
    (1.0, 8.673617379884035e-19)
    """
    s = a + b
    if s - s != 0.0:
        return s, 0.0
    z = s - a
    return s, (a - (s - z)) + (b - z)


def two_product(a: float, b: float) -> tuple[float, float]:
    """(p, e) with p = fl(a·b) and p + e = a·b, where nothing underflows; e is 0 where p is not finite.

    Factors of any size are scaled by powers of two, which is exact.

    >>> two_product(1.0 + 2.0**-30, 1.0 - 2.0**-30)
    (1.0, -8.673617379884035e-19)
    """
    p = a * b
    if p - p != 0.0 or p == 0.0:
        return p, 0.0
    (x, i), (y, j) = math.frexp(a), math.frexp(b)
    upper_x, upper_y = x * _SPLITTER, y * _SPLITTER
    upper_x, upper_y = upper_x - (upper_x - x), upper_y - (upper_y - y)
    lower_x, lower_y = x - upper_x, y - upper_y
    m = x * y
    error = ((upper_x * upper_y - m) + upper_x * lower_y + lower_x * upper_y) + lower_x * lower_y
    return p, math.ldexp(error, i + j)


def two_quotient(a: float, b: float, low: float = 0.0) -> tuple[float, float]:
    """(q, e) with q near (a + low)/b and q + e = (a + low)/b to twice the digits of a float.

    ``low`` is small beside a; e is 0 where q is 0 or not finite. b is not 0.

    >>> two_quotient(1.0, 3.0)
    (0.3333333333333333, 1.850371707708594e-17)
    """
    q = a / b
    if q - q != 0.0 or q == 0.0:
        return q, 0.0
    (x, i), (y, j) = math.frexp(a), math.frexp(b)
    z = x / y
    p, e = two_product(z, y)
    return q, math.ldexp((((x - p) - e) + math.ldexp(low, -i)) / y, i - j)


def scaled_product(factors: Iterable[float]) -> tuple[float, float, int]:
    """(high, low, exponent): the product is (high + low)·2^exponent, ½ <= |high| <= 1, to twice the digits of a float.

    The factors are finite and not 0, and their product may be far out of the range of floats.

    >>> scaled_product([1e200, 1e200, 3.0])
    (0.6400251292149902, 8.753994403315807e-18, 1331)
    """
    high, low, exponent = 0.5, 0.0, 1
    for factor in factors:
        fraction, shift = math.frexp(factor)
        product, error = two_product(high, fraction)
        total = product + (low * fraction + error)
        error += (product - total) + low * fraction
        high, step = math.frexp(total)
        low = math.ldexp(error, -step)
        exponent += shift + step
    return high, low, exponent
