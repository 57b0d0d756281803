"""Central differences: accurate where there is a slope, honest where there is none, and no trace in the graph."""

import math

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compgraph.checks import central_differences
from compgraph.errors import GraphTypeError, MissingValueError, NonFiniteWarning, UnknownNameError
from compgraph.graph import find, order
from compgraph.node import Node, clock
from compgraph.ops import cos, exp, floor, log, relu, sigmoid, sin, sqrt, where
from compgraph.syntax import parse

SMOOTH = {
    "sin": (sin, mpmath.sin, -50, 50),
    "exp": (exp, mpmath.exp, -20, 20),
    "log": (log, mpmath.log, 1e-6, 1e6),
    "sqrt": (sqrt, mpmath.sqrt, 1e-6, 1e6),
    "sigmoid": (sigmoid, lambda x: 1 / (1 + mpmath.exp(-x)), -30, 10),
    "wave": (lambda x: cos(30 * x) / (1 + x * x), lambda x: mpmath.cos(30 * x) / (1 + x * x), -5, 5),
}


@pytest.mark.parametrize("name", SMOOTH)
@given(where_=st.floats(0, 1))
def test_estimate_is_within_its_own_error_of_the_true_slope(name, where_):
    function, exact, low, high = SMOOTH[name]
    x = Node(low + where_ * (high - low), "x")
    estimate = central_differences(function(x))[x]
    with mpmath.workdps(60):
        truth = mpmath.diff(exact, mpmath.mpf(x.value))
        assert abs(estimate.value - truth) <= estimate.error
    assert estimate.error <= 1e-6 * max(abs(estimate.value), 1e-3)


@pytest.mark.parametrize("at", [1e-300, 1e-12, 1e-3, 1.0, 1e6, 1e100, 1e300])
def test_step_adapts_to_the_scale_of_the_input(at):
    x = Node(at, "x")
    assert central_differences(log(x))[x].value == pytest.approx(1 / at, rel=1e-6)


def test_inner_node_is_moved_by_itself():
    nodes = parse("z = w*x + b; a = sigmoid(z); L = -log(a)")
    for name, value in {"w": 0.5, "x": 2.0, "b": -1.5}.items():
        nodes[name].value = value
    slopes = central_differences(nodes["L"], ["a", nodes["z"]])
    assert slopes[nodes["a"]].value == pytest.approx(-1 / nodes["a"].value, rel=1e-11)
    assert slopes[nodes["z"]].value == pytest.approx(nodes["a"].value - 1, rel=1e-11)


def test_values_gradients_and_epoch_are_left_alone():
    x, w = Node(2.0, "x"), Node(3.0, "w")
    y = (w * x).named("y")
    y.backward()
    before = [(node.value, node.grad) for node in order(y)], clock.now
    central_differences(y, [x, w, y])
    assert ([(node.value, node.grad) for node in order(y)], clock.now) == before


@pytest.mark.parametrize(
    ("function", "at", "reason"),
    [
        (relu, 0.0, "at the kink of relu(x) (convention: relu′(0) = 0), slope 0 below, 1 above"),
        (abs, 0.0, "at the kink of |x| (convention: abs′(0) = 0), slope −1 below, 1 above"),
        (floor, 5000.0, "at the kink of ⌊x⌋"),
        (sqrt, 0.0, "at the edge of a domain: √x = nan where x = −"),
        (lambda x: where(x > 1, x, 2 * x), 1.0, "where x > 1 switches"),
    ],
)
def test_no_slope_is_claimed_where_there_is_none(function, at, reason):
    x = Node(at, "x")
    estimate = central_differences(function(x))[x]
    assert math.isnan(estimate.value)
    assert reason in estimate.reason


def test_root_that_is_not_finite_has_no_slope_and_warns():
    x = Node(0.0, "x")
    with pytest.warns(NonFiniteWarning, match="keep x inside"):
        estimate = central_differences(log(x).named("y"))[x]
    assert estimate.reason == "y itself is −∞"


@pytest.mark.parametrize("function", [lambda x: x**2, lambda x: relu(x) * x, lambda x: abs(x) * abs(x)])
def test_point_called_a_kink_gets_its_slope_where_both_sides_agree(function):
    x = Node(0.0, "x")
    estimate = central_differences(function(x))[x]
    assert estimate.reason == ""
    assert abs(estimate.value) <= estimate.error < 1e-12


def test_kink_nearby_is_not_stepped_over():
    x = Node(1e-7, "x")
    assert central_differences(relu(x))[x].value == pytest.approx(1.0, rel=1e-8)


@pytest.mark.parametrize("at", [801.4287596824367, -384.1925817132319, 5000.3])
def test_wide_steps_do_not_mistake_another_period_for_this_one(at):
    x = Node(at, "x")
    assert central_differences(cos(x))[x].value == pytest.approx(-math.sin(at), abs=1e-9)
    assert central_differences(floor(x))[x].value == 0.0


def test_root_and_targets_are_looked_at_before_anything_is_computed():
    x = Node(name="x")
    with pytest.raises(MissingValueError, match=r"x\.value = …"):
        central_differences(x * x)
    with pytest.raises(UnknownNameError, match="'w'"):
        central_differences(x * x, ["w"])
    with pytest.raises(GraphTypeError, match="wrt names 3"):
        central_differences(x * x, [3])
    with pytest.raises(GraphTypeError, match="the root of a graph is a Node"):
        central_differences(2.0)


def test_node_that_the_root_does_not_read_has_slope_zero():
    x, other = Node(2.0, "x"), Node(1.0, "other")
    y = x * x
    assert find(y, "x") is x
    assert central_differences(y, [other])[other].value == 0.0
