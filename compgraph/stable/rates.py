"""Ops of rates and divergences: growth over its rate, Box and Cox's transform, a logarithm less its tangent.

Each is 0/0 somewhere, or loses a small difference of large terms, where it is typed; so do its slopes.
"""

from __future__ import annotations

import math
from typing import Any

from ..declaration import op
from ..ops import abs, contribution, div, less, log, log1p, pow, where
from ..record import ATOM, PRODUCT, REAL, SUM, Interval, Kink
from .algebraic import (
    compound,
    compound_m1,
    compound_slope,
    log1p_quotient,
    log_quotient,
    share,
)
from .quotients import (
    exprel,
    exprel_derivative,
    log1p_over,
    log1p_over_derivative,
    x_over_log1p,
    x_over_log1p_derivative,
)
from .series import x_minus_log1p

# Ruff's A004: the ops have the names of the functions they are, abs and pow among them.

__all__ = ["boxcox", "compound_over", "itakura_saito", "kl_div", "log_interest", "log_mean"]

_POSITIVE, _NOT_NEGATIVE, _FROM_MINUS_1 = (Interval(0.0, math.inf), Interval(0.0, math.inf, closed=True),
                                           Interval(-1.0, math.inf, closed=True))  # fmt: skip


def _interest_rate(r: Any, n: Any) -> Any:
    """log(1 + r/n) − r/(n + r)."""
    part = share(r, n)
    return where(less(abs(r), 2 * abs(n)), x_minus_log1p(-part), log1p_quotient(r, n) - part)


log_interest = op(
    "log_interest",
    lambda y, r, n: share(n, r),
    lambda y, r, n: _interest_rate(r, n),
    native="log_interest",
    body=lambda r, n: contribution(n, log1p_quotient(r, n)),
    definition=lambda r, n: n * log(1 + r / n),
    internal=True,
    kinks=(Kink("n·log(1 + r/n) at n = 0 and at n + r = 0", lambda r, n: contribution(n, n + r)),),
    text="{1}·log(1 + {0}/{1})",
    latex=r"{1} \log\left(1 + \frac{{{0}}}{{{1}}}\right)",
    precedence=PRODUCT,
    needs=(PRODUCT, PRODUCT + 1),
    doc="n·log(1 + r/n), near r for large n, and 0 at n = 0: its slope in n is no difference of near numbers.",
)


def _compound_over_slope(y: Any, x: Any, n: Any) -> Any:
    growth = n * log1p(x)
    rise = contribution(log1p_over(x), exprel_derivative.of(1)(growth) * div(n, 1 + x))
    near = n * (log1p_over_derivative.of(1)(x) * exprel(growth) + rise)
    return where(less(abs(x), 0.5), near, div(compound_slope(x, n) - y, x))


compound_over = op(
    "compound_over",
    _compound_over_slope,
    lambda y, x, n: contribution(compound(x, n), log1p_over(x)),
    native="compound_over",
    body=lambda x, n: where(less(abs(x), 0.5), n * log1p_over(x) * exprel(n * log1p(x)), div(compound_m1(x, n), x)),
    definition=lambda x, n: (pow(1 + x, n) - 1) / x,
    domain=[_FROM_MINUS_1, REAL],
    internal=True,
    text="((1 + {0})^{1} − 1)/{0}",
    latex=r"\frac{{\left(1 + {0}\right)^{{{1}}} - 1}}{{{0}}}",
    precedence=PRODUCT,
    needs=(SUM + 1, ATOM),
    kinks=(Kink("((1 + x)ⁿ − 1)/x at x = −1: as 0ⁿ", lambda x, n: 1 + x),),
    doc="((1 + x)ⁿ − 1)/x, and n at x = 0: what n payments of 1 grow to at the rate x.",
)

