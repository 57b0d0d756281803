"""check_op: whether an op does what it declares, in every number system, and what its author is to change."""

from __future__ import annotations

import importlib.util
import math
import string
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..balls import Ball, ball_of, bounds_at, partial_of
from ..codegen.printer import number
from ..enclosed import UNSUITED
from ..enclosure import exact
from ..errors import GraphTypeError
from ..node import Node, as_typed
from ..record import Op
from ..reverse import grad
from .certificates import certify
from .op_points import sample_of
from .slopes import BITS, at_kink, slopes_at, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Point = tuple[float, ...]

__all__ = ["Fault", "OpReport", "check_op"]

_POINTS, _FEW = 24, 6
_CLOSE = 1e-9  # number systems that differ by more do not compute the same thing
_EPSILON = sys.float_info.epsilon
_ANYTHING = (*UNSUITED, AssertionError, LookupError, NameError)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as declared.

    Attributes:
        about: "value", "NumPy", "mpmath", "complex", "enclosure", "partial", "second derivative", "kink", "domain",
            "monotone", "commutative", "even", "textbook", "label" or "default".
        what: What is wrong, with the numbers.
        instead: What the author is to change.
    """

    about: str
    what: str
    instead: str

    def __str__(self) -> str:
        return f"{self.about}: {self.what}. {self.instead}"


@dataclass(frozen=True, slots=True)
class OpReport:
    """What :func:`check_op` found; true where the op is as it is declared.

    Attributes:
        op: The op's name.
        faults: What is not; of each kind the first that was met.
        points: At how many points the op was tried.
    """

    op: str
    faults: tuple[Fault, ...]
    points: int

    def __bool__(self) -> bool:
        return not self.faults

    def __str__(self) -> str:
        if not self.faults:
            return f"{self.op}: as declared, at {self.points} points of its domain."
        return "\n".join([f"{self.op}: {len(self.faults)} to change", *(f"  {fault}" for fault in self.faults)])


def check_op(op: Op, *, points: int = _POINTS) -> OpReport:
    """Try an op over its declared domain: values, partials, second derivatives, kinks, facts and labels.

    Args:
        op: From :func:`compgraph.op`.
        points: At how many points.

    Returns:
        An :class:`OpReport`, true where all is as declared. A fault says what to change.

    Raises:
        GraphTypeError: It is no op.

    >>> from compgraph.declaration import op
    >>> cube = op("cube_of", lambda y, x: 3*x**2, body=lambda x: x**3)
    >>> square = op("square_of", lambda y, x: x, body=lambda x: x*x)
    >>> bool(check_op(cube)), check_op(square).faults[0].about
    (True, 'partial')
    """
    if not isinstance(op, Op) or not op.arity:
        raise GraphTypeError(f"check_op takes an op with arguments, made by compgraph.op, not {op!r}")
    sample = sample_of(op, points)
    first: dict[str, Fault] = {}
    for check in (_labels, _defaults, _values, _systems, _partials, _textbook, _second, _kinks, _facts):
        if check is _second and "partial" in first:
            continue  # a wrong first derivative has a wrong second one
        for fault in check(op, sample):
            first.setdefault(fault.about, fault)
    return OpReport(op.name, tuple(first.values()), len(sample))


def _place(op: Op, args: Sequence[float]) -> str:
    return f"{op.name}({', '.join(number(arg, 17) for arg in args)})"


def _finite(op: Op, sample: Sequence[Point]) -> list[Point]:
    return [args for args in sample if _is_finite(op, args)]


def _is_finite(op: Op, args: Point) -> bool:
    try:
        return math.isfinite(op.on_floats(*args))
    except _ANYTHING:
        return False


# --- labels and defaults -------------------------------------------------------------------------------------------


def _labels(op: Op, _: Sequence[Point]) -> Iterator[Fault]:
    for kind, label in (("text", op.text), ("latex", op.latex)):
        used = {field for _, field, _, _ in string.Formatter().parse(label) if field is not None}
        missing = [f"{{{place}}}" for place in range(op.arity) if str(place) not in used]
        if missing:
            yield Fault("label", f"{kind}={label!r} does not show {', '.join(missing)}", "Give it a place.")
    braces = op.latex.format(*["x"] * op.arity)
    if braces.count("{") != braces.count("}"):
        yield Fault("label", f"latex comes out as {braces!r}, with a brace too many", "Write {{ and }}, in pairs.")


def _defaults(op: Op, _: Sequence[Point]) -> Iterator[Fault]:
    count = len(op.defaults)
    for parameter, interval, default in zip(op.parameters[-count:], op.domain[-count:], op.defaults, strict=False):
        if count and default not in interval:
            what = f"the default {parameter} = {number(default)} is outside its domain {interval!r}"
            yield Fault("default", what, "Widen the domain, or choose another default.")


# --- values in every number system ---------------------------------------------------------------------------------


def _values(op: Op, sample: Sequence[Point]) -> Iterator[Fault]:
    """Floats against enclosures of the plain formula; and whether there is a value where the domain says so."""
    for args in sample:
        try:
            value = op.on_floats(*args)
        except _ANYTHING as error:
            yield Fault("value", f"{_place(op, args)} raises {error!r}", "Write the body for all of the domain.")
            return
        if value != value and (op.arity > 1 or _is_pole(op, *args)):
            continue  # the domain is that of each argument whatever the others are
        if value != value:
            what = f"{_place(op, args)} is nan, inside the declared domain {op.domain[0]!r}"
            yield Fault("domain", what, "Narrow domain=Interval(…) to where the op is defined.")
        try:
            truth = _enclosed(op, args)
        except _ANYTHING as error:
            what = f"{_place(op, args)} cannot be enclosed: {_first_line(error)}"
            yield Fault("enclosure", what, "Write body (or definition) with compgraph's ops, not with those of math.")
            return
        if not _agrees(op, args, value, truth):
            what = f"{_place(op, args)} is {number(value, 17)}, by its definition {number(truth, 17)}"
            yield Fault("value", what, "body and definition are to be the same function; a stable body needs a rule.")
    if op.arity > 1 and not _finite(op, sample):
        yield Fault("domain", "it has no finite value at any point tried", "Narrow domain=[…] to where it is defined.")


def _is_pole(op: Op, at: float) -> bool:
    return all(abs(op.on_floats(math.nextafter(at, end))) > 1e100 for end in (-math.inf, math.inf))


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0][:120] or type(error).__name__


def _enclosed(op: Op, args: Point) -> float:
    """The true value; nan where enclosures do not tell."""
    for bits in BITS:
        with bounds_at(bits) as bounds:
            ball = value_at(op, args, bounds)
            if ball.special is not None:
                return ball.special
            if ball.low is not None and bounds.to_float(ball.low) == bounds.to_float(ball.high):
                return bounds.to_float(ball.low)
    return math.nan


def _agrees(op: Op, args: Point, value: float, truth: float, near: float = _CLOSE) -> bool:
    if truth != truth or value == truth or not math.isfinite(truth):
        return True
    if abs(value - truth) <= near * abs(truth) + 1e-290:
        return True
    moved = [abs(_enclosed(op, (*args[:k], math.nextafter(arg, math.inf), *args[k + 1 :])) - truth)
             for k, arg in enumerate(args)]  # fmt: skip
    return abs(value - truth) <= 16 * max((move for move in moved if math.isfinite(move)), default=0.0)


def _systems(op: Op, sample: Sequence[Point]) -> Iterator[Fault]:
    good = _finite(op, sample)
    for about, compute in (("NumPy", _by_numpy), ("mpmath", _by_mpmath), ("complex", _by_complex)):
        try:
            answers = compute(op, good)
        except GraphTypeError:
            continue  # no formula for such numbers, as the op itself says
        except _ANYTHING as error:
            what = f"it raises on numbers of this kind: {_first_line(error)}"
            yield Fault(about, what, "Write body with compgraph's ops, and where(…) for if.")
            continue
        for args, answer in zip(good, answers, strict=False):
            if not _alike(op, args, answer):
                value = number(op.on_floats(*args), 17)
                what = f"{_place(op, args)} is {number(answer, 17)}, on floats {value}"
                yield Fault(about, what, "Let native and body compute the same function.")
                break


def _alike(op: Op, args: Point, answer: float) -> bool:
    value = op.on_floats(*args)
    return answer != answer or abs(answer - value) <= 1e-6 * (abs(value) + 1e-3) or _agrees(op, args, answer, value)


def _by_numpy(op: Op, sample: Sequence[Point]) -> list[float]:
    if importlib.util.find_spec("numpy") is None or not sample:
        return []
    np = importlib.import_module("numpy")
    answer = op(*[np.array(column) for column in zip(*sample, strict=True)])
    return [float(entry) for entry in np.broadcast_to(answer, (len(sample),))]


def _by_mpmath(op: Op, sample: Sequence[Point]) -> list[float]:
    if importlib.util.find_spec("mpmath") is None:
        return []
    mp = importlib.import_module("mpmath").mp
    with mp.workprec(200):
        return [float(op(*[mp.mpf(arg) for arg in args])) for args in sample]


def _by_complex(op: Op, sample: Sequence[Point]) -> list[float]:
    """The real part; nan, which says nothing, where the op does not continue to complex numbers."""
    answers = [complex(op(*map(complex, args))) for args in sample]
    return [answer.real if answer.imag == 0 else math.nan for answer in answers]


# --- partials ------------------------------------------------------------------------------------------------------


def _partials(op: Op, sample: Sequence[Point]) -> Iterator[Fault]:
    for args in _finite(op, sample):
        for index in range(op.arity):
            parameter = op.parameters[index]
            try:
                op.partial_on_floats(index, op.on_floats(*args), args)
            except _ANYTHING as error:
                what = f"that in {parameter} raises at {_place(op, args)}: {_first_line(error)}"
                yield Fault("partial", what, "A partial is a function of (output, *arguments).")
                continue
            found = certify(op, index, args)
            if found.verdict == "wrong":
                yield Fault("partial", str(found), f"Correct the partial in {parameter}.")
            elif found.verdict == "rounded":
                change = f"The formula of the partial in {parameter} is right; write it without the cancellation."
                yield Fault("partial", f"{found}: floats lose digits", change)


def _textbook(op: Op, sample: Sequence[Point]) -> Iterator[Fault]:
    """What is displayed is the same derivative."""
    for args in _finite(op, sample)[:_FEW]:
        for index, shown in enumerate(op.textbook):
            if shown is op.partials[index] or shown is None or at_kink(op, args):
                continue
            try:
                with bounds_at(BITS[1]) as bounds:
                    numbers = [ball_of(bounds, arg) for arg in args]
                    output = ball_of(bounds, op(*numbers))
                    one, other = ball_of(bounds, shown(output, *numbers)), partial_of(op, index, output, numbers)
                    differ = _differ(one, other)
            except UNSUITED:  # undecided balls, floats only: nothing to compare
                continue
            if differ:
                what = f"that in {op.parameters[index]} is another than the partial at {_place(op, args)}"
                yield Fault("textbook", what, "textbook=… is for display: the same derivative in another form.")


def _differ(one: Ball, other: Ball) -> bool:
    if one.low is None or other.low is None or one.special is not None or other.special is not None:
        return False
    gap, bounds = one - other, one.bounds
    size = max(abs(bounds.to_float(one.high)), abs(bounds.to_float(other.high)))
    return abs(bounds.to_float(gap.low)) > 1e-9 * size and gap.sign() is not None


def _second(op: Op, sample: Sequence[Point]) -> Iterator[Fault]:
    """The derivative of each partial, by the gradient graph, against the slope of the partial's own values."""
    smooth = [args for args in _finite(op, sample) if not at_kink(op, args)][:_FEW]
    for args in smooth:
        for index in range(op.arity):
            if op.partials[index] is None:
                continue
            yield from _bend(op, index, args)


