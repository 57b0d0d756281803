"""What an op is: one record with everything that the package knows of it.

An :class:`Op` is called with numbers or with things that record (Node, Dual, pattern variables). Those announce
themselves by a method ``__apply_op__(op, args)``; everything else is computed by the library that owns its type.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from . import ieee
from .arith import FLOAT, library_of, to_float
from .errors import GraphTypeError, UnknownNameError

if TYPE_CHECKING:
    import inspect
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = [
    "ATOM", "POWER", "PRODUCT", "REAL", "SUM", "Derivatives", "Family", "Interval", "Kink", "Op", "all_ops",
    "close_table", "closest", "families", "is_built_in", "op_named", "register", "table",
]  # fmt: skip

# A partial as declared: a function of (output, *arguments), a constant, or None for 0 throughout.
Partial: TypeAlias = "Callable[..., Any] | float | None"

# When a rewrite rule may start at an op.
NEVER, BESIDE_SEEDS, ALWAYS = 0, 1, 2

# How tightly a label binds, for minimal brackets.
SUM, PRODUCT, POWER, ATOM = 1, 3, 5, 7


class Interval(NamedTuple):
    """The numbers of one argument for which an op is defined.

    >>> Interval(0.0, math.inf), 0.0 in Interval(0.0, 1.0), 0.0 in Interval(0.0, 1.0, closed=True)
    ((0, ∞), False, True)
    """

    low: float = -math.inf
    high: float = math.inf
    closed: bool = False

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, (int, float)):
            return False
        return self.low <= value <= self.high if self.closed else self.low < value < self.high

    def __repr__(self) -> str:
        low, high = (str(end).replace("inf", "∞").removesuffix(".0") for end in (self.low, self.high))
        left = "[" if self.closed and self.low > -math.inf else "("
        right = "]" if self.closed and self.high < math.inf else ")"
        return f"{left}{low}, {high}{right}"


REAL = Interval()


class Kink(NamedTuple):
    """Where an op has no unique derivative, and what the package takes for it there.

    Attributes:
        convention: In words, e.g. ``relu′(0) = 0``.
        gap: Function of the op's arguments that is 0 at the kink and changes sign or leaves 0 beside it.
    """

    convention: str
    gap: Callable[..., Any]


class Op:
    """One operation: its value, its partials, its labels and its facts, declared by :func:`op`.

    Calling it records a Node where an argument is a Node, and otherwise computes with the library that owns the
    arguments' type: floats (never raises: IEEE 754), complex, NumPy, mpmath, SymPy.

    Attributes:
        name: The public name.
        arity: Number of arguments.
        parameters: The arguments' names.
        partials: For each argument a function of (output, *arguments), or None where the derivative is 0 throughout.
        slopes: For each argument its partial where that takes no call: a float where it is constant, an int where it is
            the number at that place of (output, *arguments), else None.
        swift: Whether there are two arguments and each partial is a number or one of them.
        selects: A partial of 0 means that the argument was not taken: nothing flows there, not even from inf or nan.
        textbook: The partials as a textbook writes them, for display only.
        text: Label for text, with places {0}, {1}, …
        latex: Label for LaTeX.
        precedence: How tightly the label binds, and
        needs: how tightly each argument must bind to stand in it without brackets.
        domain: For each argument the :class:`Interval` in which the op is defined, whatever the others are.
        kinks: Points without a unique derivative, with the convention for each.
        monotone: For each argument +1 (never falls), -1 (never rises) or 0.
        commutative: Whether the order of its two arguments makes no difference.
        even: Whether a change of any argument's sign leaves the value as it is.
        limits: Values that it comes near to and never takes at finite arguments: a float equal to one is rounded.
        internal: Whether it is a building block of other ops' partials, which no program text names.
        family: The family that the op is the member of for so many arguments; None for others.
        hot: When a rewrite rule may start at this op: NEVER, BESIDE_SEEDS, or ALWAYS.
        seed: Whether some rule about sums or products wants to see this op among the operands.
        attention: When recording has more to do than to record: the larger of the two.
    """

    name: str
    arity: int
    parameters: tuple[str, ...]
    partials: tuple[Callable[..., Any] | None, ...]
    slopes: tuple[Any, ...]
    textbook: tuple[Callable[..., Any] | None, ...]
    on_floats: Callable[..., float]

    def __init__(self, name: str, partials: tuple[Partial, ...], record: Mapping[str, Any]) -> None:
        self.name, self.arity = name, len(partials)
        self.slopes = tuple(_slope(p, self.arity) for p in partials)
        self.swift = self.arity == 2 and all(slope.__class__ is float or slope for slope in self.slopes)
        self.partials = tuple(_constantly(p) if isinstance(p, (int, float)) else p for p in partials)
        self.native: str | None = record["native"]
        self.body: Callable[..., Any] | None = record["body"]
        self.definition: Callable[..., Any] | None = record["definition"] or self.body
        self.parameters = _parameters(partials, self.body)
        self.textbook = record["textbook"] or self.partials
        arguments = ", ".join(f"{{{i}}}" for i in range(self.arity))
        self.text: str = record["text"] or f"{name}({arguments})"
        escaped = name.replace("_", r"\_")
        self.latex: str = record["latex"] or rf"\operatorname{{{{{escaped}}}}}\left({arguments}\right)"
        self.precedence: int = record["precedence"]
        self.needs: tuple[int, ...] = record["needs"] or (SUM,) * self.arity
        domain = record["domain"]
        self.domain: tuple[Interval, ...] = _spread([domain] if isinstance(domain, Interval) else domain, self.arity)
        self.kinks: tuple[Kink, ...] = tuple(record["kinks"])
        self.monotone: tuple[int, ...] = _spread(record["monotone"], self.arity)
        self.defaults: tuple[float, ...] = tuple(map(to_float, record["defaults"]))
        self.selects: bool = record["selects"]
        self.guard: Callable[..., None] | None = record["guard"]
        self.commutative: bool = record["commutative"]
        self.even: bool = record["even"]
        self.limits: tuple[float, ...] = tuple(record["limits"])
        self.internal: bool = record["internal"]
        self.hot, self.seed, self.attention = NEVER, False, ALWAYS  # until it is known what the rules say
        self.family: Family | None = None
        self.on_floats = self._float_function()
        self.__doc__ = record["doc"] or _document(self)
        self.__name__ = self.__qualname__ = name

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """The op at these arguments: recorded where one of them records, computed otherwise."""
        if keywords or len(args) != self.arity:
            args = self._bind(args, keywords)
        for arg in args:
            if arg.__class__ is not float and hasattr(arg, "__apply_op__"):
                result = arg.__apply_op__(self, args)
                if result is not NotImplemented:
                    return result
        if self.guard is not None:
            self.guard(*args)
        library = library_of(args)
        if library is FLOAT:
            return self.on_floats(*self._convert(to_float, args))
        function = library.find(self.native) if self.native else None
        function = function or (self.definition if library.symbolic else self.body)
        if function is None:
            kinds = ", ".join(type(arg).__name__ for arg in args)
            raise GraphTypeError(f"{self.name} has no formula for ({kinds}); use floats, NumPy arrays or Nodes")
        return library.call(function, *self._convert(library.convert, args))

    def partial_on_floats(self, index: int, output: float, args: tuple[float, ...]) -> float:
        """∂op/∂args[index] at floats; IEEE where Python's own operators would raise."""
        function = self.partials[index]
        return 0.0 if function is None else ieee.call(function, output, *args)

    def partial(self, index: int, output: Any, args: Sequence[Any]) -> Any:
        """∂op/∂args[index] in any number system: Nodes, Duals, floats, NumPy arrays, mpmath, SymPy.

        >>> op_named("log").partial(0, -math.inf, (0.0,))
        inf
        """
        function = self.partials[index]
        if function is None:
            return 0.0
        numbers = (output, *args)
        if not any(hasattr(number, "__apply_op__") for number in numbers):
            return library_of(numbers).call(function, *numbers)
        try:
            return function(*numbers)
        except (ArithmeticError, TypeError):  # a plain number among Duals: its own operators raise
            return function(*[ieee.Total(number) if number.__class__ is float else number for number in numbers])

    def watch(self, *, hot: int | None = None, seed: bool | None = None) -> None:
        """Set what rules make of this op: whether they start here, whether they want to see it as an operand."""
        self.hot = self.hot if hot is None else hot
        self.seed = self.seed if seed is None else seed
        self.attention = ALWAYS if self.seed else self.hot

    def __repr__(self) -> str:
        return f"<op {self.name}({', '.join(self.parameters)})>"

    def __reduce__(self) -> tuple[Callable[[str], Op], tuple[str]]:
        return op_named, (self.name,)

    def __copy__(self) -> Op:
        return self

    def __deepcopy__(self, memo: object) -> Op:
        return self

    def _float_function(self) -> Callable[..., float]:
        native = FLOAT.find(self.native) if self.native else None
        if native is not None:
            return native
        body = self.body
        if body is None:
            return lambda *_: math.nan
        return lambda *args: ieee.call(body, *args)

    def _convert(self, convert: Callable[[Any], Any], args: tuple[Any, ...]) -> list[Any]:
        try:
            return [*map(convert, args)]
        except GraphTypeError:
            for parameter, arg in zip(self.parameters, args, strict=True):
                try:
                    convert(arg)
                except GraphTypeError as error:
                    raise GraphTypeError(f"{self.name}, argument {parameter}: {error}") from None
            raise

    def _bind(self, args: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[Any, ...]:
        missing = self.arity - len(args)
        if not keywords and 0 < missing <= len(self.defaults):
            return args + self.defaults[-missing:]
        try:
            bound = self.__signature__.bind(*args, **keywords)
        except TypeError as error:
            raise GraphTypeError(f"{self.name}{self.__signature__}: {error}") from None
        bound.apply_defaults()
        return bound.args

    @property
    def __signature__(self) -> inspect.Signature:
        import inspect

        required = self.arity - len(self.defaults)
        kind, empty = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.empty
        return inspect.Signature(
            [
                inspect.Parameter(name, kind, default=empty if i < required else self.defaults[i - required])
                for i, name in enumerate(self.parameters)
            ]
        )


def _parameters(partials: Sequence[Partial], body: Callable[..., Any] | None) -> tuple[str, ...]:
    """The arguments' names: those of the first partial or of the body that spells them out."""
    arity = len(partials)
    for function, start in [*((partial, 1) for partial in partials), (body, 0)]:
        code = getattr(function, "__code__", None)
        if code is not None and code.co_argcount == arity + start:
            return tuple(code.co_varnames[start : code.co_argcount])
    return {1: ("x",), 2: ("u", "v")}.get(arity) or tuple(f"x{index}" for index in range(1, arity + 1))


class _Place:
    """Stands for a number that a partial may hand on and do nothing else with: not compare it, nor ask its truth."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # what is not compared is not hashed

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Any:
        raise TypeError

    def __eq__(self, other: object) -> bool:
        raise TypeError

    def __bool__(self) -> bool:
        raise TypeError


def _slope(partial: Partial, arity: int) -> float | int | None:
    if isinstance(partial, (int, float)):
        return float(partial)
    places = [_Place() for _ in range(arity + 1)]
    try:
        answer = partial(*places) if partial is not None else None
    except Exception:  # noqa: BLE001  # it computes or branches: with a place it may fail in any way
        return None
    return next((index for index, place in enumerate(places) if place is answer), None)


def _constantly(number: float) -> Callable[..., float]:
    return lambda *_: float(number)


def _spread(values: Sequence[Any], count: int) -> tuple[Any, ...]:
    """One value for all arguments, or one for each."""
    return tuple(values) * count if len(values) == 1 else tuple(values)


def _document(op: Op) -> str:
    arguments = ", ".join(op.parameters)
    lines = [f"{op.name}({arguments}) = {op.text.format(*op.parameters)}", ""]
    lines += [f"Domain of {name}: {interval!r}." for name, interval in zip(op.parameters, op.domain, strict=True)]
    lines += [f"Convention: {kink.convention}." for kink in op.kinks]
    return "\n".join([*lines, "", "Takes Nodes and numbers (float, complex, NumPy, mpmath, SymPy)."])


class Family:
    """An op of any number of arguments: one op for each number, made when it is first asked for.

    Args:
        name: The public name; the op of n arguments is called ``name_n``.
        make: Function of (name, number of arguments) that makes the op.

    >>> from compgraph.stable.exponential import logsumexp
    >>> logsumexp.of(3)
    <op logsumexp_3(x1, x2, x3)>
    """

    def __init__(self, name: str, make: Callable[[str, int], Op], doc: str) -> None:
        self.name, self.__doc__ = name, doc
        self._make = make
        self._ops: dict[int, Op] = {}
        self.seed = False
        _FAMILIES[name] = self

    def of(self, arity: int) -> Op:
        """The family's op of so many arguments."""
        if arity not in self._ops:
            op = self._ops[arity] = self._make(f"{self.name}_{arity}", arity)
            op.family = self
            op.watch(seed=self.seed)
        return self._ops[arity]

    def watch(self, *, seed: bool) -> None:
        """:meth:`Op.watch` for every op of the family."""
        self.seed = seed
        for op in self._ops.values():
            op.watch(seed=seed)

    def __call__(self, *args: Any) -> Any:
        """The op of as many arguments as there are, at these."""
        if not args:
            raise GraphTypeError(f"{self.name} takes at least one argument; give Nodes or numbers")
        return self.of(len(args))(*args)

    def __contains__(self, op: object) -> bool:
        return isinstance(op, Op) and self._ops.get(op.arity) is op

    def __repr__(self) -> str:
        return f"<ops {self.name}(…)>"


class Derivatives(Family):
    """The derivatives of an op of one argument: ``of(n)`` is the n-th, an op whose partial is the next.

    >>> from compgraph.ops import sinc_derivative
    >>> sinc_derivative.of(2), sinc_derivative.of(2)(0.0)
    (<op sinc_derivative_2(x)>, -0.3333333333333333)
    """

    def __contains__(self, op: object) -> bool:
        return op in self._ops.values()


_TABLE: dict[str, Op] = {}
_BUILT_IN: set[str] = set()
_FAMILIES: dict[str, Family] = {}


def register(op: Op) -> Op:
    """Put an op into the table under its name, in place of one that a user declared before."""
    _TABLE[op.name] = op
    return op


def close_table() -> None:
    """Protect the ops declared so far against being declared again."""
    _BUILT_IN.update(_TABLE)


def is_built_in(name: str) -> bool:
    """Whether the op of this name came with the package."""
    return name in _BUILT_IN or _member(name) is not None


def _member(name: str) -> Op | None:
    """The op of a family that has this name: logsumexp_3."""
    stem, _, arity = name.rpartition("_")
    return _FAMILIES[stem].of(int(arity)) if stem in _FAMILIES and arity.isdecimal() and int(arity) > 0 else None


def table() -> Iterator[Op]:
    """Every declared op, in the order of declaration."""
    return iter(tuple(_TABLE.values()))


def all_ops() -> tuple[Op, ...]:
    """Every op that takes arguments and has a use of its own, the user's too, in the order of declaration.

    For parametrized tests, whose ids are then the names: ``@pytest.mark.parametrize("op", cg.all_ops())``.

    >>> [op.name for op in all_ops()][:4]
    ['add', 'sub', 'mul', 'div']
    """
    return tuple(op for op in table() if op.arity and not op.internal)


def families() -> tuple[Family, ...]:
    """Every family of ops that has a use of its own, in the order of declaration.

    >>> [family.name for family in families()]
    ['logsumexp', 'softmax_ratio', 'log_softmax', 'norm']
    """
    return tuple(family for family in _FAMILIES.values() if not family.of(2).internal)


def op_named(name: str) -> Op:
    """The declared op of this name.

    Raises:
        UnknownNameError: There is none; names the closest.

    >>> from compgraph.ops import cos
    >>> op_named("cos") is cos
    True
    """
    try:
        return _TABLE.get(name) or _member(name) or _TABLE[name]
    except KeyError:
        near = closest(name)
        hint = f"; did you mean {near!r}?" if near else "."
        raise UnknownNameError(f"no op is named {name!r}{hint} Declare your own with compgraph.op") from None


def closest(name: str) -> str | None:
    """The name of an op for users that is most like this one; None where none is."""
    import difflib

    near = difflib.get_close_matches(name, [op.name for op in table() if op.arity and not op.internal], 1, 0.5)
    return near[0] if near else None
