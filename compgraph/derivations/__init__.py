"""Derivations: the chain rule of a graph, step by step, as data, and as text, Markdown, LaTeX and HTML."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..errors import GraphValueError
from ..graph import labels, order, present_values
from ..node import Node, as_typed
from ..nonfinite import warn_nonfinite_gradient
from ..outline import boxes, single_boxes
from ..reverse import adjoints, targets
from .chain import Chain, backward_order, forward_steps, input_steps, inputs_as_read
from .computed import Computed, twin_boxes, twin_steps
from .flows import flow_steps
from .html import to_html
from .latex import to_latex
from .letters import Letters
from .markdown import to_markdown
from .paths import paths_between
from .steps import Backward, Flow, Forward, Path, Paths, Step, Total, Twin
from .text import to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ..outline import Box

__all__ = ["Backward", "Derivation", "Flow", "Forward", "Path", "Paths", "Step", "Total", "Twin", "explain"]

# Beyond so many lines of a kind a derivation is cut, and says how many are missing.
_MOST_STEPS = 200


@dataclass(frozen=True, slots=True, repr=False)
class Derivation:
    """The steps that :func:`explain` found: plain data, iterable, and readable text under ``str`` and ``repr``.

    A notebook shows the HTML; exports to LaTeX and Markdown take these.

    Attributes:
        root: What the root is called.
        level: "lecture" or "ops".
        forward: Values, inputs first.
        backward: Gradients, from the root down.
        twins: What is computed otherwise than typed, where the typed form would be visibly wrong at these values.
        paths: The ways from one node to the root, where the derivation is that of one gradient; else None.
        omitted: How many steps of each kind were left out; (0, 0, 0) in all but large graphs.
    """

    root: str
    level: str
    forward: tuple[Forward, ...]
    backward: tuple[Backward | Flow | Total, ...]
    twins: tuple[Twin, ...] = ()
    omitted: tuple[int, int, int] = (0, 0, 0)
    paths: Paths | None = None

    def __iter__(self) -> Iterator[Step]:
        ways = () if self.paths is None else self.paths.shown
        return iter((*self.forward, *self.backward, *ways, *self.twins))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __str__(self) -> str:
        return to_text(self.forward, self.backward, self.twins, self.omitted, self.paths)

    __repr__ = __str__

    @property
    def markdown(self) -> str:
        """The derivation as Markdown, its formulas in LaTeX between dollar signs, as Jupyter and GitHub render them."""
        return to_markdown(self.forward, self.backward, self.twins, self.omitted, self.paths)

    @property
    def latex(self) -> str:
        """The derivation as an ``align*`` environment: for a LaTeX document with amsmath, MathJax or KaTeX."""
        return to_latex(self.forward, self.backward, self.twins, self.omitted, self.paths)

    @property
    def html(self) -> str:
        """The derivation as an HTML fragment without scripts, light or dark as its reader's system is."""
        return to_html(self.forward, self.backward, self.twins, self.omitted, self.paths)

    def _repr_html_(self) -> str:
        return self.html

    def _repr_latex_(self) -> str:
        return self.latex

    def _repr_markdown_(self) -> str:
        return self.markdown


def explain(root: Node, of: Any = None, level: str = "lecture") -> Derivation:
    """The derivation of a graph's gradients: values forward, then the chain rule backward, in symbols and numbers.

    Numbers are what the engine computes at the inputs' present values; ``.grad`` is neither read nor set. Where an
    input has no value, the steps are symbols only. Shorter forms such as da·a·(1 − a) = a − y are found by SymPy and
    proved by exact cancellation with the named nodes as letters; without SymPy the chain rule stands as it is.

    Formulas are what was typed. Where a twin came to another number than they would in floats, the line says by what it
    was computed, and the derivation ends with the twins that made a difference, and why.

    In formulas [x > 0] is 1 where it holds, else 0 (Iverson's bracket). Conventions for kinks and ties are named where
    they act. ``.markdown``, ``.latex`` and ``.html`` hold the same steps; a notebook shows the last.

    Args:
        root: What is differentiated.
        of: A node, its name, or a sequence of them: only the steps that lead to these gradients. For one, the paths
            from it to the root as well: the product of the local derivatives along each, and their sum.
        level: "lecture", a line per box (a named node with what is computed inside), or "ops", a line per operation
            and per event of the sweep.

    Returns:
        A :class:`Derivation`. It has at most 200 inputs, 200 values and 200 gradients, and says how many more there
        are; a formula of more than about 150 letters and signs is not written out, nor is a sum over more than 8 boxes.
        Of more than 8 paths the others are counted, and come together to one number.

    Raises:
        GraphTypeError: The root is not a Node, or ``of`` is neither Node nor name.
        GraphValueError: The level is unknown, or ``of`` is not a node of this graph.
        UnknownNameError: No node has the name.

    Warns:
        NonFiniteWarning: The root's value or a gradient is inf or nan.

    >>> from compgraph.node import Node
    >>> w, x, b = Node(2.0, "w"), Node(3.0, "x"), Node(1.0, "b")
    >>> z = (w*x + b).named("z")
    >>> explain((z**2).named("L"))
    forward
      w = 2   x = 3   b = 1
      z = w·x + b = 2·3 + 1 = 7
      L = z^2 = 7^2 = 49
    backward
      dL = 1
      dz = 2·z = 2·7 = 14
      dw = x·dz = 3·14 = 42
      dx = w·dz = 2·14 = 28
      db = dz = 14
    """
    if level not in {"lecture", "ops"}:
        raise GraphValueError(f"explain has the levels 'lecture' and 'ops', not {level!r}")
    names = labels(root)
    wanted = None if of is None else _wanted(root, of, names)
    with as_typed():  # formulas are recorded on the way, and must stay as they are
        return _derivation(root, wanted, level, names, is_one=isinstance(of, (Node, str)))


