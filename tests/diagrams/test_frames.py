"""`compgraph.diagrams.frames`: the steps over a picture, their sentences, and the numbers left open in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from compgraph import graph
from compgraph.diagrams.frames import Borne, Frame, Line, Piece, Products, Slot, make_frames
from compgraph.diagrams.reading import Reader
from compgraph.diagrams.selection import select
from compgraph.node import Node, as_typed
from compgraph.ops import exp, log, relu

if TYPE_CHECKING:
    from compgraph.diagrams.scene import Level


def frames_of(root: Node, level: Level = "lecture", **options: object) -> tuple[dict[str, str], tuple[Frame, ...]]:
    """(names by box id, frames)."""
    with as_typed():
        reader = Reader(root, select(root, level, **options), is_live=True)
        scene = reader.scene()
        return {box.id: box.name or "" for box in scene.boxes}, make_frames(reader, scene)


def words(line: Line) -> str:
    """A line with a mark for each number that is left open."""
    return "".join(map(word, line))


def word(piece: Piece) -> str:
    if isinstance(piece, Slot):
        return f"<({piece.kind})>" if piece.brackets else f"<{piece.kind}>"
    if isinstance(piece, Products):
        return " + ".join("·".join(map(word, term)) for term in piece.terms) + " = "
    if isinstance(piece, Borne):
        return f"[{words(piece.pieces)}]"
    return piece


def said(root: Node, level: Level = "lecture") -> dict[tuple[str, str], list[str]]:
    names, frames = frames_of(root, level)
    return {(frame.phase, names[frame.box]): [words(line) for line in frame.lines] for frame in frames}


def test_values_come_forward_then_gradients_back_as_in_the_lecture(lecture: Node) -> None:
    names, frames = frames_of(lecture)
    assert [(frame.phase, names[frame.box]) for frame in frames] == [
        ("forward", "z"), ("forward", "a"), ("forward", "L"),
        ("backward", "L"), ("backward", "a"), ("backward", "z"),
        ("backward", "w1"), ("backward", "w2"), ("backward", "b"),
    ]  # fmt: skip


def test_a_value_is_told_by_its_formula_its_numbers_and_itself(lecture: Node) -> None:
    numbers = "<(value)>·<(value)> + <(value)>·<(value)> + <(value)>"
    assert said(lecture)["forward", "z"] == [f"z = w1·x1 + w2·x2 + b = {numbers} = <value>"]


def test_a_gradient_is_told_in_three_parts_and_by_its_local_derivative(lecture: Node) -> None:
    assert said(lecture)["backward", "z"] == [
        "dz = da·∂a/∂z = <gradient>·<(slope)> = <gradient>",
        "∂a/∂z = a·(1 − a) = <slope>",
    ]


def test_the_root_s_gradient_is_1_by_itself(lecture: Node) -> None:
    assert said(lecture)["backward", "L"] == ["dL = ∂L/∂L = <gradient>"]


def test_a_gradient_that_comes_from_two_sides_is_a_sum_of_products() -> None:
    w = Node(2.0, "w")
    lines = said(((w * 3).named("u") * (w + 1).named("v")).named("r"))["backward", "w"]
    assert lines[0] == "dw = du·∂u/∂w + dv·∂v/∂w = <gradient>·<(slope)> + <(gradient)>·<(slope)> = <gradient>"


def test_a_frame_names_the_edges_along_which_something_flows(lecture: Node) -> None:
    _, frames = frames_of(lecture)
    assert [len(frame.edges) for frame in frames] == [5, 1, 2, 0, 1, 1, 1, 1, 1]


def test_data_have_no_step_of_their_own(lecture: Node) -> None:
    assert not {("backward", name) for name in ("x1", "x2", "y")} & set(said(lecture))


def test_a_formula_that_floats_do_not_bear_out_is_open_to_be_left_out() -> None:
    z = Node(40.0, "z")
    lines = said((-log(1 - (1 / (1 + exp(-z))).named("a"))).named("L"))["forward", "L"]
    assert lines[0] == "L = −log(1 − a)[ = −log(1 − <(value)>)] = <value>"
    assert "is computed as" in lines[1]


def test_a_constant_slope_is_not_told_twice() -> None:
    assert said((Node(2.0, "w") + 1).named("u"))["backward", "w"][1:] == ["∂u/∂w = 1"]


def test_conventions_at_kinks_are_told() -> None:
    assert "Convention: relu′(0) = 0" in said(relu(Node(0.0, "w")).named("r"))["backward", "w"]


def test_a_folded_scope_tells_its_results() -> None:
    x = Node(0.5, "x")
    inner = [(x * j).named(f"net.a{j}") for j in (1, 2)]
    lines = said((inner[0] * inner[1]).named("L"), "collapsed")
    assert lines["forward", "net"] == ["net.a1 = <value>", "net.a2 = <value>"]
    assert lines["backward", "net"] == ["dnet.a1 = <gradient>", "dnet.a2 = <gradient>"]


@pytest.mark.parametrize("level", ["lecture", "ops", "collapsed"])
def test_every_slot_belongs_to_a_box_or_an_edge(lecture: Node, level: Level) -> None:
    with as_typed():
        reader = Reader(lecture, select(lecture, level), is_live=True)
        scene = reader.scene()
        frames = make_frames(reader, scene)
    known = {reader.ids[node] for node in reader.told}
    edges = {edge.id for edge in scene.edges}
    for frame in frames:
        for slot in slots(frame):
            assert slot.of in (edges if slot.kind == "slope" else known)


def slots(frame: Frame) -> list[Slot]:
    found: list[Slot] = []
    pending: list[Piece] = [piece for line in frame.lines for piece in line]
    while pending:
        piece = pending.pop()
        if isinstance(piece, Slot):
            found.append(piece)
        elif isinstance(piece, Products):
            pending += [slot for term in piece.terms for slot in term]
        elif isinstance(piece, Borne):
            pending += piece.pieces
    return found


def test_shorter_forms_are_told_where_they_are_known(lecture: Node) -> None:
    z = graph.find(lecture, "z")
    with as_typed():
        reader = Reader(lecture, select(lecture), is_live=True)
        frames = make_frames(reader, reader.scene(), {z: "a − y"})
    (frame,) = [one for one in frames if one.phase == "backward" and one.box == reader.ids[z]]
    assert words(frame.lines[-1]) == "In short, dz = a − y"


def test_the_paths_of_a_picture_are_told_as_a_sum_of_products() -> None:
    x = Node(3.0, "x")
    root = ((x**2).named("u") + (2 * x).named("v")).named("f")
    with as_typed():
        reader = Reader(root, select(root), source=x, is_live=True)
        frames = make_frames(reader, reader.scene())
    (frame,) = [one for one in frames if one.phase == "backward" and one.box == reader.ids[x]]
    assert [words(line) for line in frame.lines[-3:]] == [
        "Path x → u → f",
        "Path x → v → f",
        "Along the paths, dx = <(slope)>·<(slope)> + <(slope)>·<(slope)> = <gradient>",
    ]


def test_more_paths_than_a_reader_follows_are_not_told() -> None:
    x = node = Node(1.0, "x")
    for index in range(5):
        node = (node * node.named(f"n{index}" if index else "x")).named(f"m{index}") + node
    root = node.named("f")
    with as_typed():
        reader = Reader(root, select(root), source=x, is_live=True)
        frames = make_frames(reader, reader.scene())
    assert not any("Along the paths" in words(line) for frame in frames for line in frame.lines)
