"""A failed assertion on gradients: plain data, and its text."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..codegen.printer import number, text_name

__all__ = ["Disagreement", "apart", "told"]

_DIGITS = range(12, 18)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One gradient that is not what its closed form says.

    Attributes:
        root: What is differentiated, and
        expression: its formula; empty where it has none.
        node: What the gradient is by.
        gradient: The gradient.
        form: The closed form as a formula; empty for a plain number.
        number: The closed form's number.
        fault: What is wrong, in a few words.
        where: Which point it is: "at the present values", "at random point 3 (they agree at the present values)".
        point: The inputs there.
        proof: What a proof says, if one was found; else empty.
        hint: A mistake that would explain it, else empty.
        derivation: The chain rule behind the gradient, there.
        picture: The path of a diagram, there, or why there is none.
    """

    root: str
    expression: str
    node: str
    gradient: float
    form: str
    number: float
    fault: str
    where: str
    point: tuple[tuple[str, float], ...]
    proof: str = ""
    hint: str = ""
    derivation: str = ""
    picture: str = ""


def told(found: Disagreement) -> str:
    """The message of the assertion."""
    root, node = text_name(found.root), text_name(found.node)
    left, right, caret = apart(found.gradient, found.number)
    engine, yours = f"gradient d{node}", f"your form {found.form}" if found.form else "your number"
    width = max(len(engine), len(yours))
    point = "   ".join(f"{text_name(name)} = {number(value)}" for name, value in found.point)
    lines = [
        f"d{root}/d{node} is not {found.form or number(found.number, 12)}: {found.fault} {found.where}",
        "",
        *([f"  {root} = {found.expression}"] if found.expression else []),
        f"  {engine.ljust(width)} = {left}",
        f"  {yours.ljust(width)} = {right}",
        f"  {' ' * width}   {' ' * caret}^ here they part",
        f"  at {point}",
    ]
    for title, text in (("proof", found.proof), ("hint", found.hint), ("picture", found.picture)):
        lines += [f"  {title}: {text}"] if text else []
    if found.derivation:
        lines += ["", f"  the chain rule of d{node}, at these values:"]
        lines += [f"    {line}".rstrip() for line in found.derivation.splitlines()]
    return "\n".join(lines)


def apart(a: float, b: float) -> tuple[str, str, int]:
    """Two numbers below one another, with enough digits to differ, and the place of the first digit that does.

    >>> apart(0.5744425168, 0.5744435)
    ('0.57444251680', '0.57444350000', 7)
    >>> apart(-4.25e-18, 0.0)
    ('−4.25000000000e−18', ' 0', 0)
    """
    for digits in _DIGITS:
        left, right = _aligned(a, b, digits)
        if left != right:
            break
    place = next((at for at, (u, v) in enumerate(zip(left, right, strict=False)) if u != v), min(len(left), len(right)))
    return left, right, place


def _aligned(a: float, b: float, digits: int) -> tuple[str, str]:
    if not (math.isfinite(a) and math.isfinite(b)):
        return number(a, digits), number(b, digits)
    sizes = [abs(value) for value in (a, b) if value]
    plain = all(1e-4 <= size < 1e6 for size in sizes)
    whole = len(str(int(max(sizes, default=0.0)))) if plain else 1
    pattern = f".{digits - whole}f" if plain else f".{digits - 1}e"
    texts = [f"{value:{pattern}}" if value else "0" for value in (a, b)]
    signed = any(text.startswith("-") for text in texts)
    shown = [text if text.startswith("-") or not signed else f" {text}" for text in texts]
    return shown[0].replace("-", "−"), shown[1].replace("-", "−")
