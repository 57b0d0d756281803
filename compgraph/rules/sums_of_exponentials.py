"""Rules about products and sums of any number of exponentials: log-sum-exp, softmax, and their like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..matching import is_product
from ..ops import (
    add,
    cosh,
    div,
    exp,
    log,
    log1p,
    mul,
    neg,
    pow,  # the op has the name of the function it is
    sigmoid,
    sinh,
    softplus,
    sub,
)
from ..rewrite import FunctionRule
from ..spelling import (
    Monomial,
    as_leaf,
    as_number,
    build_monomial,
    build_sum,
    difference,
    is_sum,
    monomial,
    monomial_of,
    number_of,
    ratio,
    read,
    scaled,
    terms,
    terms_of,
)
from ..stable.cosh_sums import cosh_share, log_cosh_sum
from ..stable.exponential import (
    exp_difference,
    exp_of_sum,
    exp_over_sum,
    log_diff_exp,
    log_softmax,
    log_weighted_sum,
    logaddexp,
    logsumexp,
    pair_first,
    softmax_ratio,
    softmax_rest,
)
from ..stable.logistic import exp_of_product
from ..stable.series import expm1_minus_x
from .exponential_terms import Summand, as_cosines, build_sum_of, gathered, shifted, summands, take_exponentials

if TYPE_CHECKING:
    from ..record import Op

__all__ = ["RULES", "without_first"]


def _log_of(parts: list[Summand]) -> Any:
    """The logarithm of a sum of exponentials."""
    parts = gathered(parts)
    if len(parts) == 1:
        return shifted(parts[0])
    cosines = as_cosines(parts)
    if cosines:
        return log_cosh_sum(*cosines)
    if all(part.weight == 1.0 for part in parts):
        return logsumexp(*map(shifted, parts))
    if len(parts) == 2 and [part.weight for part in parts] in ([1.0, -1.0], [-1.0, 1.0]):
        first, second = parts if parts[0].weight == 1.0 else parts[::-1]
        if first.exponent is not None and second.exponent is not None:
            return log_diff_exp(first.exponent, second.exponent)
    pairs = [(part.weight, 0.0 if part.exponent is None else part.exponent) for part in parts]
    return log_weighted_sum(*(number for pair in pairs for number in pair))


def _log_sum(op: Op, args: tuple[Any, ...]) -> Any:
    """log(y·Σ): of the last factor that is a sum with exponentials in it."""
    if op is log1p:
        if args[0].op in exp_of_sum and len(args[0].args) == 2:
            return -log_softmax(scaled(-1.0, args[0].args[1]), args[0].args[0])
        parts = summands(args[0])
        return _log_of([Summand(1.0, None), *parts]) if parts else None
    whole = monomial(args[0])
    for index, (base, power) in enumerate(whole.factors):
        parts = (summands(base) or _shares_summed(base)) if is_sum(base) else []
        if parts:
            rest = Monomial(whole.coefficient, whole.factors[:index] + whole.factors[index + 1 :])
            if power == 1 and not rest.factors and rest.coefficient > 0:  # a mean: log k + log Σ cancels near kΣ = 1
                return _log_of([part._replace(weight=scaled(rest.coefficient, part.weight)) for part in parts])
            is_alone = rest == Monomial(1.0, ())
            if not all(part.is_positive for part in parts) and not (is_alone and power % 2):
                return None  # the product may be positive where the sum is negative
            inner = scaled(float(power), _log_of(parts))
            return inner if is_alone else log(build_monomial(rest)) + inner
    return None


def _shares_summed(node: Any) -> list[Summand]:
    """A sum as exponentials where each of its terms has a sigmoid: a mixture y·σ(x) + (1 − y)·σ(−x)."""
    found = []
    for part in terms(node):
        logistic = [(base, power) for base, power in part.factors if base.op is sigmoid]
        if not logistic:
            return []
        rest = tuple(factor for factor in part.factors if factor not in logistic)
        exponents = [scaled(-float(power), softplus(scaled(-1.0, base.args[0]))) for base, power in logistic]
        found.append(Summand(as_number(build_monomial(Monomial(part.coefficient, rest))), build_sum_of(exponents)))
    return found


def _mean(weights: Monomial, parts: list[Summand]) -> Any:
    """(w·eᵘ + …)/Σ as w·softmax_ratio + …, where each eᵘ is one of the sum's terms and none is taken from another."""
    for index, (base, power) in enumerate(weights.factors):
        upper = summands(base) if power == 1 and is_sum(base) else []
        if not upper or any(isinstance(part.weight, float) and part.weight <= 0 for part in upper):
            continue
        tops = [exp(part.exponent) for part in upper if part.exponent is not None]
        shares = [_share(Monomial(1.0, ((top, 1),)), parts) for top in tops]
        if len(shares) == len(upper) and all(share is not None and share.op in softmax_ratio for share in shares):
            mean = build_sum_of([mul(part.weight, share) for part, share in zip(upper, shares, strict=True)])
            rest = weights.factors[:index] + weights.factors[index + 1 :]
            return build_monomial(Monomial(weights.coefficient, rest), mean)
    return None


