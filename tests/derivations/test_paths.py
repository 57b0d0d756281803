"""explain(L, of=w): every path, the product of the local derivatives along it, and their sum, the gradient."""

from __future__ import annotations

import math
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

import compgraph as cg
from compgraph import Node
from compgraph.codegen.formulas import Apply, Cut, Letter, Number, Slope
from compgraph.derivations import Path, Paths, explain


def paths_of(root: Node, of: Any, level: str = "lecture") -> Paths:
    paths = explain(root, of=of, level=level).paths
    assert paths is not None
    return paths


def diamonds(count: int, x: Node) -> Node:
    """2**count paths from x."""
    node = x
    for _ in range(count):
        node = ((node * 0.5).named("u") + (node * 0.75).named("v")).named("s")
    return node


def test_the_lectures_weight_has_one_path(lecture_root: Node) -> None:
    paths = paths_of(lecture_root, "w1")
    (path,) = paths.shown
    assert path.nodes == ("w1", "z", "a", "L")
    assert path.chain == Apply("mul", (Apply("mul", (Slope("L", "a"), Slope("a", "z"))), Slope("z", "w1")))
    assert path.product == pytest.approx(1 / (1 + math.exp(0.3)) - 1, rel=1e-14)
    assert (paths.of, paths.root, paths.count) == ("w1", "L", 1)
    assert paths.number == pytest.approx(path.product, rel=1e-15)


def test_the_paths_are_printed_with_their_slopes_and_numbers() -> None:
    x = Node(3.0, "x")
    u, v = (x * x).named("u"), (2 * x).named("v")
    text = str(explain((u * v + x).named("L"), of=x))
    assert text.endswith("""
paths from x to L
  x → u → L: ∂L/∂u·∂u/∂x = v·(2·x) = 6·6 = 36
  x → v → L: ∂L/∂v·∂v/∂x = u·2 = 9·2 = 18
  x → L: ∂L/∂x = 1
    dx = 36 + 18 + 1 = 55""")


def test_factors_of_one_are_not_written_out() -> None:
    x = Node(3.0, "x")
    (path,) = paths_of(((x + 1).named("u") * 5).named("L"), x).shown
    assert path.symbol == Number(5.0)
    assert path.substitution == Apply("mul", (Number(5.0), Number(1.0)))


def test_paths_pass_through_unnamed_operations_at_the_ops_level() -> None:
    x = Node(3.0, "x")
    paths = paths_of(cg.sin(x) * (x + 1), "x", level="ops")
    assert [path.nodes for path in paths.shown] == [("x", "v1", "v3"), ("x", "v2", "v3")]
    assert sum(path.product or 0.0 for path in paths.shown) == pytest.approx(paths.number)


def test_without_values_paths_are_symbols_only() -> None:
    x = Node(name="x")
    paths = paths_of((cg.sin(x).named("u") * 2).named("L"), x)
    (path,) = paths.shown
    assert path.symbol == Apply("mul", (Number(2.0), Apply("cos", (Letter("x"),))))
    assert (path.substitution, path.product, paths.number, paths.rest) == (None, None, None, None)


@pytest.mark.parametrize("of", [None, ["x"], "L"])
def test_only_one_gradient_below_the_root_has_paths(of: Any) -> None:
    assert explain((Node(3.0, "x") ** 2).named("L"), of=of).paths is None


def test_of_exponentially_many_paths_the_first_are_listed_and_the_others_counted() -> None:
    x = Node(1.0, "x")
    paths = paths_of(diamonds(70, x), x)
    assert paths.count == 2**70
    assert len(paths.shown) == 8
    assert paths.rest is not None
    listed = math.fsum(path.product or 0.0 for path in paths.shown)
    assert listed + paths.rest == pytest.approx(1.25**70, rel=1e-12)
    assert paths.number == pytest.approx(1.25**70, rel=1e-12)
    assert f"… ({2**70 - 8:,} more paths): ".replace(",", " ") in str(explain(diamonds(70, x), of=x))


def test_all_paths_of_a_few_diamonds_are_listed_once() -> None:
    x = Node(1.0, "x")
    paths = paths_of(diamonds(3, x), x)
    assert sorted(path.product or 0.0 for path in paths.shown) == sorted(
        0.5**k * 0.75 ** (3 - k) for k in range(4) for _ in range(math.comb(3, k))
    )
    assert (paths.count, paths.rest) == (8, None)


def test_a_very_long_path_is_not_written_out() -> None:
    node = x = Node(1.0, "x")
    for index in range(3000):
        node = (node * 1.0).named(f"h{index}")
    paths = paths_of(node, x)
    (path,) = paths.shown
    assert (len(path.nodes), path.chain, path.product) == (3001, Cut(3000, "factors"), 1.0)
    assert "x → h0 → h1 → … (2 995 more) → h2997 → h2998 → h2999: " in str(explain(node, of=x))


def test_a_step_function_leaves_no_path() -> None:
    paths = paths_of((cg.floor(Node(2.5, "x")) * 3).named("L"), "x")
    assert (paths.shown, paths.count, paths.number) == ((), 0, 0.0)


@pytest.mark.usefixtures("few_rules")
@pytest.mark.parametrize("at", [-800.0, -40.0, 0.5, 40.0, 800.0])
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_where_twins_carry_the_flow_no_product_is_nan(at: float, label: float) -> None:
    w = Node(at, "w")
    a = cg.sigmoid((w * 1).named("z")).named("a")
    root = (-(label * cg.log(a) + (1 - label) * cg.log(1 - a))).named("L")
    derivation = explain(root, of=w)
    assert derivation.paths is not None
    assert derivation.paths.number == pytest.approx(cg.grad(root, w).value, rel=1e-12)
    assert "nan" not in str(derivation)
    products = [path.product for path in derivation.paths.shown if path.product is not None]
    assert all(map(math.isfinite, products))
    assert len(products) == 1 or derivation.paths.computed is not None


def test_paths_are_steps_of_the_derivation(lecture_root: Node) -> None:
    derivation = explain(lecture_root, of="w1")
    assert [step for step in derivation if isinstance(step, Path)] == list(derivation.paths.shown)
    assert len(derivation) == len(list(derivation))


@hypothesis.given(st.data())
def test_the_products_of_all_paths_add_up_to_the_gradient(graphs: Any, data: st.DataObject) -> None:
    root, _ = data.draw(graphs)
    below = [leaf for leaf in cg.inputs(root) if leaf is not root]
    hypothesis.assume(below)
    for index, node in enumerate(cg.order(root)):
        if node.args and data.draw(st.booleans()):
            node.named(f"n{index}")
    for level in ("lecture", "ops"):
        paths = paths_of(root, below[0], level)
        products = [path.product for path in paths.shown]
        if None in products or paths.computed is not None or paths.count > len(products):
            continue
        scale = max([1.0, *map(abs, products)])
        assert math.fsum(products) == pytest.approx(paths.number, rel=1e-9, abs=1e-9 * scale)
