"""Expressions modulo spelling: how rules read what was typed, and write what it becomes."""

from __future__ import annotations

from .building import build_monomial, build_sum, difference, divide, increment_of, scaled
from .exactly import product_of_numbers, quotient_of_numbers
from .reading import (
    LARGEST_POWER,
    Monomial,
    as_leaf,
    as_number,
    is_sum,
    is_sum_of,
    monomial,
    monomial_of,
    number_of,
    ratio,
    read,
    same_expression,
    terms,
    terms_of,
)

__all__ = [
    "LARGEST_POWER", "Monomial", "as_leaf", "as_number", "build_monomial", "build_sum", "difference", "divide",
    "increment_of", "is_sum", "is_sum_of", "monomial", "monomial_of", "number_of", "product_of_numbers",
    "quotient_of_numbers",
    "ratio", "read", "same_expression", "scaled", "terms", "terms_of",
]  # fmt: skip
