"""Balls as a number system: what one is, how ops are applied to it."""

from __future__ import annotations

import math
from numbers import Rational
from typing import TYPE_CHECKING, Any

from .. import ieee
from ..arith import to_float
from ..errors import GraphTypeError
from ..ops import Operators

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..record import Op
    from .directed import Bounds, Ends

__all__ = [
    "FUNCTIONS", "LARGEST_EXPONENT", "Ball", "UndecidedError", "ball_of", "between", "by_ieee", "from_ends", "hull",
    "is_nan", "partial_of", "special_ball", "stand_in", "unknown",
]  # fmt: skip

# The native ops for balls, by name; others are computed by their definition.
FUNCTIONS: dict[str, Callable[..., Ball]] = {}

# Beyond 2**2048 (or 2**bits, if less) exp and its like are not computed: the answer is huge, or tiny, and that is all.
LARGEST_EXPONENT = 2048

# These may answer although an argument is nan or unknown.
_SELECTIVE = frozenset({"where", "contribution", "pow", "less", "less_equal", "greater", "greater_equal", "equal",
                        "not_equal"})  # fmt: skip


class UndecidedError(Exception):
    """A body asked a ball for a truth that its ends do not settle."""


class Ball(Operators):
    """A real number between two ends, or an exactly known zero, infinity or nan of IEEE 754, or unknown.

    Attributes:
        bounds: The arithmetic of its ends.
        low: The lower end, a point; the same object as ``high`` where the number is exact; None for nan and unknown.
        high: The upper end. An infinite end of a number that is no ``special`` only says that it is finite.
        special: 0.0, −0.0, ±inf or nan, where it is exactly that; else None.
    """

    __slots__ = ("bounds", "high", "low", "special")

    def __init__(self, bounds: Bounds, low: Any, high: Any, special: float | None = None) -> None:
        self.bounds, self.low, self.high, self.special = bounds, low, high, special

    @property
    def is_unknown(self) -> bool:
        """Whether nothing is known of it, not even that it is a number."""
        return self.low is None and self.special is None

    @property
    def is_exact(self) -> bool:
        """Whether the number is known exactly."""
        return self.special is not None or (self.low is not None and self.low is self.high)

    def sign(self) -> int | None:
        """+1, 0 or −1, where all of the ball agrees; else None."""
        if self.low is None:
            return None
        zero = self.bounds.zero
        return +1 if self.low > zero else -1 if self.high < zero else 0 if self.special == 0 else None

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Any:
        if any(hasattr(arg, "__apply_op__") and not isinstance(arg, Ball) for arg in args):
            return NotImplemented
        return _apply(op, [ball_of(self.bounds, arg) for arg in args])

    def __bool__(self) -> bool:
        if self.special is not None:
            return bool(self.special)
        if self.sign() is None:
            raise UndecidedError
        return True

    def __float__(self) -> float:
        raise GraphTypeError("an enclosure needs the op's body or definition written in ops, not in functions of math")

    def __repr__(self) -> str:
        return f"Ball({self.low}, {self.high}, {self.special})"


def ball_of(bounds: Bounds, number: Any) -> Ball:
    """A ball of exactly this number: a float, an int or a Fraction (or the ball itself)."""
    if isinstance(number, Ball):
        return number
    if isinstance(number, Rational) and number.denominator != 1:
        top, bottom = (ball_of(bounds, part) for part in (number.numerator, number.denominator))
        return FUNCTIONS["div"](top, bottom)
    value: Any = number.numerator if isinstance(number, Rational) else to_float(number)
    if not value or (isinstance(value, float) and not math.isfinite(value)):
        return special_ball(bounds, float(value))
    point = bounds.point(value)
    return Ball(bounds, point, point)


def partial_of(op: Op, index: int, output: Ball, args: Sequence[Ball]) -> Ball:
    """∂op/∂args[index] as a ball."""
    try:
        return ball_of(output.bounds, op.partial(index, output, args))
    except UndecidedError:
        return unknown(output.bounds)


# --- making balls --------------------------------------------------------------------------------------------------


def unknown(bounds: Bounds) -> Ball:
    """A ball of which nothing is known."""
    return Ball(bounds, None, None)


def special_ball(bounds: Bounds, value: float) -> Ball:
    """Exactly 0.0, −0.0, ±inf or nan."""
    if value != value:
        return Ball(bounds, None, None, value)
    end = bounds.zero if value == 0 else bounds.inf if value > 0 else bounds.negative(bounds.inf)
    return Ball(bounds, end, end, value)


def between(bounds: Bounds, low: Any, high: Any) -> Ball:
    """From low to high; exact where both are the same object."""
    exact = low is high
    return Ball(bounds, low, high, 0.0 if exact and low == bounds.zero else None)


def from_ends(bounds: Bounds, first: Ends, last: Ends) -> Ball:
    """From what was found at the lower and at the upper end; unknown where nothing was."""
    return unknown(bounds) if first is None or last is None else between(bounds, first[0], last[1])


def hull(u: Ball, v: Ball) -> Ball:
    """Everything of both."""
    if u.low is None or v.low is None or u.special or v.special:
        alike = u.special is not None and u.special == v.special
        return u if alike else unknown(u.bounds)
    low, high = min(u.low, v.low), max(u.high, v.high)
    return u if low is high else between(u.bounds, low, high)


def by_ieee(name: str, *args: float | None, bounds: Bounds) -> Ball:
    """A function of exactly known zeros and infinities, and of floats that stand for a ball's sign; None for none."""
    if None in args:
        return unknown(bounds)
    return ball_of(bounds, ieee.FUNCTIONS[name](*args))


def stand_in(x: Ball) -> float | None:
    """The special number that the ball is, or a number of its sign; None where the sign is open."""
    known = x.sign()
    return x.special if x.special is not None else None if known is None else float(known)


def is_nan(x: Ball) -> bool:
    """Whether the ball is exactly nan."""
    return x.special is not None and x.special != x.special


# --- applying ops --------------------------------------------------------------------------------------------------


def _apply(op: Op, args: list[Ball]) -> Ball:
    function = FUNCTIONS.get(op.native or "")
    if function is None:
        return _formula(op, args)
    if op.native not in _SELECTIVE:
        for arg in args:
            if arg.low is None:
                return arg
    return function(*args)


def _formula(op: Op, args: list[Ball]) -> Ball:
    """By the definition; where that is nan or infinite by the body, which knows removable points and conventions."""
    answer = None
    for form in dict.fromkeys((op.definition, op.body)):
        if form is None:
            continue
        try:
            answer = ball_of(args[0].bounds, form(*args))
        except UndecidedError:
            answer = unknown(args[0].bounds)
        if answer.special is None or math.isfinite(answer.special):
            return answer
    if answer is None:
        raise GraphTypeError(f"{op.name} has no formula for enclosures; declare it with body=… written in ops")
    return answer
