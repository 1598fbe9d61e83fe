"""What the desk finds, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from benchmarks import office
from database.engine import transaction
from documents.states import IntakeChannel, State
from documents.tables import Document
from review import search
from review.queue import NO_FORM
from review.search import Query
from tests.customers.test_register_index import forget_index

NOON = datetime(2026, 3, 10, 12, tzinfo=ZoneInfo("UTC"))
WITHDRAWAL, ACCEPTANCE = "einvoice_withdrawal", "einvoice_acceptance"


def found(query: Query) -> list[str]:
    with transaction() as session:
        return [line.tracking for line in search.find(session, query).lines]


def came(tracking: str, at: datetime, **more: object) -> str:
    with transaction() as session:
        session.execute(update(Document).where(Document.tracking == tracking).values(received_at=at, **more))
    return tracking


@pytest.mark.usefixtures("database")
def test_documents_are_found_by_every_condition_the_newest_first() -> None:
    office.fill_register()
    number = office.people()[0]["customer_no"]
    midnight = datetime(2026, 3, 10, tzinfo=ZoneInfo("Europe/Warsaw"))
    old = came(office.online(WITHDRAWAL), midnight - timedelta(minutes=1), customer_no=number, state="confirmed")
    new = came(office.online(ACCEPTANCE, 1, channel=IntakeChannel.API), midnight + timedelta(minutes=1))
    letter = came(office.online(ACCEPTANCE, 2), midnight + timedelta(days=1), form=None)

    assert found(Query()) == [letter, new, old]
    assert found(Query(tracking=new)) == [new]
    assert found(Query(customer_no=number)) == [old]
    assert found(Query(state=State.CONFIRMED)) == [old]
    assert found(Query(form=ACCEPTANCE)) == [new]
    assert found(Query(form=NO_FORM)) == [letter]
    assert found(Query(channel=IntakeChannel.API)) == [new]
    day = midnight.date()
    came(new, midnight)
    assert found(Query(since=day, until=day)) == [new], "midnight begins the day"
    came(new, midnight + timedelta(minutes=1))
    assert found(Query(since=day, until=day)) == [new], "days are local"
    assert found(Query(since=day, customer_no=number)) == []
    with transaction() as session:
        (line,) = search.find(session, Query(customer_no=number)).lines
    assert line.customer == office.people()[0]["name"]


@pytest.mark.usefixtures("database")
def test_many_documents_come_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SHOWN", 2)
    trackings = [office.online(WITHDRAWAL, person) for person in range(5)][::-1]
    came(trackings[1], NOON)
    came(trackings[0], NOON)
    for tracking in trackings[2:]:
        came(tracking, NOON - timedelta(days=1))

    def page(**beside: str) -> search.SearchResults:
        with transaction() as session:
            return search.find(session, Query(), **beside)

    def told(found: search.SearchResults) -> tuple[list[str], bool, bool]:
        return [line.tracking for line in found.lines], found.newer, found.older

    assert told(page()) == (trackings[:2], False, True)
    assert told(page(before=trackings[1])) == (trackings[2:4], True, True)
    assert told(page(before=trackings[3])) == (trackings[4:], True, False)
    assert told(page(after=trackings[4])) == (trackings[2:4], True, True)
    assert told(page(after=trackings[2])) == (trackings[:2], False, True)
    assert told(page(before="K7M4-PX9A")) == told(page()), "there is no such document"
    monkeypatch.setattr(search, "MOST_COUNTED", 4)
    assert (page().total, page().uncounted) == (5, True)
    monkeypatch.setattr(search, "MOST_COUNTED", 5)
    assert (page(before=trackings[1]).total, page().uncounted) == (5, False)


@pytest.mark.usefixtures("database")
def test_nobody_is_skipped_or_told_twice_by_whom_the_pages_are_turned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SHOWN", 2)
    sent = [came(office.online(WITHDRAWAL, person), NOON - timedelta(hours=person)) for person in range(5)]
    with transaction() as session:
        first = search.find(session, Query())
    came(office.online(ACCEPTANCE, 6), NOON + timedelta(hours=1))
    with transaction() as session:
        second = search.find(session, Query(), before=first.lines[-1].tracking)
    assert [line.tracking for line in (*first.lines, *second.lines)] == sent[:4]


@pytest.mark.usefixtures("database")
def test_customers_are_found_by_beginnings_of_words_without_diacritics_in_any_order() -> None:
    zoe = {**office.people()[0], "name": "Żaneta Łącka-Ćwik"}
    ltd = {**office.people()[1], "name": "Łącznik 100% sp. z o.o."}
    office.fill_register([zoe, ltd, *office.people()[2:]])

    def named(typed: str) -> list[str]:
        with transaction() as session:
            return [one.name for one in search.customers_named(session, typed)]

    assert named("lacka zan") == named("ŁĄCKA") == [zoe["name"]]
    assert named("Łąc") == [ltd["name"], zoe["name"]]
    assert named("100%") == [ltd["name"]]
    assert named("aneta") == [], "the middle of a word is no beginning"
    assert named("Ł") == named("%%") == named("_") == named("Łąc\0\0x") == []
    assert named("x' OR '1'='1") == named("Łącka'; DROP TABLE customers; --") == [], "it is a name and no command"
    forget_index()
    assert named("Łącka-Ćwik") == named("cwik lack") == [zoe["name"]], "customers whom the index has not reached yet"
    assert named("100%") == [ltd["name"]]
    assert named("00%sp") == named("_ą") == [], "no sign stands for others"


@pytest.mark.usefixtures("sqlite_database")
def test_a_customer_is_told_with_his_address_and_the_number_of_his_documents() -> None:
    one, two, three = (dict(row) for row in office.people()[:3])
    one |= {"name": "Anna Lis", "street": "Wodna", "house": "7", "flat": "2", "postcode": "66-470", "town": "Kostrzyn"}
    two |= {"name": "Anna Lis", "street": "", "house": "3", "flat": "", "postcode": "66-471", "town": "Drzewice"}
    three |= {"name": "Anna Kot", "street": "", "house": "", "flat": "", "postcode": "", "town": ""}
    office.fill_register([two, three, one])
    for person in (0, 0, 1):
        came(office.online(WITHDRAWAL, person), NOON, customer_no=(one, two)[person]["customer_no"])
    came(office.online(WITHDRAWAL, 2), NOON, customer_no=None)
    with transaction() as session:
        told = [(each.customer_no, each.address, each.documents) for each in search.customers_named(session, "anna")]
    lis = sorted(
        [(one["customer_no"], "Wodna 7/2, 66-470 Kostrzyn", 2), (two["customer_no"], "Drzewice 3, 66-471 Drzewice", 1)]
    )
    assert told == [(three["customer_no"], "", 0), *lis], "by name, then by number"


@pytest.mark.usefixtures("sqlite_database")
def test_no_more_customers_are_told_than_one_beyond_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_CUSTOMERS", 2)
    office.fill_register([{**row, "name": f"Ab C{at}"} for at, row in enumerate(office.people()[:5])])
    with transaction() as session:
        assert len(search.customers_named(session, "ab")) == 3
        assert len(search.customers_named(session, "c a")) == 3, "two letters of two words are enough"
        assert search.customers_named(session, "a") == []


@pytest.mark.usefixtures("sqlite_database")
def test_a_line_tells_all_of_its_document_and_of_one_moment_the_later_comes_first() -> None:
    office.fill_register()
    number = office.people()[1]["customer_no"]
    first = came(office.online(ACCEPTANCE, 1, channel=IntakeChannel.API), NOON, customer_no=number)
    second = came(office.online(WITHDRAWAL, 2), NOON)
    third = came(office.online(WITHDRAWAL, 3), NOON - timedelta(hours=1))
    with transaction() as session:
        found = search.find(session, Query())
        empty = search.find(session, Query(tracking="K7M4-PX9A"))
    assert [line.tracking for line in found.lines] == [second, first, third]
    assert found.lines[1] == search.SearchResult(
        first, NOON, ACCEPTANCE, State.RECEIVED, "api", number, office.people()[1]["name"]
    )
    assert (empty.lines, empty.total, empty.newer, empty.older) == ((), 0, False, False)
