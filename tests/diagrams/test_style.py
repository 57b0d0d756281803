"""`compgraph.diagrams.style`: the width of text, maths in Unicode and in runs, line breaks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compgraph.codegen.printer import text_name
from compgraph.diagrams.style import CUT, lines, plain, pretty, runs, width, wrapped


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("w1", "w₁"),
        ("w_12", "w₁₂"),
        ("θ1·x10 + b", "θ₁·x₁₀ + b"),
        ("(a − y)^2", "(a − y)²"),
        ("x^(−1)", "x⁻¹"),
        ("x^y", "x^y"),
        ("2^0.5", "2^0.5"),
        ("log1p(x) + atan2(u, v)", "log1p(x) + atan2(u, v)"),
        ("1e5 + 2e3", "1e5 + 2e3"),
        ("x1y2", "x1y2"),
        ("layer1.neuron3.w2^3", "layer1.neuron3.w₂³"),
        ('"a^2 w1"^2', '"a^2 w1"²'),
        (r'"\"^2"·w1', r'"\"^2"·w₁'),
        ("dlayer1.w2", "dlayer1.w₂"),
        ("w[10]", "w[10]"),
    ],
)
def test_indices_and_powers_in_unicode(text: str, expected: str) -> None:
    assert pretty(runs(text)) == expected


def test_variables_are_italic_and_functions_upright() -> None:
    kinds = {run.text: run.kind for run in runs("a = sin(w1) + 2^3")}
    assert kinds["a"] == kinds["w"] == "italic"
    assert kinds["1"] == "index"
    assert kinds["3"] == "power"
    assert [kind for text, kind in kinds.items() if "sin" in text] == ["upright"]


@pytest.mark.parametrize("name", ["learning_rate", "x1y2", "layer1.w", "my loss", "a^2", "w_1_2", "θ′"])
def test_a_name_is_one_italic_run(name: str) -> None:
    assert runs(f"2·{text_name(name)}") == [("2·", "upright"), (text_name(name), "italic")]


@given(st.text(max_size=40))
def test_runs_lose_no_text_but_the_marks_of_indices_and_powers(text: str) -> None:
    def without_marks(some: str) -> str:
        return some.translate(dict.fromkeys(map(ord, "_^()")))

    assert without_marks("".join(run.text for run in runs(text))) == without_marks(text)


def test_width_is_that_of_helvetica() -> None:
    """Adobe's font metrics: W 944, i 222, digits 556 thousandths of the size."""
    assert width("Wi0", 1000) == 944 + 222 + 556


def test_width_counts_a_wide_character_as_one_em() -> None:
    assert width("日本", 10.0) == 20.0


def test_a_formula_breaks_between_its_terms() -> None:
    assert wrapped("a = w1·x1 + w2·x2 + w3·x3", 8) == ["a = w1·x1", "+ w2·x2 + w3·x3"]
    assert wrapped("∂L/∂a = −y/a + (1 − y)/(1 − a)", 12) == ["∂L/∂a = −y/a", "+ (1 − y)/(1 − a)"]


@given(st.text(min_size=1, max_size=300))
def test_no_line_is_wider_than_the_limit(text: str) -> None:
    lines = wrapped(text, 8.0)
    assert all(width(line) <= 8.0 for line in lines)
    assert len("".join(lines)) <= CUT


def test_a_formula_breaks_beside_a_quoted_name_rather_than_inside_of_it() -> None:
    assert wrapped('z = w1 + "my loss"', 8) == ["z = w1", '+ "my loss"']


def test_a_name_that_is_broken_is_still_a_name() -> None:
    name = text_name("a^2 " * 12)
    broken = lines(f"z = {name}", 8.0)
    assert len(broken) > 1
    assert {run.kind for line in broken for run in line if "a" in run.text} == {"italic"}
    assert not any(run.kind == "power" for line in broken for run in line)


@given(st.text(max_size=160), st.floats(3.0, 20.0))
def test_runs_break_where_their_text_does(text: str, limit: float) -> None:
    whole = "".join(run.text for run in runs(plain(text)))
    assert ["".join(run.text for run in line) for line in lines(text, limit)] == wrapped(whole, limit)


@given(st.text(max_size=40))
def test_wrapped_lines_say_what_the_text_says(text: str) -> None:
    joined = "".join("".join(wrapped(text, 8.0)).split())
    assert joined == "".join(plain(text).split())
