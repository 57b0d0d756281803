"""Directed rounding: elementary functions at exactly known points, each answered by two ends that hold the truth.

Two libraries give them, python-flint (Arb's balls, whose radius is proved) and mpmath where it is missing (values with
32 guard bits, taken to be right to within 16 of them). A point is a number of the library's own: a dyadic fraction of
any length, or an infinity. F. Johansson, "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic",
IEEE Transactions on Computers 66 (2017).
"""

from __future__ import annotations

import importlib
import importlib.util
import math
from abc import ABC, abstractmethod
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import GraphValueError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Bounds", "Ends", "bounds_at", "installed_library", "nearest"]

# (low, high): the same object twice where the answer is exact; None where the library has no finite answer.
Ends: TypeAlias = tuple[Any, Any] | None


class Bounds(ABC):
    """Arithmetic on points at so many bits: every answer is a pair of ends, rounded outwards.

    Attributes:
        bits: Length of the ends.
        zero: 0 as a point, and
        inf: ∞ as one.
    """

    bits: int
    zero: Any
    inf: Any

    @abstractmethod
    def point(self, number: float) -> Any:
        """An int or a float, exactly."""

    @abstractmethod
    def parts(self, point: Any) -> tuple[int, int]:
        """Whole numbers (m, e) with point = m·2**e."""

    @abstractmethod
    def negative(self, point: Any) -> Any:
        """−point, exactly."""

    @abstractmethod
    def floor(self, point: Any) -> Any:
        """The largest whole number that is not above the point, exactly."""

    @abstractmethod
    def add(self, a: Any, b: Any) -> Ends:
        """Ends of a + b."""

    @abstractmethod
    def mul(self, a: Any, b: Any) -> Ends:
        """Ends of a·b."""

    @abstractmethod
    def div(self, a: Any, b: Any) -> Ends:
        """Ends of a/b, for b other than 0."""

    @abstractmethod
    def function(self, name: str, a: Any) -> Ends:
        """Ends of a function of one argument, called as in :mod:`math`, at a point inside its domain."""

    def is_finite(self, point: Any) -> bool:
        """Whether the point is no infinity."""
        return bool(-self.inf < point < self.inf)

    def to_float(self, point: Any) -> float:
        """The float nearest to the point; ties go to the even one, as everywhere in IEEE 754."""
        if self.is_finite(point):
            return nearest(*self.parts(point))
        return math.inf if point > self.zero else -math.inf


def nearest(mantissa: int, exponent: int) -> float:
    """The float nearest to mantissa·2**exponent: ties to even, subnormal numbers, overflow to inf.

    >>> nearest(1, -1), nearest(2**53 + 1, 0) == 2.0**53, nearest(1, -1075), nearest(3, -1076), nearest(-1, 1024)
    (0.5, True, 0.0, 5e-324, -inf)
    """
    size = mantissa.bit_length() + exponent  # 2**(size - 1) <= |number| < 2**size
    if size > 1024:
        return math.inf if mantissa > 0 else -math.inf
    if size < -1074:
        return 0.0 if mantissa >= 0 else -0.0
    try:
        return mantissa / (1 << -exponent) if exponent < 0 else float(mantissa << exponent)
    except OverflowError:  # it rounds beyond the largest float
        return math.inf if mantissa > 0 else -math.inf


class _FlintBounds(Bounds):
    """Ends by python-flint. Its precision is a setting of the library: :func:`bounds_at` makes and restores it."""

    def __init__(self, bits: int) -> None:
        self.bits = bits
        self._arb = importlib.import_module("flint").arb
        self.zero, self.inf = self._arb(0), self._arb.pos_inf()

    def point(self, number: float) -> Any:
        return self._arb(number)

    def parts(self, point: Any) -> tuple[int, int]:
        mantissa, exponent = point.man_exp()
        return int(mantissa), int(exponent)

    def negative(self, point: Any) -> Any:
        return -point

    def floor(self, point: Any) -> Any:
        mantissa, exponent = self.parts(point)
        return point if exponent >= 0 else self._arb(mantissa >> -exponent)

    def add(self, a: Any, b: Any) -> Ends:
        return _ends(a + b)

    def mul(self, a: Any, b: Any) -> Ends:
        return _ends(a * b)

    def div(self, a: Any, b: Any) -> Ends:
        return _ends(a / b)

    def function(self, name: str, a: Any) -> Ends:
        if name == "cbrt":
            return _ends(a.root(3)) if a > self.zero else _reversed(self, _ends((-a).root(3)))
        ball = getattr(a, name)()
        return _ends(ball) if ball.is_finite() else None


def _ends(ball: Any) -> Ends:
    if ball.is_nan():  # ∞/∞ is one that is not exact
        return None
    return (ball, ball) if ball.is_exact() else (ball.lower(), ball.upper())


def _reversed(bounds: Bounds, ends: Ends) -> Ends:
    return ends and (bounds.negative(ends[1]), bounds.negative(ends[0]))


_GUARD = 32  # bits beyond those asked for, of which
_TRUSTED = 16  # so many are taken to be right

