"""Files as machines and programs leave them: with more than belongs to them, with less, or said in another way."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from PIL import Image, PngImagePlugin

from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
from ocr import errors
from ocr.files.opening import check_whole, open_pages
from ocr.files.page import GrayImage
from ocr.reading import read_file
from specimens import files
from specimens.scanner import Scan


def _gray(width: int = 300, height: int = 420) -> GrayImage:
    """White paper, a dark block near the left upper corner and noise at the lower edge."""
    picture = np.full((height, width), 240, np.uint8)
    picture[20:60, 20:200] = 10
    picture[-40:, :] = np.random.default_rng(1).integers(0, 255, (40, width), np.uint8)
    return picture


def _page(path: Path, number: int = 1) -> GrayImage:
    with open_pages(path) as pages:
        gray = pages.page(number).picture
        assert pages.in_colour(number).shape[:2] == gray.shape
    return gray


def _jpeg(**how: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(_gray()).save(out, "JPEG", quality=90, **how)
    return out.getvalue()


def _saved(picture: Image.Image, kind: str, **how: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def _chunk(kind: bytes, data: bytes, *, sound: bool = True) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data) ^ (not sound))


def _fillable() -> bytes:
    return draw_fillable(form_by_code("einvoice_withdrawal"), {"customer_no": "93516086"})


@pytest.mark.parametrize(
    ("junk", "ended"),
    [
        (b"\r\n<html><body>" + b"<!-- wyslano -->\n" * 2000 + b"</body></html>", True),
        (b"\n" * 9000, True),
        (bytes(range(1, 256)) * 100, True),
        (b"\0" * 70_000, False),
        (b"\n" + b"\0" * 5000 + b"\r\n", False),
    ],
)
def test_bytes_of_any_kind_and_number_after_the_end_of_a_pdf_do_not_matter(
    tmp_path: Path, junk: bytes, ended: bool
) -> None:
    path = files.write(tmp_path / "a.pdf", _fillable() + junk)
    assert check_whole(path) is ended
    with open_pages(path) as pages:
        assert "93516086" in [widget.value for widget in pages.page(1).widgets]


def test_junk_before_a_pdf_does_not_matter(tmp_path: Path) -> None:
    path = files.write(tmp_path / "a.pdf", b"\xef\xbb\xbfContent-Type: application/pdf\r\n\r\n" * 20 + _fillable())
    with open_pages(path) as pages:
        assert "93516086" in [widget.value for widget in pages.page(1).widgets]


def test_an_addition_to_a_pdf_that_was_cut_off_is_no_junk_after_its_end(tmp_path: Path) -> None:
    first = _fillable()
    added = b"\n7 0 obj\n<</Length 300>>\nstream\n" + b"q 1 0 0 1 0 0 cm\n" * 10
    for data in (first + added, first + b"\r7 0 obj\r<<>>\rendobj\r", first + b"\nxref\n0 1\n"):
        with pytest.raises(errors.TruncatedFileError):
            check_whole(files.write(tmp_path / "a.pdf", data))


@pytest.mark.parametrize("share", [0.1, 0.4, 0.6, 0.9, 0.98])
@pytest.mark.parametrize("fill", [b"", b"\0" * 20_000])
def test_a_pdf_that_was_cut_off_is_told_as_such_even_with_its_room_reserved(
    tmp_path: Path, share: float, fill: bytes
) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(_fillable())) as pdf:
        pdf.save(out, linearize=True)
    for whole in (_fillable(), out.getvalue(), files.image_pdf([Scan(_gray(), (100, 100))])):
        path = files.write(tmp_path / "a.pdf", whole[: int(len(whole) * share)] + fill)
        with pytest.raises(errors.TruncatedFileError):
            check_whole(path)


@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"restart_marker_blocks": 3}, {"subsampling": 0}])
@pytest.mark.parametrize("missing", [1, 2])
def test_a_jpeg_that_lacks_its_end_mark_alone_is_read_but_may_still_be_being_written(
    tmp_path: Path, how: dict[str, Any], missing: int
) -> None:
    for fill in (b"", b"\0" * 3000):
        path = files.write(tmp_path / "a.jpg", _jpeg(**how)[:-missing] + fill)
        assert check_whole(path) is False
        assert np.array_equal(_page(path), _page(files.write(tmp_path / "whole.jpg", _jpeg(**how))))


@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"restart_marker_blocks": 3}, {"subsampling": 0}])
def test_a_jpeg_that_lacks_any_of_its_picture_is_truncated(tmp_path: Path, how: dict[str, Any]) -> None:
    whole = _jpeg(**how)
    starts = [at for at in range(len(whole)) if whole.startswith(b"\xff\xda", at)]
    cuts = [int(len(whole) * share) for share in (0.3, 0.5, 0.8, 0.95)] + starts[1:]
    cuts += [at for at in range(len(whole)) if whole[at] == 0xFF and 0xD0 <= whole[at + 1] <= 0xD7][-3:]
    for cut in cuts:
        for fill in (b"", b"\0" * 20_000):
            with pytest.raises(errors.TruncatedFileError):
                check_whole(files.write(tmp_path / "a.jpg", whole[:cut] + fill))


def test_what_follows_the_end_of_a_jpeg_does_not_matter(tmp_path: Path) -> None:
    assert check_whole(files.write(tmp_path / "a.jpg", _jpeg() + b"<!-- sent -->" * 100)) is True


@pytest.mark.parametrize("compressed", [True, False])
def test_texts_of_a_png_are_skipped_however_large_they_are(tmp_path: Path, compressed: bool) -> None:
    facts = PngImagePlugin.PngInfo()
    facts.add_text("Comment", "a" * 3_000_000, zip=compressed)
    facts.add_itxt("Opis", "ż" * 2_000_000, zip=compressed)
    for number in range(40):
        facts.add_text(f"More{number}", "b" * 900_000, zip=True)
    path = files.write(tmp_path / "a.png", _saved(Image.fromarray(_gray()), "PNG", pnginfo=facts))
    assert check_whole(path) is True
    assert np.array_equal(_page(path), _gray())


def test_a_broken_chunk_that_the_picture_does_not_need_is_skipped(tmp_path: Path) -> None:
    whole = _saved(Image.fromarray(_gray()), "PNG", dpi=(200, 200))
    odd = (
        _chunk(b"tEXt", b"Comment\0x", sound=False) + _chunk(b"iCCP", b"\xff" * 50) + _chunk(b"pHYs", b"", sound=False)
    )
    path = files.write(tmp_path / "a.png", whole[:33] + odd + whole[33:])
    assert check_whole(path) is True
    assert np.array_equal(_page(path), _gray())


def test_a_png_that_lacks_its_end_is_read_and_one_that_lacks_more_is_truncated(tmp_path: Path) -> None:
    whole = _saved(Image.fromarray(_gray()), "PNG")
    for missing in (1, 5, 12):
        path = files.write(tmp_path / "a.png", whole[:-missing])
        assert check_whole(path) is False
        assert np.array_equal(_page(path), _gray())
    for missing in (13, 40, 1000, len(whole) - 50):
        with pytest.raises(errors.TruncatedFileError):
            check_whole(files.write(tmp_path / "a.png", whole[:-missing]))


def _tiff(pages: list[tuple[GrayImage, dict[int, int]]], *, big: bool = False) -> bytes:
    """Gray pages without compression, each with these tags in place of the usual ones (-1: left out)."""
    offset, count = ("Q", "Q") if big else ("I", "H")
    out = bytearray(struct.pack("<2sHHHQ", b"II", 43, 8, 0, 0) if big else struct.pack("<2sHI", b"II", 42, 0))
    link = len(out) - struct.calcsize(offset)
    for picture, changed in pages:
        height, width = picture.shape
        strip = len(out)
        out += picture.tobytes()
        usual = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 273: strip, 277: 1, 278: height, 279: picture.size}
        tags = sorted((tag, value) for tag, value in {**usual, **changed}.items() if value >= 0)
        struct.pack_into(f"<{offset}", out, link, len(out))
        out += struct.pack(f"<{count}", len(tags))
        for tag, value in tags:
            out += struct.pack("<HHQQ", tag, 16, 1, value) if big else struct.pack("<HHII", tag, 4, 1, value)
        link = len(out)
        out += bytes(struct.calcsize(offset))
    return bytes(out)


@pytest.mark.parametrize("big", [False, True])
def test_thumbnails_and_masks_between_the_pages_of_a_tiff_are_no_pages(tmp_path: Path, big: bool) -> None:
    small, page, other = _gray()[::4, ::4], _gray(), _gray()[::-1]
    drawn = [(small, {254: 1}), (page, {254: 2}), (page, {254: 4}), (small, {255: 2}), (other, {})]
    path = files.write(tmp_path / "a.tif", _tiff([(np.ascontiguousarray(each), tags) for each, tags in drawn], big=big))
    assert check_whole(path) is True
    with open_pages(path) as pages:
        assert pages.count == 2
        assert np.array_equal(pages.page(1).picture, page)
        assert np.array_equal(pages.page(2).picture, other)


def test_a_tiff_of_nothing_but_thumbnails_shows_them(tmp_path: Path) -> None:
    path = files.write(tmp_path / "a.tif", _tiff([(_gray(), {254: 1})]))
    assert np.array_equal(_page(path), _gray())


@pytest.mark.parametrize("stored", [_gray(), 255 - _gray()])
def test_where_a_tiff_does_not_say_which_value_is_white_the_paper_is(tmp_path: Path, stored: GrayImage) -> None:
    path = files.write(tmp_path / "a.tif", _tiff([(stored, {262: -1})]))
    assert np.array_equal(_page(path), _gray())


def test_a_dark_page_whose_tiff_says_which_value_is_white_stays_dark(tmp_path: Path) -> None:
    assert np.array_equal(_page(files.write(tmp_path / "a.tif", _tiff([(255 - _gray(), {})]))), 255 - _gray())
    assert np.array_equal(_page(files.write(tmp_path / "a.tif", _tiff([(_gray(), {262: 0})]))), 255 - _gray())


def test_a_turned_negative_without_its_sort_stands_upright(tmp_path: Path) -> None:
    path = files.write(tmp_path / "a.tif", _tiff([(np.ascontiguousarray(np.rot90(255 - _gray())), {262: -1, 274: 6})]))
    assert np.array_equal(_page(path), _gray())


def test_sixteen_bits_with_white_as_zero_are_black_on_white(tmp_path: Path) -> None:
    deep = ((255 - _gray()).astype(np.uint16) * 257).view(np.uint8)
    path = files.write(tmp_path / "a.tif", _tiff([(deep, {256: 300, 258: 16, 262: 0})]))
    assert abs(_page(path).astype(int) - _gray()).max() < 20


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "zstd"])
@pytest.mark.parametrize("mode", ["1", "L", "RGB", "CMYK"])
@pytest.mark.parametrize("how", [{}, {"big_tiff": True}, {"tiffinfo": {322: 64, 323: 64}}])
def test_every_sort_of_tiff_gives_its_picture(tmp_path: Path, compression: str, mode: str, how: dict[str, Any]) -> None:
    if mode == "1" and compression == "jpeg":
        compression = "group4"
    picture = Image.fromarray(np.where(_gray() < 128, 0, 255).astype(np.uint8)).convert(mode)
    path = files.write(tmp_path / "a.tif", _saved(picture, "TIFF", compression=compression, **how))
    assert check_whole(path) is True
    assert (abs(_page(path).astype(int) - np.asarray(picture.convert("L"))) < 60).mean() > 0.99


def test_a_bigtiff_that_was_cut_off_is_truncated(tmp_path: Path) -> None:
    whole = _tiff([(_gray(), {}), (_gray(), {})], big=True)
    for share in (0.2, 0.5, 0.9, 0.999):
        with pytest.raises(errors.TruncatedFileError):
            check_whole(files.write(tmp_path / "a.tif", whole[: int(len(whole) * share)]))


def test_a_file_is_read_whatever_bytes_its_name_holds(tmp_path: Path) -> None:
    drawn = {
        "pdf": _fillable(),
        "tif": _tiff([(_gray(), {})]),
        "jpg": _jpeg(),
        "png": _saved(Image.fromarray(_gray()), "PNG"),
    }
    for kind, data in drawn.items():
        for name in (b"Pawe\xb3 \xff", b"two\nlines\t", b"a" * 250, "żo\u0301łw".encode()):
            path = files.write(tmp_path / f"{name.decode('utf-8', 'surrogateescape')}.{kind}", data)
            assert check_whole(path) is True
            with open_pages(path) as pages:
                assert pages.page(1).picture.any()


@pytest.mark.parametrize(("width", "height"), [(595, 0.5), (0.5, 842), (3, 3), (20, 12)])
def test_a_page_of_hardly_any_size_is_read_as_nothing_of_ours_or_told_to_be_unusable(
    tmp_path: Path, home: Path, width: float, height: float
) -> None:
    path = tmp_path / "thin.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(20, 20))
        pdf.pages[0].obj[pikepdf.Name.MediaBox] = pikepdf.Array([0, 0, width, height])
        pdf.pages[0].contents_add(b"0 0 600 900 re f")
        pdf.save(path)
    with suppress(errors.DocumentError):
        assert all(one.form_code is None for one in read_file(path).documents)


@pytest.mark.parametrize(
    "crop", [[5000, 5000, 6000, 6000], [-300, -300, -1, -1], [595.3, 0, 700, 842], [700, 0, 600, 9]]
)
def test_a_page_that_is_cropped_to_what_lies_beside_it_is_shown_whole(tmp_path: Path, crop: list[float]) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(_fillable())) as pdf:
        pdf.pages[0].CropBox = pikepdf.Array(crop)
        pdf.save(out)
    found = read_file(files.write(tmp_path / "a.pdf", out.getvalue())).documents[0]
    assert found.submission is not None
    assert found.submission.fields["customer_no"].value == "93516086"
    assert _page(tmp_path / "a.pdf").shape == _page(files.write(tmp_path / "b.pdf", _fillable())).shape


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_a_picture_with_a_channel_of_transparency_that_was_never_filled_is_no_white_page(
    tmp_path: Path, kind: str, mode: str
) -> None:
    seen = Image.fromarray(_gray()).convert(mode)
    seen.putalpha(0)
    assert np.array_equal(_page(files.write(tmp_path / "a", _saved(seen, kind))), _gray())
    seen.putalpha(Image.fromarray(np.where(_gray() < 200, 255, 0).astype(np.uint8)))
    assert _page(files.write(tmp_path / "b", _saved(seen, kind))).max() == 255


def test_white_writing_on_nothing_is_no_empty_page(tmp_path: Path) -> None:
    ink = Image.new("L", (300, 420), 0)
    ink.paste(255, (20, 20, 200, 60))
    (tmp_path / "white.png").write_bytes(_saved(Image.merge("LA", (Image.new("L", ink.size, 255), ink)), "PNG"))
    shown = _page(tmp_path / "white.png")
    assert (shown[40, 100], shown[200, 100]) == (255, 0)


def _drawn(content: bytes, picture: bytes | None, paper: bytes | None = None) -> bytes:
    """Pages with that content, in which the bytes of a JPEG 2000 are called ``Bild``; after it a form, if any."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        page.obj.Contents = pdf.make_stream(content)
        if picture is not None:
            image = pdf.make_stream(picture, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image)
            image.Width, image.Height, image.Filter = 100, 141, pikepdf.Name.JPXDecode
            page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Bild=image))
        if paper is not None:
            with pikepdf.open(io.BytesIO(paper)) as other:
                pdf.add_pages_from(other)
        return _pdf(pdf)


