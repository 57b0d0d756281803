"""Functions f(x)/x with f(0) = 0, at whose removable point 0 every derivative is right, and those derivatives.

f(x)/x = ∫₀¹ f′(tx) dt, so its n-th derivative is ∫₀¹ tⁿ·f⁽ⁿ⁺¹⁾(tx) dt: this near 0. Elsewhere the product rule for
x·(f(x)/x) gives each derivative from the one before: c⁽ⁿ⁾ = (f⁽ⁿ⁾ − n·c⁽ⁿ⁻¹⁾)/x. Beside them the functions with
Bernoulli numbers: x/(eˣ − 1), coth x − 1/x and 1/x − cot x (DLMF 4.19, 4.33, 24.2), and the reciprocals x/f(x): each
has its derivatives from a formula of its own, since −f′/f² leaves the range of floats where they do not.
"""

from __future__ import annotations

import math
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from .quadrature import integral

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FUNCTIONS", "ORDERS", "polynomial", "tower"]

ORDERS = range(1, 9)
"""The orders of derivatives that have a function of floats here; beyond them the table has formulas."""


# --- f(x)/x ----------------------------------------------------------------------------------------------------------


def _quotient(rate: Callable[[int, float], float], low: float, high: float, order: int, x: float) -> float:
    """Derivative of f(x)/x of this order; rate(k, x) is f⁽ᵏ⁾(x); by quadrature within [low, high]."""
    if abs(x) < 1e-100:  # two terms of the Taylor series; among subnormal numbers a sum of twenty would round
        return rate(order + 1, 0.0) / (order + 1) + x * rate(order + 2, 0.0) / (order + 2)
    if order and low <= x <= high:
        return integral(lambda t: float(t**order) * rate(order + 1, t * x))
    value = rate(0, x) / x
    for k in range(1, order + 1):
        value = (rate(k, x) - k * value) / x
    return value


def _sin_rate(k: int, x: float) -> float:
    value = math.cos(x) if k % 2 else math.sin(x)
    return -value if k % 4 > 1 else value


def _sinh_rate(k: int, x: float) -> float:
    return math.cosh(x) if k % 2 else math.sinh(x)


def _log1p_rate(k: int, x: float) -> float:
    return -math.factorial(k - 1) * float((-1.0 / (1.0 + x)) ** k) if k else math.log1p(x)


def _tanh_rate(k: int, x: float) -> float:
    """Each derivative of tanh has the factor sech², which 1 − tanh² would not be right for far out."""
    if k == 0:
        return math.tanh(x)
    e = math.exp(-2 * abs(x))
    quotient = _without_factor(tower(k, (1, 0, -1)))
    return 4 * e / (1 + e) ** 2 * float(polynomial(quotient, math.tanh(x)))


def _tan_rate(k: int, x: float) -> float:
    return _derivative(k, (1, 0, 1), math.tan(x))


@cache
def tower(order: int, rate: tuple[int, int, int]) -> tuple[int, ...]:
    """Coefficients of v's derivative of this order as a polynomial in v, where v′ = rate[0] + rate[1]·v + rate[2]·v².

    >>> tower(2, (1, 0, -1))  # tanh″ = −2·tanh + 2·tanh³
    (0, -2, 0, 2)
    """
    if order == 0:
        return (0, 1)
    inner = [k * coefficient for k, coefficient in enumerate(tower(order - 1, rate))][1:]
    product = [0] * (len(inner) + 2)
    for i, coefficient in enumerate(inner):
        for j, factor in enumerate(rate):
            product[i + j] += coefficient * factor
    return tuple(product)


def polynomial(coefficients: tuple[int, ...], v: Any) -> Any:
    """Σ coefficients[k]·vᵏ, in any number system.

    >>> polynomial((1, 0, -1), 3.0)
    -8.0
    """
    value = 0 * v
    for coefficient in reversed(coefficients):
        value = value * v + coefficient
    return value


