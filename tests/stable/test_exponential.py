"""Ops of exponentials: families at several numbers of arguments, and what the tests of the whole table do not say."""

from __future__ import annotations

import math
import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from mpmath import mp

import compgraph as cg
from compgraph import Node, ieee
from compgraph.record import op_named
from compgraph.reverse import grad
from compgraph.stable import cosh_sums
from compgraph.stable import exponential as table
from tests.sampling import TRUTH, alike, at_kink, curvature_faults, points, read, slope, slope_faults, value_faults
from tests.truth_exponential import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from compgraph.record import Op

inf, nan = math.inf, math.nan

PAIRS = ("log_weighted_sum", "weighted_softmax", *cosh_sums.__all__)
ALL = [
    getattr(cosh_sums if name in cosh_sums.__all__ else table, name).of(arity)
    for name in MEMBERS
    for arity in ((2, 4, 6) if name in PAIRS else (3, 5) if name == "exp_over_sum_slope" else (2, 3, 5))
]  # fmt: skip

every_member = pytest.mark.parametrize("op", ALL, ids=lambda op: op.name)


@pytest.fixture(autouse=True)
def _truth_of_members(monkeypatch: pytest.MonkeyPatch) -> None:
    for op in ALL:
        monkeypatch.setitem(TRUTH, op.name, MEMBERS[op.name.rpartition("_")[0]])


def family_points(op: Op, count: int, *, tame: bool = False) -> list[tuple[float, ...]]:
    """Points of an op of a family, where it has a value."""
    sample = points(op, 2 * count, tame=tame)
    return [args for args in sample if math.isfinite(op(*args)) and not at_kink(op, args)][:count]


def ulps(value: float, true: Any) -> float:
    """How far off a computed number is, in units of the last place of the truth."""
    return float(abs(mp.mpf(value) - true) / mp.mpf(math.ulp(float(true))))


# --- right at any number of arguments --------------------------------------------------------------------------------


@every_member
def test_values_of_a_family_are_right(op: Op) -> None:
    assert list(value_faults(op, points(op, 20))) == []


@every_member
def test_partials_of_a_family_are_right(op: Op) -> None:
    assert list(slope_faults(op, family_points(op, 12, tame=True))) == []


@pytest.mark.parametrize("op", [op for op in ALL if op.arity == 2], ids=lambda op: op.name)
def test_partials_of_a_family_are_right_over_the_whole_range(op: Op) -> None:
    assert list(slope_faults(op, family_points(op, 20))) == []


@every_member
def test_second_derivatives_of_a_family_are_right(op: Op) -> None:
    assert list(curvature_faults(op, family_points(op, 3, tame=True))) == []


@every_member
def test_bodies_and_definitions_of_a_family_say_the_same_as_the_value(op: Op) -> None:
    for args in family_points(op, 12, tame=True):
        assert ieee.call(op.body, *args) == pytest.approx(op(*args), rel=1e-12, abs=1e-13)
        with mp.workdps(60):
            assert float(op.definition(*map(mp.mpf, args))) == pytest.approx(op(*args), rel=1e-14)


@every_member
def test_a_family_is_total(op: Op) -> None:
    for args in zip(*[iter(EXTREME * op.arity)] * op.arity, strict=True):
        value = op(*args)
        assert type(value) is float
        assert math.isnan(value) or not any(map(math.isnan, args))
        assert all(type(op.partial_on_floats(index, value, args)) is float for index in range(op.arity))


EXTREME = (0.0, 800.0, -0.0, 1e300, -1e300, 1.7e308, 1.0, -800.0, inf, 5e-324, -inf, nan, 0.5)


@every_member
def test_arrays_go_through_a_family_element_by_element(op: Op) -> None:
    sample = family_points(op, 8, tame=True)
    columns = [np.array(column) for column in zip(*sample, strict=True)]
    assert [float(y) for y in op(*columns)] == [op(*args) for args in sample]


