"""Derivations as LaTeX: an aligned environment to paste. Knows steps and formulas, no nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..codegen.formulas import Apply
from ..codegen.writing import LATEX, TEXT, grouped, write
from ..record import SUM
from .rows import given_rows, more, parts, sections, twin_row, ways

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..codegen.formulas import Term
    from .rows import Kind, Row, Section
    from .steps import Forward, Line, Paths, Twin

__all__ = ["term_latex", "to_latex"]

# A line is broken where it would be wider than a page: counted in the characters of the same formulas as text.
_WIDTH = 76

_INDENT, _WORD = r"\quad ", r"\text{{{}}}"


class _Piece(NamedTuple):
    """What a line cannot be broken within: its sign, LaTeX, and how wide it is."""

    sign: str
    latex: str
    width: int


def to_latex(
    forward: Sequence[Forward],
    backward: Sequence[Line],
    twins: Sequence[Twin] = (),
    omitted: tuple[int, int, int] = (0, 0, 0),
    paths: Paths | None = None,
) -> str:
    r"""The steps as one ``align*`` environment, for pdfLaTeX with amsmath, for MathJax and for KaTeX.

    Args:
        forward: Values, inputs first.
        backward: Gradients, from the root down.
        twins: What is computed otherwise than typed; without any there is no such section.
        omitted: How many steps of each kind were left out.
        paths: The ways from one node to the root; None where they were not asked for.

    >>> from compgraph.derivations.steps import Forward
    >>> print(to_latex([Forward("w1", None, None, -0.5)], []))
    \begin{align*}
    & \textbf{forward} \\
    & w_{1} = -0.5 \\
    & \textbf{backward}
    \end{align*}
    """
    lines = [line for section in sections(forward, backward, paths, omitted) for line in _section(section)]
    if twins:
        lines += [r"& \textbf{computed as}", *(line for twin in twins for line in _twin(twin)), *_more(omitted[2])]
    return "\n".join([r"\begin{align*}", " \\\\\n".join(lines), r"\end{align*}"])


def term_latex(term: Term) -> str:
    r"""A formula in LaTeX's mathematics mode.

    >>> from compgraph.codegen.formulas import Adjoint, Letter
    >>> print(term_latex(Apply("div", (Adjoint("theta1"), Letter("x")))))
    \frac{d\theta_{1}}{x}
    """
    return write(term, LATEX)


def _section(section: Section) -> Iterator[str]:
    yield rf"& \textbf{{{section.title}}}{ways(section, LATEX.name, _WORD)}"
    given = [
        _Piece(r"\quad", f"{term_latex(name)} = {'?' if value is None else term_latex(value)}", _width(name) + 12)
        for name, value in given_rows(section)
    ]
    yield from (f"& {line.removeprefix(_INDENT)}" for line in _lines(given))
    for row in section.rows:
        yield from _row(row)
    yield from _more(section.omitted)


def _row(row: Row) -> Iterator[str]:
    """One step on one line, or on as many as it needs, with the equals signs below one another."""
    head = r" \to ".join(map(term_latex, row.head))
    sign = row.sign
    if sign == ":":
        yield f"& {head}:"
        head, sign = "", r"\quad"
    pieces = [piece for kind, term in parts(row, term_latex) for piece in _pieces(kind, term)]
    lines = list(_lines([piece._replace(sign=sign) if index == 0 else piece for index, piece in enumerate(pieces)]))
    if row.notes:
        lines[-1] += rf"\quad \leftarrow {LATEX.plain('; '.join(row.notes))}"
    for index, line in enumerate(lines):
        indent = _INDENT if index and not line.startswith(("=", _INDENT)) else ""
        yield f"{'' if index else head} &{indent}{line}".lstrip()


def _pieces(kind: Kind, term: Term) -> Iterator[_Piece]:
    """A formula that follows after an equals sign; a long sum in its terms."""
    spine: list[_Piece] = []
    while _width(term) > _WIDTH and isinstance(term, Apply) and term.op in {"add", "sub"}:
        left, right = term.args
        spine.append(_Piece("+" if term.op == "add" else "-", grouped(right, LATEX, SUM + 1), _width(right)))
        term = left
    if kind == "computed":
        yield _Piece(r"\quad", rf"\text{{computed as }}{{{term_latex(term)}}}", _width(term) + 12)
    else:
        yield _Piece("=", term_latex(term), _width(term))
    yield from reversed(spine)


def _lines(pieces: Iterable[_Piece]) -> Iterator[str]:
    """Pieces with their signs side by side, as many as fit."""
    line, width = "", 0
    for sign, latex, length in pieces:
        if line and width + length + 3 > _WIDTH:
            yield line
            line, width = "", 0
        line, width = f"{line} {sign} {latex}".lstrip(), width + length + 3
    if line:
        yield line


def _twin(twin: Twin) -> Iterator[str]:
    typed, computed, number, naive = twin_row(twin)
    name = f"{LATEX.name(twin.name)} = " if twin.name else ""
    differs = "" if naive is None else rf",\ \text{{not }}{term_latex(naive)}"
    line = rf"{name}{term_latex(typed)}\ \text{{as}}\ {{{term_latex(computed)}}} = {term_latex(number)}{differs}"
    yield f"& {line}"
    if twin.why:
        yield rf"&\quad {LATEX.plain(twin.why)}"


def _more(omitted: int) -> list[str]:
    return [f"& {LATEX.plain(more(omitted))}"] if omitted else []


def _width(term: Term) -> int:
    """How wide a formula is, about: a fraction is as wide as the wider of its parts."""
    if isinstance(term, Apply) and term.op == "div":
        return max(map(_width, term.args))
    if isinstance(term, Apply) and term.op in {"add", "sub", "mul"}:
        return sum(map(_width, term.args)) + 3
    return len(write(term, TEXT))
