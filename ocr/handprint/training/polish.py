"""What Polish writers add: marks on letters, the 1 with a long upstroke, the barred 7, the crossed Z; and strike-outs.

Marks are real strokes of the data (apostrophes, commas, slashes), turned and scaled onto real letters, or short drawn
ones, with all that goes wrong: weak, merged with the letter, far off.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.random import Generator

from ocr.handprint.training.glyphs import Hands, Points, Strokes

BASES: Final = dict(zip('ĄĆĘŁŃÓŚŹŻąćęłńóśźż"', "ACELNOSZZacelnoszz'", strict=True))
"""What a character is composed on: the letter that a mark is put on, the apostrophe that is doubled."""


def marked(label: str, base: Strokes, hands: Hands, rng: Generator) -> Strokes:
    """A base letter with the mark of ``label``, or an apostrophe doubled."""
    character = label.upper()
    if character == '"':
        return _doubled(base, rng)
    if character in "ĄĘ":
        return [*base, _ogonek(base, hands, rng)]
    if character == "Ł":
        return [*base, _slash(label, base, hands, rng)]
    if character == "Ż":
        return crossed(base, rng) if label == "Ż" and rng.random() < 0.22 else [*base, *_dot(base, rng)]
    return [*base, _kreska(base, hands, rng)]


def with_upstroke(strokes: Strokes, rng: Generator) -> Strokes:
    """A bare 1 with the upstroke that Polish schools teach."""
    low, high = _bounds(strokes)
    height = high[1] - low[1]
    top = strokes[0][np.argmin(strokes[0][:, 1])]
    reach = rng.uniform(0.25, 0.75) * height
    angle = np.deg2rad(rng.uniform(35, 68))
    start = top + np.array([-np.cos(angle), np.sin(angle)]) * reach
    return [*strokes, _curve(start, top, rng.normal(0, 0.05), rng)]


def crossed(strokes: Strokes, rng: Generator) -> Strokes:
    """A 7 or a Z with a bar through its middle."""
    low, high = _bounds(strokes)
    size = high - low
    middle = low + size * (0.5, rng.normal(0.52, 0.06)) + (rng.normal(0.02, 0.05), 0)
    half = np.array([rng.uniform(0.14, 0.3), rng.normal(-0.02, 0.03)])
    return [*strokes, _curve(middle - half, middle + half, rng.normal(0, 0.04), rng)]


def struck(strokes: Strokes, rng: Generator) -> Strokes:
    """Crossed out: a zigzag, several lines, or one long stroke from corner to corner."""
    way, wide = rng.random(), rng.uniform(0.35, 0.6)
    if way < 0.45:
        count = int(rng.integers(5, 13))
        x = np.linspace(-wide, wide, count) + rng.normal(0, 0.04, count)
        y = np.where(np.arange(count) % 2 == 0, -0.1, -0.9) + rng.normal(0, 0.09, count)
        if rng.random() < 0.4:
            x, y = y + 0.5, x * 0.9 - 0.5
        return [*strokes, np.column_stack([x, y]).astype(np.float32)]
    if way < 0.85:
        levels = np.linspace(-0.8, -0.2, int(rng.integers(2, 5))) + rng.normal(0, 0.05)
        tilt = rng.normal(0, 0.12)
        ends = [(np.array([-wide, at + tilt]), np.array([wide, at - tilt])) for at in levels]
        return [*strokes, *(_curve(start, end, rng.normal(0, 0.05), rng) for start, end in ends)]
    corner = np.array([wide + 0.1, rng.uniform(0.55, 0.75)])
    middle = np.array([0.0, -0.5])
    lines = [_curve(middle - corner, middle + corner, 0.02, rng)]
    corner = corner * (-1, 1)
    lines.append(_curve(middle - corner, middle + corner, 0.02, rng))
    return [*strokes, *lines]


def together(first: Strokes, second: Strokes, rng: Generator) -> Strokes:
    """Two characters where one belongs: squeezed beside each other, or one written over the other."""
    if rng.random() < 0.5:
        return [*first, *(stroke + rng.normal(0, 0.05, 2).astype(np.float32) for stroke in second)]
    thin, apart = rng.uniform(0.45, 0.7), rng.uniform(0.2, 0.36)
    return [stroke * (thin, 1.0) + (side * apart, 0.0) for side, ink in ((-1, first), (1, second)) for stroke in ink]


def _doubled(apostrophe: Strokes, rng: Generator) -> Strokes:
    low, high = _bounds(apostrophe)
    apart = np.array([(high[0] - low[0]) + rng.uniform(0.1, 0.22), rng.normal(0, 0.03)])
    return [stroke + shift for shift in (-apart / 2, apart / 2) for stroke in apostrophe]


def _kreska(base: Strokes, hands: Hands, rng: Generator) -> Points:
    low, high = _bounds(base)
    length = max(0.08, rng.normal(0.25, 0.06))
    angle = np.deg2rad(rng.normal(55, 14) if rng.random() < 0.92 else rng.uniform(0, 120))
    gap = rng.normal(0.07, 0.05) if rng.random() < 0.85 else rng.uniform(-0.09, 0.02)
    foot = np.array([(low[0] + high[0]) / 2 + rng.normal(0.08, 0.1) * (high[0] - low[0]), low[1] - gap])
    along = np.array([np.cos(angle), -np.sin(angle)]) * length
    return _real(foot - along / 8, foot + along, "',/", hands, rng)


def _dot(base: Strokes, rng: Generator) -> Strokes:
    low, high = _bounds(base)
    gap = rng.normal(0.13, 0.05) if rng.random() < 0.9 else rng.uniform(-0.03, 0.04)
    at = np.array([(low[0] + high[0]) / 2 + rng.normal(0.03, 0.1) * (high[0] - low[0]), low[1] - gap])
    way = rng.random()
    if way < 0.2:  # a small ring
        turn = np.linspace(0, 6.6, 8)
        ring = at + np.column_stack([np.cos(turn), np.sin(turn)]) * rng.uniform(0.03, 0.06)
        return [ring.astype(np.float32)]
    length = rng.uniform(0.0, 0.05) if way < 0.75 else rng.uniform(0.05, 0.12)
    angle = rng.uniform(0, np.pi)
    return [_curve(at, at + np.array([np.cos(angle), -np.sin(angle)]) * length, 0.0, rng)]


def _slash(label: str, base: Strokes, hands: Hands, rng: Generator) -> Points:
    low, high = _bounds(base)
    height = high[1] - low[1]
    every = np.concatenate(base)
    y = low[1] + height * (rng.normal(0.5, 0.09) if rng.random() < 0.8 else rng.uniform(0.15, 0.35))
    near = every[np.abs(every[:, 1] - y) < 0.3 * height]
    stem = float(near[:, 0].min() if len(near) else low[0]) if label == "Ł" else float(np.median(every[:, 0]))
    middle = np.array([stem + rng.normal(0.05, 0.05), y])
    angle, half = np.deg2rad(rng.normal(33, 13)), rng.uniform(0.13, 0.32)
    along = np.array([np.cos(angle), -np.sin(angle)]) * half
    return _real(middle - along, middle + along, "/-", hands, rng)


def _ogonek(base: Strokes, hands: Hands, rng: Generator) -> Points:
    low, high = _bounds(base)
    every = np.concatenate(base)
    feet = every[every[:, 1] > high[1] - 0.25 * (high[1] - low[1])]
    foot = feet[np.argmax(feet[:, 0])] + np.array([rng.normal(-0.05, 0.06), rng.normal(0.02, 0.03)])
    size = rng.uniform(0.85, 1.7)
    if rng.random() < 0.3:
        end = foot + np.array([rng.normal(-0.03, 0.05), 0.2]) * size
        return _real(foot, end, ",'", hands, rng)
    hook = np.array([(0, 0), (-0.07, 0.08), (-0.06, 0.16), (0.02, 0.2), (0.1, 0.16)]) * size
    kept = 5 if rng.random() < 0.8 else 4
    bent: Points = (foot + hook[:kept] + rng.normal(0, 0.012, (kept, 2))).astype(np.float32)
    return bent


def _real(start: Points, end: Points, characters: str, hands: Hands, rng: Generator) -> Points:
    """A stroke of the data laid from start to end; a drawn one now and then."""
    pool = hands.glyphs.get(characters[int(rng.integers(len(characters)))], [])
    if not pool or rng.random() < 0.35:
        return _curve(start, end, rng.normal(0, 0.06), rng)
    stroke = max(pool[int(rng.integers(len(pool)))].strokes, key=len)
    span = stroke[-1] - stroke[0]
    length = float(np.hypot(*span))
    extent = float(np.ptp(stroke, axis=0).max())
    if length < 0.6 * extent or length < 0.02:
        return _curve(start, end, rng.normal(0, 0.06), rng)
    wanted = end - start
    turn = complex(*wanted) / complex(*span)
    moved = (stroke - stroke[0]).astype(np.float64) @ np.array([[turn.real, turn.imag], [-turn.imag, turn.real]])
    laid: Points = (start + moved).astype(np.float32)
    return laid


def _curve(start: Points, end: Points, bend: float, rng: Generator) -> Points:
    """From start to end with the middle moved aside by ``bend`` of the length."""
    along = end - start
    middle = (start + end) / 2 + np.array([along[1], -along[0]]) * bend + rng.normal(0, 0.006, 2)
    quarter = (start + middle) / 2 + (middle - (start + end) / 2) / 4
    drawn: Points = np.array([start, quarter, middle, end]).astype(np.float32)
    return drawn


def _bounds(strokes: Strokes) -> tuple[Points, Points]:
    points = np.concatenate(strokes)
    return points.min(axis=0), points.max(axis=0)
