"""Words on paper that void it: 'ANULOWANO' or 'KOPIA' anywhere on the page, stamped, written or printed.

Offices stamp what they receive, so ink beside the fields says nothing by itself; it has to be read. Looked for are rows
of signs that the form does not print, and only those are read: a page that carries nothing costs next to nothing. What
is as tall as no stamp of a mailroom is doubtful even where it cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from forms.asking import plain
from ocr.additions.added_ink import SCALE, Added, Floats
from ocr.fields.stray_ink import Mask
from ocr.files.page import GrayImage
from ocr.lexicons import office_words, void_words
from ocr.segmentation.components import components
from ocr.tesseract.lines import line_recogniser

DOUBT_VOID: Final = "Na stronie jest napis, który może ją unieważniać. Sprawdź z obrazem."

_PAPER, _HALF = 255, 127
_SIGN, _TALLEST_STAMP, _LARGEST = 6.5, 45.0, 150.0
"""Points: how tall signs are that are read."""
_HOLLOW: Final = 0.18
_SLIM: Final = 7.0
"""Share of its box that a sign covers, and how much longer than wide it is; lines around a stamp are neither."""
_ALIKE: Final = 2.2
"""Signs of a row differ in height by no more than this."""
_NEAR: Final = 0.8
"""Of their height: signs of a row stand no farther apart."""
_FEWEST: Final = 3
_LONG, _JOINED = 1.6, 3.5
"""So many times longer than high are a few signs in a row, and letters that touch."""
_ELONGATED: Final = 1.8
_TURNS: Final = tuple(range(-14, 15, 2))
"""Degrees by which a stamp of several lines stands askew."""
_UPRIGHT: Final = 60.0
_MOST_SIGNS, _MOST_ROWS = 300, 6
_READ_AT: Final = 36
"""Pixels of height that a row is read at."""
_MARGIN: Final = 12
_SURE_LENGTH, _LONG_WORD = 6, 9
"""Letters from which a word is known with one sign misread, and with two; as many are known as a part of one."""
_MISREAD: Final = 75.0
"""How like a word (per cent) is one of which print of the form took signs away."""
_PART, _LIKE = 3, 75.0
"""Letters of a part of a word that offices stamp, and how like it they are (per cent): it voids no page."""
_STAMP: Final = 16.0
"""Points: the capitals of a mailroom's stamps are lower, but for those that are known."""
_FEWEST_OF_A_WORD: Final = 4
_TALL: Final = 0.6
_NUMBER: Final = re.compile(r"\d.*\d")
_LETTERS: Final = re.compile(r"[^\W\d_].*[^\W\d_]")


@dataclass(frozen=True, slots=True)
class _Row:
    """Signs that stand in a row: their ink, laid level, how tall they are in points, and how many."""

    ink: GrayImage
    height: float
    signs: int


def bears_void_words(added: Iterable[Added]) -> bool:
    """Whether there are words that may void a page in what was added to it."""
    return any(_may_void(row, _read(row)) for row in _rows(added))


def _may_void(row: _Row, text: str) -> bool:
    words = re.findall(r"[a-z]+", plain(text))
    if any(_is_void(word) for word in (*words, "".join(words))):
        return True
    harmless = _NUMBER.search(text) or any(map(_is_of_an_office, words))
    return row.height >= _STAMP and row.signs >= _FEWEST_OF_A_WORD and not harmless and bool(_LETTERS.search(text))


def _rows(added: Iterable[Added]) -> list[_Row]:
    found: list[_Row] = []
    for each in added:
        found += [*_rows_of(each.ink, each.boxes, _TALLEST_STAMP), *_rows_of(each.thick, each.boxes, _LARGEST)]
    return sorted(found, key=lambda row: -row.height)[:_MOST_ROWS]


def _rows_of(ink: Mask, taken: Floats, largest: float) -> Iterator[_Row]:
    """The rows of signs in some ink, each turned level."""
    labels, facts = components(ink)
    x, y, wide, high, area = facts.T
    long, short = np.maximum(wide, high), np.minimum(wide, high)
    kept = (long >= _SIGN * SCALE) & (short <= largest * SCALE) & (area >= _HOLLOW * wide * high)
    kept &= long <= _SLIM * short
    kept[0] = False
    signs = np.flatnonzero(kept)
    signs = signs[np.argsort(-area[signs])][:_MOST_SIGNS]
    boxes = np.column_stack((x, y, x + wide, y + high))[signs].astype(np.float64)
    within = (boxes[:, None, :2] >= taken[:, :2]).all(axis=2) & (boxes[:, None, 2:] <= taken[:, 2:]).all(axis=2)
    beside = ~np.asarray(within, np.bool_).any(axis=1)
    signs, boxes = signs[beside], boxes[beside]
    for group in _standing_together(boxes):
        (x0, top), (x1, bottom) = (
            side.astype(int).tolist() for side in (boxes[group, :2].min(axis=0), boxes[group, 2:].max(axis=0))
        )
        yield from _levelled(np.isin(np.asarray(labels)[top:bottom, x0:x1], signs[group]), len(group))