def _without_factor(coefficients: tuple[int, ...]) -> tuple[int, ...]:
    """A polynomial in v divided by 1 − v², which divides it."""
    quotient = list(coefficients[:-2])
    for k in range(2, len(quotient)):
        quotient[k] += quotient[k - 2]
    return tuple(quotient)


def _derivative(order: int, rate: tuple[int, int, int], v: float) -> float:
    return float(polynomial(tower(order, rate), v))


def _exprel(order: int, x: float, factor: float = 1.0) -> float:
    """∫₀¹ tⁿ·e^{tx} dt; far out on the right times a factor, with eˣ taken out as two factors against overflow."""
    if order and abs(x) < order + 8:
        return integral(lambda t: float(t**order) * math.exp(t * x)) if x else 1.0 / (order + 1)
    if not order and x < 700:
        return math.expm1(x) / x if x else 1.0
    if x == math.inf:
        return x
    if x < 0:
        value, edge = -math.expm1(x) / -x, math.exp(x)
        for k in range(1, order + 1):
            value = (k * value - edge) / -x
        return value
    value = -math.expm1(-x) / x
    for k in range(1, order + 1):
        value = (1.0 - k * value) / x
    half = math.exp(x / 2)
    return half * (half * (value * factor))


def _sinhc(order: int, x: float) -> float:
    if abs(x) < order + 8:
        return _quotient(_sinh_rate, -math.inf, math.inf, order, x)
    if x < 0:
        return (-1.0) ** order * _sinhc(order, -x)
    if x > 1400:
        return math.inf
    return _exprel(order, x, 0.5) if x > 700 else 0.5 * (_exprel(order, x) + (-1.0) ** order * _exprel(order, -x))


def _log1p_over(order: int, x: float) -> float:
    if x in {-1.0, math.inf}:
        return math.copysign(math.inf if x < 0 else 0.0, (-1) ** order)
    return _quotient(_log1p_rate, -0.75, 3.0, order, x)


# --- with Bernoulli numbers ------------------------------------------------------------------------------------------

_TERMS = 60


@cache
def _bernoulli(m: int) -> float:
    """B_m/m! for even m: by the zeta function, and as fractions where that would not be right to the last digit."""
    known = {0: 1.0, 2: 1 / 12, 4: -1 / 720, 6: 1 / 30240, 8: -1 / 1209600, 10: 1 / 47900160}
    if m in known:
        return known[m]
    zeta = math.fsum(k**-m for k in range(1, 30))
    return (2.0 if m % 4 else -2.0) * zeta / math.tau**m


def _power_series(coefficient: Callable[[int], float], order: int, x: float) -> float:
    """Derivative of this order of Σ coefficient(k)·xᵏ, term by term."""
    value = 0.0
    for k in reversed(range(order, order + _TERMS)):
        value = value * x + math.perm(k, order) * coefficient(k)
    return value


def _expm1_coefficient(k: int) -> float:
    return -0.5 if k == 1 else 0.0 if k % 2 else _bernoulli(k)


def _coth_coefficient(k: int) -> float:
    return _bernoulli(k + 1) * 2.0 ** (k + 1) if k % 2 else 0.0


def _cot_coefficient(k: int) -> float:
    return abs(_coth_coefficient(k))


def _x_over_expm1(order: int, x: float) -> float:
    """x·g with g = 1/(eˣ − 1), g′ = −g − g²: beyond ±3 by the product rule, where its two terms cancel no more."""
    if abs(x) < 3:
        return x / math.expm1(x) if x and not order else _power_series(_expm1_coefficient, order, x)
    if x < 0:  # the function and −x/2 make an even one
        mirrored = _x_over_expm1(order, -x)
        return -x + mirrored if not order else -1.0 - mirrored if order == 1 else (-1.0) ** order * mirrored
    if x > 2000:
        return math.copysign(0.0, (-1) ** order)
    half = math.exp(-x / 2)
    if x > 40:  # g is e⁻ˣ; one product last, lest its factors round among subnormal numbers
        return half * (half * ((-1.0) ** order * (x - order)))
    if not order:
        return x * half * (half / -math.expm1(-x))
    g = half * (half / -math.expm1(-x))
    return x * _derivative(order, (0, -1, -1), g) + order * _derivative(order - 1, (0, -1, -1), g)


