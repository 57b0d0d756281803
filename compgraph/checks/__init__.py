"""Checks of gradients against independent ways of computing them."""

from .digits import Precision, precision
from .numeric import Estimate, central_differences
from .op_checks import OpReport, check_op
from .report import Report, Row
from .verification import verify

__all__ = [
    "Estimate", "OpReport", "Precision", "Report", "Row",
    "central_differences", "check_op", "precision", "verify",
]  # fmt: skip
