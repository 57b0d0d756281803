"""From a graph to the steps of its derivation, operation by operation: every event of the engine's stream a line."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from ..codegen.formulas import Adjoint, Apply, Slope
from ..graph import typed_form
from ..ops import CONSTANT
from ..outline import Box
from ..reverse import as_node, events
from .computed import bears_out
from .letters import conventions, product
from .steps import Backward, Flow, Total
from .tidy import tidied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ..codegen.formulas import Term
    from ..node import Node
    from ..stream import Event
    from .computed import Computed
    from .letters import Letters

__all__ = ["flow_steps"]

# Of very many contributions to one node a sum shows the first.
_MOST_PARTS = 8


def flow_steps(
    targets: Sequence[Node],
    wrt: Sequence[Node] | None,
    letters: Letters,
    adjoints: Mapping[Node, float] | None,
    computed: Computed,
) -> Iterator[Callable[[], Backward | Flow | Total]]:
    """What makes the lines of the sweep: its events from the root down, and sums of what one node received.

    Args:
        targets: Nodes whose gradient is asked for, named at the end if nothing reached them.
        wrt: What the event stream is restricted to.
        letters: The letters of this derivation.
        adjoints: ∂root/∂node as the engine computed it; None where an input has no value.
        computed: What the engine computes by twins, from the root.
    """
    root = computed.root
    stream = list(events(root, wrt, as_nodes=adjoints is None, typed=True))
    elsewhere = frozenset() if adjoints is None else _not_borne_out(stream, adjoints, computed)
    received: dict[Node, list[float]] = {root: []}

    def gathered(node: Node) -> Iterator[Callable[[], Backward | Total]]:
        parts = received.get(node, [])
        if adjoints is not None and node in elsewhere:
            number = computed.shown(node, adjoints.get(node, 0.0))
            if number is not None:
                yield partial(_by_twins, node, parts, letters, number, computed)
        elif adjoints is not None and len(parts) > 1:
            yield partial(_total, letters.names[node], parts)

    yield partial(_known, letters.names[root], 1.0)
    current = root
    for event in stream:
        if event.node is not current:
            current = event.node
            yield from gathered(current)
        arg = typed_form(event.node)[1][event.index]
        yield partial(_flow, event, arg, letters, None if arg in elsewhere else adjoints)
        received.setdefault(arg, []).append(event.contribution)
    for node in targets:
        if node not in received:
            yield partial(_known, letters.names[node], 0.0)
        yield from gathered(node)


def _not_borne_out(stream: Iterable[Event], adjoints: Mapping[Node, float], computed: Computed) -> frozenset[Node]:
    """The nodes whose gradient is not what the chain rule as typed comes to in floats: twins computed it."""
    sums: dict[Node, float] = {}
    for event in stream:
        arg = typed_form(event.node)[1][event.index]
        sums[arg] = sums[arg] + event.contribution if arg in sums else event.contribution
    gradients = {node: adjoints.get(node, 0.0) for node in sums}
    return frozenset(
        node
        for node, number in gradients.items()
        if not bears_out(sums[node], number) or computed.shown(node, number) is None
    )


def _by_twins(node: Node, parts: Sequence[float], letters: Letters, number: float, computed: Computed) -> Backward:
    total = as_node(math.fsum(parts) if all(map(math.isfinite, parts)) else math.nan)
    term = computed.instead_of(total, node, number)
    return Backward(letters.names[node], None, None, None, None, number, (), term)


def _total(name: str, parts: Sequence[float]) -> Total:
    number = parts[0]
    for part in parts[1:]:  # from the left, as the sweep does
        number += part
    return Total(name, tuple(parts[:_MOST_PARTS]), max(0, len(parts) - _MOST_PARTS), number)


def _known(name: str, number: float) -> Backward:
    return Backward(name, None, None, None, None, number)


def _flow(event: Event, arg: Node, letters: Letters, adjoints: Mapping[Node, float] | None) -> Flow:
    node, names = event.node, letters.names
    op, args = typed_form(node)
    textbook = op.textbook[event.index]
    values = [letters.value(entry) if entry.op is not CONSTANT or entry.name else entry for entry in args]
    slope = tidied(as_node(0.0 if textbook is None else textbook(letters.value(node), *values)))
    expression = tidied(product(slope, letters.adjoint(node)))
    number = None if adjoints is None else float(event.contribution)
    chain: Term | None = Apply("mul", (Adjoint(names[node]), Slope(names[node], names[arg])))
    return Flow(
        names[arg],
        None if args.count(arg) > 1 else chain,  # ∂node/∂argument would be the sum of both
        letters.symbol(expression),
        letters.substitution(expression, number),
        number,
        () if adjoints is None else conventions(Box(node, (node,), args), adjoints).get(arg, ()),
    )
