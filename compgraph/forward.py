"""Forward mode through dual numbers: the same partials, pushed from the inputs to the root.

References: Griewank & Walther, Evaluating Derivatives, 2nd ed., ch. 3.1; Pearlmutter (1994) for ``hvp``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .arith import to_float
from .bypass import bypassed
from .errors import GraphTypeError
from .graph import evaluate, order, replay
from .lifting import as_batch, is_function, read, with_closure
from .naming import as_argument, bind, trace_inputs
from .node import Node
from .ops import Operators, flow
from .reverse import as_node, grad, targets

if TYPE_CHECKING:
    from collections.abc import Callable

    from .record import Op

__all__ = ["Dual", "hvp", "jvp"]


class Dual(Operators):
    """A number with a tangent: value + tangent·ε, ε² = 0.

    Args:
        value: Float, Node, NumPy array, mpmath or SymPy number, or another Dual.
        tangent: Its derivative along the direction, of the same kind; None where it does not move.

    >>> y = Dual(3.0, 1.0)**2
    >>> y.value, y.tangent
    (9.0, 6.0)
    """

    __slots__ = ("tangent", "value")

    def __init__(self, value: Any, tangent: Any = None) -> None:
        self.value, self.tangent = value, tangent

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Dual:
        values = [arg.value if isinstance(arg, Dual) else arg for arg in args]
        tangents = [arg.tangent if isinstance(arg, Dual) else None for arg in args]
        output = op(*values)
        return Dual(output, push(op, output, values, tangents))

    def __bool__(self) -> bool:
        return bool(self.value)

    def __repr__(self) -> str:
        return f"Dual({self.value!r}, {self.tangent!r})"


def push(op: Op, output: Any, values: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """Σ partial·tangent over the arguments that move; None where none does."""
    total = None
    for index, (function, tangent) in enumerate(zip(op.partials, tangents, strict=True)):
        if function is None or tangent is None:
            continue
        part = flow(op, tangent, op.partial(index, output, values))
        total = part if total is None else total + part
    return total


def jvp(target: Any, primals: Any, tangents: Any = None) -> tuple[Any, Any]:
    """The target and its derivative along a direction: forward mode.

    Args:
        target: A Node or a sequence of Nodes; or a function of numbers.
        primals: For Nodes: {node: tangent}, the direction. For a function: a sequence of its arguments.
        tangents: For a function: a sequence with one tangent per argument.

    Returns:
        (target, Σ ∂target/∂node·tangent), for Nodes as Nodes; a tuple of each where the target has several outputs.

    >>> x, y = Node(2.0, "x"), Node(5.0, "y")
    >>> jvp(x*y, {x: 1.0})[1].value
    5.0
    >>> jvp(lambda x, y: x*y, (2.0, 5.0), (1.0, 0.0))
    (10.0, 5.0)
    """
    if is_function(target):
        return _jvp_of_function(target, primals, tangents)
    if not isinstance(primals, Mapping) or tangents is not None:
        raise GraphTypeError("jvp of Nodes takes one mapping {node: tangent}; primals and tangents are for functions")
    roots = tuple(target) if isinstance(target, (tuple, list)) else (target,)
    moving: dict[Node, Any] = {}
    for node, tangent in primals.items():
        if not isinstance(node, Node):
            raise GraphTypeError(f"jvp takes Nodes as keys, not {node!r}; find(root, name) finds one by name")
        moving[node] = tangent if isinstance(tangent, Node) else to_float(tangent)
    inner = [node for node in moving if node.args]
    cut = bypassed(*roots) if inner else set()
    back = {Node(name=node.name): node for node in inner if node in cut}
    answers = _push_all(roots, moving, back)
    return target, answers if isinstance(target, (tuple, list)) else answers[0]


def _push_all(roots: Sequence[Node], moving: Mapping[Node, Any], back: Mapping[Node, Node]) -> tuple[Node, ...]:
    """The roots' tangents, where ``back`` has an input for each node that has a tangent and that a twin bypasses.

    With the input in the node's place no rule looks through it; in the answers the node is put back.
    """
    cut = {node: stand_in for stand_in, node in back.items()}
    replay(order(*roots, typed=True) if cut else (), cut)
    tangents = {cut.get(node, node): tangent for node, tangent in moving.items()}
    tops = [cut.get(root, root) for root in roots]
    for node in order(*tops):
        if node not in tangents and any(arg in tangents for arg in node.args):
            tangent = push(node.op, node, node.args, [tangents.get(arg) for arg in node.args])
            if tangent is not None:
                tangents[node] = tangent
    answers = [as_node(tangents.get(top, 0.0)) for top in tops]
    restored = dict(back)
    replay(order(*answers, typed=True) if restored else (), restored)
    return tuple(restored.get(answer, answer) for answer in answers)


def _jvp_of_function(function: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise GraphTypeError("jvp of a function takes two sequences: jvp(f, (x, y), (dx, dy))")
    if len(primals) != len(tangents):
        raise GraphTypeError(f"jvp got {len(primals)} primals and {len(tangents)} tangents; give one tangent each")
    root, parameters = trace_inputs(function)
    bound = bind(function, parameters, primals, {})
    directions = dict(zip(parameters, map(as_argument, tangents), strict=False))
    outputs = root if isinstance(root, tuple) else (root,)
    moving = {node: Dual(value, directions.get(node)) for node, value in bound.items()}
    duals = evaluate(outputs, with_closure(outputs, moving))
    values = as_batch([dual.value if isinstance(dual, Dual) else dual for dual in duals], bound)
    slopes = [dual.tangent if isinstance(dual, Dual) and dual.tangent is not None else 0.0 for dual in duals]
    changes = as_batch(slopes, bound)
    return (tuple(values), tuple(changes)) if isinstance(root, tuple) else (values[0], changes[0])


def hvp(target: Any, wrt: Any, v: Sequence[Any]) -> tuple[Any, ...]:
    """Hessian times a vector, forward over reverse: no Hessian is formed.

    Args:
        target: A Node, or a function of numbers.
        wrt: A sequence of Nodes or names; for a function, a sequence of its arguments.
        v: One number or Node per entry of ``wrt``.

    Returns:
        A tuple with Σ_j ∂²target/∂wrt_i∂wrt_j·v_j for each i.

    >>> x, y = Node(2.0, "x"), Node(5.0, "y")
    >>> [entry.value for entry in hvp(x*x*y, [x, y], [1.0, 0.0])]
    [10.0, 4.0]
    """
    if not isinstance(wrt, (tuple, list)) or not isinstance(v, (tuple, list)):
        raise GraphTypeError("hvp takes two sequences: hvp(L, [w, b], [1.0, 0.0])")
    if len(wrt) != len(v):
        raise GraphTypeError(f"hvp got {len(wrt)} variables and a vector of {len(v)}; give one entry each")
    if is_function(target):
        root, parameters = trace_inputs(target)
        values = bind(target, parameters, wrt, {})
        answers: tuple[Any, ...] = read(hvp(root, parameters[: len(v)], [to_float(entry) for entry in v]), values)
        return answers
    nodes, _ = targets((target,), list(wrt))
    return tuple(jvp(grad(target, nodes), dict(zip(nodes, v, strict=True)))[1])
