"""Functions on floats that never raise, and what turns a formula that does into one that does not."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from compgraph import ieee, kernels, ops
from compgraph.errors import UnknownNameError
from compgraph.forward import Dual
from compgraph.ieee import FUNCTIONS, Total, call, total
from compgraph.record import op_named

if TYPE_CHECKING:
    from collections.abc import Callable

inf, nan = math.inf, math.nan

SPECIAL = st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -3.0, 5e-324, 1.7976931348623157e308, inf, -inf, nan])
any_float = st.one_of(SPECIAL, st.floats())


def identical(x: float, y: float) -> bool:
    """The same float, the sign of zero included."""
    return math.isnan(x) == math.isnan(y) and (math.isnan(x) or (x == y and math.copysign(1, x) == math.copysign(1, y)))


def arity(name: str) -> int:
    """How many arguments a function takes: its op's; where it takes any number two, or three if they come in pairs."""
    try:
        return op_named(name).arity
    except UnknownNameError:
        return 3 if name == "exp_over_sum_slope" else 2


@given(st.data())
@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_function_raises(name: str, data: st.DataObject) -> None:
    args = [data.draw(any_float) for _ in range(arity(name))]
    assert type(FUNCTIONS[name](*args)) is float


@pytest.mark.parametrize(
    ("u", "v", "quotient"),
    [(1.0, 0.0, inf), (1.0, -0.0, -inf), (-1.0, 0.0, -inf), (-1.0, -0.0, inf), (0.0, 0.0, nan), (nan, 0.0, nan),
     (inf, 0.0, inf), (-inf, -0.0, inf), (1e300, 1e-300, inf), (6.0, 3.0, 2.0)],
)  # fmt: skip
def test_division_by_zero_keeps_the_signs(u: float, v: float, quotient: float) -> None:
    assert identical(FUNCTIONS["div"](u, v), quotient)


@pytest.mark.parametrize(
    ("u", "v", "power"),
    [(0.0, 0.0, 1.0), (nan, 0.0, 1.0), (0.0, -1.0, inf), (-0.0, -1.0, -inf), (-0.0, -3.0, -inf), (-0.0, -2.0, inf),
     (0.0, -0.5, inf), (-0.0, 3.0, -0.0), (-2.0, 0.5, nan), (-10.0, 400.0, inf), (-10.0, 401.0, -inf),
     (-0.1, -401.0, -inf), (10.0, -400.0, 0.0), (-inf, 3.0, -inf), (inf, -1.0, 0.0), (-1.0, inf, 1.0)],
)  # fmt: skip
def test_powers_at_the_corners(u: float, v: float, power: float) -> None:
    assert identical(FUNCTIONS["pow"](u, v), power)


@pytest.mark.parametrize(
    ("u", "v", "slope"),
    [(0.0, 0.0, 0.0), (nan, 0.0, 0.0), (0.0, 1.0, 1.0), (0.0, 2.0, 0.0), (0.0, 0.5, inf), (0.0, -1.0, -inf),
     (-2.0, 3.0, 12.0), (-2.0, 0.5, nan), (10.0, 400.0, inf), (-10.0, 400.0, -inf), (1.0, 7.0, 7.0)],
)  # fmt: skip
def test_slopes_of_powers_at_the_corners(u: float, v: float, slope: float) -> None:
    assert identical(FUNCTIONS["power_slope"](u, v), slope)


@pytest.mark.parametrize(
    ("u", "v"),
    [(1e-300, 1.5), (1e300, 1e-3), (1e-310, 1e-5), (1e-200, 0.4), (1e308, -0.01), (5e-324, 0.3), (0.3, -550.0)],
)
def test_a_slope_of_a_power_survives_where_its_factors_would_not(u: float, v: float) -> None:
    with mp.workdps(50):
        exact = mp.mpf(v) * mp.mpf(u) ** (mp.mpf(v) - 1)
    assert FUNCTIONS["power_slope"](u, v) == pytest.approx(float(exact), rel=1e-13)


@pytest.mark.parametrize(
    ("u", "v", "rate"),
    [
        (0.0, 0.0, 0.0),
        (0.0, 2.0, 0.0),
        (0.0, -1.0, -inf),
        (1.0, 5.0, 0.0),
        (1.0, inf, 0.0),
        (-1.0, 2.0, nan),
        (inf, 1.0, inf),
    ],
)
def test_rates_of_powers_at_the_corners(u: float, v: float, rate: float) -> None:
    assert FUNCTIONS["power_rate"](u, v) == pytest.approx(rate, nan_ok=True)


