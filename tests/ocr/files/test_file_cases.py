"""Files that showed a fault once, each with what a person who looks at it reads."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from ocr.errors import DocumentError
from ocr.files.opening import check_whole, open_pages
from ocr.reading import read_file
from specimens import files
from tests.people_of_cases import CASES, SCIBOR


def _assert_read(path: Path, *, source: str) -> None:
    reading = read_file(path)
    (document,) = reading.documents
    assert (document.form_code, document.source, reading.ignored_pages) == ("einvoice_acceptance", source, ())
    assert document.submission is not None
    assert {name: document.submission.value(name) for name in SCIBOR} == SCIBOR


@pytest.mark.parametrize(
    ("name", "source", "ended"),
    [
        ("st-trail-html-fill.pdf", "acroform", True),
        ("st-trail-zero-scan.pdf", "scan", False),
        ("ti-g4-nophoto.tif", "scan", True),
        ("jp-noeoi.jpg", "scan", False),
    ],
)
def test_a_file_with_an_odd_end_or_a_missing_tag_is_read(name: str, source: str, ended: bool) -> None:
    assert check_whole(CASES / "files" / name) is ended
    _assert_read(CASES / "files" / name, source=source)


def test_a_png_with_a_text_of_three_megabytes_is_read(tmp_path: Path) -> None:
    facts, out = PngImagePlugin.PngInfo(), io.BytesIO()
    facts.add_text("Comment", "a" * 3_000_000, zip=True)
    with open_pages(CASES / "files" / "ti-g4-nophoto.tif") as pages:
        Image.fromarray(pages.page(1).picture).save(out, "PNG", pnginfo=facts)
    path = files.write(tmp_path / "scan.png", out.getvalue())
    assert check_whole(path) is True
    _assert_read(path, source="scan")


@pytest.mark.parametrize("name", ["f076_num.pdf", "f095_flip.pdf"])
def test_a_mutant_that_raised_an_attribute_error_is_read_or_told_to_be_damaged(name: str) -> None:
    try:
        check_whole(CASES / "hostile" / name)
        reading = read_file(CASES / "hostile" / name)
    except DocumentError as told:
        assert told.code == "damaged"
    else:
        assert [document.form_code for document in reading.documents] != []
