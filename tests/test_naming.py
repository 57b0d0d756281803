"""Names from the user's variables, and graphs from plain functions."""

from __future__ import annotations

import functools
import math
import sys
from typing import Any

import numpy as np
import pytest

import compgraph as cg
from compgraph import GraphTypeError, Node, names, trace
from compgraph.graph import inputs

# --- with names() --------------------------------------------------------------------------------------------------


def test_nodes_are_named_after_the_variables_of_the_block(x: Node) -> None:
    with names():
        z = x * 3
        a = cg.sigmoid(z)
    assert (z.name, a.name) == ("z", "a")


def test_only_the_block_s_own_variables_name(x: Node) -> None:
    before = x * 3
    with names():
        z = x * 4
    assert (before.name, z.name) == (None, "z")


def test_a_variable_bound_anew_inside_the_block_names(x: Node) -> None:
    z = x * 3
    with names():
        z = z + 1
    assert z.name == "z"
    assert z.args[0].name is None


def test_a_variable_deleted_and_bound_again_names(x: Node) -> None:
    """The new node may lie at the freed one's address."""
    for _ in range(20):
        z = x * 3
        with names():
            del z
            z = x * 4
        assert z.name == "z"


def test_an_explicit_name_wins(x: Node) -> None:
    with names():
        z = (x * 3).named("score")
    assert z.name == "score"


def test_of_two_variables_for_one_node_the_first_counts(x: Node) -> None:
    with names():
        first = x * 3
        second = first
    assert second.name == "first"


def test_private_variables_and_constants_do_not_name(x: Node) -> None:
    with names():
        _hidden = x * 3
        number = cg.constant(3.0)
    assert (_hidden.name, number.name) == (None, None)


def test_names_reach_into_the_caller_through_helpers_of_the_package(x: Node) -> None:
    def build() -> Node:
        with names():
            inner = x * 3
        return inner

    assert build().name == "inner"


def test_names_given_before_an_exception_stay(x: Node) -> None:
    z = None
    with pytest.raises(ZeroDivisionError), names():
        z = x * 3
        _ = 1 / 0
    assert z is not None
    assert z.name == "z"


def test_names_are_free_text() -> None:
    assert (Node(1.0, 'w"<b>&\n{x}') * 2).args[0].name == 'w"<b>&\n{x}'


# --- trace ---------------------------------------------------------------------------------------------------------


def score(w: Any, x: Any, b: Any = 0.5) -> Any:
    product = w * x
    z = product + b
    return z * z


def test_parameters_become_inputs_and_locals_name_the_inside() -> None:
    root = trace(score)
    assert [(node.name, cg.order(node)[0] is node) for node in inputs(root)] == [("w", True), ("x", True), ("b", True)]
    z = root.args[0]
    assert (z.name, z.args[0].name) == ("z", "product")


def test_a_default_is_the_input_s_value_and_the_others_have_none() -> None:
    w, x, b = inputs(trace(score))
    assert b.value == 0.5
    with pytest.raises(cg.MissingValueError, match=r"write w\.value"):
        _ = w.value
    w.value, x.value = 2.0, 3.0
    assert cg.find(trace(score), "b").value == 0.5


class Model:
    def predict(self, x: Any) -> Any:
        z = x * 2
        return z * z

    def __call__(self, x: Any, y: Any) -> Any:
        z = x * y
        return z + 1


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda x: x * x, "x·x = ?"),
        (lambda x, /: x * x, "x·x = ?"),
        (Model().predict, "z·z = ?"),
        (Model(), "z + 1 = ?"),
        (functools.partial(score, 2.0), "z·z = ?"),
        (functools.partial(score, b=1.0), "z·z = ?"),
        (cg.sigmoid, "σ(x) = ?"),
        (cg.leaky_relu, "leaky_relu(x, slope) = ?"),
        (lambda *, x, y: x - y, "x − y = ?"),
        (lambda x: x, "x = ?"),
        (lambda: 3, "constant = 3"),
        (lambda x: np.float64(2) * x, "2·x = ?"),
    ],
)
def test_every_kind_of_function_is_traced(function: Any, text: str) -> None:
    assert repr(trace(function)) == text


def test_a_decorated_function_is_named_by_its_own_variables() -> None:
    @functools.wraps(score)
    def wrapper(*args: Any) -> Any:
        return score(*args)

    assert trace(wrapper).args[0].name == "z"


def test_a_tuple_comes_back_as_a_tuple() -> None:
    def pair(x: Any) -> Any:
        double = x * 2
        return double, 1.0

    double, one = trace(pair)
    assert (double.name, one.value) == ("double", 1.0)


def test_locals_of_functions_called_inside_do_not_name() -> None:
    def outer(x: Any) -> Any:
        result = Model().predict(x)
        return result + 1

    inner = trace(outer).args[0]
    assert (inner.name, inner.args[0].name) == ("result", None)


def test_where_a_profiler_runs_already_inner_names_are_skipped() -> None:
    seen = []

    def profiler(_frame: Any, event: str, _arg: Any) -> None:
        seen.append(event)

    before = sys.getprofile()
    sys.setprofile(profiler)
    try:
        root = trace(score)
        kept = sys.getprofile()
    finally:
        sys.setprofile(before)
    assert kept is profiler
    assert seen
    assert (root.args[0].name, [node.name for node in inputs(root)]) == (None, ["w", "x", "b"])


def test_an_exception_inside_leaves_no_profiler_behind() -> None:
    def broken(x: Any) -> Any:
        raise KeyError(x.name)

    before = sys.getprofile()
    with pytest.raises(KeyError, match="x"):
        trace(broken)
    assert sys.getprofile() is before


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda *xs: sum(xs), r"<lambda>\(\) takes \*xs: each input needs a name"),
        (lambda **xs: 1, r"takes \*xs"),
        (lambda x: None, r"<lambda>\(\) returned None; does it lack a return"),
        (lambda x: "a", r"<lambda>\(\) returned 'a' \(a str\)"),
        (lambda x: {"loss": x}, r"returned \{'loss': x = \?\} \(a dict\)"),
        (lambda x: x if x > 0 else -x, r"`if` on \[x > 0\] = \?.*write where\(condition"),
        (lambda x: x if 0 < x < 1 else -x, r"`if` on \[0 < x\] = \?|`if` on \[x > 0\] = \?"),
        (lambda x: max(x, 0), r"`if` on .*write where"),
        (lambda x: math.exp(x) + 1, r"node 'x' would lose the graph.*cg\.exp"),
        (math.exp, r"would lose the graph"),
        (lambda x, mode="fast": x, r"<lambda>\(\), default of mode: 'fast' \(a str\)"),
        (max, r"max\(\) has no readable signature; wrap it"),
        (3, r"trace takes a function, not 3 \(a int\)"),
    ],
)
def test_what_cannot_be_traced_says_why(function: Any, message: str) -> None:
    with pytest.raises(GraphTypeError, match=message):
        trace(function)


def test_the_user_s_line_is_a_note_on_the_error() -> None:
    def branches(x: Any) -> Any:
        return x if x > 0 else -x

    with pytest.raises(GraphTypeError) as caught:
        trace(branches)
    line = branches.__code__.co_firstlineno + 1
    assert caught.value.__notes__ == [f"your line: {__file__}:{line}"]
