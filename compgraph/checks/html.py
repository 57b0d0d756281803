"""A report on gradients as a fragment of a page: a table, light and dark, that no name can break."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from .text import cells, head, summary, taylor_words

if TYPE_CHECKING:
    from .report import Report

__all__ = ["report_html"]

_MARKS = {"agrees": "✓", "differs": "✗", "loses digits": "≈", "no verdict": "?"}
_STYLE = (
    ".cg-report{font:14px/1.5 system-ui,sans-serif;color:#0f172a;background:#fff;padding:.5em;overflow-x:auto}"
    ".cg-report table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    ".cg-report td,.cg-report th{padding:.2em .7em;text-align:right;border-bottom:1px solid #cbd5e1}"
    ".cg-report td:first-child,.cg-report td:last-child,.cg-report th:last-child{text-align:left}"
    ".cg-report .agrees{color:#15803d}.cg-report .differs{color:#b91c1c}.cg-report .loses,.cg-report .no{color:#a16207}"
    ".cg-report .why{white-space:normal;max-width:60em;color:#475569}"
    "@media (prefers-color-scheme:dark){.cg-report{color:#f1f5f9;background:#0f172a}"
    ".cg-report td,.cg-report th{border-color:#475569}.cg-report .agrees{color:#4ade80}"
    ".cg-report .differs{color:#fb8585}.cg-report .loses,.cg-report .no{color:#facc15}"
    ".cg-report .why{color:#a3b1c6}}"
)


def report_html(report: Report) -> str:
    """The table, a reason below the line it is of, and the summary."""
    columns = "".join(f"<th>{escape(column)}</th>" for column in head())
    lines = []
    for row in report.rows:
        *numbers, verdict = cells(report.root, row)
        kind = verdict.partition(" ")[0]
        shown = "".join(f"<td>{escape(number)}</td>" for number in numbers)
        lines.append(f'<tr>{shown}<td class="{kind}">{_MARKS[verdict]} {escape(verdict)}</td></tr>')
        if row.reason:
            lines.append(f'<tr><td></td><td class="why" colspan="{len(numbers)}">{escape(row.reason)}</td></tr>')
    foot = f"{summary(report)} Taylor remainder: {taylor_words(report.taylor)}."
    table = f"<table><thead><tr>{columns}</tr></thead><tbody>\n" + "\n".join(lines) + "\n</tbody></table>"
    return f'<div class="cg-report"><style>{_STYLE}</style>\n{table}\n<p>{escape(foot)}</p></div>'
