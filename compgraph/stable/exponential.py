"""Ops of exponentials: log Σ eᵘ, softmax and its derivatives, differences of two eᵘ, logarithms of their like.

Each group is closed under differentiation: a partial is a product of ops of the group, never a difference that cancels.
With the shares pᵤ = eᵘ/Σ: ∂pᵤ/∂u = pᵤ(1 − pᵤ), ∂pᵤ/∂v = −pᵤpᵥ, and the slopes of these two are they themselves times
1 − 2pᵤ, the margin.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..declaration import family, op
from ..ops import (
    abs,
    contribution,
    equal,
    exp,
    expm1,
    greater_equal,
    less,
    less_equal,
    log,
    log1p,
    log_sigmoid,
    maximum,
    sigmoid,
    sinh,
    softplus,
    tanh,
    where,
)
from ..record import POWER, SUM, Interval

if TYPE_CHECKING:
    from ..record import Family, Op

__all__ = [
    "bose", "exp_difference", "exp_logistic", "exp_of_sum", "exp_over_sum", "exp_over_sum_slope", "exp_share",
    "exp_sigmoid", "log1mexp", "log_cosh", "log_diff_exp", "log_softmax", "log_weighted_sum", "logaddexp",
    "logistic_loss", "logit", "logit_slope", "logsumexp", "softmax_cross", "softmax_margin", "softmax_ratio",
    "softmax_rest", "softmax_slope", "weighted_softmax",
]  # fmt: skip

# Used by statements above their own: a type checker must know them by then.
bose: Op
exp_logistic: Op
exp_over_sum_slope: Family
exp_share: Op
log1mexp: Op
logit_slope: Op
softmax_cross: Family
softmax_margin: Family
softmax_ratio: Family
softmax_rest: Family
softmax_slope: Family
weighted_softmax: Family


# --- log Σ eᵘ and softmax ------------------------------------------------------------------------------------------


def _first(index: int, u: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments with that of this place before the others."""
    return (u[index], *u[:index], *u[index + 1 :])


def _logsumexp(*u: Any) -> Any:
    top = u[0]
    for number in u[1:]:
        top = maximum(top, number)
    return top + log(sum(exp(number - top) for number in u))


logsumexp = family(
    "logsumexp",
    lambda i: lambda y, *u: softmax_ratio(*_first(i, u)),
    native="logsumexp",
    body=_logsumexp,
    definition=lambda *u: log(sum(exp(number) for number in u)),
    monotone=(+1,),
    doc="logsumexp(u, v, …) = log(e^u + e^v + …), without overflow, and right where the sum is close to 1.",
)

logaddexp = op(
    "logaddexp",
    lambda y, u, v: softmax_ratio(u, v),
    lambda y, u, v: softmax_ratio(v, u),
    native="logaddexp",
    body=_logsumexp,
    definition=lambda u, v: log(exp(u) + exp(v)),
    textbook=(lambda y, u, v: exp(u - y), lambda y, u, v: exp(v - y)),
    monotone=(+1,),
    commutative=True,
    doc="logaddexp(u, v) = log(e^u + e^v), as logsumexp has it.",
)

softmax_ratio = family(
    "softmax_ratio",
    lambda i: (
        (lambda y, u, *others: softmax_slope(u, *others))
        if i == 0
        else (lambda y, u, *others: -softmax_cross(u, *_first(i - 1, others)))
    ),
    native="softmax_ratio",
    body=lambda u, *others: 1 / (1 + sum(exp(other - u) for other in others)),
    definition=lambda u, *others: exp(u) / (exp(u) + sum(exp(other) for other in others)),
    doc="softmax_ratio(u, v, …) = e^u/(e^u + e^v + …): one component of softmax, right however small it is.",
)

