"""Random typed programs: twins lose nothing that typing kept, record the same in every run, and come to an end."""

from __future__ import annotations

import math
import random

import pytest

import compgraph as cg
from compgraph.graph import order, peek
from compgraph.node import Node
from compgraph.ops import exp
from compgraph.store import dumps
from tests.rules.campaign import ROWS, run, trials
from tests.rules.programs import Writer, function_of, point, size, smaller, text

PROGRAMS = [program for seed in range(0, 3000, 10) for program, _ in list(trials(seed))[:1]]


def recorded(program):
    return function_of(program)(*[Node(0.5, name) for name in "xyz"])


def reported(tally, *, wrong=False):
    """What twins lost, as a reader would want to see it; or only where what is left is not right."""
    return [f"{text(program)}: {verdict}" for program, verdict in tally.losses if verdict.is_wrong or not wrong]


# --- the property ----------------------------------------------------------------------------------------------------


def test_twins_lose_no_more_than_four_ulp_where_typing_was_right():
    tally = run(800)
    assert tally.failures == []
    assert reported(tally) == []
    assert tally.counts["value", "right with twins"] > tally.counts["value", "right as typed"]


@pytest.mark.slow
def test_twins_are_right_where_typing_was_right_in_a_long_campaign():
    """Rounding errors of parts may add up in luckier ways as typed: one number in a thousand, and it is right still."""
    tally = run(100_000, 10_000)
    assert tally.failures == []
    assert sum(tally.counts[row, "lost"] for row in ROWS) <= sum(tally.counts[row, "numbers"] for row in ROWS) / 1000
    assert reported(tally, wrong=True) == []


def test_recording_is_the_same_in_every_run():
    again = [program for seed in range(0, 3000, 10) for program, _ in list(trials(seed))[:1]]
    assert [dumps(recorded(program)) for program in PROGRAMS if isinstance(recorded(program), Node)] == [
        dumps(recorded(program)) for program in again if isinstance(recorded(program), Node)
    ]


def test_rewriting_comes_to_an_end_and_graphs_stay_small():
    large = []
    for program in PROGRAMS:
        root = recorded(program)
        if len(order(root, typed=True)) > 12 * size(program) + 24:
            large.append((len(order(root, typed=True)), size(program), text(program)))
    assert large == []


def test_a_tower_of_one_shape_is_recorded_in_linear_size():
    x = Node(0.5, "x")
    root = x
    for _ in range(200):
        root = 1 / (1 + exp(-root))
    assert len(order(root, typed=True)) < 200 * 12


# --- and what it is made of -------------------------------------------------------------------------------------------


def test_a_program_reads_as_it_is_typed():
    x, y = ("x", 0), ("x", 1)
    program = ("log", ("sub", ("div", 1.0, ("neg", x)), ("pow", ("exp", y), -2.0)))
    assert text(program) == "log((1 / (-x)) - (exp(y) ** (-2)))"
    assert eval(text(program), {"x": -0.5, "y": 1.0, "exp": exp.on_floats, "log": lambda u: u}) == pytest.approx(
        2 - 0.1353352832366127
    )


def test_writers_write_the_same_for_the_same_seed():
    written = [[text(Writer(random.Random(seed), 2).program(4)) for seed in range(20)] for _ in range(2)]
    assert written[0] == written[1]
    assert len(set(written[0])) > 15


def test_smaller_programs_are_smaller():
    program = ("add", ("exp", ("x", 0)), ("log", ("x", 1)))
    assert all(len(text(less)) < len(text(program)) for less in smaller(program))


def test_points_are_the_same_for_the_same_seed():
    assert point(random.Random(3), 3) == point(random.Random(3), 3)


def test_a_term_of_a_share_may_come_to_a_number():
    x, z = Node(2.0, "x"), Node(1.3, "z")
    one, other = cg.exp(cg.log(1 + cg.exp(z))), cg.exp(cg.log(-1 * cg.exp(-x * x)))  # the logarithm of less than 0
    share = one / (one + other)
    assert math.isnan(peek(cg.log1p(share) / cg.log1p(-share)))


def test_each_term_of_a_sum_has_a_partner_of_its_own():
    x = Node(0.7, "x")
    assert peek(cg.exp(x + x) - (x - 0.5)) == pytest.approx(math.exp(1.4) - 0.2)


def test_a_negative_number_before_a_function_of_either_sign_stays_with_it():
    assert peek(cg.log(cg.tanh(Node(-0.6, "x")) / -2)) == pytest.approx(math.log(math.tanh(0.6) / 2))
