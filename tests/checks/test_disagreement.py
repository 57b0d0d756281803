"""Two numbers below one another, and where they part."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compgraph.checks.disagreement import apart


@pytest.mark.parametrize(
    ("pair", "shown"),
    [
        ((0.5744425168, -0.5744425168), (" 0.57444251680", "−0.57444251680", 0)),
        ((123.0, 1.5), ("123.000000000", "1.500000000", 1)),
        ((1 / 3, 1 / 3 + 1e-14), ("0.33333333333333", "0.33333333333334", 15)),
        ((1e-20, 3.0), ("1.00000000000e−20", "3.00000000000e+00", 0)),
        ((math.nan, -1.0), ("nan", "−1", 0)),
        ((math.inf, 1.0), ("∞", "1", 0)),
    ],
)
def test_numbers_have_the_digits_that_tell_them_apart(pair, shown):
    assert apart(*pair) == shown


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_the_place_is_the_first_that_differs(a, b):
    left, right, place = apart(a, b)
    assert left[:place] == right[:place]
    assert left[place : place + 1] != right[place : place + 1] or left == right
    if a != b and math.isfinite(a) and math.isfinite(b):
        assert left != right
