"""Forward mode: dual numbers, jvp, hvp, each against reverse mode."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import compgraph as cg
from compgraph import GraphTypeError, Node, grad, hessian, hvp, jvp
from compgraph.forward import Dual


def close(numbers: Any, scale: float) -> Any:
    return pytest.approx(numbers, rel=1e-9, abs=1e-10 * scale)


@given(data=st.data())
def test_forward_mode_agrees_with_reverse_mode(graphs: Any, data: Any) -> None:
    root, leaves = data.draw(graphs)
    reverse = [node.value for node in grad(root, leaves)]
    forward = [jvp(root, {leaf: 1.0})[1].value for leaf in leaves]
    scale = 1.0 + sum(abs(event.contribution) for event in cg.events(root))
    assert forward == close(reverse, scale)


@given(data=st.data())
def test_hessian_times_vector_agrees_with_the_hessian(graphs: Any, data: Any) -> None:
    root, leaves = data.draw(graphs)
    vector = [data.draw(st.integers(-3, 3)) for _ in leaves]
    rows = [[entry.value for entry in row] for row in hessian(root, leaves)]
    products = [sum(h * v for h, v in zip(row, vector, strict=True)) for row in rows]
    scale = 1.0 + max(abs(entry) for row in rows for entry in row)
    answers = [entry.value for entry in hvp(root, leaves, vector)]
    assert answers == pytest.approx(products, rel=1e-6, abs=1e-6 * scale)


def test_jvp_along_a_direction(x: Node, y: Node) -> None:
    value, slope = jvp(x * y, {x: 1.0, y: 10.0})
    assert (value.value, slope.value) == (10.0, 25.0)


def test_a_tangent_may_be_a_node(x: Node, y: Node) -> None:
    v = Node(3.0, "v")
    _, slope = jvp(x * y, {x: v})
    assert slope.value == 15.0
    v.value = 4.0
    assert slope.value == 20.0


def test_several_outputs(x: Node, y: Node) -> None:
    outputs, slopes = jvp([x * y, x + 1, y], {x: 1.0})
    assert [node.value for node in outputs] == [10.0, 3.0, 5.0]
    assert [node.value for node in slopes] == [5.0, 1.0, 0.0]


def test_a_direction_along_an_inner_node_cuts_it_free(x: Node) -> None:
    z = x * x
    assert jvp(z * 3, {z: 1.0})[1].value == 3.0
    assert jvp(z * x, {z: 1.0, x: 0.0})[1].value == 2.0


def test_jvp_of_a_function() -> None:
    assert jvp(lambda x, y: x * y, (2.0, 5.0), (1.0, 10.0)) == (10.0, 25.0)
    assert jvp(lambda x, y: (x * y, x), (2.0, 5.0), (0.0, 1.0)) == ((10.0, 2.0), (2.0, 0.0))
    assert jvp(lambda x: 3.0, (2.0,), (1.0,)) == (3.0, 0.0)
    assert jvp(lambda x, scale=4.0: x * scale, (2.0,), (1.0,)) == (8.0, 4.0)


def test_jvp_of_a_batch() -> None:
    values, slopes = jvp(lambda x: x * x, (np.array([1.0, 2.0]),), (np.array([1.0, 10.0]),))
    assert (values.tolist(), slopes.tolist()) == ([1.0, 4.0], [2.0, 40.0])


def test_jvp_of_a_function_that_closes_over_a_node(x: Node) -> None:
    value, slope = jvp(lambda t: x * t, (3.0,), (1.0,))
    assert (value.value, slope.value) == (6.0, 2.0)


def test_hvp_of_a_function() -> None:
    assert hvp(lambda x, y: x * x * y, (2.0, 5.0), (1.0, 0.0)) == (10.0, 4.0)
    assert hvp(lambda x: 3 * x, (2.0,), (1.0,)) == (0.0,)
    assert hvp(lambda x, scale=3.0: scale * x * x, (2.0,), (1.0,)) == (6.0,)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: jvp(x * x, 1.0), r"takes one mapping \{node: tangent\}"),
        (lambda x: jvp(x * x, {x: 1.0}, (1.0,)), r"takes one mapping"),
        (lambda x: jvp(x * x, {"x": 1.0}), r"Nodes as keys, not 'x'; find\(root, name\)"),
        (lambda x: jvp(x * x, {x: "a"}), r"'a' \(a str\) is not a real number"),
        (lambda x: jvp(3.0, {x: 1.0}), r"root of a graph is a Node, not 3\.0"),
        (lambda x: jvp(cg.exp, 2.0, 1.0), r"two sequences: jvp\(f, \(x, y\), \(dx, dy\)\)"),
        (lambda x: jvp(cg.exp, (2.0,), (1.0, 2.0)), r"1 primals and 2 tangents"),
        (lambda x: jvp(cg.exp, ("a",), (1.0,)), r"exp\(\), argument x: 'a' \(a str\)"),
        (lambda x: jvp(cg.exp, (2.0,), ("a",)), r"'a' \(a str\)"),
        (lambda x: hvp(x * x, x, 1.0), r"hvp takes two sequences"),
        (lambda x: hvp(x * x, [x], [1.0, 2.0]), r"1 variables and a vector of 2"),
        (lambda x: hvp(3.0, [x], [1.0]), r"root of a graph is a Node, not 3\.0"),
        (lambda x: hvp(x * x, ["q"], [1.0]), r"no node is named 'q'"),
    ],
)
def test_wrong_directions_are_named(x: Node, call: Any, message: str) -> None:
    with pytest.raises((GraphTypeError, cg.UnknownNameError), match=message):
        call(x)


def test_a_dual_number_of_a_dual_number_gives_second_derivatives() -> None:
    inner = Dual(Dual(2.0, 1.0), Dual(1.0, 0.0))
    cube = inner**3
    assert (cube.value.value, cube.value.tangent, cube.tangent.value, cube.tangent.tangent) == (8.0, 12.0, 12.0, 12.0)


def test_what_does_not_move_has_no_tangent() -> None:
    assert (Dual(2.0) * 3.0).tangent is None
    assert (Dual(2.0, 1.0) > 1.0).tangent is None


def test_forward_mode_through_a_long_chain(x: Node) -> None:
    end = x
    for _ in range(100_000):
        end = -end
    assert jvp(end, {x: 2.0})[1].value == 2.0
