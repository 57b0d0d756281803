"""README.md: its code runs and prints what it claims, its picture is what its code draws, what it names is there."""

from __future__ import annotations

import contextlib
import io
import os
import re
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

import compgraph

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PICTURE = ROOT / "notebooks" / "lecture.svg"

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    return [body for kind, body in BLOCK.findall(README.read_text("utf-8")) if kind == language]


class Run(NamedTuple):
    printed: list[str]  # by each python block
    picture: bytes


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The README's code, from top to bottom, in an empty folder."""
    folder = tmp_path_factory.mktemp("readme")
    namespace = {"__name__": "readme"}
    printed = []
    with contextlib.chdir(folder):
        for code in blocks("python"):
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                exec(compile(code, "README.md", "exec"), namespace)
            printed.append(output.getvalue())
    return Run(printed, (folder / "lecture.svg").read_bytes())


def test_readme_code_prints_what_it_claims(run: Run, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        outputs = iter(run.printed)
        fresh = BLOCK.sub(
            lambda block: f"```text\n{next(outputs)}```" if block[1] == "text" else block[0], README.read_text("utf-8")
        )
        README.write_text(fresh, "utf-8")
    assert blocks("text") == run.printed, "if that is wanted: pytest --update-golden"


def test_readme_picture_is_what_its_code_draws(run: Run, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        PICTURE.write_bytes(run.picture)
    assert PICTURE.read_bytes() == run.picture, "if that is wanted: pytest --update-golden"


def test_readme_shows_a_gradient_step_that_lowers_the_loss(run: Run) -> None:
    """Not only unchanged: the two losses that the second block prints are those of the lecture."""
    before, after = (float(number) for number in re.findall(r"\d\.\d+", run.printed[1].replace("dL = 1", "")))
    assert before == pytest.approx(0.854355, abs=1e-6)
    assert after == pytest.approx(0.671064, abs=1e-6)


def test_readme_ten_lines_are_ten() -> None:
    assert len([line for line in blocks("python")[0].splitlines()[2:] if line]) <= 10


def test_readme_sets_up_in_two_lines() -> None:
    """``.ci/run`` runs them as they stand; here: that there are two, and that each makes its own environment."""
    first, second = blocks("sh")
    environments = set()
    for command in (first, second):
        made = re.match(r"python3 -m venv --without-pip (\S+) && python3 -m pip --python \1 install ", command)
        assert made
        assert command.count("\n") == 1
        environments.add(made[1])
    assert len(environments) == 2
    assert first.endswith("compgraph lecture\n")
    assert second.endswith("-m pytest\n")


def test_ci_takes_the_commands_out_of_the_readme() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    text = script.read_text("utf-8")
    assert "README.md" in text
    assert "-m pytest" not in text
    assert "pip install" not in text.replace("apt-get install", "")


def test_readme_asks_for_the_python_that_the_package_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f"Python {project['requires-python'].removeprefix('>=')} or later" in README.read_text("utf-8")
    assert project["version"] == compgraph.__version__


def test_readme_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README.read_text("utf-8"))
    assert "notebooks/lecture.svg" in links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_readme_says_what_each_folder_is_for() -> None:
    described = re.findall(r"^- `([\w./]+)` ", README.read_text("utf-8"), re.MULTILINE)
    package = {path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "compgraph").rglob("*.py")}
    assert package | {"tests", "notebooks", ".ci"} == set(described)
