"""The ops table in JavaScript: every value and every partial is what Python computes, in a browser."""

from __future__ import annotations

import base64
import itertools
import json
import math
import random
from array import array
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import compgraph as cg
from compgraph import Node, as_typed, exp, log, op, sigmoid
from compgraph.codegen.javascript import program_data, table_source
from compgraph.codegen.program import make_program
from compgraph.codegen.sources import TranslationError
from compgraph.record import _FAMILIES, Derivatives, op_named, table
from tests.sampling import points

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from compgraph.record import Op

# V8's elementary functions and those of Python's C library differ by a unit or two in the last place. A kernel makes of
# some of them a number that is off by tens of units at most: 45 units are 1e-14.
BOUND = 1e-14
# Cumulants are sums of products of moments that cancel, more so the higher the order.
WIDER = {"erfcx_rate_derivative_3": 1e-13, "ndtr_rate_derivative_3": 1e-12}

SPECIAL = (0.0, -0.0, math.inf, -math.inf, math.nan, 1e300, -1e300, 1e-300, -1e-300, 40.0, -40.0, 800.0, -800.0, 1.0,
           -1.0, 0.5, 2.0)  # fmt: skip

PAIRS = ("log_weighted_sum", "weighted_softmax", "log_cosh_sum", "cosh_share", "sinh_share")

# Where sums of exponentials cancel, or are close to 1, so that kernels compute with wide integers.
NEAR = (2.0**-52, 1e-12, 1e-8, 1e-3)
WEIGHTED = (
    *((1.0, u, -1.0, u * (1.0 - gap)) for u in (0.7, 30.0, -500.0) for gap in NEAR),
    *((0.5, gap, 0.5, -gap) for gap in NEAR),
    *((3.0, math.log(0.5), -1.0, math.log(0.5) + gap) for gap in NEAR),
)
MIXED = tuple((2.0, u, u + math.log(2.0) * (1.0 - gap)) for u in (0.0, 3.0, -300.0) for gap in NEAR)
CANCELLING = {
    "logsumexp_2": ((-1e-10, -23.0), (-1e-9, math.log(-math.expm1(-1e-9)))),
    "log_diff_exp": tuple((math.log(2.0) + gap, gap) for gap in NEAR),
    **dict.fromkeys(("log_weighted_sum_4", "weighted_softmax_4"), WEIGHTED),
    **dict.fromkeys(
        ("log_mixture", *(f"mixture_{part}" for part in ("first", "second", "rest", "share", "gap"))), MIXED
    ),
}

LECTURE = ("add", "mul", "sub", "neg", "div", "log", "sigmoid", "softplus", "exp")


def everything() -> list[Op]:
    """Every op of the table, members of every family, and the first three derivatives of every chain of them."""
    ops = [op for op in table() if op.arity]
    for family in _FAMILIES.values():
        sizes = (1, 2, 3) if isinstance(family, Derivatives) else (2, 4) if family.name in PAIRS else (2, 3)
        ops += [family.of(2 * size - 1 if family.name == "exp_over_sum_slope" else size) for size in sizes]
    return ops


def sample(op: Op) -> list[tuple[float, ...]]:
    """Points of the op's own domain; and special numbers, all pairs of them or some tuples."""
    chance = random.Random(op.name)
    if op.arity <= 2:
        special = [*itertools.product(SPECIAL, repeat=op.arity)]
    else:
        special = [tuple(chance.choice(SPECIAL) for _ in range(op.arity)) for _ in range(150)]
    return [*points(op, 60), *special, *CANCELLING.get(op.name, ())]


