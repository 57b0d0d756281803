"""Scene: what a diagram shows, as plain data. Printers (DOT, SVG) read a Scene and nothing else.

The classes know no format, and their texts are those of a plain-text formula (``w1·x1``), names in it as ``text_name``
writes them; :func:`make_scene` is what reads the nodes.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from .. import graph, outline
from ..codegen.printer import bracketed, formula, number, text_name, twin_reason
from ..errors import DiagramError, GraphValueError
from ..node import as_typed
from ..nonfinite import warn_nonfinite
from ..ops import CONSTANT, INPUT
from ..reverse import adjoints, targets
from ..twins import is_needed
from .local import Local

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..node import Node

__all__ = ["LEVELS", "Box", "Edge", "Gradient", "Level", "Role", "Scene", "make_scene"]

Level = Literal["lecture", "ops"]
Role = Literal["data", "parameter", "constant", "inner", "output"]

#: What `make_scene` can show.
LEVELS = ("lecture", "ops")

# Significant digits of a number in a picture.
_DIGITS = 4

# Labels on edges get in each other's way in larger pictures; there they show when pointed at.
_MOST_LABELLED = 15

# Of more twins that matter only the first are told under the picture.
_MOST_TWINS = 4

# x1, y, X_3, net.x are what the lecture calls data, beside parameters such as w1, b, θ: nobody asks for gradients.
_DATA = re.compile(r"(?:.*\.)?[xyXY]_?[\d₀-₉]*")
_PARAMETER = re.compile(r"(?:.*\.)?(?:[wbWBθβ]|theta|beta|weight|bias)_?[\d₀-₉_]*")


@dataclass(frozen=True, slots=True)
class Gradient:
    """The gradient of a box: ``dw1 = x1·dz = −1.226``.

    Attributes:
        name: ``dw1``.
        formula: The chain rule that gave it, for an input that one box reads and where it is short; else None.
        value: The number, as text.
        mark: "old" where an input has changed since; "sum" where several backward passes are added up, or where the
            gradient was set by hand; else "".
    """

    name: str
    formula: str | None
    value: str
    mark: Literal["", "old", "sum"] = ""

    @property
    def chain(self) -> str:
        """Everything before the number: ``dw1 = x1·dz``."""
        return f"{self.name} = {self.formula}" if self.formula else self.name

    def __str__(self) -> str:
        return f"{self.chain} = {self.value}" + (f" ({self.mark})" if self.mark else "")


@dataclass(frozen=True, slots=True)
class Box:
    """One box of the picture.

    Attributes:
        id: Unique in the picture: letters and digits.
        name: What the node is called, free text; None for a constant that is only its number.
        role: Data and parameters are inputs; the output is a root that is computed; inner is everything between.
        formula: What computes it; None for an input or a constant.
        value: Its value as text; None where an input below has none.
        gradient: None where it is not computed, or where the lecture shows none (data).
        finite: Whether neither value nor gradient is inf or nan.
        twins: What is computed otherwise than its formula says, where that would be visibly wrong, and why.
    """

    id: str
    name: str | None
    role: Role
    formula: str | None
    value: str | None
    gradient: Gradient | None = None
    finite: bool = True
    twins: tuple[str, ...] = ()

    @property
    def computed(self) -> bool:
        """Whether a formula computes it, rather than a user or a plain number."""
        return self.formula is not None

    @property
    def head(self) -> str:
        """What stands before the value, ``z = w·x``; empty for a plain number."""
        return " = ".join(part for part in ("" if self.name is None else text_name(self.name), self.formula) if part)

    def __str__(self) -> str:
        text = " = ".join(part for part in (self.head, self.value or "?") if part)
        text += f", {self.gradient}" if self.gradient else ""
        return "; ".join([text, *self.twins])


@dataclass(frozen=True, slots=True)
class Edge:
    """One way from an argument to the box that reads it.

    Attributes:
        id: Unique in the picture.
        source: Id of the argument's box.
        target: Id of the box that reads it.
        position: Which argument of the target this is, from 0.
        local: The local derivative, ``∂a/∂z = a·(1 − a)``; None where it is not known or too long.
        backward: Whether a gradient flows back here.
        labelled: Whether the local derivative is written beside it: between computed boxes, where there is room; beside
            an input its card says it.
    """

    id: str
    source: str
    target: str
    position: int
    local: str | None = None
    backward: bool = False
    labelled: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole picture.

    Attributes:
        root: What the output is called.
        level: "lecture": a box for every named node; "ops": a box for every operation.
        boxes: Arguments before the boxes that read them.
        edges: In the order of the boxes that read, and of their arguments.
        notes: What a reader must know of these numbers, a sentence each.
    """

    root: str
    level: Level
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    notes: tuple[str, ...] = ()


