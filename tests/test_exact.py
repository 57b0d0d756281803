"""``exact``: values and gradients are the floats nearest to the truth, by either library, or said to be undecided."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from mpmath import mp

import compgraph as cg
from compgraph import GraphTypeError, GraphValueError, MissingValueError, Node, TwinError, Undecided, exact
from compgraph import node as node_module
from compgraph.graph import order
from compgraph.node import as_typed
from compgraph.rewrite import Rule, RuleIndex, Variable
from tests.sampling import TRUTH, at_kink, points, truth

LIBRARIES = ("flint", "mpmath")
OPS = [op for op in cg.record.table() if op.arity and op.name in TRUTH]


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def rule(monkeypatch: pytest.MonkeyPatch):
    """``rule(left, right)``: for the test's length this is the only rule."""
    made = []

    def install(left, right, why="a test"):
        made.append(RuleIndex([Rule(left, right, "everywhere", why)]))
        monkeypatch.setattr(node_module, "INDEX", made[-1])

    yield install
    for index in made:
        index.clear()


def nearest_float(number) -> float:
    """The float nearest to an mpmath number, by a search that trusts comparisons alone."""
    if abs(number) >= (2**54 - 1) * mp.mpf(2) ** 970:  # half way from the largest float to the next power of 2
        return math.copysign(math.inf, number)
    guess = float(number)
    near = [math.nextafter(guess, -math.inf), guess, math.nextafter(guess, math.inf)]
    finite = [end for end in near if math.isfinite(end)]
    return min(finite, key=lambda end: (abs(end - number), end / math.ulp(end) % 2))


# --- the whole table against independent truth ---------------------------------------------------------------------


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_every_op_and_its_partials_are_rounded_correctly(op, library):
    for args in points(op, 6 if library == "flint" else 3):
        nodes = [Node(arg) for arg in args]
        answer = exact(op(*nodes), nodes, library=library)
        numbers = [((), answer.value), *(((index,), slope) for index, slope in enumerate(answer.grad))]
        for wrt, number in numbers:
            true = truth(op.name, wrt, args)
            if isinstance(number, Undecided) or mp.isnan(true) or (wrt and at_kink(op, args)):
                continue
            with mp.workdps(2500):
                assert abs(true) < 1e-320 or number == nearest_float(true), (wrt, args)


@given(st.data())
def test_random_programs_are_rounded_correctly(graphs, data):
    root, inputs = data.draw(graphs)
    assume(all(node.op.name in TRUTH for node in order(root) if node.args))
    answer = exact(root, inputs)
    assume(answer)  # exprel(∛u − ∛u) and the like meet a 0 that is not known to be one, and stay undecided
    assert answer.value == nearest_float(true_value(root, {}))
    with mp.workdps(400):
        step = mp.mpf(10) ** -120
        for node, slope in zip(inputs, answer.grad, strict=True):
            ahead, behind = (true_value(root, {node: node.value + sign * step}) for sign in (1, -1))
            with mp.workdps(200):  # its own error is far below: what lies half way between two floats must stay there
                quotient = (ahead - behind) / (2 * step)
            assert abs(quotient) < 1e-100 or slope == nearest_float(quotient)


def true_value(root: Node, moved: dict[Node, object]):
    """The graph's value with mpmath and this file's own formulas, to 400 digits."""
    with mp.workdps(400):
        values = {}
        for node in order(root):
            numbers = [values[arg] for arg in node.args]
            values[node] = TRUTH[node.op.name](*numbers) if node.args else mp.mpf(moved.get(node, node.value))
        return +values[root]


@given(st.data())
def test_both_libraries_agree(graphs, data):
    root, inputs = data.draw(graphs)
    by_flint, by_mpmath = (exact(root, inputs, library=library) for library in LIBRARIES)
    assert (by_flint.value, by_flint.grad) == (by_mpmath.value, by_mpmath.grad)


# --- the lecture ---------------------------------------------------------------------------------------------------

TABLE = [
    (40.0, 0.0, 40.0, 1.0),
    (40.0, 1.0, 4.248354255291589e-18, -4.248354255291589e-18),
    (-40.0, 0.0, 4.248354255291589e-18, 4.248354255291589e-18),
    (-40.0, 1.0, 40.0, -1.0),
    (800.0, 1.0, 0.0, 0.0),
    (800.0, 0.0, 800.0, 1.0),
    (-800.0, 1.0, 800.0, -1.0),
    (-800.0, 0.0, 0.0, 0.0),
]


def lecture(z, y):
    a = 1 / (1 + cg.exp(-z))
    return -(y * cg.log(a) + (1 - y) * cg.log(1 - a)), a


