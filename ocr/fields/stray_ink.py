"""Writing outside the boxes: a value beside an empty field, a correction above it, a remark at a tick.

The page is compared with what is printed on its blank (also in the one that is typed into). What is left is sorted:
only pieces that measure as writing count, not dust, hairs, folds, punch holes, stains or stamps, and not what writing
in the boxes leaves a little over their edge. Everything happens at ``BLANK_DPI``, a few milliseconds a page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from forms.form import Form
from forms.kinds import Value
from forms.layout import PAGE_WIDTH, FieldLayout, layout
from forms.submission import Box
from ocr.alignment.blanks import BLANK_SCALE, blank, unfilled_fillable
from ocr.alignment.sheet import Sheet
from ocr.files.page import GrayImage
from ocr.segmentation.components import components

_INK: Final = 168
"""Brightness of the evenly lit page at 100 dpi below which there is ink; hairs and what shows through are lighter."""
_CORE: Final = 142
"""Somewhere a stroke of a pen is darker than this; stains are not."""
_PALE: Final = 226
_PALE_SHARE: Final = 0.06
_PALE_CELLS: Final = 2
"""Writing is in so many cells, and covers that share of each."""
_INSET: Final = 3.2
_MOST_PALE: Final = 0.004
"""With more of the free paper as dark as pale writing, the other side shows through, or the paper is stained."""
_PRINTED: Final = 242
_OFF: Final = 1.0
"""Points by which print may lie beside its place."""
_OVER_EDGE: Final = (3.5, 5.5)
"""Points that writing in a box reaches over its sides, and over its upper and lower edge."""
_TICK_OVER_EDGE: Final = 9.0
_SIGNATURE_OVER_EDGE: Final = (14.0, 6.0)
_LEAST: Final = 4.2
"""Points: writing is at least this tall or wide."""
_LEAST_INK: Final = 3.0
"""Square points of ink of a piece of writing."""
_LEAST_OVER: Final = 6.5
"""The same of what may be the end of a stroke that reaches out of a box."""
_LEAST_WORD: Final = 7.5
"""Square points of ink of all that stands together."""
_DISC: Final = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)).astype(np.uint8)
"""What is as thick as this at 100 dpi (3.6 points) is a hole, a blot or a shadow and no stroke of a pen."""
_TALLEST: Final = 34.0
"""Points: what is taller than two lines of handwriting is a stamp, a stain or a fold."""
_TOGETHER: Final = 7.0
_NEAR: Final = (17.0, 13.0)
"""Points, across and down, from a box to the writing that is meant for it."""
_SAME: Final = 0.2
"""Fields this much farther off than the nearest one (as a share of how far writing may stand) may be meant as well."""
_SIGNED: Final = 30.0
"""Points in all from which writing beside the box for the signature may be one."""
_AROUND: Final = 40.0
"""Points above the first field and below the last one that are looked at."""

DOUBT_PALE: Final = "Pole wygląda na puste, ale widać w nim bardzo blade pismo. Sprawdź z obrazem."
DOUBT_BESIDE: Final = "Pole jest puste, ale obok niego coś napisano. Sprawdź z obrazem."
DOUBT_SIGNED_BESIDE: Final = "Podpis może stać poza swoim polem. Sprawdź z obrazem."
DOUBT_ADDED: Final = "Przy polu coś dopisano, może poprawkę. Sprawdź z obrazem."

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Stray:
    """A piece of writing outside of all boxes: its place in points, its ink in square points."""

    box: Box
    ink: float

    @property
    def width(self) -> float:
        """Its width in points."""
        return self.box[2] - self.box[0]


class StrayInk:
    """What was written on a sheet outside of its boxes; ``reach`` is 1 for what stands as near as people write."""

    def __init__(self, sheet: Sheet, reach: float = 1.0) -> None:
        self._sheet, self._page, self._reach = sheet, sheet.alignment.blank.page, reach

    @cached_property
    def pieces(self) -> tuple[Stray, ...]:
        """The pieces of writing, each as a line of words that stand together."""
        seen, top = self._seen, _band(self._sheet.form, self._page)[0]
        free = _free_paper(self._sheet.form, self._page)
        left = ((seen < _INK) & free).astype(np.uint8)
        labels, facts = components(left)
        if len(facts) == 1:
            return ()
        over_edge = _labels_at(labels, _edges(self._sheet.form, self._page))
        thick = _labels_at(labels, cv2.morphologyEx(left, cv2.MORPH_OPEN, _DISC) > 0)
        inked = _labels_at(labels, (seen < _CORE) & free)
        written = np.zeros(left.shape, np.uint8)
        for at, (x, y, width, height, area) in enumerate(facts[1:].tolist(), start=1):
            if at in thick or at not in inked or x == 0 or x + width == left.shape[1]:
                continue
            least = _LEAST_OVER if at in over_edge else _LEAST
            if _is_writing(width / BLANK_SCALE, height / BLANK_SCALE, area / BLANK_SCALE**2, least):
                written[y : y + height, x : x + width] = 1
        return tuple(_gathered(left, written, top)) if written.any() else ()

    def at(self, item: FieldLayout) -> list[Stray]:
        """The pieces that stand at this field, nearer than at any other or as near."""
        found = []
        for piece in self.pieces:
            distances = {other.field.name: _distance(other, piece.box) for other in self._sheet.fields}
            here = distances[item.field.name]
            if here <= self._reach and here <= min(distances.values()) + _SAME:
                found.append(piece)
        return found

    def doubt(self, item: FieldLayout, value: Value) -> str | None:
        """What is doubtful about a field with that value because of the writing at it, in Polish; None when nothing is.

        A signature that is there may have its remarks around it; one that is not may stand beside its box.
        """
        here = self.at(item)
        if item.field.kind.widget == "signature":
            return DOUBT_SIGNED_BESIDE if not value and sum(piece.width for piece in here) >= _SIGNED else None
        if here:
            return DOUBT_BESIDE if value is None else DOUBT_ADDED
        empty = value is None and item.field.kind.widget == "comb"
        return DOUBT_PALE if empty and self._is_pale_in(item) else None

    def _is_pale_in(self, item: FieldLayout) -> bool:
        """Whether there is writing in the cells that is too pale for ink, on a page on which nothing shows through."""
        if self._shows_through:
            return False
        top = _band(self._sheet.form, self._page)[0]
        written = 0
        for x0, upper, x1, lower in item.boxes:
            rows = slice(round((upper + _INSET) * BLANK_SCALE) - top, round((lower - _INSET) * BLANK_SCALE) - top)
            cell = self._pale[rows, round((x0 + _INSET) * BLANK_SCALE) : round((x1 - _INSET) * BLANK_SCALE)]
            written += bool(cell.mean() >= _PALE_SHARE)
        return written >= _PALE_CELLS

    @cached_property
    def _pale(self) -> Mask:
        """What is darker than paper, however little."""
        return np.asarray(cv2.blur(self._seen, (3, 3)) < _PALE, np.bool_)

    @cached_property
    def _shows_through(self) -> bool:
        free = _free_paper(self._sheet.form, self._page)
        return float(self._pale[free].mean()) > _MOST_PALE

    @cached_property
    def _seen(self) -> GrayImage:
        """The band of the page at ``BLANK_DPI``."""
        return self._sheet.lit_as_blank[slice(*_band(self._sheet.form, self._page))]


def _is_writing(width: float, height: float, ink: float, least: float) -> bool:
    """Whether a piece of ink of that size (points) may be a letter or more."""
    return max(width, height) >= least and ink >= _LEAST_INK and height <= _TALLEST


def _gathered(left: GrayImage, written: GrayImage, above: int) -> Iterator[Stray]:
    """Pieces that stand beside each other as one; ``above`` is where the pictures begin on the page."""
    reach = round(_TOGETHER * BLANK_SCALE) | 1
    joined = cv2.dilate(written, np.ones((3, reach), np.uint8))
    _, facts = components(joined)
    for x, y, width, height, _ in facts[1:].tolist():
        ink = float((left & written)[y : y + height, x : x + width].sum()) / BLANK_SCALE**2
        if ink >= _LEAST_WORD and height / BLANK_SCALE <= _TALLEST:
            upper, lower = (y + above + 1) / BLANK_SCALE, (y + above + height - 1) / BLANK_SCALE
            x0, x1 = (x + reach // 2) / BLANK_SCALE, (x + width - reach // 2) / BLANK_SCALE
            yield Stray((x0, upper, x1, lower), ink)


def _labels_at(labels: npt.NDArray[Any], where: Mask) -> set[int]:
    return set(np.unique(labels[where]).tolist())


def _distance(item: FieldLayout, box: Box) -> float:
    """How far a piece is from a field: 1 at the farthest at which it is still meant for it."""
    return min(_apart(row, box) for row in _areas(item))


def _apart(one: Box, other: Box) -> float:
    across = max(one[0] - other[2], other[0] - one[2], 0.0) / _NEAR[0]
    down = max(one[1] - other[3], other[1] - one[3], 0.0) / _NEAR[1]
    return max(across, down)


def _areas(item: FieldLayout) -> list[Box]:
    """The rows of a field; a tick's text belongs to it, and so does the paper behind that: a remark there means it."""
    areas = [(row[0][0], row[0][1], row[-1][2], row[0][3]) for row in item.rows]
    if item.field.kind.widget == "tick":
        areas.append((item.label_at[0], item.label_at[1], PAGE_WIDTH, areas[0][3]))
    return areas


