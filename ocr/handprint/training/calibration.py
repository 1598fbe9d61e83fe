"""Makes the network's probabilities true: the temperature that fits half of the dev writers.

``python -m ocr.handprint.training.calibration DATA`` writes it into ``model.onnx``; needs onnx.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnx

from ocr.handprint.reader import MODEL
from ocr.handprint.training.conditions import CONDITIONS
from ocr.handprint.training.dev_cells import Sample, samples
from ocr.handprint.training.glyphs import load
from ocr.handprint.training.reliability import Floats, scored_of
from ocr.handprint.training.writers import in_half


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
    scores, labels = scored_of(drawn)
    factors = np.geomspace(0.5, 3.0, 60)
    return float(min(factors, key=lambda factor: _surprise(scores / factor, labels)))


def _surprise(scores: Floats, labels: npt.NDArray[np.int64]) -> float:
    shifted = scores - scores.max(axis=1, keepdims=True)
    normal = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-normal[np.arange(len(labels)), labels].mean())


if __name__ == "__main__":
    main()
