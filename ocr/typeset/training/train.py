"""Train ``model.onnx``: ``python -m ocr.typeset.training.train FOLDER...`` with folders of typefaces (TrueType)."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import onnx
import torch
from torch import nn

from ocr.typeset.glyphs import CLASSES, HIGH, WIDE
from ocr.typeset.recogniser import MODEL
from ocr.typeset.training.lines import Sample, samples

_BATCH: Final = 256

_log = logging.getLogger(__name__)


def build() -> nn.Sequential:
    """N x 1 x ``HIGH`` x ``WIDE``, ink 1 and paper 0, to N x classes (scores before softmax)."""
    return nn.Sequential(
        nn.PixelUnshuffle(2),
        *_convolution(4, 24),
        nn.MaxPool2d(2),
        *_convolution(24, 48),
        *_convolution(48, 48),
        nn.MaxPool2d(2),
        *_convolution(48, 64),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(64 * (HIGH // 8) * (WIDE // 8), len(CLASSES)),
    )


def _convolution(before: int, after: int) -> tuple[nn.Module, ...]:
    return nn.Conv2d(before, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()


def main() -> None:
    """Draw, train, export."""
    options = _options()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    typefaces = sorted(path for folder in options.folders for path in folder.rglob("*.ttf"))
    stream = samples(typefaces, np.random.default_rng(options.seed))
    network = build().to(memory_format=torch.channels_last)
    steps = options.samples * options.epochs // _BATCH
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, options.rate, total_steps=steps + 1)
    pictures, labels = _drawn(stream, options.samples)
    _log.info("%d typefaces, %d characters", len(typefaces), len(labels))
    order = np.random.default_rng(options.seed)
    for step in range(steps):
        chosen = order.integers(len(labels), size=_BATCH)
        ink = torch.from_numpy((255 - pictures[chosen][:, None].astype(np.float32)) / 255)
        loss = nn.functional.cross_entropy(network(ink), torch.from_numpy(labels[chosen]), label_smoothing=0.001)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 200 == 0:
            _log.info("step %d of %d: loss %.4f", step, steps, loss.item())
    _export(network.eval(), options.out)


def _drawn(stream: Iterator[Sample], count: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    found = list(islice(stream, count))
    return np.stack([sample.picture for sample in found]), np.array([sample.label for sample in found], np.int64)


def _export(network: nn.Sequential, path: Path) -> None:
    network = network.to(memory_format=torch.contiguous_format)
    shape = torch.zeros(2, 1, HIGH, WIDE)
    axes = {"glyphs": {0: "n"}, "scores": {0: "n"}}
    torch.onnx.export(
        network, (shape,), str(path), input_names=["glyphs"], output_names=["scores"], dynamic_axes=axes, dynamo=False
    )
    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, {"classes": CLASSES})
    onnx.save(model, str(path))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+", help="folders with typefaces (.ttf), searched in depth")
    parser.add_argument("--samples", type=int, default=150_000, help="characters to draw")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=MODEL)
    return parser.parse_args()


if __name__ == "__main__":
    main()
