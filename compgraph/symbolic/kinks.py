"""Comparisons and what is made of them: letters that are 0 or 1, so that no case has to be told apart beforehand.

max(u, 0) = u·[u > 0], and where(c, u, v) = v + [c]·(u − v): what an arm that is not taken holds is multiplied by 0. A
convention at a kink is part of the function: relu′ is [u > 0], and 0 at 0.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from .algebra import Letter
from .polynomials import is_number, leading, primitive, product

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from .algebra import Algebra, Term
    from .functions import Functions
    from .polynomials import Polynomial

__all__ = ["KINKS", "magnitude"]


def _sign_form(algebra: Algebra, u: Term) -> tuple[int, Polynomial]:
    """(±1, a primitive polynomial) whose product has the sign of u wherever u is defined; (0, 0) for 0."""
    above, below = algebra.fraction(u)
    if not above:
        return 0, {}
    number, monomial, rest = primitive(above)
    letters = tuple(
        (x, 1 if power % 2 else 2)
        for x, power in monomial
        if not algebra.letters[x].positive and (power % 2 or power > 0)
    )
    form: Polynomial = product({letters: 1}, {(): 1} if algebra.is_positive(rest) else rest)
    for index, power in below:
        if power % 2 and not algebra.is_positive(algebra.factors[index]):
            form = product(form, algebra.factors[index])
    turned, common, form = primitive(form)
    return (1 if number * turned > 0 else -1), product({common: 1}, form)


def _is_above_0(functions: Functions, algebra: Algebra, u: Term) -> Term:
    """[u > 0]."""
    sign, form = _sign_form(algebra, u)
    if sign == 0 or is_number(form):
        return algebra.term(int(sign > 0))
    if algebra.is_not_negative(form):
        return 1 - _is_0_at(functions, algebra, form) if sign > 0 else algebra.term(0)
    above = _step(functions, algebra, form, ">")
    return above if sign > 0 else 1 - above - _is_0_at(functions, algebra, form)


def _is_0(functions: Functions, algebra: Algebra, u: Term) -> Term:
    """[u = 0]."""
    sign, form = _sign_form(algebra, u)
    return algebra.term(int(sign == 0)) if is_number(form) else _is_0_at(functions, algebra, form)


def _is_0_at(functions: Functions, algebra: Algebra, form: Polynomial) -> Term:
    if functions.cases.get(_key(form, ">")) == 1:
        return algebra.term(0)
    zero = _step(functions, algebra, form, "=")
    if zero.parts and not is_number(zero.parts[()]):
        (((letter, _),),) = zero.parts[()]
        if letter not in algebra.rewrites:  # it is 0 times [form > 0], and times the form itself
            above = _step(functions, algebra, form, ">").parts.get((), {})
            lead = leading(form)
            others: Polynomial = {m: -Fraction(number) / form[lead] for m, number in form.items() if m != lead}
            algebra.rewrites[letter] = [(lead, others), *((monomial, {}) for monomial in above)]
    return zero


def _key(form: Polynomial, relation: str) -> Hashable:
    return relation, frozenset(form.items())


def _step(functions: Functions, algebra: Algebra, form: Polynomial, relation: str) -> Term:
    """The letter [form > 0] or [form = 0], or the number that it is in this case."""
    key = _key(form, relation)
    if key in functions.cases:
        return algebra.term(functions.cases[key])

    def text(depth: int) -> str:
        return f"[{algebra.text(form, depth)} {relation} 0]"

    letter = algebra.letter(key, lambda: Letter(text, not_negative=True))
    step = algebra.power_of(letter)
    algebra.steps[letter] = key
    algebra.relations.setdefault(letter, (2, step))
    return step


def _ramp(functions: Functions, algebra: Algebra, u: Term) -> Term:
    """max(u, 0)."""
    above, below = algebra.fraction(u)
    if not above:
        return u
    if primitive(above)[0] < 0:
        return u + _ramp(functions, algebra, -u)
    if algebra.is_not_negative(above) and all(algebra.is_positive(algebra.factors[index]) for index, _ in below):
        return u
    return u * _is_above_0(functions, algebra, u)


def magnitude(functions: Functions, algebra: Algebra, u: Term) -> Term:
    """|u|."""
    return 2 * _ramp(functions, algebra, u) - u


def _choice(functions: Functions, algebra: Algebra, condition: Term, u: Term, v: Term) -> Term:
    """where(condition, u, v)."""
    is_step = algebra.is_zero(condition * condition - condition)
    taken = condition if is_step else 1 - _is_0(functions, algebra, condition)
    return v + taken * (u - v)


def _sign(functions: Functions, algebra: Algebra, u: Term) -> Term:
    return _is_above_0(functions, algebra, u) - _is_above_0(functions, algebra, -u)


KINKS: dict[str, Callable[..., Term]] = {
    "greater": lambda f, algebra, u, v: _is_above_0(f, algebra, u - v),
    "less": lambda f, algebra, u, v: _is_above_0(f, algebra, v - u),
    "greater_equal": lambda f, algebra, u, v: 1 - _is_above_0(f, algebra, v - u),
    "less_equal": lambda f, algebra, u, v: 1 - _is_above_0(f, algebra, u - v),
    "equal": lambda f, algebra, u, v: _is_0(f, algebra, u - v),
    "not_equal": lambda f, algebra, u, v: 1 - _is_0(f, algebra, u - v),
    "where": _choice,
    "relu": _ramp,
    "maximum": lambda f, algebra, u, v: v + _ramp(f, algebra, u - v),
    "minimum": lambda f, algebra, u, v: u - _ramp(f, algebra, u - v),
    "abs": magnitude,
    "sign": _sign,
}
