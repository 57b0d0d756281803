"""From a graph to the steps of its derivation, box by box: the lecture's level.

Every number is what the engine's event stream computed; every formula comes from the op table (letters.py).
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial, reduce
from typing import TYPE_CHECKING, NamedTuple

from ..codegen.formulas import Adjoint, Apply, Cut, Letter, Number, Slope
from ..graph import typed_form
from ..ops import CONSTANT, INPUT, add
from ..symbolic import shorter_form
from .computed import bears_out
from .letters import LONGEST, conventions, product, size, to_term
from .steps import Backward, Forward
from .tidy import multiplied_out, tidied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ..codegen.formulas import Term
    from ..node import Node
    from ..outline import Box
    from .computed import Computed
    from .letters import Letters

__all__ = ["Chain", "backward_order", "forward_steps", "input_steps", "inputs_as_read"]

# A box of more operations, and a sum over more boxes, is not written out.
_LARGEST_BOX, _MOST_READERS = 100, 8

# Formulas of more parts are not tried for a shorter form: cancelling multiplies them out.
_LARGEST_FORMULA = 60

# After so many formulas without a shorter form no more are tried.
_MOST_ATTEMPTS = 40


def inputs_as_read(boxes: Sequence[Box]) -> list[Node]:
    """The inputs among the boxes, in the order in which the others read them."""
    return [node for node in _leaves_as_read(boxes) if node.op is INPUT]


def _leaves_as_read(boxes: Sequence[Box]) -> list[Node]:
    here = dict.fromkeys(box.node for box in boxes if not box.body)
    read = [arg for box in boxes for arg in box.args if arg in here]
    return list(dict.fromkeys([*read, *here]))


def input_steps(
    boxes: Sequence[Box], names: Mapping[Node, str], values: Mapping[Node, float]
) -> Iterator[Callable[[], Forward]]:
    """What makes the line of each input, and of each named constant that has a box."""
    leaves = (node for node in _leaves_as_read(boxes) if node.op is INPUT or node.name)
    return (partial(Forward, names[node], None, None, values.get(node)) for node in leaves)


def forward_steps(
    boxes: Sequence[Box], names: Mapping[Node, str], values: Mapping[Node, float] | None
) -> Iterator[Callable[[], Forward]]:
    """What makes the line of each computed box: its formula as typed, with numbers, its value."""
    return (partial(_value_of, box, names, values) for box in boxes if box.body)


def _value_of(box: Box, names: Mapping[Node, str], values: Mapping[Node, float] | None) -> Forward:
    leaves = [*box.args, *(arg for node in box.body for arg in typed_form(node)[1] if arg.op is CONSTANT and arg.name)]
    symbol = to_term(box.node, {leaf: Letter(names[leaf]) for leaf in leaves})
    if values is None:
        return Forward(names[box.node], symbol, None, None)
    substitution = to_term(box.node, {leaf: Number(values[leaf]) for leaf in leaves})
    said = substitution == symbol or not _bears_out(box, values)
    return Forward(names[box.node], symbol, None if said else substitution, values[box.node])


def _bears_out(box: Box, values: Mapping[Node, float]) -> bool:
    """Whether what was typed in a box comes to its value at the values that it reads; without twins it does."""
    if not any(node.typed for node in box.body):
        return True
    typed: dict[Node, float] = {}
    for node in box.body:
        op, args = typed_form(node)
        typed[node] = op.on_floats(*[typed[arg] if arg in typed else values[arg] for arg in args])
    return bears_out(typed[box.node], values[box.node])


def backward_order(root: Node, boxes: Sequence[Box]) -> list[Node]:
    """The boxes' nodes from the root down, each after all that read it, and the inputs last, as the formulas read."""
    by_node = {box.node: box for box in boxes}
    done: set[Node] = set()
    last_first: list[Node] = []
    stack = [root]
    while stack:
        node = stack[-1]
        below = [arg for arg in by_node[node].args if arg in by_node and arg not in done and by_node[arg].body]
        if node in done:
            stack.pop()
        elif below:
            stack.append(below[-1])
        else:
            done.add(node)
            last_first.append(stack.pop())
    return list(dict.fromkeys([*reversed(last_first), *inputs_as_read(boxes)]))


