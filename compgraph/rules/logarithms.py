"""Rules about logarithms of products, quotients, powers and sums of squares, and about sums of logarithms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..ops import (
    CONSTANT,
    abs,
    acosh,
    add,
    asinh,
    atanh,
    copy,
    exp,
    hypot,
    log,
    log1p,
    mul,
    pow,
    sigmoid,
    softplus,
    sqrt,
    sub,
    tanh,
    where,
    xlogy,
)
from ..rewrite import Factor, FunctionRule, Rule, Variable
from ..spelling import (
    Monomial,
    as_leaf,
    build_monomial,
    difference,
    is_sum,
    monomial,
    ratio,
    scaled,
    terms,
    terms_of,
)
from ..stable.algebraic import (
    log1p_quotient,
    log_difference,
    log_increment,
    log_product,
    log_quotient,
    log_sum,
    real_power,
    share,
)
from ..stable.exponential import logit
from ..stable.roots import hypot_minus, norm, sagitta
from ..stable.squares import difference_of_squares, log_norm
from .algebraic import roots_of_squares

if TYPE_CHECKING:
    from ..record import Op

__all__ = ["RULES"]


def _whole(node: Any) -> bool:
    return node.op is CONSTANT and float(node._value).is_integer()


def _log_of_product(_: Op, args: tuple[Any, ...]) -> Any:
    """log(c·x·y…/(u·v…)): what is a power by itself is multiplied by its exponent instead."""
    whole = monomial(args[0])
    powers = [factor for factor in whole.factors if factor[0].op is pow]
    if powers:
        rest = Monomial(whole.coefficient, tuple(factor for factor in whole.factors if factor not in powers))
        total = None if rest == Monomial(1.0, ()) else log(build_monomial(rest))
        for base, exponent in powers:
            part = scaled(float(exponent), _log_of_power(base, *base.args))
            total = part if total is None else add(total, part)
        return total
    if len(whole.factors) == 1 and whole.coefficient == -1.0 and whole.factors[0][1] == 1:
        base = whole.factors[0][0]
        return log(scaled(-1.0, base)) if base.op is sub else None
    if len(whole.factors) == 1 and whole.coefficient == 1.0:
        base, exponent = whole.factors[0]
        if base.op is sqrt:
            return scaled(exponent / 2, log(base.args[0])) if exponent % 2 else None
        return None if exponent == 1 else scaled(float(exponent), log(base if exponent % 2 else abs(base)))
    return _log_of_factors(whole)


def _log_of_power(power: Any, base: Any, exponent: Any) -> Any:
    """log(u^v) = v·log|u| where the power is not negative."""
    if exponent.op is CONSTANT and not _whole(exponent):
        return exponent * log(base)
    return where(power >= 0, xlogy(exponent, abs(base)), math.nan)


def _log_of_factors(whole: Monomial) -> Any:
    above = [base for base, exponent in whole.factors for _ in range(exponent)]
    below = [base for base, exponent in whole.factors for _ in range(-exponent)]
    if whole.coefficient != 1.0 and (above or not below or whole.coefficient < 0) and len(whole.factors) > 1:
        above.append(whole.coefficient)
    elif whole.coefficient != 1.0:
        if not below:
            return None
        above.append(whole.coefficient)
    if not below:
        return log_product(*above) if len(above) > 1 else None
    if not above:
        return scaled(-1.0, log_product(*below) if len(below) > 1 else log(below[0]))
    return _log_of_quotient(_product(above), _product(below))


def _product(nodes: list[Any]) -> Any:
    answer, *rest = nodes
    for node in rest:
        answer = mul(answer, node)
    return answer


def _log_of_quotient(u: Any, v: Any) -> Any:
    """log(u/v), of either sign of both."""
    d = difference(as_leaf(u), v)
    if d is None:
        return log_quotient(u, v)
    if len(terms(as_leaf(u))) < len(terms(v)):
        return scaled(-1.0, log1p_quotient(scaled(-1.0, d), u))
    return log1p_quotient(d, v)


def _log1p_of_quotient(_: Op, args: tuple[Any, ...]) -> Any:
    whole = monomial(args[0])
    below = [(base, -exponent) for base, exponent in whole.factors if exponent < 0 and base.op is not CONSTANT]
    if not below:
        return None
    above = tuple(factor for factor in whole.factors if factor[1] > 0 or factor[0].op is CONSTANT)
    numerator = build_monomial(Monomial(whole.coefficient, above))
    return log1p_quotient(numerator, build_monomial(Monomial(1.0, tuple(below))))


def _sum_of_logarithms(op: Op, args: tuple[Any, ...]) -> Any:
    """c·(± log x ± log y …) as one logarithm."""
    parts = terms_of(op, args)
    scale = max((part.coefficient for part in parts), key=lambda c: (math.fabs(c), c), default=0.0)
    above: list[Any] = []
    below: list[Any] = []
    near_1 = False
    for part in parts:
        if len(part.factors) != 1 or part.factors[0][1] != 1 or math.fabs(part.coefficient) != math.fabs(scale):
            return None
        head, inner = part.factors[0][0].op, part.factors[0][0].args
        if head is not log and head is not log1p and head not in log_sum and head not in log_product:
            return None
        near_1 = near_1 or head is log1p or head in log_product
        inner = [_product(list(inner))] if head in log_product else inner
        (above if part.coefficient == scale else below).extend([1 + inner[0]] if head is log1p else inner)
    joined = _one_logarithm(above, below, near_1=near_1)
    return None if joined is None else scaled(scale, joined)


def _one_logarithm(above: list[Any], below: list[Any], *, near_1: bool) -> Any:
    if len(above) == 1 == len(below):
        d = difference(above[0], below[0])
        if d is not None:
            if len(terms(above[0])) < len(terms(below[0])):
                return scaled(-1.0, log_increment(scaled(-1.0, d), above[0]))
            return log_increment(d, below[0])
        quotient = _quotient(monomial(above[0]), below[0])
        if quotient is not None:
            return where(below[0] > 0, log(quotient), math.nan)
        return None if near_1 else log_difference(above[0], below[0])
    return None if near_1 or below else log_sum(*above)


def _quotient(whole: Monomial, divisor: Any) -> Any:
    """A product without one of its factors, where it has that factor and others."""
    for index, (base, exponent) in enumerate(whole.factors):
        if exponent == 1 and len(whole.factors) > 1 and ratio(base, divisor) == 1.0:
            return build_monomial(whole._replace(factors=whole.factors[:index] + whole.factors[index + 1 :]))
    return None


def _log_of_squares(op: Op, args: tuple[Any, ...]) -> Any:
    """log(x² + y² + …), and log1p(x²)."""
    parts = terms(args[0])
    roots = roots_of_squares([*parts, Monomial(1.0, ())] if op is log1p else parts)
    if roots is None or len(roots) < 2:
        return None
    return 2 * log_norm(*roots)


def _log_of_norm(_: Op, args: tuple[Any, ...]) -> Any:
    is_norm = args[0].op is hypot or args[0].op in norm
    return log_norm(*args[0].args) if is_norm else None


def _log1p_of_twin(_: Op, args: tuple[Any, ...]) -> Any:
    """log1p(u) where 1 + u is computed by something better than a sum."""
    total = 1 + args[0]
    if is_sum(total) or total.op in {add, copy, CONSTANT, log1p, difference_of_squares} or not hasattr(total, "typed"):
        return None
    return log(total)


def _exp_of_logarithms(_: Op, args: tuple[Any, ...]) -> Any:
    """exp(k·(log x + log y + …))."""
    whole = monomial(args[0])
    for index, (base, exponent) in enumerate(whole.factors):
        if exponent == 1 and (base.op in log_sum or base.op in log_product):
            rest = build_monomial(whole._replace(factors=whole.factors[:index] + whole.factors[index + 1 :]))
            return _product([real_power(factor, rest) for factor in base.args]) if base.op in log_sum else None
    return None


x, y, v, k = Variable("x"), Variable("y"), Variable("v"), Factor("k")
_REAL = "for all real numbers"
_RANGE = "the product may leave the range of floats, or round to 1"

RULES: tuple[Rule | FunctionRule, ...] = (
    # the logarithm of odds
    Rule(log(x / (1 - x)), logit(x), "for 0 < x < 1", "near ½ the quotient rounds to 1; 1 − x loses digits of x"),
    Rule(log((1 - x) / x), -logit(x), "for 0 < x < 1", "near ½ the quotient rounds to 1; 1/x overflows"),
    Rule(log(1 / x - 1), -logit(x), "for 0 < x < 1", "near ½ the difference rounds to 1; 1/x overflows"),
    # inverse hyperbolic functions
    Rule(log(hypot_minus(x, 1.0)), -asinh(x), _REAL, "x² leaves the range; near 0 the sum rounds to 1"),
    Rule(log(sagitta(x, 1.0)), -acosh(x), "for x ≥ 1", "near 1 the difference rounds to 1; far off it vanishes"),
    Rule(log(-sagitta(x, 1.0)), acosh(-x), "for x ≤ −1", "near −1 the sum rounds to 1"),
    Rule(log((1 + x) / (1 - x)), 2 * atanh(x), "for −1 < x < 1", "near 0 the quotient rounds to 1"),
    Rule(log1p(x) - log1p(-x), 2 * atanh(x), "for −1 < x < 1", "near 0 the second derivative cancels"),
    Rule(log1p(x) + log1p(-x), log1p(-x * x), "for −1 < x < 1", "near 0 the two logarithms cancel"),
    Rule(log(difference_of_squares(1.0, x)), log1p(-x * x), "for −1 < x < 1", "near 0 the difference rounds to 1"),
    Rule(log(-difference_of_squares(1.0, x)), log_product(x - 1, x + 1), "for |x| > 1", "x² leaves the range"),
    # products and powers
    Rule(log(k * pow(1 + exp(x), v)), log(k) + v * softplus(x), "for k > 0", "eˣ overflows beyond 709"),
    Rule(log(share(x, y)), -log1p_quotient(y, x), "where x/(x + y) > 0", "near 1 the share keeps few digits of y"),
    Rule(x * log(x), xlogy(x, x), "for x ≥ 0, 0 at 0", "0·∞ is nan at 0; its second derivative takes 1/x²"),
    FunctionRule("log(norm(x, y, …))", "log_norm(x, y, …)", "but at the origin", "a norm near 1 rounds to 1", (log,),
                 _log_of_norm, (hypot, norm), (lambda x, y: log(hypot(x, y)), lambda x: log(sqrt(1 + x * x)))),
    FunctionRule("log(x² + y² + …)", "2·log_norm(x, y, …)", "but at the origin",
                 "squares leave the range, and near 1 are lost beside it", (log, log1p), _log_of_squares,
                 (add, mul, pow),
                 (lambda x: log1p(x * x), lambda x, y: log(x**2 + y * y), lambda x, y, z: log(x**2 + y * y + z**2))),
    FunctionRule("log1p(d/v)", "log1p_quotient(d, v)", "where d/v > −1", "its derivative takes 1/v²",
                 (log1p,), _log1p_of_quotient, (), (lambda x: log1p(1 / x), lambda x, h: log1p(h / x))),
    FunctionRule("log(x·y…/z)", "log_product(x, y, …), log_quotient(x, z)", "where the quotient is positive", _RANGE,
                 (log,), _log_of_product, (),
                 (lambda x, y: log(x * y), lambda x, y: log(x / y), lambda x: log(x**3), lambda x, n: log(x**n),
                  lambda x: log(1 / x), lambda x: log((x + 1) / x))),
    FunctionRule("log x + log y − log z", "log(x·y/z)", "where x, y, z > 0",
                 "near x·y = z the logarithms cancel", (add, sub), _sum_of_logarithms, (log, log1p, log_sum),
                 (lambda x, y: log(x) + log(y), lambda x, y: log(x) - log(y), lambda x: log(x + 1) - log(x))),
    # and what undoes one another
    Rule(exp(v * log(x)), real_power(x, v), "for x ≥ 0", "a large exponent loses the digits behind its point"),
    Rule(exp(log_difference(x, y)), real_power(x, 1.0) / real_power(y, 1.0), "for x ≥ 0, y > 0",
         "a large exponent loses the digits behind its point"),
    Rule(exp(log(x)), real_power(x, 1.0), "for x ≥ 0", "a large exponent loses the digits behind its point"),
    FunctionRule("exp(k·(log x + log y + …))", "xᵏ·yᵏ…", "for x, y ≥ 0", "a large exponent loses digits", (exp,),
                 _exp_of_logarithms, (log_sum,), (lambda x, y: exp((log(x) + log(y)) / 2),)),
    FunctionRule("log1p(u)", "log(1 + u) if 1 + u has a better form", "where 1 + u > 0", "near −1 digits of u are lost",
                 (log1p,), _log1p_of_twin, (), (lambda x: log1p(-sigmoid(x)), lambda x: log1p(-(tanh(x) ** 2)))),
)  # fmt: skip