@pytest.mark.parametrize("graph", ["checked", "effective", "typed"])
@pytest.mark.parametrize(("number", "label", "loss", "slope"), TABLE)
def test_the_lecture_is_exact_as_typed_from_primitives(number, label, loss, slope, graph, library):
    w, x, b, y = Node(number / 4, "w"), Node(3.0, "x"), Node(number / 4, "b"), Node(label, "y")
    with as_typed():
        root, _ = lecture(w * x + b, y)
    answer = exact(root, [w, x, b], graph=graph, library=library)
    assert answer
    assert (answer.value, answer.grad) == (loss, (3 * slope, number / 4 * slope, slope))


@pytest.mark.parametrize(("number", "label", "loss", "slope"), TABLE)
def test_the_lecture_is_exact_with_whatever_twins_there_are(number, label, loss, slope):
    z = Node(number, "z")
    root, _ = lecture(z, Node(label, "y"))
    answer = exact(root, z)
    assert (answer.value, answer.grad) == (loss, slope)


# --- zeros, subnormal numbers, overflow, poles ---------------------------------------------------------------------


def one_input(function, number, library="flint", **options):
    x = Node(number, "x")
    with as_typed():
        root = function(x)
    return exact(root, x, library=library, **options)


@pytest.mark.parametrize(
    ("function", "number", "value", "slope"),
    [
        (lambda x: cg.log(1 + x), 1e-300, 1e-300, 1.0),
        (lambda x: (x - 1e-300) ** 2, 1e-300, 0.0, 0.0),
        (lambda x: cg.exp(x) - cg.exp(Node(x.value)), 0.3, 0.0, math.exp(0.3)),
        (lambda x: x * x, 1e-200, 0.0, 2e-200),
        (lambda x: 3 * (x / 2), 5e-324, 1e-323, 1.5),
        (lambda x: x / 2, 5e-324, 0.0, 0.5),
        (lambda x: cg.exp(-x), 745.2, 0.0, -0.0),
        (lambda x: cg.exp(-x), 744.0, 1e-323, -1e-323),
        (cg.exp, 710.0, math.inf, math.inf),
        (lambda x: cg.exp(x) / cg.exp(x), 1e300, 1.0, 0.0),
        (lambda x: cg.log(cg.exp(x)), -1e300, -1e300, 1.0),
        (lambda x: cg.exp(cg.exp(x)), 1e5, math.inf, math.inf),
        (lambda x: (1 + x) ** (1 / x), 1e-300, math.e, -1.3591409142295225),
        (cg.tan, 1e300, 1.4214488238747245, 3.0205167588948374),
        (lambda x: x**1e300, 1 + 1e-10, math.inf, math.inf),
        (lambda x: x**3, -2.0, -8.0, 12.0),
        (cg.log, 0.0, -math.inf, math.inf),
        (lambda x: 1 / x, 0.0, math.inf, -math.inf),
        (lambda x: 1 / -x, 0.0, -math.inf, math.inf),
        (lambda x: cg.exp(1 / x), -0.0, 0.0, 0.0),
        (lambda x: cg.atan(1 / x), 0.0, math.pi / 2, 0.0),
        (cg.sqrt, 0.0, 0.0, math.inf),
        (cg.log, -1.0, math.nan, -1.0),
        (lambda x: (-x) ** 0.5, 2.0, math.nan, math.nan),
        (lambda x: x - x, math.inf, math.nan, 0.0),
    ],
)  # fmt: skip
def test_the_edges_of_the_floats_are_those_of_ieee(function, number, value, slope, library):
    answer = one_input(function, number, library)
    assert answer
    assert [answer.value, answer.grad] == pytest.approx([value, slope], rel=1e-16, abs=0, nan_ok=True)


def test_a_tie_goes_to_the_even_float(library):
    assert one_input(lambda x: x + 2.0**-53, 1.0, library).value == 1.0
    assert one_input(lambda x: x + 3 * 2.0**-53, 1.0, library).value == 1 + 2.0**-51
    assert one_input(lambda x: x + 2.0**-53 + 1e-300, 1.0, library).value == 1 + 2.0**-52


def test_the_sign_of_zero_is_kept(library):
    assert math.copysign(1, one_input(lambda x: -x, 0.0, library).value) == -1
    assert math.copysign(1, one_input(lambda x: x - x, 3.0, library).value) == 1
    assert one_input(lambda x: cg.atan2(x, -1.0), -0.0, library).value == -math.pi


