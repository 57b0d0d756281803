"""`compgraph.diagrams.reading`: what a picture shows, and what it must not claim."""

from __future__ import annotations

import copy
import math
import warnings
from typing import TYPE_CHECKING

import pytest

from compgraph import graph
from compgraph.diagrams.reading import make_scene
from compgraph.diagrams.scene import Box, Scene
from compgraph.errors import GraphTypeError, GraphValueError, NonFiniteWarning, UnknownNameError
from compgraph.node import Node, as_typed, constant
from compgraph.ops import exp, log, relu, sqrt, where
from compgraph.store import dumps, loads

if TYPE_CHECKING:
    from collections.abc import Callable


def box_of(scene: Scene, name: str) -> Box:
    (found,) = [box for box in scene.boxes if box.name == name]
    return found


def edges_of(scene: Scene) -> list[tuple[str, str, bool]]:
    names = {box.id: box.name for box in scene.boxes}
    return [(names[edge.source], names[edge.target], edge.backward) for edge in scene.edges]


def gradients_of(scene: Scene) -> dict[str, str]:
    return {box.name: str(box.gradient) for box in scene.boxes if box.gradient is not None}


# --- the two levels ------------------------------------------------------------------------------------------------


def test_lecture_level_has_a_box_for_every_named_node(lecture: Node) -> None:
    formulas = {box.name: (box.formula, box.value) for box in make_scene(lecture).boxes}
    assert formulas == {
        "x1": (None, "1.5"), "x2": (None, "−0.5"), "y": (None, "1"),
        "w1": (None, "−0.8"), "w2": (None, "1.2"), "b": (None, "0.3"),
        "z": ("w1·x1 + w2·x2 + b", "−1.5"),
        "a": ("σ(z)", "0.1824"),
        "L": ("−(y·log(a) + (1 − y)·log(1 − a))", "1.701"),
    }  # fmt: skip


def test_lecture_level_has_the_gradients_of_the_lecture(lecture: Node) -> None:
    assert {name: text.rpartition(" = ")[2] for name, text in gradients_of(make_scene(lecture)).items()} == {
        "w1": "−1.226", "w2": "0.4088", "b": "−0.8176", "z": "−0.8176", "a": "−5.482", "L": "1",
    }  # fmt: skip


def test_ops_level_has_a_box_for_every_operation_and_constants_inside_of_formulas(lecture: Node) -> None:
    scene = make_scene(lecture, "ops")
    nodes = graph.order(lecture, typed=True, twins=False)
    assert len(scene.boxes) == sum(node.name is not None or bool(node.args) for node in nodes)
    assert box_of(scene, "v1").formula == "w1·x1"
    assert [box.formula for box in scene.boxes if box.formula and box.formula.startswith("1 − ")] == ["1 − y", "1 − a"]


def test_a_repeated_argument_keeps_both_edges() -> None:
    x = Node(3.0, "x")
    square = (x * x).named("s")
    square.backward()
    assert edges_of(make_scene(square, "ops")) == [("x", "s", True), ("x", "s", True)]
    assert [edge.position for edge in make_scene(square, "ops").edges] == [0, 1]


def test_a_box_that_several_read_has_an_edge_to_each() -> None:
    w = Node(2.0, "w")
    u, v = (w * 3).named("u"), (w + 1).named("v")
    assert edges_of(make_scene((u * v).named("r"))) == [
        ("w", "u", False), ("w", "v", False), ("u", "r", False), ("v", "r", False),
    ]  # fmt: skip


def test_unnamed_inputs_are_numbered() -> None:
    assert [box.name for box in make_scene(Node(1.0) * Node(2.0)).boxes] == ["v1", "v2", "v3"]


def test_two_nodes_of_one_name_are_two_boxes() -> None:
    scene = make_scene(Node(1.0, "w") + Node(2.0, "w"))
    assert [(box.name, box.value) for box in scene.boxes[:2]] == [("w", "1"), ("w", "2")]


def test_a_single_input_is_one_box() -> None:
    assert make_scene(Node(3.0, "w")).boxes == (Box("b0", "w", "parameter", None, "3"),)


def test_a_constant_without_a_name_is_only_its_number() -> None:
    (box,) = make_scene(constant(1 / 3)).boxes
    assert box == Box("b0", None, "constant", None, "0.3333")
    assert str(box) == "0.3333"


def test_an_input_named_like_its_value_is_no_constant() -> None:
    assert [str(box) for box in make_scene(Node(2.0, "2") * 3).boxes] == ['"2" = 2', 'v1 = "2"·3 = 6']


def test_a_named_constant_has_a_box_of_its_own_role_among_the_operations() -> None:
    boxes = make_scene(constant(2).named("k") * Node(3.0, "x"), "ops").boxes
    assert [(box.name, box.role, box.computed) for box in boxes] == [
        ("k", "constant", False), ("x", "parameter", False), ("v1", "output", True),
    ]  # fmt: skip