def _bend(op: Op, index: int, args: Point) -> Iterator[Fault]:
    nodes = [Node(arg, f"x{place}") for place, arg in enumerate(args)]
    parameter = op.parameters[index]
    try:
        with as_typed():
            answers = exact(grad(op(*nodes), nodes[index]), nodes, bits=2**11, graph="effective").grad
    except _ANYTHING as error:
        what = f"the partial in {parameter} cannot be recorded: {_first_line(error)}"
        yield Fault("second derivative", what, "Write partials with compgraph's ops, not with those of math.")
        return
    for place, answer in enumerate(answers):
        slope = _slope_of_partial(op, index, place, args)
        if not (isinstance(answer, float) and math.isfinite(answer) and math.isfinite(slope)):
            continue
        if abs(answer - slope) > 1e-8 * max(abs(answer), abs(slope)) + 1e-250:
            what = f"∂²/∂{parameter}∂{op.parameters[place]} at {_place(op, args)} comes out as {number(answer, 12)}"
            change = "Write the partial with its arguments and ops, not with numbers taken out of them."
            yield Fault("second derivative", f"{what}; the partial itself changes by {number(slope, 12)}", change)


def _slope_of_partial(op: Op, index: int, place: int, args: Point) -> float:
    def partial(*numbers: Ball) -> Any:
        return partial_of(op, index, ball_of(numbers[0].bounds, op(*numbers)), numbers)

    for bits in BITS[:3]:
        with bounds_at(bits) as bounds:
            try:
                found = slopes_at(partial, place, args, bounds)
            except _ANYTHING:
                return math.nan
            if found.is_resolved:
                low, high = found.floats()
                return low if low == high and found.where == "smooth" else math.nan
    return math.nan


