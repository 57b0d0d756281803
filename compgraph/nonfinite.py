"""inf and nan in what is computed: where they began, as it was typed, from what, and what to write instead."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from .errors import NonFiniteWarning, warn
from .graph import labels, number, order, peek, typed_form
from .ops import CONSTANT
from .twins import twin_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .node import Node
    from .record import Op

__all__ = ["Fault", "gradient_fault", "spelled", "value_fault", "warn_nonfinite", "warn_nonfinite_gradient"]


class Fault(NamedTuple):
    """The first node whose value, or whose gradient, is not finite.

    Attributes:
        node: The node.
        number: What its value or gradient is.
        through: Where that came about: the node itself, or those that gave it its gradient.
        reads: What is read there.
        why: Why it is not finite, and
        instead: what to write instead.
    """

    node: Node
    number: float
    through: tuple[Node, ...]
    reads: tuple[Node, ...]
    why: str
    instead: str


def value_fault(root: Node, text_of: Callable[[Node], str]) -> Fault | None:
    """The first node below the root that was typed, is computed, and is inf or nan.

    What was typed and is not computed does not count, however large it would be; nor does what only twins are made of.

    Args:
        root: The root.
        text_of: How a node is written in the words of the answer.
    """
    typed = set(order(root, typed=True, twins=False))
    for node in order(root):
        value = node._value
        if node in typed and value is not None and not math.isfinite(value):
            return Fault(node, value, (node,), _reads(node), *_cause(node, text_of))
    return None


def gradient_fault(root: Node, gradients: Mapping[Node, float | None], text_of: Callable[[Node], str]) -> Fault | None:
    """The first node, from the root down, that is computed and whose gradient is inf or nan.

    Args:
        root: What was differentiated.
        gradients: ∂root/∂node; None where nothing flowed.
        text_of: How a node is written in the words of the answer.
    """
    nodes = order(root)
    typed = {node: node for node in order(root, typed=True, twins=False)}
    for node in reversed(nodes):
        gradient = gradients.get(node) or 0.0
        if node in typed and not math.isfinite(gradient):
            owners = dict(typed)
            for owner in typed:
                owners.update(dict.fromkeys(twin_parts(owner), owner))
            users = [user for user in nodes if node in user.args and gradients.get(user)]
            through = tuple(dict.fromkeys(owners[user] for user in users if user in owners))
            reads = tuple(dict.fromkeys(arg for user in through for arg in _reads(user)))
            return Fault(node, gradient, through, reads, _slope(users), _away(reads, text_of))
    return None


def warn_nonfinite(root: Node) -> None:
    """Warn that a value below the root, or its own, is not finite: where it began, from what, what to do."""
    names = labels(root)
    fault = value_fault(root, names.__getitem__)
    if fault is None:
        return
    node = fault.node
    where = f"{spelled(node, names)} = {number(fault.number)}"
    if fault.reads:
        where += f", from {', '.join(f'{names[arg]} = {_shown(arg)}' for arg in fault.reads)}"
    head = "" if node is root else f"{names[root]} = {_shown(root)}; the first node that is not finite: "
    if not node.args:
        where = f"the {node.op.name} {names[node]} is {number(fault.number)}"
        warn(f"{head}{where}; {fault.instead}", NonFiniteWarning)
    else:
        warn(f"{head}{where}; {fault.why}: {fault.instead}", NonFiniteWarning)


def warn_nonfinite_gradient(root: Node, adjoints: Mapping[Node, float] | None = None) -> None:
    """Warn that the root or a gradient below it is not finite: where that began, through what, what to do.

    The gradient of a node that twins bypass is that of the graph as typed, and may well be inf: nothing is said of it.

    Args:
        root: What was differentiated.
        adjoints: ∂root/∂node; what the nodes have as ``.grad`` if left out.
    """
    if root._value is not None and not math.isfinite(root._value):
        warn_nonfinite(root)
        return
    names = labels(root)
    gradients = {node: node._grad for node in order(root)} if adjoints is None else adjoints
    fault = gradient_fault(root, gradients, names.__getitem__)
    if fault is not None:
        through = ", ".join(spelled(node, names) for node in fault.through)
        warn(
            f"d{names[root]}/d{names[fault.node]} = {number(fault.number)}, through {through}; "
            f"{fault.why}: {fault.instead}",
            NonFiniteWarning,
        )


def spelled(node: Node, names: Mapping[Node, str]) -> str:
    """A node as it was typed, one operation deep: ``a = σ(z)``."""
    op, args = typed_form(node)
    return f"{names[node]} = {op.text.format(*(names[arg] for arg in args))}" if args else names[node]


def _reads(node: Node) -> tuple[Node, ...]:
    """What was typed and led here; where that is not finite, and bypassed, what the twin reads. Constants left out."""
    parts = twin_parts(node) or [node]
    typed = typed_form(node)[1]
    if all(math.isfinite(peek(arg) or 0.0) for arg in typed):
        return tuple(dict.fromkeys(arg for arg in typed if arg.op is not CONSTANT))
    read = (arg for part in parts for arg in part.args if arg not in parts)
    return tuple(dict.fromkeys(arg for arg in read if arg.op is not CONSTANT))


def _shown(node: Node) -> str:
    return "?" if node._value is None else number(node._value)


def _cause(node: Node, text_of: Callable[[Node], str]) -> tuple[str, str]:
    """Why a node is not finite, and what to write instead: from the domain of what was typed, or of its twin."""
    if not node.args:
        return f"the {node.op.name} is {_shown(node)}", "give it a finite value"
    steps = [typed_form(node), *((part.op, part.args) for part in reversed(twin_parts(node)))]
    for op, args in steps:
        found = _outside(op, args, text_of, undefined=node._value != node._value)
        if found is not None:
            return found
    op, args = typed_form(node)
    read = " and ".join(dict.fromkeys(text_of(arg) for arg in args if arg.op is not CONSTANT)) or "its arguments"
    if node._value != node._value:
        return f"{op.name} has no value there: infinities meet", f"keep {read} finite and apart from that point"
    return f"{op.name} leaves the range of floats there (about 1.8e308)", f"scale {read}"


def _outside(
    op: Op, args: Iterable[Node], text_of: Callable[[Node], str], *, undefined: bool
) -> tuple[str, str] | None:
    args = tuple(args)
    values = [peek(arg) for arg in args]
    for arg, interval, value in zip(args, op.domain, values, strict=True):
        pole = value is not None and math.isfinite(value) and value in {interval.low, interval.high}
        if value is not None and value not in interval and (undefined or pole):
            read = text_of(arg)
            said = "" if read == number(value) else f" = {number(value)}"
            return f"{op.name} is defined in {interval!r}, and {read}{said} is not there", f"keep {read} inside"
    if op.name == "div" and values[1] == 0:
        read = text_of(args[1])
        return "the divisor is 0", f"keep {read} away from 0, or guard both arms with where(…)"
    return None


def _away(reads: Iterable[Node], text_of: Callable[[Node], str]) -> str:
    at = " and ".join(f"{text_of(node)} away from {_shown(node)}" for node in reads)
    return f"keep {at}" if at else "keep its argument away from that point"


def _slope(users: Iterable[Node]) -> str:
    """Why a slope is not finite; with the convention that says so, where there is one."""
    kinks = [kink for user in users for kink in user.op.kinks if kink.gap(*[peek(arg) for arg in user.args]) == 0]
    said = f" ({'; '.join(dict.fromkeys(kink.convention for kink in kinks))})" if kinks else ""
    return f"a slope there is infinite or beyond the range of floats{said}"
