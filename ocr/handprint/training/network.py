"""The network: small enough for a page's cells in some hundredths of a second on one core."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import onnx
import torch
from torch import nn

from ocr.handprint.alphabet import CLASSES
from ocr.handprint.cells import PIXELS_HIGH, PIXELS_WIDE

INPUT: Final = "cells"
OUTPUT: Final = "scores"


def build() -> nn.Sequential:
    """N x 1 x ``PIXELS_HIGH`` x ``PIXELS_WIDE``, ink 1 and paper 0, to N x classes (scores before softmax)."""
    high, wide = -(-(PIXELS_HIGH // 2) // 4), -(-(PIXELS_WIDE // 2) // 4)
    return nn.Sequential(
        nn.PixelUnshuffle(2),
        *_convolution(4, 32),
        *_convolution(32, 32),
        nn.MaxPool2d(2),
        *_convolution(32, 64),
        *_convolution(64, 64),
        nn.MaxPool2d(2, ceil_mode=True),
        *_convolution(64, 128),
        *_convolution(128, 64, 1),
        nn.Flatten(),
        nn.Dropout(0.15),
        nn.Linear(64 * high * wide, 160),
        nn.ReLU(),
        nn.Dropout(0.15),
        nn.Linear(160, len(CLASSES)),
    )


def export(network: nn.Sequential, path: Path, facts: dict[str, str]) -> None:
    """Write the network as ONNX with ``facts`` as its metadata (besides the classes)."""
    network = network.float().to(memory_format=torch.contiguous_format).eval()
    torch.onnx.export(
        network,
        (torch.zeros(2, 1, PIXELS_HIGH, PIXELS_WIDE),),
        str(path),
        input_names=[INPUT],
        output_names=[OUTPUT],
        dynamic_axes={INPUT: {0: "n"}, OUTPUT: {0: "n"}},
        dynamo=False,
    )
    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, {"classes": "\n".join(CLASSES), **facts})
    onnx.save(model, str(path))


def _convolution(before: int, after: int, size: int = 3) -> list[nn.Module]:
    return [
        nn.Conv2d(before, after, size, padding=size // 2, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    ]
