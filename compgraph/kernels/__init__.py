"""Functions of floats that neither cancel nor leave the range on the way: what the ops of ``stable`` compute with.

Each is total as in IEEE 754 (nan outside its domain, inf at a pole or beyond the range, nothing raises) and right to a
few units in the last place at every float. :data:`FUNCTIONS` maps native names to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import algebraic, cosh_sums, exponential, logarithms, logistic, mixtures, roots, series

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FUNCTIONS"]

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **exponential.FUNCTIONS, **logistic.FUNCTIONS, **series.FUNCTIONS, **algebraic.FUNCTIONS, **roots.FUNCTIONS,
    **logarithms.FUNCTIONS, **mixtures.FUNCTIONS, **cosh_sums.FUNCTIONS,
}  # fmt: skip
