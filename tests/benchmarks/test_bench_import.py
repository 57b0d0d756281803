"""*import*: ``import compgraph`` in a fresh process, compiled files warm."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.benchmark

ROOT = Path(__file__).parents[2]

PROGRAM = f"""
import sys, time
sys.path.insert(0, {str(ROOT)!r})
start = time.perf_counter()
import compgraph
print(time.perf_counter() - start)
"""


def test_import_in_a_fresh_process(benchmark: Any, report: Callable[..., None]) -> None:
    times: list[float] = []

    def one_round() -> None:
        done = subprocess.run([sys.executable, "-I", "-c", PROGRAM], capture_output=True, check=True, text=True)
        times.append(float(done.stdout))

    benchmark.pedantic(one_round, rounds=25, warmup_rounds=3)
    report("import compgraph", [1e3 * time for time in times[3:]], "ms", 60)