@cache
def _band(form: Form, page: int) -> tuple[int, int]:
    """The rows of the page, at ``BLANK_DPI``, in which there are fields, and some above and below them."""
    boxes = [item.bounds for item in layout(form).on_page(page)]
    top, bottom = min(box[1] for box in boxes) - _AROUND, max(box[3] for box in boxes) + _AROUND
    return max(0, round(top * BLANK_SCALE)), min(round(bottom * BLANK_SCALE), blank(form, page).picture.shape[0])


@cache
def _free_paper(form: Form, page: int) -> Mask:
    """Where in the band neither of a form's two blanks prints anything and no box is."""
    return np.asarray(~(printed_on(form, page) | _boxes(form, page))[slice(*_band(form, page))], np.bool_)


@cache
def printed_on(form: Form, page: int) -> Mask:
    """Where one of a form's two blanks prints something, or may by how far print lies off; at ``BLANK_DPI``."""
    printed = np.minimum(blank(form, page).picture, unfilled_fillable(form, page)) < _PRINTED
    size = 2 * round(_OFF * BLANK_SCALE) + 1
    return np.asarray(cv2.dilate(printed.astype(np.uint8), np.ones((size, size), np.uint8)) > 0, np.bool_)


@cache
def _edges(form: Form, page: int) -> Mask:
    """The first pixels in the band beyond the reach of writing that belongs into the boxes."""
    boxes = _boxes(form, page).astype(np.uint8)
    ring = cv2.dilate(boxes, np.ones((5, 5), np.uint8)) > boxes
    return np.asarray(ring[slice(*_band(form, page))], np.bool_)


def _boxes(form: Form, page: int) -> Mask:
    """All boxes of the page, and as far around them as writing in them may reach."""
    taken = np.zeros(blank(form, page).picture.shape, np.bool_)
    for item in layout(form).on_page(page):
        across, down = over_edge(item)
        for x0, top, x1, bottom in item.boxes:
            rows = slice(max(0, round((top - down) * BLANK_SCALE)), round((bottom + down) * BLANK_SCALE))
            taken[rows, max(0, round((x0 - across) * BLANK_SCALE)) : round((x1 + across) * BLANK_SCALE)] = True
    return taken


def over_edge(item: FieldLayout) -> tuple[float, float]:
    """How far writing that belongs into the boxes reaches over them, across and down."""
    match item.field.kind.widget:
        case "tick":
            return _TICK_OVER_EDGE, _TICK_OVER_EDGE
        case "signature":
            return _SIGNATURE_OVER_EDGE
        case _:
            return _OVER_EDGE
