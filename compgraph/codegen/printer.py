"""Formulas from op labels: precedence, numbers, names, escapes. Knows targets (text, LaTeX), not what is printed where.

Brackets follow the labels' precedence, so a formula shows the grouping that was typed and no bracket more.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from ..graph import changed_since_backward, labels, number, peek
from ..ops import CONSTANT
from ..record import ATOM, SUM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..node import Node

__all__ = ["formula", "latex_name", "number", "summary"]

Target = Literal["text", "latex"]

# Deeper or longer formulas are cut by an ellipsis: a reader would not follow them, and a shared graph may unfold
# to exponential length.
_DEEPEST, _LONGEST = 60, 400

_LATEX_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "^": r"\hat{}", "_": r"\_",
    "%": r"\%", "~": r"\sim{}",
}  # fmt: skip


def formula(
    node: Node,
    names: Mapping[Node, str],
    is_boundary: Callable[[Node], bool],
    target: Target = "text",
) -> str:
    """The expression of a node, down to the nodes at which a formula stops.

    Args:
        node: What is printed; its own name is not used.
        names: What the nodes are called where the formula stops.
        is_boundary: Whether a node below is printed by name.
        target: "text" (Unicode) or "latex".

    >>> from compgraph.node import Node
    >>> x, w = Node(2.0, "x"), Node(3.0, "w")
    >>> z = (w + 1)*x
    >>> formula(z, labels(z), lambda node: node.name is not None)
    '(w + 1)·x'
    """
    budget = [_LONGEST]

    def put_in(node: Node, depth: int) -> tuple[str, int]:
        budget[0] -= 1
        if node.op is CONSTANT and node.name is None:
            text = number(peek(node) or 0.0)
            return text, SUM if text.startswith("−") else ATOM
        if depth and (is_boundary(node) or not node.args):
            return (latex_name(names[node]) if target == "latex" else names[node]), ATOM
        if not node.args:
            return names[node], ATOM
        if depth > _DEEPEST or budget[0] < 0:
            return (r"\dots" if target == "latex" else "…"), ATOM
        left, right = (r"\left(", r"\right)") if target == "latex" else ("(", ")")
        parts = []
        for arg, need in zip(node.args, node.op.needs, strict=True):
            part, precedence = put_in(arg, depth + 1)
            parts.append(f"{left}{part}{right}" if precedence < need else part)
        return (node.op.latex if target == "latex" else node.op.text).format(*parts), node.op.precedence

    return put_in(node, 0)[0]


def latex_name(name: str) -> str:
    r"""A name in LaTeX: letters slanted, trailing digits as an index, everything else escaped.

    >>> latex_name("w1"), latex_name("a{b}"), latex_name("loss")
    ('w_{1}', '\\mathrm{a\\{b\\}}', '\\mathit{loss}')
    """
    match = re.fullmatch(r"([^\W\d_]+)_?(\d*)", name)
    if match is None:
        return r"\mathrm{" + "".join(_LATEX_ESCAPES.get(character, character) for character in name) + "}"
    word, index = match.groups()
    return (word if len(word) == 1 else rf"\mathit{{{word}}}") + (rf"_{{{index}}}" if index else "")


def summary(node: Node) -> str:
    """One line on a node: name, formula, value, gradient; what ``repr`` shows.

    >>> from compgraph.node import Node
    >>> w, x = Node(0.5, "w"), Node(3.0, "x")
    >>> z = (w*x).named("z")
    >>> z.backward()
    >>> z, w, w + x
    (z = w·x = 1.5, dz = 1, w = 0.5, dw = 3, w + x = 3.5)
    """
    below = _nearby_names(node)
    parts = [node.name] if node.name else []
    if node.args:
        text = formula(node, below, lambda inner: inner.name is not None)
        parts.append(text if node.op.precedence else f"({text})")
    elif not node.name:
        parts.append(node.op.name)
    value = peek(node)
    parts.append("?" if value is None else number(value))
    line = " = ".join(parts)
    if node.grad is not None and node.op is not CONSTANT:
        line += f", {'d' + node.name if node.name else 'grad'} = {number(node.grad)}"
        changed = changed_since_backward(node)
        if changed:
            line += f" (from before {labels(node).get(changed[0], changed[0].name or 'an input')} changed)"
    return line


def _nearby_names(node: Node) -> Mapping[Node, str]:
    """Names for what a short formula can reach; the whole graph is numbered only where an unnamed input is near."""
    reach, stack = {node: node.name or "…"}, [node]
    while stack and len(reach) < _LONGEST:
        for arg in stack.pop().args:
            if arg not in reach:
                reach[arg] = arg.name or "…"
                if arg.args and arg.name is None:
                    stack.append(arg)
    if any(not near.args and near.name is None and near.op is not CONSTANT for near in reach):
        return labels(node)
    return reach
