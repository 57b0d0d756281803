"""The lecture as one command: one example, its gradients checked, one step; then Fisher's iris, to the known fit.

Each section has its numbers as plain data first; what prints them comes last.
Follows A. Ng, Machine Learning Specialization / CS229 lecture notes: logistic regression as a computation graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from rich.box import SIMPLE_HEAD
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from .checks import verify
from .checks.report import agreeing_digits
from .codegen.printer import number
from .derivations import Backward, Forward, explain
from .derivations.text import term_text
from .diagrams import draw
from .nn import iris
from .node import Node
from .ops import log, sigmoid
from .reverse import grad, hessian

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rich.console import Console

    from .checks import Report

__all__ = ["Example", "Graph", "Iteration", "descend", "flowers", "gradient_step", "newton", "run"]

RATE = 0.1  # α of the one step
PASSES, IRIS_RATE = 300, 0.2  # α·(largest curvature of J ≈ 7 per cm²) < 2, or descent would diverge
_WIDE = 116  # columns that a formula needs with its numbers beside it

# Formulas break before an equals sign beyond so many characters.
_WIDEST_FORMULA = 56
KNOWN_FIT = {"b": -45.272, "w1": 5.755, "w2": 10.447}  # maximum likelihood, as R's glm prints it to three decimals


# --- the graph -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """The lecture's nodes: inputs x1, x2, y, parameters w1, w2, b, and z, a, L computed from them."""

    x1: Node
    x2: Node
    y: Node
    w1: Node
    w2: Node
    b: Node
    z: Node
    a: Node
    L: Node

    @property
    def parameters(self) -> tuple[Node, Node, Node]:
        """w1, w2 and b."""
        return self.w1, self.w2, self.b


class Example(NamedTuple):
    """Features x1, x2 (for an iris: petal length and width in cm) and label y, 0 or 1."""

    x1: float
    x2: float
    y: float


FIRST = Example(1.0, 2.0, 1.0)
START = {"w1": 0.1, "w2": -0.2, "b": 0.0}


def build() -> Graph:
    """The lecture's graph for one example.

    >>> graph = build()
    >>> graph.z
    z = w1·x1 + w2·x2 + b = −0.3
    """
    x1, x2, y = (Node(value, name) for name, value in FIRST._asdict().items())
    w1, w2, b = (Node(value, name) for name, value in START.items())
    z = (w1 * x1 + w2 * x2 + b).named("z")
    a = sigmoid(z).named("a")
    loss = (-(y * log(a) + (1 - y) * log(1 - a))).named("L")
    return Graph(x1, x2, y, w1, w2, b, z, a, loss)


def show(graph: Graph, example: Example) -> None:
    """Set the graph's inputs to one example."""
    graph.x1.value, graph.x2.value, graph.y.value = example


def _shown(graph: Graph, example: Example) -> float:
    show(graph, example)
    return graph.a.value


# --- one step ------------------------------------------------------------------------------------------------------


class Update(NamedTuple):
    """One parameter in a gradient step: after = before − α·gradient."""

    name: str
    before: float
    gradient: float
    after: float


def gradient_step(graph: Graph, rate: float) -> tuple[list[Update], float, float]:
    """One step w := w − α·dw on the example that the graph shows; the updates, and the loss before and after.

    >>> updates, before, after = gradient_step(build(), 0.1)
    >>> after < before
    True
    """
    before = graph.L.value
    graph.L.backward()
    updates = []
    for node in graph.parameters:
        old, gradient = node.value, node.grad or 0.0
        node.value = old - rate * gradient
        updates.append(Update(str(node.name), old, gradient, node.value))
    return updates, before, graph.L.value


# --- m examples ----------------------------------------------------------------------------------------------------


class Iteration(NamedTuple):
    """One pass over all examples.

    Attributes:
        cost: J = mean of L, at the parameters before the pass changes them.
        slope: Largest |∂J/∂parameter|, likewise.
        parameters: The parameters, likewise, by name.
    """

    cost: float
    slope: float
    parameters: dict[str, float]


