"""Gradients against closed forms: right ones pass however they are given, wrong ones fail with a message that helps."""

import re
from pathlib import Path

import numpy as np
import pytest

from compgraph.checks import settings
from compgraph.checks.assertions import assert_gradients
from compgraph.errors import AmbiguousNameError, GraphTypeError, GraphValueError, MissingValueError, UnknownNameError
from compgraph.naming import names
from compgraph.node import Node, as_typed
from compgraph.ops import abs as absolute
from compgraph.ops import exp, floor, log, maximum, relu, sigmoid, sqrt, where
from compgraph.reverse import grad


class Lecture:
    def __init__(self, **values):
        values = {"x1": 1.0, "x2": 2.0, "y": 1.0, "w1": 0.1, "w2": -0.2, "b": 0.0} | values
        self.x1, self.x2, self.y, self.w1, self.w2, self.b = (Node(value, name) for name, value in values.items())
        self.z = (self.w1 * self.x1 + self.w2 * self.x2 + self.b).named("z")
        self.a = sigmoid(self.z).named("a")
        self.L = (-(self.y * log(self.a) + (1 - self.y) * log(1 - self.a))).named("L")


@pytest.fixture
def lecture():
    return Lecture()


@pytest.fixture(autouse=True)
def pictures(tmp_path, monkeypatch):
    """Pictures of failures go where pytest keeps what tests write."""
    monkeypatch.setattr(settings.SETTINGS, "folder", lambda: tmp_path)


def failure(*args, **options):
    with pytest.raises(AssertionError) as caught:
        assert_gradients(*args, **options)
    return str(caught.value)


# --- what passes ---------------------------------------------------------------------------------------------------


def test_the_lecture_s_closed_forms_hold(lecture):
    g = lecture
    dz = g.a - g.y
    assert_gradients(g.L, {g.z: dz, g.w1: g.x1 * dz, g.w2: g.x2 * dz, g.b: dz, g.x1: g.w1 * dz, g.y: -g.z})


def test_an_inner_node_has_the_gradient_of_the_graph_as_typed(lecture):
    g = lecture
    assert_gradients(g.L, {g.a: -g.y / g.a + (1 - g.y) / (1 - g.a)})


def test_nodes_go_by_name_and_forms_by_function(lecture):
    assert_gradients(lecture.L, {"z": lambda a, y: a - y, "w1": lambda x1, a, y: x1 * (a - y)})


def test_a_number_is_compared_at_the_present_values(lecture):
    a, y = lecture.a.value, lecture.y.value
    assert_gradients(lecture.L, {lecture.z: a - y, lecture.w2: np.float64(2 * (a - y)), lecture.L: 1})


@pytest.mark.parametrize("b", [40.0, -40.0, 800.0, -800.0])
def test_a_form_is_not_blamed_for_the_digits_that_it_loses_in_floats(b):
    g = Lecture(b=b)
    assert_gradients(g.L, {g.z: g.a - g.y, g.w1: g.x1 * (g.a - g.y)})


def test_second_derivatives_are_gradients_of_gradients(lecture):
    g = lecture
    assert_gradients(grad(g.L, g.b), {g.b: g.a * (1 - g.a)})


def test_the_gradient_by_a_node_that_plays_no_part_is_0():
    x, y = Node(3.0, "x"), Node(2.0, "y")
    assert_gradients(x * x + 0 * y, {y: 0.0, x: 2 * x})


def test_a_number_may_be_off_by_what_rounding_leaves_of_a_sum():
    x = Node(0.1, "x")
    assert_gradients((1e8 * x - 1e8 * x) + x, {x: (1e8 + 1.0) - 1e8})


def test_nothing_of_the_graph_changes(lecture):
    g = lecture
    g.L.backward()
    before = [(node.value, node.grad, repr(node)) for node in (g.L, g.z, g.w1, g.y)]
    assert_gradients(g.L, {g.z: g.a - g.y})
    assert [(node.value, node.grad, repr(node)) for node in (g.L, g.z, g.w1, g.y)] == before