def _standing_together(boxes: Floats) -> Iterator[npt.NDArray[np.intp]]:
    """Numbers of the boxes that stand near each other and are about as large."""
    if not len(boxes):
        return
    x0, top, x1, bottom = boxes.T
    side = np.maximum(x1 - x0, bottom - top)
    apart = np.maximum(
        np.maximum(x0[:, None], x0) - np.minimum(x1[:, None], x1),
        np.maximum(top[:, None], top) - np.minimum(bottom[:, None], bottom),
    )
    smaller, larger = np.minimum(side[:, None], side), np.maximum(side[:, None], side)
    linked = (apart <= _NEAR * smaller) & (larger <= _ALIKE * smaller)
    group, before = np.arange(len(boxes)), np.full(len(boxes), -1)
    while (group != before).any():
        group, before = np.where(linked, group, len(boxes)).min(axis=1), group
    for each in np.unique(group):
        yield np.flatnonzero(group == each)


def _levelled(ink: Mask, signs: int) -> Iterator[_Row]:
    """The rows of a group of signs; a group that is no row, or too little of one, has none."""
    points = np.column_stack(np.nonzero(ink)[::-1]).astype(np.float32)
    (_, _), sides, _ = cv2.minAreaRect(points)
    if signs < _FEWEST and max(sides) < _LONG * min(sides):
        return
    for turn in _turns(points):
        upright = _turned(ink, turn)
        lines = np.flatnonzero(upright.any(axis=1))
        for rows in np.split(lines, np.flatnonzero(np.diff(lines) > 1) + 1) if len(lines) else ():
            row = upright[rows[0] : rows[-1] + 1]
            columns = np.flatnonzero(row.any(axis=0))
            row = row[:, columns[0] : columns[-1] + 1]
            high, wide = row.shape
            tall, found = _signs(row)
            if high >= _SIGN * SCALE and wide >= (_LONG if found >= _FEWEST else _JOINED) * high:
                yield _Row(row, tall, found)


def _signs(row: GrayImage) -> tuple[float, int]:
    """How tall the signs of a row are in points, and how many: pieces that are about as tall as it is."""
    _, facts = components(row)
    heights = facts[1:, cv2.CC_STAT_HEIGHT]
    tall = heights[heights >= _TALL * row.shape[0]]
    return (float(np.median(tall)) if len(tall) else row.shape[0]) / SCALE, len(tall)


def _turns(points: npt.NDArray[np.float32]) -> list[float]:
    """Degrees by which signs have to be turned to stand level, as far as that can be told."""
    (_, _), (wide, high), angle = cv2.minAreaRect(points)
    if max(wide, high) < _ELONGATED * min(wide, high):
        return [float(max(_TURNS, key=lambda turn: _sharpness(points, turn)))]
    along = ((angle if wide >= high else angle - 90) + 90) % 180 - 90
    return [along] if abs(along) < _UPRIGHT else [along, along + 180]


def _sharpness(points: npt.NDArray[np.float32], turn: float) -> float:
    """How clearly ink lies in rows with paper between them when it is turned so."""
    angle = np.radians(turn)
    down = points[:, 1] * np.cos(angle) - points[:, 0] * np.sin(angle)
    return float((np.bincount((down - down.min()).astype(int)).astype(float) ** 2).sum())


def _turned(ink: Mask, turn: float) -> GrayImage:
    high, wide = ink.shape
    side = int(np.hypot(high, wide)) + 4
    move = np.asarray(cv2.getRotationMatrix2D((wide / 2, high / 2), turn, 1.0), np.float64)
    move[:, 2] += side / 2 - np.array([wide / 2, high / 2])
    turned = cv2.warpAffine(ink.astype(np.uint8) * 255, move, (side, side), flags=cv2.INTER_LINEAR)
    return np.asarray(turned > _HALF, np.uint8)


def _read(row: _Row) -> str:
    scale = _READ_AT / row.ink.shape[0]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    sized = cv2.resize(row.ink * 255, None, fx=scale, fy=scale, interpolation=how)
    line = np.full((sized.shape[0] + 2 * _MARGIN, sized.shape[1] + 2 * _MARGIN), _PAPER, np.uint8)
    line[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN] = _PAPER - sized
    return line_recogniser().read([line], "pol")[0].text


def _is_void(word: str) -> bool:
    for known in _void():
        most = (len(known) >= _SURE_LENGTH) + (len(known) >= _LONG_WORD)
        if len(word) >= _SURE_LENGTH and (word in known or fuzz.ratio(word, known) >= _MISREAD):
            return True
        if abs(len(known) - len(word)) <= most and OSA.distance(known, word, score_cutoff=most) <= most:
            return True
    return False


def _is_of_an_office(word: str) -> bool:
    return len(word) >= _PART and any(fuzz.partial_ratio(word, known) >= _LIKE for known in _of_offices())


@cache
def _void() -> tuple[str, ...]:
    return tuple(map(plain, void_words()))


@cache
def _of_offices() -> tuple[str, ...]:
    return tuple(map(plain, office_words()))
