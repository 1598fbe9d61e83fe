"""PDFs whose last lines are missing or wrong: what viewers show whole is read, what lacks any of its objects is not."""

from __future__ import annotations

import io
import re
from functools import cache
from pathlib import Path

import pikepdf
import pytest

from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
from ocr import errors
from ocr.files.opening import check_whole, open_pages
from specimens import files

_NUMBER = "93516086"
_SHAPES = ("plain", "streams", "linearized", "after junk")


@cache
def _written(shape: str) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(draw_fillable(form_by_code("einvoice_withdrawal"), {"customer_no": _NUMBER}))) as pdf:
        if shape == "streams":
            pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        else:
            pdf.save(out, linearize=shape == "linearized")
    return (b"HTTP/1.1 200 OK\r\n\r\n" if shape == "after junk" else b"") + out.getvalue()


def _last_lines(data: bytes) -> int:
    return data.rfind(b"startxref")


def _table(data: bytes) -> int:
    (place,) = re.findall(rb"startxref\s+(\d+)", data[_last_lines(data) :])
    return int(place) + data.find(b"%PDF-")


def _is_read(data: bytes, tmp_path: Path) -> bool:
    """Whether it is read as it was written; what is returned tells that nothing more is awaited."""
    path = files.write(tmp_path / "a.pdf", data)
    with open_pages(path) as pages:
        assert _NUMBER in [widget.value for widget in pages.page(1).widgets]
    return check_whole(path)


@pytest.mark.parametrize("shape", _SHAPES)
@pytest.mark.parametrize("more", [b"", b"\0" * 5000])
@pytest.mark.parametrize("left", [0, 4])
def test_a_pdf_that_lacks_its_end_mark_alone_is_read_but_may_still_be_being_written(
    tmp_path: Path, shape: str, left: int, more: bytes
) -> None:
    data = _written(shape)
    assert not _is_read(data[: data.rfind(b"%%EOF") + left] + more, tmp_path)


@pytest.mark.parametrize("shape", ["plain", "after junk"])
@pytest.mark.parametrize("lines", [b"", b"startxref\n12"])
def test_a_pdf_without_the_place_of_its_table_is_read_when_all_its_objects_are_there(
    tmp_path: Path, shape: str, lines: bytes
) -> None:
    data = _written(shape)
    assert not _is_read(data[: _last_lines(data)] + lines, tmp_path)


@pytest.mark.parametrize("shape", ["plain", "streams", "after junk"])
@pytest.mark.parametrize("place", [b"99999999", b"777", b"-5"])
def test_a_pdf_that_names_a_wrong_place_of_its_table_is_read(tmp_path: Path, shape: str, place: bytes) -> None:
    data = _written(shape)
    assert _is_read(data[: _last_lines(data)] + b"startxref\n" + place + b"\n%%EOF\n", tmp_path)


@pytest.mark.parametrize("shape", _SHAPES)
@pytest.mark.parametrize("ending", [b"", b"\nstartxref\n99999999\n%%EOF\n"])
def test_a_pdf_that_lacks_any_of_its_objects_is_truncated_whatever_its_last_lines_say(
    tmp_path: Path, shape: str, ending: bytes
) -> None:
    data = _written(shape)
    objects = [match.start() for match in re.finditer(rb"(?<=\n)\d+ 0 obj", data[: _table(data)])]
    trailer = data[data.rfind(b"trailer") : _last_lines(data)] if shape in ("plain", "after junk") else b""
    for cut in (len(data) // 3, len(data) * 4 // 5, objects[len(objects) // 2], objects[-1], objects[-1] + 60):
        for kept in (b"", trailer):
            path = files.write(tmp_path / "a.pdf", data[:cut] + kept + ending)
            with pytest.raises(errors.TruncatedFileError):
                check_whole(path)


def test_an_addition_is_read_when_it_lacks_its_end_mark_alone_and_refused_when_it_lacks_more(tmp_path: Path) -> None:
    data = _written("plain")
    number = re.search(rb"(\d+) 0 obj\s*<<[^>]*" + _NUMBER.encode(), data) or re.search(rb"(\d+) 0 obj", data)
    assert number is not None
    (size,), (root,) = set(re.findall(rb"/Size (\d+)", data)), set(re.findall(rb"/Root \d+ 0 R", data))
    added = b"%s 0 obj\n<< /Added true >>\nendobj\n" % size
    table = b"xref\n%s 1\n%010d 00000 n \ntrailer\n<< /Size %d %s /Prev %d >>\nstartxref\n%d\n" % (
        size,
        len(data),
        int(size) + 1,
        root,
        _table(data),
        len(data) + len(added),
    )
    assert not _is_read(data + added + table, tmp_path)
    for cut in (len(added) + 10, len(added) + len(table) - 15):
        path = files.write(tmp_path / "a.pdf", data + (added + table)[:cut])
        with pytest.raises(errors.TruncatedFileError):
            check_whole(path)
