"""Node: one scalar in a graph. Recording, values, names, repr.

A node is its op and its ordered arguments. Its value is pulled: computed when read, kept until an input changes.
"""

from __future__ import annotations

from contextlib import _GeneratorContextManager, contextmanager
from contextvars import ContextVar
from functools import cached_property
from typing import TYPE_CHECKING, Any, Never, Self

from .arith import NUMPY_NAMES, to_float
from .errors import GraphTypeError, GraphValueError, MissingValueError
from .ops import CONSTANT, INPUT, Operators, copy, mul
from .record import ALWAYS, Op, is_built_in, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .reverse import Sweep
    from .rewrite import Match, RuleIndex

__all__ = ["Node", "as_typed", "build", "clock", "constant", "match_of"]


class _Clock:
    """The process-wide epoch: it moves on when any input is set, and a value from an earlier epoch is stale."""

    __slots__ = ("now",)

    def __init__(self) -> None:
        self.now = 0


clock = _Clock()


class _LazyIndex:
    """The index of the table of rules, which is loaded when the first op is recorded: importing stays light."""

    @cached_property
    def index(self) -> RuleIndex:
        from .rules import INDEX

        return INDEX

    def find(self, op: Op, args: tuple[Node, ...]) -> Match | None:
        return self.index.find(op, args)

    def load(self) -> None:
        _ = self.index


INDEX = _LazyIndex()

# Whether nodes become their twins as they are recorded, in this thread or task.
_with_twins = ContextVar("_with_twins", default=True)


