"""Which library computes a native op for a given type of number.

A :class:`Library` maps an op's native name to a function of one number system: floats (:mod:`compgraph.ieee`), complex
numbers, NumPy, mpmath, SymPy. An op without an entry is computed by its body, which is written in other ops. No
third-party library is imported on purpose: a value of such a type can only exist where its library is loaded.
"""

from __future__ import annotations

import cmath
import importlib
import math
import operator
import sys
from functools import cache
from numbers import Rational
from typing import TYPE_CHECKING, Any, NamedTuple

from . import ieee, kernels
from .errors import GraphTypeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_COMPARISONS = ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")

__all__ = ["FLOAT", "NUMPY_NAMES", "Library", "library_of", "to_float"]


class Library(NamedTuple):
    """The native functions of one number system.

    Attributes:
        rank: Which library wins where arguments of several systems meet: the highest.
        find: Native name to function, or None where the library has none.
        convert: Turns a plain number (or one of its own) into one of this system.
        call: Calls a function of this system, or a body, with its arguments.
        symbolic: Whether formulas matter here and rounding does not: an op's definition is used, not its stable body.
    """

    rank: int
    find: Callable[[str], Callable[..., Any] | None]
    convert: Callable[[Any], Any]
    call: Callable[..., Any] = operator.call
    symbolic: bool = False


def library_of(args: tuple[Any, ...]) -> Library:
    """The library of the widest number system among the arguments.

    >>> library_of((1.0, 2)).find("log")(0.0)
    -inf
    >>> library_of((1.0, 2j)).find("log")(-1)
    3.141592653589793j
    """
    best = FLOAT
    for arg in args:
        kind = type(arg)
        library = _LIBRARIES.get(kind)
        if library is None:
            library = _LIBRARIES[kind] = _recognise(kind)
        if library.rank > best.rank:
            best = library
    return best


def _recognise(kind: type) -> Library:
    bases = [(base.__module__.partition(".")[0], base.__name__) for base in kind.__mro__]
    roots = {module for module, _ in bases}
    if "sympy" in roots:
        return _sympy()
    if "mpmath" in roots:
        return _mpmath()
    if issubclass(kind, complex):
        return _COMPLEX
    if hasattr(kind, "__array_ufunc__") and ("numpy", "generic") not in bases:  # NumPy's scalars become floats
        return _numpy()
    return FLOAT


# --- floats --------------------------------------------------------------------------------------------------------


@cache
def _find_float(name: str) -> Callable[..., Any] | None:
    function = ieee.FUNCTIONS.get(name)
    if function is None and callable(getattr(math, name, None)):
        function = ieee.total(getattr(math, name))
    return function


def to_float(value: Any) -> float:
    """A plain number as a float.

    Args:
        value: A bool, an int, a float, a Fraction, or a NumPy scalar (a 0-d array counts as one).

    Raises:
        GraphTypeError: For any other type; says what to write instead.

    >>> from fractions import Fraction
    >>> to_float(Fraction(1, 4))
    0.25
    """
    if isinstance(value, (float, int, Rational)):
        try:
            return float(value)
        except OverflowError:
            raise GraphTypeError("an integer beyond the range of floats (about 1.8e308); write a float") from None
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, (numpy.generic, numpy.ndarray)):
        if value.ndim == 0 and value.dtype.kind in "biuf":
            return float(value)
        if value.ndim:
            raise GraphTypeError(
                f"an array of shape {value.shape} where one number is wanted: a Node is one scalar. Build the graph "
                "once for a single example and set its inputs in turn (node.value = …), or give the arrays to a "
                "function: grad(f)(column). Whole columns as one batch: the job of compile, to come"
            )
    raise GraphTypeError(f"{_describe(value)} is not a real number; {_instead(value)}")


def _describe(value: Any) -> str:
    text = repr(value)
    return f"{text if len(text) <= 40 else text[:37] + '…'} (a {type(value).__name__})"


def _instead(value: Any) -> str:
    if isinstance(value, str):
        return 'write float(text) for a number, or Node(name="…") for an input without a value'
    if value is None:
        return "write Node(name=…) for an input that gets its value later"
    if isinstance(value, complex):
        return "a Node holds a real number: use .real, or two Nodes"
    if isinstance(value, (list, tuple)):
        return "a Node is one scalar: make one Node per entry"
    return "write a float (int, bool, Fraction and NumPy scalars are taken too)"


FLOAT = Library(0, _find_float, to_float, ieee.call)


