"""``%load_ext compgraph`` in a real IPython shell."""

from __future__ import annotations

import atexit
import builtins
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

interactiveshell = pytest.importorskip("IPython.core.interactiveshell")


@pytest.fixture
def shell(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.delattr(builtins, "_", raising=False)  # left by a doctest, it would keep IPython from setting its own
    shell = interactiveshell.InteractiveShell()
    shell.history_manager.enabled = False
    shell.run_cell("from compgraph import Node, sigmoid").raise_error()
    yield shell
    shell.run_line_magic("unload_ext", "compgraph")
    shell.history_manager.end_session()
    shell.atexit_operations()
    atexit.unregister(shell.atexit_operations)


def run(shell: Any, *cells: str) -> None:
    for cell in cells:
        shell.run_cell(cell).raise_error()


def test_every_cell_names_what_it_binds(shell: Any) -> None:
    run(shell, "%load_ext compgraph", "x = Node(2.0)\nw = Node(0.5)", "z = w*x\na = sigmoid(z)")
    assert [shell.user_ns[name].name for name in "xwza"] == ["x", "w", "z", "a"]
    assert repr(shell.user_ns["z"]) == "z = w·x = 1"


def test_names_from_before_the_cell_and_explicit_names_stay(shell: Any) -> None:
    run(shell, "old = Node(1.0)", "%load_ext compgraph", "z = (old*2).named('score')", "alias = old; same = z")
    assert shell.user_ns["same"].name == "score"
    assert shell.user_ns["alias"].name == "alias"


def test_results_that_ipython_keeps_for_itself_name_nothing(shell: Any) -> None:
    run(shell, "%load_ext compgraph", "x = Node(2.0)", "x*3")
    assert shell.user_ns["_"].name is None


def test_a_cell_that_fails_still_names_what_it_bound(shell: Any) -> None:
    run(shell, "%load_ext compgraph", "x = Node(2.0)")
    shell.run_cell("z = x*3\nraise SystemExit", silent=False)
    assert shell.user_ns["z"].name == "z"


def test_unloading_stops_it(shell: Any) -> None:
    run(shell, "%load_ext compgraph", "%unload_ext compgraph", "x = Node(2.0)")
    assert shell.user_ns["x"].name is None


def test_reloading_names_once_more(shell: Any) -> None:
    run(shell, "%load_ext compgraph", "%reload_ext compgraph", "x = Node(2.0)")
    assert shell.user_ns["x"].name == "x"
