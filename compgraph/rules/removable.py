"""Rules about f(c·v)/v and v/f(c·v), quotients with a removable point, and about sums with eˣ − 1 − x in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..ops import CONSTANT, add, div, exp, expm1, log1p, mul, sin, sinc, sinh, sub, tan, tanh
from ..rewrite import FunctionRule
from ..spelling import Monomial, build_monomial, build_sum, divide, monomial, monomial_of, read, scaled, terms, terms_of
from ..stable.exponential import bose
from ..stable.quotients import (
    exprel,
    log1p_over,
    sinhc,
    tanc,
    tanhc,
    x_over_expm1,
    x_over_log1p,
    x_over_sin,
    x_over_sinh,
    x_over_tan,
    x_over_tanh,
)
from ..stable.series import expm1_minus_x
from ..stable.trigonometric import csch
from .sums_of_exponentials import without_first

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..record import Op

__all__ = ["RULES"]

# f with f(u)/u; with u/f(u); with u·f(u), where f is a reciprocal.
_OVER: dict[Op, Callable[..., Any]] = {
    expm1: exprel, log1p: log1p_over, sin: sinc, sinh: sinhc, tan: tanc, tanh: tanhc,
}  # fmt: skip
_UNDER: dict[Op, Callable[..., Any]] = {
    expm1: x_over_expm1, log1p: x_over_log1p, sin: x_over_sin, sinh: x_over_sinh, tan: x_over_tan, tanh: x_over_tanh,
}  # fmt: skip
_TIMES: dict[Op, Callable[..., Any]] = {bose: x_over_expm1, csch: x_over_sinh}


def _quotient(op: Op, args: tuple[Any, ...]) -> Any:
    """rest·f(u)/v, or rest·v/f(u), of u = c·v: by f(u)/u, or u/f(u). Of a c that varies, its slope would cancel."""
    whole = monomial_of(op, args)
    for index, (base, power) in enumerate(whole.factors):
        function, inner = read(base)
        over = power > 0 and function in _OVER
        better = _OVER.get(function) if over else (_UNDER if power < 0 else _TIMES).get(function)
        if better is None:
            continue
        own = ((base, power - 1 if power > 0 else power + 1),) if abs(power) > 1 else ()
        rest = whole._replace(factors=whole.factors[:index] + own + whole.factors[index + 1 :])
        argument = monomial(inner[0])
        for factor in [factor for factor, exponent in argument.factors if exponent == 1 and factor.op is not CONSTANT]:
            left, besides = divide(rest, factor, -1 if over else 1), divide(argument, factor, 1)
            if left is not None and besides is not None and all(other.op is CONSTANT for other, _ in besides.factors):
                start = (mul if over else div)(better(inner[0]), build_monomial(besides))
                return build_monomial(left, start)
    return None


def _remainder_in_sum(op: Op, args: tuple[Any, ...]) -> Any:
    """A sum y + c·(eˣ − 1 − x), or with expm1."""
    parts = terms_of(op, args)
    for part in parts:
        base, power = part.factors[0] if len(part.factors) == 1 else (None, 0)
        if base is None or power != 1 or base.op not in {exp, expm1}:
            continue
        wanted = [term._replace(coefficient=-part.coefficient * term.coefficient) for term in terms(base.args[0])]
        wanted += [Monomial(-part.coefficient, ())] if base.op is exp else []
        others = [other for other in parts if other is not part]
        for term in wanted:
            others = without_first(others, term)
        if others and len(parts) == len(wanted) + 1 + len(others):
            return build_sum(others) + scaled(part.coefficient, expm1_minus_x(base.args[0]))
    return None


_LIMIT = "also where v = 0: the limit"

RULES = (
    FunctionRule("f(c·v)/v", "c·(f(c·v)/(c·v))", _LIMIT, "0/0 is nan where the divisor is 0", (mul, div), _quotient,
                 tuple(_OVER), (lambda x: expm1(-3 * x) / x, lambda x: (1 - exp(-(x + 4) / 10)) / (x + 4))),
    FunctionRule("v/f(c·v)", "((c·v)/f(c·v))/c", _LIMIT, "0/0 is nan where the divisor is 0", (mul, div), _quotient,
                 (*_UNDER, *_TIMES),
                 (lambda x: x / expm1(0.3 * x), lambda x: (x + 4) / (1 - exp(-(x + 4) / 10)))),
    FunctionRule("y + (eˣ − 1 − x)", "y + expm1_minus_x(x)", "for all real numbers", "near 0 the terms cancel",
                 (add, sub), _remainder_in_sum, (exp, expm1),
                 (lambda x, m: exp(x) + m**2 - 1 - x, lambda x, m: 1 + x - m**2 - exp(x))),
)  # fmt: skip