# --- what is tried -------------------------------------------------------------------------------------------------


def test_random_points_find_a_form_that_holds_by_accident(lecture):
    g = lecture
    message = failure(g.L, {g.w1: g.a - g.y})  # x1 is 1
    assert "at random point 1 of seed 0, though not at the present values" in message
    assert_gradients(g.L, {g.w1: g.a - g.y}, samples=0)
    assert_gradients(g.L, {g.w1: g.a - g.y}, keep=["x1"])


def test_random_points_lie_where_the_graph_is_defined():
    x = Node(0.3, "x")
    assert_gradients(sqrt(1 - x * x) + log(x), {x: 1 / x - x / sqrt(1 - x * x)})


def test_one_side_of_a_kink_is_told_from_the_whole():
    x = Node(2.0, "x")
    assert "random point" in failure(relu(x), {x: 1.0 + 0 * x})
    assert_gradients(relu(x), {x: 1.0 + 0 * x}, samples=0)
    assert_gradients(relu(x), {x: where(x > 0, 1.0, 0.0)})
    assert_gradients(absolute(x) + maximum(x, 0.5), {x: where(x > 0, 1.0, -1.0) + where(x > 0.5, 1.0, 0.0)})


def test_a_seed_means_its_points(lecture):
    g = lecture
    first, again, other = (failure(g.L, {g.w1: g.a - g.y}, seed=seed) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_an_engine_that_lost_digits_is_found_out():
    x = Node(1e-9, "x")
    with as_typed():
        naive = (1 - exp(-x)) / x
    assert "the engine's number has lost digits" in failure(naive, {x: (exp(-x) * (1 + x) - 1) / (x * x)})


# --- what fails ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [-1.0, 1 + 1e-9, 2.0, 0.0])
def test_a_wrong_form_fails(lecture, factor):
    g = lecture
    wrong = {g.w1: factor * g.x1 * (g.a - g.y)}
    assert "they differ" in failure(g.L, wrong)
    assert "they differ at the present values" in failure(g.L, wrong, prove=False)  # by the numbers alone, too


def test_a_wrong_form_fails_however_small_the_gradient():
    x = Node(1.0, "x")
    failure(1e-200 * x * x, {x: 1e-200 * x})
    assert_gradients(1e-200 * x * x, {x: 2e-200 * x})


def test_nan_is_no_gradient():
    x = Node(0.0, "x")
    failure(log(x) - log(x), {x: 0.0})


def test_the_message_says_all_there_is_to_say(lecture, golden, tmp_path):
    g = lecture
    message = failure(g.L, {g.w1: g.x1 * (g.a + g.y)})
    (picture,) = re.findall(r"picture: (.*)", message)
    assert Path(picture).read_text(encoding="utf-8").startswith("<svg")
    golden("checks/wrong_form.txt", message.replace(str(tmp_path), "…") + "\n")


def test_a_picture_that_fails_does_not_hide_the_failure(lecture, monkeypatch, tmp_path):
    monkeypatch.setattr(settings.SETTINGS, "folder", lambda: tmp_path / "nowhere")
    assert "picture: none (" in failure(lecture.L, {lecture.z: 0.25})


def test_names_that_look_like_anything_come_through(tmp_path):
    x = Node(2.0, "../a/<b>\n")
    message = failure(x * x, {x: x})
    assert '"../a/<b>\\n"' in message
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("form", "hint"),
    [
        (lambda y, a: y - a, "your form has the other sign"),
        (lambda a, y: 2 * (a - y), "your form is 2 times the gradient"),
        (lambda a, y: (a - y) / 3, "your form is 1/3 of the gradient"),
        (lambda a, y: a * (a - y), "your form has the factor a too much"),
        (lambda a, y, x2: x2 * (a - y), "your form has the factor x2 too much"),
    ],
)
def test_an_easy_mistake_is_named(lecture, form, hint):
    assert f"hint: {hint}\n" in failure(lecture.L, {"z": form})


