"""The rules by which recorded expressions are computed by better-conditioned ones, as data: one line a rule.

A left side is written as people type it. It fits every spelling of its sums and products, up to a common number, and
what its parts are rewritten to by the rules before it; so rules stay small and compose.
"""

from __future__ import annotations

from ..rewrite import RuleIndex
from . import (
    algebraic,
    difference_quotients,
    differences,
    expansions,
    exponential,
    log_factors,
    logarithms,
    logistic,
    numbers,
    removable,
    second_differences,
    series,
    sums_of_exponentials,
)

__all__ = ["INDEX", "RULES"]

RULES = (
    *numbers.RULES,
    *exponential.RULES,
    *sums_of_exponentials.RULES,
    *logistic.RULES,
    *series.RULES,
    *removable.RULES,
    *algebraic.RULES,
    *log_factors.RULES,
    *logarithms.RULES,
    *second_differences.RULES,
    *differences.RULES,
    *expansions.RULES,
    *difference_quotients.RULES,
)

INDEX = RuleIndex(RULES)