# --- cancellation and the ends of the range -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "args"),
    [
        (table.logsumexp, (-math.log(2.0), -math.log(2.0))),
        (table.logsumexp, (-1e-10, -23.0)),
        (table.logsumexp, (-1e-300, -691.0)),
        (table.logsumexp, (-1.0, -1.1, -1.2, -3.3)),
        (table.logaddexp, (-math.log(2.0), -math.log(2.0))),
        (table.logaddexp, (-1e-10, -23.0)),
        (table.logaddexp, (1e17, 1e17 - 32)),
        (table.log_diff_exp, (1.0, 0.541324854612918)),
        (table.log_diff_exp, (1e-20, -46.0)),
        (table.log_weighted_sum, (0.25, 1e-3, 0.75, -1e-3 / 3)),
        (table.log_weighted_sum, (1.0, 1e-3, -1.0, -6.9)),
        (table.log_weighted_sum, (1e300, -690.0, -1e300, -690.0000001)),
        (table.exp_difference, (709.9, 709.8)),
        (table.exp_difference, (-740.0, -741.0)),
        (table.exp_sigmoid, (1000.0, -1000.0, 1.0)),
        (table.exp_sigmoid, (1000.0, -500.3, 2.0)),
        (table.exp_of_sum, (1e17, 3.0, -1e17, 1e-3)),
        (table.exp_of_sum, (700.1, -0.1, 0.3)),
        (table.softmax_ratio, (-300.1, 444.4)),
        (table.softmax_ratio, (-0.1, 699.4, 698.3)),
        (table.log_softmax, (0.1, 1e17)),
        (table.log_softmax, (40.1, 0.1, 0.2)),
        (table.logit, (0.5 + 1e-9,)),
        (table.logit, (1e-310,)),
        (table.log_cosh, (1e-160,)),
        (table.log1mexp, (1e-300,)),
        (table.log1mexp, (0.6931471805599453,)),
    ],
)
def test_a_value_is_right_to_the_last_digits(op: Any, args: tuple[float, ...]) -> None:
    with mp.workdps(1500):
        true = (TRUTH | MEMBERS)[op.name](*map(mp.mpf, args))
        assert ulps(op(*args), true) <= 3


@pytest.mark.parametrize("gap", [1e-300, 1e-17, 1e-8, 1e-3, 1.0, 40.0, 700.0, 740.0])
def test_small_shares_keep_the_digits_of_a_rounded_gap(gap: float) -> None:
    u, v = -gap / 3, 2 * gap / 3
    with mp.workdps(400):
        exact = mp.exp(mp.mpf(u) - mp.mpf(v))
        assert ulps(table.softmax_ratio(u, v), exact / (1 + exact)) <= 3
        assert ulps(slope(table.softmax_ratio.of(2), 1, u, v), -exact / (1 + exact) ** 2) <= 4


@pytest.mark.parametrize(
    ("u", "v"),
    [(0.1, -699.3), (-743.7, 1.3), (1e17, 1e17 - 48), (-1e17, 16 - 1e17), (1e300, 1e300), (3e-17, 0.7), (1e20, -1e-20)],
)
def test_logaddexp_and_its_derivatives_keep_the_digits_of_a_rounded_gap(u: float, v: float) -> None:
    x, y = Node(u), Node(v)
    first = grad(table.logaddexp(x, y), [x, y])
    second = grad(first[0], [x, y])
    with mp.workdps(700):
        p, q = (1 / (1 + mp.exp(gap)) for gap in (mp.mpf(v) - mp.mpf(u), mp.mpf(u) - mp.mpf(v)))
        for node, true in ((first[0], p), (first[1], q), (second[0], p * q), (second[1], -p * q)):
            assert ulps(read(node), true) <= 4


@pytest.mark.parametrize("tiny", [1e-300, 1e-17, 1e-8])
def test_the_margin_of_two_close_logits_keeps_its_digits(tiny: float) -> None:
    """Else the second derivative of softmax at a tie would be 0."""
    u, v = Node(tiny), Node(0.0)
    curvature = grad(grad(table.softmax_ratio(u, v), u), u)
    assert read(curvature) == pytest.approx(-tiny / 8, rel=1e-14)


