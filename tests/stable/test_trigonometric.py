"""Ops of circular and hyperbolic functions: what the tests of the whole table do not say."""

from __future__ import annotations

import math

import pytest

from compgraph import Node
from compgraph.enclosure import exact
from compgraph.stable.trigonometric import csch
from tests.sampling import slope


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_the_hyperbolic_cosecant_has_the_pole_of_a_reciprocal(zero: float) -> None:
    x = Node(zero, "x")
    pole = math.copysign(math.inf, zero)
    assert (csch(zero), slope(csch, 0, zero)) == (pole, -math.inf)
    assert (exact(csch(x), x).value, exact(csch(x), x).grad) == (pole, -math.inf)
