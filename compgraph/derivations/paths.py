"""The ways on which one node moves the root, each with the product of the local derivatives along it.

Their sum is what reverse mode computes without listing them (Bauer's formula; Griewank & Walther, Evaluating
Derivatives, 2nd ed., ch. 3). Local derivatives are those of the engine's events: nothing is differentiated here. There
may be 2ⁿ paths: the first are listed, the others counted.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import islice, pairwise
from typing import TYPE_CHECKING, NamedTuple

from ..codegen.formulas import Cut, Number, Slope, total
from ..graph import typed_form
from ..ops import flow
from ..reverse import as_node, events
from .letters import LONGEST, size
from .steps import Path, Paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..codegen.formulas import Term
    from ..node import Node
    from ..outline import Box
    from .computed import Computed
    from .letters import Letters

    # Of each box ∂box/∂argument as a number; None where an input has no value.
    _Slopes = dict[Node, dict[Node, float | None]]

__all__ = ["local_derivatives", "paths_between"]

# So many paths are listed, so many factors of each, and boxes of so many operations are written out.
_MOST_PATHS, _MOST_FACTORS, _LARGEST_BOX = 8, 12, 100

# Products add up to the gradient as far as a sum of floats that cancel may.
_ROUNDING = 1e-9


def paths_between(
    target: Node, boxes: Sequence[Box], letters: Letters, number: float | None, computed: Computed
) -> Paths:
    """The paths from a node to the root, through boxes.

    Args:
        target: By what the root is differentiated.
        boxes: The boxes on the way, arguments first.
        letters: The letters of this derivation.
        number: ∂root/∂target as the engine computed it; None where an input has no value.
        computed: What the engine computes by twins, from the root.
    """
    root = computed.root
    slopes = local_derivatives(root, boxes, target, known=number is not None)
    counts = {target: 1}
    for box in boxes:
        if box.node is not target:
            counts[box.node] = sum(counts.get(arg, 0) for arg in slopes[box.node])
    writer = _Writer({box.node: box for box in boxes}, letters, slopes, number)
    shown = tuple(writer.path(way) for way in islice(_ways(root, target, slopes, counts), _MOST_PATHS))
    count, products = counts.get(root, 0), [path.product for path in shown]
    answer = Paths(letters.names[target], letters.names[root], shown, count, None, None, number)
    if number is None or not shown:
        return answer
    known = [product for product in products if product is not None]
    if len(known) < len(shown) or not (count > len(shown) or _adds_up(known, number)):
        return replace(answer, computed=computed.instead_of(as_node(math.nan), target, number))
    rest = [number - math.fsum(known)] if count > len(shown) else []
    parts = [*known, *rest]
    return replace(answer, rest=rest[0] if rest else None, total=total(map(Number, parts)) if len(parts) > 1 else None)


def local_derivatives(root: Node, boxes: Sequence[Box], target: Node | None = None, *, known: bool = True) -> _Slopes:
    """Of each box those by its arguments: the partials of the engine's events inside it, multiplied and summed.

    Args:
        root: What is differentiated.
        boxes: The boxes, arguments first.
        target: Only what lies on the way to it; None for everything.
        known: Whether all inputs have values; without there are no numbers, and only the ways are found.

    >>> from compgraph.outline import boxes
    >>> from compgraph.node import Node
    >>> x = Node(3.0, "x")
    >>> s = (x * x).named("s")
    >>> local_derivatives(s, boxes(s))[s][x]
    6.0
    """
    stream = events(root, None if target is None else [target], as_nodes=not known, typed=True)
    partials = {(event.node, event.index): event.partial for event in stream}
    slopes: _Slopes = {}
    for box in boxes:
        inside: dict[Node, float | None] = {box.node: 1.0}
        for node in reversed(box.body):
            op, args = typed_form(node)
            for index, arg in enumerate(args):
                if node in inside and (node, index) in partials:
                    part = flow(op, inside[node], partials[node, index]) if known else None
                    before = inside.get(arg)
                    inside[arg] = part if before is None or part is None else before + part
        slopes[box.node] = {arg: inside[arg] for arg in dict.fromkeys(box.args) if arg in inside}
    return slopes


def _ways(
    root: Node, target: Node, slopes: Mapping[Node, Mapping[Node, object]], counts: Mapping[Node, int]
) -> Iterator[tuple[Node, ...]]:
    """Every path, from the root down, in the order of the formulas; no step leads to where no path goes on."""
    path: list[Node] = []
    pending = [iter([root] if counts.get(root) else [])]
    while pending:
        node = next(pending[-1], None)
        if node is None:
            pending.pop()
            if path:
                path.pop()
        elif node is target:
            yield (*path, node)
        else:
            path.append(node)
            pending.append(iter([arg for arg in slopes[node] if counts.get(arg)]))


def _adds_up(products: Sequence[float], number: float) -> bool:
    if not all(map(math.isfinite, [*products, number])):
        return sum(products) == number
    scale = max(map(abs, [*products, number]))
    return abs(math.fsum(products) - number) <= _ROUNDING * scale


class _Writer(NamedTuple):
    """Paths as formulas and numbers."""

    boxes: Mapping[Node, Box]
    letters: Letters
    slopes: _Slopes
    number: float | None

    def path(self, way: Sequence[Node]) -> Path:
        """A path, its nodes given from the root down."""
        names = [self.letters.names[node] for node in way]
        numbers = [self.slopes[box][arg] for box, arg in pairwise(way)]
        product = self._product(numbers)
        is_short = 0 < len(numbers) <= _MOST_FACTORS
        chain: Term = Cut(len(numbers), "factors")
        substitution = None
        if is_short:
            chain = total((Slope(of, by) for of, by in pairwise(names)), "mul")
        if is_short and len(numbers) > 1 and product is not None:
            substitution = total((Number(number) for number in numbers if number is not None), "mul")
        symbol = self._symbol(way) if is_short else None
        return Path(tuple(reversed(names)), chain, symbol, substitution, product)

    def _product(self, numbers: Sequence[float | None]) -> float | None:
        """The product, where it is one; ∞ only where the gradient is."""
        product = 1.0
        for number in numbers:
            if number is None:
                return None
            product = product * number if product else 0.0
        is_new = math.isinf(product) and self.number is not None and math.isfinite(self.number)
        return None if math.isnan(product) or is_new else product

    def _symbol(self, way: Sequence[Node]) -> Term | None:
        """The local derivatives written out; factors of 1 left out."""
        factors: list[Node] = []
        for node, arg in pairwise(way):
            box = self.boxes[node]
            slope = self.letters.slopes(box).get(arg) if len(box.body) <= _LARGEST_BOX else None
            if slope is None or sum(size(factor, LONGEST) for factor in [*factors, slope]) > LONGEST:
                return None
            factors.append(slope)
        shown = [self.letters.symbol(factor) for factor in factors]
        return total([term for term in shown if term != Number(1.0)] or [Number(1.0)], "mul")
