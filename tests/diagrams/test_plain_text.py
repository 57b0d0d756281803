"""`compgraph.diagrams.text`: boxes and wires for a terminal, or an outline in which nothing is missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compgraph import graph
from compgraph.diagrams.reading import Reader, make_scene
from compgraph.diagrams.scene import Box, Edge, Scene
from compgraph.diagrams.selection import select
from compgraph.diagrams.text import to_text
from compgraph.diagrams.text_cells import cells, padded, split, wrapped
from compgraph.node import Node, as_typed
from compgraph.ops import log

if TYPE_CHECKING:
    from collections.abc import Callable


def outline(scene: Scene, width: int = 100) -> dict[str, list[str]]:
    """The columns of an outline, by the name that each line begins with."""
    lines = to_text(scene, width).partition("\n\n")[0].splitlines()
    return {line.split(" = ")[0]: re.split(r" {2,}", line) for line in lines}


def is_picture(text: str) -> bool:
    return "─▶│" in text


@pytest.mark.parametrize("level", ["lecture", "ops"])
def test_plain_text_of_the_lecture(lecture: Node, golden: Callable[[str, str], None], level: str) -> None:
    golden(f"diagrams/{level}.txt", to_text(make_scene(lecture, level)))


def test_plain_text_of_the_lecture_in_80_columns(lecture: Node, golden: Callable[[str, str], None]) -> None:
    golden("diagrams/narrow.txt", to_text(make_scene(lecture), 80))


def test_plain_text_of_the_paths(lecture: Node, golden: Callable[[str, str], None]) -> None:
    golden("diagrams/paths.txt", to_text(make_scene(lecture, paths="w1")))


def test_plain_text_before_the_backward_pass(lecture: Node, golden: Callable[[str, str], None]) -> None:
    for node in graph.order(lecture, typed=True):
        node.grad = None
    golden("diagrams/forward.txt", to_text(make_scene(lecture)))


@pytest.mark.parametrize(("level", "name"), [("lecture", "layers"), ("collapsed", "collapsed")])
def test_plain_text_of_a_network(layers: Node, golden: Callable[[str, str], None], level: str, name: str) -> None:
    golden(f"diagrams/{name}.txt", to_text(make_scene(layers, level)))


def test_plain_text_of_a_graph_whose_wires_pass_boxes(golden: Callable[[str, str], None]) -> None:
    x, w = Node(3.0, "x"), Node(0.5, "w")
    h = (w * x).named("h")
    root = ((h * x + x * x).named("k") * h).named("o")
    root.backward()
    golden("diagrams/passing.txt", to_text(make_scene(root)))


@pytest.mark.parametrize("width", [80, 90, 100, 120])
def test_the_lecture_is_a_picture_as_wide_as_allowed(lecture: Node, width: int) -> None:
    text = to_text(make_scene(lecture), width)
    assert is_picture(text)
    assert max(map(cells, text.splitlines())) <= width


def test_a_picture_shows_every_box_and_a_wire_into_every_box_that_reads(lecture: Node) -> None:
    text = to_text(make_scene(lecture))
    assert (text.count("┌──"), text.count("▶│")) == (9, 3)
    assert text.count("│◀") == 3 + 2  # w1, w2, b and z, a


def test_a_picture_tells_the_local_derivatives_under_it(lecture: Node) -> None:
    assert "∂a/∂z = a·(1 − a) = 0.1491\n" in to_text(make_scene(lecture))


def test_without_gradients_no_wire_leads_back() -> None:
    assert not set("◀┄⇄∂") & set(to_text(make_scene((Node(2.0, "w") * 3).named("z"))))


@pytest.mark.parametrize("level", ["lecture", "ops", "collapsed"])
@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_line_is_too_wide_or_ends_in_blanks(layers: Node, level: str, width: int) -> None:
    lines = to_text(make_scene(layers, level), width).splitlines()
    assert max(map(cells, lines)) <= width
    assert not [line for line in lines if line != line.rstrip()]


def test_an_outline_names_all_edges(lecture: Node) -> None:
    scene = make_scene(lecture, "ops")
    names = {box.id: box.name for box in scene.boxes}
    rows = outline(scene)
    for edge in scene.edges:
        readers = re.sub(r" \(∂ [^)]*\)", "", rows[names[edge.source] or ""][-1])
        assert readers.startswith("⇄" if edge.backward else "→")
        assert names[edge.target] in readers[2:].split(", ")


def test_an_outline_tells_the_number_of_the_local_derivative(lecture: Node) -> None:
    assert outline(make_scene(lecture, "ops"))["a"] == [
        "a = σ(z) = 0.1824", "da = −5.482", "⇄ v4 (∂ 5.482), v7 (∂ −1)",
    ]  # fmt: skip


def test_an_outline_tells_apart_what_has_one_name() -> None:
    boxes = [Box(f"b{index}", "x", "inner", "y", "1") for index in range(50)]
    edges = [Edge(f"b{index}x0", f"b{index - 1}", f"b{index}", 0) for index in range(1, 50)]
    lines = to_text(Scene("x", "lecture", tuple(boxes), tuple(edges))).splitlines()
    assert lines[0].split() == ["[b0]", "x", "=", "y", "=", "1", "→", "[b1]", "x"]


@pytest.mark.filterwarnings("ignore::compgraph.errors.NonFiniteWarning")
def test_what_is_not_finite_has_a_double_frame_or_a_sign() -> None:
    root = log(Node(0.0, "q")).named("n")
    assert "║ n = log(q) = −∞ ║" in to_text(make_scene(root))
    for index in range(50):
        root = (root + Node(1.0, f"c{index}")).named(f"s{index}")
    lines = to_text(make_scene(root)).splitlines()
    assert [line for line in lines if line.startswith("! n = log(q) = −∞ ")]
    assert [line for line in lines if line.startswith("  c7 = 1 ")]


def test_what_is_on_a_path_has_a_thick_frame_or_a_sign(lecture: Node) -> None:
    assert "┃ a = σ(z) = 0.1824 ┃" in to_text(make_scene(lecture, paths="w1"))
    lines = to_text(make_scene(lecture, "ops", paths="w1")).splitlines()
    assert [line[2:4] for line in lines if line.startswith("* ")][:4] == ["w1", "v1", "v3", "z "]


def test_lost_digits_are_told_in_the_text() -> None:
    scene = Scene("d", "lecture", (Box("b0", "d", "output", "x − y", "0.1", lost=12),), ())
    assert "║ 4 of 16 digits are right ║" in to_text(scene)


def test_a_frame_is_told_under_the_picture(lecture: Node) -> None:
    with as_typed():
        scene = Reader(lecture, select(lecture, opened=[graph.find(lecture, "z")])).scene()
    assert "z: v1, v2, v3, z.\n" in to_text(scene)


def test_notes_stand_under_the_text(lecture: Node) -> None:
    lecture.backward(accumulate=True)
    assert to_text(make_scene(lecture)).endswith("\n\n(sum): summed over several backward passes, or set by hand.\n")


@pytest.mark.parametrize("name", ["日本", "😀", "e\u0301", "w" * 40])
def test_frames_stay_straight_whatever_the_names(name: str) -> None:
    lines = to_text(make_scene((Node(2.0, name) * 3).named("z"))).splitlines()
    left_box = [line for line in lines if line[:1] in {"┌", "│", "└"}]
    assert len(left_box) >= 3
    assert len({cells(re.split("[┐│┘]", line[1:])[0]) for line in left_box}) == 1


# --- cells ---------------------------------------------------------------------------------------------------------


@given(st.text(max_size=20))
def test_a_line_takes_as_many_cells_as_it_is_split_into(text: str) -> None:
    assert len(split(text)) >= cells(text)
    assert cells(padded(text, 30)) == max(30, cells(text))


@given(st.text(min_size=1, max_size=60), st.integers(4, 20))
def test_wrapped_lines_fit_and_lose_only_blanks(text: str, limit: int) -> None:
    lines = wrapped(text, limit)
    assert all(cells(line) <= limit for line in lines)
    assert "".join("".join(lines).split()) == "".join(wrapped(text, 10_000)[0].split())


def test_a_formula_breaks_before_a_sign_outside_of_brackets() -> None:
    assert wrapped("z = f(a + b) + c·d + e", 14) == ["z = f(a + b)", "+ c·d + e"]
