"""Which values of a graph have lost digits: each float beside what it would be without rounding."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..balls import bounds_at
from ..enclosed import values_in_balls
from ..graph import order, peek
from ..ops import abs as absolute

if TYPE_CHECKING:
    from ..balls import Ball, Bounds
    from ..node import Node

__all__ = ["digits_lost"]

# Fewer lost digits are not worth a word; larger graphs are not looked through, for a picture shall not wait.
_FEW, _LARGEST = 4, 1000
_BITS = 320
_DIGITS = 15.95


def digits_lost(root: Node) -> dict[Node, int]:
    """The nodes whose value is right to fewer than twelve digits, and how many of the sixteen are gone.

    Nothing is said of what 320 bits do not tell. :func:`compgraph.precision` says more, and whose fault it is.

    >>> from compgraph.node import Node, as_typed
    >>> with as_typed():
    ...     difference = (1 + Node(1e-12, "x")) - 1
    >>> list(digits_lost(difference).values())
    [12]
    """
    nodes = order(root)
    if len(nodes) > _LARGEST:
        return {}
    with bounds_at(_BITS) as bounds:
        balls = values_in_balls(nodes, bounds)
        lost = {node: _lost(value, balls[node], bounds) for node in nodes if (value := peek(node)) is not None}
    return {node: digits for node, digits in lost.items() if digits >= _FEW}


def _lost(value: float, ball: Ball, bounds: Bounds) -> int:
    if not math.isfinite(value) or ball.low is None or (ball.special is not None and not math.isfinite(ball.special)):
        return 0
    low, high = bounds.to_float(ball.low), bounds.to_float(ball.high)
    gap = bounds.to_float(absolute(ball - value).high)
    if low != high or gap <= math.ulp(low) or not math.isfinite(low):
        return 0
    digits = math.log10(max(abs(low), 5e-324)) - math.log10(gap)
    return max(0, min(16, round(_DIGITS - digits)))
