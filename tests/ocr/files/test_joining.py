"""Photos of pages joined into one file: each is read as it would have been alone."""

from __future__ import annotations

import io
import time
from pathlib import Path

import numpy as np
import pikepdf
import pillow_heif
import pytest
from PIL import Image

from ocr.errors import NotAPhotoError, PageTooLargeError
from ocr.files.joining import join_photos
from ocr.files.opening import open_pages

_ORIENTATION = 0x0112


def photo(path: Path, *, orientation: int = 1) -> Path:
    """A light sheet, not square, with a dark patch in one corner and a gray one beside it."""
    samples = np.full((800, 600, 3), 235, np.uint8)
    samples[40:240, 30:230] = 30
    samples[40:140, 350:550] = 130
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    image = Image.fromarray(samples)
    if path.suffix == ".heic":
        pillow_heif.from_pillow(image).save(path, quality=95)
    elif path.suffix == ".png":
        image.putalpha(255)
        image.save(path)
    else:
        image.save(path, exif=exif, quality=92)
    return path


def seen(path: Path, number: int = 1) -> Image.Image:
    with open_pages(path) as pages:
        return Image.fromarray(pages.page(number).picture)


def assert_alike(one: Image.Image, other: Image.Image) -> None:
    assert abs(one.width / one.height - other.width / other.height) < 0.01
    small = [np.asarray(each.resize((30, 40)), np.int16) for each in (one, other)]
    assert np.abs(small[0] - small[1]).mean() < 3


def test_joined_photos_are_pages_in_their_order_each_upright_as_it_was_alone(tmp_path: Path) -> None:
    sent = [photo(tmp_path / f"{turn}.jpg", orientation=turn) for turn in (1, 6, 3, 8, 5)]
    sent += [photo(tmp_path / "ekran.png"), photo(tmp_path / "telefon.heic")]
    joined = tmp_path / "joined.pdf"

    joined.write_bytes(join_photos(sent))

    with open_pages(joined) as pages:
        assert pages.count == len(sent)
        pages.decode()
    for number, alone in enumerate(sent, 1):
        assert_alike(seen(joined, number), seen(alone))


def test_a_jpeg_is_kept_byte_by_byte_and_the_same_photos_give_the_same_file(tmp_path: Path) -> None:
    sent = [photo(tmp_path / "a.jpg", orientation=6), photo(tmp_path / "b.heic")]

    joined = join_photos(sent)

    second = int(time.time())
    assert join_photos(sent) == joined
    while int(time.time()) == second:
        assert join_photos(sent) == joined
    assert join_photos(sent) == joined, "whatever the time"
    (tmp_path / "joined.pdf").write_bytes(joined)
    with pikepdf.open(tmp_path / "joined.pdf") as pdf:
        assert pdf.pages[0].Resources.XObject.Photo.read_raw_bytes() == sent[0].read_bytes()


def test_each_photo_is_a_page_as_long_as_a_sheet_with_the_photo_as_it_came_where_pdf_can_hold_it(
    tmp_path: Path,
) -> None:
    plain, several = tmp_path / "bez-exif.jpg", tmp_path / "telefon.jpg"
    samples = np.full((800, 600), 235, np.uint8)
    samples[40:240, 30:230] = 30
    Image.fromarray(samples).save(plain)
    Image.fromarray(samples).save(several, "MPO", save_all=True, append_images=[Image.fromarray(samples[::2, ::2])])
    sent = [plain, several, photo(tmp_path / "ekran.png"), photo(tmp_path / "telefon.heic")]

    with pikepdf.open(io.BytesIO(join_photos(sent))) as pdf:
        assert pdf.Root.Pages.Count == len(sent)
        for page in pdf.pages:
            assert page.obj.Type == pikepdf.Name.Page
            assert [float(edge) for edge in page.MediaBox] == [0, 0, 631.5, 842]
            assert page.obj.Rotate == 0
            assert page.Resources.XObject.Photo.Type == pikepdf.Name.XObject
        pictures = [page.Resources.XObject.Photo for page in pdf.pages]
        assert [picture.read_raw_bytes() for picture in pictures[:2]] == [path.read_bytes() for path in sent[:2]]
        with Image.open(sent[2]) as screen:
            assert pictures[2].read_bytes() == screen.convert("RGB").tobytes(), "a picture of a screen loses nothing"
        assert pictures[3].Filter == pikepdf.Name.DCTDecode


@pytest.mark.parametrize("kind", ["PDF", "TIFF"])
def test_what_is_no_photo_is_not_joined(tmp_path: Path, kind: str) -> None:
    other = tmp_path / "skan"
    Image.new("L", (413, 584), 200).save(other, kind)

    with pytest.raises(NotAPhotoError):
        join_photos([photo(tmp_path / "a.jpg"), other])


def test_a_picture_too_large_to_be_decoded_beside_others_is_refused(tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    Image.new("1", (8000, 6400)).save(large)

    with pytest.raises(PageTooLargeError):
        join_photos([photo(tmp_path / "a.jpg"), large])
