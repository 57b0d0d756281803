"""Fractions of polynomials in letters, as one more number system for the ops.

A :class:`Term` is a sum of fractions, each over a product of known factors, put over one denominator only where that
is needed: a sum over a hundred examples stays a hundred small fractions. Everything done to one is right pointwise,
wherever the letters have values that obey their relations and what was divided by is not 0; the algebra notes what
was divided by. It never asks a float.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from ..arith import to_float
from ..ops import Operators
from .polynomials import divided, is_number, plus, primitive, product, raised, times

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from ..record import Op
    from .polynomials import Monomial, Number, Polynomial

__all__ = ["Algebra", "BudgetError", "CaseError", "NoValueError", "Term", "UntoldError"]

# (factor, exponent ≥ 1), in the order of the factors; () for no denominator.
Below: TypeAlias = tuple[tuple[int, int], ...]

# Larger exponents and longer coefficients are not multiplied out.
_LARGEST_EXPONENT, _MOST_BITS = 10**6, 2**14

# What is longer is cut in print.
_SHOWN, _SHOWN_DIGITS, _DEPTH = 6, 24, 6

# A denominator is looked for among so many factors that were met before.
_FACTORS_TRIED = 64


class BudgetError(Exception):
    """More work than was allowed."""


class UntoldError(Exception):
    """A body asked a formula for a truth."""


class NoValueError(Exception):
    """An expression that is defined nowhere, such as 1/(x − x)."""


class CaseError(Exception):
    """Something was divided by whose being 0 hangs on a comparison: which one."""

    def __init__(self, key: Hashable) -> None:
        super().__init__(key)
        self.key = key


class Letter(NamedTuple):
    """What is known of a letter.

    Attributes:
        text: Function of a depth that says how it is printed, where that is not more than so many functions deep.
        positive: Whether it is above 0 for all values of the inputs.
        not_negative: Whether it is never below 0.
    """

    text: Callable[[int], str]
    positive: bool = False
    not_negative: bool = False


class Term(Operators):
    """Σ polynomial/product of factors, in an algebra's letters."""

    __slots__ = ("algebra", "parts")

    def __init__(self, algebra: Algebra, parts: dict[Below, Polynomial]) -> None:
        self.algebra, self.parts = algebra, parts

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Any:
        if any(hasattr(arg, "__apply_op__") and not isinstance(arg, Term) for arg in args):
            return NotImplemented
        return self.algebra.apply(op, tuple(self.algebra.term(arg) for arg in args))

    def __bool__(self) -> bool:
        raise UntoldError


