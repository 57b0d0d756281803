"""Reverse mode: one stream of chain-rule events, and what drains it.

``events`` walks the graph from the root down. ``backward`` drains it with floats, ``grad`` with Nodes (so a gradient is
a graph, and can be differentiated again). What a twin bypasses has the gradient of the graph as typed (bypass.py).
"""

from __future__ import annotations

import math
import weakref
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from . import ieee
from .bypass import Bypass, bypass_gradients, bypassed, gradient_by_cut
from .errors import GraphTypeError
from .graph import above, find, inputs, labels, order, refresh, settle, typed_form
from .lifting import is_function, lift, read
from .naming import bind, trace_inputs
from .node import Node, clock, constant
from .nonfinite import warn_nonfinite_gradient
from .ops import CONSTANT, INPUT
from .stream import Event, computed_events, name_rules, pull, typed_events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = [
    "Event", "Sweep", "adjoints", "backward", "events", "grad", "hessian", "jacobian",
    "targets", "value_and_grad", "vjp",
]  # fmt: skip


class Sweep(NamedTuple):
    """One backward pass, as the nodes remember it that it reached.

    Attributes:
        root: From which root.
        epoch: At which epoch.
        bypass: What answers for the nodes that twins bypass, as soon as somebody asks; None where there are none.
    """

    root: weakref.ref[Node]
    epoch: int
    bypass: Bypass | None = None


def events(
    root: Node,
    wrt: Sequence[Node] | None = None,
    *,
    as_nodes: bool = False,
    typed: bool = False,
    adjoints: dict[Node, Any] | None = None,
) -> Iterator[Event]:
    """The chain rule, step by step, from the root down.

    Args:
        root: What is differentiated.
        wrt: Only steps on a path to these nodes are made; every path to a non-constant if left out.
        as_nodes: Whether the numbers are Nodes (a gradient graph) or the floats at the present values.
        typed: Whether to go through the graph as it was typed, each step from the gradient that its node has, instead
            of as it is computed. Steps into a node add up to its gradient wherever they are finite and do not cancel.
        adjoints: Filled with ∂root/∂node for every node reached.

    Yields:
        Events, each after all that flow into its node. A node that nothing reaches yields none. As it is computed, the
        arguments are ``node.args``; as typed, those of :func:`compgraph.graph.typed_form`.

    >>> x = Node(3.0, "x")
    >>> [(event.index, event.partial, event.contribution) for event in events(x*x)]
    [(0, 3.0, 3.0), (1, 3.0, 3.0)]
    """
    if not typed:
        stream = computed_events(root, wrt, as_nodes=as_nodes, adjoints=adjoints)
        return stream if all(node.typed is None for node in order(root)) else name_rules(root, stream)
    reached = _adjoints(root, wrt, as_nodes=as_nodes)
    if adjoints is not None:
        adjoints |= reached
    return typed_events(root, wrt, reached, as_nodes=as_nodes)


def adjoints(
    root: Node, wrt: Sequence[Node] | None = None, *, as_nodes: bool = False, inner: bool = True
) -> dict[Node, Any]:
    """∂root/∂node for every node that the events reach, without touching ``.grad``.

    Args:
        root: What is differentiated.
        wrt: As for :func:`events`.
        as_nodes: Whether the answers are Nodes or the floats at the present values.
        inner: Whether nodes that a twin bypasses get the derivative of the graph as typed, cut at them; without, only
            the graph as it is computed counts.

    >>> x = Node(3.0, "x")
    >>> adjoints(x*x)[x]
    6.0
    """
    reached: dict[Node, Any] = {}
    nodes = order(root)
    if not inner or all(node.typed is None for node in nodes):
        _drain(computed_events(root, wrt, as_nodes=as_nodes, adjoints=reached))
        return reached
    everything = order(root, typed=True)
    if not as_nodes:
        refresh(*everything)
    reached[root] = 1.0
    _drain(pull(nodes, set(nodes), reached, as_nodes=as_nodes))
    relevant = above(nodes, wrt) | above(order(root, typed=True, twins=False), wrt, typed=True)
    if as_nodes:
        reached |= {node: gradient_by_cut(root, node) for node in bypassed(root) & relevant}
    else:
        reached |= bypass_gradients(root, {node: cast("float", node._value) for node in everything})
    return {node: adjoint for node, adjoint in reached.items() if node in relevant}


