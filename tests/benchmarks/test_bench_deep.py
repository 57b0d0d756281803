"""*deep*: a chain of multiply-adds from 10³ to 10⁶ nodes: build, backward, free; time and memory per node."""

from __future__ import annotations

import gc
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from compgraph import Node

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.benchmark

BYTES_PER_NODE = 250


def chain(nodes: int) -> Node:
    """A chain of so many computed nodes, half of them products, half sums, whose gradients all differ from 0."""
    w, b = Node(0.999999, "w"), Node(1e-6, "b")
    node = Node(0.0, "x")
    for _ in range(nodes // 2):
        node = node * w + b
    return node


@pytest.mark.parametrize(("nodes", "rounds"), [(10**3, 40), (10**4, 20), (10**5, 10), (10**6, 3)])
def test_deep_chain_takes_the_same_time_per_node(
    benchmark: Any,
    stopwatch: Callable[[Callable[[], object]], float],
    report: Callable[..., None],
    nodes: int,
    rounds: int,
) -> None:
    times: dict[str, list[float]] = {"build": [], "build, garbage collector off": [], "backward": [], "free": []}
    held: list[Node] = []

    def one_round() -> None:
        gc.disable()
        times["build, garbage collector off"].append(stopwatch(lambda: held.append(chain(nodes))))
        gc.enable()
        held.clear()
        times["build"].append(stopwatch(lambda: held.append(chain(nodes))))
        times["backward"].append(stopwatch(held[0].backward))
        times["free"].append(stopwatch(held.clear))

    benchmark.pedantic(one_round, rounds=rounds, warmup_rounds=1)
    for part, samples in times.items():
        report(f"deep, {nodes:,} nodes: {part}", [1e9 * time / nodes for time in samples[1:]], "ns/node")


@pytest.mark.parametrize("nodes", [10**3, 10**4, 10**5, 10**6])
def test_deep_chain_takes_the_same_memory_per_node(report: Callable[..., None], nodes: int) -> None:
    """Counted after a backward pass, values and gradients included."""
    tracemalloc.start()
    try:
        root = chain(nodes)
        root.backward()
        size, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    report(f"deep, {nodes:,} nodes: memory", [size / nodes], "bytes/node", BYTES_PER_NODE)
    report(f"deep, {nodes:,} nodes: peak in backward", [peak / nodes], "bytes/node")
    assert 0.0 < root.value < 1.0
    assert size / nodes <= BYTES_PER_NODE
