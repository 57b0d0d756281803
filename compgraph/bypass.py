"""Inner gradients as typed: of the nodes that twins bypass.

With a = σ(z), log(a) is computed from z, so nothing flows to a, or not all (log(a) + 3a). What a user who holds a is
answered is the derivative of the graph as it was typed, with a cut free: Σ typed partial · upstream over the nodes that
read a as typed. All others keep the gradient of the graph as it is computed, which is the better one.
"""

from __future__ import annotations

import math
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from .graph import above, order, replace, replay, typed_form, walk
from .node import Node
from .ops import CONSTANT, INPUT, flow
from .stream import adjoints_at, computed_events, pull

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Bypass", "bypass_gradients", "bypassed", "gradient_by_cut"]

# Rules look so far: where what two arguments of a twin share lies deeper, it is none of their business.
_FARTHEST = 100

# A sum of contributions that cancel to less than this share has lost digits.
_CANCELLED = 1 / 64


class Bypass:
    """The gradients of bypassed nodes that one backward pass owes, computed at its values as soon as one is read.

    Args:
        root: What was differentiated.
        leaves: The inputs of the graph as typed, whose present values are those of the pass.
        before: What is to be added to.
    """

    __slots__ = ("_before", "_leaves", "_root")

    def __init__(self, root: Node, leaves: Iterable[Node], before: Mapping[Node, float | None]) -> None:
        self._root: Node | None = root
        self._leaves = [(leaf, leaf._value) for leaf in leaves]
        self._before = before

    def settle(self) -> None:
        """Set the gradients that are owed; whichever node a later pass has reached keeps that one's."""
        root, self._root = self._root, None
        if root is None:
            return
        values: dict[Node, Any] = dict(self._leaves)
        for node in order(root, typed=True):
            if node.args:
                values[node] = node.op.on_floats(*[values[arg] for arg in node.args])
            else:
                values.setdefault(node, node._value)
        for node, gradient in bypass_gradients(root, values).items():
            if node._sweep is not None and node._sweep.bypass is self:
                node._grad = gradient + (self._before.get(node) or 0.0)
        self._leaves, self._before = [], {}


# --- which nodes ---------------------------------------------------------------------------------------------------


def bypassed(*roots: Node) -> set[Node]:
    """The nodes that a twin below the roots looks through: what flows to them is not their gradient as typed.

    Some too many where a twin reads nodes that depend on one another; their gradients are right either way.

    >>> from compgraph.ops import exp
    >>> bypassed(exp(Node(2.0, "x")))
    set()
    """
    if all(node.typed is None for node in order(*roots)):
        return set()
    typed = set(order(*roots, typed=True, twins=False))
    found: set[Node] = set()
    drowned: set[Node] = set()
    owners: dict[Node, Node] = {}
    for node in order(*roots, typed=True):
        if node.typed is None:
            continue
        reads, through = _reads(node, typed, owners)
        between, met, strays = _between(node, reads, through, drowned)
        found |= between
        if strays:  # a twin without some of the inputs, or what was typed twice is read once: nothing is sure
            walk(_typed_args(node), _typed_args, drowned)
        elif met != reads | through or len(reads) > 1:
            found |= _entangled(reads | through)
    return {node for node in (found | drowned) & typed if node.args}


def _reads(node: Node, typed: set[Node], owners: dict[Node, Node]) -> tuple[set[Node], set[Node]]:
    """What a twin is computed from: the nearest nodes that were typed, and those of whose twins it reads a part.

    A part belongs to the first node that has it: what lies below is that node's business.
    """
    parts: set[Node] = set()
    walk(node.args, lambda part: () if part in typed or part in owners else part.args, parts)
    reads = {part for part in parts if part in typed and part.op is not CONSTANT}
    through = {owners[part] for part in parts if part in owners and part not in typed}
    if node in typed:
        owners.update(dict.fromkeys(parts - typed - owners.keys(), node))
    return reads, through


def _between(node: Node, reads: set[Node], through: set[Node], drowned: set[Node]) -> tuple[set[Node], set[Node], bool]:
    """The nodes between what was typed and what the twin reads, which of that was met, and whether more was."""
    found: set[Node] = set()
    met: set[Node] = set()
    stack = list(_typed_args(node))
    while stack:
        part = stack.pop()
        if part in through:
            found.add(part)
        if part in reads or part in through:
            met.add(part)
        elif part.op is INPUT or part in drowned:
            return found, met, True
        elif part.args and part not in found:
            found.add(part)
            stack += _typed_args(part)
    return found, met, False


def _entangled(reads: set[Node]) -> set[Node]:
    """Those that depend on others among some nodes, and what lies near: a rule may have looked through them."""
    found: set[Node] = set()
    for node in reads:
        near = dict.fromkeys(_typed_args(node))
        queue = list(near)
        for part in queue:  # grows as it is walked: nearest first
            new = [arg for arg in _typed_args(part) if arg not in near] if len(near) < _FARTHEST else []
            near |= dict.fromkeys(new)
            queue += new
        if not reads.isdisjoint(near):
            found |= {node, *near}
    return found


def _typed_args(node: Node) -> tuple[Node, ...]:
    return typed_form(node)[1]


# --- as numbers ----------------------------------------------------------------------------------------------------


