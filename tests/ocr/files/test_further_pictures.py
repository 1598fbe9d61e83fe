"""Pictures of a file of which programs show one only: whoever looks at the case is told of the others."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pikepdf
import pillow_heif
import pytest
from PIL import Image

from ocr.files.joining import join_photos
from ocr.files.opening import open_pages
from ocr.files.png_structure import further_pictures
from ocr.reading import read_file

_PAPER, _OTHER = Image.new("L", (120, 160), 255), Image.new("L", (120, 160), 90)


def _png(*further: Image.Image, shown_alone: bool = False) -> bytes:
    out = BytesIO()
    _PAPER.save(out, "PNG", save_all=bool(further), append_images=list(further), default_image=shown_alone)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "number"),
    [(_png(), 0), (_png(_OTHER), 1), (_png(_OTHER, _PAPER), 2), (_png(_OTHER, shown_alone=True), 1)],
)
def test_the_pictures_of_an_animation_count_but_for_the_one_that_is_shown(data: bytes, number: int) -> None:
    assert further_pictures(data) == number


def test_an_empty_page_with_a_further_picture_is_a_case_that_tells_of_it(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "foto.png"
    path.write_bytes(_png(_OTHER, shown_alone=True))
    (document,) = read_file(path).documents
    problem = document.problems[-1]
    assert (problem.code, "dalsze obrazy, których tu nie widać: 1." in problem.message) == ("attachments", True)


def test_a_photo_with_further_pictures_goes_along_when_it_is_joined_to_others(tmp_path: Path, home: Path) -> None:
    photos = [tmp_path / "a.png", tmp_path / "b.png"]
    for photo, data in zip(photos, (_png(), _png(_OTHER)), strict=True):
        photo.write_bytes(data)
    joined = tmp_path / "joined.pdf"
    joined.write_bytes(join_photos(photos))
    with open_pages(joined) as pages:
        assert (pages.count, pages.attachments) == (2, 1)
    with pikepdf.open(joined) as pdf:
        assert pdf.attachments["002"].get_file().read_bytes() == photos[1].read_bytes()


def test_each_further_picture_of_a_heic_counts(tmp_path: Path) -> None:
    picture = pillow_heif.from_pillow(_PAPER.convert("RGB"))
    picture.add_from_pillow(_OTHER.convert("RGB"))
    picture.save(tmp_path / "foto.heic")
    with open_pages(tmp_path / "foto.heic") as pages:
        assert (pages.count, pages.attachments) == (1, 1)
