"""Checks of gradients against independent ways of computing them, for tests and for the command line."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .assertions import assert_gradients
    from .digits import Precision, precision
    from .numeric import Estimate, central_differences
    from .op_checks import OpReport, check_op
    from .report import Report, Row
    from .verification import verify

__all__ = [
    "Estimate", "OpReport", "Precision", "Report", "Row",
    "assert_gradients", "central_differences", "check_op", "precision", "verify",
]  # fmt: skip

# Each loads on first use: pytest loads this package in every run, for the plugin.
_WHERE = {
    "Estimate": "numeric",
    "OpReport": "op_checks",
    "Precision": "digits",
    "Report": "report",
    "Row": "report",
    "assert_gradients": "assertions",
    "central_differences": "numeric",
    "check_op": "op_checks",
    "precision": "digits",
    "verify": "verification",
}


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(importlib.import_module(f".{_WHERE[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
