"""Rules about exponentials, their sums, and the logarithms of both: sigmoids, softmax, cross-entropies, hyperbolics."""

from __future__ import annotations

import math
from typing import Any

from ..ops import (
    abs,  # ops have the names of the functions they are
    cosh,
    exp,
    expm1,
    log,
    log1p,
    log_sigmoid,
    maximum,
    pow,
    relu,
    sech,
    sigmoid,
    sigmoid_slope,
    sinh,
    softplus,
    sqrt,
    tanh,
    where,
)
from ..rewrite import Factor, Rule, Variable
from ..stable.exponential import (
    bose,
    exp_difference,
    exp_sigmoid,
    log1mexp,
    log_cosh,
    log_diff_exp,
    log_softmax,
    logistic_loss,
    logit,
    logsumexp,
)
from ..stable.logistic import exp_of_product, logistic_entropy, sharp_softplus
from ..stable.mixtures import log_mixture
from ..stable.quotients import exprel, exprel_derivative, phi2, x_over_expm1, x_over_sinh
from ..stable.trigonometric import csch

__all__ = ["RULES"]

x, y, u, v, k = Variable("x"), Variable("y"), Variable("u"), Variable("v"), Factor("k")

_REAL = "for all real numbers"
_LIMIT = "for all real numbers; at x = 0, where it is 0/0 as typed, the limit"
_SLOPE = "near 0 the terms of the slope cancel"


def _divided_difference(u: Any, v: Any) -> Any:
    """(eᵘ − eᵛ)/(u − v) by the larger of the two exponentials: then no slope cancels."""
    return where(u > v, exp(u) * exprel(v - u), exp(v) * exprel(u - v))


def _log1mexp_of_exp(x: Any) -> Any:
    """log(1 − exp(−eˣ)): eˣ taken out where it is small."""
    small = where(x < 0, exp(x), 1.0)
    return where(x < 0, x + log(exprel(-small)), log1mexp(where(x < 0, 1.0, exp(x))))


def _log_4_cosh_square(x: Any) -> Any:
    """log(4·cosh²(x/2)) = −log σ′(x)."""
    return 2 * log_cosh(x / 2) + math.log(4)


def _log_of_1_minus_square(x: Any) -> Any:
    """log(1 − σ(−x)²): 1 − σ(−x) taken out where it is small."""
    is_small = x < 0
    factored = log1p(sigmoid(where(is_small, -x, 0.0))) - softplus(where(is_small, -x, 0.0))
    return where(is_small, factored, log1mexp(where(is_small, 1.0, 2 * softplus(x))))


