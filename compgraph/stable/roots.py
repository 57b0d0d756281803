"""Ops of square roots: of products, quotients, sums and differences of squares, and what is left of them less a part.

Each group is closed under differentiation. With h = √(u² + v²): ∂(u/h)/∂u = (v/h)²/h, which 1/h − u²/h³ would lose.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..declaration import family, op
from ..ops import abs, cbrt, contribution, direction, div, equal, greater, hypot, less, sqrt, where
from ..record import ATOM, POWER, PRODUCT, SUM, Interval, Kink
from .algebraic import factors, joined, pow_increment, product

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..record import Family, Op

__all__ = [
    "cbrt_increment", "direction_m1", "hypot_minus", "hypotenuse_over_leg", "leg", "leg_over_leg", "norm",
    "root_of_product", "root_of_quotient", "sagitta", "sagitta_slope", "small_root", "sqrt1pm1", "surd", "surd_minus",
    "surd_slope", "surd_slope_m1",
]  # fmt: skip

_inf = math.inf

# Used by statements above their own: a type checker must know them by then.
hypotenuse_over_leg: Op
leg_over_leg: Op
root_of_quotient: Family
sagitta_slope: Op
surd: Op
surd_slope: Op
surd_slope_m1: Op


# --- products and quotients ----------------------------------------------------------------------------------------


def _product_slope(index: int) -> Callable[..., Any]:
    """±√(product of the others / x_i)/2: no part of it leaves the range unless it does so itself."""

    def partial(_: Any, *x: Any) -> Any:
        others = (*x[:index], *x[index + 1 :]) or (1.0,)
        return where(less(x[index], 0.0), -0.5, 0.5) * root_of_quotient(*others, x[index])

    return partial


def _quotient_slope(index: int) -> Callable[..., Any]:
    """y/(2·x_i), the denominator's with −; ∞ at x_i = 0."""

    def partial(y: Any, *x: Any) -> Any:
        half = -0.5 if index == len(x) - 1 else 0.5
        return where(equal(x[index], 0.0), math.copysign(_inf, half), div(half * y, x[index]))

    return partial


def _ratio(arity: int) -> str:
    return f"√({joined('·')(arity - 1) or '1'}/{{{arity - 1}}})"


def _fraction(arity: int) -> str:
    above = joined(r" \cdot ")(arity - 1) or "1"
    return rf"\sqrt{{{{\frac{{{{{above}}}}}{{{{{{{arity - 1}}}}}}}}}}}"


root_of_product = family(
    "root_of_product",
    _product_slope,
    native="root_of_product",
    body=lambda *x: sqrt(product(*x)),
    internal=True,
    precedence=POWER,
    text=joined("·", "√({})"),
    needs=factors,
    latex=joined(r" \cdot ", r"\sqrt{{{{{}}}}}"),
    doc="√(x1·x2·…), also where the product is out of the range; nan where it is negative.",
)

root_of_quotient = family(
    "root_of_quotient",
    _quotient_slope,
    native="root_of_quotient",
    internal=True,
    precedence=POWER,
    body=lambda *x: sqrt(div(product(*x[:-1]), x[-1])),
    text=_ratio,
    latex=_fraction,
    needs=factors,
    doc="√(x1·…/y), y the last argument, also where the quotient is out of the range; nan where it is negative.",
)

# --- sums of squares -----------------------------------------------------------------------------------------------


def _conjugate(root: Any, b: Any, q: Any) -> Any:
    """What root exceeds b by, where root² − b² = q; 0 where all are 0."""
    return where(greater(b, 0.0), div(q, root + b), root - b)


def _norm(*x: Any) -> Any:
    answer, *rest = x
    for number in rest:
        answer = hypot(answer, number)
    return abs(answer)


def _norm_slope(index: int) -> Callable[..., Any]:
    def partial(_: Any, *x: Any) -> Any:
        others = (*x[:index], *x[index + 1 :]) or (0.0,)
        return direction(x[index], norm(*others) if len(others) > 1 else others[0])

    return partial


norm = family(
    "norm",
    _norm_slope,
    native="euclidean_norm",
    body=_norm,
    definition=lambda *x: sqrt(sum(u * u for u in x)),
    even=True,
    kinks=(Kink("norm at the origin: gradient 0", _norm),),
    doc="norm(x1, x2, …) = √(x1² + x2² + …), the Euclidean norm; no square leaves the range.",
)