def make_scene(
    root: Node, level: Level = "lecture", *, wrt: Node | str | Sequence[Node | str] | None = None, max_nodes: int = 400
) -> Scene:
    """What a diagram of the graph shows, at the present values; changes nothing in the graph.

    Gradients are shown if the root's own backward pass made them, or if all equal ∂root/∂node at the present inputs (as
    in a graph that was loaded from a file). Those of another root are left out, and a note says so.

    Args:
        root: The graph's root.
        level: "lecture" or "ops".
        wrt: The inputs, or their names, whose gradients are shown. If left out, all; but where inputs are named like
            parameters (w1, b, θ, weight), not those named like data (x1, y).
        max_nodes: The most boxes that are drawn.

    Raises:
        GraphTypeError: The root is not a Node.
        UnknownNameError: No node has a name in ``wrt``.
        GraphValueError: There is no such level.
        DiagramError: There are more boxes than ``max_nodes``.

    Warns:
        NonFiniteWarning: A value in the picture is inf or nan.

    >>> from compgraph.node import Node
    >>> w, x = Node(0.5, "w"), Node(3.0, "x")
    >>> scene = make_scene((w*x + 1).named("z"))
    >>> [(box.name, box.role, box.formula, box.value) for box in scene.boxes]
    [('w', 'parameter', None, '0.5'), ('x', 'data', None, '3'), ('z', 'output', 'w·x + 1', '2.5')]
    >>> [(edge.source, edge.target, edge.backward) for edge in scene.edges]
    [('b0', 'b2', False), ('b1', 'b2', False)]
    """
    if level not in LEVELS:
        raise GraphValueError(f"there is no level {level!r}; write one of {', '.join(map(repr, LEVELS))}")
    drawn = outline.boxes(root) if level == "lecture" else outline.single_boxes(root)
    if len(drawn) > max_nodes:
        raise _too_many(root, level, len(drawn), max_nodes)
    parameters = None if wrt is None else targets((root,), wrt)[0]
    with as_typed():  # formulas are recorded on the way, and must stay as they are
        return _scene(root, level, drawn, parameters)


def _scene(root: Node, level: Level, drawn: Sequence[outline.Box], wrt: Sequence[Node] | None) -> Scene:
    reader = _Reader(root, drawn, wrt)
    if not all(math.isfinite(reader.values[box.node] or 0.0) for box in drawn):
        warn_nonfinite(root)
    ids = {box.node: f"b{index}" for index, box in enumerate(drawn)}
    arrows = [(box, position, arg) for box in drawn for position, arg in enumerate(box.args)]
    boxes = tuple(reader.box(box, ids[box.node]) for box in drawn)
    return Scene(
        root=reader.names[root],
        level=level,
        boxes=boxes,
        edges=tuple(
            reader.edge(Edge(f"e{index}", ids[arg], ids[box.node], position), box, arg)
            for index, (box, position, arg) in enumerate(arrows)
        ),
        notes=(*reader.notes(), *_said_of_twins(boxes)),
    )


def _too_many(root: Node, level: Level, count: int, max_nodes: int) -> DiagramError:
    remedies = ["draw a node further down", f"raise max_nodes to {count}"]
    fewer = len(outline.boxes(root)) if level == "ops" else count
    if fewer < count:
        remedies.insert(0, f"level='lecture' has {fewer} (a box for every named node)")
    else:
        remedies.insert(0, "leave fewer nodes named: an unnamed node is part of the formula that uses it")
    name = root.name or "this graph"
    return DiagramError(
        f"{name} has {count} boxes at level={level!r}, more than max_nodes={max_nodes}, beyond which nobody can read "
        f"a picture: {', or '.join(remedies)}"
    )


