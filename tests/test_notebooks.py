"""The notebooks run from top to bottom in this interpreter, and show what they say they show."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Executed = Callable[[str], list[tuple[str, str]]]

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
every_notebook = pytest.mark.parametrize("name", [path.stem for path in NOTEBOOKS])

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
def executed(tmp_path_factory: pytest.TempPathFactory) -> Executed:
    """Runs a notebook by its name, once for all tests."""

    @functools.cache
    def cells(name: str) -> list[tuple[str, str]]:
        return run(ROOT / "notebooks" / f"{name}.ipynb", tmp_path_factory.mktemp(name))

    return cells


def output_of(cells: list[tuple[str, str]], code: str) -> str:
    """The output of the one cell that contains this code."""
    found = [output for source, output in cells if code in source]
    assert len(found) == 1, f"{len(found)} cells contain {code!r}"
    return found[0]


def plain(page: str) -> str:
    """The text of an HTML fragment, without its style."""
    return re.sub("<[^>]+>", "", re.sub("<style>.*?</style>", "", page, flags=re.DOTALL))


def content(name: str) -> dict[str, Any]:
    return json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text("utf-8"))


# --- all of them ---------------------------------------------------------------------------------------------------


def test_the_notebooks_are_these_four() -> None:
    assert {path.stem for path in NOTEBOOKS} == {"lecture", "chain_rule", "exact_as_typed", "build_your_own_op"}


@every_notebook
def test_a_notebook_runs_from_top_to_bottom(executed: Executed, name: str) -> None:
    assert executed(name)


@every_notebook
def test_a_notebook_complains_of_nothing(executed: Executed, name: str) -> None:
    assert not [source for source, output in executed(name) if "Warning" in output or "Traceback" in output]


@every_notebook
def test_a_notebook_asserts_what_it_claims(name: str) -> None:
    code = [cell for cell in content(name)["cells"] if cell["cell_type"] == "code"]
    assert sum(any(line.lstrip().startswith("assert ") for line in cell["source"]) for cell in code) >= 5


@every_notebook
def test_a_notebook_is_kept_without_outputs(name: str) -> None:
    notebook = content(name)
    nbformat.validate(notebook)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert code
    assert [cell for cell in code if cell["outputs"] or cell["execution_count"] is not None] == []


@every_notebook
def test_a_notebook_names_no_machine(name: str) -> None:
    notebook = content(name)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    assert notebook["metadata"] == {"kernelspec": kernel, "language_info": {"name": "python"}}
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert [cell for cell in notebook["cells"] if cell["metadata"]] == []


@every_notebook
def test_cells_are_numbered_in_their_order(name: str) -> None:
    ids = [cell["id"] for cell in content(name)["cells"]]
    assert ids == [f"{name}-{place:02}" for place in range(1, len(ids) + 1)]


@every_notebook
def test_a_notebook_is_short(name: str) -> None:
    cells = content(name)["cells"]
    assert 8 <= len(cells) <= 14
    assert [cell["id"] for cell in cells if len(cell["source"]) > 10] == []


@every_notebook
def test_a_notebook_begins_with_its_title_and_ends_with_one_thing_to_try(name: str) -> None:
    first, *_, last = content(name)["cells"]
    assert first["source"][0].startswith("# ")
    assert last["cell_type"] == "markdown"
    assert last["source"][0].startswith("**To try:** ")


def test_a_notebook_that_fails_is_noticed(tmp_path: Path) -> None:
    cell = nbformat.v4.new_code_cell("1 / 0")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "wrong.ipynb")
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        run(tmp_path / "wrong.ipynb", tmp_path)


# --- each of them --------------------------------------------------------------------------------------------------


def test_the_lecture_draws_each_piece_with_its_value(executed: Executed) -> None:
    cells = executed("lecture")
    pieces = [output_of(cells, f"cg.draw({name})") for name in "za"]
    assert [number in piece for number, piece in zip(("−0.3", "0.4256"), pieces, strict=True)] == [True, True]
    assert "0.8544" in output_of(cells, "L = -(y*log(a)")


def test_the_lecture_draws_gradients_after_the_backward_pass(executed: Executed) -> None:
    cells = executed("lecture")
    assert "−0.5744" not in output_of(cells, "L = -(y*log(a)")
    assert "−0.5744" in output_of(cells, "L.backward()")


def test_the_lecture_derives_a_minus_y(executed: Executed) -> None:
    explanation = plain(output_of(executed("lecture"), "cg.explain(L)"))
    assert re.search(r"\bdz= .* = a − y = .* = −0\.574443", explanation)


def test_the_lecture_s_step_lowers_the_loss(executed: Executed) -> None:
    step = output_of(executed("lecture"), "w.value -= alpha*w.grad")
    assert step.startswith("L = 0.854355 before the step, 0.671064 after it\n")


def test_the_chain_rule_adds_two_paths(executed: Executed) -> None:
    explanation = plain(output_of(executed("chain_rule"), "cg.explain(L, of=x)"))
    assert "x → u → L" in explanation
    assert "x → v → L" in explanation
    assert "= 24 + 12 = 36" in explanation


def test_the_chain_rule_adds_in_reverse_mode_edge_by_edge(executed: Executed) -> None:
    lines = output_of(executed("chain_rule"), "event.contribution:g").splitlines()
    assert sorted(lines) == ["du += 1·6 = 6", "dv += 1·4 = 4", "dx += 4·3 = 12", "dx += 6·4 = 24"]


def test_the_chain_rule_counts_a_thousand_million_paths(executed: Executed) -> None:
    *_, last = output_of(executed("chain_rule"), ".paths.count").splitlines()
    assert last == "n = 30: 1,073,741,824 paths, 120 edges"


def test_exact_as_typed_shows_where_the_naive_form_fails(executed: Executed) -> None:
    cells = executed("exact_as_typed")
    assert output_of(cells, "naive = -log(1 - a)") == "naive = −log(1 − a) = ∞"
    report = output_of(cells, "cg.first_nonfinite(naive)")
    assert report.startswith("forward: log(1 − a) = −∞, at v1 = 0\n")
    assert report.endswith("naive = -log(1 - a)\n")


def test_exact_as_typed_names_the_twin(executed: Executed) -> None:
    explanation = plain(output_of(executed("exact_as_typed"), "cg.explain(L)"))
    assert "1 − a as σ(−z) = 4.24835·10−18 not 0" in explanation


def test_exact_as_typed_is_right_far_out(executed: Executed) -> None:
    rows = output_of(executed("exact_as_typed"), "(-800, -40, 40, 800)").splitlines()
    assert [re.split(r"\s{2,}", row.strip()) for row in rows[1:]] == [
        ["-800", "-0, 0", "0, 0"],
        ["-40", "-0, 4.24835e-18", "4.24835e-18, 4.24835e-18"],
        ["40", "inf, inf", "40, 1"],
        ["800", "inf, nan", "800, 1"],
    ]


def test_exact_as_typed_holds_for_other_forms(executed: Executed) -> None:
    rows = output_of(executed("exact_as_typed"), "forms = ").splitlines()
    assert re.split(r"\s{2,}", rows[1]) == ["1 - cos(x)", "1e-09", "0", "5e-19"]
    assert len(rows) == 7


def test_an_op_of_one_s_own_is_drawn_and_explained(executed: Executed) -> None:
    cells = executed("build_your_own_op")
    assert "0.2931" in output_of(cells, "cg.draw(g)")
    assert "= −2·u·g = −2·2·0.0183156 = −0.0732626" in plain(output_of(cells, "cg.explain(g)"))


def test_an_op_of_one_s_own_is_checked(executed: Executed) -> None:
    cells = executed("build_your_own_op")
    assert output_of(cells, "cg.check_op(gauss)") == "gauss: as declared, at 24 points of its domain.\n"
    assert "the op's own values have slope" in output_of(cells, "cg.check_op(slip)")


def test_an_op_of_one_s_own_has_a_second_derivative(executed: Executed) -> None:
    second, proof = output_of(executed("build_your_own_op"), "cg.hessian").splitlines()
    assert second.endswith(" = 0.735759")  # 2/e
    assert proof.startswith("proved: ")


def test_an_op_of_one_s_own_names_its_kink(executed: Executed) -> None:
    output = plain(output_of(executed("build_your_own_op"), "cg.check_op(hinge)"))
    assert "at hinge(1) the slopes in t are −1 and 0, and none is declared" in output
    assert "hinge′(1) = 0 (convention)" in output
