"""Formulas: SymPy in and out, shorter forms, and proofs that two expressions are the same.

What SymPy answers is proved again before it is used; proofs need no SymPy.
"""

from __future__ import annotations

from .closed_forms import shorter_form, to_sympy
from .proving import Proof, prove

__all__ = ["Proof", "prove", "shorter_form", "to_sympy"]
