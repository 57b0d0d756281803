"""verify: right gradients are never accused, wrong ones never pass, and the reason names what is wrong."""

from __future__ import annotations

import math
import random
import warnings
from typing import TYPE_CHECKING, Any

import pytest

import compgraph as cg
from compgraph import Node
from compgraph import node as node_module
from compgraph.checks import verify
from compgraph.checks.report import Row, agreeing_digits
from compgraph.declaration import op
from compgraph.errors import GraphTypeError, MissingValueError, NonFiniteWarning, UnknownNameError
from compgraph.graph import inputs, order, peek
from compgraph.ops import (
    abs,
    atan2,
    cbrt,
    clip,
    cos,
    div,
    exp,
    floor,
    hypot,
    log,
    maximum,
    minimum,
    mul,
    pow,
    relu,
    sigmoid,
    sin,
    sqrt,
    where,
)  # fmt: skip
from compgraph.record import table
from compgraph.reverse import events
from compgraph.rewrite import Rule, RuleIndex, Variable
from compgraph.stable.exponential import logistic_loss, logsumexp, softmax_ratio
from compgraph.stable.roots import norm, surd
from compgraph.syntax import parse
from tests.rules.campaign import trials
from tests.rules.programs import function_of, size, text
from tests.sampling import at_kink, points

if TYPE_CHECKING:
    from collections.abc import Callable

    from compgraph.record import Op

LECTURE = "z = w1*x1 + w2*x2 + b; a = sigmoid(z); L = -(y*log(a) + (1-y)*log(1-a))"
FAMILIES = (logsumexp.of(3), softmax_ratio.of(3), norm.of(3))
OPS = [*(op for op in table() if op.arity), *FAMILIES]
PARTIALS = [pytest.param(op, index, id=f"{op.name}-{index}") for op in OPS for index in range(op.arity)]


def lecture(**values: float) -> Node:
    nodes = parse(LECTURE)
    for name, value in ({"w1": 0.1, "x1": 1, "w2": -0.2, "x2": 2, "b": 0, "y": 1} | values).items():
        nodes[name].value = value
    return nodes["L"]


def mutate(monkeypatch: pytest.MonkeyPatch, op: Op, index: int, change: Callable[..., Any]) -> None:
    """One partial becomes ``change(partial)`` until the test ends."""
    partial = op.partials[index] or (lambda *_: 0.0)
    monkeypatch.setattr(op, "partials", (*op.partials[:index], change(partial), *op.partials[index + 1 :]))
    monkeypatch.setattr(op, "slopes", (None,) * op.arity)


def recorded(op: Op, args: tuple[float, ...]) -> Node:
    """The op alone, at these numbers, as it is: no twin in its place."""
    with cg.as_typed():
        return op(*[Node(arg, f"x{place}") for place, arg in enumerate(args)])


def telling(op: Op, index: int, count: int = 3) -> list[tuple[float, ...]]:
    """Points at which the partial is a number other than 0, so that a mutant of it makes a wrong gradient."""
    sample = points(op, 20, tame=True) + points(op, 60) if op not in FAMILIES else three_numbers()
    found = []
    for args in sample:
        output = op.on_floats(*args)
        slope = op.partial_on_floats(index, output, args)
        if not at_kink(op, args) and 1e-250 < math.fabs(slope) < 1e250 and 1e-250 < math.fabs(output) < 1e250:
            found.append(args)
    return found[:count]


def three_numbers() -> list[tuple[float, ...]]:
    chance = random.Random(3)
    return [tuple(chance.uniform(-3, 3) for _ in range(3)) for _ in range(10)]


# --- right gradients -----------------------------------------------------------------------------------------------


def test_every_gradient_of_the_lecture_is_verified_in_every_way() -> None:
    report = verify(lecture())
    assert report
    assert [row.name for row in report.rows] == ["y", "w1", "x1", "w2", "x2", "b"]
    ways = ("forward mode", "gradient graph", "central difference", "complex step", "exact")
    assert all((row.digits(way) or 0) >= 12 for row in report.rows for way in ways)
    assert report.taylor == pytest.approx(2.0, abs=0.05)


