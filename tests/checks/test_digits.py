"""precision: the digits that are gone are counted, the operation that lost them is named, and not its victims."""

from __future__ import annotations

import math

import mpmath
import pytest

import compgraph as cg
from compgraph import Node, precision
from compgraph.errors import GraphTypeError, MissingValueError
from compgraph.ops import cos, exp, log, sigmoid, sqrt
from tests.rules.campaign import trials
from tests.rules.programs import function_of

CASES = {
    "log(1 − σ(z))": (lambda z: log(1 - sigmoid(z)), 30.0, "v2", "sub", "−softplus"),
    "(1 − cos x)/x²": (lambda x: (1 - cos(x)) / x**2, 1e-5, "v2", "sub", "sinc"),
    "√(u² + 1)": (lambda u: sqrt(u * u + 1), 1e200, "v1", "mul", "hypot"),
    "√(x + 1) − √x": (lambda x: sqrt(x + 1) - sqrt(x), 1e12, "L", "sub", "^0.5"),
    "(eˣ − 1)/x": (lambda x: (exp(x) - 1) / x, 1e-9, "v2", "sub", "exprel"),
    "log(1 + eᶻ)": (lambda z: log(1 + exp(z)), 800.0, "v1", "exp", "softplus"),
}


@pytest.mark.parametrize("name", CASES)
def test_operation_that_loses_the_digits_is_named_with_the_form_that_keeps_them(name: str) -> None:
    function, at, culprit, op, instead = CASES[name]
    with cg.as_typed():
        found = precision(function(Node(at, "x")).named("L"))
    assert not found
    assert (found.culprits[0].name, found.culprits[0].op) == (culprit, op)
    assert instead in found.culprits[0].instead


@pytest.mark.parametrize("name", CASES)
def test_twin_keeps_every_digit(name: str) -> None:
    function, at, *_ = CASES[name]
    found = precision(function(Node(at, "x")).named("L"))
    assert found, str(found)
    assert found.culprits == ()


def test_victims_are_not_blamed() -> None:
    with cg.as_typed():
        root = (3 * log(1 - sigmoid(Node(30.0, "z"))) + 1).named("L")
    found = precision(root)
    assert [culprit.name for culprit in found.culprits] == ["v2"]
    assert found.culprits[0].why.startswith("cancellation, 1 − 0.99999999999990")


def test_digits_are_those_of_the_true_value() -> None:
    with cg.as_typed():
        found = precision((1 - cos(Node(1e-5, "x"))).named("L"))
    with mpmath.workdps(40):
        truth = 1 - mpmath.cos(mpmath.mpf(1e-5))
        loss = found.values["L"]
        right = float(-mpmath.log10(abs((mpmath.mpf(loss.value) - truth) / truth)))
    assert loss.exact == float(truth)
    assert loss.digits == pytest.approx(right, abs=1)
    assert loss.digits + loss.lost == 16


def test_gradients_are_held_against_the_truth_as_well() -> None:
    with cg.as_typed():
        found = precision(log(1 - sigmoid(Node(36.0, "z"))).named("L"))
    assert found.gradients["z"].exact == -0.9999999999999998
    assert found.gradients["z"].digits < 3


def test_value_below_the_range_of_floats_is_no_loss_where_it_hurts_nobody() -> None:
    with cg.as_typed():
        found = precision((1 + exp(-Node(800.0, "z"))).named("L"))
    assert found
    assert found.culprits == ()


def test_nodes_of_one_name_keep_a_line_each() -> None:
    x = Node(2.0, "x")
    square = (x * x).named("s")
    found = precision((square + (x + 1).named("s")).named("L"))
    assert set(found.values) == {"s", "s (2)", "L"}


def test_text_shows_the_losses_the_culprit_and_what_to_write() -> None:
    with cg.as_typed():
        text = str(precision(log(1 - sigmoid(Node(30.0, "z"))).named("L")))
    assert text.splitlines()[0].split() == ["in", "floats", "exact", "digits"]
    assert "v2 = 1 − σ(z) loses 13 digits: cancellation" in text
    assert "in log(1 − σ(z)), write −softplus" in text
    assert str(precision(Node(2.0, "x") * 3)).endswith("No operation loses digits.")


@pytest.mark.filterwarnings("ignore::compgraph.NonFiniteWarning")
@pytest.mark.parametrize("seed", range(30))
def test_a_graph_that_lost_digits_has_a_culprit_and_a_sound_one_has_none(seed: int) -> None:
    program, place = next(trials(70_000 + seed))
    with cg.as_typed():
        root = function_of(program)(*[Node(number, "xyz"[k]) for k, number in enumerate(place)])
    found = precision(root)
    lost = any(loss.lost > 3 for loss in found.values.values())
    assert bool(found.culprits) == lost or any(loss.lost > 3 for loss in found.gradients.values())


def test_graph_without_values_is_refused() -> None:
    with pytest.raises(MissingValueError):
        precision(Node(name="x") * 2)
    with pytest.raises(GraphTypeError):
        precision(2.0)


def test_what_is_not_known_exactly_has_no_digits_to_count() -> None:
    value, *_ = str(precision(Node(math.nan, "n") * 2)).splitlines()[1:]
    assert value.split() == ["v1", "nan", "?", "?"]
