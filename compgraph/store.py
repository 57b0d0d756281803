"""Versioned JSON for graphs, in files written whole or not at all.

Loading runs nothing: a file is data, each op is looked up by name, and every entry is checked before a node is made.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import GraphTypeError, StoreError, UnknownNameError
from .graph import order, present_values, stale_gradients
from .node import Node, build, constant
from .ops import CONSTANT, INPUT
from .record import op_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .record import Op

__all__ = ["dumps", "load", "loads", "save", "write_file"]

_FORMAT, _VERSION = "compgraph", 1
_NOT_FINITE = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}


# --- files ---------------------------------------------------------------------------------------------------------


def write_file(path: str | os.PathLike[str], data: bytes | str) -> Path:
    """Write a file under a temporary name and move it into place, so that it is never half there.

    Args:
        path: Where to; the folder must exist.
        data: Bytes, or text that is written as UTF-8.

    Raises:
        OSError: The folder is missing or not writable.
    """
    target = Path(path)
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        error.filename = str(target)  # not the temporary name, of which the user knows nothing
        raise
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)
        Path(temporary).replace(target)
    except BaseException as error:
        Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is not None:  # of the temporary name the user knows nothing
            raise OSError(error.errno, error.strerror, str(target)) from None
        raise
    return target


# --- saving --------------------------------------------------------------------------------------------------------


def save(root: Node | Sequence[Node] | Mapping[str, Node], path: str | os.PathLike[str]) -> Path:
    """Write a graph as JSON: ops, names, values and gradients.

    A gradient from before an input changed is left out: a file holds what belongs together.

    Args:
        root: A Node, or a sequence or a dict of Nodes that may share parts; they still share them when loaded.
        path: The file; written under a temporary name and moved.

    Returns:
        The path.

    Raises:
        GraphTypeError: The root is something else.
        OSError: The folder is missing or not writable.

    >>> import tempfile
    >>> x = Node(2.0, "x")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load(save((x*x).named("y"), folder + "/graph.json"))
    y = x·x = 4
    """
    return write_file(path, dumps(root))


def dumps(root: Node | Sequence[Node] | Mapping[str, Node]) -> str:
    """A graph as JSON text; see :func:`save`."""
    outputs: Any
    if isinstance(root, Node):
        roots: list[Node] = [root]
    elif isinstance(root, dict):
        roots = list(root.values())
        for key in root:
            if not isinstance(key, str):
                raise GraphTypeError(f"save: the keys of a dict are str, not {key!r} (a {type(key).__name__})")
    elif isinstance(root, (list, tuple)):
        roots = list(root)
    else:
        raise GraphTypeError(f"save takes a Node, or a sequence or a dict of Nodes, not {root!r}")
    nodes = order(*roots, typed=True)
    values, stale = present_values(*nodes), stale_gradients(nodes)
    place = {node: index for index, node in enumerate(nodes)}
    if isinstance(root, Node):
        outputs = place[root]
    elif isinstance(root, dict):
        outputs = {key: place[node] for key, node in root.items()}
    else:
        outputs = [place[node] for node in roots]
    entries = [_entry(node, place, values[node], None if node in stale else node.grad) for node in nodes]
    lines = ",\n  ".join(json.dumps(entry, ensure_ascii=False, allow_nan=False) for entry in entries)
    head = json.dumps({"format": _FORMAT, "version": _VERSION, "outputs": outputs}, ensure_ascii=False)
    return f'{head[:-1]}, "nodes": [\n  {lines}\n]}}\n'


def _entry(node: Node, place: Mapping[Node, int], value: float | None, grad: float | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"op": node.op.name}
    if node.args:
        entry["args"] = [place[arg] for arg in node.args]
    if node.name is not None:
        entry["name"] = node.name
    if node.typed is not None:
        entry["typed"] = {"op": node.typed[0].name, "args": [place[arg] for arg in node.typed[1]]}
    for key, number in (("value", value), ("grad", grad)):
        if number is not None:
            entry[key] = number if math.isfinite(number) else f"{number:g}"
    return entry


# --- loading -------------------------------------------------------------------------------------------------------


def load(path: str | os.PathLike[str]) -> Any:
    """Read a graph that :func:`save` wrote; also one from an untrusted source.

    Returns:
        What was saved: a Node, a tuple of Nodes or a dict of Nodes. Computed values are computed anew.

    Raises:
        StoreError: The file is not such a graph; says which entry is wrong and why.
        OSError: The file cannot be read.

    >>> import tempfile
    >>> x = Node(2.0, "x")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save({"y": x*x, "x": x}, folder + "/graph.json")
    ...     load(path)
    {'y': x·x = 4, 'x': x = 2}
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise StoreError(f"{path}: not UTF-8 text (byte {error.start}); this is no file that save() wrote") from None
    return loads(text, source=str(path))


