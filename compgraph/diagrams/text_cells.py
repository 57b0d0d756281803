"""Text in cells of a terminal: how many it takes, and where its lines break."""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate

from . import style

__all__ = ["cells", "padded", "split", "wrapped"]

# A line breaks before a sign, and at any other space; rather there than between two factors.
_BREAKS = re.compile(r"(?<![+−=→⇄]) +|(?<=\))(?=·)")


def cells(text: str) -> int:
    """How many cells of a terminal a line takes.

    >>> cells("z = 1"), cells("日本"), cells("é")
    (5, 4, 1)
    """
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def split(text: str) -> list[str]:
    """A line as its cells: after a wide character an empty one, marks together with what they stand on.

    >>> split("日é")
    ['日', '', 'é']
    """
    found: list[str] = []
    for character in text:
        room = _cells(character)
        if room:
            found += [character, *[""] * (room - 1)]
        elif found:
            place = max(index for index, cell in enumerate(found) if cell)
            found[place] += character
        else:
            found.append(f" {character}")
    return found


def padded(text: str, width: int) -> str:
    """A line with blanks after it, to so many cells.

    >>> padded("日本", 6) + "|"
    '日本  |'
    """
    return text + " " * (width - cells(text))


def wrapped(text: str, limit: int) -> list[str]:
    """Text on several lines of so many cells: rather between two terms than inside of one.

    >>> wrapped("L = −(y·log(a) + (1 − y)·log(1 − a)) = 1.701", 24)
    ['L = −(y·log(a)', '+ (1 − y)·log(1 − a))', '= 1.701']
    """
    rest, found = style.plain(text), []
    while cells(rest) > limit:
        full = _fitting(rest, limit)
        places = [match.start() for match in _BREAKS.finditer(rest, 1) if match.start() <= full]
        wide = [place for place in places if cells(rest[:place]) > limit / 3]
        place = max(wide or places, key=lambda place: (-_rank(rest, place), place), default=full)
        found.append(rest[:place].rstrip())
        rest = rest[place:].lstrip()
    return [*found, rest]


def _fitting(text: str, limit: int) -> int:
    """How many characters of a text that is too long fit; one at least."""
    taken = accumulate(map(_cells, text))
    return max(1, next(index for index, count in enumerate(taken) if count > limit))


def _rank(text: str, place: int) -> float:
    """How deep inside of a formula a place is; rather at a space than between two factors."""
    return style.depth(text, place) + (text[place] != " ") / 2
