"""inf and nan: where they began, from what, and what to write instead."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .errors import NonFiniteWarning, warn
from .graph import labels, number, order
from .ops import CONSTANT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .node import Node

__all__ = ["first_nonfinite", "warn_nonfinite", "warn_nonfinite_gradient"]


def first_nonfinite(nodes: Iterable[Node]) -> Node | None:
    """The first of some nodes in order whose value is inf or nan."""
    return next((node for node in nodes if node._value is not None and not math.isfinite(node._value)), None)


def warn_nonfinite(root: Node) -> None:
    """Warn that a value below the root, or its own, is not finite: where it began, from what, what to do."""
    nodes = order(root)
    culprit = first_nonfinite(nodes)
    if culprit is None:
        return
    names = labels(root)
    value = _shown(culprit, 17)
    if not culprit.args:
        where, cure = f"the {culprit.op.name} {names[culprit]} is {value}", "give it a finite value"
    else:
        read = ", ".join(f"{names[arg]} = {_shown(arg)}" for arg in culprit.args if arg.op is not CONSTANT)
        formula = culprit.op.text.format(*(names[arg] for arg in culprit.args))
        where, cure = f"{names[culprit]} = {formula} = {value}" + (f", from {read}" if read else ""), _cure(culprit)
    head = "" if culprit is root else f"{names[root]} = {_shown(root)}; the first node that is not finite: "
    warn(f"{head}{where}; {cure}", NonFiniteWarning)


def _shown(node: Node, digits: int = 6) -> str:
    return "?" if node._value is None else number(node._value, digits)


def _cure(node: Node) -> str:
    """What to write instead, from the op's own domain."""
    undefined = node._value != node._value
    for parameter, interval, arg in zip(node.op.parameters, node.op.domain, node.args, strict=True):
        pole = arg._value in {interval.low, interval.high}
        if arg._value is not None and arg._value not in interval and (undefined or pole):
            return f"{node.op.name} is defined for {parameter} in {interval!r}: keep {parameter} inside"
    if node.op.name == "div" and node.args[1]._value == 0:
        return "the divisor is 0: keep it away from 0, or guard both arms with where(…)"
    return "the result is beyond the range of floats (about 1.8e308): scale the inputs, or use a form such as softplus"


def warn_nonfinite_gradient(root: Node, adjoints: Mapping[Node, float] | None = None) -> None:
    """Warn that the root or a gradient below it is not finite: where that began, through what, what to do.

    Args:
        root: What was differentiated.
        adjoints: ∂root/∂node; what the nodes have as ``.grad`` if left out.
    """
    if root._value is not None and not math.isfinite(root._value):
        warn_nonfinite(root)
        return
    nodes = order(root)
    gradients = {node: node._grad for node in nodes} if adjoints is None else adjoints
    culprit = next((node for node in reversed(nodes) if not math.isfinite(gradients.get(node) or 0.0)), None)
    if culprit is not None:
        names = labels(root)
        users = [node for node in nodes if culprit in node.args and gradients.get(node)]
        through = ", ".join(names[node] + " = " + node.op.text.format(*(names[a] for a in node.args)) for node in users)
        warn(
            f"d{names[root]}/d{names[culprit]} = {number(gradients[culprit] or 0.0)}, through {through}; "
            "a slope there is infinite or beyond the range of floats: keep its argument away from that point",
            NonFiniteWarning,
        )