# --- complex numbers, for complex steps: order and kinks follow the real part --------------------------------------


def _complex_log1p(x: complex) -> complex:
    return complex(ieee.FUNCTIONS["log1p"](x.real), x.imag / (1 + x.real)) if abs(x.imag) < 1e-100 else cmath.log(1 + x)


def _complex_expm1(x: complex) -> complex:
    growth = ieee.FUNCTIONS["expm1"](x.real)
    return complex(growth * math.cos(x.imag) - 2 * math.sin(x.imag / 2) ** 2, (growth + 1) * math.sin(x.imag))


def _real(x: complex) -> float:
    return x.real


def _complex_extreme(*, larger: bool) -> Callable[[complex, complex], complex]:
    def extreme(u: complex, v: complex) -> complex:
        difference = _real(u) - _real(v)
        if difference == 0:
            return (u + v) / 2
        return u if (difference > 0) is larger else v

    return extreme


def _complex_cbrt(x: complex) -> complex:
    return -((-x) ** (1 / 3)) if _real(x) < 0 else x ** (1 / 3)


def _complex_atan2(u: complex, v: complex) -> complex:
    if abs(v) >= abs(u):
        return cmath.atan(u / v) + (math.copysign(math.pi, u.real) if v.real < 0 else 0.0)
    return math.copysign(math.pi / 2, u.real) - cmath.atan(v / u)


def _of_real(name: str) -> Callable[..., float]:
    function = ieee.FUNCTIONS[name]
    return lambda *args: float(function(*map(_real, args)))


_COMPLEX_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{name: ieee.FUNCTIONS[name] for name in ("add", "sub", "mul", "neg", "contribution")},
    **{name: _of_real(name) for name in _COMPARISONS},
    **{name: getattr(cmath, name) for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan")},
    **{name: getattr(cmath, name) for name in ("sinh", "cosh", "tanh", "asinh", "acosh", "atanh")},
    "div": operator.truediv, "pow": operator.pow, "power_slope": lambda u, v: v * u ** (v - 1) if v else 0.0,
    "power_rate": lambda u, v: u**v * cmath.log(u) if u else _of_real("power_rate")(u, v), "atan2": _complex_atan2,
    "log1p": _complex_log1p, "expm1": _complex_expm1, "cbrt": _complex_cbrt,
    "abs": lambda x: x * _of_real("sign")(x), "sign": _of_real("sign"), "floor": _of_real("floor"),
    "where": lambda condition, u, v: u if condition.real else v,
    "hypot": lambda u, v: cmath.sqrt(u * u + v * v),
    "maximum": _complex_extreme(larger=True), "minimum": _complex_extreme(larger=False),
}  # fmt: skip


@cache
def _find_complex(name: str) -> Callable[..., Any] | None:
    function = _COMPLEX_FUNCTIONS.get(name)
    if function is None:
        return None

    def total(*args: complex) -> complex:
        try:
            return complex(function(*args))
        except (ArithmeticError, ValueError):
            return complex(math.nan, math.nan)

    return total


def _to_complex(value: Any) -> complex:
    return value if isinstance(value, complex) else complex(to_float(value))


_COMPLEX = Library(1, _find_complex, _to_complex)


# --- NumPy, and any array type that speaks its ufunc protocol ------------------------------------------------------

NUMPY_NAMES: Mapping[str, str] = {
    "sub": "subtract", "mul": "multiply", "div": "divide", "neg": "negative", "pow": "power", "abs": "absolute",
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2",
    "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
}  # fmt: skip


@cache
def _numpy() -> Library:
    np = importlib.import_module("numpy")

    def comparison(name: str) -> Callable[..., Any]:
        return lambda u, v: np.multiply(getattr(np, name)(u, v), 1.0)  # 1.0 or 0.0: bools cannot be subtracted

    own: dict[str, Callable[..., Any]] = {
        "contribution": lambda upstream, partial: np.where(np.equal(upstream, 0), 0.0, np.multiply(upstream, partial)),
        "where": np.where,
        **{name: comparison(name) for name in _COMPARISONS},
        # No ufunc of NumPy's: the functions for floats, element by element.
        **{
            name: np.vectorize(ieee.FUNCTIONS[name], otypes=[float])
            for name in ("erf", "erfc", "power_slope", "power_rate", *kernels.FUNCTIONS)
        },
    }

    @cache
    def find(name: str) -> Callable[..., Any] | None:
        function = own.get(name) or getattr(np, NUMPY_NAMES.get(name, name), None)
        return function if name in own or isinstance(function, np.ufunc) else None

    def convert(value: Any) -> Any:
        if not isinstance(value, np.ndarray):
            return value if hasattr(value, "__array_ufunc__") and not isinstance(value, np.generic) else to_float(value)
        if value.dtype.kind not in "biuf":
            raise GraphTypeError(f"an array of {value.dtype} does not hold real numbers; write array.astype(float)")
        return value if value.dtype.kind == "f" and value.dtype.itemsize >= 8 else value.astype(float)

    def quiet(function: Callable[..., Any], *args: Any) -> Any:
        with np.errstate(all="ignore"):
            answer = function(*args)
        return answer[()] if isinstance(answer, np.ndarray) and not answer.ndim else answer

    return Library(2, find, convert, quiet)


