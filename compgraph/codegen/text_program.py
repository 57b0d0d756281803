"""A graph as program text, which :func:`~compgraph.syntax.parse` reads back: ``z = w*x + b; a = sigmoid(z)``.

What was typed is written, so that the graph read back finds its twins anew.
"""

from __future__ import annotations

import keyword
import math
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..errors import GraphValueError
from ..graph import order, peek, typed_form
from ..ops import CONSTANT, INPUT
from ..syntax import PRINTED, RESULT, callables

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from ..node import Node

__all__ = ["program_names", "program_text"]

# Python's own: how tightly a sign binds, how tightly what stands on its left and on its right must.
_TRUTH, _SUM, _PRODUCT, _UNARY, _POWER, _ATOM = range(6)
_SIGNS: Final[Mapping[str, tuple[Any, ...]]] = {
    "add": ("{} + {}", _SUM, _SUM, _PRODUCT), "sub": ("{} - {}", _SUM, _SUM, _PRODUCT),
    "mul": ("{}*{}", _PRODUCT, _PRODUCT, _UNARY), "div": ("{}/{}", _PRODUCT, _PRODUCT, _UNARY),
    "pow": ("{}**{}", _POWER, _ATOM, _UNARY), "neg": ("-{}", _UNARY, _UNARY),
    "less": ("{} < {}", _TRUTH, _SUM, _SUM), "less_equal": ("{} <= {}", _TRUTH, _SUM, _SUM),
    "greater": ("{} > {}", _TRUTH, _SUM, _SUM), "greater_equal": ("{} >= {}", _TRUTH, _SUM, _SUM),
    "equal": ("{} == {}", _TRUTH, _SUM, _SUM), "not_equal": ("{} != {}", _TRUTH, _SUM, _SUM),
}  # fmt: skip

# A formula as deep as this is written in several statements: a parser has its limits, and a reader, too.
_DEEPEST = 40


class _Text(NamedTuple):
    """An expression, and how tightly it binds."""

    text: str
    binds: int = _ATOM


def program_text(root: Node, separator: str = "; ") -> str:
    """The program of a graph, as it was typed: ``parse`` makes the same graph of it.

    Named nodes are assigned to their names. So are unnamed ones that are read more than once, as v1, v2, …; a root
    without a name is the last expression. A name that no program can have is written otherwise:
    :func:`program_names`. A graph that was recorded within ``as_typed`` is read back with its twins.

    Args:
        root: The graph's root.
        separator: What stands between two statements; a line's end will do, too.

    Raises:
        GraphValueError: The graph has an op that no program can call: a gradient graph, an op declared anew.

    >>> from compgraph.node import Node
    >>> from compgraph.ops import sigmoid
    >>> w, x, b = Node(name="w"), Node(name="x"), Node(name="b")
    >>> program_text(sigmoid((w*x + b).named("z")).named("a"))
    'z = w*x + b; a = sigmoid(z)'
    """
    return separator.join(_Writer(root).statements())


def program_names(root: Node) -> dict[Node, str]:
    """What inputs and named nodes of a graph are called in its program; a root without a name is ``_``, the result.

    A name stays as it is where Python takes it for a name and no op has it. Else what cannot stand there becomes a low
    line, and of two equal names the second gets a number: layer1.w is layer1_w, w₁ is w1.

    >>> from compgraph.node import Node
    >>> list(program_names(Node(1.0, "layer1.w") * Node(2.0, "exp") * Node(3.0, "w₁")).values())
    ['layer1_w', 'exp_2', 'w1', '_']
    """
    nodes = order(root, typed=True, twins=False)
    return _names(root, [node for node in nodes if node.op is INPUT or node.name], callables())


