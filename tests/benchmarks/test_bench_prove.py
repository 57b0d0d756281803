"""How long the classics take to prove: each in under a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from compgraph import Node, exp, grad, log, prove, sigmoid, tanh

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.benchmark


def lecture() -> tuple[Node, Node]:
    x1, x2, y = Node(1.0, "x1"), Node(2.0, "x2"), Node(1.0, "y")
    w1, w2, b = Node(0.1, "w1"), Node(-0.2, "w2"), Node(0.0, "b")
    z = w1 * x1 + w2 * x2 + b
    a = sigmoid(z)
    return grad(-(y * log(a) + (1 - y) * log(1 - a)), w1), x1 * (a - y)


def softmax() -> tuple[Node, Node]:
    z, y = [Node(0.1 * i, f"z{i}") for i in range(3)], [Node(0.2, "y0"), Node(0.5, "y1")]
    y.append(1 - y[0] - y[1])
    p = [exp(q) / sum(map(exp, z)) for q in z]
    return grad(-sum(t * log(q) for t, q in zip(y, p, strict=True)), z[0]), p[0] - y[0]


def two_layers() -> tuple[Node, Node]:
    x, w, v = Node(0.3, "x"), [Node(0.1 * i, f"w{i}") for i in range(5)], [Node(0.2 * i, f"v{i}") for i in range(5)]
    h = [tanh(weight * x) for weight in w]
    p = sigmoid(sum(weight * unit for weight, unit in zip(v, h, strict=True)))
    return grad((p - 1) ** 2 / 2, w[2]), (p - 1) * p * (1 - p) * v[2] * (1 - h[2] ** 2) * x


@pytest.mark.parametrize("classic", [lecture, softmax, two_layers], ids=lambda classic: classic.__name__)
def test_proving_a_classic(
    classic: Callable[[], tuple[Node, Node]],
    report: Callable[..., None],
    stopwatch: Callable[[Callable[[], object]], float],
) -> None:
    left, right = classic()
    assert prove(left, right)
    report(f"prove, {classic.__name__}", [stopwatch(lambda: prove(left, right)) for _ in range(9)], "s", 1.0)
