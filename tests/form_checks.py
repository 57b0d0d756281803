"""Whether what people type is right: the truth of a form at a point, and the numbers that an engine gets there.

The truth knows nothing of compgraph: forms are evaluated in mpmath, derivatives are difference quotients at up to
thousands of digits. "Right" is within 16 ulp·(1 + condition number), for derivatives with theirs.
"""

from __future__ import annotations

import itertools
import math
import sys
import warnings
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from mpmath import mp

import compgraph as cg
from compgraph.errors import NonFiniteWarning
from compgraph.graph import peek

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.forms import Block, Form

    Point = tuple[float, ...]
    Wrt = tuple[int, ...]
    Answers = Iterable[tuple[str, Wrt, float]]
    Engine = Callable[[Form], Callable[[Point], Answers]]

ULPS = 16.0
ORDERS = ("value", "first", "second")


# --- truth ---------------------------------------------------------------------------------------------------------


def _real(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that leaves the real numbers leaves nan, for good."""

    def real(*args: Any) -> Any:
        if any(isinstance(arg, mp.mpc) for arg in args):
            return mp.nan
        value = function(*args)
        return mp.nan if isinstance(value, mp.mpc) else value

    return real


def _far_erf(x: Any) -> Any:
    return mp.erf(x) if abs(x) < 1e4 else mp.sign(x)


def _far_erfc(x: Any) -> Any:
    return mp.erfc(x) if abs(x) < 1e4 else 1 - mp.sign(x)


_NAMES = "exp expm1 log log1p sqrt sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh hypot"
MPMATH: dict[str, Callable[..., Any]] = {
    **{name: _real(getattr(mp, name)) for name in _NAMES.split()},
    "abs": _real(abs),
    "cbrt": _real(lambda x: mp.sign(x) * mp.root(abs(x), 3)),
    "erf": _real(_far_erf),
    "erfc": _real(_far_erfc),
    "log_sigmoid": _real(lambda x: -mp.log(1 + mp.exp(-x))),
    "logaddexp": _real(lambda u, v: mp.log(mp.exp(u) + mp.exp(v))),
    "maximum": _real(max),
    "minimum": _real(min),
    "relu": _real(lambda x: max(x, mp.mpf(0))),
    "sigmoid": _real(lambda x: 1 / (1 + mp.exp(-x))),
    "silu": _real(lambda x: x / (1 + mp.exp(-x))),
    "softplus": _real(lambda x: mp.log(1 + mp.exp(x))),
    "where": _real(lambda condition, u, v: u if condition else v),
}

_TINY = mp.mpf(10) ** -326
_LEVELS = (60, 120, 360, 1080, 2400, 4800)


class Truth(NamedTuple):
    """A number that a form has at a point, and Σ|input·∂number/∂input|: what it moves by when the inputs do."""

    number: Any
    movement: Any

    def error(self, got: float) -> float:
        """How far off a computed number is, in units of "right"; beyond the range of floats ±inf is right."""
        if got == float(self.number):
            return 0.0
        if math.isnan(got):
            return math.inf
        with mp.workdps(40):
            true = abs(_clamp(self.number))
            ulp = mp.mpf(math.ulp(min(float(true), sys.float_info.max)))
            moved = ulp * self.movement / true if true > sys.float_info.min else sys.float_info.epsilon * self.movement
            return float(abs(_clamp(got) - _clamp(self.number)) / (ULPS * (ulp + moved)))


def _clamp(value: Any) -> Any:
    return max(min(mp.mpf(value), mp.mpf(2) ** 1024), -(mp.mpf(2) ** 1024))


TRUTHS: dict[tuple[str, Point], dict[Wrt, Truth]] = {}


def truths(block: Block, point: Point) -> dict[Wrt, Truth]:
    """The value () of a block's function, its gradient (i,) and second derivatives (i, j), i ≤ j, where they exist.

    A removable point has its limits. What has no finite true number, or none that settles, is left out.
    """
    key = block.texts[0], point
    if key not in TRUTHS:
        TRUTHS[key] = _truths(_mpmath_function(block), point)
    return TRUTHS[key]


@cache
def _mpmath_function(block: Block) -> Callable[..., Any]:
    from tests.forms import Form

    return Form(block, block.texts[0]).function(MPMATH)


def _truths(function: Callable[..., Any], point: Point) -> dict[Wrt, Truth]:
    count = len(point)
    wanted = [wrt for order in range(4) for wrt in itertools.combinations_with_replacement(range(count), order)]
    settled = _settle(function, point, wanted)
    found = {}
    for wrt in wanted:
        if len(wrt) < 3 and wrt in settled:
            above = [abs(point[i] * settled.get(tuple(sorted((*wrt, i))), 0)) for i in range(count)]
            found[wrt] = Truth(settled[wrt], mp.fsum(above))
    return found


def _settle(function: Callable[..., Any], point: Point, wanted: list[Wrt]) -> dict[Wrt, Any]:
    """Derivatives at rising precision, each until two levels agree: those of order 3 to a few digits."""
    size = max(abs(math.log10(abs(number))) if number else 0.0 for number in point)
    before: dict[Wrt, Any] = {}
    settled: dict[Wrt, Any] = {}
    for digits in _LEVELS:
        with mp.workdps(int(digits + 4 * size)):
            stencil = _Stencil(function, point, digits)
            for wrt in [wrt for wrt in wanted if wrt not in settled]:
                now = stencil.derivative(wrt)
                last = before.get(wrt, mp.nan)
                close = mp.mpf(10) ** (-2 if len(wrt) == 3 else -20)
                if (now and abs(now - last) <= abs(now) * close) or (digits > 1000 and abs(now) < _TINY):
                    settled[wrt] = now
                before[wrt] = now
        if len(settled) == len(wanted):
            break
    return settled


class _Stencil:
    """Central difference quotients of one function around one point.

    No two steps are the same, so that none lands on the point itself or, for two inputs, on their tie.
    """

    def __init__(self, function: Callable[..., Any], point: Point, digits: int) -> None:
        self.function, self.digits = function, digits
        self.numbers = [mp.mpf(number) for number in point]
        self.values: dict[Any, Any] = {}

    def derivative(self, wrt: Wrt) -> Any:
        step = mp.mpf(10) ** -(self.digits // (8 if len(wrt) == 3 else 6))
        steps = [step * (min(abs(self.numbers[i]), 1) or 1) * 2**k for k, i in enumerate(wrt)]
        terms = []
        for signs in itertools.product((1, -1), repeat=len(wrt)):
            shifts: dict[int, Any] = {}
            for i, sign, length in zip(wrt, signs, steps, strict=True):
                shifts[i] = shifts.get(i, 0) + sign * length
            terms.append(math.prod(signs) * self._at(shifts))
        return mp.fsum(terms) / mp.fprod(2 * length for length in steps)

    def _at(self, shifts: dict[int, Any]) -> Any:
        """The function at a shifted point, or its limit there; nan where it has none that is real and finite."""
        key = tuple(sorted(shifts.items()))
        if key not in self.values:
            value = self._call(shifts)
            if mp.isnan(value):
                step = mp.mpf(10) ** -(self.digits // 3)
                sides = [{i: sign * (i + 1) * step for i in range(len(self.numbers))} for sign in (1, -1)]
                value = mp.fsum(self._call({i: shifts.get(i, 0) + side[i] for i in side}) for side in sides) / 2
            self.values[key] = value
        return self.values[key]

    def _call(self, shifts: dict[int, Any]) -> Any:
        try:
            value = mp.mpmathify(self.function(*[number + shifts.get(i, 0) for i, number in enumerate(self.numbers)]))
        except (ZeroDivisionError, ValueError, OverflowError):
            return mp.nan
        return mp.nan if isinstance(value, mp.mpc) or not mp.isfinite(value) else value


# --- our engine ----------------------------------------------------------------------------------------------------

OURS = {name: getattr(cg, name) for name in MPMATH}


def ours(form: Form) -> Callable[[Point], Answers]:
    """Every way in which compgraph computes: value; backward, gradient graph, forward mode; second derivatives."""
    function = form.function(OURS)

    def at(point: Point) -> Answers:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NonFiniteWarning)
            nodes = [cg.Node(number, name) for number, name in zip(point, form.block.inputs, strict=True)]
            return list(_answers(function(*nodes), nodes))

    return at


def _answers(root: cg.Node, nodes: list[cg.Node]) -> Iterator[tuple[str, Wrt, float]]:
    yield "value", (), _read(root)
    root.backward()
    for i, (node, slope) in enumerate(zip(nodes, cg.grad(root, nodes), strict=True)):
        yield "backward", (i,), node.grad or 0.0
        yield "grad", (i,), _read(slope)
        yield "jvp", (i,), _read(cg.jvp(root, {node: 1.0})[1])
    rows = cg.hessian(root, nodes)
    for j in range(len(nodes)):
        column = cg.hvp(root, nodes, [float(k == j) for k in range(len(nodes))])
        for i in range(len(nodes)):
            yield "hessian", (i, j), _read(rows[i][j])
            yield "hvp", (i, j), _read(column[i])


def _read(node: cg.Node) -> float:
    value = peek(node)
    assert value is not None
    return value


# --- the score -----------------------------------------------------------------------------------------------------


class Fault(NamedTuple):
    """A number that is not right: of which form, where, how computed, by which inputs; the number, the truth."""

    form: Form
    point: Point
    how: str
    wrt: Wrt
    got: float
    true: str
    error: float

    def __str__(self) -> str:
        where = ", ".join(
            f"{name} = {number!r}" for name, number in zip(self.form.block.inputs, self.point, strict=True)
        )
        by = " by " + ", ".join(self.form.block.inputs[i] for i in self.wrt) if self.wrt else ""
        return f"{self.form.text}  at {where}: {self.how}{by} {self.got!r}, true {self.true} ({self.error:.2g}×)"


class Score(NamedTuple):
    """How one form fared: points judged and points right, by order of derivative; "all" where a point is all right."""

    form: Form
    asked: Counter[str]
    right: Counter[str]
    faults: list[Fault]


def score(form: Form, engine: Engine = ours) -> Score:
    """The faults of an engine at all points of a form."""
    asked: Counter[str] = Counter()
    right: Counter[str] = Counter()
    faults: list[Fault] = []
    compute = engine(form)
    for point in form.block.points:
        known = truths(form.block, point)
        if () not in known:
            continue
        found = list(_faults(form, point, compute(point), known))
        wrong = {len(fault.wrt) for fault in found}
        judged = {len(wrt) for wrt in known}
        asked.update([ORDERS[order] for order in judged], all=1)
        right.update([ORDERS[order] for order in judged - wrong], all=not wrong)
        faults += found
    return Score(form, asked, right, faults)


def _faults(form: Form, point: Point, answers: Answers, known: dict[Wrt, Truth]) -> Iterator[Fault]:
    for how, wrt, got in answers:
        truth = known.get(tuple(sorted(wrt)))
        if truth is None:
            continue
        error = truth.error(got)
        if error > 1:
            yield Fault(form, point, how, wrt, got, mp.nstr(truth.number, 17), error)
