"""Checks of gradients against independent ways of computing them."""
