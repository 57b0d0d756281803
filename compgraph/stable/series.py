"""Functions less the first terms of their Taylor series, and differences of arctangents: right near 0 as well.

Derivatives of a remainder are ordinary ops, of one sign; where they are written in two forms, one within ±1 and one
beyond, it is so that their own derivatives do not cancel either.
"""

from __future__ import annotations

import math
from typing import Any

from ..declaration import op
from ..ops import (
    abs,
    asinh,
    atan,
    atan2,
    atanh,
    cos,
    cosh,
    direction,
    exp,
    expm1,
    hypot,
    less,
    log,
    log1p,
    one_minus_square,
    sin,
    sinc,
    sinc_derivative,
    sinh,
    tan,
    tanh,
    where,
)
from ..record import ATOM, PRODUCT, SUM, Interval
from .quotients import sinhc, sinhc_derivative

__all__ = [
    "atan_increment", "atanh_minus_x", "coshm1", "cosm1", "coversin", "expm1_minus_x", "log_cos", "log_coversin",
    "log_sinc", "sincm1", "sinh_minus_x", "sinhcm1", "tan_minus_x", "x_minus_asinh", "x_minus_atan", "x_minus_log1p",
    "x_minus_sin", "x_minus_tanh",
]  # fmt: skip

_ABOVE_MINUS_ONE = Interval(-1.0, math.inf)

# --- less 1 ----------------------------------------------------------------------------------------------------------

cosm1 = op(
    "cosm1",
    lambda y, x: -sin(x),
    native="cosm1",
    body=lambda x: -2 * sin(x / 2) * sin(x / 2),
    even=True,
    definition=lambda x: cos(x) - 1,
    doc="cosm1(x) = cos(x) − 1 (SciPy's name).",
)
coshm1 = op(
    "coshm1",
    lambda y, x: sinh(x),
    native="coshm1",
    body=lambda x: 2 * sinh(x / 2) * sinh(x / 2),
    even=True,
    definition=lambda x: cosh(x) - 1,
    text="cosh({0}) − 1",
    latex=r"\cosh\left({0}\right) - 1",
    precedence=SUM,
    needs=(0,),
    internal=True,
    doc="cosh(x) − 1.",
)

coversin = op(
    "coversin",
    lambda y, x: -cos(x),
    native="coversin",
    body=lambda x: where(less(0.0, sin(x)), cos(x) * cos(x) / (1 + sin(x)), 1 - sin(x)),
    definition=lambda x: 1 - sin(x),
    text="1 − sin({0})",
    latex=r"1 - \sin\left({0}\right)",
    precedence=SUM,
    needs=(0,),
    internal=True,
    doc="coversin(x) = 1 − sin x.",
)
log_coversin = op(
    "log_coversin",
    lambda y, x: -cos(x) / coversin(x),
    native="log_coversin",
    body=lambda x: where(less(sin(x), 0.5), log1p(-sin(x)), log(coversin(x))),
    definition=lambda x: log(1 - sin(x)),
    text="log(1 − sin({0}))",
    latex=r"\log\left(1 - \sin\left({0}\right)\right)",
    needs=(0,),
    internal=True,
    doc="log(1 − sin x), right near 0 and near π/2 too.",
)
sincm1 = op(
    "sincm1",
    lambda y, x: sinc_derivative.of(1)(x),
    native="sincm1",
    body=lambda x: sinc(x) - 1,
    even=True,
    text="sin({0})/{0} − 1",
    latex=r"\frac{{\sin\left({0}\right)}}{{{0}}} - 1",
    precedence=SUM,
    needs=(ATOM,),
    internal=True,
    doc="sin(x)/x − 1, and 0 at x = 0.",
)
sinhcm1 = op(
    "sinhcm1",
    lambda y, x: sinhc_derivative.of(1)(x),
    native="sinhcm1",
    body=lambda x: sinhc(x) - 1,
    even=True,
    text="sinh({0})/{0} − 1",
    latex=r"\frac{{\sinh\left({0}\right)}}{{{0}}} - 1",
    precedence=SUM,
    needs=(ATOM,),
    internal=True,
    doc="sinh(x)/x − 1, and 0 at x = 0.",
)

