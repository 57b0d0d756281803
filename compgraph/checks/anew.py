"""A graph that was recorded as typed, recorded once more with twins: whether that mends it, and by which."""

from __future__ import annotations

from contextvars import Context
from typing import TYPE_CHECKING

from ..graph import order, typed_form
from ..nonfinite import gradient_fault, value_fault
from ..reverse import adjoints

if TYPE_CHECKING:
    from ..node import Node
    from ..nonfinite import Fault

__all__ = ["recorded_anew"]


def recorded_anew(root: Node, fault: Fault) -> tuple[Node, Node] | None:
    """A typed node at the fault or above it, and its twin, where the graph recorded with twins has no fault.

    None where it was recorded with twins as it stands, or where those would not help.
    """

    def record() -> dict[Node, Node]:
        new: dict[Node, Node] = {}
        for node in order(root, typed=True, twins=False):
            op, args = typed_form(node)
            if args:
                new[node] = op(*[new.get(arg, arg) for arg in args])
                new[node]._name = node._name
        return new

    new = Context().run(record)  # whatever block the question is asked in: outside of all, twins are recorded
    better = new.get(root, root)
    if value_fault(better, _wordless) or gradient_fault(better, adjoints(better, inner=False), _wordless):
        return None
    reached = {*fault.through}
    for node in order(root, typed=True, twins=False):
        reached |= {node} if reached.intersection(typed_form(node)[1]) else set()
        if node in reached and node.typed is None and new.get(node, node).typed is not None:
            return node, new[node]
    return None


def _wordless(node: Node) -> str:
    return node.name or ""
