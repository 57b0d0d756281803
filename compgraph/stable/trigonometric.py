"""f(v + d) − f(v) of circular and hyperbolic functions, d as it is given: nothing cancels, to any order.

By the addition theorems (DLMF 4.21.1 to 4.21.4, 4.35.1 to 4.35.4); the slopes are increments again, and f′(v + d).
"""

from __future__ import annotations

from typing import Any

from ..declaration import op
from ..ops import abs, contribution, cos, cosh, equal, exp, expm1, less, sign, sin, sinh, tan, tanh, where
from ..record import SUM, Kink, Op
from .series import cosm1

__all__ = ["cos_increment", "cosh_increment", "csch", "sin_increment", "sinh_increment", "tan_increment"]

# Used by statements above their own: a type checker must know them by then.
cos_increment: Op
cosh_increment: Op


def _cosh_sinh(middle: Any, half: Any, factor: Any, function: Any) -> Any:
    """2·function(middle)·sinh(half), its exponential as two factors where it alone would overflow."""
    size = abs(middle) + abs(half)
    root = exp(size / 2)
    far = contribution(root * -expm1(-2 * abs(half)) / 2, root * sign(half) * factor)
    return where(less(size, 700.0), 2 * contribution(sinh(half), function(middle)), far)


def _sign_of_sinh(x: Any) -> Any:
    return -sign(x) * expm1(-2 * abs(x))


sin_increment = op(
    "sin_increment",
    lambda y, d, v: cos(v) * cos(d) - sin(v) * sin(d),
    lambda y, d, v: cos_increment(d, v),
    body=lambda d, v: sin(v) * cosm1(d) + cos(v) * sin(d),
    definition=lambda d, v: sin(v + d) - sin(v),
    text="sin({1} + {0}) − sin({1})",
    latex=r"\sin({1} + {0}) - \sin({1})",
    precedence=SUM,
    needs=(SUM + 1, SUM),
    internal=True,
    doc="sin(v + d) − sin(v).",
)

cos_increment = op(
    "cos_increment",
    lambda y, d, v: -(sin(v) * cos(d) + cos(v) * sin(d)),
    lambda y, d, v: -sin_increment(d, v),
    body=lambda d, v: cos(v) * cosm1(d) - sin(v) * sin(d),
    definition=lambda d, v: cos(v + d) - cos(v),
    text="cos({1} + {0}) − cos({1})",
    latex=r"\cos({1} + {0}) - \cos({1})",
    precedence=SUM,
    needs=(SUM + 1, SUM),
    internal=True,
    doc="cos(v + d) − cos(v).",
)

tan_increment = op(
    "tan_increment",
    lambda y, d, v: 1 + (tan(v) + y) * (tan(v) + y),
    lambda y, d, v: contribution(y, 2 * tan(v) + y),
    body=lambda d, v: tan(d) * (1 + tan(v) * tan(v)) / (1 - tan(v) * tan(d)),
    definition=lambda d, v: tan(v + d) - tan(v),
    text="tan({1} + {0}) − tan({1})",
    latex=r"\tan({1} + {0}) - \tan({1})",
    precedence=SUM,
    needs=(SUM + 1, SUM),
    internal=True,
    doc="tan(v + d) − tan(v).",
)

sinh_increment = op(
    "sinh_increment",
    lambda y, d, v: cosh(v + d),
    lambda y, d, v: cosh_increment(d, v),
    body=lambda d, v: _cosh_sinh(v + d / 2, d / 2, 1 + exp(-2 * abs(v + d / 2)), cosh),
    definition=lambda d, v: sinh(v + d) - sinh(v),
    text="sinh({1} + {0}) − sinh({1})",
    latex=r"\sinh({1} + {0}) - \sinh({1})",
    precedence=SUM,
    needs=(SUM + 1, SUM),
    internal=True,
    doc="sinh(v + d) − sinh(v).",
)

cosh_increment = op(
    "cosh_increment",
    lambda y, d, v: sinh(v + d),
    lambda y, d, v: sinh_increment(d, v),
    body=lambda d, v: _cosh_sinh(v + d / 2, d / 2, _sign_of_sinh(v + d / 2), sinh),
    definition=lambda d, v: cosh(v + d) - cosh(v),
    text="cosh({1} + {0}) − cosh({1})",
    latex=r"\cosh({1} + {0}) - \cosh({1})",
    precedence=SUM,
    needs=(SUM + 1, SUM),
    internal=True,
    doc="cosh(v + d) − cosh(v).",
)

csch = op(
    "csch",
    lambda y, x: -y / tanh(x),
    latex=r"\operatorname{{csch}}\left({0}\right)",
    body=lambda x: where(equal(x, 0.0), 1 / x, -2 * sign(x) * exp(-abs(x)) / expm1(-2 * abs(x))),
    definition=lambda x: 1 / sinh(x),
    kinks=(Kink("csch(0) = 1/0: ±∞, slope −∞", lambda x: x),),
    internal=True,
    doc="csch(x) = 1/sinh(x), without overflow of sinh; a pole at 0.",
)
