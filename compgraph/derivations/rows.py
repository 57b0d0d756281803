"""What every printer of a derivation starts from: its steps as rows of formulas, in sections. Knows no format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from ..codegen.formulas import Adjoint, Apply, Cut, Letter, Number, total
from ..codegen.writing import count
from ..graph import COMPARISONS
from ..record import SUM, op_named
from .steps import Flow, Forward, Total

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ..codegen.formulas import Term
    from .steps import Backward, Line, Path, Paths, Twin

__all__ = ["Kind", "Row", "Section", "given_rows", "more", "parts", "sections", "twin_row", "ways"]

# What a part of a row is.
Kind = Literal["formula", "computed", "substitution", "result"]

# Of a long way the first and the last names are shown.
_LONGEST_WAY, _ENDS = 12, 3


class Row(NamedTuple):
    """One line: head = formula = formula, computed as formula = substitution = number.

    Attributes:
        head: What the line is about: one term, or the names along a path.
        sign: "=", "+=" for what is added, ":" behind a path.
        formulas: In the order in which they follow from one another.
        computed: What the engine computed where the formulas would not give the number; else None.
        substitution: The last formula with numbers; None where there is none.
        result: The number; None where there is none.
        notes: What a reader has to know besides.
    """

    head: tuple[Term, ...]
    sign: str
    formulas: tuple[Term, ...]
    computed: Term | None = None
    substitution: Term | None = None
    result: Number | None = None
    notes: tuple[str, ...] = ()


class Section(NamedTuple):
    """Rows under one title.

    Attributes:
        title: In words.
        subject: Names that belong to the title: from where to where paths lead.
        given: Numbers that are given, before the rows.
        rows: The rows.
        omitted: How many more there would be.
    """

    title: str
    subject: tuple[str, ...]
    given: tuple[Row, ...]
    rows: tuple[Row, ...]
    omitted: int = 0


def sections(
    forward: Sequence[Forward], backward: Sequence[Line], paths: Paths | None, omitted: tuple[int, int, int]
) -> Iterator[Section]:
    """The sections of a derivation but for its twins, which printers put last, in words of their own."""
    given = tuple(_forward(step) for step in forward if step.symbol is None)
    computed = tuple(_forward(step) for step in forward if step.symbol is not None)
    yield Section("forward", (), given, computed, omitted[0])
    yield Section("backward", (), (), _explained(map(_backward, backward)), omitted[1])
    if paths is not None:
        yield Section("paths", (paths.of, paths.root), (), tuple(_paths(paths)))


def given_rows(section: Section) -> tuple[tuple[Term, Number | None], ...]:
    """What is given, and its number; None for an input without a value."""
    return tuple((row.head[0], row.result) for row in section.given)


def ways(section: Section, name: Callable[[str], str], word: str = "{}") -> str:
    """What follows a title: from which name to which."""
    ends = zip(("from", "to"), section.subject, strict=False)
    return "".join(word.format(f" {preposition} ") + name(end) for preposition, end in ends)


def parts(row: Row, written: Callable[[Term], str]) -> list[tuple[Kind, Term]]:
    """What follows after a row's head, and what each of it is; what reads as the one before is left out."""
    terms: list[tuple[Kind, Term | None]] = [("formula", term) for term in row.formulas]
    terms += [("computed", row.computed), ("substitution", row.substitution), ("result", row.result)]
    shown: list[tuple[Kind, Term]] = []
    for kind, term in terms:
        if term is None:
            continue
        if not shown or written(shown[-1][1]) != written(term):
            shown.append((kind, term))
        elif kind == "result":
            shown[-1] = kind, term
    return shown


def more(omitted: int) -> str:
    """The words for what was left out."""
    return f"… and {count(omitted)} more"


def twin_row(twin: Twin) -> tuple[Term, Term, Number, Number | None]:
    """(what was typed, by what it is computed, what comes out, what else would come out if that reads differently)."""
    differs = format(twin.naive, ".6g") != format(twin.number, ".6g")
    return twin.symbol, twin.computed, Number(twin.number), Number(twin.naive) if differs else None


def _forward(step: Forward) -> Row:
    symbols = () if step.symbol is None else (step.symbol,)
    return Row((Letter(step.name),), "=", symbols, None, step.substitution, _result(step.number))


def _backward(step: Line) -> Row:
    head, result = (Adjoint(step.name),), _result(step.number)
    if isinstance(step, Forward):
        return _forward(step)
    if isinstance(step, Total):
        rest = (Cut(step.omitted, "more"),) if step.omitted else ()
        return Row(head, "=", (total([*map(Number, step.parts), *rest]),), None, None, result)
    if isinstance(step, Flow):
        return Row(head, "+=", _known(step.chain, step.symbol), None, step.substitution, result, _noted(step))
    substitution = None if step.computed is not None else step.substitution
    return Row(head, "=", step.formulas, step.computed, substitution, result, _noted(step))


def _explained(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows, with a word on Iverson's bracket at the first that has one."""
    found = list(rows)
    for index, row in enumerate(found):
        if any(term is not None and _has_truth(term, SUM) for term in (*row.formulas, row.computed)):
            found[index] = row._replace(notes=(*row.notes, "[ ] is 1 where it holds, else 0"))
            break
    return tuple(found)


def _has_truth(term: Term, need: int) -> bool:
    """Whether a comparison stands for a number somewhere in a formula."""
    if not isinstance(term, Apply):
        return False
    if term.op in COMPARISONS and need:
        return True
    needs = op_named(term.op).needs
    return any(_has_truth(arg, need) for arg, need in zip(term.args, needs, strict=True))


def _paths(paths: Paths) -> Iterator[Row]:
    for path in paths.shown:
        yield Row(_way(path), ":", _known(path.chain, path.symbol), None, path.substitution, _result(path.product))
    left = paths.count - len(paths.shown)
    if left:
        yield Row((Cut(left, "more path" if left == 1 else "more paths"),), ":", (), None, None, _result(paths.rest))
    if paths.number is not None:
        yield Row((Adjoint(paths.of),), "=", _known(paths.total), paths.computed, None, Number(paths.number))


def _way(path: Path) -> tuple[Term, ...]:
    names = tuple(map(Letter, path.nodes))
    if len(names) <= _LONGEST_WAY:
        return names
    return (*names[:_ENDS], Cut(len(names) - 2 * _ENDS, "more"), *names[-_ENDS:])


def _noted(step: Backward | Flow) -> tuple[str, ...]:
    return tuple(f"{note} (convention)" for note in step.notes)


def _known(*terms: Term | None) -> tuple[Term, ...]:
    return tuple(term for term in terms if term is not None)


def _result(number: float | None) -> Number | None:
    return None if number is None else Number(number)
