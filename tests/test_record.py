"""What an op is: declared in one statement, it works everywhere; declared wrongly, it says what is wrong."""

from __future__ import annotations

import copy
import inspect
import math
import pickle
import warnings
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np
import pytest
import sympy as sp

import compgraph as cg
from compgraph import Node, ops
from compgraph.declaration import op
from compgraph.forward import Dual
from compgraph.record import ATOM, POWER, Interval, Kink, op_named, table
from compgraph.reverse import events, grad
from tests.sampling import read

if TYPE_CHECKING:
    from pathlib import Path

    from compgraph.record import Op


@pytest.fixture
def cube() -> Op:
    return op("cube", lambda y, x: 3 * x**2, body=lambda x: x**3, text="{0}³", precedence=POWER, needs=(ATOM,))


@pytest.fixture
def gauss() -> Op:
    """Of two arguments: exp(−(x/s)²/2)."""
    return op(
        "gauss",
        lambda y, x, s: -y * x / s**2,
        lambda y, x, s: y * x**2 / s**3,
        body=lambda x, s: ops.exp(-((x / s) ** 2) / 2),
    )


# --- an op of one's own works everywhere -----------------------------------------------------------------------------


def test_it_computes_with_floats_nodes_and_every_library(cube: Op) -> None:
    assert (cube(2.0), cube(Node(2.0)).value, cube(np.array([2.0, -1.0])).tolist()) == (8.0, 8.0, [8.0, -1.0])
    assert cube(mpmath.mpf(2)) == 8
    assert cube(1j) == -1j
    assert cube(sp.Symbol("x")) == sp.Symbol("x") ** 3
    assert cube(Dual(2.0, 1.0)).tangent == 12.0


def test_it_has_gradients_of_every_order(cube: Op) -> None:
    x = Node(2.0, "x")
    y = cube(x)
    y.backward()
    first = grad(y, x)
    assert (x.grad, first.value, grad(first, x).value, grad(grad(first, x), x).value) == (12.0, 12.0, 12.0, 6.0)


def test_one_of_two_arguments_agrees_with_its_own_differences(gauss: Op) -> None:
    x, s = Node(0.7, "x"), Node(1.3, "s")
    hessian = cg.hessian(gauss(x, s), [x, s])
    formula = sp.exp(-((sp.Symbol("x") / sp.Symbol("s")) ** 2) / 2)
    for row, a in zip(hessian, "xs", strict=True):
        for entry, b in zip(row, "xs", strict=True):
            truth = formula.diff(a, b).subs({"x": 0.7, "s": 1.3})
            assert entry.value == pytest.approx(float(truth), rel=1e-13)


def test_it_is_printed_parsed_and_named_by_its_record(cube: Op) -> None:
    x = Node(2.0, "x")
    assert repr(cube(x + 1)) == "(x + 1)³ = 27"
    assert cg.parse("y = cube(x)")["y"].op is cube
    assert (cube.__name__, inspect.signature(cube).parameters.keys()) == ("cube", {"x"})
    assert repr(cube) == "<op cube(x)>"
    assert "cube(x) = x³" in (cube.__doc__ or "")


def test_it_travels_by_name(cube: Op, tmp_path: Path) -> None:
    x = Node(2.0, "x")
    y = cube(x).named("y")
    assert pickle.loads(pickle.dumps(cube)) is cube
    assert copy.deepcopy(cube) is copy.copy(cube) is cube
    assert pickle.loads(pickle.dumps(y)).op is cube
    cg.save(y, tmp_path / "cube.json")
    assert cg.load(tmp_path / "cube.json").op is cube


def test_it_may_be_declared_again(cube: Op) -> None:
    again = op("cube", lambda y, x: 3 * x * x, body=lambda x: x * x * x)
    assert again is not cube
    assert op_named("cube") is again


def test_a_built_in_op_may_not() -> None:
    before = list(table())
    for name in ("exp", "input", "constant", "less"):
        with pytest.raises(cg.GraphValueError, match=rf"op '{name}' is built in; choose another name"):
            op(name, lambda y, x: y, body=lambda x: x)
    assert list(table()) == before


def test_a_function_of_math_is_enough() -> None:
    lgamma = op("lgamma", lambda y, x: ops.log(x) - 1 / (2 * x), native="lgamma")
    assert lgamma(3.0) == math.lgamma(3.0)
    assert math.isinf(lgamma(1e308))


def test_without_labels_the_name_is_the_label(gauss: Op) -> None:
    assert gauss.text == "gauss({0}, {1})"
    assert gauss.latex.format("a", "b") == r"\operatorname{gauss}\left(a, b\right)"


# --- bodies and partials in plain Python -----------------------------------------------------------------------------


