"""Which gradients a picture shows: those of its own root, marked where they are not the present ones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .. import graph
from ..ops import CONSTANT
from ..reverse import adjoints

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ..node import Node
    from .scene import Mark

__all__ = ["Gradients"]


class Gradients:
    """The gradients of the nodes of a picture; each is judged once.

    Those stored are shown if the root's own backward pass made them, or if all might as well be.

    Args:
        root: What is differentiated.
        nodes: The nodes of the picture.
        data: Inputs by which nobody differentiates.
        is_live: Whether all are shown, at the present values, whatever is stored.

    Attributes:
        present: ∂root/∂node at the present values; empty where an input has none, or where none is needed.
        marks: Of each node whose gradient is shown how it is marked.
        changed: The inputs that were set after the backward pass.
        stored: Whether any node has a gradient.

    >>> from compgraph.node import Node
    >>> x = Node(3.0, "x")
    >>> y = x * x
    >>> y.backward()
    >>> x.value = 4.0
    >>> Gradients(y, [x, y], data=()).marks[x]
    'old'
    """

    def __init__(self, root: Node, nodes: Sequence[Node], data: Collection[Node], *, is_live: bool = False) -> None:
        self._root, self._is_live = root, is_live
        self.stored = any(node.grad is not None for node in nodes)
        is_known = None not in graph.present_values(root).values()
        self.present = adjoints(root) if is_known and (is_live or self.stored) else {}
        self._flows = _flows(root) if self.present or is_live else set()
        self.changed = graph.changed_since_backward(root)
        own = nodes if is_live else self._own([node for node in nodes if node.grad is not None])
        self.marks = {node: self._mark(node) for node in own if node.op is not CONSTANT and node not in data}

    def _own(self, stored: Sequence[Node]) -> Sequence[Node]:
        if all(map(self._is_present, stored)):
            return stored
        return [node for node in stored if graph.gradient_root(node) is self._root]

    def _is_present(self, node: Node) -> bool:
        """Whether the stored gradient is ∂root/∂node at the present inputs."""
        # Nothing reaches a condition, say: its gradient is 0.
        return node.grad is not None and bool(self.present) and _agree(node.grad, self.present.get(node, 0.0))

    def _mark(self, node: Node) -> Mark:
        if self._is_live or self._is_present(node):
            return ""
        return "old" if self.changed else "sum"

    def of(self, node: Node) -> float | None:
        """The number that is shown; None where none is, or where it is not known."""
        if node not in self.marks:
            return None
        return self.present.get(node, 0.0) if self._is_live and self.present else node.grad

    def flow(self, body: Collection[Node], arg: Node) -> bool:
        """Whether a gradient goes from one of some operations to an argument."""
        return bool(self.marks) and any((inner, arg) in self._flows for inner in body)


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