def flowers() -> list[Example]:
    """Petal length and width of the 100 iris that overlap: versicolor (y = 0) and virginica (y = 1).

    >>> len(flowers()), flowers()[0]
    (100, Example(x1=4.7, x2=1.4, y=0.0))
    """
    return [
        Example(flower.petal_length, flower.petal_width, float(flower.species == "virginica"))
        for flower in iris()
        if flower.species != "setosa"
    ]


def descend(graph: Graph, examples: Sequence[Example], rate: float) -> Iterator[Iteration]:
    """Gradient descent without end: for every pass, the lecture's loop over the m examples, then one step.

    >>> iterations = descend(build(), flowers(), IRIS_RATE)
    >>> next(iterations).cost > next(iterations).cost
    True
    """
    while True:
        cost = 0.0
        for node in graph.parameters:
            node.grad = None
        for example in examples:
            show(graph, example)
            graph.L.backward(accumulate=True)
            cost += graph.L.value
        slopes = [(node.grad or 0.0) / len(examples) for node in graph.parameters]
        yield _iteration(graph, cost / len(examples), slopes)
        for node, slope in zip(graph.parameters, slopes, strict=True):
            node.value -= rate * slope


def newton(graph: Graph, examples: Sequence[Example], most: int = 20) -> Iterator[Iteration]:
    """Newton's method with the graph's own first and second derivatives, until the cost has no slope left."""
    gradient, curvature = grad(graph.L, graph.parameters), hessian(graph.L, graph.parameters)
    for _ in range(most):
        cost, slopes, matrix = 0.0, [0.0] * 3, [[0.0] * 3 for _ in range(3)]
        for example in examples:
            show(graph, example)
            cost += graph.L.value / len(examples)
            for row, (entry, entries) in enumerate(zip(gradient, curvature, strict=True)):
                slopes[row] += entry.value / len(examples)
                for column, second in enumerate(entries):
                    matrix[row][column] += second.value / len(examples)
        iteration = _iteration(graph, cost, slopes)
        yield iteration
        if iteration.slope < 1e-12:
            return
        for node, step in zip(graph.parameters, _solve(matrix, slopes), strict=True):
            node.value -= step


def _iteration(graph: Graph, cost: float, slopes: Sequence[float]) -> Iteration:
    return Iteration(cost, max(map(abs, slopes)), {str(node.name): node.value for node in graph.parameters})


