"""The graph as explicit data: order, inputs, replacing, refreshing, structural equality, copying.

Every function is iterative; a chain of a million nodes is an ordinary graph.
"""

from __future__ import annotations

import math
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from .errors import (
    AmbiguousNameError,
    GraphTypeError,
    MissingValueError,
    UnknownNameError,
)
from .node import Node, clock, constant
from .ops import CONSTANT, INPUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .record import Op

__all__ = [
    "above", "changed_since_backward", "evaluate", "find", "gradient_root", "inputs", "labels",
    "number", "order", "peek", "present_values", "refresh", "replace", "replay", "same", "settle", "stale_gradients",
    "truth", "typed_form", "walk",
]  # fmt: skip

COMPARISONS = frozenset({"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"})


def order(*roots: Node, cut: Iterable[Node] = (), typed: bool = False, twins: bool = True) -> list[Node]:
    """All nodes of a graph, arguments before the nodes that use them, each once; the same in every run.

    Args:
        *roots: Nodes at the top.
        cut: Nodes at which to stop; neither they nor what only they use is listed.
        typed: Whether to list, too, what was typed where a node is computed by its twin.
        twins: Whether to list what the twins read; without, and with ``typed``, this is the graph as it was typed.

    Raises:
        GraphTypeError: A root is not a Node.

    >>> x = Node(2.0, "x")
    >>> [node.op.name for node in order(x*x + 1)]
    ['input', 'mul', 'constant', 'add']
    """
    for root in roots:
        if not isinstance(root, Node):
            raise GraphTypeError(
                f"the root of a graph is a Node, not {root!r} (a {type(root).__name__}); "
                "pass the Node itself, not its value"
            )
    args_of: Callable[[Node], tuple[Node, ...]] = attrgetter("args")
    if typed:
        args_of = _all_args if twins else _typed_args
    return walk(roots, args_of, set(cut))


def walk(roots: Iterable[Node], args_of: Callable[[Node], tuple[Node, ...]], seen: Any) -> list[Node]:
    """All nodes that are not in a set of nodes yet, arguments first; they are added to it."""
    found: list[Node] = []
    for root in roots:
        if root in seen:
            continue
        seen.add(root)
        path, pending = [root], [iter(args_of(root))]
        while path:
            for arg in pending[-1]:
                if arg not in seen:
                    seen.add(arg)
                    args = args_of(arg)
                    if args:
                        path.append(arg)
                        pending.append(iter(args))
                        break
                    found.append(arg)
            else:
                pending.pop()
                found.append(path.pop())
    return found


def _all_args(node: Node) -> tuple[Node, ...]:
    return node.args if node.typed is None else (*node.args, *node.typed[1])


def _typed_args(node: Node) -> tuple[Node, ...]:
    return node.args if node.typed is None else node.typed[1]


def typed_form(node: Node) -> tuple[Op, tuple[Node, ...]]:
    """The op and the arguments that were typed, whatever the node is computed by."""
    return node.typed or (node.op, node.args)


def inputs(*roots: Node) -> tuple[Node, ...]:
    """The inputs below the roots, in the order in which the formula names them.

    >>> x, w = Node(2.0, "x"), Node(3.0, "w")
    >>> inputs(w*x + w)
    (w = 3, x = 2)
    """
    return tuple(node for node in order(*roots, typed=True, twins=False) if node.op is INPUT)


def above(nodes: Sequence[Node], wrt: Sequence[Node] | None, *, typed: bool = False) -> set[Node]:
    """The nodes through which something flows to ``wrt`` (to any input, if None), in the graph computed or as typed."""
    targets = None if wrt is None else set(wrt)
    found: set[Node] = set()
    for node in nodes:
        hit = node.op is INPUT if targets is None else node in targets
        if hit or any(arg in found for arg in (_typed_args(node) if typed else node.args)):
            found.add(node)
    return found


# --- values --------------------------------------------------------------------------------------------------------


def refresh(*roots: Node) -> None:
    """Compute every stale value below the roots. Never warns.

    Raises:
        MissingValueError: An input below has no value yet; names it.
    """
    now = clock.now
    seen: set[Node] = set()
    for root in roots:
        if root._stamp == now and root._value is not None:
            continue
        path, pending = [root], [iter(root.args)]
        while path:
            for arg in pending[-1]:
                if arg.args:
                    if arg._stamp != now and arg not in seen:
                        seen.add(arg)
                        path.append(arg)
                        pending.append(iter(arg.args))
                        break
                elif arg._value is None:
                    raise _missing(roots, arg)
            else:
                pending.pop()
                node = path.pop()
                if node.args:
                    node._value = node.op.on_floats(*[arg._value for arg in node.args])
                    node._stamp = now
                elif node._value is None:
                    raise _missing(roots, node)


