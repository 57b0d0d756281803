"""Balls hold the truth: functions at points by two libraries, and whatever lies between two ends."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import pytest

import compgraph as cg
from compgraph.balls import Ball, ball_of, bounds_at
from compgraph.balls.directed import nearest

DOMAINS = {
    "exp": (-700, 700), "expm1": (-700, 700), "log": (0, 1e300), "log1p": (-1, 1e300), "sqrt": (0, 1e300),
    "cbrt": (-1e300, 1e300), "sin": (-1e300, 1e300), "cos": (-1e300, 1e300), "asin": (-1, 1), "acos": (-1, 1),
    "atan": (-1e300, 1e300), "sinh": (-700, 700), "cosh": (-700, 700), "tanh": (-30, 30), "asinh": (-1e300, 1e300),
    "acosh": (1, 1e300), "atanh": (-1, 1), "erf": (-6, 6), "erfc": (-6, 90), "gamma": (0, 170), "lgamma": (0, 1e300),
}  # fmt: skip


def sample(low: float, high: float, chance: random.Random) -> float:
    """A number strictly between two others: anywhere, close to an end, or close to 0."""
    share = 2.0 ** -chance.uniform(1, 52)
    size = min(high - low, 2.0 ** chance.uniform(-900, 900))
    numbers = [low + (1 if low == 0 else abs(low)) * share, high - abs(high) * share, share, -share, size, -size]
    numbers.append(chance.uniform(low, high))
    return chance.choice([number for number in numbers if low < number < high])


def fraction(parts: tuple[int, int]) -> Fraction:
    mantissa, exponent = parts
    return Fraction(mantissa * 2**exponent) if exponent >= 0 else Fraction(mantissa, 2**-exponent)


@pytest.mark.parametrize("name", DOMAINS)
@pytest.mark.parametrize("bits", [53, 400])
def test_the_ends_by_mpmath_hold_those_by_arb_at_more_bits(name, bits):
    chance = random.Random(name)
    for _ in range(20):
        number = sample(*DOMAINS[name], chance)
        ends = []
        for precision, library in ((bits, "mpmath"), (2 * bits + 1100, "flint")):
            with bounds_at(precision, library) as bounds:
                found = bounds.function(name, bounds.point(number))
                ends.append([fraction(bounds.parts(end)) for end in found])
        (low, high), (inner_low, inner_high) = ends
        assert low <= inner_low <= inner_high <= high
        assert high - low <= abs(high) * Fraction(1, 2 ** (bits - 2))


@pytest.mark.parametrize("library", ["flint", "mpmath"])
@pytest.mark.parametrize(
    "op",
    [cg.exp, cg.sin, cg.cos, cg.tan, cg.cosh, cg.abs, cg.floor, cg.atan, cg.sigmoid, cg.softplus, cg.erfc, cg.relu,
     lambda x: x**2, lambda x: x**3, lambda x: x**-2, lambda x: (1.5 + x) ** 0.3, lambda x: cg.hypot(x, 1),
     lambda x: 1 / (2 + x), lambda x: cg.atan2(x, 1), lambda x: cg.maximum(x, -x), lambda x: cg.minimum(x, 0.5 * x)],
)  # fmt: skip
def test_a_ball_goes_where_its_points_go(op, library):
    chance = random.Random(1)
    for _ in range(20):
        low = chance.choice([-1.0, -1e-9, 0.5, 1.2, 3.3]) * chance.random()
        high = low + chance.choice([1e-12, 1e-3, 0.7])
        with bounds_at(100, library) as bounds:
            ball = op(Ball(bounds, bounds.point(low), bounds.point(high)))
            for share in (0.0, 0.3, 0.5, 0.9, 1.0):
                point = op(ball_of(bounds, low + share * (high - low) if share < 1 else high))
                assert ball.is_unknown or (ball.low <= point.high and point.low <= ball.high)


@pytest.mark.parametrize("library", ["flint", "mpmath"])
def test_exact_arithmetic_stays_exact(library):
    with bounds_at(64, library) as bounds:
        three, half = ball_of(bounds, 3), ball_of(bounds, 0.5)
        for ball in (three + half, three - half, three * half, half / 2, three**4, cg.sqrt(three * 3), abs(-three)):
            assert ball.is_exact
        assert (three - 3).special == 0
        assert not (three / 7).is_exact


@pytest.mark.parametrize("library", ["flint", "mpmath"])
def test_fractions_and_long_whole_numbers_enter_as_what_they_are(library):
    with bounds_at(64, library) as bounds:
        assert ball_of(bounds, 2**80 + 1).is_exact
        assert (ball_of(bounds, 2**80 + 1) - 2**80).low == bounds.point(1)
        third = ball_of(bounds, Fraction(1, 3))
        assert third.low < third.high
        assert bounds.to_float(third.low) == bounds.to_float(third.high) == 1 / 3


@pytest.mark.parametrize("library", ["flint", "mpmath"])
def test_what_straddles_the_edge_of_a_domain_is_unknown(library):
    with bounds_at(64, library) as bounds:
        around_zero = Ball(bounds, bounds.point(-1e-9), bounds.point(1e-9))
        assert all(op(around_zero).is_unknown for op in (cg.log, cg.sqrt, lambda x: 1 / x, lambda x: x**0.5))
        assert (around_zero**2).sign() is None
        assert cg.log(around_zero - 1).special != cg.log(around_zero - 1).special  # nan, exactly


@pytest.mark.parametrize("library", ["flint", "mpmath"])
@pytest.mark.parametrize("op", [cg.add, cg.sub, cg.mul, cg.div], ids=lambda op: op.name)
def test_balls_that_have_no_end_on_one_side_hold_what_lies_in_them(op, library):
    with bounds_at(64, library) as bounds:
        above, below = (Ball(bounds, *map(bounds.point, ends)) for ends in ((0.1, math.inf), (-math.inf, -0.1)))
        for u, v in itertools.product((above, below), repeat=2):
            ball = op(u, v)
            for sizes in itertools.product((0.1, 1.0, 1e9), repeat=2):
                point = op(*[ball_of(bounds, x.sign() * size) for x, size in zip((u, v), sizes, strict=True)])
                assert ball.is_unknown or (ball.low <= point.high and point.low <= ball.high)


@pytest.mark.parametrize("seed", range(5))
def test_rounding_to_the_nearest_float_agrees_with_fractions(seed):
    chance = random.Random(seed)
    for _ in range(200):
        mantissa, exponent = chance.randrange(-(2**90), 2**90), chance.randint(-1180, 990)
        try:
            expected = float(fraction((mantissa, exponent)))
        except OverflowError:
            expected = math.copysign(math.inf, mantissa)
        assert nearest(mantissa, exponent) == expected
