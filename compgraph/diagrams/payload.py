"""What a page plays, as plain data: the program of the graph, its inputs, and every view with its Scene and frames.

Nothing in it is code: the page's module interprets the program by the ops' table (:mod:`compgraph.codegen.javascript`).
Views are the levels, and those of their boxes opened that fit; each box has one id in all of them.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from ..bypass import bypassed, gradient_by_cut
from ..codegen.javascript import json_number, program_data
from ..codegen.program import make_program
from ..derivations import explain
from ..derivations.chain import inputs_as_read
from ..derivations.steps import Backward
from ..derivations.text import term_text
from ..errors import DiagramError
from ..graph import order, typed_form
from ..node import Node, as_typed
from ..ops import flow
from ..outline import boxes
from ..reverse import as_node
from . import style
from .frames import Borne, Products, Prose, Slot, make_frames, value_lines
from .reading import Reader, limits, sign_of_sum
from .scene import LEVELS
from .selection import LARGEST_PAGE, Selection, select

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ..codegen.program import Program
    from ..outline import Box as Outline
    from ..record import Op
    from .frames import Frame, Line, Piece
    from .scene import Edge, Level, Scene

__all__ = ["Payload", "inputs_of_page", "page_data"]

_BASES: tuple[Level, ...] = ("lecture", "collapsed")

# Of so many boxes that can be opened all combinations are views, of more each alone.
_MOST_COMBINED = 3

# Boxes in all views together: a page shall be made in a moment, and be small.
_MOST_BOXES = 300

# Shorter forms of gradients are looked for in pictures of so few boxes.
_MOST_SHORTENED = 20


class Payload(NamedTuple):
    """What a page plays.

    Attributes:
        data: Plain data for JSON, all but the pictures.
        ops: The ops whose table it needs.
        scenes: What the picture of each view shows.
    """

    data: dict[str, Any]
    ops: tuple[Op, ...]
    scenes: tuple[Scene, ...]


def page_data(
    root: Node,
    level: Level = "lecture",
    *,
    wrt: Sequence[Node] | None = None,
    focus: Node | tuple[Node, Node] | None = None,
    source: Node | None = None,
    max_nodes: int = 150,
) -> Payload:
    """The page of a graph.

    Args:
        root: The graph's root.
        level: The level that opens first.
        wrt: The inputs whose gradients are shown; None for those that the names tell.
        focus: As for :func:`~compgraph.diagrams.reading.make_scene`.
        source: The node from which paths are marked.
        max_nodes: The most boxes of a view.

    Raises:
        DiagramError: The graph is too large for a page.

    >>> x = Node(3.0, "x")
    >>> data = page_data((x * x).named("s")).data
    >>> data["title"], [view["level"] for view in data["views"]], data["program"]["code"]
    ('Computation graph of s', ['lecture', 'ops', 'collapsed'], [[-1, 3.0], [0, 0, 0], [1, 0, 0]])
    """
    size = len(order(root, typed=True))
    if size > LARGEST_PAGE:
        raise DiagramError(
            f"the graph has {size} nodes, more than the {LARGEST_PAGE} that a page computes; show a node further down, "
            "or draw(…, focus=…) for a picture of a part"
        )
    chosen = [*_views(root, level, focus, max_nodes)]
    numbers = _Numbers(root)
    with as_typed():  # formulas are recorded on the way, and must stay as they are
        views = [_View(Reader(root, one, wrt, source=source, is_live=True), numbers) for one in chosen]
    for view in views:
        view.find_gradients()
    closed = _closed_forms(root, views[0].reader)
    program, places = numbers.program()
    data = {
        "title": f"Computation graph of {style.plain(views[0].reader.names[root])}",
        "program": program_data(program),
        "inputs": [_input(node, views[0].reader, places) for node in inputs_of_page(root)],
        "views": [view.data(places, closed) for view in views],
        "first": 0,
    }
    return Payload(data, program.ops, tuple(view.scene for view in views))


def inputs_of_page(root: Node) -> list[Node]:
    """The inputs of a page, in the order in which its data have them.

    >>> w, x = Node(2.0, "w"), Node(3.0, "x")
    >>> inputs_of_page(w * x + w)
    [w = 2, x = 3]
    """
    return inputs_as_read(boxes(root))


def _views(root: Node, level: Level, focus: Any, max_nodes: int) -> Iterator[Selection]:
    """The view that is asked for, the other levels, then what can be opened, as long as they are not too many."""
    openable = {base: _openable(select(root, base, focus=focus, max_nodes=max_nodes)) for base in _BASES}
    first = select(root, level, focus=focus, max_nodes=max_nodes)
    if first.level == "ops":
        first = _all_opened(first, tuple(openable["lecture"]))
    yield first
    seen, budget = [first.parts], _MOST_BOXES - len(first.parts)
    others: list[tuple[Level, tuple[Node | str, ...]]] = [(other, ()) for other in LEVELS]
    for base, keys in openable.items():
        most = len(keys) if len(keys) <= _MOST_COMBINED else 1
        others += [(base, some) for size in range(1, most + 1) for some in combinations(keys, size)]
    everything = tuple(openable["lecture"])
    for other, opened in others:
        chosen = select(root, other, opened=opened, focus=focus, max_nodes=max_nodes)
        if other == "ops":
            chosen = _all_opened(chosen, everything)
        elif other == "lecture" and opened == everything != ():
            continue  # the ops are that
        if chosen.level == other and chosen.parts not in seen and len(chosen.parts) <= budget:
            seen.append(chosen.parts)
            budget -= len(chosen.parts)
            yield chosen


def _all_opened(chosen: Selection, keys: tuple[Node | str, ...]) -> Selection:
    """The operations, where each named node that could be opened can be closed."""
    parts = (part._replace(fold="close" if part.box.node in keys else "") for part in chosen.parts)
    return chosen._replace(parts=tuple(parts), opened=keys)


def _openable(chosen: Selection) -> list[Node | str]:
    return [part.scope or part.box.node for part in chosen.parts if part.fold == "open"]


def _closed_forms(root: Node, reader: Reader) -> dict[Node, str]:
    """Shorter forms of gradients, for the nodes of a small picture."""
    if reader.chosen.level != "lecture" or len(reader.chosen.parts) > _MOST_SHORTENED:
        return {}
    steps = {step.name: step for step in explain(root).backward if isinstance(step, Backward)}
    shown = ((node, steps.get(reader.names[node])) for node in reader.drawn)
    return {node: term_text(step.closed) for node, step in shown if step is not None and step.closed is not None}


class _Numbers:
    """The nodes whose values a page shows, besides those of the graph itself: slopes, and gradients as typed."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self._graph = order(root, typed=True)
        self._computed = set(order(root))
        self._bypassed = bypassed(root)
        self._others: dict[Node, None] = {}
        self._gradients: dict[Node, Node] = {}

    def add(self, node: Node) -> Node:
        self._others[node] = None
        return node

    def gradient(self, node: Node) -> Node | None:
        """What computes the gradient of a node that twins bypass; None where the sweep itself does."""
        if node in self._computed and node not in self._bypassed:
            return None
        if node not in self._gradients:
            self._gradients[node] = self.add(as_node(gradient_by_cut(self.root, node)))
        return self._gradients[node]

    def program(self) -> tuple[Program, Mapping[Node, int]]:
        """Every node of the graph keeps an entry of its own: what flows back to it is its gradient."""
        program = make_program([self.root, *self._graph, *self._others], apart=self._graph)
        return program, program.place_of


