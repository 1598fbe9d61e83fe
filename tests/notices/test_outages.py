"""Outages of water: who is told, by which way, once; and that water is back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, event, select, update

from audit.tables import AuditEntry
from billing.tables import POINTS
from confirmations.rendering import as_text
from confirmations.tables import Message, MessageState
from customers.tables import Account, Customer, RegisterWord
from database.engine import Session, reading, transaction
from environment.clock import now, today
from notices import outages
from notices.choices import Switch, choose
from notices.judging import judge
from notices.kinds import NoticeKind
from notices.outages import OutageError, Reach, tell_of, tell_waiting
from notices.places import Houses, customers_at, known_place, named, streets
from tests.clocks import SetClock
from tests.confirmations.recorder import Killed
from tests.notices.conftest import Told, messages, sent

BY = "clerk:jan"


@pytest.fixture
def street(people: list[Told]) -> list[Told]:
    """The three live in Łąkowa 1, 2 and 3a; all want to know of outages by SMS, the first by e-mail too."""
    return _settled(people)


@pytest.fixture
def street_here(people_here: list[Told]) -> list[Told]:
    """The same, where the kind of database does not matter."""
    return _settled(people_here)


def _settled(people: list[Told]) -> list[Told]:
    with transaction() as session:
        session.execute(delete(POINTS))
        for place, (one, house) in enumerate(zip(people, ("1", "2", "3a"), strict=True)):
            of_him = Customer.customer_no == one.number
            session.execute(update(Customer).where(of_him).values(street="ul. Łąkowa", house=house, flat=None))
            account = session.scalars(select(Account).where(Account.customer_no == one.number)).one()
            choose(session, account, {NoticeKind.OUTAGE: Switch(by_sms=True, by_email=place == 0)})
        session.merge(RegisterWord(field="street", word="UL. ŁĄKOWA", count=3))
    return people


def typed(**changed: str) -> dict[str, str]:
    given = {"street": "łąkowa", "first_house": "", "last_house": "", "parity": "all", "remark": ""}
    return {**given, "begins_at": "2026-11-03T08:00", "ends_at": "2026-11-03T14:00", **changed}


def written(**changed: str) -> int:
    with transaction() as session:
        return outages.write(session, **typed(**changed), by=BY)


def announced(**changed: str) -> int:
    number = written(**changed)
    with transaction() as session:
        outages.announce(session, number, BY)
    return number


def reach(number: int) -> Reach:
    with reading() as session:
        found = outages.found(session, number)
        assert found is not None
        return outages.reach(session, found)


def test_it_is_looked_at_before_anybody_is_told(street_here: list[Told]) -> None:
    number = written()
    assert reach(number) == Reach(3, 1, 2, 0, 0, 0)
    assert messages() == []
    with transaction() as session:
        session.execute(delete(Account).where(Account.customer_no == street_here[1].number))
        account = session.scalars(select(Account).where(Account.customer_no == street_here[2].number)).one()
        choose(session, account, {NoticeKind.OUTAGE: Switch(by_sms=False, by_email=False)})
    assert reach(number) == Reach(3, 1, 0, 0, 1, 1)


def test_it_is_told_once_and_that_water_is_back_to_those_who_were_told(street: list[Told], at: SetClock) -> None:
    number = announced(parity="odd")
    assert tell_of(number).total() == 3
    assert tell_of(number).total() == tell_waiting().total() == 0
    assert sent() == sorted([street[0].login, street[0].phone, street[2].phone])
    at("2026-11-03 12:00")
    for _ in range(2):
        with transaction() as session:
            outages.restore(session, number, BY)
        tell_of(number)
    assert len(sent()) == 6
    assert {one.template for one in messages()} == {"notice_outage", "notice_restored"}
    with reading() as session:
        assert outages.told(session, number) == {
            "outage-sms": 2,
            "outage-email": 1,
            "restored-sms": 2,
            "restored-email": 1,
        }
        done = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"outage:{number}")).all()
    assert done == ["outage_written", "outage_announced", "outage_restored"]


def test_who_is_killed_is_gone_on_with(street: list[Told], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outages, "_BUNDLE", 1)
    monkeypatch.setattr(outages, "_LEAST", 1)
    number, real, count = announced(), outages.tell, {"left": 2}

    def dying(*args: object) -> object:
        count["left"] -= 1
        if count["left"] == 0:
            raise Killed
        return real(*args)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(outages, "tell", dying)
        with pytest.raises(Killed):
            tell_of(number)
    before = len(messages())
    assert before in (1, 2)
    assert tell_waiting().total() == 4 - before
    assert len(messages()) == 4


def test_what_could_not_leave_before_it_was_over_is_not_sent(street_here: list[Told], at: SetClock) -> None:
    at("2026-11-02 21:30")
    number = announced(begins_at="2026-11-02T22:00", ends_at="2026-11-03T06:00")
    tell_of(number)
    assert sent() == []
    at("2026-11-03 08:30")
    assert sent() == []
    assert {one.state for one in messages()} == {MessageState.CLOSED.value}
    assert {one.closing for one in messages()} == {
        "Niepotrzebne: przerwa w dostawie wody już się skończyła albo ją odwołano."
    }


def test_that_water_is_back_is_told_to_nobody_who_was_not_told_that_it_was_gone(
    street: list[Told], at: SetClock
) -> None:
    at("2026-11-02 20:30")
    number = announced(begins_at="2026-11-02T22:00", ends_at="2026-11-03T06:00")
    tell_of(number)
    with transaction() as session:
        later = update(Message).where(Message.customer_no != street[1].number)
        session.execute(later.values(next_attempt_at=now() + timedelta(minutes=30)))
    assert sent() == [street[1].phone]
    at("2026-11-03 05:00")
    with transaction() as session:
        outages.restore(session, number, BY)
    tell_of(number)
    at("2026-11-03 08:30")
    assert sent() == [street[1].phone] * 2
    assert {one.closing for one in messages() if one.template == "notice_restored"} == {
        None,
        "Niepotrzebne: powiadomienie o tej przerwie nie wyszło.",
    }


def test_whether_the_notice_before_has_left_is_asked_by_its_key_and_not_of_all_that_ever_left(
    street_here: list[Told], at: SetClock
) -> None:
    at("2026-11-02 18:30")
    number = announced(begins_at="2026-11-02T22:00", ends_at="2026-11-03T06:00")
    tell_of(number)
    assert sent()
    with transaction() as session:
        outages.restore(session, number, BY)
    tell_of(number)
    asked: list[tuple[str, Any]] = []

    def note(_conn: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if "FROM messages" in statement:
            asked.append((statement, parameters))

    with transaction() as session:
        message = session.scalars(select(Message).where(Message.template == "notice_restored").limit(1)).one()
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", note)
        assert not isinstance(judge(session, message), str)
        event.remove(connection, "before_cursor_execute", note)
        ((statement, parameters),) = asked
        plan = [str(row) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    assert [one for one in plan if "messages" in one and "(key=?" in one], plan


def test_where_water_is_taken_counts_and_not_where_letters_go(street: list[Told]) -> None:
    """His point of consumption is in another street; of the others billing tells none."""
    point = {"point_no": "P1", "customer_no": street[0].number, "street": "Leśna", "house": "7", "since": 1}
    with transaction() as session:
        session.execute(POINTS.insert().values(**point, valid_from=today(), content="x"))
        assert customers_at(session, "Leśna", Houses(), today()) == [street[0].number]
        assert customers_at(session, "Łąkowa", Houses(), today()) == sorted(one.number for one in street[1:])


@pytest.mark.parametrize(
    ("houses", "found"),
    [
        (Houses(), ["1", "12", "12a/3", "7-9", "bez"]),
        (Houses(2), ["12", "12a/3", "7-9"]),
        (Houses(None, 7), ["1", "7-9"]),
        (Houses(1, 12, "even"), ["12", "12a/3"]),
        (Houses(parity="odd"), ["1", "7-9"]),
    ],
)
def test_houses_are_found_by_their_number(houses: Houses, found: list[str]) -> None:
    assert [house for house in ("1", "12", "12a/3", "7-9", "bez") if houses.has(house)] == found
    assert houses.has(None) is (houses == Houses())


@pytest.mark.parametrize("house", ["9-13", "9 – 13", "9a-13b", "13-9", "8-13"])
def test_a_building_of_several_numbers_is_found_by_each(house: str) -> None:
    found = [number for number in range(7, 15) if Houses(number, number).has(house)]
    assert found == {"13-9": [13], "8-13": list(range(8, 14))}.get(house, [9, 11, 13])


def test_a_square_is_no_street_of_the_same_name(street: list[Told]) -> None:
    first, second, third = (one.number for one in street)
    with transaction() as session:
        for number, name in ((first, "Wolności"), (second, "Plac Wolności"), (third, "Nowe Osiedle")):
            session.execute(update(Customer).where(Customer.customer_no == number).values(street=name))
        for typed_name, found in (
            ("ul. Wolności", [first]),
            ("pl. wolnosci", [second]),
            ("Wolności", [first]),
            ("nowe osiedle", [third]),
        ):
            place = known_place(session, typed_name)
            assert place is not None
            assert customers_at(session, place[0], Houses(), today()) == found
        assert known_place(session, "Nowe") is None
        session.execute(update(Customer).where(Customer.customer_no == first).values(street="Leśna"))
        assert known_place(session, "wolności") == ("Plac Wolności", False), "nothing else has that name"


def test_a_place_is_named_as_people_name_it() -> None:
    assert named("Łąkowa", Houses(), streetless=False) == "ul. Łąkowa"
    assert named("os. Leśne", Houses(3, 3), streetless=False) == "os. Leśne, numery 3"
    assert named("Drzewice", Houses(1, 9, "odd"), streetless=True) == "Drzewice, numery nieparzyste 1–9"
    assert named("Łąkowa", Houses(None, 9), streetless=False) == "ul. Łąkowa, numery do 9"


def test_a_street_is_known_however_it_is_typed_and_a_town_without_streets_too(street: list[Told]) -> None:
    def place(session: Session, name: str) -> tuple[str, bool] | None:
        return known_place(session, name)

    with transaction() as session:
        assert place(session, "LAKOWA") == place(session, "ulica łąkowa") == ("ul. Łąkowa", False)
        assert place(session, "Nieznana") is None
        values = {"street": None, "town": "Drzewice"}
        session.execute(update(Customer).where(Customer.customer_no == street[2].number).values(**values))
        assert place(session, "drzewice") == ("Drzewice", True)
        assert customers_at(session, "Drzewice", Houses(), today(), streetless=True) == [street[2].number]
        assert {"Ul. Łąkowa", "Drzewice"} <= set(streets(session))


def test_what_makes_no_sense_is_told_by_its_field(street_here: list[Told]) -> None:
    for changed, wrong in (
        ({"street": "Nieznana"}, "street"),
        ({"first_house": "1a"}, "first_house"),
        ({"first_house": "9", "last_house": "3"}, "last_house"),
        ({"begins_at": ""}, "begins_at"),
        ({"ends_at": "2026-11-03T07:00"}, "ends_at"),
        ({"begins_at": "0001-01-01T00:00"}, "begins_at"),
        ({"ends_at": "2062-11-03T14:00"}, "begins_at"),
        ({"begins_at": "2026-11-01T07:00", "ends_at": "2026-11-01T08:00"}, "ends_at"),
        ({"remark": "x" * 301}, "remark"),
    ):
        with pytest.raises(OutageError) as refused:
            written(**changed)
        assert refused.value.field == wrong, changed


def test_one_that_nobody_was_told_of_can_go_and_one_that_is_over_is_not_told(
    street: list[Told], at: SetClock, tmp_path: Path
) -> None:
    number, other = written(), written()
    with transaction() as session:
        outages.discard(session, number, BY)
        assert outages.found(session, number) is None
        outages.restore(session, other, BY)
    at("2026-11-04 10:00")
    with pytest.raises(OutageError), transaction() as session:
        outages.announce(session, other, BY)
    assert tell_waiting().total() == 0 and messages() == []


def test_the_preview_counts_the_parts_of_the_sms(street_here: list[Told], set_settings: Callable[..., None]) -> None:
    number = written(remark="Woda pitna będzie w beczkowozie przy ulicy Leśnej 4, od godziny 9 do 13. " * 2)
    with reading() as session:
        found = outages.found(session, number)
        assert found is not None
        sms, size, email = outages.texts(found, NoticeKind.OUTAGE)
    told = as_text(email)
    assert size.parts == 2 and "beczkowozie" in sms and "8:00–14:00" in told and "ul. Łąkowa" in told
