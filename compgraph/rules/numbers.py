"""Rules about numbers that undo one another: 2·(x/2) is x, (x + 1) − 1 is x. They meet what other rules leave."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..ops import CONSTANT, add, div, mul, neg, sub
from ..rewrite import FunctionRule
from ..spelling import Monomial, build_sum, monomial, monomial_of, number_of, scaled, terms_of

if TYPE_CHECKING:
    from ..record import Op

__all__ = ["RULES"]


def _undone(op: Op, args: tuple[Any, ...]) -> Any:
    """The other factor of a product of two numbers, 1 or −1 together, with it."""
    outer = [arg for arg in args if arg.op is CONSTANT and abs(arg._value) != 1.0]
    bare = [arg.args[0] if arg.op is neg else arg for arg in args]
    inner = [arg for arg in bare if arg.op in {mul, div} and any(factor.op is CONSTANT for factor in arg.args)]
    if len(outer) != 1 or len(inner) != 1:
        return None
    others = [factor for factor in inner[0].args if factor.op is not CONSTANT]
    whole, own = monomial_of(op, args), monomial(others[0]) if others else None
    if own is None or own.factors != whole.factors or abs(own.coefficient) != abs(whole.coefficient):
        return None
    return scaled(whole.coefficient / own.coefficient, others[0])


def _negated(op: Op, args: tuple[Any, ...]) -> Any:
    for number, other in (args, args[::-1]) if op is mul else (args[::-1],):
        if number.op is CONSTANT and number._value == -1.0 and other.op is not CONSTANT:
            return neg(other)
    return None


def _added_up(op: Op, args: tuple[Any, ...]) -> Any:
    """The sum with one number, or none, where it was typed with two."""
    if not any(number_of(arg) is not None for arg in args):
        return None
    parts = terms_of(op, args)
    numbers = [part.coefficient for part in parts if not part.factors]
    total = math.fsum(numbers)
    if len(numbers) < 2 or len(numbers) == len(parts) or math.fsum([*numbers, -total]) != 0:
        return None
    rest = [part for part in parts if part.factors]
    return build_sum([*rest, Monomial(total, ())] if total else rest)


RULES = (
    FunctionRule("c·(x/c)", "x", "for all real numbers", "the product may leave the range of floats", (mul, div),
                 _undone, heads=(CONSTANT,), examples=(lambda x: 2.0 * (0.5 * x), lambda x: (x * -4.0) / 4.0)),
    FunctionRule("(−1)·x", "−x", "for all real numbers", "other rules look for a sign, not for a factor of −1",
                 (mul, div), _negated, heads=(CONSTANT,), examples=(lambda x: -1.0 * x, lambda x: x / -1.0)),
    FunctionRule("(x + c) − k", "x + (c − k)", "where c − k is a float", "the first sum rounds away digits that stay",
                 (add, sub), _added_up, heads=(CONSTANT,),
                 examples=(lambda x: (x + 3.0) - 3.0, lambda x: 2.0 - (x + 0.5))),
)  # fmt: skip
