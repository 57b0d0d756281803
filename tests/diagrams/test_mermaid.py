"""`compgraph.diagrams.mermaid`: a flowchart in which any name is text, as read by the rules of Mermaid's grammar."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compgraph import graph
from compgraph.diagrams.mermaid import escape, to_mermaid
from compgraph.diagrams.reading import Reader, make_scene
from compgraph.diagrams.scene import Box, Edge, Group, Scene
from compgraph.diagrams.selection import select
from compgraph.diagrams.style import plain
from compgraph.node import Node, as_typed
from compgraph.ops import log, tanh

if TYPE_CHECKING:
    from collections.abc import Callable

# What a quoted label may hold: nothing that Mermaid or Markdown reads as more than text.
LABEL = re.compile(r'"(?:[^\x00-\x2a\x2d\x3a-\x3c\x3e-\x40\x5b-\x60\x7b-\x7eﬂ¶]|[ ()]|#\d+;|<br/>)*"')


def statements(scene: Scene) -> list[str]:
    return [line.strip() for line in to_mermaid(scene).splitlines()]


def links(scene: Scene) -> list[str]:
    return [line for line in statements(scene) if re.match(r"\w+ <?-", line)]


def read(label: str) -> str:
    """A label as Mermaid shows it."""
    label = label.replace("<br/>", "\n").replace("\N{WORD JOINER}", "")
    return re.sub(r"#(\d+);", lambda match: chr(int(match[1])), label)


def labels(scene: Scene) -> dict[str, str]:
    found = (re.fullmatch(r'(\w+)\["(.*)"\]', line) for line in statements(scene))
    return {match[1]: read(match[2]) for match in found if match}


def classes(scene: Scene, name: str) -> set[str]:
    (members,) = [
        line.split()[1] for line in statements(scene) if line.startswith("class ") and line.endswith(f" {name}")
    ]
    return set(members.split(","))


@pytest.mark.parametrize("level", ["lecture", "ops"])
def test_mermaid_text_of_the_lecture(lecture: Node, golden: Callable[[str, str], None], level: str) -> None:
    golden(f"diagrams/{level}.mmd", to_mermaid(make_scene(lecture, level)))


def test_mermaid_text_of_the_paths(lecture: Node, golden: Callable[[str, str], None]) -> None:
    golden("diagrams/paths.mmd", to_mermaid(make_scene(lecture, paths="w1")))


def test_mermaid_text_before_the_backward_pass(lecture: Node, golden: Callable[[str, str], None]) -> None:
    for node in graph.order(lecture, typed=True):
        node.grad = None
    golden("diagrams/forward.mmd", to_mermaid(make_scene(lecture)))


def test_mermaid_text_of_a_collapsed_network(layers: Node, golden: Callable[[str, str], None]) -> None:
    golden("diagrams/collapsed.mmd", to_mermaid(make_scene(layers, "collapsed")))


def test_a_box_has_lines_for_formula_value_and_gradient_in_mermaid(lecture: Node) -> None:
    assert "z = w₁·x₁ + w₂·x₂ + b\n−1.5\ndz = −0.8176" in labels(make_scene(lecture)).values()


def test_values_go_along_solid_links_and_gradients_along_dotted_ones(lecture: Node) -> None:
    scene = make_scene(lecture)
    shown = links(scene)
    assert sum(" --> " in link for link in shown) == len(scene.edges)
    assert sum(" <-.->" in link for link in shown) == sum(edge.backward for edge in scene.edges)


def test_a_gradient_has_an_arrowhead_at_the_argument_only(lecture: Node) -> None:
    """Every link is declared from the argument, so that Mermaid ranks the boxes as the values flow."""
    scene = make_scene(lecture)
    numbers = [str(number) for number, link in enumerate(links(scene)) if "<-.->" in link]
    (style,) = [line for line in statements(scene) if "marker-end:none" in line]
    assert style.split()[1] == ",".join(numbers)
    assert {tuple(link.split()[:: len(link.split()) - 1]) for link in links(scene)} == {
        (edge.source, edge.target) for edge in scene.edges
    }


def test_a_gradient_between_computed_boxes_has_the_local_derivative(lecture: Node) -> None:
    shown = [read(match[1]) for link in links(make_scene(lecture)) if (match := re.search(r'\|"(.*)"\|', link))]
    assert shown == ["∂a/∂z = a·(1 − a) = 0.1491", "∂L/∂a = −y/a\n+ (1 − y)/(1 − a) = −5.482"]


def test_every_box_has_the_class_of_its_role(lecture: Node) -> None:
    scene = make_scene(lecture)
    for role in {box.role for box in scene.boxes}:
        assert classes(scene, role) == {box.id for box in scene.boxes if box.role == role}


def test_links_on_a_path_are_thick(lecture: Node) -> None:
    scene = make_scene(lecture, paths="w1")
    thick = {number for line in statements(scene) if "4px" in line for number in line.split()[1].split(",")}
    ends = {
        tuple(link.split()[:: len(link.split()) - 1])
        for number, link in enumerate(links(scene))
        if str(number) in thick
    }
    assert ends == {(edge.source, edge.target) for edge in scene.edges if edge.is_on_path}


def test_paths_and_notes_stand_in_a_box_of_their_own(lecture: Node) -> None:
    scene = make_scene(lecture, paths="w1")
    assert labels(scene)["notes"] == "\n".join([*scene.paths, *scene.notes])


@pytest.mark.filterwarnings("ignore::compgraph.errors.NonFiniteWarning")
def test_a_value_that_is_not_finite_has_a_sign_and_a_class_in_mermaid() -> None:
    scene = make_scene(log(Node(0.0, "q")).named("n"))
    assert labels(scene)["b1"] == "n = log(q)\n⚠ −∞"
    assert classes(scene, "nonfinite") == {"b1"}


def test_lost_digits_have_a_sign_and_a_class_in_mermaid() -> None:
    scene = Scene("d", "lecture", (Box("b0", "d", "output", "x − y", "0.1", lost=12),), ())
    assert labels(scene)["b0"] == "d = x − y\n0.1\n⚠ 4 of 16 digits are right"
    assert classes(scene, "lossy") == {"b0"}


def test_a_group_is_a_subgraph_with_its_boxes(lecture: Node) -> None:
    z = graph.find(lecture, "z")
    with as_typed():
        scene = Reader(lecture, select(lecture, opened=[z])).scene()
    (group,) = scene.groups
    lines = statements(scene)
    start = lines.index(f'subgraph {group.id}g["z"]')
    inside = lines[start + 1 : lines.index("end", start)]
    assert [line.partition("[")[0] for line in inside] == list(group.boxes)


def test_several_edges_in_one_say_how_many(layers: Node) -> None:
    assert [link.split()[1] for link in links(make_scene(layers, "collapsed")) if "×" in link] == ['-->|"×4"|']


def test_where_mermaid_would_refuse_the_links_one_with_two_heads_stands_for_two() -> None:
    """Mermaid draws at most 500."""
    boxes = [Box(f"b{index}", f"x{index}", "inner", "y", "1") for index in range(302)]
    edges = [Edge(f"b{index}x0", f"b{index - 1}", f"b{index}", 0, backward=True) for index in range(1, 302)]
    scene = Scene("x", "lecture", tuple(boxes), tuple(edges))
    assert [link.split()[1] for link in links(scene)] == ["<-->"] * 301


@given(st.text(max_size=30))
def test_an_escaped_text_is_text_to_mermaid_and_reads_back(text: str) -> None:
    escaped = escape(text)
    assert LABEL.fullmatch(f'"{escaped}"')
    assert read(escaped) == plain(text).replace("\N{WORD JOINER}", "")


@pytest.mark.parametrize("text", ["+ 1", "1. x", "12) x", "= 1", "a. b", "www.x", "style:a#b;", "<b>", "`x`", "_i_"])
def test_what_begins_a_list_or_markup_is_an_entity_code(text: str) -> None:
    assert not re.search(r"^[+=]|^\d+[.)]|\.(?=\s|$)|www\.|[:`<>_]|#(?!\d+;)", escape(text))
    assert read(escape(text)) == text


@pytest.mark.parametrize("pair", ["$$", "\\n", ":fa-", "ﬂ°", "¶ß"])
def test_what_means_something_even_as_entity_codes_is_broken_up(pair: str) -> None:
    """A formula, a line break, an icon, the marks between which Mermaid keeps entity codes: it reads codes first."""
    decoded = re.sub(r"#(\d+);", lambda match: chr(int(match[1])), escape(f"a{pair}b"))
    assert pair not in decoded
    assert decoded.replace("\N{WORD JOINER}", "") == f"a{pair}b"


def test_names_are_set_as_names_in_mermaid() -> None:
    root = tanh(Node(3.0, "layer1.w2") * Node(2.0, "a^2")).named("z1")
    assert labels(make_scene(root))["b0"] == "layer1.w₂ = 3"
    assert labels(make_scene(root))["b1"] == '"a^2" = 2'


def test_a_group_with_a_hostile_name_keeps_it() -> None:
    box = Box("b0", "a", "output", "x", "1")
    scene = Scene('L"]', "lecture", (box,), (), groups=(Group("b0", 'end"] <b>', ("b0",)),))
    assert labels(scene) == {"b0": "a = x\n1"}
    assert 'subgraph b0g["end#34;#93; #60;b#62;"]' in statements(scene)
    assert "accTitle: Computation graph of L#34;#93;" in statements(scene)
