"""Rules about quotients with a removable point, about what a function differs from the start of its series, and erf."""

from __future__ import annotations

import math

from ..ops import (
    abs,
    acos,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cos,
    cosh,
    erf,
    erfc,
    exp,
    expm1,
    hypot,
    log,
    log1p,
    sin,
    sinc,
    sinc_derivative,
    sinh,
    sqrt,
    tan,
    tanh,
    where,
)
from ..rewrite import Factor, Rule, Variable
from ..stable.exponential import bose
from ..stable.normal import erfcx, ndtr
from ..stable.quotients import (
    bose_less_pole,
    exprel,
    langevin,
    log1p_over,
    phi2,
    reciprocal_minus_cot,
    sinhc,
    sinhc_derivative,
    tanc,
    tanhc,
    x_over_expm1,
    x_over_log1p,
    x_over_sin,
    x_over_sinh,
    x_over_tan,
    x_over_tanh,
)
from ..stable.roots import leg
from ..stable.series import (
    atanh_minus_x,
    coshm1,
    cosm1,
    coversin,
    expm1_minus_x,
    log_cos,
    log_coversin,
    log_sinc,
    sincm1,
    sinh_minus_x,
    sinhcm1,
    tan_minus_x,
    x_minus_asinh,
    x_minus_atan,
    x_minus_log1p,
    x_minus_sin,
    x_minus_tanh,
)
from ..stable.squares import asinh_quotient
from ..stable.trigonometric import csch

__all__ = ["RULES"]

x, u, v, k = Variable("x"), Variable("u"), Variable("v"), Factor("k")


_REAL = "for all real numbers"
_LIMIT = "for all real numbers; at x = 0, where it is 0/0 as typed, the limit"
_ZERO = "0/0 is nan at x = 0"
_PRODUCT = "far from 0 the two terms of the slope cancel"
_NEAR = "near 0 the difference keeps only the roundings of its terms"

