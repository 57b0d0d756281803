"""Sums, products, quotients and powers of balls."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..ops import exp, log, sqrt
from .ball import (
    FUNCTIONS,
    LARGEST_EXPONENT,
    Ball,
    ball_of,
    between,
    by_ieee,
    from_ends,
    special_ball,
    stand_in,
    unknown,
)
from .choices import magnitude

if TYPE_CHECKING:
    from collections.abc import Callable

    from .directed import Bounds, Ends

__all__ = ["whole_power"]


def _add(u: Ball, v: Ball) -> Ball:
    bounds = u.bounds
    if u.special is None and v.special is None:
        first = bounds.add(u.low, v.low)
        return from_ends(bounds, first, first if u.is_exact and v.is_exact else bounds.add(u.high, v.high))
    if u.special == 0 and v.special != 0:
        return v
    if v.special == 0 and u.special != 0:
        return u
    return by_ieee("add", *(0.0 if x.special is None else x.special for x in (u, v)), bounds=bounds)


def _neg(x: Ball) -> Ball:
    bounds = x.bounds
    if x.special is not None:
        return special_ball(bounds, -x.special)
    low = bounds.negative(x.high)
    return Ball(bounds, low, low if x.is_exact else bounds.negative(x.low))


def _mul(u: Ball, v: Ball) -> Ball:
    bounds = u.bounds
    if u.special is not None or v.special is not None:
        if u.special == 0 or v.special == 0:
            return _times_zero(u, v)
        return by_ieee("mul", stand_in(u), stand_in(v), bounds=bounds)
    if u.is_exact and v.is_exact:
        product = bounds.mul(u.low, v.low)
        return from_ends(bounds, product, product)
    return _extremes(bounds, bounds.mul, u, v, [(bounds.zero, bounds.zero)])


def _times_zero(u: Ball, v: Ball) -> Ball:
    """0·ball: 0 whatever the ball is, if it is finite; its sign where that is known."""
    signs = [1.0 if (sign := stand_in(x)) is None else sign for x in (u, v)]
    return by_ieee("mul", *signs, bounds=u.bounds)


def _div(u: Ball, v: Ball) -> Ball:
    bounds = u.bounds
    if u.special is not None or v.special is not None:
        if v.special is None and v.sign() is None:
            return unknown(bounds)
        return by_ieee("div", stand_in(u), stand_in(v), bounds=bounds)
    if v.sign() is None:
        return unknown(bounds)
    if u.is_exact and v.is_exact:
        quotient = bounds.div(u.low, v.low)
        return from_ends(bounds, quotient, quotient)
    return _extremes(bounds, bounds.div, u, v, [])


def _extremes(bounds: Bounds, operation: Callable[[Any, Any], Ends], u: Ball, v: Ball, undefined: list[Any]) -> Ball:
    """From the operation at all pairs of ends; pairs such as (0, ∞) count as ``undefined`` says."""
    ends: list[Any] = []
    for a in (u.low,) if u.is_exact else (u.low, u.high):
        for b in (v.low,) if v.is_exact else (v.low, v.high):
            pair = operation(a, b)
            ends += undefined if pair is None else [pair]
    return between(bounds, min(low for low, _ in ends), max(high for _, high in ends))


def _pow(u: Ball, v: Ball) -> Ball:
    bounds = u.bounds
    if v.special == 0 or (u.is_exact and u.low is not None and u.low == bounds.point(1)):
        return ball_of(bounds, 1)
    for x in (u, v):
        if x.low is None:
            return x
    whole = _whole(v)
    if whole is not None and abs(whole) <= _LONGEST_PRODUCT:
        return whole_power(u, whole)
    if v.special is not None:
        return by_ieee("pow", _beside_one(u), v.special, bounds=bounds)
    if u.special is not None:
        parity = 0.5 if whole is None else 2.0 + whole % 2
        direction = v.sign()
        return by_ieee("pow", u.special, None if direction is None else direction * parity, bounds=bounds)
    if u.sign() == -1 and whole is not None:
        size: Ball = exp(v * log(-u))
        return -size if whole % 2 else size
    if u.sign() != +1:
        outside = u.sign() == -1 and not _may_be_whole(v)
        return special_ball(bounds, math.nan) if outside else unknown(bounds)
    power: Ball = sqrt(u) if v.is_exact and v.low == bounds.point(0.5) else exp(v * log(u))
    return power


_LONGEST_PRODUCT = 1024  # whole powers up to this one are products, so exact where the product is


def _whole(x: Ball) -> int | None:
    """The whole number that the ball is exactly; None where it is none."""
    if x.special is not None or not x.is_exact:
        return None
    mantissa, exponent = x.bounds.parts(x.low)
    if exponent < 0:
        shorter, rest = divmod(mantissa, 1 << -exponent)
        return None if rest else shorter
    return int(mantissa << min(exponent, LARGEST_EXPONENT))  # beyond, it is even all the same


def _may_be_whole(x: Ball) -> bool:
    return not x.is_exact and bool(x.bounds.is_finite(x.high) and x.bounds.floor(x.high) >= x.low)


def _beside_one(x: Ball) -> float | None:
    """A float on the same side of −1, 0 and 1; None where the ball reaches over one of these."""
    if x.special is not None:
        return x.special
    ends = [x.bounds.to_float(end) for end in (x.low, x.high)]
    for low, inside, high in ((-math.inf, -2.0, -1.0), (-1.0, -0.5, 0.0), (0.0, 0.5, 1.0), (1.0, 2.0, math.inf)):
        if all(low < end < high or (end == low == -math.inf) or (end == high == math.inf) for end in ends):
            return inside
    return -1.0 if ends == [-1.0, -1.0] and x.is_exact else None


def whole_power(u: Ball, n: int) -> Ball:
    """u**n as a product, for n other than 0."""
    base, exponent = u if n % 2 else magnitude(u), abs(n)
    answer = ball_of(u.bounds, 1)
    while True:
        if exponent % 2:
            answer = _mul(answer, base)
        exponent //= 2
        if not exponent:
            return answer if n > 0 else _div(ball_of(u.bounds, 1), answer)
        base = _mul(magnitude(base), magnitude(base))


FUNCTIONS.update(add=_add, sub=lambda u, v: _add(u, _neg(v)), mul=_mul, div=_div, neg=_neg, pow=_pow)
