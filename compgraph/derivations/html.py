"""Derivations as HTML: a fragment that needs no script, no network and no file besides. Knows steps, no nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..codegen.writing import HTML, write
from .rows import given_rows, more, parts, sections, twin_row, ways

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..codegen.formulas import Term
    from .rows import Row, Section
    from .steps import Forward, Line, Paths, Twin

__all__ = ["term_html", "to_html"]

# Colours of its own, background included: a notebook may be light where the system is dark. Narrow screens break a
# line before an equals sign. JupyterLab sets tables right-aligned, in stripes, in columns of one width and in its own
# theme's colour; where its rules select by more than ours, ours are marked as important.
_STYLE = """\
.compgraph-derivation{background:#fff;color:#1c1e21;color-scheme:light dark;border:1px solid #d9dce1;border-radius:6px;
padding:.4em .9em .7em;line-height:1.6;font-family:"STIX Two Text","Cambria Math",Cambria,"Times New Roman",serif;
font-size:1.05rem;max-width:60em;box-sizing:border-box;
overflow-wrap:anywhere;overflow-x:auto}
.compgraph-derivation table{border-collapse:collapse;table-layout:auto;width:100%;margin:0;border:0;
font-size:inherit;color:inherit}
.compgraph-derivation caption{caption-side:top;text-align:left;padding:.5em 0 .15em;color:#5c626b;
font:600 .8rem system-ui,sans-serif}
.compgraph-derivation tr{background:none!important}
.compgraph-derivation th,.compgraph-derivation td{border:0;padding:.1em .25em;vertical-align:top;
text-align:left!important;font-weight:inherit;line-height:inherit;white-space:normal}
.compgraph-derivation th[scope=row]{text-align:right!important;width:2.5em;white-space:nowrap}
.compgraph-derivation span{display:inline-block;margin-right:.35em}
.compgraph-derivation .given span{margin-right:1.2em}
.compgraph-derivation sub,.compgraph-derivation sup{font-size:.72em;line-height:0}
.compgraph-derivation b{color:#0a56a8;font-weight:600;white-space:nowrap}
.compgraph-derivation small{color:#5c626b;font:.8rem system-ui,sans-serif}
@media (prefers-color-scheme:dark){.compgraph-derivation{background:#1a1d21;color:#e8eaed;border-color:#3a3f47}
.compgraph-derivation b{color:#8ab8f5}
.compgraph-derivation caption,.compgraph-derivation small{color:#a3abb6}}"""


def to_html(
    forward: Sequence[Forward],
    backward: Sequence[Line],
    twins: Sequence[Twin] = (),
    omitted: tuple[int, int, int] = (0, 0, 0),
    paths: Paths | None = None,
) -> str:
    """The steps as a table for each section, readable down to the width of a telephone, light or dark as the reader is.

    Args:
        forward: Values, inputs first.
        backward: Gradients, from the root down.
        twins: What is computed otherwise than typed; without any there is no such section.
        omitted: How many steps of each kind were left out.
        paths: The ways from one node to the root; None where they were not asked for.

    >>> from compgraph.derivations.steps import Forward
    >>> print(to_html([Forward("w1", None, None, -0.5)], []).partition("</style>")[2])
    <BLANKLINE>
    <table><caption>forward</caption><tbody>
    <tr><td class="given" colspan="2"><span><var>w<sub>1</sub></var> = <b>−0.5</b></span></td></tr>
    </tbody></table>
    <table><caption>backward</caption><tbody>
    </tbody></table>
    </section>
    """
    of = f" of {HTML.plain(backward[0].name)}" if backward else ""
    lines = [f'<section class="compgraph-derivation" aria-label="Derivation{of}">', f"<style>{_STYLE}</style>"]
    for section in sections(forward, backward, paths, omitted):
        lines += _section(section)
    if twins:
        lines += _table("computed as", [*map(_twin, twins), *_more(omitted[2])])
    return "\n".join([*lines, "</section>"])


def term_html(term: Term) -> str:
    """A formula in HTML.

    >>> from compgraph.codegen.formulas import Apply, Letter, Number
    >>> term_html(Apply("pow", (Letter("w1"), Number(2.0))))
    '<var>w<sub>1</sub></var><sup>2</sup>'
    """
    return write(term, HTML)


def _section(section: Section) -> list[str]:
    title = section.title + ways(section, HTML.name)
    given = [
        f"<span>{term_html(name)} = {'?' if value is None else f'<b>{term_html(value)}</b>'}</span>"
        for name, value in given_rows(section)
    ]
    rows = [_wide(" ".join(given), "given")] if given else []
    for row in section.rows:
        rows += _row(row)
    return _table(title, [*rows, *_more(section.omitted)])


def _table(title: str, rows: Sequence[str]) -> list[str]:
    return [f"<table><caption>{title}</caption><tbody>", *rows, "</tbody></table>"]


def _row(row: Row) -> Iterator[str]:
    head = " → ".join(map(term_html, row.head))
    cells = [f"<span>{part}</span>" for part in _parts(row)]
    if row.notes:
        cells.append(f"<small>← {HTML.plain('; '.join(row.notes))}</small>")
    if row.sign == ":":
        yield _wide(f"{head}:", "way")
    label = "<td></td>" if row.sign == ":" else f'<th scope="row">{head}</th>'
    yield f"<tr>{label}<td>{' '.join(cells)}</td></tr>"


def _parts(row: Row) -> Iterator[str]:
    """What follows after the head, each with its sign."""
    sign = "" if row.sign == ":" else f"{row.sign} "
    for kind, term in parts(row, term_html):
        text = f"<b>{term_html(term)}</b>" if kind == "result" else term_html(term)
        yield f"computed as {text}" if kind == "computed" else f"{sign}{text}"
        sign = "= "


def _twin(twin: Twin) -> str:
    typed, computed, number, naive = twin_row(twin)
    name = f"{HTML.name(twin.name)} = " if twin.name else ""
    cells = [f"{name}{term_html(typed)}", f"as {term_html(computed)}", f"= <b>{term_html(number)}</b>"]
    cells += [] if naive is None else [f"not {term_html(naive)}"]
    why = f" <small>{HTML.plain(twin.why)}</small>" if twin.why else ""
    return _wide(" ".join(f"<span>{cell}</span>" for cell in cells) + why, "twin")


def _wide(content: str, kind: str) -> str:
    return f'<tr><td class="{kind}" colspan="2">{content}</td></tr>'


def _more(omitted: int) -> list[str]:
    return [_wide(more(omitted), "more")] if omitted else []
