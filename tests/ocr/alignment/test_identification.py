from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
import zxingcpp

from forms.blank import draw_blank
from forms.catalogue import all_forms, form_by_code
from forms.form import Form
from forms.kinds import Value
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, code_box, corner_marks
from forms.submission import Box
from ocr.alignment.alignment import Alignment
from ocr.alignment.blanks import Matrix
from ocr.alignment.identification import identify
from ocr.files.page import GrayImage
from specimens import files
from specimens.paper import print_form, rasterise
from specimens.scanner import scan
from tests.ocr.conftest import FORMS

DPI = 150
SCALE = DPI / 72
Values = Callable[[Form], dict[str, Value]]


def _page(form: Form, values: Values) -> GrayImage:
    return rasterise(print_form(form, values(form)), DPI)[0]


def _cover(picture: GrayImage, box: Box, tone: int = 255, margin: float = 4) -> GrayImage:
    x0, top, x1, bottom = (round(edge * SCALE) for edge in box)
    grown = round(margin * SCALE)
    picture = picture.copy()
    picture[max(0, top - grown) : bottom + grown, max(0, x0 - grown) : x1 + grown] = tone
    return picture


def _error_mm(alignment: Alignment, truth: Matrix) -> float:
    """Largest distance between where the form is and where it was found, over the whole page."""
    points = np.array([(x, y) for x in (30.0, 300.0, 560.0) for y in (30.0, 420.0, 810.0)])
    there = cv2.perspectiveTransform(points[None], truth)
    back = alignment.to_form(there[0])
    return float(np.linalg.norm(back - points, axis=1).max()) * 25.4 / 72


@pytest.mark.parametrize("code", FORMS)
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_form_is_known_whichever_way_up_it_lies(code: str, quarters: int, values: Values) -> None:
    found = identify(np.ascontiguousarray(np.rot90(_page(form_by_code(code), values), quarters)), all_forms())
    assert found.alignment is not None
    assert found.alignment.blank.form.code == code
    assert found.alignment.sound


@pytest.mark.parametrize("code", FORMS)
def test_without_its_code_a_form_is_known_by_its_print(code: str, values: Values) -> None:
    page = _cover(_page(form_by_code(code), values), code_box())
    found = identify(np.ascontiguousarray(np.rot90(page, 2)), all_forms())
    assert found.alignment is not None
    assert found.alignment.blank.form.code == code
    assert found.code is None


@pytest.mark.parametrize("marks", [True, False], ids=["with marks", "without marks"])
def test_of_versions_that_look_alike_the_print_tells_which_it_is_and_else_it_is_the_newest(
    values: Values, *, marks: bool
) -> None:
    for version in ("1", "2"):
        form = form_by_code("ebok_signup", version)
        page = _cover(_page(form, values), code_box())
        for mark in () if marks else corner_marks():
            page = _cover(page, mark)
        found = identify(page, all_forms())
        assert found.alignment is not None and found.alignment.sound
        assert (found.alignment.blank.form, found.code) == (form, None)
        footless = identify(_cover(page, (30.0, 745.0, 565.0, 800.0)), all_forms())
        assert footless.alignment is not None
        assert footless.alignment.blank.form == form_by_code("ebok_signup")


def test_a_page_without_corner_marks_is_aligned_by_its_print(form: Form, values: Values) -> None:
    page = _page(form, values)
    for mark in corner_marks():
        page = _cover(page, mark)
    for picture in (page, _cover(page, code_box())):
        found = identify(picture, all_forms())
        assert found.alignment is not None
        assert found.alignment.blank.form == form
        assert _error_mm(found.alignment, np.diag([SCALE, SCALE, 1.0])) < 0.5


def test_a_stapled_corner_does_not_matter(form: Form, values: Values) -> None:
    found = identify(_cover(_page(form, values), corner_marks()[0], margin=15), all_forms())
    assert found.alignment is not None
    assert found.alignment.blank.form == form


@pytest.mark.parametrize("degrees", [-3.0, 1.2, 3.0])
def test_skewed_pages_are_laid_straight_to_half_a_millimetre(form: Form, values: Values, degrees: float) -> None:
    page = _page(form, values)
    turn = cv2.getRotationMatrix2D((page.shape[1] / 2, page.shape[0] / 2), degrees, 1.0)
    skewed = cv2.warpAffine(page, turn, page.shape[::-1], flags=cv2.INTER_CUBIC, borderValue=(255,))
    found = identify(skewed.astype(np.uint8), all_forms())
    assert found.alignment is not None
    truth = np.vstack([turn, [0, 0, 1]]) @ np.diag([SCALE, SCALE, 1.0])
    assert _error_mm(found.alignment, truth) < 0.5


def test_a_photo_taken_at_an_angle_is_laid_straight_to_half_a_millimetre(form: Form, values: Values) -> None:
    page = _page(form, values)
    height, width = page.shape
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    seen = np.array([(160, 120), (width + 60, 170), (width + 110, height + 90), (90, height + 40)], np.float32)
    tilt = cv2.getPerspectiveTransform(corners, seen).astype(np.float64)
    photo = cv2.warpPerspective(page, tilt, (width + 200, height + 200), flags=cv2.INTER_LINEAR, borderValue=(96,))
    found = identify(photo.astype(np.uint8), all_forms())
    assert found.alignment is not None
    assert _error_mm(found.alignment, tilt @ np.diag([SCALE, SCALE, 1.0])) < 0.5


def test_a_foreign_barcode_on_the_page_does_not_block_it(form: Form, values: Values) -> None:
    page = _page(form, values)
    sticker = zxingcpp.create_barcode("https://example.com/12345", zxingcpp.BarcodeFormat.QRCode).to_image(scale=4)
    stuck = np.array(sticker)
    page[60 : 60 + stuck.shape[0], 500 : 500 + stuck.shape[1]] = stuck
    found = identify(page, all_forms())
    assert found.alignment is not None
    assert found.alignment.blank.form == form


def test_a_version_that_is_not_installed_is_named_not_guessed(form: Form) -> None:
    future = rasterise(draw_blank(replace(form, version="77")), DPI)[0]
    found = identify(future, all_forms())
    assert found.alignment is None
    assert found.code is not None
    assert (found.code.form_code, found.code.version) == (form.code, "77")


def test_empty_backs_letters_and_envelopes_are_none_of_ours() -> None:
    empty = identify(scan(files.blank_page(), "noise", 3)[0].image, all_forms())
    assert empty.empty
    for stranger in (files.letter(1), files.letter(2, letterhead=True), files.envelope()):
        found = identify(rasterise(stranger, 100)[0], all_forms())
        assert found.alignment is None
        assert found.code is None
        assert not found.empty


def test_a_page_of_one_colour_or_one_pixel_is_empty_not_an_error() -> None:
    for shape in ((1, 1), (3, 2000), (1400, 1000)):
        for tone in (0, 255):
            found = identify(np.full(shape, tone, np.uint8), all_forms())
            assert found.alignment is None


def test_the_page_may_lie_anywhere_on_a_larger_glass(form: Form, values: Values) -> None:
    glass = np.full((round(PAGE_HEIGHT * SCALE * 1.2), round(PAGE_WIDTH * SCALE * 1.3)), 250, np.uint8)
    page = _page(form, values)
    glass[150 : 150 + page.shape[0], 200 : 200 + page.shape[1]] = page
    found = identify(glass, all_forms())
    assert found.alignment is not None
    assert _error_mm(found.alignment, np.array([[SCALE, 0, 200], [0, SCALE, 150], [0, 0, 1.0]])) < 0.5
