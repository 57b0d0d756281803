"""Kernels of square roots of products, quotients, sums and differences of squares, and of what remains of them.

Arguments are scaled by a power of two first, so that no square leaves the range; a product, a quotient or a difference
under a root is a pair of floats. √a - b is (a - b²)/(√a + b) where the two have the same sign.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .algebraic import FUNCTIONS as FUNCTIONS_OF_POWERS
from .algebraic import is_ordinary, plain_product
from .eft import scaled_product, two_product, two_quotient, two_sum
from .elementary import div, ldexp, log

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FUNCTIONS"]

_log_quotient: Callable[[float, float], float] = FUNCTIONS_OF_POWERS["log_quotient"]
_inf, _nan = math.inf, math.nan
_LOG2 = math.log(2.0)


def _sqrt(x: float) -> float:
    return math.sqrt(x) if x >= 0.0 else _nan


def _root_of(high: float, low: float, exponent: int) -> tuple[float, int]:
    """√((high + low)·2^exponent) as (root, exponent)."""
    if high < 0.0 or not is_ordinary(high):
        return _sqrt(high), 0
    if exponent % 2:
        high, low, exponent = 2.0 * high, 2.0 * low, exponent - 1
    root = math.sqrt(high)
    square, error = two_product(root, root)
    return root + (((high - square) - error) + low) / (2.0 * root), exponent // 2


def _exponent(*x: float) -> int:
    """The exponent of the largest."""
    return math.frexp(max(map(abs, x)))[1]


# --- products and quotients ----------------------------------------------------------------------------------------


def _root_of_product(*x: float) -> float:
    if not is_ordinary(*x):
        return _sqrt(plain_product(x))
    return ldexp(*_root_of(*scaled_product(x)))


def _root_of_quotient(*x: float) -> float:
    """√(x1·…/y): the last argument is the denominator."""
    *above, below = x
    if not is_ordinary(*x):
        numerator = plain_product(above) if not is_ordinary(*above) else math.prod(math.copysign(1.0, u) for u in above)
        return _sqrt(div(numerator, math.copysign(1.0, below) if is_ordinary(below) else below))
    high, low, exponent = scaled_product(above)
    fraction, shift = math.frexp(below)
    return ldexp(*_root_of(*two_quotient(high, fraction, low), exponent - shift))


# --- sums of squares -----------------------------------------------------------------------------------------------


def _direction(u: float, *rest: float) -> float:
    """u/√(u² + …); 0 at the origin."""
    if u == 0.0:
        return _nan if any(map(math.isnan, rest)) else u
    if not all(map(math.isfinite, (u, *rest))):
        return u / math.hypot(u, *rest)
    k = -_exponent(u, *rest)
    return math.ldexp(u, k) / math.hypot(*(math.ldexp(x, k) for x in (u, *rest)))


def _hypot_minus(u: float, v: float) -> float:
    """√(u² + v²) - u."""
    if not (math.isfinite(u) and math.isfinite(v)):
        return math.hypot(u, v) - u
    k = _exponent(u, v)
    a, b = math.ldexp(u, -k), math.ldexp(v, -k)
    h = math.hypot(a, b)
    return v * (b / (h + a)) if u > 0.0 else ldexp(h - a, k)


def _direction_m1(u: float, v: float) -> float:
    """u/√(u² + v²) - 1; -1 at the origin."""
    if not (0.0 < u < _inf and math.isfinite(v)):
        return _direction(u, v) - 1.0
    k = -_exponent(u, v)
    u, v = math.ldexp(u, k), math.ldexp(v, k)
    h = math.hypot(u, v)
    return u / h - 1.0 if h > 2.0 * u else -(v / h) * (v / (h + u))


def _product_over_hypot(u: float, v: float) -> float:
    """u·v/√(u² + v²)."""
    small, large = sorted((u, v), key=abs)
    return small * _direction(large, small)


def _log_norm(*x: float) -> float:
    """The logarithm of √(x1² + x2² + …): half of log1p(x1² + x2² + … - 1) near 1."""
    size = math.hypot(*x)
    if 0.5 < size < 2.0:
        excess = math.fsum([-1.0, *(part for u in x for part in two_product(u, u))])
        return math.log1p(excess) / 2.0
    if _inf == size != max(map(abs, x)):
        return math.log(math.hypot(*(u / 2.0**9 for u in x))) + 9.0 * _LOG2
    return log(size)


def _asinh_quotient(u: float, v: float) -> float:
    q = div(u, v)
    if math.isinf(q) and is_ordinary(u, v):
        return math.copysign(_LOG2 + _log_quotient(abs(u), abs(v)), q)
    return math.asinh(q)


def _log1p_square_quotient(u: float, v: float) -> float:
    """log(1 + (u/v)²)."""
    q = div(u, v)
    if abs(q) <= 1.0 or not is_ordinary(u, v):
        return math.log1p(q * q)
    return 2.0 * _log_quotient(abs(u), abs(v)) + math.log1p((v / u) ** 2)


# --- differences of squares ----------------------------------------------------------------------------------------


def _difference_of_squares(x: float, y: float) -> float:
    """(|x| - |y|)·(|x| + |y|), the rounding errors of both carried."""
    if not (math.isfinite(x) and math.isfinite(y)):
        return x * x - y * y
    k = _exponent(x, y)
    a, b = math.ldexp(abs(x), -k), math.ldexp(abs(y), -k)
    (gap, lost), (total, rest) = two_sum(a, -b), two_sum(a, b)
    return ldexp(gap * total + (gap * rest + total * lost), 2 * k)


def _scaled_leg(x: float, y: float) -> tuple[float, int]:
    """(√(x² - y²)·2^-k, k), x·2^-k near 1; by √((|x| - |y|)·(|x| + |y|))."""
    k = _exponent(x, y)
    a, b = math.ldexp(abs(x), -k), math.ldexp(abs(y), -k)
    (gap, lost), (total, rest) = two_sum(a, -b), two_sum(a, b)
    product, error = two_product(gap, total)
    root, _ = _root_of(product, error + gap * rest + total * lost, 0)
    return root, k


def _leg(x: float, y: float) -> float:
    if math.isfinite(x) and math.isfinite(y):
        return ldexp(*_scaled_leg(x, y))
    return _sqrt(abs(x) - abs(y))


def _over_leg(side: float, x: float, y: float) -> float:
    """side/√(x² - y²); 0 at the origin."""
    if x == 0.0 == y:
        return side
    if not (math.isfinite(x) and math.isfinite(y)):
        return side / _leg(x, y)
    root, k = _scaled_leg(x, y)
    fraction, i = math.frexp(side)
    return ldexp(div(fraction, root), i - k)


def _sagitta(r: float, c: float) -> float:
    """-(√(r² - c²) - r)."""
    if not (math.isfinite(r) and math.isfinite(c)):
        return r - _leg(r, c)
    h, k = _scaled_leg(r, c)
    a, b = math.ldexp(r, -k), math.ldexp(c, -k)
    return c * (b / (a + h)) if r > 0.0 else ldexp(a - h, k)


def _sagitta_slope(r: float, c: float) -> float:
    """1 - r/√(r² - c²)."""
    if not (0.0 < r < _inf and math.isfinite(c)):
        return 1.0 - _over_leg(r, r, c)
    h, k = _scaled_leg(r, c)
    r, c = math.ldexp(r, -k), math.ldexp(c, -k)
    return -div(c, h) * (c / (h + r))


# --- roots of b² + q -----------------------------------------------------------------------------------------------


def _scaled_surd(b: float, q: float) -> tuple[float, float, float, int]:
    """(b·2^-k, q·2^-2k, √(b² + q)·2^-k, k), the largest of them near 1."""
    sizes = [math.frexp(b)[1]] if b else []
    k = max([*sizes, (math.frexp(q)[1] + 1) // 2] if q else sizes, default=0)
    b, q = math.ldexp(b, -k), math.ldexp(q, -2 * k)
    square, error = two_product(b, b)
    total, rest = two_sum(square, q)
    root, _ = _root_of(*two_sum(total, rest + error), 0)
    return b, q, root, k


def _surd(b: float, q: float) -> float:
    if not (math.isfinite(b) and math.isfinite(q)):
        return _sqrt(b * b + q)
    _, _, root, k = _scaled_surd(b, q)
    return ldexp(root, k)


def _surd_minus(b: float, q: float) -> float:
    """√(b² + q) - b."""
    if not (math.isfinite(b) and math.isfinite(q)):
        return _surd(b, q) - b
    fraction, i = math.frexp(q)
    b, _, root, k = _scaled_surd(b, q)
    return ldexp(fraction / (b + root), i - k) if b > 0.0 else ldexp(root - b, k)


def _surd_slope(b: float, q: float) -> float:
    """b/√(b² + q); 0 at (0, 0)."""
    if not (math.isfinite(b) and math.isfinite(q)):
        return b / _surd(b, q)
    b, q, root, _ = _scaled_surd(b, q)
    return b if b == 0.0 == q else div(b, root)


def _surd_slope_m1(b: float, q: float) -> float:
    """b/√(b² + q) - 1; -1 at (0, 0)."""
    if not (0.0 < b < _inf and math.isfinite(q)):
        return _surd_slope(b, q) - 1.0
    b, q, root, _ = _scaled_surd(b, q)
    return b / root - 1.0 if root > 2.0 * b else -div(q / (b + root), root)


def _small_root(b: float, q: float) -> float:
    """(√(b² + q) - b)/q."""
    if not (b > 0.0 and math.isfinite(b) and math.isfinite(q)):
        return div(_surd_minus(b, q), q)
    b, _, root, k = _scaled_surd(b, q)
    return ldexp(1.0 / (b + root), -k)


def _sqrt1pm1(x: float) -> float:
    return x / (1.0 + _sqrt(1.0 + x)) if x < _inf else x


def _cbrt(x: float) -> float:
    """∛x with one step of Newton's method, which takes the library's last digit to its nearest."""
    root = math.cbrt(x)
    if not is_ordinary(root):
        return root
    square, e = two_product(root, root)
    cube, f = two_product(square, root)
    return root + (((x - cube) - f) - e * root) / (3.0 * square)


def _cbrt_increment(d: float, v: float) -> float:
    """∛(v + d) - ∛v."""
    if math.isinf(v + d) and math.isfinite(d) and math.isfinite(v):
        return 2.0 * _cbrt_increment(d / 8.0, v / 8.0)
    a, b = _cbrt(v + d), _cbrt(v)
    return d / (a * a + a * b + b * b) if a * b > 0.0 else a - b


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "root_of_product": _root_of_product, "root_of_quotient": _root_of_quotient, "euclidean_norm": math.hypot,
    "direction": _direction, "direction_m1": _direction_m1, "hypot_minus": _hypot_minus, "leg": _leg,
    "hypotenuse_over_leg": lambda x, y: _over_leg(x, x, y), "leg_over_leg": lambda x, y: _over_leg(y, x, y),
    "sagitta": _sagitta, "sagitta_slope": _sagitta_slope, "surd": _surd, "surd_minus": _surd_minus,
    "difference_of_squares": _difference_of_squares, "log_norm": _log_norm, "product_over_hypot": _product_over_hypot,
    "pseudo_huber": lambda d, x: d * _hypot_minus(d, x) if d else d, "small_root": _small_root,
    "surd_slope": _surd_slope, "surd_slope_m1": _surd_slope_m1, "sqrt1pm1": _sqrt1pm1,
    "cbrt_increment": _cbrt_increment, "log1p_square_quotient": _log1p_square_quotient,
    "asinh_quotient": _asinh_quotient,
}  # fmt: skip
