"""Fisher's iris as plain numbers, read from a CSV file in which every cell is checked."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..errors import GraphValueError

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

__all__ = ["Flower", "iris"]

_FILE = Path(__file__).with_name("iris.csv")


class Flower(NamedTuple):
    """One iris: lengths and widths in cm, and its species."""

    sepal_length: float
    sepal_width: float
    petal_length: float
    petal_width: float
    species: str


def iris(path: str | os.PathLike[str] | None = None) -> tuple[Flower, ...]:
    """The 150 flowers of Fisher's iris, 50 of each species, in the order of the paper.

    Args:
        path: Another CSV file with the same header; lines that begin with # are left out.

    Returns:
        Flowers: sepal and petal length and width in cm, and "setosa", "versicolor" or "virginica".

    Raises:
        GraphValueError: The file is not such a table; names file, line and column.
        OSError: The file cannot be read.

    Source: R. A. Fisher (1936), The use of multiple measurements in taxonomic problems, Annals of Eugenics 7, 179-188.

    >>> flowers = iris()
    >>> len(flowers), flowers[50].petal_length, flowers[50].species
    (150, 4.7, 'versicolor')
    """
    file = _FILE if path is None else Path(path)
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise GraphValueError(f"{file}: not UTF-8 text (byte {error.start}); save the table as UTF-8") from None
    rows = [(number, _cells(f"{file}, line {number}", line)) for number, line in _content(lines)]
    if not rows or rows[0][1] != list(Flower._fields):
        number, found = rows[0] if rows else (1, [])
        raise GraphValueError(
            f"{file}, line {number}: the header is {','.join(found)!r}; write {','.join(Flower._fields)!r}"
        )
    return tuple(_flower(f"{file}, line {number}", cells) for number, cells in rows[1:])


def _content(lines: Sequence[str]) -> list[tuple[int, str]]:
    return [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]


def _cells(place: str, line: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], strict=True))]
    except csv.Error as error:
        raise GraphValueError(f"{place}: not CSV ({error})") from None


def _flower(place: str, cells: Sequence[str]) -> Flower:
    if len(cells) != len(Flower._fields):
        raise GraphValueError(f"{place}: {len(cells)} columns; {len(Flower._fields)} are wanted")
    *numbers, species = cells
    if not species:
        raise GraphValueError(f"{place}, column species: empty; write the name of the species")
    sizes = [_size(f"{place}, column {column}", text) for column, text in zip(Flower._fields, numbers, strict=False)]
    return Flower._make([*sizes, species])


def _size(place: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise GraphValueError(f"{place}: {text!r} is not a number; write a length in cm such as 4.7") from None
    if not math.isfinite(value):
        raise GraphValueError(f"{place}: {text} is not finite; write a length in cm such as 4.7")
    return value