def _drain(stream: Iterator[Event]) -> None:
    for _ in stream:
        pass


_adjoints = adjoints  # where an argument has the name

# --- backward: floats ----------------------------------------------------------------------------------------------


def backward(root: Node, *, accumulate: bool = False) -> None:
    """Set ``.grad`` on every node below the root: :meth:`Node.backward`.

    :func:`events` without the events, in three tight loops (a test holds the two equal). Adjoints are summed in the
    gradients themselves. A pass that fails leaves the gradients below at None, "not computed", or, where it was to
    add to them, as they were. Nodes that twins bypass get theirs when one of them is read.
    """
    before = _sums_so_far(root) if accumulate else {}
    sweep = Sweep(weakref.ref(root), clock.now)
    leaves: list[Node] = []
    nodes: list[Node] = []
    rewritten: list[Node] = []
    try:
        _forward(root, sweep, nodes, leaves, rewritten)
        root._grad = 1.0
        _pull(nodes)
        if rewritten:
            _reach_typed(rewritten, sweep, nodes, leaves)
            owing = sweep._replace(bypass=Bypass(root, leaves, before))
            for node in nodes:  # not the leaves: they outlive the graph, and would keep it alive
                node._sweep = owing
    except BaseException:
        for node in order(root, typed=True):
            node._grad, node._sweep = before.get(node), None
        raise
    total = 0.0
    for node in leaves + nodes:
        gradient = node._grad
        if gradient is None:
            node._grad = 0.0  # nothing flowed here: the root does not depend on it
        else:
            total += gradient
    for node, sum_so_far in before.items():
        if sum_so_far is not None:
            node._grad = sum_so_far + (node._grad or 0.0)
    if not math.isfinite(total + (root._value or 0.0)):  # inf and nan survive a sum
        warn_nonfinite_gradient(root)


def _sums_so_far(root: Node) -> dict[Node, float | None]:
    nodes = order(root, typed=True)
    settle(nodes)
    return {node: node._grad for node in nodes}


def _reach_typed(rewritten: Sequence[Node], sweep: Sweep, nodes: list[Node], leaves: list[Node]) -> None:
    """Collect what only was typed, too, and clear its gradients."""
    stack = [arg for node in rewritten for arg in typed_form(node)[1]]
    while stack:
        node = stack.pop()
        if node._sweep is sweep:
            continue
        node._sweep, node._grad = sweep, None
        if node.args:
            nodes.append(node)
            stack += typed_form(node)[1]
        elif node._value is None:
            refresh(node)  # raises, and names the input
        elif node.op is INPUT:
            leaves.append(node)


def _forward(  # noqa: C901  # one tight loop
    root: Node, sweep: Sweep, nodes: list[Node], leaves: list[Node], rewritten: list[Node]
) -> None:
    """Collect the graph, arguments first, clear the gradients and refresh the stale values on the way."""
    now = clock.now
    stack: list[Any] = [root]  # None: all arguments of the node below it on the stack are done
    push, pop, emit, emit_leaf = stack.append, stack.pop, nodes.append, leaves.append
    while stack:
        node = pop()
        if node is None:
            node = pop()
            if node._stamp != now:
                args = node.args
                if len(args) == 2:
                    u, v = args
                    node._value = node.op.on_floats(u._value, v._value)
                else:
                    node._value = node.op.on_floats(*[arg._value for arg in args])
                node._stamp = now
            emit(node)
        elif node._sweep is not sweep:
            node._sweep = sweep
            node._grad = None
            args = node.args
            if args:
                push(node)
                push(None)
                if node.typed is not None:
                    rewritten.append(node)
                for arg in reversed(args):
                    if arg._sweep is not sweep:
                        push(arg)
            elif node._value is None:
                refresh(root)  # raises, and names the input
            elif node.op is not CONSTANT:
                emit_leaf(node)