RULES = (
    # quotients with a removable point
    Rule(expm1(x) / x, exprel(x), _LIMIT, _ZERO),
    Rule(x / expm1(x), x_over_expm1(x), _LIMIT, "0/0 is nan at x = 0; eˣ overflows beyond 709"),
    Rule(x * bose(x), x_over_expm1(x), _LIMIT, "0·∞ is nan at x = 0"),
    Rule(bose(x) - 1 / x, bose_less_pole(x), _LIMIT, "near 0 two large numbers cancel"),
    Rule(bose(x) + 0.5 - 1 / x, langevin(x / 2) / 2, _LIMIT, "near 0 two large numbers cancel"),
    Rule(bose_less_pole(x) + 0.5, langevin(x / 2) / 2, _REAL, "near 0 the sum keeps only the rounding of ½"),
    Rule(log1p(x) / x, log1p_over(x), "for x > −1; at x = 0 the limit", _ZERO),
    Rule(x / log1p(x), x_over_log1p(x), "for x > −1; at x = 0 the limit", _ZERO),
    Rule(sin(x) / x, sinc(x), _LIMIT, _ZERO),
    *(Rule(f(v * x) / x, v * over(v * x), _LIMIT, _ZERO)
      for f, over in ((sin, sinc), (tan, tanc), (sinh, sinhc), (tanh, tanhc), (expm1, exprel), (log1p, log1p_over))),
    *(Rule(f(x / v) / x, over(x / v) / v, _LIMIT, _ZERO)
      for f, over in ((sin, sinc), (tan, tanc), (sinh, sinhc), (expm1, exprel))),
    Rule(x / sin(x), x_over_sin(x), _LIMIT, _ZERO),
    Rule(sinh(x) / x, sinhc(x), _LIMIT, _ZERO),
    Rule(x / sinh(x), x_over_sinh(x), _LIMIT, "0/0 is nan at x = 0; sinh x overflows beyond 710"),
    Rule(x * csch(x), x_over_sinh(x), _LIMIT, _PRODUCT),
    Rule(coshm1(x) * csch(x), tanh(x / 2), _LIMIT, _PRODUCT),
    Rule(tanh(x) / x, tanhc(x), _LIMIT, _ZERO),
    Rule(x / tanh(x), x_over_tanh(x), _LIMIT, _ZERO),
    Rule(tan(x) / x, tanc(x), _LIMIT, _ZERO),
    Rule(x / tan(x), x_over_tan(x), _LIMIT, _ZERO),
    Rule(x * exprel(x), expm1(x), _REAL, _PRODUCT),
    Rule(x * log1p_over(x), log1p(x), "for x > −1", _PRODUCT),
    Rule(x * sinc(x), sin(x), _REAL, _PRODUCT),
    Rule(x * sinhc(x), sinh(x), _REAL, _PRODUCT),
    Rule(x * tanhc(x), tanh(x), _REAL, _PRODUCT),
    Rule(x * tanc(x), tan(x), _REAL, _PRODUCT),
    Rule(asinh(u / v), asinh_quotient(u, v), "for v ≠ 0", "u/v overflows, and its slope is ∞·0"),
    # cosines
    Rule(cos(x) - 1, cosm1(x), _REAL, "near 0 the cosine rounds to 1"),
    Rule(cosh(x) - 1, coshm1(x), _REAL, "near 0 the cosine rounds to 1"),
    Rule((exp(x) - 2) + exp(-x), 2 * coshm1(x), _REAL, _NEAR),
    Rule(cosm1(x) / x**2, -0.5 * sinc(x / 2) ** 2, _LIMIT, "0/0 is nan at x = 0, and wherever x² underflows"),
    Rule(coshm1(x) / x**2, 0.5 * sinhc(x / 2) ** 2, _LIMIT, "0/0 is nan at x = 0, and wherever x² underflows"),
    Rule(cosm1(x) / x, -sin(x / 2) * sinc(x / 2), _LIMIT, _ZERO),
    Rule(coshm1(x) / x, sinh(x / 2) * sinhc(x / 2), _LIMIT, _ZERO),
    Rule(cosm1(x) / sin(x), -tan(x / 2), _LIMIT, "0/0 is nan at x = 0"),
    Rule(coshm1(x) / sinh(x), tanh(x / 2), _LIMIT, "0/0 is nan at x = 0, ∞/∞ beyond 710"),
    Rule(1 + cos(x), 2 * cos(x / 2) ** 2, _REAL, "near π the sum keeps only the rounding of the cosine"),
    Rule(sin(x) / (1 + cos(x)), tan(x / 2), "but at odd multiples of π", "near π the sum keeps only roundings"),
    Rule(sin(x) ** 2 + cos(x) ** 2, 0 * x + 1, "but at ±∞", "it is not a constant by a rounding"),
    Rule(atan(u / v), where(v < 0, atan2(-u, -v), atan2(u, v)), "for v ≠ 0", "u/v overflows, and its slope is ∞·0"),
    Rule(sin(x) / cos(x), tan(x), _REAL, "tan has one rounding"),
    Rule(1 / cos(x) - 1, -cosm1(x) / cos(x), _REAL, "near 0 the difference keeps only the rounding of the cosine"),
    Rule(x * cos(x) - sin(x), x**2 * sinc_derivative.of(1)(x), _REAL, _NEAR),
    Rule(cos(x) / x - sin(x) / x**2, sinc_derivative.of(1)(x), _LIMIT, "near 0 two large numbers cancel"),
    Rule((cos(x) - sinc(x)) / x, sinc_derivative.of(1)(x), _LIMIT, _NEAR),
    Rule(x * cosh(x) - sinh(x), x**2 * sinhc_derivative.of(1)(x), _REAL, _NEAR),
    Rule(cosh(x) / x - sinh(x) / x**2, sinhc_derivative.of(1)(x), _LIMIT, "near 0 two large numbers cancel"),
    Rule(1 - cos(x) ** 2, sin(x) ** 2, _REAL, "near 0 the cosine rounds to 1"),
    Rule(1 - sin(x) ** 2, cos(x) ** 2, _REAL, "near π/2 the sine rounds to 1"),
    Rule(cosh(x) ** 2 - 1, sinh(x) ** 2, _REAL, "near 0 the cosine rounds to 1"),
    # logarithms near 1, and where the cosine's excess underflows
    Rule(log(cos(x)), where(cos(x) > 0, log_cos(x), math.nan), "for cos x > 0", "near 0 the cosine rounds to 1"),
    Rule(log(abs(cos(x))), log_cos(x), _REAL, "near 0 the cosine rounds to 1"),
    Rule(log(sinc(x)), where(sinc(x) > 0, log_sinc(x), math.nan), "for sin x/x > 0", "near 0 the quotient rounds to 1"),
    Rule(log(sin(x)) - log(x), where(x > 0, log(sinc(x)), math.nan), "for x > 0, sin x > 0",
         "near 0 the logarithms cancel"),
    Rule(log(-k * cosm1(x)), log(2 * k) + 2 * log(abs(sin(x / 2))), "for k > 0", "near 0 the difference underflows"),
    Rule(log(k * coshm1(x)), log(2 * k) + 2 * log(abs(sinh(x / 2))), "for k > 0", "near 0 the difference underflows"),
    # cosecants
    Rule(1 / sin(x) - 1 / tan(x), tan(x / 2), _LIMIT, "near 0 two large numbers cancel"),
    Rule(1 / sin(x) - cos(x) / sin(x), tan(x / 2), _LIMIT, "near 0 two large numbers cancel"),
    Rule(1 / sin(x) - 1 / x, tan(x / 2) - reciprocal_minus_cot(x), _LIMIT, "near 0 two large numbers cancel"),
    Rule(1 / x - csch(x), where(abs(x) < 1, tanh(x / 2) - langevin(x), (1 - x_over_sinh(x)) / x), _LIMIT,
         "near 0 two large numbers cancel"),
    # 1 ± sin x
    Rule(1 - sin(x), coversin(x), _REAL, "near π/2 the sine rounds to 1"),
    Rule(1 + sin(x), coversin(-x), _REAL, "near −π/2 the sine rounds to −1"),
    Rule(log(coversin(x)), log_coversin(x), _REAL, "near 0 the difference rounds to 1"),
    Rule(sqrt(coversin(x)) - 1, -sin(x) / (1 + sqrt(coversin(x))), _REAL, "near 0 the root rounds to 1"),
    Rule(1 / coversin(x) - 1, sin(x) / coversin(x), "but at π/2", "near 0 the quotient rounds to 1"),
    Rule(1 / cos(x) - tan(x), cos(x) / coversin(-x), "but at −π/2", "near π/2 two large numbers cancel"),
    Rule(1 / cos(x) + tan(x), cos(x) / coversin(x), "but at π/2", "near −π/2 two large numbers cancel"),
    Rule(coversin(x) / cos(x), cos(x) / coversin(-x), "but at odd multiples of π/2", "near π/2 it is 0/0"),
    # inverse functions
    Rule(acos(1 - x), 2 * asin(sqrt(x / 2)), "for 0 ≤ x ≤ 2", "near 0 the difference rounds to 1"),
    Rule(asin(leg(1.0, x)), acos(abs(x)), "for −1 ≤ x ≤ 1", "near 0 the root rounds to 1"),
    Rule(acos(leg(1.0, x)), asin(abs(x)), "for −1 ≤ x ≤ 1", "near 0 the root rounds to 1"),
    Rule(sin(acos(x)), leg(1.0, x), "for −1 ≤ x ≤ 1", "near −1 the angle rounds to π"),
    Rule(cos(asin(x)), leg(1.0, x), "for −1 ≤ x ≤ 1", "near ±1 the angle rounds to π/2"),
    Rule(cos(atan(x)), 1 / hypot(1.0, x), _REAL, "far from 0 the angle rounds to π/2"),
    Rule(tan(atan(x)), x, "for finite x", "far from 0 the angle rounds to π/2"),
    # hyperbolic functions
    Rule(sinh(x) - tanh(x), tanh(x) * coshm1(x), _REAL, _NEAR),
    Rule(cosh(x) - sinh(x), exp(-x), _REAL, "far from 0 the two terms cancel"),
    Rule(cosh(x) + sinh(x), exp(x), _REAL, "far from 0 the two terms cancel"),
    Rule(1 / tanh(x) - 1, 2 / expm1(2 * x), _REAL, "far from 0 the quotient rounds to 1"),
    Rule(1 / tanh(x) + 1, -2 / expm1(-2 * x), _REAL, "far from 0 the quotient rounds to −1"),
    # what is left of a function without the start of its series
    Rule(expm1(x) - x, expm1_minus_x(x), _REAL, _NEAR),
    Rule(exp(x) - (1 + x), expm1_minus_x(x), _REAL, _NEAR),
    Rule(expm1_minus_x(x) / x**2, phi2(x), _LIMIT, "0/0 is nan at x = 0, and wherever x² underflows"),
    Rule(x - log1p(x), x_minus_log1p(x), "for x > −1", _NEAR),
    Rule(x - sin(x), x_minus_sin(x), _REAL, _NEAR),
    Rule(sinc(x) - 1, sincm1(x), _REAL, "near 0 the quotient rounds to 1"),
    Rule(sinhc(x) - 1, sinhcm1(x), _REAL, "near 0 the quotient rounds to 1"),
    Rule(x_minus_sin(x) / x, -sincm1(x), _LIMIT, _ZERO),
    Rule(sinh_minus_x(x) / x, sinhcm1(x), _LIMIT, _ZERO),
    Rule(x - tan(x), -tan_minus_x(x), _REAL, _NEAR),
    Rule(tan(x) - sin(x), -tan(x) * cosm1(x), _REAL, _NEAR),
    Rule(x - sinh(x), -sinh_minus_x(x), _REAL, _NEAR),
    Rule(x - tanh(x), x_minus_tanh(x), _REAL, _NEAR),
    Rule(x - atan(x), x_minus_atan(x), _REAL, _NEAR),
    Rule(x - asinh(x), x_minus_asinh(x), _REAL, _NEAR),
    Rule(x - atanh(x), -atanh_minus_x(x), "for −1 < x < 1", _NEAR),
    Rule(1 / tanh(x) - 1 / x, langevin(x), _LIMIT, "near 0 two large numbers cancel"),
    Rule(1 / x - 1 / tan(x), reciprocal_minus_cot(x), _LIMIT, "near 0 two large numbers cancel"),
    Rule(1 / x - cos(x) / sin(x), reciprocal_minus_cot(x), _LIMIT, "near 0 two large numbers cancel"),
    # the normal distribution
    Rule(1 - erf(x), erfc(x), _REAL, "erf x rounds to 1"),
    Rule(1 + erf(x), erfc(-x), _REAL, "erf x rounds to −1"),
    Rule(1 - erfc(x), erf(x), _REAL, "near 0 the difference keeps only the rounding of erfc"),
    Rule(1 - ndtr(x), ndtr(-x), _REAL, "Φ(x) rounds to 1"),
    Rule(exp(x * x) * erfc(x), erfcx(x), _REAL, "∞·0 is nan once exp(x²) overflows"),
    Rule(2 - erfc(x), erfc(-x), _REAL, "erfc x rounds to 2, or is lost beside it"),
    Rule(erf(x) + erfc(x), 0 * x + 1, _REAL, "it is not a constant by a rounding"),
)  # fmt: skip
