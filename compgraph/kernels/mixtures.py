"""Kernels of the mixture w·eᵘ + (1 − w)·eᵛ of two densities: 1 − w is never rounded where that would show."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from .eft import two_sum
from .elementary import div, log
from .wide import exp_over_sum, log_of_sum

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FUNCTIONS"]


class _Mixture(NamedTuple):
    """A mixture relative to e^top, where top is the larger exponent.

    Attributes:
        top: The larger exponent.
        power: The smaller exponential, and
        gap: what it is less than 1 by, with its sign: e^−|u − v| − 1.
        excess: The whole less 1.
        total: The whole.
        is_wide: Whether the two terms of the whole cancel, or the larger exponential has a small weight and the other
            one is among the subnormal numbers: then the whole takes wide integers.
    """

    top: float
    power: float
    gap: float
    excess: float
    total: float
    is_wide: bool


def _mixture(w: float, u: float, v: float) -> _Mixture:
    top = max(u, v)
    d, e = (0.0, 0.0) if u == v else two_sum(min(u, v), -top)
    power = math.exp(d)
    power, gap = power * (1.0 + e), math.expm1(d) + e * power
    first, second = (w, (1.0 - w) * power) if u >= v else (w * power, 1.0 - w)
    excess = gap * ((1.0 - w) if u >= v else w)
    total = 1.0 + excess if abs(excess) < 0.5 else first + second
    cancels = abs(total) < 0.25 * max(abs(first), abs(second))
    is_wide = cancels or (power < 1e-290 and abs(total) < 0.1)
    return _Mixture(top, power, gap, excess, total, is_wide and all(map(math.isfinite, (w, u, v))))


def _terms(w: float, u: float, v: float) -> list[tuple[float, float]]:
    return [(w, u), (1.0, v), (-w, v)]


def _log_mixture(w: float, u: float, v: float) -> float:
    top, _, _, excess, total, is_wide = _mixture(w, u, v)
    if not all(map(math.isfinite, (w, u, v))):
        return math.nan if u != u or v != v else top + log(total)
    part = math.log1p(excess) if abs(excess) < 0.5 else log(total)
    if is_wide or abs(top + part) < 0.5 * abs(top):
        return log_of_sum(_terms(w, u, v))
    return top + part


def _over_mixture(of: str, w: float, u: float, v: float) -> float:
    """e^u, e^v or their difference ("gap") over the mixture."""
    if u != u or v != v:
        return math.nan
    top, power, gap, _, total, is_wide = _mixture(w, u, v)
    leads = u >= v
    if of == "gap":
        above = -gap if leads else gap
        return above * exp_over_sum(top, _terms(w, u, v)) if is_wide else div(above, total)
    if is_wide:
        return exp_over_sum(u if of == "first" else v, _terms(w, u, v))
    return div(1.0 if leads is (of == "first") else power, total)


def _share(w: float, u: float, v: float) -> float:
    return w * _over_mixture("first", w, u, v) if w else 0.0


def _rest(w: float, u: float, v: float) -> float:
    return (1.0 - w) * _over_mixture("second", w, u, v) if w != 1 else 0.0


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "log_mixture": _log_mixture,
    "mixture_first": partial(_over_mixture, "first"),
    "mixture_second": partial(_over_mixture, "second"),
    "mixture_rest": _rest,
    "mixture_share": _share,
    "mixture_gap": partial(_over_mixture, "gap"),
}
