"""The truth of a typed expression at doubles: its value, derivatives and what these move by, from jets of Arb balls.

A jet is a Taylor polynomial in the inputs whose coefficients are enclosures, so its derivatives are exact, not
quotients. It is one more number system for the ops: those below are Arb's own, any other goes by its definition.
Nothing here reads a partial, a body or a rule.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import flint
from flint import arb, arb_series
from mpmath import mp

from compgraph.ops import Operators
from tests.form_checks import Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from compgraph.record import Op

    Exponents = tuple[int, ...]
    Wrt = tuple[int, ...]

LEVELS = (128, 512, 1536, 4608)
# Below half of the smallest subnormal number, whatever it is: 0 as a float.
_TINY = arb(2) ** -1080
# What is below this is 0 even when it is multiplied by the largest float.
_FAR = arb(2) ** -2200
_DIGITS, _FEW = 70, 12


class UndecidedError(ArithmeticError):
    """So many bits do not tell, or there is nothing to tell: a pole, a kink, a tie."""


class OutsideError(ArithmeticError):
    """An argument lies outside of an op's domain: the truth is nan."""


class Jet(Operators):
    """Σ c·Π(x − x₀)ᵏ over the inputs x up to a total degree; coefficients that are exactly 0 are left out.

    Attributes:
        coefficients: Each by its exponents k, one an input.
        zero: The exponents of the constant one.
        degree: That of the whole.
    """

    __slots__ = ("coefficients", "degree", "zero")

    def __init__(self, coefficients: dict[Exponents, arb], zero: Exponents, degree: int) -> None:
        if not all(c.is_finite() for c in coefficients.values()):
            raise UndecidedError
        self.coefficients = {key: c for key, c in coefficients.items() if not c.is_zero()}
        self.zero, self.degree = zero, degree

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Any:
        if op.name == "where":
            return _where(*args)
        function = FUNCTIONS.get(op.name)
        if function is not None:
            return function(*(arg if isinstance(arg, Jet) else self.constant(arg) for arg in args))
        if op.definition is None:
            raise NotImplementedError(f"{op.name} has no definition; say here what it is")
        return op.definition(*args)

    def __bool__(self) -> bool:
        return _sign(self) != 0

    @property
    def number(self) -> arb:
        """The value at the point itself."""
        return self.coefficients.get(self.zero, arb(0))

    @property
    def is_constant(self) -> bool:
        """Whether it does not move with the inputs."""
        return not self.coefficients.keys() - {self.zero}

    def constant(self, value: Any) -> Jet:
        """A number as a jet in the same inputs."""
        return self.like({self.zero: value if isinstance(value, arb) else arb(float(value))})

    def like(self, coefficients: dict[Exponents, arb]) -> Jet:
        """A jet in the same inputs."""
        return Jet(coefficients, self.zero, self.degree)


# --- arithmetic ----------------------------------------------------------------------------------------------------


def _add(u: Jet, v: Jet) -> Jet:
    total = dict(u.coefficients)
    for key, c in v.coefficients.items():
        total[key] = total[key] + c if key in total else c
    return u.like(total)


def _mul(u: Jet, v: Jet) -> Jet:
    total: dict[Exponents, arb] = {}
    for (a, c), (b, d) in itertools.product(u.coefficients.items(), v.coefficients.items()):
        if sum(a) + sum(b) <= u.degree:
            key = tuple(map(sum, zip(a, b, strict=True)))
            total[key] = total[key] + c * d if key in total else c * d
    return u.like(total)


def _neg(u: Jet) -> Jet:
    return _times(u, -1)


def _times(u: Jet, number: Any) -> Jet:
    return u.like({key: number * c for key, c in u.coefficients.items()})


def _compose(u: Jet, coefficients: Sequence[arb]) -> Jet:
    """Σ coefficients[k]·(u − u₀)ᵏ."""
    rest = u.like({key: c for key, c in u.coefficients.items() if any(key)})
    result, power = u.constant(coefficients[0]), u.constant(1)
    for c in coefficients[1:]:
        power = _mul(power, rest)
        result = _add(result, _times(power, c)) if power.coefficients else result
    return result


def _series(name: str, inside: Callable[[arb], bool] = lambda _: True) -> Callable[[Jet], Jet]:
    """A function of one argument that Arb knows the Taylor series of; ``inside`` says where it is surely defined."""

    def function(u: Jet) -> Jet:
        if not inside(u.number):
            raise UndecidedError
        flint.ctx.cap = u.degree + 1
        found = getattr(arb_series([u.number, 1]), name)().coeffs()
        return _compose(u, [*found, *[arb(0)] * (u.degree + 1 - len(found))])

    return function


def _above(end: float, what: Callable[[Jet], Jet]) -> Callable[[Jet], Jet]:
    def function(u: Jet) -> Jet:
        if u.number < end:
            raise OutsideError
        if not u.number > end:
            raise UndecidedError
        return what(u)

    return function


