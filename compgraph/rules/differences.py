"""Rules about f(u) − f(v) where u − v can be read off the page: √(x + 1) − √x, 1/x − 1/(x + h), cos(x + h) − cos x.

As typed, such a difference keeps only the roundings of its two terms. Each function has a formula for it in which
d = u − v stands as it is written, so that nothing cancels. A difference inside a difference is found in the same way:
1/√x − 1/√(x + 1) by way of √(x + 1) − √x. (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., 1.7.)
"""

from __future__ import annotations

import math
from functools import partial, reduce
from typing import TYPE_CHECKING, Any, NamedTuple

from ..ops import (
    CONSTANT,
    INPUT,
    add,
    atan,
    cbrt,
    cos,
    cosh,
    div,
    exp,
    expm1,
    log,
    log1p,
    mul,
    pow,
    sigmoid,
    sin,
    sinh,
    softplus,
    sqrt,
    sub,
    tan,
    tanh,
)
from ..rewrite import FunctionRule, Rule
from ..spelling import (
    Monomial,
    as_leaf,
    build_monomial,
    build_sum,
    difference,
    increment_of,
    is_sum,
    monomial,
    monomial_of,
    product_of_numbers,
    quotient_of_numbers,
    ratio,
    read,
    scaled,
    terms,
    terms_of,
)
from ..spelling.reading import LOOKS, ratio_of_monomials
from ..stable.algebraic import compound, log_increment, pow_increment
from ..stable.exponential import exp_difference, exp_of_sum
from ..stable.logistic import exp_increment, sigmoid_increment, softplus_increment
from ..stable.roots import cbrt_increment
from ..stable.series import atan_increment
from ..stable.squares import difference_of_squares
from ..stable.trigonometric import cos_increment, cosh_increment, sin_increment, sinh_increment, tan_increment

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..record import Op

__all__ = ["RULES"]


class _Formula(NamedTuple):
    """f(u) − f(v) as a function of u, v and d = u − v; why the typed form loses digits is the same for all."""

    op: Op
    right: str
    value: Callable[[Any, Any, Any], Any]


def _tanh_increment(d: Any, v: Any) -> Any:
    return 2 * sigmoid_increment(2 * d, 2 * v)


_FORMULAS = (
    _Formula(cbrt, "cbrt_increment(d, v)", partial(increment_of, cbrt_increment)),
    _Formula(log, "log_increment(d, v)", partial(increment_of, log_increment)),
    _Formula(exp, "exp_increment(d, v)", partial(increment_of, exp_increment)),
    _Formula(expm1, "exp_increment(d, v)", partial(increment_of, exp_increment)),
    _Formula(sin, "sin v·(cos d − 1) + cos v·sin d", partial(increment_of, sin_increment)),
    _Formula(cos, "cos v·(cos d − 1) − sin v·sin d", partial(increment_of, cos_increment)),
    _Formula(tan, "tan d·(1 + tan² v)/(1 − tan v·tan d)", partial(increment_of, tan_increment)),
    _Formula(atan, "atan_increment(d, v)", partial(increment_of, atan_increment)),
    _Formula(sinh, "2·cosh(v + d/2)·sinh(d/2)", partial(increment_of, sinh_increment)),
    _Formula(cosh, "2·sinh(v + d/2)·sinh(d/2)", partial(increment_of, cosh_increment)),
    _Formula(tanh, "2·sigmoid_increment(2d, 2v)", partial(increment_of, _tanh_increment)),
    _Formula(sigmoid, "sigmoid_increment(d, v)", partial(increment_of, sigmoid_increment)),
    _Formula(softplus, "softplus_increment(d, v)", partial(increment_of, softplus_increment)),
)

_BY_OP = {formula.op: formula for formula in _FORMULAS}

_DEEPEST = 4


def _function(base: Any) -> tuple[Op, Any]:
    """(op, argument) of a function of one argument; log1p(u) as log(1 + u)."""
    op, args = read(base)
    if op in exp_of_sum:
        return exp, reduce(add, args)
    return (log, 1 + args[0]) if op is log1p else (op, args[0]) if len(args) == 1 else (op, None)


