"""Shapes rule out patterns before anything is matched, and never one that fits."""

import random

import pytest

from compgraph import ops
from compgraph.graph import order
from compgraph.matching import Subject, match_root
from compgraph.node import Node, as_typed
from compgraph.ops import cos, exp, log, mul, sigmoid, softplus
from compgraph.patterns import Variable
from compgraph.rules import INDEX
from compgraph.shapes import places, powers, wanted, wanted_terms
from compgraph.spelling import monomial, terms
from tests.forms import forms
from tests.rules.programs import Writer, function_of

x, y = Variable("x"), Variable("y")


def shapes(node):
    return tuple(powers(part) for part in terms(node))


@pytest.fixture(scope="module")
def operations():
    """Operations that people type, and random ones, over inputs and over operands that became twins."""
    found = []
    programs = [Writer(random.Random(seed), 2).program(5) for seed in range(150)]
    functions = [(function_of(program), 2) for program in programs]
    functions += [(form.function(vars(ops)), len(form.block.inputs)) for form in forms("lecture")]
    for function, count in functions:
        root = function(*(Node(1.5 + k) for k in range(count)))
        found += [node.typed or (node.op, node.args) for node in order(root, typed=True) if node.args]
    return found


def test_a_pattern_that_is_ruled_out_by_shape_does_not_fit(operations):
    wrong, fitting = [], 0
    for op, args in operations:
        subject = Subject(op, args)
        for entry in INDEX._by_op.get(op, []):
            fits = entry.left is not None and next(iter(match_root(entry.left, subject)), None) is not None
            fitting += fits
            if fits and not entry.admits(subject.shape, subject.shape.heads):
                wrong.append((op, args, entry.left))
    assert wrong == []
    assert fitting > 100


def test_most_patterns_are_ruled_out_by_shape():
    z = Node(2.0)
    product = Subject(mul, (exp(z), log(z)))
    assert len(INDEX._fitting(product.shape)) < len(INDEX._by_op[mul]) / 10


def test_a_number_in_a_pattern_may_only_be_a_number():
    z = Node(2.0)
    assert places(1 + exp(x), shapes(exp(z) + 3.0)) == ((0,), (1,))
    assert places(1 + exp(x), shapes(exp(z) + z)) is None


def test_two_summands_need_two_places():
    z = Node(2.0)
    with as_typed():
        assert places(exp(x) + exp(-x), shapes(exp(z) + 1)) is None
        assert places(exp(x) + exp(-x), shapes(exp(z) + exp(-z))) == ((0, 1), (0, 1))


def test_a_summand_with_more_factors_has_fewer_places():
    z, p = Node(2.0), Node(0.5)
    with as_typed():
        loss = p * softplus(-z) + (1 - p) * softplus(z)
    assert places(y * softplus(-x) + (1 - y) * softplus(x), shapes(loss)) == ((0, 1), (1,))


def test_a_power_may_be_part_of_a_higher_one_on_the_same_side_of_the_line_only():
    square, below = wanted(sigmoid(x) ** 2), wanted(1 / sigmoid(x))
    z = Node(2.0)
    with as_typed():
        assert square.may_be_in(powers(monomial(z * sigmoid(z) ** 3)))
        assert not square.may_be_in(powers(monomial(z * sigmoid(z))))
        assert not below.may_be_in(powers(monomial(z * sigmoid(z))))


def test_a_variable_by_itself_takes_what_the_others_leave():
    loose, firm = wanted_terms(x - 2 * cos(x) + 1)
    assert [part.variables for part in loose] == [((x, 1),)]
    assert [part.coefficient for part in firm] == [-2.0, 1.0]