def _pull(nodes: Sequence[Node]) -> None:
    """Add each node's contributions to the gradients of its arguments, the root first."""
    for node in reversed(nodes):
        upstream = node._grad
        if not upstream:  # absent or exactly 0: nothing flows, whatever the partials are
            continue
        op, args = node.op, node.args
        if op.swift:  # add, sub, mul: unrolled, for they are most of any graph
            (u, v), (p, q) = args, op.slopes
            to_u = upstream * (p if p.__class__ is float else args[p - 1]._value)
            to_v = upstream * (q if q.__class__ is float else args[q - 1]._value)
            u._grad = to_u if u._grad is None else u._grad + to_u
            v._grad = to_v if v._grad is None else v._grad + to_v
            continue
        values: tuple[Any, ...] = (node._value, *[arg._value for arg in args])
        for arg, function in zip(args, op.partials):  # noqa: B905  # strict=True costs 5 %
            if function is None or arg.op is CONSTANT:
                continue
            try:
                partial = function(*values)
            except (ArithmeticError, TypeError):
                partial = None
            if partial.__class__ is not float:  # it raised, or Python's ** went complex
                partial = ieee.call(function, *values)
            if partial == 0.0 and op.selects:
                continue
            contribution = upstream * partial
            arg._grad = contribution if arg._grad is None else arg._grad + contribution


# --- gradients as graphs -------------------------------------------------------------------------------------------


def grad(target: Any, wrt: Any = None, *, argnums: Any = None) -> Any:
    """The gradient as a graph; of a function, as a function.

    Args:
        target: A Node, or a Python function of numbers.
        wrt: For a Node: a Node or a name (the answer is a Node), a sequence of them (a tuple), or None for every input
            (a dict by name). For a function: the argument's position, or a sequence of positions; 0 if left out.
        argnums: For a function, the same under JAX's name.

    Returns:
        ∂target/∂wrt as Nodes. A node that the target does not depend on gets the constant 0. For a function: a function
        of the same arguments, which answers numbers for numbers and Nodes for Nodes, as ``jax.grad`` does.

    Raises:
        AmbiguousNameError: A name is to address a node and several nodes have it.
        UnknownNameError: No node has the name.

    >>> x = Node(3.0, "x")
    >>> grad(x**3, x).value, grad(grad(x**3, x), x).value
    (27.0, 18.0)
    >>> grad(lambda x: x**3)(3.0)
    27.0
    """
    if is_function(target):
        return lift(grad, target, wrt if argnums is None else argnums)
    _refuse_argnums(argnums)
    if isinstance(target, (tuple, list)):
        raise GraphTypeError(f"grad takes one output, not {len(target)}; use jacobian for several")
    nodes, shape = targets((target,), wrt)
    return shape(_gradients(target, nodes))


def value_and_grad(target: Any, wrt: Any = None, *, argnums: Any = None) -> Any:
    """(target, gradient), as in JAX; arguments and errors as for :func:`grad`.

    >>> value_and_grad(lambda x: x**3)(2.0)
    (8.0, 12.0)
    """
    if is_function(target):
        return lift(value_and_grad, target, wrt if argnums is None else argnums)
    _refuse_argnums(argnums)
    return target, grad(target, wrt)


def jacobian(target: Any, wrt: Any = None, *, argnums: Any = None) -> Any:
    """∂output/∂input for every pair: a row per output, as a tuple of rows; of a function, a function.

    Args:
        target: A sequence of Nodes (or one Node: one row); or a function that returns a tuple.
        wrt: As for :func:`grad`; the inputs of all outputs together where it is None.
        argnums: For a function, ``wrt`` under JAX's name.

    >>> x, y = Node(2.0, "x"), Node(5.0, "y")
    >>> [[entry.value for entry in row] for row in jacobian([x*y, x + y], [x, y])]
    [[5.0, 2.0], [1.0, 1.0]]
    """
    if is_function(target):
        return lift(jacobian, target, wrt if argnums is None else argnums)
    _refuse_argnums(argnums)
    if not isinstance(target, (tuple, list)):
        return grad(target, wrt)
    nodes, shape = targets(tuple(target), wrt)
    return tuple(shape(_gradients(row, nodes)) for row in target)


