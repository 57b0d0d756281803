"""Comparisons of balls, and what chooses by them: decided where the ends settle it, enclosing both cases elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .ball import FUNCTIONS, Ball, UndecidedError, ball_of, between, by_ieee, hull, is_nan, unknown

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["magnitude"]


def magnitude(x: Ball) -> Ball:
    """|x|."""
    bounds = x.bounds
    if x.special is not None:
        return ball_of(bounds, abs(x.special))
    known = x.sign()
    if known is None:
        return Ball(bounds, bounds.zero, max(bounds.negative(x.low), x.high))
    return x if known > 0 else FUNCTIONS["neg"](x)


def _sign(x: Ball) -> Ball:
    known = x.sign()
    if known is None:
        return Ball(x.bounds, x.bounds.point(-1), x.bounds.point(1))
    return ball_of(x.bounds, known) if known else x


def _floor(x: Ball) -> Ball:
    bounds = x.bounds
    if x.special is not None or not (bounds.is_finite(x.low) and bounds.is_finite(x.high)):
        return x if x.special is not None else unknown(bounds)
    low, high = bounds.floor(x.low), bounds.floor(x.high)
    return between(bounds, low, low if low == high else high)


# --- choices -------------------------------------------------------------------------------------------------------


def _maximum(u: Ball, v: Ball) -> Ball:
    if u.special is not None and v.special is not None:
        return by_ieee("maximum", u.special, v.special, bounds=u.bounds)
    if u.low >= v.high or v.low >= u.high:
        return u if u.low >= v.high else v
    return between(u.bounds, max(u.low, v.low), max(u.high, v.high))


def _comparison(name: str, decide: Callable[[Ball, Ball], bool | None]) -> Callable[[Ball, Ball], Ball]:
    """1 or 0 where the ends settle it, else the ball from 0 to 1; nan compares as in IEEE 754."""

    def function(u: Ball, v: Ball) -> Ball:
        bounds = u.bounds
        if is_nan(u) or is_nan(v):
            return ball_of(bounds, float(name == "not_equal"))
        truth = None if u.low is None or v.low is None else decide(u, v)
        return Ball(bounds, bounds.zero, bounds.point(1)) if truth is None else ball_of(bounds, float(truth))

    return function


def _less(u: Ball, v: Ball) -> bool | None:
    return True if u.high < v.low else False if u.low >= v.high else None


def _less_equal(u: Ball, v: Ball) -> bool | None:
    return True if u.high <= v.low else False if u.low > v.high else None


def _equal(u: Ball, v: Ball) -> bool | None:
    if u.is_exact and v.is_exact:
        return bool(u.low == v.low)
    return False if u.high < v.low or v.high < u.low else None


def _different(u: Ball, v: Ball) -> bool | None:
    truth = _equal(u, v)
    return None if truth is None else not truth


def _where(condition: Ball, u: Ball, v: Ball) -> Ball:
    try:
        return u if condition else v
    except UndecidedError:
        return hull(u, v)


def _contribution(upstream: Ball, partial: Ball) -> Ball:
    if upstream.special == 0:
        return ball_of(upstream.bounds, 0.0)
    return upstream * partial


def _minimum(u: Ball, v: Ball) -> Ball:
    negative = FUNCTIONS["neg"]
    return negative(_maximum(negative(u), negative(v)))


FUNCTIONS.update({
    "abs": magnitude, "fabs": magnitude, "sign": _sign, "floor": _floor, "ceil": lambda x: -_floor(-x),
    "maximum": _maximum, "minimum": _minimum, "where": _where, "contribution": _contribution,
    "less": _comparison("less", _less), "less_equal": _comparison("less_equal", _less_equal),
    "greater": _comparison("greater", lambda u, v: _less(v, u)),
    "greater_equal": _comparison("greater_equal", lambda u, v: _less_equal(v, u)),
    "equal": _comparison("equal", _equal), "not_equal": _comparison("not_equal", _different),
})  # fmt: skip
