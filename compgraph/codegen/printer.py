"""Nodes as text: the formula that was typed, and the line that ``repr`` shows. Does not know what is printed where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..graph import changed_since_backward, inputs, labels, number, peek, typed_form
from ..ops import CONSTANT, add
from ..twins import is_needed, reason, twin_parts
from .escapes import NAME, text_name
from .formulas import Apply, Cut, Letter, Number, total
from .writing import TEXT, grouped

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from ..node import Node
    from ..record import Op
    from .formulas import Term

__all__ = ["NAME", "bracketed", "formula", "number", "summary", "text_name", "twin_reason"]

# Deeper or longer formulas are cut by an ellipsis: a reader would not follow them, and a shared graph may unfold
# to exponential length.
_DEEPEST, _LONGEST = 60, 400


def formula(
    node: Node,
    names: Mapping[Node, str],
    is_boundary: Callable[[Node], bool],
    *,
    twin: bool = False,
    most_terms: int | None = None,
) -> str:
    """The expression of a node as typed, down to the nodes at which a formula stops.

    Args:
        node: What is printed; its own name is not used.
        names: What the nodes are called where the formula stops.
        is_boundary: Whether a node below is printed by name.
        twin: Whether to write what computes the node instead.
        most_terms: Longer sums are told by their first and last terms: w1·x1 + … + w30·x30 + b.

    >>> from compgraph.node import Node
    >>> x, w = Node(2.0, "x"), Node(3.0, "w")
    >>> z = (w + 1)*x
    >>> formula(z, labels(z), lambda node: node.name is not None)
    '(w + 1)·x'
    """
    unfolding = _Unfolding(names, is_boundary, twin_parts(node) if twin else (), most_terms)
    return grouped(unfolding.term(node), TEXT, 0)


class _Unfolding:
    """A node as a tree, down to where formulas stop; deeper or longer ones are cut."""

    def __init__(
        self,
        names: Mapping[Node, str],
        is_boundary: Callable[[Node], bool],
        parts_of_twin: Container[Node],
        most_terms: int | None,
    ) -> None:
        self._names, self._is_boundary, self._parts_of_twin = names, is_boundary, parts_of_twin
        self._most_terms = most_terms
        self._budget = _LONGEST

    def term(self, node: Node, depth: int = 0) -> Term:
        self._budget -= 1
        if node.op is CONSTANT and node.name is None:
            return Number(peek(node) or 0.0)
        if not node.args or (depth and self._is_boundary(node)):
            return Letter(self._names[node])
        if depth > _DEEPEST or self._budget < 0:
            return Cut()
        if self._most_terms is not None:
            terms = self._summands(node)
            if len(terms) > self._most_terms:
                return self._shortened(terms, depth)
        op, args = self._form(node)
        return Apply(op.name, tuple([self.term(arg, depth + 1) for arg in args]))

    def _form(self, node: Node) -> tuple[Op, tuple[Node, ...]]:
        return (node.op, node.args) if node in self._parts_of_twin else typed_form(node)

    def _summands(self, node: Node) -> list[Node]:
        """The terms of a sum that was typed without brackets, from the left."""
        terms: list[Node] = []
        inner = node
        while self._form(inner)[0] is add and (inner is node or not self._is_boundary(inner)):
            inner, last = self._form(inner)[1]
            terms.append(last)
        return [inner, *reversed(terms)]

    def _shortened(self, terms: Sequence[Node], depth: int) -> Term:
        """The first term and the last of its kind, and what comes after: w1·x1 + … + w30·x30 + b."""
        is_alike = self._form(terms[0])[0] is self._form(terms[-1])[0]
        first, *ends = (self.term(term, depth + 1) for term in (terms[0], *terms[-1 if is_alike else -2 :]))
        return total([first, Cut(), *ends])


def bracketed(text: str, precedence: int) -> str:
    """A formula that can stand between equals signs: a comparison, which binds least, gets Iverson's bracket.

    >>> bracketed("x = 2", 0), bracketed("x + 2", 1)
    ('[x = 2]', 'x + 2')
    """
    return text if precedence else f"[{text}]"


def twin_text(node: Node, names: Mapping[Node, str], is_boundary: Callable[[Node], bool]) -> str:
    """By what a node is computed instead of what was typed, and why; empty where that makes no visible difference.

    >>> from compgraph.node import Node
    >>> twin_text(Node(2.0, "x") + 1, {}, lambda node: False)
    ''
    """
    if not is_needed(node):
        return ""
    text = f"computed as {formula(node, names, is_boundary, twin=True)}"
    why = twin_reason(node, names, is_boundary)
    return f"{text}: {why}" if why else text


def twin_reason(node: Node, names: Mapping[Node, str], is_boundary: Callable[[Node], bool]) -> str:
    """Why a node is not computed as typed, in the rule's words, with what its letters stand for here.

    >>> from compgraph.node import Node
    >>> from compgraph.ops import exp
    >>> a = 1/(1 + exp(-Node(2.0, "z")))
    >>> twin_reason(1 - a, labels(a), lambda node: node.name is not None)
    'σ(x) rounds to 1 (x = z)'
    """

    def text_of(inner: Node) -> str:
        if any(leaf not in names and leaf.op is not CONSTANT for leaf in inputs(inner)):
            return ""  # the names of a neighbourhood do not reach so far
        return text_name(names[inner]) if inner in names and is_boundary(inner) else formula(inner, names, is_boundary)

    return reason(node, text_of)


def summary(node: Node) -> str:
    """One line on a node: name, formula as typed, value, gradient; what ``repr`` shows.

    Where the typed form would visibly lose digits, the line ends with what computes the node instead.

    >>> from compgraph.node import Node
    >>> w, x = Node(0.5, "w"), Node(3.0, "x")
    >>> z = (w*x).named("z")
    >>> z.backward()
    >>> z, w, w + x
    (z = w·x = 1.5, dz = 1, w = 0.5, dw = 3, w + x = 3.5)
    """
    below = _nearby_names(node)
    name = text_name(node.name) if node.name else ""
    parts = [name] if name else []
    if node.args:
        parts.append(bracketed(formula(node, below, _has_name), typed_form(node)[0].precedence))
    elif not node.name:
        parts.append(node.op.name)
    value = peek(node)
    parts.append("?" if value is None else number(value))
    line = " = ".join(parts)
    if node.grad is not None and node.op is not CONSTANT:
        line += f", {f'd{name}' if name else 'grad'} = {number(node.grad)}"
        changed = changed_since_backward(node)
        if changed:
            culprit = labels(node).get(changed[0], changed[0].name)
            line += f" (from before {text_name(culprit) if culprit else 'an input'} changed)"
    twin = twin_text(node, below, _has_name)
    return f"{line}, {twin}" if twin else line


def _has_name(node: Node) -> bool:
    return node.name is not None


def _nearby_names(node: Node) -> Mapping[Node, str]:
    """Names for what a short formula can reach; the whole graph is numbered only where an unnamed input is near."""
    reach, stack = {node: node.name or "…"}, [node]
    while stack and len(reach) < _LONGEST:
        inner = stack.pop()
        for arg in inner.args if inner.typed is None else (*inner.args, *inner.typed[1]):
            if arg not in reach:
                reach[arg] = arg.name or "…"
                if arg.args and arg.name is None:
                    stack.append(arg)
    if any(not near.args and near.name is None and near.op is not CONSTANT for near in reach):
        return labels(node)
    return reach
