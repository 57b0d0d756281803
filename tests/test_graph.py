"""The graph as data: order, inputs, labels, boxes, replace, same, evaluate; and non-finite values, said loudly."""

from __future__ import annotations

import copy
import math
import re
import threading
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import compgraph as cg
from compgraph import AmbiguousNameError, GraphTypeError, MissingValueError, Node, NonFiniteWarning, UnknownNameError
from compgraph.graph import changed_since_backward, evaluate, find, inputs, labels, order, peek, replace, same
from compgraph.outline import boxes

LONG, ONE = 100_000, Node(1.0, "one")


def chain(start: Node, length: int) -> Node:
    node = start
    for _ in range(length):
        node = node + ONE
    return node


# --- order ---------------------------------------------------------------------------------------------------------


@given(st.data())
def test_order_has_arguments_first_and_each_node_once(graphs: Any, data: st.DataObject) -> None:
    root, _ = data.draw(graphs)
    nodes = order(root)
    place = {node: index for index, node in enumerate(nodes)}
    assert len(place) == len(nodes)
    assert nodes[-1] is root
    assert all(place[arg] < place[node] for node in nodes for arg in node.args)


def test_order_follows_the_formula(x: Node, w: Node) -> None:
    assert [node.name or node.op.name for node in order((w * x + 1) * w)] == ["w", "x", "mul", "constant", "add", "mul"]


@pytest.mark.parametrize("root", [1.0, "L", None, [1]])
@pytest.mark.parametrize("function", [order, inputs, labels, boxes, cg.grad, lambda root: same(root, root)])
def test_a_root_that_is_no_node_is_refused(root: Any, function: Any) -> None:
    with pytest.raises(GraphTypeError, match=r"root of a graph is a Node, not|takes one output, not 1"):
        function(root)


def test_inputs_come_in_the_order_of_the_formula(x: Node, w: Node) -> None:
    assert inputs(w * x + w + 3) == (w, x)


# --- labels --------------------------------------------------------------------------------------------------------


def test_unnamed_nodes_are_numbered_from_the_leaves(x: Node, w: Node) -> None:
    assert list(labels((w * x + 1) ** 2).values()) == ["w", "x", "v1", "1", "v2", "2", "v3"]


def test_numbers_do_not_collide_with_names_that_look_like_them(w: Node) -> None:
    v1 = (w * 2).named("v1")
    assert labels(v1 + 3)[w] == "w"
    assert sorted(labels(v1 + 3).values()) == ["2", "3", "v1", "v2", "w"]


@pytest.mark.parametrize(("number", "text"), [(0.1, "0.1"), (2.0, "2"), (-0.25, "−0.25"), (1e300, "1e+300")])
def test_constants_are_labelled_by_their_shortest_number(x: Node, number: float, text: str) -> None:
    root = x * number
    assert labels(root)[root.args[1]] == text


def test_labels_are_the_same_for_a_graph_built_anew() -> None:
    def build() -> Node:
        a, b = Node(1.0), Node(2.0, "b")
        return cg.exp(a * b) + a / (b - 1)

    assert list(labels(build()).values()) == list(labels(build()).values())


# --- find ----------------------------------------------------------------------------------------------------------


def test_find_names_the_names_there_are(x: Node, w: Node) -> None:
    with pytest.raises(UnknownNameError, match=r"no node is named 'q'; the names here: w, x"):
        find(w * x, "q")


def test_find_shows_both_of_two_nodes_with_one_name(x: Node) -> None:
    with pytest.raises(AmbiguousNameError, match=r"2 nodes are named 'x': \[x = 2\] and \[x = 7\]"):
        find(x * Node(7.0, "x"), "x")


def test_find_looks_below_several_roots(x: Node, w: Node) -> None:
    assert find([w + 1, x + 1], "x") is x


# --- boxes ---------------------------------------------------------------------------------------------------------


def shown(*roots: Node) -> dict[str, list[str | None]]:
    return {box.node.name or "root": [arg.name for arg in box.args] for box in boxes(*roots)}


def test_a_box_reaches_down_to_the_next_names(x: Node, w: Node) -> None:
    z = (w * x + 1).named("z")
    assert shown(cg.sigmoid(z) * x) == {"w": [], "x": [], "z": ["w", "x"], "root": ["z", "x"]}


def test_a_box_reads_each_node_once(x: Node) -> None:
    z = (x * 3).named("z")
    assert shown(z * z + z) == {"x": [], "z": ["x"], "root": ["z"]}


def test_an_unnamed_node_that_two_boxes_read_belongs_to_both(x: Node) -> None:
    shared = x * x
    a, b = (shared + 1).named("a"), (shared + 2).named("b")
    found = {box.node.name: box.body for box in boxes(a * b)}
    assert found["a"] == (shared, a)
    assert found["b"] == (shared, b)


