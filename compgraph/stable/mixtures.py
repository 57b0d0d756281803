"""The logarithm of a mixture w·eᵘ + (1 − w)·eᵛ of two densities, and its derivatives.

With Σ for the mixture, p = eᵘ/Σ and q = eᵛ/Σ, g = p − q and the shares s = w·p and t = (1 − w)·q = 1 − s, each an op
since differences of them would cancel: ∂ log Σ is g in w, s in u and t in v; ∂g is −g², pq and −pq; ∂s is pq, st and
−st; ∂t its negative; ∂p is −pg, pt and −pt; ∂q is −qg, −qs and qs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..declaration import op
from ..ops import contribution, exp, expm1, log

if TYPE_CHECKING:
    from ..record import Op

__all__ = ["log_mixture", "mixture_first", "mixture_gap", "mixture_rest", "mixture_second", "mixture_share"]

# Used by statements above their own: a type checker must know them by then.
mixture_first: Op
mixture_gap: Op
mixture_rest: Op
mixture_second: Op
mixture_share: Op


def _mixture(w: Any, u: Any, v: Any) -> Any:
    return w * exp(u) + (1 - w) * exp(v)


def _product(w: Any, u: Any, v: Any) -> Any:
    return mixture_first(w, u, v) * mixture_second(w, u, v)


def _shares(w: Any, u: Any, v: Any) -> Any:
    return mixture_share(w, u, v) * mixture_rest(w, u, v)


log_mixture = op(
    "log_mixture",
    lambda y, w, u, v: mixture_gap(w, u, v),
    lambda y, w, u, v: mixture_share(w, u, v),
    lambda y, w, u, v: mixture_rest(w, u, v),
    native="log_mixture",
    body=lambda w, u, v: log(_mixture(w, u, v)),
    doc="log_mixture(w, u, v) = log(w·e^u + (1 − w)·e^v): the log-density of a mixture of two; nan where the sum is "
    "negative.",
    internal=True,
)
mixture_first = op(
    "mixture_first",
    lambda y, w, u, v: -y * mixture_gap(w, u, v),
    lambda y, w, u, v: contribution(mixture_rest(w, u, v), y),
    lambda y, w, u, v: -contribution(mixture_rest(w, u, v), y),
    native="mixture_first",
    body=lambda w, u, v: 1 / (w + (1 - w) * exp(v - u)),
    definition=lambda w, u, v: exp(u) / _mixture(w, u, v),
    doc="e^u over the mixture w·e^u + (1 − w)·e^v.",
    internal=True,
)
mixture_second = op(
    "mixture_second",
    lambda y, w, u, v: -y * mixture_gap(w, u, v),
    lambda y, w, u, v: -contribution(mixture_share(w, u, v), y),
    lambda y, w, u, v: contribution(mixture_share(w, u, v), y),
    native="mixture_second",
    body=lambda w, u, v: 1 / (w * exp(u - v) + (1 - w)),
    definition=lambda w, u, v: exp(v) / _mixture(w, u, v),
    doc="e^v over the mixture w·e^u + (1 − w)·e^v.",
    internal=True,
)
mixture_gap = op(
    "mixture_gap",
    lambda y, w, u, v: -y * y,
    lambda y, w, u, v: _product(w, u, v),
    lambda y, w, u, v: -_product(w, u, v),
    native="mixture_gap",
    body=lambda w, u, v: expm1(u - v) / (1 + w * expm1(u - v)),
    definition=lambda w, u, v: (exp(u) - exp(v)) / _mixture(w, u, v),
    doc="(e^u − e^v) over the mixture w·e^u + (1 − w)·e^v: derivative of log_mixture in w.",
    internal=True,
)
mixture_share = op(
    "mixture_share",
    lambda y, w, u, v: _product(w, u, v),
    lambda y, w, u, v: _shares(w, u, v),
    lambda y, w, u, v: -_shares(w, u, v),
    native="mixture_share",
    body=lambda w, u, v: w / (w + (1 - w) * exp(v - u)),
    definition=lambda w, u, v: w * exp(u) / _mixture(w, u, v),
    doc="w·e^u over the mixture w·e^u + (1 − w)·e^v: derivative of log_mixture in u.",
    internal=True,
)
mixture_rest = op(
    "mixture_rest",
    lambda y, w, u, v: -_product(w, u, v),
    lambda y, w, u, v: -_shares(w, u, v),
    lambda y, w, u, v: _shares(w, u, v),
    native="mixture_rest",
    body=lambda w, u, v: (1 - w) / (w * exp(u - v) + (1 - w)),
    definition=lambda w, u, v: (1 - w) * exp(v) / _mixture(w, u, v),
    doc="(1 − w)·e^v over the mixture w·e^u + (1 − w)·e^v: derivative of log_mixture in v.",
    internal=True,
)