def _power_increment(n: float) -> Callable[[Any, Any], Any]:
    return lambda d, v: pow_increment(d, v, float(n))


def _power(base: Any, exponent: int) -> tuple[Any, float]:
    """(v, n) of vⁿ: a root is a power too, but for its even powers, which are nan for v < 0."""
    op, args = read(base)
    if op is sqrt and exponent % 2:
        return args[0], exponent / 2
    if op is pow and args[1].op is CONSTANT and not float(args[1]._value).is_integer() and exponent in {1, -1}:
        return args[0], args[1]._value * exponent
    if op is compound and args[1].op is CONSTANT and exponent in {1, -1}:
        return 1 + args[0], args[1]._value * exponent
    return base, exponent


def _delta(a: Any, b: Any, depth: int) -> Any:
    """The difference where something cancels as it is written, inside functions too; None where nothing does."""
    d = difference(a, b)
    if d is None and b.op is CONSTANT:
        d = _less_number(a, b._value)
    if d is not None or depth > _DEEPEST:
        return d
    return _delta_of_products(monomial(a), monomial(b), depth + 1)


def _less_number(a: Any, number: float) -> Any:
    """(number + rest) − number: the rest."""
    parts = terms(a)
    rest = [part for part in parts if part.factors or part.coefficient != number]
    return build_sum(rest) if rest and len(rest) == len(parts) - 1 else None


def _delta_of_products(a: Monomial, b: Monomial, depth: int) -> Any:
    """The difference of two products that have all factors but one in common; the second may be a number."""
    common, left, right = _split(a, b)
    if len(left) != 1 or len(right) > 1:
        return None
    if not right:
        return None if b.factors else _delta_of_number(a.coefficient, left[0], b.coefficient, depth)
    if a.coefficient != b.coefficient:
        return None
    (base, exponent), (other, own) = left[0], right[0]
    (op, u), (twin, v) = _function(base), _function(other)
    if exponent == own == 1 and op is twin and op in _BY_OP:
        d = _delta(u, v, depth)
        gap = None if d is None else _BY_OP[op].value(u, v, d)
    else:
        (u, n), (v, m) = _power(base, exponent), _power(other, own)
        usable = n == m and CONSTANT not in {u.op, v.op} and (n != 1 or u is not base)
        d = _delta(u, v, depth) if usable else None
        gap = None if d is None else d if n == 1 else increment_of(_power_increment(n), u, v, d)
    return None if gap is None else build_monomial(Monomial(a.coefficient, tuple(common)), gap)


def _delta_of_number(coefficient: float, factor: tuple[Any, int], number: float, depth: int) -> Any:
    """c·uⁿ − k where k/c is the n-th power of a number that u has as a summand: √(4 + x) − 2, 1/(1 + x) − 1."""
    share = quotient_of_numbers(number, coefficient)
    if share is None or share <= 0:
        return None
    op, args = read(factor[0])
    if op is cbrt and factor[1] == 1:
        d = _delta(args[0], as_leaf(share**3), depth) if product_of_numbers(1.0, share, 3) == share**3 else None
        return None if d is None else scaled(coefficient, _BY_OP[cbrt].value(args[0], as_leaf(share**3), d))
    u, n = _power(*factor)
    v = share ** (1 / n)
    d = _delta(u, as_leaf(v), depth) if n != 1 and v**n == share else None
    return None if d is None else scaled(coefficient, pow_increment(d, v, float(n)))


def _split(a: Monomial, b: Monomial) -> tuple[list[Any], list[Any], list[Any]]:
    """The factors that both products have, and what each has besides."""
    common, left, right = [], [], list(b.factors)
    for base, exponent in a.factors:
        twin = next((f for f in right if f[1] == exponent and ratio(f[0], base) == 1.0), None)
        if twin is None:
            left.append((base, exponent))
        else:
            right.remove(twin)
            common.append((base, exponent))
    return common, left, right


