"""What the ops of compgraph/stable/exponential.py are, in mpmath.

MEMBERS holds families, functions of any number of arguments; their ops are not in the table. JOINT names the ops whose
domain is a condition on several arguments at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpmath import mp

if TYPE_CHECKING:
    from collections.abc import Callable


def _total(u: tuple[Any, ...]) -> Any:
    return mp.fsum(mp.exp(number) for number in u)


def _share(*u: Any) -> Any:
    return mp.exp(u[0]) / _total(u)


def _rest(*u: Any) -> Any:
    return _total(u[1:]) / _total(u)


def _weighted(*terms: Any) -> Any:
    return mp.fsum(w * mp.exp(u) for w, u in zip(terms[::2], terms[1::2], strict=True))


def _cosines(*terms: Any) -> Any:
    return mp.fsum(w * mp.cosh(u) for w, u in zip(terms[::2], terms[1::2], strict=True))


def _exp_over_sum_slope(u: Any, *terms: Any) -> Any:
    power = mp.fsum(m * v for v, m in zip(terms[::2], terms[1::2], strict=True))
    return mp.exp(u + power) / _total(terms[::2]) ** (1 + mp.fsum(terms[1::2]))


def _mixture(w: Any, u: Any, v: Any) -> Any:
    return w * mp.exp(u) + (1 - w) * mp.exp(v)


TRUTH: dict[str, Callable[..., Any]] = {
    "exp_sigmoid": lambda u, v, k: mp.exp(u) * (1 + mp.exp(-v)) ** -k,
    "exp_difference": lambda u, v: mp.exp(u) - mp.exp(v),
    "log_diff_exp": lambda u, v: mp.log(mp.exp(u) - mp.exp(v)),
    "exp_share": lambda u, v: mp.exp(u) / (mp.exp(u) - mp.exp(v)),
    "log1mexp": lambda x: mp.log(1 - mp.exp(-x)),
    "bose": lambda x: 1 / (mp.exp(x) - 1),
    "log_cosh": lambda x: mp.log(mp.cosh(x)),
    "exp_increment": lambda d, v: mp.exp(v + d) - mp.exp(v),
    "exp_of_product": lambda u, v: mp.exp(u * v),
    "sigmoid_increment": lambda d, v: 1 / (1 + mp.exp(-v - d)) - 1 / (1 + mp.exp(-v)),
    "softplus_increment": lambda d, v: mp.log1p(mp.exp(v + d)) - mp.log1p(mp.exp(v)),
    "logistic_entropy": lambda x: mp.log1p(mp.exp(-abs(x))) + abs(x) / (1 + mp.exp(abs(x))),
    "sharp_softplus": lambda x, k: mp.log1p(mp.exp(k * x)) / k,
    "logit": lambda p: mp.log(p / (1 - p)),
    "logistic_loss": lambda z, label: mp.log(1 + mp.exp(z)) - label * z,
    "log_mixture": lambda w, u, v: mp.log(_mixture(w, u, v)),
    "mixture_first": lambda w, u, v: mp.exp(u) / _mixture(w, u, v),
    "mixture_second": lambda w, u, v: mp.exp(v) / _mixture(w, u, v),
    "mixture_share": lambda w, u, v: w * mp.exp(u) / _mixture(w, u, v),
    "mixture_rest": lambda w, u, v: (1 - w) * mp.exp(v) / _mixture(w, u, v),
    "mixture_gap": lambda w, u, v: (mp.exp(u) - mp.exp(v)) / _mixture(w, u, v),
    "logit_slope": lambda p: 1 / (p * (1 - p)),
    "exp_logistic": lambda u, v, j, k: mp.exp(u) * (1 + mp.exp(-v)) ** -j * (1 + mp.exp(v)) ** -k,
}

JOINT = frozenset({"log_diff_exp", "log_mixture", "sharp_softplus"})

# Ops whose body cancels where the weight is outside [0, 1].
MIXTURES = ("log_mixture", "mixture_first", "mixture_gap", "mixture_rest", "mixture_second", "mixture_share")

MEMBERS: dict[str, Callable[..., Any]] = {
    "logsumexp": lambda *u: mp.log(_total(u)),
    "softmax_ratio": _share,
    "log_softmax": lambda *u: mp.log(_share(*u)),
    "softmax_rest": _rest,
    "softmax_slope": lambda *u: _share(*u) * _rest(*u),
    "softmax_cross": lambda u, v, *rest: _share(u, v, *rest) * _share(v, u, *rest),
    "softmax_margin": lambda *u: _rest(*u) - _share(*u),
    "log_weighted_sum": lambda *terms: mp.log(_weighted(*terms)),
    "weighted_softmax": lambda *terms: mp.exp(terms[1]) / _weighted(*terms),
    "log_cosh_sum": lambda *terms: mp.log(_cosines(*terms)),
    "cosh_share": lambda *terms: mp.cosh(terms[1]) / _cosines(*terms),
    "sinh_share": lambda *terms: mp.sinh(terms[1]) / _cosines(*terms),
    "exp_of_sum": lambda *u: mp.exp(mp.fsum(u)),
    "exp_over_sum": lambda u, *v: mp.exp(u) / _total(v),
    "exp_over_sum_slope": _exp_over_sum_slope,
}