def _without_common(*nodes: Any) -> list[Any]:
    """The exponents without the terms that all of them have: shares do not depend on these."""
    if len(nodes) == 2 and all(hasattr(node, "op") for node in nodes):
        gap = sub(*nodes)
        if gap.op not in {add, sub}:  # one that does not cancel
            return [gap, 0.0]
    sums = [terms(as_leaf(node)) for node in nodes]
    for term in list(sums[0]):
        places = [next((i for i, other in enumerate(parts) if _same_term(term, other)), -1) for parts in sums]
        if -1 not in places:
            for parts, place in zip(sums, places, strict=True):
                parts.pop(place)
    if all(len(parts) == len(terms(as_leaf(node))) for parts, node in zip(sums, nodes, strict=True)):
        return list(nodes)
    return [build_sum(parts) if parts else 0.0 for parts in sums]


def _same_term(a: Monomial, b: Monomial) -> bool:
    if not a.factors or not b.factors:
        return not a.factors and not b.factors and a.coefficient == b.coefficient
    return ratio(as_leaf(build_monomial(a)), as_leaf(build_monomial(b))) == 1.0


def _softmax(op: Op, args: tuple[Any, ...]) -> Any:
    """rest·e^v/Σ where e^v is one of the sum's terms, or where one of them is a number."""
    whole = monomial_of(op, args)
    for index, (base, power) in enumerate(whole.factors):
        parts = summands(base) if power < 0 and is_sum(base) else []
        if not parts or not all(part.is_positive for part in parts):
            continue
        left = ((base, power + 1),) if power < -1 else ()
        rest = Monomial(whole.coefficient, whole.factors[:index] + left + whole.factors[index + 1 :])
        answer = _mean(rest, parts)
        answer = _share(rest, parts) if answer is None else answer
        if answer is not None:
            return answer
    return None


def _share(rest: Monomial, parts: list[Summand]) -> Any:
    exponents, without = take_exponentials(rest)
    for position, part in enumerate(parts):
        others = [shifted(other) for other in parts[:position] + parts[position + 1 :]]
        if part.exponent is None:
            if not exponents:
                cosines = as_cosines(parts)
                if cosines:
                    return build_monomial(rest, cosh_share(0.0, 0.0, *cosines))
                share = softmax_ratio(*_without_common(shifted(part), *others))
                return build_monomial(rest, share if part.weight == 1.0 else share / part.weight)
            continue
        for index, exponent in enumerate(exponents):
            if ratio(exponent, part.exponent) == 1.0:
                remaining = exponents[:index] + exponents[index + 1 :]
                share = softmax_ratio(*_without_common(shifted(part), *others))
                share = share if part.weight == 1.0 else share / part.weight
                return build_monomial(without, mul(share, exp(build_sum_of(remaining))) if remaining else share)
    if exponents and not any(part.exponent is None for part in parts):
        return build_monomial(without, exp_over_sum(*_without_common(build_sum_of(exponents), *map(shifted, parts))))
    return None


def _product_of_exponentials(op: Op, args: tuple[Any, ...]) -> Any:
    whole = monomial_of(op, args)
    count = sum(base.op is exp or base.op in exp_of_sum for base, _ in whole.factors)
    powers = [power for base, power in whole.factors if base.op is exp or base.op in exp_of_sum]
    if count < 2 and powers in ([], [1]):
        return None
    exponents, rest = take_exponentials(whole)
    if len(exponents) == 2:
        simple = difference(exponents[0], scaled(-1.0, exponents[1]))
        total = add(*exponents) if simple is None else simple
        exponents = exponents if hasattr(total, "op") and total.op in {add, sub} else [total]
    return build_monomial(rest, exp(exponents[0]) if len(exponents) == 1 else exp_of_sum(*exponents))


def _less_an_argument(op: Op, args: tuple[Any, ...]) -> Any:
    """Log Σ − u of one of the sum's exponents u, or u − log Σ."""
    parts = terms_of(op, args)
    base: Any
    for index, part in enumerate(parts):
        base, power = part.factors[0] if len(part.factors) == 1 else (None, 0)
        if power == 1 and (base.op in logsumexp or base.op is logaddexp):
            others = parts[:index] + parts[index + 1 :]
            rest = build_sum(others) if others else None
            for place, exponent in enumerate(base.args):
                if hasattr(rest, "op") and ratio(rest, exponent) == -part.coefficient:
                    share = log_softmax(*_without_common(exponent, *base.args[:place], *base.args[place + 1 :]))
                    return scaled(-part.coefficient, share)
    return None


