"""The widget without a browser: its traits follow the Nodes, and the Nodes follow its traits."""

from __future__ import annotations

import math
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import compgraph as cg
from compgraph import GraphTypeError, Node, parse

if TYPE_CHECKING:
    from compgraph.live import Widget

pytest.importorskip("anywidget")


@pytest.fixture
def nodes() -> dict[str, Node]:
    nodes = parse("z = w*x + b; a = sigmoid(z)")
    for name, value in {"w": 0.5, "x": 3.0, "b": -1.0}.items():
        nodes[name].value = value
    return nodes


@pytest.fixture
def shown(nodes: dict[str, Node]) -> Widget:
    return cg.widget(nodes["a"])


def place(widget: Widget, name: str) -> str:
    return next(str(one["node"]) for one in widget.payload["inputs"] if one["name"] == name)


def move(widget: Widget, **values: float | str) -> None:
    """What the page does when sliders move."""
    widget.values = widget.values | {place(widget, name): value for name, value in values.items()}


def from_the_page(widget: Widget, content: dict[str, Any]) -> None:
    widget._handle_custom_msg(content, [])


def test_it_shows_program_values_and_derivation(shown: Widget) -> None:
    assert shown.program == "z = w*x + b\na = sigmoid(z)"
    assert {name: shown.values[place(shown, name)] for name in "wxb"} == {"w": 0.5, "x": 3.0, "b": -1.0}
    assert "<table>" in shown.derivation
    assert shown.table.startswith("const table")
    assert shown.error == {}


def test_a_moved_slider_sets_the_node(shown: Widget, nodes: dict[str, Node]) -> None:
    move(shown, w=2.0)
    assert (nodes["w"].value, nodes["x"].value, nodes["z"].value) == (2.0, 3.0, 5.0)


def test_numbers_that_json_has_no_words_for_arrive(shown: Widget, nodes: dict[str, Node]) -> None:
    move(shown, w="-Infinity")
    assert nodes["w"]._value == -math.inf


def test_a_node_that_is_set_moves_the_values_and_the_derivation(shown: Widget, nodes: dict[str, Node]) -> None:
    nodes["w"].value = 7.25
    shown.refresh()
    assert shown.values[place(shown, "w")] == 7.25
    assert "7.25" in shown.derivation


def test_a_node_that_is_not_finite_is_told_in_words(shown: Widget, nodes: dict[str, Node]) -> None:
    nodes["w"].value = math.inf
    nodes["x"].value = math.nan
    shown.refresh()
    assert (shown.values[place(shown, "w")], shown.values[place(shown, "x")]) == ("Infinity", "NaN")


