"""From nodes to formulas: letters for what has a name, the local derivatives of a box, active conventions.

A box is differentiated with its arguments cut free, that is over one letter (an input node) for each node it reads. The
partials are those of the op table as textbooks write them; the numbers of a derivation never come from here.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..codegen.formulas import Adjoint, Apply, Cut, Letter, Number
from ..graph import evaluate, order, peek, typed_form
from ..node import Node, constant
from ..ops import CONSTANT
from ..record import PRODUCT
from ..reverse import as_node
from ..twins import twin_parts
from .tidy import tidied

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from ..codegen.formulas import Term
    from ..outline import Box
    from ..record import Op

    # The op and the arguments of a node: those typed, or those that compute it.
    Form = Callable[[Node], tuple[Op, tuple[Node, ...]]]

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
        self.names, self._adjoints = names, adjoints
        self._letters: dict[Node, Node] = {}
        self._gradients: dict[Node, Node] = {}
        self._symbols: dict[Node, Term] = {}
        self._numbers: dict[Node, float] = {}

    def value(self, node: Node) -> Node:
        """The letter that stands for the node's value."""
        if node not in self._letters:
            number = None if self._adjoints is None else peek(node)
            self._letters[node] = self._enter(Letter(self.names[node]), number)
        return self._letters[node]

    def adjoint(self, node: Node) -> Node:
        """The letter that stands for the root's derivative by the node."""
        if node not in self._gradients:
            number = None if self._adjoints is None else self._adjoints.get(node, 0.0)
            self._gradients[node] = self._enter(Adjoint(self.names[node]), number)
        return self._gradients[node]

    def _enter(self, symbol: Term, number: float | None) -> Node:
        letter = Node()
        self._symbols[letter] = symbol
        if number is not None:
            self._numbers[letter] = number
        return letter

    def cut(self, box: Box) -> dict[Node, Node]:
        """What is computed inside a box, as typed, over letters; at its own node the whole formula."""
        inside: dict[Node, Node] = {arg: self.value(arg) for arg in box.args}
        for node in box.body:
            op, args = typed_form(node)
            inside[node] = op(*[self._within(inside, arg) for arg in args])
        return inside

    def _cut_as_computed(self, box: Box, ends: frozenset[Node]) -> dict[Node, Node]:
        """The same by twins, which may read further down than the box does, to the ends there."""
        inside: dict[Node, Node] = {arg: self.value(arg) for arg in box.args}
        for node in order(*box.body, cut=ends.union(box.args).difference(box.body)):
            if node.args:
                inside[node] = node.op(*[self._within(inside, arg) for arg in node.args])
        return inside

    def _within(self, inside: Mapping[Node, Node], arg: Node) -> Node:
        """What a node is inside of a box: computed there, a plain number, or the letter of what has a name."""
        plain = arg.op is CONSTANT and not arg.name
        return inside[arg] if arg in inside else arg if plain else self.value(arg)

    def slopes(self, box: Box) -> dict[Node, Node]:
        """∂box/∂argument for every argument that something flows to, over letters, in textbook form."""
        return self._slopes(box, typed_form, self.cut(box), [op.textbook for op in _ops(box, typed_form)])

    def computed_slopes(self, box: Box, form: Form, ends: frozenset[Node]) -> dict[Node, Node]:
        """The same as the engine computes them: by the partials of the op table, at the values of twins.

        Args:
            box: The box, with what ``form`` reads.
            form: Op and arguments of a node: ``typed_form`` or ``twin_form``.
            ends: The nodes at which formulas stop.
        """
        return self._slopes(box, form, self._cut_as_computed(box, ends), [op.partials for op in _ops(box, form)])

    def _slopes(self, box: Box, form: Form, inside: Mapping[Node, Node], rules: Sequence[Any]) -> dict[Node, Node]:
        slopes: dict[Node, Node] = {box.node: constant(1.0)}
        for node, partials in zip(reversed(box.body), reversed(rules), strict=True):
            if node not in slopes:
                continue
            output = self.value(node) if node is box.node else inside[node]
            _, args = form(node)
            values = [self._within(inside, arg) for arg in args]
            # From the last argument to the first, and put in front: sums come out in the order of the formula.
            for arg, partial in reversed([*zip(args, partials, strict=True)]):
                if partial is not None and arg.op is not CONSTANT:
                    part = slopes[node] * as_node(partial(output, *values))
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


def to_term(root: Node, leaves: Mapping[Node, Term], form: Form = typed_form) -> Term:
    """A node's formula down to the leaves given; of one that is too long only the number of its operations.

    Args:
        root: The node.
        leaves: What stands for the nodes at which the formula stops.
        form: The op and the arguments that a node is shown by: those typed if left out.
    """

    def put(node: Node) -> Term:  # as deep as the formula is long, which has a limit
        if node in leaves:
            return leaves[node]
        if not node.args:
            return Number(math.nan if node._value is None else node._value)
        op, args = form(node)
        return Apply(op.name, tuple(map(put, args)))

    if size(root, LONGEST, leaves, form) <= LONGEST:
        return put(root)
    return Cut(_operations(root, leaves, form), "operations")


def size(expression: Node, limit: int, leaves: Container[Node] = (), form: Form = typed_form) -> int:
    """How many numbers, letters and operations a formula shows; counting ends beyond the limit."""
    count, stack = 0, [expression]
    while stack and count <= limit:
        count += 1
        node = stack.pop()
        if node not in leaves:
            stack.extend(form(node)[1])
    return count


def _ops(box: Box, form: Form) -> list[Op]:
    return [form(node)[0] for node in box.body]


def _operations(root: Node, leaves: Container[Node], form: Form) -> int:
    seen = {root}
    stack = [root]
    while stack:
        for arg in form(stack.pop())[1]:
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
    """For each argument of a box the conventions for kinks and ties that act between it and the box, at this point.

    A twin acts by its own.
    """
    found: dict[Node, dict[str, None]] = {}
    for node in reversed(box.body):
        for part in twin_parts(node) if node.typed else (node,):
            if part.op.kinks and adjoints.get(part):
                values = [peek(arg) for arg in part.args]
                here = {kink.convention: None for kink in part.op.kinks if kink.gap(*values) == 0}
                if here:
                    found.setdefault(node, {}).update(here)
        if node in found:
            for arg in typed_form(node)[1]:
                found.setdefault(arg, {}).update(found[node])
    return {arg: tuple(found[arg]) for arg in box.args if arg in found}