class _Writer:
    """A graph's statements: which nodes get one of their own, what they are called, and what stands in it."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self._nodes = order(root, typed=True, twins=False)
        self._functions = callables()
        own = self._with_a_statement()
        self._names = _names(root, [node for node in self._nodes if node.op is INPUT or node in own], self._functions)

    def _with_a_statement(self) -> set[Node]:
        uses = Counter(arg for node in self._nodes for arg in typed_form(node)[1])
        own = {node for node in self._nodes if node.op is not INPUT and (node.name or uses[node] > 1)}
        depth: dict[Node, int] = {}
        for node in self._nodes:
            op, args = typed_form(node)
            # Numbers alone would be computed as they are read, not recorded: 2*3 is 6. A statement makes a node of one.
            bare = [arg.op is CONSTANT and arg not in own for arg in args]
            if args and (all(bare) or (bare[0] and op.guard is not None)):
                own.add(args[0])
            depth[node] = 0 if node in own else 1 + max((depth[arg] for arg in args), default=0)
            if depth[node] > _DEEPEST and node is not self._root:
                own.add(node)
                depth[node] = 0
        return own

    def statements(self) -> Iterator[str]:
        texts: dict[Node, _Text] = {}
        for node in self._nodes:
            text = _Text(self._names[node]) if node.op is INPUT else self._expression(node, texts)
            name = self._names.get(node, RESULT)
            if node.op is not INPUT and name != RESULT:
                yield f"{name} = {text.text}"
                text = _Text(name)
            texts[node] = text
        if self._names[self._root] == RESULT or self._root.op is INPUT:
            yield texts[self._root].text

    def _expression(self, node: Node, texts: Mapping[Node, _Text]) -> _Text:
        op, args = typed_form(node)
        if op is CONSTANT:
            return _number(peek(node))
        if op.name in _SIGNS and self._functions[op.name] is op:
            template, binds, *needs = _SIGNS[op.name]
            return _Text(template.format(*map(_grouped, [texts[arg] for arg in args], needs)), binds)
        called = op.family or op
        if self._functions.get(called.name) is not called:
            raise GraphValueError(
                f"{op.name} is an op that no program text can call: it is a part of others' derivatives, or was "
                "declared anew since; write the program of the graph itself, not of its gradient"
            )
        return _Text(f"{called.name}({', '.join(texts[arg].text for arg in args)})")


def _grouped(part: _Text, need: int) -> str:
    return part.text if part.binds >= need else f"({part.text})"


def _number(value: float | None) -> _Text:
    """A constant, to its last digit."""
    if value is None or math.isnan(value):
        return _Text("0/0", _PRODUCT)
    if math.isinf(value):
        return _Text("1/0" if value > 0 else "-1/0", _PRODUCT)
    text = repr(value).removesuffix(".0")
    return _Text(text, _UNARY if text.startswith("-") else _ATOM)


def _names(root: Node, nodes: Iterable[Node], taken: Collection[str]) -> dict[Node, str]:
    """A name for each of some nodes and the root: their own first, as far as they can stand, then v1, v2 and so on."""
    nodes = list(nodes)
    names: dict[Node, str] = {}
    used = {*taken, *keyword.kwlist, RESULT}
    for node in nodes:
        if node.name and _is_plain(node.name) and node.name not in used:
            names[node] = node.name
            used.add(node.name)
    counts: Counter[str] = Counter()
    for node in nodes:
        if node in names or (node is root and not node.name and node.op is not INPUT):
            continue
        stem = _spelled(node.name) if node.name else ""
        names[node] = name = _unused(stem, used, counts)
        used.add(name)
    return names | {root: names.get(root, RESULT)}


def _unused(stem: str, used: Collection[str], counts: Counter[str]) -> str:
    """The stem itself or with a number that nothing has yet; v1, v2, … for none."""
    name = stem
    while not name or name in used:
        counts[stem] += 1
        name = f"{stem}_{counts[stem] + 1}" if stem else f"v{counts[stem]}"
    return name


def _is_plain(name: str) -> bool:
    """Whether a name reads in a program as itself: Python normalizes names, and · stands for a product."""
    is_own = unicodedata.normalize("NFKC", name) == name.translate(PRINTED) == name
    return is_own and name.isidentifier()


def _spelled(name: str) -> str:
    """A name in letters, digits and low lines."""
    normal = unicodedata.normalize("NFKC", name).translate(PRINTED)
    text = "".join(character if f"v{character}".isidentifier() else "_" for character in normal)
    return text if text.isidentifier() else f"v{text}"
