"""Rules about logarithms of products, quotients, powers and sums of squares, and about sums of logarithms."""

from __future__ import annotations

import math
from functools import reduce
from typing import TYPE_CHECKING, Any

from ..ops import (
    CONSTANT,
    abs,
    acosh,
    add,
    asinh,
    atanh,
    copy,
    div,
    exp,
    hypot,
    log,
    log1p,
    mul,
    pow,
    sigmoid,
    sign,
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
    increment_of,
    is_sum,
    monomial,
    ratio,
    scaled,
    terms,
    terms_of,
)
from ..stable.algebraic import (
    compound_interest,
    log1p_quotient,
    log_difference,
    log_increment,
    log_product,
    log_quotient,
    log_sum,
    pow_increment,
    real_power,
    share,
)
from ..stable.exponential import logit
from ..stable.rates import itakura_saito, kl_div, log_interest, log_mean
from ..stable.roots import hypot_minus, norm, root_of_product, root_of_quotient, sagitta
from ..stable.squares import asinh_quotient, difference_of_squares, log1p_square_quotient, log_norm
from .algebraic import roots_of_squares
from .differences import square_root

if TYPE_CHECKING:
    from ..record import Op

__all__ = ["RULES"]


def _whole(node: Any) -> bool:
    return node.op is CONSTANT and float(node._value).is_integer()


def _log_of_product(_: Op, args: tuple[Any, ...]) -> Any:
    """log(c·x·y…/(u·v…)): what is a power by itself is multiplied by its exponent instead."""
    whole = monomial(args[0])
    if any(base.op is pow for base, _ in whole.factors):
        return _log_of_powers(whole)
    if len(whole.factors) == 1 and whole.coefficient == -1.0 and whole.factors[0][1] == 1:
        base = whole.factors[0][0]
        return log(scaled(-1.0, base)) if base.op is sub else None
    if len(whole.factors) == 1 and whole.coefficient == 1.0:
        base, exponent = whole.factors[0]
        if base.op is sqrt:
            return scaled(exponent / 2, log(base.args[0])) if exponent % 2 else None
        if base.op in root_of_product or base.op in root_of_quotient:
            below = base.args[-1] if base.op in root_of_quotient else 1.0
            above = base.args[:-1] if base.op in root_of_quotient else base.args
            return scaled(exponent / 2, log(div(_product(list(above)), below)))
        return None if exponent == 1 else scaled(float(exponent), log(base) if exponent % 2 else _log_of_size(base))
    root = square_root(whole) if len(whole.factors) > 1 else None
    if root is not None:
        sizes = Monomial(1.0, tuple((abs(base), exponent) for base, exponent in monomial(root).factors))
        return 2 * log(scaled(monomial(root).coefficient, build_monomial(sizes)))
    return _log_of_factors(whole)


def _log_of_size(base: Any) -> Any:
    """log|u|; of a sum, which may be near 1, by its sign."""
    return where(base > 0, log(base), log(scaled(-1.0, base))) if is_sum(base) else log(abs(base))


def _log_of_powers(whole: Monomial) -> Any:
    """log(rest·(u^v)ⁿ·…) = log|rest| + n·v·log|u| + …, of a product that is not negative."""
    rest = Monomial(whole.coefficient, tuple(factor for factor in whole.factors if factor[0].op is not pow))
    powers = [(base, exponent) for base, exponent in whole.factors if base.op is pow]
    odd = [base for base, exponent in powers if exponent % 2 and _may_be_negative(base)]
    logarithms = [scaled(float(exponent), _log_of_power(base, *base.args)) for base, exponent in powers]
    if rest != Monomial(1.0, ()):
        other = build_monomial(rest)
        logarithms.insert(0, log(abs(other) if odd else other))
        odd = [other, *odd] if odd else odd
    total = reduce(add, logarithms)
    return where(_product([odd[0], *map(sign, odd[1:])]) >= 0, total, math.nan) if odd else total


