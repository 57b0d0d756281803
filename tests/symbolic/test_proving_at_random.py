"""prove on random expressions: rewritings are proved, and what differs is never."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mpmath
from hypothesis import given
from hypothesis import strategies as st

import compgraph as cg
from compgraph import Node, exp, prove
from compgraph.graph import evaluate

if TYPE_CHECKING:
    from collections.abc import Callable

INPUTS = x, y, z = Node(0.75, "x"), Node(-1.25, "y"), Node(2.5, "z")

numbers = st.sampled_from([1.0, 2.0, -0.5, 0.1, 3.0])
leaves = st.sampled_from(INPUTS) | numbers.map(cg.constant)
UNARY: list[Callable[[Node], Node]] = [cg.tanh, cg.sigmoid, exp, cg.sin, cg.relu, lambda u: u**2, lambda u: -u]
BINARY: list[Callable[[Node, Node], Node]] = [
    lambda u, v: u + v,
    lambda u, v: u - v,
    lambda u, v: u * v,
    lambda u, v: u / (1 + v * v),
    cg.maximum,
]
expressions = st.recursive(
    leaves,
    lambda inner: (
        st.builds(lambda f, u: f(u), st.sampled_from(UNARY), inner)
        | st.builds(lambda f, u, v: f(u, v), st.sampled_from(BINARY), inner, inner)
    ),
    max_leaves=6,
)
REWRITINGS: list[Callable[[Node, Node, Node], tuple[Node, Node]]] = [
    lambda u, v, w: (u * (v + w), v * u + w * u),
    lambda u, v, w: ((u + v) - w, u - (w - v)),
    lambda u, v, w: ((u - v) * (u + v) + w, u**2 - v**2 + w),
    lambda u, v, w: (exp(u + v) * w, w * exp(v) * exp(u)),
    lambda u, v, w: (exp(u - v) + w, w + exp(u) / exp(v)),
    lambda u, v, w: (cg.sigmoid(u) * v + w, w + v - v * cg.sigmoid(-u)),
    lambda u, v, w: ((u + v) / (1 + w**2), v / (w * w + 1) + u / (w * w + 1)),
    lambda u, v, w: (cg.tanh(u) * (v + w), -(v + w) * cg.tanh(-u)),
]


def differ_somewhere(left: Node, right: Node) -> bool:
    """Whether the two differ, at 60 digits, at one of a few points."""
    with mpmath.workdps(60), cg.as_typed():
        for point in [(0.75, -1.25, 2.5), (0.5, 0.25, -0.125), (-2.0, 3.0, 1.0)]:
            values = {leaf: mpmath.mpf(number) for leaf, number in zip(INPUTS, point, strict=True)}
            one, other = (mpmath.mpf(value) for value in evaluate([left, right], values))
            if (
                mpmath.isfinite(one)
                and mpmath.isfinite(other)
                and abs(one - other) > mpmath.mpf(10) ** -40 * (1 + abs(one))
            ):
                return True
    return False


@given(st.sampled_from(REWRITINGS), expressions, expressions, expressions)
def test_rewritings_are_never_refuted_and_never_contradict_the_numbers(
    rewriting: Callable[[Node, Node, Node], tuple[Node, Node]], u: Node, v: Node, w: Node
) -> None:
    with cg.as_typed():
        left, right = rewriting(u, v, w)
    assert prove(left, right).status != "refuted"


@given(st.sampled_from(REWRITINGS), st.permutations(INPUTS))
def test_rewritings_of_letters_are_proved(
    rewriting: Callable[[Node, Node, Node], tuple[Node, Node]], letters: list[Node]
) -> None:
    left, right = rewriting(*letters)
    assert prove(left, right)


@given(expressions, st.sampled_from([1e-30, 1e-9, -0.5]), st.sampled_from(INPUTS))
def test_what_was_changed_is_never_proved(u: Node, change: float, leaf: Node) -> None:
    with cg.as_typed():
        for mutated in (u + change, u * (1 + 2.0**-40) + leaf * 0, u + change * leaf):
            if differ_somewhere(u, mutated):
                assert prove(u, mutated).status != "proved"


@given(expressions, expressions)
def test_two_expressions_that_differ_are_never_proved_equal(u: Node, v: Node) -> None:
    proof = prove(u, v)
    assert not (proof and differ_somewhere(u, v))
