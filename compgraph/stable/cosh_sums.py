"""The logarithm of a sum of hyperbolic cosines, log(w1·cosh u1 + w2·cosh u2 + …), and its derivatives.

A number w is w·cosh 0. As a sum of exponentials it would have the slope w·eᵘ − w·e⁻ᵘ, which cancels near u = 0. With
Σ for the sum, S = 1/Σ, and the shares c = cosh(u)/Σ and s = sinh(u)/Σ of each term: ∂ log Σ is c in w and w·s in u; ∂c
of the same term is −c² in w and s·(1 − w·c) in u, where 1 − w·c is what the others have; ∂s is −s·c and
c·(1 − w·c) + w·S²; in another term's w and u both are the share times −c and −w·s of that term.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..declaration import family
from ..ops import abs, cosh, expm1, log, sign, sinh
from .exponential import log_weighted_sum, pair_first, weighted_softmax

if TYPE_CHECKING:
    from ..record import Family

__all__ = ["cosh_share", "log_cosh_sum", "sinh_share"]

# Used by statements above their own: a type checker must know them by then.
cosh_share: Family
sinh_share: Family


def _sum(terms: tuple[Any, ...]) -> Any:
    return sum(w * cosh(u) for w, u in zip(terms[::2], terms[1::2], strict=True))


def _exponentials(terms: tuple[Any, ...]) -> list[Any]:
    pairs = zip(terms[::2], terms[1::2], strict=True)
    return [part for w, u in pairs for half in (w / 2,) for part in (half, u, half, -u)]


def _exp_share(terms: tuple[Any, ...]) -> Any:
    """e^|u1| over the sum."""
    return weighted_softmax(0.0, abs(terms[1]), *_exponentials(terms))


def _others_share(terms: tuple[Any, ...]) -> Any:
    """Σ w·cosh(u) over all terms but the first, as a part of the whole."""
    return sum((terms[i] * cosh_share(*pair_first(i, terms)) for i in range(2, len(terms), 2)), 0.0)


def _sinh_share_slope(_: Any, *terms: Any) -> Any:
    """In u1, as a sum of products that are positive where all weights are."""
    inverse = cosh_share(0.0, 0.0, *terms)
    return cosh_share(*terms) * _others_share(terms) + inverse * (terms[0] * inverse)


def _share_partial(index: int, own: Any) -> Any:
    if index == 1:
        return own
    if index % 2 == 0:
        return lambda y, *terms: -y * cosh_share(*pair_first(index, terms))
    return lambda y, *terms: -y * (terms[index - 1] * sinh_share(*pair_first(index, terms)))


log_cosh_sum = family(
    "log_cosh_sum",
    lambda i: (
        (lambda y, *terms: cosh_share(*pair_first(i, terms)))
        if i % 2 == 0
        else (lambda y, *terms: terms[i - 1] * sinh_share(*pair_first(i, terms)))
    ),
    native="log_cosh_sum",
    body=lambda *terms: log_weighted_sum(*_exponentials(terms)),
    definition=lambda *terms: log(_sum(terms)),
    doc="log_cosh_sum(w1, u1, w2, u2, …) = log(w1·cosh u1 + w2·cosh u2 + …), weights of any sign; nan where the sum "
    "is negative, −∞ where it is 0.",
    internal=True,
)

cosh_share = family(
    "cosh_share",
    lambda i: _share_partial(i, lambda y, *terms: sinh_share(*terms) * _others_share(terms)),
    native="cosh_share",
    body=lambda *terms: (2 + expm1(-2 * abs(terms[1]))) / 2 * _exp_share(terms),
    definition=lambda *terms: cosh(terms[1]) / _sum(terms),
    doc="cosh_share(w1, u1, w2, u2, …) = cosh(u1)/(w1·cosh u1 + w2·cosh u2 + …): derivative of log_cosh_sum in w1.",
    internal=True,
)

sinh_share = family(
    "sinh_share",
    lambda i: _share_partial(i, _sinh_share_slope),
    native="sinh_share",
    body=lambda *terms: -expm1(-2 * abs(terms[1])) / 2 * sign(terms[1]) * _exp_share(terms),
    definition=lambda *terms: sinh(terms[1]) / _sum(terms),
    doc="sinh_share(w1, u1, w2, u2, …) = sinh(u1)/(w1·cosh u1 + w2·cosh u2 + …).",
    internal=True,
)
