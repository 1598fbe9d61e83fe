"""Cells of our combs drawn on paper: real strokes by pens of many sorts, printed lines, neighbours, dirt.

The geometry is that of ``forms.layout``; a drawn cell is handed on to ``conditions.scanned``.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from forms.layout import CELL_HEIGHT, CELL_WIDTH, COMB_ROW_GAP
from ocr.files.page import GrayImage
from ocr.handprint.alphabet import CLASSES, EMPTY, PARTS, SIGNS, STRUCK, Part
from ocr.handprint.cells import ROOM_ACROSS, ROOM_DOWN, SEEN_HEIGHT, SEEN_WIDTH
from ocr.handprint.training.bending import bent, bent_scan
from ocr.handprint.training.conditions import CANVAS_DPI, CANVAS_ROOM, CONDITIONS, Condition, scanned
from ocr.handprint.training.glyphs import Hands, Strokes
from ocr.handprint.training.polish import BASES, crossed, marked, struck, together, with_upstroke

_UNIT: Final = CANVAS_DPI / 72
_SIZE: Final = (round((SEEN_HEIGHT + 2 * CANVAS_ROOM) * _UNIT), round((SEEN_WIDTH + 2 * CANVAS_ROOM) * _UNIT))
_LEFT: Final = CANVAS_ROOM + ROOM_ACROSS
_TOP: Final = CANVAS_ROOM + ROOM_DOWN
_FINE: Final = 4
"""Fraction bits of drawing coordinates."""
_SCANNED_SHARE: Final = 0.5
"""Digits that come from scans of paper instead of tablets."""
_LETTERS_END: Final = len(CLASSES) - len(SIGNS)
_ABOVE: Final = CELL_HEIGHT + COMB_ROW_GAP
"""From a row of cells to the next, in points."""
_KEPT: Final = 45
"""By how many tones ink is darker than the threshold of black and white that may not lose it."""

Coverage = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating[Any]]


def drawn(label: str, hands: Hands, rng: Generator, condition: Condition | None = None) -> GrayImage:
    """One cell with that class in it, as the network gets it, under a condition (one at random unless given)."""
    how = condition or list(CONDITIONS.values())[int(rng.integers(len(CONDITIONS)))]
    content = _chosen(label, hands, rng)
    if isinstance(content, np.ndarray):
        content = bent_scan(content, rng)
    elif content:
        content = bent(content, rng)
    return in_cell(content, hands, rng, how)


def in_cell(
    content: Strokes | Coverage | None, hands: Hands, rng: Generator, condition: Condition, pen: float | None = None
) -> GrayImage:
    """A cell with this writing in it: strokes, a scanned digit (coverage), or nothing.

    ``pen`` is the width of its line in points, any unless given.
    """
    ink = np.zeros(_SIZE, np.uint8)
    pen = _pen(rng) if pen is None else pen
    if isinstance(content, np.ndarray):
        _stamp(ink, content, rng)
    elif content:
        _write(ink, content, rng, pen)
    for side in (-1, 1):
        if rng.random() < 0.6:
            _write_beside(ink, side, hands, rng, pen)
    mishap = rng.random() < condition.mishaps
    stained = mishap and rng.random() < 0.6
    if mishap and not stained:
        _write_above(ink, hands, rng, pen)
    if content is None and rng.random() < 0.15:
        _dirty(ink, rng)
    darkest = 255 if condition.threshold is None else condition.threshold[0] - _KEPT
    return scanned(_on_paper(ink, darkest, _stained(hands, rng) if stained else None, rng), condition, rng)


def _chosen(label: str, hands: Hands, rng: Generator) -> Strokes | Coverage | None:
    """Writing of that class by a writer at random."""
    if label == EMPTY:
        return None
    if label == STRUCK:
        below, above = (glyph_of(CLASSES[int(at)], hands, rng) for at in rng.integers(2, _LETTERS_END, 2))
        return struck(below, rng) if rng.random() < 0.75 else together(below, above, rng)
    if label in hands.scanned and rng.random() < _SCANNED_SHARE:
        pool = hands.scanned[label]
        return pool[int(rng.integers(len(pool)))]
    return habit(label, glyph_of(label, hands, rng), rng)


def glyph_of(label: str, hands: Hands, rng: Generator) -> Strokes:
    """Strokes of a glyph with that label, its mark composed where the data has none."""
    base = BASES.get(label, label)
    pool = hands.glyphs[base]
    strokes = pool[int(rng.integers(len(pool)))].strokes
    return strokes if base == label else marked(label, strokes, hands, rng)


def habit(label: str, strokes: Strokes, rng: Generator) -> Strokes:
    """Now and then written as Poles do: 1 with an upstroke, 7 and Z with a bar."""
    if label == "1" and len(strokes) == 1 and len(strokes[0]) <= 8 and rng.random() < 0.6:
        return with_upstroke(strokes, rng)
    if label == "7" and len(strokes) == 1 and rng.random() < 0.4:
        return crossed(strokes, rng)
    if label in "Zz" and rng.random() < 0.07:
        return crossed(strokes, rng)
    return strokes


def _pen(rng: Generator) -> float:
    """Width of the line in points: mostly ballpoint, some fineliners and felt tips."""
    return float(rng.uniform(0.8, 1.9) if rng.random() < 0.8 else rng.uniform(0.55, 2.9))


def _write(
    ink: Coverage, strokes: Strokes, rng: Generator, pen: float, shift: tuple[float, float] = (0.0, 0.0)
) -> None:
    """Draw strokes into the cell, or moved from it by ``shift`` points, to the right and down."""
    height = float(np.clip(rng.normal(12.6, 2.0), 8.0, 18.5))
    points = np.concatenate(strokes)
    wide = float(np.ptp(points[:, 0]))
    aspect = rng.uniform(0.82, 1.15)
    most = CELL_WIDTH * rng.uniform(0.72, 1.08)
    if wide * height * aspect > most:
        aspect = max(0.55, most / (wide * height))
        height = min(height, most / (wide * aspect))
    angle, slant = np.deg2rad(rng.normal(0, 3.0)), rng.normal(0.02, 0.1)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[aspect, -slant], [0, 1]]) * height
    line = CELL_HEIGHT - max(0.0, CELL_HEIGHT - height) * np.clip(rng.normal(0.42, 0.16), -0.05, 1.05)
    middle = CELL_WIDTH / 2 + rng.normal(0, 1.0) + shift[0]
    lean = slant * 0.5 * height
    scale = _UNIT * (1 << _FINE)
    offset = np.array([_LEFT + middle - lean, _TOP + line + shift[1]])
    loose = rng.normal(0, 0.012, (len(strokes), 2)) if len(strokes) > 1 else np.zeros((1, 2))
    width = max(1, round(pen * _UNIT + rng.uniform(-0.5, 0.5)))
    for stroke, apart in zip(strokes, loose, strict=True):
        placed = np.round(((stroke + apart) @ matrix.T + offset) * scale).astype(np.int32)
        if len(placed) == 1:
            placed = np.repeat(placed, 2, axis=0) + np.array([[0, 0], [4, 4]], np.int32)
        cv2.polylines(ink, [placed.reshape(-1, 1, 2)], False, 255, width, cv2.LINE_AA, _FINE)


def _stamp(ink: Coverage, digit: Coverage, rng: Generator) -> None:
    """Put a scanned digit (20 of 28 pixels high) into the cell."""
    height = float(np.clip(rng.normal(12.6, 2.0), 8.0, 18.0))
    scale = height / 20 * _UNIT
    angle, slant = np.deg2rad(rng.normal(0, 3.0)), rng.normal(0.02, 0.08)
    matrix = np.array([[np.cos(angle), -np.sin(angle) - slant], [np.sin(angle), np.cos(angle)]]) * scale
    matrix[:, 0] *= rng.uniform(0.82, 1.1)
    line = CELL_HEIGHT - max(0.0, CELL_HEIGHT - height) * np.clip(rng.normal(0.42, 0.16), -0.05, 1.05)
    middle = np.array([_LEFT + CELL_WIDTH / 2 + rng.normal(0, 1.0), _TOP + line - height / 2]) * _UNIT
    offset = middle - matrix @ np.array([13.5, 13.5])
    size = (ink.shape[1], ink.shape[0])
    placed = cv2.warpAffine(digit, np.column_stack([matrix, offset]), size, flags=cv2.INTER_CUBIC)
    contrast = cv2.convertScaleAbs(placed, alpha=rng.uniform(1.0, 2.2), beta=0)
    np.maximum(ink, contrast, out=ink)


def _write_beside(ink: Coverage, side: int, hands: Hands, rng: Generator, pen: float) -> None:
    """A neighbour's writing, of which a little may reach into the cell."""
    labels = list(hands.glyphs)
    pool = hands.glyphs[labels[int(rng.integers(len(labels)))]]
    if pool:
        nearer = abs(rng.normal(0, 1.2)) if rng.random() < 0.15 else 0.0
        _write(ink, pool[int(rng.integers(len(pool)))].strokes, rng, pen, (side * (CELL_WIDTH - nearer), 0.0))


