"""Scene to plain text, for terminals and doctests: a picture where it fits, else an outline, a line for every box."""

from __future__ import annotations

from collections import Counter
from itertools import zip_longest
from typing import TYPE_CHECKING

from ..codegen.printer import text_name
from .style import cut
from .text_cells import cells, padded, wrapped
from .text_picture import picture, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .scene import Box, Edge, Scene

__all__ = ["to_text"]

# Between the columns of an outline, and what no column is narrowed below.
_GAP, _LEAST = "   ", 16

# What is told of the signs of an outline, and of those of a picture.
_SIGNS = ("→ read by", "⇄ read by, and its gradient comes back times ∂")
_WIRES = ("──▶ value", "◀┄┄ gradient")


def to_text(scene: Scene, width: int = 100) -> str:
    """The scene as lines of text: values go along ``──▶`` to the right, gradients come back along ``◀┄┄``.

    A scene that does not fit as a picture becomes an outline, arguments before what reads them: after ``→`` stands who
    reads a box, after ``⇄`` who also gives a gradient back, and the number of the local derivative by ``∂``.

    Args:
        scene: What is shown.
        width: The most cells of a line. An outline takes 56 at least.

    >>> from .scene import Box, Edge, Scene
    >>> w, z = Box("b0", "w", "parameter", None, "2"), Box("b1", "z", "output", "w^2", "4")
    >>> print(to_text(Scene("z", "lecture", (w, z), (Edge("b1x0", "b0", "b1", 0),))), end="")
    ┌───────┐   ┌─────────────┐
    │ w = 2 │──▶│ z = w^2 = 4 │
    └───────┘   └─────────────┘
    """
    drawn = picture(scene, width)
    lines = [*_outline(scene, width)] if drawn is None else drawn
    parts = (
        _legend(scene, _SIGNS if drawn is None else _WIRES),
        _rules(scene),
        scene.paths,
        _groups(scene) + scene.notes,
    )
    for part in parts:
        lines += ["", *(line for text in part for line in wrapped(text, width))] if part else []
    return "".join(f"{line}\n" for line in lines)


def _legend(scene: Scene, signs: tuple[str, str]) -> tuple[str, ...]:
    """What the signs mean; nothing where values alone are shown."""
    return ("   ".join(signs),) if any(edge.backward for edge in scene.edges) else ()


def _rules(scene: Scene) -> list[str]:
    """The local derivatives that other pictures write on the edges: here there is no room."""
    return [edge.rule for edge in scene.edges if edge.labelled and edge.rule]


def _groups(scene: Scene) -> tuple[str, ...]:
    labels = _labels(scene)
    return tuple(f"{text_name(group.name)}: {', '.join(labels[box] for box in group.boxes)}." for group in scene.groups)


# --- outline -------------------------------------------------------------------------------------------------------


def _outline(scene: Scene, width: int) -> Iterator[str]:
    rows = [_row(box, scene, labels) for labels in [_labels(scene)] for box in scene.boxes]
    signs = [_sign(box) for box in scene.boxes]
    margin = 2 * any(signs)
    widths = _widths(rows, width - margin)
    for sign, row in zip(signs, rows, strict=True):
        columns = [_hanging(text, limit) for text, limit in zip(row, widths, strict=True) if limit]
        for at, parts in enumerate(zip_longest(*columns, fillvalue="")):
            line = _GAP.join(padded(part, limit) for part, limit in zip(parts, filter(None, widths), strict=True))
            yield (padded(sign if at == 0 else "", margin) + line).rstrip()


def _row(box: Box, scene: Scene, labels: dict[str, str]) -> tuple[str, str, str]:
    """What a box is, its gradient, and who reads it."""
    head, gradient, *details = told(box)
    mark = f"[{box.id}] " if labels[box.id].startswith("[") else ""
    edges = [edge for edge in scene.edges if edge.source == box.id]
    readers = [
        f"{arrow} {', '.join(_reader(edge, labels) for edge in edges if edge.backward == is_back)}"
        for arrow, is_back in (("→", False), ("⇄", True))
        if any(edge.backward == is_back for edge in edges)
    ]
    return mark + "; ".join([head, *details]), gradient, "  ".join(readers)


def _reader(edge: Edge, labels: dict[str, str]) -> str:
    count = f" ×{edge.count}" if edge.count > 1 else ""
    slope = f" (∂ {edge.slope})" if edge.backward and edge.slope else ""
    return f"{labels[edge.target]}{count}{slope}"


def _labels(scene: Scene) -> dict[str, str]:
    """What each box is called where another line speaks of it; with its id where several are called the same."""
    names = {box.id: box.number if box.name is None else text_name(box.name) for box in scene.boxes}
    shared = Counter(names.values())
    return {box: cut(f"[{box}] {name}" if shared[name] > 1 else name) for box, name in names.items()}


def _sign(box: Box) -> str:
    return "!" if box.lost or not box.finite else "*" if box.is_on_path else ""


def _widths(rows: Sequence[tuple[str, ...]], width: int) -> list[int]:
    """How many cells each column takes: what it needs, the widest less where the line is full."""
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    while sum(widths) + len(_GAP) * (sum(map(bool, widths)) - 1) > width and max(widths) > _LEAST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _hanging(text: str, limit: int) -> list[str]:
    """Text on several lines, those after the first indented."""
    first, *rest = wrapped(text, limit)
    return [first, *(f"  {line}" for line in wrapped(text[len(first) :].lstrip(), limit - 2))] if rest else [first]
