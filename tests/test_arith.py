"""Which library computes for which type, what becomes a float, and what is refused."""

from __future__ import annotations

import math
import subprocess
import sys
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp

import compgraph as cg
from compgraph.arith import FLOAT, library_of, to_float

# --- what is a number ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "value"),
    [(True, 1.0), (3, 3.0), (0.1, 0.1), (Fraction(1, 4), 0.25), (np.float64(0.1), 0.1), (np.float32(0.5), 0.5),
     (np.float16(2), 2.0), (np.int64(-7), -7.0), (np.uint8(7), 7.0), (np.bool_(True), 1.0), (np.array(2.5), 2.5)],
    ids=repr,
)  # fmt: skip
def test_real_numbers_become_floats(number: Any, value: float) -> None:
    assert to_float(number) == value
    assert type(to_float(number)) is float
    assert type(cg.sigmoid(number)) in {float, np.float64}
    assert cg.sigmoid(number) == cg.sigmoid(value)


@pytest.mark.parametrize(
    ("thing", "instead"),
    [
        ("0.5", r"'0\.5' \(a str\) is not a real number; write float\(text\)"),
        (None, r"None \(a NoneType\) is not a real number; write Node\(name=…\)"),
        ([1.0, 2.0], r"\(a list\) is not a real number; a Node is one scalar: make one Node per entry"),
        ((1.0,), r"\(a tuple\) is not a real number; a Node is one scalar"),
        ({}, r"\(a dict\) is not a real number; write a float"),
        (1j, r"a Node holds a real number: use \.real, or two Nodes"),
        (np.complex64(1), "is not a real number"),
        (np.array([1.0, 2.0]), r"an array of shape \(2,\) where one number is wanted"),
        (np.array("a"), "is not a real number"),
        (np.datetime64("2020"), "is not a real number"),
        (10**400, "an integer beyond the range of floats"),
        ("x" * 1000, r"…' \(a str\)|… \(a str\)"),
    ],
    ids=lambda part: repr(part)[:30],
)
def test_what_is_no_real_number_is_refused_with_what_to_write(thing: Any, instead: str) -> None:
    with pytest.raises(cg.GraphTypeError, match=instead):
        to_float(thing)


@pytest.mark.parametrize("thing", ["0.5", None, [1.0], {}])
def test_an_op_says_which_argument_is_no_number(thing: Any) -> None:
    with pytest.raises(cg.GraphTypeError, match=r"^hypot, argument v: .* is not a real number"):
        cg.hypot(1.0, thing)
    with pytest.raises(cg.GraphTypeError, match=r"^hypot, argument v: .* is not a real number"):
        cg.hypot(cg.Node(1.0), thing)


@pytest.mark.parametrize("partner", [np.ones(2), mpmath.mpf(1), sp.Symbol("x"), 1j], ids=repr)
@pytest.mark.parametrize("thing", ["0.5", None, [1.0]])
def test_no_library_reads_text_or_lists_as_numbers(partner: Any, thing: Any) -> None:
    with pytest.raises(cg.GraphTypeError, match=r"^add, argument v: .* is not a real number"):
        cg.add(partner, thing)


# --- which library ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "kind"),
    [
        ((1.0, 2, True, Fraction(1, 2)), float),
        ((np.float32(1), np.int64(2)), float),
        ((1.0, 2j), complex),
        ((np.ones(2), 1.0), np.ndarray),
        ((np.ones(2), np.float32(2)), np.ndarray),
        ((mpmath.mpf(1), 2.0), mpmath.mpf),
        ((sp.Symbol("x"), 2.0), sp.Expr),
    ],
    ids=str,
)
def test_the_widest_number_system_computes(args: tuple[Any, ...], kind: type) -> None:
    assert isinstance(cg.add(*args[:2]), kind)
    assert (library_of(args) is FLOAT) is (kind is float)


