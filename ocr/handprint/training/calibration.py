"""Makes the networks' probabilities true: the temperatures that fit half of the dev writers.

``python -m ocr.handprint.training.calibration DATA`` writes them into ``model.onnx`` and ``digits.onnx``; needs onnx.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import onnx

from ocr.handprint.alphabet import PARTS, Part
from ocr.handprint.recogniser import MODELS, said_by
from ocr.handprint.training.conditions import CONDITIONS
from ocr.handprint.training.dev_cells import Sample, samples
from ocr.handprint.training.glyphs import load
from ocr.handprint.training.writers import in_half


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the handwriting data")
    parser.add_argument("--share", type=float, default=0.3, help="share of the dev glyphs to draw")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    hands = in_half(load(options.data, "dev"), "fit")
    drawn = [sample for name in CONDITIONS for sample in samples(hands, name, options.share)]
    for part in PARTS:
        _store(MODELS[part], fitted(drawn, part))


def _store(path: Path, factor: float) -> None:
    model = onnx.load(str(path))
    facts = {entry.key: entry.value for entry in model.metadata_props}
    facts["temperature"] = f"{float(facts.get('temperature', '1')) * factor:.3f}"
    onnx.helper.set_model_props(model, facts)
    onnx.save(model, str(path))


def fitted(drawn: Sequence[Sample], part: Part) -> float:
    """The factor on a network's present temperature that fits best, over the cells whose truth it knows."""
    known = [sample for sample in drawn if sample.truth in PARTS[part]]
    scores = np.log(np.maximum(said_by(part, np.stack([sample.cell for sample in known])), 1e-12))
    labels = np.array([PARTS[part].index(sample.truth) for sample in known])
    factors = np.geomspace(0.5, 3.0, 60)
    return float(min(factors, key=lambda factor: _surprise(scores / factor, labels)))


def _surprise(scores: npt.NDArray[np.floating[Any]], labels: npt.NDArray[np.int64]) -> float:
    shifted = scores - scores.max(axis=1, keepdims=True)
    normal = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-normal[np.arange(len(labels)), labels].mean())


if __name__ == "__main__":
    main()
