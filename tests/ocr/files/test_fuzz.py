"""Files that were damaged at random: each is read, or told to be unusable; nothing else ever comes of it."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
from ocr.errors import DocumentError
from ocr.files.opening import check_whole, open_pages
from ocr.reading import read_file
from readers.pictures import PagePicture
from specimens import files
from specimens.scanner import Scan

Mutate = Callable[[bytes, random.Random], bytes]


def _flipped(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 3, 20))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _renumbered(data: bytes, chance: random.Random) -> bytes:
    """Some number of the file's structure is another one."""
    found = chance.choice(list(re.finditer(rb"(?<![\w.])\d{1,7}(?![\w.])", data)))
    number = str(chance.choice((0, 1, 7, 2**31 - 1, 2**63, chance.randrange(400)))).encode()
    return data[: found.start()] + number + data[found.end() :]


def _renamed(data: bytes, chance: random.Random) -> bytes:
    """Some name or reference is null, or nothing."""
    found = chance.choice(list(re.finditer(rb"/[A-Z]\w+|\d+ 0 R", data)))
    return data[: found.start()] + chance.choice((b"null", b"", b"[]", b"/X", b"(x)")) + data[found.end() :]


def _cut(data: bytes, chance: random.Random) -> bytes:
    """A piece is missing."""
    at = chance.randrange(len(data))
    return data[:at] + data[at + chance.choice((1, 10, 500)) :]


def _pdf() -> bytes:
    values = {"customer_no": "93516086", "name": "Jadwiga Głębocka", "postcode": "66-470"}
    return draw_fillable(form_by_code("einvoice_withdrawal"), values)


def _picture() -> np.ndarray:
    return np.random.default_rng(2).integers(180, 255, (260, 200), np.uint8)


def _saved(kind: str) -> bytes:
    out = io.BytesIO()
    Image.fromarray(_picture()).save(out, kind)
    return out.getvalue()


ORIGINALS: dict[str, Callable[[], bytes]] = {
    "fillable": _pdf,
    "scan": lambda: files.image_pdf([Scan(_picture(), (72, 72))]),
    "tiff": lambda: files.tiff([Scan(_picture(), (72, 72))] * 2),
    "jpeg": lambda: _saved("JPEG"),
    "png": lambda: _saved("PNG"),
}


@pytest.mark.parametrize(
    ("name", "mutate"),
    [
        *((name, mutate) for name in ("fillable", "scan") for mutate in (_flipped, _renumbered, _renamed, _cut)),
        *((name, mutate) for name in ("tiff", "jpeg", "png") for mutate in (_flipped, _cut)),
    ],
)
def test_a_damaged_file_opens_or_is_told_to_be_unusable(tmp_path: Path, home: Path, name: str, mutate: Mutate) -> None:
    data, chance, path = ORIGINALS[name](), random.Random(f"{name} {mutate.__name__}"), tmp_path / "file"
    for number in range(10):
        path.write_bytes(mutate(data, chance))
        for look in (
            lambda: check_whole(path),
            lambda: _all_pages(path),
            lambda at=number: PagePicture(path, f"{name}{mutate.__name__}{at}", 1).shown(),
        ):
            try:
                look()
            except DocumentError as told:
                assert told.message


def _all_pages(path: Path) -> None:
    with open_pages(path) as pages:
        for number in range(1, min(pages.count, 3) + 1):
            assert pages.page(number).picture.size
            assert pages.in_colour(number).size


@pytest.mark.parametrize("mutate", [_flipped, _renumbered, _renamed])
def test_a_damaged_form_is_read_or_told_to_be_unusable(tmp_path: Path, mutate: Mutate) -> None:
    data, chance, path = _pdf(), random.Random(mutate.__name__), tmp_path / "form.pdf"
    for _ in range(6):
        path.write_bytes(mutate(data, chance))
        try:
            reading = read_file(path)
        except DocumentError as told:
            assert told.message
        else:
            assert reading.documents or reading.ignored_pages