def test_importing_the_package_loads_no_library() -> None:
    code = (
        "import compgraph, sys; compgraph.sigmoid(0.5); "
        "print([module for module in ('numpy', 'mpmath', 'sympy') if module in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# --- NumPy -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["int64", "int8", "uint16", "bool", "float16", "float32", "float64"])
def test_arrays_of_any_real_type_are_computed_in_double_precision(dtype: str) -> None:
    array = np.array([0, 1], dtype=dtype)
    assert cg.sigmoid(array).dtype == np.float64
    assert cg.sigmoid(array).tolist() == [cg.sigmoid(0.0), cg.sigmoid(1.0)]
    assert cg.pow(np.array([2], dtype=dtype) if dtype != "bool" else np.array([2]), -1).tolist() == [0.5]


@pytest.mark.parametrize(
    "array", [np.array([1j]), np.array(["a"]), np.array([None]), np.array([cg.Node(1.0)])], ids=repr
)
def test_arrays_that_hold_no_real_numbers_are_refused(array: Any) -> None:
    with pytest.raises(cg.GraphTypeError, match=r"sin, argument x: an array of .* does not hold real numbers"):
        cg.sin(array)


def test_arrays_broadcast_and_scalars_come_out_of_scalars() -> None:
    table = cg.hypot(np.array([[3.0], [6.0]]), np.array([4.0, 8.0]))
    assert table.tolist() == [[5.0, math.hypot(3, 8)], [math.hypot(6, 4), 10.0]]
    assert not isinstance(cg.where(np.array(1.0), 2.0, 3.0), np.ndarray)
    assert cg.erf(np.array(0.5)) == math.erf(0.5)
    assert cg.erf(np.array([])).shape == cg.pow(np.array([]), 2.0).shape == (0,)


def test_comparisons_of_arrays_are_numbers() -> None:
    greater = cg.greater(np.array([1.0, 2.0, math.nan]), 1.5)
    assert greater.tolist() == [0.0, 1.0, 0.0]
    assert (1 - greater).tolist() == [1.0, 0.0, 1.0]


def test_an_array_type_of_another_library_goes_through_its_own_ufuncs() -> None:
    class Metres:
        """Speaks NumPy's protocol and is no array of NumPy's."""

        def __init__(self, value: float) -> None:
            self.value = value

        def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **_: Any) -> Any:
            return Metres(getattr(ufunc, method)(*[arg.value if isinstance(arg, Metres) else arg for arg in args]))

    total = cg.add(Metres(2.0), 3.0)
    assert isinstance(total, Metres)
    assert total.value == 5.0


# --- mpmath, complex, SymPy ------------------------------------------------------------------------------------------


def test_mpmath_takes_floats_and_fractions_to_its_own_precision() -> None:
    with mpmath.workdps(50):
        third = cg.add(mpmath.mpf(0), Fraction(1, 3))
        assert abs(third * 3 - 1) < mpmath.mpf(10) ** -49
        assert cg.add(mpmath.mpf(0), 0.1) == mpmath.mpf(0.1)
        assert cg.add(mpmath.mpf(0), np.float32(0.5)) == 0.5
        assert cg.add(mpmath.mpf(1), True) == 2


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        (lambda one: cg.div(one, 0.0), mpmath.inf),
        (lambda one: cg.div(-one, 0.0), -mpmath.inf),
        (lambda one: cg.log(one - 1), -mpmath.inf),
        (lambda one: cg.pow(one - 1, -1.0), mpmath.inf),
        (lambda one: cg.pow(one - 1, 0.0), mpmath.mpf(1)),
        (lambda one: cg.hypot.partial(0, one * 0, (one * 0, one * 0)), mpmath.mpf(0)),
        (lambda one: cg.pow.partial(0, one, (one * 0, one * 0)), mpmath.mpf(0)),
        (lambda one: cg.pow.partial(1, one, (one * 0, one)), mpmath.mpf(0)),
        (lambda one: cg.sinc(one * 0), mpmath.mpf(1)),
    ],
)
def test_mpmath_answers_as_ieee_does(value: Any, answer: Any) -> None:
    assert value(mpmath.mpf(1)) == answer


@pytest.mark.parametrize(
    "value", [lambda: cg.log(mpmath.mpf(-1)), lambda: cg.div(mpmath.mpf(0), 0), lambda: cg.asin(mpmath.mpf(2))]
)
def test_mpmath_stays_real(value: Any) -> None:
    assert mpmath.isnan(value())


def test_complex_numbers_follow_the_real_part_at_kinks() -> None:
    step = 1e-200j
    assert cg.relu(-2 + step) == 0
    assert cg.abs(-2 + step) == 2 - step
    assert cg.maximum(1 + step, 2.0) == 2
    assert cg.maximum(2 + step, 2.0) == 2 + step / 2
    assert cg.where(0 + step, 1.0, 2.0) == 2
    assert cmath_isnan(cg.div(1 + 0j, 0.0))


def cmath_isnan(number: complex) -> bool:
    return math.isnan(number.real)


@pytest.mark.parametrize(
    ("u", "v"), [(1.0, 2.0), (2.0, 1.0), (2.0, -1.0), (1.0, -2.0), (-1.0, -2.0), (-2.0, -1.0), (-2.0, 1.0), (-1.0, 2.0)]
)
def test_complex_atan2_knows_its_octants(u: float, v: float) -> None:
    assert cg.atan2(complex(u), complex(v)).real == pytest.approx(math.atan2(u, v), rel=1e-15)


def test_sympy_keeps_floats_exact() -> None:
    x = sp.Symbol("x")
    assert cg.mul(x, 0.1) == x * sp.Rational(0.1)
    assert cg.mul(x, Fraction(1, 3)) == x / 3
    assert cg.add(x, math.inf) == x + sp.oo
    assert cg.add(x, True) == x + 1
    assert cg.where(cg.greater(x, 0.0), 1.0, 2.0).subs(x, -1) == 2