# mpmath computes these from 1 − x² or x² − 1, which loses up to the length of x.
_CANCELLING = frozenset({"acos", "acosh", "asin", "atanh"})


class _MpmathBounds(Bounds):
    """Ends by mpmath: arithmetic with directed rounding, functions with guard bits."""

    def __init__(self, bits: int) -> None:
        self.bits = bits
        mpmath = importlib.import_module("mpmath")
        self._of_int, self._of_float = mpmath.libmp.from_int, mpmath.libmp.from_float
        self._context = mpmath.MPContext()  # its own precision, not the user's
        self._context.prec = bits
        self.zero, self.inf = self._context.mpf(0), self._context.inf
        self._slack = self._context.mpf(2) ** -(bits + _TRUSTED)

    def point(self, number: float) -> Any:
        return self._context.make_mpf(self._of_int(number) if isinstance(number, int) else self._of_float(number))

    def parts(self, point: Any) -> tuple[int, int]:
        negative, mantissa, exponent, _ = point._mpf_
        return -int(mantissa) if negative else int(mantissa), int(exponent)

    def negative(self, point: Any) -> Any:
        return self._context.fneg(point, exact=True)

    def floor(self, point: Any) -> Any:
        mantissa, exponent = self.parts(point)
        return point if exponent >= 0 else self.point(mantissa >> -exponent)

    def add(self, a: Any, b: Any) -> Ends:
        return self._both(self._context.fadd, a, b)

    def mul(self, a: Any, b: Any) -> Ends:
        return self._both(self._context.fmul, a, b)

    def div(self, a: Any, b: Any) -> Ends:
        return self._both(self._context.fdiv, a, b)

    def function(self, name: str, a: Any) -> Ends:
        context = self._context
        if name == "cbrt" and a < self.zero:
            return _reversed(self, self.function(name, self.negative(a)))
        if name == "sqrt":
            return self._root(a)
        context.prec = _GUARD + (2 * self.bits + _GUARD if name in _CANCELLING else self.bits)
        try:
            far = name == "erfc" and a > _FAR
            value = self._tail(a) if far else getattr(context, _MPMATH_NAMES.get(name, name))(a)
        except (ArithmeticError, ValueError, context.NoConvergence):
            return None
        finally:
            context.prec = self.bits
        if not context.isfinite(value) or not isinstance(value, context.mpf):
            return None
        margin = self._slack if value > 0 else -self._slack
        low, high = context.fsub(1, margin, exact=True), context.fadd(1, margin, exact=True)
        return context.fmul(value, low, rounding="f"), context.fmul(value, high, rounding="c")

    def _root(self, a: Any) -> Ends:
        """√a in whole numbers: exact where it is, as of 4."""
        mantissa, exponent = self.parts(a)
        shift = max(0, 2 * self.bits + 2 - mantissa.bit_length())
        shift += (exponent - shift) % 2
        root = math.isqrt(mantissa << shift)
        exact = root * root == mantissa << shift
        low, high = (self._context.ldexp(self.point(n), (exponent - shift) // 2) for n in (root, root + 1))
        return (low, low) if exact else (low, high)

    def _tail(self, a: Any) -> Any:
        """The asymptotic series of erfc (DLMF 7.12.1), where mpmath's own overflows: less off than its last term."""
        context, square = self._context, self._context.fmul(a, a, exact=True)
        term = total = context.mpf(1)
        odd = 1
        while abs(term) > self._slack / 2**_TRUSTED:
            term *= -odd / (2 * square)
            total += term
            odd += 2
        return total * context.exp(context.fneg(square, exact=True)) / (a * context.sqrt(context.pi))

    def _both(self, operation: Any, a: Any, b: Any) -> Ends:
        low = operation(a, b, rounding="f")
        if self._context.isnan(low):
            return None
        high = operation(a, b, rounding="c")
        return (low, low) if low == high else (low, high)


_FAR = 2.0**330  # beyond, erfc is summed here
_MPMATH_NAMES = {"lgamma": "loggamma"}


def installed_library() -> str:
    """The better library of those that are installed: "flint" or "mpmath".

    Raises:
        ImportError: Neither is.

    >>> installed_library() in {"flint", "mpmath"}
    True
    """
    for name in ("flint", "mpmath"):
        if importlib.util.find_spec(name):
            return name
    raise ImportError("enclosures need python-flint (pip install 'compgraph[exact]'), or mpmath")


@contextmanager
def bounds_at(bits: int, library: str | None = None) -> Iterator[Bounds]:
    """Directed rounding at so many bits, by the library of this name, or by the better one that is installed.

    Raises:
        GraphValueError: There is no such library.

    >>> with bounds_at(64) as bounds:
    ...     low, high = bounds.div(bounds.point(1), bounds.point(3))
    ...     low < high, bounds.to_float(low) == bounds.to_float(high) == 1/3
    (True, True)
    """
    name = library or installed_library()
    if name == "mpmath":
        yield _MpmathBounds(bits)
    elif name == "flint":
        with importlib.import_module("flint").ctx.workprec(bits):
            yield _FlintBounds(bits)
    else:
        raise GraphValueError(f"library={library!r}: write 'flint' or 'mpmath', or leave it out for what is installed")
