"""Lines of printed characters, drawn with a typeface, scanned in many ways, and cut as the recogniser cuts them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFont

from ocr.alignment.sheet import READING_DPI
from ocr.files.page import GrayImage
from ocr.segmentation.comb_lines import stretched
from ocr.segmentation.ink import DARK, Ink
from ocr.typeset.glyphs import CLASSES, window

_COUNT: Final = 30
_ROOM: Final = 1.7
"""Width of a character's place and height of a line, by the size of the type."""
_OFTEN: Final = "0123456789abcdefghijklmnopqrstuvwxyz1lioI0.-_"
"""Drawn as often again: what addresses are made of, and what is confused in them."""
_SIGNS: Final = CLASSES + _OFTEN


@dataclass(frozen=True, slots=True)
class Sample:
    """One character as the network sees it, and its number in ``CLASSES``."""

    picture: GrayImage
    label: int


def samples(typefaces: list[Path], rng: Generator) -> Iterator[Sample]:
    """Characters without end, line by line."""
    while True:
        face = typefaces[int(rng.integers(len(typefaces)))]
        yield from _line(face, rng)


def _line(face: Path, rng: Generator) -> Iterator[Sample]:
    dpi = float(rng.choice((150, 200, 200, 204, 220, 300)))
    size = rng.uniform(8.5, 13) * dpi / 72
    font = ImageFont.truetype(str(face), size)
    place, height = _ROOM * size, int(2.2 * size)
    foot = 1.45 * size
    paper = Image.new("L", (int(place * _COUNT), height), 255)
    draw = ImageDraw.Draw(paper)
    characters = [_SIGNS[int(rng.integers(len(_SIGNS)))] for _ in range(_COUNT)]
    shake = rng.uniform(0.1, 0.5) * dpi / 72 if rng.random() < 0.2 else 0.0
    for at, character in enumerate(characters):
        middle = (at + 0.5) * place + rng.normal(0, shake) + rng.uniform(-1, 1)
        draw.text((middle, foot + rng.normal(0, shake)), character, fill=0, font=font, anchor="ms")
    to_sheet = READING_DPI / dpi
    turn = rng.uniform(-0.2, 0.2)
    picture = _laid(_scanned(np.asarray(paper, np.uint8), rng, dpi), to_sheet, turn, rng)
    zero = font.getbbox("0", anchor="ms")
    digit = (zero[3] - zero[1]) * to_sheet * rng.normal(1, 0.05)
    ink = (picture < DARK).astype(np.uint8)
    for at, character in enumerate(characters):
        x0, x1 = round(at * place * to_sheet), round((at + 1) * place * to_sheet)
        count, _, facts, _ = cv2.connectedComponentsWithStats(ink[:, x0:x1], ltype=cv2.CV_16U)
        least = 0.65 * (READING_DPI / 72) ** 2
        inks = [
            Ink(x, y, x + wide, y + high, area) for x, y, wide, high, area in facts[1:count].tolist() if area >= least
        ]
        if inks:
            place_of = foot * to_sheet + rng.normal(0, 0.6)
            yield Sample(window(picture[:, x0:x1], inks, place_of, digit), CLASSES.index(character))


def _scanned(picture: GrayImage, rng: Generator, dpi: float) -> GrayImage:
    """What a scanner, a fax or a phone makes of the line, at its own resolution."""
    light, dark = rng.uniform(215, 252), rng.uniform(10, 90)
    gray = dark + picture.astype(np.float32) / 255 * (light - dark)
    soft = cv2.GaussianBlur(gray, (0, 0), rng.uniform(0.3, 1.1) * max(1.0, dpi / 220))
    noise = 14.0 if rng.random() < 0.15 else rng.uniform(1, 6)
    grains = rng.standard_normal(gray.shape, dtype=np.float32) * noise
    seen = np.clip(soft + grains, 0, 255).astype(np.uint8)
    if rng.random() < 0.3 and dpi >= 200:
        return np.where(seen < rng.uniform(135, 190), 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 91))])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


def _laid(picture: GrayImage, scale: float, turn: float, rng: Generator) -> GrayImage:
    """At the resolution at which pages are read, turned by what alignment leaves, contrast stretched, partly lost."""
    height, width = picture.shape
    around = cv2.getRotationMatrix2D((width / 2, height / 2), turn if width < 900 else turn / 3, 1.0)
    move = np.asarray(around, np.float64) * scale + [[0, 0, rng.uniform(-0.5, 0.5)], [0, 0, rng.uniform(-0.5, 0.5)]]
    size = round(width * scale), round(height * scale)
    laid = cv2.warpAffine(picture, move, size, flags=cv2.INTER_LINEAR, borderValue=(255,))
    paper = max(1.0, float(np.percentile(laid, 80)))
    cleaned = np.clip(laid.astype(np.float32) * (255 / paper), 0, 255).astype(np.uint8)
    if rng.random() < 0.15:  # a line of the comb, taken out together with ink that it crossed
        at = int(rng.integers(size[1] // 3, size[1] * 3 // 4))
        cleaned[at : at + int(rng.integers(1, 3))] = 255
    if rng.random() < 0.1:
        step = int(rng.integers(20, 60))
        cleaned[:, int(rng.integers(step)) :: step] = 255
    return stretched(cleaned)
