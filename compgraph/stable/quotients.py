"""Quotients with a removable point at 0, each with its derivatives of every order: (eˣ − 1)/x, sinh x/x, x/(eˣ − 1), ….

The derivatives of f(x)/x are ops of their own, so that each is right at 0 as well. Formulas: DLMF 4.19, 4.33 (power
series), 24.2 (Bernoulli numbers).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..declaration import derivatives, op
from ..kernels.quotients import polynomial, tower
from ..ops import (
    cos,
    cosh,
    equal,
    exp,
    expm1,
    log,
    log1p,
    quotient_body,
    quotient_definition,
    sin,
    sinh,
    tan,
    tanh,
    where,
)
from ..record import PRODUCT, REAL, SUM, Interval

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..record import Derivatives

__all__ = [
    "bose_less_pole",
    "exprel", "exprel_derivative", "langevin", "langevin_derivative", "log1p_over", "log1p_over_derivative", "phi2",
    "phi2_derivative", "reciprocal_minus_cot", "reciprocal_minus_cot_derivative", "sinhc", "sinhc_derivative", "tanc",
    "tanc_derivative", "tanhc", "tanhc_derivative", "x_over_expm1", "x_over_expm1_derivative", "x_over_log1p",
    "x_over_log1p_derivative", "x_over_sin", "x_over_sin_derivative", "x_over_sinh", "x_over_sinh_derivative",
    "x_over_tan", "x_over_tan_derivative", "x_over_tanh", "x_over_tanh_derivative",
]  # fmt: skip

# Used by statements above their own: a type checker must know them by then.
exprel_derivative: Derivatives
langevin_derivative: Derivatives
log1p_over_derivative: Derivatives
reciprocal_minus_cot_derivative: Derivatives
sinhc_derivative: Derivatives
tanc_derivative: Derivatives
tanhc_derivative: Derivatives
x_over_expm1_derivative: Derivatives
phi2_derivative: Derivatives
x_over_log1p_derivative: Derivatives
x_over_sin_derivative: Derivatives
x_over_sinh_derivative: Derivatives
x_over_tan_derivative: Derivatives
x_over_tanh_derivative: Derivatives

_ABOVE_MINUS_ONE = Interval(-1.0, math.inf)


# --- f(x)/x, and 1 at 0 ----------------------------------------------------------------------------------------------


def _rates(base: Callable[[Any], Any], rate: tuple[int, int, int]) -> Callable[[int, Any], Any]:
    """Function of (k, x): the k-th derivative of v = base(x), where v′ = rate[0] + rate[1]·v + rate[2]·v²."""

    def nth(k: int, x: Any) -> Any:
        return polynomial(tower(k, rate), base(x))

    return nth


def _expm1_rate(k: int, x: Any) -> Any:
    return exp(x) if k else expm1(x)


def _log1p_rate(k: int, x: Any) -> Any:
    return (-1) ** (k - 1) * math.factorial(k - 1) / (1 + x) ** k if k else log1p(x)


def _sin_rate(k: int, x: Any) -> Any:
    return (sin(x), cos(x), -sin(x), -cos(x))[k % 4]


def _sinh_rate(k: int, x: Any) -> Any:
    return cosh(x) if k % 2 else sinh(x)


_tanh_rate, _tan_rate = _rates(tanh, (1, 0, -1)), _rates(tan, (1, 0, 1))

exprel = op(
    "exprel",
    lambda y, x: exprel_derivative.of(1)(x),
    native="exprel",
    body=quotient_body(_expm1_rate)(0),
    definition=lambda x: (exp(x) - 1) / x,
    textbook=(lambda y, x: (exp(x) - y) / x,),
    monotone=(+1,),
    doc="exprel(x) = (eˣ − 1)/x, and 1 at x = 0 (SciPy's name).",
)
exprel_derivative = derivatives("exprel", quotient_body(_expm1_rate), quotient_definition(_expm1_rate))

log1p_over = op(
    "log1p_over",
    lambda y, x: log1p_over_derivative.of(1)(x),
    native="log1p_over",
    body=quotient_body(_log1p_rate)(0),
    definition=lambda x: log(1 + x) / x,
    textbook=(lambda y, x: (1 / (1 + x) - y) / x,),
    monotone=(-1,),
    domain=_ABOVE_MINUS_ONE,
    text="log1p({0})/{0}",
    latex=r"\frac{{\operatorname{{log1p}}\left({0}\right)}}{{{0}}}",
    precedence=PRODUCT,
    needs=(PRODUCT + 1,),
    internal=True,
    doc="log(1 + x)/x, and 1 at x = 0.",
)
log1p_over_derivative = derivatives(
    "log1p_over", quotient_body(_log1p_rate), quotient_definition(_log1p_rate), _ABOVE_MINUS_ONE
)

sinhc = op(
    "sinhc",
    lambda y, x: sinhc_derivative.of(1)(x),
    native="sinhc",
    body=quotient_body(_sinh_rate)(0),
    even=True,
    definition=lambda x: sinh(x) / x,
    textbook=(lambda y, x: (cosh(x) - y) / x,),
    internal=True,
    doc="sinhc(x) = sinh(x)/x, and 1 at x = 0.",
)
sinhc_derivative = derivatives("sinhc", quotient_body(_sinh_rate), quotient_definition(_sinh_rate))

tanhc = op(
    "tanhc",
    lambda y, x: tanhc_derivative.of(1)(x),
    native="tanhc",
    body=quotient_body(_tanh_rate)(0),
    even=True,
    definition=lambda x: tanh(x) / x,
    textbook=(lambda y, x: (1 - tanh(x) ** 2 - y) / x,),
    internal=True,
    doc="tanhc(x) = tanh(x)/x, and 1 at x = 0.",
)
tanhc_derivative = derivatives("tanhc", quotient_body(_tanh_rate), quotient_definition(_tanh_rate))

tanc = op(
    "tanc",
    lambda y, x: tanc_derivative.of(1)(x),
    native="tanc",
    body=quotient_body(_tan_rate)(0),
    even=True,
    definition=lambda x: tan(x) / x,
    textbook=(lambda y, x: (1 + tan(x) ** 2 - y) / x,),
    internal=True,
    doc="tanc(x) = tan(x)/x, and 1 at x = 0.",
)
tanc_derivative = derivatives("tanc", quotient_body(_tan_rate), quotient_definition(_tan_rate))


# --- with Bernoulli numbers ------------------------------------------------------------------------------------------


def _at_0(
    taylor: Callable[[int], tuple[int, int]], formula: Callable[[int], Callable[[Any], Any]]
) -> Callable[[int], Callable[[Any], Any]]:
    """Function of n: a formula's n-th, with the first two terms of its Taylor series at its removable point 0.

    taylor(k) is the function's k-th derivative at 0, as (numerator, denominator).
    """

    def body(order: int) -> Callable[[Any], Any]:
        def total(x: Any) -> Any:
            (p, q), (r, s) = taylor(order), taylor(order + 1)
            near = (p + 0 * x) / q + x * r / s
            return where(equal(x, 0.0), near, formula(order)(where(equal(x, 0.0), 1.0, x)))

        return total

    return body


def _bernoulli(n: int) -> tuple[int, int]:
    """The Bernoulli number B_n, with B_1 = −½, as (numerator, denominator)."""
    from fractions import Fraction

    numbers: list[Fraction] = []
    for m in range(n + 1):
        numbers.append(Fraction(m == 0) - sum(math.comb(m, k) * b / (m - k + 1) for k, b in enumerate(numbers)))
    return numbers[n].numerator, numbers[n].denominator


def _odd_bernoulli(sign: int) -> Callable[[int], tuple[int, int]]:
    """Derivatives at 0 of Σ B_m·2ᵐ·x^{m−1}/m! over even m ≥ 2; of Σ |B_m|… for sign −1."""

    def taylor(n: int) -> tuple[int, int]:
        if n % 2 == 0:
            return 0, 1
        p, q = _bernoulli(n + 1)
        return (p if sign > 0 or p > 0 else -p) * 2 ** (n + 1), q * (n + 1)

    return taylor


_g_rate = _rates(lambda x: 1 / expm1(x), (0, -1, -1))
_coth_rate = _rates(lambda x: 1 / tanh(x), (1, 0, -1))
_cot_rate = _rates(lambda x: 1 / tan(x), (-1, 0, -1))


def _x_over_expm1_formula(n: int) -> Callable[[Any], Any]:
    return lambda x: x * _g_rate(n, x) + n * _g_rate(n - 1, x) if n else x / expm1(x)


def _pole(n: int, x: Any) -> Any:
    """n-th derivative of 1/x."""
    return (-1) ** n * math.factorial(n) / x ** (n + 1)


def _langevin_formula(n: int) -> Callable[[Any], Any]:
    return lambda x: _coth_rate(n, x) - _pole(n, x)


def _reciprocal_minus_cot_formula(n: int) -> Callable[[Any], Any]:
    return lambda x: _pole(n, x) - _cot_rate(n, x)


_x_over_expm1_body = _at_0(_bernoulli, _x_over_expm1_formula)
_langevin_body = _at_0(_odd_bernoulli(+1), _langevin_formula)
_reciprocal_minus_cot_body = _at_0(_odd_bernoulli(-1), _reciprocal_minus_cot_formula)

x_over_expm1 = op(
    "x_over_expm1",
    lambda y, x: x_over_expm1_derivative.of(1)(x),
    native="x_over_expm1",
    body=_x_over_expm1_body(0),
    definition=lambda x: x / (exp(x) - 1),
    textbook=(lambda y, x: (1 - y * exp(x)) / (exp(x) - 1),),
    monotone=(-1,),
    text="{0}/expm1({0})",
    latex=r"\frac{{{0}}}{{e^{{{0}}} - 1}}",
    precedence=PRODUCT,
    needs=(PRODUCT + 1,),
    internal=True,
    doc="x/(eˣ − 1), and 1 at x = 0: the Bernoulli function.",
)
x_over_expm1_derivative = derivatives("x_over_expm1", _x_over_expm1_body, _x_over_expm1_formula)

langevin = op(
    "langevin",
    lambda y, x: langevin_derivative.of(1)(x),
    native="langevin",
    body=_langevin_body(0),
    monotone=(+1,),
    definition=lambda x: 1 / tanh(x) - 1 / x,
    text="coth({0}) − 1/{0}",
    needs=(PRODUCT + 1,),
    precedence=SUM,
    textbook=(lambda y, x: 1 / x**2 - 1 / sinh(x) ** 2,),
    latex=r"\coth\left({0}\right) - \frac{{1}}{{{0}}}",
    internal=True,
    doc="coth x − 1/x, and 0 at x = 0: the Langevin function.",
)
langevin_derivative = derivatives("langevin", _langevin_body, _langevin_formula)

bose_less_pole = op(
    "bose_less_pole",
    lambda y, x: langevin_derivative.of(1)(x / 2) / 4,
    native="bose_less_pole",
    body=lambda x: langevin(x / 2) / 2 - 0.5,
    monotone=(+1,),
    definition=lambda x: 1 / (exp(x) - 1) - 1 / x,
    internal=True,
    doc="1/(eˣ − 1) − 1/x, and −½ at x = 0: the function of Bose and Einstein without its pole.",
)

reciprocal_minus_cot = op(
    "reciprocal_minus_cot",
    lambda y, x: reciprocal_minus_cot_derivative.of(1)(x),
    native="reciprocal_minus_cot",
    body=_reciprocal_minus_cot_body(0),
    definition=lambda x: 1 / x - 1 / tan(x),
    text="1/{0} − cot({0})",
    textbook=(lambda y, x: 1 / sin(x) ** 2 - 1 / x**2,),
    latex=r"\frac{{1}}{{{0}}} - \cot\left({0}\right)",
    needs=(PRODUCT + 1,),
    precedence=SUM,
    internal=True,
    doc="1/x − cot x, and 0 at x = 0.",
)
reciprocal_minus_cot_derivative = derivatives(
    "reciprocal_minus_cot", _reciprocal_minus_cot_body, _reciprocal_minus_cot_formula
)


# --- x/f(x), and 1 at 0 ----------------------------------------------------------------------------------------------


def _reciprocal(
    quotient: Callable[[int], Callable[[Any], Any]],
) -> Callable[[int], Callable[[Any], Any]]:
    """Function of n: the n-th derivative of r = 1/q, by Leibniz's rule for r·q = 1; quotient(k) is q's k-th."""

    def nth(order: int) -> Callable[[Any], Any]:
        def formula(x: Any) -> Any:
            rates = [quotient(k)(x) for k in range(order + 1)]
            values = [1 / rates[0]]
            for n in range(1, order + 1):
                values.append(-values[0] * sum(math.comb(n, k) * values[k] * rates[n - k] for k in range(n)))
            return values[order]

        return formula

    return nth


def _chain(name: str, rate: Callable[[int, Any], Any], domain: Interval = REAL) -> Derivatives:
    """The derivatives of x/f(x), where rate(k, x) is f⁽ᵏ⁾(x)."""
    return derivatives(name, _reciprocal(quotient_body(rate)), _reciprocal(quotient_definition(rate)), domain)


def _phi2_rate(k: int, x: Any) -> Any:
    return exprel_derivative.of(k)(x) if k else exprel(x) - 1


phi2 = op(
    "phi2",
    lambda y, x: phi2_derivative.of(1)(x),
    native="phi2",
    body=quotient_body(_phi2_rate)(0),
    definition=lambda x: (exp(x) - 1 - x) / x**2,
    textbook=(lambda y, x: (exp(x) - 1 - 2 * x * y) / x**2,),
    monotone=(+1,),
    text="φ₂({0})",
    latex=r"\varphi_2\left({0}\right)",
    internal=True,
    doc="φ₂(x) = (eˣ − 1 − x)/x², and ½ at x = 0: the second φ-function of exponential integrators.",
)
phi2_derivative = derivatives("phi2", quotient_body(_phi2_rate), quotient_definition(_phi2_rate))

x_over_log1p = op(
    "x_over_log1p",
    lambda y, x: x_over_log1p_derivative.of(1)(x),
    native="x_over_log1p",
    body=_reciprocal(quotient_body(_log1p_rate))(0),
    definition=lambda x: x / log(1 + x),
    textbook=(lambda y, x: (1 - y / (1 + x)) / log(1 + x),),
    monotone=(+1,),
    domain=Interval(-1.0, math.inf, closed=True),
    text="{0}/log1p({0})",
    latex=r"\frac{{{0}}}{{\operatorname{{log1p}}\left({0}\right)}}",
    precedence=PRODUCT,
    needs=(PRODUCT + 1,),
    internal=True,
    doc="x/log(1 + x), and 1 at x = 0.",
)
x_over_log1p_derivative = _chain("x_over_log1p", _log1p_rate, _ABOVE_MINUS_ONE)

x_over_sinh = op(
    "x_over_sinh",
    lambda y, x: x_over_sinh_derivative.of(1)(x),
    native="x_over_sinh",
    body=_reciprocal(quotient_body(_sinh_rate))(0),
    definition=lambda x: x / sinh(x),
    textbook=(lambda y, x: (1 - y * cosh(x)) / sinh(x),),
    even=True,
    text="{0}/sinh({0})",
    latex=r"\frac{{{0}}}{{\sinh\left({0}\right)}}",
    precedence=PRODUCT,
    needs=(PRODUCT + 1,),
    internal=True,
    doc="x/sinh x, and 1 at x = 0.",
)
x_over_sinh_derivative = _chain("x_over_sinh", _sinh_rate)

x_over_tanh = op(
    "x_over_tanh",
    lambda y, x: x_over_tanh_derivative.of(1)(x),
    native="x_over_tanh",
    body=_reciprocal(quotient_body(_tanh_rate))(0),
    definition=lambda x: x / tanh(x),
    textbook=(lambda y, x: 1 / tanh(x) - x / sinh(x) ** 2,),
    even=True,
    text="{0}/tanh({0})",
    latex=r"\frac{{{0}}}{{\tanh\left({0}\right)}}",
    precedence=PRODUCT,
    needs=(PRODUCT + 1,),
    internal=True,
    doc="x/tanh x, and 1 at x = 0.",
)
x_over_tanh_derivative = _chain("x_over_tanh", _tanh_rate)

x_over_sin = op(
    "x_over_sin",
    lambda y, x: x_over_sin_derivative.of(1)(x),
    native="x_over_sin",
    body=_reciprocal(quotient_body(_sin_rate))(0),
    definition=lambda x: x / sin(x),
    textbook=(lambda y, x: (1 - y * cos(x)) / sin(x),),
    even=True,
    text="{0}/sin({0})",
    latex=r"\frac{{{0}}}{{\sin\left({0}\right)}}",
    precedence=PRODUCT,
    needs=(PRODUCT + 1,),
    internal=True,
    doc="x/sin x, and 1 at x = 0.",
)
x_over_sin_derivative = _chain("x_over_sin", _sin_rate)

x_over_tan = op(
    "x_over_tan",
    lambda y, x: x_over_tan_derivative.of(1)(x),
    native="x_over_tan",
    body=_reciprocal(quotient_body(_tan_rate))(0),
    definition=lambda x: x / tan(x),
    textbook=(lambda y, x: 1 / tan(x) - x / sin(x) ** 2,),
    even=True,
    text="{0}/tan({0})",
    latex=r"\frac{{{0}}}{{\tan\left({0}\right)}}",
    precedence=PRODUCT,
    needs=(PRODUCT + 1,),
    internal=True,
    doc="x/tan x, and 1 at x = 0.",
)
x_over_tan_derivative = _chain("x_over_tan", _tan_rate)