direction_m1 = op(
    "direction_m1",
    lambda y, u, v: contribution(direction(v, u), direction(v, u) / hypot(u, v)),
    lambda y, u, v: -contribution(direction(u, v), direction(v, u) / hypot(u, v)),
    native="direction_m1",
    body=lambda u, v: where(greater(u, 0.0), div(-v * v, hypot(u, v) * (hypot(u, v) + u)), direction(u, v) - 1),
    definition=lambda u, v: u / sqrt(u * u + v * v) - 1,
    internal=True,
    kinks=(Kink("u/√(u² + v²) − 1 at (0, 0): −1, gradient (0, 0)", hypot),),
    text="{0}/hypot({0}, {1}) − 1",
    precedence=SUM,
    needs=(PRODUCT, SUM),
    latex=r"\frac{{{0}}}{{\operatorname{{hypot}}\left({0}, {1}\right)}} - 1",
    doc="u/√(u² + v²) − 1: the slope of √(u² + v²) − u, right where v is small too.",
)

hypot_minus = op(
    "hypot_minus",
    lambda y, u, v: direction_m1(u, v),
    lambda y, u, v: direction(v, u),
    native="hypot_minus",
    body=lambda u, v: _conjugate(hypot(u, v), u, v * v),
    definition=lambda u, v: sqrt(u * u + v * v) - u,
    internal=True,
    kinks=(Kink("√(u² + v²) − u at (0, 0): gradient (−1, 0)", hypot),),
    text="hypot({0}, {1}) − {0}",
    latex=r"\operatorname{{hypot}}\left({0}, {1}\right) - {0}",
    precedence=SUM,
    needs=(SUM + 1, SUM),
    doc="√(u² + v²) − u, right where v is small too.",
)

# --- differences of squares ----------------------------------------------------------------------------------------


def _leg(x: Any, y: Any) -> Any:
    return sqrt((abs(x) - abs(y)) * (abs(x) + abs(y)))


def _at_origin(u: Any, v: Any) -> Any:
    return equal(abs(u) + abs(v), 0.0)


_NO_ROOT = (Kink("√(x² − y²) at |x| = |y|: infinite slopes, and 0 at (0, 0)", lambda x, y: abs(x) - abs(y)),)

leg = op(
    "leg",
    lambda y, x, z: hypotenuse_over_leg(x, z),
    lambda y, x, z: -leg_over_leg(x, z),
    native="leg",
    body=_leg,
    definition=lambda x, z: sqrt(x * x - z * z),
    even=True,
    internal=True,
    kinks=_NO_ROOT,
    text="√({0}² − {1}²)",
    latex=r"\sqrt{{{0}^{{2}} - {1}^{{2}}}}",
    precedence=POWER,
    needs=(ATOM, ATOM),
    doc="√(x² − z²), the other leg of a right triangle; no square leaves the range. nan for |x| < |z|.",
)

hypotenuse_over_leg = op(
    "hypotenuse_over_leg",
    lambda y, x, z: -contribution(leg_over_leg(x, z), leg_over_leg(x, z) / leg(x, z)),
    lambda y, x, z: contribution(y, leg_over_leg(x, z) / leg(x, z)),
    native="hypotenuse_over_leg",
    body=lambda x, z: where(_at_origin(x, z), 0.0, div(x, leg(x, z))),
    definition=lambda x, z: x / sqrt(x * x - z * z),
    internal=True,
    kinks=_NO_ROOT,
    text="{0}/√({0}² − {1}²)",
    precedence=PRODUCT,
    needs=(ATOM, ATOM),
    latex=r"\frac{{{0}}}{{\sqrt{{{0}^{{2}} - {1}^{{2}}}}}}",
    doc="x/√(x² − z²), the slope of √(x² − z²) in x; 0 at (0, 0).",
)

