"""The notebook widget itself: a graph in Python and its player in the page, each following the other.

Imported when the first widget is made: it needs anywidget.
"""

from __future__ import annotations

import sys
import weakref
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from .codegen.javascript import json_number
from .codegen.text_program import program_names, program_text
from .diagrams.page import asset
from .diagrams.payload import inputs_of_page
from .errors import CompgraphError, GraphValueError
from .graph import order
from .node import Node, clock
from .ops import INPUT
from .workbench import LONGEST_TEXT, STYLE, complaint, derivation, rebuild, show

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Widget"]

_WIDGETS: weakref.WeakSet[Widget] = weakref.WeakSet()


class Widget(anywidget.AnyWidget):
    """A graph that is played in a notebook; :func:`~compgraph.notebook.widget` makes it.

    Attributes:
        payload: What the player shows, with a number for the graph that it is of.
        table: The ops of the graph, as JavaScript.
        values: The inputs' values, by their places in the payload's program.
        program: The text in the formula field; None where the graph has no program text, and no field is shown.
        error: What is wrong with that text: message, line, column; empty where nothing is. The graph is then that of
            the last text that was right.
        derivation: The chain rule, as HTML.
    """

    _esm = asset("player.js") + asset("widget.js")
    _css = STYLE

    payload = traitlets.Dict().tag(sync=True)
    table = traitlets.Unicode().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    program = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    error = traitlets.Dict().tag(sync=True)
    derivation = traitlets.Unicode().tag(sync=True)

    def __init__(self, root: Node) -> None:
        super().__init__()
        self._known: dict[str, Node] = {}
        self._revision = 0
        self._seen = clock.now
        self._text: str | None = None
        self._take_as_named(root)
        self.on_msg(self._answer)
        _WIDGETS.add(self)
        _follow_cells()

    @property
    def root(self) -> Node:
        """The root of the graph that is shown."""
        return self._root

    @property
    def nodes(self) -> dict[str, Node]:
        """The inputs and named nodes of the graph that is shown, by their names in the program."""
        return dict(self._nodes)

    def refresh(self) -> None:
        """Show values and names as they are now; it happens by itself after each cell, but not within one."""
        if self.comm is None:  # closed
            _WIDGETS.discard(self)
        elif self._names != _names(self._root):  # as %load_ext compgraph gives them at a cell's end
            self._take_as_named(self._root)
        elif self._seen != clock.now:
            self._seen = clock.now
            with self.hold_sync():
                self._told = self._present()
                self.values = self._told
                self.derivation = derivation(self._root)

    # --- from the page ---------------------------------------------------------------------------------------------

    @traitlets.observe("values")
    def _set_inputs(self, change: Mapping[str, Any]) -> None:
        values = change["new"]
        if values == self._told or values.get("revision") != self._revision:
            return  # our own, or of a graph that is no more
        for place, value in values.items():
            if place in self._inputs and value is not None:
                self._inputs[place].value = float(value)
        self._told = values
        for other in [*_WIDGETS]:
            if other is not self:
                other.refresh()

    @traitlets.observe("program")
    def _rebuild(self, change: Mapping[str, Any]) -> None:
        text = change["new"]
        if text is None or text == self._text:
            self.error = {}
            return
        try:
            nodes = rebuild(text, self._known)
            self._take(nodes, [*nodes.values()][-1])
        except CompgraphError as error:
            self.error = complaint(error)
        else:
            self._text = text
            self.error = {}

    def _answer(self, _: object, content: Mapping[str, Any], __: object) -> None:
        if content.get("about") == "derivation":
            self.refresh()

    # --- to the page -----------------------------------------------------------------------------------------------

    def _take_as_named(self, root: Node) -> None:
        """Show this graph from now on, with the program that its names make."""
        try:
            text = program_text(root, "\n")
        except GraphValueError:
            text = None
        self._text = None if text is None or len(text) > LONGEST_TEXT else text
        self._take({name: node for node, name in program_names(root).items()}, root)
        self.program = self._text

    def _take(self, nodes: Mapping[str, Node], root: Node) -> None:
        """Show this graph from now on."""
        shown = show(root)
        told = derivation(root)
        self._root, self._nodes, self._names = root, nodes, _names(root)
        self._known |= {name: node for name, node in nodes.items() if node.op is INPUT}
        self._revision += 1
        places = [str(one["node"]) for one in shown.payload["inputs"]]
        self._inputs = dict(zip(places, inputs_of_page(root), strict=True))
        self._seen = clock.now
        with self.hold_sync():
            self.payload = {**shown.payload, "revision": self._revision}
            self.table = shown.table
            self._told = self._present()
            self.values = self._told
            self.derivation = told

    def _present(self) -> dict[str, Any]:
        values = {place: node._value for place, node in self._inputs.items() if node._value is not None}
        return {"revision": self._revision} | {place: json_number(value) for place, value in values.items()}


def _names(root: Node) -> list[str | None]:
    return [node.name for node in order(root, typed=True)]


def _follow_cells() -> None:
    """After each cell, every widget shows what it has done to the inputs."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is not None:
        shell.events.register("post_run_cell", refresh_all)  # once, however often


def refresh_all(_: object = None) -> None:
    """:meth:`Widget.refresh` for every widget that is shown."""
    for widget in [*_WIDGETS]:
        widget.refresh()
