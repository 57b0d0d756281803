"""What users of micrograd and its relatives complain about, each thread as a test that it does not happen here."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import compgraph as cg
from compgraph import GraphTypeError, Node, NonFiniteWarning

ROOT = Path(__file__).parent.parent


@pytest.fixture
def x() -> Node:
    return Node(3.0, "x")


def test_repeated_backward_gives_the_same_gradient(x: Node) -> None:
    """karpathy/micrograd #53, #25, #32, PR #102: the second backward() doubled every gradient."""
    L = x * x
    L.backward()
    L.backward()
    assert x.grad == 6.0


def test_there_is_nothing_to_zero_between_steps(x: Node) -> None:
    """pytorch/pytorch #47175: "did you forget zero_grad"."""
    L = x * x
    for _ in range(3):
        L.backward()
        x.value = x.value - 0.25 * x.grad
    assert x.value == 3.0 * 0.5**3


def test_backward_of_two_roots_one_after_the_other(x: Node) -> None:
    """karpathy/micrograd #53: gradients of another loss were left in shared nodes."""
    z = x * 2
    (z * z).backward()
    (z * 5).backward()
    assert (z.grad, x.grad) == (5.0, 10.0)


def test_inner_nodes_have_gradients(x: Node) -> None:
    """pytorch PR #30531, pytorch/tutorials #3186: only leaves had .grad, inner ones silently None."""
    z = x * 2
    (z * z).backward()
    assert z.grad == 12.0


def test_an_inner_node_that_is_used_again_is_passed_on_once_and_whole(x: Node) -> None:
    """karpathy/micrograd #53: without topological order a reused inner node passes on a part of its gradient."""
    z = x * x
    L = z * z + z
    L.backward()
    assert z.grad == 2 * 9 + 1
    assert x.grad == 19 * 6


def test_a_product_with_itself_keeps_two_edges(x: Node) -> None:
    """karpathy/micrograd #2 (children as a set): x*x had one edge in the drawing, and half the gradient in ports."""
    square = x * x
    assert square.args == (x, x)
    assert [event.index for event in cg.events(square)] == [0, 1]


def test_the_exponent_may_be_a_node(x: Node) -> None:
    """karpathy/micrograd #17, PR #36: only int and float powers."""
    p = Node(2.0, "p")
    power = x**p
    power.backward()
    assert power.value == 9.0
    assert x.grad == 6.0
    assert p.grad == pytest.approx(9 * math.log(3))


def test_a_number_to_the_power_of_a_node(x: Node) -> None:
    """karpathy/micrograd PR #41: no __rpow__."""
    power = 2**x
    power.backward()
    assert (power.value, x.grad) == (8.0, pytest.approx(8 * math.log(2)))


def test_reflected_operators(x: Node) -> None:
    """karpathy/micrograd PR #122: 1 - x and 1 / x came out reversed, or not at all."""
    assert (1 + x).value == 4.0
    assert (1 - x).value == -2.0
    assert (6 / x).value == 2.0
    assert sum([x, x]).value == 6.0


def test_a_chain_of_a_hundred_thousand_nodes(x: Node) -> None:
    """karpathy/micrograd PR #90, pytorchviz #57: RecursionError in deep graphs."""
    end = x
    for _ in range(100_000):
        end = end + 1.0
    end.backward()
    assert (end.value, x.grad) == (100_003.0, 1.0)


@pytest.mark.slow
def test_a_chain_of_a_million(x: Node) -> None:
    """The same, a size further."""
    end = x
    for _ in range(1_000_000):
        end = end + 1.0
    end.backward()
    assert (end.value, x.grad, len(repr(end)) < 1000) == (1_000_003.0, 1.0, True)


def test_the_graph_is_replayed_and_not_built_anew(x: Node) -> None:
    """karpathy/micrograd PR #55: rebuilding the graph for every example took 2 min instead of 14 s."""
    L = (x * 2 - 1) ** 2
    before = cg.order(L)
    answers = []
    for value in (0.0, 1.0, 2.0):
        x.value = value
        L.backward()
        answers.append((L.value, x.grad))
    assert answers == [(1.0, -4.0), (1.0, 4.0), (9.0, 12.0)]
    assert cg.order(L) == before


