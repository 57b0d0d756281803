"""What was typed beside the twin that computes it: of what the twin is made, and where it makes a difference."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .graph import peek, typed_form
from .node import Node, match_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .record import Op

__all__ = ["is_needed", "naive_value", "reason", "twin_form", "twin_parts"]

# How a rule's words write a letter: as it is, or as an exponent.
_RAISED = {"x": "ˣ", "u": "ᵘ", "v": "ᵛ", "y": "ʸ", "k": "ᵏ", "n": "ⁿ"}

# A longer expression does not help a reader.
_LONGEST = 40

# The twin is worth a word where the typed form has fewer digits right than this, of the sixteen that a float has.
_RIGHT = 1e-12

# As far as a rule looks: further down nothing belongs to a twin.
_FARTHEST, _MOST = 400, 40


def naive_value(node: Node) -> float | None:
    """What the typed form gives at the present values of what it reads; None where these are not known.

    >>> from compgraph.node import Node
    >>> naive_value(Node(2.0, "x") + 1)
    3.0
    """
    op, args = typed_form(node)
    values = [peek(arg) for arg in args]
    return op.on_floats(*values) if None not in values else None


def twin_form(node: Node) -> tuple[Op, tuple[Node, ...]]:
    """The op and the arguments that compute the node, whatever was typed."""
    return node.op, node.args


def is_needed(node: Node) -> bool:
    """Whether the node has a twin without which its present value would be visibly wrong."""
    if node.typed is None:
        return False
    value, naive = peek(node), naive_value(node)
    if value is None or naive is None:
        return False
    return not (value == naive or math.isclose(value, naive, rel_tol=_RIGHT) or (value != value and naive != naive))


def reason(node: Node, text_of: Callable[[Node], str]) -> str:
    """Why a node is not computed as it was typed, and for what the letters stand in it; empty if the rule is unknown.

    Args:
        node: A node with a twin.
        text_of: How a node below it is written.

    >>> from compgraph.ops import sigmoid
    >>> reason(1 - sigmoid(Node(40.0, "z")), lambda node: node.name or "…")
    'σ(x) rounds to 1 (x = z)'
    """
    match = match_of(node)
    if match is None:
        return ""
    why: str = match.rule.why
    said = {
        variable.name: _text(bound, text_of) for variable, bound in match.bound.items() if _reads(why, variable.name)
    }
    told = ", ".join(f"{letter} = {text}" for letter, text in said.items() if text not in {"", letter})
    return f"{why} ({told})" if told else why


def _text(bound: object, text_of: Callable[[Node], str]) -> str:
    text = text_of(bound) if isinstance(bound, Node) else ""
    return text if len(text) <= _LONGEST else ""


def _reads(why: str, letter: str) -> bool:
    """Whether words speak of a letter: as one by itself, or as an exponent."""
    around = [(why[:at][-1:], why[at + 1 :][:1]) for at, character in enumerate(why) if character == letter]
    return _RAISED.get(letter, letter) in why.replace(letter, "") or any(
        not (before.isalpha() or after.isalpha()) for before, after in around
    )


def twin_parts(node: Node) -> list[Node]:
    """The nodes of which a node's twin is made: itself, and what its rule recorded; nothing that was typed."""
    if node.typed is None:
        return []
    typed, queue = {node}, [node]
    for inner in queue:  # grows as it is walked: nearest first
        if len(typed) < _FARTHEST:
            new = [arg for arg in dict.fromkeys(typed_form(inner)[1]) if arg not in typed]
            typed.update(new)
            queue.extend(new)
    parts = [node]
    for part in parts:
        if len(parts) < _MOST:
            parts += [arg for arg in dict.fromkeys(part.args) if arg.args and arg not in typed and arg not in parts]
    return parts
