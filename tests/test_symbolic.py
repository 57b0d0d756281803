"""SymPy in and out: exact formulas, and shorter forms that are proved."""

from __future__ import annotations

import sys

import hypothesis
import pytest
import sympy
from hypothesis import strategies as st

import compgraph as cg
from compgraph import Node
from compgraph.codegen.printer import formula
from compgraph.graph import evaluate, labels
from compgraph.symbolic import shorter_form, to_sympy

a, y, x = Node(name="a"), Node(name="y"), Node(name="x")
log_x = cg.log(x)


def text(node: Node | None) -> str | None:
    return None if node is None else formula(node, labels(node), lambda inner: inner.name is not None)


# --- to_sympy --------------------------------------------------------------------------------------------------------


def test_floats_become_the_fractions_that_they_are() -> None:
    expression, _ = to_sympy(x * 0.1)
    assert expression.as_coeff_Mul()[0] == sympy.Rational(3602879701896397, 36028797018963968)


def test_constants_are_combined_exactly() -> None:
    expression, _ = to_sympy(x + cg.constant(0.1) * 3.0)
    assert expression.as_coeff_Add()[0] == 3 * sympy.Rational(0.1)


def test_inputs_become_real_symbols_whatever_they_are_called() -> None:
    hostile = Node(name="__import__('os')")
    expression, letters = to_sympy(hostile * x)
    assert {str(symbol): node for symbol, node in letters.items()} == {"v0": hostile, "v1": x}
    assert expression == sympy.Mul(*letters)
    assert all(symbol.is_real for symbol in letters)


def test_an_opaque_node_is_a_letter_even_where_its_inputs_have_no_value() -> None:
    z = cg.exp(x)
    expression, letters = to_sympy(z**2 + 1, [z])
    ((symbol, node),) = letters.items()
    assert node is z
    assert expression == symbol**2 + 1


def test_a_function_without_a_native_name_enters_by_its_definition() -> None:
    expression, letters = to_sympy(cg.sigmoid(x))
    ((symbol, _),) = letters.items()
    assert sympy.simplify(expression - 1 / (1 + sympy.exp(-symbol))) == 0


# --- shorter_form ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ((-y / a + (1 - y) / (1 - a)) * a * (1 - a), "a − y"),
        ((a * a - y * y) / (a - y), "a + y"),
        (a / (a * y), "1/y"),
        (a / a, "1"),
        (a - a, "0"),
        (-a * y / y, "−a"),
        (2 * a / (4 * y), "a/(2·y)"),
        ((a + 1) ** 2.0 / (a + 1), "a + 1"),
        (a**3.0 / a, "a^2"),
        (log_x * a / log_x, "a"),
        (a * 0.5 / 0.25, "2·a"),
    ],
    ids=str,
)
def test_fractions_cancel(long: Node, short: str) -> None:
    assert text(shorter_form(long)) == short


def test_equal_functions_are_one_letter_only_if_they_are_one_node() -> None:
    """Two separately recorded logs may differ for all that arithmetic knows."""
    assert text(shorter_form(cg.log(x) / cg.log(x))) == "log(x)/log(x)"


def test_numbers_that_no_formula_shows_give_none() -> None:
    assert shorter_form((a * 0.1 + a * 0.2) / (y * 0.3)) is None


def test_without_sympy_there_is_no_shorter_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sympy", None)
    assert shorter_form(a / a) is None


def test_a_sympy_that_fails_gives_no_shorter_form(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(sympy, "cancel", fail)
    assert shorter_form(a / a) is None


def test_a_wrong_simplification_is_caught_by_the_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    right = sympy.cancel
    errors = iter([1, 0])  # in the simplification, in its proof
    monkeypatch.setattr(sympy, "cancel", lambda expression: right(expression) + next(errors))
    assert shorter_form(a * y / y) is None


_LEAVES = st.sampled_from([a, y, x]) | st.sampled_from([1.0, 2.0, -1.0]).map(cg.constant)


@hypothesis.given(
    st.recursive(
        _LEAVES,
        lambda below: st.tuples(st.sampled_from([cg.add, cg.sub, cg.mul, cg.div]), below, below).map(
            lambda parts: parts[0](parts[1], parts[2])
        ),
        max_leaves=6,
    )
)
def test_a_shorter_form_has_the_same_value(long: Node) -> None:
    short = shorter_form(long)
    if short is None:
        return
    at = {a: 0.7310585786300049, y: 1.61803398875, x: -2.718281828459045}
    before, after = evaluate([long, short], at)
    assert after == pytest.approx(before, rel=1e-6, abs=1e-9, nan_ok=True) or before != before
