from __future__ import annotations

import io
import os
import socket
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from environment.settings import get_settings
from ocr import errors
from ocr.files.colour import gray_of
from ocr.files.opening import check_whole, open_pages
from ocr.reading import read_file
from specimens import broken, files
from specimens.scanner import Scan


def _gray(width: int = 300, height: int = 420) -> Scan:
    picture = np.full((height, width), 240, np.uint8)
    picture[20:60, 20:200] = np.random.default_rng(1).integers(0, 255, (40, 180), np.uint8)
    return Scan(picture, (100, 100))


def _truncated_pdf() -> bytes:
    return broken.truncated(files.image_pdf([_gray()]))


def _truncated_tiff() -> bytes:
    return broken.truncated(files.tiff([_gray(), _gray()]))


def _tiff_without_its_last_bytes() -> bytes:
    return files.tiff([_gray(), _gray()])[:-20]


def _truncated_jpeg() -> bytes:
    return broken.truncated(files.jpeg(_gray()))


def _truncated_png() -> bytes:
    return broken.truncated(files.png(_gray()))


def _two_in_a_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("1.pdf", "2.pdf"):
            archive.writestr(name, files.blank_page())
    return out.getvalue()


def _two_in_a_tar() -> bytes:
    out, one = io.BytesIO(), files.blank_page()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name in ("1.pdf", "2.pdf"):
            member = tarfile.TarInfo(name)
            member.size = len(one)
            archive.addfile(member, io.BytesIO(one))
    return out.getvalue()


UNUSABLE: list[tuple[Callable[[], bytes], type[errors.DocumentError]]] = [
    (lambda: b"", errors.EmptyFileError),
    (_truncated_pdf, errors.TruncatedFileError),
    (_truncated_tiff, errors.TruncatedFileError),
    (_tiff_without_its_last_bytes, errors.TruncatedFileError),
    (_truncated_jpeg, errors.TruncatedFileError),
    (_truncated_png, errors.TruncatedFileError),
    (lambda: b"\0" * 4096, errors.TruncatedFileError),
    (lambda: broken.encrypted(files.blank_page()), errors.EncryptedFileError),
    (broken.pdf_without_pages, errors.NoPagesError),
    (broken.pdf_of_pages, errors.TooManyPagesError),
    (broken.huge_tiff, errors.PageTooLargeError),
    (broken.huge_pdf, errors.PageTooLargeError),
    (broken.text_named_pdf, errors.UnknownFormatError),
    (_two_in_a_zip, errors.UnknownFormatError),
    (_two_in_a_tar, errors.UnknownFormatError),
    (broken.damaged_png, errors.DamagedFileError),
    (lambda: b"%PDF-1.4\nno objects at all\n%%EOF\n", errors.DamagedFileError),
]


@pytest.mark.parametrize(("make", "error"), UNUSABLE)
def test_an_unusable_file_names_its_cause_whoever_opens_it(
    tmp_path: Path, make: Callable[[], bytes], error: type[errors.DocumentError]
) -> None:
    path = files.write(tmp_path / "scan.pdf", make())
    for open_it in (check_whole, read_file):
        with pytest.raises(error) as raised:
            open_it(path)
        assert raised.value.code == error.code
        assert str(path) not in str(raised.value)


def test_what_is_no_plain_file_is_refused_without_being_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = files.write(tmp_path / "whole.pdf", files.blank_page())
    (tmp_path / "folder.pdf").mkdir()
    (tmp_path / "link.pdf").symlink_to(whole)
    os.mkfifo(tmp_path / "pipe.pdf")
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(tmp_path)  # a socket's path may have a hundred letters only
        listener.bind("socket.pdf")
        for name in ("folder.pdf", "link.pdf", "pipe.pdf", "socket.pdf"):
            with pytest.raises(errors.NotAFileError):
                check_whole(tmp_path / name)
    with pytest.raises(errors.MissingFileError):
        check_whole(tmp_path / "nothing.pdf")


def test_a_file_without_read_permission_is_told_as_such(tmp_path: Path) -> None:
    path = files.write(tmp_path / "closed.pdf", files.blank_page())
    path.chmod(0)
    for folder in [tmp_path, *tmp_path.parents][:4]:
        if folder.stat().st_uid == os.geteuid() and folder != Path("/tmp"):
            folder.chmod(0o755)
    superuser = os.geteuid() == 0
    if superuser:
        os.seteuid(65534)
    try:
        with pytest.raises(errors.NoPermissionError):
            check_whole(path)
    finally:
        if superuser:
            os.seteuid(0)


