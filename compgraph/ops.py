"""THE TABLE: every op in one statement, and the operator mixin that Node, Dual and pattern variables share.

Each statement gives the partials as functions of (output, *arguments), written in operators and ops, right to the
last digits in plain floats; then the value, the labels, and the facts. Formulas: NIST Digital Library of Mathematical
Functions (DLMF), chapters 4 (elementary functions), 7 (error functions) and 10.49 (sin x / x).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Self

from .declaration import derivatives, leaf, op
from .errors import GraphTypeError
from .record import ATOM, POWER, PRODUCT, SUM, Derivatives, Interval, Kink, Op, close_table

if TYPE_CHECKING:
    from collections.abc import Callable

# Ruff's A001: the ops have the names of the functions they are, abs and pow among them.

_inf = math.inf
_POSITIVE, _NOT_NEGATIVE, _REAL = Interval(0.0, _inf), Interval(0.0, _inf, closed=True), Interval()
_UNIT, _OPEN_UNIT = Interval(-1.0, 1.0, closed=True), Interval(-1.0, 1.0)

INPUT = leaf("input", "A leaf that the user made; its value can be set.")
CONSTANT = leaf("constant", "A leaf made from a plain number; its value stays.")


# Used by statements above their own: a type checker must know them by then.
contribution: Op
cos: Op
cosh: Op
direction: Op
equal: Op
erf_slope: Op
floor: Op
greater_equal: Op
hypot: Op
less: Op
log: Op
one_minus_square: Op
power_rate: Op
power_slope: Op
sech: Op
sigmoid: Op
sigmoid_slope: Op
sign: Op
sinc_derivative: Derivatives
softplus: Op
where: Op


# --- building blocks of partials and bodies ------------------------------------------------------------------------


def _wins(u: Any, v: Any) -> Any:
    """Weight of u in max(u, v): 1, 0, or a half at a tie."""
    return where(greater(u, v), 1.0, where(equal(u, v), 0.5, 0.0))


def _over_square(u: Any, h: Any) -> Any:
    """u/h², in two steps against overflow; 0 at the origin of a polar angle."""
    return where(equal(h, 0.0), 0.0, div(div(u, h), h))


def _power_twist(u: Any, v: Any) -> Any:
    """d²(u**v)/du dv."""
    return contribution(pow(u, v - 1), 1 + contribution(v, log(u)))


def power_gap(u: Any, v: Any) -> Any:
    """0 where u**v has a kink: at u = 0, unless v is a whole number from 1 on."""
    return where(less(v, 1.0), u, where(equal(v, floor(v)), 1.0, u))


def _sigmoid(x: Any) -> Any:
    e = exp(where(greater_equal(x, 0.0), -x, x))  # not −|x|: a complex step at 0 would be lost in its kink
    return where(greater_equal(x, 0.0), 1.0, e) / (1 + e)


def _times_exp(factor: Any, x: Any) -> Any:
    """factor·eˣ with eˣ as two factors around it, so that only the last product can leave the range of floats."""
    half = exp(x / 2)
    return contribution(half, contribution(half, factor))


def _silu(x: Any) -> Any:
    return where(greater_equal(x, 0.0), x, _times_exp(x, -abs(x))) / (1 + exp(-abs(x)))


def _refuse_bool(condition: Any, *_: Any) -> None:
    if type(condition).__name__ in {"bool", "bool_"}:
        raise GraphTypeError(
            f"where({condition}, …): the condition is a plain bool, so the graph could never change its mind. "
            "== between Nodes compares identity: write equal(x, y) or not_equal(x, y), or a comparison of a Node "
            "such as x > 0; in an op's own body write greater(x, 0)"
        )


def quotient_definition(rate: Callable[[int, Any], Any]) -> Callable[[int], Callable[[Any], Any]]:
    """Function of n: the n-th derivative of f(x)/x, by the product rule for x·(f(x)/x); rate(k, x) = f⁽ᵏ⁾(x)."""

    def definition(order: int) -> Callable[[Any], Any]:
        def formula(x: Any) -> Any:
            value = rate(0, x) / x
            for k in range(1, order + 1):
                value = (rate(k, x) - k * value) / x
            return value

        return formula

    return definition


def quotient_body(rate: Callable[[int, Any], Any]) -> Callable[[int], Callable[[Any], Any]]:
    """As :func:`quotient_definition` for f(0) = 0, total: with the first two terms of its Taylor series at 0."""
    definition = quotient_definition(rate)

    def body(order: int) -> Callable[[Any], Any]:
        def formula(x: Any) -> Any:
            at_0 = rate(order + 1, 0 * x) / (order + 1) + x * rate(order + 2, 0 * x) / (order + 2)
            return where(equal(x, 0.0), at_0, definition(order)(where(equal(x, 0.0), 1.0, x)))

        return formula

    return body


def _sin_rate(k: int, x: Any) -> Any:
    return (sin(x), cos(x), -sin(x), -cos(x))[k % 4]


# --- arithmetic ----------------------------------------------------------------------------------------------------

add = op("add", 1.0, 1.0, native="add", commutative=True, monotone=(+1,),
         text="{0} + {1}", latex="{0} + {1}", precedence=SUM, needs=(SUM, SUM + 1))

sub = op("sub", 1.0, -1.0, native="sub", monotone=(+1, -1),
         text="{0} − {1}", latex="{0} - {1}", precedence=SUM, needs=(SUM, SUM + 1))

mul = op("mul", lambda y, u, v: v, lambda y, u, v: u, native="mul", commutative=True,
         text="{0}·{1}", latex=r"{0} \cdot {1}", precedence=PRODUCT, needs=(PRODUCT, PRODUCT + 1))

div = op("div", lambda y, u, v: 1 / v, lambda y, u, v: -y / v, native="div",
         textbook=(lambda y, u, v: 1 / v, lambda y, u, v: -u / v**2),
         text="{0}/{1}", latex=r"\frac{{{0}}}{{{1}}}", precedence=PRODUCT, needs=(PRODUCT, PRODUCT + 1))

neg = op("neg", -1.0, native="neg", monotone=(-1,),
         text="−{0}", latex="-{0}", precedence=SUM, needs=(PRODUCT,))

pow = op("pow", lambda y, u, v: power_slope(u, v), lambda y, u, v: power_rate(u, v), native="pow",
         textbook=(lambda y, u, v: v * u ** (v - 1), lambda y, u, v: y * log(u)),
         text="{0}^{1}", latex="{0}^{{{1}}}", precedence=POWER, needs=(ATOM, ATOM), domain=[_POSITIVE, _REAL],
         doc="pow(u, v) = u^v = u**v, for u > 0; for u < 0 where v is whole; for u = 0 where v ≥ 0.",
         kinks=(Kink("0**0 = 1; x**0 has derivative 0 in x; d(xʷ)/dw at x = 0 is 0 for w ≥ 0", power_gap),))

power_slope = op("power_slope", lambda y, u, v: contribution(v, power_slope(u, v - 1)),
                 lambda y, u, v: _power_twist(u, v), native="power_slope",
                 body=lambda u, v: where(equal(v, 0.0), 0.0, v * pow(u, v - 1)),
                 definition=lambda u, v: v * pow(u, v - 1), text="{1}·{0}^({1} − 1)", latex="{1} {0}^{{{1} - 1}}",
                 precedence=PRODUCT, needs=(ATOM, ATOM), domain=[_POSITIVE, _REAL],
                 doc="Derivative of u**v in u: v·u^(v − 1), and 0 for v = 0.", internal=True)

power_rate = op("power_rate", lambda y, u, v: _power_twist(u, v), lambda y, u, v: contribution(y, log(u)),
                native="power_rate",
                body=lambda u, v: where(equal(u, 0.0) * greater_equal(v, 0.0), 0.0, pow(u, v) * log(u)),
                definition=lambda u, v: pow(u, v) * log(u), text="{0}^{1}·log({0})",
                latex=r"{0}^{{{1}}} \log\left({0}\right)", precedence=PRODUCT, needs=(ATOM, ATOM),
                domain=[_POSITIVE, _REAL],
                doc="Derivative of u**v in v: u^v·log u, and 0 at u = 0 for v ≥ 0.", internal=True)

contribution = op("contribution", lambda y, upstream, partial: partial, lambda y, upstream, partial: upstream,
                  native="contribution", body=lambda upstream, partial: upstream * partial,
                  text="{0}·{1}", latex=r"{0} \cdot {1}", precedence=PRODUCT, needs=(PRODUCT, PRODUCT + 1),
                  doc="upstream·partial, where an upstream of 0 gives 0 whatever the partial is (never 0·∞ = nan).",
                  internal=True)

copy = op("copy", 1.0, body=lambda x: x, text="{0}", latex="{0}", precedence=SUM, internal=True, monotone=(+1,),
          doc="The value of another node: what a rule makes of an expression that is one of its own parts.")

# --- comparisons: 1 or 0, derivative 0 throughout ------------------------------------------------------------------

less = op("less", None, None, native="less", text="{0} < {1}", latex="{0} < {1}", precedence=0)
less_equal = op("less_equal", None, None, native="less_equal", text="{0} ≤ {1}", latex=r"{0} \le {1}", precedence=0)
greater = op("greater", None, None, native="greater", text="{0} > {1}", latex="{0} > {1}", precedence=0)
greater_equal = op("greater_equal", None, None, native="greater_equal", text="{0} ≥ {1}", latex=r"{0} \ge {1}",
                   precedence=0)
equal = op("equal", None, None, native="equal", commutative=True, text="{0} = {1}", latex="{0} = {1}", precedence=0)
not_equal = op("not_equal", None, None, native="not_equal", commutative=True, text="{0} ≠ {1}", latex=r"{0} \ne {1}",
               precedence=0)

where = op("where", None, lambda y, condition, u, v: not_equal(condition, 0.0),
           lambda y, condition, u, v: equal(condition, 0.0), native="where", selects=True, guard=_refuse_bool,
           latex=r"\begin{{cases}} {1} & {0} \\ {2} & \text{{otherwise}} \end{{cases}}", needs=(0, SUM, SUM))

# --- exponentials and logarithms -----------------------------------------------------------------------------------

exp = op("exp", lambda y, x: y, native="exp", monotone=(+1,), limits=(0,), latex="e^{{{0}}}", precedence=POWER)

expm1 = op("expm1", lambda y, x: exp(x), native="expm1", monotone=(+1,), limits=(-1,))

log = op("log", lambda y, x: 1 / x, native="log", monotone=(+1,), domain=_POSITIVE, latex=r"\log\left({0}\right)")

log1p = op("log1p", lambda y, x: 1 / (1 + x), native="log1p", monotone=(+1,), domain=Interval(-1.0, _inf))

sqrt = op("sqrt", lambda y, x: 0.5 / y, native="sqrt", monotone=(+1,), domain=_NOT_NEGATIVE, text="√{0}",
          textbook=(lambda y, x: 1 / (2 * y),), latex=r"\sqrt{{{0}}}", precedence=POWER, needs=(ATOM,),
          kinks=(Kink("sqrt′(0) = ∞", lambda x: x),))

cbrt = op("cbrt", lambda y, x: 1 / (3 * y * y), native="cbrt", monotone=(+1,), text="∛{0}",
          textbook=(lambda y, x: 1 / (3 * y**2),), latex=r"\sqrt[3]{{{0}}}", precedence=POWER, needs=(ATOM,),
          kinks=(Kink("cbrt′(0) = ∞", lambda x: x),))

xlogy = op("xlogy", lambda y, x, z: log(z),
           lambda y, x, z: where(equal(x, 0.0), contribution(x, 1 / z), div(x, z)),
           body=lambda x, z: contribution(x, log(z)), textbook=(lambda y, x, z: log(z), lambda y, x, z: x / z),
           definition=lambda x, z: x * log(z), domain=[_REAL, _POSITIVE],
           kinks=(Kink("0·log y = 0 for every y, also y = 0", lambda x, z: z),))

# --- absolute value, sign, steps -----------------------------------------------------------------------------------

abs = op("abs", lambda y, x: sign(x), native="abs", even=True, text="|{0}|", latex=r"\left|{0}\right|", needs=(0,),
         kinks=(Kink("abs′(0) = 0", lambda x: x),))

sign = op("sign", None, native="sign", monotone=(+1,), kinks=(Kink("sign(0) = 0, sign′(0) = 0", lambda x: x),))

floor = op("floor", None, native="floor", monotone=(+1,), text="⌊{0}⌋", latex=r"\left\lfloor {0} \right\rfloor",
           needs=(0,), kinks=(Kink("floor′ = 0, at the jumps too", lambda x: x - floor(x + 0.5)),))

maximum = op("maximum", lambda y, u, v: _wins(u, v), lambda y, u, v: _wins(v, u), native="maximum", selects=True,
             text="max({0}, {1})", latex=r"\max\left({0}, {1}\right)", monotone=(+1,), commutative=True,
             kinks=(Kink("max at a tie: ½ to each", lambda u, v: u - v),))

minimum = op("minimum", lambda y, u, v: _wins(v, u), lambda y, u, v: _wins(u, v), native="minimum", selects=True,
             text="min({0}, {1})", latex=r"\min\left({0}, {1}\right)", monotone=(+1,), commutative=True,
             kinks=(Kink("min at a tie: ½ to each", lambda u, v: u - v),))

clip = op("clip", lambda y, x, low, high: _wins(x, low) * _wins(high, maximum(x, low)),
          lambda y, x, low, high: _wins(low, x) * _wins(high, maximum(x, low)),
          lambda y, x, low, high: _wins(maximum(x, low), high),
          body=lambda x, low, high: minimum(maximum(x, low), high), selects=True, monotone=(+1,),
          kinks=(Kink("clip at its lower bound: ½ to each", lambda x, low, high: x - low),
                 Kink("clip at its upper bound: ½ to each", lambda x, low, high: maximum(x, low) - high)))

# --- trigonometric and hyperbolic functions ------------------------------------------------------------------------

sin = op("sin", lambda y, x: cos(x), native="sin", latex=r"\sin\left({0}\right)")
cos = op("cos", lambda y, x: -sin(x), native="cos", even=True, latex=r"\cos\left({0}\right)")
tan = op("tan", lambda y, x: 1 + y * y, native="tan", latex=r"\tan\left({0}\right)",
         textbook=(lambda y, x: 1 + y**2,))

asin = op("asin", lambda y, x: 1 / sqrt(one_minus_square(x)), native="asin", latex=r"\arcsin\left({0}\right)",
          textbook=(lambda y, x: 1 / sqrt(1 - x**2),), domain=_UNIT, monotone=(+1,))
acos = op("acos", lambda y, x: -1 / sqrt(one_minus_square(x)), native="acos", latex=r"\arccos\left({0}\right)",
          textbook=(lambda y, x: -1 / sqrt(1 - x**2),), domain=_UNIT, monotone=(-1,))
one_minus_square = op("one_minus_square", lambda y, x: -2 * x, body=lambda x: (1 - x) * (1 + x),
                      definition=lambda x: 1 - x * x, text="1 − {0}²", latex="1 - {0}^{{2}}", precedence=SUM,
                      needs=(ATOM,), internal=True, doc="1 − x², right to the last digits near ±1 too.")
atan = op("atan", lambda y, x: 1 / hypot(1.0, x) / hypot(1.0, x), native="atan", latex=r"\arctan\left({0}\right)",
          textbook=(lambda y, x: 1 / (1 + x**2),), monotone=(+1,))
atan2 = op("atan2", lambda y, u, v: _over_square(v, hypot(u, v)), lambda y, u, v: -_over_square(u, hypot(u, v)),
           native="atan2", textbook=(lambda y, u, v: v / (u**2 + v**2), lambda y, u, v: -u / (u**2 + v**2)),
           kinks=(Kink("atan2 at (0, 0): gradient (0, 0)", lambda u, v: abs(u) + abs(v)),
                  Kink("atan2 on the cut v < 0, u = 0: a jump by 2π, derivative of either side",
                       lambda u, v: where(less(v, 0.0), u, 1.0))))

sinh = op("sinh", lambda y, x: cosh(x), native="sinh", monotone=(+1,), latex=r"\sinh\left({0}\right)")
cosh = op("cosh", lambda y, x: sinh(x), native="cosh", even=True, latex=r"\cosh\left({0}\right)")
tanh = op("tanh", lambda y, x: sech(x) * sech(x), native="tanh", textbook=(lambda y, x: 1 - y**2,), monotone=(+1,),
          limits=(-1, 1), latex=r"\tanh\left({0}\right)")
sech = op("sech", lambda y, x: -y * tanh(x), native="sech", body=lambda x: 2 * exp(-abs(x)) / (1 + exp(-2 * abs(x))),
          definition=lambda x: 1 / cosh(x), latex=r"\operatorname{{sech}}\left({0}\right)", even=True, limits=(0,),
          internal=True)

asinh = op("asinh", lambda y, x: 1 / hypot(1.0, x), native="asinh", textbook=(lambda y, x: 1 / sqrt(1 + x**2),),
           monotone=(+1,))
acosh = op("acosh", lambda y, x: 1 / (sqrt(x - 1) * sqrt(x + 1)), native="acosh", monotone=(+1,),
           textbook=(lambda y, x: 1 / sqrt(x**2 - 1),), domain=Interval(1.0, _inf, closed=True))
atanh = op("atanh", lambda y, x: 1 / one_minus_square(x), native="atanh", monotone=(+1,),
           textbook=(lambda y, x: 1 / (1 - x**2),), domain=_OPEN_UNIT)

hypot = op("hypot", lambda y, u, v: direction(u, v), lambda y, u, v: direction(v, u), native="hypot", commutative=True,
           even=True, textbook=(lambda y, u, v: u / y, lambda y, u, v: v / y),
           kinks=(Kink("hypot at (0, 0): gradient (0, 0)", lambda u, v: abs(u) + abs(v)),))

direction = op("direction", lambda y, u, v: contribution(direction(v, u), direction(v, u) / hypot(u, v)),
               lambda y, u, v: -contribution(y, direction(v, u) / hypot(u, v)), native="direction",
               body=lambda u, v: where(equal(hypot(u, v), 0.0), 0.0, div(u, hypot(u, v))), internal=True,
               definition=lambda u, v: u / sqrt(u * u + v * v), text="{0}/hypot({0}, {1})", precedence=PRODUCT,
               latex=r"\frac{{{0}}}{{\operatorname{{hypot}}\left({0}, {1}\right)}}", needs=(PRODUCT, SUM),
               kinks=(Kink("direction at (0, 0): 0, gradient (0, 0)", lambda u, v: abs(u) + abs(v)),),
               doc="u/√(u² + v²), a direction cosine and the slope of hypot; 0 at (0, 0).")

sinc = op("sinc", lambda y, x: sinc_derivative.of(1)(x), definition=lambda x: sin(x) / x, even=True,
          body=quotient_body(_sin_rate)(0), textbook=(lambda y, x: (cos(x) - y) / x,),
          latex=r"\operatorname{{sinc}}\left({0}\right)",
          doc="sinc(x) = sin(x)/x, and 1 at x = 0 (not NumPy's sin(πx)/(πx)).")

sinc_derivative = derivatives("sinc", quotient_body(_sin_rate), quotient_definition(_sin_rate))

# --- error functions -----------------------------------------------------------------------------------------------

erf = op("erf", lambda y, x: erf_slope(x), native="erf", monotone=(+1,), limits=(-1, 1))
erfc = op("erfc", lambda y, x: -erf_slope(x), native="erfc", monotone=(-1,), limits=(0, 2))

erf_slope = op("erf_slope", lambda y, x: -2 * x * y, native="erf_slope",
               body=lambda x: 2 / math.sqrt(math.pi) * exp(-x * x),
               definition=lambda x: 2 / sqrt(acos(0 * x - 1)) * exp(-x * x),  # π in the number system of x
               text="2/√π·e^(−{0}²)", precedence=PRODUCT,
               latex=r"\frac{{2}}{{\sqrt{{\pi}}}} e^{{-{0}^{{2}}}}", needs=(ATOM,),
               doc="Derivative of erf: 2/√π·exp(−x²).", internal=True)

# --- activations ---------------------------------------------------------------------------------------------------

sigmoid = op("sigmoid", lambda y, x: sigmoid_slope(x), native="sigmoid", body=_sigmoid,
             definition=lambda x: 1 / (1 + exp(-x)), textbook=(lambda y, x: y * (1 - y),), monotone=(+1,),
             text="σ({0})", latex=r"\sigma\left({0}\right)", limits=(0, 1))

sigmoid_slope = op("sigmoid_slope", lambda y, x: -y * tanh(x / 2), native="sigmoid_slope", even=True, internal=True,
                   body=lambda x: sigmoid(x) * sigmoid(-x), definition=lambda x: exp(-x) / (1 + exp(-x)) ** 2,
                   text="σ′({0})", latex=r"\sigma'\left({0}\right)", doc="Derivative of σ: σ(x)·σ(−x).")

log_sigmoid = op("log_sigmoid", lambda y, x: sigmoid(-x), body=lambda x: -softplus(-x),
                 definition=lambda x: -log(1 + exp(-x)), monotone=(+1,))

softplus = op("softplus", lambda y, x: sigmoid(x), native="softplus", monotone=(+1,),
              body=lambda x: maximum(x, 0.0) + log1p(exp(-abs(x))), definition=lambda x: log(1 + exp(x)), limits=(0,))

relu = op("relu", lambda y, x: greater(x, 0.0), native="relu", selects=True, monotone=(+1,),
          body=lambda x: where(less_equal(x, 0.0), 0.0, x), kinks=(Kink("relu′(0) = 0", lambda x: x),))

leaky_relu = op("leaky_relu", lambda y, x, slope: where(greater(x, 0.0), 1.0, slope),
                lambda y, x, slope: where(greater(x, 0.0), 0.0, x), defaults=(0.01,),
                body=lambda x, slope: where(greater(x, 0.0), x, slope * x),
                kinks=(Kink("leaky_relu′(0) = slope", lambda x, slope: x),))

elu = op("elu", lambda y, x, alpha: where(greater(x, 0.0), 1.0, _times_exp(alpha, x)),
         lambda y, x, alpha: where(greater(x, 0.0), 0.0, expm1(x)), defaults=(1.0,),
         textbook=(lambda y, x, alpha: where(greater(x, 0.0), 1.0, alpha * exp(x)),
                   lambda y, x, alpha: where(greater(x, 0.0), 0.0, expm1(x))),
         body=lambda x, alpha: where(greater(x, 0.0), x, alpha * expm1(x)),
         kinks=(Kink("elu′(0) = alpha", lambda x, alpha: x),))

silu = op("silu", lambda y, x: sigmoid(x) + contribution(sigmoid(-x), y), body=_silu,
          definition=lambda x: x / (1 + exp(-x)), textbook=(lambda y, x: sigmoid(x) + y * (1 - sigmoid(x)),))

close_table()


class Operators:
    """Python's operators as ops, for every class that has ``__apply_op__(op, args)``.

    ``==`` and ``hash`` stay identity; :data:`equal` is the op.
    """

    __slots__ = ()

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Any:
        """Apply an op to arguments of which this is one; NotImplemented passes on to the next."""
        return NotImplemented

    def __add__(self, other: Any) -> Self:
        return self.__apply_op__(add, (self, other))  # type: ignore[no-any-return]

    def __radd__(self, other: Any) -> Self:
        if other.__class__ is int and other == 0:
            return self  # what sum() starts with
        return self.__apply_op__(add, (other, self))  # type: ignore[no-any-return]

    def __sub__(self, other: Any) -> Self:
        return self.__apply_op__(sub, (self, other))  # type: ignore[no-any-return]

    def __rsub__(self, other: Any) -> Self:
        return self.__apply_op__(sub, (other, self))  # type: ignore[no-any-return]

    def __mul__(self, other: Any) -> Self:
        return self.__apply_op__(mul, (self, other))  # type: ignore[no-any-return]

    def __rmul__(self, other: Any) -> Self:
        return self.__apply_op__(mul, (other, self))  # type: ignore[no-any-return]

    def __truediv__(self, other: Any) -> Self:
        return self.__apply_op__(div, (self, other))  # type: ignore[no-any-return]

    def __rtruediv__(self, other: Any) -> Self:
        return self.__apply_op__(div, (other, self))  # type: ignore[no-any-return]

    def __pow__(self, other: Any) -> Self:
        return self.__apply_op__(pow, (self, other))  # type: ignore[no-any-return]

    def __rpow__(self, other: Any) -> Self:
        return self.__apply_op__(pow, (other, self))  # type: ignore[no-any-return]

    def __neg__(self) -> Self:
        return self.__apply_op__(neg, (self,))  # type: ignore[no-any-return]

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> Self:
        return self.__apply_op__(abs, (self,))  # type: ignore[no-any-return]

    def __lt__(self, other: Any) -> Self:
        return self.__apply_op__(less, (self, other))  # type: ignore[no-any-return]

    def __le__(self, other: Any) -> Self:
        return self.__apply_op__(less_equal, (self, other))  # type: ignore[no-any-return]

    def __gt__(self, other: Any) -> Self:
        return self.__apply_op__(greater, (self, other))  # type: ignore[no-any-return]

    def __ge__(self, other: Any) -> Self:
        return self.__apply_op__(greater_equal, (self, other))  # type: ignore[no-any-return]


def flow(op: Op, upstream: Any, partial: Any) -> Any:
    """What one argument receives: upstream·partial, in any number system and any mode.

    An upstream of exactly 0 gives 0 whatever the partial is; so does a partial of 0 where the op selects.

    >>> flow(log, 0.0, math.inf), flow(relu, math.nan, 0.0), flow(log, 2.0, 0.25)
    (0.0, 0.0, 0.5)
    """
    if _is_plain(partial, 0.0) and op.selects:
        return 0.0
    if _is_plain(upstream, 1.0):
        product = partial
    elif _is_plain(upstream, -1.0):
        product = -partial
    elif _is_plain(partial, 1.0):
        product = upstream
    elif _is_plain(partial, -1.0):
        product = -upstream
    else:
        product = contribution(upstream, partial)
    return where(partial, product, 0.0) if op.selects and not isinstance(partial, float) else product


def _is_plain(number: Any, value: float) -> bool:
    return isinstance(number, float) and number == value