def test_a_leaf_alone_is_a_box(x: Node) -> None:
    assert shown(x) == {"x": []}


def test_unnamed_inputs_get_boxes() -> None:
    first, second = boxes(Node(1.0) + 1)
    assert (first.args, second.args) == ((), (first.node,))


# --- replace, same, evaluate ---------------------------------------------------------------------------------------


def test_replace_shares_what_does_not_change(x: Node, w: Node) -> None:
    left, right = cg.floor(x), cg.floor(w)
    root = left * right
    new = replace(root, {w: 7.5})
    assert new.args[0] is left
    assert (new.value, root.value) == (14.0, 6.0)


def test_replace_keeps_names_of_what_it_builds_anew(x: Node) -> None:
    root = (x * 2).named("z") + 1
    assert replace(root, {x: 5.0}).args[0].name == "z"


def test_replace_the_root_itself(x: Node, w: Node) -> None:
    assert replace(x, {x: w}) is w
    assert replace(x * 2, {w: x}).args[0] is x


def test_replace_swaps_two_nodes_at_once(x: Node, w: Node) -> None:
    assert replace(x - w, {x: w, w: x}).value == 1.0


@pytest.mark.parametrize(("substitutes", "message"), [({"x": 1.0}, "Nodes as keys, not 'x'"), ({}, None)])
def test_replace_takes_nodes_as_keys(x: Node, substitutes: Any, message: str | None) -> None:
    root = x * 2
    if message is None:
        assert replace(root, substitutes) is root
    else:
        with pytest.raises(GraphTypeError, match=message):
            replace(root, substitutes)


def test_replace_refuses_a_substitute_that_is_no_number(x: Node) -> None:
    with pytest.raises(GraphTypeError, match=r"'a' \(a str\) is not a real number"):
        replace(x * 2, {x: "a"})


@pytest.mark.parametrize(
    ("other", "equal"),
    [
        (lambda x, w: w * x + 1, True), (lambda x, w: x * w + 1, False), (lambda x, w: w * x + 2, False),
        (lambda x, w: w * x - 1, False), (lambda x, w: Node(9.0, "w") * Node(8.0, "x") + 1, True),
        (lambda x, w: Node(9.0, "v") * x + 1, False), (lambda x, w: (w * x).named("z") + 1, True),
        (lambda x, w: w * x, False),
    ],
)  # fmt: skip
def test_same_compares_structure_and_not_values(x: Node, w: Node, other: Any, equal: bool) -> None:
    assert same(w * x + 1, other(x, w)) is equal


def test_same_tells_sharing_from_repetition(x: Node) -> None:
    shared = x + 1
    assert not same(shared * shared, (x + 1) * (x + 1))


@given(st.data())
def test_every_graph_is_the_same_as_its_copy(graphs: Any, data: st.DataObject) -> None:
    root, _ = data.draw(graphs)
    twin = copy.deepcopy(root)
    assert same(root, twin)
    assert twin.value == root.value
    assert not set(order(root)) & set(order(twin))


def test_a_copied_pair_still_shares_its_nodes(x: Node) -> None:
    L = x * x
    L.backward()
    twin = copy.deepcopy({"L": L, "x": x})
    twin["x"].value = 5.0
    assert twin["L"].value == 25.0
    assert (L.value, twin["x"].grad) == (4.0, 4.0)


def test_evaluate_takes_arrays_for_inputs_and_leaves_the_graph_alone(x: Node, w: Node) -> None:
    z = w * x
    result, untouched = evaluate([z + 1, w], {x: np.array([1.0, 2.0])})
    assert result.tolist() == [4.0, 7.0]
    assert (untouched, z.value) == (3.0, 6.0)


def test_evaluate_takes_values_for_inner_nodes(x: Node) -> None:
    z = x * x
    assert evaluate([z + 1], {z: 10.0}) == [11.0]


def test_evaluate_names_what_has_no_value(x: Node) -> None:
    with pytest.raises(MissingValueError, match="no value yet for q"):
        evaluate([x * Node(name="q")], {x: 1.0})


def test_peek_answers_none_where_a_value_is_missing(x: Node) -> None:
    assert peek(Node(name="q") + 1) is None
    assert peek(x + 1) == 3.0


def test_changed_inputs_are_listed(x: Node, w: Node) -> None:
    L = w * x
    L.backward()
    assert changed_since_backward(L) == []
    x.value = 5.0
    assert changed_since_backward(L) == [x]
    assert changed_since_backward(w) == [x]


# --- non-finite values ---------------------------------------------------------------------------------------------


def message_of(read: Any) -> str:
    with pytest.warns(NonFiniteWarning) as caught:
        read()
    assert len(caught) == 1
    assert caught[0].filename == __file__
    return str(caught[0].message)


