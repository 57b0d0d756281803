"""Rules about powers and roots: compound interest, hypotenuses and legs, the quadratic formula, parts of a sum."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..ops import (
    CONSTANT,
    INPUT,
    abs,
    add,
    direction,
    div,
    exp,
    hypot,
    log1p,
    mul,
    pow,
    sqrt,
    sub,
    where,
)
from ..rewrite import FunctionRule, Rule, Variable
from ..spelling import (
    LARGEST_POWER,
    Monomial,
    as_leaf,
    build_monomial,
    build_sum,
    divide,
    is_sum,
    monomial,
    monomial_of,
    scaled,
    terms,
)
from ..stable.algebraic import (
    compound,
    compound_interest,
    compound_m1,
    log1p_quotient,
    parallel,
    powm1,
    real_power,
    share,
)
from ..stable.roots import (
    direction_m1,
    hypot_minus,
    hypotenuse_over_leg,
    leg,
    leg_over_leg,
    norm,
    root_of_product,
    root_of_quotient,
    sagitta,
    small_root,
    surd,
    surd_minus,
    surd_slope,
)
from ..stable.squares import difference_of_squares, product_over_hypot, pseudo_huber

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..record import Op

__all__ = ["RULES", "roots_of_squares"]


# --- sums of squares -----------------------------------------------------------------------------------------------


def _root_of_term(part: Monomial) -> Any:
    """The root of a positive number or of a square by the way it is written, None of anything else."""
    if not part.coefficient > 0 or any(power % 2 or base.op is sqrt for base, power in part.factors):
        return None
    half = Monomial(1.0, tuple((base, power // 2) for base, power in part.factors))
    return scaled(math.sqrt(part.coefficient), build_monomial(half))


def roots_of_squares(parts: Sequence[Monomial]) -> list[Any] | None:
    """x, y, … of the sum x² + y² + … with at least one variable among them; None of any other sum."""
    if not any(part.factors for part in parts):
        return None
    roots = [_root_of_term(part) for part in parts]
    return None if any(root is None for root in roots) else roots


def _root_of_sum(parts: list[Monomial]) -> Any:
    roots = roots_of_squares(parts)
    if roots is not None:
        return hypot(*roots) if len(roots) == 2 else norm(*roots)
    if len({part.factors for part in parts}) < len(parts):
        return None  # the terms cancel
    for index, part in enumerate(parts):
        side = _root_of_term(part) if part.factors else None
        if side is not None:
            return surd(side, build_sum(parts[:index] + parts[index + 1 :]))
    return None


# --- roots ---------------------------------------------------------------------------------------------------------


def _root(_: Op, args: tuple[Any, ...]) -> Any:
    """√ of a sum with squares in it; of a product: even powers are taken out, and the rest is one op."""
    if is_sum(args[0]):
        return _root_of_sum(terms(args[0]))
    whole = monomial(args[0])
    squared = [factor for factor in whole.factors if factor[0].op is not CONSTANT and factor[1] not in {1, -1}]
    outside = [(base, int(power / 2)) for base, power in squared]
    inside = [(base, power if base.op is CONSTANT else int(math.fmod(power, 2))) for base, power in whole.factors]
    above = [base for base, power in inside for _ in range(power)]
    below = [base for base, power in inside for _ in range(-power)]
    if whole.coefficient < 0 and not above + below:
        return None
    root = _root_of_rest(whole.coefficient, above, below, whole_is_plain=not outside)
    if root is None:
        return None
    powers = tuple((abs(base), power) for base, power in outside)
    if isinstance(root, float):
        return build_monomial(Monomial(root, powers))
    return build_monomial(Monomial(1.0, powers), root)


def _root_of_rest(coefficient: float, above: list[Any], below: list[Any], *, whole_is_plain: bool) -> Any:
    if coefficient != 1.0 and above + below:
        above = [*above, coefficient]
    if not above + below:
        return None if coefficient == 1.0 and whole_is_plain else math.sqrt(coefficient)
    if not below:
        if len(above) > 1 and not (whole_is_plain and len(above) == 2 and coefficient != 1.0):
            return root_of_product(*above)
        return None if whole_is_plain else sqrt(above[0])
    denominator = build_monomial(Monomial(1.0, tuple((base, 1) for base in below)))
    return root_of_quotient(*above, denominator) if above else 1 / sqrt(denominator)


def _half_power(_: Op, args: tuple[Any, ...]) -> Any:
    """u^(n/2) by way of √u, where that has a better form."""
    number = args[1]._value if args[1].op is CONSTANT else 0.0
    if number % 1 != 0.5 or number == 0.5 or math.fabs(number) > 4:
        return None
    root = sqrt(args[0])
    if root.op is sqrt:
        return None
    return 1 / root if number == -0.5 else pow(root, 2 * number)


# --- powers --------------------------------------------------------------------------------------------------------


def _compound(_: Op, args: tuple[Any, ...]) -> Any:
    """(1 + x)ⁿ, but for small whole n, which is a product, and a root."""
    base, n = args
    parts = terms(base) if is_sum(base) else []
    rest = [part for part in parts if part.factors or part.coefficient != 1.0]
    if len(rest) != len(parts) - 1 or (n.op is CONSTANT and _is_small(n._value)):
        return None
    return _growth(build_sum(rest), n)


def _is_small(n: float) -> bool:
    return n == -0.5 or (n % 1 == 0 and math.fabs(n) <= LARGEST_POWER)


def _growth(rate: Any, n: Any) -> Any:
    """(1 + rate)ⁿ; where n, or a part of it, is below the line of the rate, 1 + rate is near 1 for large n."""
    first, second = monomial(as_leaf(rate)), monomial(as_leaf(n))
    meet = any(base is other and power < 0 < own for base, power in first.factors for other, own in second.factors)
    return compound_interest(build_monomial(monomial_of(mul, (rate, n))), n) if meet else compound(rate, n)


def _exp_of_log1p(_: Op, args: tuple[Any, ...]) -> Any:
    """exp(n·log1p(x)), or exp(n·log(1 + d/v)); nan for x < −1 whatever n."""
    whole = monomial(args[0])
    for index, (base, power) in enumerate(whole.factors):
        if (base.op is log1p or base.op is log1p_quotient) and power == 1:
            n = build_monomial(whole._replace(factors=whole.factors[:index] + whole.factors[index + 1 :]))
            rate = base.args[0] if base.op is log1p else div(*base.args)
            growth = _growth(rate, n)
            return compound(where(rate >= -1, rate, math.nan), n) if growth.op is compound else growth
    return None


# --- parts of a sum ------------------------------------------------------------------------------------------------


def _over_squares(op: Op, args: tuple[Any, ...]) -> Any:
    """rest/(x² + y² + …); x², or x, is taken out of the rest."""
    whole = monomial_of(op, args)
    for rest, base, power in _denominators(whole):
        roots = roots_of_squares(terms(base)) if power == 1 and is_sum(base) else None
        if roots is None:
            continue
        size = _norm(*roots)
        for place, side in enumerate(roots):
            over = _without(rest, side)
            if over is not None:
                twice, slope = _without(over, side), direction(side, _norm(*roots[:place], *roots[place + 1 :]))
                return build_monomial(over, slope / size) if twice is None else build_monomial(twice, slope**2)
        return div(div(build_monomial(rest), size), size)
    return None


def _norm(*x: Any) -> Any:
    """√(x1² + …) up to the sign, which is of no matter where it is asked for; 0 of none."""
    if len(x) < 2:
        return x[0] if x else 0.0
    return hypot(*x) if len(x) == 2 else norm(*x)


def _denominators(whole: Monomial) -> Iterator[tuple[Monomial, Any, int]]:
    """(rest, base, power) for every baseᵖᵒʷᵉʳ below the line."""
    for index, (base, power) in enumerate(whole.factors):
        if power < 0:
            yield whole._replace(factors=whole.factors[:index] + whole.factors[index + 1 :]), base, -power


def _without(whole: Monomial, divisor: Any) -> Monomial | None:
    """A product less one of its factors, which is no number."""
    is_number = not hasattr(divisor, "op") or not monomial(divisor).factors
    return None if is_number else divide(whole, divisor, 1)


def _share(op: Op, args: tuple[Any, ...]) -> Any:
    """rest·x/(x + y + …) where x is one of the sum's terms, and no number."""
    for rest, base, power in _denominators(monomial_of(op, args)):
        parts = terms(base) if power == 1 and is_sum(base) else []
        inverses = [_inverse(part) for part in parts]
        if len(parts) == 2 and None not in inverses:
            return build_monomial(rest, parallel(*inverses))
        for place, part in enumerate(parts):
            own, others = build_monomial(part), parts[:place] + parts[place + 1 :]
            left = _without(rest, own)
            if left is not None:
                both = _without(left, build_sum(others)) if len(parts) == 2 else None
                answer = share if both is None else parallel
                return build_monomial(both or left, answer(own, build_sum(others)))
        products = [part for part in parts if part.factors]
        if len(parts) == 2 and Monomial(1.0, ()) in parts and products:
            return _share_of_quotient(rest, products[0])
    return None


