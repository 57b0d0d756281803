"""A report on gradients as text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..codegen.printer import number, text_name
from .report import WAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .report import Report, Row

__all__ = ["cells", "head", "report_text", "summary", "taylor_words"]

_SHORT = {"forward mode": "forward", "gradient graph": "graph", "central difference": "central",
          "complex step": "complex", "exact": "exact"}  # fmt: skip


def head() -> tuple[str, ...]:
    """The columns: the gradient, its number, the digits in which each other way agrees, the verdict."""
    return ("", "reverse mode", *(_SHORT[way] for way in WAYS), "verdict")


def cells(root: str, row: Row) -> tuple[str, ...]:
    """One line of the table; a dash where a way has no answer."""
    digits = (row.digits(way) for way in WAYS)
    shown = ("−" if count is None else str(count) for count in digits)
    return (f"d{text_name(root)}/d{text_name(row.name)}", number(row.reverse, 12), *shown, row.verdict)


def report_text(report: Report) -> str:
    """The table, the reasons, and what was looked at."""
    table = [head(), *(cells(report.root, row) for row in report.rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]) - 1)]
    lines = [_line(line, widths) for line in table]
    reasons = [f"  d{text_name(report.root)}/d{text_name(row.name)}: {row.reason}" for row in report.rows if row.reason]
    if reasons:
        lines += ["", *dict.fromkeys(reasons)]
    return "\n".join([*lines, "", summary(report), *_small_print(report)])


def _line(line: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:-1], widths[1:]), line[-1]]).rstrip()


def summary(report: Report) -> str:
    """How many gradients agree, and what the others do."""
    count = {verdict: sum(row.verdict == verdict for row in report.rows)
             for verdict in ("agrees", "differs", "loses digits", "no verdict")}  # fmt: skip
    parts = [f"{count['agrees']} of {len(report.rows)} gradients agree"]
    if count["differs"]:
        parts.append(f"{count['differs']} {'differs' if count['differs'] == 1 else 'differ'}")
    if count["loses digits"]:
        parts.append(f"{count['loses digits']} {'loses' if count['loses digits'] == 1 else 'lose'} digits")
    if count["no verdict"]:
        parts.append(f"{count['no verdict']} without verdict")
    return ", ".join(parts) + "."


def _small_print(report: Report) -> list[str]:
    if not report.partials:
        return []
    few = "1 partial held against the values of its op"
    many = f"{report.looked_at} partials held against the values of their ops"
    some = f"{report.looked_at} of {report.partials} partials held against the values of their ops"
    looked = some if report.looked_at < report.partials else few if report.looked_at == 1 else many
    columns = "The columns say in how many digits each way agrees."
    return [f"{columns} {looked}. Taylor: {taylor_words(report.taylor)}."]


def taylor_words(order: float) -> str:
    """The order of the remainder; 2 is what a right gradient has.

    >>> taylor_words(2.001), taylor_words(math.inf)
    ('order 2.0', 'none')
    """
    if math.isnan(order):
        return "not to be seen"
    return "none" if math.isinf(order) else f"order {order:.1f}"
