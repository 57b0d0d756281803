"""Kernels of logarithms and powers of sums, products and quotients.

What is taken the logarithm of, or raised to a power, is kept as a pair of floats and an exponent of two: 1 + x, v + d,
x·y and x/y then lose nothing, however close to 1 they are and however far out of the range. Powers that differ little
are subtracted through expm1; far apart they are subtracted as they are.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .eft import scaled_product, two_product, two_quotient, two_sum
from .elementary import div, exp, ldexp, log, log1p, power

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["FUNCTIONS", "is_ordinary", "plain_product"]

_inf, _nan = math.inf, math.nan
_ROOT_HALF = math.sqrt(0.5)
_LOG2_HIGH, _LOG2_LOW = float.fromhex("0x1.62e42feep-1"), float.fromhex("0x1.a39ef35793c76p-33")  # k·high is exact
_TINY, _HUGE = 1e-290, 1e290  # between them a power is far from either end of the range
_CLOSE = 0.7  # powers are close if their logarithms differ by less


def is_ordinary(*numbers: float) -> bool:
    """Whether all are finite and none is 0."""
    return all(x - x == 0.0 and x != 0.0 for x in numbers)


def plain_product(factors: Sequence[float]) -> float:
    """A product of which some factor is 0 or not finite: ±0, ±∞ or nan; the sizes of the others do not matter."""
    return math.prod(math.copysign(1.0, x) if is_ordinary(x) else x for x in factors)


# --- logarithms ----------------------------------------------------------------------------------------------------


def _log_of(high: float, low: float, exponent: int) -> float:
    """log((high + low)·2^exponent); nan for high < 0."""
    if high <= 0.0:
        return log(high)
    fraction, shift = math.frexp(high)
    if fraction < _ROOT_HALF:
        fraction, shift = 2.0 * fraction, shift - 1
    relative, exponent = low / high, exponent + shift
    if exponent == 0:  # between √½ and √2
        excess, error = two_sum(fraction - 1.0, relative * fraction)
        return math.log1p(excess) + error / fraction
    if -1000 < exponent < 1000:
        return math.log(math.ldexp(fraction, exponent)) + relative
    return exponent * _LOG2_HIGH + (exponent * _LOG2_LOW + math.log(fraction))


def _log_product(*x: float) -> float:
    return _log_of(*scaled_product(x)) if is_ordinary(*x) else log(plain_product(x))


def _log_sum(*x: float) -> float:
    return _nan if any(factor < 0.0 for factor in x) else _log_product(*map(abs, x))


def _log_quotient(x: float, y: float) -> float:
    if not is_ordinary(x, y):
        return log(div(*(math.copysign(1.0, z) if is_ordinary(z) else z for z in (x, y))))
    (above, i), (below, j) = math.frexp(x), math.frexp(y)
    return _log_of(*two_quotient(above, below), i - j)


def _log_difference(x: float, y: float) -> float:
    return _nan if x < 0.0 or y < 0.0 else _log_quotient(abs(x), abs(y))


def _sum_of(d: float, v: float) -> tuple[float, float, int]:
    """(high, low, exponent) of v + d; scaled, so that the sum stays within the range."""
    exponent = max(math.frexp(d)[1], math.frexp(v)[1])
    return *two_sum(math.ldexp(v, -exponent), math.ldexp(d, -exponent)), exponent


def _log_increment(d: float, v: float) -> float:
    if not is_ordinary(d, v) or v < 0.0:
        return 0.0 if d == 0.0 < v < _inf else log(v + d) - log(v)
    quotient = d / v
    if abs(quotient) <= 0.5:
        quotient, error = two_quotient(d, v)
        return math.log1p(quotient) + error / (1.0 + quotient)
    high, low, i = _sum_of(d, v)
    if high <= 0.0:
        return log(high)
    below, j = math.frexp(v)
    return _log_of(*two_quotient(high, below, low), i - j)


def _log1p_quotient(d: float, v: float) -> float:
    if not is_ordinary(d, v):
        return log1p(div(d, v))
    return _log_increment(d, v) if v > 0.0 else _log_increment(-d, -v)


# --- powers --------------------------------------------------------------------------------------------------------


def _power_of(high: float, low: float, n: float) -> float:
    """(high + low)**n, where high is the nearest float."""
    whole = power(high, n)
    if low == 0.0 or n == 0.0 or whole != whole or not is_ordinary(high, n):
        return whole
    rate, error = two_quotient(low, high)  # log1p(low/high), to twice the digits of a float
    growth, rest = two_product(rate, n)
    rest += (error - rate * rate / 2.0) * n
    factor = exp(growth) * (1.0 + rest) if abs(growth) < 800.0 else exp(growth)
    if _TINY < abs(whole) < _HUGE:
        return whole * factor
    half = power(abs(high), n / 2.0)
    return math.copysign(half * (half * factor), whole) if 0.0 < half < _inf else whole


def _compound(x: float, n: float) -> float:
    return _power_of(*two_sum(1.0, x), n)


def _compound_slope(x: float, n: float) -> float:
    """n·(1 + x)**(n - 1), without rounding n - 1 where the power is within the range; 0 for n = 0."""
    if n == 0.0:
        return 0.0
    high, low = two_sum(1.0, x)
    whole = _power_of(high, low, n)
    if high == 0.0:
        return n * power(high, n - 1.0)
    if _TINY < abs(whole) < _HUGE or whole != whole:
        return n * (whole / high)
    return math.copysign(n * _power_of(high, low, n - 1.0), n * whole * high)


def _compound_interest(r: float, n: float) -> float:
    """(1 + r/n)**n."""
    if not is_ordinary(r, n):
        return power(1.0 + div(r, n), n)
    rate, error = two_quotient(r, n)
    if math.isinf(rate):
        return power(abs(r), n) * power(abs(n), -n) if rate > 0.0 else _nan
    if abs(rate) < 2.0**-27:  # n·log1p(r/n) by its Taylor series
        growth = exp(r)
        return growth * exp(r * rate * (rate / 3.0 - 0.5)) if is_ordinary(growth) else growth
    high, low = two_sum(1.0, rate)
    return _power_of(*two_sum(high, low + error), n)


def _log_interest(r: float, n: float) -> float:
    """n·log(1 + r/n)."""
    if n == 0.0 or (math.isinf(n) and math.isfinite(r)):
        return r if n else 0.0 * r
    if is_ordinary(r, n) and abs(r / n) < 2.0**-60:
        return r
    return n * _log1p_quotient(r, n)


def _real_power(u: float, v: float) -> float:
    return _nan if u < 0.0 else power(abs(u), v)


def _powm1(x: float, y: float) -> float:
    if x < 0.0 and y % 2.0 == 0.0:
        x = -x
    growth = y * log(x) if x > 0.0 else _nan
    return _growth(log(x), y) if abs(growth) < _CLOSE else power(x, y) - 1.0


def _growth(rate: float, n: float) -> float:
    """e^(rate·n) - 1, the product's rounding error carried."""
    growth, error = two_product(rate, n)
    return math.expm1(growth) + error * math.exp(growth)


