"""Conditions of real paper: worn sheets, bad photos, photocopied blanks, glass larger than the sheet.

They go beyond ``scanner.CONDITIONS``, which an office sees every day, and are used like them: ``scan(pdf,
REAL_PAPER["coffee"], seed)``.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator

from specimens import wear
from specimens.paper import Picture
from specimens.scanner import (
    Condition,
    Floats,
    Step,
    askew,
    bitonal,
    blurred,
    compressed,
    noisy,
    photographed,
    specked,
    toned,
)

_SKIN: Final = np.array([(205, 150, 125), (228, 178, 152), (150, 105, 85)], np.float32)


def fingers(image: Picture, rng: Generator) -> Picture:
    """Thumbs that hold the sheet at its left and right edge, with their shadows."""
    out = image.astype(np.float32)
    height, width = image.shape[:2]
    tone = _SKIN[rng.integers(len(_SKIN))]
    for side in (0, 1)[: int(rng.integers(1, 3))]:
        reach, thick = rng.uniform(0.10, 0.16) * width, rng.uniform(0.042, 0.055) * width
        at = rng.uniform(0.35, 0.8) * height
        root = (-0.02 * width, at + rng.uniform(0.02, 0.12) * height)
        tip = (reach, at)
        if side:
            root, tip = (width - root[0], root[1]), (width - tip[0], tip[1])
        shadow = _limb((height, width), root, tip, thick * 1.25, soft=thick * 0.5)
        skin = _limb((height, width), root, tip, thick, soft=1.5)
        core = _limb((height, width), root, tip, thick * 0.6, soft=thick * 0.4)
        out *= 1 - 0.45 * shadow[..., None]
        out = out * (1 - skin[..., None]) + skin[..., None] * tone * (0.62 + 0.3 * core[..., None])
    return np.clip(out, 0, 255).astype(np.uint8)


def shadowed(image: Picture, rng: Generator, least: float = 0.38) -> Picture:
    """The hard shadow of the head and the arm that hold the phone against the lamp."""
    height, width = image.shape[:2]
    start = (rng.uniform(0.2, 0.8) * width, float(height))
    end = (rng.uniform(0.2, 0.8) * width, rng.uniform(0.25, 0.5) * height)
    arm = _limb((height, width), start, end, rng.uniform(0.1, 0.2) * width, soft=0.008 * width)
    head = _limb((height, width), end, end, rng.uniform(0.22, 0.32) * width, soft=0.008 * width)
    kept = 1 - rng.uniform(0.45, 1 - least) * np.maximum(arm, head)
    return np.clip(image * (kept if image.ndim == 2 else kept[..., None]), 0, 255).astype(np.uint8)


def photocopied(
    image: Picture, rng: Generator, across: tuple[float, float] = (0.94, 1.06), down: tuple[float, float] | None = None
) -> Picture:
    """A blank from the copier: larger or smaller, off the middle, with worn lines and toner dust.

    ``down`` is drawn apart from ``across`` where it is given; otherwise both are the same but for half a per cent.
    """
    height, width = image.shape[:2]
    wide = rng.uniform(*across)
    tall = rng.uniform(*down) if down else wide * rng.uniform(0.995, 1.005)
    left = (1 - wide) * width / 2 + rng.uniform(-0.012, 0.012) * width
    top = (1 - tall) * height / 2 + rng.uniform(-0.008, 0.008) * height
    matrix = np.array([[wide, 0, left], [0, tall, top]])
    copy = cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_AREA, borderValue=(255, 255, 255))
    worn = np.clip((cv2.GaussianBlur(copy, (0, 0), 0.5).astype(np.float32) - 20) * 1.12, 0, 255).astype(np.uint8)
    return specked(worn, rng, per_megapixel=120.0)


def bordered(image: Picture, rng: Generator) -> Picture:
    """The lid was open: black all around a sheet that covers not all of the glass."""
    width = image.shape[1]
    left, right, top, bottom = (int(part * width) for part in rng.uniform(0.01, 0.06, 4))
    colour = (18,) * 3
    return cv2.copyMakeBorder(image, top, bottom, left, right, cv2.BORDER_CONSTANT, value=colour).astype(np.uint8)


def on_larger_glass(image: Picture, rng: Generator) -> Picture:
    """The sheet in a scan of A3 lying: near one corner, the rest is the lid."""
    height, width = image.shape[:2]
    glass = np.full((round(width * 2**0.5), round(height * 2**0.5), *image.shape[2:]), 238, np.uint8)
    room = np.array([glass.shape[1] - width, glass.shape[0] - height])
    left, top = np.minimum(room, rng.uniform(0, 0.1, 2) * width).astype(int)
    glass[top : top + height, left : left + width] = image
    return glass


def _limb(
    shape: tuple[int, int], start: tuple[float, float], end: tuple[float, float], radius: float, soft: float
) -> Floats:
    """A thick line with round ends, 1 inside and 0 outside, its edge ``soft`` pixels wide."""
    coarse = min(8.0, max(1.0, soft / 2))  # a soft edge needs no fine pixels
    mask = np.zeros((round(shape[0] / coarse), round(shape[1] / coarse)), np.float32)
    (x0, y0), (x1, y1) = ((round(x / coarse), round(y / coarse)) for x, y in (start, end))
    cv2.line(mask, (x0, y0), (x1, y1), (1.0,), max(1, round(2 * radius / coarse)))
    edge = cv2.GaussianBlur(mask, (0, 0), max(0.6, soft / coarse))
    return np.asarray(cv2.resize(edge, (shape[1], shape[0])), np.float32)


_OFFICE: Final[tuple[Step, ...]] = (askew, toned, blurred, noisy)
_TO_JPEG: Final = partial(compressed, low=80, high=90)
_SCANNED: Final[tuple[Step, ...]] = (*_OFFICE, _TO_JPEG)
_SNAPPED: Final[tuple[Step, ...]] = (noisy, partial(compressed, low=70, high=85))

REAL_PAPER: Final[dict[str, Condition]] = {
    "creased": Condition(200, (wear.creased, *_SCANNED)),
    "crumpled": Condition(220, (wear.crumpled, photographed, *_SNAPPED), colour=True),
    "coffee": Condition(200, (wear.coffee, *_SCANNED), colour=True),
    "bleed-through": Condition(200, (wear.written_through, *_SCANNED)),
    "fingers": Condition(220, (photographed, fingers, *_SNAPPED), colour=True),
    "shadow": Condition(220, (photographed, shadowed, *_SNAPPED), colour=True),
    "faint": Condition(200, (wear.faint, *_SCANNED)),
    "copy94": Condition(200, (partial(photocopied, across=(0.94, 0.945)), *_SCANNED)),
    "copy106": Condition(200, (partial(photocopied, across=(1.055, 1.06)), *_SCANNED)),
    "copy": Condition(300, (partial(photocopied, down=(0.94, 1.06)), *_OFFICE, bitonal)),
    "one-mark-cut": Condition(200, (partial(wear.trimmed, corners=1), *_SCANNED)),
    "two-marks-cut": Condition(200, (partial(wear.trimmed, corners=2), *_SCANNED)),
    "all-marks-cut": Condition(200, (wear.trimmed, *_SCANNED)),
    "torn": Condition(200, (wear.torn, *_SCANNED), colour=True),
    "punched": Condition(200, (wear.punched, *_SCANNED)),
    "stapled": Condition(200, (wear.stapled, *_SCANNED)),
    "black-border": Condition(200, (askew, bordered, toned, blurred, noisy, _TO_JPEG)),
    "a3-glass": Condition(200, (askew, on_larger_glass, toned, blurred, noisy, _TO_JPEG)),
}  # fmt: skip
"""Conditions by name."""
