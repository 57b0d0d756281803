"""Pictures of graphs with twins: boxes and roads as typed, and a word only where the typed form would fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import compgraph as cg
from compgraph import Node
from compgraph.diagrams.reading import make_scene

if TYPE_CHECKING:
    from compgraph.diagrams.scene import Level

pytestmark = pytest.mark.usefixtures("few_rules")


def swept(at: float, label: float) -> Node:
    w, x, y = Node(at, "w"), Node(1.0, "x"), Node(label, "y")
    z = (w * x).named("z")
    a = (1 / (1 + cg.exp(-z))).named("a")
    root = (-(y * cg.log(a) + (1 - y) * cg.log(1 - a))).named("L")
    root.backward()
    return root


@pytest.mark.parametrize("level", ["lecture", "ops"])
@pytest.mark.parametrize("at", [-0.3, 2.0])
def test_at_ordinary_values_the_picture_is_that_of_the_graph_without_twins(level: Level, at: float) -> None:
    drawn = cg.draw(swept(at, 1.0), level)
    with cg.as_typed():
        naive = cg.draw(swept(at, 1.0), level)
    assert drawn.svg == naive.svg
    assert drawn.dot == naive.dot


def test_gradients_flow_along_the_roads_that_were_typed() -> None:
    scene = make_scene(swept(40.0, 0.0))
    by_id = {box.id: box.name for box in scene.boxes}
    assert {(by_id[edge.source], by_id[edge.target]) for edge in scene.edges if edge.backward} == {
        ("w", "z"), ("z", "a"), ("a", "L"),
    }  # fmt: skip


def test_a_box_says_what_it_is_computed_as_where_that_matters() -> None:
    *_, box = make_scene(swept(40.0, 1.0)).boxes
    assert box.twins == (
        "log(a) is computed as −softplus(−z): log σ would round σ to 1",
        "1 − a is computed as σ(−z): σ rounds to 1",
    )
    assert str(box).endswith(f"; {box.twins[0]}; {box.twins[1]}")


def test_the_notes_under_the_picture_say_it_too_and_once() -> None:
    notes = make_scene(swept(40.0, 1.0), "ops").notes
    assert [note for note in notes if "is computed as" in note] == [
        "v3 = log(a) is computed as −softplus(−z): log σ would round σ to 1."
    ] or len(notes) == len(set(notes)) == 2
    assert make_scene(swept(0.5, 1.0)).notes == ()


def test_of_many_twins_only_the_first_are_told() -> None:
    z = Node(40.0, "z")
    total = z
    for count in range(1, 8):
        total = total + (1 - cg.sigmoid(count * z))
    notes = make_scene(total).notes
    assert len(notes) == 5
    assert notes[-1] == "3 more are computed otherwise than typed."