log_softmax = family(
    "log_softmax",
    lambda i: (
        (lambda y, u, *others: softmax_rest(u, *others))
        if i == 0
        else (lambda y, u, *others: -softmax_ratio(*_first(i, (u, *others))))
    ),
    native="log_softmax",
    body=lambda u, *others: -logsumexp(0.0, *[other - u for other in others]),
    definition=lambda u, *others: log(exp(u) / (exp(u) + sum(exp(other) for other in others))),
    doc="log_softmax(u, v, …) = log(e^u/(e^u + e^v + …)); −log_softmax(v, u) is softplus(u − v), u − v not rounded.",
)

softmax_rest = family(
    "softmax_rest",
    lambda i: (
        (lambda y, u, *others: -softmax_slope(u, *others))
        if i == 0
        else (lambda y, u, *others: softmax_cross(u, *_first(i - 1, others)))
    ),
    native="softmax_rest",
    body=lambda u, *others: sum(softmax_ratio(*_first(i, (u, *others))) for i in range(1, len(others) + 1)),
    definition=lambda u, *others: 1 - exp(u) / (exp(u) + sum(exp(other) for other in others)),
    doc="What softmax leaves to the others: 1 − softmax_ratio(u, v, …) = (e^v + …)/(e^u + e^v + …).",
    internal=True,
)

softmax_slope = family(
    "softmax_slope",
    lambda i: (
        (lambda y, u, *others: y * softmax_margin(u, *others))
        if i == 0
        else (lambda y, u, *others: -softmax_cross(u, *_first(i - 1, others)) * softmax_margin(u, *others))
    ),
    native="softmax_slope",
    body=lambda u, *others: softmax_ratio(u, *others) * softmax_rest(u, *others),
    definition=lambda u, *others: softmax_ratio(u, *others) * (1 - softmax_ratio(u, *others)),
    doc="Derivative of softmax_ratio in its first argument: p·(1 − p).",
    internal=True,
)

softmax_cross = family(
    "softmax_cross",
    lambda i: (
        (lambda y, *u: y * softmax_margin(*_first(i, u)))
        if i < 2
        else (lambda y, *u: -2 * y * softmax_ratio(*_first(i, u)))
    ),
    native="softmax_cross",
    body=lambda u, v, *rest: softmax_ratio(u, v, *rest) * softmax_ratio(v, u, *rest),
    definition=lambda u, v, *rest: exp(u) * exp(v) / (exp(u) + exp(v) + sum(exp(other) for other in rest)) ** 2,
    doc="Product of the shares of the first two: −∂softmax_ratio(u, v, …)/∂v.",
    internal=True,
)

softmax_margin = family(
    "softmax_margin",
    lambda i: (
        (lambda y, u, *others: -2 * softmax_slope(u, *others))
        if i == 0
        else (lambda y, u, *others: 2 * softmax_cross(u, *_first(i - 1, others)))
    ),
    native="softmax_margin",
    body=lambda u, *others: softmax_rest(u, *others) - softmax_ratio(u, *others),
    definition=lambda u, *others: 1 - 2 * softmax_ratio(u, *others),
    doc="What softmax gives to the others less what it gives to the first: 1 − 2·softmax_ratio(u, v, …).",
    internal=True,
)

# --- an exponential over a sum of others ---------------------------------------------------------------------------


def _shares_first(index: int, terms: tuple[Any, ...]) -> tuple[Any, ...]:
    """The exponents v of v1, m1, v2, m2, … with that of this pair before the others."""
    return _first(index, terms[::2])


def _exp_over_sum_slope_partial(index: int) -> Any:
    """In vᵢ: y·(mᵢ·(1 − pᵢ) − (1 + Σ others' m)·pᵢ); for mᵢ = 0 as an op, since y·pᵢ may leave the range on the way."""
    if index == 0:
        return lambda y, *args: y
    pair, is_count = divmod(index - 1, 2)

    def partial(y: Any, u: Any, *terms: Any) -> Any:
        shares = _shares_first(pair, terms)
        if is_count:
            return y * log_softmax(*shares)
        own = terms[2 * pair + 1]
        others = 1 + sum(terms[1::2]) - own
        both = where(less(own, others), own, others)
        product = (own - both) * softmax_rest(*shares) - (others - both) * softmax_ratio(*shares)
        more = exp_over_sum_slope(u, *terms[: 2 * pair + 1], own + 1, *terms[2 * pair + 2 :])
        at_0 = contribution(own, y * softmax_rest(*shares)) - others * more
        return where(equal(own, 0.0), at_0, y * (both * softmax_margin(*shares) + product))

    return partial


