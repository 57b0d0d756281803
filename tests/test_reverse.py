"""Reverse mode: the event stream, backward, gradients as graphs, and the transforms of functions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import compgraph as cg
from compgraph import (
    AmbiguousNameError,
    GraphTypeError,
    MissingValueError,
    Node,
    UnknownNameError,
    events,
    grad,
    hessian,
    jacobian,
    value_and_grad,
)
from compgraph.graph import inputs, order, same


def flow_of(root: Node) -> float:
    """How much flowed at all: what the rounding errors of a gradient are measured against."""
    return 1.0 + sum(abs(event.contribution) for event in events(root))


# --- one stream, several drains ------------------------------------------------------------------------------------


@given(st.data())
def test_events_add_up_to_what_backward_leaves(graphs: Any, data: st.DataObject) -> None:
    root, _ = data.draw(graphs)
    root.backward()
    sums = dict.fromkeys(order(root), 0.0) | {root: 1.0}
    for event in events(root):
        assert event.upstream == sums[event.node]
        sums[event.node.args[event.index]] += event.contribution
    assert {node: node.grad for node in inputs(root)} == {node: sums[node] for node in inputs(root)}


@given(st.data())
def test_gradient_graphs_have_the_values_that_backward_leaves(graphs: Any, data: st.DataObject) -> None:
    root, leaves = data.draw(graphs)
    for leaf in leaves:
        leaf.grad = 0.0
    root.backward()
    values = [node.value for node in grad(root, leaves)]
    assert values == pytest.approx([leaf.grad for leaf in leaves], rel=1e-9, abs=1e-12 * flow_of(root))


@given(st.data())
def test_gradients_agree_with_central_differences(graphs: Any, data: st.DataObject) -> None:
    root, leaves = data.draw(graphs)
    for leaf in leaves:
        leaf.grad = 0.0
    root.backward()
    scale = flow_of(root)
    for leaf in leaves:
        at, step = leaf.value, 1e-6
        leaf.value = at + step
        above = root.value
        leaf.value = at - step
        below = root.value
        leaf.value = at
        if all(math.isfinite(number) for number in (above, below)) and scale < 1e3:
            assert leaf.grad == pytest.approx((above - below) / (2 * step), rel=1e-3, abs=1e-3 * scale)


def test_an_event_is_one_step_of_the_chain_rule(x: Node, y: Node) -> None:
    z = x * y
    root = z * 3
    assert list(events(root)) == [
        (root, 0, 1.0, 3.0, 3.0, "typed"),
        (z, 0, 3.0, 5.0, 15.0, "typed"),
        (z, 1, 3.0, 2.0, 6.0, "typed"),
    ]


def test_events_on_the_way_to_some_nodes_only(x: Node, y: Node) -> None:
    root = (x * 2) * (y * 3)
    assert {event.node.args[event.index] for event in events(root, [x])} == {x, root.args[0]}


def test_a_repeated_argument_gets_an_event_each(x: Node) -> None:
    assert [(event.index, event.contribution) for event in events(x * x)] == [(0, 2.0), (1, 2.0)]


def test_a_node_that_is_used_twice_passes_on_its_whole_gradient_once(x: Node) -> None:
    z = x * x
    root = z * z + z
    assert [event.upstream for event in events(root) if event.node is z] == [9.0, 9.0]


def test_an_upstream_of_zero_stops_an_infinite_slope() -> None:
    x = Node(0.0, "x")
    (cg.sqrt(x) * 0.0).backward()
    assert x.grad == 0.0
    assert grad(cg.sqrt(x) * 0.0, x).value == 0.0


# --- grad ----------------------------------------------------------------------------------------------------------


def test_the_answer_has_the_shape_of_the_question(x: Node, y: Node) -> None:
    L = x * x * y
    assert grad(L, x).value == 20.0
    assert grad(L, "x").value == 20.0
    assert [node.value for node in grad(L, [y, "x"])] == [4.0, 20.0]
    assert {name: node.value for name, node in grad(L).items()} == {"x": 20.0, "y": 4.0}
    assert grad(L, []) == ()


def test_gradients_by_inner_nodes(x: Node) -> None:
    z = (x * 3).named("z")
    assert grad(z * z, z).value == 12.0
    assert grad(z * z, "z").value == 12.0


def test_the_gradient_by_the_root_is_1(x: Node) -> None:
    assert grad(x, x).value == 1.0


def test_a_gradient_follows_its_inputs(x: Node) -> None:
    slope = grad(x**3, x)
    assert slope.value == 12.0
    x.value = 1.0
    assert slope.value == 3.0


def test_any_order(x: Node) -> None:
    derivative = x**4
    for value in (16.0, 32.0, 48.0, 48.0, 24.0, 0.0):
        assert derivative.value == pytest.approx(value)
        derivative = grad(derivative, x)


def test_what_the_root_does_not_depend_on_gets_zero(x: Node, y: Node) -> None:
    assert grad(x * 2, y).value == 0.0


@pytest.mark.parametrize(
    ("wrt", "error", "message"),
    [
        ("q", UnknownNameError, r"no node is named 'q'; the names here: x"),
        (3, GraphTypeError, r"wrt is a Node, a name, a sequence of them or None, not 3 \(a int\)"),
        ([3.0], GraphTypeError, r"wrt names 3\.0 \(a float\); give Nodes or their names"),
    ],
)
def test_a_wrong_wrt_is_named(x: Node, wrt: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        grad(x * x, wrt)


def test_names_that_two_inputs_share_are_refused(x: Node) -> None:
    L = x * Node(3.0, "x")
    for wrt in ("x", None):
        with pytest.raises(AmbiguousNameError, match=r"2 nodes are named 'x'"):
            grad(L, wrt)


@pytest.mark.parametrize("transform", [grad, cg.value_and_grad, cg.jacobian, cg.hessian])
def test_a_target_that_is_no_graph_is_refused(transform: Any) -> None:
    with pytest.raises(GraphTypeError, match="root of a graph is a Node, not 3"):
        transform(3.0)


def test_grad_takes_one_output(x: Node) -> None:
    with pytest.raises(GraphTypeError, match="one output, not 2; use jacobian"):
        grad([x, x * 2], x)


# --- value_and_grad, jacobian, hessian, vjp ------------------------------------------------------------------------


def values(structure: Any) -> Any:
    return structure.value if isinstance(structure, Node) else tuple(values(entry) for entry in structure)


def test_value_and_grad(x: Node) -> None:
    value, slope = cg.value_and_grad(x**3, x)
    assert (value.value, slope.value) == (8.0, 12.0)


def test_jacobian_has_a_row_per_output(x: Node, y: Node) -> None:
    assert values(cg.jacobian([x * y, x + y, x], [x, y])) == ((5.0, 2.0), (1.0, 1.0), (1.0, 0.0))
    assert values(cg.jacobian(x * y, [x, y])) == (5.0, 2.0)
    rows = cg.jacobian([x * 2, y * 3])
    assert [{name: entry.value for name, entry in row.items()} for row in rows] == [{"x": 2, "y": 0}, {"x": 0, "y": 3}]


def test_hessian(x: Node, y: Node) -> None:
    L = x * x * y
    assert values(cg.hessian(L, [x, y])) == ((10.0, 4.0), (4.0, 0.0))
    assert cg.hessian(L, x).value == 10.0
    assert cg.hessian(L)["x"]["y"].value == 4.0


@given(st.data())
def test_hessians_are_symmetric(graphs: Any, data: st.DataObject) -> None:
    root, leaves = data.draw(graphs)
    rows = values(cg.hessian(root, leaves))
    scale = 1.0 + max(abs(entry) for row in rows for entry in row)
    for i, row in enumerate(rows):
        assert row == pytest.approx([other[i] for other in rows], rel=1e-6, abs=1e-6 * scale)


def test_vjp_weighs_the_outputs(x: Node, y: Node) -> None:
    outputs, pullback = cg.vjp([x * y, x + y], x, y)
    assert values(outputs) == (10.0, 7.0)
    assert values(pullback((1.0, 10.0))) == (15.0, 12.0)
    with pytest.raises(GraphTypeError, match="takes 2 cotangents, one per output, not 1"):
        pullback(1.0)


# --- functions -----------------------------------------------------------------------------------------------------


def product(x: Any, y: Any, scale: Any = 1.0) -> Any:
    z = x * x * y
    return z * scale


@pytest.mark.parametrize(
    ("argnums", "expected"), [(None, 20.0), (0, 20.0), (1, 4.0), (2, 20.0), (-1, 20.0), ((0, 1), (20.0, 4.0)), ([], ())]
)
def test_grad_of_a_function_by_position(argnums: Any, expected: Any) -> None:
    assert grad(product, argnums)(2.0, 5.0) == expected


def test_keywords_defaults_and_integers_are_arguments_like_others() -> None:
    assert grad(product)(2, y=5, scale=3) == 60.0
    assert grad(product)(x=2.0, y=5.0) == 20.0


def test_numbers_give_a_plain_float() -> None:
    assert type(grad(product)(2, 5)) is float


@pytest.mark.parametrize("argnums", [3, "x", 1.5])
def test_wrong_argnums_are_named(argnums: Any) -> None:
    with pytest.raises(GraphTypeError, match=rf"argnums {argnums!r}: the arguments are numbered 0 to 2"):
        grad(product, argnums)(2.0, 5.0)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), r"product\(\): missing a required argument: 'x'"),
        ((1.0, 2.0, 3.0, 4.0), r"product\(\): too many positional"),
        (("a", 1.0), r"product\(\), argument x: 'a' \(a str\) is not a real number"),
        ((1.0, None), r"product\(\), argument y: None"),
        (([1.0], 2.0), r"product\(\), argument x: \[1\.0\] \(a list\).*one Node per entry"),
    ],
)
def test_wrong_arguments_are_named(args: Any, message: str) -> None:
    with pytest.raises(GraphTypeError, match=message):
        grad(product)(*args)


def test_the_function_keeps_its_name() -> None:
    assert grad(product).__name__ == "product"


def test_nested_gradients_of_a_function() -> None:
    assert grad(grad(lambda x: x**3))(2.0) == 12.0
    assert grad(grad(grad(cg.sin)))(0.5) == pytest.approx(-math.cos(0.5))


def test_gradients_inside_a_function_do_not_confuse_their_variables() -> None:
    """d/dx [x·d/dy(x·y)] = d/dx x² = 2x: the test of perturbation confusion (Siskind & Pearlmutter 2005)."""
    assert grad(lambda x: x * grad(lambda y: x * y)(x))(3.0) == 6.0
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0) == 6.0
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0


def test_nodes_as_arguments_give_nodes(x: Node) -> None:
    slope = grad(lambda t: t**3)(x)
    assert same(slope, grad(x**3, x))
    assert slope.value == 12.0


def test_a_function_that_closes_over_nodes_gives_nodes(x: Node) -> None:
    z = (x * 3).named("z")
    slope = grad(lambda t: z * t * t)(5.0)
    assert slope.value == 60.0
    x.value = 1.0
    assert slope.value == 30.0
    assert z in order(slope)


def test_arrays_are_batches() -> None:
    batch = np.array([1.0, 2.0, 3.0])
    assert grad(lambda x: x**3)(batch).tolist() == [3.0, 12.0, 27.0]
    assert grad(product, (0, 1))(batch, 2.0)[1].tolist() == [1.0, 4.0, 9.0]
    value, slope = cg.value_and_grad(cg.sigmoid)(batch)
    assert slope == pytest.approx(value * (1 - value))


def test_every_answer_to_a_batch_has_its_shape() -> None:
    batch = np.array([1.0, 2.0])
    assert grad(lambda x: 2 * x)(batch).tolist() == [2.0, 2.0]
    assert grad(lambda x, y: x * y)(batch, 3.0).tolist() == [3.0, 3.0]
    assert grad(lambda x, y: x * y)(batch[:, None], batch).shape == (2, 2)


def test_a_batch_takes_both_arms_of_where() -> None:
    slope = grad(lambda x: cg.where(x > 0, cg.sqrt(x), -x))(np.array([4.0, -1.0, 0.0]))
    assert slope.tolist() == [0.25, -1.0, -1.0]


def test_transforms_of_functions() -> None:
    assert cg.value_and_grad(product, (0, 1))(2.0, 5.0) == (20.0, (20.0, 4.0))
    assert cg.jacobian(lambda x, y: (x * y, x + y), (0, 1))(2.0, 5.0) == ((5.0, 2.0), (1.0, 1.0))
    assert cg.jacobian(lambda x: (x * x, 3.0))(2.0) == (4.0, 0.0)
    assert cg.hessian(product, (0, 1))(2.0, 5.0) == ((10.0, 4.0), (4.0, 0.0))


def test_vjp_of_a_function() -> None:
    outputs, pullback = cg.vjp(lambda x, y: (x * y, x + y), 2.0, 5.0)
    assert outputs == (10.0, 7.0)
    assert pullback((1.0, 10.0)) == (15.0, 12.0)


def test_other_number_systems_go_through() -> None:
    sympy, mpmath = pytest.importorskip("sympy"), pytest.importorskip("mpmath")
    symbol = sympy.Symbol("x")
    assert sympy.simplify(grad(lambda x: x * cg.sin(x))(symbol) - sympy.diff(symbol * sympy.sin(symbol))) == 0
    with mpmath.workdps(50):
        assert mpmath.almosteq(grad(cg.exp)(mpmath.mpf(1)), mpmath.e, rel_eps=mpmath.mpf("1e-48"))


def test_a_long_chain_differentiates(x: Node) -> None:
    end = x
    for _ in range(100_000):
        end = -end
    end.backward()
    assert x.grad == 1.0
    assert grad(end, x).value == 1.0
    assert sum(1 for _ in events(end)) == 100_000


@pytest.mark.slow
def test_a_chain_of_a_million_nodes(x: Node) -> None:
    end = x
    for _ in range(1_000_000):
        end = end + 1.0
    assert end.value == 1_000_002.0
    end.backward()
    assert x.grad == 1.0
    assert grad(end, x).value == 1.0
    del end


@pytest.mark.parametrize("transform", [grad, value_and_grad, hessian, jacobian])
def test_argnums_may_be_given_by_its_name(transform: Any) -> None:
    def product(x: Any, y: Any) -> Any:
        return x * y * y

    assert transform(product, argnums=1)(2.0, 5.0) == transform(product, 1)(2.0, 5.0)
    with pytest.raises(GraphTypeError, match="argnums numbers a function's arguments"):
        transform(Node(1.0) * 2, argnums=0)


def test_a_failed_accumulating_pass_leaves_the_sums_as_they_were() -> None:
    w, x = Node(2.0, "w"), Node(3.0, "x")
    z = w * x
    z.backward()
    unset = z * Node(name="later")
    with pytest.raises(MissingValueError):
        unset.backward(accumulate=True)
    assert (w.grad, x.grad, z.grad) == (3.0, 2.0, 1.0)


@pytest.mark.parametrize(
    "partial",
    [lambda y, u, v: v if u == 0 else y, lambda y, u, v: v or 7.0, lambda y, u, v: 7.0 if u != 1 else y],
    ids=["equal", "truth", "not-equal"],
)
@pytest.mark.parametrize(("u", "v"), [(0.0, 5.0), (1.0, 0.0), (2.0, 3.0)])
def test_a_partial_that_branches_on_numbers_is_asked_at_each_of_them(partial: Any, u: float, v: float) -> None:
    branching = cg.op("branching", partial, 1.0, body=lambda u, v: u + v)
    left, right = Node(u, "u"), Node(v, "v")
    branching(left, right).backward()
    assert left.grad == partial(u + v, u, v)


def test_a_partial_that_is_the_output_itself_is_the_output(w: Node, x: Node) -> None:
    growing = cg.op("growing", lambda y, u, v: y, lambda y, u, v: y, body=lambda u, v: cg.exp(u + v))
    root = growing(w, x)
    root.backward()
    assert w.grad == x.grad == root.value
