"""What rules are made of: patterns, ops applied to variables, and the two sides with their reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .ops import CONSTANT, INPUT, Operators

if TYPE_CHECKING:
    from collections.abc import Callable

    from .record import Family, Op

__all__ = ["Expression", "Factor", "FunctionRule", "Pattern", "Rule", "Variable", "as_pattern"]


class Expression(Operators):
    """What stands in a pattern; operators and ops build larger patterns from it."""

    __slots__ = ()

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Pattern:
        return Pattern(op, tuple(arg if isinstance(arg, Expression) else as_pattern(arg) for arg in args))


class Variable(Expression):
    """Stands for any expression; for the same one wherever it occurs in a pattern.

    >>> x = Variable("x")
    >>> x + x
    add(x, x)
    """

    __slots__ = ("name",)
    op, args = INPUT, ()

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


class Factor(Variable):
    """A variable that a product may lack; then it is 1."""

    __slots__ = ()


class Pattern(Expression):
    """An op applied to variables, numbers and other patterns; a number by itself is the op ``constant``."""

    __slots__ = ("_value", "args", "op")

    def __init__(self, op: Op, args: tuple[Any, ...], value: float | None = None) -> None:
        self.op, self.args, self._value = op, args, value

    def __repr__(self) -> str:
        return repr(self._value) if self.op is CONSTANT else f"{self.op.name}({', '.join(map(repr, self.args))})"


def as_pattern(number: Any) -> Pattern:
    """A plain number as a pattern."""
    return Pattern(CONSTANT, (), float(number))


class Rule(NamedTuple):
    """One line of data: an expression, one that has the same value and loses fewer digits, and why.

    Attributes:
        left: What is typed, in any spelling of its sums and products.
        right: What it is computed by; reads the variables of ``left`` only.
        where: Where the two are equal, in words.
        why: What the typed form would lose, in words.
    """

    left: Pattern
    right: Any
    where: str
    why: str


class FunctionRule(NamedTuple):
    """A rule with a side condition, or about any number of arguments: what no single pattern can say.

    Nothing is bound to letters, so the reason is worded without them.

    Attributes:
        left: What is typed, in words and letters.
        right: What it is computed by, in words and letters.
        where: Where the two are equal, in words.
        why: What the typed form would lose, in words, without letters.
        ops: The ops at which it may start.
        build: Function of (op, arguments) that answers the better expression, or None where the rule does not fit.
        heads: The ops of which one must be among the operands for the rule to be tried; any operand will do if empty.
        examples: Functions of letters that type an expression which the rule fits.
    """

    left: str
    right: str
    where: str
    why: str
    ops: tuple[Op, ...]
    build: Callable[[Op, tuple[Any, ...]], Any]
    heads: tuple[Op | Family, ...] = ()
    examples: tuple[Callable[..., Any], ...] = ()
