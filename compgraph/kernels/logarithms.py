"""The logarithm of k·f(x), right where k·f(x) is close to 1 and where f(x) alone leaves the range of floats."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .elementary import log
from .normal import FUNCTIONS as NORMAL
from .series import FUNCTIONS as SERIES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FUNCTIONS"]

_LOG2 = math.log(2.0)
_FAR = 660.0  # e^660 and e^-660 are far from both ends of the range, and so are their products with most k
_SMALL = 1e-8  # below, the second term of the series is less than half a unit in the last place of the first
_LEAST, _MOST = 1e-290, 1e290


def _scaled_log(k: float, value: float, excess: Callable[[], float], logarithm: Callable[[], float]) -> float:
    """log(k·value); where the product is close to 1 from what it has beyond 1, where it cannot be formed as a sum."""
    product = k * value
    if 0.5 < product < 2.0:
        return math.log1p(excess())
    if k > 0 and _LEAST < value < _MOST and _LEAST < product < _MOST:
        return math.log(product)
    return log(k) + logarithm()


def _log_scaled_sigmoid(k: float, x: float) -> float:
    e = math.exp(-abs(x))
    value = (1.0 if x >= 0 else e) / (1.0 + e)

    def excess() -> float:
        return value * (math.fsum((k, -2.0, -math.expm1(-x))) if abs(x) < 1 else (k - 1.0) - math.exp(-x))

    return _scaled_log(k, value, excess, lambda: min(x, 0.0) - math.log1p(e))


def _log_scaled_cosh(k: float, x: float) -> float:
    half = math.sinh(min(abs(x), _FAR) / 2)
    value = 1.0 + 2.0 * half * half
    return _scaled_log(
        k,
        value if abs(x) < _FAR else math.nan,
        lambda: math.fsum((k, -1.0, 2.0 * (k * half) * half)),
        lambda: abs(x) - _LOG2 if abs(x) >= _FAR else math.log(value),
    )


def _log_scaled_sech(k: float, x: float) -> float:
    half = math.sinh(min(abs(x), _FAR) / 2)
    value = 1.0 / (1.0 + 2.0 * half * half)
    return _scaled_log(
        k,
        value if abs(x) < _FAR else math.nan,
        lambda: value * math.fsum((k, -1.0, -2.0 * half * half)),
        lambda: _LOG2 - abs(x) if abs(x) >= _FAR else math.log(value),
    )


def _log_scaled_erfc(k: float, x: float) -> float:
    value = math.erfc(x)

    def excess() -> float:
        if x < 0:
            return math.fsum((k, k, -1.0, -k * math.erfc(-x)))
        return math.fsum((k, -1.0, -k * math.erf(x))) if x < 0.5 else k * value - 1.0

    return _scaled_log(k, value, excess, lambda: NORMAL["log_erfc"](x))


def _log_scaled_ndtr(k: float, x: float) -> float:
    value = NORMAL["ndtr"](x)

    def excess() -> float:
        if abs(x) < 0.7:
            return math.fsum((0.5 * k, -1.0, 0.5 * k * math.erf(x / math.sqrt(2.0))))
        return math.fsum((k, -1.0, -k * NORMAL["ndtr"](-x))) if x > 0 else k * value - 1.0

    return _scaled_log(k, value, excess, lambda: NORMAL["log_ndtr"](x))


def _log_exprel(x: float) -> float:
    if abs(x) < _SMALL:
        return 0.5 * x * (1.0 + x / 12.0)
    if abs(x) < 1.0:
        return math.log1p(SERIES["expm1_minus_x"](x) / x)
    if abs(x) == math.inf:
        return x
    return (x if x > 0 else 0.0) + (math.log1p(-math.exp(-abs(x))) - math.log(abs(x)))


def _log_sinhc(x: float) -> float:
    x = abs(x)
    if x < 2.0:
        return math.log1p(SERIES["sinh_minus_x"](x) / x) if x > _SMALL else x * (x / 6.0)
    return x + (math.log1p(-math.exp(-2.0 * x)) - math.log(x) - _LOG2) if x < math.inf else x


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "log_scaled_sigmoid": _log_scaled_sigmoid,
    "log_scaled_cosh": _log_scaled_cosh,
    "log_scaled_sech": _log_scaled_sech,
    "log_scaled_erfc": _log_scaled_erfc,
    "log_scaled_ndtr": _log_scaled_ndtr,
    "log_exprel": _log_exprel,
    "log_sinhc": _log_sinhc,
}
