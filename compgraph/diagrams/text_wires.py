"""Wires between two columns of boxes of text: which upright line each takes, and the characters that draw them.

Sources that go to the same boxes share one upright line, their bus; so whatever a line touches belongs to it. Where a
wire meets the bus of others it goes under it.
"""

from __future__ import annotations

import graphlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Net", "route"]

_UP, _DOWN, _LEFT, _RIGHT = 1, 2, 4, 8

# By the ways that lead out of a cell.
_SOLID = {3: "│", 12: "─", 5: "┘", 9: "└", 6: "┐", 10: "┌", 7: "┤", 11: "├", 13: "┴", 14: "┬", 15: "┼"}
_DASHED = {**_SOLID, 3: "┆", 12: "┄", 5: "╯", 9: "╰", 6: "╮", 10: "╭"}

# From one bus to the next: a blank between them.
_STEP = 2


@dataclass
class Net:
    """What goes from all of these rows on the left to all of those on the right.

    Attributes:
        sources: The rows in which it leaves boxes on the left.
        targets: The rows in which it reaches boxes on the right, and how many edges each stands for.
        passing: The rows of these in which there is no box but a wire that goes on; on the left, and on the right.
        is_back: Whether it is the gradients that come back.
        track: On which of the upright lines it turns; −1 where it is straight.
    """

    sources: list[int]
    targets: dict[int, int]
    is_back: bool
    passing: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset())
    track: int = -1

    @property
    def rows(self) -> range:
        """From the first row of it to the last."""
        rows = [*self.sources, *self.targets]
        return range(min(rows), max(rows) + 1)


def route(nets: Sequence[Net]) -> tuple[int, dict[tuple[int, int], str]] | None:
    """Draw the wires between two columns: how many cells these are apart, and the characters by row and column.

    None where no order of the upright lines keeps them apart.

    >>> width, cells = route([Net([0, 2], {1: 1}, is_back=False), Net([3], {3: 2}, is_back=True)])
    >>> for row in range(4):
    ...     print("".join(cells.get((row, column), " ") for column in range(width)).rstrip())
    ─┐
     ├───▶
    ─┘
    ◀┄┄┄×2
    """
    if not _put_on_tracks([net for net in nets if len(net.rows) > 1]):
        return None
    tracks = 1 + max((net.track for net in nets), default=-1)
    most = max((count for net in nets for count in net.targets.values()), default=1)
    width = max(3, _STEP * tracks + 2) + (len(f"×{most}") if most > 1 else 0)
    canvas = _Canvas(width)
    for net in nets:
        canvas.draw(net)
    return width, canvas.cells()


def _put_on_tracks(turning: Sequence[Net]) -> bool:
    """Give each net a track on which it is alone; whether that can be done.

    Where a wire on the left and one on the right share a row, the former must end before the latter begins.
    """
    before = {
        index: [
            other
            for other, one in enumerate(turning)
            if other != index and not net.targets.keys().isdisjoint(one.sources)
        ]
        for index, net in enumerate(turning)
    }
    try:
        order = list(graphlib.TopologicalSorter(before).static_order())
    except graphlib.CycleError:
        return False
    for index in order:
        net = turning[index]
        net.track = 1 + max((turning[other].track for other in before[index]), default=-1)
        while any(one is not net and one.track == net.track and _meet(one.rows, net.rows) for one in turning):
            net.track += 1
    return True


def _meet(one: range, other: range) -> bool:
    return one.start < other.stop and other.start < one.stop


class _Canvas:
    """The ways that lead out of each cell, level and upright, and where the two are joined."""

    def __init__(self, width: int) -> None:
        self._last = width - 1
        self._level: dict[tuple[int, int], tuple[int, bool]] = {}
        self._upright: dict[tuple[int, int], tuple[int, bool]] = {}
        self._joined: set[tuple[int, int]] = set()
        self._signs: dict[tuple[int, int], str] = {}

    def draw(self, net: Net) -> None:
        if net.track < 0:
            self._line(net.sources[0], 0, self._last, net)
        else:
            at = 1 + _STEP * net.track
            for row in net.sources:
                self._line(row, 0, at, net)
            for row in net.targets:
                self._line(row, at, self._last, net)
            for row in net.rows:
                self._upright[row, at] = (_UP * (row != net.rows[0]) + _DOWN * (row != net.rows[-1]), net.is_back)
            self._joined |= {(row, at) for row in (*net.sources, *net.targets)}
        for row, count in net.targets.items():
            tip = "" if net.is_back or row in net.passing[1] else "▶"
            text = (f"×{count}" if count > 1 else "") + tip
            self._signs |= {(row, self._last + 1 - len(text) + place): sign for place, sign in enumerate(text)}
        if net.is_back:
            self._signs |= {(row, 0): "◀" for row in net.sources if row not in net.passing[0]}

    def _line(self, row: int, start: int, end: int, net: Net) -> None:
        for column in range(start, end + 1):
            left = _LEFT * (column > start or start == 0)
            right = _RIGHT * (column < end or end == self._last)
            known, _ = self._level.get((row, column), (0, False))  # a net that goes on where it came from
            self._level[row, column] = (known | left | right, net.is_back)

    def cells(self) -> dict[tuple[int, int], str]:
        found = {}
        for place in self._level.keys() | self._upright.keys():
            level, is_back = self._level.get(place, (0, False))
            upright, is_bus_back = self._upright.get(place, (0, False))
            if upright:
                is_back = is_bus_back
                level *= place in self._joined
            found[place] = (_DASHED if is_back else _SOLID)[level | upright]
        return found | self._signs
