"""Points for every op, the true value and slopes there to any number of digits, and what "right" means.

Nothing here reads an op's body, definition or partials to know what is true: the formulas are written down once more,
in mpmath, and slopes are difference quotients at hundreds of digits.
"""

from __future__ import annotations

import itertools
import math
import random
import sys
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from mpmath import mp

from compgraph.forward import Dual, hvp
from compgraph.graph import peek
from compgraph.node import Node
from compgraph.record import table
from compgraph.reverse import grad
from tests import truth_algebraic, truth_exponential, truth_series

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from compgraph.record import Op

ULPS = 16.0

BUILT_IN = tuple(op for op in table() if op.arity)
COMPARISONS = ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")
JOINT = truth_exponential.JOINT | truth_algebraic.JOINT
# Ops that only the partials of others are written with: their own slopes are met in second derivatives.
HELPERS = tuple(op.name for op in BUILT_IN if op.internal)
# Points of the second-order checks beside ordinary ones: where forms with |x| bend, and where exp(x) leaves the range.
FAR = (0.0, 40.0, -40.0, 800.0, -800.0)


def _erf_slope(x: Any) -> Any:
    return 2 / mp.sqrt(mp.pi) * mp.exp(-x * x)


def _power(u: Any, v: Any) -> Any:
    return mp.exp(v * mp.log(u)) if u > 0 else mp.power(u, int(v))


TRUTH: dict[str, Callable[..., Any]] = {
    "add": lambda u, v: u + v,
    "sub": lambda u, v: u - v,
    "mul": lambda u, v: u * v,
    "div": lambda u, v: u / v,
    "neg": lambda x: -x,
    "copy": lambda x: x,
    "pow": _power,
    "power_slope": lambda u, v: v * _power(u, v) / u,
    "power_rate": lambda u, v: _power(u, v) * mp.log(u),
    "contribution": lambda u, v: u * v,
    "less": lambda u, v: mp.mpf(u < v),
    "less_equal": lambda u, v: mp.mpf(u <= v),
    "greater": lambda u, v: mp.mpf(u > v),
    "greater_equal": lambda u, v: mp.mpf(u >= v),
    "equal": lambda u, v: mp.mpf(u == v),
    "not_equal": lambda u, v: mp.mpf(u != v),
    "where": lambda condition, u, v: u if condition != 0 else v,
    "exp": mp.exp,
    "expm1": lambda x: mp.exp(x) - 1,
    "log": mp.log,
    "log1p": lambda x: mp.log(1 + x),
    "sqrt": mp.sqrt,
    "cbrt": lambda x: mp.sign(x) * mp.root(abs(x), 3),
    "logaddexp": lambda u, v: mp.log(mp.exp(u) + mp.exp(v)),
    "xlogy": lambda x, z: x * mp.log(z),
    "abs": abs,
    "sign": mp.sign,
    "floor": mp.floor,
    "maximum": max,
    "minimum": min,
    "clip": lambda x, low, high: min(max(x, low), high),
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "asin": mp.asin,
    "acos": mp.acos,
    "atan": mp.atan,
    "atan2": mp.atan2,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "sech": mp.sech,
    "one_minus_square": lambda x: 1 - x * x,
    "asinh": mp.asinh,
    "acosh": mp.acosh,
    "atanh": mp.atanh,
    "hypot": lambda u, v: mp.sqrt(u * u + v * v),
    "sinc": lambda x: mp.mpf(1) if x == 0 else mp.sin(x) / x,
    "erf": mp.erf,
    "erfc": lambda x: mp.erfc(x) if abs(x) < 1e4 else mp.mpf(2 if x < 0 else 0),
    "erf_slope": _erf_slope,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "sigmoid_slope": lambda x: 1 / ((1 + mp.exp(-x)) * (1 + mp.exp(x))),
    "log_sigmoid": lambda x: -mp.log(1 + mp.exp(-x)),
    "softplus": lambda x: mp.log(1 + mp.exp(x)),
    "relu": lambda x: x if x > 0 else mp.mpf(0),
    "leaky_relu": lambda x, slope: x if x > 0 else slope * x,
    "elu": lambda x, alpha: x if x > 0 else alpha * (mp.exp(x) - 1),
    "silu": lambda x: x / (1 + mp.exp(-x)),
    **truth_exponential.TRUTH,
    **truth_series.TRUTH,
    **truth_algebraic.TRUTH,
}


# --- points --------------------------------------------------------------------------------------------------------

_SIZES = (1e-300, 1e-200, 1e-100, 1e-20, 1e-8, 1e-3, 0.1, 0.5, 0.99, 1.0, 1.5, 3.0, 10.0, 26.0, 40.0, 300.0, 710.0,
          740.0, 800.0, 1e5, 1e20, 1e100, 1e200, 1e300)  # fmt: skip
_EDGES = (1e-300, 1e-100, 1e-20, 2.0**-52, 1e-8, 1e-3, 0.2)


