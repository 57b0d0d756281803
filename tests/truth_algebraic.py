"""The true values of the ops in compgraph.stable.algebraic and compgraph.stable.roots, in mpmath."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpmath import mp

if TYPE_CHECKING:
    from collections.abc import Callable


def _product(*x: Any) -> Any:
    return mp.fprod(x)


def _power(u: Any, n: Any) -> Any:
    """u**n as IEEE has it: nan for u < 0 unless n is whole, 0**0 = 1."""
    if u < 0:
        return (-1) ** int(n % 2) * _power(-u, n) if n == mp.floor(n) else mp.nan
    if u == 0 or n == 0:
        return mp.mpf(0) ** n
    return mp.exp(n * mp.log(u))


def _real_log(x: Any) -> Any:
    return mp.log(x) if x > 0 else mp.nan


def _sqrt(x: Any) -> Any:
    return mp.sqrt(x) if x >= 0 else mp.nan


def _leg(x: Any, y: Any) -> Any:
    return _sqrt(x * x - y * y)


def _cbrt(x: Any) -> Any:
    return mp.sign(x) * mp.root(abs(x), 3)


def _norm(*x: Any) -> Any:
    return mp.sqrt(mp.fsum(u * u for u in x))


TRUTH: dict[str, Callable[..., Any]] = {
    "log_quotient": lambda u, v: _real_log(u / v),
    "log_difference": lambda u, v: _real_log(u) - _real_log(v),
    "log_increment": lambda d, v: _real_log(v + d) - _real_log(v),
    "compound": lambda x, n: _power(1 + x, n),
    "compound_slope": lambda x, n: n * _power(1 + x, n - 1),
    "compound_m1": lambda x, n: _power(1 + x, n) - 1,
    "compound_interest": lambda r, n: _power(1 + r / n, n) if n else mp.mpf(1),
    "powm1": lambda u, v: _power(u, v) - 1,
    "real_power": lambda u, v: mp.nan if u < 0 else _power(u, v),
    "pow_increment": lambda d, v, n: _power(v + d, n) - _power(v, n),
    "share": lambda x, z: x / (x + z),
    "parallel": lambda u, v: u * v / (u + v),
    "log1p_quotient": lambda d, v: _real_log(1 + d / v),
    "small_root": lambda b, q: (_sqrt(b * b + q) - b) / q if q else 1 / (2 * b),
    "log_interest": lambda r, n: n * _real_log(1 + r / n) if n else mp.mpf(0),
    "compound_over": lambda x, n: (_power(1 + x, n) - 1) / x if x else n,
    "log1p_square_quotient": lambda u, v: mp.log(1 + (u / v) ** 2),
    "asinh_quotient": lambda u, v: mp.asinh(u / v),
    "product_over_hypot": lambda u, v: u * v / _norm(u, v) if u or v else mp.mpf(0),
    "pseudo_huber": lambda d, x: d * (x * x / (_norm(d, x) + d) if d > 0 else _norm(d, x) - d),
    "difference_of_squares": lambda x, z: x * x - z * z,
    "direction": lambda u, v: u / _norm(u, v) if u or v else mp.mpf(0),
    "direction_m1": lambda u, v: u / _norm(u, v) - 1 if u or v else mp.mpf(-1),
    "hypot_minus": lambda u, v: _norm(u, v) - u,
    "leg": _leg,
    "hypotenuse_over_leg": lambda x, z: x / _leg(x, z) if x or z else mp.mpf(0),
    "leg_over_leg": lambda x, z: z / _leg(x, z) if x or z else mp.mpf(0),
    "sagitta": lambda r, c: r - _leg(r, c),
    "sagitta_slope": lambda r, c: 1 - r / _leg(r, c) if r or c else mp.mpf(1),
    "surd": lambda b, q: _sqrt(b * b + q),
    "surd_slope": lambda b, q: b / _sqrt(b * b + q) if b or q else mp.mpf(0),
    "surd_minus": lambda b, q: _sqrt(b * b + q) - b,
    "surd_slope_m1": lambda b, q: b / _sqrt(b * b + q) - 1 if b or q else mp.mpf(-1),
    "sqrt1pm1": lambda x: _sqrt(1 + x) - 1,
    "cbrt_increment": lambda d, v: _cbrt(v + d) - _cbrt(v),
}

# Ops whose domain is a condition on several arguments at once.
JOINT = frozenset({
    *("log1p_quotient", "small_root", "log_interest", "asinh_quotient", "log1p_square_quotient"),
    *("log_increment", "pow_increment", "compound_interest", "leg", "hypotenuse_over_leg", "leg_over_leg", "sagitta"),
    *("sagitta_slope", "surd", "surd_slope", "surd_minus", "surd_slope_m1"),
})  # fmt: skip

# Families, functions of any number of arguments; their ops are not in the table.
MEMBERS: dict[str, Callable[..., Any]] = {
    "log_product": lambda *x: _real_log(_product(*x)),
    "log_sum": lambda *x: mp.fsum(map(_real_log, x)),
    "root_of_product": lambda *x: _sqrt(_product(*x)),
    "root_of_quotient": lambda *x: _sqrt(_product(*x[:-1]) / x[-1]),
    "norm": _norm,
    "log_norm": lambda *x: mp.log(_norm(*x)),
}
