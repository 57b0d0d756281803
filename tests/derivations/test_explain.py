"""explain: the steps of a derivation say what the engine computed, in the lecture's words."""

from __future__ import annotations

import copy
import math
import pickle
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from hypothesis import strategies as st

import compgraph as cg
from compgraph import Node
from compgraph.codegen.formulas import Adjoint, Apply, Cut, Letter, Number, Slope
from compgraph.derivations import Backward, Flow, Forward, Total, explain
from compgraph.graph import order
from compgraph.record import op_named

if TYPE_CHECKING:
    from collections.abc import Callable

    from compgraph.codegen.formulas import Term


def lecture(y: float = 1.0) -> Node:
    nodes = cg.parse("z = w1*x1 + w2*x2 + b; a = sigmoid(z); L = -(y*log(a) + (1 - y)*log(1 - a))")
    for name, value in {"w1": 0.1, "w2": -0.2, "b": 0.0, "x1": 1.0, "x2": 2.0, "y": y}.items():
        nodes[name].value = value
    return nodes["L"]


def lines(root: Node, **options: Any) -> list[str]:
    return [line.strip() for line in str(explain(root, **options)).splitlines()]


def line_of(name: str, root: Node, **options: Any) -> str:
    return next(line for line in lines(root, **options) if line.startswith(f"{name} = "))


# --- the lecture -----------------------------------------------------------------------------------------------------


def test_the_lectures_derivation_is_the_golden_text(golden: Callable[[str, str], None]) -> None:
    golden("derivations/lecture.txt", f"{explain(lecture())}\n")


def test_the_lectures_operations_are_the_golden_text(golden: Callable[[str, str], None]) -> None:
    golden("derivations/lecture_ops.txt", f"{explain(lecture(), level='ops')}\n")


def test_the_lectures_gradients_come_in_its_order() -> None:
    names = [step.name for step in explain(lecture()).backward]
    assert names[:3] == ["L", "a", "z"]
    assert [name for name in names if name in {"w1", "w2", "b"}] == ["w1", "w2", "b"]


def test_the_lectures_formulas_stand_without_any_value() -> None:
    root = cg.parse("z = w1*x1 + w2*x2 + b; a = sigmoid(z); L = -(y*log(a) + (1 - y)*log(1 - a))")["L"]
    assert lines(root)[1:] == [
        "w1 = ?   x1 = ?   w2 = ?   x2 = ?   b = ?   y = ?",
        "z = w1·x1 + w2·x2 + b",
        "a = σ(z)",
        "L = −(y·log(a) + (1 − y)·log(1 − a))",
        "backward",
        "dL = 1",
        "da = −y/a + (1 − y)/(1 − a)",
        "dz = da·∂a/∂z = (−y/a + (1 − y)/(1 − a))·a·(1 − a) = −y·(1 − a) + (1 − y)·a = a − y",
        "dw1 = x1·dz",
        "dx1 = w1·dz",
        "dw2 = x2·dz",
        "dx2 = w2·dz",
        "db = dz",
        "dy = −log(a) + log(1 − a)",
    ]


def test_without_sympy_the_chain_rule_stands_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sympy", None)
    assert line_of("dz", lecture()).startswith("dz = da·∂a/∂z = da·a·(1 − a) = (−2.34986)·0.425557·(1 − 0.425557) = ")


# --- numbers are the engine's ----------------------------------------------------------------------------------------


def at(term: Term, values: dict[str, float], gradients: dict[str, float]) -> float:
    """The number of a formula, by the ops themselves."""
    if isinstance(term, Apply):
        return float(op_named(term.op)(*(at(arg, values, gradients) for arg in term.args)))
    if isinstance(term, Number):
        return term.value
    assert isinstance(term, (Letter, Adjoint))
    return (values if isinstance(term, Letter) else gradients)[term.name]


