"""Paper as people send it: read right, or shown to a clerk with its crop; a wrong value is never trusted."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from forms.catalogue import all_forms, form_by_code
from forms.kinds import Value
from forms.layout import layout
from ocr.alignment.identification import identify
from ocr.fields.visibility import DOUBT_COVERED
from ocr.pictures import laid_flat, piece_of
from ocr.reading import read_file
from ocr.results import DocumentReading
from specimens import files
from specimens.paper import PENS, handwrite_form, print_form
from specimens.people import invented_customers, values_for
from specimens.real_paper import REAL_PAPER
from specimens.scanner import CONDITIONS, Scan, scan

FORM = form_by_code("einvoice_acceptance")
CUSTOMERS = invented_customers(6, 21)
VALUES: dict[str, Value] = {**values_for(FORM, CUSTOMERS[3], 3, date(2025, 6, 30)), "signature": True}
IN_CAPITALS = {
    name: value.upper() if isinstance(value, str) and name != "email" else value for name, value in VALUES.items()
}


@pytest.fixture(autouse=True)
def _own_home(home: Path) -> None:
    """Settings of the test, not of the machine."""


def _saved(folder: Path, page: Scan) -> Path:
    return files.write(folder / "page", files.jpeg(page, 85) if page.image.ndim == 3 else files.image_pdf([page], 85))


def _read(path: Path) -> DocumentReading:
    (document,) = read_file(path).documents
    assert document.form_code == FORM.code
    return document


def _check(document: DocumentReading, path: Path, expected: dict[str, Value], least_right: int) -> None:
    """No trusted value is wrong, enough values are right, and what is in doubt can be shown."""
    assert document.submission is not None
    fields = document.submission.fields
    wrong = [name for name, value in fields.items() if (value.value or None) != (expected.get(name) or None)]
    assert [name for name in wrong if fields[name].trusted] == []
    assert len(fields) - len(wrong) >= least_right
    for name in wrong[:1]:
        box = fields[name].box
        assert box is not None
        assert Image.open(io.BytesIO(piece_of(laid_flat(path, 1, FORM), box))).size[0] > 20


@pytest.mark.parametrize(
    ("condition", "least"),
    [
        ("creased", 12),
        ("coffee", 12),
        ("bleed-through", 12),
        ("fingers", 10),
        ("shadow", 6),
        ("copy94", 13),
        ("copy106", 13),
        ("all-marks-cut", 13),
        ("punched", 13),
        ("black-border", 13),
    ],
)
def test_printed_forms_on_real_paper(tmp_path: Path, condition: str, least: int) -> None:
    path = _saved(tmp_path, scan(print_form(FORM, VALUES), REAL_PAPER[condition], 3)[0])
    _check(_read(path), path, VALUES, least)


@pytest.mark.parametrize(
    ("condition", "pen", "least"),
    [
        ("photo", None, 9),
        ("fax", None, 9),
        ("creased", None, 9),
        ("two-marks-cut", None, 9),
        ("copy", None, 9),
        ("gray200", "pale blue", 9),
        ("colour200", "red", 9),
        ("gray200", "pencil", 9),
    ],
)
def test_handwritten_forms_on_real_paper(tmp_path: Path, condition: str, pen: str | None, least: int) -> None:
    how = CONDITIONS.get(condition) or REAL_PAPER[condition]
    written = handwrite_form(FORM, VALUES, 3, PENS[pen]) if pen else handwrite_form(FORM, VALUES, 3)
    path = _saved(tmp_path, scan(written, how, 3)[0])
    _check(_read(path), path, IN_CAPITALS, least)


def test_a_field_under_a_thumb_is_never_trusted(tmp_path: Path) -> None:
    page = scan(print_form(FORM, VALUES), CONDITIONS["gray150"], 3)[0]
    x0, top, _, bottom = (round(edge * 150 / 72) for edge in layout(FORM)["street"].bounds)
    picture = page.image.copy()
    picture[top - 20 : bottom + 20, : x0 + 80] = 170
    document = _read(_saved(tmp_path, Scan(picture, page.dpi)))
    assert document.submission is not None
    street = document.submission.fields["street"]
    assert (street.trusted, street.doubt) == (False, DOUBT_COVERED)
    assert document.submission.fields["customer_no"].trusted


def test_ink_that_is_too_pale_to_be_read_is_no_empty_field(tmp_path: Path) -> None:
    for pen in ((0.62, 0.72, 0.92), (0.97, 0.97, 0.99)):  # hardly to be seen, and not at all
        page = scan(handwrite_form(FORM, VALUES, 3, pen), CONDITIONS["gray200"], 3)[0]
        document = _read(_saved(tmp_path, page))
        assert document.submission is not None
        unseen = [document.submission.fields[name] for name in ("customer_no", "name", "street", "date_signed")]
        assert not any(value.trusted for value in unseen)
        assert all(value.doubt for value in unseen)


def test_a_page_that_nobody_could_lay_flat_is_not_aligned() -> None:
    page = scan(print_form(FORM, VALUES), CONDITIONS["gray150"], 3)[0]
    rows = np.arange(page.image.shape[0])[:, None]
    columns = np.arange(page.image.shape[1])[None]
    waves = (12 * np.sin(rows / 25) + columns).clip(0, page.image.shape[1] - 1).astype(int)
    assert identify(page.image, all_forms()).alignment is not None
    assert identify(page.image[rows, waves], all_forms()).alignment is None