def test_a_body_and_partials_with_comparisons() -> None:
    hinge = op("hinge", lambda y, x: ops.where(x < 1, -1.0, 0.0), body=lambda x: ops.where(x < 1, 1 - x, 0.0))
    for value, loss, slope in ((-2.0, 3.0, -1.0), (2.0, 0.0, 0.0)):
        x = Node(value, "x")
        y = hinge(x)
        y.backward()
        assert (hinge(value), y.value, x.grad, grad(y, x).value) == (loss, loss, slope, slope)
    assert hinge(np.array([-2.0, 2.0])).tolist() == [3.0, 0.0]


def test_a_body_and_partials_with_if() -> None:
    ramp = op("ramp", lambda y, x: 2.0 if x > 0 else 0.0, body=lambda x: 2 * x if x > 0 else 0)
    x = Node(3.0, "x")
    y = ramp(x)
    y.backward()
    assert (y.value, x.grad, ramp(-1.0)) == (6.0, 2.0, 0.0)


@pytest.mark.parametrize(
    ("x", "value", "slope"), [(0.0, math.inf, -math.inf), (-0.0, -math.inf, -math.inf), (2.0, 0.5, -0.25)]
)
def test_a_body_and_partials_that_divide_by_zero(x: float, value: float, slope: float) -> None:
    inverse = op("inverse", lambda y, x: -1 / x**2, body=lambda x: 1 / x)
    assert (inverse(x), inverse.partial_on_floats(0, value, (x,))) == (value, slope)
    assert inverse(np.array([x])).tolist() == [value]


@pytest.mark.filterwarnings("ignore::compgraph.NonFiniteWarning")
def test_a_body_and_partials_whose_powers_overflow_or_turn_complex() -> None:
    root = op("root", lambda y, x: 0.5 * x**-0.5, body=lambda x: x**0.5)
    tower = op("tower", lambda y, x: 900 * x**899, body=lambda x: x**900)
    for record, at, value, slope in ((root, -4.0, math.nan, math.nan), (tower, 10.0, math.inf, math.inf)):
        x = Node(at, "x")
        y = record(x)
        y.backward()
        got = [record(at), read(y), x.grad, read(grad(y, x)), next(events(y)).partial]
        assert [type(number) for number in got] == [float] * 5
        assert got == pytest.approx([value, value, slope, slope, slope], nan_ok=True)


def test_partials_may_be_whole_numbers_constants_and_none() -> None:
    mix = op("mix", 2, lambda y, u, v, w: 3, None, body=lambda u, v, w: 2 * u + 3 * v + 0 * w)
    u, v, w = Node(1.0), Node(1.0), Node(1.0)
    y = mix(u, v, w)
    y.backward()
    assert [node.grad for node in (u, v, w)] == [2.0, 3.0, 0.0]
    assert [read(node) for node in grad(y, (u, v, w))] == [2.0, 3.0, 0.0]


def test_a_dual_beside_a_plain_zero_divides_as_ieee_does() -> None:
    quotient = cg.div(Dual(Dual(1.0, 1.0), 1.0), 0.0)
    assert quotient.tangent == math.inf


def test_partial_takes_any_number_system(gauss: Op) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        slopes = cg.log.partial(0, None, (np.array([0.0, 2.0]),)).tolist()
    assert slopes == [math.inf, 0.5]
    assert cg.log.partial(0, -math.inf, (0.0,)) == math.inf
    assert cg.floor.partial(0, 1.0, (1.5,)) == 0.0
    assert gauss.partial(0, sp.Symbol("y"), sp.symbols("x s")) == sp.sympify("-y*x/s**2")


# --- calls -----------------------------------------------------------------------------------------------------------


def test_names_of_arguments_come_from_the_partials_or_the_body() -> None:
    assert op("f1", None, lambda y, a, b: a, body=lambda *args: sum(args)).parameters == ("a", "b")
    assert op("f2", None, None, body=lambda a, b: a).parameters == ("a", "b")
    assert op("f3", None, 1.0, None, body=lambda *args: sum(args)).parameters == ("x1", "x2", "x3")


def test_defaults_fill_the_last_arguments() -> None:
    scaled = op("scaled", lambda y, x, k: k, lambda y, x, k: x, body=lambda x, k: k * x, defaults=(3,))
    assert (scaled(2.0), scaled(2.0, 5.0), scaled(2.0, k=5), scaled(Node(2.0)).value) == (6.0, 10.0, 10.0, 6.0)
    assert str(inspect.signature(scaled)) == "(x, k=3.0)"


@pytest.mark.parametrize(
    ("args", "keywords"), [((), {}), ((1.0, 2.0, 3.0), {}), ((1.0,), {"z": 2.0}), ((1.0, 2.0), {"s": 1.0})]
)
def test_a_wrong_call_names_the_signature(gauss: Op, args: Any, keywords: Any) -> None:
    with pytest.raises(cg.GraphTypeError, match=r"^gauss\(x, s\): "):
        gauss(*args, **keywords)


