"""Formulas as a textbook writes them: signs, numerators and denominators collected, zeros and ones folded.

Plain identities that hold wherever both sides are defined, and nothing that a reader would have to check: ``tidied``
neither multiplies sums out nor cancels fractions; ``multiplied_out`` is the step that does. Works on graphs over
letters; a result equals what it came from up to rounding.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from ..graph import COMPARISONS, order
from ..node import Node, as_typed, constant
from ..ops import (
    CONSTANT,
    add,
    div,
    equal,
    greater,
    greater_equal,
    less,
    less_equal,
    mul,
    neg,
    not_equal,
    pow,
    sub,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..record import Op

__all__ = ["multiplied_out", "tidied"]

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


@as_typed()
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
    return tidier.build(tidier.forms(node)[node])


@as_typed()
def multiplied_out(products: Iterable[tuple[Node | None, Node]]) -> Node:
    """A sum of products (sum, factor), each term of each sum times its factor, and equal factors cancelled.

    A sum that is None is 1.

    >>> y, a = Node(1.0, "y"), Node(0.5, "a")
    >>> multiplied_out([((1 - y)/(1 - a) - y/a, a*(1 - a))])
    (1 − y)·a − y·(1 − a) = −0.5
    """
    tidier = _Tidier()
    terms: list[_Product] = []
    for addition, factor in products:
        single = tidier._single(tidier.forms(factor)[factor])
        added = (_Product(),) if addition is None else tidier.forms(addition)[addition]
        terms += [_cancelled(_multiplied(term, single)) for term in added]
    return tidier.build(_sum(terms))


class _Tidier:
    """Makes every structure once, so that equal expressions are one node and can be compared by identity."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], Node] = {}

    def forms(self, node: Node) -> dict[Node, Form]:
        """The forms of a node and of all below."""
        forms: dict[Node, Form] = {}
        for inner in order(node):
            forms[inner] = self.form(inner, [forms[arg] for arg in inner.args])
        return forms

    def form(self, node: Node, args: list[Form]) -> Form:
        if node.op is CONSTANT and node.name is None:
            value = node.value if math.isfinite(node._value or 0.0) else None
            return _atom(node) if value is None else _sum([_Product(value)])
        if not args:
            return _atom(node)
        rule = _RULES.get(node.op.name)
        form = None if rule is None else rule(self, *args)
        return _atom(self._make(node.op, *map(self.build, args))) if form is None else form

    def add(self, u: Form, v: Form) -> Form:
        return _sum([*u, *v])

    def sub(self, u: Form, v: Form) -> Form:
        return _sum([*u, *self.neg(v)])

    def neg(self, u: Form) -> Form:
        single = self._single(u)
        return _sum([single._replace(number=-single.number)])

    def mul(self, u: Form, v: Form) -> Form:
        return self._times(self._single(u), self._single(v))

    def div(self, u: Form, v: Form) -> Form | None:
        divisor = self._single(v)
        return self._times(self._single(u), _inverse(divisor)) if divisor.number else None

    def pow(self, u: Form, v: Form) -> Form | None:
        number = _constant_of(v)
        if number is None or not number.is_integer():
            return None
        if number in {0.0, 1.0}:
            return u if number else (_Product(),)
        single = self._single(u)
        if single.number != 1.0 or single.over != 1.0 or single.below or len(single.above) != 1:
            return None
        ((base, times),) = single.above
        if times * abs(number) > _LARGEST_EXPONENT:
            return None
        raised = _Product(above=((base, times * abs(int(number))),))
        return (raised,) if number > 0 else (_inverse(raised),)

    def where(self, condition: Form, u: Form, v: Form) -> Form | None:
        chosen = _constant_of(condition)
        return None if chosen is None else u if chosen else v

    def not_equal(self, u: Form, v: Form) -> Form | None:
        """(x > 0) ≠ 0, a partial of where(x > 0, …), is x > 0 itself."""
        return u if not v and _is_comparison(u) else None

    def equal(self, u: Form, v: Form) -> Form | None:
        """(x > 0) = 0, the other partial, is x ≤ 0: one of the two holds wherever both are defined."""
        if v or not _is_comparison(u):
            return None
        ((comparison, _),) = u[0].above
        return _atom(self._make(_OPPOSITES[comparison.op.name], *comparison.args))

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
            for base, exponent in sorted(powers, key=lambda power: power[0].op.name in COMPARISONS)  # dr·x·[x > 0]
        ]
        if number != 1.0 or not factors:
            factors.insert(0, self._constant(number))
        result = factors[0]
        for factor in factors[1:]:
            result = self._make(mul, result, factor)
        return result

    def _negative(self, term: Node) -> Node:
        return self._constant(-term.value) if term.op is CONSTANT and term.name is None else self._make(neg, term)

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


_OPPOSITES: Mapping[str, Op] = {
    "less": greater_equal, "less_equal": greater, "greater": less_equal, "greater_equal": less, "equal": not_equal,
    "not_equal": equal,
}  # fmt: skip

_RULES: Mapping[str, Callable[..., Form | None]] = {
    "add": _Tidier.add, "sub": _Tidier.sub, "neg": _Tidier.neg, "mul": _Tidier.mul, "contribution": _Tidier.mul,
    "div": _Tidier.div, "pow": _Tidier.pow, "where": _Tidier.where, "equal": _Tidier.equal,
    "not_equal": _Tidier.not_equal,
}  # fmt: skip


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


def _cancelled(product: _Product) -> _Product:
    """x/x is 1 where both sides are defined."""
    above, below = dict(product.above), dict(product.below)
    for base in above.keys() & below.keys():
        common = min(above[base], below[base])
        above[base] -= common
        below[base] -= common
    left = (tuple((base, exponent) for base, exponent in powers.items() if exponent) for powers in (above, below))
    return product._replace(above=next(left), below=next(left))


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