def _write_above(ink: Coverage, hands: Hands, rng: Generator, pen: float) -> None:
    """Writing that comes down or up from the next row: a correction above the cell, a tail, a high letter."""
    labels = list(hands.glyphs)
    pool = hands.glyphs[labels[int(rng.integers(len(labels)))]]
    if pool:
        row = -_ABOVE if rng.random() < 0.6 else _ABOVE
        nearer = -np.sign(row) * abs(rng.normal(0, 2.0))
        _write(ink, pool[int(rng.integers(len(pool)))].strokes, rng, pen, (rng.normal(0, 4.0), row + nearer))


def _dirty(ink: Coverage, rng: Generator) -> None:
    """A slip of the pen or a speck: not writing yet."""
    start = rng.uniform(0, 1, 2) * (ink.shape[1], ink.shape[0])
    end = start + rng.normal(0, 0.6, 2) * _UNIT
    ends = [(int(start[0]), int(start[1])), (int(end[0]), int(end[1]))]
    cv2.line(ink, ends[0], ends[1], int(rng.uniform(60, 255)), int(rng.integers(1, 3)), cv2.LINE_AA)


def _on_paper(ink: Coverage, palest: float, stained: GrayImage | None, rng: Generator) -> GrayImage:
    """Ink, at most as light as ``palest``, over printed lines over paper, in tones of gray."""
    paper = np.full(_SIZE, 255, np.uint8) if stained is None else stained
    if rng.random() < 0.97:
        _print_lines(paper, rng)
    draw = rng.random()
    tone = rng.uniform(5, 90) if draw < 0.72 else rng.uniform(90, 140) if draw < 0.92 else rng.uniform(140, 178)
    tone = min(tone, palest)
    cover = ink.astype(np.float32) / 255
    if rng.random() < 0.3:  # a pen that skips, a pencil
        grain = cv2.GaussianBlur(rng.standard_normal(_SIZE, dtype=np.float32), (0, 0), rng.uniform(0.8, 2.5))
        cover *= np.clip(1 + grain / (float(grain.std()) + 1e-6) * np.float32(rng.uniform(0.05, 0.35)), 0.2, 1.0)
    under = paper.astype(np.float32)
    result: GrayImage = (under * (1 - cover * np.float32(1 - tone / 255))).astype(np.uint8)
    return result


