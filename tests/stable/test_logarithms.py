"""Logarithms of k·f(x): where k·f(x) is close to 1, and where f(x) alone leaves the range of floats."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from mpmath import mp

from compgraph.stable.logarithms import (
    log_scaled_cosh,
    log_scaled_erfc,
    log_scaled_ndtr,
    log_scaled_sech,
    log_scaled_sigmoid,
)
from tests.sampling import error, slope, truth

if TYPE_CHECKING:
    from compgraph.record import Op

inf = math.inf

every_scaled = pytest.mark.parametrize(
    "op",
    [log_scaled_cosh, log_scaled_erfc, log_scaled_ndtr, log_scaled_sech, log_scaled_sigmoid],
    ids=lambda op: op.name,
)


@pytest.mark.parametrize(
    ("op", "k", "x"),
    [
        (log_scaled_erfc, 0.5, -6.0),
        (log_scaled_erfc, 0.5, -26.0),
        (log_scaled_erfc, 1.0, 1e-300),
        (log_scaled_ndtr, 2.0, 1e-9),
        (log_scaled_ndtr, 1.0, 30.0),
        (log_scaled_sigmoid, 2.0, 1e-9),
        (log_scaled_sigmoid, 2.0, -1e-300),
        (log_scaled_sigmoid, 1.0, 40.0),
        (log_scaled_cosh, 1.0, 1e-9),
        (log_scaled_cosh, 1.0 - 2.0**-53, 1e-9),
        (log_scaled_sech, 1.0, 1e-9),
        (log_scaled_sech, 1.0 + 2.0**-52, 1e-9),
    ],
)
def test_a_logarithm_close_to_0_keeps_its_digits(op: Op, k: float, x: float) -> None:
    true = truth(op.name, (), (k, x))
    assert abs(mp.mpf(op(k, x)) - true) <= 3 * mp.mpf(math.ulp(float(true)))


@pytest.mark.parametrize(
    ("op", "k", "x"),
    [
        (log_scaled_erfc, 1e300, 26.4),
        (log_scaled_erfc, 3.0, 1e100),
        (log_scaled_ndtr, 1e300, -37.2),
        (log_scaled_sigmoid, 1e300, -690.0),
        (log_scaled_sigmoid, 1e300, -1e4),
        (log_scaled_cosh, 1e-300, 691.0),
        (log_scaled_cosh, 1e-300, -1e4),
        (log_scaled_sech, 1e300, 691.0),
    ],
)
def test_a_logarithm_is_right_where_the_function_leaves_the_range(op: Op, k: float, x: float) -> None:
    assert error(op(k, x), op.name, (), (k, x)) <= 1
    assert all(error(slope(op, index, k, x), op.name, (index,), (k, x)) <= 1 for index in range(2))


@every_scaled
def test_the_factor_keeps_the_domain_of_the_logarithm(op: Op) -> None:
    assert op(0.0, 0.5) == -inf
    assert op(inf, 0.5) == inf
    assert math.isnan(op(-1.0, 0.5))
