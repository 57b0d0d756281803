"""What the benchmarks share: interleaved rounds, and one small table of results at the end of the run.

Times differ from machine to machine and from minute to minute: ratios within one run are what counts.
Run them with ``pytest tests/benchmarks -m benchmark`` (extras ``test`` and ``bench``).
"""

from __future__ import annotations

import gc
import statistics
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class Row(NamedTuple):
    """One line of the table: median and quartiles in a unit, and the target where there is one."""

    what: str
    samples: Sequence[float]
    unit: str
    target: float | None = None

    def cells(self) -> tuple[str, str, str, str]:
        if len(self.samples) == 1:
            low = high = middle = self.samples[0]
        else:
            low, middle, high = statistics.quantiles(self.samples, n=4, method="inclusive")
        spread = f"{low:,.2f} to {high:,.2f}" if high > low else ""
        if self.target is None:
            return self.what, f"{middle:,.2f} {self.unit}", spread, ""
        verdict = "met" if middle <= self.target else "MISSED"
        return self.what, f"{middle:,.2f} {self.unit}", spread, f"≤ {self.target:g}: {verdict}"


_ROWS = pytest.StashKey[list[Row]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_ROWS] = []


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Callable[..., None]:
    """``report(what, samples, unit, target=None)`` adds a line to the table."""
    rows = request.config.stash[_ROWS]
    return lambda *cells, **keywords: rows.append(Row(*cells, **keywords))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    rows = [("", "median", "quartiles", "target"), *(row.cells() for row in config.stash[_ROWS])]
    if len(rows) == 1:
        return
    terminalreporter.section("compgraph")
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        what, *cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        terminalreporter.line("  ".join([what, *cells]).rstrip())


@pytest.fixture
def stopwatch() -> Iterator[Callable[[Callable[[], object]], float]]:
    """The seconds that one call takes, until what it made is gone: each engine pays for its own garbage, and only that.

    An engine whose graphs are cycles (closures that hold their own output) leaves them to the collector, which would
    otherwise run in somebody else's turn.
    """

    def seconds(action: Callable[[], object]) -> float:
        gc.collect()
        start = time.perf_counter()
        action()
        gc.collect()
        return time.perf_counter() - start

    gc.collect()
    gc.freeze()  # what pytest and its plugins hold is no business of the collections that are timed
    yield seconds
    gc.unfreeze()
