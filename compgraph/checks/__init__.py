"""Checks of gradients against independent ways of computing them."""

from .numeric import Estimate, central_differences
from .report import Report, Row, check

__all__ = ["Estimate", "Report", "Row", "central_differences", "check"]