leg_over_leg = op(
    "leg_over_leg",
    lambda y, x, z: -contribution(y, hypotenuse_over_leg(x, z) / leg(x, z)),
    lambda y, x, z: contribution(hypotenuse_over_leg(x, z), hypotenuse_over_leg(x, z) / leg(x, z)),
    native="leg_over_leg",
    body=lambda x, z: where(_at_origin(x, z), 0.0, div(z, leg(x, z))),
    definition=lambda x, z: z / sqrt(x * x - z * z),
    internal=True,
    kinks=_NO_ROOT,
    text="{1}/√({0}² − {1}²)",
    latex=r"\frac{{{1}}}{{\sqrt{{{0}^{{2}} - {1}^{{2}}}}}}",
    precedence=PRODUCT,
    needs=(ATOM, ATOM),
    doc="z/√(x² − z²), minus the slope of √(x² − z²) in z; 0 at (0, 0).",
)

sagitta = op(
    "sagitta",
    lambda y, r, c: sagitta_slope(r, c),
    lambda y, r, c: leg_over_leg(r, c),
    native="sagitta",
    body=lambda r, c: -_conjugate(leg(r, c), r, -c * c),
    definition=lambda r, c: r - sqrt(r * r - c * c),
    internal=True,
    kinks=_NO_ROOT,
    text="{0} − √({0}² − {1}²)",
    latex=r"{0} - \sqrt{{{0}^{{2}} - {1}^{{2}}}}",
    precedence=SUM,
    needs=(ATOM, ATOM),
    doc="r − √(r² − c²), the height of an arc of radius r over a chord of 2c; right where c is small too.",
)

sagitta_slope = op(
    "sagitta_slope",
    lambda y, r, c: contribution(leg_over_leg(r, c), leg_over_leg(r, c) / leg(r, c)),
    lambda y, r, c: -contribution(hypotenuse_over_leg(r, c), leg_over_leg(r, c) / leg(r, c)),
    native="sagitta_slope",
    body=lambda r, c: where(greater(r, 0.0), div(-c * c, leg(r, c) * (leg(r, c) + r)), 1 - hypotenuse_over_leg(r, c)),
    definition=lambda r, c: 1 - r / sqrt(r * r - c * c),
    internal=True,
    kinks=_NO_ROOT,
    text="1 − {0}/√({0}² − {1}²)",
    latex=r"1 - \frac{{{0}}}{{\sqrt{{{0}^{{2}} - {1}^{{2}}}}}}",
    precedence=SUM,
    needs=(ATOM, ATOM),
    doc="1 − r/√(r² − c²): the slope of r − √(r² − c²) in r.",
)

# --- roots of b² + q -----------------------------------------------------------------------------------------------


def _surd_bend(_: Any, b: Any, q: Any) -> Any:
    """∂²√(b² + q)/∂b²; 0 at the origin."""
    h = surd(b, q)
    return where(_at_origin(b, q), 0.0, div(div(div(q, h), h), h))


def _surd_twist(_: Any, b: Any, q: Any) -> Any:
    """∂²√(b² + q)/∂b∂q; 0 at the origin."""
    h = surd(b, q)
    return where(_at_origin(b, q), 0.0, -0.5 * div(div(surd_slope(b, q), h), h))


def _no_surd(b: Any, q: Any) -> Any:
    return surd(b, q)


_NO_SURD = (Kink("√(b² + q) at b² + q = 0: infinite slopes, but 0 in b at b = 0", _no_surd),)

surd = op(
    "surd",
    lambda y, b, q: surd_slope(b, q),
    lambda y, b, q: 0.5 / y,
    native="surd",
    body=lambda b, q: sqrt(b * b + q),
    internal=True,
    kinks=_NO_SURD,
    text="√({0}² + {1})",
    latex=r"\sqrt{{{0}^{{2}} + {1}}}",
    precedence=POWER,
    needs=(ATOM, SUM),
    doc="√(b² + q); b² does not leave the range, nor is it rounded. nan for b² + q < 0.",
)

surd_slope = op(
    "surd_slope",
    _surd_bend,
    _surd_twist,
    native="surd_slope",
    body=lambda b, q: where(equal(b, 0.0), 0.0, div(b, surd(b, q))),
    definition=lambda b, q: b / sqrt(b * b + q),
    internal=True,
    kinks=_NO_SURD,
    text="{0}/√({0}² + {1})",
    latex=r"\frac{{{0}}}{{\sqrt{{{0}^{{2}} + {1}}}}}",
    precedence=PRODUCT,
    needs=(ATOM, SUM),
    doc="b/√(b² + q): the slope of √(b² + q) in b.",
)

