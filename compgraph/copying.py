"""Copies of nodes: ``copy``, ``deepcopy`` and pickle; iterative, with identity kept, and with what was typed."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any, cast

from .graph import order, settle, stale_gradients
from .node import Node, build, clock

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["copy_into", "reduce_node", "shallow_copy"]


def shallow_copy(node: Node) -> Node:
    """``copy.copy``: a node of its own with the same op, arguments, value, name and gradient."""
    settle([node])
    copied = build(node.op, node.args)
    for slot in ("_value", "_name", "_grad", "_stamp", "_sweep", "typed"):
        setattr(copied, slot, getattr(node, slot))
    return copied


def copy_into(root: Node, memo: dict[int, Any]) -> Node:
    """A copy of the graph with values, names and gradients; what ``memo`` holds already is used (``deepcopy``)."""
    nodes = [node for node in order(root, typed=True) if id(node) not in memo]
    settle(nodes)
    for node in nodes:
        copied = build(node.op, tuple(memo[id(arg)] for arg in node.args))
        for slot in ("_value", "_name", "_grad", "_stamp"):
            setattr(copied, slot, getattr(node, slot))
        if node.typed is not None:
            copied.typed = (node.typed[0], tuple(memo[id(arg)] for arg in node.typed[1]))
        memo[id(node)] = copied
    sweeps: dict[int, Any] = {}  # a pass over the original becomes one over the copy
    for node in nodes:
        sweep = node._sweep
        if sweep is not None:
            if id(sweep) not in sweeps:
                owner = memo.get(id(sweep.root()))
                sweeps[id(sweep)] = sweep._replace(
                    root=cast("Any", _gone) if owner is None else weakref.ref(owner), bypass=None
                )
            memo[id(node)]._sweep = sweeps[id(sweep)]
    result: Node = memo[id(root)]
    return result


def _gone() -> None:
    """What a weak reference is whose object is gone."""


class _Begin:
    """First in the list of nodes that a pickled root carries: from here to the end, those nodes pickle shallowly.

    Only for as long as this object is alive, too: a pickling that failed half-way must not change the next one.
    """

    __slots__ = ("__weakref__", "before", "members", "stale")

    def __init__(self, nodes: list[Node]) -> None:
        self.members, self.before = frozenset(map(id, nodes)), _active()
        self.stale = frozenset(map(id, stale_gradients(nodes)))

    def __reduce__(self) -> tuple[type[tuple[()]], tuple[()]]:
        _pickling.begin = weakref.ref(self)
        return tuple, ()


class _End:
    """Last in that list."""

    __slots__ = ("begin",)

    def __init__(self, begin: _Begin) -> None:
        self.begin = begin

    def __reduce__(self) -> tuple[type[tuple[()]], tuple[()]]:
        _pickling.begin = (lambda: None) if self.begin.before is None else weakref.ref(self.begin.before)
        return tuple, ()


_pickling = threading.local()


def _active() -> _Begin | None:
    begin: _Begin | None = getattr(_pickling, "begin", lambda: None)()
    return begin


def reduce_node(node: Node) -> tuple[Callable[..., Node], tuple[Any, ...]]:
    """How a node pickles: with its whole graph, arguments first, so that no depth of graph means depth of recursion.

    Each node goes into the pickle as an object of its own, so nodes of one pickled object keep their identity. A
    gradient from before an input changed is left out: the epoch that tells is this process's.
    """
    begin = _active()
    if begin is not None and id(node) in begin.members:
        leaf_value = None if node.args else node._value
        gradient = None if id(node) in begin.stale else node._grad
        return _restore, (node.op, node.args, leaf_value, node._name, gradient, node.typed)
    nodes = order(node, typed=True)
    settle(nodes)
    begin = _Begin(nodes)
    return _root, (begin, *nodes, _End(begin))


def _root(*nodes: Any) -> Node:
    root: Node = nodes[-2]
    return root


def _restore(op: Any, args: tuple[Node, ...], *facts: Any) -> Node:
    node = build(op, args)
    node._value, node._name, node._grad, node.typed = facts
    node._stamp = -1 if args else clock.now
    return node