def _within_one(what: Callable[[Jet], Jet]) -> Callable[[Jet], Jet]:
    def function(u: Jet) -> Jet:
        if abs(u.number) > 1:
            raise OutsideError
        if not abs(u.number) < 1:
            raise UndecidedError
        return what(u)

    return function


def _inverse(u: Jet) -> Jet:
    if u.number.contains(0):
        raise UndecidedError
    return _compose(u, [(-1) ** k / u.number ** (k + 1) for k in range(u.degree + 1)])


def _square_root(u: Jet) -> Jet:
    if not u.coefficients:
        return u
    return _above(0, _series("sqrt"))(u)


def _cube_root(u: Jet) -> Jet:
    third = u.constant(arb(1) / 3)
    return _of_sign(u, lambda size: _exp(_mul(third, _log(size))), odd=True)


def _of_sign(u: Jet, what: Callable[[Jet], Jet], *, odd: bool = False) -> Jet:
    sign = _sign(u)
    if not sign:
        raise UndecidedError
    answer = what(u if sign > 0 else _neg(u))
    return _neg(answer) if odd and sign < 0 else answer


def _power(u: Jet, v: Jet) -> Jet:
    whole = _whole(v)
    if whole is not None and abs(whole) <= 64:
        result = u.constant(1.0)
        for _ in range(abs(whole)):
            result = _mul(result, u)
        return _inverse(result) if whole < 0 else result
    if whole is not None:
        return _even_or_odd_power(u, v, whole)
    if u.number < 0:
        raise OutsideError
    return _exp(_mul(v, _log(u)))


def _even_or_odd_power(u: Jet, v: Jet, whole: int) -> Jet:
    return _of_sign(u, lambda size: _exp(_mul(v, _log(size))), odd=whole % 2 == 1)


def _whole(v: Jet) -> int | None:
    """The whole number that an exponent is, where it is no function of the inputs."""
    number = v.number
    return int(float(number)) if v.is_constant and number.is_exact() and number.is_integer() else None


# --- comparisons ---------------------------------------------------------------------------------------------------


def _sign(u: Jet) -> int:
    number = u.number
    if number > 0 or number < 0:
        return 1 if number > 0 else -1
    if number.is_zero():
        return 0
    raise UndecidedError


def _compare(op: Callable[[int], bool]) -> Callable[[Jet, Jet], Jet]:
    def function(u: Jet, v: Jet) -> Jet:
        difference = _add(u, _neg(v))
        if not (difference.is_constant or _sign(difference)):
            raise UndecidedError  # a tie: one side or the other
        return u.constant(float(op(_sign(difference))))

    return function


def _where(condition: Any, u: Any, v: Any) -> Any:
    return u if (bool(condition) if isinstance(condition, Jet) else condition != 0) else v


def _larger(u: Jet, v: Jet) -> Jet:
    difference = _add(u, _neg(v))
    if difference.coefficients and not _sign(difference):
        raise UndecidedError
    return v if difference.coefficients and _sign(difference) < 0 else u


# --- functions -----------------------------------------------------------------------------------------------------

_exp, _log = _series("exp"), _above(0, _series("log"))


def _half_sum(sign: int) -> Callable[[Jet], Jet]:
    def function(u: Jet) -> Jet:
        return _times(_add(_exp(u), _times(_exp(_neg(u)), sign)), arb(0.5))

    return function


_sinh, _cosh = _half_sum(-1), _half_sum(1)


def _div(u: Jet, v: Jet) -> Jet:
    return _mul(u, _inverse(v))


def _plus(u: Jet, number: float) -> Jet:
    return _add(u, u.constant(number))


def _asinh(u: Jet) -> Jet:
    return _of_sign(u, lambda x: _log(_add(x, _square_root(_plus(_mul(x, x), 1)))), odd=True)


def _atanh(u: Jet) -> Jet:
    return _mul(u.constant(0.5), _log(_div(_plus(u, 1), _plus(_neg(u), 1))))


FUNCTIONS: dict[str, Callable[..., Jet]] = {
    "add": _add,
    "sub": lambda u, v: _add(u, _neg(v)),
    "mul": _mul,
    "contribution": _mul,
    "div": _div,
    "neg": _neg,
    "copy": lambda u: u,
    "pow": _power,
    "exp": _exp,
    "log": _log,
    "expm1": lambda u: _plus(_exp(u), -1),
    "log1p": lambda u: _log(_plus(u, 1)),
    "sqrt": _square_root,
    "cbrt": _cube_root,
    "sin": _series("sin"),
    "cos": _series("cos"),
    "tan": _series("tan"),
    "asin": _within_one(_series("asin")),
    "acos": _within_one(_series("acos")),
    "atan": _series("atan"),
    "sinh": _sinh,
    "cosh": _cosh,
    "tanh": lambda u: _div(_sinh(u), _cosh(u)),
    "asinh": _asinh,
    "acosh": _above(1, lambda u: _log(_add(u, _square_root(_plus(_mul(u, u), -1))))),
    "atanh": _within_one(_atanh),
    "erf": _series("erf"),
    "erfc": _series("erfc"),
    "hypot": lambda u, v: _square_root(_add(_mul(u, u), _mul(v, v))),
    "abs": lambda u: _of_sign(u, lambda size: size),
    "sign": lambda u: u.constant(float(_sign(u))),
    "maximum": _larger,
    "minimum": lambda u, v: _neg(_larger(_neg(u), _neg(v))),
    "relu": lambda u: _larger(u, u.constant(0.0)),
    "less": _compare(lambda sign: sign < 0),
    "less_equal": _compare(lambda sign: sign <= 0),
    "greater": _compare(lambda sign: sign > 0),
    "greater_equal": _compare(lambda sign: sign >= 0),
    "equal": _compare(lambda sign: sign == 0),
    "not_equal": _compare(lambda sign: sign != 0),
}