# --- mpmath: real numbers stay real ---------------------------------------------------------------------------------


@cache
def _mpmath() -> Library:
    mp = importlib.import_module("mpmath")

    def div(u: Any, v: Any) -> Any:
        return u / v if v else mp.nan if not u or mp.isnan(u) else mp.sign(u) * mp.inf

    def power(u: Any, v: Any) -> Any:
        return mp.inf if not u and v < 0 else u**v

    own: dict[str, Callable[..., Any]] = {
        **{name: getattr(operator, name) for name in ("add", "sub", "mul", "neg")},
        "div": div, "pow": power, "abs": mp.fabs, "cbrt": lambda x: mp.sign(x) * mp.cbrt(mp.fabs(x)),
        "power_slope": lambda u, v: v * power(u, v - 1) if v else mp.mpf(0),
        "power_rate": lambda u, v: mp.mpf(0) if not u and v >= 0 else power(u, v) * mp.log(u),
        "erf_slope": lambda x: 2 / mp.sqrt(mp.pi) * mp.exp(-x * x),
        **{name: ieee.FUNCTIONS[name] for name in ("where", "contribution", "maximum", "minimum", *_COMPARISONS)},
    }  # fmt: skip

    @cache
    def find(name: str) -> Callable[..., Any] | None:
        function = own.get(name) or getattr(mp, name, None)
        if not callable(function):
            return None

        def real(*args: Any) -> Any:
            value = function(*args)
            return mp.nan if isinstance(value, mp.mpc) else value

        return real

    return Library(3, find, lambda value: value if isinstance(value, mp.mpf) else mp.mp.convert(_plain(value)))


def _plain(value: Any) -> Any:
    """A real number as an exact system takes it: a Fraction stays one, True is 1, and text is refused, not parsed."""
    return value if isinstance(value, (float, Rational)) and not isinstance(value, bool) else to_float(value)


# --- SymPy: formulas -------------------------------------------------------------------------------------------------


@cache
def _sympy() -> Library:
    sp = importlib.import_module("sympy")

    def convert(value: Any) -> Any:
        if isinstance(value, sp.Basic):
            return value
        number = _plain(value)
        return sp.sympify(number) if isinstance(number, float) and not math.isfinite(number) else sp.Rational(number)

    def where(condition: Any, u: Any, v: Any) -> Any:
        chosen = condition if condition.is_Relational or condition.is_Boolean else sp.Ne(condition, 0)
        return sp.Piecewise((u, chosen), (v, True))

    own: dict[str, Callable[..., Any]] = {
        **{name: getattr(operator, name) for name in ("add", "sub", "mul", "neg", "pow")},
        "div": operator.truediv, "contribution": operator.mul, "abs": sp.Abs, "cbrt": lambda x: sp.real_root(x, 3),
        "log1p": lambda x: sp.log(1 + x), "expm1": lambda x: sp.exp(x) - 1,
        "hypot": lambda u, v: sp.sqrt(u**2 + v**2), "where": where, "maximum": sp.Max, "minimum": sp.Min,
        "less": sp.Lt, "less_equal": sp.Le, "greater": sp.Gt, "greater_equal": sp.Ge,
        "equal": sp.Eq, "not_equal": sp.Ne,
    }  # fmt: skip

    @cache
    def find(name: str) -> Callable[..., Any] | None:
        function = own.get(name) or getattr(sp, name, None)
        return function if callable(function) else None

    return Library(4, find, convert, symbolic=True)


_LIBRARIES: dict[type, Library] = {float: FLOAT, int: FLOAT, bool: FLOAT, complex: _COMPLEX}