def test_one_name_is_written_in_one_way_in_the_whole_picture() -> None:
    loss = Node(2.0, "my loss")
    root = (loss * loss).named("q q")
    root.backward()
    scene = make_scene(root)
    assert [str(box) for box in scene.boxes] == [
        '"my loss" = 2, d"my loss" = 2·"my loss" = 4', '"q q" = "my loss"·"my loss" = 4, d"q q" = 1',
    ]  # fmt: skip
    assert scene.edges[0].local == '∂"q q"/∂"my loss" = 2·"my loss"'


@pytest.mark.parametrize("level", ["lecture", "ops"])
def test_every_edge_joins_two_boxes_of_the_scene(lecture: Node, level: str) -> None:
    scene = make_scene(lecture, level)
    places = {box.id: place for place, box in enumerate(scene.boxes)}
    assert all(places[edge.source] < places[edge.target] for edge in scene.edges)
    assert len({edge.id for edge in scene.edges} | set(places)) == len(scene.edges) + len(places)


# --- the chain rule ------------------------------------------------------------------------------------------------


def test_edges_have_the_local_derivatives_of_the_lecture(lecture: Node) -> None:
    scene = make_scene(lecture)
    names = {box.id: box.name for box in scene.boxes}
    local = {names[edge.source]: edge.local for edge in scene.edges}
    assert local["z"] == "∂a/∂z = a·(1 − a)"
    assert local["a"] == "∂L/∂a = −y/a + (1 − y)/(1 − a)"
    assert local["w1"] == "∂z/∂w1 = x1"


def test_cards_of_parameters_have_the_chain_rule_of_the_lecture(lecture: Node) -> None:
    shown = gradients_of(make_scene(lecture))
    assert [shown[name] for name in ("w1", "w2", "b")] == [
        "dw1 = x1·dz = −1.226", "dw2 = x2·dz = 0.4088", "db = dz = −0.8176",
    ]  # fmt: skip


def test_a_gradient_that_several_boxes_make_has_no_formula_of_one() -> None:
    w = Node(2.0, "w")
    u, v = (w * 3).named("u"), (w + 1).named("v")
    root = (u * v).named("r")
    root.backward()
    assert gradients_of(make_scene(root))["w"] == "dw = 15"


def test_a_marked_gradient_has_no_formula_that_it_does_not_obey(lecture: Node) -> None:
    lecture.backward(accumulate=True)
    assert gradients_of(make_scene(lecture))["w1"] == "dw1 = −2.453 (sum)"


def test_edges_of_a_repeated_argument_have_no_derivative_of_both_together() -> None:
    x = Node(3.0, "x")
    assert [edge.local for edge in make_scene(x * x, "ops").edges] == [None, None]
    assert [edge.local for edge in make_scene((x * x).named("s")).edges] == ["∂s/∂x = 2·x"]


def test_a_derivative_is_a_label_between_computed_boxes_where_there_is_room(
    lecture: Node, network: Callable[..., Node]
) -> None:
    scene = make_scene(lecture)
    names = {box.id: box.name for box in scene.boxes}
    labelled = [(names[edge.source], names[edge.target]) for edge in scene.edges if edge.labelled]
    assert labelled == [("z", "a"), ("a", "L")]
    large = network(3, 3, 2)
    large.backward()
    assert len(make_scene(large).boxes) > 15
    assert not any(edge.labelled for edge in make_scene(large).edges)


def test_an_edge_that_no_gradient_flows_back_along_has_no_label(lecture: Node) -> None:
    graph.find(lecture, "z").grad = None
    assert not any(edge.labelled and not edge.backward for edge in make_scene(lecture).edges)


def test_a_long_derivative_is_left_out() -> None:
    w = Node(1.0, "w")
    terms = [log(w + Node(float(i), f"b{i}")) * w for i in range(1, 9)]
    scene = make_scene(sum(terms[1:], start=terms[0]).named("s"))
    assert scene.edges[0].local is None
    assert scene.edges[1].local == "∂s/∂b1 = w/(w + b1)"


# --- roles ---------------------------------------------------------------------------------------------------------


def test_x_and_y_are_data_without_gradient_and_other_inputs_are_parameters(lecture: Node) -> None:
    roles = {box.name: box.role for box in make_scene(lecture).boxes}
    assert [name for name, role in roles.items() if role == "data"] == ["y", "x1", "x2"]
    assert [name for name, role in roles.items() if role == "parameter"] == ["w1", "w2", "b"]
    assert roles["L"] == "output"
    assert not {"x1", "x2", "y"} & gradients_of(make_scene(lecture)).keys()


