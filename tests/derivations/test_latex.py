"""Derivations as LaTeX: what every engine compiles, whatever the names are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from hypothesis import strategies as st

import compgraph as cg
from compgraph import Node
from compgraph.codegen.formulas import Adjoint, Apply, Letter, Number, Slope, total
from compgraph.derivations.latex import term_latex, to_latex
from compgraph.derivations.steps import Forward
from compgraph.record import table

if TYPE_CHECKING:
    from collections.abc import Callable

    from compgraph.derivations import Derivation

A, X = Letter("a"), Letter("x")

# The commands that pdfLaTeX with amsmath, MathJax and KaTeX share, as far as the printers use them.
COMMANDS = set(
    re.findall(
        r"\w+",
        "frac tfrac cdot left right log exp sin cos tan sinh cosh tanh coth cot arcsin arccos arctan max min sqrt "
        "operatorname mathrm text textbf begin end quad partial to leftarrow infty backslash sim wedge vert ast grave "
        "nabla times le ge ne lfloor rfloor alpha beta gamma delta epsilon varepsilon zeta eta theta iota kappa lambda "
        "mu nu xi pi rho sigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi "
        "Psi Omega",
    )
)


def compiles(latex: str) -> bool:
    r"""Whether braces, \left and environments close in the order in which they open, and all commands are known."""
    stack: list[str] = []
    for token in re.findall(r"\\(?:begin|end)\{\w+\*?\}|\\[A-Za-z]+|\\.|[{}$#%~]", latex, re.DOTALL):
        if token in {"{", r"\left"} or token.startswith(r"\begin"):
            stack.append(token)
        elif token in {"}", r"\right"} or token.startswith(r"\end"):
            opening = {"}": "{", r"\right": r"\left"}.get(token, token.replace("end", "begin"))
            if not stack or stack.pop() != opening:
                return False
        elif token in "$#%~" or (token[1:].isalpha() and token[1:] not in COMMANDS):
            return False
    return not stack


def test_the_check_of_what_compiles_can_fail() -> None:
    assert compiles(r"\frac{a}{\left(b\right)}")
    assert not any(map(compiles, [r"{\left(}\right)", "{", "}", r"\foo", "$", r"\begin{cases}", "50 %"]))


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (Letter("w1"), "w_{1}"),
        (Letter("w_12"), "w_{12}"),
        (Letter("w₁"), "w_{1}"),
        (Letter("alpha"), r"\alpha"),
        (Letter("theta1"), r"\theta_{1}"),
        (Letter("λ"), r"\lambda"),
        (Letter("sigma_x"), r"\sigma_{x}"),
        (Letter("loss"), r"\mathrm{loss}"),
        (Letter("learning_rate"), r"\mathrm{learning\_rate}"),
        (Letter("layer1.w2"), r"\mathrm{layer}_{1}.w_{2}"),
        (Letter("w[0][i]"), "w_{0,i}"),
        (Letter("x′"), "x'"),
        (Letter("∂"), r'\text{"}\partial{}\text{"}'),
        (Letter("a b"), r'\text{"a b"}'),
        (Letter("50%"), r'\text{"50}\%\text{"}'),
        (Letter("\\"), r'\text{"}\backslash{}\backslash{}\text{"}'),
        (Letter("a\n$"), r'\text{"a}\backslash{}\text{n}\$\text{"}'),
        (Adjoint("theta1"), r"d\theta_{1}"),
        (Slope("a", "z"), r"\frac{\partial a}{\partial z}"),
        (Number(-0.5), "-0.5"),
        (Number(4.25e-18), r"4.25 \cdot 10^{-18}"),
        (Number(float("-inf")), r"-\infty"),
        (Apply("mul", (A, Number(-1e30))), r"a \cdot \left(-1 \cdot 10^{30}\right)"),
        (Apply("div", (Apply("sub", (Number(1.0), A)), Apply("add", (A, X)))), r"\frac{1 - a}{a + x}"),
        (Apply("mul", (A, Apply("div", (X, A)))), r"a \cdot \frac{x}{a}"),
        (Apply("pow", (Apply("div", (X, A)), Number(2.0))), r"\left(\frac{x}{a}\right)^{2}"),
        (Apply("pow", (X, Apply("add", (A, Number(1.0))))), "x^{a + 1}"),
        (Apply("exp", (Apply("neg", (X,)),)), "e^{-x}"),
        (Apply("pow", (Apply("exp", (X,)), Number(2.0))), r"\left(e^{x}\right)^{2}"),
        (Apply("sqrt", (Apply("add", (X, A)),)), r"\sqrt{x + a}"),
        (Apply("sigmoid", (X,)), r"\sigma\left(x\right)"),
        (Apply("mul", (A, Apply("greater", (X, Number(0.0))))), r"a \cdot \left[x > 0\right]"),
        (Apply("neg", (Apply("where", (Apply("less", (X, A)), X, A)),)),
         r"-\left(\begin{cases} x & x < a \\ a & \text{otherwise} \end{cases}\right)"),
    ],
    ids=str,
)  # fmt: skip
def test_a_formula_as_latex(term: Any, expected: str) -> None:
    assert term_latex(term) == expected


def test_each_derivation_is_the_golden_latex(case: tuple[str, Derivation], golden: Callable[[str, str], None]) -> None:
    name, derivation = case
    assert compiles(derivation.latex)
    golden(f"derivations/{name}.tex", f"{derivation.latex}\n")


def test_a_long_sum_is_broken_at_its_signs() -> None:
    term = total(Letter(f"w{index}") for index in range(1, 40))
    lines = to_latex([Forward("z", term, None, None)], []).splitlines()[2:-2]
    assert lines[0].startswith("z &= w_{1} + ")
    assert len(lines) > 2
    assert all(line.startswith(r"&\quad + ") for line in lines[1:])
    assert re.findall(r"w_\{(\d+)\}", "".join(lines)) == [str(index) for index in range(1, 40)]


def test_latex_without_values_shows_what_is_missing() -> None:
    root = (Node(name="x") ** 2).named("L")
    assert "& x = ? \\\\\n" in cg.explain(root).latex


@pytest.mark.parametrize("op", [op for op in table() if op.arity], ids=lambda op: op.name)
def test_every_op_is_latex_that_compiles(op: Any) -> None:
    args = tuple(Apply("sub", (Letter(f"x{index}"), Number(-1.0))) for index in range(op.arity))
    latex = term_latex(Apply(op.name, args))
    assert compiles(latex)
    assert all(f"x_{{{index}}}" in latex for index in range(op.arity))


names = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\\{}$&%#_^~<>|*`\"'\n\r∂w₁α"), max_size=8)


@hypothesis.given(names, names)
def test_no_name_breaks_latex(one: str, other: str) -> None:
    def of(one: str, other: str) -> str:
        return cg.explain(cg.sigmoid(Node(1.0, one) / Node(2.0, other)).named("L")).latex

    latex = of(one or "x", other or "y")
    assert compiles(latex)
    assert latex.count("\\\\\n") == latex.count("\n") - 2
