"""Many names told in few words: ``w1 … w30, b``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["in_short"]

_NUMBERED = re.compile(r"(?P<stem>.*?)(?P<number>\d+)")

# Of a row of numbered names so many are told whole, and of different ones so many are told at all.
_WHOLE, _MOST = 3, 8


def in_short(names: Iterable[str]) -> str:
    """Names, those numbered in a row by the first and the last of them.

    >>> in_short(["w1", "x1", "w2", "x2", "w3", "x3", "w4", "x4", "b"])
    'w1 … w4, x1 … x4, b'
    >>> in_short(["w1", "w2", "b"])
    'w1, w2, b'
    """
    rows: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        found = _NUMBERED.fullmatch(name)
        rows.setdefault(found["stem"] if found else f"{name} ", []).append(name)
    told = [piece for row in rows.values() for piece in _row(row)]
    more = len(told) - _MOST
    return ", ".join(told if more <= 0 else [*told[:_MOST], f"and {more} more"])


def _row(names: Sequence[str]) -> list[str]:
    """The names of one stem, runs of consecutive numbers as one piece."""
    numbers = {int(found["number"]): name for name in names if (found := _NUMBERED.fullmatch(name))}
    if len(numbers) < len(names):
        return list(names)
    pieces: list[str] = []
    run: list[int] = []
    for number in sorted(numbers):
        if run and number != run[-1] + 1:
            pieces += _told(run, numbers)
            run = []
        run.append(number)
    return [*pieces, *_told(run, numbers)]


def _told(run: Sequence[int], names: dict[int, str]) -> list[str]:
    whole = [names[number] for number in run]
    return whole if len(whole) <= _WHOLE else [f"{whole[0]} … {whole[-1]}"]
