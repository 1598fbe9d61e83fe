"""What scanners, fax machines and phones make of paper: named conditions, deterministic by seed.

A condition is a resolution and a row of steps; steps may be put together freely. The order is that of the world:
the paper lies askew, the light and the glass blur it, the sensor adds noise, the file is bitonal or JPEG.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import cv2
import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from specimens.paper import Picture, rasterise
from specimens.strokes import smooth

Floats = NDArray[np.floating[Any]]
Step = Callable[[Picture, Generator], Picture]
_SHADES: Final[Floats] = np.arange(256, dtype=np.float32) / 255
"""Of each level of a picture, from black to white; what only hangs on the level is worked out once for each."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A picture with its resolution (across, down) in dots an inch."""

    image: Picture
    dpi: tuple[float, float]

    @property
    def bitonal(self) -> bool:
        """Whether it holds black and white only, so that files may store one bit a pixel."""
        return self.image.ndim == 2 and not bool(np.any((self.image > 0) & (self.image < 255)))


@dataclass(frozen=True)
class Condition:
    """A way of scanning; ``down`` is the resolution down the page where it is not ``dpi``."""

    dpi: int
    steps: tuple[Step, ...]
    colour: bool = False
    down: int | None = None

    def __call__(self, image: Picture, seed: int = 0) -> Scan:
        """Degrade a page rendered at ``dpi``."""
        rng = default_rng(seed)
        for step in self.steps:
            image = step(image, rng)
        return Scan(image, (self.dpi, self.down or self.dpi))


def scan(pdf: bytes, condition: str | Condition, seed: int = 0) -> list[Scan]:
    """All pages of a PDF under a condition, by name or as made; each page has its own luck."""
    how = CONDITIONS[condition] if isinstance(condition, str) else condition
    pages = rasterise(pdf, how.dpi, colour=how.colour)
    return [how(page, seed * 1000 + at) for at, page in enumerate(pages)]


def askew(image: Picture, rng: Generator, degrees: float = 0.4) -> Picture:
    """Turned by up to that angle and shifted by up to 2 mm; what comes into view is the white lid."""
    height, width = image.shape[:2]
    angle = rng.uniform(-degrees, degrees)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    matrix[:, 2] += rng.uniform(-0.01, 0.01, 2) * width
    out = cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))
    return out.astype(np.uint8)


def turned(image: Picture, _rng: Generator, quarters: int = 2) -> Picture:
    """Turned by quarters of a circle, anticlockwise."""
    return np.ascontiguousarray(np.rot90(image, quarters))


def blurred(image: Picture, rng: Generator, sigma: float = 0.6) -> Picture:
    """Optics a little out of focus."""
    return cv2.GaussianBlur(image, (0, 0), sigma * rng.uniform(0.7, 1.3)).astype(np.uint8)


def toned(image: Picture, rng: Generator, paper: float = 246.0, ink: float = 28.0) -> Picture:
    """Paper that is not quite white and ink that is not quite black."""
    light, dark = paper + rng.uniform(-4, 4), ink + rng.uniform(-8, 12)
    return np.asarray(cv2.LUT(image, _clipped(dark + _SHADES * (light - dark))), np.uint8)


def noisy(image: Picture, rng: Generator, sigma: float = 3.0) -> Picture:
    """Noise of the sensor."""
    noise: Floats = rng.standard_normal(image.shape, dtype=np.float32)
    noise *= sigma
    noise += image
    return _clipped(noise)


def specked(image: Picture, rng: Generator, per_megapixel: float = 60.0) -> Picture:
    """Dust and toner: dark and light specks of one to four pixels, and a hair or two."""
    out = image.copy()
    height, width = image.shape[:2]
    for _ in range(int(per_megapixel * height * width / 1e6)):
        y, x, size = int(rng.integers(height)), int(rng.integers(width)), int(rng.integers(1, 4))
        out[y : y + size, x : x + size] = rng.integers(40, 140) if rng.random() < 0.75 else 255
    for _ in range(int(rng.integers(0, 3))):
        course = rng.uniform(0, 2 * np.pi) + rng.normal(0, 0.5, 5).cumsum()
        legs = np.stack([np.cos(course), np.sin(course)], axis=1) * 0.012 * width
        path = rng.uniform(0, 1, 2) * (width, height) + legs.cumsum(axis=0)
        points = np.array(smooth([(float(px), float(py)) for px, py in path]), np.int32).reshape(-1, 1, 2)
        cv2.polylines(out, [points], isClosed=False, color=(120, 120, 120), thickness=1)
    return out


def bitonal(image: Picture, rng: Generator, around: float = 165.0) -> Picture:
    """Black and white only, cut at a threshold near ``around``."""
    gray = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return np.where(gray < around + rng.uniform(-15, 15), 0, 255).astype(np.uint8)


def compressed(image: Picture, rng: Generator, low: int = 40, high: int = 60) -> Picture:
    """Once through JPEG of a quality between the two."""
    quality = int(rng.integers(low, high + 1))
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), np.uint8)


