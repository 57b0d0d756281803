"""What a graph computes, as a program: a list of entries, each a leaf or an op of earlier entries.

Made from a graph by :func:`make_program`, and from a function written with ops (an op's body, a partial) by
:func:`record_program`. Common subexpressions are one entry, and nothing is there that no output needs. It says nothing
about any language: back ends print it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Never, TypeAlias

from ..arith import to_float
from ..errors import GraphTypeError
from ..graph import order
from ..ops import CONSTANT, INPUT, Operators, add

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from ..node import Node
    from ..record import Op

__all__ = ["Apply", "Leaf", "Program", "make_program", "record_program"]


class Leaf(NamedTuple):
    """An entry that is given: an input or a constant.

    Attributes:
        value: Its number; None for an input that has none yet.
        is_input: Whether it can be set.
    """

    value: float | None
    is_input: bool = False


class Apply(NamedTuple):
    """An entry that is computed: an op at the values of earlier entries."""

    op: Op
    args: tuple[int, ...]


Entry: TypeAlias = Leaf | Apply


@dataclass(frozen=True)
class Program:
    """Straight-line code: every entry is assigned once, after all that it reads.

    Attributes:
        entries: The leaves and the ops, in an order in which they can be computed.
        outputs: The places of the entries that were asked for.
        place_of: For every node of the graph the place of the entry that computes it.
    """

    entries: tuple[Entry, ...]
    outputs: tuple[int, ...]
    place_of: Mapping[Node, int] = field(default_factory=dict, compare=False, repr=False)

    @property
    def ops(self) -> tuple[Op, ...]:
        """The ops that are applied, each once, in the order of their first use."""
        return tuple(dict.fromkeys(entry.op for entry in self.entries if isinstance(entry, Apply)))

    def __str__(self) -> str:
        """One entry a line.

        >>> print(record_program(lambda u, v: u * v + 2 * (u * v), 2))
        0: input
        1: input
        2: mul(0, 1)
        3: 2.0
        4: mul(3, 2)
        5: add(2, 4) *
        """
        lines = []
        for place, entry in enumerate(self.entries):
            if isinstance(entry, Apply):
                shown = f"{entry.op.name}({', '.join(map(str, entry.args))})"
            else:
                shown = "input" if entry.is_input else repr(entry.value)
            lines.append(f"{place}: {shown}{' *' * (place in self.outputs)}")
        return "\n".join(lines)


class _Writer:
    """Entries so far; one that is there already is found again."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._places: dict[Any, int] = {}

    def input(self, value: float | None = None) -> int:
        """A new entry in any case: two inputs of one value are two inputs."""
        return self._append(Leaf(value, is_input=True))

    def constant(self, value: float | None) -> int:
        """Told apart by their digits: 0.0 is not -0.0, and nan is nan."""
        return self._shared(repr(value), Leaf(value))

    def apply(self, op: Op, args: tuple[int, ...], *, apart: bool = False) -> int:
        entry = Apply(op, args)
        if apart:
            return self._append(entry)
        return self._shared((op, tuple(sorted(args)) if op.commutative else args), entry)

    def _shared(self, key: Any, entry: Entry) -> int:
        if key not in self._places:
            self._places[key] = self._append(entry)
        return self._places[key]

    def _append(self, entry: Entry) -> int:
        self.entries.append(entry)
        return len(self.entries) - 1


def make_program(outputs: Sequence[Node], *, apart: Collection[Node] = ()) -> Program:
    """The program of the graph below some nodes: of what computes them, not of what was typed.

    Args:
        outputs: The nodes to compute.
        apart: Nodes that keep an entry of their own although others compute the same. Where what flows back to an
            entry is to be that node's gradient: of a shared entry it is the sum over all nodes that share it.

    Raises:
        GraphTypeError: An output is not a Node.

    >>> from compgraph import Node, exp
    >>> x = Node(2.0, "x")
    >>> print(make_program([exp(x * 3) + exp(3 * x)]))
    0: input
    1: 3.0
    2: mul(0, 1)
    3: exp(2)
    4: add(3, 3) *
    """
    writer = _Writer()
    place_of: dict[Node, int] = {}
    lonely = set(apart)
    for node in order(*outputs):
        if node.op is INPUT:
            place_of[node] = writer.input(node._value)
        elif node.op is CONSTANT:
            place_of[node] = writer.constant(node._value)
        else:
            args = tuple(place_of[arg] for arg in node.args)
            place_of[node] = writer.apply(node.op, args, apart=node in lonely)
    return Program(tuple(writer.entries), tuple(place_of[node] for node in outputs), place_of)


# --- functions written with ops ------------------------------------------------------------------------------------


class _Symbol(Operators):
    """Stands for a number that is not known: operators and ops on it are written down, anything else raises."""

    __slots__ = ("place", "writer")
    __hash__ = None  # type: ignore[assignment]  # what cannot be compared is not hashed

    def __init__(self, writer: _Writer, place: int) -> None:
        self.writer, self.place = writer, place

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Any:
        return _Symbol(self.writer, self.writer.apply(op, tuple(_place(self.writer, arg) for arg in args)))

    def __radd__(self, other: Any) -> Any:
        return self.__apply_op__(add, (other, self))  # as floats do it: 0 + -0.0 is 0.0

    def __eq__(self, other: object) -> Never:
        raise GraphTypeError("== on a number that is not known yet: write equal(x, y), which is recorded")

    def __bool__(self) -> Never:
        raise GraphTypeError("`if` on a number that is not known yet: write where(condition, x, y), which is recorded")


def _place(writer: _Writer, number: Any) -> int:
    return number.place if isinstance(number, _Symbol) else writer.constant(to_float(number))


def record_program(function: Callable[..., Any], arity: int) -> Program:
    """The program of a function written with operators and ops; its first entries are the arguments.

    Raises:
        GraphTypeError: The function does something else with its arguments, such as branch on them.
        Exception: Whatever else the function raises.

    >>> from compgraph.ops import exp
    >>> print(record_program(lambda y, x: y / exp(x), 2))
    0: input
    1: input
    2: exp(1)
    3: div(0, 2) *
    """
    writer = _Writer()
    symbols = [_Symbol(writer, writer.input()) for _ in range(arity)]
    output = _place(writer, function(*symbols))
    return _needed(Program(tuple(writer.entries), (output,)), arity)


def _needed(program: Program, arity: int) -> Program:
    """Without the entries that no output reads; the arguments stay."""
    (output,) = program.outputs
    needed = {*range(arity), output}
    for place in range(len(program.entries) - 1, -1, -1):
        entry = program.entries[place]
        if place in needed and isinstance(entry, Apply):
            needed.update(entry.args)
    new = {place: index for index, place in enumerate(sorted(needed))}
    entries = [program.entries[place] for place in new]
    moved = (e._replace(args=tuple(new[arg] for arg in e.args)) if isinstance(e, Apply) else e for e in entries)
    return Program(tuple(moved), (new[output],))