# --- logarithms of what is near 1 ----------------------------------------------------------------------------------

log_cos = op(
    "log_cos",
    lambda y, x: -tan(x),
    native="log_cos",
    body=lambda x: where(less(0.25, cos(x) ** 2), log1p(-(sin(x) ** 2)), log(cos(x) ** 2)) / 2,
    even=True,
    definition=lambda x: log(cos(x) ** 2) / 2,
    text="log|cos({0})|",
    latex=r"\log\left|\cos\left({0}\right)\right|",
    needs=(0,),
    internal=True,
    doc="log|cos x|, right near 0 and near multiples of π too.",
)
log_sinc = op(
    "log_sinc",
    lambda y, x: sinc_derivative.of(1)(x) / sinc(x),
    native="log_sinc",
    body=lambda x: where(less(0.5, sinc(x)), log1p(sincm1(x)), log(sinc(x) ** 2) / 2),
    even=True,
    definition=lambda x: log(sinc(x) ** 2) / 2,
    text="log|sin({0})/{0}|",
    latex=r"\log\left|\frac{{\sin\left({0}\right)}}{{{0}}}\right|",
    needs=(PRODUCT + 1,),
    internal=True,
    doc="log|sin(x)/x|, right near 0 too.",
)

# --- Taylor remainders -----------------------------------------------------------------------------------------------


def _near(x: Any, near: Any, far: Any) -> Any:
    """One form within ±1, another beyond."""
    return where(less(abs(x), 1.0), near, far)


def _x_minus_asinh_slope(x: Any) -> Any:
    h = hypot(1.0, x)
    return _near(x, x * x / (h * (1 + h)), 1 - 1 / h)