class Algebra:
    """The letters of one proof, what is known of them, and arithmetic with them.

    Args:
        apply: Function of (algebra, op, terms) for everything that an op may be.
        work: How many products of terms may be formed.
    """

    def __init__(self, apply: Callable[[Algebra, Op, tuple[Term, ...]], Term], work: int) -> None:
        self._apply = apply
        self.work = work
        self.letters: list[Letter] = []
        self._letter_of: dict[Hashable, int] = {}
        self.relations: dict[int, tuple[int, Term]] = {}  # letter: (degree, what that power of it is)
        self.steps: dict[int, Hashable] = {}  # letters that are 0 or 1, and the key of the comparison
        self.rewrites: dict[int, list[tuple[Monomial, Polynomial]]] = {}  # times it, a monomial is something else
        self.factors: list[Polynomial] = []
        self._factor_of: dict[frozenset[tuple[Monomial, Number]], int] = {}
        self.conditions: dict[str, None] = {}  # what was taken to hold, such as that what was divided by is not 0

    def apply(self, op: Op, args: tuple[Term, ...]) -> Term:
        """An op at terms."""
        self.spend(1)
        return self._apply(self, op, args)

    def spend(self, work: int) -> None:
        """Count work.

        Raises:
            BudgetError: It is more than was allowed.
        """
        self.work -= work
        if self.work < 0:
            raise BudgetError

    # --- making terms ----------------------------------------------------------------------------------------------

    def term(self, number: Any) -> Term:
        """A term of exactly this number (or the term itself).

        Raises:
            NoValueError: It is infinite or nan.
        """
        if isinstance(number, Term):
            return number
        if not isinstance(number, (int, Fraction)):
            number = to_float(number)
            if not math.isfinite(number):
                raise NoValueError
            number = int(number) if number.is_integer() else Fraction(number)
        return self.polynomial({(): number + 0} if number else {})

    def polynomial(self, p: Polynomial) -> Term:
        """A term without denominator."""
        return Term(self, {(): p} if p else {})

    def letter(self, key: Hashable, make: Callable[[], Letter]) -> int:
        """The letter of this key, made when it is first asked for."""
        letter = self._letter_of.get(key)
        if letter is None:
            letter = self._letter_of[key] = len(self.letters)
            self.letters.append(make())
        return letter

    def power_of(self, letter: int, exponent: int = 1) -> Term:
        """A power of one letter; negative ones of letters without relation alone."""
        return self.polynomial({((letter, exponent),) if exponent else (): 1})

    def factor(self, p: Polynomial) -> int:
        """The number of a primitive polynomial among the factors."""
        key = frozenset(p.items())
        index = self._factor_of.get(key)
        if index is None:
            index = self._factor_of[key] = len(self.factors)
            self.factors.append(p)
        return index

    # --- arithmetic ------------------------------------------------------------------------------------------------

    def add(self, u: Term, v: Term, sign: int = 1) -> Term:
        """U + v, or u − v with sign −1."""
        parts = dict(u.parts)
        for below, p in v.parts.items():
            self.spend(len(p))
            self._put(parts, below, p if sign == 1 else {m: -number for m, number in p.items()})
        return Term(self, parts)

    def multiply(self, u: Term, v: Term) -> Term:
        """u·v."""
        parts: dict[Below, Polynomial] = {}
        for below, p in u.parts.items():
            for other, q in v.parts.items():
                self.spend(self._cost(p, q))
                self._put_reduced(parts, times(below, other), product(p, q))
        return Term(self, parts)

    def power(self, u: Term, exponent: int) -> Term:
        """A whole power."""
        if exponent < 0:
            return self.power(self.inverse(u), -exponent)
        if len(u.parts) == 1 and len(u.parts.get((), {})) == 1 and not self._relations_in(u.parts[()]):
            ((monomial, number),) = u.parts[()].items()
            if number == 1 or exponent <= _MOST_BITS:
                return self.polynomial({raised(monomial, exponent): number**exponent})
        answer = self.term(1)
        while exponent:
            answer = self.multiply(answer, u) if exponent & 1 else answer
            exponent >>= 1
            u = self.multiply(u, u) if exponent else u
        return answer

    def inverse(self, u: Term) -> Term:
        """1/u; what has to be other than 0 for it is noted.

        Raises:
            NoValueError: u is 0.
            CaseError: Whether it is 0 hangs on a comparison.
        """
        above, below = self.fraction(u)
        if not above:
            raise NoValueError
        self.refuse_steps(above)
        number, monomial, rest = primitive(above)
        answer = self.term(1 / Fraction(number))
        for letter, exponent in monomial:
            answer = self.multiply(answer, self._letter_inverse(letter, exponent))
        for index, exponent in below:
            answer = self.multiply(answer, self.power(self.polynomial(self.factors[index]), exponent))
        factors = self.factored(rest)
        for index, _ in factors:
            if not self.is_positive(self.factors[index]):
                self.conditions[f"{self.text(self.factors[index])} ≠ 0"] = None
        return self.multiply(answer, Term(self, {factors: {(): 1}})) if factors else answer

    def _letter_inverse(self, letter: int, exponent: int) -> Term:
        if not self.letters[letter].positive:
            self.conditions[f"{self.letters[letter].text(_DEPTH)} ≠ 0"] = None
        if exponent < 0 or letter not in self.relations:
            return self.power_of(letter, -exponent)
        degree, value = self.relations[letter]  # 1/s = s^(n−1)/sⁿ: exponents of such letters stay positive
        inverse = self.multiply(self.power_of(letter, degree - 1), self.inverse(value))
        return self.power(inverse, exponent)

    def refuse_steps(self, above: Polynomial) -> None:
        """A polynomial that is to be a factor has no comparison in it.

        Raises:
            CaseError: It has one.
        """
        for monomial in above:
            for letter, _ in monomial:
                if letter in self.steps:
                    raise CaseError(self.steps[letter])

    def factored(self, p: Polynomial) -> Below:
        """A primitive polynomial as factors, those first that are known."""
        found: dict[int, int] = {}
        for index in range(min(len(self.factors), _FACTORS_TRIED)):
            while not is_number(p):
                self.spend(1)
                quotient = self._quotient(p, index)
                if quotient is None:
                    break
                p = quotient
                found[index] = found.get(index, 0) + 1
        if not is_number(p):
            index = self.factor(p)
            found[index] = found.get(index, 0) + 1
        return tuple(sorted(found.items()))

    def _quotient(self, p: Polynomial, factor: int) -> Polynomial | None:
        return {(): 1} if p == self.factors[factor] else divided(p, self.factors[factor])

    # --- normal forms ----------------------------------------------------------------------------------------------

    def _put(self, parts: dict[Below, Polynomial], below: Below, p: Polynomial) -> None:
        """Add a fraction to a sum of them, cancelled."""
        total = plus(parts.pop(below, {}), p)
        rest = below
        for index, exponent in below:
            for _ in range(exponent):
                self.spend(len(total))
                quotient = self._quotient(total, index)
                if quotient is None:
                    break
                total, rest = quotient, times(rest, ((index, -1),))
        if rest != below:
            self._put(parts, rest, total)
        elif total:
            parts[below] = total

    def _put_reduced(self, parts: dict[Below, Polynomial], below: Below, p: Polynomial) -> None:
        """As :meth:`_put` for a product, in which letters may have powers that their relations replace."""
        if self.relations:
            clean: Polynomial = {}
            for monomial, number in p.items():
                rewritten = self._rewritten(monomial)
                if rewritten is not None:
                    self.spend(1)
                    self._put_reduced(parts, below, product(rewritten, {(): number}))
                    continue
                power = self._replaced_power(monomial)
                if power is None:
                    clean[monomial] = number
                    continue
                letter, times_over, degree, value = power
                rest = self.polynomial({times(monomial, ((letter, -degree * times_over),)): number})
                for other, q in self.multiply(rest, self.power(value, times_over)).parts.items():
                    self._put(parts, times(below, other), q)
            p = clean
        self._put(parts, below, p)

    def _replaced_power(self, monomial: Monomial) -> tuple[int, int, int, Term] | None:
        """(letter, how often, its degree, what that power of it is) of a power that a relation replaces."""
        for letter, exponent in monomial:
            relation = self.relations.get(letter)
            if relation is not None and exponent >= relation[0]:
                degree, value = relation
                once = letter in self.steps  # every power of 0 or 1 is itself
                return (letter, 1, exponent, value) if once else (letter, exponent // degree, degree, value)
        return None

    def _rewritten(self, monomial: Monomial) -> Polynomial | None:
        exponents = dict(monomial)
        for letter in exponents:
            for part, value in self.rewrites.get(letter, ()):
                if all(exponents.get(x, 0) >= power for x, power in part):
                    return product({times(monomial, raised(part, -1)): 1}, value)
        return None

    def _relations_in(self, p: Polynomial) -> bool:
        return any(letter in self.relations for monomial in p for letter, _ in monomial)

    def _cost(self, p: Polynomial, q: Polynomial) -> int:
        bits = 0
        for r in (p, q):
            for monomial, number in r.items():
                bits = max(bits, number.numerator.bit_length(), number.denominator.bit_length())
                if any(abs(exponent) > _LARGEST_EXPONENT for _, exponent in monomial):
                    raise BudgetError
        if bits > _MOST_BITS:
            raise BudgetError
        return len(p) * len(q) * (1 + bits // 512)

    def collected(self, u: Term) -> Term:
        """The same with fractions put together where they share a factor: what cancels, cancels there."""
        parts = dict(u.parts)
        while (pair := _sharing(parts)) is not None:
            self._unite(parts, pair)
        return Term(self, parts)

    def _unite(self, parts: dict[Below, Polynomial], group: Iterable[Below]) -> None:
        """Put some of the fractions over one denominator."""
        taken = {below: parts.pop(below) for below in group}
        common: dict[int, int] = {}
        for below in taken:
            for index, exponent in below:
                common[index] = max(common.get(index, 0), exponent)
        total = Term(self, {})
        for below, p in taken.items():
            above = Term(self, {(): p})
            for index, exponent in common.items():
                lacking = exponent - dict(below).get(index, 0)
                above = self.multiply(above, self.power(self.polynomial(self.factors[index]), lacking))
            total = self.add(total, above)
        self.spend(1)  # a relation may bring a denominator back: then it is the work that ends
        for below, p in total.parts.items():
            self._put(parts, times(below, tuple(sorted(common.items()))), p)

    def fraction(self, u: Term) -> tuple[Polynomial, Below]:
        """Numerator and denominator."""
        parts = dict(self.collected(u).parts)
        while len(parts) > 1:
            self._unite(parts, tuple(parts))
        return next(((p, below) for below, p in parts.items()), ({}, ()))

    def is_zero(self, u: Term) -> bool:
        """Whether everything cancels."""
        return not u.parts or not self.collected(u).parts or not self.fraction(u)[0]

    def key(self, u: Term) -> Hashable:
        """The same for equal terms, as far as factors that were met can tell."""
        return frozenset((below, frozenset(p.items())) for below, p in self.collected(u).parts.items())

    def is_not_negative(self, p: Polynomial) -> bool:
        """Whether a polynomial is never below 0 by its looks: each term is a positive number times squares and such."""
        safe = [letter.positive or letter.not_negative for letter in self.letters]
        return all(number > 0 and all(safe[x] or power % 2 == 0 for x, power in m) for m, number in p.items())

    def is_positive(self, p: Polynomial) -> bool:
        """Whether a polynomial is above 0 by its looks: never below, and one of its terms is never 0."""
        sure = any(all(self.letters[letter].positive for letter, _ in monomial) for monomial in p)
        return sure and self.is_not_negative(p)

    def text(self, p: Polynomial, depth: int = _DEPTH) -> str:
        """A polynomial for reading; cut where it is long."""
        terms = []
        for monomial in sorted(p, key=lambda term: (not term, p[term] < 0))[:_SHOWN]:
            number = p[monomial]
            size = -number if number < 0 else number
            letters = [self.letters[x].text(depth) + (f"^{power}" if power != 1 else "") for x, power in monomial]
            factors = letters if size == 1 and letters else [readable(size), *letters]
            terms.append(("− " if number < 0 else "+ ") + "·".join(factors))
        cut = " + …" if len(p) > _SHOWN else ""
        return " ".join(terms).removeprefix("+ ").replace("− ", "−", terms[0].startswith("−")) + cut


def readable(number: int | Fraction) -> str:
    """An exact number: whole, or the float that it is, or a fraction."""
    value = float(number) if -(10**300) < number < 10**300 else math.inf
    if Fraction(number).denominator > 1 and value == number:
        return repr(value)
    text = str(number)
    return text if len(text) <= _SHOWN_DIGITS else f"{value:.6g}"


def _sharing(parts: Iterable[Below]) -> tuple[Below, Below] | None:
    """Two denominators with a common factor."""
    owner: dict[int, Below] = {}
    for below in parts:
        for index, _ in below:
            if index in owner:
                return owner[index], below
            owner[index] = below
    return None