def test_what_the_page_sent_is_not_sent_back(shown: Widget, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    move(shown, w=2.0)
    monkeypatch.setattr(shown, "send_state", lambda key=None: sent.append(set(key)))
    shown.refresh()
    assert sent == [{"derivation"}]
    shown.refresh()
    assert sent == [{"derivation"}]


def test_the_derivation_follows_when_the_slider_rests(shown: Widget) -> None:
    before = shown.derivation
    move(shown, w=2.0)
    assert shown.derivation == before
    from_the_page(shown, {"about": "derivation"})
    assert shown.derivation != before


def test_a_slider_of_one_widget_moves_the_others(shown: Widget, nodes: dict[str, Node]) -> None:
    other = cg.widget((2 * nodes["w"]).named("double"))
    move(shown, w=9.0)
    assert list(other.values.values())[1:] == [9.0]
    assert "18" in other.derivation


def test_values_of_a_graph_that_is_no_more_are_not_taken(shown: Widget, nodes: dict[str, Node]) -> None:
    late = shown.values | {place(shown, "w"): 99.0}
    shown.program = "z = b*x"
    shown.values = late
    assert [nodes[name].value for name in "wxb"] == [0.5, 3.0, -1.0]


def test_typing_a_program_makes_a_graph_over_the_same_inputs(shown: Widget, nodes: dict[str, Node]) -> None:
    shown.program = "u = w*x\ns = u + c"
    assert repr(shown.root) == "s = u + c = 2"
    assert list(shown.nodes) == ["w", "x", "c", "u", "s"]
    assert shown.nodes["w"] is nodes["w"]
    nodes["w"].value = 1.0
    assert shown.root.value == 3.5


def test_an_input_that_comes_back_has_its_value(shown: Widget) -> None:
    shown.program = "z = x"
    shown.program = "z = x*w"
    assert shown.nodes["w"].value == 0.5
    assert repr(shown.root) == "z = x·w = 1.5"


def test_new_inputs_begin_where_nearly_every_op_is_defined(shown: Widget) -> None:
    shown.program = "log(p) + asin(q) + sqrt(r) + logit(s)"
    assert [shown.nodes[name].value for name in "pqrs"] == [0.5] * 4
    assert math.isfinite(shown.root.value)


def test_an_input_without_a_value_is_unknown_until_the_page_gives_one() -> None:
    x = Node(name="x")
    shown = cg.widget(x * 2)
    assert list(shown.values) == ["revision"]
    move(shown, x=4.0)
    assert x.value == 4.0


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("z = w*x; a = sigmo(z)", {"message": "no op is named sigmo; did you mean sigmoid?", "line": 1, "column": 14}),
        ("z = w*x\na = z %", {"message": "invalid syntax", "line": 2, "column": 8}),
        ("__import__('os')",
         {"message": "no op is named __import__; the functions are ops such as exp, log, sigmoid, where",
          "line": 1, "column": 1}),
        ("", {"message": "the program is empty; write an assignment such as z = w*x + b", "line": 1, "column": 1}),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_program_is_said_at_its_place(shown: Widget, text: str, error: dict[str, Any]) -> None:
    root = shown.root
    shown.program = text
    assert shown.error == error
    assert shown.root is root


def test_an_error_is_gone_with_its_cause(shown: Widget) -> None:
    good = shown.program
    shown.program = "z = ("
    shown.program = good
    assert shown.error == {}


def test_a_program_is_never_longer_than_a_person_types(shown: Widget) -> None:
    shown.program = "+".join(["x"] * 20_000)
    assert "characters" in shown.error["message"]


def test_names_that_no_program_can_have_are_written_otherwise() -> None:
    w = Node(2.0, "layer1.w")
    shown = cg.widget(w * 3)
    assert shown.program == "layer1_w*3"
    shown.program = "layer1_w*4"
    assert shown.nodes["layer1_w"] is w


def test_a_gradient_graph_has_no_formula_field() -> None:
    x = Node(0.5, "x")
    shown = cg.widget(cg.grad(cg.sigmoid(x), x))
    assert shown.program is None
    assert shown.values[place(shown, "x")] == 0.5


def test_an_op_of_one_s_own_is_played(shown: Widget) -> None:
    cg.op("cube_of_mine", lambda y, x: 3 * x * x, body=lambda x: x * x * x)
    shown.program = "y = cube_of_mine(w)"
    assert shown.error == {}
    assert "cube_of_mine" in shown.table
    assert "live" not in shown.payload


def test_an_op_that_no_page_can_compute_says_why_there_are_no_sliders(shown: Widget) -> None:
    cg.op("last_place", 0.0, native="ulp")
    shown.program = "y = last_place(w)"
    assert shown.error == {}
    assert "last_place" in shown.payload["live"]


def test_names_that_nodes_get_later_are_shown(shown: Widget, nodes: dict[str, Node]) -> None:
    nodes["z"].name = "score"
    shown.refresh()
    assert shown.program == "score = w*x + b\na = sigmoid(score)"
    assert shown.nodes["score"] is nodes["z"]


def test_each_cell_s_end_shows_what_the_cell_has_done(monkeypatch: pytest.MonkeyPatch) -> None:
    ipython = pytest.importorskip("IPython")
    events = ipython.core.events.EventManager(None, ipython.core.events.available_events)
    monkeypatch.setattr(ipython, "get_ipython", lambda: SimpleNamespace(events=events))
    x = Node(1.0, "x")
    shown, _ = cg.widget(x * 2), cg.widget(x * 3)
    x.value = 7.25
    assert len(events.callbacks["post_run_cell"]) == 1
    events.trigger("post_run_cell", None)
    assert shown.values[place(shown, "x")] == 7.25


def test_a_program_too_long_to_be_typed_has_no_field() -> None:
    total = x = Node(0.5, "x" * 200)
    for _ in range(150):
        total = total + cg.sin(x)
    assert cg.widget(total).program is None


def test_a_closed_widget_is_left_alone(shown: Widget, nodes: dict[str, Node]) -> None:
    shown.close()
    nodes["w"].value = 7.0
    shown.refresh()
    assert 7.0 not in shown.values.values()


def test_what_is_no_node_has_no_widget() -> None:
    with pytest.raises(GraphTypeError, match=r"not 3\.0"):
        cg.widget(3.0)


def test_without_anywidget_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "compgraph.live", raising=False)
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(ImportError, match=r'pip install "compgraph\[notebook\]"') as caught:
        cg.widget(Node(1.0, "x"))
    assert isinstance(caught.value, cg.CompgraphError)


def test_importing_the_package_loads_no_widget_library() -> None:
    code = "import sys, compgraph; compgraph.widget; print({'anywidget', 'traitlets', 'ipywidgets'} & {*sys.modules})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_a_graph_that_is_too_large_for_a_page_is_refused_at_once() -> None:
    node = Node(1.0, "x")
    for _ in range(5001):
        node = node + 1
    with pytest.raises(cg.DiagramError, match="more than the 5000 that a page computes; show a node further down"):
        cg.widget(node)