class Case(NamedTuple):
    """One number of the table: the value (index None) or a partial of an op at some arguments."""

    op: Op
    index: int | None
    args: tuple[float, ...]  # of a partial with the output before them
    want: float

    def __str__(self) -> str:
        what = "value" if self.index is None else f"partial {self.index}"
        return f"{self.op.name}, {what}, at {self.args}"

    def movement(self) -> float:
        """What the number moves by when each argument moves to its neighbours: its condition, in absolute terms."""
        most = 0.0
        for i, end in itertools.product(range(len(self.args)), (-math.inf, math.inf)):
            args = (*self.args[:i], math.nextafter(self.args[i], end), *self.args[i + 1 :])
            moved = abs(number(self.op, self.index, args) - self.want)
            most = max(most, math.inf if math.isnan(moved) else moved)
        return most


def number(op: Op, index: int | None, args: tuple[float, ...]) -> float:
    """What Python computes."""
    return float(op.on_floats(*args) if index is None else op.partial_on_floats(index, args[0], args[1:]))


def cases(op: Op) -> Iterator[Case]:
    for args in sample(op):
        output = number(op, None, args)
        yield Case(op, None, args, output)
        for index in range(op.arity):
            yield Case(op, index, (output, *args), number(op, index, (output, *args)))


# Decodes the arguments, calls value or partial for each case, and answers the numbers; one call for all of them.
RUN = """(given) => {
  const [source, jobs, text] = JSON.parse(given);
  const table = new Function(source + "; return table;")();
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const numbers = new Float64Array(bytes.buffer), found = [];
  let at = 0;
  for (const [name, index, count] of jobs) {
    const entry = table[name], f = index === null ? entry.value : entry.partials[index];
    const args = numbers.subarray(at, (at += count));
    let number = 0;
    try { number = f === null ? 0 : f(...args); } catch (error) { number = String(error && error.stack); }
    found.push(typeof number === "number" ? number : "no number: " + String(number));
  }
  const texts = found.filter((entry) => typeof entry === "string");
  const floats = new Float64Array(found.map((entry) => (typeof entry === "string" ? 123456.789 : entry)));
  const parts = [], all = new Uint8Array(floats.buffer);
  for (let i = 0; i < all.length; i += 4096) parts.push(String.fromCharCode(...all.subarray(i, i + 4096)));
  return [btoa(parts.join("")), texts.slice(0, 5)];
}"""


def computed(page: Any, source: str, chosen: Sequence[Case]) -> list[float]:
    """The numbers of a table that some cases ask for, computed in the browser."""
    jobs = [(case.op.name, case.index, len(case.args)) for case in chosen]
    numbers = array("d", [number for case in chosen for number in case.args])
    given = json.dumps([source, jobs, base64.b64encode(numbers.tobytes()).decode()])
    text, complaints = page.evaluate(RUN, given)
    assert complaints == []
    answer = array("d")
    answer.frombytes(base64.b64decode(text))
    return list(answer)


def differs(case: Case, got: float) -> bool:
    """Whether a number is another one than Python's."""
    want = case.want
    if got == want or (math.isnan(got) and math.isnan(want)):
        return False
    if math.isnan(got) or math.isnan(want):
        return True
    bound = WIDER.get(case.op.name, BOUND)
    if math.isfinite(got) and math.isfinite(want) and abs(got - want) <= bound * abs(want) + 4 * math.ulp(0.0):
        return False
    movement = case.movement()
    return not (abs(got - want) <= 8 * movement if math.isfinite(got) and math.isfinite(want) else movement == math.inf)


def faults(page: Any, ops: Sequence[Op], change: Callable[[str], str] = str) -> list[str]:
    """Where the printed table, perhaps changed, has other numbers than Python."""
    chosen = [case for op in ops for case in cases(op)]
    got = computed(page, change(table_source(ops)), chosen)
    return [
        f"{case}: {answer!r} instead of {case.want!r}"
        for case, answer in zip(chosen, got, strict=True)
        if differs(case, answer)
    ]


def test_every_value_and_partial_of_the_table_is_what_python_computes(script_page: Any) -> None:
    assert faults(script_page, everything()) == []


def test_every_public_op_is_among_those_tried() -> None:
    assert set(cg.all_ops()) <= set(everything())
    assert {op.family.name for op in everything() if op.family} >= {"logsumexp", "softmax_ratio", "norm"}


