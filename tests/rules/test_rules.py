"""Every rule: it fires however its left side is spelt, what it computes is right, and it loses nothing."""

from __future__ import annotations

import inspect
import itertools
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from compgraph import node as node_module
from compgraph.graph import peek
from compgraph.node import Node, as_typed
from compgraph.ops import CONSTANT, add, div, mul, neg, pow, sub
from compgraph.patterns import Expression
from compgraph.rewrite import FunctionRule, Rule, RuleIndex, Variable
from compgraph.rules import RULES, differences
from compgraph.spelling import as_leaf
from tests.rules.judging import points, verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from compgraph.rewrite import Pattern


class Case(NamedTuple):
    """An expression that a rule is about, as a function of its letters."""

    title: str
    rule: Rule | FunctionRule
    function: Callable[..., Any]
    count: int


def letters(part: Any) -> list[Variable]:
    """The variables of a pattern, in the order of their names."""
    found, todo = set(), [part] if isinstance(part, Expression) else []
    while todo:
        part = todo.pop()
        todo += part.args
        found.update({part} if isinstance(part, Variable) else ())
    return sorted(found, key=lambda variable: variable.name)


def typed(pattern: Any) -> Callable[..., Any]:
    """A function that types a pattern, its variables in the order of their names."""
    names = letters(pattern)

    def build(part: Any, numbers: dict[Variable, Any]) -> Any:
        if isinstance(part, Variable):
            return numbers[part]
        if not isinstance(part, Expression):
            return part
        if part.op is CONSTANT:
            return part._value
        return part.op(*[build(arg, numbers) for arg in part.args])

    return lambda *numbers: build(pattern, dict(zip(names, numbers, strict=True)))


def cases_of(rule: Rule | FunctionRule) -> Iterator[Case]:
    if isinstance(rule, Rule):
        yield Case(repr(rule.left), rule, typed(rule.left), len(letters(rule.left)))
        return
    for number, example in enumerate(rule.examples, 1):
        parameters = inspect.signature(example).parameters.values()
        count = sum(parameter.default is parameter.empty for parameter in parameters)
        yield Case(f"{rule.left} #{number}", rule, example, count)


CASES = [case for rule in RULES for case in cases_of(rule)]

every_case = pytest.mark.parametrize("case", CASES, ids=[case.title for case in CASES])

# What is known not to be right everywhere, by title, and why it stays so.
_SECOND = "a second derivative leaves the range of floats on the way, at 1e±150 and beyond"
_SUM = "a second derivative is the sum of two terms that cancel"
LIMITS: dict[str, str] = {
    "div(exp_difference(u, v), sub(u, v))": "the gradient is ∞ − ∞ where the value is beyond the range of floats",
    "log1mexp(exp(x))": "forward mode meets 0·∞ beyond x = 709, where the value is 0",
    "div(tanh(mul(v, x)), x)": _SECOND,
    "atan(div(u, v))": _SECOND,
    "div(mul(y, exp(x)), add(1.0, mul(y, expm1(x))))": _SECOND,
    "sub(real_power(x, n), 1.0)": _SECOND,
    "div(d, compound_m1(d, n))": _SUM,
    "mul(div(1.0, log_quotient(x, y)), sub(x, y))": _SECOND,
    "mul(x, hypot_minus(x, y))": _SUM,
    "(√(b² + a·c) − b)/a #1": _SUM,
    "(√(b² + a·c) − b)/a #2": _SUM,
    "atan(u) − atan(v) #1": _SUM,
    "atan(u) − atan(v) #2": _SUM,
    "sigmoid(u) − sigmoid(v) #1": _SUM,
}


def judged(title: str, *values: Any) -> Any:
    """A parameter; one with a limit must fail, and is taken off the list when it does not."""
    marks = [pytest.mark.xfail(reason=LIMITS[title])] if title in LIMITS else []
    return pytest.param(*values, id=title, marks=marks)


every_case_judged = pytest.mark.parametrize("case", [judged(case.title, case) for case in CASES])


# --- it fires ------------------------------------------------------------------------------------------------------


def test_every_rule_has_a_left_side_to_type():
    assert [rule.left for rule in RULES if not list(cases_of(rule))] == []


def with_numbers(case: Case) -> Iterator[tuple[Any, ...]]:
    """Nodes and plain numbers as arguments, numbers in at least one place and at most all but one."""
    for kept in itertools.product((False, True), repeat=case.count):
        if any(kept) and not all(kept):
            yield tuple(Node(0.5 + k / 8) if is_node else 2.0 - k for k, is_node in enumerate(kept))


