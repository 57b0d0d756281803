"""Derivations as text: brackets, names, long lines."""

from __future__ import annotations

import pytest

import compgraph as cg
from compgraph import Node
from compgraph.codegen.formulas import Adjoint, Apply, Cut, Letter, Number, Slope
from compgraph.derivations import Backward, Forward, Total, explain
from compgraph.derivations.text import term_text, to_text

A, Z = Letter("a"), Letter("z")


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (A, "a"),
        (Adjoint("a"), "da"),
        (Slope("a", "z"), "∂a/∂z"),
        (Number(-0.25), "−0.25"),
        (Apply("mul", (Number(-2.0), A)), "(−2)·a"),
        (Apply("add", (Number(-2.0), Number(-3.0))), "−2 + (−3)"),
        (Apply("neg", (Number(-2.0),)), "−(−2)"),
        (Apply("pow", (Number(-2.0), Number(2.0))), "(−2)^2"),
        (Apply("mul", (Adjoint("a"), Apply("sub", (Number(1.0), A)))), "da·(1 − a)"),
        (Apply("sub", (A, Apply("sub", (Z, A)))), "a − (z − a)"),
        (Apply("sigmoid", (Number(-0.3),)), "σ(−0.3)"),
        (Apply("mul", (A, Apply("greater", (Z, Number(0.0))))), "a·[z > 0]"),
        (Cut(1234, "operations"), "… (1 234 operations)"),
        (Letter("layer1.w2"), "layer1.w2"),
        (Letter("θ₁′"), "θ₁′"),
        (Letter("{0}"), '"{0}"'),
        (Letter("learning rate"), '"learning rate"'),
        (Adjoint("a - b"), 'd"a - b"'),
        (Letter("a\x1b[31m\n"), r'"a\x1b[31m\n"'),
    ],
    ids=str,
)
def test_a_formula_as_text(term: object, expected: str) -> None:
    assert term_text(term) == expected


def test_inputs_stand_side_by_side_and_signs_below_one_another() -> None:
    forward = [Forward("x", None, None, 1.0), Forward("w", None, None, None)]
    backward = [Backward("z", None, None, None, None, 1.0), Backward("w12", None, Adjoint("z"), None, None, 1.0)]
    assert to_text(forward, backward).splitlines() == [
        "forward", "  x = 1   w = ?", "backward", "    dz = 1", "  dw12 = dz = 1",
    ]  # fmt: skip


def test_what_was_left_out_is_counted() -> None:
    assert to_text([], [], omitted=(1234, 0, 0)) == "forward\n  … and 1 234 more\nbackward"


def test_a_sum_shows_its_parts() -> None:
    assert to_text([], [Total("x", (3.0, -1.0), 2, 5.0)]).endswith("dx = 3 + (−1) + … (2 more) = 5")


def test_no_line_is_wider_than_a_slide() -> None:
    with cg.names():
        long_name_of_a_weight = Node(0.123456, "long_name_of_a_weight")
        another_long_name = Node(-0.123456, "another_long_name")
        product = long_name_of_a_weight * another_long_name
        loss = (
            cg.log(product**2 + long_name_of_a_weight * another_long_name / product + 1) * product + another_long_name
        )
    assert max(map(len, str(explain(loss)).splitlines())) <= 110


def test_a_long_line_loses_its_numbers_before_its_symbols() -> None:
    terms = Letter("w1")
    numbers = Number(0.123456)
    for index in range(2, 12):
        terms, numbers = Apply("add", (terms, Letter(f"w{index}"))), Apply("add", (numbers, Number(0.123456)))
    text = to_text([Forward("z", terms, numbers, 1.35802)], [])
    assert text.splitlines()[1] == "  z = w1 + w2 + w3 + w4 + w5 + w6 + w7 + w8 + w9 + w10 + w11 = 1.35802"


def test_the_bracket_of_a_comparison_is_explained_once() -> None:
    x = Node(2.0, "x")
    r, s = cg.relu(x).named("r"), cg.relu(3 * x).named("s")
    text = str(explain((r * s).named("L")))
    assert "= dr·[x > 0] + 3·ds·[3·x > 0] = 6·[2 > 0] + 3·2·[3·2 > 0] = 12" in text
    assert text.count("[ ] is 1 where it holds, else 0") == 1


def test_hostile_names_cannot_break_a_line() -> None:
    root = (Node(2.0, "a\nb") * Node(1.5, "\x1b[31m")).named("}{")
    text = str(explain(root))
    assert len(text.splitlines()) == 7
    assert "\x1b" not in text