class _Part(NamedTuple):
    """What one box passes on to one argument."""

    box: Box
    slope: Node
    upstream: Node | None  # None for the root, whose gradient is 1 and need not be written


class Chain:
    """The chain rule over boxes.

    Args:
        root: What is differentiated.
        boxes: The boxes on the way, arguments first.
        letters: The letters of this derivation.
        adjoints: ∂root/∂node as the engine computed it; None where an input has no value.
        computed: What the engine computes by twins.
    """

    def __init__(
        self,
        root: Node,
        boxes: Sequence[Box],
        letters: Letters,
        adjoints: Mapping[Node, float] | None,
        computed: Computed,
    ) -> None:
        self._root, self._names, self._letters, self._adjoints = root, letters.names, letters, adjoints
        self._computed = computed
        self._readers: dict[Node, list[Box]] = {}
        for box in boxes:
            for arg in box.args:
                self._readers.setdefault(arg, []).append(box)
        self._slopes: dict[Node, dict[Node, Node]] = {}
        self._notes: dict[Node, dict[Node, tuple[str, ...]]] = {}
        self._attempts = _MOST_ATTEMPTS
        self._whole: dict[Node, Node] = {}  # gradients over the letters of values alone, where short enough

    def step(self, node: Node) -> Backward:
        """The line for one gradient; the lines of all boxes that read the node come before."""
        name = self._names[node]
        if node is self._root:
            return Backward(name, None, None, None, None, 1.0)
        readers = self._readers.get(node, [])
        number = None if self._adjoints is None else self._computed.shown(node, self._adjoints.get(node, 0.0))
        notes = tuple(dict.fromkeys(note for box in readers for note in self._conventions(box).get(node, ())))
        shown, more = readers[:_MOST_READERS], max(0, len(readers) - _MOST_READERS)
        if any(len(box.body) > _LARGEST_BOX for box in shown):
            return Backward(name, self._chain(node, shown, more), None, None, None, number, notes)
        parts = [self._part(box, node) for box in shown if node in self._slopes_of(box)]
        if not parts:
            return Backward(name, None, None, None, None, 0.0, notes)
        chain: Term | None = self._chain(node, [part.box for part in parts], more)
        expression = tidied(_sum(_times(part.slope, part.upstream) for part in parts))
        if size(expression, LONGEST) > LONGEST:
            return Backward(name, chain, None, None, None, number, notes)
        if number is not None and not math.isfinite(number) and _is_number(expression):
            return Backward(name, chain, None, None, None, number, notes)  # ∞ − ∞ is nan, and no 0
        symbol = self._letters.symbol(expression)
        if all(part.upstream is None or size(part.slope, 5) <= _trivial(part.slope) for part in parts):
            chain = None
        if more:
            return Backward(name, chain, Apply("add", (symbol, Cut(more, "more"))), None, None, number, notes)
        closed = self._closed_form(node, parts, expression, number)
        last = expression if closed is None else closed
        line = Backward(
            name,
            chain,
            symbol,
            None if closed is None else self._letters.symbol(closed),
            self._letters.substitution(last, number),
            number,
            notes,
            self._computed.instead_of(last, node, number),
        )
        return line if closed is None else self._with_the_way(line, parts)

    def _with_the_way(self, line: Backward, parts: Sequence[_Part]) -> Backward:
        """The steps between a chain rule and its closed form: the gradients above written out, products cancelled."""
        pairs = [(self._whole_of(part.box.node), part.slope) for part in parts]
        whole, product_by_product = tidied(_sum(_times(slope, above) for above, slope in pairs)), multiplied_out(pairs)
        expanded, cancelled = self._letters.symbol(whole), self._letters.symbol(product_by_product)
        if expanded == line.symbol:
            return line
        is_step = cancelled not in {expanded, line.closed} and _is_zero(shorter_form(product_by_product - whole))
        return replace(line, expanded=expanded, cancelled=cancelled if is_step else None)

    def _slopes_of(self, box: Box) -> dict[Node, Node]:
        if box.node not in self._slopes:
            self._slopes[box.node] = self._letters.slopes(box)
        return self._slopes[box.node]

    def _conventions(self, box: Box) -> dict[Node, tuple[str, ...]]:
        if box.node not in self._notes:
            self._notes[box.node] = {} if self._adjoints is None else conventions(box, self._adjoints)
        return self._notes[box.node]

    def _part(self, box: Box, node: Node) -> _Part:
        slope = self._slopes_of(box)[node]
        if box.node is self._root and not _is_number(slope):
            return _Part(box, slope, None)
        return _Part(box, slope, self._letters.adjoint(box.node))

    def _chain(self, node: Node, readers: Iterable[Box], more: int) -> Term:
        terms: list[Term] = []
        for box in readers:
            name = self._names[box.node]
            slope = Slope(name, self._names[node])
            terms.append(slope if box.node is self._root else Apply("mul", (Adjoint(name), slope)))
        if more:
            terms.append(Cut(more, "more"))
        return reduce(lambda left, right: Apply("add", (left, right)), terms)

    def _closed_form(self, node: Node, parts: Sequence[_Part], expression: Node, number: float | None) -> Node | None:
        """A form of the gradient at most half as long as the chain rule, over the named nodes as opaque letters."""
        whole = tidied(_sum(_times(part.slope, self._whole_of(part.box.node)) for part in parts))
        length = size(expression, _LARGEST_FORMULA)
        closed = None
        if length > 3 and self._attempts and _may_cancel(whole):
            closed = shorter_form(whole)
            if closed is None or 2 * size(closed, length) > length + 1:
                closed = None
                self._attempts -= 1
        self._whole[node] = whole if closed is None else closed
        return closed if closed is None or number is None or self._agrees(closed, number) else None

    def _whole_of(self, node: Node) -> Node | None:
        if node is self._root:
            return None
        whole = self._whole.get(node)
        if whole is None or size(whole, _LARGEST_FORMULA) > _LARGEST_FORMULA:
            return self._letters.adjoint(node)
        return whole

    def _agrees(self, closed: Node, number: float) -> bool:
        """Whether floats bear a proved form out: where digits were lost on the way, "= a − y = …" would look wrong."""
        value = self._letters.at(closed)
        scale = max((abs(self._letters.at(leaf)) for leaf in _leaves(closed)), default=0.0)
        return math.isfinite(number) and math.isclose(value, number, rel_tol=1e-6, abs_tol=1e-9 * scale)


