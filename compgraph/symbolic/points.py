"""A point that tells two expressions apart: one at which their enclosures do not meet."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import chain, islice
from random import Random
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from ..balls import Ball, ball_of, bounds_at, installed_library
from ..graph import order, typed_form
from ..ops import CONSTANT, INPUT, contribution, where

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..balls import Bounds
    from ..node import Node

__all__ = ["Ends", "Look", "Separation", "Sides", "look"]

# What holds a number: floats, or fractions where these are too coarse.
Ends: TypeAlias = tuple["float | Fraction", "float | Fraction"]

# Ends of a larger binary exponent are not written out as fractions.
_LARGEST_EXPONENT = 10_000

# Numbers to put in: probabilities, numbers of either sign, positive ones, large and small ones.
_POOLS = (
    (0.25, 0.75, 0.5, 0.125, 0.875, 0.375, 0.625),
    (-1.5, 0.5, 2.0, -0.25, 1.25, -3.0, 0.75, -0.625, 1.0, -2.0, 3.5),
    (0.5, 2.0, 1.25, 3.0, 0.125, 1.0, 5.0, 0.75),
    (1e3, -1e-3, 1e-6, -40.0, 1e8, 7.5, -1e6, 1e-12, 40.0),
    (-8.0, -0.5, -4.0, -0.0625, -1.0, -2.25),
)

# (bits, how many points) of a short look and of a long one.
_SHORT, _LONG = ((64, 8), (256, 2)), ((64, 160), (256, 40), (2048, 10))

# So many evaluations of a node may be spent at one precision; a larger graph is looked at once, at the first.
_MOST_NODES = 20_000


class Sides(NamedTuple):
    """Both expressions as typed, every node once, arguments first."""

    left: Node
    right: Node
    nodes: Sequence[Node]

    @classmethod
    def of(cls, left: Node, right: Node) -> Sides:
        """The sides of an equation."""
        return cls(left, right, order(left, right, typed=True, twins=False))

    @property
    def inputs(self) -> list[Node]:
        """The inputs that either side reads."""
        return [node for node in self.nodes if node.op is INPUT]


class Separation(NamedTuple):
    """A point and two intervals without a common number.

    Attributes:
        point: Every input's value.
        left: The ends of the left side's enclosure; so with right.
    """

    point: Mapping[Node, float]
    left: Ends
    right: Ends


class Look(NamedTuple):
    """What was found at some points.

    Attributes:
        separation: The first point that tells the sides apart; None where none does.
        points: At how many points both sides have values.
        only: A point at which only one of the sides has a value; None where none was met.
    """

    separation: Separation | None = None
    points: int = 0
    only: tuple[str, Mapping[Node, float]] | None = None


def look(sides: Sides, *, few: bool) -> Look:
    """Search points for one that tells the sides apart; the same ones in every run.

    Args:
        sides: The two expressions.
        few: Whether to look at the present point and a few others alone.

    Raises:
        ImportError: There is no library for enclosures.
        GraphTypeError: An op has no formula for enclosures.
    """
    library = installed_library()
    looked, only = 0, None
    for bits, most in _SHORT if few else _LONG:
        found = 0
        count = min(most, _MOST_NODES // len(sides.nodes)) or int(few and bits == _SHORT[0][0])
        for point in islice(_points(sides.inputs), count):
            with bounds_at(bits, library) as bounds:
                values = _values(sides, point, bounds)
                defined = _is_defined(sides.left, values), _is_defined(sides.right, values)
                if defined == (True, True):
                    found += 1
                    ends = _separated(values[sides.left], values[sides.right])
                    if ends is not None:
                        return Look(Separation(point, *ends), looked, only)
                elif only is None and None not in defined and defined[0] is not defined[1]:
                    only = ("left" if defined[0] else "right"), point
        looked = max(looked, found)
    return Look(None, looked, only)


def _points(inputs: Sequence[Node]) -> Iterator[dict[Node, float]]:
    """The present values, then zeros, then numbers of every kind."""
    present = {leaf: leaf._value for leaf in inputs if leaf._value is not None and math.isfinite(leaf._value)}
    if len(present) == len(inputs):
        yield dict(present)
    if not inputs:
        return
    draw = Random(len(inputs))  # the same numbers in every run
    for index in chain([1, 2, 3, 0, 4], *(range(len(_POOLS)) for _ in range(100))):
        yield {leaf: draw.choice(_POOLS[index]) for leaf in inputs}
        if index == 0:
            yield {leaf: 0.0 if draw.random() < _SHARE_OF_ZEROS else draw.choice(_POOLS[1]) for leaf in inputs}
            yield {leaf: draw.choice(draw.choice(_POOLS)) for leaf in inputs}


_SHARE_OF_ZEROS = 0.6


def _values(sides: Sides, point: Mapping[Node, float], bounds: Bounds) -> dict[Node, Ball]:
    values: dict[Node, Ball] = {}
    for node in sides.nodes:
        op, args = typed_form(node)
        if args:
            values[node] = ball_of(bounds, op(*[values[arg] for arg in args]))
        else:
            number = node._value if op is CONSTANT else point[node]
            values[node] = ball_of(bounds, math.nan if number is None else number)
    return values


def _is_defined(root: Node, values: Mapping[Node, Ball]) -> bool | None:
    """Whether everything that the root needs has a value; None where it is not known at these bits.

    IEEE's 1/∞ = 0 is nothing that a function of real numbers has.
    """
    known: bool | None = True
    seen, stack = {root}, [root]
    while stack:
        node = stack.pop()
        ball = values[node]
        if ball.special is not None and not math.isfinite(ball.special):
            return False
        if ball.is_unknown:
            known = None
        op, args = typed_form(node)
        if op is where:
            condition = values[args[0]].sign()
            args = (args[0], *(args[2:] if condition == 0 else args[1:2] if condition else ()))
        elif op is contribution and values[args[0]].special == 0:
            args = args[:1]
        new = [arg for arg in args if arg not in seen]
        seen.update(new)
        stack += new
    return known


def _separated(left: Ball, right: Ball) -> tuple[Ends, Ends] | None:
    """The ends of two balls that have no number in common: as floats, if these are not too coarse to tell."""
    if left.high >= right.low and right.high >= left.low:
        return None
    for ends in (_floats, _fractions):
        one, other = ends(left), ends(right)
        if one and other and (one[1] < other[0] or other[1] < one[0]):
            return one, other
    return None


def _floats(ball: Ball) -> Ends:
    """Floats around a ball."""
    bounds = ball.bounds
    low, high = bounds.to_float(ball.low), bounds.to_float(ball.high)
    if math.isinf(low) or bounds.point(low) > ball.low:
        low = math.nextafter(low, -math.inf)
    if math.isinf(high) or bounds.point(high) < ball.high:
        high = math.nextafter(high, math.inf)
    return low, high


def _fractions(ball: Ball) -> Ends | None:
    """The ends themselves; None for those that nobody could write down."""
    ends = []
    for end in (ball.low, ball.high):
        if not ball.bounds.is_finite(end):
            return None
        mantissa, exponent = ball.bounds.parts(end)
        if abs(exponent) > _LARGEST_EXPONENT:
            return None
        ends.append(Fraction(mantissa) * Fraction(2) ** exponent)
    return ends[0], ends[1]
