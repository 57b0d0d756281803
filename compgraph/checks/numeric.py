"""Derivatives from values alone: central differences, extrapolated to step 0, with an estimate of their error.

Ridders, Accurate computation of F'(x) and F'(x)F''(x), Advances in Engineering Software 4 (1982) 75-76: differences at
steps that halve, Richardson's extrapolation of each, and of all the results the one whose error estimate is smallest.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ..bypass import bypassed
from ..codegen.printer import formula, number, text_name
from ..graph import COMPARISONS, evaluate, inputs, labels, order, peek, replace
from ..node import Node
from ..record import Kink
from ..reverse import adjoints, targets

__all__ = ["Estimate", "central_differences"]

_EPSILON = sys.float_info.epsilon
_SMALLEST = math.ulp(0.0)
_HALVINGS, _COLUMNS = 48, 6
_SETTLED = 1e-3  # of the widest secant: beyond that, as at a jump, the quotient has no limit that floats can see
_SAFETY = 4.0  # two extrapolations that differ estimate their error; they do not bound it

# A difference quotient: step to (slope, its error by rounding), or None where the step leaves the smooth piece.
_Quotient = Callable[[float], tuple[float, float] | None]


class Estimate(NamedTuple):
    """A derivative from values alone.

    Attributes:
        value: The slope; nan where there is none to be had.
        error: How far off it may be: truncation and rounding together.
        reason: Why there is no slope, in words; empty where there is one.
    """

    value: float
    error: float
    reason: str = ""


def central_differences(root: Node, wrt: Sequence[Node | str] | None = None) -> dict[Node, Estimate]:
    """∂root/∂node at the present values, from values of the root alone; the graph is left as it is.

    Args:
        root: A Node whose inputs all have values.
        wrt: Nodes or their names; an inner node is moved by itself, cut free of what it is computed from. All inputs
            if left out.

    Returns:
        An :class:`Estimate` for each. Steps stay on the smooth piece on which the node lies: no kink (relu at 0), no
        jump, no edge of a domain in between. Where no step is that small, the two one-sided slopes decide.

    Raises:
        MissingValueError: An input has no value yet.
        UnknownNameError: No node has this name.

    Warns:
        NonFiniteWarning: The root is inf or nan; no slope is estimated then.

    >>> from compgraph.node import Node
    >>> x = Node(0.5, "x")
    >>> slope = central_differences(x**3)[x]
    >>> abs(slope.value - 0.75) <= slope.error < 1e-10
    True
    """
    nodes = inputs(root) if wrt is None else targets((root,), list(wrt))[0]
    value = root.value
    if not math.isfinite(value):
        nowhere = Estimate(math.nan, math.inf, f"{text_name(labels(root)[root])} itself is {number(value)}")
        return dict.fromkeys(nodes, nowhere)
    noise = _rounding(root)
    inner = bypassed(root)
    return {node: _Line(*(_cut(root, node) if node in inner else (root, node)), noise).slope() for node in nodes}


def _cut(root: Node, node: Node) -> tuple[Node, Node]:
    """The root above an input in the node's place: no twin passes it by."""
    free = Node(peek(node))
    return replace(root, {node: free}), free


def _rounding(root: Node) -> float:
    """How far rounding in every node may move the root: Σ |∂root/∂node · node| · ε, to first order (Linnainmaa 1976).

    The only thing taken from reverse mode here: it says how much to trust a difference, never what the slope is.
    """
    shares = (abs(slope * (node._value or 0.0)) for node, slope in adjoints(root, inner=False).items())
    return _EPSILON * math.fsum(share for share in shares if math.isfinite(share))


