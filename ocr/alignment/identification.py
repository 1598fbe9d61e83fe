"""Which form a page is: by its Data Matrix or, where that is unreadable, by comparing the page with every blank.

Of versions that look alike only the newest is compared; the page is then held against the older ones, too, and is the
one that it resembles most, the newest where nothing tells them apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

from forms.form import Form
from forms.layout import CODE_PREFIX, PAGE_HEIGHT, PAGE_WIDTH, code_box, layout
from forms.submission import Box
from ocr.alignment.alignment import (
    Alignment,
    Thumbnail,
    by_features,
    cut,
    evenly_lit,
    flattened,
    from_overview,
    refined,
    thumbnail,
    transformed,
)
from ocr.alignment.blanks import Blank, Matrix, blank, blanks, of_own_looks
from ocr.alignment.corner_marks import by_corner_marks
from ocr.files.page import GrayImage
from ocr.segmentation.traces import bears_writing

_CODE_FORMATS: Final = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.QRCode])
_CODE_MARGIN: Final = 10.0
_CODE_DPIS: Final = (200, 320, 120)
_SMALLEST_SIDE: Final = 200
"""Pixels; on anything narrower no form of A4 could be read."""
_BLANK_INK: Final = 0.0006
"""A page with less ink than this share of its middle is empty (a line of text is about 0.002)."""

_BLANK_FAINT_INK: Final = 0.002
"""The same for what is only gray: the print of an empty cartridge has 0.005, the noise of a bad scan 0.0002."""

_ALONE: Final = 0.6
"""A sheet that covers more than this share of its picture is the only one there: two have a half each."""
_DRAWN_INK: Final = 8
"""So much darker than its paper is whatever was drawn on a page that no scanner has seen."""


@dataclass(frozen=True, slots=True)
class PageCode:
    """What a page's code says it is; the form may be one that this installation does not know."""

    form_code: str
    version: str
    page: int


@dataclass(frozen=True, slots=True)
class Identified:
    """What a page is. ``alignment`` is None for pages that are none of ours and for those that cannot be aligned.

    ``code`` is what was read from the Data Matrix; ``empty`` marks a page without ink, ``several`` one on which another
    form of ours lies beside the one that was identified.
    """

    alignment: Alignment | None = None
    code: PageCode | None = None
    empty: bool = False
    several: bool = False


def identify(picture: GrayImage, forms: tuple[Form, ...], *, drawn: bool = False) -> Identified:
    """Find out which blank a page is, which way up and where.

    On a ``drawn`` page, which no scanner has seen, there is no noise: it is empty only without any ink at all.
    """
    found = _identified(picture, forms, drawn)
    if found.alignment is None and found.code is None:
        return found
    return replace(found, several=_is_one_of_several(picture, found.alignment, forms))


def _identified(picture: GrayImage, forms: tuple[Form, ...], drawn: bool) -> Identified:
    if min(picture.shape) < _SMALLEST_SIDE:
        return Identified()
    seen = thumbnail(picture)
    if _is_bare(picture) if drawn else _is_empty(seen.picture):
        return Identified(empty=True)
    by_marks, told = by_corner_marks(seen.picture), forms
    for rough in by_marks:
        code = _read_code_at(picture, seen, rough)
        if code is None:
            continue
        named = _named(code, forms)
        if named is None:
            if _known(code, forms):
                break  # a page number that the form does not have: not to be believed
            return Identified(code=code)
        found = flattened(seen, refined(seen, named, rough))
        if found.sound:
            return Identified(found, code)
        told = _without_lookalikes(forms, named.form)
    best = _best_of(seen, [(item, rough) for rough in by_marks for item in blanks(of_own_looks(told))], told)
    if best is not None:
        return Identified(best)
    return _without_marks(picture, seen, forms)


def _without_marks(picture: GrayImage, seen: Thumbnail, forms: tuple[Form, ...]) -> Identified:
    """A page whose marks are cut off or covered: printed features decide, the code helps."""
    code = _read_code_anywhere(seen.picture)
    named = _named(code, forms) if code else None
    if code is not None and named is None and not _known(code, forms):
        return Identified(code=code)
    for item, rough in by_features(seen, (named,) if named else blanks(of_own_looks(forms))):
        found = refined(seen, item, rough, rounds=3)
        found = _of_its_version(seen, found, rough, forms) if named is None else flattened(seen, found)
        if not found.sound:
            continue
        if named is not None:
            return Identified(found, code)
        read = _read_code_at(picture, seen, rough)
        if read is not None and (told := _named(read, forms)) is not None:
            forms = _without_lookalikes(forms, told.form)
        elif read is not None and not _known(read, forms):
            return Identified(code=read)
        return Identified(_best_of(seen, [(other, rough) for other in blanks(of_own_looks(forms))], forms), read)
    return Identified(code=code)


def _best_of(seen: Thumbnail, tries: list[tuple[Blank, Matrix]], forms: tuple[Form, ...]) -> Alignment | None:
    """The blank that matches best, if it matches soundly and clearly better than any other, in its version."""
    tried = sorted(((refined(seen, item, rough), rough) for item, rough in tries), key=lambda each: -each[0].matched)
    found = [each for each, _ in tried]
    if tried:
        found[0] = _of_its_version(seen, *tried[0], forms)
    sound = [each for each in found if each.sound]
    if found and not sound:
        laid = flattened(seen, found[0])
        sound = [laid] if laid.sound else []
    if not sound:
        return None
    others = [each.matched for each in found if each.blank is not sound[0].blank]
    if others and max(others) > 0.9 * sound[0].matched:
        return None
    return sound[0]


