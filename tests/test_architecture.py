"""The shape of the package: who may import whom, how large files get, what ``import compgraph`` loads."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import compgraph as cg
from compgraph.record import Family

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
PACKAGE, TESTS = ROOT / "compgraph", ROOT / "tests"

# The one-way street: a module imports only what stands to its left, that is above it.
ORDER = [
    "errors", "kernels", "ieee", "arith", "record", "declaration", "ops", "stable", "spelling", "patterns", "shapes",
    "matching", "rewrite", "rules", "node",
    "graph", "outline", "twins", "nonfinite", "copying", "naming", "syntax", "store", "lifting", "stream", "bypass",
    "reverse", "forward", "balls", "enclosed", "enclosure", "codegen", "symbolic", "derivations", "diagrams", "checks",
    "nn", "workbench", "live", "notebook", "play", "lecture", "cli", "__main__",
]  # fmt: skip

# Node's one-line doors: what it imports inside its methods although it stands to the right.
DOORS = {"node": {"graph", "nonfinite", "copying", "reverse", "codegen"}}

LONGEST_FILE = 450


class Import(NamedTuple):
    importer: str  # dotted, without the package's name: "codegen.printer"
    imported: str
    inside_function: bool


def modules() -> dict[str, Path]:
    """Every module of the package below its own name, packages included."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        if name:
            found[name] = path
    return found


MODULES = modules()


def rank(module: str) -> int:
    return ORDER.index(module.partition(".")[0])


def imports() -> Iterator[Import]:
    """Every import of one module of the package by another; those for type checkers alone left out."""
    for importer, path in MODULES.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node, inside_function in walk(tree, inside_function=False):
            if isinstance(node, ast.ImportFrom) and node.level:
                package = importer.split(".") if path.name == "__init__.py" else importer.split(".")[:-1]
                base = package[: len(package) - node.level + 1] + (node.module or "").split(".")
                base = [part for part in base if part]
                for alias in node.names:
                    full = ".".join([*base, alias.name])
                    imported = full if full in MODULES else ".".join(base)
                    yield Import(importer, imported, inside_function)


def walk(node: ast.AST, *, inside_function: bool) -> Iterator[tuple[ast.AST, bool]]:
    yield node, inside_function
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        deeper = inside_function or isinstance(child, (ast.FunctionDef, ast.Lambda))
        yield from walk(child, inside_function=deeper)


IMPORTS = list(imports())


def is_same_branch(one: Import) -> bool:
    return one.importer.partition(".")[0] == one.imported.partition(".")[0]


# --- the one-way street --------------------------------------------------------------------------------------------


def test_the_imports_are_found() -> None:
    """Else the tests below would hold for an empty list."""
    assert Import("graph", "node", inside_function=False) in IMPORTS
    assert Import("node", "reverse", inside_function=True) in IMPORTS
    assert Import("codegen.printer", "graph", inside_function=False) in IMPORTS
    assert Import("reverse", "ieee", inside_function=False) in IMPORTS


def test_every_module_has_its_place_in_the_order() -> None:
    assert {name.partition(".")[0] for name in MODULES} <= set(ORDER)


def test_imports_go_to_the_left_only() -> None:
    wrong = [
        one
        for one in IMPORTS
        if one.imported and not is_same_branch(one) and rank(one.imported) >= rank(one.importer)
        and not (one.inside_function and one.imported.partition(".")[0] in DOORS.get(one.importer, ()))
    ]  # fmt: skip
    assert wrong == []


def test_there_are_no_cycles() -> None:
    graph: dict[str, set[str]] = {name: set() for name in MODULES}
    for one in IMPORTS:
        if not one.inside_function and one.imported != one.importer:
            graph[one.importer].add(one.imported)
    assert len(list(graphlib.TopologicalSorter(graph).static_order())) >= len(MODULES)


def test_no_module_imports_the_package_as_a_whole() -> None:
    wrong = []
    for name, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                wrong += [name for alias in node.names if alias.name.partition(".")[0] == "compgraph"]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                wrong += [name] * ((node.module or "").partition(".")[0] == "compgraph")
    assert wrong == []
    # the command line stands right of the package as a whole, whose version it prints
    assert [one.importer for one in IMPORTS if not one.imported and one.importer not in {"cli", "__main__"}] == []


