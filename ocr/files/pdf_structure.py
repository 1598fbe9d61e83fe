"""The end of a PDF file: whether all of it is there, whatever follows it or became of its cross-reference table.

Mail gateways, web servers and copiers add bytes of any kind and number after the end mark; old programs and repairs
leave the mark out or a wrong place of the table. Every viewer opens such files, since the objects tell the same. What
ends before its document does is another thing: a part of it would be read for the whole.
"""

from __future__ import annotations

import mmap
import re
from enum import Enum, auto
from pathlib import Path
from typing import Final

import pikepdf

from ocr.errors import TruncatedFileError

_END: Final = b"%%EOF"
_HEAD: Final = 1024
_BEFORE_END: Final = 4096
_MORE: Final = re.compile(rb"(?:^|[\r\n])\s*(?:\d+ +\d+ +obj\b|endstream\b|endobj\b|xref\b|trailer\b|startxref\b)")
"""What only the body of a PDF holds: after the last end mark it is the beginning of an addition that was cut off."""
_PLACE: Final = b"startxref"
_LAST_LINES: Final = re.compile(_PLACE + rb"\s+(\d{1,12})\s*(?:%(?:%(?:EO?)?)?)?[\s\0]*\Z")
"""What stands before the end mark, and at most a part of the mark."""
_TABLE: Final = re.compile(rb"\s*(?:xref\b|\d+\s+\d+\s+obj\b)")
_OF_THE_TABLE: Final = re.compile("file is damaged|startxref|cross-reference|\\bxref\\b|recovered trailer")
"""Warnings of qpdf that are about the table of objects alone."""


class Ending(Enum):
    """How a PDF ends."""

    MARKED = auto()
    IN_ZEROS = auto()
    """Marked, and only zeros follow: perhaps room that a writer has reserved for what is still to come."""
    UNMARKED = auto()
    """Its last lines are there, but for the mark."""
    TABLE_LOST = auto()
    """Marked, but the table of its objects is not where it says: they must be looked for."""
    UNKNOWN = auto()
    """Neither mark nor table is there: they must be looked for, and perhaps more is to come."""

    @property
    def certain(self) -> bool:
        """Whether nothing more is to come."""
        return self in (Ending.MARKED, Ending.TABLE_LOST)


def ending(path: Path) -> Ending:
    """Look at the end without a library; TruncatedFileError when the file ends before its document does."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        size, end = len(data), data.rfind(_END)
        after = 0 if end < 0 else end + len(_END)
        if end < 0 or _MORE.search(data, after):
            if _names_a_table(data, after):
                return Ending.UNMARKED
            if end >= 0:
                raise TruncatedFileError
            return Ending.UNKNOWN
        linearized = re.search(rb"/Linearized.{0,200}?/L\s+(\d+)", data[:_HEAD], re.DOTALL)
        if linearized and int(linearized[1]) > size:
            raise TruncatedFileError
        starts = re.findall(rb"startxref\s+(\d+)", data[max(0, end - _BEFORE_END) : end])
        if starts and int(starts[-1]) > size:
            if len(starts) > 1 or data.find(_END) != end:  # what was added later may be what is missing
                raise TruncatedFileError
            return Ending.TABLE_LOST
        zeros = data.find(b"\0", after) >= 0 and not data[after:].strip(b"\0\r\n \t")
        return Ending.IN_ZEROS if zeros else Ending.MARKED


def check_objects(structure: pikepdf.Pdf) -> None:
    """TruncatedFileError unless each object that a file without a table refers to was found, and found whole."""
    try:
        told = [*structure.get_warnings(), *structure.check_pdf_syntax()]
    except pikepdf.PdfError as error:
        raise TruncatedFileError from error
    if any(_OF_THE_TABLE.search(str(one)) is None for one in told) or "/Size" not in structure.trailer:
        raise TruncatedFileError
    found = list(structure.objects)
    if None in found or len(found) + 1 < int(structure.trailer.Size):
        raise TruncatedFileError


def crops_all_away(page: pikepdf.Page) -> bool:
    """Whether a page is cropped to a place where it is not."""
    try:
        crop, media = ([float(edge) for edge in box] for box in (page.cropbox, page.mediabox))
    except (TypeError, ValueError):
        return False
    if len(crop) != len(media) or len(media) != 4 or media[0] == media[2] or media[1] == media[3]:
        return False
    across, up = ((max(crop[at], crop[at + 2]), min(crop[at], crop[at + 2])) for at in (0, 1))
    return (
        across[0] <= min(media[0], media[2])
        or across[1] >= max(media[0], media[2])
        or up[0] <= min(media[1], media[3])
        or up[1] >= max(media[1], media[3])
    )


def content_is_lost(page: pikepdf.Page) -> bool:
    """Whether what a page should draw cannot be unpacked, or is not in the file."""
    try:
        drawn = [str(each.operands[0]) for each in pikepdf.parse_content_stream(page, "Do") if len(each.operands)]
        parts = page.resources.get("/XObject", pikepdf.Dictionary())
        return any(not isinstance(parts.get(name), pikepdf.Stream) for name in drawn)
    except pikepdf.PdfError:
        return True


def _names_a_table(data: mmap.mmap, after: int) -> bool:
    """Whether the file ends with the place of its table, and the table is there; some count from their head mark."""
    found = _LAST_LINES.match(data, max(after, data.rfind(_PLACE)))
    if found is None:
        return False
    place, head = int(found[1]), max(0, data.find(b"%PDF-", 0, _HEAD))
    return any(0 < at < found.start() and _TABLE.match(data, at) is not None for at in (place, place + head))