def _langevin(order: int, x: float) -> float:
    """Coth x − 1/x; coth x = 1 + 2g with g = 1/(e²ˣ − 1) for x > 0."""
    if abs(x) < 1.5:
        return _power_series(_coth_coefficient, order, x)
    if x < 0:
        return _langevin(order, -x) * (1 if order % 2 else -1)
    g = math.exp(-2 * x) / -math.expm1(-2 * x)
    pole = math.factorial(order) * float((-1 / x) ** (order + 1))
    return (0 if order else 1) + 2.0 ** (order + 1) * _derivative(order, (0, -1, -1), g) + pole


def _bose_less_pole(x: float) -> float:
    """1/(eˣ − 1) − 1/x = −½ + ½·(coth(x/2) − 2/x)."""
    if abs(x) < 3.0:
        return 0.5 * _langevin(0, 0.5 * x) - 0.5
    return (math.exp(-x) / -math.expm1(-x) if x > 0 else 1.0 / math.expm1(x)) - 1.0 / x


def _reciprocal_minus_cot(order: int, x: float) -> float:
    if abs(x) < 1.5:
        return _power_series(_cot_coefficient, order, x)
    pole = -math.factorial(order) * float((-1 / x) ** (order + 1))
    return pole - _derivative(order, (-1, 0, -1), 1 / math.tan(x))


# --- x/f(x) ----------------------------------------------------------------------------------------------------------

_PANELS = ((0.0, 8.0), (8.0, 20.0), (20.0, 45.0))


def _moment(weight: Callable[[float, float], float], x: float) -> float:
    """∫₀¹ weight(t, 1 − t)·e^{tx} dt, over eˣ where x > 0; the weight is a polynomial of one sign.

    Far out what counts is close to the end where e^{tx} is largest, at a distance of s/|x|.
    """
    if abs(x) < 8:
        return integral(lambda t: weight(t, 1.0 - t) * math.exp(t * x - max(x, 0.0)))
    span = abs(x)

    def density(s: float) -> float:
        near, far = s / span, 1.0 - s / span
        return math.exp(-s) * (weight(near, far) if x < 0 else weight(far, near))

    return math.fsum([integral(density, low, min(high, span)) for low, high in _PANELS if low < span]) / span


def _phi2(order: int, x: float) -> float:
    """(eˣ − 1 − x)/x² = ∫₀¹ (1 − t)·e^{tx} dt."""
    if x == math.inf:
        return x
    value = _moment(lambda t, rest: rest * float(t**order), x)
    return math.exp(x / 2) * (math.exp(x / 2) * value) if x > 0 else value


def _x_over_log1p(order: int, x: float) -> float:
    """x/log(1 + x) = ∫₀¹ (1 + x)ᵗ dt; differentiated, the integrand has the factor t·(t − 1)·… of one sign."""
    if math.isinf(x) or (x == -1 and order):
        return (
            math.nan if x == -math.inf else x if not order else math.copysign(math.inf if x < 0 else 0.0, _sign(order))
        )
    rate = math.log1p(x) if x != -1 else -math.inf
    if not order:
        return x / rate if x else 1.0

    def weight(t: float, rest: float) -> float:
        return t * math.prod([-rest, *(t - k for k in range(2, order))][: order - 1])

    power = (1.0 + x) ** (1 - order) if rate > 0 else (1.0 + x) ** -order
    return power * _moment(weight, rate)


def _sign(order: int) -> float:
    """Of the derivative of this order of (1 + x)ᵗ for t between 0 and 1."""
    return 1.0 if order % 2 else -1.0


