"""A graph in balls, node by node, as it is computed: what every value and every gradient would be without rounding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .balls import Ball, ball_of, partial_of
from .errors import CompgraphError
from .graph import order, peek

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .balls import Bounds
    from .node import Node

__all__ = ["UNSUITED", "gradients_in_balls", "values_in_balls"]

#: What a function of a user's may raise that is not written for balls: math.sin, a table, a loop over floats.
UNSUITED = (CompgraphError, TypeError, ValueError, ArithmeticError, AttributeError)


def values_in_balls(
    nodes: Sequence[Node], bounds: Bounds, moved: Mapping[Node, float] | None = None
) -> dict[Node, Ball]:
    """The values of some nodes, arguments first, where some inputs have other values than their own."""
    values: dict[Node, Ball] = {}
    for node in nodes:
        if node.args:
            try:
                values[node] = ball_of(bounds, node.op(*[values[arg] for arg in node.args]))
            except UNSUITED:
                values[node] = Ball(bounds, None, None)
        else:
            value = peek(node) if moved is None or node not in moved else moved[node]
            values[node] = Ball(bounds, None, None) if value is None else ball_of(bounds, value)
    return values


def gradients_in_balls(root: Node, values: Mapping[Node, Ball]) -> dict[Node, Ball]:
    """∂root/∂node for every node that the root reads, by the ops' own partials."""
    adjoint = {root: ball_of(values[root].bounds, 1.0)}
    for node in reversed(order(root)):
        upstream = adjoint.get(node)
        if upstream is None or upstream.special == 0:
            continue
        numbers = [values[arg] for arg in node.args]
        for index, arg in enumerate(node.args):
            if node.op.partials[index] is None:
                continue
            partial = _partial(node, index, values[node], numbers)
            if partial.special == 0 and node.op.selects:
                continue
            contribution = upstream * partial
            adjoint[arg] = adjoint[arg] + contribution if arg in adjoint else contribution
    return adjoint


def _partial(node: Node, index: int, output: Ball, args: Sequence[Ball]) -> Ball:
    try:
        return partial_of(node.op, index, output, args)
    except UNSUITED:
        return Ball(output.bounds, None, None)