@hypothesis.given(st.data())
def test_every_formula_leads_to_the_gradient_of_backward(graphs: Any, data: st.DataObject) -> None:
    root, _ = data.draw(graphs)
    for index, node in enumerate(order(root)):
        if node.args and data.draw(st.booleans()):
            node.named(f"n{index}")
    root.named("L").backward()
    nodes = {node.name: node for node in order(root) if node.name}
    values = {name: node.value for name, node in nodes.items()}
    gradients = {name: node.grad or 0.0 for name, node in nodes.items()}
    for step in explain(root).backward:
        assert isinstance(step, Backward)
        assert step.number == pytest.approx(gradients[step.name], rel=1e-12, abs=1e-300)
        scale = 1e-7 * max(1.0, *map(abs, gradients.values()))
        for term in (step.symbol, step.closed):
            shown = step.number if term is None else at(term, values, gradients)
            if not math.isnan(
                shown
            ):  # (cos x − sinc x)/x at x = 0: the formula has a hole where the engine has a limit
                assert shown == pytest.approx(gradients[step.name], rel=1e-6, abs=scale)


@hypothesis.given(st.data())
def test_the_contributions_of_the_ops_level_add_up_to_backward(graphs: Any, data: st.DataObject) -> None:
    root, leaves = data.draw(graphs)
    root.named("L").backward()
    received: dict[str, float] = {}
    for step in explain(root, level="ops").backward:
        if isinstance(step, Flow):
            assert step.number is not None
            received[step.name] = received.get(step.name, 0.0) + step.number
        elif isinstance(step, Total):
            assert step.number == received[step.name]
    for leaf in leaves:
        assert leaf.name is not None
        if leaf.grad is not None and leaf is not root:
            assert received.get(leaf.name, 0.0) == pytest.approx(leaf.grad, rel=1e-12, abs=1e-12)


def test_gradients_are_neither_read_nor_set() -> None:
    root = lecture()
    explain(root)
    assert all(node.grad is None for node in order(root))
    root.backward()
    before = [node.grad for node in order(root)]
    cg.find(root, "w1").value = 5.0
    assert lines(root)[9] == "= a − y = 0.990048 − 1 = −0.0099518"  # σ(4.6) − 1, not what backward left
    assert [node.grad for node in order(root)] == before


def test_a_step_keeps_its_numbers_when_the_graph_moves_on() -> None:
    root = lecture()
    derivation = explain(root)
    text = str(derivation)
    cg.find(root, "w1").value = 5.0
    assert str(derivation) == text


def test_a_substitution_that_does_not_bear_the_result_is_left_out() -> None:
    x = Node(2.0, "x")
    root = cg.where(x > 1, x**2, cg.sqrt(-x)).named("L")  # √(−2) is nan, and flows nowhere
    assert line_of("dx", root) == "dx = 2·x·[x > 1] − [x ≤ 1]/(2·√(−x)) = 4   ← [ ] is 1 where it holds, else 0"


def test_a_closed_form_that_floats_do_not_bear_out_is_left_out() -> None:
    z = Node(1.0, "z")
    a = cg.tanh(z).named("a")
    root = cg.atanh(a).named("L")
    assert line_of("dz", root) == "dz = da·∂a/∂z = (1 − a^2)/(1 − a^2) = 1"
    z.value = 18.0  # 1 − a² has one digit left
    assert line_of("dz", root).startswith("dz = da·∂a/∂z = da·(1 − a^2) = 1.0")


def test_infinite_gradients_are_printed_as_they_are_and_warn() -> None:
    root = (3 * cg.sqrt(Node(0.0, "x"))).named("L")
    with pytest.warns(cg.NonFiniteWarning, match=r"dL/dx = ∞, through v1 = √x"):
        assert line_of("dx", root).startswith("dx = 3/(2·√x) = ∞   ← sqrt′(0) = ∞")


@pytest.mark.parametrize("level", ["lecture", "ops"])
def test_an_infinite_slope_that_nothing_asks_for_does_not_warn(level: str) -> None:
    x, w = Node(0.0, "x"), Node(2.0, "w")
    assert explain(w + cg.sqrt(x), of=w, level=level).backward[-1].number == 1.0


