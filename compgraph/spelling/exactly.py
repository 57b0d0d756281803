"""Products and quotients of floats where they are floats again, without rounding."""

from __future__ import annotations

import math

from ..kernels.eft import two_product

__all__ = ["exact_power", "exact_product", "product_of_numbers", "quotient_of_numbers"]


def exact_power(number: float, exponent: int) -> float | None:
    """number**exponent where a float holds it, else None."""
    if exponent == 1 and math.isfinite(number):
        return number
    if number == 0 or not math.isfinite(number):
        return None
    if exponent < 0:
        if abs(math.frexp(number)[0]) != 0.5:
            return None
        number, exponent = 1 / number, -exponent
    power: float | None = 1.0
    for _ in range(exponent):
        power = None if power is None else exact_product(power, number)
    return power


def exact_product(u: float, v: float) -> float | None:
    """u·v where a float holds it, else None."""
    if u in _UNITS or v in _UNITS:
        return u * v
    product, error = two_product(u, v)
    return product if error == 0 and math.isfinite(product) and (product != 0 or 0 in {u, v}) else None


_UNITS = frozenset({1.0, -1.0})


def product_of_numbers(u: float, v: float, exponent: int = 1) -> float | None:
    """u·v**exponent where a float holds it and each step to it, else None.

    >>> product_of_numbers(3.0, 2.0, -2), product_of_numbers(1.0, 3.0, -1)
    (0.75, None)
    """
    power = v if v == 1.0 else exact_power(v, exponent)
    return None if power is None else exact_product(u, power)


def quotient_of_numbers(u: float, v: float) -> float | None:
    """u/v where a float holds it, else None.

    >>> quotient_of_numbers(6.0, -2.0), quotient_of_numbers(1.0, 3.0)
    (-3.0, None)
    """
    if v in _UNITS:
        return u * v
    if v == 0 or not math.isfinite(u / v):
        return None
    return u / v if exact_product(u / v, v) == u else None