exp_over_sum = family(
    "exp_over_sum",
    lambda i: (
        (lambda y, *args: y)
        if i == 0
        else (lambda y, u, *v: -exp_over_sum_slope(u, *[n for k, w in enumerate(v) for n in (w, float(k == i - 1))]))
    ),
    native="exp_over_sum",
    body=lambda u, *v: exp(u - logsumexp(*v)),
    definition=lambda u, *v: exp(u) / sum(exp(number) for number in v),
    doc="exp_over_sum(u, v, w, …) = e^u/(e^v + e^w + …), the first not among the others.",
    internal=True,
)

exp_over_sum_slope = family(
    "exp_over_sum_slope",
    _exp_over_sum_slope_partial,
    native="exp_over_sum_slope",
    body=lambda u, *terms: exp(
        u
        + sum(m * v for v, m in zip(terms[::2], terms[1::2], strict=True))
        - (1 + sum(terms[1::2])) * logsumexp(*terms[::2])
    ),
    definition=lambda u, *terms: (
        exp(u + sum(m * v for v, m in zip(terms[::2], terms[1::2], strict=True)))
        / sum(exp(v) for v in terms[::2]) ** (1 + sum(terms[1::2]))
    ),
    doc="exp_over_sum_slope(u, v1, m1, v2, m2, …) = e^u/Σ·p1^m1·p2^m2·… with Σ = e^v1 + e^v2 + … and the shares "
    "p = e^v/Σ: what derivatives of exp_over_sum are made of.",
    internal=True,
)

# --- sums with weights: the arguments are w1, u1, w2, u2, … --------------------------------------------------------


def _weighted(terms: tuple[Any, ...]) -> Any:
    return sum(w * exp(u) for w, u in zip(terms[::2], terms[1::2], strict=True))


def pair_first(index: int, terms: tuple[Any, ...]) -> tuple[Any, ...]:
    """The terms with the pair that this argument belongs to before the others."""
    start = index - index % 2
    return (*terms[start : start + 2], *terms[:start], *terms[start + 2 :])


def _others_share(terms: tuple[Any, ...]) -> Any:
    """Σ w·eᵘ over all terms but the first, as a part of the whole."""
    return sum((terms[i] * weighted_softmax(*pair_first(i, terms)) for i in range(2, len(terms), 2)), 0.0)


def _weighted_softmax_partial(index: int) -> Any:
    if index == 0:
        return lambda y, *terms: -y * y
    if index == 1:
        return lambda y, *terms: y * _others_share(terms)
    if index % 2 == 0:
        return lambda y, *terms: -y * weighted_softmax(*pair_first(index, terms))
    return lambda y, *terms: -y * (terms[index - 1] * weighted_softmax(*pair_first(index, terms)))


log_weighted_sum = family(
    "log_weighted_sum",
    lambda i: (
        (lambda y, *terms: weighted_softmax(*pair_first(i, terms)))
        if i % 2 == 0
        else (lambda y, *terms: terms[i - 1] * weighted_softmax(*pair_first(i, terms)))
    ),
    native="log_weighted_sum",
    body=lambda *terms: log(_weighted(terms)),
    doc="log_weighted_sum(w1, u1, w2, u2, …) = log(w1·e^u1 + w2·e^u2 + …), weights of any sign; nan where the sum is "
    "negative, −∞ where it is 0.",
    internal=True,
)

