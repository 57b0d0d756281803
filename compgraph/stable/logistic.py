"""Ops of increments of eˣ and of the logistic function, of its entropy, and of a softplus with a sharpness.

With d carried as it is written, nothing cancels: eᵛ⁺ᵈ − eᵛ has itself as slope in v, and σ(v + d) − σ(v) has the
product of two such increments, because σ′(u) − σ′(v) = −(σ(u) − σ(v))·(σ(u) − σ(−v)).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..declaration import op
from ..ops import equal, exp, expm1, greater, log, log1p, sigmoid, sigmoid_slope, softplus, where
from ..record import POWER, PRODUCT, SUM
from .exponential import exp_of_sum

if TYPE_CHECKING:
    from ..record import Op

__all__ = [
    "exp_increment",
    "exp_of_product",
    "logistic_entropy",
    "sharp_softplus",
    "sigmoid_increment",
    "softplus_increment",
]

# Used by its own statement: a type checker must know it by then.
sigmoid_increment: Op


def _gap(d: Any, v: Any) -> Any:
    """σ(v + d) − σ(v); of its two forms the one in which no exponential overflows."""

    def share(x: Any) -> Any:
        return 1 / (1 + exp(-x))

    rises = greater(d, 0.0)
    up, down = where(rises, d, 0.0), where(rises, 0.0, d)
    return where(rises, -share(v + d) * share(-v) * expm1(-up), share(-(v + d)) * share(v) * expm1(down))


def _rise(d: Any, v: Any) -> Any:
    """softplus(v + d) − softplus(v) for d ≥ 0."""
    below = where(greater(d, 30.0), softplus(v + d) - softplus(v), log1p(sigmoid(v) * expm1(d)))
    return where(greater(v, 0.0), d + log1p(sigmoid(-v) * expm1(-d)), below)


exp_increment = op(
    "exp_increment",
    lambda y, d, v: exp_of_sum(v, d),
    lambda y, d, v: y,
    native="exp_increment",
    body=lambda d, v: exp(v) * expm1(d),
    definition=lambda d, v: exp(v + d) - exp(v),
    monotone=(+1, 0),
    text="e^({1} + {0}) − e^{1}",
    latex="e^{{{1} + {0}}} - e^{{{1}}}",
    precedence=SUM,
    needs=(SUM, POWER),
    internal=True,
    doc="e^(v + d) − e^v: what v's exponential gains where v gains d, without the rounding of v + d.",
)
exp_of_product = op(
    "exp_of_product",
    lambda y, u, v: v * y,
    lambda y, u, v: u * y,
    native="exp_of_product",
    body=lambda u, v: exp(u * v),
    definition=lambda u, v: exp(u) ** v,
    text="exp({0}·{1})",
    latex=r"e^{{{0} \cdot {1}}}",
    precedence=POWER,
    needs=(PRODUCT, PRODUCT + 1),
    internal=True,
    doc="e^(u·v), without the rounding error of the product; 1 for v = 0, as a power is.",
)
sigmoid_increment = op(
    "sigmoid_increment",
    lambda y, d, v: sigmoid_slope(v + d),
    lambda y, d, v: -y * sigmoid_increment(v + (v + d), -v),
    native="sigmoid_increment",
    body=_gap,
    definition=lambda d, v: sigmoid(v + d) - sigmoid(v),
    monotone=(+1, 0),
    text="σ({1} + {0}) − σ({1})",
    latex=r"\sigma\left({1} + {0}\right) - \sigma\left({1}\right)",
    precedence=SUM,
    needs=(SUM, SUM),
    internal=True,
    doc="σ(v + d) − σ(v): what σ gains where v gains d, without the rounding of v + d.",
)
softplus_increment = op(
    "softplus_increment",
    lambda y, d, v: sigmoid(v + d),
    lambda y, d, v: sigmoid_increment(d, v),
    native="softplus_increment",
    body=lambda d, v: where(greater(d, 0.0), _rise(d, v), -_rise(-d, v + d)),
    definition=lambda d, v: log(1 + exp(v + d)) - log(1 + exp(v)),
    monotone=(+1, 0),
    text="softplus({1} + {0}) − softplus({1})",
    latex=r"\operatorname{{softplus}}\left({1} + {0}\right) - \operatorname{{softplus}}\left({1}\right)",
    precedence=SUM,
    needs=(SUM, SUM),
    internal=True,
    doc="softplus(v + d) − softplus(v): what softplus gains where v gains d, without the rounding of v + d.",
)
logistic_entropy = op(
    "logistic_entropy",
    lambda y, x: -x * sigmoid_slope(x),
    native="logistic_entropy",
    body=lambda x: sigmoid(x) * softplus(-x) + sigmoid(-x) * softplus(x),
    definition=lambda x: log(1 + exp(x)) - x / (1 + exp(-x)),
    even=True,
    internal=True,
    doc="−(p·log p + (1 − p)·log(1 − p)) with p = σ(x): the entropy of a coin by its logit.",
)
sharp_softplus = op(
    "sharp_softplus",
    lambda y, x, k: where(equal(k, 0.0), math.nan, sigmoid(k * x)),
    lambda y, x, k: -logistic_entropy(k * x) / k / k,
    native="sharp_softplus",
    body=lambda x, k: softplus(k * x) / k,
    definition=lambda x, k: log(1 + exp(k * x)) / k,
    monotone=(+1, 0),
    internal=True,
    doc="log(1 + e^(k·x))/k: softplus with a sharpness k; its slope in k is that of entropies, which do not cancel.",
)
