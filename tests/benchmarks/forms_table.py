"""The table: what people type × engines, points right of points asked, for value, gradient and second derivatives.

``python tests/benchmarks/forms_table.py --engines ours,plain,exact,torch,jax,pytensor [--family sigmoid] [--markdown]``

"ours" is the eager engine, "plain" the same without twins, "exact" its enclosures (value and gradient). The others get
the same text with their own functions, in double precision: PyTorch's autograd, JAX under jit, PyTensor's FAST_RUN.
Engines that are not installed are left out. Truths can be kept between runs: ``--truths FILE``.
"""

from __future__ import annotations

import argparse
import importlib
import math
import pickle
import sys
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import compgraph as cg  # noqa: E402  # a script: the folder's package first
from tests.form_checks import MPMATH, ORDERS, OURS, TRUTHS, Score, ours, score  # noqa: E402
from tests.forms import COLLECTION, Form, forms  # noqa: E402

if TYPE_CHECKING:
    from tests.form_checks import Answers, Engine, Point

COLUMNS = (*ORDERS, "all")
_ARCS = ("asin", "acos", "atan", "asinh", "acosh", "atanh", "atan2")


# --- compgraph in other modes ----------------------------------------------------------------------------------------


def plain(form: Form) -> Callable[[Point], Answers]:
    """compgraph without twins."""
    compute = ours(form)

    def at(point: Point) -> Answers:
        with cg.as_typed():
            return compute(point)

    return at


def exact(form: Form) -> Callable[[Point], Answers]:
    """compgraph's enclosures: value and gradient."""
    function = form.function(OURS)

    def at(point: Point) -> Iterator[tuple[str, tuple[int, ...], float]]:
        nodes = [cg.Node(number, name) for number, name in zip(point, form.block.inputs, strict=True)]
        answer = cg.exact(function(*nodes), nodes)
        yield "exact", (), answer.value
        for i, slope in enumerate(answer.grad):
            yield "exact", (i,), slope

    return at


# --- other people's engines ------------------------------------------------------------------------------------------


