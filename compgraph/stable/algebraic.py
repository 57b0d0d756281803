"""Ops of logarithms and powers: of products, quotients and sums whose typed form cancels or leaves the range.

Each group is closed under differentiation: the slope of (v + d)ⁿ − vⁿ in v is n times the same with n − 1, and that of
log(v + d) − log v is the same with n = −1.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..declaration import family, op
from ..ops import (
    abs,
    contribution,
    div,
    equal,
    exp,
    expm1,
    greater,
    greater_equal,
    less,
    log,
    log1p,
    maximum,
    minimum,
    pow,
    power_gap,
    power_rate,
    power_slope,
    where,
)
from ..record import ATOM, POWER, PRODUCT, REAL, SUM, Interval, Kink
from .series import x_minus_log1p

# Ruff's A004: the ops have the names of the functions they are, abs and pow among them.

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..record import Op

__all__ = [
    "compound", "compound_interest", "compound_m1", "compound_slope", "log1p_quotient", "log_difference",
    "log_increment", "log_product", "log_quotient", "log_sum", "parallel", "pow_increment", "powm1",
    "real_power", "share",
]  # fmt: skip

_inf, _nan = math.inf, math.nan
_POSITIVE, _NOT_NEGATIVE, _FROM_MINUS_1 = (Interval(0.0, _inf), Interval(0.0, _inf, closed=True),
                                           Interval(-1.0, _inf, closed=True))  # fmt: skip

# Used by statements above their own: a type checker must know them by then.
compound_slope: Op
pow_increment: Op
share: Op


# --- logarithms ----------------------------------------------------------------------------------------------------


def product(*x: Any) -> Any:
    """x1·x2·…, in any number system; 1 of none."""
    answer, *rest = x or (1.0,)
    for factor in rest:
        answer = answer * factor
    return answer


def _log_sum(*x: Any) -> Any:
    answer, *rest = map(log, x)
    for term in rest:
        answer = answer + term
    return answer


def _log_quotient(x: Any, y: Any) -> Any:
    near = less(abs(x - y), abs(y) / 2)
    return where(near, log1p(div(x - y, y)), log(div(x, y)))


def _reciprocal(index: int) -> Callable[..., Any]:
    return lambda y, *x: 1 / x[index]


def joined(sign: str, form: str = "{}") -> Callable[[int], str]:
    """Function of a number of places that joins them: ``joined("·")(2)`` is {0}·{1}."""
    return lambda arity: form.format(sign.join(f"{{{index}}}" for index in range(arity)))


def factors(arity: int) -> tuple[int, ...]:
    """How tightly the factors of a product bind."""
    return (PRODUCT, *(PRODUCT + 1,) * (arity - 1))


log_product = family(
    "log_product",
    _reciprocal,
    native="log_product",
    body=lambda *x: log(product(*x)),
    internal=True,
    needs=factors,
    text=joined("·", "log({})"),
    latex=joined(r" \cdot ", r"\log\left({}\right)"),
    doc="log(x1·x2·…): right where the product is near 1 or out of the range; −∞ at 0, nan where it is negative.",
)

log_sum = family(
    "log_sum",
    _reciprocal,
    native="log_sum",
    body=_log_sum,
    internal=True,
    precedence=SUM,
    text=lambda arity: " + ".join(f"log({{{index}}})" for index in range(arity)),
    latex=lambda arity: " + ".join(rf"\log\left({{{index}}}\right)" for index in range(arity)),
    doc="log x1 + log x2 + …, as one logarithm of the product; nan where any argument is negative.",
)

log_quotient = op(
    "log_quotient",
    lambda y, u, v: 1 / u,
    lambda y, u, v: -1 / v,
    native="log_quotient",
    body=_log_quotient,
    definition=lambda u, v: log(u / v),
    domain=_POSITIVE,
    internal=True,
    monotone=(+1, -1),
    text="log({0}/{1})",
    latex=r"\log\left(\frac{{{0}}}{{{1}}}\right)",
    needs=(PRODUCT, PRODUCT + 1),
    doc="log(u/v): right where the quotient is near 1 or out of the range; nan where it is negative.",
)

log_difference = op(
    "log_difference",
    lambda y, u, v: 1 / u,
    lambda y, u, v: -1 / v,
    native="log_difference",
    body=lambda u, v: where(less(minimum(u, v), 0.0), _nan, log_quotient(u, v)),
    definition=lambda u, v: log(u) - log(v),
    domain=_POSITIVE,
    internal=True,
    monotone=(+1, -1),
    text="log({0}) − log({1})",
    latex=r"\log\left({0}\right) - \log\left({1}\right)",
    precedence=SUM,
    doc="log u − log v, as one logarithm of the quotient; nan where u or v is negative.",
)

log_increment = op(
    "log_increment",
    lambda y, d, v: 1 / (v + d),
    lambda y, d, v: pow_increment(d, v, -1.0),
    native="log_increment",
    body=lambda d, v: where(greater(v, 0.0), log1p(div(d, v)), log(v + d) - log(v)),
    definition=lambda d, v: log(v + d) - log(v),
    domain=[REAL, _POSITIVE],
    internal=True,
    text="log({1} + {0}) − log({1})",
    precedence=SUM,
    latex=r"\log\left({1} + {0}\right) - \log\left({1}\right)",
    doc="log(v + d) − log v = log1p(d/v); nan unless v ≥ 0 and v + d ≥ 0.",
)

log1p_quotient = op(
    "log1p_quotient",
    lambda y, d, v: 1 / (v + d),
    lambda y, d, v: pow_increment(d, v, -1.0),
    native="log1p_quotient",
    body=lambda d, v: log1p(div(d, v)),
    definition=lambda d, v: log(1 + d / v),
    internal=True,
    kinks=(Kink("log(1 + d/v) at v = 0 and at v + d = 0", lambda d, v: contribution(v, v + d)),),
    text="log(1 + {0}/{1})",
    latex=r"\log\left(1 + \frac{{{0}}}{{{1}}}\right)",
    needs=(PRODUCT, PRODUCT + 1),
    doc="log(1 + d/v), for v and v + d of one sign: its slope in v is a difference of reciprocals.",
)

# --- powers --------------------------------------------------------------------------------------------------------


def _less_1(base: Any, power: Any, growth: Any) -> Any:
    """base**power − 1 with growth = power·log(base)."""
    return where(less(abs(growth), 0.7), expm1(growth), pow(base, power) - 1)


def _pow_increment(d: Any, v: Any, n: Any) -> Any:
    growth = n * log1p(div(d, v))
    return where(less(abs(growth), 0.7), pow(v, n) * expm1(growth), pow(v + d, n) - pow(v, n))


def _increment_rate(y: Any, d: Any, v: Any, n: Any) -> Any:
    """(v + d)ⁿ·log(v + d) − vⁿ·log v: as it stands, unless the powers are close, or vⁿ ≥ 1 may be ∞.

    Then y·log v + (v + d)ⁿ·log((v + d)/v), of which, for vⁿ ≥ 1, both terms have one sign.
    """
    ratio = log_increment(d, v)
    merged = contribution(y, log(v)) + contribution(pow(v + d, n), ratio)
    apart = power_rate(v + d, n) - power_rate(v, n)
    return where(maximum(less(abs(n * ratio), 0.7), greater_equal(n * log(v), 0.0)), merged, apart)


def _interest_rate(r: Any, n: Any) -> Any:
    """log(1 + r/n) − r/(n + r)."""
    share = div(r, n + r)
    return where(less(abs(r), abs(n)), x_minus_log1p(-share), log_increment(r, n) - share)


compound = op(
    "compound",
    lambda y, x, n: compound_slope(x, n),
    lambda y, x, n: contribution(y, log1p(x)),
    native="compound",
    body=lambda x, n: pow(1 + x, n),
    domain=[_FROM_MINUS_1, REAL],
    text="(1 + {0})^{1}",
    textbook=(lambda y, x, n: n * (1 + x) ** (n - 1), lambda y, x, n: y * log1p(x)),
    latex=r"\left(1 + {0}\right)^{{{1}}}",
    precedence=POWER,
    needs=(SUM + 1, ATOM),
    kinks=(Kink("(1 + x)ⁿ at x = −1: as 0ⁿ", lambda x, n: power_gap(1 + x, n)),),
    doc="compound(x, n) = (1 + x)ⁿ, for x ≥ −1, and below where n is whole; 1 + x is not rounded (IEEE 754's "
    "compound).",
)

compound_slope = op(
    "compound_slope",
    lambda y, x, n: contribution(n, compound_slope(x, n - 1)),
    lambda y, x, n: contribution(compound(x, n - 1), 1 + contribution(n, log1p(x))),
    native="compound_slope",
    body=lambda x, n: contribution(n, pow(1 + x, n - 1)),
    definition=lambda x, n: n * pow(1 + x, n - 1),
    domain=[_FROM_MINUS_1, REAL],
    kinks=(Kink("n·(1 + x)ⁿ⁻¹ at x = −1: as 0ⁿ⁻¹", lambda x, n: power_gap(1 + x, n - 1)),),
    text="{1}·(1 + {0})^({1} − 1)",
    latex=r"{1} \left(1 + {0}\right)^{{{1} - 1}}",
    precedence=PRODUCT,
    needs=(SUM + 1, ATOM),
    internal=True,
    doc="Derivative of (1 + x)ⁿ in x: n·(1 + x)ⁿ⁻¹.",
)

compound_m1 = op(
    "compound_m1",
    lambda y, x, n: compound_slope(x, n),
    lambda y, x, n: contribution(compound(x, n), log1p(x)),
    native="compound_m1",
    body=lambda x, n: _less_1(1 + x, n, n * log1p(x)),
    definition=lambda x, n: pow(1 + x, n) - 1,
    domain=[_FROM_MINUS_1, REAL],
    text="(1 + {0})^{1} − 1",
    latex=r"\left(1 + {0}\right)^{{{1}}} - 1",
    precedence=SUM,
    needs=(SUM + 1, ATOM),
    internal=True,
    kinks=(Kink("(1 + x)ⁿ − 1 at x = −1: as 0ⁿ", lambda x, n: power_gap(1 + x, n)),),
    doc="(1 + x)ⁿ − 1, right near 0 too.",
)

compound_interest = op(
    "compound_interest",
    lambda y, r, n: contribution(y, div(n, n + r)),
    lambda y, r, n: contribution(y, _interest_rate(r, n)),
    native="compound_interest",
    body=lambda r, n: pow(1 + div(r, n), n),
    domain=[REAL, _NOT_NEGATIVE],
    internal=True,
    kinks=(Kink("(1 + r/n)ⁿ = 1 at n = 0", lambda r, n: contribution(n, n + r)),),
    text="(1 + {0}/{1})^{1}",
    latex=r"\left(1 + \frac{{{0}}}{{{1}}}\right)^{{{1}}}",
    precedence=POWER,
    needs=(PRODUCT, ATOM),
    doc="(1 + r/n)ⁿ, near eʳ for large n: 1 + r/n is not rounded, nor is its slope in n a "
    "difference of large numbers. 1 at n = 0.",
)

powm1 = op(
    "powm1",
    lambda y, u, v: power_slope(u, v),
    lambda y, u, v: power_rate(u, v),
    native="powm1",
    textbook=(lambda y, u, v: v * u ** (v - 1), lambda y, u, v: u**v * log(u)),
    body=lambda u, v: _less_1(u, v, v * log(u)),
    definition=lambda u, v: pow(u, v) - 1,
    domain=[_NOT_NEGATIVE, REAL],
    text="{0}^{1} − 1",
    latex="{0}^{{{1}}} - 1",
    precedence=SUM,
    needs=(ATOM, ATOM),
    kinks=(Kink("powm1 at 0: as pow", power_gap),),
    doc="powm1(u, v) = u^v − 1, right near 0 too; nan for u < 0 unless v is whole (Boost's powm1).",
)

real_power = op(
    "real_power",
    lambda y, u, v: where(less(u, 0.0), _nan, power_slope(u, v)),
    lambda y, u, v: where(less(u, 0.0), _nan, power_rate(u, v)),
    native="real_power",
    body=lambda u, v: where(less(u, 0.0), _nan, pow(u, v)),
    definition=lambda u, v: exp(v * log(u)),
    domain=[_NOT_NEGATIVE, REAL],
    internal=True,
    text="{0}^{1}",
    latex="{0}^{{{1}}}",
    precedence=POWER,
    needs=(ATOM, ATOM),
    kinks=(Kink("u^v at u = 0: 0 or ∞, and 1 for v = 0", lambda u, v: u),),
    doc="e^(v·log u) = u^v, for u ≥ 0; nan for u < 0.",
)

pow_increment = op(
    "pow_increment",
    lambda y, d, v, n: power_slope(v + d, n),
    lambda y, d, v, n: contribution(n, pow_increment(d, v, n - 1)),
    _increment_rate,
    native="pow_increment",
    body=_pow_increment,
    domain=[REAL, _NOT_NEGATIVE, REAL],
    internal=True,
    definition=lambda d, v, n: pow(v + d, n) - pow(v, n),
    text="({1} + {0})^{2} − {1}^{2}",
    latex=r"\left({1} + {0}\right)^{{{2}}} - {1}^{{{2}}}",
    precedence=SUM,
    needs=(SUM + 1, ATOM, ATOM),
    kinks=(
        Kink("(v + d)ⁿ − vⁿ at v = 0 and at v + d = 0: as 0ⁿ", lambda d, v, n: power_gap(v, n) * power_gap(v + d, n)),
    ),
    doc="(v + d)ⁿ − vⁿ, right where d is small too; for v < 0 where n is whole. n = −1: a difference of "
    "reciprocals; n = ½: of roots; n = 2: of squares.",
)

# --- parts of a sum ------------------------------------------------------------------------------------------------


def _share(x: Any, z: Any) -> Any:
    """x/(x + z) by the quotient of the smaller by the larger; at x + z = 0 the pole that has the sign of x."""
    ratio = where(less(abs(x), abs(z)), div(x, z), div(z, x))
    of_parts = div(where(less(abs(x), abs(z)), ratio, 1.0), 1 + ratio)
    return where(equal(x + z, 0.0), div(x, x + z), of_parts)


share = op(
    "share",
    lambda y, x, z: share(z, x) / (x + z),
    lambda y, x, z: -y / (x + z),
    native="share",
    body=_share,
    definition=lambda x, z: x / (x + z),
    textbook=(lambda y, x, z: z / (x + z) ** 2, lambda y, x, z: -x / (x + z) ** 2),
    internal=True,
    kinks=(Kink("x/(x + z) at x + z = 0", lambda x, z: x + z),),
    text="{0}/({0} + {1})",
    latex=r"\frac{{{0}}}{{{0} + {1}}}",
    precedence=PRODUCT,
    needs=(SUM + 1, SUM + 1),
    doc="x/(x + z), and its slope z/(x + z)² without the difference 1/(x + z) − x/(x + z)².",
)

parallel = op(
    "parallel",
    lambda y, u, v: share(v, u) * share(v, u),
    lambda y, u, v: share(u, v) * share(u, v),
    native="parallel",
    body=lambda u, v: where(less(abs(u), abs(v)), u * share(v, u), v * share(u, v)),
    definition=lambda u, v: u * v / (u + v),
    commutative=True,
    internal=True,
    kinks=(Kink("u·v/(u + v) at u + v = 0", lambda u, v: u + v),),
    text="{0}·{1}/({0} + {1})",
    latex=r"\frac{{{0} \cdot {1}}}{{{0} + {1}}}",
    precedence=PRODUCT,
    needs=(SUM + 1, SUM + 1),
    doc="1/(1/u + 1/v) = u·v/(u + v): two resistors side by side, half the harmonic mean; 0 where u or v is 0.",
)
