"""Frames: the steps of a computation over a picture, forward box by box, then backward, each with its sentences.

A sentence is in three parts, as the lecture says it: ``dz = da·∂a/∂z = −2·0.25 = −0.5``. Numbers are left open, as
slots, so that a page can fill them in anew. Plain data; :func:`make_frames` reads a graph and its Scene.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal

from ..codegen.printer import bracketed, text_name
from ..derivations.chain import backward_order
from ..graph import typed_form

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..node import Node
    from .reading import Reader
    from .scene import Edge, Scene
    from .selection import Part

__all__ = [
    "Borne",
    "Frame",
    "Line",
    "Piece",
    "Products",
    "Prose",
    "Slot",
    "make_frames",
    "value_lines",
]

# What stands for a number in a formula until the formula is written: a letter that no name has.
_OPEN, _CLOSE = "ꙮ", "ꙭ"
_MARKED = re.compile(f"{_OPEN}([a-z0-9]+){_CLOSE}")

# More paths are not told: their sum is what the chain rule says anyway.
_MOST_PATHS = 8

# Of a scope's results only the first have a line each.
_MOST_RESULTS = 6


class Prose(str):
    """Words, and no formula: letters in them are no names."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """A number that is filled in: the value or the gradient of a box, or the slope of an edge.

    Attributes:
        kind: What of it.
        of: The id of the box or the edge.
        brackets: Whether a negative number needs brackets here.
    """

    kind: Literal["value", "gradient", "slope"]
    of: str
    brackets: bool = False


@dataclass(frozen=True, slots=True)
class Products:
    """A sum of products of numbers, which is the gradient of a box; where it comes to something else nothing is shown.

    Attributes:
        terms: The factors of each product.
        of: The id of the box.
    """

    terms: tuple[tuple[Slot, ...], ...]
    of: str


@dataclass(frozen=True, slots=True)
class Borne:
    """Pieces that are shown only where the formula as typed gives the box's value in floats.

    Attributes:
        of: The id of the box.
        pieces: The formula with numbers.
    """

    of: str
    pieces: tuple[Piece, ...]


Piece = str | Slot | Products | Borne
Line = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """One step.

    Attributes:
        phase: "forward" for values, "backward" for gradients.
        box: The id of the box that the step is about.
        edges: The ids of the edges along which something flows in this step.
        lines: Its sentences.
    """

    phase: Literal["forward", "backward"]
    box: str
    edges: tuple[str, ...]
    lines: tuple[Line, ...]


def make_frames(reader: Reader, scene: Scene, closed: Mapping[Node, str] | None = None) -> tuple[Frame, ...]:
    """The steps of a scene.

    Args:
        reader: What the scene was read with.
        scene: The scene.
        closed: Shorter forms of some gradients, ``a − y`` for dz, proved elsewhere.

    >>> from compgraph.node import Node
    >>> from .reading import Reader
    >>> from .selection import select
    >>> w, x = Node(2.0, "w"), Node(3.0, "x")
    >>> z = (w*x).named("z")
    >>> reader = Reader(z, select(z), is_live=True)
    >>> [(frame.phase, frame.box) for frame in make_frames(reader, reader.scene())]
    [('forward', 'b2'), ('backward', 'b2'), ('backward', 'b0')]
    """
    into: dict[str, list[Edge]] = {}
    out_of: dict[str, list[Edge]] = {}
    for edge in scene.edges:
        into.setdefault(edge.target, []).append(edge)
        out_of.setdefault(edge.source, []).append(edge)
    steps: list[Frame] = []
    for part in reader.chosen.parts:
        if part.box.body or part.scope:
            key = reader.box_id(part)
            arriving = tuple(edge.id for edge in into.get(key, ()))
            steps.append(Frame("forward", key, arriving, tuple(value_lines(reader, part))))
    shown = {box.id for box in scene.boxes if box.gradient is not None or box.role == "scope"}
    for part in _backward(reader):
        key = reader.box_id(part)
        leaving = [edge for edge in out_of.get(key, ()) if edge.backward]
        if key in shown and (leaving or part.box.node is reader.root):
            lines = [*_gradient_lines(reader, part, leaving, closed or {})]
            if part.box.node is reader.source:
                lines += _path_lines(reader, scene, key)
            steps.append(Frame("backward", key, tuple(edge.id for edge in leaving), tuple(lines)))
    return tuple(steps)


def _backward(reader: Reader) -> list[Part]:
    """The parts from the root down, each after all that read it."""
    parts = [part for part in reader.chosen.parts if not part.more]
    if any(part.scope for part in parts):
        return parts[::-1]
    place = {part.box.node: part for part in parts}
    return [place[node] for node in backward_order(parts[-1].box.node, [part.box for part in parts])]


# --- values --------------------------------------------------------------------------------------------------------


def value_lines(reader: Reader, part: Part) -> Iterator[Line]:
    """What is said of a box's value: ``z = w·x + b = 2·3 + 1 = 7``."""
    node, key = part.box.node, reader.box_id(part)
    if part.scope:
        for head in part.heads[:_MOST_RESULTS]:
            yield (f"{text_name(reader.names[head])} = ", Slot("value", reader.ids[head]))
        return
    name = text_name(reader.names[node])
    if not node.args:
        yield (f"{name} = ", Slot("value", key))
        return
    precedence = typed_form(node)[0].precedence
    typed = bracketed(reader.formula(node), precedence)
    numbers = tuple(_open(bracketed(reader.formula(node, marks=_marks(reader, part)), precedence)))
    twin = reader.computed_as(part)
    said: tuple[Piece, ...] = (" = ", *numbers) if any(isinstance(piece, Slot) for piece in numbers) else ()
    if twin is not None:
        said = (Borne(key, said),)
    yield (f"{name} = {typed}", *said, " = ", Slot("value", key))
    if twin is not None:
        formula, computed, why = twin
        yield (formula, Prose(" is computed as "), computed, Prose(f": {why}"))