def _two_terms(op: Op, args: tuple[Any, ...]) -> tuple[float, Monomial, Monomial] | None:
    """(scale, a, b) of a sum scale·(a − b), numbers last; None of any other sum."""
    parts = terms_of(op, args)
    if len(parts) != 2:
        return None
    first, second = sorted(parts, key=lambda part: (not part.factors, -part.coefficient))
    if first.coefficient == 0 or (second.factors and first.coefficient != -second.coefficient):
        return None
    scale = math.copysign(1.0, first.coefficient) if not second.factors else abs(first.coefficient)
    return scale, _divided(first, scale), _divided(second, -scale)


def _divided(part: Monomial, scale: float) -> Monomial:
    return part._replace(coefficient=part.coefficient / scale)


def _stable_difference(op: Op, args: tuple[Any, ...], kind: Any) -> Any:
    """The difference of two terms that differ in one factor: a function of that name, or a power (kind pow)."""
    found = _two_terms(op, args)
    if found is None:
        return None
    scale, first, second = found
    own = _split(first, second)[1]
    if len(own) != 1 or (_function(own[0][0])[0] if own[0][1] == 1 else pow) is not kind:
        return None
    gap = _delta_of_products(first, second, 0)
    return None if gap is None else scaled(scale, gap)


def _squares(op: Op, args: tuple[Any, ...]) -> Any:
    """u² − v² of any u and v, up to a number; a number may stand for v²."""
    parts = terms_of(op, args)
    if len(parts) != 2 or parts[0].coefficient * parts[1].coefficient >= 0:
        return None
    numbers = [part for part in parts if not part.factors]
    scale = 1.0 if numbers else abs(parts[0].coefficient)
    plus, minus = sorted(parts, key=lambda part: -part.coefficient)
    x, y = square_root(_divided(plus, scale)), square_root(_divided(minus, -scale))
    if x is None or y is None or ratio(as_leaf(x), as_leaf(y)) in {1.0, -1.0}:
        return None
    return scaled(scale, difference_of_squares(x, y))


