"""The event stream of reverse mode: the chain rule from the root down, step by step, as the graph is computed.

What drains it stands in reverse.py. References: Griewank & Walther, Evaluating Derivatives, 2nd ed., ch. 3.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .graph import above, order, refresh, typed_form
from .node import match_of
from .ops import flow

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from .node import Node

__all__ = ["Event", "adjoints_at", "computed_events", "name_rules", "pull", "typed_events"]


class Event(NamedTuple):
    """One step of the chain rule: what one argument of one node receives.

    Attributes:
        node: The node that passes its gradient on.
        index: Which of its arguments receives.
        upstream: ∂root/∂node.
        partial: ∂node/∂argument.
        contribution: upstream·partial.
        via: "typed", or the rule by whose twin the flow goes instead, as "left = right".
    """

    node: Node
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody asks of an event
    upstream: Any
    partial: Any
    contribution: Any
    via: str


def computed_events(
    root: Node, wrt: Sequence[Node] | None = None, *, as_nodes: bool = False, adjoints: dict[Node, Any] | None = None
) -> Iterator[Event]:
    """The events of the graph as it is computed, all said to be typed; arguments as of :func:`reverse.events`."""
    nodes = order(root)
    if not as_nodes:
        refresh(root)
    adjoint: dict[Node, Any] = {} if adjoints is None else adjoints
    adjoint[root] = 1.0
    return pull(nodes, above(nodes, wrt), adjoint, as_nodes=as_nodes)


def pull(
    nodes: Sequence[Node], relevant: Container[Node], adjoint: dict[Node, Any], *, as_nodes: bool
) -> Iterator[Event]:
    """The events of some nodes, the last first, from the adjoints that are there already; the others are filled in."""
    for node in reversed(nodes):
        if node not in adjoint or not node.args:
            continue
        upstream, op = adjoint[node], node.op
        output: Any = node if as_nodes else node._value
        args: tuple[Any, ...] = node.args if as_nodes else tuple(arg._value for arg in node.args)
        for index, (arg, function) in enumerate(zip(node.args, op.partials, strict=True)):
            if function is None or arg not in relevant:
                continue
            partial = function(output, *args) if as_nodes else op.partial_on_floats(index, output, args)
            contribution = flow(op, upstream, partial)
            adjoint[arg] = adjoint[arg] + contribution if arg in adjoint else contribution
            yield Event(node, index, upstream, partial, contribution, "typed")


def typed_events(
    root: Node, wrt: Sequence[Node] | None, adjoint: Mapping[Node, Any], *, as_nodes: bool
) -> Iterator[Event]:
    """The steps of the chain rule through the graph as typed, each from the adjoint that its node has."""
    nodes = order(root, typed=True, twins=False)
    relevant = above(nodes, wrt, typed=True)
    for node in reversed(nodes):
        op, args = typed_form(node)
        if node not in adjoint or not args:
            continue
        output: Any = node if as_nodes else node._value
        numbers: tuple[Any, ...] = args if as_nodes else tuple(arg._value for arg in args)
        for index, (arg, function) in enumerate(zip(args, op.partials, strict=True)):
            if function is not None and arg in relevant:
                partial = function(output, *numbers) if as_nodes else op.partial_on_floats(index, output, numbers)
                yield Event(node, index, adjoint[node], partial, flow(op, adjoint[node], partial), "typed")


def name_rules(root: Node, events: Iterator[Event]) -> Iterator[Event]:
    """The same events, where each that goes through a twin names its rule."""
    typed = set(order(root, typed=True, twins=False))
    via: dict[Node, str] = {}
    for event in events:
        node = event.node
        if node.typed is not None and event.index == 0:
            match = match_of(node)
            via[node] = "a rule that is no more" if match is None else f"{match.rule.left} = {match.rule.right}"
        if node in via:
            for arg in node.args:
                if arg not in typed:  # recorded by the rule itself
                    via.setdefault(arg, via[node])
            yield event._replace(via=via[node])
        else:
            yield event


def adjoints_at(nodes: Sequence[Node], values: Mapping[Node, float]) -> dict[Node, float]:
    """∂root/∂node, where the root is the last of the nodes and each has the value given: the stream without events."""
    adjoint = {nodes[-1]: 1.0}
    for node in reversed(nodes):
        upstream = adjoint.get(node)
        if not upstream:
            continue
        numbers = tuple(values[arg] for arg in node.args)
        for index, arg in enumerate(node.args):
            if node.op.partials[index] is not None:
                contribution = flow(node.op, upstream, node.op.partial_on_floats(index, values[node], numbers))
                adjoint[arg] = adjoint[arg] + contribution if arg in adjoint else contribution
    return adjoint