class Node(Operators):
    """One scalar of a computation graph: an input here, and the result of every operator and op on Nodes.

    Args:
        value: The input's value: bool, int, float, Fraction or a NumPy scalar; left out for an input that gets its
            value later.
        name: What the node is called in repr, diagrams, derivations and files; free text.

    Attributes:
        op: The op that computes this node.
        args: Its arguments, in order; ``x*x`` has x twice.
        typed: What the user wrote, (op, args), where the node is computed by a better-conditioned expression.

    Raises:
        GraphTypeError: The value is not a real number, or the name is not a str.

    >>> w, x = Node(0.5, "w"), Node(3.0, "x")
    >>> z = w*x + 1
    >>> z.value
    2.5
    >>> z.backward()
    >>> w.grad
    3.0
    >>> w.value = 2
    >>> z.value
    7.0
    """

    __slots__ = ("__weakref__", "_grad", "_name", "_stamp", "_sweep", "_value", "args", "op", "typed")

    op: Op
    args: tuple[Node, ...]
    typed: tuple[Op, tuple[Node, ...]] | None
    _value: float | None
    _grad: float | None
    _name: str | None
    _stamp: int
    _sweep: Sweep | None

    def __init__(self, value: Any = None, name: str | None = None) -> None:
        self.op = INPUT
        self.args = ()
        self._value = value if value is None or value.__class__ is float else to_float(value)
        self._grad = self._sweep = self.typed = None
        self._stamp = clock.now
        self._name = None
        if name is not None:
            self.name = name

    # --- values ----------------------------------------------------------------------------------------------------

    @property
    def value(self) -> float:
        """The node's value at the inputs' present values.

        Only inputs can be set; every node above is right on its next read.

        Raises:
            MissingValueError: An input below has no value yet.
            GraphTypeError: Set to something that is not a real number.
            GraphValueError: Set on a node that is computed from others.

        Warns:
            NonFiniteWarning: The value is inf or nan; names the first node where that happened.
        """
        if self.args and self._stamp != clock.now:
            from .graph import refresh

            refresh(self)
        value = self._value
        if value is None:
            raise MissingValueError(f"{_call(self)} has no value yet; write {_attribute(self)}.value = …")
        if value - value != 0.0:
            from .nonfinite import warn_nonfinite

            warn_nonfinite(self)
        return value

    @value.setter
    def value(self, value: Any) -> None:
        if self.op is not INPUT:
            raise GraphValueError(
                f"{_call(self)} is {'a constant' if self.op is CONSTANT else 'computed: ' + repr(self)}; only inputs "
                "are set (Node(value, name) makes one). To put something else in its place use replace(root, {node: …})"
            )
        number = to_float(value)
        if number != self._value or number == 0.0:  # 0.0 == -0.0
            self._value = number
            clock.now += 1
            self._stamp = clock.now

    @property
    def grad(self) -> float | None:
        """∂root/∂self as the last backward pass that reached this node left it; None before the first.

        Of the graph as it was typed: that the root is computed by a twin which looks through this node (log(a) with
        a = σ(z), computed from z) makes no difference. That of an input or of another node that a twin reads is the
        twin's, and the better for it. One that is inf or nan is answered without a warning: ``backward`` warns of those
        that it computes with.

        It may be set, to a number or to None, for those who sum with ``backward(accumulate=True)`` and start over.
        """
        sweep = self._sweep
        if sweep is not None and sweep.bypass is not None:
            sweep.bypass.settle()
        return None if self.op is CONSTANT else self._grad

    @grad.setter
    def grad(self, value: Any) -> None:
        sweep = self._sweep
        if sweep is not None and sweep.bypass is not None:
            sweep.bypass.settle()
        self._grad = None if value is None else to_float(value)

    def backward(self, *, accumulate: bool = False) -> None:
        """Set ``.grad`` = ∂self/∂node on every node below, this one included.

        Args:
            accumulate: Add to the gradients that are there instead of overwriting them: for summing over examples.

        Raises:
            MissingValueError: An input below has no value yet.

        Warns:
            NonFiniteWarning: A value or a gradient is inf or nan.

        >>> x = Node(3.0, "x")
        >>> y = x*x
        >>> y.backward(); y.backward()
        >>> x.grad
        6.0
        """
        from .reverse import backward

        backward(self, accumulate=accumulate)

    # --- names -----------------------------------------------------------------------------------------------------

    @property
    def name(self) -> str | None:
        """What the node is called; None for an unnamed one, which prints as v1, v2, … numbered from the root."""
        return self._name

    @name.setter
    def name(self, name: str | None) -> None:
        if name is not None and not (isinstance(name, str) and name):
            raise GraphTypeError(f"a name is a non-empty str, not {name!r}; Node takes (value, name) in this order")
        if name is not None and not name.isascii() and any("\ud800" <= character <= "\udfff" for character in name):
            raise GraphTypeError(f"the name {name!r} holds half a character (a lone surrogate), which no file can hold")
        self._name = name

    def named(self, name: str) -> Self:
        """Name the node and return it.

        >>> (Node(2.0, "x") * 3).named("z")
        z = x·3 = 6
        """
        self.name = name
        return self

    # --- recording -------------------------------------------------------------------------------------------------

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Any:
        if len(args) == 2:
            u, v = args
            is_plain = u.__class__ is Node and v.__class__ is Node
        else:
            is_plain = len(args) == 1 and args[0].__class__ is Node
        if not is_plain:
            nodes = _as_nodes(op, args)
            if nodes is None:
                return NotImplemented
            args = nodes
        node = _new(Node)
        node.op = op
        node.args = args
        node._value = node._grad = node._name = node._sweep = node.typed = None
        node._stamp = -1
        attention = op.attention
        if attention and (attention == ALWAYS or not is_plain):
            _attend(node)
        return node

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **keywords: Any) -> Any:
        """``np.exp(node)`` and ``np.float64(2) * node`` record like ``exp(node)`` and ``2 * node``."""
        op = _op_of_ufunc(ufunc.__name__)
        if method != "__call__" or keywords or op is None:
            raise GraphTypeError(
                f"numpy.{ufunc.__name__} cannot record on a Node; write it with compgraph's ops, or use node.value"
            )
        operands = [arg if isinstance(arg, Node) else to_float(arg) for arg in args]
        if op.name in {"equal", "not_equal"}:  # as for plain numbers, == is identity; equal(x, y) is the op
            return (operands[0] is operands[1]) is (op.name == "equal")
        return op(*operands)

    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        """``np.where``, ``np.clip`` and their like would take a Node for an object and lose the graph."""
        raise GraphTypeError(
            f"numpy.{function.__name__} cannot record on a Node; write it with compgraph's ops, such as cg.where and "
            "cg.clip, or use node.value"
        )

    # --- what a node is not ----------------------------------------------------------------------------------------

    def __bool__(self) -> bool:
        from .graph import truth

        return truth(self)

    def __float__(self) -> float:
        raise GraphTypeError(
            f"float() or a function of math on {_call(self)} would lose the graph; "
            "use compgraph's ops to record (cg.exp(node)), or node.value for the number"
        )

    __int__ = __float__

    def __iter__(self) -> Any:
        raise GraphTypeError(
            f"{_call(self)} is one scalar and cannot be iterated over; node.args are its arguments, "
            "node.value is its number"
        )

    # --- doors to other modules ------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        from .codegen.printer import summary

        return summary(self)

    def __copy__(self) -> Node:
        from .copying import shallow_copy

        return shallow_copy(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Node:
        from .copying import copy_into

        return copy_into(self, memo)

    def __reduce__(self) -> tuple[Callable[..., Node], tuple[Any, ...]]:
        from .copying import reduce_node

        return reduce_node(self)


class _Seed(Node):
    """A node that some rule wants to see in a sum or a product: only beside one of these is a rule looked for there.

    A class of its own tells them apart at no cost: recording asks for the operands' class anyway.
    """

    __slots__ = ()


def _class_of(node: Node) -> type[Node]:
    """Seeds are the ops that rules about sums and products name, and products with a seed in them."""
    INDEX.load()
    is_seed = node.op.seed or (node.op is mul and any(arg.__class__ is _Seed for arg in node.args))
    return _Seed if is_seed else Node


_new = Node.__new__


def _fill(node: Node, op: Op, args: tuple[Node, ...], value: float | None) -> None:
    node.op, node.args, node._value, node._stamp = op, args, value, -1
    node._grad = node._name = node._sweep = node.typed = None
    node.__class__ = _class_of(node) if args else _Seed if op is CONSTANT else Node


def build(op: Op, args: tuple[Node, ...], value: float | None = None) -> Node:
    """A node of exactly this op and these arguments: no rule is tried, nothing is checked."""
    node = _new(Node)
    _fill(node, op, args, value)
    return node


def _attend(node: Node) -> None:
    """The node becomes its twin where a rule fits: whoever walks the graph needs no case for it."""
    INDEX.load()
    op = node.op
    match = INDEX.find(op, node.args) if op.hot and _with_twins.get() else None
    if not op.hot and not op.seed:
        op.watch()  # an op that no rule knows is not attended to again
    if match is not None:
        twin = match.replacement()
        if not isinstance(twin, Node):
            twin = constant(twin)
        is_new = twin.args and not _is_part(twin, node.args)
        node.typed = (node.op, node.args)
        node.op, node.args = (twin.op, twin.args) if is_new else (copy, (twin,))
    node.__class__ = _class_of(node)


def constant(value: Any) -> Node:
    """A leaf that holds a plain number and is not set again; operators make them from the numbers they meet.

    >>> constant(2).op.name
    'constant'
    """
    return build(CONSTANT, (), to_float(value))


def as_typed(*taken: Never) -> _GeneratorContextManager[None]:
    """Record what is typed inside the block as it is typed, without twins: to show how a naive form fails.

    Of the thread or task that is in the block only: a thread starts with twins. A generator that yields inside the
    block leaves its caller in it until it goes on. A node stays what it was recorded as: leaving the block repairs
    none. Replacing parts of a graph outside records it anew, with twins.

    Raises:
        GraphTypeError: Called with an argument.

    >>> from compgraph.ops import exp, log
    >>> z = Node(40.0, "z")
    >>> with as_typed():
    ...     naive = log(1 + exp(-z))
    >>> naive.value
    0.0
    """
    if taken:
        raise GraphTypeError(
            "as_typed is a context manager and takes nothing: write with as_typed(): …, or @as_typed() above a function"
        )
    return _block_as_typed()


@contextmanager
def _block_as_typed() -> Iterator[None]:
    token = _with_twins.set(False)
    try:
        yield
    finally:
        _with_twins.reset(token)


def match_of(node: Node) -> Match | None:
    """The match by which a node became its twin, found again; None where there is no twin, or the rule is no more.

    >>> match_of(Node(2.0, "x") + 1) is None
    True
    """
    return None if node.typed is None else INDEX.find(*node.typed)


def _is_part(twin: Node, args: Sequence[Node]) -> bool:
    """Whether a twin is a node that was there before, which lies as near as rules look."""
    near = list(args)
    for node in near:  # grows as it is walked
        if node is twin:
            return True
        if len(near) < _FARTHEST:
            near += node.args
    return False


_FARTHEST = 200


def _as_nodes(op: Op, args: Sequence[Any]) -> tuple[Node, ...] | None:
    """The arguments as Nodes; None where one of them records in a way of its own."""
    nodes = []
    for index, arg in enumerate(args):
        if isinstance(arg, Node):
            nodes.append(arg)
        elif hasattr(arg, "__apply_op__"):
            return None
        else:
            if op.guard is not None and index == 0:
                op.guard(*args)
            try:
                nodes.append(constant(arg))
            except GraphTypeError as error:
                raise GraphTypeError(f"{op.name}, argument {op.parameters[index]}: {error}") from None
    return tuple(nodes)


def _op_of_ufunc(name: str) -> Op | None:
    """The built-in op that is this function of NumPy's; a user's op of the same name may be another function."""
    return next((op for op in table() if is_built_in(op.name) and NUMPY_NAMES.get(op.name, op.name) == name), None)


def _call(node: Node) -> str:
    """How an error message speaks of a node."""
    return f"node {node.name!r}" if node.name else f"this {node.op.name} node"


def _attribute(node: Node) -> str:
    return node.name if node.name and node.name.isidentifier() else "node"
