"""precision: how many digits the values and the gradients of a graph have lost, where, and by which operation.

Every node is computed in balls as well, from the same inputs. What a node has lost is what its float is off by; what it
has lost *itself* is what it has fewer than the worst of its arguments: in log(1 − σ(z)) the difference is to blame, and
not the logarithm, which only hands on what it was given.
"""

from __future__ import annotations

import math
import sys
from contextvars import Context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..balls import bounds_at
from ..codegen.printer import formula, number, text_name, twin_reason
from ..enclosed import gradients_in_balls, values_in_balls
from ..graph import inputs, labels, order, peek, replay
from ..node import Node
from ..ops import INPUT
from ..ops import abs as absolute
from ..reverse import adjoints

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..balls import Ball, Bounds

__all__ = ["Culprit", "Loss", "Precision", "precision"]

_DIGITS = 15.95  # of a float: −log10 of half of 2**-52
_NOTHING = 3.0  # digits that rounding may take on the way without a word
_BITS = (256, 1024, 4096)
_SMALLEST = 5e-324
_FARTHEST = 4  # nodes that a rule looks through


@dataclass(frozen=True, slots=True)
class Loss:
    """One number against the truth.

    Attributes:
        name: What the node is called; every node has a name of its own here.
        value: The float.
        exact: The float nearest to the truth; nan where enclosures do not tell.
        digits: How many digits are right, 0 to 16; 16 where nothing is known.
        lost: How many digits are gone, 0 to 16.
    """

    name: str
    value: float
    exact: float
    digits: int
    lost: int


@dataclass(frozen=True, slots=True)
class Culprit:
    """An operation that loses digits which its arguments still had.

    Attributes:
        name: The node.
        formula: What it computes, down to what has a name: ``1 − σ(z)``.
        op: The op's name.
        lost: The digits it loses itself.
        why: "cancellation", "rounding", "overflow" or "underflow", with the numbers.
        instead: The form that a rule computes for it, or for what reads it, and its reason; empty where there is none.
    """

    name: str
    formula: str
    op: str
    lost: int
    why: str
    instead: str = ""

    def __str__(self) -> str:
        text = f"{text_name(self.name)} = {self.formula} loses {self.lost} digits: {self.why}"
        return f"{text}; {self.instead}" if self.instead else text


@dataclass(frozen=True, slots=True)
class Precision:
    """The digits that a graph has lost; true where that is none to speak of.

    Attributes:
        root: What the root is called.
        values: For every node with arguments, by name, what its value has lost.
        gradients: The same for ∂root/∂node of every input.
        culprits: The operations that lost them, the worst first.
    """

    root: str
    values: Mapping[str, Loss]
    gradients: Mapping[str, Loss]
    culprits: tuple[Culprit, ...]

    def __bool__(self) -> bool:
        shown = [*self.gradients.values(), *([self.values[self.root]] if self.root in self.values else [])]
        return all(loss.lost <= _NOTHING for loss in shown)

    def __str__(self) -> str:
        return _text(self)


def precision(root: Node) -> Precision:
    """The digits that values and gradients lose, and to which operation.

    Args:
        root: A Node whose inputs all have values. What was recorded inside ``as_typed()`` is looked at as it is.

    Returns:
        A :class:`Precision`: true where the root and its gradients keep 13 digits or more.

    Raises:
        GraphTypeError: The root is not a Node.
        MissingValueError: An input has no value yet.

    >>> from compgraph.node import as_typed
    >>> from compgraph.ops import log, sigmoid
    >>> z = Node(30.0, "z")
    >>> with as_typed():
    ...     naive = log(1 - sigmoid(z)).named("L")
    >>> print(precision(naive).culprits[0])  # doctest: +ELLIPSIS
    v2 = 1 − σ(z) loses 13 digits: cancellation, 1 − 0.9999999999999065 = ...; in log(1 − σ(z)), write −softplus...
    >>> bool(precision(log(1 - sigmoid(z))))
    True
    """
    nodes = order(root)
    names = _own_names(labels(root))
    peek(root)
    slopes = adjoints(root, inner=False)
    state = _settled(root, nodes, slopes)
    values = {node: state[node, "value"] for node in nodes}
    shown = {names[node]: _loss(names[node], _value(node), values[node]) for node in nodes if node.args}
    gradients = {
        names[leaf]: _loss(names[leaf], slopes.get(leaf, 0.0), state[leaf, "gradient"]) for leaf in inputs(root)
    }
    losses = [*shown.values(), *gradients.values()]
    found = _culprits(root, values, names) if any(loss.lost > _NOTHING for loss in losses) else ()
    return Precision(names[root], shown, gradients, found)