# --- kinks and facts -----------------------------------------------------------------------------------------------


def _kinks(op: Op, sample: Sequence[Point]) -> Iterator[Fault]:
    for args in _finite(op, sample):
        for kink in op.kinks:
            try:
                kink.gap(*args)
            except _ANYTHING as error:
                what = f"the gap of {kink.convention!r} raises: {_first_line(error)}"
                yield Fault("kink", what, "A gap is a function of the op's arguments, 0 at the kink.")
                return
        if at_kink(op, args) or op.native in {"less", "greater"}:
            continue
        for index in range(op.arity):
            sides = _sides(op, index, args)
            if sides is not None:
                what = f"at {_place(op, args)} the slopes in {op.parameters[index]} are {sides}, and none is declared"
                gap = "x" if op.arity == 1 else ", ".join(op.parameters)
                yield Fault("kink", what, f"Declare kinks=(Kink('the convention', lambda {gap}: …),), 0 there.")


def _sides(op: Op, index: int, args: Point) -> str | None:
    """The slopes of the two sides, in words, where they differ, or the value jumps."""
    try:
        with bounds_at(BITS[1]) as bounds:
            found = slopes_at(op, index, args, bounds)
            if found.where != "kink":
                return None
            low, high = found.floats()
            if found.is_resolved and abs(high - low) > _CLOSE * (abs(low) + abs(high)) > 0.0:
                return f"{number(low)} and {number(high)}"
    except _ANYTHING:
        return None
    beside = [op.on_floats(*args[:index], math.nextafter(args[index], end), *args[index + 1 :])
              for end in (-math.inf, math.inf)]  # fmt: skip
    gap = max(abs(value - op.on_floats(*args)) for value in beside)
    jumps = math.isfinite(gap) and gap > 1e-3 and max(abs(low), abs(high)) < 1.0
    return f"of a jump by {number(gap)}" if jumps else None


