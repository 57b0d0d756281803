"""Every op of the table: right to the last digits, in every number system and every mode; labels, facts, calls."""

from __future__ import annotations

import itertools
import math
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
import sympy as sp
from mpmath import mp

import compgraph as cg
from compgraph import Node, ieee, ops
from compgraph.forward import Dual, jvp
from compgraph.reverse import events, grad
from tests.sampling import (
    BUILT_IN,
    COMPARISONS,
    FAR,
    HELPERS,
    TRUTH,
    alike,
    at_kink,
    curvature_faults,
    points,
    read,
    slope,
    slope_faults,
    tangent,
    truth,
    value_faults,
)
from tests.truth_exponential import MIXTURES
from tests.truth_series import DIFFERENCES, REMOVABLE

if TYPE_CHECKING:
    from compgraph.record import Op

inf, nan = math.inf, math.nan

every_op = pytest.mark.parametrize("op", BUILT_IN, ids=lambda op: op.name)
every_public_op = pytest.mark.parametrize(
    "op", [op for op in BUILT_IN if op.name not in HELPERS], ids=lambda op: op.name
)
# Zeros, infinities and nan in every place, beside numbers at which results under- and overflow.
SPECIAL = (0.0, -0.0, 1.0, -1.0, 2.0, -3.0, 0.5, 40.0, 800.0, -800.0, 1e300, -1e300, 1e-300, inf, -inf, nan)


def special_points(op: Op) -> list[tuple[float, ...]]:
    numbers = SPECIAL if op.arity < 3 else (0.0, -0.0, 2.0, -800.0, 1e300, inf, -inf, nan)
    return list(itertools.product(numbers, repeat=op.arity))


def far_points(op: Op) -> list[tuple[float, ...]]:
    """The points of 0, ±40, ±800 that lie in the domain."""
    inside = itertools.product(*[[x for x in FAR if x in domain] for domain in op.domain])
    return list(inside) if op.arity < 3 else list(inside)[::4]


def ordinary_points(op: Op, count: int) -> list[tuple[float, ...]]:
    """Within ±3, away from kinks and poles."""
    sample = [args for args in points(op, count, tame=True) if not at_kink(op, args)]
    return [args for args in sample if all(math.isfinite(slope(op, index, *args)) for index in range(op.arity))]


# --- the table -----------------------------------------------------------------------------------------------------


