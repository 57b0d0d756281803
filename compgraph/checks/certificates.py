"""One partial of one op at its actual arguments: right, wrong, or lost to rounding, judged by the op's own values.

Two questions are kept apart. Is the formula right? It is computed in balls, without rounding to speak of, and compared
with the slope of the op's values: the answer does not depend on conditioning, so 1e-9 is as visible at 1e12 as at 1.
And are its floats right? They may be off by 16 ulp·(1 + condition number), as everywhere in the package.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ..balls import Ball, ball_of, bounds_at, partial_of
from ..enclosed import UNSUITED
from ..graph import number
from ..node import Node
from ..ops import abs as absolute
from .numeric import central_differences
from .slopes import BITS, Slopes, Where, at_kink, slopes_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..record import Op

__all__ = ["Certificate", "certify", "chosen"]

Verdict = Literal["right", "wrong", "rounded", "undecided"]

_FORMULA = 2.0**-40  # constants in a formula are floats, as log 2 is: 2**-52; a wrong 1e-9 is 2**-30
_FLOATS = 2.0**-31  # what floats may lose without further question
_ULPS = 16.0
_FAINT = 1e-290  # a partial beside the subnormal numbers has not the digits to be judged by
_LARGEST = sys.float_info.max
_UNSEEN = 2**750  # the smallest steps, about 2**−1600, do not see where a slope beyond this ends

# Distinct (op, arguments) of one op that are looked at; a graph with more of them is sampled.
EACH, ALL = 64, 4000


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the values of an op say on one of its partials.

    Attributes:
        op: The op.
        index: Which argument the partial is in.
        args: The arguments.
        where: "smooth", "kink", "edge" of the domain, or "nowhere": there is no derivative to compare with.
        partial: The partial as the engine computes it.
        low: The smallest slope of the op's values there; one slope where the op is smooth, that of each side at a kink.
        high: The largest.
        verdict: "right", "wrong", "rounded" (a right formula whose floats lose digits) or "undecided".
    """

    op: Op
    index: int
    args: tuple[float, ...]
    where: Where
    partial: float
    low: float
    high: float
    verdict: Verdict

    @property
    def place(self) -> str:
        """The op at its arguments: ``log(x = 2)``."""
        pairs = zip(self.op.parameters, self.args, strict=True)
        return f"{self.op.name}({', '.join(f'{name} = {number(value, 17)}' for name, value in pairs)})"

    @property
    def convention(self) -> str:
        """What is declared for this kink; empty where nothing is."""
        return next((kink.convention for kink in self.op.kinks if _vanishes(kink.gap, self.args)), "")

    def __str__(self) -> str:
        parameter = self.op.parameters[self.index]
        slopes = number(self.low, 17) if self.low == self.high else f"{number(self.low)} to {number(self.high)}"
        return f"∂{self.place}/∂{parameter} is {number(self.partial, 17)}; the op's own values have slope {slopes}"


def certify(op: Op, index: int, args: Sequence[float]) -> Certificate:
    """Compare one partial with the slope of the op's values.

    >>> from compgraph.ops import log, relu
    >>> certify(log, 0, [2.0]).verdict, certify(relu, 0, [0.0]).where
    ('right', 'kink')
    """
    args = tuple(args)
    output = op.on_floats(*args)
    try:
        partial = float(op.partial_on_floats(index, output, args))
    except UNSUITED:
        partial = math.nan
    if not math.isfinite(args[index]) or not (op.selects or all(map(math.isfinite, args))):
        return Certificate(op, index, args, "nowhere", partial, math.nan, math.nan, "undecided")
    try:
        return _by_balls(op, index, args, partial)
    except UNSUITED:
        return _by_differences(op, index, args, partial)


def _by_balls(op: Op, index: int, args: tuple[float, ...], partial: float) -> Certificate:
    bent = at_kink(op, args)
    for bits in BITS:
        with bounds_at(bits) as bounds:
            slopes = slopes_at(op, index, args, bounds, bent=bent)
            formula = _formula(op, index, args, slopes)
            is_known = formula is None or not formula.is_unknown
            if (slopes.is_resolved and is_known) or bits == BITS[-1]:
                verdict = _judged(op, index, args, slopes, partial=partial, formula=formula)
                return Certificate(op, index, args, slopes.where, partial, *slopes.floats(), verdict)
    raise AssertionError


def _formula(op: Op, index: int, args: Sequence[float], slopes: Slopes) -> Ball | None:
    """The partial in balls; None where it is not written for them."""
    numbers = [ball_of(slopes.bounds, arg) for arg in args]
    try:
        return partial_of(op, index, ball_of(slopes.bounds, op(*numbers)), numbers)
    except UNSUITED:
        return None


def _judged(
    op: Op, index: int, args: tuple[float, ...], slopes: Slopes, *, partial: float, formula: Ball | None
) -> Verdict:
    if slopes.where == "nowhere":
        return "undecided"
    if formula is not None and not formula.is_unknown:
        if slopes.where != "smooth" and _is_no_number(formula) and not _lies_in(formula, slopes):
            return "undecided"  # nan claims nothing; 0.5/√x at −0.0 is −∞; a jump is infinitely steep, too
        if not _lies_in(formula, slopes):
            return "undecided" if _ends_unseen(formula, slopes) else "wrong"
        if not slopes.is_resolved and not _is_small(slopes):
            return "undecided"
        agree = _floats_agree(op, index, args, slopes, partial, tolerance=_FLOATS)
        return "right" if agree else "rounded"
    if not slopes.is_resolved and not _is_small(slopes):
        return "undecided"
    return "right" if _floats_agree(op, index, args, slopes, partial, tolerance=_FORMULA) else "wrong"