def _solve(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Gaussian elimination with the largest pivot of each column."""
    rows = [[*row, entry] for row, entry in zip(matrix, right, strict=True)]
    for i in range(len(rows)):
        pivot = max(range(i, len(rows)), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [entry / rows[i][i] for entry in rows[i]]
        for k in range(len(rows)):
            if k != i:
                rows[k] = [entry - rows[k][i] * lead for entry, lead in zip(rows[k], rows[i], strict=True)]
    return [row[-1] for row in rows]


# --- printing ------------------------------------------------------------------------------------------------------


def run(out: Path, console: Console) -> bool:
    """The whole lecture: print it, write ``lecture.html`` and ``lecture.svg``, and say whether every check passed.

    Args:
        out: Folder for the page and the picture; made if missing.
        console: Where to print; colours and the progress bar appear on terminals only.

    Returns:
        Whether every check passed.

    Raises:
        OSError: The folder cannot be made or written to.
    """
    out.mkdir(parents=True, exist_ok=True)
    graph = build()
    graph.L.backward()
    _heading(console, "1", "One example, forward and backward")
    _print_derivation(console, graph)
    drawing = draw(graph.L)
    page, picture = drawing.save(out / "lecture.html"), drawing.save(out / "lecture.svg")

    _heading(console, "2", "Is it right?")
    passed = _print_checks(console, graph)
    _heading(console, "3", "One gradient step")
    passed &= _print_step(console, graph)
    if passed:  # training on a wrong gradient would show nothing
        examples = flowers()
        _heading(console, "4", f"{len(examples)} examples: Fisher's iris")
        passed &= _print_descent(console, graph, examples)
        passed &= _print_newton(console, graph, examples)
    _heading(console, "5", "The picture")
    console.print(Text(f"  {page}   step by step, with sliders: open it in a browser"), soft_wrap=True)
    console.print(Text(f"  {picture}"), soft_wrap=True)
    console.print()
    console.print(Text("Every check passed.", "bold green") if passed else Text("A check failed.", "bold red"))
    return passed


def _heading(console: Console, place: str, title: str) -> None:
    console.print()
    console.rule(Text.assemble((f" {place} ", "bold reverse"), f" {title} ", style="bold"), align="left")
    console.print()


def _verdict(console: Console, claim: str, *, holds: bool) -> bool:
    console.print(Text.assemble(("  ✓ ", "bold green") if holds else ("  ✗ ", "bold red"), claim))
    return holds


def _say(console: Console, *lines: str) -> None:
    console.print(*(Text("  " + line if line else "") for line in lines), sep="\n")


def _table(*columns: str, left: Sequence[str] = ()) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, justify="left" if column in left else "right")
    return table


def _put(console: Console, table: Table, *, above: int = 1) -> None:
    console.print(Padding(table, (above, 0, 1, 1), expand=False))


def _print_derivation(console: Console, graph: Graph) -> None:
    derivation = explain(graph.L, of=graph.parameters)
    given = [step for step in derivation.forward if step.symbol is None]
    computed = [step for step in derivation.forward if step.symbol is not None]
    _say(console, "   ".join(f"{step.name} = {number(step.number or 0.0)}" for step in given))
    _put(console, _steps_table(console, "forward", "", computed))
    gradients = [step for step in derivation.backward if isinstance(step, Backward)]
    _put(console, _steps_table(console, "backward", "d", gradients), above=0)


def _steps_table(console: Console, title: str, mark: str, steps: Sequence[Forward | Backward]) -> Table:
    """One row per step: its formula, and the formula with numbers beside or below it."""
    texts = (title, "formula", "with numbers") if console.width >= _WIDE else (title, "formula")
    table = _table(*texts, "value", left=texts)
    for step in steps:
        symbols = step.formulas if isinstance(step, Backward) else (step.symbol,)
        formula = _on_lines([term_text(term) for term in symbols if term is not None])
        numbers = term_text(step.substitution) if step.substitution else ""
        cells = [Text(formula), Text(numbers, "dim")]
        if len(texts) == 2:
            cells = [Text.assemble(formula, (f"\n= {numbers}" if numbers else "", "dim"))]
        table.add_row(Text(mark + step.name, "cyan"), *cells, number(step.number or 0.0))
    return table


def _on_lines(formulas: Sequence[str]) -> str:
    """Formulas with equals signs between them, broken before one where a line would be wide."""
    lines = [""]
    for formula in formulas:
        if lines[-1] and len(f"{lines[-1]} = {formula}") > _WIDEST_FORMULA:
            lines.append(f"= {formula}")
        else:
            lines[-1] = f"{lines[-1]} = {formula}" if lines[-1] else formula
    return "\n".join(lines)


def _print_checks(console: Console, graph: Graph) -> bool:
    dz, closed = graph.z.grad or 0.0, graph.a.value - graph.y.value
    digits = agreeing_digits(dz, closed)
    claim = f"dz = {number(dz, 12)} and a − y = {number(closed, 12)}: {digits} digits agree"
    same = _verdict(console, claim, holds=digits >= 14)
    report = verify(graph.L, [graph.w1, graph.w2, graph.b, graph.x1, graph.x2, graph.y, graph.z, graph.a])
    agreed = sum(row.verdict == "agrees" for row in report.rows)
    claim = f"{agreed} of {len(report.rows)} gradients agree in every way, central differences among them:"
    well = _verdict(console, claim, holds=bool(report))
    _put(console, _report_table(report))
    return same and well


def _report_table(report: Report) -> Table:
    table = _table("", "reverse mode", "central difference", "digits", "verdict", left=("", "verdict"))
    for row in report.rows:
        colour = "green" if row.verdict == "agrees" else "red"
        table.add_row(
            Text(f"d{row.name}", style="cyan"),
            number(row.reverse, 12),
            number(row.central, 12),
            str(row.digits("central difference")),
            Text(row.verdict, style=colour),
        )
    return table


def _print_step(console: Console, graph: Graph) -> bool:
    updates, before, after = gradient_step(graph, RATE)
    _say(console, f"w := w − α·dw with α = {number(RATE)}")
    table = _table("w", "before", "dw", "after", left="w")
    for update in updates:
        shown = (number(part) for part in (update.before, update.gradient, update.after))
        table.add_row(Text(update.name, style="cyan"), *shown)
    _put(console, table)
    return _verdict(console, f"the loss fell: L = {number(before)} before, {number(after)} after", holds=after < before)


def _print_descent(console: Console, graph: Graph, examples: Sequence[Example]) -> bool:
    _say(
        console,
        "x1 = petal length, x2 = petal width, in cm; y = 0 versicolor, y = 1 virginica.",
        f"The same graph, one flower after the other: J = 1/{len(examples)} · Σ L.",
        "",
        f"Gradient descent, w := w − α·∂J/∂w with α = {number(IRIS_RATE)}, from 0:",
    )
    for node in graph.parameters:
        node.value = 0.0
    history = _with_progress(console, descend(graph, examples, IRIS_RATE))
    table = _table("pass", "J", "", "b", "w1", "w2", left=("",))
    for place in sorted({0, 10, *range(0, PASSES + 1, PASSES // 5)}):
        moment = history[place]
        table.add_row(
            str(place),
            f"{moment.cost:.4f}",
            Text("█" * round(24 * moment.cost / history[0].cost), style="cyan"),
            *_coefficients(moment),
        )
    _put(console, table)
    costs = [moment.cost for moment in history]
    falls = all(later < earlier for earlier, later in pairwise(costs))
    claim = f"J fell in every one of {PASSES} passes: {costs[0]:.4f} to {costs[-1]:.4f}"
    return _verdict(console, claim if falls else "J did not fall in every pass", holds=falls)


def _with_progress(console: Console, iterations: Iterator[Iteration]) -> list[Iteration]:
    """The iterations before the first step and after each, with a bar where there is a terminal."""
    columns = (
        TextColumn("  gradient descent"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.fields[cost]}"),
    )
    history = []
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("", total=PASSES, cost="")
        for place in range(PASSES + 1):
            history.append(next(iterations))
            progress.update(task, completed=place, cost=f"J = {history[-1].cost:.4f}")
    return history


def _coefficients(iteration: Iteration) -> list[str]:
    return [f"{iteration.parameters[name]:.3f}".replace("-", "−") for name in KNOWN_FIT]


def _print_newton(console: Console, graph: Graph, examples: Sequence[Example]) -> bool:
    _say(console, "", "Newton's method from there, w := w − H⁻¹·∇J, with H from the engine:")
    table = _table("step", "J", "max |∇J|", "b", "w1", "w2")
    history = list(newton(graph, examples))
    for place, moment in enumerate(history):
        slope = f"{moment.slope:.1e}".replace("-", "−")
        table.add_row(str(place), f"{moment.cost:.6f}", slope, *_coefficients(moment))
    _put(console, table)
    names = {"b": "intercept b", "w1": "petal length w1", "w2": "petal width w2"}
    _say(console, "J has no slope left: the maximum-likelihood fit. Beside it, the known one:")
    table = _table("", "here", "known", "difference", left=("",))
    fit = history[-1].parameters
    for name, known in KNOWN_FIT.items():
        shown = f"{fit[name]:.3f}", f"{known:.3f}", f"{round(fit[name], 3) - known:.3f}"
        table.add_row(Text(names[name], style="cyan"), *(text.replace("-", "−") for text in shown))
    _put(console, table)
    right = sum((_shown(graph, example) > 0.5) == bool(example.y) for example in examples)
    _say(console, f"With it a > ½ tells virginica from versicolor for {right} of {len(examples)} flowers.")
    reached = all(round(fit[name], 3) == known for name, known in KNOWN_FIT.items())
    return _verdict(console, "the coefficients are the known fit in every printed digit", holds=reached)
