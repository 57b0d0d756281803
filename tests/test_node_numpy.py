"""Nodes among NumPy's scalars, arrays and functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import compgraph as cg
from compgraph import GraphTypeError, Node


@pytest.mark.parametrize("two", [np.float64(2), np.float32(2), np.int64(2), np.array(2.0)])
def test_numpy_scalars_and_0d_arrays_on_the_left_record(x: Node, two: Any) -> None:
    for node, value in ((two + x, 4.0), (two - x, 0.0), (two * x, 4.0), (two / x, 1.0), (two**x, 4.0)):
        assert isinstance(node, Node)
        assert node.value == value
        assert x in node.args


def test_numpy_scalar_compared_with_a_node_records(x: Node) -> None:
    comparison = np.float64(1) < x
    assert comparison.op is cg.less
    assert comparison.value == 1.0


def test_numpy_ufuncs_record(x: Node) -> None:
    for node, op in ((np.exp(x), cg.exp), (np.arctan2(x, 1.0), cg.atan2), (np.maximum(0, x), cg.maximum)):
        assert node.op is op


def test_numpy_sums_of_nodes_record(x: Node, y: Node) -> None:
    assert np.dot([x, y], [1.0, 2.0]).value == 12.0


@pytest.mark.parametrize("combine", [lambda a, x: a * x, lambda a, x: x * a, lambda a, x: a < x, lambda a, x: a == x])
def test_arrays_meeting_a_node_are_refused_and_name_compile(x: Node, combine: Any) -> None:
    with pytest.raises(GraphTypeError, match=r"shape \(2,\).*one scalar.*compile"):
        combine(np.array([1.0, 2.0]), x)


@pytest.mark.parametrize("call", [np.square, np.isnan, lambda x: np.add(x, 1.0, out=np.zeros(())), np.add.accumulate])
def test_numpy_functions_without_an_op_are_refused(x: Node, call: Any) -> None:
    with pytest.raises((GraphTypeError, TypeError), match=r"cannot record on a Node|accumulate"):
        call(x)


@pytest.mark.parametrize("call", [lambda x: np.where(x > 0, x, -x), lambda x: np.clip(x, 0, 1), np.round])
def test_functions_of_numpy_that_would_lose_the_graph_are_refused(x: Node, call: Any) -> None:
    with pytest.raises(GraphTypeError, match=r"numpy\.\w+ cannot record on a Node; .*cg\.where"):
        call(x)
