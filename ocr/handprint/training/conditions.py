"""What becomes of a cell between paper and aligned page: scanner, fax, phone, copier, and the alignment itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from ocr.alignment.sheet import READING_DPI
from ocr.files.page import GrayImage
from ocr.handprint.cells import SEEN_HEIGHT, SEEN_WIDTH, scaled

CANVAS_DPI: Final = 300
"""Resolution at which the paper is drawn."""
CANVAS_ROOM: Final = 3.0
"""Points drawn around what is seen, for the alignment to err into."""

_UNIT: Final = CANVAS_DPI / 72
_SIZE: Final = (round(SEEN_WIDTH * READING_DPI / 72), round(SEEN_HEIGHT * READING_DPI / 72))

Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Condition:
    """How a page is scanned. Ranges are (least, most); ``quality`` of JPEG, ``threshold`` of black and white, in tones.

    ``down`` is the resolution down the page as a share of that across, ``mishaps`` the share of cells that are stained,
    creased, shone through from the back, or reached by writing from the next row.
    """

    dpi: tuple[float, float]
    blur: tuple[float, float] = (0.25, 0.7)
    noise: tuple[float, float] = (1.0, 5.0)
    quality: tuple[int, int] | None = None
    threshold: tuple[float, float] | None = None
    shade: float = 0.0
    specks: float = 0.0
    copied: bool = False
    down: float = 1.0
    mishaps: float = 0.15


CONDITIONS: Final[dict[str, Condition]] = {
    "gray300": Condition((300, 300), quality=(75, 92)),
    "gray200": Condition((200, 200), quality=(75, 92)),
    "gray150": Condition((150, 150), (0.2, 0.55), quality=(75, 92)),
    "jpeg": Condition((190, 210), quality=(22, 60)),
    "noise": Condition((190, 210), noise=(8.0, 20.0), quality=(50, 92), specks=0.6),
    "bitonal300": Condition((300, 300), threshold=(140, 200)),
    "bitonal200": Condition((200, 200), (0.2, 0.55), threshold=(140, 200)),
    "bitonal150": Condition((150, 150), (0.2, 0.5), threshold=(145, 195)),
    "fax": Condition((203, 205), (0.2, 0.6), (2.0, 12.0), threshold=(140, 195), specks=0.7, down=0.96),
    "photo": Condition((140, 230), (0.5, 1.3), (2.0, 8.0), quality=(50, 88), shade=0.25),
    "photocopy": Condition((190, 300), (0.3, 0.8), quality=(60, 92), specks=0.6, copied=True),
    "mishaps": Condition((200, 200), quality=(75, 92), mishaps=1.0),
}
"""By name; training draws from all alike, the figures are given for each."""


def scanned(paper: GrayImage, condition: Condition, rng: Generator) -> GrayImage:
    """A drawn piece of paper (``CANVAS_DPI``, cell and surroundings) as the cell that the network gets."""
    picture = _copied(paper, rng) if condition.copied else paper
    dpi = rng.uniform(*condition.dpi)
    across, down = dpi / CANVAS_DPI, dpi * condition.down / CANVAS_DPI
    to_scan = _turned(picture.shape, rng.normal(0, 0.5), (across, down), rng.uniform(-1, 1, 2))
    size = (int(picture.shape[1] * across) + 2, int(picture.shape[0] * down) + 2)
    soft = cv2.GaussianBlur(picture, (0, 0), rng.uniform(*condition.blur) + 0.4 * max(0.0, 1 / across - 1))
    seen = cv2.warpAffine(soft, to_scan, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    exposed = _exposed(seen.astype(np.uint8), condition, rng)
    return _aligned(exposed, to_scan, picture.shape, rng)


def _exposed(picture: GrayImage, condition: Condition, rng: Generator) -> GrayImage:
    """With the scanner's tones, noise, dust and file format."""
    light, dark = rng.uniform(232, 255), rng.uniform(0, 30)
    tones = dark + picture.astype(np.float32) * np.float32((light - dark) / 255)
    tones += rng.standard_normal(tones.shape, dtype=np.float32) * np.float32(rng.uniform(*condition.noise))
    if condition.shade:
        slope = np.linspace(0, rng.uniform(-condition.shade, condition.shade), tones.shape[1], dtype=np.float32)
        tones *= np.float32(rng.uniform(0.55, 1.0)) * (1 + slope / 4)
    if rng.random() < condition.specks:
        for _ in range(int(rng.integers(1, 7))):
            y, x, size = int(rng.integers(tones.shape[0])), int(rng.integers(tones.shape[1])), int(rng.integers(1, 4))
            tones[y : y + size, x : x + size] = rng.integers(20, 140) if rng.random() < 0.75 else 255
    if condition.threshold is not None:
        return np.where(tones < rng.uniform(*condition.threshold), 0, 255).astype(np.uint8)
    image: GrayImage = np.clip(tones, 0, 255).astype(np.uint8)
    if condition.quality is not None:
        quality = int(rng.integers(condition.quality[0], condition.quality[1] + 1))
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    return image


def _aligned(scan: GrayImage, to_scan: Floats, canvas: tuple[int, ...], rng: Generator) -> GrayImage:
    """Cut out again upright where the alignment believes the cell to be, evenly lit, at the network's size."""
    wrong = rng.normal(0, 0.28, 2) * _UNIT
    factor = CANVAS_DPI / READING_DPI
    start = np.array([CANVAS_ROOM * _UNIT, CANVAS_ROOM * _UNIT]) + wrong
    stretch = 1 + rng.normal(0, 0.004, 2)
    from_cell = np.array([[factor * stretch[0], 0, start[0]], [0, factor * stretch[1], start[1]], [0, 0, 1]])
    matrix = np.vstack([to_scan, [0, 0, 1]]) @ from_cell
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cell = cv2.warpAffine(scan, matrix[:2], _SIZE, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    paper = max(60.0, float(np.percentile(cell, 92)) * rng.uniform(0.98, 1.03))
    return scaled(cv2.convertScaleAbs(cell, alpha=255 / paper).astype(np.uint8))


def _copied(paper: GrayImage, rng: Generator) -> GrayImage:
    """Through a copier: soft, then hard in contrast; thin lines break, thick ones grow."""
    soft = cv2.GaussianBlur(paper, (0, 0), rng.uniform(0.8, 2.0)).astype(np.float32)
    soft += cv2.GaussianBlur(rng.standard_normal(paper.shape, dtype=np.float32) * np.float32(30), (0, 0), 1.5)
    steep, middle = rng.uniform(0.03, 0.09), rng.uniform(130, 215)
    curve = 255 / (1 + np.exp(-(soft - np.float32(middle)) * np.float32(steep)))
    return np.asarray(curve, np.float32).astype(np.uint8)


def _turned(shape: tuple[int, ...], degrees: float, factors: tuple[float, float], shift: Floats) -> Floats:
    """Canvas to scan: turned around the middle, scaled, moved by parts of a pixel."""
    middle = np.array([shape[1] / 2, shape[0] / 2])
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    matrix = np.diag(factors) @ turn
    offset = np.diag(factors) @ middle - matrix @ middle + shift
    return np.column_stack([matrix, offset])
