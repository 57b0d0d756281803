"""Data that ships with the package; layers and training come later."""
