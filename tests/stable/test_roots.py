"""Ops of square roots: what the tests of the whole table do not say."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any

import pytest
from mpmath import mp

import compgraph as cg
from compgraph.stable import roots
from tests.sampling import alike, curvature_faults, slope, slope_faults
from tests.truth_algebraic import TRUTH

if TYPE_CHECKING:
    from compgraph.record import Op

inf, nan = math.inf, math.nan

CONICS = (
    *(roots.hypot_minus, roots.direction_m1, roots.leg, roots.hypotenuse_over_leg, roots.leg_over_leg, roots.sagitta),
    *(roots.sagitta_slope, roots.surd, roots.surd_minus, roots.surd_slope, roots.surd_slope_m1),
)

every_conic = pytest.mark.parametrize("op", CONICS, ids=lambda op: op.name)


def pairs(op: Op, count: int, digits: int = 140) -> list[tuple[float, float]]:
    """Points from 10^-digits to 10^digits, half of them close to |x| = |y|, where the op has a value."""
    chance, found = random.Random(op.name), []
    while len(found) < count:
        x = chance.choice((-1, 1)) * 10.0 ** chance.uniform(-digits, digits)
        near = x * (1 + chance.choice((-1, 1)) * 10.0 ** chance.uniform(-15, -1))
        y = chance.choice((near, -near, x * 10.0 ** chance.uniform(-30, 3)))
        point = (x, -y * abs(y) if op.name.startswith("surd") else y)
        if math.isfinite(op(*point)):
            found.append(point)
    return found


def off(value: float, true: Any) -> float:
    """Distance from the truth in units in its last place."""
    return float(abs(mp.mpf(value) - true) / mp.mpf(math.ulp(float(true))))


@every_conic
def test_a_root_less_a_part_of_it_has_all_its_digits(op: Op) -> None:
    for args in pairs(op, 200):
        with mp.workdps(400):
            assert off(op(*args), TRUTH[op.name](*map(mp.mpf, args))) < 4, args


@every_conic
def test_slopes_of_roots_are_right_close_to_the_edge_and_far_from_it(op: Op) -> None:
    assert list(slope_faults(op, pairs(op, 40))) == []


@every_conic
def test_second_derivatives_of_roots_are_right_far_from_1(op: Op) -> None:
    assert list(curvature_faults(op, pairs(op, 6, digits=70))) == []


@pytest.mark.parametrize("args", [(40.0, 800.0), (800.0, 40.0), (1e-150, 1e-152), (1e150, 3e148), (1e-8, 1.0)])
def test_the_second_derivatives_of_hypot_do_not_cancel(args: tuple[float, float]) -> None:
    assert list(curvature_faults(cg.hypot, [args])) == []


def test_roots_of_products_and_quotients_stay_in_range() -> None:
    assert alike(roots.root_of_product(1e300, 1e200), 1e250, ulps=1)
    assert alike(roots.root_of_product(-1e-300, -1e-320, 4.0), math.sqrt(1e-320) * 2e-150, ulps=1)
    assert alike(roots.root_of_quotient(1e300, 1e-300), 1e300, ulps=1)
    assert slope(roots.root_of_product.of(3), 0, 1e300, 1e300, 1e300) == pytest.approx(5e149, rel=1e-15)
    assert slope(roots.root_of_product.of(3), 0, 1e-300, 1e-300, 1e-300) == pytest.approx(5e-151, rel=1e-15)


@pytest.mark.parametrize(
    ("got", "answer"),
    [
        (roots.root_of_product(-1.0, 2.0), nan),
        (roots.root_of_product(0.0, 1e300), 0.0),
        (roots.root_of_quotient(1.0, 0.0), inf),
        (roots.root_of_quotient(-4.0, -1.0), 2.0),
        (slope(roots.root_of_product.of(2), 0, 0.0, 3.0), inf),
        (slope(roots.root_of_quotient.of(2), 0, 0.0, 3.0), inf),
        (roots.norm(0.0, 0.0, 0.0), 0.0),
        (slope(roots.norm.of(3), 0, 0.0, 0.0, 0.0), 0.0),
        (roots.norm(1e300, 1e300, 1e300), math.sqrt(3) * 1e300),
        (roots.norm(-3.0), 3.0),
        (roots.leg(3.0, 5.0), nan),
        (roots.leg(-5.0, 3.0), 4.0),
        (roots.leg(inf, 3.0), inf),
        (slope(roots.leg, 0, 2.0, 2.0), inf),
        (slope(roots.leg, 0, 0.0, 0.0), 0.0),
        (slope(roots.leg, 1, 0.0, 0.0), 0.0),
        (slope(roots.sagitta, 0, 0.0, 0.0), 1.0),
        (slope(roots.sagitta, 1, 0.0, 0.0), 0.0),
        (slope(roots.surd_slope, 0, 0.0, 0.0), 0.0),
        (slope(roots.surd_slope_m1, 0, 0.0, 0.0), 0.0),
        (slope(roots.surd_slope_m1, 1, 0.0, 0.0), 0.0),
        (roots.hypot_minus(-1e308, 1e308), (1 + math.sqrt(2)) * 1e308),
        (roots.hypot_minus(0.0, 0.0), 0.0),
        (roots.sagitta(-1.0, 0.0), -2.0),
        (roots.sagitta(1.0, 1e-200), 0.0),
        (roots.sagitta(1.0, 2.0), nan),
        (roots.surd(1e200, 1.0), 1e200),
        (roots.surd(1.0, -2.0), nan),
        (roots.surd_minus(1e200, 1.0), 5e-201),
        (roots.surd_minus(-1e200, 1.0), 2e200),
        (roots.sqrt1pm1(-1.0), -1.0),
        (roots.sqrt1pm1(-2.0), nan),
        (roots.sqrt1pm1(inf), inf),
        (roots.sqrt1pm1(1e-300), 5e-301),
    ],
)
def test_roots_answer_at_edges_and_poles(got: float, answer: float) -> None:
    assert alike(got, answer, ulps=2)


def test_the_small_root_of_a_quadratic_keeps_its_digits() -> None:
    """x² + 2e8·x + 1 = 0: its small root is −5e-9·(1 + 2.5e-17)."""
    assert roots.surd_minus(1e8, -1.0) == -5e-9


def test_differences_of_roots_have_their_second_derivatives_where_the_step_is_small_or_large() -> None:
    chance = random.Random(4)
    for _ in range(12):
        v = 10.0 ** chance.uniform(-60, 60)
        for d in (v * 10.0 ** chance.uniform(-15, -1), v * 10.0 ** chance.uniform(0, 30)):
            assert list(curvature_faults(roots.cbrt_increment, [(d, v), (-d, -v), (d, -v)])) == []
            assert list(slope_faults(roots.cbrt_increment, [(d, v), (-d, -v), (d, -v)])) == []