@pytest.mark.parametrize("x", [1e-300, 1e-9, 0.5, 40.0, 700.0, 800.0])
def test_third_derivatives_of_log1mexp_are_right(x: float) -> None:
    node = Node(x)
    third = grad(grad(grad(table.log1mexp(node), node), node), node)
    with mp.workdps(400):
        b = 1 / mp.expm1(x)
        assert read(third) == pytest.approx(float(b * (b + 1) * (2 * b + 1)), rel=1e-14)


@pytest.mark.parametrize("x", [1e-300, 1e-20, 1e-8, 0.3, 36.5, -700.0])
def test_higher_derivatives_of_sigmoid_are_right(x: float) -> None:
    """Else σ″(x) = σ′(x)·(σ(−x) − σ(x)) would be 0 at a small x."""
    node = Node(x)
    second = grad(grad(cg.sigmoid(node), node), node)
    with mp.workdps(700):
        s, t = 1 / (1 + mp.exp(-mp.mpf(x))), 1 / (1 + mp.exp(mp.mpf(x)))
        assert read(second) == pytest.approx(float(s * t * (t - s)), rel=1e-14)
        assert read(grad(second, node)) == pytest.approx(float(s * t * (1 - 6 * s * t)), rel=1e-14)


@pytest.mark.parametrize(
    ("op", "args"),
    [
        (table.exp_sigmoid, (710.5, 710.5, 1.0)),
        (table.exp_sigmoid, (1000.0, 1000.0, 2.0)),
        (table.exp_sigmoid, (700.0, 1e-9, 2.0)),
        (table.exp_over_sum.of(3), (354.0, -745.0, -3.17)),
        (table.exp_over_sum.of(3), (700.0, 20.0, 700.0)),
        (table.exp_over_sum.of(3), (1e5, 1e5, 1e5 - 700)),
        (table.logit, (1e-160,)),
        (table.logit, (1e-300,)),
        (table.logistic_loss, (-0.001, 43.4)),
        (table.logistic_loss, (1e-3, -7.0)),
        (table.logistic_loss, (1e-9, 0.5)),
    ],
)
def test_derivatives_are_right_where_a_factor_leaves_the_range(op: Any, args: tuple[float, ...]) -> None:
    faults = [*slope_faults(op, [args]), *curvature_faults(op, [args])]
    assert [fault for fault in faults if op is not table.exp_sigmoid or 2 not in fault.wrt] == []  # k is a number


