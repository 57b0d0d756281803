"""The collection of what people type, read from forms.txt: expressions as text, in blocks of spellings of one function.

A form is evaluated by any library that has the functions it names: compgraph's ops, mpmath's numbers, tensors.
"""

from __future__ import annotations

import ast
import itertools
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

COLLECTION = Path(__file__).with_name("forms.txt")

_PYTHON = {"sum": sum, "range": range}


class Block(NamedTuple):
    """Spellings of one function, and where to ask.

    Attributes:
        family: What kind of function it is.
        title: Which one.
        inputs: The names of its inputs, in order.
        points: Tuples with one number per input.
        texts: The spellings; the first is as true as any.
    """

    family: str
    title: str
    inputs: tuple[str, ...]
    points: tuple[tuple[float, ...], ...]
    texts: tuple[str, ...]


class Form(NamedTuple):
    """One spelling: statements separated by semicolons, the last of them an expression."""

    block: Block
    text: str

    def function(self, library: Mapping[str, Any]) -> Callable[..., Any]:
        """The form as a function of its inputs that computes with a library's functions.

        >>> block = Block("logarithm", "of one plus x", ("x",), ((3.0,),), ())
        >>> Form(block, "s = 1 + x; sqrt(s)").function({"sqrt": lambda number: number**0.5})(3.0)
        2.0
        """
        made: dict[str, Any] = {}
        exec(_code(self.block.inputs, self.text), {**_PYTHON, **library}, made)
        return made["form"]


@cache
def _code(inputs: tuple[str, ...], text: str) -> Any:
    *statements, last = ast.parse(text).body
    header = ast.parse(f"def form({', '.join(inputs)}): pass")
    header.body[0].body = [*statements, ast.copy_location(ast.Return(last.value), last)]
    return compile(ast.fix_missing_locations(header), text, "exec")


def read_blocks(path: Path = COLLECTION) -> tuple[Block, ...]:
    """The blocks of a collection, in its order."""
    lists: dict[str, str] = {}
    blocks = []
    for paragraph in path.read_text(encoding="utf-8").split("\n\n"):
        lines = [line for line in paragraph.splitlines() if line and not line.startswith("#")]
        lists.update(line.split(" = ", 1) for line in _stripped(lines, starts="@"))
        lines = [line for line in lines if not line.startswith("@")]
        if lines:
            blocks.append(_block(lines, lists))
    return tuple(blocks)


def forms(family: str = "", path: Path = COLLECTION) -> list[Form]:
    """All forms whose family starts with a word."""
    return [Form(block, text) for block in read_blocks(path) if block.family.startswith(family) for text in block.texts]


def _stripped(lines: list[str], starts: str) -> Iterator[str]:
    return (" = ".join(map(str.strip, line.split("=", 1))) for line in lines if line.startswith(starts))


def _block(lines: list[str], lists: Mapping[str, str]) -> Block:
    family, _, title = lines[0].partition(": ")
    axes = [_axes(line.removeprefix("at "), lists) for line in lines if line.startswith("at ")]
    points = [point for axis in axes for point in itertools.product(*axis.values())]
    texts = [line for line in lines[1:] if not line.startswith("at ")]
    return Block(family, title, tuple(axes[0]), tuple(dict.fromkeys(points)), tuple(texts))


def _axes(line: str, lists: Mapping[str, str]) -> dict[str, list[float]]:
    """``x = @any 3; y = 0 1`` as {"x": numbers, "y": numbers}."""
    axes = {}
    for part in line.split(";"):
        name, _, words = part.partition("=")
        numbers = [number for word in words.split() for number in lists.get(word, word).split()]
        axes[name.strip()] = [float(number) for number in numbers]
    return axes
