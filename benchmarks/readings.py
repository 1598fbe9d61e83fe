"""Readings of meters for a look at their pages: reported, doubted, with a leak, and by who has no account."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from playwright.sync_api import Page

from benchmarks import office
from benchmarks.metered import add_meter, photo_of_meter
from benchmarks.stops import Stop, press
from billing.metering.history import meters_of
from billing.metering.photos import keep_photo, photo_named
from billing.metering.tables import ReadingSource
from billing.metering.taking import GivenReading, TakenReading, take
from database.engine import reading, transaction
from documents.originals import store_bytes
from environment import clock


def reading_stops(number: str, new: str) -> Iterator[Stop]:
    """Readings of meters: of somebody with a leak and two meters, of somebody with none, and without an account."""
    with reading() as session:
        (meter,) = meters_of(session, [number], clock.today())
    add_meter(number, "W7654321")
    other = office.newcomer(3)
    add_meter(other, "W2222222", (10,) * 13 + (42,))
    office.open_account(other, "wyciek@example.com")
    page = "/ebok/odczyt"
    yield Stop("reading-of-nothing", page, page, customer=new)
    yield Stop("reading-faults", page, page, customer=other, act=_submit_of_account)
    yield Stop("reading-asked", page, page, customer=other, act=_report(9999))
    done = _reported(other, "W2222222", 290)
    waiting = _reported(number, meter.meter_no, 1_000_000)
    yield Stop("reading", page, page, customer=number)
    yield Stop("reading-taken", page, f"{page}?przyjety={done}", customer=other)
    yield Stop("account-leak", "/ebok/", "/ebok/", customer=other)
    yield Stop("usage-leak", "/ebok/zuzycie", "/ebok/zuzycie", customer=other)
    entry = "/odczyt"
    yield Stop("reading-entry", entry, entry)
    yield Stop("reading-entry-faults", entry, entry, act=press("Dalej"))
    yield Stop("reading-open", f"{entry}/stan", f"{entry}/stan", reads=(other, "W2222222"))
    yield Stop("reading-done", f"{entry}/przyjety/{{number}}", f"{entry}/przyjety/{waiting}")
    yield Stop("desk-readings", "/biuro/odczyty", "/biuro/odczyty", "ewa")
    yield Stop("desk-readings-faults", "/biuro/odczyty", "/biuro/odczyty", "ewa", act=press("Odrzuć"))


def _reported(customer_no: str, meter_no: str, value: int) -> str:
    """The number of a reading with a photo that this customer has reported."""
    with reading() as session:
        meter = next(one for one in meters_of(session, [customer_no], clock.today()) if one.meter_no == meter_no)
    photo = store_bytes(photo_of_meter(value))
    with transaction() as session:
        named = photo_named(keep_photo(session, photo, customer_no), customer_no)
    given = GivenReading(meter, value, clock.today(), ReadingSource.WEB, f"{value}", True, named)
    with transaction() as session:
        done = take(session, given)
    assert isinstance(done, TakenReading)
    return done.number


def _submit_of_account(page: Page) -> None:
    """Send the form of an account as it is."""
    page.get_by_role("button", name="Wyślij odczyt").click()


def _report(value: int) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.get_by_label("Stan wodomierza").fill(str(value))
        _submit_of_account(page)

    return act
