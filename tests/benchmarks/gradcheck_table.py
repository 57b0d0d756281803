"""The same 50 gradients for three checkers: 25 right ones that are hard to check, 25 wrong ones that are hard to see.

``python tests/benchmarks/gradcheck_table.py [--cases]``

Each case is a function, its derivative as an author would declare it, and a point. It becomes an op of compgraph, an
``autograd.Function`` of PyTorch and a ``custom_jvp`` of JAX, in double precision; the checkers are ``verify``,
``torch.autograd.gradcheck`` and ``jax.test_util.check_grads``, as they come. A false alarm is a right gradient that is
not accepted, a miss a wrong one that is. Checkers that are not installed are left out.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import compgraph as cg  # noqa: E402  # a script: the folder's package first
from compgraph.ieee import Total  # noqa: E402


class Case(NamedTuple):
    """A function and its derivative, both of (library, x), and where."""

    name: str
    value: Callable[[Any, Any], Any]
    slope: Callable[[Any, Any], Any]
    at: float
    convention: str = ""


class Library(NamedTuple):
    """The functions that cases are written in."""

    exp: Any
    log: Any
    sin: Any
    cos: Any
    sqrt: Any
    tanh: Any
    atan: Any
    asin: Any
    floor: Any
    maximum: Any
    where: Any


def _sigmoid(m: Library, x: Any) -> Any:
    return 1 / (1 + m.exp(-x))


def _log_cosh(m: Library, x: Any) -> Any:
    return m.log((m.exp(x) + m.exp(-x)) / 2)


SMOOTH: dict[str, tuple[Any, Any]] = {
    "sin": (lambda m, x: m.sin(x), lambda m, x: m.cos(x)),
    "exp": (lambda m, x: m.exp(x), lambda m, x: m.exp(x)),
    "log": (lambda m, x: m.log(x), lambda m, x: 1 / x),
    "x²": (lambda m, x: x * x, lambda m, x: 2 * x),
    "x³": (lambda m, x: x * x * x, lambda m, x: 3 * x * x),
    "1/x": (lambda m, x: 1 / x, lambda m, x: -1 / (x * x)),
    "√x": (lambda m, x: m.sqrt(x), lambda m, x: 0.5 / m.sqrt(x)),
    "tanh": (lambda m, x: m.tanh(x), lambda m, x: (2 / (m.exp(x) + m.exp(-x))) * (2 / (m.exp(x) + m.exp(-x)))),
    "atan": (lambda m, x: m.atan(x), lambda m, x: 1 / (1 + x * x)),
    "asin": (lambda m, x: m.asin(x), lambda m, x: 1 / m.sqrt((1 - x) * (1 + x))),
    "σ": (_sigmoid, lambda m, x: _sigmoid(m, x) * _sigmoid(m, -x)),
    "log cosh": (_log_cosh, lambda m, x: m.tanh(x)),
    "x·log x": (lambda m, x: x * m.log(x), lambda m, x: m.log(x) + 1),
}
RELU = (lambda m, x: m.maximum(x, 0 * x), lambda m, x: m.where(x > 0, 1.0, 0.0))
ABS = (lambda m, x: m.maximum(x, -x), lambda m, x: m.where(x > 0, 1.0, m.where(x < 0, -1.0, 0.0)))

RIGHT = [
    Case("relu at 0", *RELU, 0.0, "relu′(0) = 0"),
    Case("|x| at 0", *ABS, 0.0, "abs′(0) = 0"),
    Case("a tie of max(x, 2 − x)", lambda m, x: m.maximum(x, 2 - x),
         lambda m, x: m.where(x > 1, 1.0, m.where(x < 1, -1.0, 0.0)), 1.0, "½ to each"),
    Case("√x at 0", *SMOOTH["√x"], 0.0, "√′(0) = ∞"),
    Case("√x at 1e-12", *SMOOTH["√x"], 1e-12),
    Case("log at 1e-12", *SMOOTH["log"], 1e-12),
    Case("log at 1e12", *SMOOTH["log"], 1e12),
    Case("x² at 1e12", *SMOOTH["x²"], 1e12),
    Case("x² at 1e-12", *SMOOTH["x²"], 1e-12),
    Case("x³ at 1e12", *SMOOTH["x³"], 1e12),
    Case("1/x at 1e-12", *SMOOTH["1/x"], 1e-12),
    Case("1/x at 1e12", *SMOOTH["1/x"], 1e12),
    Case("x·log x at 1e-12", *SMOOTH["x·log x"], 1e-12),
    Case("exp at 30", *SMOOTH["exp"], 30.0),
    Case("exp at −30", *SMOOTH["exp"], -30.0),
    Case("sin at 1e12", *SMOOTH["sin"], 1e12),
    Case("tanh at 20", *SMOOTH["tanh"], 20.0),
    Case("σ at −40", *SMOOTH["σ"], -40.0),
    Case("asin at 1 − 1e-12", *SMOOTH["asin"], 1 - 1e-12),
    Case("atan(1e6·x) at 1e-7", lambda m, x: m.atan(1e6 * x), lambda m, x: 1e6 / (1 + 1e12 * x * x), 1e-7),
    Case("1e-9·x + 1e9", lambda m, x: 1e-9 * x + 1e9, lambda m, x: 1e-9 + 0 * x, 1.0),
    Case("(1 − cos x) at 1e-5", lambda m, x: 1 - m.cos(x), lambda m, x: m.sin(x), 1e-5),
    Case("√(x + 1) − √x at 1e12", lambda m, x: m.sqrt(x + 1) - m.sqrt(x),
         lambda m, x: -0.5 / (m.sqrt(x + 1) * m.sqrt(x) * (m.sqrt(x + 1) + m.sqrt(x))), 1e12),
    Case("an arm with nan", lambda m, x: m.where(x > 0, m.log(x), x * x), lambda m, x: m.where(x > 0, 1 / x, 2 * x),
         -2.0),
    Case("relu at 1e-9", *RELU, 1e-9),
]  # fmt: skip


def _wrong(name: str, function: tuple[Any, Any], factor: float, at: float) -> Case:
    value, slope = function
    return Case(f"{name}, ×{factor!r}, at {at:g}", value, lambda m, x: factor * slope(m, x), at)


WRONG = [
    *(_wrong(name, SMOOTH[name], factor, at) for name, factor, at in [
        ("sin", -1.0, 0.5), ("exp", 1.001, 0.5), ("log", 1 + 1e-4, 2.0), ("x²", 1 + 1e-6, 3.0), ("x³", 1 + 1e-9, 2.0),
        ("1/x", 1 + 1e-9, 0.5), ("√x", 1 + 1e-9, 2.0), ("tanh", 1 + 1e-9, 0.3), ("atan", 1 - 1e-9, 0.7),
        ("asin", 1 + 1e-8, 0.5), ("σ", 1 + 1e-7, 1.5), ("log cosh", 1 + 1e-9, 0.8), ("x·log x", 1 + 1e-6, 3.0),
        ("x²", 2.0, 1e-12), ("x³", 0.0, 1e-4), ("exp", 2.0, -30.0), ("tanh", 0.0, 20.0), ("σ", 3.0, -40.0),
        ("log", 2.0, 1e12), ("1/x", -1.0, 1e12), ("sin", -1.0, 1e12), ("√x", 1.001, 1e-12),
    ]),
    Case("relu′(0) = −½", RELU[0], lambda m, x: m.where(x > 0, 1.0, -0.5), 0.0, "between 0 and 1"),
    Case("|x|′(0) = 2", ABS[0], lambda m, x: m.where(x > 0, 1.0, m.where(x < 0, -1.0, 2.0)), 0.0, "between −1 and 1"),
    Case("1e-9·x + 1e9, slope 0", lambda m, x: 1e-9 * x + 1e9, lambda m, x: 0 * x, 1.0),
]  # fmt: skip


# --- the checkers: whether a case is accepted -------------------------------------------------------------------------


def by_compgraph() -> Callable[[Case], bool]:
    """verify."""
    library = Library(
        cg.exp, cg.log, cg.sin, cg.cos, cg.sqrt, cg.tanh, cg.atan, cg.asin, cg.floor, cg.maximum,
        cg.where,
    )  # fmt: skip

    def accepts(case: Case) -> bool:
        gap = cg.Kink(case.convention, lambda x: x - case.at)
        op = cg.op(
            "checked",
            lambda y, x: _as_ops(case.slope, library, x),
            body=lambda x: _as_ops(case.value, library, x),
            kinks=(gap,) if case.convention else (),
        )
        return bool(cg.verify(op(cg.Node(case.at, "x"))))

    return accepts


def _as_ops(function: Any, library: Library, x: Any) -> Any:
    """The function, at a float by IEEE 754: 1/0 is ∞."""
    if isinstance(x, float):
        return function(library, Total(x))
    return function(library, x)


def by_torch() -> Callable[[Case], bool]:
    """torch.autograd.gradcheck."""
    torch = importlib.import_module("torch")
    library = Library(
        torch.exp, torch.log, torch.sin, torch.cos, torch.sqrt, torch.tanh, torch.atan, torch.asin, torch.floor,
        torch.maximum, lambda condition, u, v: torch.where(condition, *(_tensor(torch, part) for part in (u, v))),
    )  # fmt: skip

    def accepts(case: Case) -> bool:
        class Checked(torch.autograd.Function):
            @staticmethod
            def forward(context: Any, x: Any) -> Any:
                context.save_for_backward(x)
                return case.value(library, x)

            @staticmethod
            def backward(context: Any, upstream: Any) -> Any:
                (x,) = context.saved_tensors
                return upstream * case.slope(library, x)

        x = torch.tensor(case.at, dtype=torch.float64, requires_grad=True)
        return bool(torch.autograd.gradcheck(Checked.apply, (x,), raise_exception=False))

    return accepts


def _tensor(torch: Any, number: Any) -> Any:
    return number if torch.is_tensor(number) else torch.tensor(number, dtype=torch.float64)


def by_jax() -> Callable[[Case], bool]:
    """jax.test_util.check_grads, first order, both modes."""
    jax = importlib.import_module("jax")
    check_grads = importlib.import_module("jax.test_util").check_grads
    jax.config.update("jax_enable_x64", True)  # JAX's own way
    jnp = jax.numpy
    library = Library(
        jnp.exp, jnp.log, jnp.sin, jnp.cos, jnp.sqrt, jnp.tanh, jnp.arctan, jnp.arcsin, jnp.floor, jnp.maximum,
        jnp.where,
    )  # fmt: skip

    def accepts(case: Case) -> bool:
        @jax.custom_jvp
        def function(x: Any) -> Any:
            return case.value(library, x)

        function.defjvp(lambda x, t: (function(*x), case.slope(library, x[0]) * t[0]))
        try:
            check_grads(function, (jnp.float64(case.at),), order=1)
        except AssertionError:
            return False
        return True

    return accepts


CHECKERS = {"compgraph.verify": by_compgraph, "torch gradcheck": by_torch, "jax check_grads": by_jax}


def main() -> None:
    """Run all cases by all checkers that are installed, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cases", action="store_true", help="print every case")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    answers: dict[str, list[bool]] = {}
    for name, make in CHECKERS.items():
        try:
            accepts = make()
        except ImportError:
            continue
        answers[name] = [accepts(case) for case in [*RIGHT, *WRONG]]
    lines = [f"{'':20}{'false alarms':>14}{'misses':>10}   of {len(RIGHT)} right and {len(WRONG)} wrong gradients"]
    for name, accepted in answers.items():
        alarms, misses = accepted[: len(RIGHT)].count(False), accepted[len(RIGHT) :].count(True)
        lines.append(f"{name:20}{alarms:>14}{misses:>10}")
    if arguments.cases:
        for place, case in enumerate([*RIGHT, *WRONG]):
            is_right = place < len(RIGHT)
            marks = "".join(f"{'ok' if given[place] is is_right else 'WRONG':>18}" for given in answers.values())
            lines.append(f"{'right' if is_right else 'wrong':8}{case.name:40}{marks}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