def _library(module: Any, others: dict[str, Callable[..., Any]], convert: Callable[[Any], Any]) -> dict[str, Any]:
    """The functions that forms name, from a library; plain numbers are made into its own."""

    def over(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args: function(*map(convert, args))

    return {
        name: over(others.get(name) or getattr(module, name))
        for name in MPMATH
        if name in others or hasattr(module, name)
    }


def torch(form: Form) -> Callable[[Point], Answers]:
    """PyTorch: autograd, twice."""
    library = importlib.import_module("torch")
    functional = importlib.import_module("torch.nn.functional")
    library.set_default_dtype(library.float64)
    others = {
        "cbrt": lambda x: library.sign(x) * library.abs(x) ** (1 / 3),
        "log_sigmoid": functional.logsigmoid,
        "relu": functional.relu,
        "silu": functional.silu,
        "softplus": functional.softplus,
    }
    names = _library(library, others, library.as_tensor)
    function = form.function(names)

    def at(point: Point) -> Iterator[tuple[str, tuple[int, ...], float]]:
        inputs = [library.tensor(number, requires_grad=True) for number in point]
        root = function(*inputs)
        yield "value", (), root.item()
        for i, slope in enumerate(_torch_slopes(library, root, inputs)):
            yield "grad", (i,), 0.0 if slope is None else slope.item()
            curvatures = _torch_slopes(library, slope, inputs)
            yield from (("hessian", (i, j), 0.0 if c is None else c.item()) for j, c in enumerate(curvatures))

    return at


def _torch_slopes(library: Any, root: Any, inputs: list[Any]) -> Any:
    if root is None or not root.requires_grad:
        return [None] * len(inputs)
    return library.autograd.grad(root, inputs, create_graph=True, allow_unused=True)


def jax(form: Form) -> Callable[[Point], Answers]:
    """JAX: value, gradient and Hessian of the form, compiled."""
    library = importlib.import_module("jax")
    library.config.update("jax_enable_x64", True)
    special, nn = importlib.import_module("jax.scipy.special"), importlib.import_module("jax.nn")
    numpy = importlib.import_module("jax.numpy")
    others = {
        **{name: getattr(special, name) for name in ("erf", "erfc")},
        **{name: getattr(nn, name) for name in ("log_sigmoid", "relu", "sigmoid", "silu", "softplus")},
        **{
            name: getattr(numpy, "arc" + name[1:])
            for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh", "atan2")
        },
    }
    function = form.function(_library(numpy, others, lambda number: numpy.asarray(number, dtype=float)))
    every = tuple(range(len(form.block.inputs)))
    compiled = library.jit(
        lambda *x: (function(*x), library.grad(function, every)(*x), library.hessian(function, every)(*x))
    )
    return lambda point: _arrays(*compiled(*point))


def pytensor(form: Form) -> Callable[[Point], Answers]:
    """PyTensor: its best mode, FAST_RUN, where it rewrites for stability; run in Python."""
    library = importlib.import_module("pytensor")
    tensor = importlib.import_module("pytensor.tensor")
    others = {
        "cbrt": lambda x: tensor.sign(x) * tensor.abs(x) ** (1 / 3),
        "hypot": lambda u, v: tensor.sqrt(u * u + v * v),
        "log_sigmoid": lambda x: tensor.log(tensor.sigmoid(x)),
        "relu": lambda x: tensor.maximum(x, 0.0),
        "silu": lambda x: x * tensor.sigmoid(x),
        "where": tensor.switch,
        **{name: getattr(tensor, "arc" + name[1:]) for name in _ARCS},
    }
    function = form.function(_library(tensor, others, tensor.as_tensor_variable))
    inputs = [tensor.dscalar(name) for name in form.block.inputs]
    root = function(*inputs)
    keep = {"disconnected_inputs": "ignore"}
    slopes = [tensor.grad(root, x, **keep) for x in inputs]
    rows = [[tensor.grad(slope, x, **keep) for x in inputs] for slope in slopes]
    mode = library.compile.mode.Mode(linker="py", optimizer="fast_run")
    outputs = [root, *slopes, *(entry for row in rows for entry in row)]
    compiled = library.function(inputs, outputs, mode=mode, on_unused_input="ignore", allow_input_downcast=True)
    count = len(inputs)

    def at(point: Point) -> Answers:
        numbers = compiled(*point)
        tail = numbers[1 + count :]
        return _arrays(numbers[0], numbers[1 : 1 + count], [tail[i * count : (i + 1) * count] for i in range(count)])

    return at


def _arrays(value: Any, slopes: Any, rows: Any) -> Iterator[tuple[str, tuple[int, ...], float]]:
    yield "value", (), float(value)
    for i, slope in enumerate(slopes):
        yield "grad", (i,), float(slope)
        yield from (("hessian", (i, j), float(entry)) for j, entry in enumerate(rows[i]))


ENGINES: dict[str, Engine] = {
    "ours": ours, "plain": plain, "exact": exact, "torch": torch, "jax": jax, "pytensor": pytensor,
}  # fmt: skip


# --- the table -------------------------------------------------------------------------------------------------------


def _say(line: str, stream: TextIO = sys.stdout) -> None:
    stream.write(line + "\n")


def installed(name: str) -> bool:
    """Whether an engine can be asked here."""
    if name in {"plain", "exact"}:
        return hasattr(cg, {"plain": "as_typed", "exact": "exact"}[name])
    try:
        return name == "ours" or bool(importlib.import_module(name))
    except ImportError:
        return False


def careful(engine: Engine) -> Engine:
    """An engine that answers nan for everything where it raises, and says so once for a form."""

    def prepared(form: Form) -> Callable[[Point], Answers]:
        compute: Any = None

        def at(point: Point) -> Answers:
            nonlocal compute
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    compute = compute or engine(form)
                    return list(compute(point))
            except Exception as error:  # noqa: BLE001  # whatever another engine raises is its answer
                _say(f"{form.text} at {point}: {type(error).__name__}: {str(error)[:100]}", sys.stderr)
                count = range(len(point))
                everything = [(), *((i,) for i in count), *((i, j) for i in count for j in count)]
                return [("raised", wrt, math.nan) for wrt in everything]

        return at

    return prepared


def cells(scores: list[Score]) -> list[str]:
    """Points right of points asked, by order of derivative, summed over scores."""
    asked, right = Counter[str](), Counter[str]()
    for one in scores:
        asked += one.asked
        right += one.right
    return [f"{right[column]}/{asked[column]}" for column in COLUMNS]


def rows(results: dict[str, list[Score]], *, by_form: bool) -> Iterator[list[str]]:
    """One row a form or a family, one group of columns an engine; the sum below."""
    some = next(iter(results.values()))
    keys = [one.form.text if by_form else one.form.block.family for one in some]
    yield ["form" if by_form else "family", *(f"{name} {column}" for name in results for column in COLUMNS)]
    for key in dict.fromkeys(keys):
        chosen = [[one for one, mine in zip(scores, keys, strict=True) if mine == key] for scores in results.values()]
        yield [key, *(cell for scores in chosen for cell in cells(scores))]
    yield ["sum", *(cell for scores in results.values() for cell in cells(scores))]


def show(table: list[list[str]], *, markdown: bool) -> None:
    """Print rows as columns of even width, or as Markdown."""
    if markdown:
        table = [[cell.replace("|", "\\|") for cell in row] for row in table]
        table.insert(1, ["---"] * len(table[0]))
    widths = [max(len(row[k]) for row in table) for k in range(len(table[0]))]
    for row in table:
        line = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        _say("| " + " | ".join(line) + " |" if markdown else "  ".join(line).rstrip())


def main() -> None:
    """Read the command line, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", default="ours")
    parser.add_argument("--family", default="", help="only families that start so")
    parser.add_argument("--forms", action="store_true", help="a row per form, not per family")
    parser.add_argument("--faults", type=int, default=0, help="print so many faults per form, the worst")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--truths", type=Path, help="a file that keeps truths between runs")
    parser.add_argument("--collection", type=Path, default=COLLECTION)
    options = parser.parse_args()
    if options.truths and options.truths.exists():
        TRUTHS.update(pickle.loads(options.truths.read_bytes()))
    chosen = forms(options.family, options.collection)
    results: dict[str, list[Score]] = {}
    for name in filter(installed, options.engines.split(",")):
        start = time.perf_counter()
        results[name] = [score(form, careful(ENGINES[name])) for form in chosen]
        _say(f"{name}: {len(chosen)} forms in {time.perf_counter() - start:.0f} s", sys.stderr)
    if options.truths:
        options.truths.write_bytes(pickle.dumps(TRUTHS))
    for name, scores in results.items():
        for one in scores:
            for fault in sorted(one.faults, key=lambda fault: -fault.error)[: options.faults]:
                _say(f"{name}: {fault}")
    show(list(rows(results, by_form=options.forms)), markdown=options.markdown)


if __name__ == "__main__":
    main()
