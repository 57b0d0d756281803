"""From nodes to formulas: letters for what has a name, the local derivatives of a box, active conventions.

A box is differentiated with its arguments cut free, that is over one letter (an input node) for each node it reads. The
partials are those of the op table as textbooks write them; the numbers of a derivation never come from here.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..graph import evaluate, peek
from ..node import Node, constant
from ..ops import CONSTANT
from ..record import PRODUCT
from ..reverse import as_node
from .steps import Adjoint, Apply, Cut, Letter, Number
from .tidy import tidied

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from ..graph import Box
    from .steps import Term

__all__ = ["LONGEST", "Letters", "conventions", "product", "size", "to_term"]

# A formula of more numbers, letters and operations is not written out: a reader would not follow.
LONGEST = 150

# A substitution is shown where the numbers as printed lead to the result to about three digits.
_PRINTED, _AGREEMENT = ".6g", 1e-3


class Letters:
    """The letters of one derivation: for each node one that stands for its value and one for its gradient.

    Args:
        names: What the nodes are called.
        adjoints: ∂root/∂node as the engine computed it; None where an input has no value.
    """

    def __init__(self, names: Mapping[Node, str], adjoints: Mapping[Node, float] | None) -> None:
        self._names, self._adjoints = names, adjoints
        self._letters: dict[Node, Node] = {}
        self._gradients: dict[Node, Node] = {}
        self._symbols: dict[Node, Term] = {}
        self._numbers: dict[Node, float] = {}

    def value(self, node: Node) -> Node:
        """The letter that stands for the node's value."""
        if node not in self._letters:
            number = None if self._adjoints is None else peek(node)
            self._letters[node] = self._enter(Letter(self._names[node]), number)
        return self._letters[node]

    def adjoint(self, node: Node) -> Node:
        """The letter that stands for the root's derivative by the node."""
        if node not in self._gradients:
            number = None if self._adjoints is None else self._adjoints.get(node, 0.0)
            self._gradients[node] = self._enter(Adjoint(self._names[node]), number)
        return self._gradients[node]

    def _enter(self, symbol: Term, number: float | None) -> Node:
        letter = Node()
        self._symbols[letter] = symbol
        if number is not None:
            self._numbers[letter] = number
        return letter

    def cut(self, box: Box) -> dict[Node, Node]:
        """What is computed inside a box, over letters; at its own node the whole formula."""
        inside: dict[Node, Node] = {arg: self.value(arg) for arg in box.args}
        for node in box.body:
            for arg in node.args:
                if arg not in inside:  # a constant
                    inside[arg] = self.value(arg) if arg.name else arg
            inside[node] = node.op(*[inside[arg] for arg in node.args])
        return inside

    def slopes(self, box: Box) -> dict[Node, Node]:
        """∂box/∂argument for every argument that something flows to, over letters, in textbook form."""
        inside = self.cut(box)
        slopes: dict[Node, Node] = {box.node: constant(1.0)}
        for node in reversed(box.body):
            if node not in slopes:
                continue
            output = self.value(node) if node is box.node else inside[node]
            args = [inside[arg] for arg in node.args]
            # From the last argument to the first, and put in front: sums come out in the order of the formula.
            for arg, partial in reversed([*zip(node.args, node.op.textbook, strict=True)]):
                if partial is not None and arg.op is not CONSTANT:
                    part = slopes[node] * as_node(partial(output, *args))
                    slopes[arg] = part + slopes[arg] if arg in slopes else part
        return {arg: tidied(slopes[arg]) for arg in box.args if arg in slopes}

    def symbol(self, expression: Node) -> Term:
        """An expression over letters as a formula."""
        return to_term(expression, self._symbols)

    def numeric(self, expression: Node) -> Term:
        """An expression over letters as a formula of numbers."""
        return to_term(expression, {letter: Number(number) for letter, number in self._numbers.items()})

    def at(self, expression: Node) -> float:
        """An expression over letters at their numbers."""
        return float(evaluate([expression], self._numbers)[0])

    def substitution(self, expression: Node, result: float | None) -> Term | None:
        """The expression with numbers; None where it is only a number, or where the numbers do not bear the result."""
        bare = expression.args[0] if expression.op.name == "neg" else expression
        if result is None or not bare.args or not math.isfinite(result):
            return None
        printed = {letter: float(format(number, _PRINTED)) for letter, number in self._numbers.items()}
        shown = evaluate([expression], printed)[0]
        return self.numeric(expression) if math.isclose(shown, result, rel_tol=_AGREEMENT) else None


def to_term(root: Node, leaves: Mapping[Node, Term]) -> Term:
    """A node's formula down to the leaves given; of one that is too long only the number of its operations."""

    def put(node: Node) -> Term:  # as deep as the formula is long, which has a limit
        if node in leaves:
            return leaves[node]
        if not node.args:
            return Number(math.nan if node._value is None else node._value)
        return Apply(node.op.name, tuple(map(put, node.args)))

    if size(root, LONGEST, leaves) <= LONGEST:
        return put(root)
    return Cut(_operations(root, leaves), "operations")


def size(expression: Node, limit: int, leaves: Container[Node] = ()) -> int:
    """How many numbers, letters and operations a formula shows; counting ends beyond the limit."""
    count, stack = 0, [expression]
    while stack and count <= limit:
        count += 1
        node = stack.pop()
        if node not in leaves:
            stack.extend(node.args)
    return count


def _operations(root: Node, leaves: Container[Node]) -> int:
    seen = {root}
    stack = [root]
    while stack:
        for arg in stack.pop().args:
            if arg.args and arg not in leaves and arg not in seen:
                seen.add(arg)
                stack.append(arg)
    return len(seen)


def product(slope: Node, upstream: Node) -> Node:
    """slope·upstream, the factor that is easier to read first: x1·dz, 2·x·du, but da·a·(1 − a) and da/a."""
    return slope * upstream if _is_plain(slope) else upstream * slope


def _is_plain(slope: Node) -> bool:
    """Whether an expression is a product without sums and fractions."""
    stack = [slope]
    while stack:
        node = stack.pop()
        if node.op.name in {"mul", "neg"}:
            stack.extend(node.args)
        elif node.args and node.op.precedence <= PRODUCT:
            return False
    return True


def conventions(box: Box, adjoints: Mapping[Node, float]) -> dict[Node, tuple[str, ...]]:
    """For each argument of a box the conventions for kinks and ties that act between it and the box, at this point."""
    found: dict[Node, dict[str, None]] = {}
    for node in reversed(box.body):
        if node.op.kinks and adjoints.get(node):
            values = [peek(arg) for arg in node.args]
            here = {kink.convention: None for kink in node.op.kinks if kink.gap(*values) == 0}
            if here:
                found.setdefault(node, {}).update(here)
        if node in found:
            for arg in node.args:
                found.setdefault(arg, {}).update(found[node])
    return {arg: tuple(found[arg]) for arg in box.args if arg in found}