# --- truth ---------------------------------------------------------------------------------------------------------


def truths(function: Callable[..., Any], point: Sequence[float], order: int) -> dict[Wrt, Truth] | None:
    """The value () and the derivatives (i, …) up to an order, i ≤ j, that are settled; None where the truth is nan.

    At a removable point they are the limits, where both sides have the same.
    """
    found: dict[Wrt, Truth] = {}
    for bits in LEVELS:
        numbers = _derivatives(function, point, order + 1, bits)
        if numbers is None:
            return None
        found = dict(_settled(numbers, point, order))
        if found and len(found) == sum(len(wrt) <= order for wrt in numbers):
            break
    return found


def _derivatives(function: Callable[..., Any], point: Sequence[float], degree: int, bits: int) -> dict[Wrt, arb] | None:
    size = max(abs(math.frexp(number)[1]) for number in point)
    cap, precision = flint.ctx.cap, flint.ctx.prec
    flint.ctx.prec = bits + (size if bits > LEVELS[0] else 0)
    try:
        return _jet(function, [arb(number) for number in point], degree)
    except OutsideError:
        return None
    except UndecidedError:
        return _limit(function, point, degree, bits) if bits == LEVELS[1] else {}
    finally:
        flint.ctx.prec, flint.ctx.cap = precision, cap


def _jet(function: Callable[..., Any], numbers: Sequence[arb], degree: int) -> dict[Wrt, arb]:
    """Derivatives by the positions of the inputs."""
    count = len(numbers)
    units = [tuple(int(i == k) for k in range(count)) for i in range(count)]
    zero = (0,) * count
    jets = [Jet({zero: number, unit: arb(1)}, zero, degree) for number, unit in zip(numbers, units, strict=True)]
    answer = function(*jets)
    if not isinstance(answer, Jet):
        answer = jets[0].constant(answer)
    found = {}
    for wrt in _positions(count, degree):
        key = tuple(wrt.count(i) for i in range(count))
        found[wrt] = answer.coefficients.get(key, arb(0)) * math.prod(map(math.factorial, key))
    return found


def _positions(count: int, degree: int) -> list[Wrt]:
    return [w for n in range(degree + 1) for w in itertools.combinations_with_replacement(range(count), n)]


def _limit(function: Callable[..., Any], point: Sequence[float], degree: int, bits: int) -> dict[Wrt, arb]:
    """What both sides agree on, so close to the point that a difference would show."""
    step = arb(2) ** -bits
    flint.ctx.prec = 16 * bits
    sides = []
    for sign in (1, -1):
        numbers = [arb(number) + sign * (i + 1) * step * max(abs(number), 1e-300) for i, number in enumerate(point)]
        try:
            side = _jet(function, numbers, degree)
        except (UndecidedError, OutsideError):
            return {}
        sides.append(side)
    return {wrt: a.union(b) for wrt, a in sides[0].items() if _near(a, b := sides[1][wrt])}


def _near(a: arb, b: arb) -> bool:
    return bool(abs(a - b) <= abs(a) * arb(2) ** -100) or bool(abs(a) < _TINY and abs(b) < _TINY)


def _settled(numbers: dict[Wrt, arb], point: Sequence[float], order: int) -> Iterator[tuple[Wrt, Truth]]:
    for wrt, number in numbers.items():
        if len(wrt) > order or not _is_known(number, _DIGITS):
            continue
        above = [numbers.get(tuple(sorted((*wrt, i))), arb.nan()) for i in range(len(point))]
        if all(_is_known(slope, _FEW) for slope in above):
            movement = mp.fsum(abs(mp.mpf(x) * _to_mp(slope)) for x, slope in zip(point, above, strict=True))
            yield wrt, Truth(_to_mp(number), movement)


def _is_known(number: arb, bits: int) -> bool:
    return bool(number.is_finite() and (number.is_exact() or number.rel_accuracy_bits() >= bits or abs(number) < _TINY))


def _to_mp(number: arb) -> Any:
    if abs(number) < _FAR:
        return mp.mpf(0)
    middle, exponent = number.mid().man_exp()
    with mp.workprec(200):
        return mp.ldexp(mp.mpf(int(middle)), int(exponent))
