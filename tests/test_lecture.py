"""The lecture as a test: the graph of one example, its gradients in closed form, one step, and m examples.

z = w1·x1 + w2·x2 + b;  a = σ(z);  L(a, y) = −(y·log a + (1 − y)·log(1 − a)).
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import compgraph as cg
from compgraph import Node, boxes, grad, log, names, sigmoid

if TYPE_CHECKING:
    from collections.abc import Callable


class Lecture:
    """The lecture's graph, with the lecture's names."""

    def __init__(self, x1: float, x2: float, y: float, w1: float = 0.0, w2: float = 0.0, b: float = 0.0) -> None:
        self.x1, self.x2, self.y = x1, x2, y = Node(x1, "x1"), Node(x2, "x2"), Node(y, "y")
        self.w1, self.w2, self.b = w1, w2, b = Node(w1, "w1"), Node(w2, "w2"), Node(b, "b")
        with names():
            z = w1 * x1 + w2 * x2 + b
            a = sigmoid(z)
            L = -(y * log(a) + (1 - y) * log(1 - a))
        self.z, self.a, self.L = z, a, L


numbers = st.floats(-2.0, 2.0)
labels = st.sampled_from([0.0, 1.0])
points = st.builds(Lecture, numbers, numbers, labels, numbers, numbers, numbers)


def close(value: float | None) -> object:
    """Equal to nine digits."""
    return pytest.approx(value, rel=1e-9, abs=1e-300)


def test_forward_values_are_those_of_the_formulas() -> None:
    graph = Lecture(x1=1.0, x2=2.0, y=1.0, w1=0.1, w2=-0.2, b=0.0)
    z = 0.1 * 1.0 - 0.2 * 2.0
    a = 1 / (1 + math.exp(-z))
    assert graph.z.value == close(z)
    assert graph.a.value == close(a)
    assert graph.L.value == close(-math.log(a))


def test_picture_has_the_lecture_s_boxes() -> None:
    graph = Lecture(1.0, 2.0, 1.0)
    shown = {box.node.name: [arg.name for arg in box.args] for box in boxes(graph.L) if box.body}
    assert list(shown) == ["z", "a", "L"]
    assert shown["z"] == ["w1", "x1", "w2", "x2", "b"]
    assert shown["a"] == ["z"]


@pytest.fixture
def lecture() -> Lecture:
    return Lecture(x1=1.0, x2=2.0, y=1.0, w1=0.1, w2=-0.2, b=0.0)


def test_dz_is_a_minus_y(lecture: Lecture) -> None:
    a, y = lecture.a, lecture.y
    cg.assert_gradients(lecture.L, {lecture.z: a - y})


def test_dw_is_x_times_dz_and_db_is_dz(lecture: Lecture) -> None:
    dz = lecture.a - lecture.y
    cg.assert_gradients(lecture.L, {lecture.w1: lecture.x1 * dz, lecture.w2: lecture.x2 * dz, lecture.b: dz})


def test_da_is_its_closed_form(lecture: Lecture) -> None:
    a, y = lecture.a, lecture.y
    cg.assert_gradients(lecture.L, {a: -y / a + (1 - y) / (1 - a)})


def test_second_derivatives_are_a_times_1_minus_a(lecture: Lecture) -> None:
    x1, x2, a = lecture.x1, lecture.x2, lecture.a
    cg.assert_gradients(grad(lecture.L, lecture.b), {"b": a * (1 - a), "w1": x1 * a * (1 - a), "w2": x2 * a * (1 - a)})


@pytest.mark.parametrize("y", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("b", [-800.0, -40.0, 40.0, 800.0])
def test_dz_is_a_minus_y_however_sure_the_model_is(b: float, y: float) -> None:
    sure = Lecture(x1=1.0, x2=2.0, y=y, b=b)
    cg.assert_gradients(sure.L, {sure.z: sure.a - sure.y, sure.w2: sure.x2 * (sure.a - sure.y)})


def test_every_gradient_of_the_lecture_holds(lecture: Lecture, gradcheck: Callable[..., None]) -> None:
    gradcheck(lecture.L)


@given(points)
def test_the_loss_s_own_gradient_is_1(graph: Lecture) -> None:
    graph.L.backward()
    assert graph.L.grad == 1.0


@given(points)
def test_gradients_as_graphs_are_the_same_numbers(graph: Lecture) -> None:
    graph.L.backward()
    wanted = [graph.w1.grad, graph.w2.grad, graph.b.grad]
    assert [node.value for node in grad(graph.L, [graph.w1, graph.w2, graph.b])] == close(wanted)


@given(points)
def test_one_gradient_step_lowers_the_loss(graph: Lecture) -> None:
    graph.L.backward()
    before = graph.L.value
    assume(abs(graph.z.grad) > 1e-3)
    for parameter in (graph.w1, graph.w2, graph.b):
        parameter.value -= 0.01 * parameter.grad
    assert graph.L.value < before


def test_cost_over_m_examples_sums_the_gradients() -> None:
    """dw1 of J = Σ L/m is Σ x1·(a − y)/m: the lecture's loop, with ``accumulate=True`` for its ``+=``."""
    examples = [(1.0, 2.0, 1.0), (-0.5, 0.3, 0.0), (2.0, -1.0, 1.0), (0.1, 0.2, 0.0)]
    graph = Lecture(0.0, 0.0, 0.0, w1=0.1, w2=-0.2, b=0.3)
    parameters = [graph.w1, graph.w2, graph.b]
    sums = [0.0, 0.0, 0.0]
    for x1, x2, y in examples:
        graph.x1.value, graph.x2.value, graph.y.value = x1, x2, y
        graph.L.backward(accumulate=True)
        dz = 1 / (1 + math.exp(-(0.1 * x1 - 0.2 * x2 + 0.3))) - y
        sums = [total + dz * factor for total, factor in zip(sums, (x1, x2, 1.0), strict=True)]
    assert [parameter.grad for parameter in parameters] == close(sums)


def test_descent_over_m_examples_finds_the_minimum() -> None:
    """Labels that no line separates, so that the minimum is finite; there the gradient vanishes."""
    examples = [(0.0, 0.0), (1.0, 1.0), (2.0, 0.0), (3.0, 1.0)]
    graph = Lecture(0.0, 0.0, 0.0)
    costs = []
    for _ in range(400):
        graph.w1.grad = graph.b.grad = None
        cost = 0.0
        for x1, y in examples:
            graph.x1.value, graph.y.value = x1, y
            cost += graph.L.value / len(examples)
            graph.L.backward(accumulate=True)
        costs.append(cost)
        graph.w1.value -= 0.3 * graph.w1.grad / len(examples)
        graph.b.value -= 0.3 * graph.b.grad / len(examples)
    assert all(later <= earlier for earlier, later in itertools.pairwise(costs))
    assert graph.w1.grad == pytest.approx(0.0, abs=1e-3)
    assert graph.b.grad == pytest.approx(0.0, abs=1e-3)
