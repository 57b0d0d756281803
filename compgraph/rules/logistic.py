"""Rules about products of logistic functions less 1, smooth maxima, and logistic growth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..ops import add, exp, expm1, sigmoid, softplus, sub, where
from ..rewrite import FunctionRule, Rule, Variable
from ..spelling import Monomial, scaled, terms_of
from ..stable.exponential import logsumexp
from ..stable.logistic import sharp_softplus
from ..stable.mixtures import mixture_share

if TYPE_CHECKING:
    from ..record import Op

__all__ = ["RULES"]


def _rest_of_product(op: Op, args: tuple[Any, ...]) -> Any:
    """1 − σ(x)·σ(y)…, up to a number: 1 − e^−(softplus(−x) + softplus(−y) + …)."""
    parts = terms_of(op, args)
    numbers = [part for part in parts if not part.factors]
    if len(parts) != 2 or len(numbers) != 1:
        return None
    (product,) = [part for part in parts if part.factors]
    if product.coefficient != -numbers[0].coefficient or not _is_product_of_sigmoids(product):
        return None
    exponent: Any = None
    for base, power in product.factors:
        part = scaled(-float(power), softplus(scaled(-1.0, base.args[0])))
        exponent = part if exponent is None else add(exponent, part)
    return scaled(product.coefficient, expm1(exponent))


def _is_product_of_sigmoids(product: Monomial) -> bool:
    powers = [power if base.op is sigmoid else -1 for base, power in product.factors]
    return min(powers) > 0 and sum(powers) > 1


def _smooth_maximum(x: Any, y: Any, k: Any) -> Any:
    """log(e^(k·x) + e^(k·y))/k by the one that leads: what is added to it is never larger than log(2)/k."""
    leads = k * x > k * y
    return where(leads, x, y) + sharp_softplus(where(leads, y - x, x - y), k)


x, y, k = Variable("x"), Variable("y"), Variable("k")
_REAL = "for all real numbers"

RULES: tuple[Rule | FunctionRule, ...] = (
    FunctionRule("1 − σ(x)·σ(y)…", "−expm1(−softplus(−x) − softplus(−y) − …)", _REAL, "the product rounds to 1",
                 (add, sub), _rest_of_product, (sigmoid,),
                 (lambda x: 1 - sigmoid(x) ** 2, lambda x, y: 1 - sigmoid(x) * sigmoid(y),
                  lambda x: sigmoid(x) * sigmoid(x) * sigmoid(x) - 1)),
    Rule(sigmoid(-x) * (1 + sigmoid(x)), -expm1(-2 * softplus(-x)), _REAL, "for x < 0 its gradient cancels"),
    Rule(logsumexp(k * x, k * y) / k, _smooth_maximum(x, y, k), "for k ≠ 0", "the gradient in k cancels"),
    Rule(k * logsumexp(x / k, y / k), _smooth_maximum(x, y, 1 / k), "for k ≠ 0", "the gradient in k cancels"),
    Rule(y * exp(x) / (1 + y * expm1(x)), mixture_share(y, x, 0.0), _REAL, "∞/∞ is nan once eˣ overflows"),
    Rule(y / (y + (1 - y) * exp(-x)), mixture_share(y, x, 0.0), "but where both sides of the sum are 0",
         "far below 0 its slope is ∞·0"),
    Rule(1 / (1 + (1 - y) / y * exp(-x)), mixture_share(y, x, 0.0), "for y ≠ 0", "far below 0 its slope is ∞·0"),
)  # fmt: skip