class _View:
    """One picture with its frames, and the nodes whose numbers it shows."""

    def __init__(self, reader: Reader, numbers: _Numbers) -> None:
        self.reader, self.scene, self._all = reader, reader.scene(), numbers
        slopes: dict[Node, dict[Node, Node]] = {}
        self._slopes: dict[str, Node] = {}
        for key, (part, arg) in reader.slopes.items():
            if part.box.node not in slopes:
                slopes[part.box.node] = _slopes(part.box)
            self._slopes[key] = numbers.add(slopes[part.box.node].get(arg, as_node(0.0)))
        self._typed = {
            part.box.node: numbers.add(_as_typed(part.box))
            for part in reader.chosen.parts
            if reader.computed_as(part) is not None
        }
        self._gradients: dict[Node, Node | None] = {}

    def find_gradients(self) -> None:
        """What the gradients are computed by: by twins, so not where formulas are recorded as they are typed."""
        self._gradients = {
            node: self._all.gradient(node) for node in self.reader.told if node in self.reader.gradients.marks
        }

    def data(self, places: Mapping[Node, int], closed: Mapping[Node, str]) -> dict[str, Any]:
        reader, scene = self.reader, self.scene
        edges = {edge.id: edge for edge in scene.edges}
        parts = {reader.box_id(part): part for part in reader.chosen.parts}
        boxes = {reader.ids[node]: self._box(node, places) for node in self.reader.told}
        for box in scene.boxes:
            told: dict[str, Any] = {"name": style.plain(box.name or ""), "fold": box.fold, "rule": []}
            if not box.computed and box.has_value:  # the others are told by their frames
                told["rule"] = self._lines(value_lines(reader, parts[box.id]), places)
            boxes[box.id] = boxes.get(box.id, {}) | told
        return {
            "level": reader.chosen.level,
            "open": sorted(reader.key_id(key) for key in reader.chosen.opened),
            "notes": [*scene.notes],
            "boxes": boxes,
            "edges": {key: self._edge(edge, places) for key, edge in edges.items()},
            "frames": [self._frame(frame, places) for frame in make_frames(reader, scene, closed)],
        }

    def _box(self, node: Node, places: Mapping[Node, int]) -> dict[str, Any]:
        gradient: dict[str, int] | None = None
        if node in self._gradients:
            instead = self._gradients[node]
            gradient = {"adjoint": places[node]} if instead is None else {"node": places[instead]}
        sign = sign_of_sum(node)
        terms = {"terms": [*(places[arg] for arg in node.args), sign]} if sign else {}
        return {"node": places[node], "gradient": gradient, "limits": [*limits(node)], **terms}

    def _edge(self, edge: Edge, places: Mapping[Node, int]) -> dict[str, Any]:
        slope = self._slopes.get(edge.id)
        lines: list[Line] = []
        if edge.local is not None:
            is_said = slope is None or edge.is_constant
            lines.append((edge.local,) if is_said else (f"{edge.local} = ", Slot("slope", edge.id)))
        return {
            "source": edge.source,
            "target": edge.target,
            "slope": None if slope is None else places[slope],
            "back": edge.backward,
            "rule": self._lines(lines, places),
        }

    def _frame(self, frame: Frame, places: Mapping[Node, int]) -> dict[str, Any]:
        return {
            "phase": frame.phase,
            "box": frame.box,
            "edges": [*frame.edges],
            "lines": self._lines(frame.lines, places),
        }

    def _lines(self, lines: Iterable[Line], places: Mapping[Node, int]) -> list[list[Any]]:
        return [[one for piece in line for one in self._pieces(piece, places)] for line in lines]

    def _pieces(self, piece: Piece, places: Mapping[Node, int]) -> list[Any]:
        if isinstance(piece, str):
            return [style.plain(piece)] if isinstance(piece, Prose) else _runs(piece)
        if isinstance(piece, Slot):
            return [{piece.kind: piece.of, "brackets": True} if piece.brackets else {piece.kind: piece.of}]
        if isinstance(piece, Products):
            factors = [[self._pieces(slot, places)[0] for slot in term] for term in piece.terms]
            return [{"sum": factors, "of": piece.of}]
        return [self._borne(piece, places)]

    def _borne(self, piece: Borne, places: Mapping[Node, int]) -> dict[str, Any]:
        node = self._node_of(piece.of)
        parts = [one for inner in piece.pieces for one in self._pieces(inner, places)]
        return {"borne": places[self._typed[node]], "of": piece.of, "parts": parts}

    def _node_of(self, key: str) -> Node:
        return next(node for node in self.reader.told if self.reader.ids[node] == key)


