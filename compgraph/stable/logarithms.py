"""Logarithms of k·f(x): as log k + log f(x) they cancel where k·f(x) is close to 1, as in log(½·erfc(−x)).

And logarithms of quotients with a removable point, which are close to 1 there and leave the range far out.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..declaration import op
from ..ops import abs, cosh, erfc, exp, log, sech, sigmoid, sinh, tanh
from ..record import Interval
from .normal import log_erfc_slope, log_ndtr_slope, ndtr
from .quotients import bose_less_pole, exprel, langevin

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..record import Op

__all__ = [
    "log_exprel", "log_scaled_cosh", "log_scaled_erfc", "log_scaled_ndtr", "log_scaled_sech", "log_scaled_sigmoid",
    "log_sinhc",
]  # fmt: skip


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

log_exprel = op(
    "log_exprel",
    lambda y, x: -bose_less_pole(-x),
    native="log_exprel",
    body=lambda x: log(exprel(-abs(x))) + (x + abs(x)) / 2,
    definition=lambda x: log((exp(x) - 1) / x),
    monotone=(+1,),
    internal=True,
    doc="log((eˣ − 1)/x), and 0 at x = 0.",
)
log_sinhc = op(
    "log_sinhc",
    lambda y, x: langevin(x),
    native="log_sinhc",
    body=lambda x: log(exprel(-2 * abs(x))) + abs(x),
    definition=lambda x: log(sinh(x) / x),
    even=True,
    internal=True,
    doc="log(sinh(x)/x), and 0 at x = 0: the free energy of a classical spin.",
)
