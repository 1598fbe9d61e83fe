"""Scanned PDF pages: the picture itself where the page is nothing else, a drawing of the page otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest

from benchmarks.drawing import TODAY
from forms.catalogue import all_forms
from ocr.files.opening import open_pages
from ocr.files.page import GrayImage
from specimens.files import image_pdf, write
from specimens.paper import print_form
from specimens.people import invented_customers, values_for
from specimens.scanner import Scan, scan


@pytest.fixture(scope="module")
def paper() -> Scan:
    form = all_forms()[0]
    values = values_for(form, invented_customers(1, 5)[0], 5, TODAY)
    return scan(print_form(form, values), "bitonal200", 5)[0]


def _picture(path: Path) -> GrayImage:
    with open_pages(path) as pages:
        return pages.page(1).picture


def _changed(path: Path, change: Callable[[pikepdf.Pdf], None]) -> Path:
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        change(document)
        document.save(path)
    return path


def test_a_scan_is_taken_as_it_is_pixel_by_pixel(paper: Scan, tmp_path: Path) -> None:
    assert np.array_equal(_picture(write(tmp_path / "scan.pdf", image_pdf([paper]))), paper.image)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_page_that_is_shown_turned_is_taken_turned(paper: Scan, tmp_path: Path, quarters: int) -> None:
    def turn(document: pikepdf.Pdf) -> None:
        document.pages[0].Rotate = 90 * quarters

    turned = _picture(_changed(write(tmp_path / "scan.pdf", image_pdf([paper])), turn))
    assert np.array_equal(turned, np.rot90(paper.image, -quarters))


def test_a_colour_scan_becomes_its_brightness(tmp_path: Path) -> None:
    red = np.full((1170, 827, 3), (230, 40, 40), np.uint8)
    found = _picture(write(tmp_path / "red.pdf", image_pdf([Scan(red, (100, 100))], quality=95)))
    assert abs(float(found.mean()) - (0.299 * 230 + 0.587 * 40 + 0.114 * 40)) < 3


def _stamp(document: pikepdf.Pdf) -> None:
    document.pages[0].contents_add(b"q 0 g 100 100 200 200 re f Q")


def _note(document: pikepdf.Pdf) -> None:
    look = document.make_stream(b"0 g 0 0 200 200 re f", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form)
    look.BBox = pikepdf.Array([0, 0, 200, 200])
    note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Stamp, F=4)
    note.Rect, note.AP = pikepdf.Array([100, 100, 300, 300]), pikepdf.Dictionary(N=look)
    document.pages[0].Annots = pikepdf.Array([document.make_indirect(note)])


@pytest.mark.parametrize("add", [_stamp, _note])
def test_what_lies_over_a_scan_is_seen(tmp_path: Path, add: Callable[[pikepdf.Pdf], None]) -> None:
    white = Scan(np.full((1169, 827), 250, np.uint8), (100, 100))
    found = _picture(_changed(write(tmp_path / "stamped.pdf", image_pdf([white])), add))
    assert (found < 60).mean() == pytest.approx(200 * 200 / (595 * 842), rel=0.05)


def test_a_scan_that_does_not_fill_its_page_keeps_its_place(paper: Scan, tmp_path: Path) -> None:
    def widen(document: pikepdf.Pdf) -> None:
        left, bottom, right, top = (float(edge) for edge in document.pages[0].mediabox)
        document.pages[0].mediabox = pikepdf.Array([left, bottom, right + 100, top])

    found = _picture(_changed(write(tmp_path / "wide.pdf", image_pdf([paper])), widen))
    assert found.shape[1] > 1.1 * found.shape[0] * paper.image.shape[1] / paper.image.shape[0]
    assert (found[:, -round(found.shape[1] * 0.12) :] == 255).all()


def test_a_palette_or_a_mask_is_heeded(tmp_path: Path) -> None:
    dark = Scan(np.full((1169, 827), 30, np.uint8), (100, 100))

    def invert(document: pikepdf.Pdf) -> None:
        next(iter(document.pages[0].resources.XObject.values())).Decode = pikepdf.Array([1, 0])

    found = _picture(_changed(write(tmp_path / "inverted.pdf", image_pdf([dark])), invert))
    assert found.mean() > 200


def test_scans_finer_than_needed_are_made_smaller(paper: Scan, tmp_path: Path) -> None:
    fine = cv2.resize(paper.image, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST).astype(np.uint8)
    found = _picture(write(tmp_path / "fine.pdf", image_pdf([Scan(fine, (400, 400))])))
    assert found.shape[0] == pytest.approx(1.5 * paper.image.shape[0], abs=2)
