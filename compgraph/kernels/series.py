"""What is left of a function after the first terms of its Taylor series; cosine and cosh less 1; a difference of atans.

A remainder is x·∫₀¹ f′(tx) dt near 0, f′ its derivative in a form that does not cancel, and the plain difference
further out, where it loses no digit any more.
"""

from __future__ import annotations

import math
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

from . import algebraic, elementary, normal, quotients
from .quadrature import integral

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FUNCTIONS"]

_log_quotient: Callable[[float, float], float] = algebraic.FUNCTIONS["log_quotient"]
_x_over_log1p: Callable[[float], float] = quotients.FUNCTIONS["x_over_log1p"]


def _total(function: Callable[..., float]) -> Callable[..., float]:
    """Nan outside a function's domain and at what it has no limit for, inf beyond the range."""

    @wraps(function)
    def total(*args: float) -> float:
        try:
            return function(*args)
        except (ValueError, ZeroDivisionError):
            return math.nan
        except OverflowError:
            return math.inf

    return total


def _remainder(
    slope: Callable[[float], float], plain: Callable[[float], float], low: float, high: float, x: float
) -> float:
    """By quadrature of its slope within [low, high], by the plain difference elsewhere."""
    return x * integral(lambda t: slope(t * x)) if low <= x <= high else plain(x)


def _cosm1(x: float) -> float:
    s = math.sin(x / 2)
    return -2.0 * s * s


def _coshm1(x: float) -> float:
    if abs(x) > 2:
        return math.cosh(x) - 1.0
    s = math.sinh(x / 2)
    return 2.0 * s * s


def _sinh_minus_x(x: float) -> float:
    try:
        return math.sinh(x) - x
    except OverflowError:
        return math.copysign(math.inf, x)


def _quotient_less_1(rate: Callable[[float], float], plain: Callable[[float], float], far: float, x: float) -> float:
    """f(x)/x − 1 by quadrature of f′ − 1 within ±far."""
    return integral(lambda t: rate(t * x)) if abs(x) <= far else plain(x) - 1.0


def _sinc(x: float) -> float:
    return 0.0 if abs(x) == math.inf else math.sin(x) / x


def _sincm1(x: float) -> float:
    return _quotient_less_1(_cosm1, _sinc, 3.0, x)


def _log_cos(x: float) -> float:
    """log|cos x|."""
    cosine = abs(math.cos(x))
    return math.log1p(-(math.sin(x) ** 2)) / 2.0 if cosine > 0.5 else elementary.log(cosine)


def _log_sinc(x: float) -> float:
    """log|sin(x)/x|."""
    return math.log1p(_sincm1(x)) if abs(x) < 1.5 else elementary.log(abs(_sinc(x)))


def _itakura_saito(x: float, y: float) -> float:
    """x/y − log(x/y) − 1."""
    quotient = elementary.div(x, y)
    if 0.5 < quotient < 2.0:
        return _remainder(*_REMAINDERS["x_minus_log1p"], (x - y) / y)
    return quotient if quotient == math.inf else (quotient - 1.0) - _log_quotient(x, y)


def _kl_div(x: float, y: float) -> float:
    """x·log(x/y) − x + y."""
    if x == 0.0 or not algebraic.is_ordinary(x, y):
        return y if x == 0.0 <= y else x * elementary.log(elementary.div(x, y)) + (y - x)
    if 0.5 < y / x < 2.0:
        return x * _itakura_saito(y, x)
    return x * _log_quotient(x, y) + (y - x)


def _log_mean(x: float, y: float) -> float:
    """(x − y)/log(x/y)."""
    if x == y or 0.0 in {x, y}:
        return min(x, y, key=abs) if x >= 0.0 <= y else math.nan
    if 0.5 < elementary.div(x, y) < 2.0:
        return y * _x_over_log1p((x - y) / y)
    return elementary.div(x - y, _log_quotient(x, y))


