"""What twins do to a typed expression at a point: the numbers as typed, the numbers with twins, and the truth.

"Right" is within 16 ulp·(1 + condition number), as everywhere. Twins lose digits where what was typed is right and they
are off by more than that was and 4 ulp·(1 + condition number).
"""

from __future__ import annotations

import math
import random
import sys
import warnings
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

from mpmath import mp

import compgraph as cg
from compgraph import Node
from compgraph.errors import NonFiniteWarning
from compgraph.graph import peek
from tests.rules.jets import truths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.form_checks import Truth

    Point = tuple[float, ...]
    Wrt = tuple[int, ...]
    Answers = dict[tuple[str, Wrt], float]

# 4 ulp of the 16 that are right.
SLACK = 4 / 16

# With a condition number beyond this every answer is right.
_SENSELESS = 2.0**60
# A derivative this small is one that vanishes: what it is computed from is not.
_NOTHING = 1e-300


class Verdict(NamedTuple):
    """One number judged: the value or a derivative at a point, as typed and with twins; errors in units of "right"."""

    how: str
    wrt: Wrt
    point: Point
    typed: float
    ours: float
    truth: Truth | None
    typed_error: float
    our_error: float

    @property
    def is_wrong(self) -> bool:
        """Whether what twins answer is not right, or a number where there is none."""
        return self.our_error > 1

    @property
    def is_loss(self) -> bool:
        """Whether twins are worse than what was typed, which was right."""
        return self.typed_error <= 1 and self.our_error > self.typed_error + SLACK

    @property
    def is_strict_loss(self) -> bool:
        """Whether they lose more than 4 ulp of the truth itself, however ill-conditioned it is."""
        if self.truth is None or self.typed_error > 1 or self.our_error == 0:
            return False
        with mp.workdps(40):
            true = self.truth.number
            slack = 4 * mp.mpf(math.ulp(min(abs(float(true)), sys.float_info.max)))
            return bool(abs(mp.mpf(self.ours) - true) > abs(mp.mpf(self.typed) - true) + slack)

    def __str__(self) -> str:
        true = "nan" if self.truth is None else mp.nstr(self.truth.number, 17)
        return (
            f"{self.how}{list(self.wrt) or ''} at {self.point}: {self.ours!r} ({self.our_error:.2g}×), as typed "
            f"{self.typed!r} ({self.typed_error:.2g}×), true {true}"
        )


def answers(function: Callable[..., Any], point: Point, order: int, *, typed: bool) -> Answers:
    """The value and the derivatives up to an order, every way there is to have them."""
    with warnings.catch_warnings(), cg.as_typed() if typed else nullcontext():
        warnings.simplefilter("ignore", NonFiniteWarning)
        nodes = [Node(number) for number in point]
        root = function(*nodes)
        if not isinstance(root, Node):
            return {("value", ()): float(root)}
        return dict(_answers(root, nodes, order))


def _answers(root: Node, nodes: list[Node], order: int) -> Iterator[tuple[tuple[str, Wrt], float]]:
    yield ("value", ()), _read(root)
    if order == 0:
        return
    root.backward()
    for i, node in enumerate(nodes):
        yield ("backward", (i,)), node.grad or 0.0
    if order == 1:
        return
    slopes = cg.grad(root, nodes)
    for i, (node, slope) in enumerate(zip(nodes, slopes, strict=True)):
        yield ("grad", (i,)), _read(slope)
        yield ("jvp", (i,)), _read(cg.jvp(root, {node: 1.0})[1])
        for j, second in enumerate(cg.grad(slope, nodes)):
            yield ("hessian", (i, j)), _read(second)


def _read(node: Node) -> float:
    value = peek(node)
    assert value is not None
    return value


def verdicts(function: Callable[..., Any], point: Point, order: int) -> Iterator[Verdict]:
    """Every number at a point that there is a truth for."""
    known = truths(function, point, order)
    if known == {}:
        return
    typed, ours = (answers(function, point, order, typed=flag) for flag in (True, False))
    for (how, wrt), got in ours.items():
        naive = typed.get((how, wrt), math.nan)
        if known is None:
            if not wrt:
                yield Verdict(how, wrt, point, naive, got, None, 0.0, math.inf * (naive != naive and got == got) or 0.0)
            continue
        truth = known.get(tuple(sorted(wrt)))
        if truth is not None and not truth.movement > _SENSELESS * abs(truth.number) > 0:
            floor = _floor(known, wrt, point) if abs(truth.number) < _NOTHING else 0.0
            errors = [0.0 if abs(number) <= floor else _error(truth, number) for number in (naive, got)]
            yield Verdict(how, wrt, point, naive, got, truth, *errors)


def _floor(known: dict[Wrt, Truth], wrt: Wrt, point: Point) -> float:
    """What a slope that is truly 0 may be: as much as an error of 16 ulp in what it is the slope of."""
    below = known.get(tuple(sorted(wrt[:-1]))) if wrt else None
    return (
        0.0 if below is None else 16 * sys.float_info.epsilon * float(abs(below.number)) / max(1.0, abs(point[wrt[-1]]))
    )


def _error(truth: Truth, got: float) -> float:
    """In units of "right"; among the subnormal numbers an ulp is larger than it is elsewhere."""
    true = abs(truth.number)
    if not 0 < true < sys.float_info.min or not math.isfinite(got):
        return truth.error(got)
    with mp.workdps(40):
        condition = truth.movement / true
        return float(abs(mp.mpf(got) - truth.number) / (16 * (1 + condition) * mp.mpf(math.ulp(float(true)))))


# --- points --------------------------------------------------------------------------------------------------------

_SIZES = (1e-300, 1e-160, 1e-20, 1e-16, 1e-8, 1e-3, 0.1, 0.3, 0.5, 0.75, 1 - 2**-53, 1.0, 1 + 2**-52, 1.5, math.pi / 2,
          2.0, math.pi, 5.0, 10.0, 18.0, 26.0, 36.5, 40.0, 300.0, 354.0, 400.0, 709.0, 710.5, 745.0, 800.0, 1e5, 1e16,
          1e20, 1e100, 1e160, 1e300)  # fmt: skip
AXIS = (0.0, *(sign * size for size in _SIZES for sign in (1, -1)))


def points(count: int, number: int, key: str) -> list[Point]:
    """Points for so many inputs: extreme and ordinary, apart and close to one another; the same in every run."""
    chance = random.Random(key)
    if count == 1:
        sample = list(AXIS)
        chance.shuffle(sample)
        more = [(_any(chance),) for _ in range(number - len(sample))]
        return [*((size,) for size in sample[:number]), *more]
    return [_point(count, chance) for _ in range(number)]


def _point(count: int, chance: random.Random) -> Point:
    ordinary = chance.random() < 0.4
    numbers = [round(chance.gauss(0, 3), 3) if ordinary else _any(chance) for _ in range(count)]
    for k in range(1, count):
        if chance.random() < 0.25:
            near = numbers[k - 1] * chance.choice((1, -1))
            numbers[k] = near * (1 + chance.choice((0, 2**-52, -(2**-52), 1e-12, 1e-8, -1e-3, 0.1)))
    return tuple(numbers)


def _any(chance: random.Random) -> float:
    draw = chance.random()
    if draw < 0.35:
        return chance.gauss(0, 3)
    if draw < 0.5:
        return chance.uniform(-800, 800)
    if draw < 0.6:
        return chance.choice((-1, 1)) * 10 ** chance.uniform(-20, 20)
    if draw < 0.7:
        return chance.choice((-1, 1)) * 10 ** chance.uniform(-305, 305)
    return chance.choice(AXIS)
