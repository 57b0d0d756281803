"""Formulas as plain data: trees of names, numbers and ops. Knows neither nodes nor a format.

>>> Apply("mul", (Adjoint("a"), Slope("a", "z"))).args[1]
Slope(of='a', by='z')
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Adjoint", "Apply", "Cut", "Letter", "Number", "Slope", "Term", "total"]


@dataclass(frozen=True, slots=True)
class Letter:
    """The value of a node, by its name: ``a``."""

    name: str


@dataclass(frozen=True, slots=True)
class Adjoint:
    """The derivative of the root by a node: ``da``."""

    name: str


@dataclass(frozen=True, slots=True)
class Slope:
    """The local derivative of one node by another: ``∂a/∂z``."""

    of: str
    by: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number."""

    value: float


@dataclass(frozen=True, slots=True)
class Cut:
    """What is left out of a formula that is too long to read; without a count it is an ellipsis.

    Attributes:
        count: How many, and
        what: of what: "operations" instead of a whole formula, "more" at the end of a sum.
    """

    count: int = 0
    what: str = ""


@dataclass(frozen=True, slots=True)
class Apply:
    """An op, by its name in the table, on its arguments."""

    op: str
    args: tuple[Term, ...]


Term = Letter | Adjoint | Slope | Number | Cut | Apply


def total(terms: Iterable[Term], op: str = "add") -> Term:
    """The sum of terms, or their product by ``"mul"``, from the left; at least one.

    >>> total([Letter("x")]), total([Letter("x"), Number(2.0)], "mul").op
    (Letter(name='x'), 'mul')
    """
    return reduce(lambda left, right: Apply(op, (left, right)), terms)
