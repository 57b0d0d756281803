"""Names of any kind, in every format: each comes out as text, and nothing else comes of it."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import graphviz
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compgraph import graph
from compgraph.codegen.printer import text_name
from compgraph.diagrams import Drawing, draw
from compgraph.diagrams.layout import render
from compgraph.diagrams.style import pretty, runs

if TYPE_CHECKING:
    from collections.abc import Callable

    from compgraph.node import Node

# What a page, a drawing program or a shell might take for more than text.
SIGNS = "<>&\"'`|{}[]()\\/;:#%$@!?*_~^=+-,.\n\t\x00\x1b\x7f\u202e\u2067\u200b\u0301é日😀∂₁ wxn0159"
PIECES = [
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "]]>", "<!--", "-->", "&lt;", "&#60;", "\\N",
    "\\n", "end", "subgraph", "%%{init: {}}%%", "javascript:", "click b0 href", "$$x$$", "<b>", "#quot;", '"];',
]  # fmt: skip


def names() -> st.SearchStrategy[str]:
    """Short names of signs and of pieces of markup, and long ones."""
    pieces = st.lists(st.sampled_from(PIECES) | st.text(SIGNS, max_size=4), min_size=1, max_size=3).map("".join)
    any_text = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)
    return (pieces | any_text | st.text(SIGNS, min_size=300, max_size=400)).filter(bool)


@st.composite
def hostile_drawings(
    draw_from: st.DrawFn, graphs: st.SearchStrategy[tuple[Node, list[Node]]]
) -> tuple[Drawing, list[str]]:
    """A drawing of a random graph with hostile names, and those of its boxes that are short."""
    root, _ = draw_from(graphs)
    nodes = [node for node in graph.order(root, typed=True) if node.op.name != "constant"]
    for node in nodes:
        if not node.args or draw_from(st.booleans()):
            node.name = draw_from(names())
    if draw_from(st.booleans()):
        root.backward()
    drawing = draw(root, draw_from(st.sampled_from(["lecture", "ops", "collapsed"])))
    found = [text_name(box.name) for box in drawing.scene.boxes if box.name is not None and box.has_value]
    return drawing, [name for name in found if len(name) < 12]


# --- formats -------------------------------------------------------------------------------------------------------

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "desc", "style", "rect", "g", "path", "text", "tspan"}
ATTRIBUTES = {
    "class", "width", "height", "viewBox", "role", "aria-label", "transform", "data-id", "data-slot", "x", "y", "dy",
    "rx", "d",
}  # fmt: skip


def of_svg(drawing: Drawing) -> str:
    return read_svg(drawing.svg)


def read_svg(svg: str) -> str:
    root = ET.fromstring(svg)
    assert {element.tag for element in root.iter()} <= {f"{SVG}{tag}" for tag in ELEMENTS}
    assert {name for element in root.iter() for name in element.attrib} <= ATTRIBUTES
    return "\n".join("".join(text.itertext()) for text in root.iter() if text.tag in {f"{SVG}text", f"{SVG}title"})


def of_dot(drawing: Drawing) -> str:
    """What an SVG shows that Graphviz itself makes of the DOT text."""
    assert render(drawing.dot, "canon").startswith(b"digraph")
    assert isinstance(drawing.to_graphviz(), graphviz.Digraph)
    svg = ET.fromstring(render(drawing.dot, "svg"))
    assert not list(svg.iter(f"{SVG}script"))
    return "\n".join("".join(text.itertext()) for text in svg.iter(f"{SVG}text"))


LABEL = r'"[^"<>`{}|\\\n]*(?:<br/>[^"<>`{}|\\\n]*)*"'
STATEMENTS = re.compile(
    rf"\w+\[{LABEL}\]|subgraph \w+\[{LABEL}\]|end|\w+ (?:-->|<-->|<-\.->)(?:\|{LABEL}\|)? \w+|"
    r"accTitle: [^\"<>`{}|\\]*|"
    r"(?:linkStyle [\d,]+|classDef \w+|style \w+) [\w:#,.\- ]+|class [\w,]+ \w+"
)


def of_mermaid(drawing: Drawing) -> str:
    _, first, *lines = drawing.mermaid.splitlines()
    assert first == "flowchart LR"
    assert not [line for line in lines if not STATEMENTS.fullmatch(line.strip())]
    text = re.sub(r"#(\d+);", lambda match: chr(int(match[1])), drawing.mermaid.replace("<br/>", "\n"))
    return text.replace("\N{WORD JOINER}", "")


def of_text(drawing: Drawing) -> str:
    assert drawing.text.replace("\n", "").isprintable()
    return drawing.text


class PageReader(HTMLParser):
    """The elements of a page outside of its picture, and the texts in them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.texts: dict[str, str] = {}
        self._depth = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not [name for name, _ in attrs if name.startswith("on") or name in {"src", "href"}]
        self._depth += tag == "svg"
        if not self._depth:
            self.found.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "svg"

    def handle_data(self, data: str) -> None:
        if not self._depth and data.strip():
            self.texts[self.found[-1]] = self.texts.get(self.found[-1], "") + data


def of_html(drawing: Drawing) -> str:
    page = PageReader(drawing.html)
    head = ["html", "head", "meta", "meta", "meta", "meta", "title", "style"]
    assert page.found == [*head, "body", "main", "script", "script"]
    data = json.loads(
        re.search(r'<script type="application/json" id="data">(.*?)</script>', drawing.html, re.DOTALL)[1]
    )
    return "\n".join(read_svg(view["svg"]) for view in data["views"])


#: A format, and what reads its text back, having looked that there is nothing else.
FORMATS: tuple[tuple[str, Callable[[Drawing], str]], ...] = (
    ("svg", of_svg),
    ("dot", of_dot),
    ("mermaid", of_mermaid),
    ("text", of_text),
    ("html", of_html),
)


@pytest.mark.parametrize(("name", "read"), FORMATS)
def test_hostile_names_come_out_as_text(
    name: str, read: Callable[[Drawing], str], graphs: st.SearchStrategy[tuple[Node, list[Node]]]
) -> None:
    @settings(max_examples=30)  # a layout each
    @given(hostile_drawings(graphs))
    def check(drawn: tuple[Drawing, list[str]]) -> None:
        drawing, short = drawn
        shown = without_blanks(read(drawing))
        for one in short:
            ways = {without_blanks(one), without_blanks(pretty(runs(one)))}  # w1, or w₁
            assert any(way in shown for way in ways), name

    check()


def without_blanks(text: str) -> str:
    """For a name may be broken between two lines."""
    return "".join(text.split())
