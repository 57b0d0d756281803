"""Functions in, functions out: a transform of Nodes becomes a transform of Python functions of numbers."""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING, Any

from .errors import GraphTypeError
from .graph import above, evaluate, order
from .naming import bind, trace_inputs
from .node import Node
from .ops import CONSTANT, INPUT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["as_batch", "is_function", "lift", "read", "with_closure"]


def is_function(target: Any) -> bool:
    """Whether a target is a Python function of numbers rather than Nodes."""
    return callable(target)


def lift(transform: Callable[[Any, Any], Any], function: Callable[..., Any], argnums: Any) -> Callable[..., Any]:
    """A transform of Nodes as a transform of functions: trace, transform, read at the arguments of the call."""
    positions: Any = 0 if argnums is None else argnums

    @functools.wraps(function)
    def lifted(*args: Any, **keywords: Any) -> Any:
        root, parameters = trace_inputs(function)
        try:
            several = isinstance(positions, (tuple, list))
            wrt = [parameters[i] for i in positions] if several else parameters[positions]
        except (IndexError, TypeError):
            last = len(parameters) - 1
            raise GraphTypeError(f"argnums {argnums!r}: the arguments are numbered 0 to {last}") from None
        return read(transform(root, wrt), bind(function, parameters, args, keywords))

    return lifted


def read(structure: Any, values: Mapping[Node, Any]) -> Any:
    """Nested tuples of Nodes, with each Node replaced by its value at ``values``; as they are where that is empty."""
    leaves: list[Node] = []

    def collect(part: Any) -> None:
        if isinstance(part, Node):
            leaves.append(part)
        else:
            for entry in part:
                collect(entry)

    if not values:
        return structure
    collect(structure)
    numbers = iter(as_batch(evaluate(leaves, with_closure(leaves, values)), values))

    def rebuild(part: Any) -> Any:
        return next(numbers) if isinstance(part, Node) else tuple(rebuild(entry) for entry in part)

    return rebuild(structure)


def with_closure(outputs: Sequence[Node], values: Mapping[Node, Any]) -> Mapping[Node, Any]:
    """The values, and each node that a function closes over as itself: such a function answers Nodes."""
    nodes = order(*outputs)
    if all(node.op is not INPUT or node in values for node in nodes):
        return values
    moving = above(nodes, list(values))
    return {node: node for node in nodes if node not in moving and node.op is not CONSTANT} | dict(values)


def as_batch(numbers: Sequence[Any], values: Mapping[Node, Any]) -> Sequence[Any]:
    """Where some values are arrays, every answer has their common shape, also one that depends on none of them."""
    shapes = [shape for shape in (getattr(value, "shape", ()) for value in values.values()) if shape]
    if not shapes:
        return numbers
    numpy = importlib.import_module("numpy")  # loaded already: an array exists
    shape = numpy.broadcast_shapes(*shapes)
    return [n if getattr(n, "shape", ()) == shape else numpy.broadcast_to(n, shape).copy() for n in numbers]
