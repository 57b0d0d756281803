"""Ops of squares: their differences, the logarithm of a sum of two, products with a hypotenuse.

With h = √(u² + v²): the slopes of u·v/h are (v/h)³ and (u/h)³, and that of d·(h − d) in d is (h − d)²/h.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..declaration import family, op
from ..ops import abs, asinh, contribution, direction, div, hypot, less, log, log1p, sqrt, where

# Ruff's A004: the op abs has the name of the function it is.
from ..record import ATOM, PRODUCT, SUM, Kink
from .roots import direction_m1, hypot_minus, norm

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "asinh_quotient",
    "difference_of_squares",
    "log1p_square_quotient",
    "log_norm",
    "product_over_hypot",
    "pseudo_huber",
]


def _log_norm_slope(index: int) -> Callable[..., Any]:
    return lambda _, *x: x[index] / norm(*x) / norm(*x)


log_norm = family(
    "log_norm",
    _log_norm_slope,
    native="log_norm",
    body=lambda *x: log(norm(*x)),
    definition=lambda *x: log(sum(u * u for u in x)) / 2,
    even=True,
    internal=True,
    kinks=(Kink("log √(x1² + x2² + …) at the origin: −∞", norm),),
    doc="log √(x1² + x2² + …), right near 0 too: log1p(x²) is twice log_norm(1, x).",
)

asinh_quotient = op(
    "asinh_quotient",
    lambda y, u, v: div(1.0, hypot(u, v)) * where(less(v, 0.0), -1.0, 1.0),
    lambda y, u, v: -div(direction(u, v), abs(v)),
    native="asinh_quotient",
    body=lambda u, v: asinh(div(u, v)),
    definition=lambda u, v: asinh(u / v),
    internal=True,
    kinks=(Kink("asinh(u/v) at v = 0", lambda u, v: v),),
    text="asinh({0}/{1})",
    latex=r"\operatorname{{asinh}}\left(\frac{{{0}}}{{{1}}}\right)",
    needs=(PRODUCT, PRODUCT + 1),
    doc="asinh(u/v), also where the quotient leaves the range.",
)

log1p_square_quotient = op(
    "log1p_square_quotient",
    lambda y, u, v: 2 * direction(u, v) / hypot(u, v),
    lambda y, u, v: -2 * div(direction(u, v) ** 2, v),
    native="log1p_square_quotient",
    body=lambda u, v: log1p(div(u, v) * div(u, v)),
    definition=lambda u, v: log(1 + (u / v) ** 2),
    even=True,
    internal=True,
    kinks=(Kink("log(1 + (u/v)²) at v = 0: ∞", lambda u, v: v),),
    text="log(1 + ({0}/{1})²)",
    latex=r"\log\left(1 + \left(\frac{{{0}}}{{{1}}}\right)^{{2}}\right)",
    needs=(PRODUCT, PRODUCT + 1),
    doc="log(1 + (u/v)²); neither quotient nor square leaves the range.",
)

difference_of_squares = op(
    "difference_of_squares",
    lambda y, x, z: 2 * x,
    lambda y, x, z: -2 * z,
    native="difference_of_squares",
    body=lambda x, z: (x - z) * (x + z),
    definition=lambda x, z: x * x - z * z,
    even=True,
    internal=True,
    text="{0}² − {1}²",
    latex="{0}^{{2}} - {1}^{{2}}",
    precedence=SUM,
    needs=(ATOM, ATOM),
    doc="x² − z² = (x − z)·(x + z); no square leaves the range unless the difference does.",
)

product_over_hypot = op(
    "product_over_hypot",
    lambda y, u, v: direction(v, u) ** 3,
    lambda y, u, v: direction(u, v) ** 3,
    native="product_over_hypot",
    body=lambda u, v: contribution(u, direction(v, u)),
    definition=lambda u, v: u * v / sqrt(u * u + v * v),
    commutative=True,
    internal=True,
    kinks=(Kink("u·v/√(u² + v²) at (0, 0): 0, gradient (0, 0)", hypot),),
    text="{0}·{1}/hypot({0}, {1})",
    latex=r"\frac{{{0} \cdot {1}}}{{\operatorname{{hypot}}\left({0}, {1}\right)}}",
    precedence=PRODUCT,
    needs=(PRODUCT, PRODUCT + 1),
    doc="u·v/√(u² + v²), whose slopes are the cubes of v/√(u² + v²) and u/√(u² + v²).",
)

pseudo_huber = op(
    "pseudo_huber",
    lambda y, d, x: -direction_m1(d, x) * hypot_minus(d, x),
    lambda y, d, x: product_over_hypot(d, x),
    native="pseudo_huber",
    body=lambda d, x: contribution(d, hypot_minus(d, x)),
    definition=lambda d, x: d * (sqrt(d * d + x * x) - d),
    internal=True,
    kinks=(Kink("d·(√(d² + x²) − d) at (0, 0): gradient (0, 0)", hypot),),
    text="{0}·(hypot({0}, {1}) − {0})",
    latex=r"{0} \left(\operatorname{{hypot}}\left({0}, {1}\right) - {0}\right)",
    precedence=PRODUCT,
    needs=(SUM + 1, SUM),
    doc="d·(√(d² + x²) − d) = d²·(√(1 + (x/d)²) − 1) for d > 0: a smooth |x|, quadratic for |x| < d.",
)
