"""Diagrams: a graph's Scene, and what prints it. ``draw`` is the door."""

from __future__ import annotations

import contextlib
import copy
import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import DiagramError
from ..graph import order
from ..reverse import targets
from ..store import write_file
from .dot import to_dot
from .layout import rasterize, render
from .mermaid import to_mermaid
from .reading import found, in_focus, make_scene
from .selection import LARGEST_PAGE
from .svg import to_svg
from .text import to_text

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    import graphviz

    from ..node import Node
    from .scene import Level, Scene

__all__ = ["Drawing", "draw"]

# Pictures that Graphviz itself makes may take this long, in seconds.
_SECONDS = 60.0


def draw(
    root: Node,
    level: Level = "lecture",
    *,
    wrt: Node | str | Sequence[Node | str] | None = None,
    focus: Node | str | tuple[Node | str, Node | str] | None = None,
    paths: Node | str | None = None,
    max_nodes: int = 150,
) -> Drawing:
    """Draw a graph with its values, and with its gradients where a backward pass has made them.

    The picture shows the graph as it is now, and changes nothing in it. Inputs stand on the left, the root on the
    right.

    Args:
        root: The graph's root.
        level: "lecture" has a box for every named node, with the formula down to the next; "ops" has one for every
            operation; "collapsed" folds scopes (``layer1`` in ``layer1.w2``) and tells inputs that one box reads
            inside of it.
        wrt: The inputs, or their names, whose gradients are shown. If left out, all; but where inputs are named like
            parameters (w1, b, θ, weight), not those named like data (x1, y).
        focus: A node or its name: only what it is computed from is drawn. Two of them: only the paths from the first
            to the second.
        paths: A node or its name: the paths from it to the root stand out, and the products of the local derivatives
            along them are told; they sum to its gradient.
        max_nodes: The most boxes that are drawn, from 2. A larger graph is collapsed; of what is still too large the
            boxes nearest to the root are drawn and the others counted. The picture says so.

    Raises:
        GraphTypeError: The root is not a Node, or max_nodes no whole number.
        GraphValueError: There is no such level, a node is none of this graph, or no path joins two in focus.
        UnknownNameError: No node has a name that was given.

    Warns:
        NonFiniteWarning: A value in the picture is inf or nan.

    >>> from compgraph.node import Node
    >>> w, x = Node(0.5, "w"), Node(3.0, "x")
    >>> draw((w*x + 1).named("z"))
    <Drawing of z: 3 boxes, 2 edges>
    """
    scene = make_scene(root, level, wrt=wrt, focus=focus, paths=paths, max_nodes=max_nodes)
    inputs = None if wrt is None else targets((root,), wrt)[0]
    page = _Page(root, level, inputs, in_focus(root, focus), found(root, paths), max_nodes)
    return Drawing(scene, _copied(page))


class _Page(NamedTuple):
    """What the page of a drawing is made of: a copy of the graph, as it was when it was drawn."""

    root: Node
    level: Level
    wrt: Sequence[Node] | None
    focus: Node | tuple[Node, Node] | None
    source: Node | None
    max_nodes: int


def _copied(page: _Page) -> _Page | str:
    """The same with a copy of the graph; in words why there is none."""
    size = len(order(page.root, typed=True))
    if size > LARGEST_PAGE:
        return f"the graph has {size} nodes, more than the {LARGEST_PAGE} that a page computes"
    return copy.deepcopy(page)


