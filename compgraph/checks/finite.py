"""Whether values and gradients are finite: a report as plain data, and its text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..codegen.printer import formula, number, text_name
from ..graph import labels, order, peek, refresh, typed_form
from ..nonfinite import gradient_fault, value_fault
from ..reverse import adjoints
from .anew import recorded_anew
from .assignments import line_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..node import Node
    from ..nonfinite import Fault

__all__ = ["Finiteness", "first_nonfinite"]


@dataclass(frozen=True, slots=True)
class Finiteness:
    """What :func:`first_nonfinite` found; true where every value and every gradient is finite.

    Attributes:
        root: What the root is called.
        direction: "forward" for a value, "backward" for a gradient; empty where all is finite, as is all below.
        node: What the node is called where it began; ``v3`` for one without a name, counted as in every print.
        formula: What was typed there; for a gradient, in the nodes it came through: ``L = √(x)``.
        value: inf or nan; 0 where all is finite.
        inputs: The names and values of what is read there.
        line: The user's own line that typed it, "file:line: source"; where that is not found, the line that asked.
        why: Why it is not finite.
        instead: What to write instead.
    """

    root: str
    direction: Literal["", "forward", "backward"] = ""
    node: str = ""
    formula: str = ""
    value: float = 0.0
    inputs: tuple[tuple[str, float], ...] = ()
    line: str = ""
    why: str = ""
    instead: str = ""

    def __bool__(self) -> bool:
        return not self.direction

    def __str__(self) -> str:
        return _text(self)


def first_nonfinite(root: Node) -> Finiteness:
    """The first node whose value, or else whose gradient, is inf or nan: where, why, and what to write instead.

    Values are looked at from the inputs up, gradients from the root down, those that are computed: what was typed and
    is computed by a twin may be as large as it likes. Nothing is changed, and nothing warns.

    Args:
        root: A Node whose inputs all have values.

    Returns:
        A :class:`Finiteness`: true where all is finite, and readable under ``str``.

    Raises:
        GraphTypeError: The root is not a Node.
        MissingValueError: An input has no value yet.

    >>> from compgraph.node import Node
    >>> from compgraph.ops import log, sqrt
    >>> x = Node(0.0, "x")
    >>> bool(first_nonfinite(x*x)), bool(first_nonfinite(log(x))), bool(first_nonfinite(sqrt(x)))
    (True, False, False)
    >>> report = first_nonfinite(sqrt(x))
    >>> report.direction, report.node, report.value, report.inputs
    ('backward', 'x', inf, (('x', 0.0),))
    """
    names = labels(root)
    refresh(root)

    def text_of(node: Node) -> str:
        return _formula(node, names)

    fault = value_fault(root, text_of)
    if fault is not None:
        return _report("forward", root, fault, names)
    fault = gradient_fault(root, adjoints(root, inner=False), text_of)
    return Finiteness(names[root]) if fault is None else _report("backward", root, fault, names)


def _report(
    direction: Literal["forward", "backward"], root: Node, fault: Fault, names: Mapping[Node, str]
) -> Finiteness:
    typed = ", ".join(_typed(node, names) for node in fault.through if node.args)
    return Finiteness(
        names[root],
        direction,
        names[fault.node],
        typed,
        fault.number,
        tuple((names[arg], peek(arg) or 0.0) for arg in fault.reads),
        line_of(_upwards(root, fault.through)),
        fault.why,
        _better(root, fault, names) or fault.instead,
    )


def _better(root: Node, fault: Fault, names: Mapping[Node, str]) -> str:
    """What recording with twins would make of it; empty where it was recorded with them, or they do not help."""
    found = recorded_anew(root, fault)
    if found is None:
        return ""
    typed, twin = found
    inner = labels(twin)
    by = formula(twin, inner, _has_name, twin=True)
    return f"it was recorded under as_typed(); outside, {_formula(typed, names, whole=True)} is computed as {by}"


def _formula(node: Node, names: Mapping[Node, str], *, whole: bool = False) -> str:
    """A named node by its name, unless the whole formula is asked for."""
    return text_name(node.name) if node.name and not whole else formula(node, names, _has_name)


def _has_name(node: Node) -> bool:
    return node.name is not None


def _typed(node: Node, names: Mapping[Node, str]) -> str:
    """What was typed, down to what has a name; an unnamed node by its formula alone."""
    text = _formula(node, names, whole=True)
    return f"{text_name(node.name)} = {text}" if node.name else text


def _upwards(root: Node, start: tuple[Node, ...]) -> list[Node]:
    """Some nodes, those that read them, and so on, up to the root: nearest first."""
    readers: dict[Node, list[Node]] = {}
    for node in order(root, typed=True, twins=False):
        for arg in typed_form(node)[1]:
            readers.setdefault(arg, []).append(node)
    found = dict.fromkeys(start)
    queue = list(found)
    for node in queue:  # grows as it is walked
        new = [reader for reader in dict.fromkeys(readers.get(node, ())) if reader not in found]
        found.update(dict.fromkeys(new))
        queue += new
    return queue


def _text(report: Finiteness) -> str:
    if report:
        return f"{report.root} and every value and gradient below it are finite."
    node, root, value = text_name(report.node), text_name(report.root), number(report.value)
    read = ", ".join(f"{text_name(name)} = {number(at)}" for name, at in report.inputs)
    if report.direction == "forward":
        head = f"forward: {report.formula or node} = {value}"
    else:
        head = f"backward: d{root}/d{node} = {value}, through {report.formula}"
    lines = [head + (f", at {read}" if read else ""), f"why: {report.why}", f"write instead: {report.instead}"]
    return "\n  ".join([*lines, *([f"your line: {report.line}"] if report.line else [])])
