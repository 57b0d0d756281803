"""Where what was typed does not bear the number out, as 0·∞ does not: the formula by which the engine came to it."""

from __future__ import annotations

import math
from functools import partial, reduce
from typing import TYPE_CHECKING

from ..codegen.formulas import Letter
from ..codegen.printer import twin_reason
from ..graph import order, peek, typed_form
from ..ops import CONSTANT, INPUT, add
from ..outline import Box
from ..twins import is_needed, naive_value, twin_form, twin_parts
from .letters import product, to_term
from .steps import Backward, Twin
from .tidy import tidied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ..codegen.formulas import Term
    from ..node import Node
    from ..record import Op
    from .letters import Letters
    from .steps import Step

__all__ = ["Computed", "bears_out", "twin_boxes", "twin_steps"]

# What is shown bears a number out, and needs no word on its twin, up to this relative error.
_BORNE_OUT = 1e-9

# Sums over more boxes, and boxes of more operations, are not written out.
_MOST_READERS, _LARGEST_BOX = 8, 100


class Computed:
    """The gradients by twins, as formulas.

    Args:
        root: What is differentiated.
        typed: The boxes as typed.
        twins: The boxes of the graph that is computed, where that is another; else none.
        letters: The letters of the derivation.
        ends: The nodes at which formulas stop.
    """

    def __init__(
        self, root: Node, typed: Iterable[Box], twins: Iterable[Box], letters: Letters, ends: Iterable[Node]
    ) -> None:
        self.root, self._letters, self._ends = root, letters, frozenset(ends)
        self._typed, self._twins = _readers(typed), _readers(twins)

    def shown(self, node: Node, number: float) -> float | None:
        """A gradient as it is shown: none where the typed form of a node that twins bypass comes to 0·∞."""
        is_bypassed = self._twins and node not in self._twins and node is not self.root
        return None if is_bypassed and math.isnan(number) else number

    def instead_of(self, shown: Node, node: Node, number: float | None) -> Term | None:
        """What gives the number where what is shown for a node's gradient does not; None where it does.

        A node that twins bypass has the gradient of the graph as typed, at values that come from twins.
        """
        if not self._twins or number is None or not math.isfinite(number) or self._is_at(shown, number):
            return None
        for readers, form in ((self._twins, twin_form), (self._typed, typed_form)):
            expression = self._gradient(node, readers.get(node, []), form)
            if expression is not None and self._is_at(expression, number):
                return self._letters.symbol(expression)
        return None

    def _gradient(
        self, node: Node, readers: Sequence[Box], form: Callable[[Node], tuple[Op, tuple[Node, ...]]]
    ) -> Node | None:
        if len(readers) > _MOST_READERS or any(len(box.body) > _LARGEST_BOX for box in readers):
            return None
        terms = []
        for box in readers:
            slope = self._letters.computed_slopes(box, form, self._ends).get(node)
            if slope is not None:
                terms.append(slope if box.node is self.root else product(slope, self._letters.adjoint(box.node)))
        return tidied(reduce(add, terms)) if terms else None

    def _is_at(self, expression: Node, number: float) -> bool:
        return bears_out(self._letters.at(expression), number)


def bears_out(total: float, number: float) -> bool:
    """Whether what a formula comes to in floats is the number, nearly to the digit."""
    same = total == number or (math.isnan(total) and math.isnan(number))
    return same or math.isclose(total, number, rel_tol=_BORNE_OUT, abs_tol=math.ulp(0.0))


def twin_boxes(nodes: Iterable[Node]) -> list[Box]:
    """Each node that was typed as a box of what computes it; the nodes of which a twin is made have none."""
    found = []
    for node in nodes:
        parts = frozenset(twin_parts(node)) | {node}
        read = dict.fromkeys(arg for part in parts for arg in part.args if arg not in parts)
        body = order(node, cut=read) if node.args else ()
        found.append(Box(node, tuple(body), tuple(arg for arg in read if arg.op is not CONSTANT or arg.name)))
    return found


def twin_steps(boxes: Sequence[Box], steps: Iterable[Step], names: Mapping[Node, str]) -> Iterator[Callable[[], Twin]]:
    """What makes the lines on twins: of those without which a value, or a gradient among the steps, would be wrong."""
    told = {step.name for step in steps if isinstance(step, Backward) and step.computed is not None}
    nodes: dict[Node, None] = {}
    for box in boxes:
        twins = [node for node in box.body if node.typed]
        needed = [node for node in twins if is_needed(node)]
        nodes |= dict.fromkeys(needed or (twins if any(names[arg] in told for arg in box.args) else ()))
    return (partial(_twin, node, names) for node in nodes)


def _twin(node: Node, names: Mapping[Node, str]) -> Twin:
    leaves: dict[Node, Term] = {
        other: Letter(name) for other, name in names.items() if (other.name or other.op is INPUT) and other is not node
    }
    parts = frozenset(twin_parts(node))
    return Twin(
        node.name,
        to_term(node, leaves),
        to_term(node, leaves, lambda inner: twin_form(inner) if inner in parts else typed_form(inner)),
        peek(node) or 0.0,
        naive_value(node) or 0.0,
        twin_reason(node, names, lambda inner: inner in leaves),
    )


def _readers(boxes: Iterable[Box]) -> dict[Node, list[Box]]:
    readers: dict[Node, list[Box]] = {}
    for box in boxes:
        for arg in box.args:
            readers.setdefault(arg, []).append(box)
    return readers