def test_a_root_that_is_not_finite_warns_as_reading_it_does() -> None:
    with pytest.warns(cg.NonFiniteWarning, match="log"):
        explain(cg.log(Node(0.0, "x")))


# --- the chain rule, box by box --------------------------------------------------------------------------------------


def test_fan_out_is_the_sum_of_its_contributions() -> None:
    x = Node(3.0, "x")
    u, v = (2 * x).named("u"), (3 * x).named("v")
    assert line_of("dx", (u * v).named("L")) == "dx = 2·du + 3·dv = 2·9 + 3·6 = 36"


def test_fan_out_with_local_derivatives_of_their_own_shows_them_first() -> None:
    x = Node(0.0, "x")
    u, v = cg.sin(x).named("u"), cg.cos(x).named("v")
    expected = "dx = du·∂u/∂x + dv·∂v/∂x = cos(x)·du − sin(x)·dv = cos(0)·1 − sin(0)·2 = 1"
    assert line_of("dx", (u + 2 * v).named("L")) == expected


def test_both_edges_of_a_square_count() -> None:
    x = Node(3.0, "x")
    assert lines(x * x)[-1] == "dx = 2·x = 2·3 = 6"


def test_micrograds_example_has_its_published_gradients() -> None:
    # the README of karpathy/micrograd: g = 24.7041, dg/da = 138.8338, dg/db = 645.5773
    a, b = Node(-4.0, "a"), Node(2.0, "b")
    with cg.names():
        c = a + b
        d = a * b + b**3
        c = c + c + 1
        c = c + 1 + c + (-a)
        d = d + d * 2 + cg.relu(b + a)
        d = d + 3 * d + cg.relu(b - a)
        e = c - d
        f = e**2
        g = f / 2.0 + 10.0 / f
    derivation = explain(g)
    numbers = {step.name: step.number for step in derivation.backward}
    assert numbers["a"] == pytest.approx(138.8338, abs=5e-5)
    assert numbers["b"] == pytest.approx(645.5773, abs=5e-5)
    assert "  de = 2·e·df = 2·(−7)·0.495835 = −6.94169" in str(derivation)


def test_every_gradient_comes_after_those_it_is_made_of() -> None:
    x = Node(1.0, "x")
    with cg.names():
        u = 2 * x
        v = u + x
        w = cg.exp(u) * v
        loss = w + v * u
    done: set[str] = set()
    for step in explain(loss).backward:
        assert isinstance(step, Backward)
        assert adjoints_in(step.symbol) <= done
        done.add(step.name)


def adjoints_in(term: Term | None) -> set[str]:
    if isinstance(term, Adjoint):
        return {term.name}
    return set().union(*map(adjoints_in, term.args)) if isinstance(term, Apply) else set()


def test_an_active_kink_names_its_convention() -> None:
    root = (3 * cg.relu(Node(0.0, "x")).named("r")).named("L")
    line = line_of("dx", root)
    assert line.startswith("dx = dr·∂r/∂x = dr·[x > 0] = 3·[0 > 0] = 0   ← relu′(0) = 0 (convention); ")
    assert "convention" not in line_of("dr", root)


def test_a_tie_names_its_convention_for_both_arguments() -> None:
    x, y = Node(2.0, "x"), Node(2.0, "y")
    derivation = explain(cg.maximum(x, y))
    notes = {step.name: step.notes for step in derivation.backward if isinstance(step, Backward)}
    assert notes["x"] == notes["y"] == ("max at a tie: ½ to each",)


def test_a_kink_elsewhere_is_not_mentioned() -> None:
    assert "convention" not in str(explain(cg.relu(Node(0.5, "x"))))
    assert "convention" not in str(explain(Node(0.0, "x") ** 2))