def _stained(hands: Hands, rng: Generator) -> GrayImage:
    """Paper that was creased, spilled on, or written on at its back, which shines through."""
    paper = np.full(_SIZE, 255, np.uint8)
    draw = rng.random()
    if draw < 0.4:  # the back
        _write_above(paper_ink := np.zeros(_SIZE, np.uint8), hands, rng, 1.4)
        _write_beside(paper_ink, 0, hands, rng, 1.4)
        soft = cv2.GaussianBlur(paper_ink[:, ::-1], (0, 0), rng.uniform(1.0, 3.0))
        paper -= (soft.astype(np.float32) * np.float32(rng.uniform(0.08, 0.3))).astype(np.uint8)
    elif draw < 0.7:  # a stain's edge
        y, x = np.mgrid[: _SIZE[0], : _SIZE[1]].astype(np.float32)
        middle, radius = rng.uniform(-150, 250, 2), rng.uniform(60, 250)
        far = np.hypot(x - np.float32(middle[0]), y - np.float32(middle[1])) - np.float32(radius)
        edge = np.exp(-np.square(far / rng.uniform(3, 12))) * rng.uniform(15, 70)
        paper -= np.clip(edge + (far < 0) * rng.uniform(3, 35), 0, 110).astype(np.uint8)
    else:  # a crease, darker or lighter than the paper
        start, end = (rng.uniform(0, 1, 2) * (_SIZE[1], _SIZE[0]) for _ in range(2))
        along = (end - start) * 20
        ends = [tuple(int(at) for at in start - along), tuple(int(at) for at in start + along)]
        cv2.line(paper, ends[0], ends[1], int(rng.uniform(150, 235)), int(rng.integers(1, 5)), cv2.LINE_AA)
    return paper