def test_where_all_inputs_are_called_x_and_y_they_are_what_to_differentiate_by() -> None:
    x, y = Node(2.0, "x"), Node(5.0, "y")
    product = (x * y).named("p")
    product.backward()
    assert gradients_of(make_scene(product)) == {"x": "dx = y = 5", "y": "dy = x = 2", "p": "dp = 1"}


def test_x_beside_a_constant_that_is_no_weight_is_differentiated_by() -> None:
    x, c = Node(2.0, "x"), Node(5.0, "c")
    curve = (x**2 + c).named("f")
    curve.backward()
    assert gradients_of(make_scene(curve)).keys() == {"x", "c", "f"}


def test_wrt_says_whose_gradients_are_shown(lecture: Node) -> None:
    shown = gradients_of(make_scene(lecture, wrt=["x1", graph.find(lecture, "w1")]))
    assert {"x1", "w1"} <= shown.keys()
    assert not {"w2", "b", "x2", "y"} & shown.keys()


def test_an_unknown_name_in_wrt_is_refused(lecture: Node) -> None:
    with pytest.raises(UnknownNameError, match="no node is named 'w9'"):
        make_scene(lecture, wrt=["w9"])


# --- what is not computed, and what is not this root's -------------------------------------------------------------


def test_before_a_backward_pass_there_is_no_gradient_rather_than_zero() -> None:
    scene = make_scene(Node(2.0, "w") * 3)
    assert gradients_of(scene) == {}
    assert not any(edge.backward for edge in scene.edges)


def test_a_gradient_of_zero_is_drawn() -> None:
    w = Node(2.0, "w")
    root = (w * 0).named("r")
    root.backward()
    assert gradients_of(make_scene(root))["w"] == "dw = 0"


def test_an_input_without_a_value_has_none_and_a_note_names_it() -> None:
    scene = make_scene((Node(name="w") * 2 + Node(1.0, "b")).named("z"))
    assert [(box.name, box.value) for box in scene.boxes] == [("w", None), ("b", "1"), ("z", None)]
    assert scene.notes == ("No value yet: w.",)


def test_gradients_from_before_an_input_changed_are_marked(lecture: Node) -> None:
    graph.find(lecture, "w1").value = 0.25
    scene = make_scene(lecture)
    assert gradients_of(scene)["z"] == "dz = −0.8176 (old)"
    assert scene.notes == ("(old): from before w1 changed; L.backward() computes them anew.",)


def test_gradients_summed_over_passes_are_marked(lecture: Node) -> None:
    lecture.backward(accumulate=True)
    scene = make_scene(lecture)
    assert gradients_of(scene)["z"] == "dz = −1.635 (sum)"
    assert "several backward passes" in scene.notes[0]


def test_gradients_of_another_root_are_left_out_and_a_note_says_so(lecture: Node) -> None:
    scene = make_scene(graph.find(lecture, "z"))
    assert gradients_of(scene) == {}
    assert scene.notes == ("The gradients stored here are not those of z; z.backward() computes them.",)


def test_a_loaded_or_copied_graph_shows_the_gradients_it_has(lecture: Node) -> None:
    expected = gradients_of(make_scene(lecture))
    assert gradients_of(make_scene(loads(dumps(lecture)))) == expected
    assert gradients_of(make_scene(copy.deepcopy(lecture))) == expected


def test_no_gradient_flows_to_a_condition() -> None:
    w, c = Node(2.0, "w"), Node(1.0, "c")
    root = where(c > 0, w, -w).named("r")
    root.backward()
    assert edges_of(make_scene(root)) == [("c", "r", False), ("w", "r", True)]


@pytest.mark.filterwarnings("ignore::compgraph.errors.NonFiniteWarning")
def test_an_arm_that_was_not_taken_gets_0_and_so_does_the_condition() -> None:
    x = Node(-1.0, "x")
    root = where(x > 0, log(x), x).named("L")
    root.backward()
    scene = make_scene(root, "ops")
    assert [str(box) for box in scene.boxes] == [
        "x = −1, dx = 1", "v1 = [x > 0] = 0, dv1 = 0", "v2 = log(x) = nan, dv2 = 0",
        "L = where(v1, v2, x) = −1, dL = 1",
    ]  # fmt: skip
    assert edges_of(scene) == [
        ("x", "v1", False), ("x", "v2", True), ("v1", "L", False), ("v2", "L", True), ("x", "L", True),
    ]  # fmt: skip
    assert scene.notes == ()


def test_a_value_that_is_not_finite_and_not_shown_does_not_warn() -> None:
    x = Node(-1.0, "x")
    assert [box.finite for box in make_scene(where(x > 0, log(x), x).named("L")).boxes] == [True, True]


