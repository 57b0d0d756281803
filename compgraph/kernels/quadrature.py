"""Integrals over [0, 1] by Gauss-Legendre quadrature: how a difference of nearly equal numbers is written as a sum.

f(x) − f(0) is x·∫ f′(tx) dt: where f′ has one sign, a sum of numbers of one sign, which cancels nowhere. Twenty points
are exact to degree 39; for integrands analytic in an ellipse around [0, 1] whose semi-axes sum to r/2 the error falls
as r⁻⁴⁰, below the last digit of a float from r = 2.6 on. Reference: Trefethen, Is Gauss quadrature better than
Clenshaw-Curtis?, SIAM Review 50 (2008), theorem 4.5.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["integral"]

# Distance of a point from ½, and its weight; each stands for two points.
_HALF_RULE = (
    (0.03826326056674867, 0.07637669356536292),
    (0.11389292557082253, 0.07458649323630187),
    (0.18685304435770977, 0.07104805465919102),
    (0.25543350097541356, 0.06584431922458832),
    (0.3180268403632575, 0.059097265980759206),
    (0.3731659532300754, 0.05096505990862022),
    (0.4195584859111094, 0.04163837078835238),
    (0.456117214125663, 0.031336024167054534),
    (0.4819859636389569, 0.02030071490019347),
    (0.49656429959254744, 0.008807003569576059),
)

_RULE = tuple((0.5 + side * gap, weight) for gap, weight in _HALF_RULE for side in (-1.0, 1.0))


def integral(function: Callable[[float], float], low: float = 0.0, high: float = 1.0) -> float:
    """∫ function(t) dt from low to high.

    >>> integral(lambda t: 3 * t**2)
    1.0
    """
    length = high - low
    return length * math.fsum([weight * function(low + length * point) for point, weight in _RULE])
