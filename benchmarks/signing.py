"""Signatures: the beginning of a line that a real writer wrote, or a drawn scribble."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
from numpy.random import Generator

from forms.submission import Box
from ocr.handprint.training.glyphs import Points
from ocr.handprint.training.writers import Half, half_of
from specimens.strokes import signature, smoothed

_DRAWN_SHARE: Final = 0.4

Line = list[Points]


def written_lines(folder: Path, half: Half) -> list[Line]:
    """Lines of text by the dev writers of a half, in capital heights (y down, the origin anywhere)."""
    with np.load(folder / "unipen_lines.npz") as stored:
        data = {name: stored[name] for name in stored.files}
    starts, unit = data["stroke_offsets"], float(data["units_per_cap_height"])
    chosen = [at for at in np.flatnonzero(data["split"] == "dev") if half_of(str(data["writer"][at])) == half]
    lines = []
    for at in chosen:
        first, last = data["glyph_offsets"][at : at + 2]
        lines.append([data["points"][starts[k] : starts[k + 1]].astype(np.float32) / unit for k in range(first, last)])
    return lines


def signed(box: Box, lines: Sequence[Line], rng: Generator) -> list[Points]:
    """Strokes of a signature in the box, in points of the page; it may leave the box a little."""
    drawn = smoothed(signature(box, Random(int(rng.integers(1 << 31)))))
    if not lines or rng.random() < _DRAWN_SHARE:
        return [np.array(stroke, np.float32) for stroke in drawn]
    line = lines[int(rng.integers(len(lines)))]
    left = min(float(stroke[:, 0].min()) for stroke in line)
    reach = rng.uniform(6, 12)
    word = [stroke for stroke in line if float(stroke[:, 0].max()) < left + reach] or line[:3]
    points = np.concatenate(word)
    low, high = points.min(axis=0), points.max(axis=0)
    width, height = box[2] - box[0], box[3] - box[1]
    scale = min(
        rng.uniform(0.45, 0.95) * width / max(0.5, high[0] - low[0]),
        rng.uniform(0.5, 1.05) * height / max(0.5, high[1] - low[1]),
    )
    slant = rng.normal(0.1, 0.15)
    matrix = np.array([[1, -slant], [0, 1]]) * scale
    size = (high - low) * scale
    spare = np.array([width, height]) - size
    corner = np.array(box[:2]) + spare * (rng.uniform(0.05, 0.6), rng.uniform(0.2, 0.8))
    return [((stroke - low) @ matrix.T + corner).astype(np.float32) for stroke in word]
