"""The native ops on Python floats, total as in IEEE 754: log 0 = -inf, 1/0 = inf, log(-1) = nan; nothing raises."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any

from . import kernels
from .kernels.elementary import div, log, log1p, power

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FUNCTIONS", "Total", "call", "total"]

_inf, _nan = math.inf, math.nan


def _power_slope(u: float, v: float) -> float:
    """d(u**v)/du = v*u**(v-1), by whichever form neither rounds v-1 nor leaves the range on the way; 0 for v = 0."""
    if v == 0:
        return 0.0
    ordinary = u != 0 and math.isfinite(u)
    if ordinary and abs(v) < 0.5:
        return v * power(u, v) / u
    factor = power(u, v - 1.0)
    if math.isinf(factor) and ordinary:
        return power(u, v) * (v / u)
    return v * factor


def _power_rate(u: float, v: float) -> float:
    """d(u**v)/dv = u**v*log(u), in two halves where u**v alone leaves the range; 0 at u = 0 for v >= 0."""
    if u == 0 and v >= 0:
        return 0.0
    half, rate = power(u, v / 2), log(u)
    return half * (half * rate) if rate else rate


def _erf_slope(x: float) -> float:
    return 2.0 / math.sqrt(math.pi) * math.exp(-x * x)


def total(function: Callable[..., float]) -> Callable[..., float]:
    """A function of ``math`` that answers nan outside its domain and inf beyond the range.

    >>> total(math.gamma)(-1.0), total(math.gamma)(200.0)
    (nan, inf)
    """

    def ieee(*args: float) -> float:
        try:
            return function(*args)
        except ValueError:
            return _nan
        except OverflowError:
            return _inf

    ieee.__name__ = getattr(function, "__name__", "ieee")
    return ieee


def _atanh(x: float) -> float:
    try:
        return math.atanh(x)
    except ValueError:
        return math.copysign(_inf, x) if abs(x) == 1 else _nan


def _sinh(x: float) -> float:
    try:
        return math.sinh(x)
    except OverflowError:
        return math.copysign(_inf, x)


def _floor(x: float) -> float:
    if not math.isfinite(x):
        return x
    whole = float(math.floor(x))
    return x if x == whole else whole


def _sign(x: float) -> float:
    return x if x == 0 or x != x else math.copysign(1.0, x)


def _maximum(u: float, v: float) -> float:
    return u if u > v or u != u else v


def _minimum(u: float, v: float) -> float:
    return u if u < v or u != u else v


# Bodies of the table once more, for speed; a test holds them equal to the bodies.


def _sigmoid(x: float) -> float:
    e = math.exp(-abs(x))
    return (1.0 if x >= 0 else e) / (1.0 + e)


def _sigmoid_slope(x: float) -> float:
    e = math.exp(-abs(x))
    return e / ((1.0 + e) * (1.0 + e))


def _softplus(x: float) -> float:
    return _maximum(x, 0.0) + math.log1p(math.exp(-abs(x)))


def _relu(x: float) -> float:
    return 0.0 if x <= 0 else x


def _sech(x: float) -> float:
    return 1.0 / math.cosh(x) if abs(x) < 700.0 else 2.0 * math.exp(-abs(x))


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": div, "neg": operator.neg, "pow": power,
    "power_slope": _power_slope, "power_rate": _power_rate, "erf_slope": _erf_slope,
    "contribution": lambda upstream, partial: upstream * partial if upstream else 0.0,
    "exp": total(math.exp), "expm1": total(math.expm1), "log": log, "log1p": log1p,
    "sqrt": total(math.sqrt), "cbrt": math.cbrt, "abs": math.fabs, "sign": _sign, "floor": _floor,
    "sin": total(math.sin), "cos": total(math.cos), "tan": total(math.tan),
    "asin": total(math.asin), "acos": total(math.acos), "atan": math.atan, "atan2": math.atan2,
    "sinh": _sinh, "cosh": total(math.cosh), "tanh": math.tanh,
    "asinh": math.asinh, "acosh": total(math.acosh), "atanh": _atanh, "hypot": math.hypot,
    "erf": math.erf, "erfc": math.erfc, "sech": _sech, "sigmoid": _sigmoid, "sigmoid_slope": _sigmoid_slope,
    "softplus": _softplus, "relu": _relu,
    "maximum": _maximum, "minimum": _minimum,
    "where": lambda condition, u, v: u if condition else v,
    "less": lambda u, v: float(u < v), "less_equal": lambda u, v: float(u <= v),
    "greater": lambda u, v: float(u > v), "greater_equal": lambda u, v: float(u >= v),
    "equal": lambda u, v: float(u == v), "not_equal": lambda u, v: float(u != v), **kernels.FUNCTIONS,
}  # fmt: skip


class Total(float):
    """A float whose operators are the functions above: they never raise, and comparisons answer 1.0 or 0.0.

    >>> 1 / Total(0.0), Total(-8.0) ** 0.5, Total(2.0) > 1
    (inf, nan, 1.0)
    """

    __slots__ = ()

    def __pos__(self) -> Total:
        return self

    def __apply_op__(self, op: Any, args: tuple[Any, ...]) -> Any:
        if all(isinstance(arg, (int, float)) for arg in args):
            return Total(op.on_floats(*map(float, args)))
        return NotImplemented


def _operator(name: str, *, reflected: bool = False) -> Callable[..., Any]:
    function = FUNCTIONS[name]

    def method(self: Total, *other: Any) -> Any:
        if not all(isinstance(number, (int, float)) for number in other):
            return NotImplemented
        args = map(float, (*other, self) if reflected else (self, *other))
        return Total(function(*args))

    return method


for _name, _native in {"add": "add", "sub": "sub", "mul": "mul", "truediv": "div", "pow": "pow"}.items():
    setattr(Total, f"__{_name}__", _operator(_native))
    setattr(Total, f"__r{_name}__", _operator(_native, reflected=True))
for _name, _native in {"neg": "neg", "abs": "abs", "lt": "less", "le": "less_equal", "gt": "greater"}.items():
    setattr(Total, f"__{_name}__", _operator(_native))
Total.__ge__ = _operator("greater_equal")  # type: ignore[method-assign]


def call(function: Callable[..., Any], *args: float) -> float:
    """A function written with operators and ops, at floats; once more with Totals where Python's operators fail.

    They fail by raising, or by a complex answer (``(-8.0) ** 0.5``).

    >>> call(lambda x: 1 / x, 0.0), call(lambda x: x**0.5, -8.0)
    (inf, nan)
    """
    try:
        answer = function(*args)
    except (ArithmeticError, TypeError):
        answer = None
    if answer.__class__ is float:
        return answer
    return float(function(*map(Total, args)))