class _Reader:
    """Reads what the boxes and edges show off the nodes; every node's gradient is judged once."""

    def __init__(self, root: Node, boxes: Sequence[outline.Box], wrt: Sequence[Node] | None) -> None:
        self.root = root
        self.drawn = drawn = [box.node for box in boxes]
        self._heads = frozenset(drawn)
        self.names = graph.labels(root)
        self.values = graph.present_values(root)
        self.local = Local(root, boxes, self.names)
        swept = None not in self.values.values() and any(node.grad is not None for node in drawn)
        self.now = adjoints(root) if swept else {}
        self._flows = _flows(root) if swept else set()
        self._data = _data([node for node in drawn if node.op is INPUT], wrt)
        self._changed = graph.changed_since_backward(root)
        self._marks = {node: self._mark(node) for node in self._judged()}

    def _judged(self) -> list[Node]:
        """The nodes whose gradients are shown: the root's own, or all if they might as well be."""
        stored = [node for node in self.drawn if node.grad is not None]
        if all(self._is_present(node) for node in stored):
            own = stored
        else:
            own = [node for node in stored if graph.gradient_root(node) is self.root]
        return [node for node in own if node.op is not CONSTANT and node not in self._data]

    def _is_present(self, node: Node) -> bool:
        """Whether the stored gradient is ∂root/∂node at the present inputs."""
        # Nothing reaches a condition, say: its gradient is 0.
        return node.grad is not None and self.root in self.now and _agree(node.grad, self.now.get(node, 0.0))

    def _mark(self, node: Node) -> Literal["", "old", "sum"]:
        if self._is_present(node):
            return ""
        return "old" if self._changed else "sum"

    def box(self, drawn: outline.Box, identity: str) -> Box:
        node = drawn.node
        value = self.values[node]
        twins = () if value is None else tuple(self._twin(inner) for inner in drawn.body if is_needed(inner))
        shown = node.grad if node in self._marks else None
        text = None
        if node.args:
            text = self._formula(node)
            text = bracketed(text, graph.typed_form(node)[0].precedence)
        return Box(
            id=identity,
            name=None if node.op is CONSTANT and not node.name else self.names[node],
            role=self._role(node),
            formula=text,
            value=None if value is None else number(value, _DIGITS),
            gradient=None if shown is None else self._gradient(node, shown),
            finite=all(math.isfinite(each) for each in (value, shown) if each is not None),
            twins=twins,
        )

    def _formula(self, node: Node, *, twin: bool = False) -> str:
        return formula(node, self.names, lambda inner: inner is not node and inner in self._heads, twin=twin)

    def _twin(self, node: Node) -> str:
        text = f"{self._formula(node)} is computed as {self._formula(node, twin=True)}"
        why = twin_reason(node, self.names, lambda inner: inner in self._heads)
        return f"{text}: {why}" if why else text

    def _gradient(self, node: Node, value: float) -> Gradient:
        mark = self._marks[node]
        chain = None if node.args or mark or node is self.root else self.local.chain(node)
        text = number(value, _DIGITS)
        return Gradient(f"d{text_name(self.names[node])}", None if chain == text else chain, text, mark)

    def _role(self, node: Node) -> Role:
        if node.args:
            return "output" if node is self.root else "inner"
        return "constant" if node.op is CONSTANT else "data" if node in self._data else "parameter"

    def edge(self, ends: Edge, box: outline.Box, arg: Node) -> Edge:
        local, backward = self.local.slope(box, arg), self._flows_back(box, arg)
        room = len(self.drawn) <= _MOST_LABELLED
        labelled = room and backward and local is not None and bool(arg.args)
        return replace(ends, local=local, backward=backward, labelled=labelled)

    def _flows_back(self, box: outline.Box, arg: Node) -> bool:
        """Whether the picture shows a gradient that goes from a box to one of its arguments."""
        shown = box.node in self._marks and arg in self._marks
        return shown and any((inner, arg) in self._flows for inner in box.body)

    def notes(self) -> list[str]:
        """What a reader must know of the numbers."""
        root, marks = text_name(self.names[self.root]), set(self._marks.values())
        found = []
        if "old" in marks:
            changed = ", ".join(text_name(self.names[leaf]) for leaf in self._changed)
            found.append(f"(old): from before {changed} changed; {root}.backward() computes them anew.")
        if "sum" in marks:
            found.append("(sum): summed over several backward passes, or set by hand.")
        if not self._marks and any(node.grad is not None for node in self.drawn):
            found.append(f"The gradients stored here are not those of {root}; {root}.backward() computes them.")
        missing = [text_name(self.names[node]) for node in self.drawn if node.op is INPUT and self.values[node] is None]
        if missing:
            found.append(f"No value yet: {', '.join(missing[:5])}{', …' if len(missing) > 5 else ''}.")
        return found


def _said_of_twins(boxes: Sequence[Box]) -> list[str]:
    """A sentence for each twin that matters, each once; of many only the first."""
    said = list(dict.fromkeys(sentence for box in boxes for sentence in box.twins))
    more = [f"{len(said) - _MOST_TWINS} more are computed otherwise than typed."] if len(said) > _MOST_TWINS else []
    return [f"{sentence}." for sentence in said[:_MOST_TWINS]] + more


def _data(leaves: Sequence[Node], wrt: Sequence[Node] | None) -> set[Node]:
    """The inputs that are not differentiated by: those that ``wrt`` leaves out, or those that the names tell."""
    if wrt is not None:
        return set(leaves) - set(wrt)
    if not any(_PARAMETER.fullmatch(node.name or "") for node in leaves):
        return set()
    return {node for node in leaves if _DATA.fullmatch(node.name or "")}


def _flows(root: Node) -> set[tuple[Node, Node]]:
    """The (node, argument) pairs between which the gradient flows in the graph as typed."""
    nodes = graph.order(root, typed=True, twins=False)
    relevant, reached = graph.above(nodes, None, typed=True), {root}
    found = set()
    for node in reversed(nodes):
        op, args = graph.typed_form(node)
        for arg, function in zip(args, op.partials, strict=True) if node in reached else ():
            if function is not None and arg in relevant:
                reached.add(arg)
                found.add((node, arg))
    return found


def _agree(one: float, other: float) -> bool:
    return one == other or math.isclose(one, other, rel_tol=1e-9) or (math.isnan(one) and math.isnan(other))
