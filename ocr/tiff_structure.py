"""The directories of a TIFF file, walked without decoding anything: is all of it there, and how large are its pages."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from ocr.errors import DamagedFileError, TruncatedFileError

_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
"""Bytes of a value by the field types of TIFF 6.0."""
_NUMBERS: Final = {1: "B", 3: "H", 4: "I"}
_WIDTH, _HEIGHT = 256, 257
_DATA: Final = ((273, 279), (324, 325))
"""Offsets and lengths of strips and of tiles."""
_MOST_ENTRIES: Final = 1000


def page_sizes(path: Path) -> Iterator[tuple[int, int]]:
    """Width and height of each page in turn, in pixels.

    Raises TruncatedFileError when a directory or picture data lies beyond the end of the file, DamagedFileError when
    the directories contradict themselves.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        order = "<" if _bytes(file, 0, 2, size) == b"II" else ">"
        seen: set[int] = set()
        (at,) = struct.unpack(f"{order}I", _bytes(file, 4, 4, size))
        while at:
            if at in seen:
                raise DamagedFileError
            seen.add(at)
            tags, at = _directory(file, at, order, size)
            _check_data(tags, size)
            if _WIDTH not in tags or _HEIGHT not in tags:
                raise DamagedFileError
            yield tags[_WIDTH][0], tags[_HEIGHT][0]


def _directory(file: BinaryIO, at: int, order: str, size: int) -> tuple[dict[int, tuple[int, ...]], int]:
    """The numeric tags of a directory, and where the next one begins (0: none)."""
    (count,) = struct.unpack(f"{order}H", _bytes(file, at, 2, size))
    if not 0 < count <= _MOST_ENTRIES:
        raise DamagedFileError
    block = _bytes(file, at + 2, count * 12 + 4, size)
    tags: dict[int, tuple[int, ...]] = {}
    for number in range(count):
        tag, kind, length = struct.unpack_from(f"{order}HHI", block, number * 12)
        needed = _SIZES.get(kind, 0) * length
        if needed <= 4:
            value = block[number * 12 + 8 : number * 12 + 8 + needed]
        else:
            (offset,) = struct.unpack_from(f"{order}I", block, number * 12 + 8)
            if offset + needed > size:
                raise TruncatedFileError
            value = _bytes(file, offset, needed, size) if kind in _NUMBERS else b""
        if kind in _NUMBERS and value:
            tags[tag] = struct.unpack(f"{order}{length}{_NUMBERS[kind]}", value)
    (following,) = struct.unpack_from(f"{order}I", block, count * 12)
    return tags, following


def _check_data(tags: dict[int, tuple[int, ...]], size: int) -> None:
    for offsets, lengths in _DATA:
        if any(sum(pair) > size for pair in zip(tags.get(offsets, ()), tags.get(lengths, ()), strict=False)):
            raise TruncatedFileError


def _bytes(file: BinaryIO, at: int, count: int, size: int) -> bytes:
    if at + count > size:
        raise TruncatedFileError
    file.seek(at)
    return file.read(count)