@pytest.mark.parametrize(
    ("function", "value", "slope"),
    [
        (cg.relu, 0.0, 0.0),
        (cg.abs, 0.0, 0.0),
        (lambda x: cg.maximum(x, 0.0), 0.0, 0.5),
        (lambda x: cg.minimum(x, -x), 0.0, 0.0),
        (lambda x: x**0, 1.0, 0.0),
        (lambda x: Node(0.0) ** x, 1.0, 0.0),
        (cg.sinc, 1.0, 0.0),
        (lambda x: cg.hypot(x, 0.0), 0.0, 0.0),
        (lambda x: cg.xlogy(x, x), 0.0, -math.inf),
        (lambda x: cg.where(x > 0, cg.log(x), x), 0.0, 1.0),
        (lambda x: cg.where(x >= 0, x, cg.log(x)), 0.0, 1.0),
        (lambda x: cg.sign(x) + cg.floor(x), 0.0, 0.0),
    ],
)
def test_kinks_and_ties_follow_the_conventions(function, value, slope, library):
    answer = one_input(function, 0.0, library)
    assert (answer.value, answer.grad) == (value, slope)


# --- shapes, sharing, orders, sizes --------------------------------------------------------------------------------


def test_the_gradient_has_the_shape_of_wrt(x, y):
    root = x * x * y
    assert exact(root).grad == {"x": 20.0, "y": 4.0}
    assert exact(root, "x").grad == 20.0
    assert exact(root, [y, x]).grad == (4.0, 20.0)
    assert exact(root, ()).grad == ()


def test_a_shared_node_gets_the_sum_of_its_contributions(x):
    square = x * x
    assert exact(square * square + square, [square, x]).grad == (9.0, 36.0)


def test_a_root_is_its_own_gradient(x, y):
    assert exact(x, [x, y]).grad == (1.0, 0.0)


def test_second_derivatives_are_exact_gradients_of_gradients(library):
    z = Node(40.0, "z")
    slope = cg.grad(cg.log(1 + cg.exp(z)), z)
    with mp.workdps(60):
        sigma = 1 / (1 + mp.exp(-40))
        curvature = float(sigma * (1 - sigma))
    assert exact(slope, z, library=library).grad == curvature


def test_reading_changes_nothing(x):
    root = x * x
    root.backward()
    exact(root)
    assert x.grad == 4.0
    x.value = 3.0
    assert exact(root).value == 9.0


def test_a_long_chain_is_walked_without_recursion():
    x = Node(0.3, "x")
    root = x
    for _ in range(3_000):
        root = cg.sin(root) + 0.25
    answer = exact(root)
    assert answer.bits == 64
    assert answer.value == pytest.approx(root.value, rel=1e-15)


def test_an_op_of_the_users_own_enters_by_its_body(library):
    cube = cg.op("cube", lambda y, x: 3 * x * x, body=lambda x: x * x * x if x > 0 else -((-x) ** 3))
    assert one_input(cube, -0.1, library).value == nearest_float(mp.mpf(-0.1) ** 3)
    digamma = cg.op("my_lgamma", lambda y, x: y, native="lgamma")
    assert one_input(digamma, 10.5, library).value == nearest_float(mp.loggamma(mp.mpf(10.5)))


def test_an_op_without_a_formula_says_what_it_needs():
    opaque = cg.op("opaque", lambda y, x: 1.0, body=math.erf)
    with pytest.raises(GraphTypeError, match="written in ops"):
        exact(opaque(Node(0.5)))


# --- twins ---------------------------------------------------------------------------------------------------------

variable = Variable("x")


def test_a_right_rule_passes_the_check(rule, library):
    rule(cg.log(1 + cg.exp(variable)), cg.softplus(variable))
    root = cg.log(1 + cg.exp(Node(-40.0, "z")))
    assert root.op is cg.softplus
    answers = [exact(root, graph=graph, library=library) for graph in ("checked", "effective", "typed")]
    assert [(answer.value, answer.grad["z"]) for answer in answers] == [(4.248354255291589e-18,) * 2] * 3


def test_where_a_rule_rounds_a_constant_what_was_typed_is_the_answer(rule):
    rule(cg.log(cg.exp(variable) * 0.5), variable - math.log(2))
    x = Node(3.0, "x")
    root = cg.log(cg.exp(x) * 0.5)
    assert root.typed
    with mp.workdps(60):
        assert exact(root).value == nearest_float(3 - mp.log(2))
    x.value = math.log(2)  # all that is left is the rounding of the constant
    with mp.workdps(60):
        assert exact(root).value == nearest_float(x.value - mp.log(2))


@pytest.mark.parametrize("off", [1e-13, 1e-9])
def test_a_wrong_constant_is_told_from_a_rounded_one(rule, off):
    rule(cg.log(cg.exp(variable) * 0.5), variable - math.log(2) * (1 + off))
    with pytest.raises(TwinError, match="a rule is wrong"):
        exact(cg.log(cg.exp(Node(math.log(2), "x")) * 0.5))