def points(op: Op, count: int, *, tame: bool = False) -> list[tuple[float, ...]]:
    """Argument tuples from an op's own domain, the same in every run.

    They reach from 1e-300 to 1e300, close to the domain's edges and to ties of two arguments, and include 0 and the
    edges where they belong to the domain. ``tame`` ones lie within ±3.
    """
    chance = random.Random(op.name)
    axes = [_axis(interval, chance, tame=tame) for interval in op.domain]
    if op.parameters[0] == "condition":
        axes[0] = [0.0, 1.0, -0.5]
    if op.arity == 1:
        found = [(number,) for number in axes[0]]
        chance.shuffle(found)
        return found[:count]
    found = []
    while len(found) < count:
        point = [chance.choice(axis) for axis in axes]
        if chance.random() < 0.25:
            i, j = chance.sample(range(op.arity), 2)
            near = point[i] * (1 + chance.choice((-1, 1)) * chance.choice((2.0**-52, 1e-8, 0.01)))
            point[j] = near if near in op.domain[j] else point[j]
        if op.name not in JOINT or not math.isnan(op(*point)):
            found.append(tuple(point))
    return found


def _axis(interval: Any, chance: random.Random, *, tame: bool) -> list[float]:
    if tame:
        numbers = [0.0] * 4 + [chance.uniform(-3, 3) for _ in range(40)]
    else:
        sizes = [*_SIZES, *(10.0 ** chance.uniform(-300, 300) for _ in range(8))]
        sizes += [chance.expovariate(0.2) for _ in range(20)]
        numbers = [0.0, *sizes, *(-size for size in sizes)]
        for end in (interval.low, interval.high):
            if math.isfinite(end):
                numbers += [end, *(end + side * gap * max(1.0, abs(end)) for gap in _EDGES for side in (-1, 1))]
    if math.isfinite(interval.low) and math.isfinite(interval.high):
        numbers += [chance.uniform(interval.low, interval.high) for _ in range(20)]
    elif math.isfinite(interval.low):
        numbers += [interval.low + abs(number) for number in numbers]
    return [number for number in numbers if number in interval]


def at_kink(op: Op, args: tuple[float, ...]) -> bool:
    """Whether an op has no unique derivative here."""
    return (op.name in COMPARISONS and args[0] == args[1]) or any(kink.gap(*args) == 0 for kink in op.kinks)


# --- truth ---------------------------------------------------------------------------------------------------------


_TINY = mp.mpf(10) ** -326


@cache
def truth(name: str, wrt: tuple[int, ...], args: tuple[float, ...]) -> Any:
    """The true value of an op at doubles (``wrt`` empty), or its derivative in the arguments of these positions.

    ``truth("hypot", (1,), (3.0, 4.0))`` is the partial in the second argument, ``(0, 1)`` the mixed second one. To at
    least 25 digits, with mpmath's exponents: they have no end. nan at a pole, at a jump and outside the domain.
    """
    if wrt and mp.isnan(truth(name, (), args)):
        return mp.nan
    size = max(abs(math.log10(abs(arg))) if arg and math.isfinite(arg) else 0.0 for arg in args)
    previous = mp.nan
    for digits in (60, 120, 360, 1080, 2400, 4800):
        with mp.workdps(int(digits + (1 + len(wrt)) * size)):
            value = _quotient(TRUTH[name], wrt, args, digits)
            if value and abs(value - previous) <= abs(value) * mp.mpf(10) ** -25:
                return value
            if digits > 1000 and abs(value) < _TINY:  # 0 as a float, whatever it is
                return value
            previous = value
    return mp.nan


