"""Real handwriting, character by character, from UNIPEN, Chars74K and MNIST (sources: ``MODEL.md``).

Strokes are measured in capital heights: y grows downwards, 0 is the line that letters stand on, x is 0 in the middle.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from ocr.handprint.alphabet import SIGNS

Points = npt.NDArray[np.floating[Any]]
Strokes = list[Points]

_SOURCES: Final = ("unipen", "chars74k")
_X_HEIGHT: Final = 0.65
_MIDDLES: Final = {"-": -0.45, "+": -0.45}
_TOPS: Final = {",": -0.14, "g": -_X_HEIGHT, "p": -_X_HEIGHT, "q": -_X_HEIGHT, "y": -_X_HEIGHT, "j": -0.95, "'": -1.05}
_BOTTOMS: Final = {"_": 0.06, "/": 0.06, "@": 0.05, "(": 0.1, ")": 0.1}
_STRAIGHT: Final = 0.011
"""Points that lie closer to the line through their neighbours are left out, in capital heights."""


@dataclass(frozen=True, slots=True, eq=False)
class Glyph:
    """One character by one writer; ``odd`` where no other writer's glyph with that label looks like it."""

    label: str
    writer: str
    strokes: Strokes
    odd: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Hands:
    """Glyphs of one split by label, and scanned digits (coverage 28 x 28, ink 255) by label."""

    glyphs: dict[str, list[Glyph]]
    scanned: dict[str, list[npt.NDArray[np.uint8]]]

    def without_odd(self) -> Hands:
        """Without the glyphs whose label is doubtful."""
        kept = {label: [glyph for glyph in found if not glyph.odd] for label, found in self.glyphs.items()}
        return Hands(kept, self.scanned)


def load(folder: Path, split: str) -> Hands:
    """All handwriting of a split ('train' or 'dev'); writers of one are not in the other."""
    glyphs: dict[str, list[Glyph]] = defaultdict(list)
    for source in _SOURCES:
        for glyph in _of_source(folder, source, split):
            glyphs[glyph.label].append(glyph)
    scanned: dict[str, list[npt.NDArray[np.uint8]]] = defaultdict(list)
    with np.load(folder / "mnist.npz") as stored:
        chosen = stored["split"] == split
        for image, label in zip(stored["images"][chosen], stored["labels"][chosen], strict=True):
            scanned[str(label)].append(255 - image)
    return Hands(dict(glyphs), dict(scanned))


def _of_source(folder: Path, source: str, split: str) -> list[Glyph]:
    with np.load(folder / f"{source}_strokes.npz") as stored:
        data: dict[str, npt.NDArray[Any]] = {name: stored[name] for name in stored.files}
    odd = np.zeros(len(data["labels"]), np.bool_)
    if source == "unipen":
        with np.load(folder / "unipen_chars.npz") as stored:
            odd = stored["knn_agree"] == 0
    unit, starts = float(data["units_per_cap_height"]), data["stroke_offsets"]
    found = []
    for at in np.flatnonzero(data["split"] == split):
        label = str(data["labels"][at])
        if not (label.isascii() and label.isalnum()) and label not in SIGNS:
            continue
        first, last = data["glyph_offsets"][at : at + 2]
        raw = [data["points"][starts[k] : starts[k + 1]].astype(np.float32) / unit for k in range(first, last)]
        strokes = _standing(label, [_thinned(stroke) for stroke in raw], measured=bool(data["has_ref"][at]))
        found.append(Glyph(label, str(data["writer"][at]), strokes, bool(odd[at])))
    return found


def _thinned(stroke: Points) -> Points:
    if len(stroke) < 3:
        return stroke
    return np.asarray(cv2.approxPolyDP(stroke.reshape(-1, 1, 2), _STRAIGHT, False), np.float32).reshape(-1, 2)


def _standing(label: str, strokes: Strokes, *, measured: bool) -> Strokes:
    """Brought to its place on the line and to its size; ``measured`` tells that the writer's own size is known."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    height = float(high[1] - low[1])
    factor = 1.0
    if label.isupper() or label.isdigit():
        factor = (np.clip(height, 0.78, 1.22) if measured else 1.0) / max(height, 0.3)
    elif label.isalpha() and not measured:
        factor = (1.0 if label in "bdfhkltgjpqy" else _X_HEIGHT) / max(height, 0.3)
    if label in _TOPS:
        y = _TOPS[label] - low[1] * factor
    elif label in _MIDDLES:
        y = _MIDDLES[label] - (low[1] + high[1]) / 2 * factor
    else:
        y = _BOTTOMS.get(label, 0.0) - high[1] * factor
    shift = np.array([-(low[0] + high[0]) / 2 * factor, y], np.float32)
    return [(stroke * np.float32(factor) + shift).astype(np.float32) for stroke in strokes]