@every_case
def test_a_rule_takes_numbers_in_any_place(case):
    for args in with_numbers(case):
        nodes = [arg if isinstance(arg, Node) else Node(arg) for arg in args]
        with as_typed():
            expected = peek(case.function(*nodes))
        assert peek(case.function(*args)) == pytest.approx(expected, rel=1e-9, nan_ok=True), args


@pytest.mark.parametrize("formula", differences._FORMULAS, ids=lambda formula: formula.op.name)
@pytest.mark.parametrize("number", [float, as_leaf])
def test_a_difference_takes_numbers_and_leaves_in_any_place(formula, number):
    x, f = Node(0.5, "x"), formula.op
    assert peek(formula.value(x + 2, number(2.0), x)) == pytest.approx(f(2.5) - f(2.0), rel=1e-12)
    assert peek(formula.value(number(2.0), x + 2, -x)) == pytest.approx(f(2.0) - f(2.5), rel=1e-12)
    assert peek(formula.value(x, x + 2, number(-2.0))) == pytest.approx(f(0.5) - f(2.5), rel=1e-12)
    assert peek(formula.value(x + 2, x, number(2.0))) == pytest.approx(f(2.5) - f(0.5), rel=1e-12)


def test_a_reason_that_nothing_is_bound_for_has_no_letters():
    """It is shown beside what the user typed, where "x" or "eᵘ" would name nothing."""
    letter = re.compile(r"(?<![^\W_])[b-z](?![^\W_])|[ᵈᵏⁿᵘᵛˣʸ]")  # "a" is a word
    assert [rule.why for rule in RULES if isinstance(rule, FunctionRule) and letter.search(rule.why)] == []
    assert letter.search("eᵘ overflows")
    assert letter.search("1 + x rounds to 1")


class Watch:
    """An index that notes which rules were used: also those that meet only what others make."""

    def __init__(self, index: Any) -> None:
        self.index, self.used = index, []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.index, name)

    def find(self, op: Any, args: tuple[Any, ...]) -> Any:
        match = self.index.find(op, args)
        if match is not None:
            self.used.append(match.rule)
        return match


@pytest.fixture
def rules_used(monkeypatch):
    """``rules_used(function, count)``: what fires when a function of so many inputs is recorded."""

    def used(function, count):
        watch = Watch(node_module.INDEX)
        monkeypatch.setattr(node_module, "INDEX", watch)
        function(*[Node(0.5, f"x{k}") for k in range(count)])
        return watch.used

    return used


def test_recording_a_deep_graph_of_products_looks_for_rules_in_proportion_to_its_size(monkeypatch):
    """Rules that recorded what they compare looked for rules about that in turn: 100 logistic steps took minutes."""
    searches = []
    find = type(node_module.INDEX).find
    monkeypatch.setattr(type(node_module.INDEX), "find", lambda *args: searches.append(1) or find(*args))
    x = Node(0.3)
    for _ in range(60):
        x = 3.9 * x * (1 - x)
    assert len(searches) < 60 * 20


@every_case
def test_a_rule_fires_on_its_left_side(case, rules_used):
    used = rules_used(case.function, case.count)
    assert case.rule in used, f"instead: {[rule.left for rule in used]}"


def respelt(part: Any, change: Callable[[Any, tuple[Any, ...]], Any]) -> Any:
    """A pattern in which each operation is spelt as ``change(op, arguments)`` says; None leaves it."""
    if not part.args:
        return part
    args = tuple(respelt(arg, change) for arg in part.args)
    changed = change(part.op, args)
    return type(part)(part.op, args) if changed is None else changed


def _plus_minus(op: Any, args: tuple[Any, ...]) -> Any:
    return args[0] + -args[1] if op is sub else None


def _minus_first(op: Any, args: tuple[Any, ...]) -> Any:
    return -args[1] + args[0] if op is sub else None


def _other_way_round(op: Any, args: tuple[Any, ...]) -> Any:
    return op(args[1], args[0]) if op is add or op is mul else None


def _minus_the_negative(op: Any, args: tuple[Any, ...]) -> Any:
    return -(args[1] - args[0]) if op is sub else None


def _power_as_product(op: Any, args: tuple[Any, ...]) -> Any:
    if op is pow and args[1].op is CONSTANT and args[1]._value == 2.0:
        return args[0] * args[0]
    return args[0] ** 2 if op is mul and args[0] is args[1] else None