def test_a_comparison_stands_in_brackets_between_equals_signs() -> None:
    x = Node(-1.0, "x")
    u = (2 * x).named("u")
    assert (
        line_of("du", cg.where(x > 0, u, x).named("L"))
        == "du = [x > 0] = [−1 > 0] = 0   ← [ ] is 1 where it holds, else 0"
    )
    assert lines(cg.equal(x, 2.0).named("c"))[2] == "c = [x = 2] = [−1 = 2] = 0"


def test_a_kink_that_nothing_flows_through_is_not_mentioned() -> None:
    x, w = Node(0.0, "x"), Node(0.0, "w")
    assert "convention" not in line_of("dx", (w * cg.relu(x)).named("L"))


def test_nothing_flows_through_a_step_function() -> None:
    assert lines(cg.floor(Node(2.5, "x")) * 3)[-1] == "dx = 0"


def test_a_named_constant_keeps_its_name() -> None:
    root = cg.constant(2).named("k") * Node(3.0, "x")
    assert lines(root) == ["forward", "x = 3", "v1 = k·x = 2·3 = 6", "backward", "dv1 = 1", "dx = k = 2"]


# --- of --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["lecture", "ops"])
def test_of_gives_only_what_leads_to_one_gradient(level: str) -> None:
    root = lecture()
    named = {step.name for step in explain(root, of="w1", level=level).backward if not step.name.startswith("v")}
    assert named == {"L", "a", "z", "w1"}
    whole = {step.name: step.number for step in explain(root, level=level).backward}
    for step in explain(root, of="w1", level=level).backward:
        assert step.number == whole[step.name] or isinstance(step, (Flow, Total))


def test_of_takes_a_node_a_name_or_several() -> None:
    root = lecture()
    assert str(explain(root, of=cg.find(root, "w1"))) == str(explain(root, "w1"))
    names = [step.name for step in explain(root, of=["w1", "w2", "b"]).backward]
    assert names == ["L", "a", "z", "w1", "w2", "b"]


def test_of_takes_an_unnamed_node() -> None:
    x = Node(3.0, "x")
    inner = x * x
    root = cg.sin(inner).named("L")
    assert [step.name for step in explain(root, of=inner).backward] == ["L", "v1"]


def test_of_the_root_is_one() -> None:
    root = lecture()
    assert [(step.name, step.number) for step in explain(root, of=root).backward] == [("L", 1.0)]


def test_explain_rejects_what_it_cannot_answer() -> None:
    root = lecture()
    with pytest.raises(cg.GraphValueError, match="levels 'lecture' and 'ops', not 'deep'"):
        explain(root, level="deep")
    with pytest.raises(cg.GraphTypeError, match="of is a Node, a name"):
        explain(root, of=3)
    with pytest.raises(cg.GraphTypeError, match="of names 3"):
        explain(root, of=["a", 3])
    with pytest.raises(cg.GraphValueError, match="L does not depend on the node"):
        explain(root, of=Node(1.0, "q"))
    with pytest.raises(cg.UnknownNameError, match="no node is named 'q'"):
        explain(root, of="q")
    with pytest.raises(cg.GraphTypeError, match="root of a graph is a Node, not 3"):
        explain(3)


# --- ops level -------------------------------------------------------------------------------------------------------


def test_the_ops_level_shows_every_event_and_the_sum() -> None:
    x = Node(3.0, "x")
    assert lines(x * x, level="ops") == [
        "forward", "x = 3", "v1 = x·x = 3·3 = 9",
        "backward", "dv1 = 1", "dx += x·dv1 = 3·1 = 3", "dx += x·dv1 = 3·1 = 3", "dx = 3 + 3 = 6",
    ]  # fmt: skip


def test_the_ops_level_without_values_is_symbols_only() -> None:
    x = Node(name="x")
    steps = explain(cg.sin(x) * x, level="ops")
    assert [step.number for step in steps.backward] == [1.0, None, None, None]
    assert "dx += dv1·∂v1/∂x = cos(x)·dv1" in str(steps)


def test_the_ops_level_lists_the_named_constants_that_the_drawing_shows() -> None:
    root = cg.constant(2).named("k") * Node(3.0, "x")
    assert lines(root, level="ops")[1] == "k = 2   x = 3"