weighted_softmax = family(
    "weighted_softmax",
    _weighted_softmax_partial,
    native="weighted_softmax",
    body=lambda *terms: 1 / sum(w * exp(u - terms[1]) for w, u in zip(terms[::2], terms[1::2], strict=True)),
    definition=lambda *terms: exp(terms[1]) / _weighted(terms),
    doc="weighted_softmax(w1, u1, w2, u2, …) = e^u1/(w1·e^u1 + w2·e^u2 + …): derivative of log_weighted_sum in w1.",
    internal=True,
)

# --- one exponential, and two --------------------------------------------------------------------------------------

exp_of_sum = family(
    "exp_of_sum",
    lambda i: lambda y, *u: y,
    native="exp_of_sum",
    body=lambda *u: exp(sum(u)),
    monotone=(+1,),
    text=lambda arity: f"exp({' + '.join(f'{{{i}}}' for i in range(arity))})",
    latex=lambda arity: f"e^{{{{{' + '.join(f'{{{i}}}' for i in range(arity))}}}}}",
    precedence=POWER,
    needs=lambda arity: (SUM, *(SUM + 1,) * (arity - 1)),
    doc="exp_of_sum(u, v, …) = e^(u + v + …), without the rounding error of the sum.",
    internal=True,
)


def _exp_logistic_slope(y: Any, u: Any, v: Any, j: Any, k: Any) -> Any:
    """y·(j·σ(−v) − k·σ(v)), by σ(v) − σ(−v) = tanh(v/2): of two terms that cancel at its zeros only.

    The first takes its σ inside, so that it is right where y alone is ∞; where both are, y·(…) has their sign.
    """
    is_first = greater_equal(j, k)
    smaller, bend = where(is_first, k, j), tanh(v / 2)
    one = exp_logistic(u, v, where(is_first, j, j + 1), where(is_first, k + 1, k))
    rate = (j - k) * sigmoid(where(is_first, -v, v)) - smaller * bend
    apart = contribution(j - k, one) - contribution(smaller, y * bend)
    return where(less(y, math.inf), apart, where(equal(smaller, 0.0), apart, y * rate))


exp_sigmoid = op(
    "exp_sigmoid",
    lambda y, u, v, k: y,
    lambda y, u, v, k: k * exp_logistic(u, v, k, 1.0),
    lambda y, u, v, k: y * log_sigmoid(v),
    native="exp_sigmoid",
    body=lambda u, v, k: exp(u + k * log_sigmoid(v)),
    definition=lambda u, v, k: exp(u) * (1 + exp(-v)) ** -k,
    defaults=(1.0,),
    doc="exp_sigmoid(u, v, k) = e^u·σ(v)^k, right where one factor overflows and the other underflows.",
    internal=True,
)

exp_logistic = op(
    "exp_logistic",
    lambda y, u, v, j, k: y,
    _exp_logistic_slope,
    lambda y, u, v, j, k: y * log_sigmoid(v),
    lambda y, u, v, j, k: y * log_sigmoid(-v),
    native="exp_sigmoid",
    body=lambda u, v, j, k: exp(u + j * log_sigmoid(v) + k * log_sigmoid(-v)),
    definition=lambda u, v, j, k: exp(u) * (1 + exp(-v)) ** -j * (1 + exp(v)) ** -k,
    doc="exp_logistic(u, v, j, k) = e^u·σ(v)^j·σ(−v)^k: what derivatives of exp_sigmoid in v are made of.",
    internal=True,
)

exp_difference = op(
    "exp_difference",
    lambda y, u, v: exp(u),
    lambda y, u, v: -exp(v),
    native="exp_difference",
    body=lambda u, v: exp(v) * expm1(u - v),
    definition=lambda u, v: exp(u) - exp(v),
    monotone=(+1, -1),
    doc="exp_difference(u, v) = e^u − e^v, right where u is close to v, and where only the difference is in range.",
    internal=True,
)