RULES = (
    # exponentials among themselves
    Rule(1 / exp(x), exp(-x), _REAL, "eˣ overflows beyond 709"),
    Rule(exp(x) - 1, expm1(x), _REAL, "near 0 the difference keeps only the rounding of eˣ"),
    Rule(exp(x) * expm1(-x), -expm1(x), _REAL, "eˣ overflows beyond 709"),
    Rule(exp(u + v) / (exp(u) + exp(v)) ** 2, sigmoid_slope(u - v), _REAL, "∞/∞ is nan once one of them overflows"),
    Rule(exp(x) * bose(x) ** 2, csch(x / 2) ** 2 / 4, "for x ≠ 0", "∞·0 is nan once eˣ overflows"),
    Rule(exp(x) * x_over_expm1(x) ** 2, x_over_sinh(x / 2) ** 2, _REAL, "∞·0 is nan once eˣ overflows"),
    Rule(x_over_expm1(x) * x_over_expm1(-x), x_over_sinh(x / 2) ** 2, _REAL, "near 0 the gradient cancels"),
    Rule(x_over_expm1(x) + x, x_over_expm1(-x), _REAL, "for x < 0 the two terms cancel"),
    Rule(bose(x) + 1, -bose(-x), "for x ≠ 0", "for x < 0 the two terms cancel"),
    Rule(exprel(x) - exp(x), -x * exprel_derivative.of(1)(x), _REAL, "near 0 the two terms cancel"),
    Rule((exprel(x) - 1) / x, phi2(x), _LIMIT, "near 0 the quotient keeps only roundings"),
    Rule(expm1(2 * x) / expm1(x), 1 + exp(x), _LIMIT, "0/0 is nan at x = 0, ∞/∞ once eˣ overflows"),
    Rule(exp_difference(u, v) / (u - v), _divided_difference(u, v), "also for u = v: the limit", "0/0 is nan there"),
    Rule(exp_difference(u, v) / (exp(u) + exp(v)), tanh((u - v) / 2), _REAL, "∞/∞ is nan once both overflow"),
    Rule(exp(x) / x - 1 / x, exprel(x), _LIMIT, "near 0 two large numbers cancel"),
    # the logistic function
    Rule(1 / (1 + exp(x)), sigmoid(-x), _REAL, "eˣ overflows beyond 709"),
    Rule(exp(x) / (1 + exp(x)), sigmoid(x), _REAL, "∞/∞ is nan once eˣ overflows"),
    Rule(exp(-x) * sigmoid(x), sigmoid(-x), _REAL, "∞·0 is nan once e⁻ˣ overflows"),
    Rule(exp(u) * sigmoid(v) ** 2, exp_sigmoid(u, v, 2.0), _REAL, "∞·0 is nan where eᵘ overflows and σ(v) underflows"),
    Rule(exp(u) * sigmoid(v), exp_sigmoid(u, v, 1.0), _REAL, "∞·0 is nan where eᵘ overflows and σ(v) underflows"),
    Rule(sigmoid(-x) / sigmoid(x), exp(-x), _REAL, "0/0 is nan once both sigmoids underflow"),
    Rule(1 - sigmoid(x), sigmoid(-x), _REAL, "σ(x) rounds to 1"),
    Rule(sigmoid(x) * sigmoid(-x), sigmoid_slope(x), _REAL, _SLOPE),
    Rule(sigmoid(x) - sigmoid(x) ** 2, sigmoid_slope(x), _REAL, "σ(x) rounds to 1; near 0 the slope cancels"),
    Rule(exp(x) * sigmoid(-x) ** 2, sigmoid_slope(x), _REAL, "eˣ overflows, and near 0 the slope's terms cancel"),
    Rule(exp(2 * x) / (1 + exp(x)) ** 2, sigmoid(x) ** 2, _REAL, "∞/∞ is nan once both overflow"),
    Rule(exp(-2 * x) * sigmoid(x) ** 2, sigmoid(-x) ** 2, _REAL, "∞·0 is nan once e⁻²ˣ overflows"),
    Rule(1 / sigmoid(x) - 1, exp(-x), _REAL, "σ(x) rounds to 1, or underflows"),
    Rule(logit(sigmoid(x)), x, _REAL, "σ(x) rounds to 1, or underflows"),
    Rule(sigmoid(u) / sigmoid(v), sigmoid(u) + exp_sigmoid(-v, u, 1.0), _REAL, "0/0 is nan once both underflow"),
    Rule(sqrt(exp(x)), exp(x / 2), _REAL, "eˣ overflows beyond 709, its root not yet"),
    Rule(2 * sigmoid(x) - 1, tanh(x / 2), _REAL, "near 0 the difference keeps only the rounding of σ(x)"),
    Rule(sigmoid(x) - sigmoid(-x), tanh(x / 2), _REAL, "near 0 the difference keeps only the roundings of σ"),
    # its logarithms
    Rule(log(x * exp(u) + (1 - x) * exp(v)), log_mixture(x, u, v), "where the sum is positive", "1 − x rounds off x"),
    Rule(log(1 + x), log1p(x), "for x > −1", "1 + x rounds away the digits of a small x"),
    Rule(log1p(exp(x)), softplus(x), _REAL, "eˣ overflows beyond 709"),
    Rule(log(k * exp(x)), log(k) + x, "for k > 0", "eˣ overflows, or underflows to 0"),
    Rule(log(k * pow(sigmoid(x), v)), log(k) - v * softplus(-x), "for k > 0", "σ(x) underflows to 0, or rounds to 1"),
    Rule(log(k * exp_of_product(u, v)), log(k) + u * v, "for k > 0", "a power of eˣ overflows, or underflows to 0"),
    Rule(log(exp_difference(u, v)), log_diff_exp(u, v), "for u > v", "eᵘ overflows, or underflows"),
    Rule(log(-expm1(x)), log1mexp(-x), "for x < 0", "eˣ rounds to 1, or is lost beside 1"),
    Rule(log1p(-exp(x)), log1mexp(-x), "for x < 0", "eˣ rounds to 1"),
    Rule(log(x) - log1p(-x), logit(x), "for 0 < x < 1", "near ½ the two logarithms cancel"),
    Rule(softplus(x) - x, softplus(-x), _REAL, "for a large x the difference keeps only the rounding of x"),
    Rule(y * softplus(-x) + (1 - y) * softplus(x), logistic_loss(x, y), _REAL, "near x = 0 the gradient in y cancels"),
    Rule(softplus(x) + y * softplus(-x) - y * softplus(x), logistic_loss(x, y), _REAL, "terms cancel for a large |x|"),
    Rule(y * log_softmax(u, v) + (1 - y) * log_softmax(v, u), -logistic_loss(u - v, y), _REAL,
         "near u = v the gradient in y cancels"),
    Rule(logsumexp(u, v) - y * u - (1 - y) * v, logistic_loss(u - v, y), _REAL, "large terms cancel"),
    Rule(x + 2 * softplus(-x), _log_4_cosh_square(x), _REAL, "two large terms cancel, and near 0 the gradient"),
    Rule(softplus(x) - y * x, logistic_loss(x, y), _REAL, "for a large x and y = 1 two large terms cancel"),
    Rule(softplus(-x) + (1 - y) * x, logistic_loss(x, y), _REAL, "for x < 0 and y = 0 two large terms cancel"),
    Rule((x - y * x) + softplus(-x), logistic_loss(x, y), _REAL, "for x < 0 and y = 0 two large terms cancel"),
    Rule(softplus(x) - maximum(x, 0.0), softplus(-abs(x)), _REAL, "for a large x two large terms cancel"),
    Rule(softplus(x) - relu(x), softplus(-abs(x)), _REAL, "for a large x two large terms cancel"),
    Rule(logistic_loss(x, y) - x, logistic_loss(x, y + 1), _REAL, "for a large x two large terms cancel"),
    Rule(maximum(x, 0.0) - y * x + softplus(-abs(x)), logistic_loss(x, y), _REAL, "at 0 the kinks take the curvature"),
    Rule(relu(x) - y * x + softplus(-abs(x)), logistic_loss(x, y), _REAL, "at 0 the kinks take the curvature"),
    Rule(maximum(x, 0.0) + softplus(-abs(x)), softplus(x), _REAL, "at 0 the kinks take the curvature"),
    Rule(relu(x) + softplus(-abs(x)), softplus(x), _REAL, "at 0 the kinks take the curvature"),
    Rule(softplus(x) + softplus(-x), _log_4_cosh_square(x), _REAL, "near 0 the gradient cancels"),
    Rule(softplus(x) - x * sigmoid(x), logistic_entropy(x), _REAL, "for a large x two large terms cancel"),
    Rule(sigmoid(x) * softplus(-x) + sigmoid(-x) * softplus(x), logistic_entropy(x), _REAL, "its gradient cancels"),
    Rule(softplus(v * x) / v, sharp_softplus(x, v), "for v ≠ 0", "the gradient in v cancels"),
    Rule(softplus(x) - softplus(-x), x, _REAL, "for a large |x| one of them is rounded away"),
    Rule(exp(-softplus(x)), sigmoid(-x), _REAL, "a large exponent loses the digits behind its point"),
    Rule(exp(log_sigmoid(x)), sigmoid(x), _REAL, "a large exponent loses the digits behind its point"),
    Rule(exp(softplus(x)), 1 + exp(x), _REAL, "a large exponent loses the digits behind its point"),
    Rule(log1mexp(2 * softplus(x)), _log_of_1_minus_square(x), _REAL, "a softplus that underflows has no logarithm"),
    Rule(log1mexp(exp(x)), _log1mexp_of_exp(x), _REAL, "eˣ underflows below −745"),
    # hyperbolic functions
    Rule(exp(x) - exp(-x), 2 * sinh(x), _REAL, "near 0 the difference keeps only the roundings of the exponentials"),
    Rule(exp(x) + exp(-x), 2 * cosh(x), _REAL, "cosh has one rounding, and the small exponential is not lost in it"),
    Rule(exp(-x) * expm1(2 * x), 2 * sinh(x), _REAL, "0·∞ is nan once e²ˣ overflows"),
    Rule(exp(-x) * (exp(2 * x) + 1), 2 * cosh(x), _REAL, "0·∞ is nan once e²ˣ overflows"),
    Rule(sinh(x) / cosh(x), tanh(x), _REAL, "∞/∞ is nan once both overflow"),
    Rule(cosh(x) / sinh(x), 1 / tanh(x), _REAL, "∞/∞ is nan once both overflow"),
    Rule(sinh(x) * sech(x), tanh(x), _REAL, "∞·0 is nan once cosh x overflows"),
    Rule(1 / cosh(x), sech(x), _REAL, "cosh x overflows beyond 710"),
    Rule(1 / sinh(x), csch(x), "for x ≠ 0", "sinh x overflows beyond 710, and its square beyond 355"),
    Rule(cosh(x) * csch(x), 1 / tanh(x), "for x ≠ 0", "∞·0 is nan once cosh x overflows"),
    Rule(expm1(2 * x) * bose(x), exp(x) + 1, _REAL, "∞·0 is nan once eˣ overflows"),
    Rule(1 / expm1(x), bose(x), "for x ≠ 0", "eˣ overflows beyond 709, and its square beyond 354"),
    Rule(cosh(x) ** 2 - sinh(x) ** 2, 0 * x + 1, _REAL, "∞ − ∞ is nan once both overflow"),
    Rule(sech(x) ** 2 + tanh(x) ** 2, 0 * x + 1, _REAL, "it is not a constant by a rounding"),
    Rule(2 + exp(x) + exp(-x), 4 * cosh(x / 2) ** 2, _REAL, "its derivatives cancel near 0"),
    Rule(expm1(x) + expm1(-x), 4 * sinh(x / 2) ** 2, _REAL, "near 0 the two terms cancel"),
    Rule((2 * cosh(x)) ** 2, 4 * cosh(x) ** 2, _REAL, "a square of a product hides its factors from other rules"),
    Rule((2 * sinh(x)) ** 2, 4 * sinh(x) ** 2, _REAL, "a square of a product hides its factors from other rules"),
    Rule(exp(x) * sigmoid(-2 * x), sech(x) / 2, _REAL, "near 0 the gradient cancels"),
    Rule(exp(x) * sech(x), 2 * sigmoid(2 * x), _REAL, "∞·0 is nan once eˣ overflows"),
    Rule(expm1(x) / (exp(x) + 1), tanh(x / 2), _REAL, "∞/∞ is nan once eˣ overflows"),
    Rule((exp(x) + 1) / expm1(x), 1 / tanh(x / 2), _REAL, "∞/∞ is nan once eˣ overflows"),
    Rule(exp(x) / expm1(x), -1 / expm1(-x), _REAL, "∞/∞ is nan once eˣ overflows"),
    Rule(expm1(x) * sigmoid(-x), tanh(x / 2), _REAL, "∞·0 is nan once eˣ overflows"),
    Rule((exp(x) + 1) * bose(x), 1 / tanh(x / 2), _REAL, "∞·0 is nan once eˣ overflows"),
    Rule(exp(x) * bose(x), -1 / expm1(-x), _REAL, "∞·0 is nan once eˣ overflows"),
    Rule(1 - tanh(x) ** 2, sech(x) * sech(x), _REAL, "tanh x rounds to ±1"),
    Rule(1 - tanh(x), 2 * sigmoid(-2 * x), _REAL, "tanh x rounds to 1"),
    Rule(1 + tanh(x), 2 * sigmoid(2 * x), _REAL, "tanh x rounds to −1"),
    # and what undoes one another
    Rule(log1p(expm1(x)), x, _REAL, "eˣ − 1 overflows, or rounds to −1"),
)  # fmt: skip
