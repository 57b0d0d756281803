"""One printer for every target: brackets where the grouping needs them, and no more."""

from __future__ import annotations

import math
from typing import Any

import pytest

import compgraph as cg
from compgraph import Node
from compgraph.codegen.formulas import Adjoint, Apply, Cut, Letter, Number, Slope
from compgraph.codegen.writing import HTML, LATEX, TEXT, count, grouped, write
from compgraph.record import table

TARGETS = {"text": TEXT, "latex": LATEX, "html": HTML}
X, Y, TWO = Letter("x"), Letter("y"), Number(2.0)


@pytest.mark.parametrize(
    ("term", "text", "latex", "html"),
    [
        (Apply("sub", (X, Apply("sub", (Y, X)))), "x − (y − x)", r"x - \left(y - x\right)",
         "<var>x</var> − (<var>y</var> − <var>x</var>)"),
        (Apply("div", (Apply("add", (X, Y)), TWO)), "(x + y)/2", r"\frac{x + y}{2}",
         "(<var>x</var> + <var>y</var>)/2"),
        (Apply("pow", (X, Apply("neg", (Y,)))), "x^(−y)", "x^{-y}", "<var>x</var><sup>−<var>y</var></sup>"),
        (Apply("pow", (Apply("exp", (X,)), TWO)), "exp(x)^2", r"\left(e^{x}\right)^{2}",
         "exp(<var>x</var>)<sup>2</sup>"),
        (Apply("mul", (X, Apply("less", (X, Y)))), "x·[x < y]", r"x \cdot \left[x < y\right]",
         "<var>x</var>·[<var>x</var> &lt; <var>y</var>]"),
        (Number(-1.5e-9), "−1.5e−09", r"-1.5 \cdot 10^{-9}", "−1.5·10<sup>−9</sup>"),
        (Number(math.inf), "∞", r"\infty", "∞"),
        (Apply("mul", (X, Slope("y", "x"))), "x·∂y/∂x", r"x \cdot \frac{\partial y}{\partial x}",
         "<var>x</var>·∂<var>y</var>/∂<var>x</var>"),
        (Adjoint("w1"), "dw1", "dw_{1}", "d<var>w<sub>1</sub></var>"),
        (Cut(), "…", r"\text{…}", "…"),
    ],
)  # fmt: skip
def test_a_formula_for_each_target(term: Any, text: str, latex: str, html: str) -> None:
    assert (write(term, TEXT), write(term, LATEX), write(term, HTML)) == (text, latex, html)


def test_a_comparison_stands_bare_where_nothing_binds() -> None:
    term = Apply("less", (X, Y))
    assert (grouped(term, TEXT, 0), write(term, TEXT)) == ("x < y", "[x < y]")


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("op", [op for op in table() if op.arity], ids=lambda op: op.name)
def test_every_op_is_written_with_all_its_arguments(op: Any, target: Any) -> None:
    text = write(Apply(op.name, tuple(Letter(name) for name in "uvwz"[: op.arity])), target)
    assert all(name in text for name in "uvwz"[: op.arity])


def test_an_op_that_is_no_more_is_written_as_a_function() -> None:
    assert write(Apply("vanished_op", (X, TWO)), TEXT) == "vanished_op(x, 2)"
    assert write(Apply("vanished_op", (X,)), LATEX) == r"\text{vanished}\_\text{op}(x)"


def test_a_node_of_an_op_declared_anew_with_more_arguments_still_prints() -> None:
    x = Node(2.0, "x")
    old = cg.op("shape_shifter", 1.0, body=lambda x: x)(x)
    cg.op("shape_shifter", 1.0, 1.0, body=lambda x, y: x + y)
    assert repr(old) == "shape_shifter(x) = 2"


def test_counts_are_grouped_in_threes() -> None:
    assert (count(7), count(1234), count(2**30)) == ("7", "1 234", "1 073 741 824")
