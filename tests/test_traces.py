"""The search for traces finds what it is meant to find; else its silence would prove nothing."""

from __future__ import annotations

import gzip
import io
import itertools
import sqlite3
import zipfile
import zlib
from email.message import EmailMessage
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from benchmarks.office import people
from tests.traces import layers, pesel_pattern, rows_of, written_forms

PESEL = people()[0]["pesel"]
TEXT = f"numer {PESEL} w tekście"


def mail(**how: str) -> bytes:
    """An e-mail with the number in its text or, as PDF, beside it."""
    made = EmailMessage()
    made["Subject"] = "Sprawa"
    made.set_content("Bez numeru." if "attached" in how else TEXT, cte=how.get("cte", "quoted-printable"))
    if "attached" in how:
        made.add_attachment(pdf(), maintype="application", subtype="pdf", filename="a.pdf")
    return made.as_bytes()


def pdf() -> bytes:
    out = io.BytesIO()
    pen = Canvas(out, pageCompression=1)
    pen.drawString(100, 700, TEXT.encode("ascii", "ignore").decode())
    pen.save()
    return out.getvalue()


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.txt", TEXT)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-16-le"),
        " ".join(PESEL).encode(),
        f"{PESEL[:6]}-{PESEL[6:]}".encode(),
        b"head" + zlib.compress(TEXT.encode()) + b"tail",
        gzip.compress(TEXT.encode(), mtime=0),
        gzip.compress(zlib.compress(TEXT.encode()), mtime=0),
        archive(),
        pdf(),
        mail(),
        mail(cte="base64"),
        mail(attached="yes"),
    ],
    ids=itertools.count(1),
)
def test_a_pesel_is_found_however_it_is_written_or_packed(data: bytes) -> None:
    assert any(pesel_pattern([PESEL]).search(layer) for layer in layers(data))
    assert not any(pesel_pattern(["44051401359"]).search(layer) for layer in layers(data))


def test_rows_of_a_database_are_read_with_what_only_its_log_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE one (told)")
        connection.execute("INSERT INTO one VALUES (?)", (TEXT,))
        connection.commit()
        assert PESEL.encode() in rows_of(path)
    connection.close()


def test_names_are_known_in_json_in_addresses_and_the_other_way_round() -> None:
    row = {**people()[0], "name": "Łucja Żak"}
    known = written_forms([row])  # type: ignore[list-item]
    for text in ("Łucja Żak", "Żak Łucja", "\\u0141ucja \\u017bak", "%C5%81ucja%20%C5%BBak", "%C5%81ucja+%C5%BBak"):
        assert known[text.encode()] == "name"
