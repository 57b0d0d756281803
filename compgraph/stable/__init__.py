"""More of the table: ops that rules compute by, total and right where the formula as typed cancels or overflows."""

from __future__ import annotations

from ..record import close_table
from . import (
    algebraic,
    cosh_sums,
    exponential,
    logarithms,
    logistic,
    mixtures,
    normal,
    quotients,
    rates,
    roots,
    series,
    squares,
    trigonometric,
)

__all__ = [
    "algebraic", "cosh_sums", "exponential", "logarithms", "logistic", "mixtures", "normal", "quotients", "rates",
    "roots", "series", "squares", "trigonometric",
]  # fmt: skip

close_table()
