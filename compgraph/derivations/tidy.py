"""Formulas as a textbook writes them: signs, numerators and denominators collected, zeros and ones folded.

Plain identities that hold wherever both sides are defined, and nothing that a reader would have to check: sums are not
multiplied out and fractions are not cancelled. Works on graphs over letters; a result equals what it came from up to
rounding.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from ..graph import COMPARISONS, order
from ..node import Node, constant
from ..ops import CONSTANT, add, div, mul, neg, pow, sub

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..record import Op

__all__ = ["tidied"]

# (base, exponent ≥ 1), in the order in which the factors appeared.
Powers = tuple[tuple[Node, int], ...]

# Powers are collected up to this exponent; beyond, a product stays one.
_LARGEST_EXPONENT = 64


class _Product(NamedTuple):
    """number·Πabove / (over·Πbelow), over > 0."""

    number: float = 1.0
    over: float = 1.0
    above: Powers = ()
    below: Powers = ()


# A sum of products, in order; empty for 0.
Form = tuple[_Product, ...]


def tidied(node: Node) -> Node:
    """An expression in the form in which a textbook writes it.

    Args:
        node: An expression over inputs; it is not changed.

    Returns:
        An expression over the same inputs, with equal subexpressions shared, of the same value up to rounding.

    >>> x, y = Node(2.0, "x"), Node(3.0, "y")
    >>> tidied((-y) * (1/x) + 0*x), tidied(-(-(1 - y)) * (1/(1 - x))), tidied(x*x + 2*x**(2 - 1))
    (−y/x = −1.5, (1 − y)/(1 − x) = 2, x^2 + 2·x = 8)
    """
    tidier = _Tidier()
    forms: dict[Node, Form] = {}
    for inner in order(node):
        forms[inner] = tidier.form(inner, [forms[arg] for arg in inner.args])
    return tidier.build(forms[node])


class _Tidier:
    """Makes every structure once, so that equal expressions are one node and can be compared by identity."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], Node] = {}

    def form(self, node: Node, args: list[Form]) -> Form:
        name = node.op.name
        if node.op is CONSTANT and node.name is None:
            value = node.value if math.isfinite(node._value or 0.0) else None
            return _atom(node) if value is None else _sum([_Product(value)])
        if not args:
            return _atom(node)
        if name == "add":
            return _sum([*args[0], *args[1]])
        if name == "sub":
            return _sum([*args[0], *self._negated(args[1])])
        if name == "neg":
            return self._negated(args[0])
        if name in {"mul", "contribution"}:
            return self._times(self._single(args[0]), self._single(args[1]))
        if name == "div" and (divisor := self._single(args[1])).number:
            return self._times(self._single(args[0]), _inverse(divisor))
        if name == "pow" and (power := self._power(*args)) is not None:
            return power
        if name == "where" and (chosen := _constant_of(args[0])) is not None:
            return args[1] if chosen else args[2]
        if name in {"equal", "not_equal"} and not args[1] and _is_comparison(args[0]):
            # where(x > 0, u, v) has the partials (x > 0) ≠ 0 and (x > 0) = 0
            return args[0] if name == "not_equal" else _sum([_Product(), *self._negated(args[0])])
        return _atom(self._make(node.op, *map(self.build, args)))

    def build(self, form: Form) -> Node:
        """The sum as a node, signs outside of its products."""
        total: Node | None = None
        for product in form:
            term = self._build_product(product._replace(number=abs(product.number)))
            if total is None:
                total = self._negative(term) if product.number < 0 else term
            else:
                total = self._make(sub if product.number < 0 else add, total, term)
        return self._constant(0.0) if total is None else total

    def _build_product(self, product: _Product) -> Node:
        number, over, above, below = product
        if not above and not below:
            return self._constant(number / over)
        top = self._build_factors(number, above)
        return top if over == 1.0 and not below else self._make(div, top, self._build_factors(over, below))

    def _build_factors(self, number: float, powers: Powers) -> Node:
        factors = [
            base if exponent == 1 else self._make(pow, base, self._constant(float(exponent)))
            for base, exponent in powers
        ]
        if number != 1.0 or not factors:
            factors.insert(0, self._constant(number))
        result = factors[0]
        for factor in factors[1:]:
            result = self._make(mul, result, factor)
        return result

    def _negative(self, term: Node) -> Node:
        return self._constant(-term.value) if term.op is CONSTANT and term.name is None else self._make(neg, term)

    def _negated(self, form: Form) -> Form:
        single = self._single(form)
        return _sum([single._replace(number=-single.number)])

    def _single(self, form: Form) -> _Product:
        """The form as one product: a sum becomes a factor."""
        if not form:
            return _Product(0.0)
        return form[0] if len(form) == 1 else _Product(above=((self.build(form), 1),))

    def _times(self, one: _Product, other: _Product) -> Form:
        product = _multiplied(one, other)
        if all(exponent <= _LARGEST_EXPONENT for _, exponent in product.above + product.below):
            return _sum([product])
        return _atom(self._make(mul, self.build((one,)), self.build((other,))))

    def _power(self, base: Form, exponent: Form) -> Form | None:
        number = _constant_of(exponent)
        if number is None or not number.is_integer():
            return None
        if number in {0.0, 1.0}:
            return base if number else (_Product(),)
        single = self._single(base)
        if single.number != 1.0 or single.over != 1.0 or single.below or len(single.above) != 1:
            return None
        ((factor, times),) = single.above
        if times * abs(number) > _LARGEST_EXPONENT:
            return None
        raised = _Product(above=((factor, times * abs(int(number))),))
        return (raised,) if number > 0 else (_inverse(raised),)

    def _constant(self, value: float) -> Node:
        key = ("constant", repr(value))
        if key not in self._made:
            self._made[key] = constant(value)
        return self._made[key]

    def _make(self, op: Op, *args: Node) -> Node:
        key = (op, *args)
        if key not in self._made:
            self._made[key] = op(*args)
        return self._made[key]


