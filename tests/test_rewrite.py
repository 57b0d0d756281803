"""Patterns match structure, in every order of a commutative op, and constants only by value."""

import copy
import math
import pickle

import pytest

from compgraph import node as node_module
from compgraph.graph import replace
from compgraph.node import Node, constant
from compgraph.ops import add, cos, exp, floor, log, log_sigmoid, mul, sigmoid, sign, sub
from compgraph.record import ALWAYS, BESIDE_SEEDS, NEVER
from compgraph.rewrite import Rule, RuleIndex, Variable, same_expression
from compgraph.store import dumps, loads

x, y = Variable("x"), Variable("y")


@pytest.fixture
def index_of():
    node_module.INDEX.load()  # what clearing an index restores is what the rules of the table want
    made = []

    def make(left, right=x):
        made.append(RuleIndex([Rule(left, right, "everywhere", "a test")]))
        return made[-1]

    yield make
    for index in made:
        index.clear()


def test_a_variable_binds_the_argument_it_stands_for(index_of):
    z = Node(2.0, "z")
    found = index_of(log(sigmoid(x))).find(log, (sigmoid(z),))
    assert found is not None
    assert found.bound == {x: z}


def test_a_repeated_variable_wants_the_same_structure_not_the_same_node(index_of):
    z, other = Node(2.0, "z"), Node(2.0, "other")
    index = index_of(exp(x) * exp(x))
    assert index.find(mul, (exp(z), exp(z))) is not None
    assert index.find(mul, (exp(z), exp(other))) is None


def test_a_commutative_op_matches_in_either_order(index_of):
    z = Node(2.0, "z")
    index = index_of(1.0 + exp(x))
    assert index.find(add, (constant(1), exp(z))).bound == {x: z}
    assert index.find(add, (exp(z), constant(1))).bound == {x: z}


def test_a_zero_is_no_multiple_of_a_number_in_a_pattern(index_of):
    z = Node(2.0, "z")
    assert index_of(log(1.0 + x)).find(log, (exp(z) + 0.0,)) is None


def test_the_other_sign_of_a_number_below_an_even_op_is_a_number_too(index_of):
    z = Node(2.0, "z")
    assert index_of(x * cos(x)).find(mul, (z, cos(-constant(3.0)))) is None


def test_both_orders_are_tried_inside_one_another(index_of):
    a, b = Node(2.0, "a"), Node(3.0, "b")
    index = index_of(x * y + x)
    assert index.find(add, (b, mul(a, b))).bound == {x: b, y: a}


def test_a_number_matches_constants_only(index_of):
    z = Node(2.0, "z")
    index = index_of(1.0 + exp(x))
    assert index.find(add, (Node(1.0, "one"), exp(z))) is None


def test_another_op_does_not_match(index_of):
    index = index_of(log(exp(x)))
    assert index.find(exp, (Node(2.0),)) is None
    assert index.find(log, (Node(2.0),)) is None


def test_the_replacement_is_recorded_from_the_variables(index_of):
    z = Node(2.0, "z")
    found = index_of(log(sigmoid(x)), -log(1 + exp(-x))).find(log, (sigmoid(z),))
    assert same_expression(found.replacement(), -log(1 + exp(-z)))


def test_an_index_flags_the_ops_at_which_its_rules_start(index_of):
    assert floor.hot == NEVER
    index = index_of(floor(sign(x)))
    assert floor.hot == ALWAYS
    assert sign.hot == NEVER
    index.clear()
    assert floor.hot == NEVER


def test_a_sum_looks_for_rules_only_beside_what_a_rule_wants_to_see(index_of):
    assert (add.hot, floor.seed) == (BESIDE_SEEDS, False)
    index = index_of(1.0 + floor(x))
    assert (add.hot, floor.seed) == (BESIDE_SEEDS, True)
    index.clear()
    assert not floor.seed