def test_numbers_that_rules_fold_may_cancel(library):
    e, third = math.exp(1.0), 1 / 3
    for number, function in (
        (-1.0, lambda x: (cg.exp(x) * e) * cg.log(cg.exp(x) * e)),
        (-1.0, lambda x: cg.log(cg.exp(x) * e) ** 2 / 2),
        (0.0, lambda x: cg.log(third * (3 * cg.exp(x)))),
    ):
        x = Node(number, "x")
        root, typed = function(x), one_input(function, number, library)
        assert root.typed or any(node.typed for node in order(root))
        assert (exact(root, x, library=library).value, exact(root, x, library=library).grad) == (
            typed.value,
            typed.grad,
        )


def test_a_rule_with_a_wrong_value_is_named(rule, library):
    rule(cg.log(1 + cg.exp(variable)), cg.softplus(-variable), why="a sign is wrong")
    root = 2 * cg.log(1 + cg.exp(Node(3.0, "z").named("z"))).named("s")
    with pytest.raises(TwinError, match=r"s = log\(v2\) computed as softplus\(.*\) \(a sign is wrong\)"):
        exact(root, library=library)


def test_a_rule_with_a_wrong_slope_alone_is_named(rule):
    tilted = cg.op("tilted", lambda y, x: 2 * cg.sigmoid(x), body=cg.softplus)
    rule(cg.log(1 + cg.exp(variable)), tilted(variable))
    with pytest.raises(TwinError, match=r"dv3/dz is .* as typed, .* computed as tilted\(z\)"):
        exact(cg.log(1 + cg.exp(Node(3.0, "z"))))


def test_the_typed_graph_alone_ignores_the_twins(rule):
    rule(cg.log(1 + cg.exp(variable)), cg.softplus(-variable))
    root = cg.log(1 + cg.exp(Node(-3.0, "z")))
    assert exact(root, graph="typed").value == pytest.approx(math.log1p(math.exp(-3)), rel=1e-15)


def test_what_was_typed_has_no_say_where_it_is_not_finite(rule):
    rule(cg.sin(variable) / variable, cg.sinc(variable))
    x = Node(0.0, "x")
    root = cg.sin(x) / x
    assert math.isnan(exact(root, x, graph="typed").value)
    assert (exact(root, x).value, exact(root, x).grad) == (1.0, 0.0)


@pytest.mark.parametrize("number", [-1.0, 1.0])
def test_a_pole_of_a_share_has_the_sign_that_was_typed(number, library):
    x = Node(number, "x")
    root = cg.sigmoid(x / (x + (-x)))
    with as_typed():
        typed = cg.sigmoid(x / (x + (-x)))
    assert root.args[0].op.name == "share"
    assert exact(root, (), library=library).value == typed.value == (0.0 if number < 0 else 1.0)


def test_beyond_its_budget_what_was_typed_has_no_say(rule):
    rule(cg.log(1 - cg.sigmoid(variable)), -cg.softplus(variable))
    z = Node(1e4, "z")
    root = cg.log(1 - cg.sigmoid(z))
    answer = exact(root, z)
    assert (answer.value, answer.grad) == (-1e4, -1.0)
    assert not exact(root, z, graph="typed", bits=2**12)


def test_a_node_that_twins_bypass_has_its_gradient_as_typed(rule):
    rule(cg.log(cg.sigmoid(variable)), -cg.softplus(-variable))
    z = Node(-40.0, "z")
    a = cg.sigmoid(z)
    root = cg.log(a) + 3 * a
    with mp.workdps(60):
        sigma = 1 / (1 + mp.exp(40))
        by_a, by_z = nearest_float(1 / sigma + 3), nearest_float((1 - sigma) * (1 + 3 * sigma))
    assert exact(root, [a, z]).grad == (by_a, by_z)


# --- errors --------------------------------------------------------------------------------------------------------


def test_wrong_arguments_are_refused_with_what_to_write(x):
    with pytest.raises(GraphTypeError, match=r"exact takes the Node whose value is asked for, not 2\.0 \(a float\)"):
        exact(2.0)
    with pytest.raises(GraphValueError, match="write 'checked', 'effective' or 'typed'"):
        exact(x, graph="both")
    with pytest.raises(GraphValueError, match="write 'flint' or 'mpmath'"):
        exact(x, library="arb")
    with pytest.raises(GraphValueError, match="at least 2 bits"):
        exact(x, bits=1)
    with pytest.raises(GraphValueError, match=r"work=0: write how many nodes times bits"):
        exact(x, work=0)
    with pytest.raises(MissingValueError, match=r"write q\.value = …"):
        exact(x * Node(name="q"))


def test_without_either_library_the_error_names_the_remedy(x, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"compgraph\[exact\]"):
        exact(x)
