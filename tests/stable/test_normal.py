"""erfcx, log erfc and the normal distribution: in the tails, where the plain forms under- and overflow."""

from __future__ import annotations

import math

import pytest

from compgraph import Node
from compgraph.record import op_named
from compgraph.reverse import grad
from compgraph.stable.normal import erfcx, log_erfc, log_ndtr, ndtr
from tests.sampling import error, points, read, slope, truth

inf = math.inf

ALL = ("erfcx", "erfcx_rate", "log_erfc", "ndtr", "ndtr_slope", "ndtr_rate", "log_ndtr")


@pytest.mark.parametrize("name", ALL)
def test_the_tails_are_right_to_4_ulp(name: str) -> None:
    op = op_named(name)
    sample = [*points(op, 60), *points(op, 60, tame=True), (-38.4,), (-26.62,), (26.6,), (-37.5,)]
    faults = []
    for (x,) in sample:
        value, true = op(x), float(truth(name, (), (x,)))
        if value != true and not abs(value - true) <= 4 * math.ulp(true):
            faults.append((x, value, true))
    assert faults == []


def test_erfcx_falls_like_1_over_x_and_overflows_on_the_left() -> None:
    assert erfcx(0.0) == 1.0
    assert erfcx(1e300) == pytest.approx(1e-300 / math.sqrt(math.pi), rel=1e-15)
    assert (erfcx(inf), erfcx(-26.7), erfcx(-inf)) == (0.0, inf, inf)


def test_the_logarithms_go_on_where_the_probability_underflows() -> None:
    assert ndtr(-40.0) == 0.0
    assert log_ndtr(-40.0) == pytest.approx(-804.608442013754, rel=1e-14)
    assert log_ndtr(-1e160) == -inf
    assert log_erfc(40.0) == pytest.approx(-1604.26155665, rel=1e-11)
    assert (log_ndtr(inf), log_erfc(-inf), log_erfc(-30.0)) == (0.0, math.log(2), math.log(2))


@pytest.mark.parametrize("x", [-1e300, -1e20, -800.0, -40.0, -1.0, -1e-9, 0.0, 1e-9, 1.0, 8.0, 37.0])
def test_the_score_of_log_ndtr_and_its_slope_stay_right(x: float) -> None:
    at = Node(x)
    first = grad(log_ndtr(at), at)
    assert error(read(first), "log_ndtr", (0,), (x,)) <= 1
    assert error(read(grad(first, at)), "log_ndtr", (0, 0), (x,)) <= 1


def test_far_left_log_ndtr_is_a_parabola() -> None:
    at = Node(-1e300)
    first = grad(log_ndtr(at), at)
    assert (read(first), read(grad(first, at))) == (1e300, -1.0)


def test_the_slope_of_erfcx_does_not_cancel_far_out() -> None:
    assert slope(erfcx, 0, 1e100) == pytest.approx(-1e-200 / math.sqrt(math.pi), rel=1e-15)
