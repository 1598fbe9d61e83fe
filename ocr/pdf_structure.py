"""The end of a PDF file, looked for without a library: is all of it there, whatever follows it."""

from __future__ import annotations

import mmap
import re
from pathlib import Path
from typing import Final

from ocr.errors import TruncatedFileError

_END: Final = b"%%EOF"
_HEAD: Final = 1024
_BEFORE_END: Final = 4096
_MORE: Final = re.compile(rb"(?:^|[\r\n])\s*(?:\d+ +\d+ +obj\b|endstream\b|endobj\b|xref\b|trailer\b|startxref\b)")
"""What only the body of a PDF holds: after the last end mark it is the beginning of an addition that was cut off."""


def check_end(path: Path) -> bool:
    """Raise TruncatedFileError when the file ends before its document does; False when only zeros follow the end.

    Mail gateways, web servers and copiers add bytes of any kind and number after the end mark. Zeros may also be room
    that a writer has reserved for what is still to come.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        size, end = len(data), data.rfind(_END)
        if end < 0 or _MORE.search(data, end + len(_END)):
            raise TruncatedFileError
        linearized = re.search(rb"/Linearized.{0,200}?/L\s+(\d+)", data[:_HEAD], re.DOTALL)
        starts = re.findall(rb"startxref\s+(\d+)", data[max(0, end - _BEFORE_END) : end])
        if any(int(number) > size for number in ([linearized[1]] if linearized else []) + starts[-1:]):
            raise TruncatedFileError
        after = end + len(_END)
        return not (data.find(b"\0", after) >= 0 and not data[after:].strip(b"\0\r\n \t"))