def _quotient_as_product(op: Any, args: tuple[Any, ...]) -> Any:
    if op is not div or args[0].op is CONSTANT:
        return None
    return 0.5 * args[0] if args[1].op is CONSTANT and args[1]._value == 2.0 else args[0] * (1 / args[1])


def _inverse_as_power(op: Any, args: tuple[Any, ...]) -> Any:
    return args[1] ** -1 if op is div and args[0].op is CONSTANT and args[0]._value == 1.0 else None


def _minus_one_times(op: Any, args: tuple[Any, ...]) -> Any:
    return -1.0 * args[0] if op is neg else None


SPELLINGS = (
    _plus_minus,
    _minus_first,
    _other_way_round,
    _minus_the_negative,
    _power_as_product,
    _quotient_as_product,
    _inverse_as_power,
    _minus_one_times,
)


def spellings(pattern: Pattern) -> Iterator[Any]:
    """The ways to write a pattern that differ from its own."""
    seen = {repr(pattern)}
    for change in SPELLINGS:
        other = respelt(pattern, change)
        if repr(other) not in seen:
            seen.add(repr(other))
            yield other


RESPELT = [
    judged(f"{rule.left} as {other}", rule, other)
    for rule in RULES
    if isinstance(rule, Rule)
    for other in spellings(rule.left)
]


@pytest.mark.parametrize(("rule", "other"), RESPELT)
def test_another_spelling_is_as_good(rule, other, rules_used):
    """The rule fires, or others make something of the parts that is as right."""
    case = Case(repr(other), rule, typed(other), len(letters(other)))
    used = list(rules_used(case.function, case.count))
    assert rule in used or list(faults(case, 12)) == [], f"instead: {[found.left for found in used]}"


# --- it is right ---------------------------------------------------------------------------------------------------


def faults(case: Case, number: int) -> Iterator[str]:
    """What is wrong, or worse than as it was typed, at so many points."""
    for point in points(case.count, number, case.title):
        for verdict in verdicts(case.function, point, 2):
            if verdict.is_wrong or verdict.is_loss:
                yield str(verdict)


@every_case_judged
def test_what_a_rule_computes_is_right(case):
    assert list(faults(case, 6)) == []


@pytest.mark.slow
@every_case_judged
def test_what_a_rule_computes_is_right_at_many_points(case):
    assert list(faults(case, 200)) == []


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "other"), RESPELT)
def test_a_rule_is_right_in_other_spellings(rule, other):
    case = Case(repr(other), rule, typed(other), len(letters(other)))
    assert list(faults(case, 25)) == []


# --- and a wrong one is caught -------------------------------------------------------------------------------------


def _swapped(rule: Rule) -> Any:
    names = letters(rule.right)
    return typed(rule.right)(*names[::-1]) if len(names) > 1 else -rule.right


def _number(rule: Rule) -> float:
    """What the right side is somewhere."""
    values = dict(zip(letters(rule.left), (0.3, 0.7, 0.2), strict=False))
    return float(typed(rule.right)(*[values[name] for name in letters(rule.right)]))


MUTATIONS = {
    "times 1 + 1e-9": lambda rule: rule.right * (1 + 1e-9),
    "negated": lambda rule: -rule.right,
    "variables swapped": _swapped,
}


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=MUTATIONS)
def test_a_wrong_right_side_is_caught(mutation, monkeypatch):
    survivors = []
    for rule in [rule for rule in RULES if isinstance(rule, Rule)][::9]:
        wrong = rule._replace(right=mutation(rule))
        if _number(wrong) == _number(rule):
            continue  # it is symmetric
        others = [wrong if other is rule else other for other in RULES]
        monkeypatch.setattr(node_module, "INDEX", RuleIndex(others))
        case = next(cases_of(wrong))
        if next(faults(case, 40), None) is None:
            survivors.append(wrong.left)
    assert survivors == []


def _off(rule: FunctionRule) -> FunctionRule:
    """The rule with an answer that is wrong in its tenth digit."""

    def build(op: Any, args: tuple[Any, ...]) -> Any:
        answer = rule.build(op, args)
        return None if answer is None else answer * (1 + 1e-9)

    return rule._replace(build=build)


def test_a_function_rule_that_answers_something_else_is_caught(monkeypatch):
    survivors = []
    for rule in [rule for rule in RULES if isinstance(rule, FunctionRule)]:
        wrong = _off(rule)
        monkeypatch.setattr(node_module, "INDEX", RuleIndex([wrong if other is rule else other for other in RULES]))
        if not any(next(faults(case, 40), None) for case in cases_of(wrong)):
            survivors.append(wrong.left)
    assert survivors == []
