"""Kernels of exponentials: sums of eᵘ, their logarithms and shares, and differences of two of them.

A difference of two exponents is taken with its rounding error (:func:`two_sum`), and e^(d + e) is eᵈ·(1 + e): else an
exponent of 700 would cost a hundred units in the last place. A result near the end of the range is put together from
two factors e^(d/2), so that only the last product rounds to a subnormal number or overflows.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from .eft import two_product, two_sum
from .wide import exp_over_sum, log_of_sum

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["FUNCTIONS", "exp_times"]

_inf, _nan, _LOG2 = math.inf, math.nan, math.log(2.0)
_FAR = 700.0  # e^700 and e^-700 are normal numbers
_CANCELS = -0.25  # what the other terms may take from the largest before the sum goes to wide integers


def _exp(x: float) -> float:
    return math.exp(x) if x < _FAR else _inf if x > 1420.0 else math.exp(x / 2) * math.exp(x / 2)


def exp_times(d: float, e: float, factor: float) -> float:
    """factor·e^(d + e), e small beside d."""
    if -_FAR < d < _FAR:
        power = math.exp(d)
        return (power + power * e) * factor
    half, rest = _halves(d, e)
    return half * (rest * factor) if factor else factor


def _exp_over(d: float, e: float, divisor: float) -> float:
    """e^(d + e)/divisor, for d <= 0."""
    if d > -_FAR:
        power = math.exp(d)
        return (power + power * e) / divisor
    half, rest = _halves(d, e)
    return half * (rest / divisor)


def _halves(d: float, e: float) -> tuple[float, float]:
    """Two factors of e^(d + e), of about the same size."""
    half = _exp(d / 2)
    return half, half + half * e if half < _inf else half


def _expm1(d: float, e: float) -> float:
    """e^(d + e) - 1, for d <= 0."""
    return math.expm1(d) + e * math.exp(d)


def _gap(u: float, v: float) -> tuple[float, float]:
    """The difference u - v and its rounding error; 0 for two equal infinities."""
    return (0.0, 0.0) if u == v else two_sum(u, -v)


def _fsum(numbers: Sequence[float]) -> float:
    """The sum of the numbers, rounded once; IEEE where some are infinite, and no overflow on the way."""
    try:
        return math.fsum(numbers)
    except ValueError:  # -inf + inf
        return _nan
    except OverflowError:
        return math.fsum([math.ldexp(number, -64) for number in numbers]) * 2.0**64


# --- logsumexp, softmax and what its derivatives are made of -------------------------------------------------------


class _Sides(NamedTuple):
    """eᵘ beside the sum of the others, both relative to the larger of eᵘ and the largest of the others.

    Attributes:
        leads: Whether eᵘ is the larger one.
        d: Minus the gap between the two, and
        e: its rounding error.
        tail: Σ e^(o - top) over the others without the largest, top.
        total: Everything, relative to the larger.
    """

    leads: bool
    d: float
    e: float
    tail: float
    total: float


def _sides(u: float, others: Sequence[float]) -> _Sides:
    if not others:
        return _Sides(leads=True, d=-_inf, e=0.0, tail=0.0, total=1.0)
    top = max(others)
    tail = 0.0 if top == -_inf or len(others) == 1 else _tail(top, others)
    if any(number != number for number in others):
        tail = _nan
    d, e = two_sum(u, -top)
    leads = d > 0
    if leads:
        d, e = -d, -e
    lower = exp_times(d, e, 1.0 + tail if leads else 1.0)
    return _Sides(leads, d, e, tail, 1.0 + (lower if leads else tail + lower))


def _tail(top: float, numbers: Sequence[float]) -> float:
    """Σ e^(x - top) over the numbers without one that is top."""
    rest = list(numbers)
    rest.remove(top)
    return math.fsum(exp_times(*_gap(number, top), 1.0) for number in rest)


def _logsumexp(*u: float) -> float:
    top = max(u)
    if any(number != number for number in u):
        return _nan
    if math.isinf(top) or len(u) == 1:
        return top
    value = top + math.log1p(_tail(top, u))
    if top < 0 and abs(value) < -top / 2:
        return log_of_sum([(1.0, number) for number in u if number > -_inf])
    return value


def _softmax_ratio(u: float, *others: float) -> float:
    leads, d, e, _, total = _sides(u, others)
    return 1.0 / total if leads else _exp_over(d, e, total)


def _softmax_rest(u: float, *others: float) -> float:
    leads, d, e, tail, total = _sides(u, others)
    return _exp_over(d, e, total / (1.0 + tail)) if leads else (1.0 + tail) / total


def _softmax_slope(u: float, *others: float) -> float:
    _, d, e, tail, total = _sides(u, others)
    return _exp_over(d, e, total * (total / (1.0 + tail)))


def _softmax_margin(u: float, *others: float) -> float:
    leads, d, e, tail, total = _sides(u, others)
    if leads:
        return (_expm1(d, e) + exp_times(d, e, tail)) / total
    return (tail - _expm1(d, e)) / total


def _softmax_cross(u: float, v: float, *rest: float) -> float:
    numbers = (u, v, *rest)
    top = max(numbers)
    if any(number != number for number in numbers):
        return _nan
    if math.isinf(top):
        return 0.0 if top > 0 and numbers.count(top) == 1 else _nan
    total = 1.0 + _tail(top, numbers)
    (d, e), (f, g) = _gap(u, top), _gap(v, top)
    lower, upper = ((d, e), (f, g)) if d < f else ((f, g), (d, e))
    return _exp_over(*lower, total / _exp_over(*upper, total)) if upper[0] > -_FAR else 0.0


def _log_softmax(u: float, *others: float) -> float:
    leads, d, e, tail, _ = _sides(u, others)
    if leads:
        return 0.0 - math.log1p(exp_times(d, e, 1.0 + tail))
    return d + (e - math.log1p(tail + exp_times(d, e, 1.0)))


def _exp_over_sum(u: float, *v: float) -> float:
    return _exp_over_sum_slope(u, *[number for exponent in v for number in (exponent, 0.0)])


def _exp_over_sum_slope(u: float, *terms: float) -> float:
    """e^u/Σ·p^m·…, by one exponential relative to the largest term of Σ."""
    exponents, counts = terms[::2], terms[1::2]
    top = max(exponents)
    if any(number != number for number in terms) or not all(map(math.isfinite, counts)):
        return _nan
    if not math.isfinite(u):
        return _nan if u == top else _exp(u)
    if math.isinf(top):
        return 0.0 if top > 0 else _inf
    if any(m > 0 and v == -_inf for v, m in zip(exponents, counts, strict=True)):
        return 0.0
    power = 1.0 + math.fsum(counts)
    parts = [u, *two_product(-power, top)]
    for v, m in zip(exponents, counts, strict=True):
        parts += two_product(m, v) if m else ()
    return _exp_over_power(parts, _tail(top, exponents), power)


# --- sums with weights ---------------------------------------------------------------------------------------------


def _terms(numbers: Sequence[float]) -> list[tuple[float, float]]:
    """The terms (w, u) of Σ w·eᵘ that are not 0."""
    return [(w, u) for w, u in zip(numbers[::2], numbers[1::2], strict=True) if w and u > -_inf]


def _infinite_part(numbers: Sequence[float]) -> float:
    """Those terms of Σ w·eᵘ in which a number is infinite or nan, as IEEE has them: 0, inf, -inf or nan."""
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    beyond = [(w, u) for w, u in pairs if not (math.isfinite(w) and math.isfinite(u))]
    return sum(w * (_exp(u) if math.isinf(u) else u - u + 1.0) for w, u in beyond)


def _times_ratio(w: float, u: float, weight: float, top: float) -> float:
    """w·eᵘ/(weight·e^top)."""
    d, e = two_sum(u, -top)
    ratio = w / weight
    if 1e-290 < abs(ratio) < 1e290:
        return exp_times(d, e, ratio)
    quarter, last = _halves(d / 2, e)
    return (w * quarter * quarter * quarter / weight) * last


def _leading(terms: Sequence[tuple[float, float]]) -> tuple[float, float, list[float]]:
    """The weight and the exponent of the largest term, and the others in units of it."""
    weight, top = max(terms, key=lambda term: term[1] + math.log(abs(term[0])))
    rest = list(terms)
    rest.remove((weight, top))
    return weight, top, [_times_ratio(w, u, weight, top) for w, u in rest]


def _log_weighted_sum(*numbers: float) -> float:
    beyond = 0.0 if all(map(math.isfinite, numbers)) else _infinite_part(numbers)
    terms = _terms(numbers)
    if beyond != 0 or not terms:
        return _inf if beyond > 0 else _nan if beyond != 0 else -_inf
    weight, top, others = _leading(terms)
    rest = math.fsum(others)
    if rest > _CANCELS:
        if weight < 0:
            return _nan
        parts = top, math.log(weight), math.log1p(rest)
        value = math.fsum(parts)
        if abs(value) >= 0.5 * max(map(abs, (*parts, *others))):
            return value
    return log_of_sum(terms)


def _weighted_softmax(*numbers: float) -> float:
    beyond, power = 0.0 if all(map(math.isfinite, numbers)) else _infinite_part(numbers), numbers[1]
    terms = _terms(numbers)
    if not math.isfinite(power) or beyond != 0 or not terms:
        return _nan if power == _inf or math.isnan(power + beyond) else 0.0 if beyond or terms else _inf
    weight, top, others = _leading(terms)
    rest = math.fsum(others)
    if rest <= _CANCELS:
        return exp_over_sum(power, terms)
    d, e = two_sum(power, -top)
    if -_FAR < d < _FAR and 1e-300 < abs(weight) < 1e300:
        return exp_times(d, e, 1.0) / (weight * (1.0 + rest))
    half, last = _halves(d, e)
    return half * (last / weight / (1.0 + rest))


# --- one exponential, and two --------------------------------------------------------------------------------------


def _exp_of_sum(*u: float) -> float:
    total = _fsum(u)
    if not math.isfinite(total):
        return _exp(total)
    return exp_times(total, _fsum((*u, -total)), 1.0)


def _exp_over_power(exponents: list[float], share: float, n: float) -> float:
    """e^(sum of exponents)/(1 + share)ⁿ."""
    base, rest = two_sum(1.0, share)
    if abs(n) < 100:
        power = math.pow(base, -n) * (1.0 - n * rest / base)
    else:
        power, exponents = 1.0, [*exponents, -n * math.log1p(share)]
    total = _fsum(exponents)
    return exp_times(total, _fsum((*exponents, -total)) if math.isfinite(total) else 0.0, power)


def _exp_sigmoid(u: float, v: float, j: float, k: float = 0.0) -> float:
    """e^u·σ(v)^j·σ(−v)^k: of the two logistic functions, the smaller one is the larger one times e^−|v|."""
    share, n, count = _exp(-abs(v)), j + k, -k if v >= 0 else j
    return _exp_over_power([u, *two_product(count, v)] if count else [u], share, n)


def _exp_difference(u: float, v: float) -> float:
    if u == v:
        return _nan if u == _inf else 0.0
    top = max(u, v)
    d, e = two_sum(min(u, v), -top)
    return math.copysign(exp_times(top, 0.0, -_expm1(d, e)), u - v) if u == u and v == v else _nan


def _log_diff_exp(u: float, v: float) -> float:
    if not u > v:
        return -_inf if u == v and u < _inf else _nan
    d, e = two_sum(v, -u)
    value = u + (math.log(-_expm1(d, e)) if d > -_LOG2 else math.log1p(-exp_times(d, e, 1.0)))
    return log_of_sum([(1.0, u), (-1.0, v)]) if 0 < u < _inf and abs(value) < u / 2 else value


def _exp_share(u: float, v: float) -> float:
    d, e = two_sum(v, -u)
    if d == 0:
        return _inf
    return -1.0 / _expm1(d, e) if d < 0 else _exp_over(-d, -e, _expm1(-d, -e))


def _bose(x: float) -> float:
    if x == 0:
        return math.copysign(_inf, x)
    return 1.0 / math.expm1(x) if x < 0 else _exp_over(-x, 0.0, -math.expm1(-x))


def _log1mexp(x: float) -> float:
    if not x > 0:
        return -_inf if x == 0 else _nan
    return math.log(-math.expm1(-x)) if x < _LOG2 else math.log1p(-math.exp(-x))


def _log_cosh(x: float) -> float:
    x = abs(x)
    if x < 1e-8:
        return x * (0.5 * x)
    return math.log1p(2.0 * math.sinh(0.5 * x) ** 2) if x < 1.0 else x + (math.log1p(math.exp(-2.0 * x)) - _LOG2)


def _logit(p: float) -> float:
    if not 0 < p < 1:
        return -_inf if p == 0 else _inf if p == 1 else _nan
    return math.log1p((2.0 * p - 1.0) / (1.0 - p)) if 0.3 < p < 0.7 else math.log(p / (1.0 - p))


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "logsumexp": _logsumexp, "logaddexp": _logsumexp, "softmax_ratio": _softmax_ratio, "log_softmax": _log_softmax,
    "softmax_rest": _softmax_rest, "softmax_slope": _softmax_slope, "softmax_cross": _softmax_cross,
    "softmax_margin": _softmax_margin, "log_weighted_sum": _log_weighted_sum, "weighted_softmax": _weighted_softmax,
    "exp_of_sum": _exp_of_sum, "exp_over_sum": _exp_over_sum,
    "exp_over_sum_slope": _exp_over_sum_slope, "exp_sigmoid": _exp_sigmoid, "exp_difference": _exp_difference,
    "log_diff_exp": _log_diff_exp, "exp_share": _exp_share, "bose": _bose, "log1mexp": _log1mexp,
    "log_cosh": _log_cosh, "logit": _logit,
}  # fmt: skip