def _atom(node: Node) -> Form:
    return (_Product(above=((node, 1),)),)


def _is_comparison(form: Form) -> bool:
    if len(form) != 1 or len(form[0].above) != 1:
        return False
    base, _ = form[0].above[0]
    return form[0] == _atom(base)[0] and base.op.name in COMPARISONS


def _constant_of(form: Form) -> float | None:
    if not form:
        return 0.0
    number, over, above, below = form[0]
    return None if len(form) > 1 or above or below else number / over


def _sum(products: Iterable[_Product]) -> Form:
    """Like terms together, at the place of the first; terms of 0 dropped."""
    terms: dict[tuple[float, frozenset[tuple[Node, int]], frozenset[tuple[Node, int]]], _Product] = {}
    for product in products:
        key = (product.over, frozenset(product.above), frozenset(product.below))
        known = terms.get(key)
        terms[key] = product if known is None else known._replace(number=known.number + product.number)
    return tuple(_reduced(product) for product in terms.values() if product.number)


def _multiplied(one: _Product, other: _Product) -> _Product:
    return _reduced(
        _Product(
            one.number * other.number,
            one.over * other.over,
            _joined(one.above, other.above),
            _joined(one.below, other.below),
        )
    )


def _reduced(product: _Product) -> _Product:
    """2·x/2 is x, but 1/(2·x) stays: the denominator's number is kept where it does not divide."""
    number, over = product.number, product.over
    if over != 1.0 and math.isfinite(number) and math.isfinite(over) and number % over == 0:
        return product._replace(number=number / over, over=1.0)
    return product


def _inverse(product: _Product) -> _Product:
    number = math.copysign(product.over, product.number)
    return _reduced(_Product(number, abs(product.number), product.below, product.above))


def _joined(one: Powers, other: Powers) -> Powers:
    exponents = dict(one)
    for base, exponent in other:
        exponents[base] = exponents.get(base, 0) + exponent
    return tuple(exponents.items())
