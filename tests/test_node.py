"""Values, the spreadsheet, the life of ``.grad``, what a Node accepts and what it refuses."""

from __future__ import annotations

import copy
import gc
import math
import operator
import warnings
import weakref
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import compgraph as cg
from compgraph import GraphTypeError, GraphValueError, MissingValueError, Node
from compgraph.node import clock

# --- what becomes a value ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "value"),
    [
        (3, 3.0), (True, 1.0), (0.5, 0.5), (Fraction(1, 4), 0.25), (np.float64(0.1), 0.1), (np.float32(0.5), 0.5),
        (np.int64(7), 7.0), (np.bool_(True), 1.0), (np.array(2.5), 2.5), (-0.0, -0.0),
    ],
)  # fmt: skip
def test_every_kind_of_real_number_becomes_a_float(given: Any, value: float) -> None:
    node = Node(given)
    assert type(node.value) is float
    assert repr(node.value) == repr(value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("1.5", r"'1\.5' \(a str\).*float\(text\).*Node\(name="),
        (1j, r"1j \(a complex\).*\.real"),
        ([1.0, 2.0], r"\[1\.0, 2\.0\] \(a list\).*one Node per entry"),
        ((1.0,), r"one Node per entry"),
        ({}, r"\{\} \(a dict\).*write a float"),
        (np.array([1.0, 2.0]), r"shape \(2,\).*one scalar.*compile"),
        (np.array("a"), r"not a real number"),
        (10**400, r"beyond the range of floats"),
        (object, r"write a float"),
    ],
)
def test_other_types_are_refused_with_what_to_write(given: Any, message: str) -> None:
    with pytest.raises(GraphTypeError, match=message):
        Node(given)


def test_refusals_are_type_errors() -> None:
    with pytest.raises(TypeError, match="is not a real number"):
        Node("a")


@pytest.mark.parametrize("operand", [None, "a", 1j, [1.0], {}, b"x", object()])
@pytest.mark.parametrize("sign", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow])
def test_operators_refuse_what_is_no_number_on_either_side(x: Node, operand: Any, sign: Any) -> None:
    with pytest.raises(GraphTypeError, match=f"{sign.__name__.removeprefix('true')}, argument v: .* is not a real"):
        sign(x, operand)
    if not isinstance(operand, (str, bytes)):  # "…" % node and "…" * node have meanings of their own to Python
        with pytest.raises(GraphTypeError, match=r"argument u: .* is not a real number"):
            sign(operand, x)


@pytest.mark.parametrize("name", [1, "", b"z", 2.5])
def test_a_name_is_a_non_empty_text(name: Any) -> None:
    with pytest.raises(GraphTypeError, match=r"a name is a non-empty str.*\(value, name\)"):
        Node(1.0, name)


# --- recording -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "value"),
    [
        (lambda x, y: x + y, 7.0), (lambda x, y: x - y, -3.0), (lambda x, y: x * y, 10.0), (lambda x, y: x / y, 0.4),
        (lambda x, y: x**y, 32.0), (lambda x, _: -x, -2.0), (lambda x, _: +x, 2.0), (lambda x, _: abs(-x), 2.0),
        (lambda x, _: x + 1, 3.0), (lambda x, _: 1 + x, 3.0), (lambda x, _: 1 - x, -1.0), (lambda x, _: 3 * x, 6.0),
        (lambda x, _: 1 / x, 0.5), (lambda x, _: 2**x, 4.0), (lambda x, _: x**2, 4.0), (lambda x, _: x**-1, 0.5),
        (lambda x, _: Fraction(1, 2) * x, 1.0), (lambda x, _: True + x, 3.0),
    ],
)  # fmt: skip
def test_operators_take_nodes_and_numbers_on_either_side(x: Node, y: Node, build: Any, value: float) -> None:
    assert build(x, y).value == value


def test_ops_take_keywords_and_defaults(x: Node) -> None:
    assert cg.clip(x, low=0.0, high=1.0).value == 1.0
    assert cg.leaky_relu(-x).value == -0.02


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: cg.exp(), r"exp\(x\): missing a required argument: 'x'"),
        (lambda x: cg.exp(x, x), r"exp\(x\): too many"),
        (lambda x: cg.exp(y=x), r"exp\(x\): missing"),
        (lambda x: cg.maximum(x, "a"), r"maximum, argument v: 'a' \(a str\)"),
    ],
)
def test_wrong_calls_of_ops_name_the_op(x: Node, call: Any, message: str) -> None:
    with pytest.raises(GraphTypeError, match=message):
        call(x)


def test_sum_records_nothing_for_its_leading_zero(x: Node, y: Node) -> None:
    total = sum([x, y])
    assert total.args == (x, y)
    assert sum([x]) is x


def test_a_square_keeps_two_edges(x: Node) -> None:
    assert (x * x).args == (x, x)


def test_positive_sign_records_nothing(x: Node) -> None:
    assert +x is x


def test_a_subclass_of_node_records_and_computes(y: Node) -> None:
    class Weight(Node):
        __slots__ = ()

    w = Weight(3.0, "w")
    product = w * y
    product.backward()
    assert (product.value, w.grad) == (15.0, 5.0)