def _compound_m1(x: float, n: float) -> float:
    if -4.0 <= x < -1.0 and n % 2.0 == 0.0:
        x = -2.0 - x  # exact: the base with the other sign
    growth = n * log1p(x) if x > -1.0 else _nan
    return _growth(log1p(x), n) if abs(growth) < _CLOSE else _compound(x, n) - 1.0


def _compound_over(x: float, n: float) -> float:
    """((1 + x)**n - 1)/x."""
    return n if abs(x) < 2.0**-60 and abs(n * x) < 2.0**-60 else div(_compound_m1(x, n), x)


def _boxcox(x: float, p: float) -> float:
    """(x**p - 1)/p."""
    rate = log(x)
    return rate if p == 0.0 or abs(p * rate) < 2.0**-60 else _powm1(x, p) / p


def _pow_increment(d: float, v: float, n: float) -> float:
    """(v + d)**n - v**n."""
    if n == 0.0 or (d == 0.0 and is_ordinary(v) and (v > 0.0 or n % 1.0 == 0.0)):
        return 0.0 * (d if n else v)
    if not is_ordinary(d, v, n):
        return power(v + d, n) - power(v, n)
    if n in _EXACT_INCREMENTS:
        return _EXACT_INCREMENTS[n](d, v)
    if v < 0.0 and n % 1.0 == 0.0:
        return math.copysign(1.0, 0.5 - n % 2.0) * _pow_increment(-d, -v, n)
    growth = n * _log_increment(d, v)
    if abs(growth) < _CLOSE:
        return _small_increment(d, v, n)
    above, below = _power_of_sum(d, v, n), power(v, n)
    if math.isinf(above) and above == below:
        return math.copysign(_inf, growth) if growth == growth else n * (abs(v + d) - v) * _inf
    return above - below


