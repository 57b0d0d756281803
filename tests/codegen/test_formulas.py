"""Formulas as plain data."""

from __future__ import annotations

import copy
import pickle

from compgraph.codegen.formulas import Adjoint, Apply, Cut, Letter, Number, Slope, total

FORMULA = Apply("mul", (Adjoint("a"), Apply("add", (Slope("a", "z"), Apply("sub", (Number(1.0), Letter("a")))))))


def test_equal_formulas_are_equal_and_have_one_hash() -> None:
    assert copy.deepcopy(FORMULA) == pickle.loads(pickle.dumps(FORMULA)) == FORMULA
    assert len({FORMULA, copy.deepcopy(FORMULA), Cut()}) == 2


def test_a_total_goes_from_the_left() -> None:
    x, y, z = map(Letter, "xyz")
    assert total([x, y, z]) == Apply("add", (Apply("add", (x, y)), z))
    assert total([x, y], "mul") == Apply("mul", (x, y))
    assert total([x]) == x