def _print_lines(paper: GrayImage, rng: Generator) -> None:
    """The lines of the cell, of its neighbours, and now and then of the row above or below; bits of a label."""
    tone = int(np.clip(rng.normal(168, 18), 90, 225))
    width = rng.uniform(0.4, 0.7) * _UNIT
    first = -CELL_WIDTH if rng.random() < 0.85 else 0.0
    last = 2 * CELL_WIDTH if rng.random() < 0.85 else CELL_WIDTH
    tops = [0.0]
    if rng.random() < 0.2:
        tops.append((CELL_HEIGHT + COMB_ROW_GAP) * (1 if rng.random() < 0.5 else -1))
    for top in tops:
        for y in (top, top + CELL_HEIGHT):
            _line(paper, (first, y), (last, y), tone, width)
        for x in np.arange(first, last + 1, CELL_WIDTH):
            _line(paper, (float(x), top), (float(x), top + CELL_HEIGHT), tone, width)
    if rng.random() < 0.12:
        dark = int(rng.integers(20, 90))
        for _ in range(int(rng.integers(1, 7))):
            x, tall = rng.uniform(-4, CELL_WIDTH + 4), rng.uniform(0.5, 3.0)
            _line(paper, (x, -3.6 - tall), (x + rng.uniform(-1, 2), -3.6), dark, rng.uniform(0.5, 1.0) * _UNIT)


def _line(paper: GrayImage, start: tuple[float, float], end: tuple[float, float], tone: int, width: float) -> None:
    """A printed line between points of the cell (its top left corner is 0, 0), its width in pixels."""
    scale = _UNIT * (1 << _FINE)
    ends = [(round((_LEFT + x) * scale), round((_TOP + y) * scale)) for x, y in (start, end)]
    cv2.line(paper, ends[0], ends[1], tone, max(1, round(width)), cv2.LINE_AA, _FINE)


def class_weights(part: Part) -> Floats:
    """How often each class of a network is drawn in training: what our forms ask for most, most."""
    weights = np.array([(_digit_weight if part == "digits" else _weight)(character) for character in PARTS[part]])
    shares: Floats = weights / weights.sum()
    return shares


def _weight(character: str) -> float:
    if character == EMPTY:
        return 5.0
    if character == STRUCK:
        return 2.6
    if character.isdigit():
        return 1.8
    if character in SIGNS:
        return 0.35 if character in "'\"()" else 0.8
    if character.isupper():
        return 1.6
    return 0.25 if character in BASES else 0.6


def _digit_weight(character: str) -> float:
    """The 1 and the 7 have the most shapes: bare, with a foot, an upstroke, a bar."""
    return 2.0 if character == EMPTY else 1.6 if character in "17" else 1.0
