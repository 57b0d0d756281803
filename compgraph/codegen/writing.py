"""From a formula to text, LaTeX or HTML: one printer, and for each target a record of how its parts are written.

Brackets follow the labels' precedence, so a formula shows the grouping that was typed and no bracket more.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from ..errors import UnknownNameError
from ..graph import number
from ..record import ATOM, PRODUCT, SUM, op_named
from .escapes import html_name, html_text, latex_name, latex_text, text_name
from .formulas import Adjoint, Apply, Cut, Number, Slope

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..record import Op
    from .formulas import Term

__all__ = ["HTML", "LATEX", "TEXT", "Target", "count", "grouped", "write"]


class Label(NamedTuple):
    """How an op is written: a template with places {0}, {1}, …, how tightly it binds, how tightly arguments must."""

    template: str
    precedence: int
    needs: tuple[int, ...]


class Target(NamedTuple):
    """How formulas are written for one kind of reader.

    Attributes:
        name: Escapes a name.
        plain: Escapes plain text that is no formula.
        power: Of a printed number's digits and exponent, the number; None where 1e−09 stands as it is.
        signs: What stands in numbers instead of a sign or word: {"∞": …}.
        label: The label of an op.
        brackets: What stands around a part that binds too loosely, and
        truth: around a comparison that counts as a number: Iverson's bracket, [x > 0], is 1 where it holds, else 0.
        slope: The local derivative ∂{0}/∂{1}, and
        fraction: how tightly it binds.
    """

    name: Callable[[str], str]
    plain: Callable[[str], str]
    power: str | None
    signs: dict[str, str]
    label: Callable[[Op], Label]
    brackets: str
    truth: str
    slope: str
    fraction: int


def write(term: Term, target: Target) -> str:
    r"""A formula, as it can stand between equals signs: a comparison, which binds least, gets Iverson's bracket.

    >>> from compgraph.codegen.formulas import Letter
    >>> term = Apply("div", (Letter("y"), Apply("sub", (Number(1.0), Letter("w1")))))
    >>> print(write(term, TEXT), write(term, LATEX), write(term, HTML), sep="\n")
    y/(1 − w1)
    \frac{y}{1 - w_{1}}
    <var>y</var>/(1 − <var>w<sub>1</sub></var>)
    """
    return grouped(term, target, SUM)


def grouped(term: Term, target: Target, need: int) -> str:
    """A formula as the argument of an operation: in brackets where it binds more loosely than is needed there."""
    text, precedence = _put(term, target)
    return text if precedence >= need else (target.brackets if precedence else target.truth).format(text)


def _put(term: Term, target: Target) -> tuple[str, int]:  # as deep as the formula, which has a limit
    """A formula, and how tightly it binds."""
    if isinstance(term, Apply):
        label = _label(term, target)
        parts = [grouped(arg, target, need) for arg, need in zip(term.args, label.needs, strict=True)]
        return label.template.format(*parts), label.precedence
    if isinstance(term, Number):
        return _number(term.value, target)
    if isinstance(term, Slope):
        return target.slope.format(target.name(term.of), target.name(term.by)), target.fraction
    if isinstance(term, Cut):
        counted = f" ({count(term.count)} {term.what})" if term.what else ""
        return target.plain(f"…{counted}"), ATOM
    name = target.name(term.name)
    return f"d{name}" if isinstance(term, Adjoint) else name, ATOM


def _label(term: Apply, target: Target) -> Label:
    """The op's label; as a function's where the op of that name is none, or another, by now."""
    try:
        op = op_named(term.op)
    except UnknownNameError:
        op = None
    if op is not None and op.arity == len(term.args):
        return target.label(op)
    places = ", ".join(f"{{{index}}}" for index in range(len(term.args)))
    name = target.plain(term.op).replace("{", "{{").replace("}", "}}")
    return Label(f"{name}({places})", ATOM, (SUM,) * len(term.args))


def _number(value: float, target: Target) -> tuple[str, int]:
    text = number(value)
    precedence = SUM if text.startswith("−") else ATOM
    digits, mark, exponent = text.partition("e")
    if mark and target.power is not None:
        text = target.power.format(digits, f"{int(exponent.replace('−', '-'))}".replace("-", "−"))
        precedence = min(precedence, PRODUCT)
    for sign, written in target.signs.items():
        text = text.replace(sign, written)
    return text, precedence


def count(number: int) -> str:
    """A count, its digits in groups of three.

    >>> count(1234567)
    '1 234 567'
    """
    return f"{number:,}".replace(",", " ")


# --- the targets ---------------------------------------------------------------------------------------------------

# A label that is a function's name with all arguments in its brackets binds as tightly as a letter.
_CALL = re.compile(r"[^\W\d]\w*′?\([^()]*\)")


@lru_cache(maxsize=1024)
def _text_label(op: Op) -> Label:
    return Label(op.text, ATOM if _CALL.fullmatch(op.text) else op.precedence, op.needs)


@lru_cache(maxsize=1024)
def _latex_label(op: Op) -> Label:
    precedence = op.precedence
    if precedence == PRODUCT and re.fullmatch(r"\\frac\{\{.*\}\}", op.latex):  # its bar groups
        precedence = PRODUCT + 1
    elif op.latex.startswith(r"\begin"):  # several lines, open to the right
        precedence = SUM
    return Label(op.latex, precedence, _free(op.latex, op.needs, "{{%s}}"))


@lru_cache(maxsize=1024)
def _html_label(op: Op) -> Label:
    """The label for text, with what is raised above the line."""
    text = _text_label(op)
    raised = re.sub(r"\^\(([^()]*)\)|\^(\{\d\}|\w)", r"<sup>\1\2</sup>", html_text(text.template))
    return Label(raised, text.precedence, _free(raised, text.needs, "<sup>%s</sup>"))


def _free(template: str, needs: tuple[int, ...], fence: str) -> tuple[int, ...]:
    """What arguments need where those that stand alone in a fence need no brackets: above a fraction's bar."""
    places = [f"{{{index}}}" for index in range(len(needs))]
    return tuple(
        0 if template.count(place) == template.count(fence % place) else need
        for place, need in zip(places, needs, strict=True)
    )


#: Unicode, as on the screen.
TEXT: Final = Target(text_name, str, None, {}, _text_label, "({})", "[{}]", "∂{}/∂{}", ATOM)

#: Mathematics mode of pdfLaTeX with amsmath, MathJax and KaTeX.
LATEX: Final = Target(
    latex_name,
    latex_text,
    r"{} \cdot 10^{{{}}}",
    {"−": "-", "∞": r"\infty", "nan": r"\mathrm{nan}"},
    _latex_label,
    r"\left({}\right)",
    r"\left[{}\right]",
    r"\frac{{\partial {}}}{{\partial {}}}",
    PRODUCT + 1,
)

#: HTML with <var>, <sub> and <sup>, that needs no script.
HTML: Final = Target(html_name, html_text, "{}·10<sup>{}</sup>", {}, _html_label, "({})", "[{}]", "∂{}/∂{}", ATOM)