def bypass_gradients(root: Node, values: Mapping[Node, float]) -> dict[Node, float]:
    """∂root/∂node of every bypassed node, as typed, where each node has the value given.

    The steps of the chain rule as typed are added up. Where one of them is not finite, or they cancel, the node is cut
    free instead, as :func:`gradient_by_cut` does, with the twins that are possible around it.
    """
    cut = bypassed(root)
    if not cut:
        return {}
    typed = order(root, typed=True, twins=False)
    adjoint: dict[Node, float] = {
        node: slope for node, slope in adjoints_at(order(root), values).items() if node not in cut
    }
    sums, surroundings = dict.fromkeys(cut, _Sum()), None
    gradients: dict[Node, float] = {}
    for node in reversed(typed):
        if node in cut:
            total = sums.pop(node)
            if total.is_doubtful():
                surroundings = surroundings or _Surroundings(typed, cut, adjoint, values)
                gradients[node] = surroundings.gradient(node)
            else:
                gradients[node] = total.value
            adjoint[node] = gradients[node]
        op, args = typed_form(node)
        upstream = adjoint.get(node)
        if upstream is None or cut.isdisjoint(args):
            continue
        numbers = tuple(values[arg] for arg in args)
        for index, arg in enumerate(args):
            if arg in cut and op.partials[index] is not None:
                partial = op.partial_on_floats(index, values[node], numbers)
                sums[arg] = sums[arg].plus(upstream, partial, flow(op, upstream, partial))
    return gradients


class _Sum:
    """A sum of contributions, and whether it can be trusted."""

    __slots__ = ("is_finite", "size", "value")

    def __init__(self, value: float = 0.0, size: float = 0.0, *, is_finite: bool = True) -> None:
        self.value, self.size, self.is_finite = value, size, is_finite

    def plus(self, upstream: float, partial: float, contribution: float) -> _Sum:
        steps_are_finite = math.isfinite(upstream) and math.isfinite(partial) and math.isfinite(contribution)
        value, size = self.value + contribution, self.size + abs(contribution)
        return _Sum(value, size, is_finite=self.is_finite and steps_are_finite)

    def is_doubtful(self) -> bool:
        return not self.is_finite or abs(self.value) < _CANCELLED * self.size


class _Surroundings:
    """What reads the bypassed nodes, as typed: up to the nodes that no twin looks through, or as far as rules look."""

    def __init__(
        self, typed: Sequence[Node], cut: set[Node], adjoint: Mapping[Node, float], values: Mapping[Node, float]
    ) -> None:
        self._cut, self._adjoint, self._values = cut, adjoint, values
        self._place = {node: index for index, node in enumerate(typed)}
        self._readers: dict[Node, list[Node]] = {}
        for node in typed:
            for arg in dict.fromkeys(_typed_args(node)):
                if arg in cut:
                    self._readers.setdefault(arg, []).append(node)

    def gradient(self, node: Node) -> float:
        """∂root/∂node from what reads it, recorded anew with an input in its place."""
        inner, ends = self._region(node)
        stand_in = Node(name=node.name)
        replaced = {node: stand_in}
        replay(sorted(inner, key=self._place.__getitem__), replaced)
        seeds: dict[Node, Any] = {}
        for part in ends:
            op, args = typed_form(part)
            if self._adjoint.get(part) and any(arg in replaced for arg in args):
                seeds[op(*[replaced.get(arg, arg) for arg in args])] = self._adjoint[part]
        nodes = self._recorded(*seeds)
        for _ in pull(nodes, above(nodes, [stand_in]), seeds, as_nodes=True):
            pass
        return self._value(seeds.get(stand_in, 0.0), {stand_in: node})

    def _region(self, node: Node, most: int = _FARTHEST) -> tuple[list[Node], list[Node]]:
        """The bypassed nodes through which a node is read, and the nodes at which these paths end."""
        inner: list[Node] = [node]
        ends: list[Node] = []
        seen = {node}
        for part in inner:  # grows as it is walked: nearest first
            for reader in self._readers.get(part, ()):
                if reader not in seen:
                    seen.add(reader)
                    is_inner = reader in self._cut and len(inner) < most
                    (inner if is_inner else ends).append(reader)
        return inner, ends

    def _recorded(self, *roots: Node, typed: bool = False) -> list[Node]:
        """The nodes below some roots that are not of the graph itself."""
        args_of = (lambda node: (*node.args, *_typed_args(node))) if typed else attrgetter("args")
        return walk(roots, args_of, _Besides(self._values))

    def _value(self, gradient: Any, back: dict[Node, Node]) -> float:
        if not isinstance(gradient, Node):
            return float(gradient)
        replay(self._recorded(gradient, typed=True), back)
        gradient = back.get(gradient, gradient)
        own: dict[Node, Any] = {}

        def value_of(node: Node) -> Any:
            return own[node] if node in own else self._values[node]

        for node in self._recorded(gradient):
            own[node] = node.op.on_floats(*map(value_of, node.args)) if node.args else node._value
        return float(value_of(gradient))


class _Besides(set["Node"]):
    """A set of nodes that holds the keys of a mapping as well, without a copy of them."""

    def __init__(self, others: Mapping[Node, Any]) -> None:
        super().__init__()
        self._others = others

    def __contains__(self, node: object) -> bool:
        return super().__contains__(node) or node in self._others


# --- as graphs -----------------------------------------------------------------------------------------------------


def gradient_by_cut(root: Node, node: Node) -> Any:
    """∂root/∂node as typed: with an input in the node's place no rule looks through it; then the node is put back.

    Returns:
        A Node, or a number where the root does not depend on it.
    """
    stand_in = Node(name=node.name)
    reached: dict[Node, Any] = {}
    for _ in computed_events(replace(root, {node: stand_in}), [stand_in], as_nodes=True, adjoints=reached):
        pass
    gradient = reached.get(stand_in, 0.0)
    return replace(gradient, {stand_in: node}) if isinstance(gradient, Node) else gradient
