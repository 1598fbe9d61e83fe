"""The networks: small enough for a page's cells in some hundredths of a second on one core."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import torch
from torch import nn

from ocr.handprint.alphabet import PARTS, Part
from ocr.handprint.cells import PIXELS_HIGH, PIXELS_WIDE

INPUT: Final = "cells"
OUTPUT: Final = "scores"


@dataclass(frozen=True, slots=True)
class Size:
    """Channels of the three stages, of what they are narrowed to, and the units of the last hidden layer."""

    stages: tuple[int, int, int]
    narrow: int
    hidden: int


_SIZES: Final[Mapping[Part, Size]] = {"all": Size((32, 64, 128), 64, 160), "digits": Size((24, 48, 96), 48, 96)}


class Residual(nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """Two convolutions whose result is added to what they were given (He, Zhang, Ren, Sun, CVPR 2016)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.change = nn.Sequential(*_convolution(channels, channels), *_convolution(channels, channels))

    def forward(self, before: torch.Tensor) -> torch.Tensor:
        """N x channels x height x width to the same."""
        return before + self.change(before)


def build(part: Part) -> nn.Sequential:
    """N x 1 x ``PIXELS_HIGH`` x ``PIXELS_WIDE``, ink 1 and paper 0, to N x classes (scores before softmax)."""
    size = _SIZES[part]
    first, second, third = size.stages
    high, wide = -(-(PIXELS_HIGH // 2) // 4), -(-(PIXELS_WIDE // 2) // 4)
    return nn.Sequential(
        nn.PixelUnshuffle(2),
        *_convolution(4, first),
        Residual(first),
        nn.MaxPool2d(2),
        *_convolution(first, second),
        Residual(second),
        nn.MaxPool2d(2, ceil_mode=True),
        *_convolution(second, third),
        Residual(third),
        *_convolution(third, size.narrow, 1),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(size.narrow * high * wide, size.hidden),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(size.hidden, len(PARTS[part])),
    )


def export(network: nn.Sequential, path: Path, part: Part, facts: dict[str, str]) -> None:
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
    onnx.helper.set_model_props(model, {"classes": "\n".join(PARTS[part]), **facts})
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
