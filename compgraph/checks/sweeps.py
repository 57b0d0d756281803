"""Ways to compute a gradient that need no oracle: forward mode, gradient graph, complex steps, Taylor's remainder.

Each answers for single nodes with a float, or nan where it has nothing to say.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

from ..bypass import bypassed
from ..enclosed import UNSUITED
from ..forward import Dual, jvp
from ..graph import evaluate, order, peek
from ..reverse import grad

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..node import Node

__all__ = ["by_complex_step", "by_forward_mode", "by_gradient_graph", "direction", "taylor_order"]

_COMPLEX_STEP = 2.0**-300  # of the argument's own size: its square vanishes beside 1
_STEPS = range(-3, -26, -3)  # exponents of Taylor's steps; and where a sweep takes long:
_FEW_STEPS, _LONG = range(-4, -20, -5), 10_000


def by_forward_mode(root: Node, nodes: Sequence[Node]) -> dict[Node, float]:
    """∂root/∂node, each by a sweep of its own from the inputs up."""
    inner = bypassed(root)
    return {node: _by_jvp(root, node) if node in inner else along(root, {node: 1.0}) for node in nodes}


def along(root: Node, tangents: Mapping[Node, float]) -> float:
    """The derivative of the root along a direction, by dual floats."""
    moving = {node: Dual(node._value, tangent) for node, tangent in tangents.items()}
    try:
        (answer,) = evaluate([root], moving)
    except UNSUITED:
        return math.nan
    return float(answer.tangent) if isinstance(answer, Dual) and answer.tangent is not None else 0.0


def _by_jvp(root: Node, node: Node) -> float:
    slope = peek(jvp(root, {node: 1.0})[1])
    return math.nan if slope is None else slope


def by_gradient_graph(root: Node, nodes: Sequence[Node]) -> dict[Node, float]:
    """∂root/∂node as the value of the graph that :func:`compgraph.grad` records; empty where a partial records none."""
    try:
        values = [peek(gradient) for gradient in grad(root, list(nodes))]
    except UNSUITED:
        return {}
    return {node: math.nan if value is None else value for node, value in zip(nodes, values, strict=True)}


def by_complex_step(root: Node, nodes: Sequence[Node]) -> dict[Node, float]:
    """Im f(x + ih)/h: no difference, so no cancellation; nan where an op does not continue to complex numbers.

    W. Squire & G. Trapp, Using complex variables to estimate derivatives of real functions, SIAM Review 40 (1998).
    """
    inner = bypassed(root)
    value = peek(root) or 0.0
    return {node: math.nan if node in inner else _complex_slope(root, node, value) for node in nodes}


def _complex_slope(root: Node, node: Node, value: float) -> float:
    at = node._value or 0.0
    step = math.ldexp(1.0, math.frexp(at or 1.0)[1]) * _COMPLEX_STEP
    if step < sys.float_info.min:
        return math.nan
    try:
        (answer,) = evaluate([root], {node: complex(at, step)})
        number = complex(answer)
    except (*UNSUITED, OverflowError):
        return math.nan
    is_continued = abs(number.real - value) <= 1e-9 * abs(value) + sys.float_info.min
    return number.imag / step if is_continued else math.nan


def direction(nodes: Sequence[Node]) -> dict[Node, float]:
    """A direction in which every node moves, at its own scale: signs and sizes by the golden ratio, the same each time.

    >>> from compgraph.node import Node
    >>> [round(step, 3) for step in direction([Node(1.0), Node(-4.0)]).values()]
    [0.809, -2.472]
    """
    steps: dict[Node, float] = {}
    phase = 0.0
    for node in nodes:
        phase = (phase + 0.6180339887498949) % 1.0
        at = abs(node._value or 0.0)
        steps[node] = (0.5 + 0.5 * phase) * (at or 1.0) * (1.0 if phase >= 0.5 else -1.0)
    return steps


def taylor_order(root: Node, gradients: Mapping[Node, float]) -> float:
    """How fast |f(x + t·d) − f(x) − t·g·d| falls with t: 2 where the gradient is right, 1 where it is wrong.

    The slope of the remainder's logarithm over that of t, by least squares, over those steps at which the remainder is
    above rounding; infinite where it is below everywhere, as that of a linear function is; nan where nothing is finite.
    """
    here = peek(root)
    steps = direction(list(gradients))
    along_it = math.fsum(gradients[node] * step for node, step in steps.items())
    if here is None or not math.isfinite(here + along_it):
        return math.nan
    points = []
    nodes = order(root)
    for exponent in _STEPS if len(nodes) < _LONG else _FEW_STEPS:
        length = 2.0**exponent
        there = _value_at(nodes, {node: (node._value or 0.0) + length * step for node, step in steps.items()})
        remainder = abs(there - here - length * along_it)
        noise = 64 * sys.float_info.epsilon * (abs(here) + length * abs(along_it))
        if math.isfinite(remainder) and remainder > noise:
            points.append((math.log(length), math.log(remainder)))
    if len(points) < 3:
        return math.inf if not points else math.nan
    points = points[-6:]
    middle = [math.fsum(axis) / len(points) for axis in zip(*points, strict=True)]
    spread = math.fsum((t - middle[0]) ** 2 for t, _ in points)
    return math.fsum((t - middle[0]) * (r - middle[1]) for t, r in points) / spread


def _value_at(nodes: Sequence[Node], values: dict[Node, float]) -> float:
    """The last node's value, on floats, where some inputs have other values: filled in by the way."""
    for node in nodes:
        if node.args:
            values[node] = node.op.on_floats(*[values[arg] for arg in node.args])
        elif node not in values:
            values[node] = math.nan if node._value is None else node._value
    return values[nodes[-1]]