def _small_increment(d: float, v: float, n: float) -> float:
    """v**n·(e^g - 1), g = n·log((v + d)/v) small; d·n·v**(n - 1) where d/v is at the end of the range."""
    if abs(d / v) < _TINY and abs(n) < 1e10:
        half = power(v, (n - 1.0) / 2.0)
        fraction, i = math.frexp(d)
        return ldexp((half * fraction) * (half * n), i)
    growth, whole = _growth(_log_increment(d, v), n), power(v, n)
    if _TINY < whole < _HUGE:
        return whole * growth
    half = power(v, n / 2.0)
    return half * (half * growth) if 0.0 < half < _inf else math.copysign(half, d * n)


def _power_of_sum(d: float, v: float, n: float) -> float:
    """(v + d)**n, the sum's rounding error carried."""
    high, low, exponent = _sum_of(d, v)
    scale, exponent = (power(4.0, n), exponent - 2) if exponent > 1000 else (1.0, exponent)
    return scale * _power_of(math.ldexp(high, exponent), math.ldexp(low, exponent), n)


def _reciprocal_increment(d: float, v: float) -> float:
    """1/(v + d) - 1/v = -d/(v·(v + d))."""
    high, low, k = _sum_of(d, v)
    if high == 0.0:
        return _inf
    (a, i), (b, j), (c, m) = math.frexp(-d), math.frexp(v), math.frexp(high)
    return ldexp(a / (b * c) * (1.0 - low / high), i - j - m - k)


def _square_increment(d: float, v: float) -> float:
    """(v + d)² - v² = 2·d·(v + d/2)."""
    high, low, k = _sum_of(d / 2.0, v)
    a, i = math.frexp(d)
    return ldexp(a * high + a * low, i + k + 1)


_EXACT_INCREMENTS: Mapping[float, Callable[[float, float], float]] = {
    -1.0: _reciprocal_increment,
    1.0: lambda d, _: d,
    2.0: _square_increment,
}


# --- parts of a sum ------------------------------------------------------------------------------------------------


def _share(x: float, y: float) -> float:
    """x/(x + y)."""
    if not is_ordinary(x, y):
        return 1.0 / (1.0 + div(y, x)) if abs(x) > abs(y) else div(x, x + y)
    high, low, k = _sum_of(x, y)
    if high == 0.0:
        return div(x, high)
    (fraction, i), (below, j) = math.frexp(x), math.frexp(high)
    return ldexp(fraction / below * (1.0 - low / high), i - j - k)


def _parallel(u: float, v: float) -> float:
    """u·v/(u + v)."""
    if not is_ordinary(u, v):
        return div(1.0, div(1.0, u) + div(1.0, v))
    small, large = sorted((u, v), key=abs)
    return small * _share(large, small)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "parallel": _parallel, "share": _share, "log_product": _log_product, "log_sum": _log_sum,
    "log_quotient": _log_quotient, "log_difference": _log_difference, "log1p_quotient": _log1p_quotient,
    "log_increment": _log_increment, "compound": _compound, "compound_slope": _compound_slope,
    "compound_m1": _compound_m1, "compound_interest": _compound_interest, "powm1": _powm1, "real_power": _real_power,
    "pow_increment": _pow_increment, "log_interest": _log_interest, "compound_over": _compound_over,
    "boxcox": _boxcox,
}  # fmt: skip
