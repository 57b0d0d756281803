"""All that is known of the gradients of one root, gathered once for all its inputs.

What takes a sweep for each input is left out beyond limits, so that a graph of a million nodes takes linear time.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..balls import bounds_at
from ..enclosed import UNSUITED, gradients_in_balls, values_in_balls
from ..enclosure import TwinError, Undecided, exact
from ..graph import COMPARISONS, inputs, order, replay
from ..node import as_typed, constant
from ..ops import INPUT
from ..ops import abs as absolute
from ..reverse import events
from .certificates import ALL, Certificate, certify, chosen
from .numeric import Estimate, central_differences
from .sweeps import along, by_complex_step, by_forward_mode, by_gradient_graph, direction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..balls import Ball
    from ..enclosure import Exact
    from ..node import Node

__all__ = ["Evidence", "gather"]

_EPSILON = sys.float_info.epsilon

# Nodes beyond which there are no enclosures and no gradient graph; nodes times inputs, beyond which nothing is done for
# each input alone (central differences take some hundred sweeps each).
_NODES, _SWEEPS, _DIFFERENCES = 4_000, 50_000, 5_000
_BITS, _CONDITION_BITS = 2**12, 640
_ULPS, _FAINT, _MOST = 16.0, 1e-290, 100


@dataclass(slots=True)
class Evidence:
    """What the ways to compute a gradient say.

    Attributes:
        root: What is differentiated.
        slopes: Reverse mode, for every node it reaches.
        paths: Σ over paths of |product of partials|, for every node: what rounding can leave behind.
        certificates: The partials that were held against their ops' values, each with its node.
        partials: How many different ones there are.
        forward: Forward mode; empty, as all below, where the graph is too large.
        is_forward_right: Whether forward mode along one direction comes to what reverse mode says; looked at only where
            ``forward`` is empty.
        graph: The gradient graph.
        central: Central differences.
        complex_step: Complex steps.
        exact: Enclosures.
        twin_error: What enclosures say against a twin; empty where they agree.
    """

    root: Node
    slopes: Mapping[Node, float]
    paths: Mapping[Node, float]
    certificates: Sequence[tuple[Node, Certificate]]
    partials: int
    forward: Mapping[Node, float]
    is_forward_right: bool
    graph: Mapping[Node, float]
    central: Mapping[Node, Estimate]
    complex_step: Mapping[Node, float]
    exact: Mapping[Node, float | Undecided]
    twin_error: str
    _below: dict[Node, set[Node]] = field(default_factory=dict)

    def remarkable(self, node: Node) -> list[tuple[Node, Certificate]]:
        """The certificates on a way to a node that say more than "right, and smooth there"."""
        found = []
        for at, certificate in self.certificates:
            if certificate.verdict == "right" and certificate.where == "smooth":
                continue
            arg = at.args[certificate.index]
            if arg not in self._below:
                self._below[arg] = set(order(arg)) if len(self._below) < _MOST else {node}
            if node in self._below[arg]:
                found.append((at, certificate))
        return found

    def rounding(self, node: Node) -> float:
        """How far apart two sums of the same contributions may be."""
        paths = self.paths.get(node, abs(self.slopes.get(node, 0.0)))
        return 8.0 * (_EPSILON * paths + math.ulp(0.0)) if math.isfinite(paths) else 0.0

    def modes_agree(self, node: Node) -> bool:
        """Whether forward mode comes to what reverse mode says."""
        if not self.forward:
            return self.is_forward_right
        reverse, forward = self.slopes.get(node, 0.0), self.forward[node]
        if not math.isfinite(forward) or not math.isfinite(reverse):
            return True  # ∞·0 on the way: which of the two meets it is a question of order
        return abs(reverse - forward) <= max(64 * self.rounding(node), 1e-12 * abs(reverse)) + _FAINT

    def moved_by_an_ulp(self, node: Node) -> float:
        """16 times how far the true gradient moves when every input moves by its last digit."""
        return _movement(self.root, [leaf for leaf in order(self.root) if leaf.op is INPUT]).get(node, 0.0)

    def fades(self) -> bool:
        """Whether a contribution on the way is lost below the range of floats, whatever it is multiplied by after."""
        return any(
            event.upstream != 0.0 and abs(event.contribution) < _FAINT and not event.node.op.selects
            for event in events(self.root)
        )

    def tie(self) -> Node | None:
        """A node whose floats stand on another side of a kink, or a jump, than exact values do."""
        nodes = order(self.root)
        kinked = [node for node in nodes if node.op.kinks or node.op.name in COMPARISONS]
        if not kinked:
            return None
        with bounds_at(_CONDITION_BITS) as bounds:
            values = values_in_balls(nodes, bounds)
            for node in kinked:
                floats = [_value(arg) for arg in node.args]
                gaps = [kink.gap for kink in node.op.kinks] or [lambda u, v: u - v]
                for gap in gaps:
                    try:
                        exactly = gap(*[values[arg] for arg in node.args])
                        rounded = gap(*floats)
                    except UNSUITED:
                        continue
                    sign = exactly.sign() if hasattr(exactly, "sign") else (exactly > 0) - (exactly < 0)
                    if sign != (rounded > 0) - (rounded < 0):
                        return node
        return None


def gather(root: Node, nodes: Sequence[Node], slopes: Mapping[Node, float]) -> Evidence:
    """All the evidence on the gradients by some nodes; ``slopes`` is what reverse mode says."""
    size = len(order(root))
    sweeps = size * len(nodes)
    certificates, partials = _certificates(root, nodes, slopes)
    exactly, twin_error = _exact(root, nodes, slopes) if size <= _NODES else ({}, "")
    if any(found.verdict == "wrong" for _, found in certificates):
        twin_error = ""  # the twin is no more wrong than the partial
    return Evidence(
        root,
        slopes,
        _paths(root) if size <= _NODES else {},
        certificates,
        partials,
        by_forward_mode(root, nodes) if sweeps <= _SWEEPS else {},
        sweeps <= _SWEEPS or _agrees_along(root, slopes, size),
        by_gradient_graph(root, nodes) if size <= _NODES else {},
        central_differences(root, list(nodes)) if sweeps <= _DIFFERENCES else {},
        by_complex_step(root, nodes) if sweeps <= _SWEEPS else {},
        exactly,
        twin_error,
    )


def _exact(
    root: Node, nodes: Sequence[Node], slopes: Mapping[Node, float]
) -> tuple[dict[Node, float | Undecided], str]:
    """The true gradients, and what enclosures say against a twin that floats bear out."""
    try:
        return dict(zip(nodes, exact(root, list(nodes), bits=_BITS).grad, strict=True)), ""
    except UNSUITED as error:
        complaint = str(error) if isinstance(error, TwinError) else ""
    if not complaint:
        return {}, ""
    typed = exact(root, list(nodes), bits=_BITS, graph="typed")
    computed = exact(root, list(nodes), bits=_BITS, graph="effective")
    is_wrong = _is_wrong(root, nodes, slopes, typed, computed)
    answers = computed.grad if is_wrong else typed.grad
    return dict(zip(nodes, answers, strict=True)), complaint if is_wrong else ""


def _is_wrong(root: Node, nodes: Sequence[Node], slopes: Mapping[Node, float], typed: Exact, computed: Exact) -> bool:
    """Whether twins, and floats by them, answer something else than what was typed.

    Not because a rule rounds a constant such as e, nor because a ball has another sign at a pole than floats have.
    """
    copies = _as_typed(root)
    room = _movement(root, [leaf for leaf in order(root) if not leaf.args])
    room_as_typed = _movement(copies[root], [leaf for leaf in order(copies[root]) if not leaf.args])
    floats = [_value(root), *(slopes.get(node, 0.0) for node in nodes)]
    answers = zip([typed.value, *typed.grad], [computed.value, *computed.grad], floats, strict=True)
    for node, (right, twin, rounded) in zip([root, *nodes], answers, strict=True):
        if not isinstance(right, Undecided) and not isinstance(twin, Undecided) and math.isfinite(right):
            margin = max(room.get(node, 0.0), room_as_typed.get(copies.get(node, node), 0.0)) + _FAINT
            if abs(twin - right) > margin and not abs(rounded - right) <= margin:
                return True
    return False


def _as_typed(root: Node) -> dict[Node, Node]:
    """Every node's copy in a graph without twins."""
    nodes = order(root, typed=True, twins=False)
    copies = {leaf: constant(_value(leaf)) for leaf in nodes if not leaf.args}
    with as_typed():
        replay(nodes, copies)
    return copies if root in copies else copies | {root: root}