# --- comparisons and truth -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("other", [2.0, np.float64(2.0), 2, None, "x"])
def test_equality_stays_identity(x: Node, other: Any) -> None:
    assert (x == x) is True
    assert (x == other) is False
    assert (other == x) is False
    assert (x != other) is True


def test_nodes_are_found_in_containers_by_identity(x: Node, y: Node) -> None:
    twin = Node(2.0, "x")
    assert x in [y, x]
    assert twin not in [y, x, np.float64(2.0)]
    assert len({x, twin, x}) == 2


def test_hash_stays_when_value_and_name_change(x: Node) -> None:
    before = hash(x)
    x.value, x.name = 9.0, "other"
    assert hash(x) == before


def test_a_comparison_is_a_bool_for_if_where_values_are_known(x: Node, y: Node) -> None:
    assert bool(x < y) is True
    assert bool(x >= y) is False
    assert (1 if x > 0 else -1) == 1


def test_a_chained_comparison_of_known_values_works_as_for_numbers(x: Node) -> None:
    assert 0 < x < 3
    assert not 0 < x < 1


def test_if_without_values_is_refused_and_names_where() -> None:
    with pytest.raises(GraphTypeError, match=r"inputs have no value.*where\(condition"):
        bool(Node(name="x") > 0)


@pytest.mark.parametrize("test", [bool, operator.not_, lambda x: x and x, lambda x: x > 1 and not x])
def test_a_node_that_is_no_comparison_has_no_truth(x: Node, test: Any) -> None:
    with pytest.raises(GraphTypeError, match=r"no truth value \(x = 2\).*where"):
        test(x)


def test_where_refuses_a_plain_bool_and_names_equal(x: Node) -> None:
    with pytest.raises(GraphTypeError, match=r"where\(False.*equal\(x, y\)"):
        cg.where(x == 2.0, x, -x)


@pytest.mark.parametrize("convert", [float, int, complex, math.exp, math.floor, "%f".__mod__])
def test_leaving_the_graph_is_refused_and_names_both_ways(x: Node, convert: Any) -> None:
    with pytest.raises(GraphTypeError, match=r"node 'x' would lose the graph.*cg\.exp\(node\).*node\.value"):
        convert(x)


@pytest.mark.parametrize("unpack", [list, tuple, sum, lambda x: [*x]])
def test_a_node_cannot_be_iterated_over(x: Node, unpack: Any) -> None:
    with pytest.raises(GraphTypeError, match=r"'x' is one scalar.*node\.args"):
        unpack(x)