def square_root(part: Monomial) -> Any:
    """The expression of which a product is the square by the way it is written; None where there is none."""
    root = math.sqrt(part.coefficient) if part.coefficient > 0 else 0.0
    if not root or product_of_numbers(1.0, root, 2) != part.coefficient or any(power % 2 for _, power in part.factors):
        return None
    if any(read(base)[0] is sqrt for base, _ in part.factors):
        return None
    return build_monomial(Monomial(root, tuple((base, power // 2) for base, power in part.factors)))


def _sum_times_difference(op: Op, args: tuple[Any, ...]) -> Any:
    """rest·(x + y)·(x − y)."""
    whole = monomial_of(op, args)
    sums = [factor for factor in whole.factors if factor[1] == 1 and is_sum(factor[0])]
    for index, first in enumerate(sums):
        for second in sums[index + 1 :]:
            u, v = terms(first[0]), terms(second[0])
            if len(u) != 2 or len(v) != 2:
                continue
            found = _conjugates(u, v if _same(u[0], v[0]) or _same(u[0], v[0], -1.0) else v[::-1])
            if found is not None:
                rest = tuple(factor for factor in whole.factors if factor is not first and factor is not second)
                return build_monomial(Monomial(whole.coefficient, rest), found)
    return None


def _same(a: Monomial, b: Monomial, sign: float = 1.0) -> bool:
    if not a.factors or not b.factors:
        return not a.factors and not b.factors and a.coefficient == sign * b.coefficient
    return ratio_of_monomials(a, b, [None] * LOOKS) == sign


def _conjugates(u: list[Monomial], v: list[Monomial]) -> Any:
    """(a + b)·(±a ∓ b) as a difference of squares."""
    for kept, turned in ((0, 1), (1, 0)):
        if _same(u[kept], v[kept]) and _same(u[turned], v[turned], -1.0):
            return difference_of_squares(build_monomial(u[kept]), build_monomial(u[turned]))
    return None


def _cancelled(op: Op, args: tuple[Any, ...]) -> Any:
    """A sum without the terms that cancel by the way it is written: (x + h) − x is h."""
    first, second = args if op is sub else (args[0], scaled(-1.0, args[1]))
    if not hasattr(second, "op"):
        return None
    dropped = [part for part in terms(second) if all(base.op is INPUT and power > 0 for base, power in part.factors)]
    return difference(first, second) if len(dropped) == len(terms(second)) else None


def _plain_exponentials(op: Op, args: tuple[Any, ...]) -> Any:
    """y·eᵘ − y·eᵛ of any u and v."""
    found = _two_terms(op, args)
    if found is None:
        return None
    scale, first, second = found
    common, left, right = _split(first, second)
    if len(left) != 1 or len(right) != 1 or left[0][1] != 1 or right[0][1] != 1:
        return None
    (kind, u), (other, v) = _function(left[0][0]), _function(right[0][0])
    if kind is not exp or other is not exp:
        return None
    gap = _gap_of_multiples(u, v)
    gap = exp_difference(u, v) if gap is None else gap
    return scaled(scale, build_monomial(Monomial(first.coefficient, tuple(common)), gap))


def _gap_of_multiples(u: Any, v: Any) -> Any:
    """eᵘ − eᵛ where one is a multiple of the other by more than 1: its slopes have one sign where both overflow."""
    for larger, smaller, sign in ((u, v, 1.0), (v, u, -1.0)):
        k = ratio(larger, smaller)
        if k is not None and k > 1 and math.fsum((k, -1.0, 1.0 - k)) == 0:
            return scaled(sign, exp_increment(scaled(k - 1.0, smaller), smaller))
    return None


_REAL = "for all real numbers"
_WHY = "as typed the difference keeps only the roundings of its two terms"

RULES: tuple[Rule | FunctionRule, ...] = (
    FunctionRule("(x + h) − x", "h", _REAL, _WHY, (sub,), _cancelled, heads=(add,),
                 examples=(lambda x, h: (x + h) - x, lambda x, h: (h + 2 * x) - (1 + x * 2))),
    *(FunctionRule(f"{formula.op.name}(u) − {formula.op.name}(v)", formula.right, "wherever both terms are defined",
                   _WHY, (add, sub), partial(_stable_difference, kind=formula.op),
                   (formula.op, *([log1p] if formula.op is log else [])),
                   (lambda x, y, h, f=formula.op: y * f(x + h) - f(x) * y,
                    lambda x, y, f=formula.op: f(x + 2) / y - f(x) / y))
      for formula in _FORMULAS),
    FunctionRule("uⁿ − vⁿ", "pow_increment(d, v, n)", "where both powers are defined", _WHY, (add, sub),
                 partial(_stable_difference, kind=pow), (sqrt, mul, div, pow, compound),
                 (lambda x: 1 / x - 1 / (x + 1), lambda x, h: 1 / (x + h) - 1 / x, lambda x, h: (x + h) ** 2 - x * x,
                  lambda x: 1 / (1 + x) - 1)),
    FunctionRule("√u − √v", "pow_increment(d, v, ½)", "for u, v ≥ 0", _WHY, (add, sub),
                 partial(_stable_difference, kind=sqrt), (sqrt,),
                 (lambda x: sqrt(x + 1) - sqrt(x), lambda x, y: y * sqrt(x + 3) - sqrt(x) * y,
                  lambda x: sqrt(4 + x) - 2)),
    FunctionRule("u² − v²", "(u − v)·(u + v)", _REAL, "near equal sizes the difference keeps only roundings; a "
                 "square may leave the range", (add, sub), _squares, (mul, pow, div),
                 (lambda x, y: x**2 - y * y, lambda x: 1 - x * x, lambda x: x**2 - 4)),
    FunctionRule("(u + v)·(u − v)", "u² − v²", _REAL, "the two parts of its derivative cancel", (mul,),
                 _sum_times_difference, (add, sub),
                 (lambda x, y: (x + y) * (x - y), lambda x, y: y * (1 - x) * (1 + x))),
    FunctionRule("eᵘ − eᵛ", "exp_difference(u, v)", _REAL, _WHY, (add, sub), _plain_exponentials, (exp, exp_of_sum),
                 (lambda u, v: exp(u) - exp(v), lambda u, v, w: w * exp(u) - exp(v) * w,
                  lambda u: exp(u) - exp(2 * u))),
)  # fmt: skip
