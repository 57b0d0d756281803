"""The rules by which recorded expressions are computed by better-conditioned ones, as data: one line a rule."""

from __future__ import annotations

from .rewrite import Rule, RuleIndex

__all__ = ["INDEX", "RULES"]

RULES: tuple[Rule, ...] = ()

INDEX = RuleIndex(RULES)
