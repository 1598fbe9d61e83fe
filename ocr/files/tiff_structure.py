"""The directories of a TIFF or BigTIFF, walked without decoding: whether all is there, and how large the pages are."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from ocr.errors import DamagedFileError, TruncatedFileError

HEADS: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of a value by the field types of TIFF 6.0 and BigTIFF."""
_NUMBERS: Final = {1: "B", 3: "H", 4: "I", 16: "Q"}
_NEW_SUBFILE, _SUBFILE, _WIDTH, _HEIGHT, _PHOTOMETRIC = 254, 255, 256, 257, 262
_REDUCED_OR_MASK: Final = 0b101
_OLD_REDUCED: Final = 2
_DATA: Final = ((273, 279), (324, 325))
"""Offsets and lengths of strips and of tiles."""
_MOST_ENTRIES: Final = 1000
_MOST_DIRECTORIES: Final = 5000


class _Layout(NamedTuple):
    """How numbers are written: byte order, and the width of counts and offsets."""

    order: str
    counts: str
    entry: str
    offset: str


@dataclass(frozen=True, slots=True)
class Directory:
    """One picture of the file: ``frame`` counts from 0, sides are pixels.

    ``aside``: a thumbnail or mask of another one and no page. ``photometric`` is None where the file does not say
    whether 0 is black or white.
    """

    frame: int
    width: int
    height: int
    aside: bool
    photometric: int | None


def directories(path: Path) -> Iterator[Directory]:
    """Every picture in turn.

    Raises TruncatedFileError when a directory or picture data lies beyond the end of the file, DamagedFileError when
    the directories contradict themselves.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = _bytes(file, 0, 8, size)
        order = "<" if head[:2] == b"II" else ">"
        big = struct.unpack(f"{order}H", head[2:4])[0] == 43
        written = _Layout(order, "Q", "HHQ8s", "Q") if big else _Layout(order, "H", "HHI4s", "I")
        seen: set[int] = set()
        at = _number(file, 8 if big else 4, written.offset, written, size)
        while at:
            if at in seen or len(seen) == _MOST_DIRECTORIES:
                raise DamagedFileError
            tags, following = _directory(file, at, written, size)
            _check_data(tags, size)
            yield _described(tags, len(seen))
            seen.add(at)
            at = following


def _described(tags: dict[int, tuple[int, ...]], frame: int) -> Directory:
    if _WIDTH not in tags or _HEIGHT not in tags:
        raise DamagedFileError
    aside = bool(tags.get(_NEW_SUBFILE, (0,))[0] & _REDUCED_OR_MASK) or tags.get(_SUBFILE) == (_OLD_REDUCED,)
    photometric = tags[_PHOTOMETRIC][0] if _PHOTOMETRIC in tags else None
    return Directory(frame, tags[_WIDTH][0], tags[_HEIGHT][0], aside, photometric)


def _directory(file: BinaryIO, at: int, written: _Layout, size: int) -> tuple[dict[int, tuple[int, ...]], int]:
    """The numeric tags of a directory, and where the next one begins (0: none)."""
    count = _number(file, at, written.counts, written, size)
    if not 0 < count <= _MOST_ENTRIES:
        raise DamagedFileError
    entry = struct.Struct(written.order + written.entry)
    begin, room = (
        at + struct.calcsize(written.order + written.counts),
        entry.size - struct.calcsize("=HH" + written.offset),
    )
    block = _bytes(file, begin, count * entry.size, size)
    tags: dict[int, tuple[int, ...]] = {}
    for tag, kind, length, inline in entry.iter_unpack(block):
        needed = _SIZES.get(kind, 0) * length
        value = inline[:needed]
        if needed > room:
            (offset,) = struct.unpack(written.order + written.offset, inline)
            if offset + needed > size:
                raise TruncatedFileError
            value = _bytes(file, offset, needed, size) if kind in _NUMBERS else b""
        if kind in _NUMBERS and value:
            tags[tag] = struct.unpack(f"{written.order}{length}{_NUMBERS[kind]}", value)
    return tags, _number(file, begin + len(block), written.offset, written, size)


def _check_data(tags: dict[int, tuple[int, ...]], size: int) -> None:
    for offsets, lengths in _DATA:
        if any(sum(pair) > size for pair in zip(tags.get(offsets, ()), tags.get(lengths, ()), strict=False)):
            raise TruncatedFileError


def _number(file: BinaryIO, at: int, kind: str, written: _Layout, size: int) -> int:
    form = written.order + kind
    return int(struct.unpack(form, _bytes(file, at, struct.calcsize(form), size))[0])


def _bytes(file: BinaryIO, at: int, count: int, size: int) -> bytes:
    if at + count > size:
        raise TruncatedFileError
    file.seek(at)
    return file.read(count)