boxcox = op(
    "boxcox",
    lambda y, x, p: where(less(abs(p), 0.5), div(pow(x, p), x), pow(x, p - 1)),
    lambda y, x, p: contribution(log(x) * log(x), exprel_derivative.of(1)(p * log(x))),
    native="boxcox",
    body=lambda x, p: contribution(log(x), exprel(p * log(x))),
    definition=lambda x, p: (pow(x, p) - 1) / p,
    domain=[_NOT_NEGATIVE, REAL],
    internal=True,
    kinks=(Kink("(xᵖ − 1)/p at x = 0: −1/p or −∞, as 0ᵖ", lambda x, p: x),),
    text="({0}^{1} − 1)/{1}",
    latex=r"\frac{{{0}^{{{1}}} - 1}}{{{1}}}",
    precedence=PRODUCT,
    needs=(ATOM, ATOM),
    doc="boxcox(x, p) = (xᵖ − 1)/p, and log x at p = 0 (SciPy's name).",
)


def _near(u: Any, v: Any) -> Any:
    return less(abs(u - v), abs(v) / 2)


itakura_saito = op(
    "itakura_saito",
    lambda y, u, v: where(_near(u, v), div(u - v, u) / v, 1 / v - 1 / u),
    lambda y, u, v: where(_near(u, v), div(v - u, v) / v, div(1 - div(u, v), v)),
    native="itakura_saito",
    body=lambda u, v: where(_near(u, v), x_minus_log1p(div(u - v, v)), (div(u, v) - 1) - log_quotient(u, v)),
    definition=lambda u, v: u / v - log(u / v) - 1,
    domain=_POSITIVE,
    internal=True,
    text="{0}/{1} − log({0}/{1}) − 1",
    latex=r"\frac{{{0}}}{{{1}}} - \log\left(\frac{{{0}}}{{{1}}}\right) - 1",
    precedence=SUM,
    needs=(PRODUCT, PRODUCT + 1),
    doc="u/v − log(u/v) − 1, 0 at u = v: the divergence of Itakura and Saito, of two variances for example.",
)

kl_div = op(
    "kl_div",
    lambda y, u, v: log_quotient(u, v),
    lambda y, u, v: where(_near(u, v), div(v - u, v), 1 - div(u, v)),
    native="kl_div",
    body=lambda u, v: where(_near(u, v), u * x_minus_log1p(div(v - u, u)), u * log_quotient(u, v) + (v - u)),
    definition=lambda u, v: u * log(u / v) - u + v,
    domain=[_NOT_NEGATIVE, _POSITIVE],
    internal=True,
    kinks=(Kink("u·log(u/v) − u + v at u = 0: v, slope −∞", lambda u, v: u),),
    text="{0}·log({0}/{1}) − {0} + {1}",
    latex=r"{0} \log\left(\frac{{{0}}}{{{1}}}\right) - {0} + {1}",
    precedence=SUM,
    needs=(PRODUCT, PRODUCT + 1),
    doc="kl_div(u, v) = u·log(u/v) − u + v, 0 at u = v (SciPy's name): what the divergence of Kullback and Leibler "
    "adds up, and half the deviance of a Poisson variable.",
)


def _mean_slope(u: Any, v: Any) -> Any:
    """(log(u/v) − 1 + v/u)/log(u/v)²."""
    rate = log_quotient(u, v)
    return where(_near(u, v), x_over_log1p_derivative.of(1)(div(u - v, v)), div(itakura_saito(v, u) / rate, rate))


log_mean = op(
    "log_mean",
    lambda y, u, v: _mean_slope(u, v),
    lambda y, u, v: _mean_slope(v, u),
    native="log_mean",
    body=lambda u, v: where(_near(u, v), v * x_over_log1p(div(u - v, v)), div(u - v, log_quotient(u, v))),
    definition=lambda u, v: (u - v) / log(u / v),
    domain=_NOT_NEGATIVE,
    kinks=(Kink("(u − v)/log(u/v) = 0 at u = 0 and at v = 0", contribution),),
    commutative=True,
    internal=True,
    text="({0} − {1})/log({0}/{1})",
    latex=r"\frac{{{0} - {1}}}{{\log\left({0} / {1}\right)}}",
    precedence=PRODUCT,
    needs=(SUM, PRODUCT + 1),
    doc="(u − v)/log(u/v), the logarithmic mean; u at u = v.",
)