def loads(text: str, source: str = "text") -> Any:
    """A graph from JSON text; see :func:`load`.

    >>> try:
    ...     loads('{"format": "compgraph", "version": 1, "outputs": 0, "nodes": [{"op": "sigmoyd"}]}')
    ... except StoreError as error:
    ...     print(error)
    text: nodes[0].op: no op is named 'sigmoyd'; did you mean 'sigmoid'? Declare your own with compgraph.op
    """
    try:
        data = json.loads(text, parse_constant=_refuse_literal)
    except json.JSONDecodeError as error:
        raise StoreError(f"{source}: not JSON (line {error.lineno}, column {error.colno}: {error.msg})") from None
    except RecursionError:
        raise StoreError(f"{source}: not JSON that save() wrote (nested too deeply)") from None
    except ValueError as error:  # NaN and its like, and integers of thousands of digits
        raise StoreError(f"{source}: not JSON ({error})") from None
    if not isinstance(data, dict) or data.get("format") != _FORMAT:
        raise StoreError(f'{source}: no "format": "{_FORMAT}" at the top; this is no file that save() wrote')
    if type(data.get("version")) is not int or data["version"] != _VERSION:
        raise StoreError(f"{source}: version {data.get('version')!r}; this compgraph reads version {_VERSION}")
    entries = data.get("nodes")
    if not isinstance(entries, list):
        raise StoreError(f"{source}: nodes: a list is wanted")
    unknown = sorted(set(data) - {"format", "version", "outputs", "nodes"})
    if unknown:
        raise StoreError(f"{source}: {unknown[0]}: no such field")
    nodes: list[Node] = []
    for index, entry in enumerate(entries):
        try:
            nodes.append(_node(entry, nodes))
        except (StoreError, UnknownNameError, GraphTypeError) as error:
            raise StoreError(f"{source}: nodes[{index}]{error}") from None
    return _outputs(data.get("outputs"), nodes, source)


def _refuse_literal(literal: str) -> float:
    raise StoreError(f'{literal} is no JSON; write "{literal.replace("Infinity", "inf").lower()}"')


def _node(entry: Any, nodes: Sequence[Node]) -> Node:
    if not isinstance(entry, dict):
        raise StoreError(f": an object is wanted, not {entry!r:.40}")
    unknown = sorted(set(entry) - {"op", "args", "name", "value", "grad", "typed"})
    if unknown:
        raise StoreError(f".{unknown[0]}: no such field")
    op = _op(entry)
    args = _arguments(entry, op, nodes)
    value, name = _number(entry, "value"), entry.get("name")
    if name is not None and not (isinstance(name, str) and name):
        raise StoreError(f".name: a non-empty text is wanted, not {name!r:.40}")
    if not op.arity and "typed" in entry:
        raise StoreError(f".typed: {op.name} is not computed from anything")
    if op is CONSTANT and value is None:
        raise StoreError(".value: a constant needs one")
    if op is INPUT:
        node = Node(value)
    elif op is CONSTANT:
        node = constant(value)
    else:
        node = build(op, args)
        node.typed = _typed(entry, nodes)
    node.name, node._grad = name, _number(entry, "grad")
    return node


def _typed(entry: Mapping[str, Any], nodes: Sequence[Node]) -> tuple[Op, tuple[Node, ...]] | None:
    typed = entry.get("typed")
    if typed is None:
        return None
    if not isinstance(typed, dict):
        raise StoreError(f".typed: an object with op and args is wanted, not {typed!r:.40}")
    try:
        op = _op(typed)
        return op, _arguments(typed, op, nodes)
    except StoreError as error:
        raise StoreError(f".typed{error}") from None


def _op(entry: Mapping[str, Any]) -> Op:
    name = entry.get("op")
    if not isinstance(name, str):
        raise StoreError(".op: the name of an op is wanted")
    try:
        return op_named(name)
    except UnknownNameError as error:
        raise StoreError(f".op: {error}") from None


def _arguments(entry: Mapping[str, Any], op: Op, nodes: Sequence[Node]) -> tuple[Node, ...]:
    args = entry.get("args", [])
    if not isinstance(args, list) or len(args) != op.arity:
        raise StoreError(f".args: a list of {op.arity} is wanted, the arguments of {op.name}")
    for position, arg in enumerate(args):
        if type(arg) is not int or not 0 <= arg < len(nodes):
            raise StoreError(f".args[{position}]: the number of an earlier entry is wanted, not {arg!r:.40}")
    return tuple(nodes[arg] for arg in args)


def _number(entry: Mapping[str, Any], key: str) -> float | None:
    value = entry.get(key)
    if value is None:
        return None
    if isinstance(value, str) and value in _NOT_FINITE:
        return _NOT_FINITE[value]
    if type(value) not in {int, float}:
        raise StoreError(f'.{key}: a number is wanted, or "inf", "-inf", "nan"; not {value!r:.40}')
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if math.isinf(number):
        raise StoreError(f'.{key}: beyond the range of floats; if infinity is meant, write "inf" or "-inf"')
    return number


def _outputs(outputs: Any, nodes: Sequence[Node], source: str) -> Any:
    def pick(index: Any) -> Node:
        if type(index) is not int or not 0 <= index < len(nodes):
            raise StoreError(f"{source}: outputs: the number of an entry is wanted, not {index!r:.40}")
        return nodes[index]

    if isinstance(outputs, list):
        return tuple(pick(index) for index in outputs)
    if isinstance(outputs, dict):
        return {key: pick(index) for key, index in outputs.items()}
    return pick(outputs)
