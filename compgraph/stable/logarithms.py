"""Logarithms of k·f(x): as log k + log f(x) they cancel where k·f(x) is close to 1, as in log(½·erfc(−x))."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..declaration import op
from ..ops import cosh, erfc, exp, log, sech, sigmoid, tanh
from ..record import Interval
from .normal import log_erfc_slope, log_ndtr_slope, ndtr

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..record import Op

__all__ = ["log_scaled_cosh", "log_scaled_erfc", "log_scaled_ndtr", "log_scaled_sech", "log_scaled_sigmoid"]


def _log_scaled(
    name: str, function: Callable[[Any], Any], slope: Callable[[Any], Any], plain: Callable[[Any], Any], label: str
) -> Op:
    """The op log(k·function(x)), where slope is that of log function(x)."""
    text, latex = label.split(" | ")
    return op(
        name,
        lambda y, k, x: 1 / k,
        lambda y, k, x: slope(x),
        native=name,
        body=lambda k, x: log(k * function(x)),
        definition=lambda k, x: log(k * plain(x)),
        domain=[Interval(0.0, math.inf), Interval()],
        text=f"log({{0}}·{text}({{1}}))",
        latex=rf"\log\left({{0}} \cdot {latex}\left({{1}}\right)\right)",
        internal=True,
        doc=f"log(k·{text}(x)), right where k·{text}(x) is close to 1 and where {text}(x) leaves the range of floats.",
    )


log_scaled_cosh = _log_scaled("log_scaled_cosh", cosh, tanh, cosh, r"cosh | \cosh")
log_scaled_erfc = _log_scaled("log_scaled_erfc", erfc, log_erfc_slope, erfc, r"erfc | \operatorname{{erfc}}")
log_scaled_ndtr = _log_scaled("log_scaled_ndtr", ndtr, log_ndtr_slope, ndtr, r"Φ | \Phi")
log_scaled_sech = _log_scaled(
    "log_scaled_sech", sech, lambda x: -tanh(x), lambda x: 1 / cosh(x), r"sech | \operatorname{{sech}}"
)
log_scaled_sigmoid = _log_scaled(
    "log_scaled_sigmoid", sigmoid, lambda x: sigmoid(-x), lambda x: 1 / (1 + exp(-x)), r"σ | \sigma"
)