def _facts(op: Op, sample: Sequence[Point]) -> Iterator[Fault]:
    good = _finite(op, sample)
    for args in good:
        value = op.on_floats(*args)
        if op.commutative and not _same(value, op.on_floats(*args[::-1])):
            yield Fault("commutative", f"{_place(op, args)} changes with the order of its arguments", "Leave it out.")
        if op.even and any(not _same(value, op.on_floats(*_flipped(args, k))) for k in range(op.arity)):
            yield Fault("even", f"{_place(op, args)} changes with the sign of an argument", "Leave out even=True.")
        for index, direction in enumerate(op.monotone):
            if direction and not at_kink(op, args):
                yield from _direction(op, index, args, direction)


def _direction(op: Op, index: int, args: Point, direction: int) -> Iterator[Fault]:
    found = certify(op, index, args)
    steepest = found.low if direction > 0 else -found.high
    if found.where == "smooth" and steepest < -1e-200:
        does = "falls" if direction > 0 else "rises"
        what = f"declared {direction:+d} in {op.parameters[index]}, but it {does} at {_place(op, args)}"
        yield Fault("monotone", what, f"Write monotone={0 if op.arity == 1 else '…'}, or correct the sign.")


def _flipped(args: Point, place: int) -> Point:
    return (*args[:place], -args[place], *args[place + 1 :])


def _same(one: float, other: float) -> bool:
    return one == other or (one != one and other != other) or abs(one - other) <= 64 * _EPSILON * abs(one)
