"""Balls: real numbers known to lie between two ends, as one more number system for the ops.

A ball goes through an op's native function where this package has it, and otherwise through the op's definition, the
plain formula, so that any op of the table works, a user's own too. Zeros, infinities and nan that are exactly known
follow IEEE 754, as everywhere in the package; what cannot be told at these bits (the log of a ball around 0) is an
unknown ball.
"""

from __future__ import annotations

from . import arithmetic, choices, functions
from .ball import Ball, ball_of, hull, partial_of
from .directed import Bounds, bounds_at, installed_library

__all__ = [
    "Ball",
    "Bounds",
    "arithmetic",
    "ball_of",
    "bounds_at",
    "choices",
    "functions",
    "hull",
    "installed_library",
    "partial_of",
]