def _log_share(_: Op, args: tuple[Any, ...]) -> Any:
    """log(y·p) of a softmax p, of 1 − p, or of a product of exponentials."""
    whole = monomial(args[0])
    for index, (base, power) in enumerate(whole.factors):
        if base.op in softmax_ratio:
            inner = log_softmax(*base.args)
        elif base.op in softmax_rest:
            others = base.args[1] if len(base.args) == 2 else logsumexp(*base.args[1:])
            inner = log_softmax(others, base.args[0])
        elif base.op in exp_of_sum:
            inner = build_sum_of(list(base.args))
        elif base.op in cosh_share and number_of(base.args[0]) == number_of(base.args[1]) == 0.0:
            inner = -log_cosh_sum(*base.args[2:])
        else:
            continue
        rest = Monomial(whole.coefficient, whole.factors[:index] + whole.factors[index + 1 :])
        inner = scaled(float(power), inner)
        return inner if rest == Monomial(1.0, ()) else log(build_monomial(rest)) + inner
    return None


def _exp_of_log(_: Op, args: tuple[Any, ...]) -> Any:
    """Exp of ± a log-softmax or of a log-sum-exp."""
    whole = monomial(args[0])
    if len(whole.factors) != 1 or whole.factors[0][1] != 1 or abs(whole.coefficient) != 1.0:
        return None
    base = whole.factors[0][0]
    if base.op in log_softmax:
        if whole.coefficient == 1.0:
            return softmax_ratio(*base.args)
        own = scaled(-1.0, base.args[0])
        return build_sum_of([exp_of_sum(other, own) for other in base.args[1:]]) + 1.0
    if base.op in logsumexp and whole.coefficient == 1.0:
        return build_sum_of([exp(arg) for arg in base.args])
    return None


def _rest_of_softmax(op: Op, args: tuple[Any, ...]) -> Any:
    """1 − p, up to a number."""
    numbers = [part for part in terms_of(op, args) if not part.factors]
    shares = [part for part in terms_of(op, args) if len(part.factors) == 1]
    if len(numbers) != 1 or len(shares) != 1 or shares[0].factors[0][1] != 1:
        return None
    (number,), (share,) = numbers, shares
    base = share.factors[0][0]
    if base.op in cosh_share:
        rest = _rest_of_cosines(-share.coefficient, number.coefficient, base.args)
        return None if rest is None else scaled(number.coefficient, rest)
    if base.op not in softmax_ratio or number.coefficient != -share.coefficient:
        return None
    first, *others = base.args
    rest = softmax_ratio(others[0], first) if len(others) == 1 else softmax_rest(first, *others)
    return scaled(number.coefficient, rest)


def _rest_of_cosines(own: float, whole: float, args: tuple[Any, ...]) -> Any:
    """1 − own/(whole·Σ) of Σ = w1·cosh u1 + …, where own/whole is one of its terms: the shares of the others."""
    for i in range(2, len(args), 2):
        weight = number_of(args[i])
        if weight is not None and number_of(args[i + 1]) == 0.0 and own == weight * whole:
            others = [j for j in range(2, len(args), 2) if j != i]
            return build_sum_of([args[j] * cosh_share(*pair_first(j - 2, args[2:])) for j in others])
    return None


def _beside_its_exponential(op: Op, args: tuple[Any, ...]) -> Any:
    """±(x + e⁻ˣ). Written as a pattern, it would build the rest of every sum of exponentials."""
    parts = terms_of(op, args)
    for part in parts:
        base, power = part.factors[0] if len(part.factors) == 1 else (None, 0)
        if base is None or power != 1 or base.op is not exp or abs(part.coefficient) != 1.0:
            continue
        wanted = [term._replace(coefficient=-part.coefficient * term.coefficient) for term in terms(base.args[0])]
        others = [other for other in parts if other is not part]
        for term in wanted:  # each has a partner of its own
            others = without_first(others, term)
        if len(parts) == len(wanted) + 1 and not others:
            return scaled(part.coefficient, expm1_minus_x(base.args[0]) + 1.0)
    return None


def without_first(parts: list[Monomial], term: Monomial) -> list[Monomial]:
    """The terms without the first of them that is this one."""
    place = next((place for place, part in enumerate(parts) if _same_term(part, term)), len(parts))
    return parts[:place] + parts[place + 1 :]