def _of_its_version(seen: Thumbnail, found: Alignment, rough: Matrix, forms: tuple[Form, ...]) -> Alignment:
    """The same page as the version that matches best of those that look like the one it was found to be."""
    if found.lost:
        return found
    known, page = found.blank.form, found.blank.page
    alike = (blank(form, page) for form in forms if form != known and form.looks_like(known))
    return max((found, *(refined(seen, item, rough) for item in alike)), key=lambda each: each.matched)


def _without_lookalikes(forms: tuple[Form, ...], told: Form) -> tuple[Form, ...]:
    """The forms without other versions that look like the one that a code tells of."""
    return tuple(form for form in forms if form == told or not form.looks_like(told))


def _is_empty(picture: GrayImage) -> bool:
    height, width = picture.shape
    middle = picture[height // 25 : -height // 25 or None, width // 20 : -width // 20 or None]
    if middle.size == 0:
        return True
    soft = cv2.GaussianBlur(middle, (0, 0), 1.0)  # noise and dust are gone, faint print stays
    if float((middle < 140).mean()) >= _BLANK_INK or float((soft < 200).mean()) >= _BLANK_FAINT_INK:
        return False
    return not bears_writing(picture)


def _is_bare(picture: GrayImage) -> bool:
    return int(picture.max()) - int(picture.min()) < _DRAWN_INK


def _is_one_of_several(picture: GrayImage, found: Alignment | None, forms: tuple[Form, ...]) -> bool:
    """Whether another form of ours lies beside the one that was found, known by its code or by its print.

    What was found is painted over first: a decoder tells one Data Matrix of a picture only. A sheet that fills its
    picture leaves no room for another; then a code stuck on it is looked for.
    """
    if found is None:
        return len(_codes(picture)) > 1
    sheet = transformed(found.to_picture, _corners((0.0, 0.0, PAGE_WIDTH, PAGE_HEIGHT)))
    alone = cv2.contourArea(sheet.astype(np.float32)) > _ALONE * picture.size
    seen = thumbnail(_painted_over(picture, transformed(found.to_picture, _corners(code_box())) if alone else sheet))
    if _codes(seen.picture):
        return True
    if alone:
        return False
    tries = [(item, rough) for rough in by_corner_marks(seen.picture) for item in blanks(of_own_looks(forms))]
    return _best_of(seen, tries, forms) is not None


def _corners(box: Box) -> npt.NDArray[np.float64]:
    x0, top, x1, bottom = box
    return np.array([(x0, top), (x1, top), (x1, bottom), (x0, bottom)], np.float64)


def _painted_over(picture: GrayImage, outline: npt.NDArray[np.float64]) -> GrayImage:
    out = picture.copy()
    cv2.fillConvexPoly(out, np.round(outline).astype(np.int32), (255,))
    return out


def _named(code: PageCode, forms: tuple[Form, ...]) -> Blank | None:
    for form in forms:
        if (form.code, form.version) == (code.form_code, code.version) and code.page <= layout(form).pages:
            return blank(form, code.page)
    return None


def _known(code: PageCode, forms: tuple[Form, ...]) -> bool:
    return any((form.code, form.version) == (code.form_code, code.version) for form in forms)


def _read_code_at(picture: GrayImage, seen: Thumbnail, rough: Matrix) -> PageCode | None:
    """Read the code where the form has it; a few milliseconds instead of searching the whole page."""
    to_picture = from_overview(seen.scale) @ rough
    x0, top, x1, bottom = code_box()
    around = (x0 - _CODE_MARGIN, top - _CODE_MARGIN, x1 + _CODE_MARGIN, bottom + _CODE_MARGIN)
    corners = transformed(to_picture, np.array([(x0, top), (x1, bottom)], np.float64))
    if corners.min() < 0 or corners[:, 0].max() > picture.shape[1] or corners[:, 1].max() > picture.shape[0]:
        return None
    for dpi in _CODE_DPIS:
        code = _decode(evenly_lit(cut(picture, to_picture, around, dpi), reach=21))
        if code is not None:
            return code
    return None


def _read_code_anywhere(picture: GrayImage) -> PageCode | None:
    return _decode(picture)


def _decode(picture: GrayImage) -> PageCode | None:
    """The first code of ours in a picture."""
    return next(iter(_codes(picture)), None)


def _codes(picture: GrayImage) -> list[PageCode]:
    """All codes of ours in a picture; codes of others, and a decoder that fails, count as none."""
    try:
        found = zxingcpp.read_barcodes(np.ascontiguousarray(picture), formats=_CODE_FORMATS, try_invert=False)
    except (ValueError, RuntimeError):
        return []
    return [code for item in found if item.valid and (code := _code_of(item.text)) is not None]


def _code_of(text: str) -> PageCode | None:
    parts = text.split(":")
    if len(parts) == 4 and parts[0] == CODE_PREFIX and parts[3].isdecimal():
        return PageCode(parts[1][:64], parts[2][:16], int(parts[3][:4]))
    return None
