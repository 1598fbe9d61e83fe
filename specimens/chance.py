"""Reproducible chance: the same seed draws the same people, wordings and wear."""

from __future__ import annotations

from random import Random


def dice(seed: int | str) -> Random:
    """Throws that depend on the seed alone."""
    return Random(seed)  # nosec B311  # samples are to be drawn again alike; nothing of them is a secret
