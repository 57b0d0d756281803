"""``exact`` where it cannot say: what the bits, the work and the balls leave undecided, with its ends."""

from __future__ import annotations

import math

import pytest
from mpmath import mp

import compgraph as cg
from compgraph import Node, Undecided, exact
from compgraph.graph import order
from compgraph.node import as_typed

LIBRARIES = ("flint", "mpmath")


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> str:
    return request.param


def one_input(function, number, library="flint", **options):
    x = Node(number, "x")
    with as_typed():
        root = function(x)
    return exact(root, x, library=library, **options)


def test_what_the_bits_do_not_settle_is_undecided_with_its_ends(library):
    answer = one_input(lambda x: cg.log(1 + x), 1e-3, library, bits=32)
    assert not answer
    value = answer.value
    assert isinstance(value, Undecided)
    assert value.low <= math.log1p(1e-3) <= value.high
    assert value.high - value.low < 1e-8
    assert value.bits == answer.bits == 32
    assert str(value) == f"undecided between {value.low!r} and {value.high!r} at 32 bits"


def logistic_map(steps):
    x = Node(0.3, "x")
    root = x
    with as_typed():
        for _ in range(steps):
            root = 3.9 * root * (1 - root)
    return root, x


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("bits", [53, 54, 55])
@pytest.mark.parametrize("function", [cg.exp, cg.sin, cg.log1p, cg.sqrt, cg.tanh], ids=lambda op: op.name)
def test_the_ends_of_an_undecided_number_lie_on_either_side_of_the_truth(function, bits, library):
    undecided = 0
    for step in range(1, 40):
        x = 0.1 * step
        answer = exact(function(Node(x, "x")), (), bits=bits, library=library).value
        if isinstance(answer, Undecided):
            undecided += 1
            with mp.workdps(60):
                true = getattr(mp, function.name)(mp.mpf(x))
                assert mp.mpf(answer.low) <= true <= mp.mpf(answer.high)
            assert answer.low < answer.high <= answer.low + 8 * math.ulp(answer.low)
    assert undecided


def test_work_is_nodes_times_bits_and_ends_where_a_doubling_would_take_more(library):
    root, x = logistic_map(100)
    nodes = len(order(root, typed=True))
    enough = exact(root, x, library=library)
    assert enough
    assert enough.bits == 512
    exactly = (64 + 128 + 256 + 512) * nodes
    assert exact(root, x, work=exactly, library=library) == enough
    short = exact(root, x, work=exactly - 1, library=library)
    assert not short
    assert short.bits == 256
    assert short.grad.low <= enough.grad <= short.grad.high


def test_a_graph_is_computed_once_however_little_work_is_allowed(x):
    answer = exact(x * x, x, work=1)
    assert (answer.value, answer.grad, answer.bits) == (x.value**2, 2 * x.value, 64)


def test_a_long_chaotic_map_is_given_up_by_default_with_its_ends():
    root, _ = logistic_map(10_000)
    answer = exact(root, ())
    assert isinstance(answer.value, Undecided)
    assert answer.bits < 2**15


@pytest.mark.parametrize("number", [-1e9, -1e15])
def test_log1mexp_of_a_tiny_number_takes_few_bits(number, library):
    answer = one_input(lambda x: cg.log1mexp(cg.exp(x)), number, library, bits=256)
    assert (answer.value, answer.grad) == (number, 1.0)


def test_a_quotient_of_zeros_that_are_not_exactly_known_stays_undecided(library):
    answer = one_input(lambda x: (difference := cg.exp(x) - cg.exp(Node(0.3))) / difference, 0.3, library, bits=256)
    assert answer.value == Undecided(-math.inf, math.inf, 256)


def test_an_arm_that_is_not_taken_may_be_undecided():
    def function(x):
        zero = cg.exp(x) - cg.exp(Node(0.3))
        return cg.where(x > 0, x, 1 / zero)

    answer = one_input(function, 0.3, bits=256)
    assert (answer.value, answer.grad) == (0.3, 1.0)


def test_undecided_comparisons_enclose_both_arms():
    answer = one_input(lambda x: cg.where(cg.exp(x) > cg.exp(Node(0.3)), 1.0, 2.0), 0.3, bits=128)
    assert answer.value == Undecided(1.0, 2.0, 128)
