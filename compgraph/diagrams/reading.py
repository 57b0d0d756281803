"""From a graph to a Scene: what reads values, gradients and formulas off the nodes. Changes nothing in the graph."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from .. import graph
from ..codegen.printer import bracketed, formula, number, text_name, twin_reason
from ..derivations.paths import local_derivatives
from ..errors import GraphTypeError, GraphValueError
from ..node import Node, as_typed
from ..nonfinite import warn_nonfinite
from ..ops import CONSTANT, INPUT
from ..reverse import targets
from ..twins import is_needed
from .digits import digits_lost
from .gradients import Gradients
from .local import Local
from .path_lines import told_paths
from .scene import LEVELS, NOT_COMPUTED, Box, Edge, Gradient, Group, Scene
from .selection import select
from .shorthand import in_short

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from .scene import Level, Role
    from .selection import Part, Selection

__all__ = ["Reader", "found", "in_focus", "limits", "make_scene", "sign_of_sum"]

# Significant digits of a number in a picture.
_DIGITS = 4

# Labels on edges get in each other's way in larger pictures; there they show when pointed at.
_MOST_LABELLED = 15

# Of more twins that matter only the first are told under the picture.
_MOST_TWINS = 4

# A sum of more terms is told by its first and its last ones.
_MOST_TERMS = 6

# x1, y, X_3, net.x are what the lecture calls data, beside parameters such as w1, b, θ: nobody asks for gradients.
_DATA = re.compile(r"(?:.*\.)?[xyXY]_?[\d₀-₉]*")
_PARAMETER = re.compile(r"(?:.*\.)?(?:[wbWBθβ]|theta|beta|weight|bias)_?[\d₀-₉_]*")


def make_scene(
    root: Node,
    level: Level = "lecture",
    *,
    wrt: Node | str | Sequence[Node | str] | None = None,
    focus: Node | str | tuple[Node | str, Node | str] | None = None,
    paths: Node | str | None = None,
    max_nodes: int = 150,
) -> Scene:
    """What a diagram of the graph shows, at the present values.

    Gradients are shown if the root's own backward pass made them, or if all equal ∂root/∂node at the present inputs (as
    in a graph that was loaded from a file). Those of another root are left out, and a note says so.

    Args:
        root: The graph's root.
        level: "lecture", "ops" or "collapsed".
        wrt: The inputs, or their names, whose gradients are shown. If left out, all; but where inputs are named like
            parameters (w1, b, θ, weight), not those named like data (x1, y).
        focus: A node or its name: only what it is computed from. Two of them: only the paths from the first to the
            second.
        paths: A node or its name: the paths from it to the root are marked, and told with their products.
        max_nodes: The most boxes that are drawn.

    Raises:
        GraphTypeError: The root is not a Node, or max_nodes no whole number.
        UnknownNameError: No node has a name that is asked for.
        GraphValueError: There is no such level, or fewer than two boxes are allowed.

    Warns:
        NonFiniteWarning: A value in the picture is inf or nan.

    >>> w, x = Node(0.5, "w"), Node(3.0, "x")
    >>> scene = make_scene((w*x + 1).named("z"))
    >>> [(box.name, box.role, box.formula, box.value) for box in scene.boxes]
    [('w', 'parameter', None, '0.5'), ('x', 'data', None, '3'), ('z', 'output', 'w·x + 1', '2.5')]
    >>> [(edge.source, edge.target, edge.backward) for edge in scene.edges]
    [('b0', 'b4', False), ('b1', 'b4', False)]
    """
    if level not in LEVELS:
        raise GraphValueError(f"there is no level {level!r}; write one of {', '.join(map(repr, LEVELS))}")
    if not isinstance(max_nodes, int):
        raise GraphTypeError(f"max_nodes is a whole number of boxes, not {max_nodes!r} (a {type(max_nodes).__name__})")
    if max_nodes < 2:
        raise GraphValueError(f"max_nodes={max_nodes}: a picture has at least 2 boxes, the root and what is left out")
    if not isinstance(root, Node):
        raise GraphTypeError(
            f"a picture is drawn of a Node, not of {root!r} (a {type(root).__name__}); pass the Node itself"
        )
    ends = in_focus(root, focus)
    source = found(root, paths)
    chosen = select(root, level, focus=ends, max_nodes=max_nodes)
    with as_typed():  # formulas are recorded on the way, and must stay as they are
        return Reader(root, chosen, None if wrt is None else targets((root,), wrt)[0], source=source).scene()


def in_focus(root: Node, focus: Node | str | tuple[Node | str, Node | str] | None) -> Node | tuple[Node, Node] | None:
    """The node or the two nodes that are in focus, found by their names where these are given.

    Raises:
        GraphValueError: A node is none of this graph, or no path leads from the first to the second.
        UnknownNameError: No node has a name.
    """
    if isinstance(focus, tuple):
        if len(focus) != 2:
            raise GraphValueError(f"focus={focus!r}: a node, or two: (w1, L) for the paths from w1 to L")
        source, target = (_node(root, one) for one in focus)
        if source not in graph.order(target, typed=True):
            raise GraphValueError(f"focus: no path leads from {_shown(source)} to {_shown(target)}")
        return source, target
    return found(root, focus)


def found(root: Node, which: Node | str | None) -> Node | None:
    """The node of a graph that is given, or that has a name; None for none."""
    return None if which is None else _node(root, which)


def _node(root: Node, which: Node | str) -> Node:
    if isinstance(which, str):
        return graph.find(root, which)
    if which not in graph.order(root, typed=True):
        raise GraphValueError(f"{_shown(which)} is not a node of this graph")
    return which


def _shown(node: object) -> str:
    return text_name(node.name) if isinstance(node, Node) and node.name else repr(node)


class Reader:
    """Reads what the boxes and edges show off the nodes; every node's gradient is judged once.

    Args:
        root: What is differentiated.
        chosen: The boxes.
        wrt: The inputs whose gradients are shown; None for those that the names tell.
        source: The node from which paths are shown.
        is_live: Whether all gradients are shown, at the present values, whatever is stored: for a page that computes.
    """

    def __init__(
        self,
        root: Node,
        chosen: Selection,
        wrt: Sequence[Node] | None = None,
        *,
        source: Node | None = None,
        is_live: bool = False,
    ) -> None:
        self.root, self.chosen, self.source, self._is_live = root, chosen, source, is_live
        self.parts = {head: part for part in chosen.parts for head in part.heads}
        self.drawn = [part.box.node for part in chosen.parts if not part.is_summary]
        self.told = list(dict.fromkeys(node for part in chosen.parts for node in part.told))
        self._heads = frozenset(self.parts)
        self.names = graph.labels(root)
        self.ids = {node: f"b{index}" for index, node in enumerate(self.names)}
        self.values = graph.present_values(root)
        boxes = [part.box for part in chosen.parts if not part.is_summary]
        self.local = Local(root, boxes, self.names)
        leaves = [node for part in chosen.parts for node in (part.box.node, *part.inside) if node.op is INPUT]
        self.data = _data(leaves, wrt)
        self.gradients = Gradients(root, self.told if is_live else self.drawn, self.data, is_live=is_live)
        self._numbers = local_derivatives(root, boxes) if self.gradients.present and not is_live else {}
        self.slopes: dict[str, tuple[Part, Node]] = {}  # of each edge that has one, where it is to be computed
        is_known = None not in self.values.values()
        self._lost = digits_lost(root) if is_known and not is_live else {}
        self._on_paths = _on_paths(chosen.parts, source)

    # --- boxes ---

    def scene(self) -> Scene:
        """The whole picture."""
        if not self._is_live and not all(math.isfinite(self.values[node] or 0.0) for node in self.drawn):
            warn_nonfinite(self.root)
        boxes = tuple(self._box(part) for part in self.chosen.parts)
        edges = tuple(edge for part in self.chosen.parts for edge in self._edges(part))
        groups = tuple(
            Group(*self._group_name(group.key), tuple(self.ids[node] for node in group.members))
            for group in self.chosen.groups
        )
        notes = (*self.chosen.notes, *self._notes(), *_said_of_twins(boxes))
        paths = () if self.source is None else told_paths(self.root, self.source, self.chosen.level)
        return Scene(self.names[self.root], self.chosen.level, boxes, edges, notes, groups, paths)

    def key_id(self, key: Node | str) -> str:
        """The id of a node's box or of a scope."""
        return scope_id(key) if isinstance(key, str) else self.ids[key]

    def _group_name(self, key: Node | str) -> tuple[str, str]:
        return self.key_id(key), key if isinstance(key, str) else self.names[key]

    def box_id(self, part: Part) -> str:
        """The box's id: the same in every picture of the graph."""
        return scope_id(part.scope) if part.scope else "more" if part.more else self.ids[part.box.node]

    def _box(self, part: Part) -> Box:
        node = part.box.node
        if part.is_summary:
            return self._summary(part)
        value, shown = self.values[node], self.gradients.of(node)
        twins = () if value is None else tuple(self._twin(inner) for inner in part.box.body if is_needed(inner))
        text = None
        if node.args:
            text = bracketed(self.formula(node), graph.typed_form(node)[0].precedence)
        return Box(
            id=self.ids[node],
            name=None if node.op is CONSTANT and not node.name else self.names[node],
            role=self._role(node),
            formula=text,
            value=None if value is None else value_text(node, value),
            gradient=self._gradient(node),
            finite=all(math.isfinite(each) for each in (value, shown) if each is not None),
            twins=twins,
            details=(f"inside: {self._inside(part)}",) if part.inside else (),
            lost=self._lost.get(node, 0),
            fold=part.fold,
            is_on_path=node in self._on_paths,
        )

    def _gradient(self, node: Node) -> Gradient | None:
        name = f"d{text_name(self.names[node])}"
        marks = self.gradients.marks
        if node not in marks:
            lacks = bool(marks) and node.op is not CONSTANT and node not in self.data
            return Gradient(name, None, NOT_COMPUTED) if lacks else None
        mark, shown = marks[node], self.gradients.of(node)
        chain = None if node.args or mark or node is self.root else self.local.chain(node)
        text = "?" if shown is None else number(shown, _DIGITS)
        return Gradient(name, None if chain == text else chain, text, mark)

    def _summary(self, part: Part) -> Box:
        """The box of a scope, or of what is left out."""
        if part.more:
            return Box("more", f"+ {part.more} more", "more", None, None)
        inner = [*part.box.body, *part.inside]
        prefix = f"{part.scope}."
        own = [node for node in part.inside if (node.name or "").startswith(prefix)]
        others = [node for node in part.inside if node not in set(own)]
        named = sum(node.name is not None for node in part.box.body)
        counts = [f"{named} box{'es' * (named != 1)}" if named else "", _counted(len(own), "input")]
        details = [", ".join(filter(None, counts)), f"gives {in_short(self._named(part.heads, prefix))}"]
        details += [f"inside: {in_short(self._named(others))}"] if others else []
        finite = all(math.isfinite(self.values[node] or 0.0) for node in inner)
        is_on_path = not self._on_paths.isdisjoint(part.heads)
        return Box(
            self.box_id(part), part.scope, "scope", None, None,
            finite=finite, details=tuple(details), fold=part.fold, is_on_path=is_on_path,
        )  # fmt: skip

    def _named(self, nodes: Collection[Node], prefix: str = "") -> list[str]:
        """The names, as the scope itself calls them where all are in one."""
        names = [self.names[node] for node in nodes]
        is_own = bool(prefix) and all(name.startswith(prefix) for name in names)
        return [text_name(name.removeprefix(prefix) if is_own else name) for name in names]

    def _inside(self, part: Part) -> str:
        scope = (part.box.node.name or "").rpartition(".")[0]
        return in_short(self._named(part.inside, f"{scope}." if scope else ""))

    def formula(self, node: Node, *, twin: bool = False, marks: Mapping[Node, str] | None = None) -> str:
        """What computes a node, down to the boxes that it reads.

        Args:
            node: The node.
            twin: Whether to write what computes it instead of what was typed.
            marks: What is written for each node below instead of its name.
        """
        names = self.names if marks is None else marks
        return formula(node, names, self._is_end(node), twin=twin, most_terms=_MOST_TERMS)

    def computed_as(self, part: Part) -> tuple[str, str, str] | None:
        """What of a box is computed otherwise than typed, by what, and why; None where it is computed as typed."""
        for node in reversed(part.box.body):
            why = twin_reason(node, self.names, self._is_head) if node.typed is not None else ""
            if why:
                return self.formula(node), self.formula(node, twin=True), why
        return None

    def _is_head(self, node: Node) -> bool:
        return node in self._heads

    def _is_end(self, node: Node) -> Callable[[Node], bool]:
        leaves = self._heads
        return lambda inner: inner is not node and (inner in leaves or (inner.name is not None and bool(inner.args)))

    def _twin(self, node: Node) -> str:
        text = f"{self.formula(node)} is computed as {self.formula(node, twin=True)}"
        why = twin_reason(node, self.names, self._is_head)
        return f"{text}: {why}" if why else text

    def _role(self, node: Node) -> Role:
        if node.args:
            return "output" if node is self.chosen.parts[-1].box.node else "inner"
        return "constant" if node.op is CONSTANT else "data" if node in self.data else "parameter"

    # --- edges ---

    def _edges(self, part: Part) -> list[Edge]:
        """The edges to a part, those from one folded scope as one."""
        target = self.box_id(part)
        found: dict[str, Edge] = {}
        edges: list[Edge] = []
        for position, arg in enumerate(part.box.args):
            if arg not in self.parts:
                continue
            source = self.parts[arg]
            ends = Edge(f"{target}x{position}", self.box_id(source), target, position)
            ends = replace(ends, is_on_path=arg in self._on_paths, backward=self._flows_back(part, arg))
            if source.is_summary or part.is_summary:
                same = found.get(ends.source)
                joined = replace(ends, count=1) if same is None else replace(
                    same, count=same.count + 1, backward=same.backward or ends.backward,
                    is_on_path=same.is_on_path or ends.is_on_path,
                )  # fmt: skip
                found[ends.source] = joined
            else:
                edges.append(self._labelled(ends, part, arg))
        return [*edges, *found.values()]

    def _labelled(self, ends: Edge, part: Part, arg: Node) -> Edge:
        slope = self._numbers.get(part.box.node, {}).get(arg)
        local = self.local.slope(part.box, arg, slope)
        slope = slope if local is not None else None
        if ends.backward and part.box.args.count(arg) == 1:
            self.slopes[ends.id] = part, arg
        room = len(self.chosen.parts) <= _MOST_LABELLED
        labelled = room and ends.backward and local is not None and (bool(arg.args) or ends.is_on_path)
        text = None if slope is None else slope_text(slope)
        return replace(ends, local=local, slope=text, labelled=labelled)

    def _flows_back(self, part: Part, arg: Node) -> bool:
        """Whether the picture shows a gradient that goes from a box to one of its arguments."""
        is_summed = part.is_summary or self.parts[arg].is_summary
        marks = self.gradients.marks
        return (is_summed or (part.box.node in marks and arg in marks)) and self.gradients.flow(part.box.body, arg)

    # --- words ---

    def _notes(self) -> list[str]:
        """What a reader must know of the numbers."""
        root, marks = text_name(self.names[self.root]), set(self.gradients.marks.values())
        found = []
        if "old" in marks:
            changed = ", ".join(text_name(self.names[leaf]) for leaf in self.gradients.changed)
            found.append(f"(old): from before {changed} changed; {root}.backward() computes them anew.")
        if "sum" in marks:
            found.append("(sum): summed over several backward passes, or set by hand.")
        if not marks and self.gradients.stored:
            found.append(f"The gradients stored here are not those of {root}; {root}.backward() computes them.")
        missing = [text_name(self.names[node]) for node in self.drawn if node.op is INPUT and self.values[node] is None]
        if missing:
            found.append(f"No value yet: {', '.join(missing[:5])}{', …' if len(missing) > 5 else ''}.")
        return found


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}" if count else ""


