"""Python functions of floats in JavaScript: each answers what Python answers, or is refused."""

from __future__ import annotations

import json
import math
import random
from functools import cache, partial
from typing import Any, NamedTuple

import pytest

from compgraph.codegen.sources import TranslationError
from compgraph.codegen.translation import Translator

NAN, INF = math.nan, math.inf


def in_javascript(page: Any, function: Any, calls: list[tuple[Any, ...]]) -> list[Any]:
    """What a translated function answers, whole numbers as floats; the name of what it raises."""
    translator = Translator()
    *definitions, name = translator.source([translator.refer(function)])
    run = "(args) => { try { return f(...args); } catch (error) { return error.constructor.name; } }"
    source = "\n".join([*definitions, f"const f = {name};", f"return calls.map({run});"])
    answers = page.evaluate(f"(calls) => {{ {source} }}", [list(args) for args in calls])
    return [float(answer) if isinstance(answer, int) else answer for answer in answers]


def in_python(function: Any, calls: list[tuple[Any, ...]]) -> list[Any]:
    answers = []
    for args in calls:
        try:
            answer = function(*args)
        except (ArithmeticError, ValueError) as error:
            answer = type(error).__name__
        answers.append(list(answer) if isinstance(answer, tuple) else answer)
    return answers


def shown(answers: list[Any], digits: int) -> str:
    """Numbers to so many digits, so that floats and whole numbers of one value are one."""
    return json.dumps([_shown(answer, digits) for answer in answers])


def _shown(answer: Any, digits: int) -> Any:
    if isinstance(answer, list):
        return [_shown(entry, digits) for entry in answer]
    return answer if isinstance(answer, (str, type(None))) else f"{float(answer):.{digits}g}"


# --- what Python means ---------------------------------------------------------------------------------------------


class Pair(NamedTuple):
    high: float
    low: float = 0.5


def _truths(x: float) -> Any:
    rest: list[float] = []
    return (1 if x else 0, 1 if not rest else 0, x or 7.0, x and 7.0, 1 if (x and x < 3) or rest else 0)


def _chains(x: float) -> Any:
    return float(0.0 < x < 1.0), float(x == 1.0 <= x + 1.0), float(x in {1.0, NAN}), float(x is not None and x != 2.0)


def _rounds_down(x: float) -> Any:
    return x % 3.0, x // 3.0, -x % 3.0, (-x) // 3.0, x % -3.0


def _assigns(*numbers: float) -> Any:
    *most, last = numbers
    first, *rest = numbers
    a = b = first
    a, b = b + 1, a + 2
    most[0] += b
    most += (a, b)
    return (*most, last, len(rest), *numbers[::2], *numbers[1:], numbers[-1])


def _loops(n: float) -> float:
    total, k = 0.0, 0
    while True:
        k += 1
        if k % 2:
            continue
        for i, (u, v) in enumerate(zip(range(k), reversed(range(k)), strict=True), 2):
            total += i * u - v
        if total > n or k > 9:
            break
    return total


def _raises(x: float) -> float:
    try:
        return 1.0 / x + math.exp(x) + math.log(x)
    except ZeroDivisionError:
        return -1.0
    except (ValueError, OverflowError):
        return -2.0


def _comprehends(x: float) -> float:
    pairs = [Pair(x, low=k) for k in range(3)] + [Pair(high=2 * x)]
    return sum(high * low for high, low in pairs if low) + max((high for high, _ in pairs), key=abs)


def _nests(x: float, scale: float = 2.0) -> float:
    def inner(y: float, z: float = 3.0) -> float:
        return scale * y + z

    return inner(x) + sum(map(lambda y, z=1.0: inner(y, z), [x]))


def _function_named(function: float, var: float, new: float) -> float:
    delete = function + var
    return delete * new


@cache
def _remembers(n: int) -> float:
    return 1.0 if n < 2 else _remembers(n - 1) + _remembers(n - 2)


_offset = partial(_nests, scale=3.0)
_TABLE = {1.0: math.sqrt, 2.0: lambda x: -x}
_bound = partial(_function_named, 2.0, 3.0)


def _looks_up(n: float, x: float) -> float:
    return _TABLE[n](x) if n in _TABLE else 0.0


SOME = [(NAN,), (0.0,), (-0.0,), (1.0,), (2.0,), (-2.5,), (0.5,), (INF,), (1e4,)]