def _is_no_number(formula: Ball) -> bool:
    return formula.special is not None and not math.isfinite(formula.special)


def _ends_unseen(formula: Ball, slopes: Slopes) -> bool:
    """Whether a slope that seems to grow without end may end at the partial: below the smallest step, as √(b² + q)."""
    is_infinite = not all(map(math.isfinite, slopes.floats()))
    return is_infinite and not _is_no_number(formula) and bool(absolute(formula).low > slopes.bounds.point(_UNSEEN))


def _is_small(slopes: Slopes) -> bool:
    return max(map(abs, slopes.floats())) < _FAINT


def _lies_in(formula: Ball, slopes: Slopes) -> bool:
    """Whether a partial is between the slopes, up to what float constants in it may do."""
    bounds, hull = slopes.bounds, slopes.hull()
    if formula.special is not None and not math.isfinite(formula.special):
        ends = bounds.to_float(hull.low), bounds.to_float(hull.high)
        return formula.special in ends
    size = max(absolute(hull).high, absolute(formula).high)
    if not bounds.is_finite(size):
        size = absolute(formula).high  # an infinite side: what is left is to be on its side of the other
    room = ball_of(bounds, _FORMULA) * Ball(bounds, size, size) + ball_of(bounds, 2.0**-1074)
    return bool(formula.high >= (Ball(bounds, hull.low, hull.low) - room).low
                and formula.low <= (Ball(bounds, hull.high, hull.high) + room).high)  # fmt: skip


def _floats_agree(
    op: Op, index: int, args: tuple[float, ...], slopes: Slopes, partial: float, *, tolerance: float
) -> bool:
    low, high = slopes.floats()
    if _distance(partial, low, high) <= tolerance * min(max(abs(low), abs(high)), _LARGEST) + _FAINT:
        return True
    moved = _FAINT
    for place, arg in enumerate(args):
        for end in (-math.inf, math.inf):
            near = (*args[:place], math.nextafter(arg, end), *args[place + 1 :])
            beside = slopes_at(op, index, near, slopes.bounds).floats()
            if slopes.where == "smooth" and all(map(math.isfinite, beside)):
                moved = max(moved, abs(beside[0] - low), abs(beside[1] - high))
    return _distance(partial, low, high) <= _ULPS * moved


def _distance(partial: float, low: float, high: float) -> float:
    """How far a number is from an interval; numbers beyond the range of floats count as its ends."""
    if partial != partial:
        return math.inf
    partial, low, high = (max(-_LARGEST, min(_LARGEST, end)) for end in (partial, low, high))
    return max(low - partial, partial - high, 0.0)


def _by_differences(op: Op, index: int, args: tuple[float, ...], partial: float) -> Certificate:
    """By central differences of floats, where an op's value is written for nothing else."""
    try:
        nodes = [Node(arg) for arg in args]
        estimate = central_differences(op(*nodes), [nodes[index]])[nodes[index]]
    except UNSUITED:
        return Certificate(op, index, args, "nowhere", partial, math.nan, math.nan, "undecided")
    slope, error = estimate.value, estimate.error
    if estimate.reason:
        return Certificate(op, index, args, "nowhere", partial, math.nan, math.nan, "undecided")
    allowed = error + _FORMULA * abs(slope)
    verdict: Verdict = "right" if abs(partial - slope) <= allowed else "wrong"
    return Certificate(op, index, args, "smooth", partial, slope, slope, verdict)


def _vanishes(gap: Any, args: Sequence[float]) -> bool:
    try:
        return bool(gap(*args) == 0.0)
    except UNSUITED:
        return False


# --- which of a graph's nodes --------------------------------------------------------------------------------------


def chosen(nodes: Iterable[Node]) -> tuple[list[Node], int]:
    """The nodes whose ops are looked at, and how many different (op, arguments) there are.

    One node for each op and arguments. Of a graph with more than 4000 of them, of each op 64: sorted by their
    arguments, evenly spread, the smallest and the largest among them, and those at a kink.
    """
    groups: dict[Op, dict[tuple[float, ...], Node]] = {}
    for node in nodes:
        if node.args:
            args = tuple(arg._value if arg._value is not None else math.nan for arg in node.args)
            groups.setdefault(node.op, {}).setdefault(args, node)
    count = sum(map(len, groups.values()))
    if count <= ALL:
        return [node for group in groups.values() for node in group.values()], count
    picked: list[Node] = []
    for op, group in groups.items():
        places = sorted(group)
        step = max(1.0, (len(places) - 1) / (EACH - 1))
        spread = {places[min(len(places) - 1, round(k * step))] for k in range(min(EACH, len(places)))}
        kinks = [place for place in places if at_kink(op, place)][:EACH] if op.kinks else []
        picked += [group[place] for place in sorted(spread.union(kinks))]
    return picked, count