def test_the_ops_level_names_conventions() -> None:
    root = cg.abs(Node(0.0, "x"))
    assert lines(root, level="ops")[-1] == "dx += dv1·∂v1/∂x = sign(x)·dv1 = sign(0)·1 = 0   ← abs′(0) = 0 (convention)"


# --- small and large -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["lecture", "ops"])
def test_an_input_alone_has_the_gradient_one(level: str) -> None:
    assert lines(Node(3.0, "x"), level=level) == ["forward", "x = 3", "backward", "dx = 1"]


def test_constants_alone_have_no_gradients_but_the_roots() -> None:
    assert lines(cg.constant(2) * 3) == ["forward", "v1 = 2·3 = 6", "backward", "dv1 = 1"]


@pytest.mark.parametrize("level", ["lecture", "ops"])
def test_a_large_graph_is_cut_and_says_so(level: str) -> None:
    node = Node(1.0, "x")
    for index in range(3000):
        node = (node * 1.0).named(f"h{index}")
    derivation = explain(node, level=level)
    assert len(derivation.forward) <= 400
    assert len(derivation.backward) == 200
    assert lines(node, level=level)[-1] == f"… and {derivation.omitted[1]:,} more".replace(",", " ")
    assert len(derivation) + sum(derivation.omitted) == 2 * 3001


def test_a_deep_box_is_not_written_out() -> None:
    node = Node(1.0, "x")
    for _ in range(20_000):
        node = node * 1.0
    node.named("L")
    assert lines(node) == ["forward", "x = 1", "L = … (20 000 operations) = 1", "backward", "dL = 1", "dx = ∂L/∂x = 1"]


def test_a_shared_graph_of_exponential_length_is_not_written_out() -> None:
    node = Node(1.0, "x")
    for _ in range(90):
        node = cg.sin(node) * node
    assert lines(node.named("L"))[2].startswith("L = … (180 operations) = ")


def test_a_sum_over_many_readers_shows_the_first() -> None:
    x = Node(1.0, "x")
    root = sum((x * index).named(f"u{index}") for index in range(1, 21))
    assert lines(root)[-1].endswith("7·du7 + 8·du8 + … (12 more) = 210")


# --- the model -------------------------------------------------------------------------------------------------------


def test_a_derivation_is_plain_data() -> None:
    derivation = explain(lecture())
    assert list(derivation) == [*derivation.forward, *derivation.backward]
    assert len(derivation) == len(list(derivation)) == 18
    assert pickle.loads(pickle.dumps(derivation)) == derivation == copy.deepcopy(derivation)
    assert hash(derivation) == hash(explain(lecture()))
    assert repr(derivation) == str(derivation)


def test_a_backward_step_has_its_parts() -> None:
    step = next(step for step in explain(lecture()).backward if step.name == "z")
    a, y, one = Letter("a"), Letter("y"), Number(1.0)
    assert isinstance(step, Backward)
    assert step.chain == Apply("mul", (Adjoint("a"), Slope("a", "z")))
    assert step.symbol == Apply("mul", (Apply("mul", (Adjoint("a"), a)), Apply("sub", (one, a))))
    assert step.closed == Apply("sub", (a, y))
    assert step.substitution == Apply("sub", (Number(1 / (1 + math.exp(0.3))), one))
    assert step.number == pytest.approx(1 / (1 + math.exp(0.3)) - 1, rel=1e-15)


def test_a_forward_step_has_its_parts() -> None:
    x = Node(3.0, "x")
    given, square = explain((x * x).named("s")).forward
    assert given == Forward("x", None, None, 3.0)
    times = Apply("mul", (Letter("x"), Letter("x")))
    assert square == Forward("s", times, Apply("mul", (Number(3.0), Number(3.0))), 9.0)


def test_a_formula_too_long_is_a_cut() -> None:
    root = sum(Node(1.0, f"x{index}") for index in range(200))
    assert explain(root).forward[-1].symbol == Cut(199, "operations")
