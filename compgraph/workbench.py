"""What the notebook widget and ``compgraph play`` share: program text becomes a graph, a graph what a reader sees."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from .derivations import explain
from .diagrams.page import playable, style_sheet
from .diagrams.payload import page_data
from .errors import CompgraphError, NonFiniteWarning, ParseError
from .ops import INPUT
from .syntax import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .node import Node

__all__ = ["FIRST_VALUE", "LONGEST_TEXT", "STYLE", "Shown", "complaint", "derivation", "rebuild", "show"]

# As wide as the player, in its colours.
_TOLD = """\
.compgraph-told { box-sizing: border-box; max-width: 1400px; margin: 0 auto; padding: 0 12px 12px; }
.compgraph-told > .compgraph-derivation { max-width: none; border-color: #cbd5e1; border-radius: 10px; }
@media (max-width: 600px) { .compgraph-told { padding: 0 8px 8px; } }
@media (prefers-color-scheme: dark) {
  .compgraph-told > .compgraph-derivation { background: #0f172a; border-color: #475569; }
}
"""

#: The style of the page: the player's, and of the derivation under it.
STYLE = f"{style_sheet()}{_TOLD}"

#: What an input has that was just typed: inside the domain of log, sqrt, asin and nearly every op, at no kink and no
#: tie with 0 or 1, and no number that would make a product look like one of its factors.
FIRST_VALUE = 0.5

#: Longer programs are none that a person types.
LONGEST_TEXT = 20_000


class Shown(NamedTuple):
    """A graph as a player takes it.

    Attributes:
        payload: What it plays, ready for JSON.
        table: The ops' values and partials, as JavaScript that defines ``table``.
    """

    payload: dict[str, Any]
    table: str


def rebuild(text: str, known: Mapping[str, Node]) -> dict[str, Node]:
    """The nodes of a program text; inputs that were there before are the same nodes, new ones get a first value.

    Args:
        text: The program; its last assigned name is the root.
        known: Inputs by name.

    Returns:
        Name to Node, the root last.

    Raises:
        ParseError: The text is no program.

    >>> from compgraph.node import Node
    >>> rebuild("z = w*x", {"w": Node(3.0, "w")})
    {'w': w = 3, 'x': x = 0.5, 'z': z = w·x = 1.5}
    """
    if len(text) > LONGEST_TEXT:
        raise ParseError(f"the program has {len(text)} characters, of which {LONGEST_TEXT} are read here")
    nodes = parse(text, known)
    for name, node in nodes.items():
        if node.op is INPUT and name not in known and node._value is None:
            node.value = FIRST_VALUE
    return nodes


def show(root: Node) -> Shown:
    """A graph as a player takes it. Never warns: what is not finite stands out in the picture.

    >>> from compgraph.node import Node
    >>> shown = show(Node(3.0, "x") * 2)
    >>> shown.payload["inputs"][0]["name"], shown.table.partition("=")[0]
    ('x', 'const table ')
    """
    with _quietly():
        return Shown(*playable(page_data(root)))


def derivation(root: Node) -> str:
    """The chain rule of a graph, as HTML. Never warns.

    >>> from compgraph.node import Node
    >>> derivation(Node(3.0, "x") * 2).count("<table>")
    2
    """
    with _quietly():
        return explain(root).html


def complaint(error: CompgraphError) -> dict[str, Any]:
    """What is wrong with a program text, for the formula field: message, and line and column where they are known.

    >>> complaint(ParseError("no op", source="f(x)", column=1)), complaint(CompgraphError("too large"))
    ({'message': 'no op', 'line': 1, 'column': 1}, {'message': 'too large'})
    """
    if isinstance(error, ParseError):
        return {"message": error.reason, "line": error.line, "column": error.column}
    return {"message": str(error)}


def _quietly() -> Any:
    return warnings.catch_warnings(action="ignore", category=NonFiniteWarning)