def test_same_expression_compares_shared_graphs_in_linear_time():
    def tower(leaf):
        for _ in range(200):
            leaf = leaf * leaf
        return leaf

    z = Node(1.0, "z")
    assert same_expression(tower(z), tower(z))
    assert not same_expression(tower(z), tower(z) * 1)


def test_zero_and_minus_zero_are_different_constants():
    assert not same_expression(constant(0.0), constant(-0.0))


def test_a_node_becomes_its_twin_and_remembers_what_was_typed(monkeypatch, index_of):
    monkeypatch.setattr(node_module, "INDEX", index_of(log(sigmoid(x)), log_sigmoid(x)))
    z = Node(-800.0, "z")
    typed = sigmoid(z)
    loss = log(typed)
    assert (loss.op, loss.args) == (log_sigmoid, (z,))
    assert loss.typed == (log, (typed,))
    assert loss.value == -800.0
    loss.backward()
    assert z.grad == 1.0


@pytest.fixture
def identity_rule(monkeypatch, index_of):
    """log(exp(x)) is x: the twin is a node that exists."""
    monkeypatch.setattr(node_module, "INDEX", index_of(log(exp(x)), x))


@pytest.mark.usefixtures("identity_rule")
def test_a_twin_that_exists_is_copied():
    z = Node(800.0, "z")
    node = log(exp(z))
    assert (node.op.name, node.args, node.value) == ("copy", (z,), 800.0)
    node.backward()
    assert z.grad == 1.0


@pytest.mark.usefixtures("identity_rule")
@pytest.mark.parametrize(
    "again",
    [copy.deepcopy, lambda node: pickle.loads(pickle.dumps(node)), lambda node: loads(dumps(node))],
    ids=["deepcopy", "pickle", "json"],
)
def test_what_was_typed_survives_copies_and_files(again):
    node = again(log(exp(Node(800.0, "z"))))
    op, (typed,) = node.typed
    assert (op, typed.op, typed.args, node.value) == (log, exp, node.args, 800.0)


@pytest.mark.usefixtures("identity_rule")
def test_replace_replays_what_was_typed():
    z, other = Node(800.0, "z"), Node(900.0, "other")
    node = replace(log(exp(z)), {z: other})
    assert node.args == (other,)
    assert node.typed[1][0].args == (other,)


def test_a_right_side_may_be_a_number(monkeypatch, index_of):
    monkeypatch.setattr(node_module, "INDEX", index_of(x - x, 0.0))
    z = Node(2.0, "z")
    node = z - z
    assert node.value == 0.0
    assert node.typed == (sub, (z, z))


def losses(count: int) -> list[Node]:
    """Losses of a logistic regression, one for each example, over parameters of their own."""
    w, b = Node(0.3, "w"), Node(-0.1, "b")
    found = []
    for index in range(count):
        x, y = Node(0.5 * index - 1.0, f"x{index}"), Node(float(index % 2), f"y{index}")
        a = 1 / (1 + exp(-(w * x + b)))
        found.append(-(y * log(a) + (1 - y) * log(1 - a)))
    return found


def test_what_a_sum_over_examples_costs_does_not_multiply(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in questions to the rules: a rule must not record the rest of a sum for every way in which it may fit."""
    asked = []
    find = node_module.INDEX.find
    monkeypatch.setattr(node_module.INDEX, "find", lambda op, args: (asked.append(op), find(op, args))[1])
    examples = losses(7)
    total, costs = examples[0], []
    for loss in examples[1:]:
        before = len(asked)
        total = total + loss
        costs.append(len(asked) - before)
    assert max(costs) <= 3


def test_a_sum_that_is_too_long_to_be_read_stays_as_typed() -> None:
    x = [Node(0.01 * index, f"x{index}") for index in range(60)]
    total = exp(x[0])
    for u in x[1:]:
        total = total + u * u + log(1 + u)
    assert total.typed is None
    assert log(total).value == math.log(total.value)
