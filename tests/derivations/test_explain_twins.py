"""explain with twins: formulas as typed, numbers exact, and a word where the two would not agree."""

from __future__ import annotations

import math
from itertools import takewhile
from typing import TYPE_CHECKING

import pytest

import compgraph as cg
from compgraph import Node
from compgraph.derivations import Backward, Twin, explain

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("few_rules")


WRITTEN_OUT = "da·∂a/∂z = (−y/a + (1 − y)/(1 − a))·a·(1 − a) = −y·(1 − a) + (1 − y)·a"


def primitive(z: Node) -> Node:
    return 1 / (1 + cg.exp(-z))


def loss(at: float, label: float, sigmoid: Callable[[Node], Node] = cg.sigmoid) -> Node:
    w, x, y = Node(at, "w"), Node(1.0, "x"), Node(label, "y")
    z = (w * x).named("z")
    a = sigmoid(z).named("a")
    return (-(y * cg.log(a) + (1 - y) * cg.log(1 - a))).named("L")


def line(root: Node, name: str, level: str = "lecture") -> str:
    """The line of one gradient, with the lines that go on from it."""
    lines = str(explain(root, level=level)).splitlines()
    (first,) = [index for index, text in enumerate(lines) if text.split()[:2] == [name, "="]]
    below = takewhile(lambda text: text.lstrip().startswith("="), lines[first + 1 :])
    return "\n".join([lines[first].strip(), *(text.strip() for text in below)])


@pytest.mark.parametrize("sigmoid", [cg.sigmoid, primitive])
@pytest.mark.parametrize("level", ["lecture", "ops"])
@pytest.mark.parametrize(("at", "label"), [(-0.3, 1.0), (1.5, 0.0), (2.2, 0.25)])
def test_at_ordinary_values_the_text_is_that_of_the_graph_without_twins(
    sigmoid: Callable[[Node], Node], level: str, at: float, label: float
) -> None:
    with cg.as_typed():
        naive = str(explain(loss(at, label, sigmoid), level=level))
    assert str(explain(loss(at, label, sigmoid), level=level)) == naive


def test_the_typed_chain_rule_stands_and_its_number_is_exact() -> None:
    assert line(loss(800.0, 0.0), "dz") == f"dz = {WRITTEN_OUT} = a − y = 1 − 0 = 1"


def test_a_product_that_is_not_the_number_is_followed_by_what_computed_it() -> None:
    text = line(loss(40.0, 1.0), "dz")
    assert text.startswith(f"dz = {WRITTEN_OUT}\n= a − y, computed as ")
    assert text.endswith(" = −4.24835e−18")


@pytest.mark.parametrize("level", ["lecture", "ops"])
@pytest.mark.parametrize(("at", "label"), [(40.0, 1.0), (800.0, 0.0), (-800.0, 1.0), (-800.0, 0.0)])
@pytest.mark.parametrize("sigmoid", [cg.sigmoid, primitive])
def test_nothing_is_nan(sigmoid: Callable[[Node], Node], level: str, at: float, label: float) -> None:
    derivation = explain(loss(at, label, sigmoid), level=level)
    assert "nan" not in str(derivation)
    (dz,) = {step.number for step in derivation if isinstance(step, Backward) and step.name == "z"} or {None}
    true = -label / (1 + math.exp(at)) if label and at > 0 else (at > 0) - label
    assert dz is None or dz == pytest.approx(true, rel=1e-12)


def test_the_number_that_is_computed_otherwise_is_not_shown_as_the_typed_form_at_numbers() -> None:
    assert line(loss(800.0, 0.0), "L") == "L = −(y·log(a) + (1 − y)·log(1 − a)) = 800"


def test_the_gradient_of_a_node_that_twins_bypass_is_that_of_the_graph_as_typed() -> None:
    assert line(loss(40.0, 0.0), "da") == "da = −y/a + (1 − y)/(1 − a), computed as −y/a + (1 − y)/σ(−z) = 2.35385e+17"
    assert line(loss(800.0, 0.0), "da") == "da = −y/a + (1 − y)/(1 − a) = ∞"