def _runs(text: str) -> list[Any]:
    """A formula as runs; upright text is bare."""
    return [run.text if run.kind == "upright" else [run.kind, run.text] for run in style.runs(style.plain(text))]


def _slopes(box: Outline) -> dict[Node, Node]:
    """∂box/∂argument at the nodes' own values: the partials of what was typed in the box, multiplied and summed."""
    inside: dict[Node, Any] = {box.node: 1.0}
    for node in reversed(box.body):
        op, args = typed_form(node)
        for index, arg in enumerate(args):
            if node in inside and op.partials[index] is not None:
                partial = op.partial(index, node, args)
                part = partial if node is box.node else flow(op, inside[node], partial)
                inside[arg] = inside[arg] + part if arg in inside else part
    return {arg: as_node(inside[arg]) for arg in box.args if arg in inside}


def _as_typed(box: Outline) -> Node:
    """What the formula of a box gives as it was typed, at the values of what it reads."""
    inside: dict[Node, Node] = {}
    for node in box.body:
        op, args = typed_form(node)
        inside[node] = op(*[inside.get(arg, arg) for arg in args])
    return inside[box.node]


def _input(node: Node, reader: Reader, places: Mapping[Node, int]) -> dict[str, Any]:
    name = reader.names[node]
    return {
        "node": places[node],
        "box": reader.ids[node],
        "name": style.plain(name),
        "runs": _runs(name),
        "role": "data" if node in reader.data else "parameter",
        "value": json_number(node._value),
    }
