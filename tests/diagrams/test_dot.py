"""`compgraph.diagrams.dot`: records that Graphviz understands, whatever the names are."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import graphviz
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compgraph.codegen.printer import text_name
from compgraph.diagrams.dot import escape, to_dot
from compgraph.diagrams.layout import render
from compgraph.diagrams.reading import make_scene
from compgraph.node import Node

if TYPE_CHECKING:
    from collections.abc import Callable

HOSTILE = [
    "<", "<b>x</b>", "a|b", 'say "hi"', "{x}", "\\N", "end\\", "R&D", "&lt;", "</svg>", "]]>",
    "a=<b>", "x -> y", "\\n", "%",
    "θ = φ", "日本 😀", "two\nlines", "nul\x00", "]", "//", "<v>",
]  # fmt: skip


def laid_out(node: Node, level: str = "lecture") -> dict[str, Any]:
    layout: dict[str, Any] = json.loads(render(to_dot(make_scene(node, level)).source, "json0"))
    return layout


def texts_of(svg: bytes) -> list[str]:
    return ["".join(text.itertext()) for text in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_dot_text_of_the_lecture(lecture: Node, golden: Callable[[str, str], None]) -> None:
    golden("diagrams/lecture.dot", to_dot(make_scene(lecture)).source)


def test_it_is_a_digraph_of_the_graphviz_package(lecture: Node) -> None:
    assert isinstance(to_dot(make_scene(lecture)), graphviz.Digraph)


def test_a_record_has_rows_for_formula_value_and_gradient(lecture: Node) -> None:
    shown = texts_of(render(to_dot(make_scene(lecture)).source, "svg"))
    start = shown.index("z = w₁·x₁ + w₂·x₂ + b")
    assert shown[start + 1 : start + 3] == ["−1.5", "dz = −0.8176"]


def test_gradient_edges_between_computed_boxes_have_the_local_derivative(lecture: Node) -> None:
    labels = [edge.get("label", "").strip() for edge in laid_out(lecture)["edges"]]
    assert [label for label in labels if label] == [
        "∂a/∂z = a·(1 − a) = 0.1491 \\n",
        "∂L/∂a = −y/a + (1 − y)/(1 − a) = −5.482 \\n",
    ]


def test_gradients_go_back_dashed_along_edges_of_their_own(lecture: Node) -> None:
    edges = laid_out(lecture)["edges"]
    backward = [edge for edge in edges if edge["class"] == "backward"]
    assert len(backward) == sum(edge.backward for edge in make_scene(lecture).edges)
    assert all(edge["dir"] == "back" and edge["style"] == "dashed" for edge in backward)
    assert {edge["color"] for edge in backward}.isdisjoint(edge["color"] for edge in edges if edge not in backward)


def test_nodes_and_edges_have_ids_and_classes(lecture: Node) -> None:
    layout = laid_out(lecture)
    things = layout["objects"] + layout["edges"]
    assert len({thing["id"] for thing in things}) == len(things)
    assert all(thing["class"] for thing in things)


def test_an_argument_stands_left_of_the_box_that_reads_it(lecture: Node) -> None:
    layout = laid_out(lecture, "ops")
    x = [float(thing["pos"].split(",")[0]) for thing in layout["objects"]]
    assert all(x[edge["tail"]] < x[edge["head"]] for edge in layout["edges"])


def test_boxes_have_the_size_that_is_asked_for(lecture: Node) -> None:
    """So that every Graphviz lays out alike, whatever fonts it has."""
    diagram = to_dot(make_scene(lecture))
    asked = dict(re.findall(r"\b(b\d+) \[.*? width=([\d.]+)\]", diagram.source))
    assert {thing["name"]: float(thing["width"]) for thing in laid_out(lecture)["objects"]} == pytest.approx(
        {name: float(width) for name, width in asked.items()}, abs=0.02
    )


def test_notes_stand_under_the_picture(lecture: Node) -> None:
    lecture.backward(accumulate=True)
    shown = texts_of(render(to_dot(make_scene(lecture)).source, "svg"))
    assert shown[0] == "(sum): summed over several backward passes, or set by hand."


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_shown_in_dot_as_in_every_formula(name: str) -> None:
    source = to_dot(make_scene(Node(1.0, name))).source
    assert texts_of(render(source, "svg")) == [f"{text_name(name)} = 1"]


@given(
    st.text(alphabet=st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20),
    st.text(min_size=1, max_size=20),
)
def test_any_names_give_a_record_that_graphviz_takes(name: str, other: str) -> None:
    root = (Node(1.0, name) * Node(2.0, other)).named(name + other)
    root.backward()
    layout = laid_out(root)
    assert [thing["name"] for thing in layout["objects"]] == ["b0", "b1", "b2"]
    assert len(layout["edges"]) == 4


def test_names_are_set_as_names_in_dot() -> None:
    root = (Node(3.0, "layer1.neuron3.w2") * Node(2.0, "a^2")).named("z1")
    shown = texts_of(render(to_dot(make_scene(root)).source, "svg"))
    assert set(shown) == {"layer1.neuron3.w₂ = 3", '"a^2" = 2', 'z₁ = layer1.neuron3.w₂·"a^2"', "6"}


def test_an_input_named_like_its_value_keeps_both_in_dot() -> None:
    assert texts_of(render(to_dot(make_scene(Node(2.0, "2"))).source, "svg")) == ['"2" = 2']


def test_escape_leaves_no_markup() -> None:
    assert not set('<>|{}"\\') & set(escape('<>|{}"\\&'))
