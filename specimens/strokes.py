"""Pen strokes: a wobbly hand for comb cells, and signatures. Drawn as curves, so that no two letters are alike.

A glyph is a set of strokes on a grid 4 wide and 6 high with the baseline at 0. It imitates handwriting so far that a
reader of print must not believe it; it is no data to train or measure a reader of handwriting.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from random import Random
from typing import Final

from forms.submission import Box

Point = tuple[float, float]
Stroke = list[Point]

# Strokes are separated by ';', points are two digits (x, y); '~' makes the stroke a curve through its points.
_GLYPHS: Final = {
    "0": "~26 04 02 20 42 44 26",
    "1": "04 26 20",
    "2": "~04 16 36 44 22 00;00 40",
    "3": "~05 26 45 33 13;~23 42 30 10 01",
    "4": "36 02 42;34 30",
    "5": "46 06 04;~04 34 42 30 00",
    "6": "~46 14 01 20 41 33 12 01",
    "7": "06 46 10;13 33",
    "8": "~45 26 05 23 41 20 01 23 45",
    "9": "~44 13 05 26 45 42 30 10",
    "A": "00 26 40;12 32",
    "B": "00 06;~06 36 45 33 03;~23 42 30 00",
    "C": "~45 26 05 01 20 41",
    "D": "06 00;~06 36 43 30 00",
    "E": "46 06 00 40;03 33",
    "F": "46 06 00;03 33",
    "G": "~45 26 05 01 20 41;41 43 23",
    "H": "06 00;46 40;03 43",
    "I": "26 20",
    "J": "~36 31 20 10 01",
    "K": "06 00;46 03 40",
    "L": "06 00 40",
    "M": "00 06 23 46 40",
    "N": "00 06 40 46",
    "O": "~26 05 01 20 41 45 26",
    "P": "00 06;~06 36 44 33 03",
    "Q": "~26 05 01 20 41 45 26;22 40",
    "R": "00 06;~06 36 44 33 03;23 40",
    "S": "~45 26 05 14 32 41 20 01",
    "T": "06 46;26 20",
    "U": "~06 01 20 41 46",
    "V": "06 20 46",
    "W": "06 10 24 30 46",
    "X": "06 40;46 00",
    "Y": "06 23 46;23 20",
    "Z": "06 46 00 40",
    "@": "~33 24 13 22 33 32 42 44 26 05 01 20 31",
    ".": "20 21",
    "-": "03 33",
    "_": "00 40",
    "/": "00 46",
    ",": "21 10",
    "'": "26 25",
    "+": "03 43;25 21",
    "&": "~40 15 26 34 01 10 42",
    "(": "~36 13 30",
    ")": "~16 33 10",
    '"': "16 15;36 35",
}
_ACUTE: Final[Stroke] = [(1.8, 6.7), (2.9, 7.7)]
_OGONEK: Final[Stroke] = [(3.7, 0.0), (3.2, -0.8), (4.1, -1.3)]
_DOT: Final[Stroke] = [(2.0, 7.0), (2.2, 7.3)]
_SLASH: Final[Stroke] = [(-0.7, 2.4), (1.6, 4.0)]
_MARKED: Final = {
    "Ą": ("A", _OGONEK), "Ć": ("C", _ACUTE), "Ę": ("E", _OGONEK), "Ł": ("L", _SLASH), "Ń": ("N", _ACUTE),
    "Ó": ("O", _ACUTE), "Ś": ("S", _ACUTE), "Ź": ("Z", _ACUTE), "Ż": ("Z", _DOT),
}  # fmt: skip


def written(sign: str, cell: Box, rng: Random) -> list[Stroke]:
    """One character as strokes inside a comb cell, in page coordinates (top-left origin); none for a blank."""
    base, mark = _MARKED.get(sign.upper(), (sign.upper(), None))
    if base not in _GLYPHS:
        return []
    strokes = [_stroke(text) for text in _GLYPHS[base].split(";")]
    if mark:
        strokes.append(mark)
    width, height = cell[2] - cell[0], cell[3] - cell[1]
    rise = height * rng.uniform(0.48, 0.60) / 6
    run = width * rng.uniform(0.44, 0.58) / 4
    slant, turn = rng.gauss(0.12, 0.06), rng.gauss(0, 0.04)
    left = cell[0] + width / 2 - 2 * run + rng.gauss(0, 0.6)
    base_line = cell[3] - height * 0.2 + rng.gauss(0, 0.7)
    out = []
    for stroke in strokes:
        placed = []
        for x, y in stroke:
            across, up = (x + slant * y + rng.gauss(0, 0.14)) * run, (y + turn * x * 3 + rng.gauss(0, 0.14)) * rise
            placed.append((left + across, base_line - up))
        out.append(placed)
    return out


def signature(box: Box, rng: Random) -> list[Stroke]:
    """An unreadable signature that fills most of the box: a tall first letter, loops, a flourish."""
    width, height = box[2] - box[0], box[3] - box[1]
    x = box[0] + width * rng.uniform(0.05, 0.2)
    end = box[0] + width * rng.uniform(0.6, 0.92)
    middle, phase = (box[1] + box[3]) / 2 + height * 0.1, rng.uniform(0, math.tau)
    high = height * rng.uniform(0.3, 0.5)
    line: Stroke = [(x, middle + height * 0.3), (x + 6 * rng.uniform(0.2, 1.6), middle - high)]
    line += [(x + rng.uniform(9, 17), middle - high * rng.uniform(0.2, 0.8)), (x + rng.uniform(2, 12), middle + 3)]
    line.append((x + 16, middle + height * rng.uniform(0.05, 0.3)))
    x += 18
    loops = rng.randint(4, 12)
    step = (end - x) / loops
    for _ in range(loops):
        tall = height * (rng.uniform(0.25, 0.42) if rng.random() < 0.25 else rng.uniform(0.06, 0.16))
        drift = 3 * math.sin(phase + x / 40)
        line += [
            (x + step * 0.35, middle + drift + height * 0.12 * rng.uniform(0.5, 1.0)),
            (x + step * 0.85, middle + drift - tall),
            (x + step * rng.uniform(0.55, 0.75), middle + drift - tall * 0.9),
            (x + step * 0.8, middle + drift + height * 0.1),
        ]
        x += step
    strokes = [line]
    if rng.random() < 0.5:
        low = middle + height * rng.uniform(0.25, 0.33)
        strokes.append(
            [(end + 4, low - 3), ((box[0] + end) / 2, low + 2), (box[0] + width * 0.18, low + rng.gauss(0, 2))]
        )
    return strokes


def tick_strokes(box: Box, shape: str, rng: Random) -> list[Stroke]:
    """A mark in a tick box, drawn by a quick hand: 'cross', 'check', 'filled'.

    'wide cross' and 'long check' leave the box a little.
    """
    x0, top, x1, bottom = box
    size = x1 - x0

    def near(x: float, y: float) -> Point:
        return x0 + x * size + rng.gauss(0, 0.5), top + y * (bottom - top) + rng.gauss(0, 0.5)

    if shape == "cross":
        return [[near(0.15, 0.15), near(0.85, 0.85)], [near(0.85, 0.15), near(0.15, 0.85)]]
    if shape == "check":
        return [[near(0.12, 0.5), near(0.4, 0.85), near(1.0, 0.05)]]
    if shape == "wide cross":
        return [[near(-0.15, -0.12), near(1.15, 1.1)], [near(1.12, -0.15), near(-0.12, 1.15)]]
    if shape == "long check":
        return [[near(-0.2, 0.35), near(0.4, 0.9), near(1.6, -0.6)]]
    zigzag = [near(0.18 + 0.64 * (at / 9), 0.18 if at % 2 else 0.84) for at in range(10)]
    return [zigzag, [near(0.2, 0.5), near(0.8, 0.45)]]


def _stroke(text: str) -> Stroke:
    points = [(float(pair[0]), float(pair[1])) for pair in text.lstrip("~").split()]
    return smooth(points) if text.startswith("~") else points


def smooth(points: Sequence[Point], steps: int = 6) -> Stroke:
    """A Catmull-Rom curve through the points, as a fine polyline."""
    padded = [points[0], *points, points[-1]]
    out: Stroke = []
    for before, here, there, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for at in range(steps):
            t = at / steps
            out.append(
                (_cubic(before[0], here[0], there[0], after[0], t), _cubic(before[1], here[1], there[1], after[1], t))
            )
    return [*out, points[-1]]


def _cubic(before: float, here: float, there: float, after: float, t: float) -> float:
    return here + 0.5 * t * (
        there - before + t * (2 * before - 5 * here + 4 * there - after + t * (3 * (here - there) + after - before))
    )


def smoothed(strokes: Iterable[Stroke]) -> list[Stroke]:
    """Every stroke as a curve."""
    return [smooth(stroke) for stroke in strokes]
