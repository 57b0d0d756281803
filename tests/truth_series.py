"""The true values of the ops in compgraph.stable.series and compgraph.stable.normal, in mpmath."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpmath import mp

if TYPE_CHECKING:
    from collections.abc import Callable

# Ops whose formula as it stands in a textbook is 0/0 or ∞ − ∞ at 0.
REMOVABLE = (
    *("sinc", "exprel", "log1p_over", "sinhc", "tanhc", "tanc"),
    *("x_over_expm1", "langevin", "bose_less_pole", "reciprocal_minus_cot", "phi2", "log_exprel", "log_sinhc"),
    *("x_over_log1p", "x_over_sin", "x_over_sinh", "x_over_tan", "x_over_tanh"),
    *("compound_over", "boxcox", "log_mean"),
)

# Ops whose body for number systems without a kernel is the plain difference.
DIFFERENCES = (
    *("expm1_minus_x", "x_minus_log1p", "x_minus_sin", "tan_minus_x", "sinh_minus_x", "x_minus_tanh", "x_minus_atan"),
    *("x_minus_asinh", "atanh_minus_x", "langevin", "reciprocal_minus_cot", "log_ndtr", "log_erfc"),
    *("sincm1", "sinhcm1", "bose_less_pole", "log_exprel", "log_sinhc", "softplus_increment"),
    *("log_scaled_cosh", "log_scaled_erfc", "log_scaled_ndtr", "log_scaled_sech", "log_scaled_sigmoid"),
)


def _at_0(limit: int, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: function(x) if x else mp.mpf(limit)


def _log(x: Any) -> Any:
    return mp.log(x) if x > 0 else mp.nan


def _boxcox(x: Any, p: Any) -> Any:
    if x == 0:
        return -1 / p if p > 0 else -mp.inf
    return (mp.exp(p * _log(x)) - 1) / p if p else _log(x)


def _erfcx(x: Any) -> Any:
    """Far out by the asymptotic series (DLMF 7.12.1): its smallest term is about exp(−x²)."""
    if x < 1e4:
        return mp.exp(x * x) * mp.erfc(x) if x > -1e4 else 2 * mp.exp(x * x)
    total, term, k = mp.mpf(1), mp.mpf(1), 1
    while abs(term) > mp.eps:
        term *= -(2 * k - 1) / (2 * x * x)
        total, k = total + term, k + 1
    return total / (x * mp.sqrt(mp.pi))


def _log_erfc(x: Any) -> Any:
    if x > 1e3:
        return mp.log(_erfcx(x)) - x * x
    return mp.log(mp.erfc(x)) if x > -1e4 else mp.log(2)


def _ndtr(x: Any) -> Any:
    if x > -1e3:
        return mp.erfc(-x / mp.sqrt(2)) / 2 if x < 1e4 else mp.mpf(1)
    return mp.exp(-x * x / 2) * _erfcx(-x / mp.sqrt(2)) / 2


TRUTH: dict[str, Callable[..., Any]] = {
    "csch": mp.csch,
    "bose_less_pole": lambda x: 1 / mp.expm1(x) - 1 / x if x else mp.mpf(-0.5),
    "log_exprel": lambda x: mp.log(mp.expm1(x) / x) if x else mp.mpf(0),
    "log_sinhc": lambda x: mp.log(mp.sinh(x) / x) if x else mp.mpf(0),
    "sin_increment": lambda d, v: mp.sin(v + d) - mp.sin(v),
    "cos_increment": lambda d, v: mp.cos(v + d) - mp.cos(v),
    "tan_increment": lambda d, v: mp.tan(v + d) - mp.tan(v),
    "sinh_increment": lambda d, v: mp.sinh(v + d) - mp.sinh(v),
    "cosh_increment": lambda d, v: mp.cosh(v + d) - mp.cosh(v),
    "exprel": _at_0(1, lambda x: mp.expm1(x) / x),
    "log1p_over": _at_0(1, lambda x: mp.log1p(x) / x),
    "sinhc": _at_0(1, lambda x: mp.sinh(x) / x),
    "tanhc": _at_0(1, lambda x: mp.tanh(x) / x),
    "tanc": _at_0(1, lambda x: mp.tan(x) / x),
    "x_over_expm1": _at_0(1, lambda x: x / mp.expm1(x)),
    "langevin": _at_0(0, lambda x: mp.coth(x) - 1 / x),
    "reciprocal_minus_cot": _at_0(0, lambda x: 1 / x - mp.cot(x)),
    "phi2": lambda x: (mp.expm1(x) - x) / x**2 if x else mp.mpf(0.5),
    "x_over_log1p": _at_0(1, lambda x: x / mp.log1p(x)),
    "x_over_sin": _at_0(1, lambda x: x / mp.sin(x)),
    "x_over_sinh": _at_0(1, lambda x: x / mp.sinh(x)),
    "x_over_tan": _at_0(1, lambda x: x / mp.tan(x)),
    "x_over_tanh": _at_0(1, lambda x: x / mp.tanh(x)),
    "log_scaled_cosh": lambda k, x: mp.log(k) + mp.log(mp.cosh(x)),
    "log_scaled_erfc": lambda k, x: mp.log(k) + _log_erfc(x),
    "log_scaled_ndtr": lambda k, x: mp.log(k / 2) + _log_erfc(-x / mp.sqrt(2)),
    "log_scaled_sech": lambda k, x: mp.log(k) - mp.log(mp.cosh(x)),
    "log_scaled_sigmoid": lambda k, x: mp.log(k) - mp.log(1 + mp.exp(-x)),
    "cosm1": lambda x: mp.cos(x) - 1,
    "coshm1": lambda x: mp.cosh(x) - 1,
    "expm1_minus_x": lambda x: mp.exp(x) - 1 - x,
    "x_minus_log1p": lambda x: x - mp.log(1 + x),
    "x_minus_sin": lambda x: x - mp.sin(x),
    "tan_minus_x": lambda x: mp.tan(x) - x,
    "sinh_minus_x": lambda x: mp.sinh(x) - x,
    "x_minus_tanh": lambda x: x - mp.tanh(x),
    "x_minus_atan": lambda x: x - mp.atan(x),
    "x_minus_asinh": lambda x: x - mp.asinh(x),
    "atanh_minus_x": lambda x: mp.atanh(x) - x,
    "atan_increment": lambda d, v: mp.atan(v + d) - mp.atan(v),
    "coversin": lambda x: 1 - mp.sin(x),
    "log_coversin": lambda x: mp.log(1 - mp.sin(x)),
    "sincm1": lambda x: mp.sin(x) / x - 1 if x else mp.mpf(0),
    "sinhcm1": lambda x: mp.sinh(x) / x - 1 if x else mp.mpf(0),
    "log_cos": lambda x: mp.log(abs(mp.cos(x))),
    "log_sinc": lambda x: mp.log(abs(mp.sin(x) / x)) if x else mp.mpf(0),
    "itakura_saito": lambda u, v: u / v - _log(u / v) - 1,
    "kl_div": lambda u, v: u * _log(u / v) - u + v if u else v,
    "log_mean": lambda u, v: ((u - v) / _log(u / v) if u != v else u) if u and v else mp.mpf(0),
    "boxcox": _boxcox,
    "erfcx": _erfcx,
    "erfcx_rate": lambda x: 2 * x - 2 / (mp.sqrt(mp.pi) * _erfcx(x)),
    "log_erfc": _log_erfc,
    "ndtr": _ndtr,
    "ndtr_slope": lambda x: mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi),
    "ndtr_rate": lambda x: x + mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi) / _ndtr(x),
    "log_ndtr": lambda x: _log_erfc(-x / mp.sqrt(2)) - mp.log(2),
}