def _quotient(function: Callable[..., Any], wrt: tuple[int, ...], args: tuple[float, ...], digits: int) -> Any:
    """Central differences; their error falls as the square of the step, and the step with the precision.

    The two steps of a second derivative differ, so that no quotient straddles a jump by landing on it.
    """
    numbers = [mp.mpf(arg) for arg in args]
    step = mp.mpf(10) ** (-digits // 4)
    steps = [step * (min(abs(numbers[index]), 1) or 1) * (3 - k) for k, index in enumerate(wrt)]
    terms = []
    for signs in itertools.product((1, -1), repeat=len(wrt)):
        shifted = list(numbers)
        for index, sign, length in zip(wrt, signs, steps, strict=True):
            shifted[index] += sign * length
        try:
            value = mp.mpmathify(function(*shifted))
        except ZeroDivisionError:
            return mp.nan
        if isinstance(value, mp.mpc) or not mp.isfinite(value):
            return mp.nan
        terms.append(math.prod(signs) * value)
    return mp.fsum(terms) / mp.fprod(2 * length for length in steps)


def error(value: float, name: str, wrt: tuple[int, ...], args: tuple[float, ...]) -> float:
    """How far off a computed number is, in units of "right": 16 ulp · (1 + condition number).

    An ulp times the condition number is what the truth moves by when each argument moves by one ulp. Beyond the range
    of floats ±inf is right. Where there is no true value, at a pole, everything is right that is not finite.
    """
    exact = truth(name, wrt, args)
    if mp.isnan(exact) or math.isnan(value):
        return 0.0 if mp.isnan(exact) and not math.isfinite(value) else math.inf
    if value == float(exact):
        return 0.0
    with mp.workdps(50):
        distance = abs(_clamp(value) - _clamp(exact))
        allowed = ULPS * mp.mpf(math.ulp(min(abs(float(exact)), sys.float_info.max)))
        if abs(exact) < sys.float_info.min:  # a factor rounded among the subnormal numbers, times an argument
            allowed *= max(1.0, *map(abs, args))
        if distance > allowed:
            allowed += ULPS * mp.fsum(_movement(exact, name, wrt, args, index) for index in range(len(args)))
        return float(distance / allowed)


def _clamp(value: Any) -> Any:
    return max(min(mp.mpf(value), mp.mpf(2) ** 1024), -(mp.mpf(2) ** 1024))


def _movement(exact: Any, name: str, wrt: tuple[int, ...], args: tuple[float, ...], index: int) -> Any:
    if name == "where" and index == 0:
        return mp.mpf(0)  # a condition holds or does not; it has no rounding errors
    moved = []
    for end in (-math.inf, math.inf):
        near = truth(name, wrt, (*args[:index], math.nextafter(args[index], end), *args[index + 1 :]))
        moved += [] if mp.isnan(near) else [abs(_clamp(near) - _clamp(exact))]
    return max(moved, default=mp.mpf(0))


# --- the checks ----------------------------------------------------------------------------------------------------


class Fault(NamedTuple):
    """A number that is not right: what it is of, where, how it was computed, the number, the truth."""

    op: str
    wrt: tuple[int, ...]
    args: tuple[float, ...]
    how: str
    got: float
    true: str


def value_faults(op: Op, sample: list[tuple[float, ...]]) -> Iterator[Fault]:
    """Values on floats that are not right."""
    for args in sample:
        yield from _fault(op, (), args, "value", op(*args))


def slope_faults(op: Op, sample: list[tuple[float, ...]]) -> Iterator[Fault]:
    """Partials on floats that are not right, away from kinks."""
    for args in sample:
        if not at_kink(op, args):
            output = op.on_floats(*args)
            for index in range(op.arity):
                yield from _fault(op, (index,), args, "partial", op.partial_on_floats(index, output, args))


def _fault(op: Op, wrt: tuple[int, ...], args: tuple[float, ...], how: str, got: float) -> Iterator[Fault]:
    if error(got, op.name, wrt, args) > 1:
        yield Fault(op.name, wrt, args, how, got, mp.nstr(truth(op.name, wrt, args), 17))


def curvature_faults(op: Op, sample: list[tuple[float, ...]]) -> Iterator[Fault]:
    """Second derivatives that are not right, by reverse over reverse, forward over reverse and forward over forward.

    They may be off by what is right for them, or by as much as an error of 16 ulp in the slope would make them.
    """
    for args in sample:
        if at_kink(op, args):
            continue
        nodes = [Node(arg) for arg in args]
        root = op(*nodes)
        for i, j in itertools.product(range(op.arity), repeat=2):
            first, second = truth(op.name, (i,), args), truth(op.name, (i, j), args)
            if mp.isnan(second) or not max(abs(truth(op.name, (), args)), abs(first), abs(second)) < sys.float_info.max:
                continue
            slack = ULPS * sys.float_info.epsilon * abs(float(first)) / max(1.0, abs(args[j]))
            for how, got in _second_orders(op, root, nodes, i, j):
                if not abs(got - float(second)) <= slack:
                    yield from _fault(op, (i, j), args, how, got)


def _second_orders(op: Op, root: Node, nodes: list[Node], i: int, j: int) -> Iterator[tuple[str, float]]:
    yield "reverse over reverse", read(grad(grad(root, nodes[i]), nodes[j]))
    yield "forward over reverse", read(hvp(root, nodes, [float(k == j) for k in range(op.arity)])[i])
    inner = [Dual(node._value, float(k == j)) for k, node in enumerate(nodes)]
    outer = op(*[Dual(number, float(k == i)) for k, number in enumerate(inner)])
    yield "forward over forward", tangent(tangent(outer))


def tangent(number: Any) -> Any:
    """The derivative in a Dual; 0 where nothing moves."""
    return number.tangent if isinstance(number, Dual) and number.tangent is not None else 0.0


def read(node: Node) -> float:
    """A node's value, without a warning where it is not finite."""
    value = peek(node)
    assert value is not None
    return value


def slope(op: Op, index: int, *args: float) -> float:
    """One partial on floats."""
    return op.partial_on_floats(index, op(*args), args)


def alike(x: float, y: float, ulps: float = 8) -> bool:
    """Equal, both nan, or a few last digits apart: libraries round their elementary functions differently."""
    if math.isfinite(x) and math.isfinite(y):
        return abs(x - y) <= ulps * math.ulp(max(abs(x), abs(y)))
    return x == y or (math.isnan(x) and math.isnan(y))
