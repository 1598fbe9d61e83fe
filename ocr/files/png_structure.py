"""PNG files by their chunks: what the picture needs, without the rest that may be broken or huge."""

from __future__ import annotations

import zlib
from typing import Final

from ocr.errors import DamagedFileError, TruncatedFileError

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_WANTED: Final = (b"tRNS", b"pHYs", b"eXIf")
"""Ancillary chunks that change how the picture is seen; texts, profiles and whatever else is left out unread."""
_MOVES, _PICTURE = b"fcTL", b"IDAT"
"""Begins a picture of an animation; holds the one that all programs show."""
_END: Final = b"\0\0\0\0IEND\xaeB`\x82"


def essential(data: bytes) -> tuple[bytes, bool]:
    """The file without the chunks that its picture does not need, and whether it had its end mark.

    TruncatedFileError when a chunk of the picture reaches beyond the end, DamagedFileError when its check sum is wrong.
    An ancillary chunk that is broken is left out too.
    """
    kept, at = [SIGNATURE], len(SIGNATURE)
    while at < len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        end = at + 12 + length
        if kind == b"IEND":
            return b"".join((*kept, _END)), end <= len(data)
        if end > len(data):
            if _END.startswith(data[at:]):
                break
            raise TruncatedFileError
        critical = not kind[0] & 0x20
        sound = zlib.crc32(data[at + 4 : end - 4]) == int.from_bytes(data[end - 4 : end], "big")
        if critical and not sound:
            raise DamagedFileError
        if critical or (sound and kind in _WANTED):
            kept.append(data[at:end])
        at = end
    return b"".join((*kept, _END)), False


def further_pictures(data: bytes) -> int:
    """How many pictures of an animation (APNG) there are beside the one that all programs show."""
    found, shown, at = 0, False, len(SIGNATURE)
    while at < len(data):
        kind = data[at + 4 : at + 8]
        if kind == _MOVES:
            found += 1
        elif kind == _PICTURE and not shown:
            found, shown = 0, True  # one that is announced before it is that picture itself
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return found
