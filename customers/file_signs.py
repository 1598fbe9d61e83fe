"""What a file really is, by its first bytes, where its name's ending says otherwise."""

from __future__ import annotations

import io
import re
from typing import Final
from zipfile import BadZipFile, ZipFile

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLD_BOOK: Final = "stary skoroszyt (.xls). Otwórz go w arkuszu i zapisz jako .xlsx albo CSV UTF-8."
_ARCHIVE: Final = "archiwum ZIP albo inny rodzaj skoroszytu. Zapisz listę klientów jako .xlsx albo CSV UTF-8."
_OTHERS: Final = {b"%PDF-": "PDF. Zapisz listę klientów jako .xlsx albo CSV UTF-8.", _OLE: _OLD_BOOK}
_MARKUP: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|table|meta|\?xml|\?mso)", re.IGNORECASE)
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_BOOK: Final = "xl/workbook.xml"
_BEGINNING: Final = 4096


def disguised(suffix: str, content: bytes) -> str | None:
    """What to do with a .csv or .xlsx that is something else, in Polish; None when it is what its name says."""
    told = _is_other(suffix, content)
    return f"Nazwa pliku kończy się na {suffix}, a w środku jest {told}" if told else None


def _is_other(suffix: str, content: bytes) -> str | None:
    told = next((told for sign, told in _OTHERS.items() if content.startswith(sign)), None)
    if told == _OLD_BOOK and suffix == ".xlsx" and _ENCRYPTED in content:
        return None
    if content.startswith(_ZIP):
        other = "skoroszyt Excela. Zmień końcówkę nazwy na .xlsx." if suffix == ".csv" else None
        return other if _is_book(content) else _ARCHIVE
    if told is None and _MARKUP.match(content):
        return "strona HTML albo XML. Otwórz ją w arkuszu i zapisz jako .xlsx albo CSV UTF-8."
    if told is None and suffix == ".xlsx" and _is_text(content[:_BEGINNING]):
        return "zwykły tekst (CSV). Zmień końcówkę nazwy na .csv."
    return told


def _is_book(content: bytes) -> bool:
    """Whether an archive is a workbook, as far as its end can be read; a torn one is judged where it is opened."""
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            return _BOOK in archive.namelist()
    except BadZipFile:
        return True


def _is_text(beginning: bytes) -> bool:
    """Whether these bytes are lines of cells in any encoding of a CSV file."""
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return bool(beginning.strip()) and not re.search(rb"[\x00-\x08\x0e-\x1f]", beginning)