log_diff_exp = op(
    "log_diff_exp",
    lambda y, u, v: exp_share(u, v),
    lambda y, u, v: exp_share(v, u),
    native="log_diff_exp",
    body=lambda u, v: u + log1mexp(u - v),
    definition=lambda u, v: log(exp(u) - exp(v)),
    textbook=(lambda y, u, v: exp(u - y), lambda y, u, v: -exp(v - y)),
    monotone=(+1, -1),
    doc="log_diff_exp(u, v) = log(e^u − e^v), for u > v; −∞ for u = v, nan for u < v.",
)

exp_share = op(
    "exp_share",
    lambda y, u, v: y * exp_share(v, u),
    lambda y, u, v: -y * exp_share(v, u),
    native="exp_share",
    body=lambda u, v: -1 / expm1(v - u),
    definition=lambda u, v: exp(u) / (exp(u) - exp(v)),
    doc="exp_share(u, v) = e^u/(e^u − e^v): derivative of log_diff_exp in u; 1 less it is exp_share(v, u).",
    internal=True,
)

log1mexp = op(
    "log1mexp",
    lambda y, x: bose(x),
    native="log1mexp",
    body=lambda x: where(less(x, 0.5), log(-expm1(-x)), log1p(-exp(-x))),
    definition=lambda x: log(1 - exp(-x)),
    textbook=(lambda y, x: exp(-x) / (1 - exp(-x)),),
    domain=Interval(0.0, math.inf),
    monotone=(+1,),
    doc="log1mexp(x) = log(1 − e^(−x)), for x > 0 (Mächler, Accurately computing log(1 − exp(−|a|)), 2012).",
)

bose = op(
    "bose",
    lambda y, x: y * bose(-x),
    native="bose",
    body=lambda x: 1 / expm1(x),
    definition=lambda x: 1 / (exp(x) - 1),
    doc="bose(x) = 1/(e^x − 1), the function of Bose and Einstein: derivative of log1mexp.",
    internal=True,
)

log_cosh = op(
    "log_cosh",
    lambda y, x: tanh(x),
    native="log_cosh",
    body=lambda x: where(less(abs(x), 1.0), log1p(2 * sinh(x / 2) ** 2), abs(x) + log((1 + exp(-2 * abs(x))) / 2)),
    definition=lambda x: log((exp(x) + exp(-x)) / 2),
    even=True,
    doc="log_cosh(x) = log(cosh x), without overflow, and x²/2 near 0 to the last digits.",
)

logit = op(
    "logit",
    lambda y, p: logit_slope(p),
    native="logit",
    body=lambda p: where(less(abs(p - 0.5), 0.2), log1p((2 * p - 1) / (1 - p)), log(p / (1 - p))),
    definition=lambda p: log(p / (1 - p)),
    domain=Interval(0.0, 1.0),
    monotone=(+1,),
    doc="logit(p) = log(p/(1 − p)), the inverse of σ, for 0 < p < 1; right near ½ and near both ends.",
)

logit_slope = op(
    "logit_slope",
    lambda y, p: y * (y * (2 * p - 1)),
    body=lambda p: where(less_equal(0.0, p) * less_equal(p, 1.0), 1 / (p * (1 - p)), math.nan),
    definition=lambda p: 1 / (p * (1 - p)),
    domain=Interval(0.0, 1.0),
    internal=True,
    doc="Derivative of logit: 1/(p·(1 − p)).",
)

logistic_loss = op(
    "logistic_loss",
    lambda y, z, label: where(less(z, 0.0), sigmoid(z) - label, (1 - label) - sigmoid(-z)),
    lambda y, z, label: -z,
    body=lambda z, label: where(less(z, 0.0), softplus(z) - label * z, softplus(-z) + (1 - label) * z),
    definition=lambda z, label: label * log(1 + exp(-z)) + (1 - label) * log(1 + exp(z)),
    textbook=(lambda y, z, label: sigmoid(z) - label, lambda y, z, label: -z),
    doc="logistic_loss(z, y) = −(y·log σ(z) + (1 − y)·log(1 − σ(z))): the cross-entropy of a label y and a logit z.",
)
