"""Graphs as program text: what is written reads well, and is read back as the same graph."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import compgraph as cg
from compgraph import Node, constant, log, parse, same, sigmoid, where
from compgraph.codegen.text_program import program_names, program_text
from compgraph.graph import order

LECTURE = "z = w1*x1 + w2*x2 + b; a = sigmoid(z); L = -(y*log(a) + (1 - y)*log(1 - a))"


def last(text: str) -> Node:
    return [*parse(text).values()][-1]


@pytest.mark.parametrize(
    "text",
    [
        LECTURE, "x", "2", "x*x", "x**y**z", "(x**y)**z", "(-x)**2", "-x**2", "x**-2", "(-2)**x", "--x", "-(x*y)",
        "-x*y", "x - (y - z)", "x - y - z", "x + (y + z)", "x/(y/z)", "x/y/z", "x/(y*z)", "x*-y", "x - -2", "-2*x",
        "(x + y)*z", "where(x > 0, x, 0.01*x)", "(x < y) == (y < z)", "(x < y)*2", "2 < x", "clip(x, 0, 1)",
        "leaky_relu(x, 0.01)",
        "logsumexp(x, y, 2*z)", "norm(x, y)", "0.1*x + 1e+300 + 5e-324", "x*(1/0) + -1/0*y", "c = 2; c*x + c*y",
        "v1 = x + y; v1*v1", "v1 = 2; v1*3",
    ],
)  # fmt: skip
def test_a_program_is_written_as_it_was_typed(text: str) -> None:
    assert program_text(last(text)) == text


def test_named_nodes_are_statements_on_lines_of_their_own_if_wanted() -> None:
    assert program_text(last(LECTURE), "\n").splitlines() == LECTURE.split("; ")


def test_twins_are_not_written_but_found_again() -> None:
    z = Node(40.0, "z")
    loss = log(1 - sigmoid(z))
    assert loss.typed is not None
    assert program_text(loss) == "log(1 - sigmoid(z))"
    again = parse(program_text(loss), {"z": z})["_"]
    assert again.value == loss.value == pytest.approx(-40.0)


def test_numbers_alone_are_recorded_again_where_they_were() -> None:
    assert program_text(constant(2.0) * constant(3.0)) == "v1 = 2; v1*3"
    assert program_text(where(constant(1.0), Node(name="x"), 2.0)) == "v1 = 1; where(v1, x, 2)"
    assert last(program_text(constant(math.nan))).op.name == "constant"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("w1", "w1"), ("θ", "θ"), ("ŷ", "ŷ"), ("layer1.w[0]", "layer1_w_0_"), ("w₁", "w1"), ("2", "v2"), ("a·b", "a_b"),
        ("exp", "exp_2"), ("σ", "σ_2"), ("lambda", "lambda_2"), ("_", "__2"), ("ﬁ", "fi"), ("my loss", "my_loss"),
    ],
)  # fmt: skip
def test_a_name_that_no_program_can_have_is_written_otherwise(name: str, written: str) -> None:
    z = Node(2.0, name) * 3
    assert [*program_names(z).values()] == [written, "_"]
    assert [*parse(program_text(z))] == [written, "_"]


def test_of_two_nodes_with_one_name_the_second_gets_a_number() -> None:
    one, two, free = Node(1.0, "x"), Node(2.0, "x"), Node(3.0, "x_2")
    assert program_text(one * two * free) == "x*x_3*x_2"


def test_inputs_without_a_name_get_one() -> None:
    assert program_text(Node(1.0) * Node(2.0, "v1")) == "v2*v1"


def test_a_gradient_graph_has_no_program() -> None:
    x = Node(2.0, "x")
    with pytest.raises(cg.GraphValueError, match="no program text can call"):
        program_text(cg.grad(cg.sigmoid(x), x))


def test_an_op_that_was_declared_anew_has_none() -> None:
    first = cg.op("cube_of_mine", lambda y, x: 3 * x * x, body=lambda x: x * x * x)
    z = first(Node(2.0, "x"))
    assert program_text(z) == "cube_of_mine(x)"
    cg.op("cube_of_mine", lambda y, x: 3 * x * x, body=lambda x: x * x * x)
    with pytest.raises(cg.GraphValueError, match="cube_of_mine"):
        program_text(z)


def test_a_deep_graph_is_written_in_pieces_that_can_be_read() -> None:
    total = x = Node(0.5, "x")
    for _ in range(3000):
        total = total + cg.sin(x)
    assert same(parse(program_text(total), {"x": x})["_"], total)
    tower = x
    for _ in range(500):
        tower = cg.sin(cg.cos(-tower))
    assert same(parse(program_text(tower), {"x": x})["_"], tower)


@st.composite
def _typed(draw: st.DrawFn) -> Node:
    """A graph of ops that have a public name, some nodes named, some read twice, some made of numbers alone."""
    nodes = [Node(0.5, f"x{index}") for index in range(3)] + [constant(draw(st.floats())) for _ in range(2)]
    numbers = st.floats() | st.integers(-5, 5).map(float)
    for index in range(draw(st.integers(1, 12))):
        called = draw(st.sampled_from([*cg.all_ops(), cg.logsumexp, cg.norm]))
        args = [draw(st.sampled_from(nodes[-6:])) for _ in range(getattr(called, "arity", 3))]
        if len(args) > 1 and draw(st.booleans()):
            args[-1] = draw(numbers)
        node = called(*args)
        nodes.append(node.named(f"n{index}") if draw(st.booleans()) else node)
    return sum(nodes[-3:], nodes[-4])


@given(_typed())
def test_a_program_is_read_back_as_the_same_graph(root: Node) -> None:
    again = last(program_text(root))
    assert same(again, root)
    assert len(order(again, typed=True, twins=False)) == len(order(root, typed=True, twins=False))


@given(st.lists(st.text(min_size=1, alphabet=st.characters(exclude_categories=("Cs",))), min_size=1, max_size=6))
def test_names_of_any_kind_are_told_apart(names: list[str]) -> None:
    root: Node = Node(1.0, names[0])
    for name in names[1:]:
        root = (root * Node(2.0, name)).named(name[::-1])
    text = program_text(root)
    nodes = parse(text)
    assert set(nodes.values()) == set(order([*nodes.values()][-1]))
    assert len(set(nodes.values())) == len(order(root))
