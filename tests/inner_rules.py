"""A few rules by which the tests of inner gradients have nodes bypassed, whatever the table is."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from compgraph import exp, log, sigmoid
from compgraph import node as node_module
from compgraph.ops import log1p, log_sigmoid, softplus
from compgraph.rewrite import Rule, RuleIndex, Variable

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

u, v = Variable("u"), Variable("v")

RULES = [
    Rule(1.0 / (1.0 + exp(-u)), sigmoid(u), "everywhere", "exp overflows"),
    Rule(log(sigmoid(u)), log_sigmoid(u), "everywhere", "σ underflows"),
    Rule(1.0 - sigmoid(u), sigmoid(-u), "everywhere", "σ rounds to 1"),
    Rule(log(1.0 + exp(u)), softplus(u), "everywhere", "exp overflows"),
    Rule(log(1.0 + u), log1p(u), "u > −1", "1 + u rounds to 1"),
    Rule(u - u, 0.0, "everywhere", "a test"),
    Rule(exp(u) / exp(v), exp(u - v), "everywhere", "exp overflows"),
    Rule(exp(u) * exp(-u), 1.0, "everywhere", "exp overflows"),
]


@contextmanager
def inner_rules(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """These rules, and no others, inside the block."""
    index = RuleIndex(RULES)
    patch.setattr(node_module, "INDEX", index)
    yield
    index.clear()
