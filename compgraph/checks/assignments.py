"""Where in the user's own program a node was typed: found when it is asked, so that recording costs nothing.

The functions that are running know their variables; their source says where the variable that holds the node was
assigned. Best effort: a node in a list, or of a function that has returned, is found by a node that reads it, or not.
"""

from __future__ import annotations

import ast
import linecache
from typing import TYPE_CHECKING, Any

from ..errors import is_inside, user_frame
from ..node import Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import FrameType

__all__ = ["line_of"]

_Bound = tuple["FrameType", str, "Mapping[str, Any]"]
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def line_of(nodes: Iterable[Node]) -> str:
    """The line that assigned the first of some nodes that a variable holds: "file:line: source".

    The line that asked, where there is none.
    """
    bound = _variables()
    for node in nodes:
        for frame, variable, namespace in bound.get(node, ()):
            found = _assignment(frame, variable, namespace)
            if found:
                return found
    asking = user_frame()
    return "" if asking is None else _shown(asking.f_code.co_filename, asking.f_lineno, asking.f_globals)


def _variables() -> dict[Node, list[_Bound]]:
    """Which variables of the running functions, innermost first, and of their modules hold which nodes."""
    found: dict[Node, list[_Bound]] = {}
    seen: set[int] = set()
    frame = user_frame()
    while frame is not None:
        for namespace in () if is_inside(frame.f_code) else (frame.f_locals, frame.f_globals):
            if namespace is frame.f_globals and id(namespace) in seen:
                continue
            seen.add(id(namespace))
            for variable, value in list(namespace.items()):
                if isinstance(value, Node):
                    found.setdefault(value, []).append((frame, variable, namespace))
        frame = frame.f_back
    return found


def _assignment(frame: FrameType, variable: str, namespace: Mapping[str, Any]) -> str:
    """The last assignment to a variable before the line at which a function stands, or else its first."""
    is_global = namespace is frame.f_globals
    for filename in _files(frame, everywhere=is_global):
        scope = _scope(filename, frame, everywhere=is_global)
        lines = [] if scope is None else sorted(set(_assigned(scope, variable)))
        if lines:
            here = filename == frame.f_code.co_filename and (not is_global or frame.f_locals is frame.f_globals)
            before = [line for line in lines if line <= frame.f_lineno] if here else lines
            return _shown(filename, (before or lines[:1])[-1], frame.f_globals)
    return ""


def _files(frame: FrameType, *, everywhere: bool) -> Iterator[str]:
    """The function's file; for a variable of a notebook, whose cells are no files, the other cells, newest first."""
    yield frame.f_code.co_filename
    if everywhere:
        for filename, entry in reversed(list(linecache.cache.items())):
            if len(entry) == 4 and entry[1] is None and filename != frame.f_code.co_filename:
                yield filename


def _scope(filename: str, frame: FrameType, *, everywhere: bool) -> ast.AST | None:
    """The syntax tree of a module, or of the function in it that a frame runs."""
    try:
        tree = ast.parse("".join(linecache.getlines(filename, frame.f_globals)))
    except (SyntaxError, ValueError):
        return None
    if everywhere:
        return tree
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == frame.f_code.co_name:
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if first == frame.f_code.co_firstlineno:
                return node
    return None


def _assigned(scope: ast.AST, variable: str) -> Iterator[int]:
    """The lines of a scope that assign a variable; functions inside of it have variables of their own."""
    stack = list(ast.iter_child_nodes(scope))
    while stack:
        node = stack.pop()
        if isinstance(node, _SCOPES):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == variable:
            yield node.lineno
        stack += ast.iter_child_nodes(node)


def _shown(filename: str, line: int, module: dict[str, Any]) -> str:
    source = linecache.getline(filename, line, module).strip()
    return f"{filename}:{line}: {source}" if source else f"{filename}:{line}"