def _missing(roots: Sequence[Node], culprit: Node) -> MissingValueError:
    empty = [node for node in order(*roots) if node.op is INPUT and node._value is None]
    names = labels(*roots)
    listed = ", ".join(names[node] for node in empty[:5]) + (", …" if len(empty) > 5 else "")
    what = " and ".join(names[root] for root in roots[:3])
    return MissingValueError(
        f"{what} cannot be computed: no value yet for {listed}; write {names[culprit]}.value = …"
        if culprit.op is INPUT
        else f"{what} cannot be computed: {names[culprit]} has no value"
    )


def present_values(*roots: Node) -> dict[Node, float | None]:
    """Every node's present value, typed ones too, without warning; None where an input below has none."""
    values: dict[Node, float | None] = {}
    for node in order(*roots, typed=True):
        args = [values[arg] for arg in node.args]
        if args and node._stamp != clock.now and None not in args:
            node._value = node.op.on_floats(*args)
            node._stamp = clock.now
        values[node] = None if None in args else node._value
    return values


def peek(node: Node) -> float | None:
    """The node's present value without warning; None where an input below has none."""
    try:
        refresh(node)
    except MissingValueError:
        return None
    return node._value


def truth(node: Node) -> bool:
    """``if x > 0``: the truth of a comparison whose values are known.

    Raises:
        GraphTypeError: The node is not a comparison, or its values are not known (inside ``trace``).
    """
    if node.op.name not in COMPARISONS:
        raise GraphTypeError(
            f"a Node has no truth value ({node!r}); compare it, as in `if x > 0`, or use node.value. "
            "`and`, `or` and `not` cannot be recorded: nest where(…)"
        )
    value = peek(node)
    if value is None:
        raise GraphTypeError(
            f"`if` on {node!r}: its inputs have no value, as inside trace, so no branch can be taken; "
            "write where(condition, value_if_true, value_if_false), which records both"
        )
    return value != 0.0


# --- names ---------------------------------------------------------------------------------------------------------


def labels(*roots: Node) -> dict[Node, str]:
    """What every node is called in print: its name, a constant's number, or v1, v2, … counted from the leaves.

    Nodes are counted as they were typed; those of which only twins are made come after.

    >>> x = Node(2.0, "x")
    >>> list(labels(x*x + 1).values())
    ['x', 'v1', '1', 'v2']
    """
    nodes = order(*roots, typed=True)
    if any(node.typed for node in nodes):
        nodes = list(dict.fromkeys([*order(*roots, typed=True, twins=False), *nodes]))
    taken = {node.name for node in nodes if node.name}
    names: dict[Node, str] = {}
    count = 0
    for node in nodes:
        if node.name:
            names[node] = node.name
        elif node.op is CONSTANT:
            names[node] = "?" if node._value is None else number(node._value, 17)
        else:
            count += 1
            while f"v{count}" in taken:
                count += 1
            names[node] = f"v{count}"
    return names


def number(value: float, digits: int = 6) -> str:
    """A float for reading: so many significant digits, but never a whole number for one that is not.

    >>> number(-0.25), number(1/3, 4), number(1 - 1e-9, 4), number(0.1, 17), number(-0.0), number(math.inf)
    ('−0.25', '0.3333', '0.999999999', '0.1', '0', '∞')
    """
    if not math.isfinite(value):
        return "nan" if value != value else "∞" if value > 0 else "−∞"
    text = f"{value:.{digits}g}"
    while digits < 17 and float(text) != value and float(text).is_integer() and abs(value) < 1e15:
        digits += 1
        text = f"{value:.{digits}g}"
    if float(text) == value:
        text = repr(value).removesuffix(".0")
    return "0" if value == 0 else text.replace("-", "−")


