"""What makes a page empty, and what is writing on it however small, thin or pale; and sheets with two forms."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest
from reportlab.pdfgen.canvas import Canvas

from forms import typesetting
from forms.catalogue import form_by_code
from forms.form import Form
from forms.kinds import Value
from ocr.alignment.identification import identify
from ocr.files.page import GrayImage
from ocr.reading import read_file
from specimens import files, wear
from specimens.paper import print_form, rasterise
from specimens.scanner import CONDITIONS, Condition, Scan, Step, scan
from specimens.strokes import written

Values = Callable[[Form], dict[str, Value]]


def _is_empty(picture: GrayImage, *, drawn: bool = False) -> bool:
    """Whether a page is taken for an empty one, which no form has a say in: none is looked for."""
    return identify(picture, (), drawn=drawn).empty


def _hand(text: str, size: float, breadth: float, gray: float, x: float = 120, y: float = 480) -> bytes:
    def draw(canvas: Canvas) -> None:
        canvas.setStrokeGray(gray)
        canvas.setLineWidth(breadth)
        canvas.setLineCap(1)
        rng = Random(11)
        for at, sign in enumerate(text):
            left = x + 0.9 * size * at
            for stroke in written(sign, (left, 0, left + 0.8 * size, size), rng):
                path = canvas.beginPath()
                path.moveTo(stroke[0][0], y - stroke[0][1])
                for right, down in stroke[1:]:
                    path.lineTo(right, y - down)
                canvas.drawPath(path)

    return files.drawn(draw)


def _typed(text: str, size: float, gray: float, x: float = 90, y: float = 500) -> bytes:
    def draw(canvas: Canvas) -> None:
        canvas.setFont(typesetting.REGULAR, size)
        canvas.setFillGray(gray)
        canvas.drawString(x, y, text)

    return files.drawn(draw)


WRITTEN = {
    "a thin pen": _hand("SPRZECIW", 15, 0.4, 0.3),
    "a small hand": _hand("UWAGA", 6, 0.7, 0.1),
    "a pale pencil": _hand("ODMAWIAM", 15, 0.8, 0.7),
    "one short word": _hand("NIE", 12, 0.8, 0.2),
    "three small letters": _hand("NIE", 8.2, 0.85, 0.25, 72, 90),
    "pale print": _typed("Proszę o telefon po szesnastej", 9, 0.75),
    "tiny print by the lower edge": _typed("nie wyrażam zgody", 5, 0.0, 420, 42),
    "one tiny word": _typed("uwaga", 6, 0.2, 60, 300),
}


@pytest.mark.parametrize("condition", ["gray150", "gray200", "jpeg", "noise"])
@pytest.mark.parametrize("name", WRITTEN)
def test_writing_however_small_thin_or_pale_makes_no_empty_page(name: str, condition: str) -> None:
    assert not _is_empty(scan(WRITTEN[name], condition, 4)[0].image)


def test_a_line_of_writing_on_a_page_that_lies_on_its_side_is_seen() -> None:
    assert not _is_empty(scan(WRITTEN["a thin pen"], "turned90", 4)[0].image)


@pytest.mark.parametrize("condition", sorted(set(CONDITIONS) - {"photo", "colour200"}))
def test_the_noise_specks_and_hairs_of_a_scan_are_no_writing(condition: str) -> None:
    for seed in range(40, 42):
        assert _is_empty(scan(files.blank_page(), condition, seed)[0].image)


@pytest.mark.parametrize(
    "step",
    [
        wear.creased,
        wear.crumpled,
        wear.stapled,
        wear.torn,
        partial(wear.written_through, strength=0.15),
    ],
)
def test_folds_tears_staples_and_what_shows_through_from_the_front_are_no_writing(step: Step) -> None:
    usual = CONDITIONS["gray200"]
    for seed in range(50, 52):
        worn = scan(files.blank_page(), Condition(usual.dpi, (step, *usual.steps)), seed)[0]
        assert _is_empty(worn.image)


def test_any_ink_on_a_drawn_page_counts_and_paper_of_one_tone_is_empty() -> None:
    dot = np.full((1754, 1241), 255, np.uint8)
    assert _is_empty(dot, drawn=True)
    assert _is_empty(np.full_like(dot, 230), drawn=True)
    dot[900:903, 600:603] = 225
    assert not _is_empty(dot, drawn=True)


def _sheet(*pages: GrayImage, beside: bool) -> GrayImage:
    halves = [cv2.resize(page, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA) for page in pages]
    return np.concatenate(halves, axis=1 if beside else 0).astype(np.uint8)


def _problems(path: Path, picture: GrayImage) -> list[list[str]]:
    reading = read_file(files.write(path / "sheet.png", files.png(Scan(picture, (210, 210)))))
    return [[problem.code for problem in document.problems] for document in reading.documents]


@pytest.mark.parametrize("second", ["einvoice_email_change", "einvoice_acceptance"])
@pytest.mark.parametrize("covered", [False, True])
def test_two_forms_on_one_sheet_are_told_whether_codes_can_be_read_or_not(
    tmp_path: Path, second: str, covered: bool, values: Values
) -> None:
    first = form_by_code("einvoice_acceptance")
    one = rasterise(print_form(first, values(first)), 300)[0]
    other = rasterise(print_form(form_by_code(second), values(form_by_code(second))), 300)[0]
    if covered:
        other[190:430, 2050:2330] = 255
    found = _problems(tmp_path, _sheet(one, other, beside=True))
    assert ["two_forms"] in found or len(found) == 2


def test_one_form_on_a_larger_glass_and_a_form_with_an_empty_half_beside_it_are_one(
    tmp_path: Path, values: Values
) -> None:
    form = form_by_code("einvoice_acceptance")
    page = rasterise(print_form(form, values(form)), 300)[0]
    for beside in (True, False):
        assert all(
            "two_forms" not in found
            for found in _problems(tmp_path, _sheet(page, np.full_like(page, 250), beside=beside))
        )
