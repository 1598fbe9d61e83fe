"""Makes the network's probabilities true: the temperature that fits half of the dev writers, judged on the others.

``python -m ocr.handprint.training.calibration DATA`` writes it into ``model.onnx``; needs onnx.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
import onnx

from ocr.handprint.alphabet import NUMBER
from ocr.handprint.reader import MODEL, probabilities
from ocr.handprint.training.conditions import CONDITIONS
from ocr.handprint.training.dev_cells import Sample, samples
from ocr.handprint.training.glyphs import load
from ocr.handprint.training.writers import in_half

_BINS: Final = 15

Floats = npt.NDArray[np.floating[Any]]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the handwriting data")
    parser.add_argument("--share", type=float, default=0.3, help="share of the dev glyphs to draw")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    hands = in_half(load(options.data, "dev"), "fit")
    factor = fitted([sample for name in CONDITIONS for sample in samples(hands, name, options.share)])
    model = onnx.load(str(MODEL))
    facts = {entry.key: entry.value for entry in model.metadata_props}
    facts["temperature"] = f"{float(facts.get('temperature', '1')) * factor:.3f}"
    onnx.helper.set_model_props(model, facts)
    onnx.save(model, str(MODEL))


def fitted(drawn: Sequence[Sample]) -> float:
    """The factor on the present temperature that fits these cells best."""
    scores, labels = _scored(drawn)
    factors = np.geomspace(0.5, 3.0, 60)
    return float(min(factors, key=lambda factor: _surprise(scores / factor, labels)))


def expected_error(drawn: Sequence[Sample]) -> float:
    """Mean distance of confidence and share right, over bins of confidence."""
    scores, labels = _scored(drawn)
    likely = np.exp(scores)
    sure, right = likely.max(axis=1), likely.argmax(axis=1) == labels
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    gaps = [abs(sure[bins == at].mean() - right[bins == at].mean()) * (bins == at).mean() for at in np.unique(bins)]
    return float(sum(gaps))


def _scored(chosen: Sequence[Sample]) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Logarithms of probabilities, and the classes that are right."""
    scores = np.log(np.maximum(probabilities([sample.cell for sample in chosen]), 1e-12))
    return scores, np.array([NUMBER[sample.truth] for sample in chosen], np.int64)


def _surprise(scores: Floats, labels: npt.NDArray[np.int64]) -> float:
    shifted = scores - scores.max(axis=1, keepdims=True)
    normal = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-normal[np.arange(len(labels)), labels].mean())


if __name__ == "__main__":
    main()