# Models read Nodes and know no format; printers read models and no Nodes.
MODELS = {f"diagrams.{name}" for name in ("scene", "selection", "reading", "gradients", "local", "frames", "payload")}
PRINTERS = {f"diagrams.{name}" for name in ("dot", "mermaid", "page", "svg", "text", "text_picture", "place", "style")}
GRAPHS = {"node", "graph", "outline", "reverse"}


def test_printers_of_diagrams_look_at_no_nodes_and_models_know_no_format() -> None:
    assert set(MODULES) >= MODELS | PRINTERS | GRAPHS
    formats = PRINTERS - {"diagrams.style"}  # how text is set in any format
    wrong = [
        one
        for one in IMPORTS
        if (one.importer in PRINTERS and one.imported in GRAPHS | MODELS - {"diagrams.scene"})
        or (one.importer in MODELS and one.imported in formats)
    ]
    assert wrong == []


# --- sizes and names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", [PACKAGE, TESTS], ids=["compgraph", "tests"])
def test_no_file_is_long(folder: Path) -> None:
    lines = {path.relative_to(ROOT): path.read_text(encoding="utf-8").count("\n") for path in folder.rglob("*.py")}
    assert {path: count for path, count in lines.items() if count > LONGEST_FILE} == {}


def test_no_test_name_comes_twice() -> None:
    names: Counter[str] = Counter()
    for path in TESTS.rglob("test_*.py"):
        names[path.name] += 1
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                names[node.name] += 1
    assert [name for name, count in names.items() if count > 1] == []


def test_no_function_has_the_name_of_a_module() -> None:
    taken = {part for name in MODULES for part in name.split(".")}
    defined = [
        (name, node.name)
        for name, path in MODULES.items()
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    ]
    assert [(module, name) for module, name in defined if name in taken] == []
    assert not taken & set(cg.__all__)


def test_every_module_says_its_reason() -> None:
    assert [name for name, path in MODULES.items() if not ast.get_docstring(ast.parse(path.read_text("utf-8")))] == []


@pytest.mark.parametrize("name", cg.__all__)
def test_every_public_name_is_documented_and_every_function_by_an_example(name: str) -> None:
    value = getattr(cg, name)
    if isinstance(value, (cg.Op, Family, type)):
        assert value.__doc__
    elif callable(value):
        assert ">>>" in (value.__doc__ or "")


def test_the_namespace_lists_the_public_names() -> None:
    assert set(cg.__all__) <= set(dir(cg))
    assert len(set(cg.__all__)) == len(cg.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        _ = cg.nope


# --- what importing loads ------------------------------------------------------------------------------------------


def run(program: str, *flags: str) -> str:
    """What a program prints in a fresh interpreter that knows this package from its folder."""
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
    command = [sys.executable, "-I", *flags, "-c", start + program]
    return subprocess.run(command, capture_output=True, check=True, text=True, encoding="utf-8").stdout


def test_importing_loads_no_third_party_package() -> None:
    program = """
before = set(sys.modules)
import compgraph
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(new - set(sys.stdlib_module_names)))
"""
    assert run(program).split() == ["compgraph"]


def test_the_engine_needs_nothing_but_python() -> None:
    """Without site-packages: record, read, differentiate, save, load, pickle, print."""
    program = """
import compgraph as cg, copy, pickle, tempfile
nodes = cg.parse("z = w*x; a = sigmoid(z)")
nodes["w"].value, nodes["x"].value = 0, 1
a = nodes["a"]
a.backward()
with tempfile.TemporaryDirectory() as folder:
    copies = [cg.load(cg.save(a, folder + "/a.json")), pickle.loads(pickle.dumps(a)), copy.deepcopy(a)]
print(ascii(copies), cg.grad(cg.sigmoid)(0.0), cg.hvp(a, ["w"], [1.0])[0].value)
"""
    assert run(program, "-S") == ascii(["a = σ(z) = 0.5, da = 1"] * 3).replace("'", "") + " 0.25 0.0\n"