def test_a_rate_of_a_power_is_finite_where_the_power_is_not() -> None:
    u, v = 1 + 1e-10, 7.1e12
    with mp.workdps(50):
        exact = mp.mpf(u) ** v * mp.log(u)
    assert FUNCTIONS["pow"](u, v) == inf
    assert FUNCTIONS["power_rate"](u, v) == pytest.approx(float(exact), rel=1e-12)


@given(st.floats(-1.1, 1.1))
def test_the_slope_of_sinc_has_its_digits_where_its_terms_cancel(x: float) -> None:
    with mp.workdps(700):
        exact = mp.mpf(0) if x == 0 else (mp.cos(x) - mp.sin(x) / x) / x
    assert FUNCTIONS["sinc_derivative_1"](x) == pytest.approx(float(exact), rel=4e-15, abs=1e-323)


@pytest.mark.parametrize("x", [0.0, -0.0, nan, inf, -inf, 2.5, -2.5, 1e300])
def test_sign_and_floor_keep_zeros_and_what_is_not_finite(x: float) -> None:
    assert identical(FUNCTIONS["sign"](x), x if x == 0 or x != x else math.copysign(1.0, x))
    assert identical(FUNCTIONS["floor"](x), x if x != x or abs(x) in {0.0, inf, 1e300} else float(math.floor(x)))


def test_total_answers_nan_outside_the_domain_and_inf_beyond_the_range() -> None:
    lgamma = total(math.lgamma)
    assert (lgamma.__name__, lgamma(3.0), lgamma(1e308)) == ("lgamma", pytest.approx(math.log(2)), inf)
    assert math.isnan(total(math.log)(-1.0))


# --- formulas written with operators ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "args", "answer"),
    [
        (lambda x: 1 / x, (0.0,), inf),
        (lambda x: -1 / x, (0.0,), -inf),
        (lambda u, v: u / v, (0.0, 0.0), nan),
        (lambda x: x**400, (-10.0,), inf),
        (lambda x: 2**x, (5000.0,), inf),
        (lambda x: x**0.5, (-4.0,), nan),
        (lambda x: x**-1, (0.0,), inf),
        (lambda x: (x > 0) - (x < 0), (-2.0,), -1.0),
        (lambda x: (x >= 2) + (x <= 2), (2.0,), 2.0),
        (lambda x: ops.where(x > 0, x, x * x), (-3.0,), 9.0),
        (lambda x: x * x if x > 0 else 0, (-3.0,), 0.0),
        (lambda x: 1 / x + abs(-x) + +x, (0.0,), inf),
        (lambda x: ops.exp(1 / x), (-0.0,), 0.0),
        (lambda _: 2, (1.0,), 2.0),
    ],
)
def test_a_formula_on_floats_never_raises(formula: Callable[..., Any], args: tuple[float, ...], answer: float) -> None:
    result = call(formula, *args)
    assert type(result) is float
    assert identical(result, answer)


def test_an_error_in_a_formula_is_still_an_error() -> None:
    with pytest.raises(NameError):
        call(lambda x: x + undefined, 1.0)  # noqa: F821  # the mistake that must come through
    with pytest.raises(TypeError, match="unsupported operand"):
        call(lambda x: x + "1", 1.0)


def test_totals_stay_total_through_operators_and_ops() -> None:
    x = Total(0.0)
    assert all(type(y) is Total for y in (x + 1, 1 - x, -x, abs(x), +x, x > 0, x <= 1, x >= 0, x < 1, 2**x, ops.sin(x)))
    assert isinstance(x, float)


def test_a_total_leaves_what_it_does_not_know_to_the_other_side() -> None:
    assert Total(2.0) + Fraction(1, 2) == 2.5
    product = Total(2.0) * Dual(3.0, 1.0)
    assert (product.value, product.tangent) == (6.0, 2.0)


def test_the_module_has_one_function_per_native_name() -> None:
    own = set(FUNCTIONS) - set(kernels.FUNCTIONS)
    assert {op.native for op in map(ops.__dict__.get, own)} == own
    assert set(ieee.__all__) >= {"FUNCTIONS", "call"}
