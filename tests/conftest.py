"""What every test shares: a seed, golden files, hypothesis settings, random graphs."""

from __future__ import annotations

import math
import os
import random
import shutil
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from hypothesis import strategies as st

from compgraph import node as node_module
from compgraph import ops, record
from compgraph.graph import COMPARISONS, peek
from compgraph.node import Node
from compgraph.rewrite import Rule, RuleIndex, Variable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

# Where the package is not installed, as when only PYTHONPATH says where it is, pytest has no entry point to find it by.
if not any(entry.name == "compgraph" for entry in entry_points(group="pytest11")):
    pytest_plugins = ["compgraph.checks.pytest_plugin"]

GOLDEN = Path(__file__).parent / "golden"

# deadline None: no test may fail because a machine is busy. derandomized in CI: the same examples in every run there.
hypothesis.settings.register_profile("default", deadline=None, max_examples=60)
hypothesis.settings.register_profile("ci", deadline=None, max_examples=60, derandomize=True, database=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew; read their diff")


@pytest.fixture
def x() -> Node:
    return Node(2.0, "x")


@pytest.fixture
def y() -> Node:
    return Node(5.0, "y")


@pytest.fixture
def w() -> Node:
    return Node(3.0, "w")


@pytest.fixture(autouse=True)
def seed() -> None:
    """Every test starts from the same random numbers, in whatever order the tests run."""
    random.seed(0)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(0)


@pytest.fixture(autouse=True)
def declared_ops() -> Iterator[None]:
    """An op that a test declares is gone after the test."""
    before = dict(record._TABLE)
    yield
    record._TABLE.clear()
    record._TABLE.update(before)


@pytest.fixture
def few_rules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The rules that the lecture meets, and no others, for the length of a test."""
    flags = [(op, flag, getattr(op, flag, 0)) for op in record.table() for flag in ("hot", "seed")]
    x = Variable("x")
    monkeypatch.setattr(
        node_module,
        "INDEX",
        RuleIndex([
            Rule(1 / (1 + ops.exp(x)), ops.sigmoid(-x), "everywhere", "exp overflows beyond 709"),
            Rule(1 - ops.sigmoid(x), ops.sigmoid(-x), "everywhere", "σ rounds to 1"),
            Rule(ops.log(ops.sigmoid(x)), -ops.softplus(-x), "everywhere", "log σ would round σ to 1"),
        ]),
    )  # fmt: skip
    yield
    for op, flag, value in flags:
        setattr(op, flag, value)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """``golden(name, text)``: the text is what the file ``tests/golden/name`` holds, byte for byte."""

    def check(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        assert path.exists(), f"golden/{name} is missing; write it with pytest --update-golden"
        assert path.read_bytes().decode() == text, f"golden/{name} differs; if that is wanted: pytest --update-golden"

    return check


# Chromium asks nobody for anything: what is left of its own traffic is switched off.
_CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, the system's own; each test opens pages of its own.

    One for a file of tests rather than for all: Playwright keeps an event loop running in the thread, and other tests
    could run none there.
    """
    path = shutil.which("chromium", path=_PATH) or shutil.which("google-chrome", path=_PATH)
    if path is None and not os.environ.get("CI"):
        pytest.skip("needs Chromium: on Debian, `apt install chromium`")
    assert path is not None, "CI drives the page in Chromium, which is not installed"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=_CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


_PATH = os.environ.get("PATH")  # the diagrams' tests empty it


# --- random graphs -------------------------------------------------------------------------------------------------

_OPS = [op for op in record.table() if op.arity]
_NEAR, _FAR = 1e-2, 1e2


@pytest.fixture(scope="session")
def graphs() -> st.SearchStrategy[tuple[Node, list[Node]]]:
    """Random (root, inputs) over all ops of the table: every op inside its domain, away from kinks and overflow."""
    return _graphs()


@st.composite
def _graphs(draw: st.DrawFn) -> tuple[Node, list[Node]]:
    numbers = st.floats(-3.0, 3.0).map(lambda number: round(number, 3))
    leaves = [Node(draw(numbers), f"x{index}") for index in range(draw(st.integers(1, 3)))]
    nodes = list(leaves)
    for _ in range(draw(st.integers(2, 14))):
        op = draw(st.sampled_from(_OPS))
        recent = nodes[-4:] + leaves
        args = [draw(st.sampled_from(recent)) for _ in range(op.arity)]
        if draw(st.booleans()):
            args[draw(st.integers(0, op.arity - 1))] = draw(numbers)
        records = any(isinstance(arg, Node) for arg in args) and not (op.guard and isinstance(args[0], float))
        if records and _is_tame(op, args):
            nodes.append(op(*args))
    root = nodes[-1]
    for node in nodes[-4:-1]:
        root = root + node
    return root, leaves


def _is_tame(op: record.Op, args: list[Node | float]) -> bool:
    values = [arg if isinstance(arg, float) else peek(arg) for arg in args]
    output = op.on_floats(*values)
    partials = [op.partial_on_floats(index, output, tuple(values)) for index in range(op.arity)]
    kinks = [kink.gap(*values) for kink in op.kinks]
    if op.name in COMPARISONS:
        kinks.append(values[0] - values[1])
    elif op.name == "where":
        kinks.append(values[0])
    return (
        all(value in domain for value, domain in zip(values, op.domain, strict=True))
        and all(math.isfinite(number) and abs(number) < _FAR for number in (output, *partials))
        and all(abs(gap) > _NEAR for gap in kinks)
    )
