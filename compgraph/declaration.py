"""Declaring an op: one statement, checked before it enters the table."""

from __future__ import annotations

import keyword
import math
from typing import TYPE_CHECKING, Any

from .arith import FLOAT
from .errors import GraphValueError
from .record import ATOM, REAL, Derivatives, Family, Interval, Kink, Op, is_built_in, register

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .record import Partial

__all__ = ["derivatives", "family", "leaf", "op"]


def op(
    name: str,
    *partials: Partial,
    native: str | None = None,
    body: Callable[..., Any] | None = None,
    definition: Callable[..., Any] | None = None,
    textbook: tuple[Callable[..., Any] | None, ...] = (),
    text: str | None = None,
    latex: str | None = None,
    precedence: int = ATOM,
    needs: tuple[int, ...] = (),
    domain: Interval | list[Interval] = REAL,
    kinks: tuple[Kink, ...] = (),
    monotone: tuple[int, ...] = (0,),
    defaults: tuple[float, ...] = (),
    selects: bool = False,
    guard: Callable[..., None] | None = None,
    commutative: bool = False,
    even: bool = False,
    limits: tuple[float, ...] = (),
    internal: bool = False,
    doc: str | None = None,
) -> Op:
    """Declare an op: one statement, and it works everywhere.

    Args:
        name: Public name, a Python identifier.
        *partials: One function of (output, *arguments) per argument, written with operators and ops, so that floats,
            Nodes and every other number system go through it; a number where the derivative is constant; None where
            it is 0 throughout.
        native: Name of a function that ``math``, ``mpmath``, SymPy and NumPy share.
        body: The value written in other ops, where no library has it.
        definition: The plain formula, where ``body`` is a stabler form of it; used by symbolic systems.
        textbook: The partials as a textbook writes them, where ``partials`` are stabler forms; for display.
        text: Text label with places {0}, {1}, …; ``name({0}, {1})`` if left out.
        latex: LaTeX label.
        precedence: How tightly the label binds: SUM, PRODUCT, POWER or ATOM.
        needs: How tightly each argument must bind to need no brackets.
        domain: Where the op is defined whatever its other arguments are: one Interval for all arguments or a list.
        kinks: Points without a unique derivative and the convention there.
        monotone: +1, -1 or 0; one for all arguments or one for each.
        defaults: Values of the last arguments where a call leaves them out.
        selects: Whether a partial of 0 means "this argument was not taken".
        guard: Called with plain arguments before the value is computed; raises for a wrong call.
        commutative: Whether the order of two arguments makes no difference.
        even: Whether a change of any argument's sign leaves the value as it is.
        limits: Values that it comes near to and never takes at finite arguments, as σ does 0 and 1.
        internal: Whether it is only a building block of other ops' partials.
        doc: Docstring; made from the record if left out.

    Raises:
        GraphValueError: The name is no identifier or belongs to a built-in op, there is no value or no partial, a
            function takes another number of arguments than there are partials, a fact has the wrong length, or a label
            has a place too many.

    >>> from compgraph.record import POWER
    >>> cube = op("cube", lambda y, x: 3*x**2, body=lambda x: x**3, text="{0}³", precedence=POWER, needs=(ATOM,))
    >>> cube(2.0)
    8.0
    """
    fields = {key: value for key, value in locals().items() if key not in {"name", "partials"}}
    fields["kinks"] = (kinks,) if isinstance(kinks, Kink) else kinks
    _check_name(name)
    _check_functions(name, partials, fields)
    _check_facts(name, len(partials), fields)
    return register(Op(name, partials, fields))


def _check_name(name: str) -> None:
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise GraphValueError(f"op name {name!r} is not an identifier; write one such as 'my_op'")
    if is_built_in(name):
        raise GraphValueError(f"op {name!r} is built in; choose another name")


def _check_functions(name: str, partials: tuple[Partial, ...], fields: Mapping[str, Any]) -> None:
    """That there is a value and a partial, and that each function takes as many arguments as there are partials."""
    arity, native = len(partials), fields["native"]
    if not partials:
        raise GraphValueError(f"op {name!r} has no partials; give one function of (output, *arguments) per argument")
    if fields["body"] is None and native is None:
        raise GraphValueError(f"op {name!r} has no value; give native='…' (a function of math) or body=lambda …")
    if fields["body"] is None and FLOAT.find(native) is None:
        raise GraphValueError(f"op {name!r}: math has no function {native!r}; give the value as body=lambda …")
    functions = [("body", fields["body"], arity), ("definition", fields["definition"], arity)]
    functions += [(f"partial {index + 1}", partial, arity + 1) for index, partial in enumerate(partials)]
    functions += [(f"textbook partial {index + 1}", f, arity + 1) for index, f in enumerate(fields["textbook"])]
    for what, function, count in functions:
        if function is None or (isinstance(function, (int, float)) and "partial" in what):
            continue
        if not callable(function):
            raise GraphValueError(f"op {name!r}: its {what} is {function!r}, not a function")
        least, most = _takes(function)
        if not least <= count <= most:
            shape = "(output, *arguments)" if "partial" in what else "the arguments"
            raise GraphValueError(
                f"op {name!r} has {arity} partial{'s' * (arity != 1)}, one per argument, so its {what} is a function "
                f"of {count}, {shape}; it takes {least if least == most else f'{least} to {most}'}"
            )


