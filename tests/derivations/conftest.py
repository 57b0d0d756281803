"""The derivations that every printer is held to, byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import compgraph as cg
from compgraph import Node

if TYPE_CHECKING:
    from compgraph.derivations import Derivation

LECTURE = "z = w1*x1 + w2*x2 + b; a = sigmoid(z); L = -(y*log(a) + (1 - y)*log(1 - a))"
VALUES = {"w1": 0.1, "w2": -0.2, "b": 0.0, "x1": 1.0, "x2": 2.0, "y": 1.0}


def lecture_at(**values: float) -> Node:
    """The lecture's graph at the lecture's numbers, or at others."""
    nodes = cg.parse(LECTURE)
    for name, value in (VALUES | values).items():
        nodes[name].value = value
    return nodes["L"]


def twin() -> Derivation:
    """σ(40) is 1 in floats, so that 1 − a and log a are computed otherwise than typed."""
    z, y = Node(40.0, "z"), Node(1.0, "y")
    a = cg.sigmoid(z).named("a")
    return cg.explain((-(y * cg.log(a) + (1 - y) * cg.log(1 - a))).named("L"))


def fan_out() -> Derivation:
    x = Node(3.0, "x")
    u, v = (x * x).named("u"), cg.sin(x).named("v")
    return cg.explain((u * v + x).named("L"), of=x)


def kink() -> Derivation:
    x, theta1 = Node(0.0, "x"), Node(2.0, "theta1")
    r = cg.relu(theta1 * x).named("r")
    return cg.explain(cg.where(r > 1, r**2, 3 * r).named("layer1.loss"))


CASES = {
    "lecture": lambda: cg.explain(lecture_at()),
    "lecture_ops": lambda: cg.explain(lecture_at(), level="ops"),
    "twin": twin,
    "fan_out": fan_out,
    "kink": kink,
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, few_rules: None) -> tuple[str, Derivation]:  # noqa: ARG001
    """(name, derivation) of each case; twins by the few rules that the lecture meets."""
    return request.param, CASES[request.param]()


@pytest.fixture
def lecture_root() -> Node:
    return lecture_at()
