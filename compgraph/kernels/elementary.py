"""The elementary functions of floats that raise in ``math``, total as in IEEE 754."""

from __future__ import annotations

import math

__all__ = ["div", "exp", "ldexp", "log", "log1p", "power"]

_inf, _nan = math.inf, math.nan


def div(u: float, v: float) -> float:
    """u/v, and ±∞ or nan for v = 0."""
    try:
        return u / v
    except ZeroDivisionError:
        return _nan if u == 0 or u != u else math.copysign(_inf, u) * math.copysign(1.0, v)


def exp(x: float) -> float:
    """eˣ, and ∞ beyond the range."""
    try:
        return math.exp(x)
    except OverflowError:
        return _inf


def ldexp(x: float, exponent: int) -> float:
    """x·2^exponent, and ±∞ beyond the range."""
    try:
        return math.ldexp(x, exponent)
    except OverflowError:
        return math.copysign(_inf, x)


def log(x: float) -> float:
    """Logarithm; -∞ for 0, nan below."""
    try:
        return math.log(x)
    except ValueError:
        return -_inf if x == 0 else _nan


def log1p(x: float) -> float:
    """Logarithm of 1 + x; -∞ for -1, nan below."""
    try:
        return math.log1p(x)
    except ValueError:
        return -_inf if x == -1 else _nan


def power(u: float, v: float) -> float:
    """u**v; nan for u < 0 unless v is whole, ±∞ for u = 0 and v < 0 and beyond the range."""
    try:
        return math.pow(u, v)
    except OverflowError:
        return -_inf if u < 0 and v % 2 == 1 else _inf
    except ValueError:
        if u != 0:
            return _nan
        return math.copysign(_inf, u) if v % 2 == 1 else _inf
