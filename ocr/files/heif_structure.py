"""HEIF files (phone photos): recognised by their head and walked box by box without decoding anything."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ocr.errors import DamagedFileError, TruncatedFileError

_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
"""Brands of ISO/IEC 23008-12 for still pictures coded by HEVC; AVIF is another codec and is not among them."""
_AVIF: Final = frozenset({b"avif", b"avis"})
_MOST_BOXES: Final = 10_000


def is_heif(head: bytes) -> bool:
    """Whether a file that begins so is a HEIF picture."""
    if head[4:8] != b"ftyp":
        return False
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))}
    return head[8:12] in _BRANDS or (head[8:12] not in _AVIF and not brands & _AVIF and bool(brands & _BRANDS))


def check_boxes(path: Path) -> None:
    """Raise TruncatedFileError when a box reaches beyond the end of the file, DamagedFileError when one has no size."""
    size, at = path.stat().st_size, 0
    with path.open("rb") as file:
        for _ in range(_MOST_BOXES):
            file.seek(at)
            head = file.read(16)
            if not head:
                return
            length = int.from_bytes(head[:4], "big")
            if length == 1:
                length = int.from_bytes(head[8:16], "big")
            if length == 0 and len(head) >= 8:
                return  # to the end of the file, wherever that is
            if len(head) < 8 or at + length > size:
                raise TruncatedFileError
            if length < 8:
                raise DamagedFileError
            at += length
    raise DamagedFileError
