"""Derivations as Markdown: formulas between dollar signs that nothing else in the text can be taken for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import hypothesis
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import compgraph as cg
from compgraph import Node
from compgraph.derivations.markdown import to_markdown
from compgraph.derivations.steps import Forward

if TYPE_CHECKING:
    from collections.abc import Callable

    from compgraph.derivations import Derivation

MATH = re.compile(r"\$(?:\\.|[^$\\])*\$")


def test_each_derivation_is_the_golden_markdown(
    case: tuple[str, Derivation], golden: Callable[[str, str], None]
) -> None:
    name, derivation = case
    golden(f"derivations/{name}.md", f"{derivation.markdown}\n")


def test_every_formula_stands_between_dollar_signs(case: tuple[str, Derivation]) -> None:
    _, derivation = case
    outside = MATH.sub("", derivation.markdown)
    assert "$" not in outside
    assert "\\frac" not in outside


def test_rows_of_a_formula_end_in_a_command_that_markdown_leaves_alone() -> None:
    x = Node(2.0, "x")
    text = cg.explain(cg.where(x > 1, x, 2 * x).named("L")).markdown
    assert r"\begin{cases} x & x > 1 \cr 2 \cdot x & \text{otherwise} \end{cases}" in text
    assert "\\\\" not in text


def test_words_of_a_convention_are_no_markup(lecture_root: Node) -> None:
    derivation = cg.explain(cg.relu(Node(0.0, "x")).named("r"))
    assert derivation.markdown.endswith(r" ← relu′\(0\) = 0 \(convention\); \[ \] is 1 where it holds, else 0")
    assert "convention" not in cg.explain(lecture_root).markdown


def test_what_is_left_out_is_counted_in_markdown() -> None:
    assert to_markdown([Forward("x", None, None, None)], [], omitted=(1234, 0, 0)).splitlines()[2:4] == [
        "- $x = ?$", "- … and 1 234 more",
    ]  # fmt: skip


def kinds(text: str) -> set[str]:
    """What CommonMark takes the text for."""
    tokens = MarkdownIt("commonmark").parse(text)
    return {token.type for block in tokens for token in [block, *(block.children or [])]}


PLAIN = {
    "paragraph_open", "paragraph_close", "inline", "text", "strong_open", "strong_close", "bullet_list_open",
    "bullet_list_close", "list_item_open", "list_item_close",
}  # fmt: skip


def test_each_derivation_is_titles_and_lists(case: tuple[str, Derivation]) -> None:
    _, derivation = case
    assert kinds(derivation.markdown) == PLAIN


@hypothesis.given(
    st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("$`*_|<>[]()!&\\{}\n"), min_size=1)
)
def test_no_name_becomes_markdown(name: Any) -> None:
    x = Node(2.0, name)
    text = cg.explain((x**2 / (x - 7.0) * cg.relu(x)).named("L")).markdown
    # Where formulas are not known, }_{ may open an emphasis; nothing may open code, a link or HTML.
    assert kinds(text) - {"text_special", "em_open", "em_close"} == PLAIN


@hypothesis.given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("$`*_|<>[]\\{}\n"), min_size=1))
def test_no_name_leaves_its_dollar_signs(name: Any) -> None:
    text = cg.explain((Node(2.0, name) ** 2).named("L")).markdown
    assert "$" not in MATH.sub("", text)
    assert not re.search("[`*]", text.replace("**", ""))
    assert len(text.splitlines()) == 9
