"""Whether reading is as sure as it is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ocr.handprint.alphabet import NUMBER, PARTS, Part
from ocr.handprint.recogniser import probabilities
from ocr.handprint.training.dev_cells import Sample

BINS: Final = 15
"""Bins of confidence, all of one width."""

Floats = npt.NDArray[np.floating[Any]]


def reliability(drawn: Sequence[Sample], part: Part) -> Floats:
    """By bins of confidence (rows): number of cells, sum of their confidence, number of those read right.

    Of all cells whose truth may stand in that part.
    """
    chosen = [sample for sample in drawn if sample.truth in PARTS[part]]
    shares = probabilities([sample.cell for sample in chosen], part)
    sure, right = shares.max(axis=1), shares.argmax(axis=1) == [NUMBER[sample.truth] for sample in chosen]
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    facts = (np.ones(len(sure)), sure, right.astype(float))
    return np.column_stack([np.bincount(bins, fact, BINS) for fact in facts])


def expected_error(bins: Floats) -> float:
    """Mean distance of confidence and share right, over the bins of ``reliability``."""
    return float(np.abs(bins[:, 1] - bins[:, 2]).sum() / max(1.0, bins[:, 0].sum()))
