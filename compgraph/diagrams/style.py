"""How diagrams look: colours, fonts, the width of text, and how maths is set in plain Unicode and in runs.

Shared by the printers; knows neither Scene nor a format.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from ..codegen.printer import NAME
from .layout import UNDRAWABLE

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "CUT", "DARK", "LIGHT", "SANS", "SERIF", "Palette", "Run",
    "cut", "depth", "lines", "plain", "pretty", "runs", "width", "wrapped",
]  # fmt: skip


class Palette(NamedTuple):
    """The colours of one theme. Forward and backward differ in lightness too, and nothing is told by colour alone."""

    page: str
    text: str
    muted: str
    rule: str
    forward: str
    backward: str
    inner: tuple[str, str]
    parameter: tuple[str, str]
    data: tuple[str, str]
    constant: tuple[str, str]
    output: tuple[str, str]

    def role(self, role: str) -> tuple[str, str]:
        """Fill and outline of a box.

        >>> LIGHT.role("more")
        ('#ffffff', '#475569')
        """
        known: tuple[str, str] = getattr(self, role, (self.page, self.muted))
        return known


#: (fill, outline) where there are two.
LIGHT: Final = Palette(
    page="#ffffff", text="#0f172a", muted="#475569", rule="#cbd5e1", forward="#2563eb", backward="#dc2626",
    inner=("#f8fafc", "#475569"), parameter=("#fffbeb", "#d6a23a"), data=("#f1f5f9", "#94a3b8"),
    constant=("#f1f5f9", "#94a3b8"), output=("#f5f3ff", "#7c3aed"),
)  # fmt: skip
DARK: Final = Palette(
    page="#0f172a", text="#f1f5f9", muted="#a3b1c6", rule="#475569", forward="#7ab2ff", backward="#fb8585",
    inner=("#1e293b", "#94a3b8"), parameter=("#2c2410", "#d6a23a"), data=("#1b2536", "#64748b"),
    constant=("#1b2536", "#64748b"), output=("#2a1f4a", "#a78bfa"),
)  # fmt: skip

#: The first family has the widths that :func:`width` counts with, or is narrower; the rest are what systems have.
SANS: Final = "Helvetica, Arial, 'Liberation Sans', sans-serif"
SERIF: Final = "'Times New Roman', 'Liberation Serif', Tinos, serif"

#: Longest name or formula that is drawn whole, in characters.
CUT: Final = 120

# Adobe's metrics of Helvetica (also those of Arial and Liberation Sans), in thousandths of the font size.
_WIDTHS: Final = {
    character: thousandths
    for thousandths, characters in {
        191: "'", 222: "ijl", 260: "|", 278: " !,./:;I[]\\ft·", 333: "()-`r", 334: "{}", 355: '"', 389: "*", 469: "^",
        500: "Jckrsvxyz∂", 556: "#$0123456789?L_abdeghnopqu", 584: "+<=>~−", 611: "FTZ", 667: "&ABEKPSVXY",
        722: "CDHNRUw", 778: "GOQ", 833: "Mm", 889: "%", 944: "W", 1015: "@",
    }.items()
    for character in characters
}  # fmt: skip

_SUBSCRIPTS: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPTS: Final = str.maketrans("−0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

# The words of a formula, as codegen.printer writes them: a name (a function, where a bracket follows), a number, a
# whole power. An index are the digits that end the last part of a name.
_WORDS: Final = re.compile(
    rf"(?P<name>{NAME})(?P<call>(?=\())?|\d[\d.]*(?:e[+−]?\d+)?|"
    r"\^(?:(?P<power>\d+)|\((?P<negative>−\d+)\))(?![\w.])"
)
_INDEXED: Final = re.compile(r"(?P<word>(?:[^\"]*\.)?[^\W\d_]+)_?(?P<index>\d+)")
_BREAKS: Final = re.compile(r" (?=[+−])|(?<=, )|(?<== )|(?<=\w) (?=\w)")


def plain(text: str) -> str:
    r"""Text on one line, and without characters that no picture can hold.

    >>> plain("two\nlines\x00")
    'two lines�'
    """
    return UNDRAWABLE.sub("\N{REPLACEMENT CHARACTER}", re.sub(r"\s", " ", text))


def width(text: str, size: float = 1.0) -> float:
    """How wide text is in Helvetica, in the unit of the size; ±20 % in the font that is found in its place.

    >>> width("z = −1.5", 10.0)
    36.14
    """
    return round(sum(_thousandths(character) for character in text) * size / 1000, 2)


def _thousandths(character: str) -> int:
    known = _WIDTHS.get(character)
    if known is not None:
        return known
    if character in "₀₁₂₃₄₅₆₇₈₉⁻⁰¹²³⁴⁵⁶⁷⁸⁹":
        return 350
    if unicodedata.combining(character):
        return 0
    return 1000 if unicodedata.east_asian_width(character) in "WF" or character >= "\U00010000" else 620


class Run(NamedTuple):
    """A piece of maths that is set in one way: names in italics, an index below the line, a power above it."""

    text: str
    kind: Literal["italic", "index", "power", "upright", "number"]


def runs(text: str) -> list[Run]:
    """A formula as runs: names in italics with their index, whole powers, functions and signs upright.

    >>> [(run.text, run.kind) for run in runs("w1·log(x)^2")]
    [('w', 'italic'), ('1', 'index'), ('·log(', 'upright'), ('x', 'italic'), (')', 'upright'), ('2', 'power')]
    """
    found: list[Run] = []
    end = 0
    for match in _WORDS.finditer(text):
        name, power = match["name"], match["power"] or match["negative"]
        if power is None and (name is None or match["call"] is not None):
            continue
        found.append(Run(text[end : match.start()], "upright"))
        if power is not None:
            found.append(Run(power, "power"))
        elif indexed := _INDEXED.fullmatch(name):
            found += [Run(indexed["word"], "italic"), Run(indexed["index"], "index")]
        else:
            found.append(Run(name, "italic"))
        end = match.end()
    found.append(Run(text[end:], "upright"))
    return [run for run in found if run.text]


def pretty(line: Iterable[Run]) -> str:
    """Runs in plain Unicode: indices below the line, whole powers above it.

    >>> pretty(runs("z = w1·x1 + log1p(w_12)^2 + 2.5^x"))
    'z = w₁·x₁ + log1p(w₁₂)² + 2.5^x'
    """
    tables = {"index": _SUBSCRIPTS, "power": _SUPERSCRIPTS}
    return "".join(run.text.translate(tables.get(run.kind, {})) for run in line)


def lines(text: str, limit: float) -> list[list[Run]]:
    """A formula as runs on several lines, broken as by :func:`wrapped`.

    >>> [pretty(line) for line in lines("L = −(y1·log(a) + (1 − y1)·log(1 − a))", 10)]
    ['L = −(y₁·log(a)', '+ (1 − y₁)·log(1 − a))']
    """
    parts = runs(plain(text))
    whole = cut("".join(run.text for run in parts))
    return [_piece(parts, whole, start, end) for start, end in _spans(whole, limit)]


def _piece(parts: Iterable[Run], whole: str, start: int, end: int) -> list[Run]:
    """The runs between two places of the text that they make together, or that is cut short."""
    found, at = [], 0
    for run in parts:
        found.append(Run(whole[max(start, at) : max(start, min(end, at + len(run.text)))], run.kind))
        at += len(run.text)
    return [run for run in found if run.text]


def wrapped(text: str, limit: float) -> list[str]:
    """Text on several lines, each at most so many ems wide.

    Lines break before a sign, after a comma or an equals sign, between words, and else where they are full.

    >>> wrapped("L = −(y·log(a) + (1 − y)·log(1 − a))", 10)
    ['L = −(y·log(a)', '+ (1 − y)·log(1 − a))']
    """
    text = cut(plain(text))
    return [text[start:end] for start, end in _spans(text, limit)]


def cut(text: str) -> str:
    """A name or formula no longer than any picture draws it.

    >>> cut("z = w·x"), len(cut("w" * 400))
    ('z = w·x', 120)
    """
    return text if len(text) <= CUT else f"{text[: CUT - 1]}…"


def _spans(text: str, limit: float) -> list[tuple[int, int]]:
    """From where to where the lines go."""
    found, start = [], 0
    while width(text[start:]) > limit:
        rest = text[start:]
        places = [match.start() for match in _BREAKS.finditer(rest) if width(rest[: match.start()]) <= limit]
        full = next(end for end in range(len(rest), 0, -1) if end == 1 or width(rest[:end]) <= limit)
        # Rather between two terms than inside of one, but not for a line that is nearly empty.
        wide = [place for place in places if width(rest[:place]) > limit / 3]
        place = max(wide or places, key=lambda place: (-depth(rest, place), place), default=full)
        found.append((start, start + len(rest[:place].rstrip())))
        start += len(rest) - len(rest[place:].lstrip())
    return [*found, (start, len(text))]


def depth(text: str, place: int) -> int:
    """How many brackets and quotes are open at a place: lines break where there are few.

    >>> [depth("log(1 − a)", place) for place in (3, 5)]
    [0, 1]
    """
    return text.count("(", 0, place) - text.count(")", 0, place) + text.count('"', 0, place) % 2