def _times(slope: Node, upstream: Node | None) -> Node:
    return slope if upstream is None else product(slope, upstream)


def _sum(terms: Iterable[Node]) -> Node:
    return reduce(add, terms)


def _is_zero(difference: Node | None) -> bool:
    """Whether a difference cancelled to 0; None is one that did not cancel to anything."""
    return difference is not None and difference.op is CONSTANT and difference.value == 0


def _is_number(slope: Node) -> bool:
    return all(leaf.op is CONSTANT for leaf in _leaves(slope))


def _trivial(slope: Node) -> int:
    """The size up to which a local derivative explains itself: 2, x, −x, 2·x."""
    return 3 if slope.op.name == "mul" and slope.args[0].op is CONSTANT else 2 if slope.op.name == "neg" else 1


def _may_cancel(whole: Node) -> bool:
    """Whether a formula is small enough to try, and has a letter twice: else nothing can cancel."""
    leaves = [leaf for leaf in _leaves(whole, _LARGEST_FORMULA) if leaf.op is INPUT]
    return size(whole, _LARGEST_FORMULA) <= _LARGEST_FORMULA and len(leaves) > len(set(leaves))


def _leaves(expression: Node, limit: int = _LARGEST_FORMULA) -> list[Node]:
    """The leaves of a formula, as often as it shows them; of a long one only the first."""
    found: list[Node] = []
    stack, count = [expression], 0
    while stack and count <= limit:
        node = stack.pop()
        count += 1
        if node.args:
            stack.extend(reversed(node.args))
        else:
            found.append(node)
    return found
