"""What an edge says, ∂a/∂z = a·(1 − a), and the card of an input, dw1 = x1·dz: by the rules of the derivations."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..codegen.formulas import Slope
from ..derivations.letters import Letters, product
from ..derivations.text import term_text
from ..derivations.tidy import tidied
from ..ops import CONSTANT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..node import Node
    from ..outline import Box

__all__ = ["Local"]

# A box of more operations is not differentiated, and a longer formula is not shown: nobody would read it in a picture.
_LARGEST_BOX, _LONGEST_SLOPE, _LONGEST_CHAIN = 60, 60, 12


class Local:
    """The local derivatives of the boxes of a picture, as text.

    Args:
        root: What is differentiated.
        boxes: The boxes, with the arguments that they read.
        names: What the nodes are called.

    >>> from compgraph.graph import labels
    >>> from compgraph.node import Node
    >>> from compgraph.ops import sigmoid
    >>> from compgraph.outline import boxes
    >>> w, x = Node(0.5, "w"), Node(3.0, "x")
    >>> z = (w*x).named("z")
    >>> a = sigmoid(z).named("a")
    >>> *_, box_z, box_a = found = boxes(a)
    >>> local = Local(a, found, labels(a))
    >>> local.slope(box_a, z), local.slope(box_z, w), local.chain(z), local.chain(w)
    ('∂a/∂z = a·(1 − a)', '∂z/∂w = x', 'a·(1 − a)', 'x·dz')
    """

    def __init__(self, root: Node, boxes: Sequence[Box], names: Mapping[Node, str]) -> None:
        self._root, self._names = root, names
        self._letters = Letters(names, None)
        self._slopes: dict[Node, dict[Node, Node]] = {}
        self._readers: dict[Node, list[Box]] = {}
        for box in boxes:
            for arg in box.args:
                self._readers.setdefault(arg, []).append(box)

    def slope(self, box: Box, arg: Node, number: float | None = None) -> str | None:
        """∂box/∂argument as a formula; None where nothing flows, where it is long, or the argument is repeated.

        Where the formula is only a number, as 0 of terms that cancel, and ∂box/∂argument is inf or nan, there is none.
        """
        slope = self._slopes_of(box).get(arg)
        if slope is None or box.args.count(arg) > 1:
            return None
        text = term_text(Slope(self._names[box.node], self._names[arg]))
        if slope.op is not CONSTANT or number is None or math.isfinite(number):
            text += f" = {self._text(slope)}"
        return text if len(text) <= _LONGEST_SLOPE else None

    def chain(self, node: Node) -> str | None:
        """The chain rule for a node that one box reads, once; None where it is not that short, or only a number."""
        readers = self._readers.get(node, [])
        if len(readers) != 1 or node not in self._slopes_of(readers[0]):
            return None
        (box,) = readers
        slope = self._slopes_of(box)[node]
        chain = slope if box.node is self._root else tidied(product(slope, self._letters.adjoint(box.node)))
        if chain.op is CONSTANT:  # the gradient itself; or not, as 0 is none for ∞ − ∞
            return None
        text = self._text(chain)
        return text if len(text) <= _LONGEST_CHAIN else None

    def _slopes_of(self, box: Box) -> Mapping[Node, Node]:
        if box.node not in self._slopes:
            self._slopes[box.node] = self._letters.slopes(box) if len(box.body) <= _LARGEST_BOX else {}
        return self._slopes[box.node]

    def _text(self, expression: Node) -> str:
        return term_text(self._letters.symbol(expression))