# --- wrong declarations ----------------------------------------------------------------------------------------------


def _f(y: Any, x: Any) -> Any:
    return y * x


def _g(x: Any) -> Any:
    return x


@pytest.mark.parametrize(
    ("partials", "fields", "message"),
    [
        ((), {"body": _g}, "op 'bad' has no partials; give one function of"),
        ((_f,), {}, "op 'bad' has no value; give native='…'"),
        ((_f,), {"native": "nosuch"}, r"op 'bad': math has no function 'nosuch'; give the value as body="),
        ((_f, _f), {"body": _g}, r"op 'bad' has 2 partials, .*its body is a function of 2, the arguments; it takes 1"),
        ((_f,), {"body": _f}, r"op 'bad' has 1 partial, .*its body is a function of 1, the arguments; it takes 2"),
        ((_g,), {"body": _g}, r"its partial 1 is a function of 2, \(output, \*arguments\); it takes 1"),
        ((_f,), {"body": _g, "definition": _f}, "its definition is a function of 1"),
        ((_f,), {"body": _g, "textbook": (_g,)}, "its textbook partial 1 is a function of 2"),
        (("x",), {"body": _g}, "its partial 1 is 'x', not a function"),
        ((_f,), {"body": 3.0}, r"its body is 3\.0, not a function"),
        ((_f,), {"body": _g, "textbook": (_f, _f)}, "textbook has 2 entries for 1 argument\n"),
        ((_f,), {"body": _g, "needs": (ATOM, ATOM)}, "needs has 2 entries for 1 argument\n"),
        ((_f,), {"body": _g, "monotone": ()}, "monotone has 0 entries for 1 argument\n"),
        ((_f,), {"body": _g, "domain": [Interval(), Interval()]}, "domain has 2 entries for 1 argument\n"),
        ((_f,), {"body": _g, "domain": (0.0, 1.0)}, "its domain is an Interval, or a list with one for each"),
        ((_f,), {"body": _g, "defaults": (1.0, 2.0)}, r"more defaults than arguments \(1\)"),
        ((_f,), {"body": _g, "text": "{0} and {1}"}, r"text='\{0\} and \{1\}' has a place that no argument fills"),
        ((_f,), {"body": _g, "latex": r"\frac{1}{{0}"}, "latex='.*' has a place that no argument fills"),
        ((_f,), {"body": _g, "text": "{x}"}, r"the places are \{0\}, and a brace itself is \{\{ or \}\}"),
    ],
)
def test_a_wrong_record_is_refused_at_once(partials: Any, fields: Any, message: str) -> None:
    with pytest.raises(cg.GraphValueError, match=message):
        op("bad", *partials, **fields)
    with pytest.raises(cg.UnknownNameError):
        op_named("bad")


@pytest.mark.parametrize("name", ["", "two words", "1st", "lambda", "a-b", None])
def test_a_name_is_an_identifier(name: Any) -> None:
    with pytest.raises(cg.GraphValueError, match="is not an identifier; write one such as 'my_op'"):
        op(name, _f, body=_g)


def test_functions_that_hide_their_arguments_are_taken_at_their_word() -> None:
    hidden = op("hidden", lambda *numbers: numbers[1], body=abs, definition=np.abs)
    assert (hidden(-3.0), hidden.parameters) == (3.0, ("x",))


def test_an_unknown_op_is_told_the_nearest() -> None:
    with pytest.raises(cg.UnknownNameError, match=r"no op is named 'sigmod'; did you mean 'sigmoid'\?"):
        op_named("sigmod")
    with pytest.raises(cg.UnknownNameError, match=r"no op is named 'qqqqqq'\. Declare your own with compgraph\.op"):
        op_named("qqqqqq")


# --- facts -----------------------------------------------------------------------------------------------------------


def test_an_interval_knows_its_ends() -> None:
    half_open = Interval(0.0, math.inf, closed=True)
    assert 0.0 in half_open
    assert 0.0 not in Interval(0.0, 1.0)
    assert -1e-300 not in half_open
    assert not any(number in half_open for number in (math.nan, -math.inf))
    assert "1" not in half_open
    assert repr(half_open) == "[0, ∞)"
    assert repr(Interval(-1.0, 0.5, closed=True)) == "[-1, 0.5]"


def test_one_fact_for_all_arguments_is_spread() -> None:
    record = op("both", 1.0, 1.0, body=lambda u, v: u + v, domain=Interval(0.0, 1.0), monotone=(+1,))
    assert record.domain == (Interval(0.0, 1.0),) * 2
    assert record.monotone == (1, 1)


def test_one_kink_needs_no_tuple() -> None:
    kink = Kink("f′(0) = 0", lambda x: x)
    record = op("kinky", 1.0, body=_g, kinks=kink)  # what one writes at first
    assert record.kinks == (kink,)
    assert "Convention: f′(0) = 0." in (record.__doc__ or "")