def _pdf(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


_WHOLE = b"q 595 0 0 842 0 0 cm /Bild Do Q"


@pytest.mark.parametrize("paper", [None, _fillable()])
@pytest.mark.parametrize(("content", "picture"), [(_WHOLE, b"no picture" * 20), (b"/Bild Do", None)])
def test_a_page_of_which_nothing_can_be_drawn_is_damaged_and_no_empty_one(
    tmp_path: Path, content: bytes, picture: bytes | None, paper: bytes | None
) -> None:
    (tmp_path / "lost.pdf").write_bytes(_drawn(content, picture, paper))
    with pytest.raises(errors.DamagedFileError):
        read_file(tmp_path / "lost.pdf")


def test_a_page_whose_content_cannot_be_unpacked_is_damaged_and_no_empty_one(tmp_path: Path) -> None:
    with pikepdf.open(io.BytesIO(_drawn(b"0 0 100 100 re f", None))) as pdf:
        pdf.pages[0].obj.Contents.write(b"\x78\x9cno flate" * 9, filter=pikepdf.Name.FlateDecode)
        pdf.save(tmp_path / "lost.pdf", compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    with pytest.raises(errors.DamagedFileError):
        read_file(tmp_path / "lost.pdf")


@pytest.mark.parametrize("content", [b"", b"q Q", b"1 g 0 0 595 842 re f"])
def test_a_page_on_which_nothing_is_drawn_is_an_empty_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "empty.pdf").write_bytes(_drawn(content, None))
    assert read_file(tmp_path / "empty.pdf").ignored_pages == (1,)


def test_a_picture_that_cannot_be_drawn_is_a_note_where_it_stands(tmp_path: Path) -> None:
    content = b"0 0 200 200 re f q 100 0 0 50 300 400 cm /Bild Do Q"
    (tmp_path / "note.pdf").write_bytes(_drawn(content, b"no picture" * 20))
    with open_pages(tmp_path / "note.pdf") as pages:
        page = pages.page(1)
    assert page.scale is not None
    assert page.notes == (pytest.approx([each * page.scale for each in (300, 392, 400, 442)], abs=1),)
