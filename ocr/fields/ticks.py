"""Ticks: how much ink there is in a box, how dark, and what it does around the box.

A mark that stays in its box, or leaves it as a quick hand does, is a tick. One that is scribbled over wider than the
box, ringed, or crossed by a line from side to side may be a tick taken back; a pale one may be rubbed out or show
through from the other side. All those are for a human.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from forms.layout import FieldLayout
from forms.submission import Box, FieldValue, Source
from ocr.files.page import GrayImage
from ocr.segmentation.components import components

DARK: Final = 165
_FRAME: Final = 2.0
"""Points inside the frame that are left out: the frame itself and what alignment may be off."""
_EMPTY_SHARE: Final = 0.012
_MARKED_SHARE: Final = 0.05
_BLOT_SHARE: Final = 0.4
FLAT: Final = 0.3
"""Of a box's side: a mark that is flatter or narrower than this is a mere dash."""
_SPECK: Final = 0.01
"""Share of a box that a piece of a mark covers at least."""
_LETTER, _LETTERS = 0.5, 3
"""So many pieces, each so tall as a share of the mark, are letters."""
_SIDE, _UPRIGHT = 0.2, 0.85
_STROKES_OF_A_LETTER: Final = 3
"""A mark with ink along so much of the height of both of its sides is a letter, with no more strokes beside each other:
a cross has it at its corners, and a box that is filled in has more."""
_SHUT_IN: Final = 0.2
_STROKE: Final = 0.5
"""A tick's longest stroke is at least this share of the box; a dot's is not."""
PALE: Final = 222
"""Evenly lit and smoothed paper is lighter than this, a soft pencil or a drying pen is not."""
_PALE_SHARE: Final = 0.05
_PALE_CONTRAST: Final = 2.5
"""A pale mark stands in its box; what shows through the paper, a fold or a shadow stands around it just as much."""
_AROUND: Final = (2.2, 5.2)
"""Points from the box to both edges of the ring around it: between its frame and the text beside it."""
_SECTORS: Final = 24
_RINGED: Final = 0.5
"""Share of the directions from the box in which there is ink around it."""
_LEAST_AROUND: Final = 0.25
"""Square points of ink that count in a sector of the ring."""

DOUBT_TICK: Final = "Nie wiadomo, czy pole jest zaznaczone. Sprawdź z obrazem."
DOUBT_FAINT: Final = "Bardzo blady znak w polu: zaznaczone czy wytarte? Sprawdź z obrazem."
DOUBT_BLOT: Final = "Pole jest zamazane: zaznaczone czy przekreślone? Sprawdź z obrazem."
DOUBT_TAKEN_BACK: Final = "Znak w polu jest przekreślony albo otoczony kółkiem. Sprawdź z obrazem."


def read_tick(sheet: GrayImage, dpi: float, item: FieldLayout) -> FieldValue:
    """Whether a box is ticked; ``sheet`` is the aligned page at ``dpi``."""
    frame = item.boxes[0]
    inside = inside_of(sheet, dpi, frame)
    share, stroke = _ink(inside < DARK)
    page, box = item.page, item.bounds

    def value(ticked: bool, confidence: float, doubt: str | None = None) -> FieldValue:
        return FieldValue(ticked, confidence, doubt is None, Source.TICK, page, box, f"{share:.3f}", doubt)

    if share < _MARKED_SHARE or stroke < _STROKE:
        if _pale_mark(sheet, dpi, frame):
            return value(True, 0.6, DOUBT_FAINT)
        if share <= _EMPTY_SHARE:
            return value(False, 0.998)
        return value(share >= _MARKED_SHARE, 0.5, DOUBT_TICK)
    around = _around(sheet, dpi, frame)
    if around.covered >= _RINGED or around.crossed:
        return value(True, 0.5, DOUBT_BLOT if share >= _BLOT_SHARE else DOUBT_TAKEN_BACK)
    if _is_no_tick(inside < DARK, share):
        return value(True, 0.5, DOUBT_TICK)
    return value(True, 0.998 if share >= 0.1 else 0.98)


def inside_of(sheet: GrayImage, dpi: float, box: Box) -> GrayImage:
    """What is inside the frame of a box."""
    x0, top, x1, bottom = (edge * dpi / 72 for edge in box)
    frame = _FRAME * dpi / 72
    return sheet[round(top + frame) : round(bottom - frame), round(x0 + frame) : round(x1 - frame)]


@dataclass(frozen=True, slots=True)
class _Around:
    """Ink around a box: the share of directions in which there is some, and whether it lies on two facing sides."""

    covered: float
    crossed: bool