def _inverse(part: Monomial) -> Any:
    """The u of 1/u, where it is written so."""
    if not part.factors or any(power > 0 for _, power in part.factors):
        return None
    below = build_monomial(Monomial(1.0, tuple((base, -power) for base, power in part.factors)))
    return div(below, part.coefficient) if part.coefficient != 1.0 else below


def _share_of_quotient(rest: Monomial, part: Monomial) -> Any:
    """rest/(1 + y/x)."""
    above = tuple(factor for factor in part.factors if factor[1] > 0 or factor[0].op is CONSTANT)
    below = tuple((base, -power) for base, power in part.factors if power < 0 and base.op is not CONSTANT)
    if not below:
        return None
    numerator = build_monomial(Monomial(part.coefficient, above))
    return build_monomial(rest, share(build_monomial(Monomial(1.0, below)), numerator))


def _direction_of(side: Any, *others: Any) -> Any:
    return direction(side, _norm(*others))


# side/root by the root and the side's place, as a function of that side and the others.
_SLOPE_IN: dict[tuple[Op, int], Callable[..., Any]] = {
    (leg, 0): hypotenuse_over_leg,
    (leg, 1): lambda z, x: leg_over_leg(x, z),
    (surd, 0): surd_slope,
}


def _over_root(op: Op, args: tuple[Any, ...]) -> Any:
    """rest·x/√(…), where x is one of the sides below the root."""
    for rest, base, power in _denominators(monomial_of(op, args)):
        root, sides = base.op, base.args
        if root not in {hypot, leg, surd} and root not in norm:
            continue
        for place, side in enumerate(sides):
            over = _without(rest, side)
            if over is None or (root is surd and place):
                continue
            both = _without(over, sides[1 - place]) if root is hypot and power == 1 else None
            if both is not None:
                return build_monomial(both, product_over_hypot(*sides))
            slope_in: Callable[..., Any] = _SLOPE_IN.get((root, place), _direction_of)
            slope = slope_in(side, *sides[:place], *sides[place + 1 :])
            if power > 1:
                over = over._replace(factors=(*over.factors, (base, 1 - power)))
            return build_monomial(over, slope)
    return None


