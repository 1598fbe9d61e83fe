"""Measurements of the product on specimens of its own: not installed, run from the repository."""
