"""check_op: every op of the table is as declared; every planted defect is found, and its author told what to change."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from compgraph import check_op
from compgraph.declaration import op
from compgraph.errors import GraphTypeError
from compgraph.node import Node
from compgraph.ops import abs, cos, erf, exp, greater, log, maximum, sigmoid, sin, sqrt, tanh, where
from compgraph.record import Interval, Kink, table
from compgraph.stable.exponential import logsumexp, softmax_ratio

if TYPE_CHECKING:
    from compgraph.record import Op

POSITIVE = Interval(0.0, math.inf)
OPS = [*(op for op in table() if op.arity), logsumexp.of(3), softmax_ratio.of(2)]


def bare(number: Any) -> Any:
    """A number taken out of the graph."""
    return number.value if isinstance(number, Node) else number


def python_if(x: Any) -> Any:
    return x if x > 0 else 2 * x


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_op_of_the_table_is_as_declared(op: Op) -> None:
    report = check_op(op)
    assert report, str(report)


SOUND = {
    "cube": lambda: op("cube_", lambda y, x: 3 * x**2, body=lambda x: x**3, monotone=(+1,)),
    "bell": lambda: op("bell_", lambda y, x: -2 * x * y, body=lambda x: exp(-x * x), even=True),
    "mean": lambda: op("mean_", 0.5, 0.5, body=lambda u, v: (u + v) / 2, commutative=True, monotone=(+1,)),
    "half": lambda: op(
        "half_",
        lambda y, x: greater(x, 0.0),
        body=lambda x: maximum(x, 0.0),
        kinks=(Kink("half′(0) = 0", lambda x: x),),
    ),
    "root": lambda: op("root_", lambda y, x: 0.5 / y, body=sqrt, domain=POSITIVE),
}


@pytest.mark.parametrize("name", SOUND)
def test_op_of_a_user_that_is_sound_passes(name: str) -> None:
    report = check_op(SOUND[name]())
    assert report, str(report)


# What is planted, what it is about, and a part of what the author reads.
DEFECTS: dict[str, tuple[Any, str, str]] = {
    "a factor": (lambda: op("p1", lambda y, x: 2.002 * x, body=lambda x: x * x), "partial", "Correct the partial in x"),
    "a billionth": (lambda: op("p2", lambda y, x: (1 + 1e-9) * cos(x), body=sin), "partial", "slope"),
    "a sign": (lambda: op("p3", lambda y, x: sin(x), body=cos), "partial", "Correct"),
    "partials swapped": (
        lambda: op("p4", lambda y, u, v: u, lambda y, u, v: v, body=lambda u, v: u * v), "partial", "partial in u",
    ),
    "a partial left out": (lambda: op("p5", 1.0, None, body=lambda u, v: u + v), "partial", "partial in v"),
    "output for argument": (lambda: op("p6", lambda y, x: 1 / y, body=log, domain=POSITIVE), "partial", "in x"),
    "inner derivative forgotten": (lambda: op("p7", lambda y, x: cos(3 * x), body=lambda x: sin(3 * x)), "partial", ""),
    "a partial that cancels": (
        lambda: op("p8", lambda y, x: 1 - tanh(x) * tanh(x), body=tanh), "partial", "floats lose digits",
    ),
    "a partial that is nan": (lambda: op("p9", lambda y, x: 0 * log(x - 9), body=lambda x: 0 * x), "partial", "nan"),
    "a partial in math": (
        lambda: op("p10", lambda y, x: math.cos(x), body=sin), "second derivative", "with compgraph's ops",
    ),
    "a partial cut free": (
        lambda: op("p11", lambda y, x: cos(bare(x)), body=sin), "second derivative", "not with numbers taken out",
    ),
    "a body in math": (lambda: op("v1", lambda y, x: cos(x), body=math.sin), "enclosure", "with compgraph's ops"),
    "a body with if": (
        lambda: op("v2", lambda y, x: where(greater(x, 0.0), 1.0, 2.0), body=python_if,
                   kinks=(Kink("v2′(0) = 2", lambda x: x),)), "NumPy", "where",
    ),
    "body and definition differ": (
        lambda: op("v3", lambda y, x: exp(x), body=lambda x: exp(x) + 1, definition=exp), "value", "same function",
    ),
    "native and body differ": (
        lambda: op("v4", lambda y, x: 1 / x / math.log(2), native="log", body=lambda x: log(x) / math.log(2),
                   domain=POSITIVE), "partial", "Correct",
    ),
    "a constant that is rounded": (
        lambda: op("v5", lambda y, x: 3.14159 * y, body=lambda x: exp(3.14159265 * x)), "partial", "slope",
    ),
    "a domain too wide": (lambda: op("d1", lambda y, x: 1 / x, body=log), "domain", "Narrow domain"),
    "a domain too wide, of two": (
        lambda: op("d2", lambda y, u, v: 0 * y, lambda y, u, v: 0 * y, body=lambda u, v: log(-1 - u * u) + v),
        "domain", "Narrow domain",
    ),
    "a kink that is not declared": (
        lambda: op("k1", lambda y, x: where(greater(x, 0.0), 1.0, -1.0), body=abs), "kink", "Declare kinks",
    ),
    "a tie that is not declared": (
        lambda: op("k2", lambda y, u, v: greater(u, v), lambda y, u, v: 1 - greater(u, v), body=maximum),
        "kink", "lambda u, v",
    ),
    "a jump that is not declared": (
        lambda: op("k3", None, body=lambda x: where(greater(x, 0.0), 5.0, 0.0)), "kink", "a jump by 5",
    ),
    "a convention outside the sides": (
        lambda: op("k4", lambda y, x: where(greater(x, 0.0), 1.0, -3.0), body=lambda x: maximum(x, 0.0),
                   kinks=(Kink("k4′(0) = 0", lambda x: x),)), "partial", "Correct",
    ),
    "a gap of too many arguments": (
        lambda: op("k5", lambda y, x: 1.0, body=lambda x: x, kinks=(Kink("none", lambda x, z: x),)), "kink", "A gap is",
    ),
    "a rise that falls": (
        lambda: op("f1", lambda y, x: -y, body=lambda x: exp(-x), monotone=(+1,)), "monotone", "falls",
    ),
    "even, and is not": (lambda: op("f2", lambda y, x: exp(x), body=exp, even=True), "even", "Leave out"),
    "commutative, and is not": (
        lambda: op("f3", 1.0, -1.0, body=lambda u, v: u - v, commutative=True), "commutative", "order",
    ),
    "a textbook partial of another function": (
        lambda: op("t1", lambda y, x: y * sigmoid(-x), body=sigmoid, textbook=(lambda y, x: 1 - y,)),
        "textbook", "for display",
    ),
    "a text that hides an argument": (
        lambda: op("l1", 1.0, 1.0, body=lambda u, v: u + v, text="sum({0})"), "label", "{1}",
    ),
    "a LaTeX brace too many": (
        lambda: op("l2", lambda y, x: 1.0, body=lambda x: x, latex=r"\frac{{ {0} }}{{2"), "label", "in pairs",
    ),
    "a default outside the domain": (
        lambda: op("l3", 1.0, lambda y, x, k: 1 / k, body=lambda x, k: x + log(k), defaults=(-1.0,),
                   domain=[Interval(), POSITIVE]), "default", "another default",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DEFECTS)
def test_planted_defect_is_found_for_the_right_reason(name: str) -> None:
    make, about, told = DEFECTS[name]
    report = check_op(make())
    assert not report
    found = {fault.about: str(fault) for fault in report.faults}
    assert about in found, str(report)
    assert told in found[about]


def test_text_of_a_report_lists_what_to_change() -> None:
    report = check_op(op("erg", lambda y, x: y, body=erf))
    assert str(report).splitlines()[0] == "erg: 1 to change"
    assert "partial: ∂erg(x = " in str(report)
    assert str(check_op(sin)) == "sin: as declared, at 24 points of its domain."


def test_what_is_no_op_is_refused() -> None:
    with pytest.raises(GraphTypeError, match="takes an op with arguments"):
        check_op(math.sin)
    with pytest.raises(GraphTypeError, match="check_op takes an op"):
        check_op(logsumexp)