def test_a_path_left_out_is_named():
    x = Node(3.0, "x")
    with names():
        u = x * x
        v = exp(x)
    assert "hint: your form leaves out what comes through v\n" in failure(u + v, {x: 2 * x})


# --- misuse --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("forms", "error", "said"),
    [
        ({}, GraphValueError, "nothing would be asserted"),
        ([1.0], GraphTypeError, "closed forms are a dict"),
        ({"q": 1.0}, UnknownNameError, "q"),
        ({"z": "a - y"}, GraphTypeError, "the closed form for dz"),
        ({"z": np.ones(3)}, GraphTypeError, "the closed form for dz"),
        ({"z": lambda q: q}, UnknownNameError, "q"),
        ({Node(1.0, "w9"): 1.0}, GraphValueError, "does not depend on the node"),
        ({3: 1.0}, GraphTypeError, "closed_forms names 3"),
    ],
)
def test_misuse_is_told_from_a_wrong_gradient(lecture, forms, error, said):
    with pytest.raises(error, match=re.escape(said)):
        assert_gradients(lecture.L, forms)


def test_what_else_can_be_wrong_is_told_too(lecture):
    with pytest.raises(GraphTypeError, match="takes the Node that is differentiated"):
        assert_gradients(3.0, {"z": 1.0})
    with pytest.raises(GraphValueError, match="samples = -1"):
        assert_gradients(lecture.L, {"z": 1.0}, samples=-1)
    with pytest.raises(UnknownNameError, match="q"):
        assert_gradients(lecture.L, {"z": 1.0}, keep=["q"])
    with pytest.raises(MissingValueError, match="x1"):
        assert_gradients((Node(name="x1") * 2).named("L"), {"x1": 2.0})
    with pytest.raises(AmbiguousNameError):
        assert_gradients(Node(1.0, "w") * Node(2.0, "w"), {"w": 2.0})


# --- proofs --------------------------------------------------------------------------------------------------------


def test_a_proof_can_be_asked_for(lecture):
    g = lecture
    assert_gradients(g.L, {g.z: g.a - g.y, g.w1: g.x1 * (g.a - g.y)}, prove=True)


def test_a_form_that_no_point_tells_apart_is_refuted_by_proof():
    x = Node(0.5, "x")
    message = failure(x * x, {x: 2 * x + 1e-13 * x}, rtol=1e-9)
    assert "at a point that refutes the form" in message
    assert "proof: refuted" in message
    assert_gradients(x * x, {x: 2 * x + 1e-13 * x}, rtol=1e-9, prove=False)


def test_where_a_proof_is_asked_for_and_not_found_the_assertion_fails():
    x = Node(1.5, "x")
    form = 0.5 * sqrt(x * x) * sqrt(x) / (x * sqrt(x)) + floor(x + 1) - floor(x) - 0.5
    assert_gradients(x, {x: form}, samples=0, prove=False)
    assert "no difference was found, and no proof" in failure(x, {x: form}, samples=0, keep=[], prove=True)


def test_inputs_that_are_kept_count_as_numbers_in_a_proof(lecture):
    g = lecture
    assert_gradients(g.L, {g.w1: g.a - g.y}, keep=["x1"], prove=True)


def test_a_form_need_not_hold_outside_the_domain():
    x = Node(2.0, "x")
    assert_gradients(log(x), {x: 1 / absolute(x)})
    assert_gradients(log(x), {x: 1 / sqrt(x * x)})


def test_a_form_need_not_know_the_convention_where_a_comparison_switches():
    x = Node(2.0, "x")
    assert_gradients(where(x > 0, x, 0 * x), {x: where(x >= 0, 1.0, 0.0)})


def test_where_no_random_point_can_be_compared_a_proof_is_needed():
    x = Node(1.0 + 2e-12, "x")
    narrow = sqrt(x - (1.0 + 1e-12)) * sqrt((1.0 + 3e-12) - x)
    assert_gradients(narrow + x, {x: grad(narrow, x) + 1})
    assert "no difference was found, and no proof" in failure(narrow + x, {x: grad(narrow, x) + floor(x)})
