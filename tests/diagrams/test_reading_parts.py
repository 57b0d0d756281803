"""`compgraph.diagrams.reading`: collapsed pictures, parts of a graph, paths, and numbers that need a word."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING

import pytest

from compgraph import graph
from compgraph.diagrams.reading import make_scene
from compgraph.errors import GraphValueError, NonFiniteWarning
from compgraph.node import Node, as_typed
from compgraph.ops import exp, sigmoid, tanh

if TYPE_CHECKING:
    from compgraph.diagrams.scene import Box, Scene


def box_of(scene: Scene, name: str) -> Box:
    (found,) = [box for box in scene.boxes if box.name == name]
    return found


def gradients_of(scene: Scene) -> dict[str, str]:
    return {box.name: str(box.gradient) for box in scene.boxes if box.gradient is not None}


# --- collapsed, focus, paths ---------------------------------------------------------------------------------------


def test_collapsed_tells_what_a_scope_holds_and_gives() -> None:
    x = Node(0.5, "x")
    first = [tanh(Node(0.1 * j, f"one.w{j}") * x).named(f"one.a{j}") for j in (1, 2)]
    scene = make_scene((first[0] * first[1]).named("L"), "collapsed")
    box = box_of(scene, "one")
    assert (box.role, box.value, box.gradient) == ("scope", None, None)
    assert box.details == ("2 boxes, 2 inputs", "gives a1, a2", "inside: x")
    (edge,) = scene.edges
    assert edge.count == 2


def test_a_long_sum_is_told_by_its_ends() -> None:
    terms = [Node(0.1, f"w{j}") * Node(1.0, f"x{j}") for j in range(1, 31)]
    z = (sum(terms[1:], start=terms[0]) + Node(0.0, "b")).named("z")
    assert box_of(make_scene(z), "z").formula == "w1·x1 + … + w30·x30 + b"
    box = box_of(make_scene(z, "collapsed"), "z")
    assert box.details == ("inside: w1 … w30, x1 … x30, b",)


def test_focus_shows_the_gradients_of_the_whole_graph(lecture: Node) -> None:
    scene = make_scene(lecture, focus="z")
    assert gradients_of(scene)["z"] == "dz = −0.8176"
    assert box_of(scene, "z").role == "output"


def test_focus_on_two_nodes_that_no_path_joins_is_refused(lecture: Node) -> None:
    with pytest.raises(GraphValueError, match="no path leads from z to w1"):
        make_scene(lecture, focus=("z", "w1"))


def test_focus_on_a_stranger_is_refused(lecture: Node) -> None:
    with pytest.raises(GraphValueError, match="stranger is not a node of this graph"):
        make_scene(lecture, focus=Node(1.0, "stranger"))


def test_paths_are_marked_and_told_with_their_products_and_sum() -> None:
    x = Node(3.0, "x")
    root = ((x**2).named("u") + (2 * x).named("v")).named("f")
    root.backward()
    scene = make_scene(root, paths="x")
    assert scene.paths == ("x → u → f: 1·6 = 6", "x → v → f: 1·2 = 2", "dx = 6 + 2 = 8")
    assert all(edge.is_on_path for edge in scene.edges)
    assert all(edge.labelled for edge in scene.edges)


def test_what_no_path_leads_through_is_not_marked(lecture: Node) -> None:
    scene = make_scene(lecture, paths="w1")
    assert {box.name for box in scene.boxes if box.is_on_path} == {"w1", "z", "a", "L"}


# --- numbers that need a word --------------------------------------------------------------------------------------


def test_a_value_that_only_comes_near_to_1_is_not_written_as_1() -> None:
    z = Node(40.0, "z")
    assert box_of(make_scene(sigmoid(z).named("a")), "a").value == "rounds to 1"
    assert box_of(make_scene(exp(Node(-800.0, "z")).named("e")), "e").value == "rounds to 0"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NonFiniteWarning)
        assert box_of(make_scene(exp(Node(-math.inf, "z")).named("e")), "e").value == "0"


@pytest.mark.parametrize(
    ("value", "shown"), [(4e-18, "rounds to 1"), (0.0, "1"), (1e-12, "0.999999999999"), (0.25, "0.75"), (2.0, "−1")]
)
def test_a_sum_in_which_one_term_is_lost_is_not_written_as_the_other(value: float, shown: str) -> None:
    assert box_of(make_scene((1 - Node(value, "p")).named("y")), "y").value == shown
    assert box_of(make_scene((1 + Node(-value, "p")).named("y")), "y").value == shown


def test_a_value_that_has_lost_digits_says_how_many_are_right() -> None:
    with as_typed():
        difference = ((1 + Node(1e-12, "x")) - 1).named("d")
    (box,) = [box for box in make_scene(difference).boxes if box.name == "d"]
    assert box.lost == 12
    assert make_scene((1 + Node(0.5, "x")).named("s")).boxes[-1].lost == 0


def test_what_the_backward_pass_has_not_reached_is_said_to_be_not_computed(lecture: Node) -> None:
    graph.find(lecture, "z").grad = None
    assert gradients_of(make_scene(lecture))["z"] == "dz = not computed"


def test_edges_have_the_number_of_their_local_derivative(lecture: Node) -> None:
    scene = make_scene(lecture)
    assert "∂a/∂z = a·(1 − a) = 0.1491" in [edge.rule for edge in scene.edges]
    assert "∂z/∂b = 1" in [edge.rule for edge in scene.edges]


def test_a_box_has_the_same_id_at_every_level(lecture: Node) -> None:
    ids = [{box.name: box.id for box in make_scene(lecture, level).boxes} for level in ("lecture", "ops", "collapsed")]
    assert ids[2].items() <= ids[0].items() <= ids[1].items()