@pytest.mark.filterwarnings("ignore::compgraph.NonFiniteWarning")
@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_right_partial_of_no_op_is_accused(op: Op) -> None:
    sample = points(op, 4, tame=True) + points(op, 6) if op not in FAMILIES else three_numbers()
    reports = [verify(recorded(op, args)) for args in sample]
    assert [row for report in reports for row in report.differing] == []


X_KINKS = {
    "relu at 0": (relu, 0.0),
    "|x| at 0": (abs, 0.0),
    "√x at 0": (sqrt, 0.0),
    "√x near 0": (sqrt, 1e-300),
    "∛x at 0": (cbrt, 0.0),
    "x**0.5 at 0": (lambda x: x**0.5, 0.0),
    "x**1.5 at 0": (lambda x: x**1.5, 0.0),
    "x**w at 0, by w": (lambda w: Node(0.0) ** w, 2.5),
    "x**x at 0": (lambda x: x**x, 0.0),
    "a tie of max": (lambda x: maximum(x, 2 - x), 1.0),
    "a tie of min": (lambda x: minimum(x, x * x), 1.0),
    "clip at its bound": (lambda x: clip(x, 0.0, 1.0), 1.0),
    "an arm with nan": (lambda x: where(x > 0, log(x), x * x), -2.0),
    "an arm with ∞": (lambda x: where(x > 0, 1 / x, 3 * x), 0.0),
    "atan2 on the axis u = 0": (lambda x: atan2(x, 1.0), 0.0),
    "atan2 on the axis v = 0": (lambda x: atan2(1.0, x), 0.0),
    "atan2 on the cut": (lambda x: atan2(x, -1.0), 0.0),
    "atan2 at the origin": (lambda x: atan2(x, 0 * x), 0.0),
    "log near 0": (log, 1e-300),
    "x·log x near 0": (lambda x: x * log(x), 1e-200),
    "floor at a whole number": (floor, 3.0),
    "hypot at the origin": (lambda x: hypot(x, 2 * x), 0.0),
    "√(x²) at 0": (lambda x: sqrt(x * x), 0.0),
    "σ(x)² at 1e12": (lambda x: sigmoid(x) ** 2, 1e12),
    "x² at 1e12": (lambda x: x * x, 1e12),
    "x² at 1e-12": (lambda x: x * x, 1e-12),
    "1/x at 1e-12": (lambda x: 1 / x, 1e-12),
    "sin at 1e12": (sin, 1e12),
    "1e-12·x + 1e12": (lambda x: 1e-12 * x + 1e12, 1.0),
    "a difference that cancels": (lambda x: (x + 1e9) - 1e9, 1.0),
    "a tie that rounding decides": (lambda x: maximum(x * x, Node(2.0)), math.sqrt(2)),
}


@pytest.mark.parametrize("name", X_KINKS)
def test_correct_gradient_is_not_accused_where_differences_fail(name: str) -> None:
    function, at = X_KINKS[name]
    report = verify(function(Node(at, "x")))
    assert report, str(report)


def campaign(first: int, count: int) -> tuple[int, list[str]]:
    """How many gradients of random programs were looked at, and those that were called wrong."""
    seen, accused = 0, []
    for seed in range(first, first + count):
        for program, place in trials(seed):
            nodes = [Node(number, "xyz"[k]) for k, number in enumerate(place)]
            root = function_of(program)(*nodes)
            if isinstance(root, Node) and size(program) <= 30:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", NonFiniteWarning)
                    report = verify(root)
                seen += len(report.rows)
                accused += [f"{text(program)} at {place}: {row}" for row in report.differing]
    return seen, accused


def test_random_programs_give_no_false_alarm() -> None:
    seen, accused = campaign(50_000, 40)
    assert accused == []
    assert seen > 100


