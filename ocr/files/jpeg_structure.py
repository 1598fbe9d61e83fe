"""JPEG files without an end mark: whether the picture is complete all the same."""

from __future__ import annotations

import io
import re
from typing import Final

from PIL import Image, ImageChops

from ocr.errors import TruncatedFileError

END: Final = b"\xff\xd9"
_MARKER: Final = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)
"""The next marker in entropy-coded data; stuffed bytes and restart marks belong to the data."""
_SCAN, _LAST = 0xDA, 0xD9
_ALONE: Final = (0x01, 0xD8, *range(0xD0, 0xD8))
"""Markers without a length."""
_RESTART: Final = re.compile(rb"\xff([\xd0-\xd7])")
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_NOISE: Final = b"\x5a\xc3\x96\x2d\x69\xb4" * 24
"""What would be decoded, before and after the next restart mark, if data were missing; it holds no marker."""
_COEFFICIENTS: Final = 64


def mended(data: bytes) -> bytes | None:
    """The file with its end mark where that alone is missing, None where it has one; TruncatedFileError otherwise.

    Whatever follows data that is whole is skipped by a decoder. So two different endings show the same picture only
    when nothing of it is missing.
    """
    data = _without_fill(data)
    missing = _missing(data)
    if missing is None:
        return None
    if missing:
        raise TruncatedFileError
    restarts = _RESTART.findall(data)
    noise = _NOISE + bytes((0xFF, 0xD0 + (restarts[-1][0] + 1) % 8 if restarts else 0xD0)) + _NOISE
    try:
        plain, noisy = (Image.open(io.BytesIO(data + more + END), formats=("JPEG",)) for more in (b"", noise))
        same = ImageChops.difference(plain, noisy).getbbox() is None
    except (OSError, ValueError, SyntaxError) as error:
        raise TruncatedFileError from error
    if not same:
        raise TruncatedFileError
    return data + END


def _without_fill(data: bytes) -> bytes:
    """Without zeros at the end, which are reserved room, and without half of an end mark.

    Data itself ends in zero only after a stuffed byte, and never in 255.
    """
    kept = data.rstrip(b"\0")
    if not kept.endswith(b"\xff"):
        return kept
    return kept + b"\0" if len(kept) < len(data) else kept[:-1]


def _missing(data: bytes) -> bool | None:
    """Whether scans of the picture have not even begun where no end mark comes; None where it comes."""
    at, bits = 2, dict[tuple[int, int], int]()
    while (found := _MARKER.search(data, at)) is not None:
        kind, at = found[1][0], found.end()
        if kind == _LAST:
            return None
        if kind in _ALONE:
            continue
        length = int.from_bytes(data[at : at + 2], "big")
        body, at = data[at + 2 : at + length], at + length
        if kind in _FRAMES and len(body) > 6:
            bits.update({(each, number): 1 for each in body[6::3] for number in range(_COEFFICIENTS)})
        elif kind == _SCAN and len(body) > 4:
            bits.update(_missing_after(body))
    return not bits or any(bits.values())


def _missing_after(scan: bytes) -> dict[tuple[int, int], int]:
    """By component and coefficient the bits that are still to come after a scan; 0 but for progressive pictures."""
    first, last, bits = scan[-3], min(scan[-2], _COEFFICIENTS - 1), scan[-1] & 0x0F
    return {(each, at): bits for each in scan[1:-3:2] for at in range(first, last + 1)}