def test_the_limits_of_the_settings_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = files.write(tmp_path / "two.tif", files.tiff([_gray(), _gray()]))
    for name, value, error in (
        ("EBOK_MAX_PAGES", "1", errors.TooManyPagesError),
        ("EBOK_MAX_PAGE_PIXELS", "1000", errors.PageTooLargeError),
        ("EBOK_MAX_FILE_BYTES", "100", errors.FileTooLargeError),
    ):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            get_settings.cache_clear()
            with pytest.raises(error):
                check_whole(path)
        get_settings.cache_clear()
    check_whole(path)


@pytest.mark.parametrize("make", [files.image_pdf, files.tiff, lambda scans: files.jpeg(scans[0])])
def test_a_whole_file_passes_the_check(tmp_path: Path, make: Callable[[list[Scan]], bytes]) -> None:
    check_whole(files.write(tmp_path / "whole", make([_gray(), _gray()])))


def test_the_format_is_told_by_content_not_by_name(tmp_path: Path) -> None:
    path = files.write(tmp_path / "scan.pdf", files.png(_gray()))
    with open_pages(path) as pages:
        assert pages.count == 1
        assert pages.page(1).picture.shape == (420, 300)


@pytest.mark.parametrize(("mode", "compression"), [("L", None), ("1", None), ("1", "group4")])
@pytest.mark.parametrize(
    ("orientation", "laid"),
    [
        (3, Image.Transpose.ROTATE_180),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_90),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_270),
    ],
)
def test_a_tiff_stands_upright_by_its_orientation_however_it_is_packed(
    tmp_path: Path, mode: str, compression: str | None, orientation: int, laid: Image.Transpose
) -> None:
    upright = Image.fromarray(_gray().image).point(lambda tone: 255 * (tone > 128)).convert(mode)
    path = tmp_path / "a.tif"
    upright.transpose(laid).save(path, compression=compression, tiffinfo={0x0112: orientation})
    with open_pages(path) as pages:
        assert np.array_equal(pages.page(1).picture, np.asarray(upright.convert("L")))


def test_a_photo_stands_upright_by_its_exif_orientation(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "photo.jpg"
    Image.fromarray(_gray().image).save(path, exif=exif)
    with open_pages(path) as pages:
        assert pages.page(1).picture.shape == (300, 420)


def test_a_fax_with_fewer_lines_than_columns_gets_square_pixels(tmp_path: Path) -> None:
    path = files.write(tmp_path / "fax.tif", files.tiff([Scan(np.full((1100, 1700), 255, np.uint8), (204, 98))]))
    with open_pages(path) as pages:
        height, width = pages.page(1).picture.shape
    assert height / width == pytest.approx(1100 / 98 / (1700 / 204), rel=0.01)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I;16"])
def test_pictures_of_every_mode_become_gray_on_white(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "page.tif"
    if mode == "I;16":
        Image.fromarray(np.full((40, 30), 60_000, np.uint16)).save(path)
    else:
        Image.new("RGB", (30, 40), "white").convert(mode).save(path)
    with open_pages(path) as pages:
        picture = pages.page(1).picture
    assert picture.shape == (40, 30)
    assert picture.min() > 200


@pytest.mark.parametrize("mode", ["RGB", "P", "RGBA"])
@pytest.mark.parametrize("height", [1, 255, 256, 257, 700])
def test_a_colour_picture_becomes_gray_whole_whatever_its_height(tmp_path: Path, mode: str, height: int) -> None:
    rows, columns = np.mgrid[:height, :40]
    colour = np.stack([rows % 256, (columns * 6) % 256, (rows // 3 + columns) % 256], axis=2).astype(np.uint8)
    picture = Image.fromarray(colour).convert(mode)
    picture.save(path := tmp_path / "page.png")
    with open_pages(path) as pages:
        found = pages.page(1).picture
    assert np.array_equal(found, gray_of(np.asarray(picture.convert("RGB"))))


def test_a_pdf_that_promises_more_than_it_holds_is_truncated(tmp_path: Path) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(files.joined(files.blank_page(), files.blank_page()))) as pdf:
        pdf.save(out, linearize=True)
    data = out.getvalue()
    first_end = data.index(b"%%EOF") + 6
    with pytest.raises(errors.TruncatedFileError):
        check_whole(files.write(tmp_path / "half.pdf", data[:first_end]))