def scope_id(scope: str) -> str:
    """An id of letters and digits for a scope, another for each.

    >>> scope_id("layer1")
    's6c6179657231'
    """
    return f"s{scope.encode('utf-8', 'surrogatepass').hex()}"


def limits(node: Node) -> tuple[float, ...]:
    """What a node's value comes near to and never is.

    >>> from compgraph.ops import sigmoid
    >>> limits(-sigmoid(Node(40.0)))
    (-0.0, -1.0)
    """
    if node.op.name == "neg":
        return tuple(-float(limit) for limit in node.args[0].op.limits)
    return tuple(map(float, node.op.limits))


def sign_of_sum(node: Node) -> int:
    """Whether a node is computed as the sum of its arguments, 1, or as their difference, −1; else 0.

    >>> x = Node(2.0, "x")
    >>> sign_of_sum(x + 3), sign_of_sum(x - 3), sign_of_sum(x * 3)
    (1, -1, 0)
    """
    return {"add": 1, "sub": -1}.get(node.op.name, 0)


def value_text(node: Node, value: float) -> str:
    """A value as the picture writes it: of what only comes near to 1, not 1.

    >>> from compgraph.ops import sigmoid
    >>> value_text(sigmoid(Node(40.0)), 1.0), value_text(sigmoid(Node(0.0)), 0.5)
    ('rounds to 1', '0.5')
    """
    args = [graph.peek(arg) or 0.0 for arg in node.args]
    is_rounded = value in limits(node) and all(map(math.isfinite, args))
    sign = sign_of_sum(node)
    if sign and value.is_integer():  # one term is lost beside the other: 1 − 4e−18
        is_rounded = (value == args[0] and args[1] != 0.0) or (value == sign * args[1] and args[0] != 0.0)
    return f"rounds to {number(value)}" if is_rounded else number(value, _DIGITS)


def slope_text(slope: float) -> str:
    """A local derivative as the picture writes it: put together from several, its last digits are those of rounding.

    >>> slope_text(-1.9999999999999991)
    '−2'
    """
    return number(float(f"{slope:.12g}"), _DIGITS)


def _on_paths(parts: Sequence[Part], source: Node | None) -> set[Node]:
    """The nodes of boxes that depend on a node; the node with them."""
    reached: set[Node] = set() if source is None else {source}
    for part in parts if source is not None else ():
        if source in part.inside or any(arg in reached for arg in part.box.args):
            reached.update(part.heads)
    return reached


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
