"""What each op is, as a fraction of polynomials in letters: functions in exp, exp of a sum as a product, and so on.

An op without an entry enters by its definition; one without a definition is a letter, the same for equal arguments.
A letter log p stands for log|p|, so that log(u·v) = log u + log v holds on all of log(u·v)'s domain. exp(log|p|) is p
or −p only where p's sign is known: by its looks, or since both sides are undefined elsewhere.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..ops import erf, exp, log, sigmoid, sqrt, tanh
from ..record import SUM
from .algebra import Algebra, Letter, NoValueError, Term, UntoldError, readable
from .angles import ANGLES
from .kinks import KINKS, magnitude
from .polynomials import is_number, primitive

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from ..record import Interval, Op
    from .algebra import Below
    from .polynomials import Monomial

__all__ = ["FinerError", "Functions"]

# Formulas are printed down to so many functions in functions.
_DEPTH = 6

# Numbers are taken apart into primes up to this one; what is left of them counts as a prime.
_LARGEST_PRIME = 1000

# Exponents in such ratios are powers of one letter.
_LARGEST_RATIO = 1000

# What the record of an op leaves to a library, in exp, log and roots.
_DEFINITIONS: dict[str, Callable[..., Any]] = {
    "expm1": lambda x: exp(x) - 1,
    "log1p": lambda x: log(1 + x),
    "sinh": lambda x: (exp(x) - exp(-x)) / 2,
    "cosh": lambda x: (exp(x) + exp(-x)) / 2,
    "tanh": lambda x: 1 - 2 / (exp(2 * x) + 1),
    "asinh": lambda x: log(x + sqrt(x * x + 1)),
    "acosh": lambda x: log(x + sqrt(x - 1) * sqrt(x + 1)),
    "atanh": lambda x: (log(1 + x) - log(1 - x)) / 2,
    "hypot": lambda u, v: sqrt(u * u + v * v),
    "erfc": lambda x: 1 - erf(x),
}

# f(−x) in terms of f(x), where that is not f(x) itself.
_REFLECTED: dict[str, Callable[[Any], Any]] = {
    "sigmoid": lambda f: 1 - f,
    **dict.fromkeys(("tanh", "sinh", "atan", "asin", "erf"), lambda f: -f),
}

# While functions are kept whole, these are letters, and
_WHOLE = frozenset({"sigmoid", "tanh", "sinh", "cosh", "sech"})

# these are made of such letters.
_BY_WHOLE: dict[str, Callable[..., Any]] = {
    "sigmoid_slope": lambda x: sigmoid(x) * (1 - sigmoid(x)),
    "log_sigmoid": lambda x: log(sigmoid(x)),
    "softplus": lambda x: -log(1 - sigmoid(x)),
    "silu": lambda x: x * sigmoid(x),
}


class FinerError(Exception):
    """An exponent is no whole multiple of what was taken for the unit: start again, a finer one is noted."""


class Functions:
    """The ops of one proof.

    Args:
        whole: Whether σ, tanh, sinh and cosh are kept as letters instead of being written in exp.
        cases: What some comparisons are taken to be, by key: 1 or 0.
        bases: Of what exponents and angles were found to be whole multiples, before a :class:`FinerError`.

    Attributes:
        is_certain: Whether what is being applied has to be defined for both sides to be.
    """

    def __init__(self, *, whole: bool, cases: dict[Hashable, int], bases: dict[Hashable, list[Fraction]]) -> None:
        self.whole, self.cases, self.is_certain = whole, cases, False
        self._bases = bases
        self._logs: dict[int, Term] = {}  # letter log|p| to p
        self._units: dict[int, tuple[Term, Fraction]] = {}  # letter exp(g·u) to (u, g)
        self._signs: dict[int, int] = {}  # letter log|p| to the sign of p, where that is known
        self._roots: dict[int, Term] = {}  # letter √u to u

    def __call__(self, algebra: Algebra, op: Op, args: tuple[Term, ...]) -> Term:
        """An op at terms."""
        rule = _RULES.get(op.name)
        if rule is not None:
            return rule(self, algebra, *args)
        if self.whole and op.name in _WHOLE:
            return self.letter(algebra, op, args)
        if self.whole and op.name in _BY_WHOLE:
            return algebra.term(_BY_WHOLE[op.name](*args))
        for formula in (_DEFINITIONS.get(op.name), op.definition):
            if formula is not None:
                try:
                    return algebra.term(formula(*args))
                except UntoldError:
                    break
        return self.letter(algebra, op, args)

    def base(self, key: Hashable, number: Fraction) -> Fraction:
        """A number of which this one and those met before, where they allow it, are whole multiples.

        Raises:
            FinerError: There is one for which everything has to begin anew.
        """
        bases = self._bases.setdefault(key, [])
        for index, base in enumerate(bases):
            ratio = number / base
            if max(ratio.denominator, abs(ratio.numerator)) <= _LARGEST_RATIO:
                if ratio.denominator == 1:
                    return base
                bases[index] = base / ratio.denominator
                raise FinerError
        bases.append(abs(number))
        return bases[-1]

    def letter(self, algebra: Algebra, op: Op, args: tuple[Term, ...]) -> Term:
        """An op kept whole: the same letter for equal arguments; for opposite ones where it is even or odd."""
        reflected = _REFLECTED.get(op.name)
        if op.arity == 1 and (op.even or reflected) and self._is_reversed(algebra, args[0]):
            args = (-args[0],)
        else:
            reflected = None
        if op.commutative:
            args = tuple(sorted(args, key=lambda arg: repr(sorted(algebra.collected(arg).parts.items(), key=repr))))

        def make() -> Letter:
            return Letter(self._call(algebra, op, args), positive=op.name in {"sigmoid", "cosh", "sech"})

        letter = algebra.letter((op.name, *map(algebra.key, args)), make)
        if op.name == "sech" and letter not in algebra.relations:
            algebra.relations[letter] = 2, 1 - tanh(args[0]) ** 2
        answer = algebra.power_of(letter)
        return reflected(answer) if reflected else answer

    def _is_reversed(self, algebra: Algebra, u: Term) -> bool:
        """Whether of u and −u it is the second that begins with a positive coefficient."""
        above, _ = algebra.fraction(u)
        return bool(above) and primitive(above)[0] < 0

    def text(self, algebra: Algebra, u: Term, label: str = "{0}") -> Callable[[int], str]:
        """How a term is printed, in a label."""
        return lambda depth: label.format(_text(algebra, u, depth))

    def _call(self, algebra: Algebra, op: Op, args: tuple[Term, ...]) -> Callable[[int], str]:
        def text(depth: int) -> str:
            parts = [_text(algebra, arg, depth) for arg in args]
            known = zip(parts, op.needs, strict=True)
            return op.text.format(*(p if need <= SUM or p.isidentifier() else f"({p})" for p, need in known))

        return text

    # --- exp and log -----------------------------------------------------------------------------------------------

    def exp(self, algebra: Algebra, u: Term) -> Term:
        """The product of what exp makes of each summand: a power of a letter."""
        answer = algebra.term(1)
        for below, p in algebra.collected(u).parts.items():
            for monomial, number in p.items():
                answer = algebra.multiply(answer, self._exp_of_unit(algebra, monomial, below, Fraction(number)))
        return answer

    def _exp_of_unit(self, algebra: Algebra, monomial: Monomial, below: Below, number: Fraction) -> Term:
        if len(monomial) == 1 and not below and monomial[0][1] == 1 and monomial[0][0] in self._logs:
            log_letter, whole = monomial[0][0], math.floor(number)
            if log_letter in self._signs and number - whole in {0, Fraction(1, 2)}:
                inner = self._logs[log_letter] * self._signs[log_letter]
                power = algebra.power(inner, whole)
                return algebra.multiply(power, self.sqrt(algebra, inner)) if number != whole else power
        base = self.base(("exp", monomial, below), number)
        unit = Term(algebra, {below: {monomial: 1}})

        def make() -> Letter:
            return Letter(self.text(algebra, unit * base, "exp({0})"), positive=True)

        letter = algebra.letter(("exp", monomial, below, base), make)
        self._units[letter] = unit, base
        return algebra.power_of(letter, int(number / base))

    def log(self, algebra: Algebra, u: Term) -> Term:
        """Σ of the logs of its factors.

        Raises:
            NoValueError: u is a number that is not positive.
        """
        above, below = algebra.fraction(u)
        if not above or (is_number(above) and not below and above[()] <= 0):
            raise NoValueError
        algebra.refuse_steps(above)
        number, monomial, rest = primitive(above)
        total, letters = algebra.term(0), []
        for x, power in monomial:
            if x in self._units:
                unit, base = self._units[x]
                total = total + unit * algebra.term(base * power)
            elif x in self._roots:
                total = total + self.log(algebra, self._roots[x]) * Fraction(power, 2)
            else:
                letters.append((self._log_letter(algebra, algebra.power_of(x), x), power))
        factors = [*algebra.factored(rest), *((index, -power) for index, power in below)]
        for index, power in factors:
            letters.append((self._log_letter(algebra, algebra.polynomial(algebra.factors[index]), -1 - index), power))
        for letter, power in letters:
            total = total + algebra.power_of(letter) * power
        if self.is_certain:
            odd = [letter for letter, power in letters if power % 2]
            unknown = [letter for letter in odd if letter not in self._signs]
            if len(unknown) == 1:
                known = math.prod(self._signs[letter] for letter in odd if letter in self._signs)
                self._signs[unknown[0]] = known if number > 0 else -known
        return total + self._log_of_number(algebra, abs(Fraction(number)))

    def assume(self, algebra: Algebra, domain: Interval, u: Term) -> None:
        """Take it that u lies in an op's domain, as it does wherever both sides are defined."""
        if not domain.closed:
            certain, self.is_certain = self.is_certain, True
            for end, sign in ((domain.low, 1), (domain.high, -1)):
                if math.isfinite(end):
                    self.log(algebra, (u - end) * sign)
            self.is_certain = certain

    def _log_letter(self, algebra: Algebra, p: Term, key: Hashable) -> int:
        """The letter log|p|."""
        letter = algebra.letter(("log", key), lambda: Letter(self.text(algebra, p, "log({0})")))
        if letter not in self._logs:
            self._logs[letter] = p
            if algebra.is_positive(p.parts[()]):
                self._signs[letter] = 1
        return letter

    def _log_of_number(self, algebra: Algebra, number: Fraction) -> Term:
        total = algebra.term(0)
        for part, sign in ((number.numerator, 1), (number.denominator, -1)):
            for prime, power in _primes(part).items():
                total = total + algebra.power_of(self._log_of_prime(algebra, prime)) * (sign * power)
        return total

    def _log_of_prime(self, algebra: Algebra, prime: int) -> int:
        letter = algebra.letter(("log of", prime), lambda: Letter(lambda _: f"log({prime})", positive=True))
        self._logs[letter] = algebra.term(prime)
        self._signs[letter] = 1
        return letter

    # --- powers and roots ------------------------------------------------------------------------------------------

    def pow(self, algebra: Algebra, u: Term, v: Term) -> Term:
        """uᵛ: a product for a whole number v, roots for halves and quarters, exp(v·log u) for others, where u > 0."""
        exponent = _number(algebra, v)
        if exponent is None or exponent.denominator > 8:
            base = _number(algebra, u)
            if base is None:
                self._note_positive(algebra, u)
            certain, self.is_certain = self.is_certain, base is None or self.is_certain
            logarithm = self.log(algebra, u)
            self.is_certain = certain
            return self.exp(algebra, algebra.multiply(v, logarithm))
        answer = algebra.power(u, math.floor(exponent))
        rest, root = exponent - math.floor(exponent), u
        while rest:
            root, rest = self.sqrt(algebra, root), rest * 2
            if rest >= 1:
                answer, rest = algebra.multiply(answer, root), rest - 1
        return answer

    def _note_positive(self, algebra: Algebra, u: Term) -> None:
        above, below = algebra.fraction(u)
        if below or not above or not algebra.is_positive(above):
            algebra.conditions[f"{_text(algebra, u, _DEPTH)} > 0"] = None

    def sqrt(self, algebra: Algebra, u: Term) -> Term:
        """√u: a letter whose square is u; |m| for the square of a product of letters."""
        above, below = algebra.fraction(u)
        if not above:
            return u
        number, monomial, rest = primitive(above)
        if is_number(rest) and not below and number < 0 and not monomial:
            raise NoValueError
        if is_number(rest) and not below and number > 0:
            found = self._root_of_square(algebra, Fraction(number), monomial)
            if found is not None:
                return found
        key = ("sqrt", algebra.key(u))
        letter = algebra.letter(key, lambda: Letter(self.text(algebra, u, "√({0})"), not_negative=True))
        algebra.relations.setdefault(letter, (2, u))
        self._roots[letter] = u
        return algebra.power_of(letter)

    def _root_of_square(self, algebra: Algebra, number: Fraction, monomial: Monomial) -> Term | None:
        """√(number·monomial) where the monomial is a square, or a power of e."""
        signless: list[tuple[int, int]] = []
        answer = algebra.term(1)
        for x, power in monomial:
            if x in self._units:
                unit, base = self._units[x]
                answer = answer * self.exp(algebra, unit * algebra.term(base * power / 2))
            elif power % 2:
                return None
            else:
                signless.append((x, power // 2))
        inner = algebra.polynomial({tuple(signless): 1})
        answer = answer * magnitude(self, algebra, inner)
        top, bottom = math.isqrt(number.numerator), math.isqrt(number.denominator)
        if (top * top, bottom * bottom) == (number.numerator, number.denominator):
            return answer * algebra.term(Fraction(top, bottom))
        root = algebra.letter(("root of", number), lambda: Letter(lambda _: f"√{readable(number)}", positive=True))
        self._roots[root] = algebra.term(number)
        algebra.relations.setdefault(root, (2, algebra.term(number)))
        return answer * algebra.power_of(root)

    def cbrt(self, algebra: Algebra, u: Term) -> Term:
        """∛u: a letter whose third power is u."""
        if self._is_reversed(algebra, u):
            return -self.cbrt(algebra, -u)
        if not u.parts:
            return u
        letter = algebra.letter(("cbrt", algebra.key(u)), lambda: Letter(self.text(algebra, u, "∛({0})")))
        algebra.relations.setdefault(letter, (3, u))
        return algebra.power_of(letter)


def _text(algebra: Algebra, u: Term, depth: int) -> str:
    """A term for reading."""
    if depth == 0:
        return "…"
    parts = []
    for below, p in u.parts.items():
        factors = [(algebra.text(algebra.factors[index], depth - 1), power) for index, power in below]
        under = "·".join(f"({factor})" + (f"^{power}" if power > 1 else "") for factor, power in factors)
        above = algebra.text(p, depth - 1)
        parts.append(f"({above})/{under}" if below else above)
    return " + ".join(parts) or "0"


def _number(algebra: Algebra, u: Term) -> Fraction | None:
    """The number that a term is; None where it has letters."""
    parts = algebra.collected(u).parts
    if not parts:
        return Fraction(0)
    return Fraction(parts[()][()]) if list(parts) == [()] and list(parts[()]) == [()] else None


def _primes(number: int) -> dict[int, int]:
    """A number above 0 as a product of powers."""
    powers: dict[int, int] = {}
    for prime in range(2, _LARGEST_PRIME):
        while number % prime == 0:
            number //= prime
            powers[prime] = powers.get(prime, 0) + 1
    return powers | ({number: powers.get(number, 0) + 1} if number > 1 else {})


_RULES: dict[str, Callable[..., Term]] = {
    "add": lambda _, algebra, u, v: algebra.add(u, v),
    "sub": lambda _, algebra, u, v: algebra.add(u, v, -1),
    "mul": lambda _, algebra, u, v: algebra.multiply(u, v),
    "contribution": lambda _, algebra, u, v: algebra.multiply(u, v),
    "div": lambda _, algebra, u, v: algebra.multiply(u, algebra.inverse(v)),
    "neg": lambda _, algebra, u: algebra.add(algebra.term(0), u, -1),
    "copy": lambda *args: args[-1],
    "exp": Functions.exp,
    "log": Functions.log,
    "pow": Functions.pow,
    "sqrt": Functions.sqrt,
    "cbrt": Functions.cbrt,
    **KINKS,
    **ANGLES,
}
