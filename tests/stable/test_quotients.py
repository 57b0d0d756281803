"""Quotients with a removable point: their derivatives of higher order, limits, and the ends of the range."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from mpmath import mp

from compgraph import Node
from compgraph.kernels.quotients import ORDERS
from compgraph.record import Derivatives, is_built_in, op_named
from compgraph.reverse import grad
from compgraph.stable import normal, quotients
from tests.sampling import error, read, truth

inf, nan = math.inf, math.nan

QUOTIENTS = ("sinc", "exprel", "log1p_over", "sinhc", "tanhc", "tanc", "x_over_expm1", "langevin",
             "reciprocal_minus_cot", "phi2", "x_over_log1p", "x_over_sin", "x_over_sinh", "x_over_tan",
             "x_over_tanh")  # fmt: skip
CHAINS = (*QUOTIENTS, "erfcx", "erfcx_rate", "ndtr_rate")
NUMBERS = (0.0, 1e-300, 1e-160, 1e-20, 1e-8, 1e-3, 0.05, 0.3, 0.7, 0.99, 1.01, 1.3, 1.9, 2.1, 2.9, 3.3, 6.0, 9.5, 10.5,
           13.0, 26.0, 40.0, 300.0, 800.0, 1e5, 1e20, 1e100, 1e300)  # fmt: skip


def inside(name: str, numbers: tuple[float, ...] = NUMBERS) -> list[float]:
    return [x for number in numbers for x in (number, -number) if x in op_named(name).domain[0]]


def ulps(value: float, name: str, order: int, x: float) -> float:
    """How far off a computed derivative is, in units of the last place of the truth."""
    true = float(truth(name, (0,) * order, (x,)))
    return abs(value - true) / math.ulp(true) if value != true else 0.0


every_chain = pytest.mark.parametrize("name", CHAINS)


@every_chain
@pytest.mark.parametrize("order", [1, 2, 3])
def test_derivatives_of_a_quotient_are_right_to_third_order(name: str, order: int) -> None:
    derivative, slack = op_named(f"{name}_derivative_{order}"), 2 if order == 3 else 1
    known = [x for x in inside(name) if not mp.isnan(truth(name, (0,) * order, (x,)))]
    assert len(known) > 20
    assert [(x, derivative(x)) for x in known if error(derivative(x), name, (0,) * order, (x,)) > slack] == []


@every_chain
def test_a_chain_of_derivatives_is_what_differentiating_again_and_again_gives(name: str) -> None:
    x = Node(0.7)
    y = op_named(name)(x)
    for order in (1, 2, 3):
        y = grad(y, x)
        assert read(y) == op_named(f"{name}_derivative_{order}")(0.7)


@pytest.mark.parametrize("name", [name for name in QUOTIENTS if name != "reciprocal_minus_cot"])
def test_a_quotient_loses_at_most_3_ulp(name: str) -> None:
    assert [x for x in inside(name) if ulps(op_named(name)(x), name, 0, x) > 3] == []


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        ("sinc", (1, 0, -1 / 3, 0, 1 / 5)),
        ("exprel", (1, 1 / 2, 1 / 3, 1 / 4, 1 / 5)),
        ("log1p_over", (1, -1 / 2, 2 / 3, -3 / 2, 24 / 5)),
        ("sinhc", (1, 0, 1 / 3, 0, 1 / 5)),
        ("tanhc", (1, 0, -2 / 3, 0, 16 / 5)),
        ("tanc", (1, 0, 2 / 3, 0, 16 / 5)),
        ("x_over_expm1", (1, -1 / 2, 1 / 6, 0, -1 / 30)),
        ("langevin", (0, 1 / 3, 0, -2 / 15, 0)),
        ("reciprocal_minus_cot", (0, 1 / 3, 0, 2 / 15, 0)),
        ("phi2", (1 / 2, 1 / 6, 1 / 12, 1 / 20, 1 / 30)),
        ("x_over_log1p", (1, 1 / 2, -1 / 6, 1 / 4, -19 / 30)),
        ("x_over_sin", (1, 0, 1 / 3, 0, 7 / 15)),
        ("x_over_sinh", (1, 0, -1 / 3, 0, 7 / 15)),
        ("x_over_tan", (1, 0, -2 / 3, 0, -8 / 15)),
        ("x_over_tanh", (1, 0, 2 / 3, 0, -8 / 15)),
    ],
)
def test_the_removable_point_becomes_its_limit_in_every_derivative(name: str, limits: tuple[float, ...]) -> None:
    assert op_named(name)(0.0) == limits[0]
    for order, limit in enumerate(limits[1:], start=1):
        derivative = op_named(f"{name}_derivative_{order}")
        assert derivative(0.0) == pytest.approx(limit, rel=1e-15)
        assert complex(derivative(0j)).real == pytest.approx(limit, rel=1e-15)


def test_quotients_reach_the_ends_of_the_range() -> None:
    assert ulps(quotients.exprel(716.0), "exprel", 0, 716.0) <= 2
    assert quotients.exprel(-1e300) == 1e-300
    assert (quotients.exprel(inf), quotients.exprel(-inf), quotients.exprel(800.0)) == (inf, 0.0, inf)
    assert (quotients.x_over_expm1(800.0), quotients.x_over_expm1(-800.0)) == (0.0, 800.0)
    assert quotients.x_over_expm1.partial_on_floats(0, 800.0, (-800.0,)) == -1.0
    assert quotients.sinhc(-714.0) == quotients.sinhc(714.0) < inf
    assert quotients.langevin(-1e300) == -1.0


@pytest.mark.parametrize(
    ("name", "x"),
    [
        ("phi2", 710.5), ("phi2", 715.0), ("phi2", -745.0), ("x_over_log1p", 1e160), ("x_over_log1p", -1 + 2.0**-50),
        ("x_over_tanh", 36.5), ("x_over_tanh", -1e300), ("x_over_sinh", 709.0), ("x_over_sinh", 745.0),
        ("x_over_sinh", -751.0), ("x_over_tan", 1.5707963267948966), ("x_over_sin", 3.141592653589793),
        ("x_over_tan", 6.283185307179586), ("x_over_sin", 1e300),
    ],
)  # fmt: skip
@pytest.mark.parametrize("order", [0, 1, 2])
def test_a_reciprocal_of_a_quotient_stays_right_where_minus_f_prime_over_f_squared_leaves_the_range(
    name: str, x: float, order: int
) -> None:
    computed = op_named(f"{name}_derivative_{order}" if order else name)(x)
    assert error(computed, name, (0,) * order, (x,)) <= 1


def test_phi2_reaches_the_ends_of_the_range() -> None:
    assert [quotients.phi2(x) for x in (inf, 800.0, -1e300, -inf)] == [inf, inf, 1e-300, 0.0]


def test_log1p_over_keeps_the_domain_of_the_logarithm() -> None:
    assert math.isnan(quotients.log1p_over(-1.5))
    assert quotients.log1p_over(-1.0) == inf
    assert quotients.log1p_over(inf) == 0.0


@every_chain
def test_a_derivative_beyond_those_with_a_kernel_has_its_formula(name: str) -> None:
    last = max(ORDERS)
    known, beyond = (op_named(f"{name}_derivative_{order}") for order in (last, last + 1))
    assert known.native is not None
    assert beyond.native is None
    step = 1e-4
    assert beyond(2.5) == pytest.approx((known(2.5 + step) - known(2.5 - step)) / (2 * step), rel=1e-3)


@every_chain
def test_derivatives_of_arrays_are_those_of_floats(name: str) -> None:
    derivative, column = op_named(f"{name}_derivative_2"), np.array([0.0, 1e-9, 0.4, 1.7, 5.0])
    assert derivative(column).tolist() == [derivative(float(x)) for x in column]


def test_a_chain_knows_its_own_ops_and_their_names_lead_back_to_them() -> None:
    second = quotients.exprel_derivative.of(2)
    assert isinstance(quotients.exprel_derivative, Derivatives)
    assert second in quotients.exprel_derivative
    assert second not in normal.erfcx_derivative
    assert op_named("exprel_derivative_2") is second is pickle.loads(pickle.dumps(second))
    assert is_built_in("exprel_derivative_2")


@pytest.mark.parametrize(("order", "label"), [(1, "sinc′(x)"), (2, "sinc′′(x)"), (5, "sinc^(5)(x)")])
def test_labels_of_derivatives_carry_strokes_or_the_order(order: int, label: str) -> None:
    assert op_named(f"sinc_derivative_{order}").text.format("x") == label
