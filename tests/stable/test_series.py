"""Taylor remainders, cosm1 and coshm1, differences of arctangents: last digits, tiny and huge arguments."""

from __future__ import annotations

import math

import pytest

from compgraph.record import op_named
from compgraph.stable import series
from tests.sampling import points, slope, truth

inf = math.inf

REMAINDERS = {
    "expm1_minus_x": (2, 1 / 2),
    "x_minus_log1p": (2, 1 / 2),
    "x_minus_sin": (3, 1 / 6),
    "tan_minus_x": (3, 1 / 3),
    "sinh_minus_x": (3, 1 / 6),
    "x_minus_tanh": (3, 1 / 3),
    "x_minus_atan": (3, 1 / 3),
    "x_minus_asinh": (3, 1 / 6),
    "atanh_minus_x": (3, 1 / 3),
    "cosm1": (2, -1 / 2),
    "coshm1": (2, 1 / 2),
}
every_remainder = pytest.mark.parametrize("name", REMAINDERS)


def ulps_off(name: str, *args: float) -> float:
    value, true = op_named(name)(*args), float(truth(name, (), args))
    return abs(value - true) / math.ulp(true) if value != true else 0.0


@every_remainder
def test_a_remainder_begins_with_the_next_term_of_the_series(name: str) -> None:
    power, coefficient = REMAINDERS[name]
    for x in (1e-20, -1e-20, 1e-90):
        assert op_named(name)(x) == pytest.approx(coefficient * x**power, rel=1e-15)
    assert op_named(name)(0.0) == 0.0


@every_remainder
def test_a_remainder_loses_at_most_4_ulp(name: str) -> None:
    sample = [*points(op_named(name), 60), *points(op_named(name), 60, tame=True)]
    assert [x for (x,) in sample if ulps_off(name, x) > 4] == []


def test_remainders_overflow_with_their_sign() -> None:
    assert series.expm1_minus_x(800.0) == inf
    assert series.sinh_minus_x(-800.0) == -inf
    assert series.coshm1(-800.0) == inf
    assert series.x_minus_log1p(-1.0) == inf
    assert series.atanh_minus_x(-1.0) == -inf
    assert series.x_minus_asinh(-inf) == -inf


def test_remainders_have_no_value_outside_the_domain_of_the_typed_form() -> None:
    assert math.isnan(series.x_minus_log1p(-1.5))
    assert math.isnan(series.atanh_minus_x(1.5))
    assert math.isnan(series.x_minus_sin(inf))


# --- increments of arctangents ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("v", [0.0, 1.0, -1.0, 1e8, -1e8, 1e16, 1e100, -1e-300])
@pytest.mark.parametrize("d", [1.0, -1.0, 1e-20, 1e-300, 2e16, -3e8])
def test_an_increment_of_an_arctangent_does_not_see_the_rounding_of_the_sum(d: float, v: float) -> None:
    assert ulps_off("atan_increment", d, v) <= 4


def test_an_increment_of_an_arctangent_reaches_infinity() -> None:
    assert series.atan_increment(inf, 0.0) == math.pi / 2
    assert series.atan_increment(-inf, 1.0) == -0.75 * math.pi
    assert slope(series.atan_increment, 0, inf, 0.0) == 0.0
