"""Points at which two sides of a claim are compared: the present one, then random ones, the same for a seed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..node import Node

__all__ = ["random_points"]


def random_points(present: Mapping[Node, float], seed: int) -> Iterator[dict[Node, float]]:
    """Points without end; by turns near the present one, about 1 in size, and of all sizes.

    Near ones keep every sign and stay within a factor of 4, so that a graph that is only defined in part, as log x or
    √(1 − x²) are, is met inside its domain; the others look at it elsewhere.

    Args:
        present: Each input that moves, and its present value.
        seed: Where the random numbers begin.

    >>> from compgraph.node import Node
    >>> x = Node(3.0, "x")
    >>> near, unit, wide = (point[x] for point, _ in zip(random_points({x: 3.0}, 0), range(3)))
    >>> 0.75 <= near <= 12.0, -2.0 <= unit <= 2.0
    (True, True)
    """
    chance = random.Random(seed)
    while True:
        yield {node: _short(_near(chance, value)) for node, value in present.items()}
        yield {node: _short(chance.uniform(-2.0, 2.0)) for node in present}
        yield {node: _short(chance.choice((-1.0, 1.0)) * 10.0 ** chance.uniform(-3.0, 2.0)) for node in present}


def _near(chance: random.Random, value: float) -> float:
    return value * 4.0 ** chance.uniform(-1.0, 1.0) if value else chance.uniform(-1.0, 1.0)


def _short(value: float) -> float:
    """A number of three digits, which somebody can type again."""
    return float(f"{value:.3g}")
