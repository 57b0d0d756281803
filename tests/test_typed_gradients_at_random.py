"""Inner gradients of random programs, beside differences of the graph as typed with many digits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compgraph import Node, bypass, events, exp, grad, jvp, log, sigmoid, sin
from compgraph.graph import order, typed_form
from tests.inner_rules import inner_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@pytest.fixture(autouse=True, scope="module")
def rules_of_this_module() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, inner_rules(patch):
        yield


_LARGEST = 30.0

_PARTS: list[Any] = [
    lambda p, q: sigmoid(p),
    lambda p, q: log(sigmoid(p)),
    lambda p, q: 1 - sigmoid(p),
    lambda p, q: log(1 + exp(p)),
    lambda p, q: exp(p) / exp(q),
    lambda p, q: 1 / (1 + exp(-p)),
    lambda p, q: p - q,
    lambda p, q: p * q,
    lambda p, q: exp(sigmoid(p)) * exp(-q),
    lambda p, q: log(1 + sigmoid(p)),
    lambda p, q: sin(p),
]


@st.composite
def _typed_programs(draw: st.DrawFn) -> tuple[Node, list[Node]]:
    nodes = [Node(draw(st.floats(-2.0, 2.0)), name) for name in ("x0", "x1")]
    for _ in range(draw(st.integers(2, 8))):
        p, q = (draw(st.sampled_from(nodes[-4:])) for _ in range(2))
        node = draw(st.sampled_from(_PARTS))(p, q)
        parts = [part for part in typed_form(node)[1] if part.op.name != "constant" and part not in nodes]
        if all(abs(part.value) < _LARGEST for part in (*parts, node)):
            nodes += [*parts, node]
    root = nodes[-1]
    for node in nodes[2:-1]:
        root = root + sin(node)
    return root, nodes[:-1]


def _as_typed(nodes: Sequence[Node], cut: dict[Node, Any]) -> Any:
    """The value of the last node, as typed, where some have other values than their own, with many digits."""
    known: dict[Node, Any] = dict(cut)
    for node in nodes:
        if node not in known:
            op, args = typed_form(node)
            known[node] = op(*[known[arg] for arg in args]) if args else mpmath.mpf(node.value)
    return known[nodes[-1]]


def _assert_right(root: Node, inner: list[Node]) -> None:
    """Each inner node's gradient, in three ways, beside a central difference of the graph as typed with many digits."""
    root.backward()
    typed = order(root, typed=True, twins=False)
    scale = 1.0 + sum(abs(event.contribution) for event in events(root, typed=True))
    with mpmath.workdps(60):
        step = mpmath.mpf(10) ** -20
        for node in [node for node in inner if node in typed]:
            at = _as_typed(order(node, typed=True, twins=False), {})
            up, down = (_as_typed(typed, {node: at + shift}) for shift in (step, -step))
            slope = pytest.approx(float((up - down) / (2 * step)), rel=1e-10, abs=1e-13 * scale)
            assert [node.grad, grad(root, node).value, jvp(root, {node: 1.0})[1].value] == [slope] * 3


@given(_typed_programs())
def test_inner_gradients_are_the_slopes_of_the_graph_as_typed(program: tuple[Node, list[Node]]) -> None:
    _assert_right(*program)


@given(_typed_programs())
def test_so_are_those_of_nodes_that_are_all_cut_free_on_their_own(program: tuple[Node, list[Node]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bypass, "_CANCELLED", 2.0)
        _assert_right(*program)


@given(_typed_programs())
def test_and_where_only_what_is_nearest_is_recorded_anew(program: tuple[Node, list[Node]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bypass, "_CANCELLED", 2.0)
        patch.setattr(bypass._Surroundings._region, "__defaults__", (2,))
        _assert_right(*program)