def _may_be_negative(power: Any) -> bool:
    return power.args[1].op is not CONSTANT or _whole(power.args[1])


def _log_of_power(power: Any, base: Any, exponent: Any) -> Any:
    """log|u^v| = v·log|u|, where u^v is a number."""
    if not _may_be_negative(power):
        return exponent * log(base)
    size = xlogy(exponent, abs(base))
    return size if exponent.op is CONSTANT else where(abs(power) >= 0, size, math.nan)


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
        return increment_of(log1p_quotient, u, v, d)
    return _log1p(monomial(as_leaf(d)), monomial(v))


def _log1p_of_quotient(_: Op, args: tuple[Any, ...]) -> Any:
    whole = monomial(args[0])
    below = tuple((base, -exponent) for base, exponent in whole.factors if exponent < 0 and base.op is not CONSTANT)
    above = tuple(factor for factor in whole.factors if factor[1] > 0 or factor[0].op is CONSTANT)
    return _log1p(Monomial(whole.coefficient, above), Monomial(1.0, below)) if below else None


def _log1p(above: Monomial, below: Monomial) -> Any:
    """log(1 + above/below); where the one is a square its root is taken, and that of the other if it is positive."""
    denominator = build_monomial(below)
    typed = log1p_quotient(build_monomial(above), denominator)
    side, other = square_root(above), square_root(below)
    if side is None or (other is None and not above.factors):
        return typed
    if other is not None:
        return log1p_square_quotient(side, other)
    return where(denominator > 0, log1p_square_quotient(side, sqrt(denominator)), typed)


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
            return increment_of(log_increment, above[0], below[0], d)
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


