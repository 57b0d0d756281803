"""Data that ships with the package, and its loader."""

from .data import Flower, iris

__all__ = ["Flower", "iris"]
