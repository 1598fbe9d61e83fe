"""Readings at the desk: doubtful ones first, with the photo beside, accepted or rejected with a reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from benchmarks import office
from benchmarks.metered import add_meter
from billing.metering.history import meters_of
from billing.metering.photos import keep_photo, photo_named
from billing.metering.tables import ReadingSource, ReportedReading
from billing.metering.taking import GivenReading, TakenReading, take
from database.engine import reading, transaction
from documents.originals import store_bytes
from environment import clock
from tests.api.desk.staff import Desk
from tests.api.pictures import picture


@pytest.fixture
def doubtful(sqlite_database: str) -> str:
    """The number of a reading that waits for a clerk, with a photo."""
    office.fill_register()
    return report_doubtful(str(office.people()[0]["customer_no"]))


def report_doubtful(number: str) -> str:
    """A customer's reading that waits for a clerk, with a photo; gives its number."""
    add_meter(number, "W1")
    with reading() as session:
        (meter,) = meters_of(session, [number], clock.today())
    photo = store_bytes(picture("JPEG"))
    with transaction() as session:
        name = keep_photo(session, photo, number)
    given = GivenReading(
        meter, 300, clock.today(), ReadingSource.WEB, "x", confirmed=True, photo_sha256=photo_named(name, number)
    )
    with transaction() as session:
        done = take(session, given)
    assert isinstance(done, TakenReading)
    return done.number


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_a_clerk_sees_what_was_doubted_beside_the_photo_and_accepts(doubtful: str, desk: Callable[..., Desk]) -> None:
    clerk = desk()
    page = plain(clerk.browser.get("/biuro/odczyty").text)
    assert "To byłoby 60 m³ w 10 dni" in page and doubtful in page
    shown = clerk.browser.get(f"/biuro/odczyty/{doubtful}/zdjecie.jpg")
    assert (shown.headers["content-type"], shown.headers["cache-control"]) == ("image/jpeg", "no-store")
    assert shown.content.startswith(b"\xff\xd8\xff")
    assert "przyjęty i pójdzie do rozliczeń" in plain(clerk.post(f"/biuro/odczyty/{doubtful}", co="przyjmij").text)
    assert "Ktoś już rozstrzygnął" in clerk.post(f"/biuro/odczyty/{doubtful}", co="odrzuc", powod="Nie.").text


def test_none_is_rejected_without_a_reason_and_who_cannot_be_told_is_named(
    doubtful: str, desk: Callable[..., Desk]
) -> None:
    clerk = desk()
    assert "Napisz, dlaczego" in clerk.post(f"/biuro/odczyty/{doubtful}", co="odrzuc", powod=" ").text
    assert "zadzwoń do niego" in clerk.post(f"/biuro/odczyty/{doubtful}", co="odrzuc", powod="To nie ten licznik.").text
    with reading() as session:
        (row,) = session.scalars(select(ReportedReading))
    assert (row.state, row.reason, row.decided_by) == ("rejected", "To nie ten licznik.", "clerk:ola")


def test_there_is_no_photo_of_what_is_not_there(desk: Callable[..., Desk]) -> None:
    assert desk().browser.get("/biuro/odczyty/OD-7777-7777/zdjecie.jpg").status_code == 404
