"""The error function and the normal distribution in their tails: scaled by e^{x²}, or as logarithms.

erfcx(x) = e^{x²}·erfc(x) = 2/√π·∫₀^∞ e^{−s² − 2xs} ds (DLMF 7.7.1 after a shift), so its n-th derivative is
2/√π·∫₀^∞ (−2s)ⁿ·e^{−s² − 2xs} ds: of one sign, hence quadrature for x > 0; on the left the recurrence
y⁽ⁿ⁺¹⁾ = 2x·y⁽ⁿ⁾ + 2n·y⁽ⁿ⁻¹⁾, whose terms are of one sign there.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from .eft import two_product
from .quadrature import integral
from .quotients import ORDERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FUNCTIONS"]

_TWO_OVER_ROOT_PI = 2.0 / math.sqrt(math.pi)
_ROOT_TWO = math.sqrt(2.0)
_ROOT_TAU = math.sqrt(math.tau)
_PANELS = ((0.0, 0.3), (0.3, 0.6), (0.6, 1.0))


def _exp_of_square(x: float, factor: float) -> float:
    """e^{factor·x²} for a factor that is ± a power of two; the rounding error of x² is carried."""
    square, rest = two_product(x, x)
    return math.exp(factor * square) * (1.0 + factor * rest)


def _tail(order: int, x: float, cut: float, centre: float = 0.0) -> float:
    """∫ (u − centre)ⁿ·e^{−s² − 2xs} du with s = cut·u, u from 0 to 1; x ≥ −1."""

    def density(u: float) -> float:
        s = cut * u
        return float((u - centre) ** order) * math.exp(-s * s - 2.0 * (x * s))

    return math.fsum([integral(density, low, high) for low, high in _PANELS])


def _cut(x: float) -> float:
    """Where e^{−s² − 2xs} has fallen below the last digit."""
    return 8.0 if x < 3.75 else 30.0 / x


def _erfcx(order: int, x: float) -> float:
    if x == math.inf:
        return math.copysign(0.0, (-1) ** order)
    if x > 0:
        cut = _cut(x)
        return _TWO_OVER_ROOT_PI * (cut * (-2.0 * cut) ** order * _tail(order, x, cut))
    value = _exp_of_square(x, 1.0) * math.erfc(x) if x > -27 else math.inf if x == x else x
    before, factor = value, 0
    for k in range(order):
        before, value, factor = value, 2.0 * x * value + (factor * before if k else -_TWO_OVER_ROOT_PI), 2 * k + 2
    return value


def _cumulant(order: int, x: float) -> float:
    """Cumulant of s under the density e^{−s² − 2xs} on s ≥ 0, from its central moments; x ≥ −1."""
    if x == math.inf:
        return 0.0
    cut = _cut(x)
    mass = _tail(0, x, cut)
    mean = _tail(1, x, cut) / mass
    moments = [1.0, 0.0, *(_tail(n, x, cut, mean) / mass for n in range(2, order + 1))]
    cumulants = [0.0, mean]
    for n in range(2, order + 1):
        lower = [math.comb(n - 1, k - 1) * cumulants[k] * moments[n - k] for k in range(2, n)]
        cumulants.append(moments[n] - math.fsum(lower))
    return cut**order * cumulants[order]


def _rate(order: int, x: float, slope: float, ratio: float) -> float:
    """Derivative of this order of r = slope·x + ratio where ratio′ = −ratio·r, by Leibniz's rule."""
    ratios, rates = [ratio], [slope * x + ratio]
    for n in range(order):
        ratios.append(-math.fsum([math.comb(n, k) * ratios[k] * rates[n - k] for k in range(n + 1)]))
        rates.append(ratios[-1] if n else slope + ratios[-1])
    return rates[order]


def _erfcx_rate(order: int, x: float) -> float:
    """erfcx′/erfcx, the derivative of log erfcx: on the right −2 times a mean, whose derivatives are cumulants."""
    if x >= -1:
        return (-2.0) ** (order + 1) * _cumulant(order + 1, x)
    return _rate(order, x, 2.0, -_TWO_OVER_ROOT_PI / _erfcx(0, x))


def _ndtr_rate(order: int, x: float) -> float:
    """X + φ(x)/Φ(x): on the left the same cumulants, at −x/√2."""
    if x <= 1:
        return _ROOT_TWO ** (order + 1) * _cumulant(order + 1, -x / _ROOT_TWO)
    return _rate(order, x, 1.0, _ndtr_slope(x) / _ndtr(x))


def _log_erfc(x: float) -> float:
    if abs(x) < 0.5:
        return math.log1p(-math.erf(x))
    if x < 0:
        return math.log(math.erfc(x))
    square, rest = two_product(x, x)
    return -square + (math.log(_erfcx(0, x)) - rest) if square < math.inf else -square


def _ndtr(x: float) -> float:
    if x > -1:
        return 0.5 * math.erfc(-x / _ROOT_TWO)
    return 0.5 * _exp_of_square(x, -0.5) * _erfcx(0, -x / _ROOT_TWO)


def _ndtr_slope(x: float) -> float:
    return _exp_of_square(x, -0.5) / _ROOT_TAU


def _log_ndtr(x: float) -> float:
    if x > 0:
        return math.log1p(-_ndtr(-x))
    if x > -1:
        return math.log(_ndtr(x))
    square, rest = two_product(0.5 * x, x)
    return -square + (math.log(0.5 * _erfcx(0, -x / _ROOT_TWO)) - rest) if square < math.inf else -square


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "erfcx": partial(_erfcx, 0),
    **{f"erfcx_derivative_{order}": partial(_erfcx, order) for order in ORDERS},
    "erfcx_rate": partial(_erfcx_rate, 0),
    **{f"erfcx_rate_derivative_{order}": partial(_erfcx_rate, order) for order in ORDERS},
    "log_erfc": _log_erfc,
    "ndtr": _ndtr,
    "ndtr_slope": _ndtr_slope,
    "ndtr_rate": partial(_ndtr_rate, 0),
    **{f"ndtr_rate_derivative_{order}": partial(_ndtr_rate, order) for order in ORDERS},
    "log_ndtr": _log_ndtr,
}
