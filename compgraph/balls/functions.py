"""Elementary functions of balls, from their values at the ends."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .. import ieee
from ..ops import acos, atan, cos, exp, expm1, log, log1p, maximum, minimum, sin, sqrt
from .arithmetic import whole_power
from .ball import FUNCTIONS, LARGEST_EXPONENT, Ball, ball_of, by_ieee, from_ends, special_ball, unknown
from .choices import magnitude

if TYPE_CHECKING:
    from collections.abc import Callable

    from .directed import Bounds, Ends


# --- functions that rise or fall -----------------------------------------------------------------------------------


def _landmark(name: str, x: Ball) -> Ball | None:
    """The exact value at 0, ±1 and ±∞ where it is whole or not finite, as IEEE has it: log 0, acos 1, tanh ∞."""
    number = x.special
    if number is None and x.is_exact and abs(one := x.bounds.to_float(x.low)) == 1 and x.bounds.point(one) == x.low:
        number = one
    if number is None:
        return None
    value = ieee.FUNCTIONS[name](number) if name in ieee.FUNCTIONS else ieee.total(getattr(math, name))(number)
    return ball_of(x.bounds, value) if not math.isfinite(value) or value.is_integer() else None


def _at(bounds: Bounds, name: str, point: Any) -> Ends:
    """Ends of a function at a point: bounds from afar where the library cannot, or should not, go."""
    if not bounds.is_finite(point):
        landmark = _landmark(name, special_ball(bounds, bounds.to_float(point)))
        if landmark is not None:
            return None if landmark.low is None else (landmark.low, landmark.high)
        return bounds.function(name, point)
    beyond = _BEYOND.get(name)
    if beyond is None:
        return bounds.function(name, point)
    reach = bounds.point(2 ** min(bounds.bits, LARGEST_EXPONENT))
    ends = bounds.function(name, point) if bounds.negative(reach) < point < reach else None
    if ends is not None:
        return ends
    side, far = 1 if point > bounds.zero else -1, 2 ** (min(bounds.bits, LARGEST_EXPONENT) // 2)
    return beyond(bounds, side, far) if bounds.point(-far) > point or point > bounds.point(far) else None


def _exp_beyond(bounds: Bounds, side: int, far: int) -> Ends:
    ends = bounds.function("exp", bounds.point(side * far))
    return ends and ((ends[0], bounds.inf) if side > 0 else (bounds.zero, ends[1]))


def _expm1_beyond(bounds: Bounds, side: int, far: int) -> Ends:
    ends = bounds.function("expm1", bounds.point(side * far))
    return ends and ((ends[0], bounds.inf) if side > 0 else (bounds.point(-1), ends[1]))


def _sinh_beyond(bounds: Bounds, side: int, far: int) -> Ends:
    ends = bounds.function("sinh", bounds.point(side * far))
    return ends and ((ends[0], bounds.inf) if side > 0 else (bounds.negative(bounds.inf), ends[1]))


def _cosh_beyond(bounds: Bounds, side: int, far: int) -> Ends:
    ends = bounds.function("cosh", bounds.point(side * far))
    return ends and (ends[0], bounds.inf)


def _erfc_beyond(bounds: Bounds, side: int, far: int) -> Ends:
    if side > 0:
        return _exp_beyond(bounds, -1, far)  # 0 < erfc x < e**−x
    ends = bounds.function("erfc", bounds.point(-min(far, 64)))
    return ends and (ends[0], bounds.point(2))


_BEYOND: dict[str, Callable[[Bounds, int, int], Ends]] = {
    "exp": _exp_beyond, "expm1": _expm1_beyond, "sinh": _sinh_beyond, "cosh": _cosh_beyond, "erfc": _erfc_beyond,
}  # fmt: skip


def _monotone(
    name: str, *, falls: bool = False, lowest: float = -math.inf, highest: float = math.inf, poles: bool = False
) -> Callable[[Ball], Ball]:
    """A function that rises (or falls) between two ends of its domain, which are 0, ±1 or ±∞: poles, or part of it."""

    def function(x: Ball) -> Ball:
        bounds = x.bounds
        landmark = _landmark(name, x)
        if landmark is not None:
            return landmark
        if lowest > -math.inf:
            end = bounds.point(lowest)
            if x.high < end or x.low < end or (poles and x.low == end):
                return special_ball(bounds, math.nan) if x.high < end else unknown(bounds)
        if highest < math.inf:
            end = bounds.point(highest)
            if x.low > end or x.high > end or (poles and x.high == end):
                return special_ball(bounds, math.nan) if x.low > end else unknown(bounds)
        first = _at(bounds, name, x.low)
        last = first if x.is_exact else _at(bounds, name, x.high)
        return from_ends(bounds, last, first) if falls else from_ends(bounds, first, last)

    return function


# --- functions that turn -------------------------------------------------------------------------------------------


def _wave(name: str, slope: str, direction: int) -> Callable[[Ball], Ball]:
    """A sine or a cosine: from end to end where the slope keeps its sign, around a turn by Taylor's theorem."""

    def function(x: Ball) -> Ball:
        bounds = x.bounds
        landmark = _landmark(name, x)
        if landmark is not None:
            return landmark
        everything = Ball(bounds, bounds.point(-1), bounds.point(1))
        reach = bounds.point(2**LARGEST_EXPONENT)
        if not bounds.negative(reach) < x.low <= x.high < reach:
            return everything
        first = bounds.function(name, x.low)
        if x.is_exact or first is None:
            return from_ends(bounds, first, first)
        width = x - Ball(bounds, x.low, x.low)
        steepness = from_ends(bounds, *[bounds.function(slope, x.low)] * 2)  # changes by the width at most
        if (magnitude(steepness) > width).sign() == 1:
            last = bounds.function(name, x.high)
            return from_ends(bounds, first, last) if steepness.sign() == direction else from_ends(bounds, last, first)
        radius = (magnitude(steepness) + width) * width
        near = from_ends(bounds, first, first) + Ball(bounds, bounds.negative(radius.high), radius.high)
        inside: Ball = minimum(maximum(near, -1), 1)
        return inside

    return function