def _around(sheet: GrayImage, dpi: float, box: Box) -> _Around:
    """A line that crosses the box leaves it in the middle of two facing sides; a cross leaves it at its corners."""
    near, far = (edge * dpi / 72 for edge in _AROUND)
    x0, top, x1, bottom = (edge * dpi / 72 for edge in box)
    upper, left = max(0, round(top - far)), max(0, round(x0 - far))
    dark = sheet[upper : round(bottom + far), left : round(x1 + far)] < DARK
    dark[
        round(top - near) - upper : round(bottom + near) - upper, round(x0 - near) - left : round(x1 + near) - left
    ] = 0
    y, x = np.nonzero(dark)
    angles = np.arctan2(y + upper - (top + bottom) / 2, x + left - (x0 + x1) / 2)
    sectors = np.floor(angles / (2 * np.pi) * _SECTORS + 0.5).astype(int) % _SECTORS
    inked = np.bincount(sectors, minlength=_SECTORS) >= _LEAST_AROUND * (dpi / 72) ** 2
    quarter = _SECTORS // 4
    sides = [_side(inked, at * quarter) for at in range(4)]
    return _Around(float(inked.mean()), (sides[0] and sides[2]) or (sides[1] and sides[3]))


def _side(inked: npt.NDArray[np.bool_], middle: int) -> bool:
    """Whether ink lies in the direction of the middle of a side."""
    return any(bool(inked[(middle + turn) % _SECTORS]) for turn in (-1, 0, 1))


def _is_no_tick(dark: npt.NDArray[np.bool_], share: float) -> bool:
    """Whether a mark that is not filled in is a dash, a ring around nothing, or letters, as of 'NIE' or of an N."""
    if share >= _BLOT_SHARE:
        return False
    _, facts = components(dark)
    pieces = facts[1:][facts[1:, cv2.CC_STAT_AREA] >= _SPECK * dark.size]
    if not len(pieces):
        return False
    left, top = pieces[:, 0].min(), pieces[:, 1].min()
    right, bottom = (pieces[:, 0] + pieces[:, 2]).max(), (pieces[:, 1] + pieces[:, 3]).max()
    mark = dark[top:bottom, left:right]
    high, wide = mark.shape
    if min(high / dark.shape[0], wide / dark.shape[1]) < FLAT:
        return True
    if np.count_nonzero(pieces[:, 3] >= _LETTER * high) >= _LETTERS:
        return True
    side = max(1, round(_SIDE * wide))
    rows = mark[high // 3 : 2 * high // 3 + 1]
    scribbled = np.median(np.count_nonzero(rows[:, 1:] & ~rows[:, :-1], axis=1)) > _STROKES_OF_A_LETTER
    if (
        not scribbled
        and min(float(mark[:, at].any(axis=1).mean()) for at in (slice(None, side), slice(-side, None))) >= _UPRIGHT
    ):
        return True
    return _is_ring(mark)


def _is_ring(mark: npt.NDArray[np.bool_]) -> bool:
    """Whether strokes shut in the middle of a mark."""
    paper = np.pad(~mark, 1, constant_values=True).astype(np.uint8)
    labels, facts = components(paper, connectivity=4)
    middle = labels[1 + mark.shape[0] // 2, 1 + mark.shape[1] // 2]
    shut_in = middle != labels[0, 0] and not mark[mark.shape[0] // 2, mark.shape[1] // 2]
    return bool(shut_in and facts[middle, cv2.CC_STAT_AREA] >= _SHUT_IN * mark.size)


def _ink(dark: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Share of dark pixels, and the longest extent of one piece of ink as a share of the box's side."""
    if not dark.any():
        return 0.0, 0.0
    _, facts = components(dark)
    extent = int(facts[1:, 2:4].max())
    return float(dark.mean()), extent / min(dark.shape)


def _pale_mark(sheet: GrayImage, dpi: float, box: Box) -> bool:
    """Whether there is a stroke in a box that is too pale for ink, and nothing like it around the box."""
    unit = dpi / 72
    far = _AROUND[1]
    x0, top, x1, bottom = box
    part = sheet[
        max(0, round((top - far) * unit)) : round((bottom + far) * unit),
        max(0, round((x0 - far) * unit)) : round((x1 + far) * unit),
    ]
    pale = np.asarray(cv2.blur(part, (3, 3)) < PALE)
    skip, frame = round((far + _FRAME) * unit), round((far - 2) * unit)
    inside = pale[skip:-skip, skip:-skip]
    share, stroke = _ink(inside)
    around = np.ones(pale.shape, np.bool_)
    around[frame:-frame, frame:-frame] = False
    beyond = float(pale[around].mean())
    return share >= _PALE_SHARE and stroke >= _STROKE and share >= _PALE_CONTRAST * beyond
