"""The lecture's view of a graph: boxes, each a named node with what is computed inside. As it was typed."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from .graph import order, typed_form
from .ops import CONSTANT, INPUT

if TYPE_CHECKING:
    from collections.abc import Callable

    from .node import Node

    _ArgsOf = Callable[[Node], tuple[Node, ...]]

__all__ = ["Box", "boxes", "opened", "single_boxes"]


class Box(NamedTuple):
    """A named node with the unnamed nodes below it, down to the next named nodes or inputs.

    Attributes:
        node: The node whose box this is.
        body: The nodes computed inside, ``node`` last; empty for an input.
        args: The nodes the box reads: named nodes and inputs, in the order of the formula, each once.
    """

    node: Node
    body: tuple[Node, ...]
    args: tuple[Node, ...]


def boxes(*roots: Node, twins: bool = False) -> list[Box]:
    """The lecture's view: one box per named node and per input, arguments first; the roots always get one.

    An unnamed node that several boxes read belongs to each of them.

    Args:
        *roots: Nodes at the top.
        twins: Whether to go by what computes the nodes instead of by what was typed.

    >>> from compgraph.node import Node
    >>> x, w = Node(2.0, "x"), Node(3.0, "w")
    >>> z = (w*x + 1).named("z")
    >>> [(box.node.name, [arg.name for arg in box.args]) for box in boxes(z*z)]
    [('w', []), ('x', []), ('z', ['w', 'x']), (None, ['z'])]
    """
    nodes = order(*roots, typed=not twins, twins=twins)
    heads, args_of = set(roots), attrgetter("args") if twins else _typed_args
    return [_box(node, heads, args_of) for node in nodes if _is_boundary(node, heads)]


def single_boxes(*roots: Node) -> list[Box]:
    """Every operation as a box of its own, and every input and named constant; arguments as often as they are read.

    >>> from compgraph.node import Node
    >>> x = Node(2.0, "x")
    >>> [(box.node.op.name, [arg.op.name for arg in box.args]) for box in single_boxes(x*x + 1)]
    [('input', []), ('mul', ['input', 'input']), ('add', ['mul'])]
    """
    nodes = order(*roots, typed=True, twins=False)
    kept = {node: None for node in nodes if node.op is not CONSTANT or node.name or node in roots}
    return [
        Box(node, (node,) if node.args else (), tuple(arg for arg in _typed_args(node) if arg in kept)) for node in kept
    ]


def opened(box: Box) -> list[Box]:
    """The operations inside a box, each as a box of its own, and the named constants that they read.

    >>> from compgraph.node import Node
    >>> x = Node(2.0, "x")
    >>> [inner.node.op.name for inner in opened(boxes(x*x + 1)[-1])]
    ['mul', 'add']
    """
    inner: dict[Node, Box] = {}
    for node in box.body:
        args = tuple(arg for arg in _typed_args(node) if arg.op is not CONSTANT or arg.name)
        inner |= {arg: Box(arg, (), ()) for arg in args if arg.op is CONSTANT}
        inner[node] = Box(node, (node,), args)
    return list(inner.values())


def _typed_args(node: Node) -> tuple[Node, ...]:
    return typed_form(node)[1]


def _is_boundary(node: Node, heads: set[Node]) -> bool:
    return node.op is INPUT or node in heads or (node.name is not None and bool(node.args))


def _box(head: Node, heads: set[Node], args_of: _ArgsOf) -> Box:
    body: list[Node] = []
    read: dict[Node, None] = {}  # a set that keeps the order
    seen: set[Node] = set()
    path, pending = [head], [iter(args_of(head))]
    while path:
        for arg in pending[-1]:
            if _is_boundary(arg, heads):
                read[arg] = None
            elif arg.args and arg not in seen:
                seen.add(arg)
                path.append(arg)
                pending.append(iter(args_of(arg)))
                break
        else:
            pending.pop()
            body.append(path.pop())
    return Box(head, tuple(body) if head.args else (), tuple(read))