def _gamma(name: str) -> Callable[[Ball], Ball]:
    """Gamma function or its logarithm, at a point or where it rises: from 2 on."""

    def function(x: Ball) -> Ball:
        landmark = _landmark(name, x)
        if landmark is not None:
            return landmark
        if not x.is_exact and x.low < x.bounds.point(2):
            return unknown(x.bounds)
        return from_ends(x.bounds, _at(x.bounds, name, x.low), _at(x.bounds, name, x.high))

    return function


def _hypot(u: Ball, v: Ball) -> Ball:
    if u.special is not None and v.special is not None:
        return by_ieee("hypot", u.special, v.special, bounds=u.bounds)
    length: Ball = sqrt(whole_power(u, 2) + whole_power(v, 2))
    return length


def _atan2(u: Ball, v: Ball) -> Ball:
    bounds, half_turn = u.bounds, 2 * acos(ball_of(u.bounds, 0.0))
    up, right = u.sign(), v.sign()
    if u.special is not None and u.special == 0 and right is not None:
        positive = right > 0 or (right == 0 and math.copysign(1, v.special or 0.0) > 0)
        return u if positive else math.copysign(1, u.special) * half_turn
    if (u.special and v.special) or (up is None and right != 1):
        return unknown(bounds)  # both infinite, or across the cut
    angle: Ball = atan(u / v) if right == 1 else (up or 1) * half_turn / 2 - atan(v / u)
    return angle


def _log1mexp(x: Ball) -> Ball:
    """log(1 − e⁻ˣ); as it is defined it takes 1.44·|log x| bits."""
    answer: Ball = log1p(-exp(-x)) if x.low > x.bounds.point(1) else log(-expm1(-x))
    return answer


_cosh = _monotone("cosh")

FUNCTIONS.update({
    "exp": _monotone("exp"), "expm1": _monotone("expm1"), "exp2": lambda x: 2**x,
    "log": _monotone("log", lowest=0, poles=True), "log1p": _monotone("log1p", lowest=-1, poles=True),
    "log2": lambda x: log(x) / log(ball_of(x.bounds, 2)), "log10": lambda x: log(x) / log(ball_of(x.bounds, 10)),
    "sqrt": _monotone("sqrt", lowest=0), "cbrt": _monotone("cbrt"), "hypot": _hypot,
    "sin": _wave("sin", "cos", +1), "cos": _wave("cos", "sin", -1), "tan": lambda x: sin(x) / cos(x),
    "asin": _monotone("asin", lowest=-1, highest=1), "acos": _monotone("acos", falls=True, lowest=-1, highest=1),
    "atan": _monotone("atan"), "atan2": _atan2,
    "sinh": _monotone("sinh"), "cosh": lambda x: _cosh(magnitude(x)), "tanh": _monotone("tanh"),
    "asinh": _monotone("asinh"), "acosh": _monotone("acosh", lowest=1),
    "atanh": _monotone("atanh", lowest=-1, highest=1, poles=True),
    "erf": _monotone("erf"), "erfc": _monotone("erfc", falls=True),
    "softplus": lambda x: maximum(x, 0) + log1p(exp(-magnitude(x))),  # log(1 + eˣ) as typed takes 1.44·|x| bits
    "log1mexp": _log1mexp, "bose": lambda x: 1 / expm1(x),
    "gamma": _gamma("gamma"), "lgamma": _gamma("lgamma"),
})  # fmt: skip