def _movement(root: Node, leaves: Sequence[Node]) -> dict[Node, float]:
    """16 times how far the root's value (under the root) and true gradients move with the last digits of the leaves.

    Two patterns of ups and downs; infinite where enclosures say nothing.
    """
    moving = [leaf for leaf in leaves if math.isfinite(_value(leaf))]
    nodes = order(root)
    moved = dict.fromkeys(nodes, 0.0)
    with bounds_at(_CONDITION_BITS) as bounds:
        here = _numbers(root, values_in_balls(nodes, bounds))
        for pattern in (1, 2):
            shift = {
                leaf: math.nextafter(_value(leaf), math.inf if place % pattern == 0 else -math.inf)
                for place, leaf in enumerate(moving)
            }
            there = _numbers(root, values_in_balls(nodes, bounds, shift))
            for node in here.keys() | there.keys():
                one, other = here.get(node), there.get(node)
                gap = None if one is None or other is None else absolute(one - other).high
                moved[node] = math.inf if gap is None else max(moved[node], _ULPS * bounds.to_float(gap))
    return moved


def _numbers(root: Node, values: dict[Node, Ball]) -> dict[Node, Ball]:
    return gradients_in_balls(root, values) | {root: values[root]}


def _certificates(
    root: Node, nodes: Sequence[Node], slopes: Mapping[Node, float]
) -> tuple[list[tuple[Node, Certificate]], int]:
    """Every partial through which something may flow to the targets, each at its arguments; and how many there are."""
    flowing: dict[Node, list[int]] = {}
    reach = set(nodes)
    for node in order(root):
        if not reach.isdisjoint(node.args):
            reach.add(node)
            if slopes.get(node):
                flowing[node] = [index for index in range(node.op.arity) if _counts(node, index, reach)]
    picked, count = chosen(flowing)
    found = [
        (node, certify(node.op, index, [_value(arg) for arg in node.args]))
        for node in picked
        for index in flowing[node]
    ]
    return found, len(found) if count <= ALL else sum(map(len, flowing.values()))


def _counts(node: Node, index: int, reach: set[Node]) -> bool:
    """Whether something may flow there: not into an arm that is nan, and that was not taken."""
    arg = node.args[index]
    return arg in reach and (math.isfinite(_value(arg)) or not node.op.selects)


def _value(node: Node) -> float:
    return math.nan if node._value is None else node._value


def _paths(root: Node) -> dict[Node, float]:
    paths: dict[Node, float] = {root: 1.0}
    for event in events(root):
        arg = event.node.args[event.index]
        paths[arg] = paths.get(arg, 0.0) + abs(event.partial * paths[event.node])
    return paths


def _agrees_along(root: Node, slopes: Mapping[Node, float], size: int) -> bool:
    """Whether one forward sweep, in which every input moves, comes to what reverse mode says."""
    steps = direction(inputs(root))
    swept = along(root, steps)
    terms = [slopes.get(node, 0.0) * step for node, step in steps.items()]
    return abs(swept - math.fsum(terms)) <= (1e-10 + 2 * _EPSILON * size) * math.fsum(map(abs, terms)) + _FAINT
