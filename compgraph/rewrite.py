"""Matching a node about to be recorded against rules, and the index of rules by op.

Reads ``.op``, ``.args`` and ``.value`` of what it is shown and knows no Node.
"""
