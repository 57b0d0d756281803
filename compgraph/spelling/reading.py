"""Reading expressions modulo spelling: what is a product of powers or as a sum of such, however it was typed.

``u - v``, ``u + (-v)``, ``-v + u`` and ``u - 1.0*v`` are one sum; ``x*x``, ``x**2`` and ``x/(1/x)`` are one product.
Numbers are gathered in a coefficient only where that is exact. Reads ``.op``, ``.args`` and a constant's ``._value``,
and knows no Node: pattern variables are read the same way. Everything looks at a few operations around the root only.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

# Ruff's A004: the op pow has the name of the function it is.
from ..ops import CONSTANT, INPUT, add, copy, div, mul, neg, pow, sqrt, sub
from .exactly import exact_power, exact_product, quotient_of_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "LARGEST_POWER", "LOOKS", "Monomial", "Number", "as_leaf", "as_number", "is_sum", "is_sum_of", "monomial",
    "monomial_of", "number_of", "ratio", "ratio_of_bases", "ratio_of_monomials", "read", "same_expression", "terms",
    "terms_of",
]  # fmt: skip

# Longer sums and products are left as they are: rules are about a few operations. n-ary rules read further.
_LONGEST = 24
LARGEST_POWER = 8

# How many pairs of operations are compared before two expressions count as different.
LOOKS = 60

Factor = tuple[Any, int]


class Monomial(NamedTuple):
    """coefficient · Π baseᵉ, with whole exponents e; no factors: a number.

    >>> from compgraph.node import Node
    >>> x = Node(2.0, "x")
    >>> monomial(-2*x/x**3)
    Monomial(coefficient=-2.0, factors=((x = 2, -2),))
    """

    coefficient: float
    factors: tuple[Factor, ...]


def same_expression(a: Any, b: Any, most: float = math.inf) -> bool:
    """Whether two expressions have the same structure over the same inputs; False where that takes too many looks.

    >>> from compgraph.node import Node
    >>> x, y = Node(1.0, "x"), Node(1.0, "y")
    >>> same_expression(x*x + 1, x*x + 1), same_expression(x, y)
    (True, False)
    """
    stack, equal_pairs = [(a, b)], set[tuple[int, int]]()
    while stack:
        one, other = stack.pop()
        if one is other or (id(one), id(other)) in equal_pairs:
            continue
        if one.op is not other.op or one.op is INPUT or len(equal_pairs) >= most:
            return False
        if one.op is CONSTANT and repr(one._value) != repr(other._value):
            return False
        equal_pairs.add((id(one), id(other)))
        stack.extend(zip(one.args, other.args, strict=True))
    return True


# --- reading -------------------------------------------------------------------------------------------------------


def read(node: Any) -> tuple[Any, tuple[Any, ...]]:
    """(op, args) of a node, below copies; a power of one half as the root it is."""
    while node.op is copy:
        node = node.args[0]
    if node.op is pow and number_of(node.args[1]) == 0.5:
        return sqrt, node.args[:1]
    return node.op, node.args


def number_of(node: Any) -> float | None:
    """The number of a constant, None of anything else."""
    return node._value if node.op is CONSTANT else None


# What is opened where it is read, here or in a sum; anything else is a factor by itself.
_PRODUCTS = frozenset({mul, div, neg, pow, copy, add, sub, CONSTANT})


def monomial(node: Any) -> Monomial:
    """The node as a product of powers."""
    op = node.op
    return monomial_of(op, node.args, node) if op in _PRODUCTS else Monomial(1.0, ((node, 1),))


def monomial_of(op: Any, args: Sequence[Any], whole: Any = None) -> Monomial:
    """What ``op`` of these arguments is as a product of powers; ``whole`` is the node of it, where there is one."""
    todo = _open(op, args, whole, 1)
    if todo is None:
        return Monomial(1.0, () if whole is None else ((whole, 1),))
    coefficient = 1.0
    found: list[Factor] = []
    for _ in range(_LONGEST):
        if not todo:
            break
        base, exponent = todo.pop()  # a stack: the next factor is the last
        opened = None
        if base.op in _PRODUCTS:
            product = _with_number(coefficient, base, exponent) if base.op is CONSTANT else None
            if product is not None:
                coefficient = product
                continue
            opened = _open(base.op, base.args, base, exponent) if base.args else None
        if opened is not None:
            todo += opened
        else:
            _gather(found, base, exponent)
    if todo:
        return Monomial(1.0, ((whole, 1),) if whole is not None else ((args[0], 1), (args[1], 1 if op is mul else -1)))
    if all(exponent for _, exponent in found):
        return Monomial(coefficient, tuple(found))
    if whole is not None and any(exponent == 0 and base.op is not INPUT for base, exponent in found):
        return Monomial(1.0, ((whole, 1),))  # u/u is 1 only where u is a number
    return Monomial(coefficient, tuple([factor for factor in found if factor[1]]))


def _with_number(coefficient: float, number: Any, exponent: int) -> float | None:
    """The coefficient times a power of a number, where a float holds it."""
    power = exact_power(number._value, exponent)
    return None if power is None else exact_product(coefficient, power)


def _open(op: Any, args: Sequence[Any], whole: Any, exponent: int) -> list[Factor] | None:  # noqa: C901  # one case an op
    """The factors of one operation, the last first, numbers among them as leaves; None where it is no product."""
    if abs(exponent) > 1:
        return None
    if op is mul:
        return [(args[0], 2 * exponent)] if args[0] is args[1] else [(args[1], exponent), (args[0], exponent)]
    if op is div:
        return [(args[1], -exponent), (args[0], exponent)]
    if op is copy:
        return [(args[0], exponent)]
    if op is neg:
        return [(args[0], exponent), (_MINUS_ONE, exponent)]
    if op is add and args[0] is args[1]:
        return [(args[0], exponent), (_TWO, exponent)]
    if op is sub and number_of(args[0]) == 0.0:
        return [(args[1], exponent), (_MINUS_ONE, exponent)]
    if op is CONSTANT and whole is not None:
        return [(whole, exponent)]
    if op is pow:
        power = number_of(args[1])
        if power is not None and power.is_integer() and 0 < abs(power * exponent) <= LARGEST_POWER:
            return [(args[0], int(power) * exponent)]
        if power == -0.5:
            return [(sqrt(args[0]), -exponent)]
    return None


class Number:
    """A number as a leaf, where no node of it exists."""

    __slots__ = ("_value",)
    op, args = CONSTANT, ()

    def __init__(self, value: float) -> None:
        self._value = value


_MINUS_ONE, _TWO = Number(-1.0), Number(2.0)


def as_leaf(expression: Any) -> Any:
    """A plain number as a leaf that can be read like a node; a node as it is."""
    return expression if hasattr(expression, "op") else Number(float(expression))


def as_number(expression: Any) -> Any:
    """A leaf made by :func:`as_leaf` as its number; a node as it is."""
    return expression._value if isinstance(expression, Number) else expression


def _gather(found: list[Factor], base: Any, exponent: int) -> None:
    for index, (other, present) in enumerate(found):
        if other is base or (other.op is base.op and same_expression(other, base, _LONGEST)):
            found[index] = (other, present + exponent)
            return
    found.append((base, exponent))


def terms(node: Any) -> list[Monomial]:
    """The node as a sum of products of powers; of one term if it is no sum.

    >>> from compgraph.node import Node
    >>> x = Node(2.0, "x")
    >>> [term.coefficient for term in terms(1 - (x - 3*x*x))]
    [1.0, -1.0, 3.0]
    """
    return terms_of(node.op, node.args, node)


def terms_of(op: Any, args: Sequence[Any], whole: Any = None) -> list[Monomial]:
    """What ``op`` of these arguments is as a sum; ``whole`` is the node of it, where there is one."""
    looks = 0
    todo = [(1.0, whole)]  # a stack: the next term is the last
    if op is add or op is sub:
        todo = [(1.0 if op is add else -1.0, args[1]), (1.0, args[0])]
    found: list[Monomial] = []
    while todo:
        coefficient, node = todo.pop()
        if is_sum(node):
            todo += [(coefficient if node.op is add else -coefficient, node.args[1]), (coefficient, node.args[0])]
        else:
            own, factors = part = monomial(node)
            product = exact_product(coefficient, own)
            if product is None:
                found.append(Monomial(coefficient, ((node, 1),)))
            elif len(factors) == 1 and factors[0][1] == 1 and factors[0][0] is not node and is_sum(factors[0][0]):
                todo.append((product, factors[0][0]))
            else:
                found.append(part if coefficient == 1.0 else Monomial(product, factors))
        looks += 1
        if looks > _LONGEST:
            return [Monomial(1.0, ((whole, 1),))] if whole is not None else []
    return found


def is_sum(node: Any) -> bool:
    """Whether a node is a sum of two different things."""
    return node.op is sub or (node.op is add and node.args[0] is not node.args[1])


# --- comparing -----------------------------------------------------------------------------------------------------


def ratio(a: Any, b: Any, looks: list[None] | None = None) -> float | None:
    """The number k for which a = k·b follows from how they are written; None where none does, or after long looking.

    >>> from compgraph.node import Node
    >>> x, y = Node(2.0, "x"), Node(3.0, "y")
    >>> ratio(2*x - 2*y, y - x), ratio(x*x*y, y*x**2), ratio(x, y)
    (-2.0, 1.0, None)
    """
    if a is b:
        return 1.0
    return ratio_of_monomials(monomial(a), monomial(b), [None] * LOOKS if looks is None else looks)


def is_sum_of(node: Any, parts: list[Monomial]) -> bool:
    """Whether it follows from how they are written that a node is the sum of these products.

    >>> from compgraph.node import Node
    >>> x, y = Node(2.0, "x"), Node(3.0, "y")
    >>> is_sum_of(y - 2*x, [monomial(-x*2), monomial(y)]), is_sum_of(x, [monomial(y)])
    (True, False)
    """
    own = terms(node) if is_sum(node) else [monomial(node)]
    if len(own) != len(parts):
        return False
    looks: list[None] = [None] * LOOKS
    common = ratio_of_monomials(own[0], parts[0], looks) if len(own) == 1 else _ratio_of_sums(own, parts, looks)
    return common == 1.0


def ratio_of_monomials(a: Monomial, b: Monomial, looks: list[None]) -> float | None:
    """:func:`ratio` of two products; takes from the looks that are left."""
    if len(a.factors) != len(b.factors):
        return None
    total = quotient_of_numbers(a.coefficient, b.coefficient)
    left = list(b.factors)
    for base, exponent in a.factors:
        for index, (other, power) in enumerate(left):
            if power == exponent:
                k = ratio_of_bases(base, other, looks)
                scale = None if k is None else exact_power(k, exponent)
                if scale is not None:
                    total = None if total is None else exact_product(total, scale)
                    del left[index]
                    break
        else:
            return None
    return total


def ratio_of_bases(a: Any, b: Any, looks: list[None]) -> float | None:
    """:func:`ratio` of two nodes that are no products; takes from the looks that are left."""
    if a is b:
        return 1.0
    if not looks:
        return None
    looks.pop()
    if is_sum(a) or is_sum(b):
        return _ratio_of_sums(terms(a), terms(b), looks) if is_sum(a) and is_sum(b) else None
    (op, args), (other, others) = read(a), read(b)
    if op in _OPENED and other in _OPENED:  # bases of a power, which are not opened where it is read
        return ratio(a, b, looks) if (monomial(a).factors, monomial(b).factors) != (((a, 1),), ((b, 1),)) else None
    if op is not other or op is INPUT:
        return None
    if op is CONSTANT:
        return 1.0 if repr(a._value) == repr(b._value) else None
    orders = [others, others[::-1]] if op.commutative else [others]
    alike = any(all(ratio(x, y, looks) == 1.0 for x, y in zip(args, arranged, strict=True)) for arranged in orders)
    return 1.0 if alike else None


_OPENED = {mul, div, neg, pow}


def _ratio_of_sums(a: list[Monomial], b: list[Monomial], looks: list[None]) -> float | None:
    if len(a) != len(b) or len(a) < 2:
        return None
    left, common = list(b), None
    for term in a:
        for index, other in enumerate(left):
            k = ratio_of_monomials(term, other, looks)
            if k is not None and common in {None, k}:
                common = k
                del left[index]
                break
        else:
            return None
    return common