def _takes(function: Callable[..., Any]) -> tuple[int, float]:
    """The smallest and the largest number of arguments of a function written in Python; of others nothing is known."""
    code = getattr(function, "__code__", None)
    if code is None:
        return 0, math.inf
    bound = getattr(function, "__self__", None) is not None
    most = code.co_argcount - bound
    return most - len(function.__defaults__ or ()), math.inf if code.co_flags & _TAKES_MORE else most


_TAKES_MORE = 0x04  # inspect.CO_VARARGS; inspect itself would cost 10 ms of the package's import


def _check_facts(name: str, arity: int, fields: Mapping[str, Any]) -> None:
    """That what is given for each argument is given for each, and that labels have no place too many."""
    intervals = [fields["domain"]] if isinstance(fields["domain"], Interval) else list(fields["domain"])
    if not all(isinstance(interval, Interval) for interval in intervals):
        raise GraphValueError(f"op {name!r}: its domain is an Interval, or a list with one for each argument")
    lengths = {"textbook": (0, arity), "needs": (0, arity), "monotone": (1, arity), "domain": (1, arity)}
    for fact, allowed in lengths.items():
        count = len(intervals if fact == "domain" else fields[fact])
        if count not in allowed:
            raise GraphValueError(f"op {name!r}: {fact} has {count} entries for {arity} argument{'s' * (arity != 1)}")
    if len(fields["defaults"]) > arity:
        raise GraphValueError(f"op {name!r}: more defaults than arguments ({arity})")
    for label in ("text", "latex"):
        try:
            (fields[label] or "").format(*range(arity))
        except (IndexError, KeyError, ValueError):
            raise GraphValueError(
                f"op {name!r}: {label}={fields[label]!r} has a place that no argument fills; the places are "
                f"{', '.join(f'{{{index}}}' for index in range(arity))}, and a brace itself is {{{{ or }}}}"
            ) from None


def leaf(name: str, doc: str) -> Op:
    """An op without arguments: what the leaves of a graph are made by."""
    defaults = op.__kwdefaults__ or {}
    return register(Op(name, (), {**defaults, "text": name, "latex": name, "doc": doc}))


def family(name: str, partial: Callable[[int], Partial], *, doc: str, **facts: Any) -> Family:
    """Declare an op of any number of arguments: one statement.

    Args:
        name: Public name.
        partial: Function of an argument's position that gives the partial there, a function of (output, *arguments).
        doc: Docstring.
        **facts: As for :func:`op`; functions take any number of arguments. A label, and what it needs, may be given as
            a function of their number.
    """
    defaults = op.__kwdefaults__ or {}

    def make(member: str, arity: int) -> Op:
        partials = tuple(partial(index) for index in range(arity))
        fields = {**defaults, "text": _call_label(name, arity), "latex": _call_latex(name, arity), **facts, "doc": doc}
        fields |= {key: fields[key](arity) for key in ("text", "latex", "needs") if callable(fields[key])}
        _check_functions(member, partials, fields)
        return Op(member, partials, fields)

    return Family(name, make, doc)


def derivatives(
    name: str,
    body: Callable[[int], Callable[[Any], Any]],
    definition: Callable[[int], Callable[[Any], Any]],
    domain: Interval = REAL,
) -> Derivatives:
    """Declare all derivatives of an op of one argument, each made when it is first asked for.

    Args:
        name: The op's name; its n-th derivative is the op ``{name}_derivative_n``, which computes with the kernel of
            that name where there is one.
        body: Function of n that gives the value of the n-th derivative, written with ops.
        definition: As ``body``, the plain formula.
        domain: Where the op is defined.
    """
    defaults = op.__kwdefaults__ or {}

    def make(member: str, order: int) -> Op:
        mark, stroke = ("′" * order, "'" * order) if order < 4 else (f"^({order})", f"^{{{{({order})}}}}")
        escaped = name.replace("_", r"\_")
        fields = {
            "native": member if FLOAT.find(member) else None,
            "body": body(order),
            "definition": definition(order),
            "text": f"{name}{mark}({{0}})",
            "latex": rf"\operatorname{{{{{escaped}}}}}{stroke}\left({{0}}\right)",
            "domain": domain,
            "internal": True,
            "doc": f"Derivative of order {order} of {name}.",
        }
        return Op(member, (lambda _, x: chain.of(order + 1)(x),), {**defaults, **fields})

    chain = Derivatives(f"{name}_derivative", make, f"The derivatives of {name}.")
    return chain


def _call_label(name: str, arity: int) -> str:
    return f"{name}({_places(arity)})"


def _call_latex(name: str, arity: int) -> str:
    escaped = name.replace("_", r"\_")
    return rf"\operatorname{{{{{escaped}}}}}\left({_places(arity)}\right)"


def _places(arity: int) -> str:
    return ", ".join(f"{{{index}}}" for index in range(arity))
