"""For notebooks: ``%load_ext compgraph`` names nodes after each cell's variables; ``widget`` plays a graph, two-way."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from .errors import GraphTypeError, NotInstalledError
from .naming import name_bindings
from .node import Node

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from .live import Widget

__all__ = ["load_ipython_extension", "unload_ipython_extension", "widget"]


class _CellNames:
    """Remembers what the variables were bound to when a cell began."""

    def __init__(self, ipython: Any) -> None:
        self._ipython = weakref.proxy(ipython)
        self.begin()

    def begin(self, _: object = None) -> None:
        self._before = dict(self._ipython.user_ns)

    def end(self, _: object = None) -> None:
        name_bindings(self._ipython.user_ns, self._before)
        self._before = {}  # keeps nothing alive between cells


_RUNNING: MutableMapping[Any, _CellNames] = weakref.WeakKeyDictionary()


def load_ipython_extension(ipython: Any) -> None:
    """Name nodes after the variables that each cell binds them to; what ``%load_ext compgraph`` calls.

    Args:
        ipython: The running ``InteractiveShell``.

    >>> class Events:
    ...     def register(self, event, function): print(event)
    >>> class Shell:
    ...     user_ns, events = {}, Events()
    >>> load_ipython_extension(Shell())
    pre_run_cell
    post_run_cell
    """
    if ipython not in _RUNNING:
        cell = _RUNNING[ipython] = _CellNames(ipython)
        ipython.events.register("pre_run_cell", cell.begin)
        ipython.events.register("post_run_cell", cell.end)


def unload_ipython_extension(ipython: Any) -> None:
    """Stop naming; what ``%unload_ext compgraph`` calls.

    Args:
        ipython: The running ``InteractiveShell``.

    >>> class Shell: pass
    >>> unload_ipython_extension(Shell())  # was not loaded there: nothing to do
    """
    cell = _RUNNING.pop(ipython, None)
    if cell is not None:
        ipython.events.unregister("pre_run_cell", cell.begin)
        ipython.events.unregister("post_run_cell", cell.end)


def widget(root: Node) -> Widget:
    """A graph that is played in a notebook, each of Python and the page following the other.

    Moving a slider sets the Node's value in Python. Setting a Node's value in Python moves the picture, after the cell
    in which that happens; within a cell, as in a loop, ``.refresh()`` shows it at once.

    The formula field holds the program of the graph. Typing there makes a new graph, with its picture and its
    derivation; what is wrong with the text is shown at its column. Inputs that keep their names stay the same Nodes,
    so variables of the notebook go on driving the picture; new ones begin at 0.5, where nearly every op is defined and
    none has a kink. The graph of the last text that was right is ``.root``, its inputs and named nodes by name are
    ``.nodes``, the text is ``.program``; setting that is as typing it, and ``.error`` says what is wrong with it. A
    name that no program can have is written otherwise in the field (layer1.w as layer1_w). Graphs with ops that no
    program can call, such as gradient graphs, have no field.

    Args:
        root: The graph's root.

    Returns:
        The widget; as the last line of a cell it is shown.

    Raises:
        GraphTypeError: The root is not a Node.
        NotInstalledError: anywidget is missing; ``pip install "compgraph[notebook]"`` brings it.

    >>> w, x = Node(0.5, "w"), Node(3.0, "x")
    >>> shown = widget((w*x).named("z"))
    >>> shown.program = "z = w*x; a = sigmoid(z - c)"
    >>> shown.root, shown.nodes["c"], shown.nodes["w"] is w
    (a = σ(z − c) = 0.731059, c = 0.5, True)
    """
    if not isinstance(root, Node):
        raise GraphTypeError(f"widget takes the Node at the root of a graph, not {root!r} (a {type(root).__name__})")
    try:
        from .live import Widget
    except ModuleNotFoundError as error:
        if error.name not in {"anywidget", "traitlets"}:
            raise
        raise NotInstalledError('the widget needs anywidget; write pip install "compgraph[notebook]"') from None
    return Widget(root)