def test_sigmoid_then_cross_entropy_keeps_its_gradient() -> None:
    """pytorch #103316, keras #9664, Flux.jl #914: beside saturation the gradient was 0. Here for the op itself."""
    z = Node(40.0, "z")
    cg.softplus(-z).backward()
    assert z.grad == pytest.approx(-math.exp(-40), rel=1e-12)
    a = cg.sigmoid(z)
    a.backward()
    assert z.grad == pytest.approx(math.exp(-40), rel=1e-12)


def test_nodes_get_the_names_of_the_source_s_variables(x: Node) -> None:
    """pytorchviz #59: the drawing shows MulBackward0, not the variable's name."""
    with cg.names():
        score = x * 2
    assert repr(score) == "score = x·2 = 6"


def test_a_branch_on_a_symbolic_value_is_not_silently_true() -> None:
    """casadi #454: `if x > 0` took the first branch whatever x was."""
    with pytest.raises(GraphTypeError, match=r"write where\("):
        cg.trace(lambda x: x if x > 0 else -x)
    assert bool(Node(-1.0) > 0) is False


@pytest.mark.parametrize("mode", ["backward", "grad", "jvp", "batch"])
def test_no_nan_through_the_arm_that_where_did_not_take(mode: str) -> None:
    """jax #347, #1052, autograd #802, tinygrad #12409: 0·inf = nan through the arm not taken."""

    def safe_root(x: Node) -> Node:
        return cg.where(x > 0, cg.sqrt(x), 0.0)

    x = Node(0.0, "x")
    root = safe_root(x)
    if mode == "backward":
        root.backward()
        slope = x.grad
    elif mode == "grad":
        slope = cg.grad(root, x).value
    elif mode == "jvp":
        slope = cg.jvp(safe_root, (0.0,), (1.0,))[1]
    else:
        slope = cg.grad(safe_root)(np.array([0.0, 4.0])).tolist()
    assert slope == ([0.0, 0.25] if mode == "batch" else 0.0)


def test_a_numpy_number_on_the_left_keeps_the_graph(x: Node) -> None:
    """deep-learning-from-scratch-3 #3: np.float64(2) * x gave an array and lost the graph."""
    product = np.float64(2) * x
    product.backward()
    assert (product.value, x.grad) == (6.0, 2.0)


def test_integers_are_numbers() -> None:
    """autograd #3, #482: an integer input was refused, or its gradient silently wrong."""
    n = Node(3, "n")
    (n * n).backward()
    assert n.grad == 6.0
    assert cg.grad(lambda x: x**2)(3) == 6.0


def test_the_first_bad_node_is_named_and_not_the_last() -> None:
    """pytorch #160016, #143658: anomaly mode names where nan was noticed, not where it began."""
    x = Node(-1.0, "x")
    root = (cg.log(x).named("culprit") * 2 + 1).named("loss")
    with pytest.warns(NonFiniteWarning, match=r"loss = nan; .* culprit = log\(x\) = nan, from x = −1; log is defined"):
        _ = root.value


def test_not_computed_is_none_and_not_zero(x: Node) -> None:
    """nn-zero-to-hero #40: a gradient that was never computed is drawn as 0."""
    assert x.grad is None
    assert "0" not in repr(x)


def test_show_me_the_derivative(x: Node) -> None:
    """autograd #587, jax #5159, #12462: the derivative is a graph that can be read."""
    assert repr(cg.grad(cg.sin(x) * 2, x)) == f"2·cos(x) = {str(2 * math.cos(3.0)).replace('-', '−')[:8]}"


def test_the_same_program_prints_the_same_bytes_in_every_process() -> None:
    """pydeps #56: output that differs between runs cannot be compared."""
    program = """
import compgraph as cg
from compgraph.store import dumps
nodes = cg.parse("z = w*x + exp(x)*w; L = maximum(z, -z) + tanh(w)")
nodes["w"].value, nodes["x"].value = 0.5, 2
nodes["L"].backward()
print(dumps(nodes), *map(repr, cg.boxes(nodes["L"])), list(cg.grad(nodes["L"])), ascii(nodes))
"""
    outputs = set()
    for seed in "123":
        environment = {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"}
        command = [sys.executable, "-c", program]
        outputs.add(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)
    assert len(outputs) == 1