def test_operations_whose_sum_is_not_the_gradient_show_no_numbers() -> None:
    text = str(explain(loss(800.0, 0.0), level="ops"))
    assert " dz += da·∂a/∂z = da·a·(1 − a)\n" in text
    assert "\n  dz, computed as " in text
    assert " dw += dz·∂z/∂w = x·dz = 1·1 = 1\n" in text


def test_twins_that_matter_are_listed_once_with_the_reason() -> None:
    text = str(explain(loss(40.0, 1.0)))
    assert text.endswith("""
computed as
  log(a) as −softplus(−z) = −4.24835e−18, not 0: log σ would round σ to 1
  1 − a as σ(−z) = 4.24835e−18, not 0: σ rounds to 1""")


def test_a_named_node_is_listed_by_its_name() -> None:
    z = Node(40.0, "z")
    q = (1 - cg.sigmoid(z)).named("q")
    assert str(explain(q)).endswith("\n  q = 1 − σ(z) as σ(−z) = 4.24835e−18, not 0: σ rounds to 1")


def test_a_twin_that_only_the_gradient_needs_is_listed_too() -> None:
    z = Node(-800.0, "z")
    derivation = explain(primitive(z).named("a"))
    (twin,) = derivation.twins
    assert (twin.name, twin.number, twin.naive, twin.why) == ("a", 0.0, 0.0, "exp overflows beyond 709")
    assert str(derivation).endswith("\n  a = 1/(1 + exp(−z)) as σ(z) = 0: exp overflows beyond 709")


def test_the_twins_are_steps_of_the_derivation() -> None:
    derivation = explain(loss(40.0, 1.0))
    assert [step for step in derivation if isinstance(step, Twin)] == list(derivation.twins)
    assert len(derivation) == len(list(derivation))


def test_many_twins_are_counted() -> None:
    z = Node(40.0, "z")
    total = z
    for _ in range(250):
        total = total + (1 - cg.sigmoid(z))
    derivation = explain(total, level="ops")
    assert len(derivation.twins) == 200
    assert str(derivation).endswith("\n  … and 50 more")


def test_steps_to_one_node_pass_through_what_twins_bypass() -> None:
    assert [step.name for step in explain(loss(-0.3, 1.0), of="z").backward] == ["L", "a", "z"]
    with cg.as_typed():
        naive = str(explain(loss(-0.3, 1.0), of="z"))
    assert str(explain(loss(-0.3, 1.0), of="z")) == naive


def test_without_values_formulas_are_those_typed() -> None:
    def symbols(level: str) -> str:
        z = Node(name="z")
        return str(explain(cg.log(cg.sigmoid(z).named("a")), level=level))

    for level in ("lecture", "ops"):
        with cg.as_typed():
            naive = symbols(level)
        assert symbols(level) == naive


def test_formulas_of_a_derivation_have_no_twins_of_their_own() -> None:
    """The letters' formulas are recorded on the way: a rule must not change how a textbook writes them."""
    u, v = Node(0.5, "u"), Node(0.25, "v")
    s = (cg.sigmoid(u) * v).named("s")
    assert line(s, "du") == "du = v·σ(u)·(1 − σ(u)) = 0.25·σ(0.5)·(1 − σ(0.5)) = 0.0587509"


def test_a_gradient_whose_terms_cancel_to_0_is_not_said_to_be_nan() -> None:
    x = Node(1000.0, "x")
    with cg.as_typed():
        root = ((cg.exp(x) - cg.exp(x)).named("d") * 2).named("r")
    with pytest.warns(cg.NonFiniteWarning):
        assert line(root, "dx") == "dx = dd·∂d/∂x = nan"
    x.value = 1.0
    assert line(root, "dx") == "dx = 0"
