"""The shapes of operands, and what patterns ask of them: most rules are ruled out by these, before anything is matched.

A shape says which ops stand in a product and to which powers, not of what. Few shapes are ever typed, so that what can
fit a shape is found once and remembered. A shape that is admitted may still not fit; one that is not never does.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from .ops import CONSTANT, add, sub
from .patterns import Variable
from .spelling import is_sum, monomial, quotient_of_numbers, read, terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .record import Family, Op
    from .spelling import Monomial

    Powers = tuple[tuple[Op | Family, int], ...]

__all__ = ["Wanted", "admits", "as_scaled_variable", "head", "places", "powers", "wanted", "wanted_terms"]

# How many shapes are remembered.
_MOST = 4096


def head(node: Any) -> Op | Family:
    """The op of an operand, where all sums count as one, and all ops of a family."""
    op: Op = read(node)[0]
    return add if op is sub else op.family or op


def powers(part: Monomial) -> Powers:
    """The heads of a product's factors, with their powers; of a number, nothing.

    >>> from compgraph.node import Node
    >>> from compgraph.ops import sin
    >>> x, y = Node(2.0, "x"), Node(3.0, "y")
    >>> powers(monomial(3*sin(y)/x**2))
    ((<op sin(x)>, 1), (<op input()>, -2))
    """
    return tuple([(head(base), exponent) for base, exponent in part.factors])


# --- what patterns ask for -----------------------------------------------------------------------------------------


class Wanted(NamedTuple):
    """A product in a pattern: its number, its variables, and its other factors, also as their powers.

    Attributes:
        size: How many factors a product needs for it, each counted as often as its power says.
        is_number: Whether there are no factors.
        is_rigid: Whether what it is a multiple of has no number of its own: then the two numbers give the scale.
    """

    coefficient: float
    variables: tuple[tuple[Variable, int], ...]
    others: tuple[tuple[Any, int], ...]
    powers: Powers
    size: int
    is_number: bool
    is_rigid: bool

    @property
    def is_loose(self) -> bool:
        """Whether it is a variable by itself, or a number of times one."""
        return not self.others and len(self.variables) == 1 and self.variables[0][1] == 1

    @property
    def firmness(self) -> int:
        """What says most comes first: ops, then products of variables, then numbers."""
        return 0 if self.others else 1 if self.variables else 2

    def may_be_in(self, shape: Powers) -> bool:
        """Whether a product of this shape may have these factors: each other than a variable is struck out of one."""
        if self.size > sum([abs(exponent) for _, exponent in shape]):
            return False
        return all(
            any(op is known and power * exponent > 0 and abs(power) >= abs(exponent) for known, power in shape)
            for op, exponent in self.powers
        )

    def may_be(self, shape: Powers) -> bool:
        """Whether a product of this shape may have these factors, and no others."""
        if self.is_number:
            return not shape
        is_full = self.variables or self.size == sum([abs(exponent) for _, exponent in shape])
        return bool(is_full) and self.may_be_in(shape)


@cache
def wanted(pattern: Any) -> Wanted:
    """A pattern as a product."""
    return _wanted(monomial(pattern))


def _wanted(part: Monomial) -> Wanted:
    variables = tuple((base, exponent) for base, exponent in part.factors if isinstance(base, Variable))
    others = tuple((base, exponent) for base, exponent in part.factors if not isinstance(base, Variable))
    below = sum(-exponent for _, exponent in variables if exponent < 0)  # which are never numbers
    size = below + sum(abs(exponent) for _, exponent in others)
    is_rigid = not variables and not any(is_sum(base) for base, _ in others)
    heads = tuple((head(base), exponent) for base, exponent in others)
    return Wanted(part.coefficient, variables, others, heads, size, not part.factors, is_rigid)


@cache
def wanted_terms(pattern: Any) -> tuple[tuple[Wanted, ...], tuple[Wanted, ...]]:
    """A pattern's summands: the variables by themselves, and the others, firmest first."""
    parts = [_wanted(part) for part in terms(pattern)]
    firm = sorted((part for part in parts if not part.is_loose), key=lambda part: part.firmness)
    return tuple(part for part in parts if part.is_loose), tuple(firm)


# --- what a shape admits -------------------------------------------------------------------------------------------


@lru_cache(_MOST)
def places(pattern: Any, shapes: tuple[Powers, ...]) -> tuple[tuple[int, ...], ...] | None:
    """For each firm summand of a pattern, those of a sum's terms that may be it; None where the sum cannot fit."""
    loose, firm = wanted_terms(pattern)
    if len(loose) > 1 or len(shapes) < len(firm) + len(loose) or (not loose and len(shapes) != len(firm)):
        return None
    found = tuple(tuple(i for i, shape in enumerate(shapes) if part.may_be(shape)) for part in firm)
    return found if all(found) and len(set().union(*found)) >= len(found) else None


def admits(pattern: Any, shapes: Sequence[Powers]) -> bool:
    """Whether the arguments of an op, each a product of one of these shapes, may be those of a pattern."""
    if pattern.op.commutative or pattern.op.even:
        return True
    return all(_may_be_argument(part, shape) for part, shape in zip(pattern.args, shapes, strict=True))


def _may_be_argument(part: Any, shape: Powers) -> bool:
    if part.op is CONSTANT or is_sum(part) or as_scaled_variable(part)[0] is not None:
        return True
    return wanted(part).may_be(shape)


@cache
def as_scaled_variable(pattern: Any) -> tuple[Variable | None, float]:
    """(x, 1/k) of a pattern k·x."""
    whole = wanted(pattern)
    inverse = quotient_of_numbers(1.0, whole.coefficient)
    return (whole.variables[0][0], inverse) if whole.is_loose and inverse is not None else (None, 1.0)
