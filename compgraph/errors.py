"""Exceptions and warnings: what happened, where, and what to write instead.

First module of the package's import order; it knows no other.
"""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import CodeType, FrameType

__all__ = [
    "AmbiguousNameError",
    "CompgraphError",
    "DiagramError",
    "GraphTypeError",
    "GraphValueError",
    "MissingValueError",
    "NonFiniteWarning",
    "NotInstalledError",
    "ParseError",
    "StoreError",
    "UnknownNameError",
    "is_inside",
    "user_frame",
    "warn",
]

_PACKAGE = __file__.removesuffix("errors.py")


class CompgraphError(Exception):
    """Base of every exception that the package raises on purpose.

    The user's own line is added as a note when the error is raised, so a traceback ends with it.

    >>> try:
    ...     raise CompgraphError("what happened; what to write instead")
    ... except CompgraphError as error:
    ...     print(error)
    what happened; what to write instead
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        frame = user_frame()
        if frame is not None:
            self.add_note(f"your line: {frame.f_code.co_filename}:{frame.f_lineno}")

    def __str__(self) -> str:
        return self.message


class GraphTypeError(CompgraphError, TypeError):
    """A value of a type that cannot be part of a scalar graph."""


class GraphValueError(CompgraphError, ValueError):
    """An argument of the right type that makes no sense here."""


class MissingValueError(CompgraphError, ValueError):
    """A value was asked for, and an input below it has none yet."""


class UnknownNameError(CompgraphError, LookupError):
    """No node, op or file entry has this name."""


class AmbiguousNameError(CompgraphError, LookupError):
    """Several nodes have the name that was to address one of them."""


class ParseError(CompgraphError, ValueError):
    """Program text that is not a program; says at which line and column.

    Attributes:
        line: Line of the text, from 1.
        column: Column of the line, from 1.
        source: The line itself.
        reason: What is wrong there; the message says the place as well.
    """

    def __init__(self, message: str, *, source: str = "", line: int = 1, column: int = 1) -> None:
        self.source, self.line, self.column, self.reason = source, line, column, message
        shown, at = _excerpt(source, column)
        super().__init__(f"line {line}, column {column}: {message}\n  {shown}\n  {' ' * (at - 1)}^")


class StoreError(CompgraphError, ValueError):
    """A file or a text that is not a stored graph; says which entry is wrong."""


class DiagramError(CompgraphError, RuntimeError):
    """A picture that cannot be made here; names the remedies."""


class NotInstalledError(CompgraphError, ImportError):
    """A library that only some uses need is missing; says how to install it."""


class NonFiniteWarning(UserWarning):
    """A value that was read is inf or nan; names the first node where that happened.

    ``warnings.simplefilter("error", cg.NonFiniteWarning)`` makes it an exception.
    """


def user_frame() -> FrameType | None:
    """Innermost frame on the stack whose code does not lie in a file of the package."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and is_inside(frame.f_code):
        frame = frame.f_back
    return frame


def warn(message: str, category: type[Warning]) -> None:
    """Warn at the user's own line, wherever in the package this is called."""
    level, frame = 1, sys._getframe(0)
    while is_inside(frame.f_code) and frame.f_back is not None:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def is_inside(code: CodeType) -> bool:
    """Whether code lies in a file of the package."""
    return code.co_filename.startswith(_PACKAGE)


def _excerpt(source: str, column: int, width: int = 72) -> tuple[str, int]:
    """The part of a line around a column, and the column's place in that part (from 1)."""
    if len(source) <= width:
        return source, column
    start = max(0, min(column - width // 2, len(source) - width))
    return source[start : start + width], column - start
