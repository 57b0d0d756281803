"""Formulas, numbers and names in print."""

from __future__ import annotations

import math
import operator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compgraph import Node, parse
from compgraph.codegen.printer import formula, number, summary
from compgraph.graph import labels, peek
from compgraph.ops import sigmoid
from compgraph.record import table


def shown(root: Node) -> str:
    return formula(root, labels(root), lambda node: node.name is not None)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (-2.5, "−2.5"), (1 / 3, "0.333333"), (1e-9, "1e−09"), (1e300, "1e+300"),
        (math.inf, "∞"), (-math.inf, "−∞"), (math.nan, "nan"), (123456.7, "123456.7"), (0.9999999, "0.9999999"),
    ],
)  # fmt: skip
def test_numbers_read_well_and_whole_numbers_are_whole(value: float, text: str) -> None:
    assert number(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_printed_whole_number_is_one(value: float) -> None:
    text = number(value).replace("−", "-")
    assert float(text) == pytest.approx(value, rel=1e-5, abs=0.0)
    if abs(value) < 1e15 and float(text).is_integer():
        assert float(value).is_integer()


@pytest.mark.parametrize(
    "text",
    [
        "a − (b − c)", "a − b − c", "a − (b + c)", "a + b − c", "a/(b·c)", "a/b·c", "a·(b/c)", "a/(b/c)", "−a^b",
        "(−a)^b", "a^(b^c)", "(a^b)^c", "(a + b)·c", "−(a + b)", "a·(−b)", "a − (−b)", "a + (−b)", "exp(a)·b", "a^(−b)",
        "σ(a + b)^c", "[a < b]·c", "max(a, b + c)",
    ],
)  # fmt: skip
def test_brackets_show_the_grouping_and_no_more(text: str) -> None:
    program = text.translate({ord("["): "(", ord("]"): ")"}).replace("^", "**").replace("max", "maximum")
    assert shown(parse(program)["_"]) == text


SIGNS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, lambda left, _: -left]


@st.composite
def formulas(draw: st.DrawFn) -> Node:
    nodes = [Node(value, name) for name, value in {"a": 0.2, "b": 0.3, "c": 1.4}.items()]
    for _ in range(draw(st.integers(1, 7))):
        sign = draw(st.sampled_from(SIGNS))
        nodes.append(sign(draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))))
    return nodes[-1]


@given(formulas())
def test_a_printed_formula_reads_back_with_the_same_value(root: Node) -> None:
    nodes = parse(shown(root).replace("^", "**"))
    for name, value in {"a": 0.2, "b": 0.3, "c": 1.4}.items():
        if name in nodes:
            nodes[name].value = value
    assert peek(nodes["_"]) == pytest.approx(peek(root), rel=1e-12, nan_ok=True)


def test_a_formula_stops_at_names_and_starts_below_its_own() -> None:
    x = Node(2.0, "x")
    z = (x * 3).named("z")
    assert shown(z) == "x·3"
    assert shown(z + 1) == "z + 1"


@pytest.mark.parametrize("op", [op for op in table() if op.arity], ids=lambda op: op.name)
def test_every_op_prints_its_arguments(op: Any) -> None:
    text = shown(op(*[Node(0.5, name) for name in "uvwz"[: op.arity]]))
    assert all(name in text for name in "uvwz"[: op.arity])
    assert not set("{}") & set(text)


def test_a_summary_writes_names_as_a_formula_does() -> None:
    root = (Node(2.0, "my loss") * Node(3.0, "a\nb")).named("q q")
    root.backward()
    assert summary(root) == r'"q q" = "my loss"·"a\n" = 6, d"q q" = 1'.replace(r"a\n", r"a\nb")


def test_a_formula_that_would_be_exponentially_long_is_cut() -> None:
    node = Node(1.0, "x")
    for _ in range(200):
        node = node + node
    assert len(shown(node)) < 2000
    assert "…" in shown(node)


def test_a_summary_of_a_deep_graph_does_not_visit_all_of_it() -> None:
    node = Node(1.0, "x")
    for _ in range(50_000):
        node = node * 1.5 - 0.5
    assert len(summary(node)) < 1000


def test_a_summary_shows_name_formula_value_and_gradient() -> None:
    w, x = Node(0.5, "w"), Node(3.0, "x")
    z = (w * x).named("z")
    z.backward()
    assert summary(z) == "z = w·x = 1.5, dz = 1"
    assert summary(w * 2 - x) == "w·2 − x = −2"


def test_a_reason_says_what_its_letters_stand_for() -> None:
    z, w = Node(40.0, "z"), Node(3.0, "w")
    assert "σ(x) rounds to 1 (x = z·w)" in repr(1 - sigmoid(z * w))
    x = Node(40.0, "x")
    assert repr(1 - sigmoid(x)).endswith("σ(x) rounds to 1")  # the user's letter is the rule's own


def test_a_long_expression_is_left_out_of_a_reason() -> None:
    z = Node(2.0, "speed")
    assert repr(1 - sigmoid(z * z * z * z * z * z + z * z * z * z * z + z * z * z)).endswith("σ(x) rounds to 1")
