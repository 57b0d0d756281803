"""From a graph to the steps of its derivation, operation by operation: every event of the engine's stream a line."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..graph import Box
from ..ops import CONSTANT
from ..reverse import as_node, events
from .letters import Letters, conventions, product
from .steps import Adjoint, Apply, Backward, Flow, Slope, Total
from .tidy import tidied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ..node import Node
    from ..reverse import Event
    from .steps import Term

__all__ = ["flow_steps"]

# Of very many contributions to one node a sum shows the first.
_MOST_PARTS = 8


def flow_steps(
    root: Node, targets: Sequence[Node], wrt: Sequence[Node] | None, names: Mapping[Node, str], *, with_numbers: bool
) -> Iterator[Callable[[], Backward | Flow | Total]]:
    """What makes the lines of the sweep: its events from the root down, and sums of what one node received.

    Args:
        root: What is differentiated.
        targets: Nodes whose gradient is asked for, named at the end if nothing reached them.
        wrt: What the event stream is restricted to.
        names: What the nodes are called.
        with_numbers: Whether every input has a value.
    """
    adjoints: dict[Node, float] = {}
    letters = Letters(names, adjoints if with_numbers else None)
    received: dict[Node, list[float]] = {}
    yield partial(_known, names[root], 1.0)
    current = root
    for event in events(root, wrt, as_nodes=not with_numbers, adjoints=adjoints):
        if event.node is not current:
            current = event.node
            yield from _total(names[current], received.pop(current, []), with_numbers=with_numbers)
        yield partial(_flow, event, names, letters, adjoints if with_numbers else None)
        received.setdefault(event.node.args[event.index], []).append(event.contribution)
    for node in targets:
        if node is not root and node not in adjoints:
            yield partial(_known, names[node], 0.0)
        yield from _total(names[node], received.pop(node, []), with_numbers=with_numbers)


def _total(name: str, parts: Sequence[float], *, with_numbers: bool) -> Iterator[Callable[[], Total]]:
    if len(parts) > 1 and with_numbers:
        # Summed from the left, as the sweep does.
        number = parts[0]
        for part in parts[1:]:
            number += part
        yield partial(Total, name, tuple(parts[:_MOST_PARTS]), max(0, len(parts) - _MOST_PARTS), number)


def _known(name: str, number: float) -> Backward:
    return Backward(name, None, None, None, None, number)


def _flow(event: Event, names: Mapping[Node, str], letters: Letters, adjoints: Mapping[Node, float] | None) -> Flow:
    node, arg = event.node, event.node.args[event.index]
    textbook = node.op.textbook[event.index]
    args = [letters.value(entry) if entry.op is not CONSTANT or entry.name else entry for entry in node.args]
    slope = tidied(as_node(0.0 if textbook is None else textbook(letters.value(node), *args)))
    expression = tidied(product(slope, letters.adjoint(node)))
    number = None if adjoints is None else float(event.contribution)
    chain: Term | None = Apply("mul", (Adjoint(names[node]), Slope(names[node], names[arg])))
    return Flow(
        names[arg],
        None if node.args.count(arg) > 1 else chain,  # ∂node/∂argument would be the sum of both
        letters.symbol(expression),
        letters.substitution(expression, number),
        number,
        () if adjoints is None else conventions(Box(node, (node,), node.args), adjoints).get(arg, ()),
    )
