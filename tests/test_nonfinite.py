"""``first_nonfinite``: where inf or nan begins, in which line of the user's, why, and what to write instead."""

from __future__ import annotations

import linecache
import math
import pickle
import warnings
from typing import TYPE_CHECKING

import pytest

import compgraph as cg
from compgraph import MissingValueError, Node, NonFiniteWarning, first_nonfinite
from compgraph.rewrite import Rule, RuleIndex, Variable

if TYPE_CHECKING:
    from compgraph.checks.finite import Finiteness

OUTSIDE = Node(0.0, "outside")
AT_MODULE_LEVEL = cg.log(OUTSIDE)


def lines_of(report: object) -> list[str]:
    return str(report).splitlines()


def test_a_graph_of_finite_numbers_is_in_order(x: Node) -> None:
    report = first_nonfinite((x * x).named("y"))
    assert report
    assert str(report) == "y and every value and gradient below it are finite."


def test_the_first_value_is_reported_with_what_it_was_computed_from() -> None:
    x = Node(0.0, "x")
    report = first_nonfinite(3 * cg.log(x) + 1)
    assert not report
    assert (report.direction, report.node, report.formula, report.value) == ("forward", "v1", "log(x)", -math.inf)
    assert report.inputs == (("x", 0.0),)
    assert (report.why, report.instead) == ("log is defined in (0, ∞), and x = 0 is not there", "keep x inside")


def test_an_input_is_reported_as_one() -> None:
    report = first_nonfinite(Node(math.nan, "q") + 1)
    assert (report.direction, report.node, report.inputs) == ("forward", "q", ())
    assert report.instead == "give it a finite value"


def test_a_value_beyond_the_floats_is_told_from_a_pole() -> None:
    beyond, pole = first_nonfinite(cg.exp(Node(800.0, "z"))), first_nonfinite(1 / Node(0.0, "z"))
    assert beyond.why == "exp leaves the range of floats there (about 1.8e308)"
    assert beyond.instead == "scale z"
    assert pole.why == "the divisor is 0"


def test_an_infinite_slope_is_reported_backward() -> None:
    x = Node(0.0, "x")
    root = (cg.sqrt(x) + 1).named("L")
    report = first_nonfinite(root)
    assert (report.direction, report.node, report.formula, report.value) == ("backward", "x", "√x", math.inf)
    assert report.inputs == (("x", 0.0),)
    assert "sqrt′(0) = ∞" in report.why
    assert lines_of(report)[0] == "backward: dL/dx = ∞, through √x, at x = 0"


def test_the_report_is_readable(x: Node) -> None:
    x.value = -1.0
    bad = cg.log(x)
    head, why, instead, line = lines_of(first_nonfinite(bad))
    assert head == "forward: log(x) = nan, at x = −1"
    assert why == "  why: log is defined in (0, ∞), and x = −1 is not there"
    assert instead == "  write instead: keep x inside"
    assert line.startswith("  your line: ")
    assert line.endswith(": bad = cg.log(x)")


def test_the_report_is_plain_data() -> None:
    report = first_nonfinite(cg.log(Node(0.0, "x")))
    assert pickle.loads(pickle.dumps(report)) == report


def test_nothing_is_changed_and_nothing_warns() -> None:
    x = Node(0.0, "x")
    root = cg.sqrt(x)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first_nonfinite(root)
        first_nonfinite(cg.log(x))
    assert x.grad is None


def test_an_input_without_a_value_raises() -> None:
    with pytest.raises(MissingValueError, match="no value yet for q"):
        first_nonfinite(Node(name="q") + 1)


# --- the user's line -----------------------------------------------------------------------------------------------


def source_of(report: Finiteness) -> str:
    path, _, source = report.line.partition(": ")
    assert path.rpartition(":")[0] == __file__
    return source


def test_the_line_is_where_the_variable_was_assigned(x: Node) -> None:
    x.value = 0.0
    before = x + 1
    bad = cg.log(x) * before
    after = bad + 1
    assert source_of(first_nonfinite(after)) == "bad = cg.log(x) * before"


def test_of_several_assignments_the_last_before_the_question_counts(x: Node) -> None:
    x.value = 0.0
    bad = x + 1
    bad = cg.log(x)
    report = first_nonfinite(bad)
    bad = x + 2
    assert source_of(report) == "bad = cg.log(x)"


def test_the_variables_of_callers_are_looked_at(x: Node) -> None:
    def asked(node: Node) -> str:
        return source_of(first_nonfinite(node + 1))

    x.value = 0.0
    bad = cg.log(x)
    assert asked(bad) == "bad = cg.log(x)"


def test_a_variable_of_the_module_is_found_from_a_function() -> None:
    assert source_of(first_nonfinite(AT_MODULE_LEVEL * 2)) == "AT_MODULE_LEVEL = cg.log(OUTSIDE)"


def test_a_function_inside_has_variables_of_its_own(x: Node) -> None:
    x.value = 0.0
    bad = cg.log(x)

    def other() -> None:
        bad = 3
        del bad

    other()
    assert source_of(first_nonfinite(bad)) == "bad = cg.log(x)"


