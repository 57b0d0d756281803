"""Derivations as Unicode text. Knows steps and formulas, no nodes."""

from __future__ import annotations

import textwrap
from functools import reduce
from typing import TYPE_CHECKING

from ..codegen.printer import bracketed, number, text_name
from ..record import ATOM, SUM, op_named
from .steps import Adjoint, Apply, Cut, Flow, Forward, Number, Slope, Total

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .steps import Line, Term, Twin

__all__ = ["term_text", "to_text"]

_WIDTH, _INDENT = 110, 2

# Names of more letters are not lined up with the others.
_LONGEST_NAME = 8


def to_text(
    forward: Sequence[Forward],
    backward: Sequence[Line],
    twins: Sequence[Twin] = (),
    omitted: tuple[int, int, int] = (0, 0, 0),
) -> str:
    """The steps as lines of at most about 110 characters.

    Args:
        forward: Values, inputs first.
        backward: Gradients, from the root down.
        twins: What is computed otherwise than typed; without any there is no such section.
        omitted: How many steps of each kind were left out.
    """
    given = [f"{text_name(step.name)} = {_value(step)}" for step in forward if step.symbol is None]
    lines = ["forward", *_rows(given)]
    lines += _block([_parts(step) for step in forward if step.symbol is not None])
    lines += _more(omitted[0])
    lines += ["backward", *_block([_parts(step) for step in backward]), *_more(omitted[1])]
    if twins:
        lines += ["computed as", *(line for twin in twins for line in _wrapped(_twin(twin), 2 * _INDENT))]
        lines += _more(omitted[2])
    return "\n".join(lines)


def term_text(term: Term) -> str:
    """A formula as text.

    >>> from compgraph.derivations.steps import Letter
    >>> term_text(Apply("mul", (Adjoint("a"), Apply("sub", (Number(1.0), Letter("a"))))))
    'da·(1 − a)'
    """
    return bracketed(*_put(term))


def _put(term: Term) -> tuple[str, int]:
    """A formula, and how tightly it binds."""
    if isinstance(term, Apply):
        op = op_named(term.op)
        parts = []
        for arg, need in zip(term.args, op.needs, strict=True):
            text, precedence = _put(arg)
            parts.append(f"({text})" if precedence < need else text)
        return op.text.format(*parts), op.precedence
    if isinstance(term, Number):
        text = number(term.value)
        return text, SUM if text.startswith("−") else ATOM
    if isinstance(term, Slope):
        return f"∂{text_name(term.of)}/∂{text_name(term.by)}", ATOM
    if isinstance(term, Adjoint):
        return f"d{text_name(term.name)}", ATOM
    return (f"… ({_count(term.count)} {term.what})" if isinstance(term, Cut) else text_name(term.name)), ATOM


def _value(step: Forward) -> str:
    return "?" if step.number is None else number(step.number)


# --- lines ---------------------------------------------------------------------------------------------------------

# (left of the first sign, the sign, formulas from the first to the last, which may be left out, result, notes)
_Parts = tuple[str, str, list[str], str | None, str | None, tuple[str, ...]]


def _parts(step: Line) -> _Parts:
    result = None if step.number is None else number(step.number)
    if isinstance(step, Forward):
        return text_name(step.name), "=", _texts(step.symbol), _text(step.substitution), result, ()
    name = f"d{text_name(step.name)}"
    if isinstance(step, Total):
        more = (Cut(step.omitted, "more"),) if step.omitted else ()
        terms: tuple[Term, ...] = (*map(Number, step.parts), *more)
        return name, "=", [term_text(reduce(lambda u, v: Apply("add", (u, v)), terms))], None, result, ()
    if isinstance(step, Flow):
        return name, "+=", _texts(step.chain, step.symbol), _text(step.substitution), result, step.notes
    formulas, computed = _texts(step.chain, step.symbol, step.closed), _texts(step.computed)
    if computed and not formulas:
        return f"{name},", "computed as", computed, None, result, step.notes
    if computed:
        return name, "=", [*formulas[:-1], f"{formulas[-1]}, computed as {computed[0]}"], None, result, step.notes
    return name, "=", formulas, _text(step.substitution), result, step.notes


def _twin(twin: Twin) -> str:
    typed = term_text(twin.symbol)
    text = " " * _INDENT + (f"{text_name(twin.name)} = {typed}" if twin.name else typed)
    text += f" as {term_text(twin.computed)} = {number(twin.number)}"
    naive = number(twin.naive)
    text += f", not {naive}" if naive != number(twin.number) else ""
    return f"{text}: {twin.why}" if twin.why else text


def _texts(*terms: Term | None) -> list[str]:
    return [term_text(term) for term in terms if term is not None]


def _text(term: Term | None) -> str | None:
    return None if term is None else term_text(term)


def _block(steps: Sequence[_Parts]) -> list[str]:
    """Lines with their first signs below one another."""
    heads = [f"{name} {sign}" for name, sign, *_ in steps]
    width = max((len(head) for head in heads if len(head) <= _LONGEST_NAME), default=0)
    lines = []
    for head, (_, _, formulas, substitution, result, notes) in zip(heads, steps, strict=True):
        left = " " * _INDENT + head.rjust(width)
        note = f"   ← {'; '.join(notes)} (convention)" if notes else ""
        lines += _line(left, formulas, substitution, result, note)
    return lines


def _line(left: str, formulas: list[str], substitution: str | None, result: str | None, note: str) -> list[str]:
    """One step: without its substitution, then broken, where it would be too long."""
    whole = _joined(left, formulas, substitution, result) + note
    if len(whole) > _WIDTH and len(formulas) > 0:
        whole = _joined(left, formulas, None, result) + note
    return _wrapped(whole, len(left) + 1)


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )


def _joined(left: str, formulas: list[str], substitution: str | None, result: str | None) -> str:
    parts = [*formulas, substitution, result]
    shown: list[str] = []
    for part in parts:
        if part is not None and (not shown or part != shown[-1]):
            shown.append(part)
    return f"{left} {' = '.join(shown)}"


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
    return [f"{' ' * _INDENT}… and {_count(omitted)} more"] if omitted else []


def _count(number: int) -> str:
    return f"{number:,}".replace(",", " ")