# --- conventions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("compute", "answer"),
    [
        (lambda: table.logsumexp(-inf, -inf), -inf),
        (lambda: table.logsumexp(inf, inf, 0.0), inf),
        (lambda: table.logsumexp(-inf, 3.0), 3.0),
        (lambda: table.logsumexp(-3.0), -3.0),
        (lambda: table.logsumexp(nan, inf), nan),
        (lambda: table.softmax_ratio(3.0), 1.0),
        (lambda: table.softmax_ratio(0.0, -inf, -inf), 1.0),
        (lambda: table.softmax_ratio(0.0, inf, inf), 0.0),
        (lambda: table.softmax_ratio(inf, 0.0), 1.0),
        (lambda: table.softmax_ratio(inf, inf), nan),
        (lambda: table.log_softmax(3.0), 0.0),
        (lambda: table.log_softmax(-inf, 0.0), -inf),
        (lambda: table.log1mexp(0.0), -inf),
        (lambda: table.log1mexp(-1.0), nan),
        (lambda: table.log1mexp(inf), 0.0),
        (lambda: table.logit(0.0), -inf),
        (lambda: table.logit(1.0), inf),
        (lambda: table.logit(1.5), nan),
        (lambda: table.log_diff_exp(2.0, 2.0), -inf),
        (lambda: table.log_diff_exp(1.0, 2.0), nan),
        (lambda: table.log_diff_exp(2.0, -inf), 2.0),
        (lambda: table.exp_of_sum(inf, -inf), nan),
        (lambda: table.exp_of_sum(1e308, 1e308, -1e308, -1e308, 1.0), math.e),
        (lambda: table.exp_of_sum(1e308, 1e308), inf),
        (lambda: table.log_weighted_sum(1.0, 0.0, -1.0, 0.0), -inf),
        (lambda: table.log_weighted_sum(1.0, 0.0, -2.0, 0.0), nan),
        (lambda: table.log_weighted_sum(0.0, 800.0, 1.0, 2.0), 2.0),
        (lambda: table.log_weighted_sum(1.0, -inf, 1.0, 800.0), 800.0),
        (lambda: table.log_weighted_sum(1.0, 2.0, -1.0, inf), nan),
        (lambda: table.weighted_softmax(0.0, 2.0, 1.0, 2.0), 1.0),
        (lambda: table.exp_difference(-inf, -inf), 0.0),
        (lambda: table.exp_share(2.0, 2.0), inf),
        (lambda: table.exp_over_sum(1.0, -inf, -inf), inf),
        (lambda: table.exp_over_sum(1.0, inf, 0.0), 0.0),
        (lambda: table.exp_over_sum(inf, inf, 0.0), nan),
        (lambda: table.exp_over_sum(inf, 3.0, 0.0), inf),
        (lambda: table.exp_over_sum_slope(1.0, 2.0, 0.0, -inf, 1.0), 0.0),
    ],
)
def test_ieee_answers_of_exponentials(compute: Callable[[], float], answer: float) -> None:
    assert alike(compute(), answer, ulps=1)


def test_the_slope_of_a_product_of_sigmoids_is_finite_where_its_value_is_not() -> None:
    """e⁷¹⁵·σ(20) is beyond the range of floats, its slope e⁷¹⁵·σ(20)·σ(−20) is not; with j = 2, k = 1 both are."""
    with mp.workdps(40):
        truth = mp.exp(715) / (1 + mp.exp(-20)) / (1 + mp.exp(20))
    assert table.exp_logistic(715.0, 20.0, 1.0, 0.0) == inf
    assert alike(slope(table.exp_logistic, 1, 715.0, 20.0, 1.0, 0.0), float(truth), ulps=800)
    assert slope(table.exp_logistic, 1, 800.0, 5.0, 2.0, 1.0) == -inf
    assert slope(table.exp_logistic, 1, 800.0, -5.0, 1.0, 2.0) == inf


def test_a_masked_logit_takes_no_share_and_gets_no_gradient() -> None:
    u, v, masked = Node(0.5), Node(-0.25), Node(-inf)
    loss = table.logsumexp(u, v, masked)
    loss.backward()
    assert (loss.value, u.grad, v.grad) == (table.logsumexp(0.5, -0.25), *shares(0.5, -0.25))
    assert masked.grad == 0.0


def shares(*u: float) -> tuple[float, ...]:
    return tuple(table.softmax_ratio(*u[i:], *u[:i]) for i in range(len(u)))


def test_shares_add_up_to_1() -> None:
    assert math.fsum(shares(3.0, -1.5, 800.0, 799.0, 0.25)) == pytest.approx(1.0, rel=1e-15)


def test_an_op_of_a_family_is_found_by_its_name_and_pickled_by_it() -> None:
    op = table.logsumexp.of(3)
    assert op_named("logsumexp_3") is op
    assert pickle.loads(pickle.dumps(op)) is op


def test_labels_of_a_family_have_a_place_for_each_argument() -> None:
    assert table.exp_of_sum.of(3).text.format("u", "v", "w") == "exp(u + v + w)"
    assert table.exp_of_sum.of(2).latex.format("u", "v") == "e^{u + v}"
    assert table.log_softmax.of(2).latex.format("u", "v") == r"\operatorname{log\_softmax}\left(u, v\right)"
