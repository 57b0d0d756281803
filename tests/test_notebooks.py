"""The notebooks run from top to bottom in this interpreter, and show what they say they show."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LECTURE = ROOT / "notebooks" / "lecture.ipynb"

# The kernel is the running interpreter, whatever kernels are installed. It is driven from a process of its own, since
# Jupyter leaves sockets to the garbage collector, and warnings are errors here. The time limit, in seconds for one
# cell, is there for a kernel that dies.
PROGRAM = """
import sys
import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

source, target = sys.argv[1:]
notebook = nbformat.read(source, as_version=4)
manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
NotebookClient(notebook, km=manager, timeout=300).execute()
nbformat.write(notebook, target)
"""


def run(path: Path, folder: Path) -> list[tuple[str, str]]:
    """The (code, output) of every code cell; fails at the first error. All files go to the folder."""
    places = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | {place: str(folder / place.lower()) for place in places}
    target = folder / path.name
    command = [sys.executable, "-c", PROGRAM, str(path), str(target)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    notebook = nbformat.read(target, as_version=4)
    return [(cell.source, shown(cell.outputs)) for cell in notebook.cells if cell.cell_type == "code"]


def shown(outputs: list[Any]) -> str:
    """What a reader sees below a cell: printed text, and of each display its richest form."""
    parts = []
    for output in outputs:
        data = output.get("data", {})
        parts.append(output.get("text") or data.get("image/svg+xml") or data.get("text/html") or data["text/plain"])
    return "".join(parts)


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    return run(LECTURE, tmp_path_factory.mktemp("notebook"))


def output_of(cells: list[tuple[str, str]], code: str) -> list[str]:
    """The outputs of the cells that contain this code."""
    found = [output for source, output in cells if code in source]
    assert found
    return found


def test_notebook_names_nodes_after_their_variables(cells: list[tuple[str, str]]) -> None:
    (output,) = output_of(cells, "z, a, L")
    assert output.startswith("(z = w1·x1 + w2·x2 + b = −0.3")
    assert "a = σ(z) = 0.425557" in output


def test_notebook_draws_values_then_gradients_then_what_was_learned(cells: list[tuple[str, str]]) -> None:
    forward, backward, learned = output_of(cells, "cg.draw(L)")
    assert all(picture.lstrip().startswith(("<svg", "<?xml")) for picture in (forward, backward, learned))
    assert "0.8544" in forward
    assert "0.5744" not in forward
    assert "0.5744" in backward
    assert "0.8544" not in learned


def test_notebook_derives_a_minus_y(cells: list[tuple[str, str]]) -> None:
    (page,) = output_of(cells, "cg.explain(L)")
    explanation = re.sub("<[^>]+>", "", page)
    assert re.search(r"\bdz= .* = a − y = ", explanation)
    (numbers,) = output_of(cells, "a − y = {")
    assert numbers == "dz = -0.574443, a − y = -0.574443\n"


def test_notebook_differentiates_twice(cells: list[tuple[str, str]]) -> None:
    (numbers,) = output_of(cells, "cg.hessian")
    assert numbers == "d²L/dz² = 0.244458, a(1 − a) = 0.244458\n"


def test_notebook_steps_lower_the_loss(cells: list[tuple[str, str]]) -> None:
    (step,) = output_of(cells, "before: L")
    assert step == "before: L = 0.854355\nafter:  L = 0.671064\n"
    (losses,) = output_of(cells, "losses[::20]")
    numbers = [float(number) for number in losses.split()]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] == pytest.approx(0.671, abs=1e-3)
    assert numbers[-1] < 0.05


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_are_kept_without_outputs(path: Path) -> None:
    notebook = json.loads(path.read_text("utf-8"))
    nbformat.validate(notebook)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert code
    assert [cell for cell in code if cell["outputs"] or cell["execution_count"] is not None] == []


def test_every_notebook_is_run() -> None:
    assert [LECTURE] == NOTEBOOKS


def test_a_notebook_that_fails_is_noticed(tmp_path: Path) -> None:
    cell = nbformat.v4.new_code_cell("1 / 0")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "wrong.ipynb")
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        run(tmp_path / "wrong.ipynb", tmp_path)
