"""Finding electronic signatures in a PDF. Verification is loaded only for a file that says it has one."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Final

from forms.electronic_signature import ElectronicSignature
from ocr.files.page_file import page_begins

_HEAD: Final = 1024
_PDF: Final = b"%PDF-"
_SIGNED: Final = b"/ByteRange"
"""Without it nothing is signed; a signature that writes it otherwise is none that we know, and counts for nothing."""


def signatures_in(path: Path) -> tuple[ElectronicSignature, ...]:
    """Each electronic signature of a file, in the order in which they were made; none where there are none."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if _PDF not in data[:_HEAD] or data.find(_SIGNED) < 0:
            return ()
    page_begins()
    from ocr.electronic_signatures.verification import verified_signatures  # noqa: PLC0415  a quarter of a second that few files need

    return verified_signatures(path)
