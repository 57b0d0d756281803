"""Where an op is tried: points of its own declared domain, the same in every run."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..record import Interval, Op

__all__ = ["sample_of"]

_LANDMARKS = (0.0, 1.0, -1.0, 2.0, 0.5, -0.5, 1e-9, -1e-9, 30.0, -30.0)


def sample_of(op: Op, count: int) -> list[tuple[float, ...]]:
    """Arguments for an op: ordinary numbers, 0, ±1, the edges of its domain, and ties of two arguments.

    >>> from compgraph.ops import log, maximum
    >>> all(x > 0 for (x,) in sample_of(log, 12)), any(u == v for u, v in sample_of(maximum, 12))
    (True, True)
    """
    chance = random.Random(op.name)
    axes = [_axis(interval, chance, count) for interval in op.domain]
    if op.parameters[0] == "condition":
        axes[0] = [0.0, 1.0] * count
    if op.arity == 1:
        return [(number,) for number in axes[0][:count]]
    points = []
    for place in range(count):
        point = [axis[place % len(axis)] if place < 4 else chance.choice(axis) for axis in axes]
        if place % 4 == 3:
            i, j = chance.sample(range(op.arity), 2)
            point[j] = point[i] if point[i] in op.domain[j] else point[j]
        points.append(tuple(point))
    return points


def _axis(interval: Interval, chance: random.Random, count: int) -> list[float]:
    low, high = max(interval.low, -4.0), min(interval.high, 4.0)
    if low >= high:  # all of it is far from 0
        low, high = (interval.low, interval.low + 4.0) if math.isfinite(interval.low) else (high - 4.0, high)
    ordinary = [round(chance.uniform(low, high), 3) for _ in range(count)]
    edges = [end for end in (interval.low, interval.high) if math.isfinite(end)]
    numbers = [*ordinary[: count // 2], *edges, *_LANDMARKS, *ordinary[count // 2 :]]
    return [number for number in numbers if number in interval]