def hessian(target: Any, wrt: Any = None, *, argnums: Any = None) -> Any:
    """Second derivatives as graphs; of a function, a function.

    Args:
        target: A Node or a function of numbers.
        wrt: As for :func:`grad`. One node gives one Node, a sequence a tuple of tuples, None a dict of dicts.
        argnums: For a function, ``wrt`` under JAX's name.

    >>> x, y = Node(2.0, "x"), Node(5.0, "y")
    >>> [[entry.value for entry in row] for row in hessian(x*x*y, [x, y])]
    [[10.0, 4.0], [4.0, 0.0]]
    """
    if is_function(target):
        return lift(hessian, target, wrt if argnums is None else argnums)
    _refuse_argnums(argnums)
    nodes, shape = targets((target,), wrt)
    return shape([shape(_gradients(gradient, nodes)) for gradient in _gradients(target, nodes)])


def vjp(target: Any, *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Outputs, and the function that pulls cotangents of the outputs back to the primals (as ``jax.vjp``).

    Args:
        target: A function of numbers; or a Node or a sequence of Nodes.
        *primals: The function's arguments; or the Nodes to differentiate by.

    Returns:
        (outputs, pullback). ``pullback(cotangent)`` takes a number or a Node per output (a tuple of them where the
        target has several) and answers a tuple with Σ cotangent·∂output/∂primal for each primal.

    >>> out, pullback = vjp(lambda x, y: x*y, 2.0, 5.0)
    >>> out, pullback(10.0)
    (10.0, (50.0, 20.0))
    """
    outputs, parameters, values = target, list(primals), {}
    if is_function(target):
        outputs, parameters = trace_inputs(target)
        values = bind(target, parameters, primals, {})
    rows = outputs if isinstance(outputs, (tuple, list)) else (outputs,)
    matrix = read(jacobian(rows, parameters), values)

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        cotangents = cotangent if isinstance(cotangent, (tuple, list)) else (cotangent,)
        if len(cotangents) != len(rows):
            raise GraphTypeError(f"the pullback takes {len(rows)} cotangents, one per output, not {len(cotangents)}")
        return tuple(
            sum(weight * entry for weight, entry in zip(cotangents, column, strict=True))
            for column in zip(*matrix, strict=True)
        )

    return read(outputs, values), pullback


def _gradients(root: Node, nodes: Sequence[Node]) -> list[Node]:
    cut = bypassed(root) if any(node.args for node in nodes) else set()
    reached: dict[Node, Any] = {}
    _drain(computed_events(root, [node for node in nodes if node not in cut], as_nodes=True, adjoints=reached))
    reached |= {node: gradient_by_cut(root, node) for node in nodes if node in cut}
    return [as_node(reached.get(node, 0.0)) for node in nodes]


def as_node(number: Any) -> Node:
    """A Node as it is, a number as a constant."""
    return number if isinstance(number, Node) else constant(number)


def _refuse_argnums(argnums: Any) -> None:
    if argnums is not None:
        raise GraphTypeError("argnums numbers a function's arguments; of a Node, name the nodes: wrt=[w, b]")


def targets(roots: Sequence[Node], wrt: Any, called: str = "wrt") -> tuple[list[Node], Callable[[Sequence[Any]], Any]]:
    """The nodes to differentiate by, and what puts one answer per node into the shape of ``wrt``; errors call it so."""
    if wrt is None:
        nodes, names = inputs(*roots), labels(*roots)
        for node in nodes:
            if node.name:
                find(roots, node.name)  # raises where two inputs share the name
        return list(nodes), lambda answers: {names[node]: a for node, a in zip(nodes, answers, strict=True)}
    if isinstance(wrt, (Node, str)):
        return [_target(roots, wrt, called)], lambda answers: answers[0]
    if isinstance(wrt, (tuple, list)):
        return [_target(roots, entry, called) for entry in wrt], tuple
    kind = type(wrt).__name__
    raise GraphTypeError(f"{called} is a Node, a name, a sequence of them or None, not {wrt!r} (a {kind})")


def _target(roots: Sequence[Node], wrt: Any, called: str) -> Node:
    if isinstance(wrt, str):
        return find(roots, wrt)
    if not isinstance(wrt, Node):
        raise GraphTypeError(f"{called} names {wrt!r} (a {type(wrt).__name__}); give Nodes or their names")
    return wrt
