"""`compgraph.diagrams.svg`: valid, quiet, readable, the same bytes in every run."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compgraph import graph
from compgraph.codegen.printer import text_name
from compgraph.diagrams.layout import rasterize
from compgraph.diagrams.reading import make_scene
from compgraph.diagrams.scene import Box, Scene
from compgraph.diagrams.svg import to_svg
from compgraph.node import Node, constant
from compgraph.ops import log

if TYPE_CHECKING:
    from collections.abc import Callable

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = ["<b>", "</svg>", "]]>", "&amp;", 'a"b', "</script><script>", "nul\x00", "日本 😀", "<!--"]


def drawn(root: Node, level: str = "lecture") -> ET.Element:
    return ET.fromstring(to_svg(make_scene(root, level)))


def texts(picture: ET.Element) -> list[str]:
    return ["".join(text.itertext()) for text in picture.iter(f"{SVG}text")]


def with_class(picture: ET.Element, name: str) -> list[ET.Element]:
    return [element for element in picture.iter() if name in element.get("class", "").split()]


@pytest.mark.parametrize("level", ["lecture", "ops"])
def test_svg_text_of_the_lecture(lecture: Node, golden: Callable[[str, str], None], level: str) -> None:
    golden(f"diagrams/{level}.svg", to_svg(make_scene(lecture, level)))


def test_svg_text_of_a_network_with_its_layers_folded(layers: Node, golden: Callable[[str, str], None]) -> None:
    golden("diagrams/collapsed.svg", to_svg(make_scene(layers, "collapsed")))


def test_svg_text_of_the_paths(lecture: Node, golden: Callable[[str, str], None]) -> None:
    golden("diagrams/paths.svg", to_svg(make_scene(lecture, paths="w1")))


def test_svg_text_before_the_backward_pass(lecture: Node, golden: Callable[[str, str], None]) -> None:
    for node in graph.order(lecture, typed=True):
        node.grad = None
    golden("diagrams/forward.svg", to_svg(make_scene(lecture)))


def test_svg_is_the_same_in_another_process() -> None:
    program = (
        "from compgraph.node import Node; from compgraph.diagrams import draw; "
        "w = Node(0.5, 'w'); z = (w*w + 3).named('z'); z.backward(); print(draw(z, 'ops').svg)"
    )
    command = [sys.executable, "-c", program]
    root = Path(__file__).parents[2]
    runs = {subprocess.run(command, cwd=root, capture_output=True, check=True).stdout for _ in range(2)}
    assert len(runs) == 1


def test_cards_say_formula_value_and_gradient(lecture: Node) -> None:
    shown = texts(drawn(lecture))
    assert shown[shown.index("z = w1·x1 + w2·x2 + b") :][1:3] == ["−1.5", "dz = −0.8176"]
    assert shown[shown.index("w1 = −0.8") + 1] == "dw1 = x1·dz = −1.226"


def test_roads_go_forward_and_where_a_gradient_flows_back(lecture: Node) -> None:
    picture, scene = drawn(lecture), make_scene(lecture)
    edges = with_class(picture, "edge")
    assert [edge.get("data-id") for edge in edges] == [edge.id for edge in scene.edges]
    lanes = [sum("backward" in path.get("class", "") for path in edge) // 2 for edge in edges]
    assert lanes == [edge.backward for edge in scene.edges]


def test_edges_between_computed_boxes_are_labelled_with_the_local_derivative(lecture: Node) -> None:
    picture = drawn(lecture)
    labels = ["".join(label.itertext()) for label in with_class(picture, "label")]
    assert labels == ["∂a/∂z = a·(1 − a)", " = 0.1491", "∂L/∂a = −y/a", "+ (1 − y)/(1 − a)", " = −5.482"]
    titles = [edge.findtext(f"{SVG}title") for edge in with_class(picture, "edge")]
    assert "∂z/∂w1 = x1 = 1.5" in titles


def test_a_picture_of_many_boxes_has_no_labels_on_edges(lecture: Node) -> None:
    assert len(make_scene(lecture, "ops").boxes) > 15
    assert not with_class(drawn(lecture, "ops"), "label")


def test_gradients_are_told_by_line_and_word_and_not_by_colour_alone(lecture: Node) -> None:
    picture = drawn(lecture)
    sheet = "".join(style.text or "" for style in picture.iter(f"{SVG}style"))
    assert re.search(r"\.road\.backward\{stroke-dasharray:", sheet)
    assert [text for text in texts(picture) if text in {"value", "gradient"}] == ["value", "gradient"]


def test_before_a_backward_pass_no_gradient_is_drawn() -> None:
    picture = drawn((Node(2.0, "w") * 3).named("z"))
    assert not with_class(picture, "backward")
    assert texts(picture) == ["w = 2", "z = w·3", "6"]


def test_a_missing_value_is_a_question_mark() -> None:
    picture = drawn((Node(name="w") * 3).named("z"))
    assert texts(picture) == ["w = ?", "z = w·3", "?", "No value yet: w."]


@pytest.mark.filterwarnings("ignore::compgraph.errors.NonFiniteWarning")
def test_a_value_that_is_not_finite_has_a_card_of_its_own_kind() -> None:
    (card,) = with_class(drawn(log(Node(0.0, "w"))), "nonfinite")
    assert "−∞" in "".join(card.itertext())


def test_lost_digits_are_told_in_the_card_and_to_those_who_listen() -> None:
    scene = Scene("d", "lecture", (Box("b0", "d", "output", "x − y", "0.1", lost=12),), ())
    picture = ET.fromstring(to_svg(scene))
    assert "4 of 16 digits are right" in texts(picture)
    assert (picture.findtext(f"{SVG}desc") or "").endswith("d = x − y = 0.1; 4 of 16 digits are right.")


def test_names_are_set_as_names_in_svg() -> None:
    root = (Node(3.0, "layer1.neuron3.w2") * Node(2.0, "a^2")).named("z")
    picture = drawn(root)
    assert texts(picture)[:2] == ["layer1.neuron3.w2 = 3", '"a^2" = 2']
    assert [span.text for span in with_class(picture, "raised")] == ["2", "2"]  # w's index, twice
    assert '"a^2"' in [span.text for span in with_class(picture, "italic")]


def test_single_leaves_are_pictures() -> None:
    assert texts(drawn(Node(2.0, "2"))) == ['"2" = 2']
    assert texts(drawn(Node(3.0, "w"))) == ["w = 3"]
    assert texts(drawn(constant(0.5))) == ["0.5"]


def test_svg_tells_a_screen_reader_what_it_shows(lecture: Node) -> None:
    picture = drawn(lecture)
    description = picture.findtext(f"{SVG}desc") or ""
    assert picture.get("role") == "img"
    assert picture.findtext(f"{SVG}title") == picture.get("aria-label") == "Computation graph of L"
    assert "z = w1·x1 + w2·x2 + b = −1.5, dz = " in description


def test_svg_has_no_script_no_reference_and_no_id(lecture: Node) -> None:
    picture = drawn(lecture)
    for element in picture.iter():
        assert element.tag.removeprefix(SVG) in {
            "svg", "g", "path", "rect", "text", "tspan", "title", "desc", "style",
        }  # fmt: skip
        assert not {name for name in element.keys() if name in {"id", "href", "src"} or name.startswith("on")}  # noqa: SIM118
    assert "url(" not in to_svg(make_scene(lecture))
    assert "@import" not in to_svg(make_scene(lecture))


def test_svg_knows_light_and_dark(lecture: Node) -> None:
    assert "@media (prefers-color-scheme:dark){.compgraph .page{fill:#0f172a}" in to_svg(make_scene(lecture))


def test_style_rules_reach_nothing_outside_of_the_picture(lecture: Node) -> None:
    sheet = "".join(style.text or "" for style in drawn(lecture).iter(f"{SVG}style"))
    selectors = re.findall(r"([^{}]+)\{[^{}]*\}", sheet.replace("@media (prefers-color-scheme:dark){", "")[:-1])
    assert selectors
    assert all(part.strip().startswith(".compgraph ") for selector in selectors for part in selector.split(","))


def test_everything_lies_inside_of_the_picture(lecture: Node) -> None:
    picture = drawn(lecture, "ops")
    width, height = float(picture.get("width", 0)), float(picture.get("height", 0))
    for card in picture.iter(f"{SVG}rect"):
        assert float(card.get("x", 0)) + float(card.get("width", 0)) <= width
        assert float(card.get("y", 0)) + float(card.get("height", 0)) <= height


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_shown_in_svg_as_in_every_formula(name: str) -> None:
    assert texts(drawn(Node(1.0, name))) == [f"{text_name(name)} = 1"]


@given(
    st.text(alphabet=st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20),
    st.text(min_size=1, max_size=20),
)
def test_any_names_give_an_svg_that_parses(name: str, other: str) -> None:
    root = (Node(1.0, name) * Node(2.0, other)).named(name + other)
    root.backward()
    assert len(with_class(drawn(root), "box")) == 3


@given(data=st.data())
def test_random_graphs_are_drawn_on_both_levels(
    data: st.DataObject, graphs: st.SearchStrategy[tuple[Node, list[Node]]]
) -> None:
    root, _ = data.draw(graphs)
    root.backward()
    for level in ("lecture", "ops"):
        scene = make_scene(root, level)
        assert len(with_class(ET.fromstring(to_svg(scene)), "box")) == len(scene.boxes)


def test_rasterizing_shows_the_colours_of_the_light_theme(lecture: Node) -> None:
    assert rasterize(to_svg(make_scene(lecture)))[1:4] == b"PNG"
