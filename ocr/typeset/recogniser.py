"""Scores printed characters with the network of ``model.onnx``, on one thread and without torch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnxruntime

from ocr.files.page import GrayImage
from ocr.typeset.glyphs import CLASSES

MODEL: Final = Path(__file__).with_name("model.onnx")

Floats = npt.NDArray[np.floating[Any]]


def probabilities(windows: Sequence[GrayImage]) -> Floats:
    """Probability of each of ``glyphs.CLASSES`` for windows of ``glyphs.window``: windows x classes."""
    if not windows:
        return np.zeros((0, len(CLASSES)), np.float32)
    ink = (255 - np.stack(windows)[:, None].astype(np.float32)) / 255
    scores = _network().run(None, {"glyphs": ink})[0].astype(np.float64)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = powers / powers.sum(axis=1, keepdims=True)
    return result


@cache
def _network() -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    session = onnxruntime.InferenceSession(str(MODEL), options, providers=["CPUExecutionProvider"])
    if session.get_modelmeta().custom_metadata_map["classes"] != CLASSES:
        raise RuntimeError(f"{MODEL.name} was trained for another alphabet; train it again")
    return session
