"""Readings that a customer reported: given to him with their photos, and erased with what billing does not need."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import select

from benchmarks import office
from benchmarks.metered import add_meter, photo_of_meter
from billing.metering.deciding import reject
from billing.metering.history import meters_of
from billing.metering.photos import keep_photo, photo_named
from billing.metering.tables import ReadingSource, ReportedReading
from billing.metering.taking import GivenReading, TakenReading, take
from database.engine import reading, transaction
from documents.originals import is_there, store_bytes
from environment import clock
from retention.erasure import erase
from retention.export import export


def rejected(number: str) -> str:
    """The digest of the photo of a reading that was rejected."""
    add_meter(number, "W1")
    with reading() as session:
        (meter,) = meters_of(session, [number], clock.today())
    photo = store_bytes(photo_of_meter(300))
    with transaction() as session:
        named = photo_named(keep_photo(session, photo, number), number)
    given = GivenReading(meter, 300, clock.today(), ReadingSource.WEB, "x", confirmed=True, photo_sha256=named)
    with transaction() as session:
        done = take(session, given)
        assert isinstance(done, TakenReading)
        reject(session, done.number, "clerk:ewa", "Na zdjęciu jest 248.")
    return photo.sha256


def test_he_is_given_his_readings_with_photos_and_what_is_settled_is_reduced_to_numbers(
    sqlite_database: str, tmp_path: Path
) -> None:
    office.fill_register()
    number = str(office.people()[0]["customer_no"])
    sha256 = rejected(number)
    done = export(number, tmp_path / "dane", "command line:test")
    (row,) = json.loads((done.folder / "index.json").read_text())["reported_readings"]
    assert (row["value"], row["reason"]) == (300, "Na zdjęciu jest 248.")
    assert (done.folder / row["file"]).read_bytes().startswith(b"\xff\xd8\xff")
    assert "mark" not in row
    told = {line.what for line in erase(number, "command line:test").lines}
    assert "podane odczyty: zdjęcia, telefony i uwagi" in told
    with reading() as session:
        kept = session.scalars(select(ReportedReading)).one()
        assert (kept.value, kept.photo_sha256, kept.reason, kept.doubt_told) == (300, None, None, None)
    assert not is_there(sha256)
    erase(number, "command line:test", departed=True)
    with reading() as session:
        assert session.scalars(select(ReportedReading)).all() == []
