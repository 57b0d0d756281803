"""The model of a derivation: its steps as plain data. Knows neither nodes nor a format.

A formula is a tree of :data:`~compgraph.codegen.formulas.Term`; a step is one line of the lecture: name = symbol =
substitution = number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..codegen.formulas import Term

__all__ = ["Backward", "Flow", "Forward", "Line", "Path", "Paths", "Step", "Total", "Twin"]


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
        expanded: The chain rule with the gradients above written out, (−y/a + (1 − y)/(1 − a))·a·(1 − a); where that is
            what the closed form is shorter than; else None.
        cancelled: The same multiplied out, and each product cancelled, −y·(1 − a) + (1 − y)·a; where that is a step
            between the two; else None.
    """

    name: str
    chain: Term | None
    symbol: Term | None
    closed: Term | None
    substitution: Term | None
    number: float | None
    notes: tuple[str, ...] = ()
    computed: Term | None = None
    expanded: Term | None = None
    cancelled: Term | None = None

    @property
    def formulas(self) -> tuple[Term, ...]:
        """The formulas, in the order in which a reader follows them; what is written out stands for the symbols."""
        written = (self.symbol, None) if self.expanded is None else (self.expanded, self.cancelled)
        return tuple(term for term in (self.chain, *written, self.closed) if term is not None)


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


@dataclass(frozen=True, slots=True)
class Path:
    """One way on which a node moves the root: the product of the local derivatives along it.

    Attributes:
        nodes: The names on the way, from the node up to the root.
        chain: ∂L/∂a·∂a/∂z·∂z/∂w1; of a very long way how many factors there are.
        symbol: The same with local derivatives written out; None for what is too large to be written out.
        substitution: The product of their numbers; None where there are none, or where they do not bear the product.
        product: The number of the product; None where an input has no value, or where it is not finite.
    """

    nodes: tuple[str, ...]
    chain: Term
    symbol: Term | None
    substitution: Term | None
    product: float | None


@dataclass(frozen=True, slots=True)
class Paths:
    """The ways from one node to the root. Their products add up to the gradient.

    Attributes:
        of: The node, and
        root: the root, by their names.
        shown: The first ways, in the order in which the root's formula reads them.
        count: How many there are; a graph of n nodes may have 2ⁿ.
        rest: What those not shown come to together; None where none is left out, or where it is not known.
        total: The products as a sum, the rest its last term; None for one path, or where they do not add up.
        number: The gradient that the engine computed; None where an input has no value.
        computed: What the engine computed where the products do not add up to the number in floats; else None.
    """

    of: str
    root: str
    shown: tuple[Path, ...]
    count: int
    rest: float | None
    total: Term | None
    number: float | None
    computed: Term | None = None


Line = Forward | Backward | Flow | Total
Step = Line | Twin | Path
