"""Ops of logarithms and powers: families, and what the tests of the whole table do not say."""

from __future__ import annotations

import math
import pickle
import random
from typing import TYPE_CHECKING, Any

import pytest
from mpmath import mp

from compgraph import Node
from compgraph.record import op_named
from compgraph.reverse import grad
from compgraph.stable import algebraic, roots, squares
from tests.sampling import TRUTH, alike, at_kink, curvature_faults, points, read, slope, slope_faults, value_faults
from tests.truth_algebraic import MEMBERS

if TYPE_CHECKING:
    from compgraph.record import Op

inf, nan = math.inf, math.nan

FAMILIES = {**vars(algebraic), **vars(roots), **vars(squares)}
ALL = [FAMILIES[name].of(arity) for name in MEMBERS for arity in (1, 2, 3, 5)]

every_member = pytest.mark.parametrize("op", ALL, ids=lambda op: op.name)


@pytest.fixture(autouse=True)
def _truth_of_members(monkeypatch: pytest.MonkeyPatch) -> None:
    for op in ALL:
        monkeypatch.setitem(TRUTH, op.name, MEMBERS[op.name.rpartition("_")[0]])


def smooth_points(op: Op, count: int, *, tame: bool = False) -> list[tuple[float, ...]]:
    """Points where the op has a value and slopes: no argument 0, no negative product."""
    sample = [args for args in points(op, 4 * count, tame=tame) if all(args) and not at_kink(op, args)]
    return [args for args in sample if math.isfinite(op(*args))][:count]


def ulps(value: float, true: Any) -> float:
    """How far off a computed number is, in units of the last place of the truth."""
    return float(abs(mp.mpf(value) - true) / mp.mpf(math.ulp(float(true))))


# --- families, at any number of arguments -------------------------------------------------------------------------


@every_member
def test_values_of_an_algebraic_family_are_right(op: Op) -> None:
    assert list(value_faults(op, [args for args in points(op, 40) if not math.isnan(op(*args))])) == []


@every_member
def test_partials_of_an_algebraic_family_are_right_over_the_whole_range(op: Op) -> None:
    assert list(slope_faults(op, smooth_points(op, 20))) == []


@every_member
def test_second_derivatives_of_an_algebraic_family_are_right(op: Op) -> None:
    assert list(curvature_faults(op, smooth_points(op, 4, tame=True))) == []


@every_member
def test_an_op_of_an_algebraic_family_is_found_by_its_name(op: Op) -> None:
    assert op_named(op.name) is op
    assert pickle.loads(pickle.dumps(op)) is op


@every_member
def test_an_algebraic_family_has_a_body_for_other_number_systems(op: Op) -> None:
    for args in smooth_points(op, 4, tame=True):
        with mp.workdps(40):
            assert abs(op(*map(mp.mpf, args)) - TRUTH[op.name](*map(mp.mpf, args))) < 1e-30


# --- to the last digits ---------------------------------------------------------------------------------------------


def close(chance: random.Random) -> float:
    return chance.choice((-1, 1)) * 10.0 ** chance.uniform(-17, -1)


def test_logarithms_near_1_have_all_their_digits() -> None:
    chance = random.Random(1)
    for _ in range(300):
        x = 10.0 ** chance.uniform(-300, 300)
        y = x * (1 + close(chance))
        with mp.workdps(80):
            cases = [(algebraic.log_quotient(y, x), mp.log(mp.mpf(y) / x))]
            cases += [(algebraic.log_product(y, 1 / x), mp.log(mp.mpf(y) * (1 / x)))]
            cases += [(algebraic.log_sum(y, 1 / x), mp.log(mp.mpf(y) * (1 / x)))]
            assert [case for case in cases if ulps(*case) > 1.5] == []


@pytest.mark.parametrize("n", [-2.0, -1.0, -0.5, 1 / 3, 0.5, 2.0, 3.0, 50.0])
def test_an_increment_of_a_power_has_all_its_digits(n: float) -> None:
    chance = random.Random(n)
    for _ in range(200):
        v = 10.0 ** chance.uniform(-3, 3)
        d = v * chance.choice((close(chance), chance.uniform(-0.9, 40)))
        with mp.workdps(80):
            exact = (mp.mpf(v) + d) ** mp.mpf(n) - mp.mpf(v) ** mp.mpf(n)
            assert ulps(algebraic.pow_increment(d, v, n), exact) < 4, (d, v)


def test_compound_does_not_round_one_plus_x() -> None:
    chance = random.Random(2)
    for _ in range(300):
        x = close(chance)
        n = chance.uniform(-700, 700) / math.log1p(x)
        with mp.workdps(80):
            exact = (1 + mp.mpf(x)) ** mp.mpf(n)
            assert ulps(algebraic.compound(x, n), exact) < 3, (x, n)
            assert ulps(algebraic.compound_m1(x, n), exact - 1) < 4, (x, n)


