"""Checks of gradients against independent ways of computing them."""

from .digits import Precision, precision
from .numeric import Estimate, central_differences
from .report import Report, Row
from .verification import verify

__all__ = ["Estimate", "Precision", "Report", "Row", "central_differences", "precision", "verify"]
