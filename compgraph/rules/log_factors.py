"""Rules about log(k·f(x)), f a function that underflows, overflows, or rounds to 1: one rule, a table of logarithms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from ..ops import (
    abs,  # the op has the name of the function it is
    cosh,
    erfc,
    expm1,
    log,
    relu,
    sech,
    sigmoid,
    sigmoid_slope,
    sinh,
    softplus,
    tanh,
)
from ..rewrite import FunctionRule
from ..spelling import Monomial, build_monomial, monomial, read, scaled
from ..stable.exponential import bose, exp_sigmoid, log1mexp, log_cosh
from ..stable.logarithms import (
    log_exprel,
    log_scaled_cosh,
    log_scaled_erfc,
    log_scaled_ndtr,
    log_scaled_sech,
    log_scaled_sigmoid,
    log_sinhc,
)
from ..stable.logistic import exp_increment
from ..stable.normal import log_erfc, log_ndtr, ndtr
from ..stable.quotients import exprel, sinhc, x_over_expm1, x_over_sinh

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..record import Op

__all__ = ["RULES"]


class _Logarithm(NamedTuple):
    """log f(x), and what else there is: log(k·f(x)) of a number k as one op, right where it is near 0; log|f(x)|.

    A function that takes negative values has the latter.
    """

    op: Op
    value: Callable[..., Any]
    scaled: Callable[[float, Any], Any] | None = None
    of_size: Callable[..., Any] | None = None

    @property
    def is_positive(self) -> bool:
        return self.of_size is None


def _log_sinh(x: Any) -> Any:
    return x + (log1mexp(2 * x) - math.log(2))


def _log_tanh(x: Any) -> Any:
    return log1mexp(scaled(2.0, x)) - softplus(scaled(-2.0, x))


_TABLE = (
    _Logarithm(sigmoid, lambda x: -softplus(scaled(-1.0, x)), log_scaled_sigmoid),
    _Logarithm(sigmoid_slope, lambda x: -2 * log_cosh(x / 2) - math.log(4)),
    _Logarithm(exp_sigmoid, lambda u, v, k: u - k * softplus(scaled(-1.0, v))),
    _Logarithm(cosh, log_cosh, log_scaled_cosh),
    _Logarithm(sech, lambda x: -log_cosh(x), log_scaled_sech),
    _Logarithm(sinh, _log_sinh, of_size=lambda x: _log_sinh(abs(x))),
    _Logarithm(tanh, _log_tanh, of_size=lambda x: _log_tanh(abs(x))),
    _Logarithm(expm1, lambda x: x + log1mexp(x), of_size=lambda x: relu(x) + log1mexp(abs(x))),
    _Logarithm(
        exp_increment,
        lambda d, v: v + (d + log1mexp(d)),
        of_size=lambda d, v: v + (relu(d) + log1mexp(abs(d))),
    ),
    _Logarithm(bose, lambda x: -(x + log1mexp(x)), of_size=lambda x: scaled(-1.0, relu(x) + log1mexp(abs(x)))),
    _Logarithm(exprel, log_exprel),
    _Logarithm(x_over_expm1, lambda x: -log_exprel(x)),
    _Logarithm(sinhc, log_sinhc),
    _Logarithm(x_over_sinh, lambda x: -log_sinhc(x)),
    _Logarithm(erfc, log_erfc, log_scaled_erfc),
    _Logarithm(ndtr, log_ndtr, log_scaled_ndtr),
)

_BY_OP = {entry.op: entry for entry in _TABLE}


def _log_of_factor(_: Op, args: tuple[Any, ...]) -> Any:
    """log(rest) + n·log f(x) of a factor f(x)ⁿ."""
    whole = monomial(args[0])
    for index, (base, power) in enumerate(whole.factors):
        function, inner = read(base)
        is_size = function is abs
        function, inner = read(inner[0]) if is_size else (function, inner)
        entry = _BY_OP.get(function)
        if entry is None or (is_size and entry.is_positive):
            continue
        rest = Monomial(whole.coefficient, whole.factors[:index] + whole.factors[index + 1 :])
        if rest.factors and not entry.is_positive:  # of two negative factors neither has a logarithm
            continue
        if entry.of_size is not None and (is_size or power % 2 == 0):
            logarithm = entry.of_size(*inner)
        elif rest.coefficient < 0 and not entry.is_positive and function is not exp_increment:
            continue
        elif function is exp_increment and rest.coefficient < 0:  # of a negative d
            rest = rest._replace(coefficient=-rest.coefficient)
            logarithm = inner[1] + log1mexp(-inner[0])
        elif entry.scaled is not None and not rest.factors and power == 1 and rest.coefficient != 1.0:
            return entry.scaled(rest.coefficient, *inner)
        else:
            logarithm = entry.value(*inner)
        logarithm = scaled(float(power), logarithm)
        return logarithm if rest == Monomial(1.0, ()) else log(build_monomial(rest)) + logarithm
    return None


RULES = (
    FunctionRule("log(y·f(x))", "log(y) + log f(x)", "for y·f(x) > 0", "a factor underflows, overflows, or rounds to 1",
                 (log,), _log_of_factor, (*_BY_OP, abs),
                 (*(lambda x, y, f=entry.op: log(y * f(x))
                    for entry in _TABLE if entry.op.arity == 1 and entry.is_positive),
                  *(lambda x, f=entry.op: log(2 * f(x)) for entry in _TABLE if entry.op.arity == 1),
                  lambda x, y: log(y / sigmoid(x) ** 2), lambda d, v: log(3 * exp_increment(d, v)),
                  *(lambda x, f=f: log(f(x) * f(x)) for f in (sinh, tanh, expm1)), lambda x: log(abs(sinh(x))))),
)  # fmt: skip