surd_minus = op(
    "surd_minus",
    lambda y, b, q: surd_slope_m1(b, q),
    lambda y, b, q: 0.5 / surd(b, q),
    native="surd_minus",
    body=lambda b, q: _conjugate(surd(b, q), b, q),
    definition=lambda b, q: sqrt(b * b + q) - b,
    internal=True,
    kinks=_NO_SURD,
    text="√({0}² + {1}) − {0}",
    latex=r"\sqrt{{{0}^{{2}} + {1}}} - {0}",
    precedence=SUM,
    needs=(ATOM, SUM),
    doc="√(b² + q) − b, right where q is small too: twice the small root of a quadratic.",
)

surd_slope_m1 = op(
    "surd_slope_m1",
    _surd_bend,
    _surd_twist,
    native="surd_slope_m1",
    body=lambda b, q: where(greater(b, 0.0), -div(div(q, surd(b, q)), surd(b, q) + b), surd_slope(b, q) - 1),
    definition=lambda b, q: b / sqrt(b * b + q) - 1,
    internal=True,
    kinks=_NO_SURD,
    text="{0}/√({0}² + {1}) − 1",
    latex=r"\frac{{{0}}}{{\sqrt{{{0}^{{2}} + {1}}}}} - 1",
    precedence=SUM,
    needs=(ATOM, SUM),
    doc="b/√(b² + q) − 1: the slope of √(b² + q) − b in b.",
)

small_root = op(
    "small_root",
    lambda y, b, q: div(-y, surd(b, q)),
    lambda y, b, q: div(-0.5 * y, surd(b, q)) * y,
    native="small_root",
    body=lambda b, q: where(greater(b, 0.0), 1 / (surd(b, q) + b), div(surd(b, q) - b, q)),
    definition=lambda b, q: (sqrt(b * b + q) - b) / q,
    internal=True,
    kinks=_NO_SURD,
    text="(√({0}² + {1}) − {0})/{1}",
    latex=r"\frac{{\sqrt{{{0}^{{2}} + {1}}} - {0}}}{{{1}}}",
    precedence=PRODUCT,
    needs=(ATOM, SUM),
    doc="(√(b² + q) − b)/q, and 1/(2b) for q = 0 and b > 0: the quadratic formula without its division.",
)

sqrt1pm1 = op(
    "sqrt1pm1",
    lambda y, x: 0.5 / sqrt(1 + x),
    native="sqrt1pm1",
    body=lambda x: x / (1 + sqrt(1 + x)),
    definition=lambda x: sqrt(1 + x) - 1,
    domain=Interval(-1.0, _inf, closed=True),
    monotone=(+1,),
    text="√(1 + {0}) − 1",
    latex=r"\sqrt{{1 + {0}}} - 1",
    precedence=SUM,
    needs=(SUM + 1,),
    kinks=(Kink("sqrt1pm1′(−1) = ∞", lambda x: 1 + x),),
    doc="sqrt1pm1(x) = √(1 + x) − 1, right near 0 too (Boost's sqrt1pm1).",
)

# --- cube roots ----------------------------------------------------------------------------------------------------


def _cbrt_increment(d: Any, v: Any) -> Any:
    a, b = cbrt(v + d), cbrt(v)
    return where(greater(a * b, 0.0), div(d, a * a + a * b + b * b), a - b)


cbrt_increment = op(
    "cbrt_increment",
    lambda y, d, v: 1 / (3 * cbrt(v + d) * cbrt(v + d)),
    lambda y, d, v: pow_increment(y, cbrt(v), -2.0) / 3,
    native="cbrt_increment",
    body=_cbrt_increment,
    definition=lambda d, v: cbrt(v + d) - cbrt(v),
    internal=True,
    kinks=(Kink("∛(v + d) − ∛v at v = 0 and at v + d = 0: infinite slopes", lambda d, v: v * (v + d)),),
    text="∛({1} + {0}) − ∛{1}",
    latex=r"\sqrt[3]{{{1} + {0}}} - \sqrt[3]{{{1}}}",
    precedence=SUM,
    needs=(SUM + 1, ATOM),
    doc="∛(v + d) − ∛v, right where d is small too. (For square roots: pow_increment with n = ½.)",
)
