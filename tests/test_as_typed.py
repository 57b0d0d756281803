"""``as_typed``: what is recorded inside has no twins, in this thread or task only; and the rule of a twin is found."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

import compgraph as cg
from compgraph import Node
from compgraph.graph import find, inputs, labels, order, present_values, replace, typed_form
from compgraph.node import match_of
from compgraph.rewrite import RuleIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("few_rules")


def log_sigmoid_of(z: Node) -> Node:
    return cg.log(cg.sigmoid(z))


def test_inside_nothing_becomes_its_twin(x: Node) -> None:
    with cg.as_typed():
        naive = log_sigmoid_of(x)
    assert (naive.op, naive.typed) == (cg.log, None)


def test_the_naive_form_fails_as_a_class_is_shown() -> None:
    z = Node(-800.0, "z")
    with cg.as_typed():
        naive = log_sigmoid_of(z)
    with pytest.warns(cg.NonFiniteWarning, match="log is defined in"):
        assert naive.value == -float("inf")
    assert log_sigmoid_of(z).value == -800.0


def test_behind_the_block_twins_are_back(x: Node) -> None:
    with cg.as_typed():
        pass
    assert log_sigmoid_of(x).typed is not None


def test_blocks_nest(x: Node) -> None:
    with cg.as_typed():
        with cg.as_typed():
            pass
        assert log_sigmoid_of(x).typed is None
    assert log_sigmoid_of(x).typed is not None


def test_an_exception_ends_the_block(x: Node) -> None:
    with pytest.raises(KeyError), cg.as_typed():
        raise KeyError
    assert log_sigmoid_of(x).typed is not None


def test_a_function_can_be_recorded_as_typed_throughout(x: Node) -> None:
    naive = cg.as_typed()(log_sigmoid_of)
    assert naive(x).typed is naive(x).typed is None


@pytest.mark.parametrize("taken", [Node(1.0), log_sigmoid_of, None], ids=["node", "function", "None"])
def test_as_typed_called_with_an_argument_says_what_to_write(taken: object) -> None:
    with pytest.raises(cg.GraphTypeError, match=r"takes nothing.*write with as_typed\(\):.*or @as_typed\(\)"):
        cg.as_typed(taken)  # type: ignore[arg-type]


def test_a_generator_that_yields_inside_leaves_its_caller_in_the_block_until_it_goes_on(x: Node) -> None:
    def steps() -> Iterator[None]:
        with cg.as_typed():
            yield

    suspended = steps()
    next(suspended)
    assert log_sigmoid_of(x).typed is None
    suspended.close()
    assert log_sigmoid_of(x).typed is not None


def test_another_thread_keeps_its_twins(x: Node) -> None:
    found = []
    with cg.as_typed():
        thread = threading.Thread(target=lambda: found.append(log_sigmoid_of(x)))
        thread.start()
        thread.join()
    assert found[0].typed is not None


def test_another_task_keeps_its_twins(x: Node) -> None:
    async def both() -> tuple[Node, Node]:
        inside, outside = asyncio.Event(), asyncio.Event()

        async def naive() -> Node:
            with cg.as_typed():
                inside.set()
                await outside.wait()
                return log_sigmoid_of(x)

        async def exact() -> Node:
            await inside.wait()
            node = log_sigmoid_of(x)
            outside.set()
            return node

        return await asyncio.gather(naive(), exact())

    naive, exact = asyncio.run(both())
    assert naive.typed is None
    assert exact.typed is not None


def test_replacing_behind_the_block_records_with_twins(x: Node, y: Node) -> None:
    with cg.as_typed():
        naive = log_sigmoid_of(x)
    assert replace(naive, {x: y}).typed is not None


def test_the_rule_of_a_twin_is_found_again(x: Node) -> None:
    rule = match_of(log_sigmoid_of(x)).rule
    assert rule is not None
    assert rule.why == "log σ would round σ to 1"
    assert match_of(x) is None


def test_a_twin_whose_rule_is_unknown_here_has_none(x: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    node = log_sigmoid_of(x)
    monkeypatch.setattr("compgraph.node.INDEX", RuleIndex([]))
    assert match_of(node) is None


# --- the graph as typed --------------------------------------------------------------------------------------------


def test_the_order_as_typed_leaves_out_what_only_twins_read(x: Node) -> None:
    node = log_sigmoid_of(x)
    assert [inner.op.name for inner in order(node, typed=True, twins=False)] == ["input", "sigmoid", node.op.name]
    assert typed_form(node)[0] is cg.log
    assert "sigmoid" not in {inner.op.name for inner in order(node)}


def test_labels_count_what_was_typed_before_what_twins_are_made_of(x: Node) -> None:
    node = log_sigmoid_of(x) + 1
    with cg.as_typed():
        naive = log_sigmoid_of(x) + 1
    names = list(labels(node).values())
    assert names[: len(labels(naive))] == list(labels(naive).values())
    assert set(order(node)) <= set(labels(node))


def test_a_node_that_a_twin_bypasses_is_found_by_its_name(x: Node) -> None:
    a = cg.sigmoid(x).named("a")
    assert find(cg.log(a), "a") is a
    assert present_values(cg.log(a))[a] == a.value


def test_boxes_stand_as_typed_whatever_computes_them(x: Node) -> None:
    a = cg.sigmoid(x).named("a")
    *_, last = cg.boxes(cg.log(a))
    assert last.args == (a,)
    *_, last = cg.boxes(cg.log(a), twins=True)
    assert last.args == (x,)


def test_inputs_are_those_that_the_formula_names(x: Node, y: Node) -> None:
    assert inputs(cg.log(cg.sigmoid(x)) + y) == (x, y)


# --- repr ----------------------------------------------------------------------------------------------------------


def test_repr_shows_what_was_typed(x: Node) -> None:
    assert repr(log_sigmoid_of(x)) == "log(σ(x)) = −0.126928"


def test_repr_says_what_computes_a_node_where_the_typed_form_fails() -> None:
    z = Node(-800.0, "z")
    assert repr(log_sigmoid_of(z)) == "log(σ(z)) = −800, computed as −softplus(−z): log σ would round σ to 1"
    a = cg.sigmoid(Node(40.0, "z")).named("a")
    assert repr(1 - a) == "1 − a = 4.24835e−18, computed as σ(−z): σ rounds to 1"


def test_repr_of_a_graph_that_was_loaded_without_its_rule_gives_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    node = log_sigmoid_of(Node(-800.0, "z"))
    monkeypatch.setattr("compgraph.node.INDEX", RuleIndex([]))
    assert repr(node) == "log(σ(z)) = −800, computed as −softplus(−z)"


def test_repr_without_values_says_nothing_of_twins() -> None:
    assert repr(log_sigmoid_of(Node(name="z"))) == "log(σ(z)) = ?"