def test_compound_interest_and_its_slopes_near_the_exponential() -> None:
    for n in (1.0, 12.0, 1e8, 1e16, 1e20, 1e150):
        with mp.workdps(400):
            rate = 1 / mp.mpf(n)
            exact = (1 + rate) ** mp.mpf(n)
            assert ulps(algebraic.compound_interest(1.0, n), exact) < 2
            assert ulps(slope(algebraic.compound_interest, 0, 1.0, n), exact / (1 + rate)) < 4
            assert ulps(slope(algebraic.compound_interest, 1, 1.0, n), exact * (mp.log1p(rate) - rate / (1 + rate))) < 8


# --- conventions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("got", "answer"),
    [
        (algebraic.log_product(-2.0, -3.0), math.log(6)),
        (algebraic.log_product(-2.0, 3.0), nan),
        (algebraic.log_product(0.0, 1e300), -inf),
        (algebraic.log_product(0.0, inf), nan),
        (algebraic.log_product(1e300, 1e300, 1e300), 900 * math.log(10)),
        (algebraic.log_sum(-2.0, -3.0), nan),
        (algebraic.log_sum(0.0, 2.0), -inf),
        (algebraic.log_quotient(-1.0, -2.0), -math.log(2)),
        (algebraic.log_quotient(1.0, 0.0), inf),
        (algebraic.log_quotient(0.0, 0.0), nan),
        (algebraic.log_quotient(5e-324, 1.7e308), math.log(5e-324) - math.log(1.7e308)),
        (algebraic.log_difference(-1.0, -2.0), nan),
        (algebraic.log_difference(0.0, 2.0), -inf),
        (algebraic.log_increment(1.0, -0.5), nan),
        (algebraic.log_increment(1.0, -3.0), nan),
        (algebraic.log_increment(1.0, 0.0), inf),
        (algebraic.log_increment(-2.0, 2.0), -inf),
        (algebraic.log_increment(1.0, 1e-320), -math.log(1e-320)),
        (algebraic.pow_increment(1.0, -1.0, -1.0), inf),
        (algebraic.pow_increment(1.0, -3.0, -1.0), -1 / 6),
        (algebraic.pow_increment(1.0, -2.0, 0.5), nan),
        (algebraic.pow_increment(1e-200, 1e-200, -1.0), -5e199),
        (algebraic.pow_increment(2.0, -1.0, 2.0), 0.0),
        (algebraic.compound(-3.0, 3.0), -8.0),
        (algebraic.compound(-3.0, 0.5), nan),
        (algebraic.compound_m1(-2.0 - 1e-10, 2.0), math.expm1(2 * math.log1p(1.000000082740371e-10))),
        (algebraic.compound_interest(3.0, 0.0), 1.0),
        (algebraic.powm1(-2.0, 3.0), -9.0),
        (algebraic.powm1(0.0, 0.0), 0.0),
        (algebraic.real_power(-8.0, 2.0), nan),
        (algebraic.real_power(0.0, 0.0), 1.0),
        (algebraic.real_power(0.0, -1.0), inf),
    ],
)
def test_answers_at_edges_and_poles(got: float, answer: float) -> None:
    assert alike(got, answer, ulps=2)


def test_slopes_of_close_reciprocals_and_logarithms_are_right_where_the_step_is_large() -> None:
    d, v = Node(0.5), Node(1e-200)
    typed_as = {algebraic.log_increment(d, v): (2.0, -1e200), algebraic.pow_increment(d, v, -1.0): (-4.0, inf)}
    for root, wanted in typed_as.items():
        assert all(alike(read(partial), slope) for partial, slope in zip(grad(root, [d, v]), wanted, strict=True))


def test_the_slope_of_an_increment_in_its_power_is_right_from_0_and_out_of_the_range() -> None:
    """(v + d)ⁿ·log(v + d) − vⁿ·log v, where vⁿ is 0, or both powers are ∞."""
    assert alike(slope(algebraic.pow_increment, 2, 0.5, 0.0, 2.0), 0.25 * math.log(0.5))
    assert slope(algebraic.pow_increment, 2, 1.0, 0.001, 1e200) == inf
    assert slope(algebraic.pow_increment, 2, 1.0, 3.0, 1e200) == inf
    assert slope(algebraic.pow_increment, 2, 0.1, 0.3, -1e200) == inf
    assert slope(algebraic.pow_increment, 2, -0.5, 0.5, 2.0) == 0.25 * math.log(2.0)


def test_x_log_x_has_its_second_derivative() -> None:
    for number in (1e-300, 1e-9, 1.0, 3.0, 1e300):
        x = Node(number)
        root = op_named("xlogy")(x, x)
        assert alike(read(grad(root, x)), math.log(number) + 1, ulps=2)
        assert alike(read(grad(grad(root, x), x)), 1 / number, ulps=2)