def _power_of_exponential(op: Op, args: tuple[Any, ...]) -> Any:
    """(eᵘ)ᵛ of a v that is no small whole number."""
    base, power = args
    if is_product(op, args) or read(base)[0] is not exp:
        return None
    return exp_of_product(read(base)[1][0], power)


_REAL = "for all real numbers"
_OVERFLOW = "an exponential overflows beyond 709, and underflows below −745"
RULES = (
    FunctionRule("eᵘ·eᵛ…", "e^(u + v + …)", _REAL, _OVERFLOW, (mul, div, pow), _product_of_exponentials,
                 (exp, exp_of_sum),
                 (lambda u, v: exp(u) * exp(v), lambda u, v, w: exp(u) * w * exp(v) * exp(w), lambda u: exp(u) ** 2,
                  lambda u: exp(u) / exp(u - 1))),
    FunctionRule("x + e⁻ˣ", "1 + (e⁻ˣ − 1 + x)", _REAL, "near 0 the two parts of the gradient cancel", (add, sub),
                 _beside_its_exponential, (exp,), (lambda x: x + exp(-x), lambda x, m: exp(x - m) - (x - m))),
    FunctionRule("(eᵘ)ᵛ", "exp_of_product(u, v)", _REAL, _OVERFLOW, (pow,), _power_of_exponential, (exp,),
                 (lambda u, v: exp(u) ** v, lambda u: exp(u) ** 0.3)),
    FunctionRule("eᵘ/(eᵘ + eᵛ + …)", "softmax_ratio(u, v, …)", _REAL, "∞/∞ is nan once an exponential overflows",
                 (mul, div, pow), _softmax, (add,),
                 (lambda u, v: exp(u) / (exp(u) + exp(v)), lambda u, v, w: exp(v) / (exp(u) + exp(v) + 2 * exp(w)),
                  lambda u, v: 1 / (1 + exp(u) + exp(v)), lambda u, v, w: exp(u) / (exp(v) + exp(w)),
                  lambda x: 1 / (1 + cosh(x)))),
    FunctionRule("log(eᵘ + eᵛ + …)", "logsumexp(u, v, …)", "where the sum is positive", _OVERFLOW, (log, log1p),
                 _log_sum, (add, exp, exp_of_sum, exp_difference, cosh, sinh, mul, neg),
                 (lambda u, v: log(exp(u) + exp(v)), lambda u, v: log(1 + exp(u) + exp(v)),
                  lambda u, v, w: log(w * exp(u) + (2 - w) * exp(v)), lambda u, v: log(2 * exp(u) - exp(v)),
                  lambda u, v, w: log(w / (exp(u) + 3 * exp(v))), lambda u, v: log((exp(u) + exp(v)) / 2),
                  lambda u, v: log(exp(u) + exp(u + 1) + exp(v)), lambda x, y: log(y + cosh(x)),
                  lambda x, y: log1p(2 * cosh(x) + cosh(y)))),
    FunctionRule("log(y·softmax_ratio(u, v, …))", "log(y) + log_softmax(u, v, …)", "for y > 0",
                 "a share underflows to 0, or rounds to 1", (log,), _log_share,
                 (softmax_ratio, softmax_rest, exp_of_sum, cosh_share),
                 (lambda u, v: log(softmax_ratio(u, v)), lambda u, v, w: log(2 * softmax_ratio(u, v, w)),
                  lambda x: log(2 / (3 + cosh(x))))),
    FunctionRule("logsumexp(u, v, …) − u", "−log_softmax(u, v, …)", _REAL,
                 "a large term rounds away what the others add", (add, sub), _less_an_argument, (logsumexp, logaddexp),
                 (lambda u, v: logsumexp(u, v) - v, lambda u, v, w: u - logsumexp(u, v, w))),
    FunctionRule("1 − softmax_ratio(u, v, …)", "softmax_rest(u, v, …)", _REAL, "the share rounds to 1", (add, sub),
                 _rest_of_softmax, (softmax_ratio, cosh_share),
                 (lambda u, v: 1 - softmax_ratio(u, v), lambda u, v, w: softmax_ratio(u, v, w) - 1,
                  lambda x: 1 - 3 / (3 + cosh(x)))),
    FunctionRule("exp(log_softmax(u, v, …))", "softmax_ratio(u, v, …)", _REAL,
                 "a large exponent loses the digits behind its point", (exp,), _exp_of_log,
                 (log_softmax, logsumexp), (lambda u, v: exp(log_softmax(u, v)), lambda u, v: exp(logsumexp(u, v)))),
)  # fmt: skip