def _divergence(op: Op, args: tuple[Any, ...]) -> Any:
    """c·(u·log(u/v) − u + v)."""
    parts = terms_of(op, args)
    if len(parts) != 3:
        return None
    for place, part in enumerate(parts):
        base = next((base for base, _ in part.factors if base.op in {log_quotient, log_difference}), None)
        rest = None if base is None else _quotient(part, base)
        if base is None or rest is None:
            continue
        others = [build_monomial(other) for other in parts[:place] + parts[place + 1 :]]
        for (u, v), sign_of in ((base.args, 1.0), (base.args[::-1], -1.0)):
            c = ratio(as_leaf(rest), u)
            c = None if c is None else sign_of * c
            for one, other in (others, others[::-1]):
                if c is not None and ratio(as_leaf(one), u) == -c and ratio(as_leaf(other), v) == c:
                    found = scaled(c, kl_div(u, v))
                    return found if base.op is log_quotient else where(u >= 0, found, math.nan)
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
    Rule(log(hypot_minus(x, y) / y), where(y > 0, -asinh_quotient(x, y), math.nan), "for y > 0",
         "near x = 0 the quotient is 1"),
    Rule(log(hypot_minus(x, y)) - log(y), where(y > 0, -asinh_quotient(x, y), math.nan), "for y > 0",
         "near x = 0 both cancel"),
    Rule(log(sqrt(1 + x) + sqrt(x)), asinh(sqrt(x)), "for x ≥ 0", "near 0 the sum rounds to 1"),
    Rule(log(pow_increment(1.0, x, 0.5)), -asinh(sqrt(x)), "for x ≥ 0", "near 0 the difference rounds to 1"),
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
    Rule(x * log1p_quotient(y, x), log_interest(y, x), "where 1 + y/x > 0", "far from 0 the parts of its slope cancel"),
    Rule(x * log_increment(y, x), where(x >= 0, log_interest(y, x), math.nan), "for x ≥ 0, x + y ≥ 0",
         "far from 0 the parts of its slope cancel"),
    Rule(log(compound_interest(y, x)), log_interest(y, x), "where 1 + y/x > 0", "a power near 1 rounds to 1"),
    Rule(x - log(x) - 1, itakura_saito(x, 1.0), "for x > 0", "near 1 the terms cancel"),
    Rule(x / y - log_quotient(x, y) - 1, itakura_saito(x, y), "for x/y > 0", "near x = y the terms cancel"),
    Rule(1 / log_quotient(x, y) * (x - y), log_mean(x, y), "for x/y > 0; at x = y the limit",
         "0/0 is nan at x = y"),
    Rule(1 / log_difference(x, y) * (x - y), where(x >= 0, log_mean(x, y), math.nan),
         "for x, y > 0; at x = y the limit",
         "0/0 is nan at x = y"),
    Rule((x - 1) / log(x), log_mean(x, 1.0), "for x > 0; at x = 1 the limit", "0/0 is nan at x = 1"),
    Rule(log(x) / (x - 1), 1 / log_mean(x, 1.0), "for x > 0; at x = 1 the limit", "0/0 is nan at x = 1"),
    FunctionRule("x·log(x/y) − x + y", "kl_div(x, y)", "for x/y > 0", "near equal numbers the terms cancel", (add, sub),
                 _divergence, (log_quotient, log_difference, add, mul),
                 (lambda x, y: x * log(x / y) - x + y, lambda x, y: x * (log(x) - log(y)) - (x - y))),
    FunctionRule("log(norm(x, y, …))", "log_norm(x, y, …)", "but at the origin", "a norm near 1 rounds to 1", (log,),
                 _log_of_norm, (hypot, norm), (lambda x, y: log(hypot(x, y)), lambda x: log(sqrt(1 + x * x)))),
    FunctionRule("log(x² + y² + …)", "2·log_norm(x, y, …)", "but at the origin",
                 "squares leave the range, and near 1 are lost beside it", (log, log1p), _log_of_squares,
                 (add, mul, pow),
                 (lambda x: log1p(x * x), lambda x, y: log(x**2 + y * y), lambda x, y, z: log(x**2 + y * y + z**2))),
    FunctionRule("log1p(d/v)", "log1p_quotient(d, v)", "where d/v > −1", "its derivative divides by a square",
                 (log1p,), _log1p_of_quotient, (), (lambda x: log1p(1 / x), lambda x, h: log1p(h / x))),
    FunctionRule("log(x·y…/z)", "log_product(x, y, …), log_quotient(x, z)", "where the quotient is positive", _RANGE,
                 (log,), _log_of_product, (),
                 (lambda x, y: log(x * y), lambda x, y: log(x / y), lambda x: log(x**3), lambda x, n: log(x**n),
                  lambda x: log(1 / x), lambda x: log((x + 1) / x))),
    FunctionRule("log x + log y − log z", "log(x·y/z)", "where x, y, z > 0",
                 "near 0 the logarithms cancel", (add, sub), _sum_of_logarithms, (log, log1p, log_sum),
                 (lambda x, y: log(x) + log(y), lambda x, y: log(x) - log(y), lambda x: log(x + 1) - log(x))),
    # and what undoes one another
    Rule(exp(v * log(x)), real_power(x, v), "for x ≥ 0", "a large exponent loses the digits behind its point"),
    Rule(exp(log_difference(x, y)), real_power(x, 1.0) / real_power(y, 1.0), "for x ≥ 0, y > 0",
         "a large exponent loses the digits behind its point"),
    Rule(exp(log(x)), real_power(x, 1.0), "for x ≥ 0", "a large exponent loses the digits behind its point"),
    FunctionRule("exp(k·(log x + log y + …))", "xᵏ·yᵏ…", "for x, y ≥ 0", "a large exponent loses digits", (exp,),
                 _exp_of_logarithms, (log_sum,), (lambda x, y: exp((log(x) + log(y)) / 2),)),
    FunctionRule("log1p(u)", "log(1 + u) if 1 + u has a better form", "where 1 + u > 0", "near −1 digits are lost",
                 (log1p,), _log1p_of_twin, (), (lambda x: log1p(-sigmoid(x)), lambda x: log1p(-(tanh(x) ** 2)))),
)  # fmt: skip
