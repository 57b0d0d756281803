"""Inner gradients as typed: what a twin bypasses is differentiated as if it had been computed, with it cut free."""

from __future__ import annotations

import copy
import math
import pickle
from typing import TYPE_CHECKING, Any

import mpmath
import pytest

import compgraph as cg
from compgraph import Node, NonFiniteWarning, bypass, cos, events, exp, grad, hessian, hvp, jvp, log, sigmoid, sin
from compgraph.graph import order, typed_form
from compgraph.reverse import adjoints
from compgraph.store import dumps, loads
from tests.inner_rules import inner_rules

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def few_inner_rules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Those rules and no others."""
    with inner_rules(monkeypatch):
        yield


@pytest.fixture
def z() -> Node:
    return Node(0.3, "z")


def shared(z: Node) -> tuple[Node, Node]:
    """log(a) + 3a, with a = σ(z): a is bypassed and read."""
    a = sigmoid(z)
    return a, log(a) + 3 * a


def lecture(z: Node, y: Node) -> tuple[Node, Node]:
    a = sigmoid(z)
    return a, -(y * log(a) + (1 - y) * log(1 - a))


# --- backward ------------------------------------------------------------------------------------------------------


def test_a_node_that_is_bypassed_and_read_sums_both(z: Node) -> None:
    a, root = shared(z)
    root.backward()
    assert a.grad == pytest.approx(1 / a.value + 3, rel=1e-15)
    assert z.grad == pytest.approx(sigmoid(-0.3) + 3 * sigmoid(0.3) * sigmoid(-0.3), rel=1e-15)


def test_the_gradient_of_the_root_that_is_gone_is_answered(z: Node) -> None:
    a = sigmoid(z)
    log(a).backward()
    assert a.grad == 1 / a.value


@pytest.mark.parametrize("target", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("at", [0.3, 40.0, -40.0])
def test_da_of_the_lecture(at: float, target: float) -> None:
    z, y = Node(at, "z"), Node(target, "y")
    a, loss = lecture(z, y)
    loss.backward()
    with mpmath.workdps(60):
        truth = mpmath.mpf(1) / (1 + mpmath.exp(-mpmath.mpf(at)))
        expected = float(-mpmath.mpf(target) / truth + (1 - mpmath.mpf(target)) / (1 - truth))
    assert a.grad == pytest.approx(expected, rel=1e-14)
    assert grad(loss, a).value == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(("at", "target", "expected"), [(800, 1, -1.0), (-800, 0, 1.0), (800, 0, math.inf)])
def test_da_of_the_lecture_where_sigmoid_underflows(at: float, target: float, expected: float) -> None:
    z, y = Node(at, "z"), Node(target, "y")
    a, loss = lecture(z, y)
    loss.backward()
    assert a.grad == expected
    assert z.grad == at.__gt__(0) - target
    assert adjoints(loss)[a] == expected


def test_an_infinite_inner_gradient_does_not_warn_in_backward(recwarn: pytest.WarningsRecorder) -> None:
    a, loss = lecture(Node(800.0, "z"), Node(0.0, "y"))
    loss.backward()
    assert a.grad == math.inf
    assert not [entry for entry in recwarn if entry.category is NonFiniteWarning]


@pytest.mark.parametrize("at", [0.3, 40.0, -40.0, 300.0, -300.0, 800.0])
def test_every_part_of_a_sigmoid_typed_out(at: float) -> None:
    """L = log(1/(1+e)), e = exp(m), m = −z: dL/dd = −1/d, dL/de = −1/(1+e), dL/dm = −σ(m)."""
    z = Node(at, "z")
    m = -z
    e = exp(m)
    d = 1 + e
    a = 1 / d
    loss = log(a)
    loss.backward()
    with mpmath.workdps(500):
        e_true = mpmath.exp(-mpmath.mpf(at))
        expected = [-1 / (1 + e_true), -1 / (1 + e_true), -e_true / (1 + e_true), 1 / (1 + 1 / e_true)]
    for node, truth in zip([d, e, m, z], expected, strict=True):
        assert node.grad == pytest.approx(float(truth), rel=1e-14, abs=1e-320)
    for node, truth in zip([d, e, m, z], expected, strict=True):
        assert grad(loss, node).value == pytest.approx(float(truth), rel=1e-14, abs=1e-320)


def test_what_a_twin_drops_gets_zero(z: Node) -> None:
    upper, lower = exp(z), exp(-z)
    root = upper * lower
    z.grad = 7.0
    root.backward()
    assert root.value == 1.0
    assert z.grad == 0.0
    assert upper.grad == lower.value
    assert lower.grad == upper.value
    assert grad(root, z).value == 0.0
    assert jvp(root, {z: 1.0})[1].value == 0.0


def test_an_inner_node_that_a_twin_drops_gets_zero() -> None:
    x, w = Node(3.0, "x"), Node(0.7, "w")
    s = x * w
    root = (s - s) + 1e-30 * s
    root.backward()
    assert s.grad == 1e-30
    assert x.grad == 0.7e-30


def test_an_expression_typed_twice_and_read_once_is_held_apart() -> None:
    w, x = Node(0.5, "w"), Node(1.5, "x")
    first, second = w * x, w * x
    root = exp(first) * exp(-second)
    root.backward()
    assert (w.grad, x.grad) == (0.0, 0.0)
    assert (first.grad, second.grad) == pytest.approx((1.0, -1.0), rel=1e-15)
    assert grad(root, first).value == pytest.approx(1.0, rel=1e-15)


def test_a_node_that_is_looked_through_and_read_by_one_twin(z: Node) -> None:
    """u/exp(u) with u = exp(z) is computed as exp(z − u)."""
    node = exp(z)
    root = node / exp(node)
    root.backward()
    expected = math.exp(-node.value) * (1 - node.value)
    assert node.grad == pytest.approx(expected, rel=1e-14)
    assert grad(root, node).value == pytest.approx(expected, rel=1e-14)


def test_a_second_pass_overwrites_and_an_accumulating_one_adds(z: Node) -> None:
    a, root = shared(z)
    root.backward()
    root.backward()
    once = 1 / a.value + 3
    assert a.grad == pytest.approx(once, rel=1e-15)
    root.backward(accumulate=True)
    root.backward(accumulate=True)
    assert a.grad == pytest.approx(3 * once, rel=1e-15)


def test_accumulating_over_examples_by_hand(z: Node) -> None:
    a, root = shared(z)
    expected = 0.0
    for value in (0.3, -2.0, 5.0):
        z.value = value
        root.backward(accumulate=True)
        expected += 1 / a.value + 3
    assert a.grad == pytest.approx(expected, rel=1e-14)


def test_a_gradient_stays_what_the_pass_made_it(z: Node) -> None:
    a, root = shared(z)
    root.backward()
    before = 1 / a.value + 3
    z.value = -5.0
    assert a.grad == pytest.approx(before, rel=1e-15)
    root.backward()
    assert a.grad == pytest.approx(1 / a.value + 3, rel=1e-15)


def test_a_gradient_that_was_set_stays(z: Node) -> None:
    a, root = shared(z)
    root.backward()
    a.grad = None
    assert a.grad is None
    a.grad = 5.0
    root.backward(accumulate=True)
    assert a.grad == pytest.approx(8 + 1 / a.value, rel=1e-15)


def test_the_pass_that_came_last_counts(z: Node) -> None:
    a = sigmoid(z)
    first, second = log(a), 5 * a
    first.backward()
    second.backward()
    assert a.grad == 5.0
    first.backward()
    assert a.grad == 1 / a.value


@pytest.mark.parametrize(
    "again",
    [copy.deepcopy, lambda both: pickle.loads(pickle.dumps(both)), lambda both: loads(dumps(list(both)))],
    ids=["deepcopy", "pickle", "json"],
)
def test_copies_and_files_hold_the_inner_gradient(z: Node, again: Any) -> None:
    both = shared(z)
    both[1].backward()
    a, root = again(both)
    assert a.grad == pytest.approx(1 / a.value + 3, rel=1e-15)
    root.backward(accumulate=True)
    assert a.grad == pytest.approx(2 * (1 / a.value + 3), rel=1e-15)


def test_a_shallow_copy_holds_the_inner_gradient(z: Node) -> None:
    a, root = shared(z)
    root.backward()
    assert copy.copy(a).grad == pytest.approx(1 / a.value + 3, rel=1e-15)


def test_no_node_of_the_graph_as_typed_is_left_without_a_gradient(z: Node) -> None:
    _, loss = lecture(z, Node(0.3, "y"))
    loss.backward()
    typed = order(loss, typed=True, twins=False)
    assert [node for node in typed if node.grad is None and node.op.name != "constant"] == []


def test_an_input_does_not_keep_the_graph_alive(z: Node) -> None:
    _, root = shared(z)
    root.backward()
    assert z._sweep is not None
    assert z._sweep.bypass is None


def test_a_failed_accumulating_pass_leaves_inner_gradients_as_they_were(z: Node) -> None:
    a, root = shared(z)
    root.backward()
    before = a.grad
    with pytest.raises(cg.MissingValueError):
        (root * Node(name="later")).backward(accumulate=True)
    assert a.grad == before


def test_what_reads_both_a_bypassed_node_and_what_is_computed_from_it_counts_once(
    z: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bypass, "_CANCELLED", 2.0)  # every node is cut free on its own
    a = sigmoid(z)
    c = log(a)
    root = c * a + 2 * a
    root.backward()
    assert a.grad == pytest.approx(math.log(a.value) + 3, rel=1e-14)


@pytest.mark.parametrize("length", [10_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_a_long_chain_of_rewritten_nodes(z: Node, length: int) -> None:
    node, inner = z, []
    for _ in range(length):
        inner.append(sigmoid(node))
        node = log(inner[-1])
    node.backward()
    assert inner[-1].grad == 1 / inner[-1].value
    assert inner[-2].grad == pytest.approx(
        inner[-1].value * sigmoid(-inner[-1].args[0].value) / (inner[-1].value * inner[-2].value), rel=1e-13
    )


# --- events and adjoints -------------------------------------------------------------------------------------------


def test_events_name_the_rule_whose_twin_carries_the_flow(z: Node) -> None:
    _, root = shared(z)
    vias = {event.node: event.via for event in events(root)}
    assert vias[root.args[0]] == "log(sigmoid(u)) = log_sigmoid(u)"
    assert vias[root] == "typed"


def test_events_as_typed_add_up_to_the_gradients_of_backward(z: Node) -> None:
    a, root = shared(z)
    root.backward()
    sums: dict[Node, float] = {}
    for event in events(root, typed=True):
        arg = typed_form(event.node)[1][event.index]
        sums[arg] = sums.get(arg, 0.0) + event.contribution
        assert event.via == "typed"
    assert sums[a] == a.grad
    assert sums[z] == pytest.approx(z.grad, rel=1e-14)


def test_events_as_typed_on_the_way_to_an_inner_node(z: Node) -> None:
    a, root = shared(z)
    found = [(event.node, event.contribution) for event in events(root, [a], typed=True)]
    assert (root.args[0], 1 / a.value) in found
    assert all(event.node is not a for event in events(root, [a], typed=True))


def test_adjoints_hold_inner_nodes_as_numbers_and_as_nodes(z: Node) -> None:
    a, root = shared(z)
    expected = pytest.approx(1 / a.value + 3, rel=1e-15)
    assert adjoints(root)[a] == expected
    assert adjoints(root, [a])[a] == expected
    assert adjoints(root, as_nodes=True)[a].value == expected
    assert adjoints(root, inner=False)[a] == 3.0


# --- gradients as graphs, forward mode -----------------------------------------------------------------------------


def test_gradients_by_a_bypassed_node_and_by_what_is_below_it(z: Node) -> None:
    a, root = shared(z)
    by_a, by_z = grad(root, [a, z])
    assert by_a.value == pytest.approx(1 / a.value + 3, rel=1e-15)
    assert by_z.value == pytest.approx(sigmoid(-0.3) + 3 * sigmoid(0.3) * sigmoid(-0.3), rel=1e-15)
    z.value = -2.0
    assert by_a.value == pytest.approx(1 / a.value + 3, rel=1e-15)


def test_the_answer_reads_the_node_itself_and_not_what_stood_in_its_place(z: Node) -> None:
    a, root = shared(z)
    answer = grad(root, a)
    assert [node for node in order(answer) if node.op.name == "input"] == [z]
    assert a in order(answer, typed=True)


def test_second_derivatives_by_a_bypassed_node(z: Node) -> None:
    a, root = shared(z)
    second = pytest.approx(-1 / a.value**2, rel=1e-14)
    assert hessian(root, a).value == second
    assert grad(grad(root, a), a).value == second
    assert [entry.value for entry in hvp(root, [a], [2.0])] == [pytest.approx(-2 / a.value**2, rel=1e-14)]


def test_jacobian_and_vjp_by_a_bypassed_node(z: Node) -> None:
    a = sigmoid(z)
    rows = cg.jacobian([log(a), 3 * a], [a])
    assert [row[0].value for row in rows] == pytest.approx([1 / a.value, 3.0], rel=1e-15)
    _, pullback = cg.vjp([log(a), 3 * a], a)
    assert pullback((1.0, 2.0))[0].value == pytest.approx(1 / a.value + 6, rel=1e-15)


def test_forward_mode_along_a_bypassed_node(z: Node) -> None:
    a, root = shared(z)
    assert jvp(root, {a: 1.0})[1].value == pytest.approx(1 / a.value + 3, rel=1e-15)
    first, second = jvp([log(a), 3 * a], {a: 2.0})[1]
    assert (first.value, second.value) == pytest.approx((2 / a.value, 6.0), rel=1e-15)


def test_forward_mode_along_a_bypassed_node_and_an_input_cuts_the_node_free(z: Node) -> None:
    a, root = shared(z)
    assert jvp(root * z, {a: 1.0, z: 10.0})[1].value == pytest.approx(
        (1 / a.value + 3) * z.value + 10 * root.value, rel=1e-14
    )


def test_a_graph_without_twins_is_differentiated_as_it_is(x: Node) -> None:
    a = sin(x)
    root = cos(a) + a
    assert grad(root, a).value == pytest.approx(1 - math.sin(a.value), rel=1e-15)
    root.backward()
    assert a._sweep is not None
    assert a._sweep.bypass is None
