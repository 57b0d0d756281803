"""Programs: what a graph computes as straight-line code, shared and without what no output needs."""

from __future__ import annotations

import math

import pytest

from compgraph import GraphTypeError, Node, as_typed, exp, log, maximum, op, sigmoid
from compgraph.codegen.program import Apply, Leaf, make_program, record_program
from compgraph.record import all_ops


def run(program, *numbers: float) -> list[float]:
    """The outputs' values, computed entry by entry; the numbers are the inputs' values in their order."""
    given, values = iter(numbers), []
    for entry in program.entries:
        if isinstance(entry, Apply):
            values.append(entry.op.on_floats(*[values[arg] for arg in entry.args]))
        else:
            values.append(next(given) if entry.is_input and numbers else entry.value)
    return [values[place] for place in program.outputs]


def count(program, name: str) -> int:
    return sum(isinstance(entry, Apply) and entry.op.name == name for entry in program.entries)


def test_a_program_computes_what_the_graph_computes(x: Node, y: Node) -> None:
    root = sigmoid(x * y) + log(y) / x
    program = make_program([root, x * y])
    assert run(program) == [root.value, 10.0]
    assert run(program, 3.0, 4.0) == [float(sigmoid(12.0)) + math.log(4.0) / 3.0, 12.0]


def test_entries_come_after_what_they_read(x: Node, y: Node) -> None:
    program = make_program([exp(x * y + 1) * log(y)])
    for place, entry in enumerate(program.entries):
        assert isinstance(entry, Leaf) or all(arg < place for arg in entry.args)


def test_what_is_written_twice_is_computed_once(x: Node) -> None:
    program = make_program([exp(3 * x) + exp(3 * x)])
    assert count(program, "exp") == count(program, "mul") == 1


def test_the_order_of_two_arguments_matters_only_where_the_op_says_so(x: Node, y: Node) -> None:
    assert count(make_program([x * y, y * x]), "mul") == 1
    assert count(make_program([x - y, y - x]), "sub") == 2


def test_equal_constants_are_one_and_zeros_of_two_signs_are_two(x: Node) -> None:
    with as_typed():
        root = (x * 2.0 + 2.0) + (x / 0.0 + x / -0.0)
    program = make_program([root])
    assert [repr(e.value) for e in program.entries if isinstance(e, Leaf) and not e.is_input] == ["2.0", "0.0", "-0.0"]


def test_two_inputs_of_one_value_stay_two() -> None:
    u, v = Node(2.0, "u"), Node(2.0, "v")
    program = make_program([u * v])
    assert [entry.is_input for entry in program.entries[:2]] == [True, True]
    assert run(program, 3.0, 5.0) == [15.0]


def test_nothing_is_there_that_no_output_needs(x: Node, y: Node) -> None:
    wanted = exp(x)
    _ = log(y) * wanted
    assert len(make_program([wanted]).entries) == 2


def test_it_is_the_twin_that_is_computed(x: Node) -> None:
    program = make_program([1 / (1 + exp(-x))])
    assert [op.name for op in program.ops] == ["sigmoid"]


def test_every_node_has_a_place(x: Node) -> None:
    first, second = exp(x), exp(x)
    root = first + second
    program = make_program([root])
    assert program.place_of[first] == program.place_of[second]
    assert program.place_of[root] == program.outputs[0]
    assert program.entries[program.place_of[x]] == Leaf(2.0, is_input=True)


def test_a_node_set_apart_keeps_a_place_of_its_own(x: Node) -> None:
    """What flows back to the place of two nodes is the sum of their gradients."""
    first, second = exp(x), exp(x)
    program = make_program([2 * first + 3 * second], apart=[first, second])
    assert program.place_of[first] != program.place_of[second]
    assert count(program, "exp") == 2


def test_an_input_without_a_value_is_a_leaf_without_one() -> None:
    assert make_program([Node(name="x")]).entries == (Leaf(None, is_input=True),)


def test_a_program_of_a_long_chain_is_made() -> None:
    node = x = Node(1.0, "x")
    with as_typed():
        for _ in range(20_000):
            node = node * x
    assert len(make_program([node]).entries) == 20_001


def test_only_nodes_have_programs() -> None:
    with pytest.raises(GraphTypeError, match="is a Node"):
        make_program([3.0])


# --- functions written with ops ------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", [op for op in all_ops() if op.body], ids=lambda op: op.name)
def test_the_program_of_a_body_computes_the_body(op) -> None:
    args = (0.8, 0.3, 0.5)[: op.arity]
    program = record_program(op.body, op.arity)
    assert run(program, *args) == [float(op.body(*args))]


def test_an_argument_that_is_not_read_stays_an_argument() -> None:
    program = record_program(lambda _y, u, v: v * 2.0, 3)
    assert [entry.is_input for entry in program.entries[:3]] == [True] * 3
    assert run(program, 7.0, 8.0, 9.0) == [18.0]


def test_a_function_may_answer_a_number() -> None:
    assert run(record_program(lambda _: 3, 1)) == [3.0]


def test_zero_and_minus_zero_add_up_as_floats_do() -> None:
    program = record_program(lambda u: sum([u]), 1)
    assert math.copysign(1.0, run(program, -0.0)[0]) == math.copysign(1.0, sum([-0.0])) == 1.0


@pytest.mark.parametrize(
    "function",
    [lambda x: x if x > 0 else -x, lambda x: 1.0 if x == 0 else x, lambda x: max(x, 0.0), lambda x: x in {1.0, 2.0}],
    ids=["if", "equal", "max", "in"],
)
def test_a_function_that_asks_for_the_truth_of_a_number_is_not_recorded(function) -> None:
    with pytest.raises(TypeError):
        record_program(function, 1)


def test_ops_of_users_are_recorded_like_any_other() -> None:
    cube = op("cube", lambda y, x: 3 * x**2, body=lambda x: x**3)
    program = record_program(lambda y, x: cube(x) + maximum(y, x), 2)
    assert [op.name for op in program.ops] == ["cube", "maximum", "add"]


def test_a_program_prints_an_entry_a_line(x: Node) -> None:
    assert str(make_program([exp(-2 * x)])) == "0: -2.0\n1: input\n2: mul(0, 1)\n3: exp(2) *"