# --- mutants: a table that is wrong somewhere is noticed -----------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("div", "-y / x2", "-y / x1"),
        ("exp", "partials: [(y) => y]", "partials: [(y) => 0.9999999999999 * y]"),
        ("sigmoid", "x >= 0 ?", "x > 40 ?"),
        ("where", "truth(condition)", "Boolean(condition)"),
        ("maximum", "u > v || u !== u", "u > v"),
        ("floor", "Math.floor", "Math.trunc"),
        ("logsumexp_3", "remove(rest, top)", "rest.pop()"),
        ("log_weighted_sum_4", "x >> 24n", "x >> 25n"),
        ("erfc", "1.1775789345674017", "1.1775789345670017"),
        ("pow", "=== -1 && math_isinf(y)", "=== -2 && math_isinf(y)"),
    ],
)
def test_a_changed_table_is_noticed(script_page: Any, name: str, old: str, new: str) -> None:
    chosen = [op_named(name)]
    if old not in table_source(chosen):
        pytest.fail(f"nothing to change: {old} in\n{table_source(chosen)}")
    assert faults(script_page, chosen, lambda text: text.replace(old, new, 1))


# --- what is printed -----------------------------------------------------------------------------------------------


def test_a_table_holds_the_ops_that_were_asked_for_and_no_others(script_page: Any) -> None:
    keys = script_page.evaluate(f"() => {{ {table_source(['silu', 'mul'])} return Object.keys(table); }}")
    assert keys == ["silu", "mul"]


def test_the_lecture_s_table_is_small() -> None:
    assert len(table_source(LECTURE).encode()) < 3000


def test_a_table_is_the_same_in_whatever_order_tables_were_printed() -> None:
    before = table_source(["logsumexp_2"])
    table_source(["erfcx", "log_norm_2"])
    assert table_source(["logsumexp_2"]) == before


def test_a_partial_that_is_0_throughout_is_null_and_selecting_is_said(script_page: Any) -> None:
    text = f"() => {{ {table_source(['where', 'add'])} return [table.where.partials[0], table.where.selects, "
    assert script_page.evaluate(text + "table.add.selects]; }") == [None, True, False]


def test_what_no_op_is_called_is_not_in_the_table(script_page: Any) -> None:
    answer = script_page.evaluate(f"() => {{ {table_source(['add'])} return [typeof table.toString]; }}")
    assert answer == ["undefined"]


def test_no_text_is_evaluated_and_nothing_of_the_page_is_touched() -> None:
    text = table_source(everything())
    assert not [word for word in ("eval(", "Function(", "window", "document", "globalThis", "</") if word in text]


# --- ops of users --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["var_", "__proto__", "constructor", "toString", "größe", "delete", "π"])
def test_a_user_s_op_may_have_any_name(script_page: Any, name: str) -> None:
    mine = op(name, lambda y, x: 2 * x + y / y - 1, body=lambda x: x**2)
    source = table_source([mine])
    assert name.isascii() is (name in source)
    entry = f"table[{json.dumps(name)}]"
    text = f"() => {{ {source} return [{entry}.value(3), {entry}.partials[0](9, 3), Object.keys(table).length]; }}"
    assert script_page.evaluate(text) == [9, 6, 1]


def test_a_user_s_op_that_branches_is_translated_from_its_source(script_page: Any) -> None:
    mine = op("mine", lambda y, x, k: k if x > 0 else 1 / x, lambda y, x, k: max(x, 0.0), body=_branching)
    assert faults(script_page, [mine]) == []


def _branching(x: Any, k: Any) -> Any:
    total = 0.0
    for power in range(3):
        if x < 0 and power % 2:
            continue
        total += k * cg.exp(x) ** power
    return total / x