def _own_names(names: Mapping[Node, str]) -> dict[Node, str]:
    """Names that no two nodes share, so that a picture can address each."""
    taken: dict[str, int] = {}
    found = {}
    for node, name in names.items():
        taken[name] = taken.get(name, 0) + 1
        found[node] = name if taken[name] == 1 or not node.args else f"{name} ({taken[name]})"
    return found


def _value(node: Node) -> float:
    return math.nan if node._value is None else node._value


# --- truth ---------------------------------------------------------------------------------------------------------


class _Truth:
    """A true number: the float nearest to it, how many digits of a float are right, and how many are worth having.

    These differ where the truth itself is out of the range of floats: ∞ is then right, and worth nothing to a reader.
    """

    __slots__ = ("digits", "number", "worth")

    def __init__(self, number: float, digits: float, worth: float | None = None) -> None:
        self.number, self.digits = number, digits
        self.worth = digits if worth is None else worth


_Key = tuple[Node, Literal["value", "gradient"]]


def _settled(root: Node, nodes: Sequence[Node], slopes: Mapping[Node, float]) -> dict[_Key, _Truth]:
    """Every value and every gradient, at rising precision until each is known to more digits than a float has."""
    found: dict[_Key, _Truth] = {}
    for bits in _BITS:
        with bounds_at(bits) as bounds:
            values = values_in_balls(nodes, bounds)
            gradients = gradients_in_balls(root, values)
            for node in nodes:
                found[node, "value"] = _truth(_value(node), values[node], bounds)
                slope = slopes.get(node, 0.0)
                ball = gradients.get(node)
                found[node, "gradient"] = _Truth(slope, _DIGITS) if ball is None else _truth(slope, ball, bounds)
        if not any(math.isnan(truth.number) for truth in found.values()):
            break
    return found


def _truth(value: float, ball: Ball, bounds: Bounds) -> _Truth:
    """What a ball says on a float; the number is nan where the ball is too wide to say."""
    if ball.special is not None and not math.isfinite(ball.special):
        is_nan = ball.special != ball.special
        return _Truth(value if is_nan else ball.special, _DIGITS if is_nan or value == ball.special else 0.0)
    if ball.low is None:
        return _Truth(math.nan, _DIGITS)
    low, high = bounds.to_float(ball.low), bounds.to_float(ball.high)
    if low != high:
        return _Truth(math.nan, _DIGITS)
    if value == low:
        is_out = ball.special is None and (value == 0.0 or math.isinf(value))
        return _Truth(low, _DIGITS, 0.0 if is_out else None)
    if not math.isfinite(value):
        return _Truth(low, 0.0)
    gap = bounds.to_float(absolute(ball - value).high)
    scale = max(abs(low), _SMALLEST) if math.isfinite(low) else sys.float_info.max
    return _Truth(low, min(_DIGITS, max(0.0, math.log10(scale) - math.log10(max(gap, _SMALLEST)))))


def _loss(name: str, value: float, truth: _Truth) -> Loss:
    lost = max(0, min(16, round(_DIGITS - truth.digits)))
    return Loss(name, value, truth.number, 16 - lost, lost)


# --- who lost them -------------------------------------------------------------------------------------------------


def _culprits(root: Node, values: Mapping[Node, _Truth], names: Mapping[Node, str]) -> tuple[Culprit, ...]:
    lost = {node: _lost_itself(node, values) for node in values if node.args}
    hurt = {arg for node in lost if values[node].digits < _DIGITS - _NOTHING for arg in node.args}
    guilty = [node for node in lost if lost[node] > _NOTHING and (node in hurt or not _is_faint(node, values))]
    guilty.sort(key=lambda node: -lost[node])
    forms = _forms(root) if guilty else {}
    return tuple(_culprit(node, lost[node], names, forms) for node in guilty)


