"""The syntax tree of a Python function object, and what the names in it stand for."""

from __future__ import annotations

import ast
import builtins
import linecache
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import DiagramError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FunctionType

__all__ = ["Definition", "TranslationError", "definition_of", "free_names", "uses_wide_integers"]

Definition: TypeAlias = ast.FunctionDef | ast.Lambda


class TranslationError(DiagramError):
    """A function that is written in Python alone: there is no way to write it in another language."""


def definition_of(function: FunctionType) -> Definition:
    """Where a function is defined, as a syntax tree.

    Raises:
        TranslationError: Its source is not there: typed at a prompt, compiled by exec.

    >>> type(definition_of(definition_of)).__name__
    'FunctionDef'
    """
    code = function.__code__
    tree = _tree(code.co_filename, function.__globals__)
    found = [] if tree is None else [node for node in _definitions(tree) if _is_definition(node, code)]
    if not found:
        raise TranslationError(f"the source of {function.__qualname__} is not there ({code.co_filename})")
    return min(found, key=_extent)


@cache
def _definitions(tree: ast.Module) -> list[Definition]:
    return [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.Lambda))]


def _is_definition(node: Definition, code: CodeType) -> bool:
    if isinstance(node, ast.FunctionDef):
        first = node.decorator_list[0] if node.decorator_list else node
        return node.name == code.co_name and first.lineno == code.co_firstlineno
    if code.co_name != "<lambda>" or not node.lineno <= code.co_firstlineno <= (node.end_lineno or 0):
        return False
    names = [arg.arg for arg in _arguments(node.args)]
    return names == list(code.co_varnames[: len(names)]) and all(_lies_in(node.body, place) for place in _places(code))


def _arguments(args: ast.arguments) -> list[ast.arg]:
    starred = [arg for arg in (args.vararg, args.kwarg) if arg is not None]
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *starred]


def _places(code: CodeType) -> Iterator[tuple[int, int, int, int]]:
    """Where the instructions of a function stand in its source, as (line, end line, column, end column)."""
    for line, end_line, column, end_column in code.co_positions():
        if None not in {line, end_line, column, end_column} and end_column:  # the start of a function has no extent
            yield line, end_line, column, end_column  # type: ignore[misc]


def _lies_in(node: ast.expr, place: tuple[int, int, int, int]) -> bool:
    line, end_line, column, end_column = place
    start, end = (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)
    return start <= (line, column) and (end_line, end_column) <= end


def _extent(node: ast.AST) -> tuple[int, int]:
    """Of two functions in which an instruction lies the inner one is the smaller."""
    lines = (getattr(node, "end_lineno", 0) or 0) - getattr(node, "lineno", 0)
    return lines, (getattr(node, "end_col_offset", 0) or 0) - getattr(node, "col_offset", 0)


@cache
def _tree_of(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


def _tree(filename: str, names: dict[str, Any]) -> ast.Module | None:
    lines = linecache.getlines(filename, names)
    return _tree_of("".join(lines)) if lines else None


def free_names(function: FunctionType) -> dict[str, Any]:
    """What the names that a function does not define itself stand for: closure, module, built-in names.

    >>> free_names(free_names)["builtins"].__name__
    'builtins'
    """
    names = {**vars(builtins), **function.__globals__}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            names[name] = cell.cell_contents
        except ValueError:  # not bound yet
            names.pop(name, None)
    return names


def uses_wide_integers(function: FunctionType) -> bool:
    """Whether the module of a function computes with integers beyond 2**53: it shifts them."""
    tree = _tree(function.__code__.co_filename, function.__globals__)
    return tree is not None and _shifts(tree)


@cache
def _shifts(tree: ast.Module) -> bool:
    return any(isinstance(node, (ast.LShift, ast.RShift)) for node in ast.walk(tree))
