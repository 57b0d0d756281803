"""The derivative of an op from its values alone, at hundreds of bits: what its partials are measured by.

No partial is read here. A value in balls is enclosed, so what rounding does to a difference quotient is known; what the
step does to it is estimated from two steps, 2⁸ apart, and falls with the precision. Beside a kink, a jump or the edge
of a domain, the slopes of the two sides are found separately, each from points inside its own piece.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ..balls import Ball, ball_of
from ..enclosed import UNSUITED
from ..graph import COMPARISONS
from ..ops import abs as absolute

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..balls import Bounds
    from ..record import Op

__all__ = ["BITS", "Slopes", "Where", "at_kink", "slopes_at", "value_at"]

Where = Literal["smooth", "kink", "edge", "nowhere"]

# Precisions to try, and how far below its argument steps begin beside a fifth of the bits: closer than any two floats.
# A slope of 1e-300 beside a value of 1, or at 0 a function at the scale of 1e-300, needs the last.
BITS = (192, 640, 2400, 8000)
_FIRST = 60

_APART = 8  # bits from one step to the next, smaller one
_BENT = 2.0**-30  # slopes of the two sides that differ by more than this belong to a kink, or to a vanishing slope
_RESOLVED = 2.0**-50  # a slope known to this relative width
_BELOW_FLOATS = 2.0**-1074
_GROWTH, _STEEP = 4, 2**20  # a slope that grows so from step to step, and is so large, is infinite: √x at 0


class Slopes(NamedTuple):
    """Between which ends the derivative lies; at a kink, the slopes of all sides.

    Attributes:
        where: "smooth", "kink" (two sides with slopes of their own), "edge" (one side only) or "nowhere" (no value, or
            none beside it: there is no derivative).
        low: The lower end, a point of the bounds; −∞ where a side is infinitely steep downwards.
        high: The upper end.
        bounds: The arithmetic of the ends.
        is_resolved: Whether the ends are so close, or so small, that they tell a wrong partial from a right one.
    """

    where: Where
    low: Any
    high: Any
    bounds: Bounds
    is_resolved: bool

    def hull(self) -> Ball:
        """The ends as one ball; unknown where there is no derivative."""
        return Ball(self.bounds, self.low, self.high) if self.where != "nowhere" else Ball(self.bounds, None, None)

    def floats(self) -> tuple[float, float]:
        """The ends as the floats nearest to them; nan where there is no derivative."""
        if self.where == "nowhere":
            return math.nan, math.nan
        return self.bounds.to_float(self.low), self.bounds.to_float(self.high)


def slopes_at(
    function: Callable[..., Any], index: int, args: Sequence[float], bounds: Bounds, *, bent: bool = False
) -> Slopes:
    """The derivative of a function of balls in one argument, at floats.

    Args:
        function: An op, or anything else that answers balls for balls.
        index: In which argument.
        args: Floats; that one is finite.
        bounds: The arithmetic: from :func:`compgraph.balls.bounds_at`.
        bent: Whether to look at the two sides separately whatever they are: where a kink is declared.

    >>> from compgraph.balls import bounds_at
    >>> from compgraph.ops import log, relu
    >>> with bounds_at(192) as bounds:
    ...     slopes_at(log, 0, [3.0], bounds).floats() == (1/3, 1/3), slopes_at(relu, 0, [0.0], bounds).floats()
    (True, (0.0, 1.0))
    """
    here = value_at(function, args, bounds)
    if not _is_finite(here):
        nowhere = bounds.zero
        return Slopes("nowhere", nowhere, nowhere, bounds, is_resolved=here.special is not None)
    line = _Line(function, index, args, bounds)
    if not bent:
        slope = line.central(here)
        if slope is not None:
            return Slopes("smooth", slope.low, slope.high, bounds, _is_resolved(slope))
    sides = [line.side(+1), line.side(-1)]
    found = [side for side in sides if side is not None]
    if not found:
        return Slopes("nowhere", bounds.zero, bounds.zero, bounds, is_resolved=False)
    low, high = min(side.low for side in found), max(side.high for side in found)
    where: Where = "kink" if len(found) == 2 else "edge"
    return Slopes(where, low, high, bounds, all(map(_is_resolved, found)))


def value_at(function: Callable[..., Any], args: Sequence[float], bounds: Bounds) -> Ball:
    """A function's value at floats, in a ball."""
    return ball_of(bounds, function(*[ball_of(bounds, arg) for arg in args]))


