"""``%load_ext compgraph``: after each notebook cell, the nodes it bound to variables are named after them."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from .naming import name_bindings

if TYPE_CHECKING:
    from collections.abc import MutableMapping

__all__ = ["load_ipython_extension", "unload_ipython_extension"]


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
