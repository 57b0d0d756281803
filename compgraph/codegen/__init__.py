"""Graphs as text: labels put together into formulas with as few brackets as possible."""
