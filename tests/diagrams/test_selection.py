"""`compgraph.diagrams.selection`: which boxes a picture has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from compgraph import graph
from compgraph.diagrams.scene import LEVELS
from compgraph.diagrams.selection import Selection, select
from compgraph.node import Node
from compgraph.ops import tanh

if TYPE_CHECKING:
    from collections.abc import Callable


def names(chosen: Selection) -> list[str]:
    """What the boxes stand for."""
    return [part.scope or (f"+{part.more}" if part.more else part.box.node.name or "…") for part in chosen.parts]


def scoped() -> Node:
    """Two scopes, the second of which reads the first."""
    x = Node(0.5, "x")
    first = [tanh(Node(0.1 * j, f"one.w{j}") * x).named(f"one.a{j}") for j in (1, 2)]
    second = (first[0] * Node(0.3, "two.w") + first[1]).named("two.s")
    return (tanh(second).named("two.a") ** 2).named("L")


# --- levels --------------------------------------------------------------------------------------------------------


def test_collapsed_folds_scopes_and_tells_single_inputs_inside() -> None:
    chosen = select(scoped(), "collapsed")
    assert names(chosen) == ["one", "two", "L"]
    one, two, _ = chosen.parts
    assert [node.name for node in one.inside] == ["one.w1", "one.w2", "x"]
    assert [node.name for node in one.heads] == ["one.a1", "one.a2"]
    assert [node.name for node in two.heads] == ["two.a"]


def test_collapsed_keeps_an_input_that_several_boxes_read() -> None:
    x = Node(0.5, "x")
    assert names(select(((x * 2).named("u") * (x + 1).named("v")).named("r"), "collapsed")) == ["x", "u", "v", "r"]


def test_a_scope_of_inputs_is_a_box_and_not_told_inside_of_another() -> None:
    w, b = Node(0.5, "net.w"), Node(0.5, "net.b")
    chosen = select(((w + b).named("z") ** 2).named("L"), "collapsed")
    assert names(chosen) == ["net", "z", "L"]
    assert (chosen.parts[1].box.args, chosen.parts[1].inside) == ((w, b), ())


def test_a_scope_that_is_opened_shows_its_boxes_in_a_group() -> None:
    chosen = select(scoped(), "collapsed", opened=["one"])
    assert names(chosen) == ["x", "one.a1", "one.a2", "two", "L"]
    (group,) = chosen.groups
    assert (group.key, [node.name for node in group.members]) == ("one", ["one.a1", "one.a2"])


def test_a_scope_in_an_opened_scope_stays_folded() -> None:
    x = Node(0.5, "x")
    deep = [tanh(x * j).named(f"net.one.a{j}") for j in (1, 2)]
    root = ((deep[0] + deep[1]).named("net.s") * 2).named("L")
    assert names(select(root, "collapsed")) == ["net", "L"]
    assert names(select(root, "collapsed", opened=["net"])) == ["net.one", "net.s", "L"]


def test_a_scope_of_one_node_is_not_folded() -> None:
    assert names(select((Node(1.0, "net.w") * 2).named("L"), "collapsed")) == ["L"]


def test_a_scope_that_reads_what_others_make_of_it_is_not_folded() -> None:
    x = Node(0.5, "x")
    inner = tanh(x).named("net.a")
    outside = (inner * 2).named("b")
    root = ((outside + inner).named("net.c") * 3).named("L")
    assert names(select(root, "collapsed")) == ["net.a", "b", "net.c", "L"]


def test_of_two_scopes_that_read_each_other_one_is_folded() -> None:
    x = Node(0.5, "x")
    a1 = tanh(x).named("a.1")
    b1 = tanh(a1).named("b.1")
    a2 = tanh(b1).named("a.2")
    b2 = tanh(a2).named("b.2")
    shown = names(select((b2 * 2).named("L"), "collapsed"))
    assert shown[-1] == "L"
    assert {"a", "b"} - set(shown)


def test_an_opened_box_has_a_box_for_each_of_its_operations_in_a_group(lecture: Node) -> None:
    z = graph.find(lecture, "z")
    chosen = select(lecture, opened=[z])
    assert len(chosen.parts) == len(select(lecture).parts) + 3
    (group,) = chosen.groups
    assert group.key is z
    assert len(group.members) == 4
    folds = {part.box.node.name: part.fold for part in chosen.parts}
    assert (folds["z"], folds["a"], folds["L"]) == ("close", "", "open")


# --- focus ---------------------------------------------------------------------------------------------------------


def test_focus_on_a_node_shows_what_it_is_computed_from(lecture: Node) -> None:
    assert set(names(select(lecture, focus=graph.find(lecture, "z")))) == {"w1", "x1", "w2", "x2", "b", "z"}


def test_focus_on_two_nodes_shows_the_paths_between_them(lecture: Node) -> None:
    chosen = select(lecture, focus=(graph.find(lecture, "w1"), graph.find(lecture, "a")))
    assert names(chosen) == ["w1", "z", "a"]
    assert chosen.notes == ("Only the paths are shown; 4 boxes beside them are left out.",)


# --- size ----------------------------------------------------------------------------------------------------------


def test_a_graph_that_is_too_large_is_collapsed_and_says_so(network: Callable[..., Node]) -> None:
    root = network(2, 4, 1)
    count = len(select(root).parts)
    chosen = select(root, max_nodes=count - 1)
    assert chosen.level == "collapsed"
    assert chosen.notes == (
        f"Collapsed, for {count} boxes are more than max_nodes={count - 1}; max_nodes={count} draws them all.",
    )


def test_what_is_left_out_is_counted_and_read_by_what_is_left(network: Callable[..., Node]) -> None:
    root = network(3, 6, 6, 1)
    whole = select(root, "collapsed")
    chosen = select(root, "collapsed", max_nodes=6)
    assert len(chosen.parts) == 6
    assert names(chosen)[0] == f"+{len(whole.parts) - 5}"
    assert names(chosen)[-1] == "L"
    assert set(chosen.parts[0].heads) >= {arg for part in chosen.parts[1:] for arg in part.box.args} - {
        part.box.node for part in chosen.parts[1:]
    }


# --- whatever the graph ----------------------------------------------------------------------------------------------


@st.composite
def named_graphs(draw: st.DrawFn) -> Node:
    """Random graphs, some of whose nodes have names in scopes."""
    nodes = [Node(float(index), f"x{index}") for index in range(3)]
    for index in range(draw(st.integers(1, 15))):
        one, other = (nodes[draw(st.integers(0, len(nodes) - 1))] for _ in range(2))
        node = one * other if draw(st.booleans()) else one + other
        scope = draw(st.sampled_from(["", "", "a.", "b.", "a.c."]))
        nodes.append(node.named(f"{scope}n{index}") if draw(st.booleans()) else node)
    root = nodes[-1]
    for node in nodes[3:-1]:
        root = root + node
    return root.named("root")


@given(named_graphs(), st.sampled_from(LEVELS), st.integers(2, 12), st.sets(st.sampled_from(["a", "b", "a.c"])))
def test_every_box_comes_after_what_it_reads_and_every_node_has_one_box(
    root: Node, level: str, most: int, opened: set[str]
) -> None:
    chosen = select(root, level, opened=sorted(opened), max_nodes=most)
    assert len(chosen.parts) <= most
    seen: set[Node] = set()
    for part in chosen.parts:
        assert seen.issuperset(part.box.args)
        assert seen.isdisjoint(part.heads)
        seen.update(part.heads)
    assert chosen.parts[-1].box.node is root
    heads = [head for part in chosen.parts for head in part.heads]
    assert all(heads.count(node) == 1 for group in chosen.groups for node in group.members)
