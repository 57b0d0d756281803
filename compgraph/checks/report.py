"""What a check of gradients found, as plain data; the printers are in text.py and html.py."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from .certificates import Certificate

__all__ = ["Kind", "Report", "Row", "Verdict", "agreeing_digits"]

Verdict = Literal["agrees", "loses digits", "differs", "no verdict"]
Kind = Literal[
    "", "wrong rule", "wrong twin", "wrong sweep", "kink", "edge", "outside", "cancellation", "lost digits", "undecided"
]

#: What each way to compute a gradient is called, and its field of a row.
WAYS = {
    "forward mode": "forward",
    "gradient graph": "graph",
    "central difference": "central",
    "complex step": "complex_step",
    "exact": "exact",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One gradient, computed several ways; nan where a way has no answer.

    Attributes:
        name: What the node is called.
        reverse: ∂root/∂node from reverse mode.
        forward: From forward mode.
        graph: From the gradient graph.
        central: From central differences, extrapolated to step 0.
        error: How far off the central difference may be.
        complex_step: From a complex step.
        exact: From enclosures: the float nearest to the truth.
        verdict: "agrees", "loses digits" (right by every rule, far off by rounding), "differs" or "no verdict".
        kind: What the reason is about; empty where there is nothing to say.
        reason: In words.
    """

    name: str
    reverse: float
    forward: float = math.nan
    graph: float = math.nan
    central: float = math.nan
    error: float = math.inf
    complex_step: float = math.nan
    exact: float = math.nan
    verdict: Verdict = "agrees"
    kind: Kind = ""
    reason: str = ""

    def digits(self, way: str) -> int | None:
        """In how many significant digits reverse mode agrees with another way, 0 to 16; None where that has no answer.

        >>> Row("x", 3.14159, central=3.14160).digits("central difference")
        5
        """
        value: float = getattr(self, WAYS[way])
        return None if math.isnan(value) else agreeing_digits(self.reverse, value)


@dataclass(frozen=True, slots=True)
class Report:
    """The gradients of one root, each computed several ways; true if every one agrees.

    Attributes:
        root: What the root is called.
        rows: One :class:`Row` per node.
        wrong: The partials that the op's own values refute.
        looked_at: How many partials were held against the op's values, of
        partials: how many different ones; fewer only in large graphs, of which 64 of each op are taken.
        taylor: The order of Taylor's remainder along one direction: 2 where the gradient is right; ∞ for a linear
            function; nan where it cannot be seen.
    """

    root: str
    rows: tuple[Row, ...]
    wrong: tuple[Certificate, ...] = field(default=())
    looked_at: int = 0
    partials: int = 0
    taylor: float = math.nan

    def __bool__(self) -> bool:
        return all(row.verdict == "agrees" for row in self.rows)

    @property
    def differing(self) -> tuple[Row, ...]:
        """The rows with a wrong gradient."""
        return tuple(row for row in self.rows if row.verdict == "differs")

    def __str__(self) -> str:
        from .text import report_text

        return report_text(self)

    @property
    def html(self) -> str:
        """The report as a fragment of a page: escaped, light and dark."""
        from .html import report_html

        return report_html(self)

    def _repr_html_(self) -> str:
        return self.html


def agreeing_digits(a: float, b: float) -> int:
    """In how many significant digits two numbers agree, 0 to 16.

    >>> agreeing_digits(3.14159, 3.14160), agreeing_digits(2.0, 2.0), agreeing_digits(1.0, -1.0)
    (5, 16, 0)
    """
    if a == b:
        return 16
    scale, gap = max(abs(a), abs(b)), abs(a - b)
    return max(0, min(16, math.floor(math.log10(scale / gap)))) if math.isfinite(gap) else 0