class _Line:
    """The root as a function of one node, all else held."""

    def __init__(self, root: Node, node: Node, noise: float) -> None:
        self._root, self._node, self._noise = root, node, noise
        self._kinks = [(inner, kink) for inner in order(root) for kink in _kinks(inner)]
        self._outputs = list(dict.fromkeys([root, *(arg for inner, _ in self._kinks for arg in inner.args)]))
        self._at = node._value or 0.0
        self._here = self._probe(self._at)
        self._crossed: tuple[Node, Kink] | None = None

    def slope(self) -> Estimate:
        best = _extrapolate(self._central, self._at, 4.0)
        if best is not None:
            return best
        left, right = (_extrapolate(self._one_sided(side), self._at, 2.0) for side in (-1.0, +1.0))
        if left is None or right is None:
            return Estimate(math.nan, math.inf, self._edge() or self._culprit())
        if abs(left.value - right.value) <= left.error + right.error + 1e-6 * abs(left.value + right.value):
            return left if left.error < right.error else right
        return Estimate(
            math.nan, math.inf, f"{self._culprit()}, slope {number(left.value)} below, {number(right.value)} above"
        )

    def _probe(self, at: float) -> tuple[float, list[float]]:
        numbers = dict(zip(self._outputs, evaluate(self._outputs, {self._node: at}), strict=True))
        gaps = [float(gap.gap(*(numbers[arg] for arg in inner.args))) for inner, gap in self._kinks]
        return numbers[self._root], gaps

    def _central(self, step: float) -> tuple[float, float] | None:
        above, below = self._at + step, self._at - step
        (high, gaps_above), (low, gaps_below) = self._probe(above), self._probe(below)
        if not (math.isfinite(high) and math.isfinite(low)):
            return None
        here, gaps = self._here
        for kink, *beside in zip(self._kinks, gaps_below, gaps, gaps_above, strict=True):
            if len({math.copysign(1.0, gap) if gap else 0.0 for gap in beside}) > 1:
                self._crossed = kink
                return None
        width = above - below
        curvature = 4.0 * abs(high - 2.0 * here + low) / width / width  # the stencil may be off-centre by rounding
        return (high - low) / width, self._noise_at(high, low) / width + curvature * _EPSILON * abs(self._at)

    def _one_sided(self, side: float) -> _Quotient:
        def quotient(step: float) -> tuple[float, float] | None:
            end = self._at + side * step
            value, _ = self._probe(end)
            if not math.isfinite(value):
                return None
            width, here = end - self._at, self._here[0]
            return (value - here) / width, self._noise_at(value, here) / abs(width)

        return quotient

    def _noise_at(self, *values: float) -> float:
        return 2.0 * self._noise + _EPSILON * max(map(abs, values)) + _SMALLEST

    # --- in words --------------------------------------------------------------------------------------------------

    def _name(self, node: Node) -> str:
        return text_name(labels(self._root)[node])

    def _formula(self, node: Node) -> str:
        return formula(node, labels(self._root), lambda inner: inner.name is not None)

    def _culprit(self) -> str:
        if self._crossed is None:
            return "rounding hides the slope: the differences do not settle"
        node, kink = self._crossed
        text = self._formula(node)
        return f"at the kink of {text} (convention: {kink.convention})" if kink.convention else f"where {text} switches"

    def _edge(self) -> str:
        """Which op has no finite value just beside the present one."""
        nodes = order(self._root)
        step = max(abs(self._at), 1.0) * 2.0**-20
        for at in (self._at - step, self._at + step):
            for node, value in zip(nodes, evaluate(nodes, {self._node: at}), strict=True):
                if not math.isfinite(value):
                    where = f"{self._formula(node)} = {number(value)} where {self._name(self._node)} = {number(at)}"
                    return f"at the edge of a domain: {where}"
        return ""


def _kinks(node: Node) -> Sequence[Kink]:
    """Where an op has no unique slope; a comparison jumps where its two sides meet."""
    return (Kink("", lambda u, v: u - v),) if node.op.name in COMPARISONS else node.op.kinks


def _extrapolate(quotient: _Quotient, at: float, base: float) -> Estimate | None:
    """The limit at step 0 of a quotient whose error goes like step² + step⁴ + … (base 4) or step + step² + … (base 2).

    Steps begin at the scale of 1; at the node's own scale where none of those can be made: log x at 1e-300.
    """
    own = () if 2.0**-_HALVINGS < abs(at) < 2.0**_HALVINGS else (0.25 * abs(at),)
    for start in (0.25, *own):
        steps = [step for k in range(_HALVINGS) if at + (step := start * 2.0**-k) != at]
        rows = list(_tableau(quotient, steps, base))
        scale = max((abs(row.value) for row in rows[:1]), default=0.0)
        # A wide step may meet another period of the function, and agree with its neighbour by accident; narrower steps
        # then contradict it.
        sound = [
            row
            for place, row in enumerate(rows)
            if row.spread <= _SETTLED * max(scale, abs(row.value))
            and all(abs(row.value - later.value) <= row.error + later.error for later in rows[place + 1 :])
        ]
        if rows:
            best = min(sound, key=lambda row: row.error, default=None)
            return best and Estimate(best.value, best.error)
    return None


class _Row(NamedTuple):
    value: float
    error: float
    spread: float


def _tableau(quotient: _Quotient, steps: Sequence[float], base: float) -> Iterator[_Row]:
    """Richardson's tableau row by row, of each row the entry that seems best."""
    older: list[float] = []
    for step in steps:
        measured = quotient(step)
        if measured is None:
            older = []
            continue
        slope, noise = measured
        newer, spreads = [slope], [math.inf]
        for column, before in enumerate(older[:_COLUMNS]):
            newer.append(newer[column] + (newer[column] - before) / (base ** (column + 1) - 1.0))
            spreads.append(max(abs(newer[-1] - newer[-2]), abs(newer[-1] - before)))
        if older:
            spread = min(spreads)
            yield _Row(newer[spreads.index(spread)], _SAFETY * spread + 2.0 * noise, spread)
        older = newer