def _root_over_factor(op: Op, args: tuple[Any, ...]) -> Any:
    """rest·(√(b² + q) − b)/a, where a is a factor of q."""
    whole = monomial_of(op, args)
    for index, (base, power) in enumerate(whole.factors):
        if base.op is not surd_minus or power != 1:
            continue
        rest, (b, q) = whole._replace(factors=whole.factors[:index] + whole.factors[index + 1 :]), base.args
        for below, divisor, own in _denominators(rest):
            left = _without(monomial(q), divisor) if own == 1 else None
            if left is not None:
                kept = build_monomial(left)
                other = div(add(surd(b, q), abs(b)), divisor)  # for b < 0 nothing cancels, and 1/q is no part of it
                return build_monomial(below, where(b > 0, mul(kept, small_root(b, q)), other))
    return None


def _cancelled(op: Op, args: tuple[Any, ...]) -> Any:
    """A product without the inputs that stand above the line and below it: nothing else is surely a number."""
    first, second = monomial(args[0]), monomial(args[1])
    sign = 1 if op is div else -1
    factors = [factor for factor in second.factors if factor[0].op is not CONSTANT]
    met = [base for base, power in first.factors for other, own in factors if base is other and power * own * sign > 0]
    return build_monomial(monomial_of(op, args)) if met and all(base.op is INPUT for base in met) else None


