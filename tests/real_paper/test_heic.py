"""Photos as telephones store them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from documents.originals import media_type_of
from environment.settings import get_settings
from ocr import errors
from ocr.files.opening import check_whole, file_format, open_pages
from specimens import broken, files


def heic(picture: np.ndarray, orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(picture)).save(out, quality=75, exif=exif.tobytes())
    return out.getvalue()


@pytest.fixture
def picture() -> np.ndarray:
    page = np.full((420, 300, 3), 235, np.uint8)
    page[20:60, 20:200] = (30, 60, 160)
    return page


def test_a_heic_photo_is_read_as_one_gray_page(tmp_path: Path, home: Path, picture: np.ndarray) -> None:
    path = files.write(tmp_path / "IMG_0001.HEIC", heic(picture))
    assert file_format(path) == "image"
    assert media_type_of(path.read_bytes()[:1024]) == "image/heic"
    check_whole(path)
    with open_pages(path) as pages:
        assert pages.count == 1
        gray = pages.page(1).picture
    assert gray.shape == (420, 300)
    assert gray[40, 100] < 90 < 220 < gray[200, 100]


@pytest.mark.parametrize(("orientation", "dark"), [(3, (380, 200)), (6, (100, 380)), (8, (200, 40))])
def test_a_heic_photo_stands_upright_by_its_orientation(
    tmp_path: Path, home: Path, picture: np.ndarray, orientation: int, dark: tuple[int, int]
) -> None:
    path = files.write(tmp_path / "photo", heic(picture, orientation))
    with open_pages(path) as pages:
        gray = pages.page(1).picture
    assert gray.shape == ((420, 300) if orientation == 3 else (300, 420))
    assert gray[dark] < 90


def _damaged(data: bytes) -> bytes:
    """The box that says where everything is holds noise."""
    return data[:60] + bytes(byte ^ 0x5A for byte in data[60:200]) + data[200:]


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (broken.truncated, errors.TruncatedFileError),
        (lambda data: data[:-7], errors.TruncatedFileError),
        (lambda data: data[:40], errors.TruncatedFileError),
        (_damaged, errors.DamagedFileError),
    ],
)
def test_a_spoilt_heic_names_its_cause(
    tmp_path: Path,
    home: Path,
    picture: np.ndarray,
    spoil: Callable[[bytes], bytes],
    error: type[errors.DocumentError],
) -> None:
    with pytest.raises(error):
        check_whole(files.write(tmp_path / "photo.heic", spoil(heic(picture))))


def test_a_huge_heic_is_refused_before_it_is_decoded(
    tmp_path: Path, home: Path, picture: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = files.write(tmp_path / "photo.heic", heic(picture))
    monkeypatch.setenv("EBOK_MAX_PAGE_PIXELS", "1000")
    get_settings.cache_clear()
    with pytest.raises(errors.PageTooLargeError):
        open_pages(path)


def test_another_codec_in_the_same_container_is_an_unknown_format(tmp_path: Path, home: Path) -> None:
    film = b"\0\0\0\x20ftypavif\0\0\0\0avifmif1miafMA1B" + bytes(64)
    with pytest.raises(errors.UnknownFormatError, match="HEIC"):
        check_whole(files.write(tmp_path / "picture.avif", film))