def test_a_slope_that_ends_below_the_smallest_step_is_not_accused() -> None:
    x = Node(4.1793008004484775e-261, "x")
    assert verify(surd(x, Node(0.0, "q"))).differing == ()


@pytest.mark.slow
def test_ten_thousand_random_programs_give_no_false_alarm() -> None:
    seen, accused = campaign(0, 10_000)
    assert accused == []
    assert seen > 10_000


# --- wrong gradients -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("op", "index"), PARTIALS)
def test_partial_off_by_a_billionth_is_caught_and_named(op: Op, index: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = telling(op, index)
    mutate(monkeypatch, op, index, lambda partial: lambda y, *args: (1 + 1e-9) * partial(y, *args))
    for args in sample:
        (row,) = verify(recorded(op, args), f"x{index}").rows
        assert (row.verdict, row.kind) == ("differs", "wrong rule"), (args, row)
        assert f"wrong rule in op {op.name}" in row.reason


@pytest.mark.parametrize("change", [-1.0, 0.0, 1.0 - 1e-9], ids=["sign", "left out", "less"])
@pytest.mark.parametrize(("op", "index"), PARTIALS)
def test_partial_with_a_wrong_factor_is_caught(
    op: Op, index: int, change: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = telling(op, index, 1)
    mutate(monkeypatch, op, index, lambda partial: lambda y, *args: change * partial(y, *args))
    assert all(verify(recorded(op, args), f"x{index}").differing for args in sample)


@pytest.mark.parametrize(("op", "index"), [p for p in PARTIALS if p.values[0].partials[p.values[1]] is None])
def test_slope_where_there_is_none_is_caught(op: Op, index: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = [args for args in points(op, 20, tame=True) if not at_kink(op, args)][:4]
    mutate(monkeypatch, op, index, lambda _: lambda *_: 1e-9)
    assert sample
    assert all(verify(recorded(op, args), f"x{index}").differing for args in sample)


def test_most_partials_are_tried() -> None:
    tried = [p for p in PARTIALS if telling(*p.values)]
    assert len(tried) > 0.85 * len(PARTIALS)


@pytest.mark.parametrize("seed", range(12))
def test_wrong_rule_is_found_in_a_random_program(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    program, place = next(trials(60_000 + seed))
    root = function_of(program)(*[Node(number, "xyz"[k]) for k, number in enumerate(place)])
    flowing = [event for event in events(root, inputs(root)) if event.contribution and math.isfinite(event.partial)]
    if not math.isfinite(peek(root)) or not flowing:
        return
    event = chance.choice(flowing)
    op = event.node.op
    mutate(monkeypatch, op, event.index, lambda partial: lambda y, *args: (1 + 1e-9) * partial(y, *args))
    assert op in {certificate.op for certificate in verify(root).wrong}


def test_partial_that_is_not_finite_differs_from_a_slope() -> None:
    bad = op("bad_nan", lambda y, x: math.nan, body=lambda x: x * x)
    assert verify(bad(Node(3.0, "x"))).differing


def test_slope_outside_those_of_the_two_sides_is_caught_at_a_kink(monkeypatch: pytest.MonkeyPatch) -> None:
    mutate(monkeypatch, relu, 0, lambda _: lambda y, x: -0.5)
    assert verify(relu(Node(0.0, "x"))).differing


BILLIONTH = 1 + 1e-9
PLANTED: dict[str, tuple[Op, int, Any, Callable[[Node], Node], float]] = {
    "relu at 0": (relu, 0, lambda y, x: where(x > 0, 1.0, -0.5), relu, 0.0),
    "|x| at 0": (abs, 0, lambda y, x: where(x > 0, 1.0, where(x < 0, -1.0, 2.0)), abs, 0.0),
    "√x near 0": (sqrt, 0, lambda y, x: BILLIONTH * 0.5 / y, sqrt, 1e-300),
    "√x at 0": (sqrt, 0, lambda y, x: where(x > 0, 0.5 / y, 1.0), sqrt, 0.0),
    "x**w at 0, by w": (pow, 1, lambda y, u, v: 1.0, lambda w: Node(0.0) ** w, 2.5),
    "x**w at 0, by x": (pow, 0, lambda y, u, v: 1.0, lambda x: x**2.5, 0.0),
    "a tie of max": (maximum, 0, lambda y, u, v: where(u >= v, 1.5, 0.0), lambda x: maximum(x, Node(1.0)), 1.0),
    "an arm not taken, with nan": (
        log, 0, lambda y, x: BILLIONTH / x, lambda x: where(x > 0, log(x), log(-x)), 2.0,
    ),
    "atan2 on the axis u = 0": (atan2, 0, lambda y, u, v: -v / (u * u + v * v), lambda x: atan2(x, Node(2.0)), 0.0),
    "atan2 on the axis v = 0": (
        atan2, 1, lambda y, u, v: BILLIONTH * -u / (u * u + v * v), lambda x: atan2(Node(2.0), x), 0.0,
    ),
    "log near 0": (log, 0, lambda y, x: BILLIONTH / x, log, 1e-300),
    "x² at 1e12": (mul, 0, lambda y, u, v: BILLIONTH * v, lambda x: x * x, 1e12),
    "x² at 1e-12": (mul, 0, lambda y, u, v: BILLIONTH * v, lambda x: x * x, 1e-12),
    "1/x at 1e-12": (div, 1, lambda y, u, v: -BILLIONTH * y / v, lambda x: 1 / x, 1e-12),
    "sin at 1e12": (sin, 0, lambda y, x: BILLIONTH * cos(x), sin, 1e12),
    "1e-12·x + 1e12": (mul, 1, lambda y, u, v: BILLIONTH * u, lambda x: 1e-12 * x + 1e12, 1.0),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_error_planted_where_differences_fail_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    op, index, partial, function, at = PLANTED[name]
    x = Node(at, "x")
    root = function(x)
    assert not verify(root, x).differing
    mutate(monkeypatch, op, index, lambda _: partial)
    (row,) = verify(root, x).differing
    assert f"wrong rule in op {op.name}" in row.reason


@pytest.mark.usefixtures("few_rules")
def test_rule_whose_twin_is_another_function_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    x = Variable("x")
    wrong = Rule(1 - sigmoid(x), (1 + 1e-9) * sigmoid(-x), "everywhere", "σ rounds to 1")
    monkeypatch.setattr(node_module, "INDEX", RuleIndex([wrong]))
    (row,) = verify(1 - sigmoid(Node(0.5, "x"))).differing
    assert row.kind == "wrong twin"
    assert "a rule is wrong" in row.reason


def test_reason_says_where_both_numbers_and_which_op(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logistic_loss, "partials", (lambda y, z, label: 2 * y, logistic_loss.partials[1]))
    report = verify(lecture())
    assert len(report.differing) == 5
    reason = report.differing[0].reason
    assert "wrong rule in op logistic_loss" in reason
    assert "the op's own values have slope −0.57444251681165" in reason
    assert str(report).count(reason) == 5


def test_wrong_rule_on_a_way_without_flow_makes_no_gradient_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    mutate(monkeypatch, sin, 0, lambda _: lambda y, x: x)
    x = Node(2.0, "x")
    assert verify(where(x > 0, x * x, sin(x)))


# --- what floats do to right rules ---------------------------------------------------------------------------------


def test_lost_digits_are_no_wrong_rule_and_no_agreement_either() -> None:
    with cg.as_typed():
        (row,) = verify(log(1 - sigmoid(Node(36.0, "z")))).rows
    assert (row.verdict, row.kind) == ("loses digits", "lost digits")
    assert "right digits of −0.99999" in row.reason


def test_ill_conditioned_gradient_is_right_as_far_as_its_inputs_determine_it() -> None:
    (row,) = verify(sin(Node(1e12, "x") ** 2)).rows
    assert (row.verdict, row.kind) == ("agrees", "lost digits")
    assert "ill-conditioned" in row.reason


def test_difference_that_rounding_hides_is_not_held_against_the_gradient() -> None:
    (row,) = verify((Node(1.0, "x") * 1e-9 + 1e9).named("y")).rows
    assert (row.verdict, row.kind) == ("agrees", "cancellation")


def test_root_without_a_finite_value_has_no_verdict() -> None:
    with pytest.warns(NonFiniteWarning, match="keep x inside"):
        (row,) = verify(log(Node(0.0, "x")).named("y")).rows
    assert (row.verdict, row.kind) == ("no verdict", "outside")
    assert "log is defined in (0, ∞), and x = 0 is not there" in row.reason


# --- asking ---------------------------------------------------------------------------------------------------------


def test_inner_nodes_are_verified_by_name() -> None:
    report = verify(lecture(), ["z", "a"])
    assert report
    assert report.rows[0].reverse == pytest.approx(sigmoid(-0.3) - 1, rel=1e-14)


def test_node_that_is_not_read_has_gradient_zero() -> None:
    (row,) = verify(Node(2.0, "x") * 3, [Node(1.0, "other")]).rows
    assert (row.name, row.reverse, row.verdict) == ("other", 0.0, "agrees")


def test_values_and_gradients_of_the_graph_are_left_alone() -> None:
    root = lecture()
    root.backward()
    before = [(node.value, node.grad) for node in order(root)]
    verify(root)
    assert [(node.value, node.grad) for node in order(root)] == before


def test_what_cannot_be_verified_is_named() -> None:
    x = Node(name="x")
    with pytest.raises(MissingValueError, match=r"x\.value = …"):
        verify(x * x)
    with pytest.raises(UnknownNameError, match="'w'"):
        verify(Node(1.0, "x") * 2, "w")
    with pytest.raises(GraphTypeError, match="the root of a graph is a Node"):
        verify(2.0)


@pytest.mark.parametrize("build", [lambda x: 0.99 * sin(x), lambda x: sigmoid(x) + x], ids=["sin", "sigmoid"])
def test_long_chain_is_sampled_and_its_wrong_rule_found(build: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    x = Node(0.5, "x")
    root = x
    for _ in range(4_000):
        root = build(root)
    right = verify(root)
    assert right
    assert right.looked_at < right.partials
    wrong = sin if build(x).args[-1].op is sin else sigmoid
    mutate(monkeypatch, wrong, 0, lambda partial: lambda y, *args: (1 + 1e-9) * partial(y, *args))
    assert verify(root).differing


def test_user_op_that_only_floats_can_compute_is_held_against_differences() -> None:
    right = op("float_sin", lambda y, x: math.cos(x), body=math.sin)
    wrong = op("float_cos", lambda y, x: 1.001 * -math.sin(x), body=math.cos)
    assert verify(right(Node(0.5, "x")))
    assert verify(wrong(Node(0.5, "x"))).differing


# --- the report -----------------------------------------------------------------------------------------------------


def test_text_of_the_report(golden: Callable[[str, str], None]) -> None:
    x, y = Node(3.0, "x"), Node(0.0, "y")
    golden("verify/report.txt", str(verify((x**2 * cos(y) + relu(y)).named("L"))) + "\n")


def test_page_of_the_report(golden: Callable[[str, str], None]) -> None:
    x, y = Node(3.0, "x<1>"), Node(0.0, "y & z")
    report = verify((x**2 * exp(y) + relu(y)).named("<L>"))
    assert "<L>" not in report.html
    assert report._repr_html_() == report.html
    golden("verify/report.html", report.html + "\n")


@pytest.mark.parametrize(
    ("a", "b", "digits"),
    [(1.0, 1.0, 16), (0.0, 0.0, 16), (1.0, 1.1, 1), (1.0, -1.0, 0), (1.0, math.inf, 0), (1.0, math.nan, 0)],
)
def test_digits_in_which_two_numbers_agree(a: float, b: float, digits: int) -> None:
    assert agreeing_digits(a, b) == digits


def test_way_without_an_answer_has_no_digits() -> None:
    assert Row("x", 1.0).digits("complex step") is None