@pytest.mark.parametrize(
    ("function", "calls"),
    [
        (_truths, SOME),
        (_chains, SOME),
        (_rounds_down, [(7.0,), (-7.0,), (6.0,), (-6.0,), (0.5,), (-1e-9,)]),
        (_assigns, [(1.0, 2.0, 3.0), (5.0, -1.0)]),
        (_loops, [(0.0,), (10.0,), (1e9,)]),
        (_raises, SOME),
        (_comprehends, [(2.0,), (-2.0,)]),
        (_nests, [(1.0,), (1.0, 4.0)]),
        (_function_named, [(1.0, 2.0, 3.0)]),
        (_remembers, [(1,), (5,), (40,)]),
        (_bound, [(4.0,)]),
        (_looks_up, [(1.0, 9.0), (2.0, 9.0), (3.0, 9.0)]),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_translated_function_answers_what_python_answers(script_page: Any, function: Any, calls: Any) -> None:
    assert shown(in_javascript(script_page, function, calls), 15) == shown(in_python(function, calls), 15)


# --- what Python's math has ----------------------------------------------------------------------------------------


def _numbers(chance: random.Random, count: int) -> list[float]:
    wide = [chance.choice((-1, 1)) * 10 ** chance.uniform(-320, 308) for _ in range(count)]
    return [*(chance.uniform(-4, 4) for _ in range(count)), *(chance.uniform(-40, 40) for _ in range(count)), *wide]


EDGES = [0.0, 1.0, -1.0, INF, -INF, NAN, 1e300, -1e300, 5e-324, 2.0**-1022, 709.9, -745.0]

ONE = ("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh",
       "asinh", "acosh", "atanh", "cbrt", "erf", "erfc", "fabs", "floor", "isnan", "isinf", "isfinite")  # fmt: skip


@pytest.mark.parametrize("name", ONE)
def test_a_function_of_math_answers_or_raises_what_python_s_does(script_page: Any, name: str) -> None:
    calls = [(x,) for x in [*EDGES, *_numbers(random.Random(name), 300)]]
    got, want = in_javascript(script_page, getattr(math, name), calls), in_python(getattr(math, name), calls)
    assert [(*call, g, w) for call, g, w in zip(calls, got, want, strict=True) if not _alike(g, w)] == []


@pytest.mark.parametrize("name", ["pow", "atan2", "copysign", "hypot"])
def test_a_function_of_two_numbers_answers_or_raises_what_python_s_does(script_page: Any, name: str) -> None:
    chance = random.Random(name)
    calls = [(x, y) for x in EDGES for y in EDGES]
    calls += [tuple(chance.sample(_numbers(chance, 3), 2)) for _ in range(500)]
    got, want = in_javascript(script_page, getattr(math, name), calls), in_python(getattr(math, name), calls)
    assert [(*call, g, w) for call, g, w in zip(calls, got, want, strict=True) if not _alike(g, w)] == []


def _alike(got: Any, want: Any) -> bool:
    """Equal, or within four units in the last place: that far Python's own C library may be off (its cbrt is)."""
    if isinstance(got, str) or isinstance(want, str) or not (math.isfinite(got) and math.isfinite(want)):
        return got == want or (got != got and want != want)
    return abs(got - want) <= 4 * math.ulp(want)


def test_digits_are_taken_apart_and_put_together_exactly(script_page: Any) -> None:
    chance = random.Random(1)
    numbers = [x for x in [*EDGES, *_numbers(chance, 200)] if math.isfinite(x)]
    assert in_javascript(script_page, math.frexp, [(x,) for x in numbers]) == [list(math.frexp(x)) for x in numbers]
    calls = [(x, chance.randint(-2200, 2200)) for x in numbers for _ in range(5)]
    calls += [(1.5, -1074), (0.75, -1074), (1.0, -1075), (3.0, -1076), (1.0, 1024), (0.5, 1024), (-1.0, 5000)]
    assert in_javascript(script_page, math.ldexp, calls) == in_python(math.ldexp, calls)


def test_a_sum_is_rounded_once(script_page: Any) -> None:
    chance = random.Random(2)
    lists = [[chance.choice(_numbers(chance, 1)) for _ in range(chance.randint(0, 7))] for _ in range(500)]
    lists += [[*some, *(-x for x in some[:3])] for some in lists]
    lists += [[1.0, 2.0**-53, 2.0**-106], [1.0, 2.0**-53, -(2.0**-106)], [INF, 1.0], [INF, -INF], [1e308, 1e308]]
    got = in_javascript(script_page, math.fsum, [(some,) for some in lists])
    assert got == in_python(math.fsum, [(some,) for some in lists])


def test_counts_are_exact_before_they_are_rounded(script_page: Any) -> None:
    calls = [(n, k) for n in (0, 1, 7, 25, 68) for k in (0, 1, 5, 11)]
    assert in_javascript(script_page, math.perm, calls) == [float(math.perm(*call)) for call in calls]
    assert in_javascript(script_page, math.comb, calls[:12]) == [math.comb(*call) for call in calls[:12]]


# --- what is refused -----------------------------------------------------------------------------------------------


def _with(x: float) -> float:
    with open("x") as file:  # noqa: PTH123
        return float(file.read()) + x


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda x: math.log(x, 3.0), "math.log"),
        (lambda x: math.lgamma(x), "math.lgamma"),  # noqa: PLW0108
        (lambda x: x.hex(), "the method hex"),
        (lambda x: f"{x}", "JoinedStr"),
        (lambda x: x @ x, "MatMult"),
        (lambda x: unknown(x), "unknown"),  # noqa: F821, PLW0108
        (_with, "With"),
        (_offset, "partial"),
        (random.Random(1), "Random"),
    ],
)
def test_what_has_no_translation_is_refused_by_name(function: Any, reason: str) -> None:
    with pytest.raises(TranslationError, match=reason):
        Translator().refer(function)


def test_a_function_without_a_source_is_refused() -> None:
    names: dict[str, Any] = {}
    exec("def typed(x):\n    return x if x > 0 else 0.0", names)
    with pytest.raises(TranslationError, match="the source of typed is not there"):
        Translator().refer(names["typed"])


def test_two_functions_on_one_line_are_told_apart(script_page: Any) -> None:
    first, second = (lambda x: x + 1.0), (lambda x: x + 2.0)
    assert in_javascript(script_page, first, [(1.0,)]) == [2.0]
    assert in_javascript(script_page, second, [(1.0,)]) == [3.0]


def test_a_function_is_defined_once_however_many_use_it() -> None:
    translator = Translator()
    text = "\n".join(translator.source([translator.refer(_remembers), translator.refer(_raises)]))
    assert text.count("class ArithmeticError") == 1
    assert text.count("function math_exp(") == 1