def _is_faint(node: Node, values: Mapping[Node, _Truth]) -> bool:
    """Whether it is 0 because the truth is below the range of floats: few readers are hurt."""
    return node._value == 0.0 and values[node].digits == _DIGITS


def _lost_itself(node: Node, values: Mapping[Node, _Truth]) -> float:
    return min(values[arg].worth for arg in node.args) - values[node].worth


def _culprit(node: Node, lost: float, names: Mapping[Node, str], forms: Mapping[Node, str]) -> Culprit:
    spelled = formula(node, names, _has_name, twin=node.typed is not None)
    return Culprit(names[node], spelled, node.op.name, min(16, round(lost)), _why(node), forms.get(node, ""))


def _has_name(node: Node) -> bool:
    return node.name is not None


def _why(node: Node) -> str:
    numbers = [_value(arg) for arg in node.args]
    shown = [number(value, 17) for value in numbers]
    value = _value(node)
    if math.isinf(value) or (value != value and all(map(math.isfinite, numbers))):
        return f"overflow, {node.op.text.format(*shown)} = {number(value)}"
    if value == 0.0 and node.op.name not in {"add", "sub"}:
        return f"underflow, {node.op.text.format(*shown)} = 0"
    if node.op.name in {"add", "sub"}:
        return f"cancellation, {node.op.text.format(*shown)} = {number(value)}"
    return f"its argument's last digit moves it by more than its own, {node.op.text.format(*shown)} = {number(value)}"


def _forms(root: Node) -> dict[Node, str]:
    """What rules make of each node, or of a node that reads it, where what was typed is recorded with rules."""
    nodes = order(root)
    new: dict[Node, Node] = {
        leaf: Node(leaf._value, leaf._name) for leaf in nodes if leaf.op is INPUT and leaf._value is not None
    }
    Context().run(replay, nodes, new)  # with rules, also where the caller is inside as_typed()
    names = labels(new.get(root, root))
    typed_names = labels(root)
    found: dict[Node, str] = {}
    reads: dict[Node, list[Node]] = {}
    for node in nodes:
        twin = new.get(node, node)
        if twin.typed is not None and node.typed is None:
            names_here = labels(twin) | names
            text, why = f"write {_spelled_twin(twin, names_here, _has_name)}", twin_reason(twin, names_here, _has_name)
            found[node] = f"{text}: {why}" if why else text
        for arg in node.args:
            reads.setdefault(arg, []).append(node)
    better = {}
    for node in nodes:  # the best form is that of what reads it: log(1 − σ) as −softplus
        reader = _reader_with_form(node, reads, found)
        if reader is not None:
            better[node] = f"in {formula(reader, typed_names, _has_name)}, {found[reader]}"
    return found | better


def _reader_with_form(node: Node, reads: Mapping[Node, Sequence[Node]], found: Mapping[Node, str]) -> Node | None:
    """The nearest node above that a rule would compute in another way."""
    level, seen = list(reads.get(node, ())), {node}
    for _ in range(_FARTHEST):
        for reader in level:
            if reader in found:
                return reader
        seen.update(level)
        level = [above for reader in level for above in reads.get(reader, ()) if above not in seen]
    return None


def _spelled_twin(node: Node, names: Mapping[Node, str], is_boundary: Callable[[Node], bool]) -> str:
    return formula(node, names, is_boundary, twin=True)


# --- in words ------------------------------------------------------------------------------------------------------


def _text(found: Precision) -> str:
    head = ("", "in floats", "exact", "digits")
    losses = [*found.values.values()]
    shown = [(text_name(loss.name), loss) for loss in losses if loss.lost > _NOTHING or loss.name == found.root]
    shown += [(f"d{text_name(found.root)}/d{text_name(name)}", loss) for name, loss in found.gradients.items()]
    table = [head]
    for name, loss in shown:
        truth = ("?", "?") if math.isnan(loss.exact) else (number(loss.exact, 17), str(loss.digits))
        table.append((name, number(loss.value, 17), *truth))
    widths = [max(len(line[column]) for line in table) for column in range(4)]
    lines = ["  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]).rstrip() for line in table]
    blame = [str(culprit) for culprit in found.culprits]
    return "\n".join([*lines, "", *(blame or ["No operation loses digits."])])
