"""Names from the user's own variables: ``with names()``, ``trace(function)``, and after each notebook cell."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .arith import to_float
from .errors import GraphTypeError, is_inside, user_frame
from .node import Node, constant

if TYPE_CHECKING:
    import inspect
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import CodeType, FrameType

__all__ = ["bind", "name_bindings", "names", "trace", "trace_inputs"]


def name_bindings(namespace: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Name each unnamed Node after the first variable that was bound to it since ``before``, an earlier copy.

    Args:
        namespace: Variables and what they are bound to.
        before: What they were bound to earlier. The objects, not their ids: the id of a freed one is used again.
    """
    for variable, node in list(namespace.items()):
        is_new = isinstance(node, Node) and before.get(variable) is not node
        if is_new and node.name is None and node.op.name != "constant" and not variable.startswith("_"):
            node.name = variable


class names:  # noqa: N801  # reads as a statement: with names():
    """Name the Nodes bound to variables inside the block after these variables.

    A node that has a name keeps it; of two variables for one node the first counts; what a variable is bound to at the
    end of the block counts. The caller is found by its module, not by counting frames.

    >>> w, x = Node(0.5, "w"), Node(2.0, "x")
    >>> with names():
    ...     z = w*x
    >>> z.name
    'z'
    """

    def __enter__(self) -> None:
        frame = user_frame()
        self._before = dict(frame.f_locals) if frame is not None else {}

    def __exit__(self, *_: object) -> None:
        frame = user_frame()
        if frame is not None:
            name_bindings(frame.f_locals, self._before)


def trace(function: Callable[..., Any]) -> Node | tuple[Node, ...]:
    """The graph of a function: its parameters become inputs, its local variables name the nodes inside.

    Args:
        function: Takes numbers and returns a number, or a tuple of them; is called once. A parameter with a default
            becomes an input with that value, the others have none yet.

    Returns:
        The root Node, or a tuple of Nodes if the function returns a tuple.

    Raises:
        GraphTypeError: The function takes ``*args`` or ``**kwargs``, branches on a value (write ``where``), leaves the
            graph (``math.exp``), or returns something else than numbers.

    >>> def loss(w, x):
    ...     z = w*x
    ...     return z*z
    >>> trace(loss).args[0]
    z = w·x = ?
    """
    root: Node | tuple[Node, ...] = trace_inputs(function)[0]
    return root


def trace_inputs(function: Callable[..., Any]) -> tuple[Any, list[Node]]:
    """The traced root (or tuple of roots) and the inputs, one per parameter, in their order."""
    if not callable(function):
        raise GraphTypeError(f"trace takes a function, not {function!r} (a {type(function).__name__})")
    parameters = _parameters(function)
    made = []
    for parameter in parameters:
        default = parameter.default
        try:
            made.append(Node(None if default is parameter.empty else default, parameter.name))
        except GraphTypeError as error:
            raise GraphTypeError(f"{_title(function)}, default of {parameter.name}: {error}") from None
    positional = [n for n, p in zip(made, parameters, strict=True) if p.kind is not p.KEYWORD_ONLY]
    by_name = {p.name: n for n, p in zip(made, parameters, strict=True) if p.kind is p.KEYWORD_ONLY}
    with _local_names(_code_of(function)):
        result = function(*positional, **by_name)
    if isinstance(result, (tuple, list)):
        return tuple(_as_root(function, entry) for entry in result), made
    return _as_root(function, result), made


def bind(
    function: Callable[..., Any], inputs: Sequence[Node], args: Sequence[Any], keywords: Mapping[str, Any]
) -> dict[Node, Any]:
    """Which traced input gets which argument of a call.

    Raises:
        GraphTypeError: The arguments do not fit the function's signature.
    """
    import inspect  # here: it takes a tenth of the package's import time

    try:
        bound = inspect.signature(function).bind(*args, **keywords)
    except TypeError as error:
        raise GraphTypeError(f"{_title(function)}: {error}") from None
    bound.apply_defaults()
    values = {}
    for parameter, node in zip(_parameters(function), inputs, strict=True):
        try:
            values[node] = as_argument(bound.arguments[parameter.name])
        except GraphTypeError as error:
            raise GraphTypeError(f"{_title(function)}, argument {parameter.name}: {error}") from None
    return values


def as_argument(value: Any) -> Any:
    """What stands for an input: a float for plain numbers; arrays, Nodes and other numbers as they are.

    Raises:
        GraphTypeError: It is no number of any kind.
    """
    plain = isinstance(value, (int, str, bytes, list, tuple, dict, set, type(None)))
    return to_float(value) if plain else value


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    import inspect

    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        raise GraphTypeError(f"{_title(function)} has no readable signature; wrap it: lambda x: f(x)") from None
    for parameter in parameters:
        if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
            raise GraphTypeError(
                f"{_title(function)} takes *{parameter.name}: each input needs a name; "
                "write the parameters out, or wrap it: lambda x1, x2: f(x1, x2)"
            )
    return parameters


def _as_root(function: Callable[..., Any], result: Any) -> Node:
    if isinstance(result, Node):
        return result
    if result is None:
        raise GraphTypeError(f"{_title(function)} returned None; does it lack a return?")
    try:
        return constant(result)
    except GraphTypeError as error:
        raise GraphTypeError(f"{_title(function)} returned {error}") from None


def _title(function: Callable[..., Any]) -> str:
    return f"{getattr(function, '__name__', type(function).__name__)}()"


def _code_of(function: Callable[..., Any]) -> CodeType | None:
    """The code whose local variables give the names; None for what is not written in Python, or is the package's."""
    import inspect

    plain = inspect.unwrap(function)
    plain = getattr(plain, "func", plain)  # functools.partial
    method = vars(type(plain)).get("__call__")
    code = getattr(plain, "__code__", None) or getattr(method, "__code__", None)
    return None if code is None or is_inside(code) else code


@contextmanager
def _local_names(code: CodeType | None) -> Iterator[None]:
    """Name nodes after the local variables that ``code`` has when it returns.

    Only the profile hook sees them; where a profiler runs already, it is left alone and inner names are skipped.
    """
    if code is None or sys.getprofile() is not None:
        yield
        return

    def on_return(frame: FrameType, event: str, _: Any) -> None:
        if event == "return" and frame.f_code is code:
            name_bindings(frame.f_locals, {})

    sys.setprofile(on_return)
    try:
        yield
    finally:
        sys.setprofile(None)