expm1_minus_x = op(
    "expm1_minus_x",
    lambda y, x: expm1(x),
    native="expm1_minus_x",
    body=lambda x: expm1(x) - x,
    definition=lambda x: exp(x) - 1 - x,
    text="e^{0} − 1 − {0}",
    latex="e^{{{0}}} - 1 - {0}",
    precedence=SUM,
    needs=(ATOM,),
    internal=True,
    doc="eˣ − 1 − x.",
)
x_minus_log1p = op(
    "x_minus_log1p",
    lambda y, x: _near(x, x / (1 + x), 1 - 1 / (1 + x)),
    native="x_minus_log1p",
    body=lambda x: x - log1p(x),
    definition=lambda x: x - log(1 + x),
    textbook=(lambda y, x: x / (1 + x),),
    text="{0} − log1p({0})",
    latex=r"{0} - \operatorname{{log1p}}\left({0}\right)",
    precedence=SUM,
    needs=(SUM,),
    domain=_ABOVE_MINUS_ONE,
    internal=True,
    doc="x − log(1 + x).",
)
x_minus_sin = op(
    "x_minus_sin",
    lambda y, x: -cosm1(x),
    native="x_minus_sin",
    body=lambda x: x - sin(x),
    monotone=(+1,),
    textbook=(lambda y, x: 1 - cos(x),),
    text="{0} − sin({0})",
    latex=r"{0} - \sin\left({0}\right)",
    precedence=SUM,
    needs=(SUM,),
    internal=True,
    doc="x − sin x.",
)
tan_minus_x = op(
    "tan_minus_x",
    lambda y, x: tan(x) * tan(x),
    native="tan_minus_x",
    body=lambda x: tan(x) - x,
    textbook=(lambda y, x: tan(x) ** 2,),
    text="tan({0}) − {0}",
    latex=r"\tan\left({0}\right) - {0}",
    precedence=SUM,
    needs=(SUM + 1,),
    internal=True,
    doc="tan x − x.",
)
sinh_minus_x = op(
    "sinh_minus_x",
    lambda y, x: coshm1(x),
    native="sinh_minus_x",
    body=lambda x: sinh(x) - x,
    monotone=(+1,),
    textbook=(lambda y, x: cosh(x) - 1,),
    text="sinh({0}) − {0}",
    latex=r"\sinh\left({0}\right) - {0}",
    precedence=SUM,
    needs=(SUM + 1,),
    internal=True,
    doc="sinh x − x.",
)
x_minus_tanh = op(
    "x_minus_tanh",
    lambda y, x: tanh(x) * tanh(x),
    native="x_minus_tanh",
    body=lambda x: x - tanh(x),
    monotone=(+1,),
    textbook=(lambda y, x: tanh(x) ** 2,),
    text="{0} − tanh({0})",
    latex=r"{0} - \tanh\left({0}\right)",
    precedence=SUM,
    needs=(SUM,),
    internal=True,
    doc="x − tanh x.",
)
x_minus_atan = op(
    "x_minus_atan",
    lambda y, x: direction(x, 1.0) * direction(x, 1.0),
    native="x_minus_atan",
    body=lambda x: x - atan(x),
    textbook=(lambda y, x: x**2 / (1 + x**2),),
    monotone=(+1,),
    text="{0} − arctan({0})",
    latex=r"{0} - \arctan\left({0}\right)",
    precedence=SUM,
    needs=(SUM,),
    internal=True,
    doc="x − arctan x.",
)
x_minus_asinh = op(
    "x_minus_asinh",
    lambda y, x: _x_minus_asinh_slope(x),
    native="x_minus_asinh",
    body=lambda x: x - asinh(x),
    textbook=(lambda y, x: 1 - 1 / hypot(1.0, x),),
    monotone=(+1,),
    text="{0} − asinh({0})",
    latex=r"{0} - \operatorname{{asinh}}\left({0}\right)",
    precedence=SUM,
    needs=(SUM,),
    internal=True,
    doc="x − asinh x.",
)
atanh_minus_x = op(
    "atanh_minus_x",
    lambda y, x: x * x / one_minus_square(x),
    native="atanh_minus_x",
    body=lambda x: atanh(x) - x,
    textbook=(lambda y, x: x**2 / (1 - x**2),),
    domain=Interval(-1.0, 1.0),
    monotone=(+1,),
    text="atanh({0}) − {0}",
    latex=r"\operatorname{{atanh}}\left({0}\right) - {0}",
    precedence=SUM,
    needs=(SUM + 1,),
    internal=True,
    doc="atanh x − x.",
)

# --- differences of arctangents --------------------------------------------------------------------------------------


def _atan_slope(x: Any) -> Any:
    h = hypot(1.0, x)
    return 1 / h / h


def _increment_slope(d: Any, v: Any) -> Any:
    """1/(1 + (v + d)²) − 1/(1 + v²), as one product."""
    u = v + d
    h, k = hypot(1.0, u), hypot(1.0, v)
    return -(d / h / k) * ((u + v) / h / k)


atan_increment = op(
    "atan_increment",
    lambda y, d, v: _atan_slope(v + d),
    lambda y, d, v: where(less(abs(v), math.inf), _increment_slope(d, v), 0.0),
    native="atan_increment",
    body=lambda d, v: atan2(d, 1 + v * (v + d)),
    monotone=(+1, 0),
    definition=lambda d, v: atan(v + d) - atan(v),
    textbook=(lambda y, d, v: 1 / (1 + (v + d) ** 2), lambda y, d, v: 1 / (1 + (v + d) ** 2) - 1 / (1 + v**2)),
    text="arctan({1} + {0}) − arctan({1})",
    latex=r"\arctan\left({1} + {0}\right) - \arctan\left({1}\right)",
    precedence=SUM,
    needs=(SUM + 1, SUM),
    internal=True,
    doc="arctan(v + d) − arctan v: what v's arctangent gains where v gains d, without the rounding of v + d.",
)
