"""The report on gradients: right ones agree, every planted wrong one differs, and kinks give no verdict."""

import itertools
import math
import random

import pytest

from compgraph.checks import check
from compgraph.checks.report import agreeing_digits
from compgraph.declaration import op
from compgraph.node import Node
from compgraph.ops import relu, sigmoid
from compgraph.record import table
from compgraph.stable.exponential import logistic_loss
from compgraph.syntax import parse

LECTURE = "z = w1*x1 + w2*x2 + b; a = sigmoid(z); L = -(y*log(a) + (1-y)*log(1-a))"
OPS = [record for record in table() if record.arity]
PARTIALS = [(record, index) for record in OPS for index, partial in enumerate(record.partials) if partial is not None]


def lecture(**values):
    nodes = parse(LECTURE)
    for name, value in ({"w1": 0.1, "x1": 1, "w2": -0.2, "x2": 2, "b": 0, "y": 1} | values).items():
        nodes[name].value = value
    return nodes["L"]


def sample(record):
    """Nodes at random points of the op's own domain, where it has a value."""
    while True:
        values = []
        for parameter, interval in zip(record.parameters, record.domain, strict=True):
            low, high = max(interval.low, -4.0), min(interval.high, 4.0)
            values.append(random.choice([0, 1]) if parameter == "condition" else random.uniform(low, high))
        if math.isfinite(record.on_floats(*map(float, values))):
            return [Node(value, f"x{place}") for place, value in enumerate(values)]


def moves(report):
    """Whether the one gradient of a report agrees and is not 0."""
    (row,) = report.rows
    return row.verdict == "agrees" and row.reverse != 0.0


def test_every_gradient_of_the_lecture_agrees():
    report = check(lecture())
    assert report
    assert [row.name for row in report.rows] == ["y", "w1", "x1", "w2", "x2", "b"]
    assert all(row.digits >= 11 for row in report.rows)


@pytest.mark.parametrize("record", OPS, ids=lambda record: record.name)
def test_right_partials_are_never_accused(record):
    for _ in range(5):
        assert check(record(*sample(record))).differing == ()


@pytest.mark.parametrize("factor", [1.001, -1.0], ids=["x1.001", "sign"])
@pytest.mark.parametrize(("record", "index"), PARTIALS, ids=lambda part: getattr(part, "name", part))
def test_mutated_partial_is_caught_wherever_the_right_one_agreed(record, index, factor, monkeypatch):
    wrt = [f"x{index}"]
    nodes = (record(*sample(record)) for _ in range(60))
    right = list(itertools.islice((node for node in nodes if moves(check(node, wrt))), 4))
    before = record.partials
    mutant = (*before[:index], lambda *args: factor * before[index](*args), *before[index + 1 :])
    monkeypatch.setattr(record, "partials", mutant)
    assert right
    assert all(check(node, wrt).differing for node in right)


def test_partial_that_is_not_finite_differs():
    bad = op("bad", lambda y, x: math.nan, body=lambda x: x * x)
    assert [row.verdict for row in check(bad(Node(3.0, "x"))).rows] == ["differs"]


def test_kink_gives_no_verdict_and_a_report_that_is_not_true():
    report = check(relu(Node(0.0, "x")))
    assert not report
    assert report.differing == ()
    assert "relu′(0) = 0" in str(report)


def test_where_rounding_hides_the_slope_nothing_is_claimed():
    (row,) = check((Node(1.0, "x") * 1e-9 + 1e9).named("y")).rows
    assert row.verdict == "no verdict"
    assert "rounding hides" in row.reason


def test_text_shows_both_numbers_digits_and_verdict():
    x = Node(2.0, "x")
    assert str(check((x**3).named("y"))).splitlines() == [
        "       reverse mode  central difference  digits  verdict",
        "dy/dx            12                  12      16  agrees",
        "",
        "1 of 1 gradients agree with central differences.",
    ]


def test_text_counts_what_differs(monkeypatch):
    monkeypatch.setattr(logistic_loss, "partials", (lambda y, z, label: 2 * y, logistic_loss.partials[1]))
    report = check(lecture())
    assert str(report).endswith("1 of 6 gradients agree with central differences, 5 differ.")


def test_inner_nodes_can_be_checked_by_name():
    report = check(lecture(), ["z", "a"])
    assert report
    assert report.rows[0].reverse == pytest.approx(sigmoid(-0.3) - 1, rel=1e-14)


def test_node_that_the_root_does_not_read_is_reported_as_zero():
    (row,) = check(Node(2.0, "x") * 3, [Node(1.0, "other")]).rows
    assert (row.name, row.reverse, row.verdict) == ("other", 0.0, "agrees")


def test_check_leaves_the_gradients_of_backward_alone():
    root = lecture()
    root.backward()
    check(root)
    assert root.grad == 1.0


@pytest.mark.parametrize(
    ("a", "b", "digits"),
    [(1.0, 1.0, 16), (0.0, 0.0, 16), (1.0, 1.1, 1), (1.0, -1.0, 0), (1.0, math.inf, 0), (1.0, math.nan, 0)],
)
def test_agreeing_digits(a, b, digits):
    assert agreeing_digits(a, b) == digits
