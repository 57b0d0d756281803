"""The error function and the normal distribution far out: scaled, as logarithms, and their rates of change.

Formulas: DLMF 7.2, 7.10 (derivatives), 7.18 (repeated integrals).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..declaration import derivatives, op
from ..ops import acos, contribution, erf_slope, erfc, exp, greater, less, log, sqrt, where
from ..record import PRODUCT, SUM

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..record import Derivatives, Op

__all__ = [
    "erfcx", "erfcx_derivative", "erfcx_rate", "erfcx_rate_derivative", "log_erfc", "log_erfc_slope",
    "log_ndtr", "log_ndtr_slope", "ndtr", "ndtr_rate", "ndtr_rate_derivative", "ndtr_slope",
]  # fmt: skip

# Used by statements above their own: a type checker must know them by then.
erfcx_derivative: Derivatives
erfcx_rate: Op
erfcx_rate_derivative: Derivatives
ndtr_rate_derivative: Derivatives
ndtr: Op
ndtr_rate: Op
ndtr_slope: Op


def _pi(x: Any) -> Any:
    """π in the number system of x."""
    return acos(0 * x - 1)


def _erfcx_formula(order: int) -> Callable[[Any], Any]:
    """The derivatives of e^{x²}·erfc(x), by y⁽ⁿ⁺¹⁾ = 2x·y⁽ⁿ⁾ + 2n·y⁽ⁿ⁻¹⁾."""

    def formula(x: Any) -> Any:
        values = [exp(x * x) * erfc(x)]
        for n in range(order):
            values.append(2 * x * values[n] + (2 * n * values[n - 1] if n else -2 / sqrt(_pi(x))))
        return values[order]

    return formula


def _rate_formula(slope: int, ratio: Callable[[Any], Any]) -> Callable[[int], Callable[[Any], Any]]:
    """Function of n: the n-th derivative of r = slope·x + ratio, where ratio′ = −ratio·r, by Leibniz's rule."""

    def nth(order: int) -> Callable[[Any], Any]:
        def formula(x: Any) -> Any:
            ratios, rates = [ratio(x)], [slope * x + ratio(x)]
            for n in range(order):
                ratios.append(-sum(math.comb(n, k) * ratios[k] * rates[n - k] for k in range(n + 1)))
                rates.append(ratios[-1] if n else slope + ratios[-1])
            return rates[order]

        return formula

    return nth


_erfcx_rate_formula = _rate_formula(2, lambda x: -erf_slope(x) / erfc(x))
_ndtr_rate_formula = _rate_formula(1, lambda x: ndtr_slope(x) / ndtr(x))


def log_erfc_slope(x: Any) -> Any:
    """Derivative of log erfc."""
    return where(less(x, 0.0), -erf_slope(x) / erfc(x), erfcx_rate(x) - 2 * x)


def log_ndtr_slope(x: Any) -> Any:
    """Derivative of log Φ."""
    return where(greater(x, 0.0), ndtr_slope(x) / ndtr(x), ndtr_rate(x) - x)


erfcx = op(
    "erfcx",
    lambda y, x: erfcx_derivative.of(1)(x),
    native="erfcx",
    body=_erfcx_formula(0),
    monotone=(-1,),
    textbook=(lambda y, x: 2 * x * y - 2 / sqrt(_pi(x)),),
    doc="erfcx(x) = exp(x²)·erfc(x), the scaled complementary error function (SciPy's name).",
)
erfcx_derivative = derivatives("erfcx", _erfcx_formula, _erfcx_formula)

erfcx_rate = op(
    "erfcx_rate",
    lambda y, x: erfcx_rate_derivative.of(1)(x),
    native="erfcx_rate",
    body=_erfcx_rate_formula(0),
    textbook=(lambda y, x: 2 - y * (y - 2 * x),),
    text="erfcx′({0})/erfcx({0})",
    latex=r"\frac{{\operatorname{{erfcx}}'\left({0}\right)}}{{\operatorname{{erfcx}}\left({0}\right)}}",
    precedence=PRODUCT,
    needs=(0,),
    internal=True,
    monotone=(+1,),
    doc="erfcx′/erfcx, the derivative of log erfcx.",
)
erfcx_rate_derivative = derivatives("erfcx_rate", _erfcx_rate_formula, _erfcx_rate_formula)
log_erfc = op(
    "log_erfc",
    lambda y, x: log_erfc_slope(x),
    native="log_erfc",
    body=lambda x: log(erfc(x)),
    textbook=(lambda y, x: -erf_slope(x) / erfc(x),),
    monotone=(-1,),
    doc="log_erfc(x) = log(erfc(x)), also where erfc(x) underflows.",
)
ndtr = op(
    "ndtr",
    lambda y, x: ndtr_slope(x),
    native="ndtr",
    body=lambda x: erfc(-x / sqrt(0 * x + 2)) / 2,
    monotone=(+1,),
    text="Φ({0})",
    latex=r"\Phi\left({0}\right)",
    doc="ndtr(x) = Φ(x), the distribution function of the standard normal distribution (SciPy's name).",
)
ndtr_slope = op(
    "ndtr_slope",
    lambda y, x: contribution(y, -x),
    native="ndtr_slope",
    body=lambda x: exp(-x * x / 2) / sqrt(2 * _pi(x)),
    text="φ({0})",
    latex=r"\varphi\left({0}\right)",
    internal=True,
    doc="φ(x) = exp(−x²/2)/√(2π), the density of the standard normal distribution.",
)
ndtr_rate = op(
    "ndtr_rate",
    lambda y, x: ndtr_rate_derivative.of(1)(x),
    native="ndtr_rate",
    body=_ndtr_rate_formula(0),
    textbook=(lambda y, x: 1 - y * (y - x),),
    text="{0} + φ({0})/Φ({0})",
    precedence=SUM,
    needs=(SUM,),
    latex=r"{0} + \frac{{\varphi\left({0}\right)}}{{\Phi\left({0}\right)}}",
    internal=True,
    monotone=(+1,),
    doc="x + φ(x)/Φ(x): what the derivative of log Φ has beside −x.",
)
ndtr_rate_derivative = derivatives("ndtr_rate", _ndtr_rate_formula, _ndtr_rate_formula)
log_ndtr = op(
    "log_ndtr",
    lambda y, x: log_ndtr_slope(x),
    native="log_ndtr",
    monotone=(+1,),
    body=lambda x: log(erfc(-x / sqrt(0 * x + 2)) / 2),
    textbook=(lambda y, x: ndtr_slope(x) / ndtr(x),),
    text="log Φ({0})",
    latex=r"\log\Phi\left({0}\right)",
    doc="log_ndtr(x) = log Φ(x), also where Φ(x) underflows (SciPy's name).",
)
