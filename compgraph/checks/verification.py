"""verify: every gradient computed several independent ways, a verdict, and the reason where they part.

What decides, in this order:

1. Each op on the way is looked at alone, at its actual arguments: is the formula of its partial the slope of its own
   values, at hundreds of bits (certificates.py)? This needs no step size, and knows kinks, edges and scales.
2. With these rules right, enclosures (:func:`compgraph.exact`) give the true gradient; what floats lose is told apart
   from what the inputs themselves do not determine.
3. Forward mode sums the same partials in another order, the gradient graph records them, central differences and
   complex steps know nothing of them. They are shown, and decide where enclosures cannot.

In a graph of more than 4000 different operations, 1. looks at 64 of each op: a partial wrong only at arguments that are
not among these passes. Beyond 4000 nodes there are no enclosures, and what takes a sweep for each input is left out;
forward mode then goes along one direction in which every input moves. All is linear in the nodes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..codegen.printer import formula, number, text_name
from ..enclosure import Undecided
from ..graph import inputs, labels, order
from ..node import Node
from ..nonfinite import value_fault
from ..reverse import adjoints, targets
from .evidence import gather
from .numeric import Estimate
from .report import Report, Row, agreeing_digits
from .sweeps import taylor_order

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..nonfinite import Fault
    from .certificates import Certificate
    from .evidence import Evidence
    from .report import Kind, Verdict

    Judgement = tuple[Verdict, Kind, str]
    Remarkable = Sequence[tuple[Node, Certificate]]

__all__ = ["verify"]

_RIGHT = 2.0**-30  # a gradient off by less has lost nothing worth a word
_FAINT = 1e-290
_RESOLVED = 1e-4  # a difference known to fewer than four digits can neither accuse nor acquit


def verify(root: Node, wrt: Any = None) -> Report:
    """Check every gradient several independent ways; changes no value and no gradient of the graph.

    Args:
        root: A Node whose inputs all have values.
        wrt: A Node or a name, a sequence of them, inner ones too; all inputs if left out.

    Returns:
        A :class:`Report`, true where every gradient agrees. A wrong gradient "differs", and the reason names the op
        whose partial is wrong; a right one is not accused at a kink (its slope there is held against those of the two
        sides), at the edge of a domain, or because finite differences lose digits; one that floats lose digits of
        "loses digits"; where the root has no finite value there is "no verdict".

    Raises:
        GraphTypeError: The root is not a Node.
        MissingValueError: An input has no value yet.
        UnknownNameError: No node has this name.

    Warns:
        NonFiniteWarning: The root is inf or nan.

    >>> x = Node(3.0, "x")
    >>> bool(verify(x**2)), verify(abs(x - 3)).rows[0].reason
    (True, 'at a kink: abs′(0) = 0, between the slopes −1 and 1 of its sides')
    """
    nodes = _targets(root, wrt)
    below = labels(root)
    names = {node: below.get(node, node.name or "?") for node in nodes} | below
    value = root.value
    slopes = adjoints(root)
    fault = None if math.isfinite(value) else value_fault(root, lambda node: _spelled(node, names))
    if fault is not None:
        return Report(names[root], tuple(_outside(fault, node, slopes.get(node, 0.0), names) for node in nodes))
    evidence = gather(root, nodes, slopes)
    wrong = {str(found): found for _, found in evidence.certificates if found.verdict == "wrong"}
    return Report(
        names[root],
        tuple(_row(evidence, node, names) for node in nodes),
        tuple(wrong.values()),
        len(evidence.certificates),
        evidence.partials,
        taylor_order(root, {node: slopes.get(node, 0.0) for node in inputs(root)}),
    )


def _targets(root: Node, wrt: Any) -> list[Node]:
    order(root)  # says what is wrong with a root that is none
    if wrt is None:
        return list(inputs(root))
    return targets((root,), [wrt] if isinstance(wrt, (Node, str)) else list(wrt))[0]


def _outside(fault: Fault, node: Node, reverse: float, names: Mapping[Node, str]) -> Row:
    where = f"{text_name(names.get(fault.node, fault.node.op.name))} = {number(fault.number)}: {fault.why}"
    return Row(names[node], reverse, verdict="no verdict", kind="outside", reason=f"outside the domain: {where}")


def _row(evidence: Evidence, node: Node, names: Mapping[Node, str]) -> Row:
    estimate = evidence.central.get(node, Estimate(math.nan, math.inf))
    answer = evidence.exact.get(node, math.nan)
    verdict, kind, reason = _judge(evidence, node, names)
    return Row(
        names[node],
        evidence.slopes.get(node, 0.0),
        evidence.forward.get(node, math.nan),
        evidence.graph.get(node, math.nan),
        estimate.value,
        estimate.error,
        evidence.complex_step.get(node, math.nan),
        math.nan if isinstance(answer, Undecided) else answer,
        verdict,
        kind,
        reason,
    )


# --- verdicts ------------------------------------------------------------------------------------------------------


def _judge(evidence: Evidence, node: Node, names: Mapping[Node, str]) -> Judgement:
    remarkable = evidence.remarkable(node)
    for at, found in remarkable:
        if found.verdict == "wrong":
            return "differs", "wrong rule", f"wrong rule in op {found.op.name}, in {_spelled(at, names)}: {found}"
    if evidence.twin_error:
        return "differs", "wrong twin", evidence.twin_error
    answer = evidence.exact.get(node, math.nan)
    if isinstance(answer, Undecided) or math.isnan(answer):
        return _without_truth(evidence, node, remarkable)
    return _against_truth(evidence, node, answer, remarkable, names)


def _spelled(node: Node, names: Mapping[Node, str]) -> str:
    return formula(node, names, lambda inner: inner.name is not None, twin=node.typed is not None)


def _against_truth(
    evidence: Evidence, node: Node, truth: float, remarkable: Remarkable, names: Mapping[Node, str]
) -> Judgement:
    reverse = evidence.slopes.get(node, 0.0)
    if not math.isfinite(truth):
        if reverse == truth:
            return "agrees", "edge", "at the edge of a domain: a slope is infinite there"
        return "no verdict", "edge", f"at the edge of a domain: the slope is {number(truth)}, not {number(reverse)}"
    if abs(reverse - truth) <= _RIGHT * abs(truth) + _FAINT:
        return _agreement(evidence, node, remarkable)
    tie = evidence.tie()
    if tie is not None:
        side = f"rounding decides on which side of its kink {_spelled(tie, names)} is"
        return "agrees", "kink", f"kink or tie within reach: {side}"
    if not evidence.modes_agree(node) and not evidence.fades():
        return "differs", "wrong sweep", _modes(evidence, node)
    if abs(reverse - truth) <= evidence.moved_by_an_ulp(node):
        return "agrees", "lost digits", "ill-conditioned: the last digits of the inputs move it as far as it is off"
    return "loses digits", "lost digits", _loss(reverse, truth, remarkable)


def _loss(reverse: float, truth: float, remarkable: Remarkable) -> str:
    kept = agreeing_digits(reverse, truth)
    text = f"rounding leaves {kept} right digits of {number(truth, 17)}"
    found = next((found for _, found in remarkable if found.verdict == "rounded"), None)
    return (
        f"{text}; the partial of op {found.op.name} loses them: {found}" if found else f"{text}; precision says where"
    )


def _without_truth(evidence: Evidence, node: Node, remarkable: Remarkable) -> Judgement:
    reverse = evidence.slopes.get(node, 0.0)
    if not math.isfinite(reverse):
        edge = next((found.place for _, found in remarkable if found.where != "smooth"), "")
        return "no verdict", "edge", f"at the edge of a domain: {edge}" if edge else "in floats it is not finite"
    if not evidence.modes_agree(node) and not evidence.fades():
        return "differs", "wrong sweep", _modes(evidence, node)
    rounded = next((found for _, found in remarkable if found.verdict == "rounded"), None)
    if rounded is not None:
        return "loses digits", "lost digits", f"the partial of op {rounded.op.name} loses digits in floats: {rounded}"
    if all(found.verdict == "right" for _, found in remarkable):
        return _agreement(evidence, node, remarkable)
    estimate = evidence.central.get(node)
    if estimate is None or estimate.reason:
        return "no verdict", "undecided", estimate.reason if estimate else "too large for enclosures and differences"
    margin = estimate.error + evidence.rounding(node)
    if abs(reverse - estimate.value) > margin:
        return "differs", "wrong rule", f"central differences give {number(estimate.value)} ± {number(estimate.error)}"
    if margin <= _RESOLVED * max(abs(reverse), abs(estimate.value)) or reverse == 0.0:
        return "agrees", "", ""
    return "no verdict", "undecided", f"rounding hides differences below {number(float(f'{margin:.1g}'))}"


def _modes(evidence: Evidence, node: Node) -> str:
    reverse, forward = evidence.slopes.get(node, 0.0), evidence.forward.get(node)
    other = "along one direction" if forward is None else f"gives {number(forward, 17)}"
    return f"the partials are right, but not their sum: reverse mode gives {number(reverse, 17)}, forward mode {other}"


def _agreement(evidence: Evidence, node: Node, remarkable: Remarkable) -> Judgement:
    """It is right: what there is to say of it all the same."""
    for _, found in remarkable:
        if found.where == "kink" and found.low != found.high:
            sides = f"between the slopes {number(found.low)} and {number(found.high)} of its sides"
            return "agrees", "kink", f"at a kink: {found.convention or found.place}, {sides}"
        if found.where == "edge":
            return "agrees", "edge", f"at the edge of a domain: {found.place} has values on one side only"
    estimate = evidence.central.get(node)
    if estimate is None:
        return "agrees", "", ""
    if estimate.reason:
        return "agrees", "cancellation", f"no finite difference: {estimate.reason}"
    reverse = evidence.slopes.get(node, 0.0)
    digits = agreeing_digits(reverse, estimate.value)
    if abs(reverse - estimate.value) > estimate.error + evidence.rounding(node) or digits < 4:
        return "agrees", "cancellation", f"finite differences cancel, and keep {digits} digits; the gradient is right"
    return "agrees", "", ""
