"""The pytest plugin: options, the fixture ``gradcheck``, names of ops in test ids. Loads nothing until it is used.

pytest loads it by its entry point; ``-p no:compgraph`` turns it off.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import pytest

from .settings import SETTINGS, Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..node import Node

__all__ = ["gradcheck", "pytest_addoption", "pytest_configure", "pytest_make_parametrize_id", "pytest_report_header"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--compgraph-samples`` and ``--compgraph-seed``."""
    group = parser.getgroup("compgraph", "gradients of compgraph's graphs")
    group.addoption(
        "--compgraph-samples",
        type=_count,
        metavar="N",
        help=f"at how many random points assert_gradients compares, beside the present one ({Settings.samples})",
    )
    group.addoption("--compgraph-seed", type=int, metavar="S", help=f"where its random points begin ({Settings.seed})")


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def pytest_configure(config: pytest.Config) -> None:
    """Put the options in force, for as long as the run lasts."""
    before = SETTINGS.samples, SETTINGS.seed, SETTINGS.folder
    samples, seed = config.getoption("--compgraph-samples"), config.getoption("--compgraph-seed")
    SETTINGS.samples = before[0] if samples is None else samples
    SETTINGS.seed = before[1] if seed is None else seed
    SETTINGS.folder = lambda: _folder(config)

    def restore() -> None:
        SETTINGS.samples, SETTINGS.seed, SETTINGS.folder = before

    config.add_cleanup(restore)


def _folder(config: pytest.Config) -> Path:
    """A folder for the running test's picture, among the temporary ones that pytest keeps of its last runs."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "compgraph").rsplit("::", 1)[-1].partition(" ")[0]
    factory = getattr(config, "_tmp_path_factory", None)
    if factory is None:  # the plugin tmpdir is turned off
        return Settings().folder()
    path: Path = factory.mktemp(re.sub(r"\W+", "-", test)[:40] or "compgraph")
    return path


def pytest_report_header(config: pytest.Config) -> str | None:
    """The options, where they are not the usual ones: a run that failed can be had again."""
    if config.getoption("--compgraph-samples") is None and config.getoption("--compgraph-seed") is None:
        return None
    return f"compgraph: {SETTINGS.samples} random points, seed {SETTINGS.seed}"


def pytest_make_parametrize_id(val: object) -> str | None:
    """An op is called by its name in the ids of tests."""
    is_op = type(val).__module__ == "compgraph.record" and type(val).__name__ == "Op"
    return str(getattr(val, "name", "")) if is_op else None


@pytest.fixture
def gradcheck() -> Callable[..., None]:
    """``gradcheck(L, wrt=None)``: every gradient of a graph holds against independent ones, or the test fails.

    As :func:`compgraph.verify`, whose report is the message of the failure, with the chain rule behind the first
    gradient that does not hold, and a picture.
    """

    def check(root: Node, wrt: Any = None) -> None:
        __tracebackhide__ = True
        from .assertions import verified

        complaint = verified(root, wrt)
        if complaint:
            pytest.fail(complaint, pytrace=False)

    return check