def test_the_table_holds_the_ops_of_the_package() -> None:
    names = {op.name for op in BUILT_IN}
    assert names >= {
        *("add", "sub", "mul", "div", "neg", "pow", "exp", "log", "log1p", "expm1", "sqrt", "cbrt", "abs", "sign"),
        *("floor", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh"),
        *("atanh", "hypot", "erf", "erfc", "sigmoid", "log_sigmoid", "softplus", "relu", "leaky_relu", "elu", "silu"),
        *("logaddexp", "xlogy", "sinc", "maximum", "minimum", "clip", "where", *COMPARISONS),
    }


def test_every_op_has_a_truth_of_its_own_here() -> None:
    assert set(TRUTH) == {op.name for op in BUILT_IN}


@every_public_op
def test_the_public_function_is_the_op(op: Op) -> None:
    assert getattr(cg, op.name) is op


# --- floats: right over the whole range ----------------------------------------------------------------------------


@every_op
def test_values_are_right(op: Op) -> None:
    assert list(value_faults(op, points(op, 40))) == []


@every_public_op
def test_partials_are_right(op: Op) -> None:
    assert list(slope_faults(op, points(op, 40))) == []


@pytest.mark.parametrize("op", [op for op in BUILT_IN if op.name in HELPERS], ids=lambda op: op.name)
def test_partials_of_helpers_are_right_at_ordinary_points(op: Op) -> None:
    assert list(slope_faults(op, points(op, 60, tame=True))) == []


@every_op
def test_second_derivatives_are_right_in_every_mode(op: Op) -> None:
    assert list(curvature_faults(op, points(op, 10, tame=True))) == []


@every_public_op
def test_second_derivatives_are_right_at_0_and_far_out(op: Op) -> None:
    assert list(curvature_faults(op, far_points(op))) == []


@pytest.mark.parametrize("op", [op for op in BUILT_IN if op.native and op.body], ids=lambda op: op.name)
def test_a_body_beside_a_native_function_says_the_same(op: Op) -> None:
    for args in ordinary_points(op, 40):
        slack = 1e-14 if op.name in DIFFERENCES else 1e-300
        loss = 1e-12 if op.name in MIXTURES else 1e-14
        assert ieee.call(op.body, *args) == pytest.approx(op(*args), rel=loss, abs=slack)


@every_op
def test_no_float_raises_and_nan_in_is_nan_out(op: Op) -> None:
    for args in special_points(op):
        value = op(*args)
        partials = [op.partial_on_floats(index, value, args) for index in range(op.arity)]
        assert all(type(number) is float for number in (value, *partials)), args
        if any(map(math.isnan, args)) and op.arity == 1 and op.name not in COMPARISONS:
            assert math.isnan(value)


@pytest.mark.slow
@every_public_op
def test_campaign_values_and_partials_are_right(op: Op) -> None:
    sample = points(op, 600)
    assert [*value_faults(op, sample), *slope_faults(op, sample)] == []


@pytest.mark.slow
@every_public_op
def test_campaign_second_derivatives_are_right(op: Op) -> None:
    assert list(curvature_faults(op, points(op, 100, tame=True))) == []


# --- modes: one record, the same numbers ---------------------------------------------------------------------------


@every_op
def test_all_modes_give_the_same_partials(op: Op) -> None:
    for args in [*points(op, 6), *ordinary_points(op, 4)]:
        nodes = [Node(arg) for arg in args]
        root = op(*nodes)
        streamed = {event.index: event.contribution for event in events(root)}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", cg.NonFiniteWarning)
            root.backward()
        for index, node in enumerate(nodes):
            partial = slope(op, index, *args)
            dual = op(*[Dual(arg, 1.0) if place == index else arg for place, arg in enumerate(args)])
            pushed = jvp(root, {node: 1.0})[1]
            modes = [streamed.get(index, 0.0), node.grad, read(grad(root, node)), tangent(dual), read(pushed)]
            # The gradient graph's own expressions are computed by better ones where there are any.
            assert all(alike(mode, partial, ulps=2) for mode in modes), (args, index, partial, modes)


@every_op
def test_a_node_has_the_value_of_the_op_on_floats(op: Op) -> None:
    for args in points(op, 6):
        assert alike(read(op(*map(Node, args))), op(*args), ulps=0)


# --- other number systems ------------------------------------------------------------------------------------------


@every_op
def test_arrays_give_what_floats_give(op: Op) -> None:
    sample = [*points(op, 30), *special_points(op)]
    columns = [np.array(column) for column in zip(*sample, strict=True)]
    values = op(*columns)
    assert values.dtype == float
    floats = [op(*args) for args in sample]
    assert [a for a, x, y in zip(sample, values, floats, strict=True) if not alike(float(x), y)] == []
    for index in range(op.arity):
        partials = np.broadcast_to(op.partial(index, values, columns), len(sample))
        numbers = [op.partial_on_floats(index, y, args) for y, args in zip(floats, sample, strict=True)]
        assert [a for a, x, y in zip(sample, partials, numbers, strict=True) if not alike(float(x), y)] == []


@every_op
def test_duals_of_arrays_push_what_duals_of_floats_push(op: Op) -> None:
    sample = ordinary_points(op, 8)
    columns = [np.array(column) for column in zip(*sample, strict=True)]
    for index in range(op.arity):
        pushed = tangent(op(*[Dual(column, 1.0 if k == index else None) for k, column in enumerate(columns)]))
        floats = [tangent(op(*[Dual(x, 1.0 if k == index else None) for k, x in enumerate(args)])) for args in sample]
        for got, wanted in zip(np.broadcast_to(pushed, len(sample)), floats, strict=True):
            assert alike(float(got), wanted)


@every_op
def test_numbers_of_mpmath_keep_their_digits(op: Op) -> None:
    for args in ordinary_points(op, 8):
        with mp.workdps(60):
            numbers = [mp.mpf(arg) for arg in args]
            value = op(*numbers)
            pairs = [(value, truth(op.name, (), args))]
            pairs += [(op.partial(i, value, numbers), truth(op.name, (i,), args)) for i in range(op.arity)]
            for got, wanted in pairs:
                assert abs(mp.mpf(got) - wanted) <= mp.mpf(10) ** -24 * max(1, abs(wanted)), (args, got, wanted)


WITH_COMPLEX = [op for op in BUILT_IN if "erf" not in op.name and "ndtr" not in op.name]


def at_0_over_0(op: Op, args: tuple[float, ...]) -> bool:
    """Whether the value is a limit, where the formula has none."""
    return op.name in REMOVABLE and (0.0 in args or (op.arity == 2 and math.isclose(*args, rel_tol=1e-6)))


@pytest.mark.parametrize("op", WITH_COMPLEX, ids=lambda op: op.name)
def test_a_complex_step_gives_the_partials(op: Op) -> None:
    step = 1e-200
    for args in ordinary_points(op, 8):
        for index in range(op.arity):
            result = op(*[complex(arg, step if place == index else 0.0) for place, arg in enumerate(args)])
            wanted = slope(op, index, *args)
            if op.arity == 2 and at_0_over_0(op, args):
                continue
            assert result.real == pytest.approx(op(*args), rel=1e-13, abs=1e-14)
            assert result.imag / step == pytest.approx(wanted, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("name", ["sigmoid", "silu", "softplus", "tanh", "logaddexp"])
def test_a_complex_step_is_not_lost_where_a_formula_changes_sides(name: str) -> None:
    """At 0 exactly: |x| has a kink there, which is the formula's own and not the function's."""
    op = getattr(cg, name)
    rest = (0.0,) * (op.arity - 1)
    assert op(complex(0.0, 1e-200), *rest).imag == pytest.approx(1e-200 * slope(op, 0, 0.0, *rest), rel=1e-12)


@pytest.mark.parametrize("name", ["erf", "erfc"])
def test_no_library_has_erf_of_complex_numbers_and_the_error_says_so(name: str) -> None:
    with pytest.raises(cg.GraphTypeError, match=rf"{name} has no formula for \(complex\)"):
        getattr(cg, name)(1j)


# --- formulas: definition, textbook, labels --------------------------------------------------------------------------


@pytest.mark.parametrize("op", [op for op in BUILT_IN if op.definition], ids=lambda op: op.name)
def test_the_definition_says_the_same_as_the_value(op: Op) -> None:
    for args in ordinary_points(op, 10):
        if at_0_over_0(op, args):
            continue  # the formula is 0/0 there; the value is its limit
        with mp.workdps(60):
            got = mp.mpf(op.definition(*map(mp.mpf, args)))  # those without are not here
            assert abs(got - truth(op.name, (), args)) <= mp.mpf(10) ** -24 * max(1, abs(got)), args


@every_op
def test_textbook_partials_say_the_same_as_the_partials(op: Op) -> None:
    for args in ordinary_points(op, 10):
        if at_0_over_0(op, args) or (op.name == "where" and args[0] not in {0.0, 1.0}):
            continue  # the formula is 0/0 there; a condition is 1 or 0
        with mp.workdps(60):
            numbers = [mp.mpf(arg) for arg in args]
            value = op(*numbers)
            for index, partial in enumerate(op.textbook):
                got = mp.mpf(0 if partial is None else partial(value, *numbers))
                assert abs(got - truth(op.name, (index,), args)) <= mp.mpf(10) ** -24 * max(1, abs(got)), args


SMOOTH = [op for op in BUILT_IN if not op.kinks and op.name not in (*COMPARISONS, "where")]


@pytest.mark.parametrize("op", SMOOTH, ids=lambda op: op.name)
def test_sympy_differentiates_the_formula_to_the_partials(op: Op) -> None:
    symbols = sp.symbols(" ".join(op.parameters), positive=True, seq=True)
    formula = op(*symbols)
    args = next(args for args in ordinary_points(op, 40) if all(abs(arg) > 0.05 for arg in args))
    at = dict(zip(symbols, map(sp.Rational, args), strict=True))
    for index, symbol in enumerate(symbols):
        ours, books, sympys = op.partial(index, formula, symbols), op.textbook[index], formula.diff(symbol)
        assert sp.N((ours - sympys).subs(at), 30, chop=1e-25) == 0
        if books is not None:
            assert sp.N((books(formula, *symbols) - sympys).subs(at), 30, chop=1e-25) == 0


def test_formulas_in_sympy_are_the_plain_ones() -> None:
    x, z, real = *sp.symbols("x z", positive=True), sp.Symbol("r", real=True)
    assert cg.sigmoid(x).equals(1 / (1 + sp.exp(-x)))
    assert cg.softplus(x) == sp.log(1 + sp.exp(x))
    assert cg.sinc(x) == sp.sin(x) / x
    assert cg.xlogy(x, z) == x * sp.log(z)
    assert cg.relu(real).subs(real, -3) == 0
    assert cg.erf.partial(0, cg.erf(x), (x,)) == 2 / sp.sqrt(sp.pi) * sp.exp(-(x**2))
    assert cg.add(x, 0.1) == x + sp.Rational(0.1)


@every_op
def test_labels_have_a_place_for_each_argument(op: Op) -> None:
    places = [f"argument{index}" for index in range(op.arity)]
    for label in (op.text.format(*places), op.latex.format(*places)):
        assert all(place in label for place in places)
        assert label.count("{") == label.count("}")
        assert label.count("(") == label.count(")")
    assert op.latex.count(r"\left") == op.latex.count(r"\right")


@pytest.mark.parametrize(
    ("name", "text"),
    [("add", "a + b"), ("sub", "a − b"), ("mul", "a·b"), ("div", "a/b"), ("pow", "a^b"), ("hypot", "hypot(a, b)")],
)
def test_text_labels_read_as_formulas(name: str, text: str) -> None:
    assert getattr(ops, name).text.format("a", "b") == text


@every_op
def test_the_docstring_names_the_arguments_and_the_conventions(op: Op) -> None:
    assert op.__doc__
    assert len(op.parameters) == len(set(op.parameters)) == op.arity
    if "Domain of" in op.__doc__:
        assert all(kink.convention in op.__doc__ for kink in op.kinks)


# --- facts ---------------------------------------------------------------------------------------------------------


@every_op
def test_an_op_has_a_value_throughout_its_domain(op: Op) -> None:
    poles = {"div"}  # its domain is an interval with a hole, 0; IEEE answers there
    for args in points(op, 60):
        assert not math.isnan(op(*args)) or op.name in poles, args


EDGES = [
    (op, index, end, step)
    for op in BUILT_IN
    for index, interval in enumerate(op.domain)
    for end, step in ((interval.low, -1), (interval.high, +1))
    if math.isfinite(end) and op.name not in {"pow", "power_slope", "power_rate"}
]


@pytest.mark.parametrize(("op", "index", "end", "step"), EDGES, ids=lambda part: getattr(part, "name", str(part)))
def test_a_domain_ends_where_the_value_does(op: Op, index: int, end: float, step: int) -> None:
    args = [1.5] * op.arity
    args[index] = end + step * 1e-9
    assert math.isnan(op(*args))
    args[index] = end
    assert math.isfinite(op(*args)) is op.domain[index].closed


def test_pow_of_a_negative_base_is_defined_for_whole_exponents_only() -> None:
    assert cg.pow(-2.0, 3.0) == -8.0
    assert math.isnan(cg.pow(-2.0, 0.5))


MONOTONE = [(op, index) for op in BUILT_IN for index, sense in enumerate(op.monotone) if sense]


@pytest.mark.parametrize(("op", "index"), MONOTONE, ids=lambda part: getattr(part, "name", str(part)))
def test_a_monotone_op_never_turns_back(op: Op, index: int) -> None:
    sample = points(op, 60)
    line = sorted({args[index] for args in sample})
    for fixed in sample[:3]:
        values = [op(*fixed[:index], number, *fixed[index + 1 :]) for number in line]
        steps = [op.monotone[index] * (after - before) for before, after in itertools.pairwise(values)]
        assert all(step >= 0 or math.isnan(step) for step in steps)  # nan: inf − inf


# --- calls -----------------------------------------------------------------------------------------------------------


def test_a_call_with_a_wrong_number_of_arguments_names_the_signature() -> None:
    with pytest.raises(cg.GraphTypeError, match=r"hypot\(u, v\): missing a required argument: 'v'"):
        cg.hypot(1.0)
    with pytest.raises(cg.GraphTypeError, match=r"leaky_relu\(x, slope=0\.01\): too many positional arguments"):
        cg.leaky_relu(1.0, 2.0, 3.0)


def test_defaults_and_keywords_are_taken() -> None:
    assert cg.leaky_relu(-1.0) == -0.01
    assert cg.elu(x=-1.0, alpha=2.0) == 2 * math.expm1(-1.0)
    assert cg.clip(5.0, high=3.0, low=1.0) == 3.0


def test_where_refuses_a_plain_bool() -> None:
    for condition in (True, np.bool_(True)):
        with pytest.raises(cg.GraphTypeError, match=r"where\(True, …\): the condition is a plain bool"):
            cg.where(condition, 1.0, 2.0)
