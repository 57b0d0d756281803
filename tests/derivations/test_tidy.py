"""tidy: formulas as a textbook writes them, of the same value."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
import sympy
from hypothesis import strategies as st

import compgraph as cg
from compgraph import Node
from compgraph.codegen.printer import formula
from compgraph.derivations.tidy import multiplied_out, tidied
from compgraph.graph import evaluate, labels, order
from compgraph.symbolic import to_sympy

if TYPE_CHECKING:
    from collections.abc import Callable

x, y, a = Node(name="x"), Node(name="y"), Node(name="a")


def text(node: Node) -> str:
    return formula(node, labels(node), lambda inner: inner.name is not None)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (-1.0 * (-(1 - y)) * (1 / (1 - a)), "(1 − y)/(1 − a)"),
        ((-y) * (1 / a) - (-(1 - y)) * (1 / (1 - a)), "−y/a + (1 − y)/(1 − a)"),
        (-1.0 * y * 1.0, "−y"),
        (x * 0.0 + y, "y"),
        (x - x, "0"),
        (x + x, "2·x"),
        (x * x, "x^2"),
        (x * (x * x), "x^3"),
        (2 * x ** (2.0 - 1), "2·x"),
        (3 * x ** (3.0 - 1), "3·x^2"),
        (x**0.0, "1"),
        (x**-1.0, "1/x"),
        (1 / x**-2.0, "x^2"),
        (x**y, "x^y"),
        ((x * y) ** 2.0, "(x·y)^2"),
        (1 / (2 * x), "1/(2·x)"),
        (2 * x / 2.0, "x"),
        (x / 2.0, "x/2"),
        (0.5 * x, "0.5·x"),
        (cg.constant(1.0) / 2.0 + x * 0, "0.5"),
        (x / (1 / y), "x·y"),
        (x / y / a, "x/(y·a)"),
        (x - (y - a), "x − (y − a)"),
        (x + (y - a), "x + y − a"),
        (x - (-y), "x + y"),
        (-(x * (-y)), "x·y"),
        (-2.0 * x - 3 * y, "−2·x − 3·y"),
        (x * y + y * x, "2·x·y"),
        (cg.sin(x) * cg.sin(x), "sin(x)^2"),
        (cg.log(x * 1.0) + 0.0, "log(x)"),
        (cg.where(x > 1, y, 0.0) * 1.0, "where(x > 1, y, 0)"),
        (cg.where(cg.constant(1.0), x, y), "x"),
        (cg.not_equal(x > 1, 0.0) * y, "y·[x > 1]"),
        (cg.equal(x > 1, 0.0) * y, "y·[x ≤ 1]"),
        (cg.equal(x, 0.0) * y, "y·[x = 0]"),
        (x / 0.0, "x/0"),
    ],
    ids=str,
)
def test_a_formula_becomes_what_a_textbook_writes(raw: Node, expected: str) -> None:
    assert text(tidied(raw)) == expected


def test_equal_fractions_are_not_cancelled() -> None:
    """x/x is not 1 at 0: a reader would have to check that."""
    assert text(tidied(x / x)) == "x/x"


def test_equal_parts_become_one_node() -> None:
    result = tidied(cg.sin(x + 1) / cg.cos(x + 1))
    assert sum(node.op.name == "add" for node in order(result)) == 1


def test_the_original_stays() -> None:
    raw = x * 1.0
    tidied(raw)
    assert text(raw) == "x·1"


def test_very_high_powers_stay_products() -> None:
    power = x
    for _ in range(90):
        power = power * power
    assert evaluate([tidied(power)], {x: 1.0000000000000002}) == [math.inf]
    assert len(order(tidied(power))) < 200


# Expressions of the operations that partials are made of.
numbers = st.sampled_from([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0])
points = st.floats(0.3, 2.0).map(lambda number: round(number, 2))


def grow(below: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def record(operation: Callable[..., Any], count: int) -> st.SearchStrategy[Any]:
        return st.tuples(*[below] * count).map(lambda args: operation(*args))

    return st.one_of(
        record(cg.add, 2), record(cg.sub, 2), record(cg.mul, 2), record(cg.div, 2), record(cg.neg, 1),
        record(cg.sin, 1), st.tuples(below, st.sampled_from([-2.0, -1.0, 0.0, 1.0, 2.0, 3.0])).map(
            lambda pair: cg.pow(*pair)
        ),
    )  # fmt: skip


@hypothesis.given(st.recursive(st.sampled_from([x, y, a]) | numbers.map(cg.constant), grow, max_leaves=12), st.data())
def test_the_value_never_changes(raw: Node, data: st.DataObject) -> None:
    at = {leaf: data.draw(points) for leaf in (x, y, a)}
    (before,), (after,) = evaluate([raw], at), evaluate([tidied(raw)], at)
    inner = evaluate(order(raw), at)
    hypothesis.assume(all(math.isfinite(value) and abs(value) < 1e6 for value in inner))
    hypothesis.assume(all(abs(value) > 1e-4 for value in inner if value))
    assert after == pytest.approx(before, rel=1e-8, abs=1e-6)


@pytest.mark.parametrize(
    ("products", "expected"),
    [
        ([(-y / a + (1 - y) / (1 - a), a * (1 - a))], "−y·(1 − a) + (1 − y)·a"),
        ([(1 / x, x)], "1"),
        ([(x + y, 1 / x), (None, 1 - a)], "1 + y/x + (1 − a)"),
        ([(2 / x**3.0, x * x)], "2/x"),
        ([(cg.sin(x) - y, 1 / cg.sin(x))], "1 − y/sin(x)"),
        ([(x - y, constant_zero := cg.constant(0.0))], "0"),
        ([(None, constant_zero + x)], "x"),
    ],
    ids=str,
)
def test_products_are_multiplied_out_and_equal_factors_cancelled(products: Any, expected: str) -> None:
    assert text(multiplied_out(products)) == expected


fractions = st.recursive(
    st.sampled_from([x, y, a]) | numbers.map(cg.constant),
    lambda below: st.tuples(st.sampled_from([cg.add, cg.sub, cg.mul, cg.div]), below, below).map(
        lambda parts: parts[0](parts[1], parts[2])
    ),
    max_leaves=8,
)


@hypothesis.given(fractions, fractions)
def test_multiplying_out_changes_numbers_by_roundings_alone(addition: Node, factor: Node) -> None:
    """SymPy compares the two over the rational numbers; 2/3 as a number in the result is the float that it is."""
    with cg.as_typed():
        before, after = addition * factor, multiplied_out([(addition, factor)])
        change, letters = to_sympy(before - after)
    hypothesis.assume(not change.has(sympy.nan, sympy.zoo, sympy.oo))
    point = {symbol: sympy.Rational(17 + 12 * place, 29) for place, symbol in enumerate(letters)}
    change = sympy.cancel(change).subs(point)
    hypothesis.assume(change.is_finite)
    assert abs(change) < 1e-9


@hypothesis.given(st.recursive(st.sampled_from([x, y, a]) | numbers.map(cg.constant), grow, max_leaves=8))
def test_tidying_twice_changes_nothing_more(raw: Node) -> None:
    once = tidied(raw)
    assert len(order(tidied(once))) <= len(order(once))