def _x_over_tanh(order: int, x: float) -> float:
    """x·coth x = x + 2x/(e²ˣ − 1), and x·(coth x − 1/x) + 1."""
    if order == 1 and abs(x) < 1.5:
        return x * _langevin(1, x) + _langevin(0, x)
    if x < 0:
        return (-1.0) ** order * _x_over_tanh(order, -x)
    return (x, 1.0, 0.0)[min(order, 2)] + 2.0**order * _x_over_expm1(order, 2 * x)


def _sinh_coefficient(k: int) -> float:
    return _expm1_coefficient(k) * (2.0 - 2.0**k) if k % 2 == 0 else 0.0


def _x_over_sinh(order: int, x: float) -> float:
    """x/sinh x = 2·x/(eˣ − 1) − 2x/(e²ˣ − 1)."""
    if abs(x) < 1.5:
        return x / math.sinh(x) if x and not order else _power_series(_sinh_coefficient, order, x)
    if x < 0:
        return (-1.0) ** order * _x_over_sinh(order, -x)
    return 2.0 * _x_over_expm1(order, x) - 2.0**order * _x_over_expm1(order, 2 * x)


def _x_cot_coefficient(k: int) -> float:
    return -_cot_coefficient(k - 1) if k else 1.0


def _x_over_tan(order: int, x: float) -> float:
    if not order:
        return x / math.tan(x) if x else 1.0
    if abs(x) < 1.5:
        return _power_series(_x_cot_coefficient, order, x)
    cot = 1.0 / math.tan(x)
    return x * _derivative(order, (-1, 0, -1), cot) + order * _derivative(order - 1, (-1, 0, -1), cot)


@cache
def _csc_factor(order: int) -> tuple[int, ...]:
    """The derivative of 1/sin x of this order over 1/sin x, as a polynomial in cot x.

    >>> _csc_factor(2)  # 1 + 2·cot²
    (1, 0, 2)
    """
    if order == 0:
        return (1,)
    before = _csc_factor(order - 1)
    after = [0] * (len(before) + 1)
    for k, coefficient in enumerate(before):
        after[k + 1] -= (k + 1) * coefficient
        if k:
            after[k - 1] -= k * coefficient
    return tuple(after)


def _x_over_sin(order: int, x: float) -> float:
    if not order:
        return x / math.sin(x) if x else 1.0
    if abs(x) < 1.5:
        return _power_series(lambda k: abs(_sinh_coefficient(k)), order, x)
    cot = 1.0 / math.tan(x)
    first, second = (float(polynomial(_csc_factor(n), cot)) for n in (order, order - 1))
    return (x * first + order * second) / math.sin(x)


_BY_ORDER: Mapping[str, Callable[[int, float], float]] = {
    "exprel": _exprel,
    "log1p_over": _log1p_over,
    "sinc": partial(_quotient, _sin_rate, -10.0, 10.0),
    "sinhc": _sinhc,
    "tanhc": partial(_quotient, _tanh_rate, -2.0, 2.0),
    "tanc": partial(_quotient, _tan_rate, -1.0, 1.0),
    "x_over_expm1": _x_over_expm1,
    "langevin": _langevin,
    "reciprocal_minus_cot": _reciprocal_minus_cot,
    "phi2": _phi2,
    "x_over_log1p": _x_over_log1p,
    "x_over_sin": _x_over_sin,
    "x_over_sinh": _x_over_sinh,
    "x_over_tan": _x_over_tan,
    "x_over_tanh": _x_over_tanh,
}

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "bose_less_pole": _bose_less_pole,
    **{name: partial(function, 0) for name, function in _BY_ORDER.items() if name != "sinc"},  # it has a body
    **{
        f"{name}_derivative_{order}": partial(function, order)
        for name, function in _BY_ORDER.items()
        for order in ORDERS
    },
}
