"""Derivations as Markdown, formulas between dollar signs: for Jupyter and GitHub. Knows steps, no nodes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..codegen.writing import LATEX
from .latex import term_latex
from .rows import given_rows, more, parts, sections, twin_row, ways

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .rows import Row, Section
    from .steps import Forward, Line, Paths, Twin

__all__ = ["to_markdown"]

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+.!|~$<>-])")


def to_markdown(
    forward: Sequence[Forward],
    backward: Sequence[Line],
    twins: Sequence[Twin] = (),
    omitted: tuple[int, int, int] = (0, 0, 0),
    paths: Paths | None = None,
) -> str:
    r"""The steps as lists, every formula between dollar signs of its own, so that lines break at the equals signs.

    Args:
        forward: Values, inputs first.
        backward: Gradients, from the root down.
        twins: What is computed otherwise than typed; without any there is no such section.
        omitted: How many steps of each kind were left out.
        paths: The ways from one node to the root; None where they were not asked for.

    >>> from compgraph.derivations.steps import Forward
    >>> print(to_markdown([Forward("w1", None, None, -0.5)], []))
    **forward**
    <BLANKLINE>
    - $w_{1} = -0.5$
    <BLANKLINE>
    **backward**
    """
    blocks = [block for section in sections(forward, backward, paths, omitted) for block in _section(section)]
    if twins:
        blocks += ["**computed as**", "\n".join([*map(_twin, twins), *_more(omitted[2])])]
    return "\n\n".join(block for block in blocks if block)


def _section(section: Section) -> list[str]:
    title = f"**{section.title}**{ways(section, lambda name: _math(LATEX.name(name)))}"
    given = [
        _math(f"{term_latex(name)} = {'?' if value is None else term_latex(value)}")
        for name, value in given_rows(section)
    ]
    rows = [f"- {'   '.join(given)}"] if given else []
    return [title, "\n".join([*rows, *map(_row, section.rows), *_more(section.omitted)])]


def _row(row: Row) -> str:
    head = r" \to ".join(map(term_latex, row.head))
    line, sign = (f"{_math(head)}:", "") if row.sign == ":" else ("", f"{head} {row.sign} ")
    for kind, term in parts(row, term_latex):
        if kind == "computed":
            line = f"{line or _math(head)}, computed as {_math(term_latex(term))}"
        else:
            line = f"{line} {_math(sign + term_latex(term))}".lstrip()
        sign = "= "
    note = f" ← {_plain('; '.join(row.notes))}" if row.notes else ""
    return f"- {line}{note}"


def _twin(twin: Twin) -> str:
    typed, computed, number, naive = twin_row(twin)
    name = f"{LATEX.name(twin.name)} = " if twin.name else ""
    line = f"- {_math(name + term_latex(typed))} as {_math(term_latex(computed))} {_math(f'= {term_latex(number)}')}"
    line += "" if naive is None else f", not {_math(term_latex(naive))}"
    return f"{line}: {_plain(twin.why)}" if twin.why else line


def _math(latex: str) -> str:
    """Between dollar signs; rows end in a command that Markdown does not take for an escape."""
    one_line = latex.replace(r" \\ ", r" \cr ")
    return f"${one_line}$"


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _more(omitted: int) -> list[str]:
    return [f"- {more(omitted)}"] if omitted else []
