"""Names in print: each target's escape lets no name be taken for anything else."""

from __future__ import annotations

import ast
import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compgraph.codegen.escapes import html_name, html_text, latex_name, latex_text, text_name


@pytest.mark.parametrize(
    "name",
    ["w", "w12", "w_1", "β", "θ₁′", "x'", "layer1.neuron3.w2", "layers.0.w", "w[0]", "w[0][i]", "a[1, 2].b", "x̂"],
)
def test_a_name_of_one_word_stands_as_it_is(name: str) -> None:
    assert text_name(name) == name


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("my loss", '"my loss"'), ("a^2", '"a^2"'), ("x²", '"x²"'), ("2", '"2"'), ("½", '"½"'), ("f(x)", '"f(x)"'),
        ("{0}", '"{0}"'), ("a.", '"a."'), ("", '""'), ("a\n", r'"a\n"'), ("\x1b[31m", r'"\x1b[31m"'),
        ('say "hi"', r'"say \"hi\""'), ("\\", r'"\\"'), ("\u202e", r'"\u202e"'), ("\ud800", r'"\ud800"'),
    ],
)  # fmt: skip
def test_any_other_name_is_quoted_with_what_does_not_print_spelled_out(name: str, text: str) -> None:
    assert text_name(name) == text


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",))))
def test_names_are_told_apart_and_print_on_one_line(name: str) -> None:
    text = text_name(name)
    assert text.isprintable() or text == name
    assert len(text.splitlines()) == 1
    assert (ast.literal_eval(text) if text.startswith('"') else text) == name


HOSTILE = [
    'a<b>"|{}&`',
    "∂",
    "w₁",
    "</script>",
    "\\",
    "\\end{align*}",
    "$x$",
    "a\nb",
    "50 %",
    "]]>",
    "'onload='x",
    "{0}",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_in_html(name: str) -> None:
    plain = re.sub(r"</?(var|sub)>", "", html_name(name))
    assert not set('<>"\n') & set(plain)
    assert html.unescape(plain) == text_name(name)


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("w1", "w_{1}"), ("w_1", "w_{1}"), ("w₁₂", "w_{12}"), ("W", "W"), ("loss", r"\mathrm{loss}"),
        ("alpha", r"\alpha"), ("Ω", r"\Omega"), ("θ2′", r"\theta_{2}'"), ("beta_hat", r"\beta_{\mathrm{hat}}"),
        ("my_loss", r"\mathrm{my\_loss}"), ("a1b2", r"\mathrm{a1b2}"), ("layers.0.w", r"\mathrm{layers}.0.w"),
        ("é", r"\text{é}"), ("x3[i, j]", "x_{3,i,j}"), ("_", r"\_"), ("f(x)", r'\text{"f(x)"}'),
        ("$", r'\text{"}\$\text{"}'), ("", r'\text{""}'),
    ],
)  # fmt: skip
def test_a_name_in_latex(name: str, latex: str) -> None:
    assert latex_name(name) == latex


@given(st.text())
def test_plain_text_in_latex_has_balanced_braces_and_one_line(text: str) -> None:
    bare = re.sub(r"\\[{}]", "", latex_text(text.replace("\n", " ")))
    depth = 0
    for character in bare:
        depth += (character == "{") - (character == "}")
        assert depth >= 0
    assert depth == 0


@given(st.text())
def test_plain_text_comes_back_from_html(text: str) -> None:
    assert html.unescape(html_text(text)) == text
