"""What the rules cost where there is nothing for them to do: recording a network of add, mul and relu."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Any

import pytest

from compgraph import Node, relu
from compgraph.record import NEVER, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.benchmark

WIDTH, INPUTS, NETWORKS = 8, 8, 20


@pytest.fixture
def switch() -> Iterator[Callable[[bool], None]]:
    """``switch(True)`` puts the rules to work, ``switch(False)`` takes them from recording."""
    Node(1.0) + Node(1.0)  # the rules are loaded with the first op that is recorded
    before = {op: (op.hot, op.seed) for op in table()}

    def turn(on: bool) -> None:
        for op, (hot, seed) in before.items():
            op.watch(hot=hot if on else NEVER, seed=seed and on)

    yield turn
    turn(True)


def network(weights: list[list[Node]], inputs: list[Node]) -> Node:
    hidden = [relu(sum((w * x for w, x in zip(row, inputs, strict=True)), row[0])) for row in weights]
    return sum((h * w for h, w in zip(hidden, weights[0], strict=True)), hidden[0])


def test_recording_with_and_without_rules(switch: Callable[[bool], None], report: Callable[..., None]) -> None:
    weights = [[Node(0.1 * i - 0.3 * j) for i in range(INPUTS)] for j in range(WIDTH)]
    inputs = [Node(0.2 * i) for i in range(INPUTS)]
    ops = NETWORKS * (WIDTH * (2 * INPUTS + 1) + 2 * WIDTH)

    def seconds(rules: Any) -> float:
        switch(rules)
        start = time.process_time()
        for _ in range(NETWORKS):
            network(weights, inputs)
        return time.process_time() - start

    gc.disable()
    try:
        rounds = [(seconds(False), seconds(True)) for _ in range(100) if gc.collect() >= 0]
    finally:
        gc.enable()
    report("recording, without rules", [1e9 * without / ops for without, _ in rounds], "ns/op")
    report("recording, with rules", [1e9 * with_rules / ops for _, with_rules in rounds], "ns/op")
    report("with / without", [with_rules / without for without, with_rules in rounds], "×", 1.1)
