"""*eager*: a 2-16-16-1 ReLU network with hinge loss for one example, built node by node and run backward.

compgraph and micrograd run the same program in alternate rounds, so that a busy machine is busy for both.
"""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Any

import pytest

import compgraph as cg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Stopwatch = Callable[[Callable[[], object]], float]
    Report = Callable[..., None]

pytestmark = pytest.mark.benchmark

SIZES = (2, 16, 16, 1)
EXAMPLE, LABEL = (0.8, -1.3), -1.0  # the loss is not 0 there, nor are the gradients
ROUNDS, WARM_UP = 40, 3
REPEATS = 20  # so many times in a round, so that an engine meets its own garbage

_COUNT = sum((before + 1) * after for before, after in itertools.pairwise(SIZES))
_NUMBERS = [random.Random(0).uniform(-1.0, 1.0) for _ in range(_COUNT)]


class Network:
    """The network in one engine.

    Args:
        make: Makes a parameter of the engine,
        arguments: from each of these.
        relu: The engine's ReLU.
    """

    def __init__(self, make: Callable[..., Any], arguments: Iterable[tuple[Any, ...]], relu: Callable[[Any], Any]):
        self.make, self.arguments, self.relu = make, list(arguments), relu
        self.parameters = self.made()

    def made(self) -> list[Any]:
        return [self.make(*arguments) for arguments in self.arguments]

    def loss(self, parameters: Iterable[Any]) -> Any:
        values: Sequence[Any] = EXAMPLE
        remaining = iter(parameters)
        for size in SIZES[1:]:
            neurons = []
            for _ in range(size):
                weights = [next(remaining) for _ in values]
                total = sum((w * x for w, x in zip(weights, values, strict=True)), next(remaining))
                neurons.append(self.relu(total) if size > 1 else total)
            values = neurons
        return self.relu(1 - LABEL * values[0])

    def build(self) -> None:
        self.loss(self.parameters)

    def build_and_backward(self) -> None:
        self.loss(self.parameters).backward()

    def parameters_build_and_backward(self) -> None:
        self.loss(self.made()).backward()


@pytest.fixture
def engines() -> dict[str, Network]:
    value = pytest.importorskip("micrograd.engine").Value
    named = [(number, f"w{index}") for index, number in enumerate(_NUMBERS)]
    return {
        "compgraph": Network(cg.Node, named, cg.relu),
        "micrograd": Network(value, [(number,) for number in _NUMBERS], value.relu),
    }


def test_both_engines_compute_the_same(engines: dict[str, Network]) -> None:
    gradients = []
    for network in engines.values():
        network.build_and_backward()
        gradients.append([parameter.grad for parameter in network.parameters])
    ours, theirs = gradients
    assert len(theirs) == 337
    assert any(theirs)
    assert ours == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize(
    ("part", "target"), [("build", None), ("build_and_backward", 0.5), ("parameters_build_and_backward", 0.5)]
)
def test_eager_beside_micrograd(
    benchmark: Any,
    stopwatch: Stopwatch,
    report: Report,
    engines: dict[str, Network],
    *,
    part: str,
    target: float | None,
) -> None:
    ours = engines["compgraph"]
    nodes = sum(bool(node.args) for node in cg.order(ours.loss(ours.parameters)))
    times: dict[str, list[float]] = {engine: [] for engine in engines}

    def one_round() -> None:
        for engine, network in engines.items():
            work = getattr(network, part)
            spent = stopwatch(lambda work=work: [work() for _ in range(REPEATS)])
            times[engine].append(1e9 * spent / (nodes * REPEATS))

    benchmark.pedantic(one_round, rounds=ROUNDS, warmup_rounds=WARM_UP)
    title = f"eager, {part.replace('_', ' ')}"
    for engine, samples in times.items():
        report(f"{title}: {engine}", samples[WARM_UP:], "ns/node")
    ratios = [our / their for our, their in zip(*times.values(), strict=True)]
    report(f"{title}: ratio", ratios[WARM_UP:], "× micrograd", target)
