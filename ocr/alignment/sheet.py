"""A page laid straight: the aligned, evenly lit picture from which all fields are cut."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, FieldLayout, layout
from ocr.alignment.alignment import Alignment, evenly_lit
from ocr.alignment.blanks import BLANK_DPI, resized
from ocr.files.page import GrayImage
from ocr.segmentation.combs import Comb, comb

READING_DPI: Final = 200
"""Enough for type of ordinary size."""
SECOND_DPI: Final = 300
_ROOM: Final = 6.0


class Sheet:
    """One page of a known form, upright and undistorted."""

    def __init__(self, picture: GrayImage, alignment: Alignment) -> None:
        self.alignment = alignment
        self.form = alignment.blank.form
        self.fields = tuple(layout(self.form).on_page(alignment.blank.page))
        self._original = picture
        self._as_blank: dict[int, tuple[GrayImage, GrayImage]] = {}

    @cached_property
    def picture(self) -> GrayImage:
        """The whole page at ``READING_DPI``."""
        return evenly_lit(self.alignment.cut(self._original, (0, 0, PAGE_WIDTH, PAGE_HEIGHT), READING_DPI))

    @cached_property
    def lit_as_blank(self) -> GrayImage:
        """The evenly lit page at ``BLANK_DPI``."""
        return resized(self.picture, BLANK_DPI / READING_DPI)

    @cached_property
    def bitonal(self) -> bool:
        """Whether the page was scanned in black and white."""
        sample = self._original[:: max(1, self._original.shape[0] // 200)]
        return bool(((sample < 8) | (sample > 247)).mean() > 0.99)

    def as_blank(self, picture: GrayImage) -> GrayImage:
        """A picture of the same page laid straight at ``BLANK_DPI``, each pixel the mean of what it covers."""
        known = self._as_blank.get(id(picture))
        if known is None or known[0] is not picture:
            cut = self.alignment.cut(picture, (0, 0, PAGE_WIDTH, PAGE_HEIGHT), READING_DPI)
            known = self._as_blank[id(picture)] = picture, resized(cut, BLANK_DPI / READING_DPI)
        return known[1]

    def comb(self, item: FieldLayout) -> Comb:
        """What stands in a comb, at the usual resolution."""
        return comb(self.picture, READING_DPI, item, bitonal=self.bitonal)

    def comb_again(self, item: FieldLayout) -> Comb:
        """The same comb cut out of the original anew, finer: a second look that shares no pixel with the first."""
        x0, top, x1, bottom = item.bounds
        around = (x0 - _ROOM, top - _ROOM, x1 + _ROOM, bottom + _ROOM)
        piece = self.alignment.cut(self._original, around, SECOND_DPI)
        lit = evenly_lit(piece, reach=25)
        return comb(lit, SECOND_DPI, item, (around[0], around[1]), bitonal=self.bitonal)
