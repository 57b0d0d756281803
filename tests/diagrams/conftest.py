"""What the tests of the diagrams share: the lecture's graph, and a machine without Graphviz."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from compgraph.node import Node
from compgraph.ops import log, sigmoid, tanh
from tests.diagrams.playing import html

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page


@pytest.fixture(autouse=True)
def without_graphviz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PATH leads to an empty folder, so that no test depends on a Graphviz that is installed."""
    folder = tmp_path / "nothing"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))


@pytest.fixture
def lecture() -> Node:
    """The lecture's L, after its backward pass."""
    x1, x2, y = Node(1.5, "x1"), Node(-0.5, "x2"), Node(1.0, "y")
    w1, w2, b = Node(-0.8, "w1"), Node(1.2, "w2"), Node(0.3, "b")
    z = (w1 * x1 + w2 * x2 + b).named("z")
    a = sigmoid(z).named("a")
    root = (-(y * log(a) + (1 - y) * log(1 - a))).named("L")
    root.backward()
    return root


@pytest.fixture
def network() -> Callable[..., Node]:
    """Make a network of tanh layers of these sizes, with every neuron named, and its squared error."""

    def make(*sizes: int) -> Node:
        layer = [Node(0.5 + i, f"x{i + 1}") for i in range(sizes[0])]
        for depth, size in enumerate(sizes[1:], start=1):
            neurons = []
            for j in range(size):
                terms = [Node(0.1 * (i - j), f"w{depth}_{j}_{i}") * value for i, value in enumerate(layer)]
                neurons.append((sum(terms) + Node(0.1, f"b{depth}_{j}")).named(f"a{depth}_{j}"))
            layer = neurons
        return ((layer[0] - 1.0) ** 2).named("L")

    return make


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page with players; at the end nothing has failed in it and nothing was asked of a network."""
    pages, wrong = [], []

    def make(data: dict[str, Any] | None = None, players: int = 1, **how: Any) -> Page:
        page = browser.new_page(**{"viewport": {"width": 1280, "height": 800}, **how})
        pages.append(page)
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: wrong.append(request.url))
        page.set_content(html(data, players))
        page.wait_for_function(f"window.players?.length === {players}")
        return page

    yield make
    for page in pages:
        page.close()
    assert wrong == []


@pytest.fixture
def page(opened: Callable[..., Page]) -> Page:
    return opened()


@pytest.fixture
def layers() -> Node:
    """A 2-4-1 network in two scopes, and its loss, after the backward pass."""
    x1, x2, y = Node(0.5, "x1"), Node(-1.0, "x2"), Node(1.0, "y")
    weights = [(0.1 * j, -0.2 * j, 0.05, 0.3 * j) for j in range(1, 5)]
    terms = []
    for j, (w1, w2, b, v) in enumerate(weights, start=1):
        s = Node(w1, f"hidden.w{j}_1") * x1 + Node(w2, f"hidden.w{j}_2") * x2 + Node(b, f"hidden.b{j}")
        terms.append(Node(v, f"out.v{j}") * tanh(s).named(f"hidden.h{j}"))
    z = (terms[0] + terms[1] + terms[2] + terms[3] + Node(0.1, "out.c")).named("out.z")
    a = sigmoid(z).named("out.a")
    root = (-(y * log(a) + (1 - y) * log(1 - a))).named("L")
    root.backward()
    return root
