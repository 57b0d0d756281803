"""The model of a derivation: formulas and steps as plain data. Knows neither nodes nor a format.

A formula is a tree of :data:`Term`; a step is one line of the lecture: name = symbol = substitution = number.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "Adjoint", "Apply", "Backward", "Cut", "Flow", "Forward", "Letter", "Line", "Number", "Slope", "Step", "Term",
    "Total", "Twin",
]  # fmt: skip


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
    """What is left out of a formula that is too long to read.

    Attributes:
        count: How many, and
        what: of what: "operations" instead of a whole formula, "more" at the end of a sum.
    """

    count: int
    what: str


@dataclass(frozen=True, slots=True)
class Apply:
    """An op, by its name in the table, on its arguments."""

    op: str
    args: tuple[Term, ...]


Term = Letter | Adjoint | Slope | Number | Cut | Apply


@dataclass(frozen=True, slots=True)
class Forward:
    """The value of one box: ``z = w·x + b = 2·3 + 1 = 7``.

    Attributes:
        name: What the node is called.
        symbol: Its formula as typed; None for an input.
        substitution: The formula with numbers; None where an input has no value, or where it would add nothing.
        number: The value; None where an input below has none.
    """

    name: str
    symbol: Term | None
    substitution: Term | None
    number: float | None


@dataclass(frozen=True, slots=True)
class Backward:
    """The gradient of one box: ``dz = da·∂a/∂z = da·a·(1 − a) = a − y = 0.43 − 1 = −0.57``.

    Attributes:
        name: The node whose gradient this is.
        chain: The chain rule with local derivatives as ∂a/∂z; None where the next part says as much.
        symbol: The chain rule with local derivatives written out, summed over all boxes that read the node; None for a
            formula that is too large to be written out.
        closed: A shorter form, proved equal to the chain rule; None where none is known.
        substitution: The last formula with numbers; None where there are none, or where floats do not bear it out.
        number: What the engine computed; None where an input has no value.
        notes: Conventions for kinks and ties that are active at this point.
        computed: What the engine computed where the formulas above would not give the number in floats; else None.
    """

    name: str
    chain: Term | None
    symbol: Term | None
    closed: Term | None
    substitution: Term | None
    number: float | None
    notes: tuple[str, ...] = ()
    computed: Term | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """One event of the sweep, what one argument of one operation receives: ``dx += dv1·∂v1/∂x = dv1·w = 1·3 = 3``.

    Attributes:
        name: The node that receives.
        chain: upstream·∂node/∂argument; None where the next part says as much, or where an operation reads the
            argument twice.
        symbol: upstream·partial, written out.
        substitution: The same with numbers, as for :class:`Backward`.
        number: The contribution that the engine computed.
        notes: Conventions for kinks and ties that are active at this point.
    """

    name: str
    chain: Term | None
    symbol: Term
    substitution: Term | None
    number: float | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of what a node received from several places: ``dx = 3 + 3 = 6``.

    Attributes:
        name: The node.
        parts: The contributions, in the order in which they came; only the first of very many.
        omitted: How many more there are.
        number: The gradient that the engine computed.
    """

    name: str
    parts: tuple[float, ...]
    omitted: int
    number: float


@dataclass(frozen=True, slots=True)
class Twin:
    """What computes an expression instead of what was typed: ``log(a) as log_sigmoid(z) = −4e−18, not 0: why``.

    Attributes:
        name: What the node is called; None where it has no name.
        symbol: Its formula as typed.
        computed: What computes it.
        number: Its value.
        naive: What the typed formula would give.
        why: What that would lose, in words; empty where the rule is not known here.
    """

    name: str | None
    symbol: Term
    computed: Term
    number: float
    naive: float
    why: str


Line = Forward | Backward | Flow | Total
Step = Line | Twin