x, y, z, n = Variable("x"), Variable("y"), Variable("z"), Variable("n")
_REAL = "for all real numbers"
_RANGE = "a square may leave the range of floats"
_CANCEL = "the root and what is taken from it cancel"
_SLOPES = "the two parts of its derivative cancel"

RULES: tuple[Rule | FunctionRule, ...] = (
    # powers
    FunctionRule("u^(n/2)", "(√u)ⁿ, where √u has a better form", "for u ≥ 0", _RANGE, (pow,), _half_power, (),
                 (lambda x: (x * x + 1) ** -0.5, lambda x, y: (x**2 + y**2) ** 1.5)),
    FunctionRule("(1 + x)ⁿ", "compound(x, n)", "for x ≥ −1, and below for whole n",
                 "the sum with 1 rounds away digits that the power brings back", (pow,), _compound, (add, sub),
                 (lambda x, n: (1 + x) ** n, lambda x: (x + 1) ** 365, lambda n: (1 + 1 / n) ** n)),
    FunctionRule("exp(n·log1p(x))", "compound(x, n)", "for x ≥ −1", "a large exponent loses its last digits",
                 (exp,), _exp_of_log1p, (log1p, log1p_quotient), (lambda x, n: exp(n * log1p(x)),)),
    Rule(compound(x, n) - 1, compound_m1(x, n), "for x ≥ −1, and below for whole n", "near 0 the power rounds to 1"),
    Rule(pow(x, n) - 1, powm1(x, n), "for x ≥ 0", "for a small n, or x near 1, the power rounds to 1"),
    Rule(real_power(x, n) - 1, powm1(real_power(x, 1.0), n), "for x ≥ 0", "for a small n the power rounds to 1"),
    Rule(1 / compound(x, n) - 1, compound_m1(x, -n), "for x ≥ −1, and below for whole n",
         "near 0 the power rounds to 1"),
    Rule(1 + compound_m1(x, n), compound(x, n), "for x ≥ −1, and below for whole n", "near −1 the sum cancels"),
    # roots
    FunctionRule("√(x² + y² + …), √(x²·y)", "hypot(x, y), |x|·√y", "where the root is real", _RANGE, (sqrt,), _root, (),
                 (lambda x, y: sqrt(x * x + y**2), lambda x: sqrt(x**2), lambda x, y: sqrt(x * y),
                  lambda x, y: sqrt(x**2 - 4 * y), lambda x, y: sqrt(x * x * y), lambda x: sqrt(1 / x))),
    Rule(sqrt(difference_of_squares(x, y)), leg(x, y), "for |x| ≥ |y|", _RANGE),
    Rule(hypot(x, y) - x, hypot_minus(x, y), _REAL, _CANCEL),
    Rule(surd(x, y) - x, surd_minus(x, y), "where the root is real", _CANCEL),
    Rule(surd(x, y) + x, surd_minus(-x, y), "where the root is real", _CANCEL),
    Rule(x - leg(x, y), sagitta(x, y), "for |x| ≥ |y|", _CANCEL),
    Rule(hypot(x, y) - leg(x, z), hypot_minus(abs(x), y) + sagitta(abs(x), z), "for |x| ≥ |z|", _CANCEL),
    Rule(surd(x, y) - sqrt(y), x * (x / (surd(x, y) + sqrt(y))), "for y ≥ 0", _CANCEL),
    Rule(hypot_minus(1.0, x) / x, x / (1 + hypot(1.0, x)), "for all real numbers; at x = 0 the limit", _SLOPES),
    Rule(hypotenuse_over_leg(x, y) - 1, sagitta(x, y) / leg(x, y), "for |x| > |y|",
         "near y = 0 the quotient rounds to 1"),
    Rule(1 / leg(1.0, y) - 1, sagitta(1.0, y) / leg(1.0, y), "for |y| < 1", "near y = 0 the quotient rounds to 1"),
    Rule(x * leg(1.0, y / x), where(x > 0, leg(x, y), -leg(x, y)), "for |x| ≥ |y|",
         "(y/x)² and its derivatives overflow"),
    Rule(x * hypot_minus(1.0, y / x), where(x > 0, hypot_minus(x, y), -hypot_minus(-x, y)), "for x ≠ 0",
         "(y/x)² and its derivatives overflow"),
    Rule(x * hypot_minus(x, y), pseudo_huber(x, y), _REAL, "the two parts of its derivative in x cancel"),
    Rule(x * x * hypot_minus(1.0, y / x), pseudo_huber(abs(x), y), "for x ≠ 0", "(y/x)² and its derivatives overflow"),
    Rule(sqrt(x) ** 2, real_power(x, 1.0), "for x ≥ 0", "the parts of its second derivative cancel"),
    # quotients with roots
    FunctionRule("x/√(x² + y² + …)", "direction(x, hypot(y, …))", "0 at the origin", _SLOPES, (div, mul, pow),
                 _over_root, (hypot, norm, leg, surd),
                 (lambda x, y: x / hypot(x, y), lambda x, y, z: x / sqrt(x * x + y * y + z * z),
                  lambda x: x / sqrt(1 - x * x), lambda x, y: x / sqrt(x**2 + y), lambda x: x / sqrt(1 + x * x))),
    FunctionRule("(√(b² + a·c) − b)/a", "c·small_root(b, a·c)", "where the root is real", _SLOPES, (div, mul, pow),
                 _root_over_factor, (surd_minus,),
                 (lambda a, b, c: (-b + sqrt(b * b - 4 * a * c)) / (2 * a),
                  lambda a, b, c: (-b - sqrt(b * b - 4 * a * c)) / (2 * a))),
    Rule(direction(x, y) - 1, direction_m1(x, y), "0 − 1 at the origin", "near 1 the quotient rounds to 1"),
    Rule(direction(x, y) + 1, -direction_m1(-x, y), "0 + 1 at the origin", "near −1 the quotient rounds to −1"),
    # parts of a sum
    FunctionRule("x·y/x", "y", "for x ≠ 0; at 0 the limit",
                 "the product may leave the range of floats; 0/0 is nan at 0", (div, mul),
                 _cancelled, (mul, pow, div), (lambda x, y: x * y / x, lambda x: x**3 / x**2, lambda x, y: y / x * x)),
    Rule(difference_of_squares(x, y) / (x - y), x + y, "for x ≠ y; at y the limit", "0/0 is nan at x = y"),
    Rule(difference_of_squares(x, y) / (x + y), x - y, "for x ≠ −y; at −y the limit", "0/0 is nan at x = −y"),
    Rule(div(x**3 - y**3, x - y), x * x + x * y + y * y, "for x ≠ y; at y the limit", "0/0 is nan at x = y"),
    FunctionRule("z/(x² + y² + …)", "z/hypot(x, y, …)/hypot(x, y, …)", "but at the origin", _RANGE, (div, mul, pow),
                 _over_squares, (add,),
                 (lambda x: 1 / (1 + x * x), lambda x, y, z: z / (x**2 + y**2), lambda x, y: x * y / (x * x + y * y))),
    Rule(1 - 1 / hypot(1.0, x) ** 2, direction(x, 1.0) ** 2, _REAL, "near 0 the quotient rounds to 1"),
    Rule(1 - direction(x, y) ** 2, direction(y, x) ** 2, "but at the origin", "near y = 0 the quotient rounds to 1"),
    Rule(z - z * share(x, y), z * share(y, x), "for x + y ≠ 0", "a share near 1 rounds to 1"),
    Rule(div(x**3 - 1, x - 1), x * x + x + 1, "for x ≠ 1; at 1 the limit", "0/0 is nan at x = 1"),
    Rule(x / (y + abs(x)), where(x < 0, -share(-x, y), share(x, y)), "for y > 0",
         "the two parts of its derivative cancel"),
    Rule(1 - share(x, y), share(y, x), "for x + y ≠ 0", "a share near 1 rounds to 1"),
    FunctionRule("x/(x + y), 1/(1/x + 1/y)", "share(x, y), parallel(x, y)", "for x + y ≠ 0", _SLOPES, (div, mul, pow),
                 _share, (add, sub),
                 (lambda x: x / (1 + x), lambda x, y: x / (x + y), lambda x, y: x * y / (x + y),
                  lambda x, y, z: x / (y + x + z), lambda x: 1 / (1 + 1 / x), lambda x, y: 1 / (1 / x + 1 / y))),
)  # fmt: skip
