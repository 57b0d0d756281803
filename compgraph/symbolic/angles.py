"""sin, cos and tan: of sums and of whole multiples in the sines and cosines of their parts, with sin² = 1 − cos²."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from .algebra import Letter, Term

if TYPE_CHECKING:
    from collections.abc import Callable

    from .algebra import Algebra, Below
    from .functions import Functions
    from .polynomials import Monomial

__all__ = ["ANGLES"]

# A multiple of an angle beyond this one is an angle of its own.
_LARGEST_MULTIPLE = 8


def _cos_and_sin(functions: Functions, algebra: Algebra, u: Term) -> tuple[Term, Term]:
    """(cos u, sin u), as the power of e that they are together."""
    cos, sin = algebra.term(1), algebra.term(0)
    for below, p in algebra.collected(u).parts.items():
        for monomial, number in p.items():
            size = Fraction(number)
            base = functions.base(("angle", monomial, below), size)
            if abs(size / base) > _LARGEST_MULTIPLE:
                base = abs(size)
            times = int(size / base)
            step = _letters(functions, algebra, monomial, below, base)
            if times < 0:
                step = step[0], -step[1]
            for _ in range(abs(times)):
                cos, sin = cos * step[0] - sin * step[1], cos * step[1] + sin * step[0]
    return cos, sin


def _letters(
    functions: Functions, algebra: Algebra, monomial: Monomial, below: Below, base: Fraction
) -> tuple[Term, Term]:
    """The letters cos(base·unit) and sin(base·unit)."""
    angle = Term(algebra, {below: {monomial: base}})
    key = monomial, below, base
    cos = algebra.letter(("cos", *key), lambda: Letter(functions.text(algebra, angle, "cos({0})")))
    sin = algebra.letter(("sin", *key), lambda: Letter(functions.text(algebra, angle, "sin({0})")))
    answer = algebra.power_of(cos), algebra.power_of(sin)
    algebra.relations.setdefault(sin, (2, 1 - answer[0] * answer[0]))
    return answer


ANGLES: dict[str, Callable[..., Term]] = {
    "cos": lambda f, algebra, u: _cos_and_sin(f, algebra, u)[0],
    "sin": lambda f, algebra, u: _cos_and_sin(f, algebra, u)[1],
    "tan": lambda f, algebra, u: _tan(*_cos_and_sin(f, algebra, u)),
}


def _tan(cos: Term, sin: Term) -> Term:
    return sin / cos
