"""Where a derivative is not unique or an answer not finite: one convention each, the same in every mode."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np
import pytest

import compgraph as cg
from compgraph import Node, ops
from compgraph.forward import jvp
from compgraph.reverse import grad
from tests.sampling import BUILT_IN, alike, points, read, slope

if TYPE_CHECKING:
    from compgraph.record import Op

inf, nan = math.inf, math.nan

every_op = pytest.mark.parametrize("op", BUILT_IN, ids=lambda op: op.name)

# --- IEEE: where the true answer is not finite -----------------------------------------------------------------------

EXACT = [
    ("log(0)", lambda: cg.log(0.0), -inf),
    ("log(-1)", lambda: cg.log(-1.0), nan),
    ("log1p(-1)", lambda: cg.log1p(-1.0), -inf),
    ("1/0", lambda: cg.div(1.0, 0.0), inf),
    ("1/-0", lambda: cg.div(1.0, -0.0), -inf),
    ("-1/0", lambda: cg.div(-1.0, 0.0), -inf),
    ("0/0", lambda: cg.div(0.0, 0.0), nan),
    ("0**-1", lambda: cg.pow(0.0, -1.0), inf),
    ("(-0)**-1", lambda: cg.pow(-0.0, -1.0), -inf),
    ("(-0)**-2", lambda: cg.pow(-0.0, -2.0), inf),
    ("10**400", lambda: cg.pow(10.0, 400.0), inf),
    ("(-10)**401", lambda: cg.pow(-10.0, 401.0), -inf),
    ("(-8)**(1/3)", lambda: cg.pow(-8.0, 1 / 3), nan),
    ("exp(800)", lambda: cg.exp(800.0), inf),
    ("sinh(-800)", lambda: cg.sinh(-800.0), -inf),
    ("cosh(-800)", lambda: cg.cosh(-800.0), inf),
    ("sqrt(-1)", lambda: cg.sqrt(-1.0), nan),
    ("asin(2)", lambda: cg.asin(2.0), nan),
    ("acosh(0.5)", lambda: cg.acosh(0.5), nan),
    ("atanh(1)", lambda: cg.atanh(1.0), inf),
    ("atanh(-1)", lambda: cg.atanh(-1.0), -inf),
    ("sin(inf)", lambda: cg.sin(inf), nan),
    ("floor(-inf)", lambda: cg.floor(-inf), -inf),
    ("logaddexp(inf, inf)", lambda: cg.logaddexp(inf, inf), inf),
    ("logaddexp(-inf, -inf)", lambda: cg.logaddexp(-inf, -inf), -inf),
    ("logaddexp(-inf, 3)", lambda: cg.logaddexp(-inf, 3.0), 3.0),
    ("sigmoid(-inf)", lambda: cg.sigmoid(-inf), 0.0),
    ("softplus(inf)", lambda: cg.softplus(inf), inf),
    ("silu(-inf)", lambda: cg.silu(-inf), 0.0),
    ("hypot(inf, nan)", lambda: cg.hypot(inf, nan), inf),
    ("maximum(nan, 1)", lambda: cg.maximum(nan, 1.0), nan),
    ("minimum(1, nan)", lambda: cg.minimum(1.0, nan), nan),
    ("relu(nan)", lambda: cg.relu(nan), nan),
    ("xlogy(0, 0)", lambda: cg.xlogy(0.0, 0.0), 0.0),
]


@pytest.mark.parametrize(("compute", "answer"), [row[1:] for row in EXACT], ids=[row[0] for row in EXACT])
def test_ieee_answers(compute: Any, answer: float) -> None:
    assert alike(compute(), answer, ulps=0)


# --- kinks and ties --------------------------------------------------------------------------------------------------


def test_relu_has_slope_0_at_0() -> None:
    assert slope(cg.relu, 0, 0.0) == slope(cg.relu, 0, -0.0) == 0.0
    assert slope(cg.relu, 0, 5e-324) == 1.0


def test_abs_has_slope_0_at_0() -> None:
    assert slope(cg.abs, 0, 0.0) == slope(cg.abs, 0, -0.0) == 0.0


def test_sign_and_floor_have_slope_0_everywhere() -> None:
    assert all(slope(op, 0, x) == 0.0 for op in (cg.sign, cg.floor) for x in (-1.0, 0.0, 0.5, 1.0))


@pytest.mark.parametrize("op", [cg.maximum, cg.minimum], ids=lambda op: op.name)
def test_a_tie_of_max_and_min_gives_half_to_each(op: Op) -> None:
    assert [slope(op, index, 2.0, 2.0) for index in (0, 1)] == [0.5, 0.5]
    assert [slope(op, index, 0.0, -0.0) for index in (0, 1)] == [0.5, 0.5]


def test_max_and_min_of_a_node_with_itself_have_slope_1() -> None:
    x = Node(2.0, "x")
    root = cg.maximum(x, x)
    root.backward()
    assert x.grad == 1.0


def test_clip_gives_half_to_the_bound_it_touches() -> None:
    assert [slope(cg.clip, index, 1.0, 1.0, 3.0) for index in range(3)] == [0.5, 0.5, 0.0]
    assert [slope(cg.clip, index, 3.0, 1.0, 3.0) for index in range(3)] == [0.5, 0.0, 0.5]


def test_clip_with_crossed_bounds_is_its_upper_one_as_in_numpy() -> None:
    assert cg.clip(2.0, 3.0, 1.0) == np.clip(2.0, 3.0, 1.0) == 1.0
    assert [slope(cg.clip, index, 2.0, 3.0, 1.0) for index in range(3)] == [0.0, 0.0, 1.0]


def test_nought_to_the_power_nought_is_1() -> None:
    assert cg.pow(0.0, 0.0) == 1.0


def test_x_to_the_power_nought_does_not_move_with_x() -> None:
    assert all(slope(cg.pow, 0, x, 0.0) == 0.0 for x in (0.0, -0.0, 2.0, -2.0, inf, nan))


def test_a_power_of_nought_does_not_move_with_an_exponent_that_is_not_negative() -> None:
    assert all(slope(cg.pow, 1, 0.0, w) == 0.0 for w in (0.0, 0.5, 1.0, 2.0))
    assert slope(cg.pow, 1, 0.0, -1.0) == -inf


def test_powers_of_nought_have_the_slopes_of_school() -> None:
    assert [slope(cg.pow, 0, 0.0, w) for w in (0.5, 1.0, 1.5, 2.0)] == [inf, 1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("exponent", "first", "second"), [(2.0, -6.0, 2.0), (3.0, 27.0, -18.0), (-1.0, -1 / 9, -2 / 27)]
)
def test_whole_powers_of_a_negative_base_have_slopes(exponent: float, first: float, second: float) -> None:
    x = Node(-3.0, "x")
    slope_node = grad(x**exponent, x)
    assert slope_node.value == pytest.approx(first, rel=1e-15)
    assert grad(slope_node, x).value == pytest.approx(second, rel=1e-15)


def test_a_square_has_its_second_derivative_at_0() -> None:
    x = Node(0.0, "x")
    assert [grad(grad(x**w, x), x).value for w in (0.0, 1.0, 2.0, 3.0)] == [0.0, 0.0, 2.0, 0.0]


@pytest.mark.parametrize("op", [cg.hypot, cg.atan2], ids=lambda op: op.name)
def test_hypot_and_atan2_have_gradient_0_at_the_origin(op: Op) -> None:
    assert [slope(op, index, 0.0, 0.0) for index in (0, 1)] == [0.0, 0.0]
    u, v = Node(0.0, "u"), Node(0.0, "v")
    assert [read(node) for node in grad(op(u, v), (u, v))] == [0.0, 0.0]


def test_infinite_one_sided_slopes_stay_infinite() -> None:
    assert slope(cg.sqrt, 0, 0.0) == inf
    assert slope(cg.cbrt, 0, 0.0) == inf
    assert slope(cg.asin, 0, 1.0) == slope(cg.asin, 0, -1.0) == inf
    assert slope(cg.acos, 0, 1.0) == -inf
    assert slope(cg.acosh, 0, 1.0) == slope(cg.atanh, 0, 1.0) == inf


@pytest.mark.parametrize(("condition", "arm"), [(1.0, "log"), (0.0, "sqrt")])
def test_an_arm_that_where_did_not_take_contributes_nothing(condition: float, arm: str) -> None:
    x = Node(-1.0, "x")
    bad = getattr(cg, arm)(x)  # nan, with slope nan
    root = cg.where(Node(condition), x * x, bad) if condition else cg.where(Node(condition), bad, x * x)
    root.backward()
    assert (root.value, x.grad, read(grad(root, x)), jvp(root, {x: 1.0})[1].value) == (1.0, -2.0, -2.0, -2.0)


def test_leaky_relu_and_elu_take_the_left_slope_at_0() -> None:
    assert slope(cg.leaky_relu, 0, 0.0, 0.2) == 0.2
    assert slope(cg.elu, 0, 0.0, 1.7) == 1.7


def test_nothing_times_infinity_flows_as_nothing() -> None:
    x = Node(0.0, "x")
    root = 0.0 * cg.sqrt(x) + x
    root.backward()
    assert (x.grad, read(grad(root, x))) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("upstream", "partial", "answer"), [(0.0, inf, 0.0), (-0.0, nan, 0.0), (nan, 2.0, nan), (inf, 0.0, nan)]
)
def test_a_contribution_is_0_only_where_the_upstream_is(upstream: float, partial: float, answer: float) -> None:
    assert alike(ops.contribution(upstream, partial), answer, ulps=0)
    assert alike(float(ops.contribution(np.array([upstream]), partial)[0]), answer, ulps=0)
    assert alike(float(ops.contribution(mpmath.mpf(upstream), partial)), answer, ulps=0)


@every_op
def test_each_kink_is_where_its_gap_says(op: Op) -> None:
    """On both sides of a gap's 0 the op is defined or ends; the gap itself is finite in the domain."""
    for kink in op.kinks:
        assert kink.convention
        assert all(math.isfinite(kink.gap(*args)) for args in points(op, 10, tame=True))