def _marks(reader: Reader, part: Part) -> dict[Node, str]:
    """The names of what a formula reads, each replaced by a mark for its number."""
    leaves = [*part.box.args, *part.inside]
    return {**reader.names, **{leaf: f"{_OPEN}{reader.ids[leaf]}{_CLOSE}" for leaf in leaves}}


def _open(text: str) -> Iterator[Piece]:
    """A formula with marks as text and slots; a negative number beside a sign of multiplication needs brackets."""
    end = 0
    for match in _MARKED.finditer(text):
        before, after = text[: match.start()].rstrip(), text[match.end() :]
        if match.start() > end:
            yield text[end : match.start()]
        yield Slot("value", match[1], brackets=before[-1:] in set("·/−+^√∛") or after[:1] in set("^·/²³"))
        end = match.end()
    if end < len(text):
        yield text[end:]


# --- gradients -----------------------------------------------------------------------------------------------------


def _gradient_lines(reader: Reader, part: Part, leaving: Sequence[Edge], closed: Mapping[Node, str]) -> Iterator[Line]:
    """What is said of a box's gradient: ``dz = da·∂a/∂z = −2·0.25 = −0.5``, then the local derivative."""
    node, key = part.box.node, reader.box_id(part)
    if part.scope:
        for head in part.heads[:_MOST_RESULTS]:
            yield (f"d{text_name(reader.names[head])} = ", Slot("gradient", reader.ids[head]))
        return
    name = text_name(reader.names[node])
    if node is reader.root:
        yield (f"d{name} = ∂{name}/∂{name} = ", Slot("gradient", key))
        return
    readers = {reader.box_id(one): one for one in reader.chosen.parts}
    direct = [edge for edge in leaving if not readers[edge.target].scope and edge.id in reader.slopes]
    if len(direct) < len(leaving) or not direct:
        yield (f"d{name} = ", Slot("gradient", key))
    else:
        targets = [text_name(reader.names[readers[edge.target].box.node]) for edge in direct]
        chain = " + ".join(f"d{target}·∂{target}/∂{name}" for target in targets)
        numbers = Products(
            tuple(
                (Slot("gradient", edge.target, brackets=bool(index)), Slot("slope", edge.id, brackets=True))
                for index, edge in enumerate(direct)
            ),
            key,
        )
        yield (f"d{name} = {chain} = ", numbers, Slot("gradient", key))
    for edge in direct:
        if edge.local is not None:
            yield (edge.local,) if edge.is_constant else (f"{edge.local} = ", Slot("slope", edge.id))
    if node in closed:
        yield (Prose("In short, "), f"d{name} = {closed[node]}")
    for edge in direct:
        for convention in _conventions(readers[edge.target]):
            yield (Prose(f"Convention: {convention}"),)


def _path_lines(reader: Reader, scene: Scene, key: str) -> Iterator[Line]:
    """The gradient as the sum over the paths of a picture: the product of the local derivatives along each."""
    into: dict[str, list[Edge]] = {}
    for edge in scene.edges:
        if edge.is_on_path and edge.id in reader.slopes:
            into.setdefault(edge.target, []).append(edge)
    root = scene.boxes[-1].id
    paths = [*islice(_paths(into, root, key), _MOST_PATHS + 1)]
    if root == key or not paths or len(paths) > _MOST_PATHS:
        return
    names = {box.id: text_name(box.name or "") for box in scene.boxes}
    for path in paths:
        way = " → ".join([names[key], *(names[edge.target] for edge in reversed(path))])
        yield (Prose("Path "), way)
    slots = (tuple(Slot("slope", edge.id, brackets=True) for edge in path) for path in paths)
    yield (Prose("Along the paths, "), f"d{names[key]} = ", Products(tuple(slots), key), Slot("gradient", key))


def _paths(into: Mapping[str, Sequence[Edge]], top: str, end: str) -> Iterator[tuple[Edge, ...]]:
    """Every path from one box up to another, its edges from the top down."""
    pending: list[tuple[Edge, ...]] = [(edge,) for edge in reversed(into.get(top, ()))]
    while pending:
        path = pending.pop()
        if path[-1].source == end:
            yield path
        else:
            pending += [(*path, edge) for edge in reversed(into.get(path[-1].source, ()))]


def _conventions(part: Part) -> list[str]:
    """What is taken for a derivative where there is none, for each op in a box that has such points."""
    return list(dict.fromkeys(kink.convention for node in part.box.body for kink in typed_form(node)[0].kinks))
