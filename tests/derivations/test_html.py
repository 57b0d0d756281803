"""Derivations as HTML: a fragment that parses, says everything without a script, and lets no name out of its text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from hypothesis import strategies as st

import compgraph as cg
from compgraph import Node
from compgraph.codegen.formulas import Adjoint, Apply, Letter, Number
from compgraph.derivations.html import term_html

if TYPE_CHECKING:
    from collections.abc import Callable

    from compgraph.derivations import Derivation


class Reader(HTMLParser):
    """Which tags there are, whether they close in order, and the text that a reader sees."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert not any(key.startswith("on") or key in {"src", "href"} for key, _ in attrs)
        self.open.append(tag)
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


TAGS = {"section", "style", "table", "caption", "tbody", "tr", "th", "td", "span", "var", "sub", "sup", "b", "small"}


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (Letter("w1"), "<var>w<sub>1</sub></var>"),
        (Letter("w₁"), "<var>w<sub>₁</sub></var>"),
        (Adjoint("layer1.w2"), "d<var>layer<sub>1</sub>.w<sub>2</sub></var>"),
        (Letter("</script>"), "<var>&quot;&lt;/script&gt;&quot;</var>"),
        (Number(4.25e-18), "4.25·10<sup>−18</sup>"),
        (Apply("pow", (Letter("x"), Apply("sub", (Letter("n"), Number(1.0))))),
         "<var>x</var><sup><var>n</var> − 1</sup>"),
        (Apply("less", (Letter("x"), Number(0.0))), "[<var>x</var> &lt; 0]"),
    ],
    ids=str,
)  # fmt: skip
def test_a_formula_as_html(term: Any, expected: str) -> None:
    assert term_html(term) == expected


def test_each_derivation_is_the_golden_html(case: tuple[str, Derivation], golden: Callable[[str, str], None]) -> None:
    name, derivation = case
    golden(f"derivations/{name}.html", f"{derivation.html}\n")


def test_html_says_what_the_text_says(case: tuple[str, Derivation]) -> None:
    _, derivation = case
    read = Reader(derivation.html)
    assert not read.open
    assert read.tags <= TAGS
    numbers = set(re.findall(r"= (−?[\d.]+)(?!\S)", str(derivation)))
    assert numbers
    assert all(number in read.text for number in numbers)


def test_html_needs_nothing_from_outside(case: tuple[str, Derivation]) -> None:
    _, derivation = case
    assert not re.search(r"<script|<link|<img|https?:|url\(|@import", derivation.html)


def test_every_gradient_heads_its_row(lecture_root: Node) -> None:
    heads = re.findall(r'<th scope="row">(.*?)</th>', cg.explain(lecture_root).html)
    plain = [re.sub("<[^>]+>", "", head) for head in heads]
    assert plain == ["z", "a", "L", "dL", "da", "dz", "dw1", "dx1", "dw2", "dx2", "db", "dy"]


def test_the_section_is_named_after_what_is_derived() -> None:
    page = cg.explain(Node(2.0, 'L"<').named('"><script>')).html
    assert 'aria-label="Derivation of &quot;&gt;&lt;script&gt;"' in page


def test_a_notebook_gets_html_latex_and_markdown(lecture_root: Node) -> None:
    derivation = cg.explain(lecture_root)
    assert derivation._repr_html_() == derivation.html
    assert derivation._repr_latex_() == derivation.latex
    assert derivation._repr_markdown_() == derivation.markdown


hostile = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("<>&\"'/={}|\\`\n\x00\u202e"), min_size=1)


@hypothesis.given(hostile, hostile)
def test_no_name_becomes_markup(one: str, other: str) -> None:
    read = Reader(cg.explain((Node(1.0, one) * Node(2.0, other)).named("L")).html)
    assert not read.open
    assert read.tags <= TAGS


@hypothesis.given(st.data())
def test_every_printer_prints_every_graph(graphs: Any, data: st.DataObject) -> None:
    root, _ = data.draw(graphs)
    level = data.draw(st.sampled_from(["lecture", "ops"]))
    for of in (None, *cg.inputs(root)[:1]):
        derivation = cg.explain(root, of=of, level=level)
        assert not Reader(derivation.html).open
        assert derivation.latex.count("{") == derivation.latex.count("}")
        assert derivation.markdown.count("$") % 2 == 0
        assert str(derivation)
