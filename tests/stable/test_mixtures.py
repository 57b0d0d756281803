"""Mixtures of two densities: where the weights' 1 − w would be rounded, close terms, and the ends of the range."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from mpmath import mp

from compgraph.stable.mixtures import log_mixture, mixture_first, mixture_second
from tests.sampling import curvature_faults, slope_faults, truth

if TYPE_CHECKING:
    from compgraph.record import Op

inf = math.inf

PUSHES_0_TIMES_INFINITY = "forward over forward"  # as every op with an infinite slope does beside a tangent of 0


@pytest.mark.parametrize(
    ("w", "u", "v"),
    [
        (-2.9e-71, -1.57, 2.6e-71),
        (0.25, 1e-9, 1e-9),
        (0.5, 1e-9, -1e-9),
        (638.0, 0.3, 0.3015),
        (1e-300, 0.5, -744.0),
        (0.3, -1e5, -1e5 + 3),
        (0.0, 800.0, -2e67),
        (1.0, -740.0, 700.0),
    ],
)
def test_a_mixture_and_its_derivatives_are_right(w: float, u: float, v: float) -> None:
    true = truth("log_mixture", (), (w, u, v))
    assert abs(mp.mpf(log_mixture(w, u, v)) - true) <= 3 * mp.mpf(math.ulp(float(true)))
    assert list(slope_faults(log_mixture, [(w, u, v)])) == []
    faults = list(curvature_faults(log_mixture, [(w, u, v)]))
    assert [fault for fault in faults if fault.how != PUSHES_0_TIMES_INFINITY] == []


@pytest.mark.parametrize(
    ("op", "args", "answer"),
    [
        (log_mixture, (2.0, 0.0, 1.0), math.nan),
        (log_mixture, (0.5, 3.0, -inf), 3.0 - math.log(2.0)),
        (log_mixture, (0.5, -inf, -inf), -inf),
        (mixture_first, (0.5, 3.0, -inf), 2.0),
        (mixture_second, (0.5, 3.0, -inf), 0.0),
    ],
)
def test_ieee_answers_of_mixtures(op: Op, args: tuple[float, ...], answer: float) -> None:
    assert op(*args) == pytest.approx(answer, rel=1e-15, nan_ok=True)