def _derivation(
    root: Node, wanted: Sequence[Node] | None, level: str, names: Mapping[Node, str], *, is_one: bool
) -> Derivation:
    heads = (root,) if wanted is None else tuple(dict.fromkeys((root, *wanted)))
    found = boxes(*heads) if level == "lecture" else single_boxes(root)
    reached, shown = _on_the_way(found, wanted)
    present = present_values(root)
    numbers = {node: value for node, value in present.items() if value is not None}
    known = _gradients(root, wanted) if len(numbers) == len(present) else None
    letters = Letters(names, known)
    given, more_given = _head(input_steps(shown, names, numbers))
    values, more_values = _head(forward_steps(shown, names, None if known is None else numbers))
    if level == "lecture":
        computed = Computed(root, found, _computed_boxes(root, heads), letters, {box.node for box in found})
        steps, more = _by_boxes(root, reached, letters, known, computed)
    else:
        computed = Computed(root, (), _computed_boxes(root, None), letters, names)
        ends = inputs_as_read(found) if wanted is None else wanted
        steps, more = _head(flow_steps(ends, wanted, letters, known, computed))
    twins, more_twins = _head(twin_steps(shown, steps, names) if known is not None else iter(()))
    omitted = more_given + more_values, more, more_twins
    paths = None
    if is_one and wanted is not None and wanted[0] is not root:
        number = None if known is None else computed.shown(wanted[0], known.get(wanted[0], 0.0))
        paths = paths_between(wanted[0], reached, letters, number, computed)
    return Derivation(names[root], level, given + values, steps, twins, omitted, paths)


def _computed_boxes(root: Node, heads: Sequence[Node] | None) -> list[Box]:
    """The boxes of what is computed, where that is not what was typed: lecture's boxes, or one for each operation."""
    if not any(node.typed for node in order(root, typed=True)):
        return []
    nodes = set(order(root))
    found = twin_boxes(order(root, typed=True, twins=False)) if heads is None else boxes(*heads, twins=True)
    return [box for box in found if box.node in nodes]


def _wanted(root: Node, of: Any, names: Mapping[Node, str]) -> list[Node]:
    nodes, _ = targets((root,), of, "of")
    for node in nodes:
        if node not in names:
            raise GraphValueError(f"{names[root]} does not depend on the node [{node!r}]: there is nothing to explain")
    return nodes


def _gradients(root: Node, wanted: Sequence[Node] | None) -> dict[Node, float]:
    """∂root/∂node as the engine computes it; warns where that, or the root's value, is not finite."""
    warn_nonfinite_gradient(root, adjoints(root, wanted, inner=False))
    return adjoints(root, wanted)


def _on_the_way(found: Sequence[Box], wanted: Sequence[Node] | None) -> tuple[list[Box], list[Box]]:
    """The boxes through which something flows to the targets; and with them what these boxes read."""
    if wanted is None:
        return list(found), list(found)
    reached = set(wanted)
    read: set[Node] = set()
    for box in found:
        if any(arg in reached for arg in box.args):
            reached.add(box.node)
            read.update(box.args)
    on_the_way = [box for box in found if box.node in reached]
    return on_the_way, [box for box in found if box.node in reached or box.node in read]


def _by_boxes(
    root: Node, found: Sequence[Box], letters: Letters, known: Mapping[Node, float] | None, computed: Computed
) -> tuple[tuple[Backward, ...], int]:
    chain = Chain(root, found, letters, known, computed)
    nodes = backward_order(root, found)
    head = tuple(chain.step(node) for node in nodes[:_MOST_STEPS])
    return head, max(0, len(nodes) - _MOST_STEPS)


def _head(makers: Iterator[Callable[[], Any]]) -> tuple[tuple[Any, ...], int]:
    """The first steps, and how many more there are; these are not made."""
    return tuple(make() for make in islice(makers, _MOST_STEPS)), sum(1 for _ in makers)