def test_an_op_that_is_made_of_another_of_the_user_s_takes_it_along(script_page: Any) -> None:
    inner = op("inner", lambda y, x: y, body=lambda x: cg.exp(x) - 1)
    outer = op("outer", lambda y, x: inner(x) + 1, body=lambda x: inner(x) * inner(x))
    assert faults(script_page, [outer]) == []
    assert '["inner"]' not in table_source([outer])


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"native": "gamma"}, "gamma"),
        ({"body": lambda x: math.lgamma(x)}, "lgamma"),  # noqa: PLW0108
        ({"body": len}, "len"),
    ],
)
def test_an_op_that_only_python_can_compute_is_refused_by_name(value: dict[str, Any], reason: str) -> None:
    mine = op("mine", lambda y, x: y, **value)
    with pytest.raises(TranslationError, match=rf"op 'mine' cannot be computed in a page: .*{reason}.*body=lambda"):
        table_source([mine])


def test_what_was_refused_leaves_nothing_behind(script_page: Any) -> None:
    with pytest.raises(TranslationError):
        table_source([op("mine", lambda y, x: y, body=lambda x: cg.logaddexp(x, math.lgamma(x)) + cg.boxcox(x))])
    assert faults(script_page, [op_named("logaddexp")]) == []


def test_a_number_of_a_user_s_text_cannot_end_a_script_element() -> None:
    mine = op("mine", lambda y, x: y, body=lambda x: x if x != 0 or len("</script>") > 3 else 0.0)
    assert "</" not in table_source([mine])


# --- programs ------------------------------------------------------------------------------------------------------

SWEEP = """([source, program]) => {
  const table = new Function(source + "; return table;")(), values = [];
  for (const [k, ...rest] of program.code) {
    values.push(k < 0 ? Number(rest[0]) : table[program.ops[k]].value(...rest.map((i) => values[i])));
  }
  const adjoints = values.map(() => 0);
  adjoints[program.root] = 1;
  for (let n = program.root; n >= 0; n--) {
    const [k, ...args] = program.code[n];
    if (k < 0 || adjoints[n] === 0) continue;
    table[program.ops[k]].partials.forEach((partial, i) => {
      if (partial !== null) adjoints[args[i]] += adjoints[n] * partial(values[n], ...args.map((j) => values[j]));
    });
  }
  return [values, adjoints];
}"""


def test_the_lecture_s_graph_has_the_same_numbers_in_the_browser(script_page: Any) -> None:
    x1, x2, y = Node(1.5, "x1"), Node(-0.5, "x2"), Node(1.0, "y")
    w1, w2, b = Node(-0.8, "w1"), Node(1.2, "w2"), Node(0.3, "b")
    z = w1 * x1 + w2 * x2 + b
    a = sigmoid(z)
    root = -(y * log(a) + (1 - y) * log(1 - a))
    root.backward()
    program = make_program([root])
    values, adjoints = script_page.evaluate(SWEEP, [table_source(program.ops), program_data(program)])
    assert values[program.place_of[root]] == pytest.approx(root.value, rel=1e-14)
    for node in (w1, w2, b, z):
        assert adjoints[program.place_of[node]] == pytest.approx(node.grad, rel=1e-14)


def test_data_of_a_program_is_json_whatever_its_numbers_are() -> None:
    with as_typed():
        root = Node(math.inf, "x") * Node(name="y") + math.nan - (-0.0)
    text = json.dumps(program_data(make_program([root])), allow_nan=False)
    assert json.loads(text)["code"][:2] == [[-1, "Infinity"], [-1, None]]
    assert '"NaN"' in text
    assert "-0.0" in text


def test_two_ops_of_one_name_have_two_keys() -> None:
    x = Node(2.0, "x")
    first = op("mine", lambda y, x: 1.0, body=lambda x: x + 1)(x)
    second = op("mine", lambda y, x: 2.0, body=lambda x: 2 * x)(first)
    program = make_program([exp(second)])
    assert program_data(program)["ops"] == ["mine", "mine#2", "exp"]
    assert '["mine#2"]' in table_source(program.ops)
