"""Kernels of sums of hyperbolic cosines: each cosine as two exponentials, each sine with the factor 1 − e^(−2|u|)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .exponential import FUNCTIONS as EXPONENTIAL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["FUNCTIONS"]

_LARGEST, _SMALLEST, _FARTHEST = 1e150, 1e-250, 300.0


def _exponentials(numbers: Sequence[float]) -> list[float]:
    """The terms w·cosh u as w1, u1, w2, u2, … of exponentials; a number, w·cosh 0, stays one term."""
    found: list[float] = []
    for w, u in zip(numbers[::2], numbers[1::2], strict=True):
        found += (w / 2, u, w / 2, -u) if u else (w, 0.0)
    return found


def _log_cosh_sum(*numbers: float) -> float:
    value: float = EXPONENTIAL["log_weighted_sum"](*_exponentials(numbers))
    return value


def _total(numbers: Sequence[float]) -> float:
    """The sum itself where floats hold it and its terms with room to spare and nothing cancels; else nan."""
    pairs = tuple(zip(numbers[::2], numbers[1::2], strict=True))
    if not all(abs(w) < _LARGEST and abs(u) < _FARTHEST for w, u in pairs):
        return math.nan
    terms = [w * math.cosh(u) for w, u in pairs]
    total = math.fsum(terms)
    return total if abs(total) >= max(*map(abs, terms), _SMALLEST) / 2 else math.nan


def _exp_share(numbers: Sequence[float]) -> float:
    """e^|u1| over the sum."""
    share: float = EXPONENTIAL["weighted_softmax"](0.0, abs(numbers[1]), *_exponentials(numbers))
    return share


def _cosh_share(*numbers: float) -> float:
    u, total = numbers[1], _total(numbers)
    return math.cosh(u) / total if total == total else (1.0 + math.exp(-2.0 * abs(u))) / 2 * _exp_share(numbers)


def _sinh_share(*numbers: float) -> float:
    u, total = numbers[1], _total(numbers)
    return (
        math.sinh(u) / total
        if total == total
        else math.copysign(math.expm1(-2.0 * abs(u)) / 2, u) * _exp_share(numbers)
    )


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "log_cosh_sum": _log_cosh_sum,
    "cosh_share": _cosh_share,
    "sinh_share": _sinh_share,
}