class Drawing:
    """A picture of a graph, as it was when it was drawn: shown in notebooks, and saved as a file.

    A notebook shows a page: steps forward and backward, the rule of each box and edge, and sliders that compute anew.

    Attributes:
        scene: What the picture shows, as plain data.
    """

    def __init__(self, scene: Scene, page: _Page | str = "it was made of a Scene alone") -> None:
        self.scene, self._page = scene, page

    @functools.cached_property
    def svg(self) -> str:
        """The picture as SVG text: one file, light and dark, without scripts or references.

        Raises:
            DiagramError: Graphviz is missing in every form, or the layout takes too long.
        """
        return to_svg(self.scene)

    @functools.cached_property
    def html(self) -> str:
        """The page: one HTML file that steps, explains and computes, by itself, without network.

        Of a graph with an op that no page can compute it has the steps, says so, and computes nothing anew.

        Raises:
            DiagramError: There is no page of this graph, for it is too large; or as for ``.svg``.
        """
        from .page import to_html
        from .payload import page_data

        if isinstance(self._page, str):
            raise DiagramError(f"there is no page of this picture: {self._page}; save .svg, or draw a part by focus=…")
        return to_html(page_data(**self._page._asdict()), self.svg)

    @property
    def dot(self) -> str:
        """The picture as DOT text, for Graphviz."""
        return str(self.to_graphviz().source)

    @property
    def mermaid(self) -> str:
        """The picture as a Mermaid flowchart: GitHub, GitLab and Jupyter draw it in a ``mermaid`` block of Markdown."""
        return to_mermaid(self.scene)

    @property
    def text(self) -> str:
        """The picture in characters, as :class:`str` gives it, too: for terminals and doctests, 100 cells wide.

        Boxes and wires where that fits, else an outline, a line for every box.

        >>> from compgraph.node import Node
        >>> print(draw((Node(0.5, "w") * 3).named("z")))
        ┌─────────┐   ┌───────────────┐
        │ w = 0.5 │──▶│ z = w·3 = 1.5 │
        └─────────┘   └───────────────┘
        """
        return to_text(self.scene)

    def to_graphviz(self) -> graphviz.Digraph:
        """The picture as a ``graphviz.Digraph``, to be changed or laid out by Graphviz itself.

        Each call makes a new one. It draws without an installed Graphviz, too.

        >>> from compgraph.node import Node
        >>> diagram = draw(Node(2.0, "x")).to_graphviz()
        >>> diagram.attr(rankdir="TB")
        >>> 'rankdir=TB' in diagram.source
        True
        """
        return to_dot(self.scene)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file; its suffix says in which format.

        Args:
            path: Ends in ``.svg``, ``.png`` (two pixels per CSS pixel), ``.pdf`` (needs an installed Graphviz, which
                draws it in a look of its own), ``.dot``, ``.mmd`` (Mermaid), ``.txt`` or ``.html`` (the page). The
                folder must exist. The file is there whole or not at all.

        Returns:
            The path.

        Raises:
            DiagramError: There is no such format, it cannot be made here, or the folder does not exist.
            OSError: The file cannot be written.

        >>> import tempfile
        >>> from compgraph.node import Node
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     draw(Node(2.0, "x")).save(folder + "/x.svg").name
        'x.svg'
        """
        target = Path(path)
        make = _MAKERS.get(target.suffix.lower())
        if make is None:
            what = f"the suffix {target.suffix!r}" if target.suffix else "no suffix"
            raise DiagramError(f"{target} has {what}, which names no format; write one of {', '.join(_MAKERS)}")
        if not target.parent.is_dir():
            raise DiagramError(f"the folder {target.parent} does not exist; make it first, then save {target.name}")
        return write_file(target, make(self))

    def __repr__(self) -> str:
        boxes, edges = len(self.scene.boxes), len(self.scene.edges)
        return f"<Drawing of {self.scene.root}: {boxes} box{'es' * (boxes != 1)}, {edges} edge{'s' * (edges != 1)}>"

    def __str__(self) -> str:
        return self.text.removesuffix("\n")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002  # as IPython calls it
        bundle = {"image/svg+xml": self.svg, "text/plain": repr(self)}
        with contextlib.suppress(DiagramError):  # the picture alone, then
            bundle["text/html"] = self._frame()
        return bundle

    def _frame(self) -> str:
        from .page import to_frame

        return to_frame(self.html, self.svg, f"Computation graph of {self.scene.root}")


def _png(drawing: Drawing) -> bytes:
    try:
        return rasterize(drawing.svg)
    except DiagramError:  # no resvg, or no font for it: an installed Graphviz may do it, or the error says what to do
        return render(drawing.dot, "png", seconds=_SECONDS)


def _pdf(drawing: Drawing) -> bytes:
    return render(drawing.dot, "pdf", seconds=_SECONDS)


_MAKERS: dict[str, Callable[[Drawing], bytes | str]] = {
    ".svg": lambda drawing: drawing.svg,
    ".png": _png,
    ".pdf": _pdf,
    ".dot": lambda drawing: drawing.dot,
    ".html": lambda drawing: drawing.html,
    ".mmd": lambda drawing: drawing.mermaid,
    ".txt": lambda drawing: drawing.text,
}