def find(root: Node | Sequence[Node], name: str) -> Node:
    """The one node below the root that has this name.

    Raises:
        UnknownNameError: No node has it; lists those there are.
        AmbiguousNameError: Several have it; shows them.

    >>> x = Node(2.0, "x")
    >>> find(x*x, "x") is x
    True
    """
    nodes = order(*_roots(root), typed=True)
    found = [node for node in nodes if node.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        shown = " and ".join(f"[{node!r}]" for node in found[:2])
        raise AmbiguousNameError(f"{len(found)} nodes are named {name!r}: {shown}; rename one, or pass the Node itself")
    known = sorted({node.name for node in nodes if node.name})
    listed = ", ".join(known[:12]) + (", …" if len(known) > 12 else "") if known else "none has a name"
    raise UnknownNameError(f"no node is named {name!r}; the names here: {listed}")


def _roots(root: Node | Sequence[Node]) -> Sequence[Node]:
    return (root,) if isinstance(root, Node) or not isinstance(root, (list, tuple)) else root


# --- folds ---------------------------------------------------------------------------------------------------------


def replace(root: Node, substitutes: Mapping[Node, Any]) -> Node:
    """A graph like the root's with some nodes replaced; what does not depend on them is shared.

    Args:
        root: Root of the graph; it is not changed.
        substitutes: Node to Node, or to a plain number, which becomes a constant.

    Raises:
        GraphTypeError: A key is not a Node, or a substitute is neither Node nor number.

    >>> x, w = Node(2.0, "x"), Node(3.0, "w")
    >>> replace(w*x, {w: Node(5.0, "v")}).value
    10.0
    """
    new: dict[Node, Node] = {}
    for old, substitute in substitutes.items():
        if not isinstance(old, Node):
            raise GraphTypeError(f"replace takes Nodes as keys, not {old!r}; find(root, name) finds one by name")
        new[old] = substitute if isinstance(substitute, Node) else constant(substitute)
    replay(order(root, typed=True), new)
    return new.get(root, root)


def replay(nodes: Iterable[Node], new: dict[Node, Node]) -> None:
    """Record anew, as typed, those of some nodes, arguments first, that read a replaced one; they join the replaced."""
    for node in nodes:
        op, args = typed_form(node)  # rules are tried anew
        if node not in new and any(arg in new for arg in args):
            new[node] = op(*[new.get(arg, arg) for arg in args])
            new[node]._name = node._name


def evaluate(outputs: Sequence[Node], values: Mapping[Node, Any]) -> list[Any]:
    """The outputs' values where some nodes have other values than their own, in any number system.

    Args:
        outputs: Nodes.
        values: Node to float, NumPy array, mpmath or SymPy number, Dual, …; nodes above are computed with them by
            the ops themselves. What does not depend on them keeps its own value.

    Raises:
        MissingValueError: An input that the outputs need has no value, neither of its own nor in ``values``.

    >>> x = Node(name="x")
    >>> evaluate([x*x], {x: 3.0})
    [9.0]
    """
    known: dict[Node, Any] = dict(values)
    for node in order(*outputs, cut=known):
        if node.args:
            known[node] = node.op(*[known[arg] for arg in node.args])
        elif node._value is None:
            raise _missing(tuple(outputs), node)
        else:
            known[node] = node._value
    return [known[node] for node in outputs]


def same(a: Node, b: Node) -> bool:
    """Whether two graphs have the same structure: ops, order of arguments, sharing, constants, input by input.

    Inputs correspond if they are one node, or have the same name, or neither has one; other names, and values, do not
    count. (:func:`compgraph.rewrite.same_expression` asks less: it looks at the unfolded expression over one set of
    inputs, shared or not.)

    >>> x = Node(2.0, "x")
    >>> same(x*x + 1, x*x + 1), same(x*x, x + x)
    (True, False)
    """
    left, right = order(a), order(b)
    if len(left) != len(right):
        return False
    partner: dict[Node, Node] = {}
    for one, other in zip(left, right, strict=True):
        if one.op is not other.op or len(one.args) != len(other.args):
            return False
        if one.op is INPUT and one is not other and one._name != other._name:
            return False
        if one.op is CONSTANT and repr(one._value) != repr(other._value):
            return False
        if any(partner[x] is not y for x, y in zip(one.args, other.args, strict=True)):
            return False
        partner[one] = other
    return True


def settle(nodes: Iterable[Node]) -> None:
    """Compute the gradients of those of some nodes that wait to be asked for, before others read the bare numbers."""
    for node in nodes:
        sweep = node._sweep
        if sweep is not None and sweep.bypass is not None:
            sweep.bypass.settle()


def changed_since_backward(node: Node) -> list[Node]:
    """The inputs that were set after the backward pass that made this node's gradient."""
    sweep = node._sweep
    if sweep is None or sweep.epoch == clock.now:
        return []
    root = sweep.root()
    return [leaf for leaf in inputs(node if root is None else root) if leaf._stamp > sweep.epoch]


def stale_gradients(nodes: Sequence[Node]) -> set[Node]:
    """Those of some nodes whose gradient was made before an input changed."""
    verdicts: dict[int, bool] = {}
    for node in nodes:
        sweep = node._sweep
        if sweep is not None and id(sweep) not in verdicts:
            root = sweep.root()
            leaves = inputs(root) if root is not None else [leaf for leaf in nodes if leaf.op is INPUT]
            verdicts[id(sweep)] = any(leaf._stamp > sweep.epoch for leaf in leaves)
    return {node for node in nodes if node._sweep is not None and verdicts[id(node._sweep)]}


def gradient_root(node: Node) -> Node | None:
    """The node whose backward pass made this node's gradient; None where none did, as in a copy or a loaded graph."""
    return None if node._sweep is None else node._sweep.root()
