"""Kernels of increments of eˣ and of the logistic function, and of what its entropy and its sharpness need.

An argument v + d and a product k·x are taken with their rounding errors: else an exponent of 700 would cost a hundred
units in the last place.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .eft import two_product, two_sum
from .exponential import exp_times

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FUNCTIONS"]

_inf, _nan = math.inf, math.nan


def _logistic(x: float, low: float) -> float:
    """1/(1 + e^−(x + low)), low small beside x."""
    if x >= 0:
        return 1.0 / (1.0 + exp_times(-x, -low, 1.0))
    power = exp_times(x, low, 1.0)
    return power / (1.0 + power)


def _exp_increment(d: float, v: float) -> float:
    if v == _inf or d != d:
        return _nan
    if d <= 0:
        return exp_times(v, 0.0, math.expm1(d))
    return exp_times(*two_sum(v, d), -math.expm1(-d))


def _sigmoid_increment(d: float, v: float) -> float:
    u, low = two_sum(v, d)
    if d > 0:
        return -(_logistic(u, low) * _logistic(-v, 0.0)) * math.expm1(-d)
    return _logistic(-u, -low) * _logistic(v, 0.0) * math.expm1(d)


def _softplus_increment(d: float, v: float) -> float:
    """By what is left of d where both exponents are positive, by e^(v + d) and eᵛ where one is not."""
    if not math.isfinite(d) or not math.isfinite(v):
        return _softplus(v + d, 0.0) - _softplus(v, 0.0) if v != _inf else d
    if abs(d) < 1.0:
        return math.log1p(_logistic(v, 0.0) * math.expm1(d))
    u, low = two_sum(v, d)
    if u > 0 and v > 0:
        return d + (math.log1p(exp_times(-u, -low, 1.0)) - math.log1p(math.exp(-v)))
    return _softplus(u, low) - _softplus(v, 0.0)


def _softplus(x: float, low: float) -> float:
    """log(1 + e^(x + low)), low small beside x."""
    rest = math.log1p(exp_times(-abs(x), -low if x > 0 else low, 1.0))
    return x + (low + rest) if x > 0 else rest


def _logistic_entropy(x: float) -> float:
    size = abs(x)
    if size > 40.0:
        return exp_times(-size, 0.0, 1.0 + size) if size < _inf else 0.0
    power = math.exp(-size)
    return math.log1p(power) + size * (power / (1.0 + power))


def _sharp_softplus(x: float, k: float) -> float:
    if k == 0 or k != k:
        return math.copysign(_inf, k) if k == 0 and math.isfinite(x) else _nan
    product, low = two_product(k, x)
    rest = math.log1p(exp_times(-abs(product), -low if product > 0 else low, 1.0)) / k
    return x + rest if product > 0 else rest


def _exp_of_product(u: float, v: float) -> float:
    return exp_times(*two_product(u, v), 1.0) if v else 1.0


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "exp_increment": _exp_increment, "sigmoid_increment": _sigmoid_increment, "exp_of_product": _exp_of_product,
    "softplus_increment": _softplus_increment, "logistic_entropy": _logistic_entropy, "sharp_softplus": _sharp_softplus,
}  # fmt: skip
