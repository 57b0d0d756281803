"""The lecture as a test: the graph of one example, its gradients in closed form, one step, and m examples.

z = w1·x1 + w2·x2 + b;  a = σ(z);  L(a, y) = −(y·log a + (1 − y)·log(1 − a)).
"""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from compgraph import Node, boxes, grad, log, names, sigmoid


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


numbers = st.floats(-2.0, 2.0)  # so |z| ≤ 10: beyond, 1 − a alone costs the closed forms more digits than asked for
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


@given(points)
def test_dz_is_a_minus_y(graph: Lecture) -> None:
    graph.L.backward()
    assert graph.z.grad == close(graph.a.value - graph.y.value)


@given(points)
def test_dw1_is_x1_times_dz(graph: Lecture) -> None:
    graph.L.backward()
    assert graph.w1.grad == close(graph.x1.value * graph.z.grad)


@given(points)
def test_dw2_is_x2_times_dz(graph: Lecture) -> None:
    graph.L.backward()
    assert graph.w2.grad == close(graph.x2.value * graph.z.grad)


@given(points)
def test_db_is_dz(graph: Lecture) -> None:
    graph.L.backward()
    assert graph.b.grad == close(graph.z.grad)


@given(points)
def test_da_is_its_closed_form(graph: Lecture) -> None:
    graph.L.backward()
    y, a = graph.y.value, graph.a.value
    assert graph.a.grad == close(-y / a + (1 - y) / (1 - a))


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
def test_second_derivative_in_b_is_a_times_1_minus_a(graph: Lecture) -> None:
    second = grad(grad(graph.L, graph.b), graph.b)
    assert second.value == pytest.approx(graph.a.value * (1 - graph.a.value), rel=1e-6)


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
