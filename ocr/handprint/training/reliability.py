"""Whether the network is as sure as it is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ocr.handprint.alphabet import NUMBER
from ocr.handprint.reader import probabilities
from ocr.handprint.training.dev_cells import Sample

BINS: Final = 15
"""Bins of confidence, all of one width."""

Floats = npt.NDArray[np.floating[Any]]


def reliability(drawn: Sequence[Sample]) -> Floats:
    """By bins of confidence (rows): number of cells, sum of their confidence, number of those read right."""
    scores, labels = scored_of(drawn)
    likely = np.exp(scores)
    sure, right = likely.max(axis=1), likely.argmax(axis=1) == labels
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    facts = (np.ones(len(sure)), sure, right.astype(float))
    return np.column_stack([np.bincount(bins, fact, BINS) for fact in facts])


def expected_error(bins: Floats) -> float:
    """Mean distance of confidence and share right, over the bins of ``reliability``."""
    return float(np.abs(bins[:, 1] - bins[:, 2]).sum() / max(1.0, bins[:, 0].sum()))


def scored_of(chosen: Sequence[Sample]) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Logarithms of probabilities, and the classes that are right."""
    scores = np.log(np.maximum(probabilities([sample.cell for sample in chosen]), 1e-12))
    return scores, np.array([NUMBER[sample.truth] for sample in chosen], np.int64)
