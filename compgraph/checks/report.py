"""Reverse mode against central differences: a report as plain data, and its text."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..codegen.printer import number
from ..graph import inputs, labels
from ..reverse import adjoints, events, targets
from .numeric import Estimate, central_differences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..node import Node

__all__ = ["Report", "Row", "agreeing_digits", "check"]

Verdict = Literal["agrees", "differs", "no verdict"]

_EPSILON = sys.float_info.epsilon
_RESOLVED = 1e-4  # a difference known to fewer than four digits can neither accuse nor acquit


@dataclass(frozen=True, slots=True)
class Row:
    """One gradient, computed two ways.

    Attributes:
        name: What the node is called.
        reverse: ∂root/∂node from reverse mode.
        central: The same from central differences; nan where there is none.
        error: How far off the central difference may be.
        digits: In how many significant digits the two agree, 0 to 16.
        verdict: "agrees", "differs" or "no verdict".
        reason: Why there is no verdict; empty otherwise.
    """

    name: str
    reverse: float
    central: float
    error: float
    digits: int
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The gradients of one root, each computed two ways; true if every one agrees.

    Attributes:
        root: What the root is called.
        rows: One :class:`Row` per node.
    """

    root: str
    rows: tuple[Row, ...]

    def __bool__(self) -> bool:
        return all(row.verdict == "agrees" for row in self.rows)

    @property
    def differing(self) -> tuple[Row, ...]:
        """The rows in which the two ways contradict each other."""
        return tuple(row for row in self.rows if row.verdict == "differs")

    def __str__(self) -> str:
        return _text(self)


def check(root: Node, wrt: Sequence[Node | str] | None = None) -> Report:
    """Compare every gradient with central differences; changes no value and no gradient of the graph.

    Args:
        root: A Node whose inputs all have values.
        wrt: Nodes or their names, inner ones too; all inputs if left out.

    Returns:
        A :class:`Report`. At a kink, at the edge of a domain, and where rounding hides the difference, the verdict is
        "no verdict" with the reason: a right gradient is not accused, a wrong one not acquitted.

    Raises:
        MissingValueError: An input has no value yet.
        UnknownNameError: No node has this name.

    Warns:
        NonFiniteWarning: The root is inf or nan; there is no verdict then.

    >>> from compgraph.node import Node
    >>> x = Node(3.0, "x")
    >>> bool(check(x**2)), [row.verdict for row in check(abs(x - 3)).rows]
    (True, ['no verdict'])
    """
    estimates = central_differences(root, wrt)
    nodes = inputs(root) if wrt is None else targets((root,), list(wrt))[0]
    slopes = adjoints(root)
    paths: dict[Node, float] = {root: 1.0}  # Σ over paths of |product of partials|: what rounding can leave behind
    for event in events(root):
        arg = event.node.args[event.index]
        paths[arg] = paths.get(arg, 0.0) + abs(event.partial * paths[event.node])
    names = labels(root)
    rows = (
        _row(
            names.get(node, node.name or "?"),
            slopes.get(node, 0.0),
            estimates[node],
            _rounding(paths.get(node, abs(slopes.get(node, 0.0)))),
        )
        for node in nodes
    )
    return Report(names[root], tuple(rows))


def agreeing_digits(a: float, b: float) -> int:
    """In how many significant digits two numbers agree, 0 to 16.

    >>> agreeing_digits(3.14159, 3.14160), agreeing_digits(2.0, 2.0), agreeing_digits(1.0, -1.0)
    (5, 16, 0)
    """
    if a == b:
        return 16
    scale, gap = max(abs(a), abs(b)), abs(a - b)
    return max(0, min(16, math.floor(math.log10(scale / gap)))) if math.isfinite(gap) else 0


def _rounding(paths: float) -> float:
    return 8.0 * (_EPSILON * paths + math.ulp(0.0)) if math.isfinite(paths) else 0.0


def _row(name: str, reverse: float, estimate: Estimate, rounding: float) -> Row:
    digits = agreeing_digits(reverse, estimate.value)
    verdict, reason = _judge(reverse, estimate, rounding)
    return Row(name, reverse, estimate.value, estimate.error, digits, verdict, reason)


def _judge(reverse: float, estimate: Estimate, rounding: float) -> tuple[Verdict, str]:
    if estimate.reason:
        return "no verdict", estimate.reason
    if not math.isfinite(reverse):
        return "differs", ""
    margin = estimate.error + rounding
    if abs(reverse - estimate.value) > margin:
        return "differs", ""
    if margin <= _RESOLVED * max(abs(reverse), abs(estimate.value)) or reverse == 0.0:
        return "agrees", ""
    return "no verdict", f"rounding hides differences below {number(float(f'{margin:.1g}'))}"


def _text(report: Report) -> str:
    head = ("", "reverse mode", "central difference", "digits", "verdict")
    table = [head] + [
        (
            f"d{report.root}/d{row.name}",
            number(row.reverse, 12),
            "none" if math.isnan(row.central) else number(row.central, 12),
            "" if math.isnan(row.central) else str(row.digits),
            row.verdict + (f": {row.reason}" if row.reason else ""),
        )
        for row in report.rows
    ]
    widths = [max(len(cells[column]) for cells in table) for column in range(len(head) - 1)]
    lines = [
        "  ".join([cells[0].ljust(widths[0]), *map(str.rjust, cells[1:4], widths[1:]), cells[4]]).rstrip()
        for cells in table
    ]
    return "\n".join([*lines, "", _summary(report)])


def _summary(report: Report) -> str:
    count = {verdict: sum(row.verdict == verdict for row in report.rows) for verdict in ("agrees", "differs")}
    parts = [f"{count['agrees']} of {len(report.rows)} gradients agree with central differences"]
    if count["differs"]:
        parts.append(f"{count['differs']} {'differs' if count['differs'] == 1 else 'differ'}")
    rest = len(report.rows) - sum(count.values())
    if rest:
        parts.append(f"{rest} without verdict")
    return ", ".join(parts) + "."