def test_a_gradient_at_a_kink_is_drawn_as_its_convention_has_it() -> None:
    x = Node(0.0, "x")
    root = (3 * relu(x).named("r")).named("L")
    root.backward()
    assert gradients_of(make_scene(root))["x"] == "dx = dr·[x > 0] = 0"


def test_an_infinite_slope_is_drawn_as_it_is() -> None:
    x = Node(0.0, "x")
    root = sqrt(x).named("L")
    with pytest.warns(NonFiniteWarning, match="dL/dx = ∞"):
        root.backward()
    box = box_of(make_scene(root), "x")
    assert (str(box), box.finite) == ("x = 0, dx = 1/(2·L) = ∞", False)


def test_a_graph_of_many_boxes_without_values_is_read_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    node = Node(name="x")
    for index in range(300):
        node = (node * 1.0).named(f"h{index}")
    passes: list[int] = []
    count = graph._missing
    monkeypatch.setattr(graph, "_missing", lambda *args: passes.append(1) or count(*args))
    assert {box.value for box in make_scene(node).boxes} == {None}
    assert not passes


def test_drawing_changes_no_gradient(lecture: Node) -> None:
    nodes = graph.order(lecture, typed=True)
    before = [(node.grad, node.value) for node in nodes]
    graph.find(lecture, "a").grad = 7.0
    make_scene(lecture, "ops")
    graph.find(lecture, "a").grad = before[[node.name for node in nodes].index("a")][0]
    assert [(node.grad, node.value) for node in nodes] == before


# --- inf and nan ---------------------------------------------------------------------------------------------------


def test_a_value_that_is_not_finite_warns_once_and_stands_out() -> None:
    root = (log(Node(0.0, "w")) + Node(1.0, "b")).named("r")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        scene = make_scene(root)
    assert [warning.category for warning in caught] == [NonFiniteWarning]
    assert {box.name: box.finite for box in scene.boxes} == {"w": True, "b": True, "r": False}
    assert box_of(scene, "r").value == "−∞"


def test_a_gradient_that_is_not_finite_stands_out() -> None:
    w = Node(2.0, "w")
    root = (w * 3).named("r")
    root.backward()
    w.grad = math.nan
    assert not box_of(make_scene(root), "w").finite


# --- limits and wrong calls ----------------------------------------------------------------------------------------


def test_of_too_many_boxes_those_nearest_to_the_root_are_kept_and_the_others_counted(
    network: Callable[..., Node],
) -> None:
    root = network(2, 3, 1)
    whole = make_scene(root, "collapsed")
    scene = make_scene(root, max_nodes=4)
    assert scene.level == "collapsed"
    assert [box.name for box in scene.boxes] == [f"+ {len(whole.boxes) - 3} more", "a1_0", "a2_0", "L"]
    boxes = len(make_scene(root, "ops").boxes)
    assert len(make_scene(root, "ops", max_nodes=boxes).boxes) == boxes


def test_a_picture_of_less_than_two_boxes_is_refused() -> None:
    with pytest.raises(GraphValueError, match="at least 2 boxes"):
        make_scene(Node(1.0, "w"), max_nodes=1)


@pytest.mark.parametrize("count", [2.5, "3", None])
def test_max_nodes_is_a_whole_number(count: object) -> None:
    with pytest.raises(GraphTypeError, match="max_nodes is a whole number of boxes, not"):
        make_scene(Node(1.0, "w"), max_nodes=count)


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(GraphValueError, match="no level 'primitive'; write one of 'lecture', 'ops'"):
        make_scene(Node(1.0, "w"), "primitive")


def test_a_number_is_no_root() -> None:
    with pytest.raises(GraphTypeError, match="pass the Node itself"):
        make_scene(1.5)


def test_a_box_of_a_hundred_thousand_operations_is_drawn() -> None:
    total = w = Node(1.0, "w")
    for _ in range(100_000):
        total = total + w
    total.backward()
    scene = make_scene(total.named("s"))
    assert gradients_of(scene)["w"] == "dw = 100001"
    assert len(scene.boxes[1].formula or "") < 2000


@pytest.mark.filterwarnings("ignore::compgraph.errors.NonFiniteWarning")
def test_terms_that_cancel_to_0_are_not_said_to_be_nan() -> None:
    x = Node(1000.0, "x")
    with as_typed():
        root = ((exp(x) - exp(x)).named("d") * 2).named("r")
    root.backward()
    scene = make_scene(root)
    assert gradients_of(scene) == {"x": "dx = nan", "d": "dd = 2", "r": "dr = 1"}
    assert [edge.rule for edge in scene.edges] == ["∂d/∂x = nan", "∂r/∂d = 2"]
    x.value = 1.0
    root.backward()
    assert [edge.rule for edge in make_scene(root).edges] == ["∂d/∂x = 0", "∂r/∂d = 2"]