@pytest.mark.parametrize("use", [lambda x: x % 2, lambda x: x // 2, lambda x: x @ x, lambda x: x[0], len, round])
def test_what_is_not_an_op_is_a_type_error(x: Node, use: Any) -> None:
    with pytest.raises(TypeError, match="Node"):
        use(x)


# --- the spreadsheet -----------------------------------------------------------------------------------------------


def test_setting_an_input_updates_every_dependent_value(x: Node, y: Node) -> None:
    z = x * y
    L = z * z + x
    assert L.value == 102.0
    x.value = 3.0
    assert (L.value, z.value) == (228.0, 15.0)


def test_an_inner_node_read_alone_does_not_hide_the_change_from_its_users(x: Node) -> None:
    z = x * x
    L = z + 1
    assert L.value == 5.0
    x.value = 3.0
    assert z.value == 9.0
    assert L.value == 10.0


def test_a_graph_built_before_its_inputs_have_values_computes_later() -> None:
    a, b = Node(name="a"), Node(name="b")
    total = a + b
    a.value, b.value = 1, 2
    assert total.value == 3.0


@pytest.mark.parametrize("missing", ["b", "a"])
def test_reading_without_a_value_names_the_input_and_the_repair(missing: str) -> None:
    nodes = {"a": Node(name="a"), "b": Node(name="b")}
    for name, node in nodes.items():
        if name != missing:
            node.value = 1.0
    with pytest.raises(MissingValueError, match=rf"s cannot .* no value yet for {missing}; write {missing}\."):
        _ = (nodes["a"] + nodes["b"]).named("s").value


def test_an_input_without_a_value_says_so() -> None:
    with pytest.raises(MissingValueError, match=r"node 'x1' has no value yet; write x1\.value ="):
        _ = Node(name="x1").value
    with pytest.raises(MissingValueError, match=r"write node\.value ="):
        _ = Node(name="my x").value


def test_backward_without_a_value_names_the_input() -> None:
    a = Node(name="a")
    with pytest.raises(MissingValueError, match="no value yet for a"):
        (a * 2).backward()
    assert a.grad is None


def test_only_inputs_are_set(x: Node) -> None:
    z = (x * 2).named("z")
    with pytest.raises(GraphValueError, match=r"node 'z' is computed: z = x·2 = 4; only inputs.*replace\(root"):
        z.value = 1.0
    with pytest.raises(GraphValueError, match="is a constant"):
        z.args[1].value = 3.0


def test_a_refused_value_leaves_the_old_one(x: Node) -> None:
    with pytest.raises(GraphTypeError, match="'a'"):
        x.value = "a"
    assert x.value == 2.0


def test_setting_the_same_number_changes_nothing(x: Node) -> None:
    z = x * x
    z.backward()
    before = clock.now
    x.value = 2.0
    assert clock.now == before
    assert "changed" not in repr(z)


def test_setting_minus_zero_is_a_change() -> None:
    x = Node(0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        inverse = 1 / x
        assert inverse.value == math.inf
        x.value = -0.0
        assert inverse.value == -math.inf


# --- the life of .grad ---------------------------------------------------------------------------------------------


def test_gradients_are_none_before_backward(x: Node) -> None:
    z = x * 2
    _ = z.value
    assert (x.grad, z.grad) == (None, None)


def test_backward_reaches_every_node_the_unrelated_input_included(x: Node, y: Node) -> None:
    z = (x * 2).named("z")
    L = z * z + 0.0 * y
    L.backward()
    assert (L.grad, z.grad, x.grad, y.grad) == (1.0, 8.0, 16.0, 0.0)


def test_constants_get_no_gradient(x: Node) -> None:
    L = x * 2 + 1
    L.backward()
    assert [node.grad for node in cg.order(L) if node.op.name == "constant"] == [None, None]


def test_backward_is_repeatable(x: Node) -> None:
    z = x * x
    for _ in range(3):
        z.backward()
        assert x.grad == 4.0


def test_accumulate_adds_to_the_gradients_that_are_there(x: Node) -> None:
    z = x * x
    z.backward(accumulate=True)
    z.backward(accumulate=True)
    assert x.grad == 8.0
    z.backward()
    assert x.grad == 4.0


def test_gradients_stay_while_inputs_are_set(x: Node, y: Node) -> None:
    z = x * y
    z.backward()
    x.value -= 0.1 * x.grad
    y.value -= 0.1 * y.grad
    assert (x.grad, y.grad) == (5.0, 2.0)


def test_repr_says_where_a_gradient_is_from_before_a_change(x: Node, y: Node) -> None:
    z = (x * y).named("z")
    z.backward()
    assert repr(z) == "z = x·y = 10, dz = 1"
    x.value = 3.0
    assert repr(z) == "z = x·y = 15, dz = 1 (from before x changed)"
    assert repr(y) == "y = 5, dy = 2 (from before x changed)"
    z.backward()
    assert repr(y) == "y = 5, dy = 3"


def test_a_change_elsewhere_makes_no_gradient_stale(x: Node) -> None:
    z = x * x
    z.backward()
    Node(1.0).value = 2.0
    assert "changed" not in repr(x)


def test_gradient_can_be_cleared_and_set(x: Node) -> None:
    x.grad = 3
    assert x.grad == 3.0
    x.grad = None
    assert x.grad is None
    with pytest.raises(GraphTypeError, match="'a'"):
        x.grad = "a"


# --- names, repr, copies, life -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda x: x, "x = 2"),
        (lambda x: Node(1.0), "input = 1"),
        (lambda x: Node(name="w"), "w = ?"),
        (lambda x: (x * 3).named("z"), "z = x·3 = 6"),
        (lambda x: x * 3 - 1, "x·3 − 1 = 5"),
        (lambda x: (x + 1) * (x - 1), "(x + 1)·(x − 1) = 3"),
        (lambda x: -x, "−x = −2"),
        (lambda x: x < 3, "[x < 3] = 1"),
        (lambda x: cg.sigmoid(x * 0), "σ(x·0) = 0.5"),
        (lambda x: Node() * 2, "v1·2 = ?"),
    ],
)
def test_repr_reads_as_a_formula(x: Node, build: Any, text: str) -> None:
    assert repr(build(x)) == text


def test_repr_stops_at_named_nodes(x: Node) -> None:
    z = (x * 3).named("z")
    assert repr(cg.exp(z) * 0) == "exp(z)·0 = 0"


def test_repr_never_warns() -> None:
    assert repr(cg.log(Node(0.0, "x"))) == "log(x) = −∞"


def test_a_node_has_no_other_attributes(x: Node) -> None:
    with pytest.raises(AttributeError):
        x.vlaue = 3.0


def test_shallow_copy_is_a_node_of_its_own(x: Node) -> None:
    z = (x * 3).named("z")
    z.backward()
    twin = copy.copy(z)
    assert twin is not z
    assert twin.args == z.args
    assert repr(twin) == repr(z)
    other = copy.copy(x)
    other.value = 7.0
    assert (x.value, z.value) == (2.0, 6.0)


def test_nodes_can_be_referred_to_weakly_and_are_freed(x: Node) -> None:
    z = x * 3
    z.backward()
    reference = weakref.ref(z)
    del z
    gc.collect()
    assert reference() is None
    assert x.grad == 3.0


def test_a_name_that_no_file_can_hold_is_refused() -> None:
    with pytest.raises(GraphTypeError, match="lone surrogate"):
        Node(1.0, "\ud800")