def at_kink(op: Op, args: Sequence[float]) -> bool:
    """Whether an op is declared to have no unique derivative here; a comparison jumps where its two sides meet."""
    if op.name in COMPARISONS:
        return args[0] == args[1]
    if op.name == "where" and args[0] == 0.0:
        return True
    return any(_is_zero(kink.gap, args) for kink in op.kinks)


def _is_zero(gap: Callable[..., Any], args: Sequence[float]) -> bool:
    try:
        return bool(gap(*args) == 0.0)
    except UNSUITED:
        return False


def _is_finite(ball: Ball) -> bool:
    return ball.low is not None and (ball.special is None or math.isfinite(ball.special))


def _is_resolved(slope: Ball) -> bool:
    """Whether a slope is known to many digits, or to be 0, or not to be told from 0 by floats."""
    if slope.special is not None or slope.low is None:
        # what grows without end at one step may be the flank of something narrower
        return slope.special == 0 or (slope.special is not None and slope.bounds.bits == BITS[-1])
    size, width = absolute(slope), slope.high - slope.low
    bounds = slope.bounds
    return bool(width <= size.low * bounds.point(_RESOLVED) or size.high < bounds.point(_BELOW_FLOATS))


class _Line:
    """A function of one of its arguments, near a float."""

    def __init__(self, function: Callable[..., Any], index: int, args: Sequence[float], bounds: Bounds) -> None:
        self._function, self._index, self._bounds = function, index, bounds
        self._args = [ball_of(bounds, arg) for arg in args]
        # Powers of two, so that points and differences of points are exact; at the scale of the argument, or of 1.
        scale = math.frexp(min(abs(args[index]), 1.0) or 1.0)[1] - 1
        first = scale - _FIRST - bounds.bits // 5
        self._steps = [_power_of_two(bounds, first - place * _APART) for place in range(3)]
        self._values: dict[tuple[int, int], Ball] = {}

    def _at(self, side: int, place: int) -> Ball:
        if (side, place) not in self._values:
            args = list(self._args)
            args[self._index] = args[self._index] + (self._steps[place] if side > 0 else -self._steps[place])
            self._values[side, place] = ball_of(self._bounds, self._function(*args))
        return self._values[side, place]

    def central(self, here: Ball) -> Ball | None:
        """The slope at a smooth point; None where the two sides do not agree, or one is missing."""
        if not all(_is_finite(self._at(side, place)) for side in (+1, -1) for place in (0, 1)):
            return None
        wide, narrow = ((self._at(+1, place) - self._at(-1, place)) / (2 * self._steps[place]) for place in (0, 1))
        if not (_is_finite(wide) and _is_finite(narrow)):
            return None
        bends = [absolute(self._at(+1, place) - here - (here - self._at(-1, place))) for place in (0, 1)]
        size = absolute(self._at(+1, 1) - here) + absolute(here - self._at(-1, 1))
        is_straight = bends[1].special == 0 or bends[1].high <= size.low * self._bounds.point(_BENT)
        # f(x + h) − 2·f(x) + f(x − h) falls as h² where f is smooth, as h at a kink
        is_smooth = is_straight or bends[1].high * self._bounds.point(2 ** (_APART + _APART // 2)) < bends[0].high
        return _widened(narrow, wide) if is_smooth else None

    def side(self, side: int) -> Ball | None:
        """The slope just beside the point; infinite where it grows without end; None where there is no value."""
        values = [self._at(side, place) for place in range(3)]
        if not all(map(_is_finite, values)):
            return None
        wide, narrow = (
            (values[place] - values[place + 1]) / (self._steps[place] - self._steps[place + 1]) for place in (0, 1)
        )
        if not (_is_finite(wide) and _is_finite(narrow)):
            return None
        wide, narrow = (wide, narrow) if side > 0 else (-wide, -narrow)
        if absolute(narrow).low > max(absolute(wide).high * _GROWTH, self._bounds.point(_STEEP)):
            return ball_of(self._bounds, math.inf if narrow.low > self._bounds.zero else -math.inf)
        return _widened(narrow, wide)


def _power_of_two(bounds: Bounds, exponent: int) -> Ball:
    power = ball_of(bounds, 1 << abs(exponent))
    return 1 / power if exponent < 0 else power


def _widened(narrow: Ball, wide: Ball) -> Ball:
    """The slope at the smaller step, with all the error that the larger one reveals."""
    gap = narrow - wide
    if gap.special == 0:
        return narrow
    reach = absolute(gap).high
    bounds = narrow.bounds
    return narrow + Ball(bounds, bounds.negative(reach), reach)
