"""Derivations as Unicode text. Knows steps and formulas, no nodes."""

from __future__ import annotations

import textwrap
from itertools import pairwise
from typing import TYPE_CHECKING

from ..codegen.writing import TEXT, write
from .rows import given_rows, more, sections, twin_row, ways

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..codegen.formulas import Term
    from .rows import Row, Section
    from .steps import Forward, Line, Paths, Twin

__all__ = ["paths_text", "term_text", "to_text"]

_WIDTH, _INDENT = 110, 2

# Names of more letters are not lined up with the others.
_LONGEST_NAME = 8


def to_text(
    forward: Sequence[Forward],
    backward: Sequence[Line],
    twins: Sequence[Twin] = (),
    omitted: tuple[int, int, int] = (0, 0, 0),
    paths: Paths | None = None,
) -> str:
    """The steps as lines of at most about 110 characters.

    Args:
        forward: Values, inputs first.
        backward: Gradients, from the root down.
        twins: What is computed otherwise than typed; without any there is no such section.
        omitted: How many steps of each kind were left out.
        paths: The ways from one node to the root; None where they were not asked for.
    """
    lines = [line for section in sections(forward, backward, paths, omitted) for line in _section(section)]
    if twins:
        lines += ["computed as", *(line for twin in twins for line in _wrapped(_twin(twin), 2 * _INDENT))]
        lines += _more(omitted[2])
    return "\n".join(lines)


def paths_text(paths: Paths) -> list[str]:
    """A line for each path with the product of its numbers, and one for their sum, which is the gradient.

    >>> from compgraph.codegen.formulas import Cut
    >>> from compgraph.derivations.steps import Path, Paths
    >>> paths_text(Paths("x", "s", (Path(("x", "s"), Cut(), None, None, 3.0),), 1, None, None, 3.0))
    ['x → s: … = 3', 'dx = 3']
    """
    (section,) = (one for one in sections((), (), paths, (0, 0, 0)) if one.subject)
    lines = []
    for row in section.rows:
        terms = (*row.formulas[-1:], row.computed, row.substitution, row.result)
        if row.sign == ":" and row.substitution is not None:
            terms = (row.substitution, row.result)
        lines.append(f"{_head(row)} {' = '.join(_parts([term_text(term) for term in terms if term is not None]))}")
    return lines


def term_text(term: Term) -> str:
    """A formula as text.

    >>> from compgraph.codegen.formulas import Adjoint, Apply, Letter, Number
    >>> term_text(Apply("mul", (Adjoint("a"), Apply("sub", (Number(1.0), Letter("a"))))))
    'da·(1 − a)'
    """
    return write(term, TEXT)


def _section(section: Section) -> list[str]:
    given = [f"{term_text(name)} = {'?' if value is None else term_text(value)}" for name, value in given_rows(section)]
    return [section.title + ways(section, TEXT.name), *_rows(given), *_block(section.rows), *_more(section.omitted)]


def _twin(twin: Twin) -> str:
    typed, computed, number, naive = twin_row(twin)
    name = f"{TEXT.name(twin.name)} = " if twin.name else ""
    text = f"{' ' * _INDENT}{name}{term_text(typed)} as {term_text(computed)} = {term_text(number)}"
    text += "" if naive is None else f", not {term_text(naive)}"
    return f"{text}: {twin.why}" if twin.why else text


# --- lines ---------------------------------------------------------------------------------------------------------


def _block(rows: Sequence[Row]) -> list[str]:
    """Lines with their first signs below one another."""
    heads = [_head(row) for row in rows]
    width = max((len(head) for head in heads if len(head) <= _LONGEST_NAME), default=0)
    return [
        line
        for head, row in zip(heads, rows, strict=True)
        for line in _line(" " * _INDENT + (head if row.sign == ":" else head.rjust(width)), row)
    ]


def _head(row: Row) -> str:
    name = " → ".join(map(term_text, row.head))
    if row.sign == ":":
        return f"{name}:"
    return f"{name}, computed as" if row.computed is not None and not row.formulas else f"{name} {row.sign}"


def _line(left: str, row: Row) -> list[str]:
    """One step: on up to three lines, then without its substitution, then broken anywhere, where it would be long."""
    formulas = list(map(term_text, row.formulas))
    if row.computed is not None:
        computed = term_text(row.computed)
        formulas[-1:] = [f"{formulas[-1]}, computed as {computed}" if formulas else computed]
    note = f"   ← {'; '.join(row.notes)}" if row.notes else ""
    last = len(_parts(formulas)) - 1
    for numbers in ((row.substitution, row.result), (row.result,)):
        parts = _parts(formulas, *numbers)
        for cuts in ((), (last,), (last + 1,), (last, last + 1)):
            lines = _broken(left, parts, cuts, note)
            if max(map(len, lines)) <= _WIDTH:
                return lines
    return _wrapped(f"{left} {' = '.join(parts)}{note}", len(left) + 1)


def _broken(left: str, parts: Sequence[str], cuts: Sequence[int], note: str) -> list[str]:
    """What is equal, on a line up to each cut, with the equals signs below one another."""
    ends = pairwise([0, *(cut for cut in cuts if 0 < cut < len(parts)), len(parts)])
    first, *rest = [" = ".join(parts[start:end]) for start, end in ends]
    lines = [f"{left} {first}", *(f"{' ' * (len(left) - 1)}= {line}" for line in rest)]
    if len(lines[-1] + note) <= _WIDTH:
        return [*lines[:-1], lines[-1] + note]
    return [*lines, " " * (len(left) - 1) + note.lstrip()]


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )


def _parts(formulas: list[str], *numbers: Term | None) -> list[str]:
    shown: list[str] = []
    for part in [*formulas, *(term_text(number) for number in numbers if number is not None)]:
        if not shown or part != shown[-1]:
            shown.append(part)
    return shown


def _rows(cells: Iterable[str]) -> list[str]:
    """Short statements side by side."""
    rows: list[str] = []
    for cell in cells:
        if rows and len(rows[-1]) + 3 + len(cell) <= _WIDTH:
            rows[-1] += "   " + cell
        else:
            rows.append(" " * _INDENT + cell)
    return rows


def _more(omitted: int) -> list[str]:
    return [f"{' ' * _INDENT}{more(omitted)}"] if omitted else []
