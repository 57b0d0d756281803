"""The paths from one node to the root, in words: by the rules of the derivations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..derivations import explain
from ..derivations.text import paths_text

if TYPE_CHECKING:
    from ..node import Node
    from .scene import Level

__all__ = ["told_paths"]


def told_paths(root: Node, source: Node, level: Level) -> tuple[str, ...]:
    """A line for each path, with the product of its local derivatives, and one for their sum, the gradient.

    >>> from compgraph.node import Node
    >>> x = Node(3.0, "x")
    >>> told_paths((x.named("x")*2 + x).named("s"), x, "lecture")
    ('x → s: 3', 'dx = 3')
    """
    if source is root:
        return ()
    derivation = explain(root, of=source, level="ops" if level == "ops" else "lecture")
    return () if derivation.paths is None else tuple(paths_text(derivation.paths))
