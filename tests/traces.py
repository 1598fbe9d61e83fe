"""Looking for what somebody has left behind: people's data in files of any kind, also within what is packed."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path
from urllib.parse import quote, quote_plus

import pikepdf
import pypdfium2

from specimens.people import CustomerRow

_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
_BETWEEN = rb"[ \x00.\-]?"
_DEEPEST = 3


def pesel_pattern(pesels: Iterable[str]) -> re.Pattern[bytes]:
    """Any of these numbers, also with spaces, dots or hyphens between the digits, or in UTF-16."""
    return re.compile(b"|".join(_BETWEEN.join(bytes([digit]) for digit in pesel.encode()) for pesel in pesels))


def written_forms(people: Iterable[CustomerRow]) -> dict[bytes, str]:
    """All that tells who somebody is, in the ways in which programs write it, with a word for what it is."""
    found: dict[bytes, str] = {}
    for row in people:
        given, _, family = row["name"].rpartition(" ")
        phone = row["phone"]
        grouped = [f"{phone[:3]}{sign}{phone[3:6]}{sign}{phone[6:]}" for sign in " -\N{NO-BREAK SPACE}"]
        told = {
            "name": [row["name"], f"{family} {given}", f"{family}, {given}", f"{family}_{given}", f"{given}_{family}"],
            "e-mail": [row["email"]],
            "PESEL": [row["pesel"]],
            "NIP": [row["nip"]],
            "telephone": [phone, *grouped] if phone else [],
            "address": [f"{row['street']} {row['house']}"] if row["street"] else [],
            "customer number": [row["customer_no"]],
        }
        for kind, texts in told.items():
            for text in filter(None, texts):
                for one in (text, json.dumps(text)[1:-1], quote(text), quote_plus(text)):
                    for way in (one, one.lower(), one.upper()):
                        found[way.encode()] = kind
    return found


def layers(data: bytes, depth: int = 0) -> Iterator[bytes]:
    """The bytes themselves, and whatever is packed in them: e-mails, PDFs, archives, zlib and gzip streams."""
    yield data
    if depth >= _DEEPEST:
        return
    for inner in (*_unpacked(data), *_inflated(data)):
        yield from layers(inner, depth + 1)


def rows_of(database: Path) -> bytes:
    """All that a SQLite file says, its log included."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        told = io.BytesIO()
        for name in names:
            for row in connection.execute(f'SELECT * FROM "{name}"'):
                told.write(b"|".join(one if isinstance(one, bytes) else str(one).encode() for one in row) + b"\n")
    return told.getvalue()


def files_in(folder: Path) -> Iterator[Path]:
    """All files below a folder that are still there."""
    yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _unpacked(data: bytes) -> Iterator[bytes]:
    with suppress(zipfile.BadZipFile, tarfile.TarError, pikepdf.PdfError, pypdfium2.PdfiumError, ValueError):
        if data[:5] == b"%PDF-":
            yield from _of_pdf(data)
        elif data[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                yield from (archive.read(name) for name in archive.namelist())
        elif re.match(rb"(?:[A-Za-z-]+: .*\r?\n(?:[ \t].*\r?\n)*)+\r?\n", data[:4000]):
            yield from _of_mail(message_from_bytes(data, policy=modern))


def _of_pdf(data: bytes) -> Iterator[bytes]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Stream):
                with suppress(pikepdf.PdfError, NotImplementedError):
                    yield item.read_bytes(decode_level=pikepdf.StreamDecodeLevel.generalized)
    with closing(pypdfium2.PdfDocument(data)) as drawn:
        yield "\n".join(page.get_textpage().get_text_range() for page in drawn).encode()


def _of_mail(mail: EmailMessage) -> Iterator[bytes]:
    for part in mail.walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            yield content


def _inflated(data: bytes) -> Iterator[bytes]:
    for found in _ZLIB.finditer(data):
        opened = zlib.decompressobj(wbits=47)
        with suppress(zlib.error):
            content = opened.decompress(data[found.start() :], 1 << 24)
            if len(content) > 8:
                yield content