def squeezed(image: Picture, _rng: Generator, across: float = 1.0, down: float = 0.5) -> Picture:
    """Resolution changed by these factors, as fax machines have other dots down than across."""
    return cv2.resize(image, None, fx=across, fy=down, interpolation=cv2.INTER_AREA).astype(np.uint8)


def photographed(image: Picture, rng: Generator) -> Picture:
    """A sheet on a table taken with a phone: perspective, uneven light, the shadow of a hand, a soft lens."""
    page = image if image.ndim == 3 else cv2.cvtColor(image, cv2.COLOR_GRAY2RGB)
    height, width = page.shape[:2]
    out_width, out_height = int(width * 1.12), int(height * 1.08)
    table = _table(out_height, out_width, rng)
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    margin = np.array([(out_width - width) / 2, (out_height - height) / 2], np.float32)
    seen = (corners + margin + rng.uniform(-0.03, 0.03, (4, 2)) * width).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(corners, seen)
    size = (out_width, out_height)
    sheet = cv2.warpPerspective(page, matrix, size, flags=cv2.INTER_AREA, borderValue=(255, 255, 255))
    mask = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, size)
    cover = (cv2.GaussianBlur(mask, (0, 0), 1.2).astype(np.float32) / 255)[..., None]
    tones = 30 + _SHADES[:, None] * np.array([205, 202, 192], np.float32)
    lit: Floats = cv2.LUT(sheet, tones[None]).astype(np.float32, copy=False)
    lit *= cover
    table *= 1 - cover
    lit += table
    lit *= _light(out_height, out_width, rng)[..., None]
    return blurred(_clipped(lit), rng, 0.9)


def _table(height: int, width: int, rng: Generator) -> Floats:
    """A wooden table: brown with a grain along one side."""
    grain = cv2.resize(rng.normal(0, 9, (height // 6, 8)).astype(np.float32), (width, height))
    colour = np.array([118, 92, 66], np.float32) * rng.uniform(0.7, 1.2)
    return np.asarray(colour + grain[..., None], np.float32)


def _light(height: int, width: int, rng: Generator) -> Floats:
    """Factor of brightness by place: a lamp to one side, and a soft-edged shadow over a corner."""
    coarse = 8
    y, x = np.mgrid[0 : height // coarse, 0 : width // coarse].astype(np.float32) * coarse
    angle = rng.uniform(0, 2 * np.pi)
    along = (np.cos(angle) * (x / width - 0.5) + np.sin(angle) * (y / height - 0.5)) * 2
    light = 1.0 + along * rng.uniform(0.06, 0.18)
    edge = rng.uniform(0, 2 * np.pi)
    beyond = np.cos(edge) * (x / width - 0.5) + np.sin(edge) * (y / height - 0.5) - rng.uniform(0.1, 0.35)
    shadow = 1 / (1 + np.exp(-beyond * 40))
    light *= 1 - shadow * rng.uniform(0.2, 0.42)
    return np.asarray(cv2.resize(light.astype(np.float32), (width, height)), np.float32)


def _clipped(image: Floats) -> Picture:
    """As a picture; what is handed in is used up."""
    return np.clip(image, 0, 255, out=image).astype(np.uint8)


_OFFICE: Final[tuple[Step, ...]] = (askew, toned, blurred, noisy)
_TO_JPEG: Final = partial(compressed, low=80, high=90)

CONDITIONS: Final[dict[str, Condition]] = {
    "gray300": Condition(300, (*_OFFICE, _TO_JPEG)),
    "gray200": Condition(200, (*_OFFICE, _TO_JPEG)),
    "gray150": Condition(150, (askew, toned, partial(blurred, sigma=0.45), noisy, _TO_JPEG)),
    "colour200": Condition(200, (*_OFFICE, _TO_JPEG), colour=True),
    "bitonal300": Condition(300, (*_OFFICE, bitonal)),
    "bitonal200": Condition(200, (askew, toned, partial(blurred, sigma=0.45), noisy, bitonal)),
    "jpeg": Condition(200, (*_OFFICE, compressed)),
    "skew": Condition(200, (partial(askew, degrees=3.0), toned, blurred, noisy, _TO_JPEG)),
    "noise": Condition(200, (askew, toned, blurred, partial(noisy, sigma=14.0), specked, _TO_JPEG)),
    "photo": Condition(220, (photographed, noisy, partial(compressed, low=70, high=85)), colour=True),
    "fax": Condition(204, (askew, toned, partial(squeezed, down=196 / 204), noisy, specked, bitonal), down=196),
    "turned90": Condition(200, (*_OFFICE, partial(turned, quarters=1), _TO_JPEG)),
    "turned180": Condition(200, (*_OFFICE, turned, _TO_JPEG)),
    "turned270": Condition(200, (*_OFFICE, partial(turned, quarters=3), _TO_JPEG)),
}  # fmt: skip
"""Conditions by name; the benchmark measures each of them."""