def test_a_variable_in_another_notebook_cell_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = {"<cell 1>": "bad = cg.log(x)\n", "<cell 2>": "report = cg.first_nonfinite(bad + 1)\n"}
    user = {"cg": cg, "x": Node(0.0, "x")}
    for name, source in cells.items():
        monkeypatch.setitem(linecache.cache, name, (len(source), None, [source], name))
        exec(compile(source, name, "exec"), user)  # as a notebook does
    assert user["report"].line == "<cell 1>:1: bad = cg.log(x)"


def test_where_no_variable_holds_it_the_line_that_asked_is_given(x: Node) -> None:
    x.value = 0.0
    report = first_nonfinite(cg.log(x))
    assert source_of(report) == "report = first_nonfinite(cg.log(x))"


def test_without_source_there_is_still_a_line() -> None:
    user = {"cg": cg, "x": Node(0.0, "x")}
    exec(compile("report = cg.first_nonfinite(cg.log(x))", "<typed>", "exec"), user)  # as a console does
    assert user["report"].line == "<typed>:1"


def test_what_is_read_is_called_as_the_user_wrote_it() -> None:
    z = Node(40.0, "z")
    report = first_nonfinite(cg.log(z - 40))
    assert report.why == "log is defined in (0, ∞), and z − 40 = 0 is not there"
    assert report.instead == "keep z − 40 inside"
    assert first_nonfinite(1 / (z - 40)).instead == "keep z − 40 away from 0, or guard both arms with where(…)"
    assert first_nonfinite(cg.sqrt(z - 40)).instead == "keep z − 40 away from 0"


def test_a_slope_that_comes_by_several_ways_names_them_all() -> None:
    x = Node(0.0, "x")
    with cg.names():
        first = cg.sqrt(x)
        second = cg.cbrt(x)
    report = first_nonfinite((first + 2 * second).named("L"))
    assert report.direction == "backward"
    assert report.formula == "first = √x, second = ∛x"


# --- as typed ------------------------------------------------------------------------------------------------------


def test_where_recording_with_twins_would_help_that_is_what_to_write() -> None:
    z = Node(40.0, "z")
    with cg.as_typed():
        a = (1 / (1 + cg.exp(-z))).named("a")
        report = first_nonfinite(-cg.log(1 - a))
    assert report.formula == "log(1 − a)"
    assert report.instead.startswith("it was recorded under as_typed(); outside, log(1 − a) is computed as −softplus(")


def test_it_may_be_a_node_further_up_that_helps() -> None:
    z = Node(1200.0, "z")
    with cg.as_typed():
        share = cg.exp(z) / (1 + cg.exp(z))
    report = first_nonfinite(share)
    assert report.formula == "exp(z)"
    assert "outside, exp(z)/(1 + exp(z)) is computed as σ(z)" in report.instead


def test_a_slope_may_be_what_twins_mend() -> None:
    x = Node(0.0, "x")
    with cg.as_typed():
        root = cg.sqrt(x * x)
    report = first_nonfinite(root)
    assert report.direction == "backward"
    assert report.instead.endswith("|x|")


def test_where_twins_would_not_help_they_are_not_named() -> None:
    x = Node(-1.0, "x")
    with cg.as_typed():
        root = cg.log(x) + cg.log(1 + cg.exp(x))
    assert first_nonfinite(root).instead == "keep x inside"


# --- with twins ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("few_rules")
def test_what_was_typed_and_is_not_computed_is_no_fault() -> None:
    z = Node(-800.0, "z")
    a = 1 / (1 + cg.exp(-z))  # exp(800) would be inf
    assert first_nonfinite(cg.log(a))


@pytest.mark.usefixtures("few_rules")
def test_an_infinite_gradient_that_is_only_shown_is_no_fault() -> None:
    z = Node(800.0, "z")
    a = cg.sigmoid(z).named("a")
    root = cg.log(1 - a).named("L")  # da = −1/0 as typed; dz = −1
    assert first_nonfinite(root)


@pytest.mark.usefixtures("few_rules")
def test_a_fault_below_a_twin_is_reported_where_it_began() -> None:
    bad = cg.exp(Node(800.0, "z"))
    report = first_nonfinite(cg.log(cg.sigmoid(bad)))
    assert (report.formula, report.value) == ("exp(z)", math.inf)


@pytest.mark.usefixtures("few_rules")
def test_a_fault_in_a_twin_is_named_as_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    x = Variable("x")
    rule = Rule(cg.exp(cg.log(x)), 1 / x, "nowhere: a test", "a test")
    monkeypatch.setattr("compgraph.node.INDEX", RuleIndex([rule]))
    z = Node(0.0, "z")
    node = cg.exp(cg.log(z).named("l"))
    with pytest.warns(NonFiniteWarning, match=r"^v1 = exp\(l\) = ∞, from z = 0; the divisor is 0"):
        assert node.value == math.inf