def test_recording_what_is_not_finite_never_warns() -> None:
    zero = Node(0.0, "x")
    assert peek(cg.log(zero)) == -math.inf
    assert repr(1 / zero) == "1/x = ∞"


@pytest.mark.parametrize(
    ("build", "value", "message"),
    [
        (cg.log, -math.inf, r"v1 = log\(x\) = −∞, from x = 0; log is defined in \(0, ∞\)"),
        (lambda x: 1 / x, math.inf, r"v1 = 1/x = ∞, from x = 0; the divisor is 0: keep x away from 0"),
        (lambda x: cg.log(x - 1), math.nan, r"v2 = log\(v1\) = nan, from v1 = −1; log is defined"),
        (lambda x: cg.exp(x + 1000), math.inf, r"from v1 = 1000; exp leaves the range of floats"),
        (lambda x: (x - 1e200) ** 2, math.inf, r"from v1 = −1e\+200; pow leaves the range of floats"),
        (lambda x: cg.sqrt(x - 4), math.nan, r"√v1 = nan, from v1 = −4; sqrt is defined in \[0, ∞\)"),
        (cg.acosh, math.nan, r"acosh is defined in \[1, ∞\)"),
        (lambda x: Node(math.inf, "q") + x, math.inf, r"first node that is not finite: the input q is ∞; give it"),
        (lambda x: 3 * cg.log(x).named("l") + 1, -math.inf, r"v2 = −∞; the first node that is not finite: l = log"),
    ],
)
def test_reading_names_the_first_node_its_inputs_and_the_repair(build: Any, value: float, message: str) -> None:
    node = build(Node(0.0, "x"))
    results = []
    text = message_of(lambda: results.append(node.value))
    assert results == pytest.approx([value], nan_ok=True)
    assert re.search(message, text), text


def test_backward_through_what_is_not_finite_warns() -> None:
    x = Node(0.0, "x")
    assert "log(x) = −∞" in message_of((cg.log(x) * 2).backward)


def test_backward_of_a_value_beyond_the_floats_warns_although_its_slope_is_finite() -> None:
    x = Node(1e308, "x")
    assert "v1 = x·10 = ∞, from x = 1e+308" in message_of((x * 10).backward)
    assert x.grad == 10.0


def test_an_infinite_slope_of_a_finite_value_warns() -> None:
    x = Node(0.0, "x")
    text = message_of(cg.sqrt(x).named("r").backward)
    assert text.startswith("dr/dx = ∞, through r = √x")
    assert x.grad == math.inf


def test_a_finite_value_above_an_infinite_one_does_not_warn() -> None:
    assert cg.exp(cg.log(Node(0.0))).value == 0.0


def test_the_warning_can_be_made_an_exception() -> None:
    node = cg.log(Node(0.0, "x"))
    with warnings.catch_warnings():
        warnings.simplefilter("error", NonFiniteWarning)
        with pytest.raises(NonFiniteWarning, match=r"log\(x\)"):
            _ = node.value


# --- a long chain, and threads -------------------------------------------------------------------------------------


def test_a_long_chain_reads_prints_copies_and_is_freed(x: Node) -> None:
    end = chain(x, LONG)
    assert end.value == LONG + 2.0
    x.value = 3.0
    assert end.value == LONG + 3.0
    assert len(repr(end)) < 1000
    assert len(order(end)) == LONG + 2
    assert copy.deepcopy(end).value == LONG + 3.0
    assert same(end, end)
    assert len(boxes(end)) == 3
    assert replace(end, {x: 0.0}).value == LONG
    del end  # the interpreter must not recurse either


def test_threads_with_graphs_of_their_own_do_not_disturb_each_other() -> None:
    wrong: list[tuple[float, float]] = []

    def work(seed: int) -> None:
        w, x = Node(0.0, "w"), Node(float(seed), "x")
        z = w * x + 1
        L = z * z
        for step in range(300):
            w.value = step
            L.backward()
            if L.value != (step * seed + 1) ** 2 or w.grad != 2 * (step * seed + 1) * seed:
                wrong.append((L.value, w.grad))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_evaluate_asks_nothing_of_what_lies_below_a_given_value() -> None:
    z = (Node(name="w") * Node(name="x")).named("z")
    assert evaluate([z * z], {z: 3.0}) == [9.0]


def test_order_stops_at_a_cut() -> None:
    x, y = Node(2.0, "x"), Node(5.0, "y")
    z = x * y
    root = z + y
    assert order(root, cut=[z]) == [y, root]


def test_same_tells_zero_from_minus_zero_and_knows_nan(x: Node) -> None:
    assert not same(x + 0.0, x + (-0.0))
    assert same(x + math.nan, x + math.nan)
