"""The network: small enough for a page's cells in some hundredths of a second on one core."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import onnx
import torch
from torch import nn

from ocr.handprint.alphabet import CLASSES
from ocr.handprint.cells import PIXELS_HIGH, PIXELS_WIDE

INPUT: Final = "cells"
OUTPUT: Final = "scores"


class Residual(nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """Two convolutions whose result is added to what they were given (He, Zhang, Ren, Sun, CVPR 2016)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.change = nn.Sequential(*_convolution(channels, channels), *_convolution(channels, channels))

    def forward(self, before: torch.Tensor) -> torch.Tensor:
        """N x channels x height x width to the same."""
        return before + self.change(before)


def build() -> nn.Sequential:
    """N x 1 x ``PIXELS_HIGH`` x ``PIXELS_WIDE``, ink 1 and paper 0, to N x classes (scores before softmax)."""
    high, wide = -(-(PIXELS_HIGH // 2) // 4), -(-(PIXELS_WIDE // 2) // 4)
    return nn.Sequential(
        nn.PixelUnshuffle(2),
        *_convolution(4, 32),
        Residual(32),
        nn.MaxPool2d(2),
        *_convolution(32, 64),
        Residual(64),
        nn.MaxPool2d(2, ceil_mode=True),
        *_convolution(64, 128),
        Residual(128),
        *_convolution(128, 64, 1),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(64 * high * wide, 160),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(160, len(CLASSES)),
    )


def export(network: nn.Sequential, path: Path, facts: dict[str, str]) -> None:
    """Write the network as ONNX with ``facts`` as its metadata (besides the classes); weights in half precision."""
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
    _halve(model.graph)
    onnx.save(model, str(path))


def _halve(graph: onnx.GraphProto) -> None:
    """Store weights as float16, to be widened again when the file is loaded; a file of half the size."""
    wide = {at.name: at for at in graph.initializer if at.data_type == onnx.TensorProto.FLOAT}
    for name, weights in wide.items():
        values = onnx.numpy_helper.to_array(weights)
        weights.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), f"{name}_half"))
        graph.node.insert(0, onnx.helper.make_node("Cast", [f"{name}_half"], [name], to=onnx.TensorProto.FLOAT))


def _convolution(before: int, after: int, size: int = 3) -> list[nn.Module]:
    return [
        nn.Conv2d(before, after, size, padding=size // 2, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    ]
