"""A check that cannot fail proves nothing: every partial of the table, made wrong on purpose, must be caught.

By the same checks that pass for the real ones (test_ops.py), at the same points.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from compgraph.forward import Dual
from compgraph.ieee import Total
from compgraph.node import Node, constant
from tests.sampling import BUILT_IN, FAR, at_kink, curvature_faults, points, read, slope_faults, truth

if TYPE_CHECKING:
    from collections.abc import Callable

    from compgraph.record import Op

PARTIALS = [pytest.param(op, index, id=f"{op.name}-{index}") for op in BUILT_IN for index in range(op.arity)]
COUNT = 15


@pytest.fixture
def mutate(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """``mutate(op, index, change)``: one partial becomes ``change(partial)`` until the test ends."""

    def replace(op: Op, index: int, change: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        partial = op.partials[index] or (lambda *_: 0.0)
        partials = (*op.partials[:index], change(partial), *op.partials[index + 1 :])
        monkeypatch.setattr(op, "partials", partials)
        monkeypatch.setattr(op, "slopes", (None,) * op.arity)

    return replace


def first_order(op: Op) -> list[tuple[float, ...]]:
    return points(op, COUNT, tame=True)


def second_order(op: Op) -> list[tuple[float, ...]]:
    far = [(x,) for x in FAR if x in op.domain[0]] if op.arity == 1 else []
    return far + points(op, COUNT, tame=True)


def is_zero(op: Op, index: int) -> bool:
    return op.partials[index] is None


@pytest.mark.parametrize(("op", "index"), PARTIALS)
def test_a_partial_off_by_a_thousandth_is_caught(op: Op, index: int, mutate: Callable[..., None]) -> None:
    if is_zero(op, index):
        mutate(op, index, lambda _: lambda *_: 0.001)
    else:
        mutate(op, index, lambda partial: lambda y, *args: 1.001 * partial(y, *args))
    assert any(slope_faults(op, first_order(op)))


@pytest.mark.parametrize(("op", "index"), [p for p in PARTIALS if not is_zero(*p.values)])
def test_a_partial_with_the_wrong_sign_is_caught(op: Op, index: int, mutate: Callable[..., None]) -> None:
    mutate(op, index, lambda partial: lambda y, *args: -1 * partial(y, *args))
    assert any(slope_faults(op, first_order(op)))


@pytest.mark.parametrize(("op", "index"), [p for p in PARTIALS if not is_zero(*p.values)])
def test_a_partial_left_out_is_caught(op: Op, index: int, mutate: Callable[..., None]) -> None:
    mutate(op, index, lambda _: lambda *_: 0.0)
    assert any(slope_faults(op, first_order(op)))


def _differ(op: Op, i: int, j: int) -> bool:
    smooth = [args for args in first_order(op) if not at_kink(op, args)]
    return any(float(truth(op.name, (i,), args)) != float(truth(op.name, (j,), args)) for args in smooth)


SWAPS = [(op, i, j) for op in BUILT_IN for i in range(op.arity) for j in range(i) if _differ(op, i, j)]


@pytest.mark.parametrize(("op", "i", "j"), SWAPS, ids=lambda part: getattr(part, "name", part))
def test_two_swapped_partials_are_caught(op: Op, i: int, j: int, monkeypatch: pytest.MonkeyPatch) -> None:
    partials = list(op.partials)
    partials[i], partials[j] = partials[j], partials[i]
    monkeypatch.setattr(op, "partials", tuple(partials))
    assert any(slope_faults(op, first_order(op)))


def test_swaps_are_tried_on_the_ops_whose_arguments_play_different_parts() -> None:
    assert {op.name for op, _, _ in SWAPS} >= {"sub", "div", "mul", "pow", "atan2", "hypot", "xlogy", "clip", "where"}


def _bends(op: Op, index: int) -> bool:
    smooth = [args for args in first_order(op) if not at_kink(op, args)]
    return any(truth(op.name, (index, j), args) for args in smooth for j in range(op.arity))


BENT = [p for p in PARTIALS if _bends(*p.values)]


@pytest.mark.parametrize(("op", "index"), BENT)
def test_a_partial_that_is_right_but_lost_its_own_derivative_is_caught(
    op: Op, index: int, mutate: Callable[..., None]
) -> None:
    mutate(op, index, lambda partial: lambda y, *args: partial(*map(_cut_free, (y, *args))))
    assert not any(slope_faults(op, first_order(op)))
    assert any(curvature_faults(op, second_order(op)))


@pytest.mark.parametrize(("op", "index"), BENT)
def test_a_second_derivative_off_by_a_thousandth_is_caught(op: Op, index: int, mutate: Callable[..., None]) -> None:
    def bend(partial: Callable[..., Any]) -> Callable[..., Any]:
        """The same number, with a derivative 1.001 times as large."""
        return lambda y, *args: (
            1.001 * partial(y, *args) - 0.001 * partial(*map(_cut_free, (y, *args)))
            if isinstance(args[0], (Node, Dual))
            else partial(y, *args)
        )

    mutate(op, index, bend)
    assert any(curvature_faults(op, second_order(op)))


def _cut_free(number: Any) -> Any:
    """The number without what it depends on."""
    if isinstance(number, Node):
        return constant(read(number))
    bare = number.value if isinstance(number, Dual) else number
    return Total(bare) if isinstance(bare, float) else bare
