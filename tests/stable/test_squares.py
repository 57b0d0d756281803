"""Ops of squares and of parts of a sum: what the tests of the whole table do not say."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import pytest
from mpmath import mp

from compgraph.stable.algebraic import parallel, share
from compgraph.stable.roots import small_root
from compgraph.stable.squares import difference_of_squares, log_norm, product_over_hypot, pseudo_huber
from tests.sampling import slope
from tests.truth_algebraic import MEMBERS, TRUTH

if TYPE_CHECKING:
    from compgraph.record import Op

OPS = (difference_of_squares, product_over_hypot, share, parallel)


def ulps(value: float, exact: object) -> float:
    """Distance from the truth in units in its last place."""
    return float(abs(mp.mpf(value) - exact) / mp.mpf(math.ulp(float(exact))))


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_an_op_of_two_sides_has_all_its_digits_however_close_they_are(op: Op) -> None:
    chance = random.Random(7)
    for _ in range(400):
        x = 10.0 ** chance.uniform(-140, 140)
        near = x * (1 + chance.choice((-1, 1)) * 10.0 ** chance.uniform(-15, -1))
        y = chance.choice((1, -1)) * chance.choice((near, x * 10.0 ** chance.uniform(-15, 15)))
        with mp.workdps(400):
            assert ulps(op(x, y), TRUTH[op.name](mp.mpf(x), mp.mpf(y))) < 4, (x, y)


def test_the_logarithm_of_a_norm_near_1_has_all_its_digits() -> None:
    chance = random.Random(8)
    for _ in range(400):
        angle, gap = chance.uniform(0, 1.5), 10.0 ** chance.uniform(-17, -1)
        x = (math.cos(angle) + gap, math.sin(angle), gap)
        with mp.workdps(100):
            assert ulps(log_norm(*x), MEMBERS["log_norm"](*map(mp.mpf, x))) < 4, x


def test_the_logarithm_of_a_norm_stays_finite_at_the_ends_of_the_range() -> None:
    assert math.isclose(log_norm(1.7e308, 1.7e308), math.log(1.7) + 308 * math.log(10) + math.log(2) / 2)
    assert math.isclose(log_norm(1e-300, 1e-300), -300 * math.log(10) + math.log(2) / 2)


def test_a_smooth_absolute_value_without_a_width_is_flat_at_0() -> None:
    assert slope(pseudo_huber, 0, 0.0, 0.0) == slope(pseudo_huber, 1, 0.0, 0.0) == 0.0


def test_two_resistors_of_which_one_is_0_have_none() -> None:
    assert parallel(0.0, 5.0) == parallel(5.0, 0.0) == 0.0
    assert slope(parallel, 0, 1e-200, 1e200) == 1.0


def test_the_small_root_of_a_quadratic_and_its_slopes_have_all_their_digits() -> None:
    for b, q in ((1e140, -4.0), (3.0, 1e-9), (1e-20, 5.0)):
        with mp.workdps(400):
            root = mp.sqrt(mp.mpf(b) ** 2 + q)
            exact = (root - b) / q
            assert ulps(small_root(b, q), exact) < 2
            assert ulps(slope(small_root, 0, b, q), -exact / root) < 4
            assert ulps(slope(small_root, 1, b, q), -(exact**2) / (2 * root)) < 4


def test_a_smooth_modulus_far_from_0_is_the_modulus_times_its_width() -> None:
    assert pseudo_huber(0.5, -1e200) == 5e199
    assert slope(pseudo_huber, 0, 0.5, -1e200) == 1e200