def _coversin(x: float) -> float:
    """1 − sin x."""
    s = math.sin(x)
    return math.cos(x) ** 2 / (1.0 + s) if s > 0.0 else 1.0 - s


def _log_coversin(x: float) -> float:
    """log(1 − sin x)."""
    s = math.sin(x)
    return math.log1p(-s) if s < 0.5 else elementary.log(_coversin(x))


def _asinh_slope(x: float) -> float:
    """1 − 1/√(1 + x²)."""
    h = math.hypot(1.0, x)
    return x * x / (h * (1.0 + h))


def _atan_slope(x: float) -> float:
    """1 − 1/(1 + x²)."""
    return x * x / (1.0 + x * x)


def _atanh_minus_x(x: float) -> float:
    return math.copysign(math.inf, x) if abs(x) == 1 else math.atanh(x) - x


def _x_minus_log1p(x: float) -> float:
    return math.inf if x in {-1.0, math.inf} else x - math.log1p(x)


def _atan_increment(d: float, v: float) -> float:
    """Arctan u − arctan v, u = v + d: the angle whose tangent is d/(1 + uv), both scaled by the larger of u, v, 1."""
    u = v + d
    if math.isinf(u) or math.isinf(v):
        return math.atan(u) - math.atan(v)
    if abs(u) < abs(v):
        u, v = -v, -u  # the same angle
    if abs(u) <= 1:
        return math.atan2(d, 1.0 + u * v)
    size = abs(u)
    rise = d / size if math.isfinite(d) else u / size - v / size
    return math.atan2(rise, 1.0 / size + math.copysign(1.0, u) * v)


# Slope, plain form, and the interval in which the slope's singularities leave quadrature exact.
_REMAINDERS: Mapping[str, tuple[Callable[[float], float], Callable[[float], float], float, float]] = {
    "expm1_minus_x": (math.expm1, lambda x: math.expm1(x) - x if x < math.inf else x, -2.0, 2.0),
    "x_minus_log1p": (lambda x: x / (1.0 + x), _x_minus_log1p, -0.75, 3.0),
    "x_minus_sin": (lambda x: -_cosm1(x), lambda x: x - math.sin(x), -3.0, 3.0),
    "tan_minus_x": (lambda x: math.tan(x) ** 2, lambda x: math.tan(x) - x, -1.1, 1.1),
    "sinh_minus_x": (_coshm1, _sinh_minus_x, -2.0, 2.0),
    "x_minus_tanh": (lambda x: math.tanh(x) ** 2, lambda x: x - math.tanh(x), -2.0, 2.0),
    "x_minus_atan": (_atan_slope, lambda x: x - math.atan(x), -1.5, 1.5),
    "x_minus_asinh": (_asinh_slope, lambda x: x - math.asinh(x) if abs(x) < math.inf else x, -2.0, 2.0),
    "atanh_minus_x": (lambda x: x * x / ((1.0 - x) * (1.0 + x)), _atanh_minus_x, -0.75, 0.75),
}

_FUNCTIONS: Mapping[str, Callable[..., float]] = {
    **quotients.FUNCTIONS,
    **normal.FUNCTIONS,
    **{name: partial(_remainder, *facts) for name, facts in _REMAINDERS.items()},
    "cosm1": _cosm1,
    "sincm1": _sincm1,
    "log_cos": _log_cos,
    "log_sinc": _log_sinc,
    "sinhcm1": partial(_quotient_less_1, _coshm1, quotients.FUNCTIONS["sinhc"], 2.0),
    "coversin": _coversin,
    "log_coversin": _log_coversin,
    "itakura_saito": _itakura_saito,
    "kl_div": _kl_div,
    "log_mean": _log_mean,
    "coshm1": _coshm1,
    "atan_increment": _atan_increment,
}

FUNCTIONS: Mapping[str, Callable[..., Any]] = {name: _total(function) for name, function in _FUNCTIONS.items()}
