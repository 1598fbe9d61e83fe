"""A trouble from its beginning to its end: one alarm, said everywhere alike, with a real mail server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Self

import pytest
from sqlalchemy.exc import OperationalError

from alarms.keeping import outages, standing
from alarms.telling import tell
from cli import alarm_watch
from cli.alarm_watch import AlarmWatch
from confirmations.outbox import deliver
from confirmations.overview import counts
from database import holders
from database.engine import reading, transaction
from documents import leases, loading, transitions
from documents.states import State
from environment import clock
from environment.settings import get_settings
from flows.engine_setup import SWEEP
from flows.names import ALARM_BEGINS, ALARM_ENDS
from tests.cli.samples import run
from tests.confirmations.conftest import Mailbox, mailbox, set_settings
from tests.confirmations.samples import put
from tests.documents.received import scan

__all__ = ["mailbox", "set_settings"]

TOLD = "kierownik@mzk.example.com"


class Engine:
    """Remembers what it was told; may be away."""

    def __init__(self) -> None:
        self.events, self.away, self.failed = list[dict[str, Any]](), False, list[tuple[str, datetime]]()

    def require(self) -> None:
        if self.away:
            raise ConnectionRefusedError

    def failed_runs(self) -> list[tuple[str, datetime]]:
        return self.failed

    def emit(self, events: list[dict[str, Any]]) -> None:
        self.require()
        self.events += events


class House:
    """A house whose clock the test puts on; a sweep lives in it."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.engine, self._patch, self._on = Engine(), patch, timedelta()
        self.watch = AlarmWatch(self.engine)
        with transaction() as session:
            holders.enter(session, "run of a test", SWEEP)

    def pass_minutes(self, minutes: float, *, sweep: bool = True) -> None:
        self._on += timedelta(minutes=minutes)
        on = self._on

        class Later(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> Self:
                return super().now(tz) + on

        self._patch.setattr(clock, "datetime", Later)
        if sweep:
            with transaction() as session:
                holders.give_sign(session, "run of a test")

    def look(self) -> list[str]:
        """The kinds of the alarms that go on after one look."""
        self.watch.look_now()
        with reading() as session:
            return [one["kind"] for one in standing(session)]


@pytest.fixture
def house(
    database: str, home: Path, monkeypatch: pytest.MonkeyPatch, set_settings: Callable[..., None], mailbox: Mailbox
) -> House:
    """A house at work with a mail server, an address to be told and a scan folder."""
    set_settings(alarm_address=TOLD, least_free_bytes=0)
    get_settings().inbox.mkdir()
    return House(monkeypatch)


def _told(box: Mailbox) -> list[str]:
    return [str(mail.get_content()) for mail in box.mails if mail["To"] == TOLD]


def test_a_mail_outage_is_one_alarm_however_many_messages_wait_and_is_told_once_it_is_over(
    house: House, mailbox: Mailbox
) -> None:
    for number in range(11):
        put(key=f"message {number}")
    mailbox.at_sender = "451 try again later"
    deliver()
    assert house.look() == [], "what passes by itself is no alarm"
    house.pass_minutes(6)
    assert house.look() == ["email"]
    with reading() as session:
        (alarm,) = outages(session)
        assert counts(session)["problems"] == 0, "no message of those needs anybody"
    assert alarm["waits"] == 11
    assert "E-maile nie wychodzą" in alarm["line"]
    status = run("status")
    assert status.stdout.count("Alarm") == 1
    assert "Czeka (wiadomości): 11" in status.stdout
    house.pass_minutes(6)
    assert house.look() == ["email"]
    assert _told(mailbox) == []

    mailbox.at_sender = "250 OK"
    deliver()
    assert house.look() == []
    assert [one["event"] for one in house.engine.events] == [ALARM_BEGINS, ALARM_ENDS]
    assert tell() == 1
    assert tell() == 0
    (words,) = _told(mailbox)
    assert "Skończyło się: E-maile nie wychodzą" in words.replace("\n", " ")


def test_a_quarantine_is_told_at_once_more_of_it_once_a_day_and_its_end(house: House, mailbox: Mailbox) -> None:
    def quarantine(name: str) -> str:
        tracking = scan(name.encode())
        _move(tracking, State.QUARANTINED)
        return tracking

    first = quarantine("first")
    assert house.look() == ["quarantine"]
    assert tell() == 1
    second = quarantine("second")
    house.look()
    assert tell() == 0
    house.pass_minutes(25 * 60)
    house.look()
    assert len(_told(mailbox)) == 2, "nothing begins, so the watch tells it itself"
    for tracking in (first, second):
        _move(tracking, State.REJECTED)
    house.look()
    assert tell() == 1
    one, more, over = _told(mailbox)
    assert "Czeka (pliki): 1" in one
    assert "Czeka (pliki): 2" in more
    assert over.startswith("Skończyło się")
    assert not any(tracking in words for tracking in (first, second) for words in (one, more, over))


def test_a_sweep_that_does_not_come_is_told_by_the_watch_itself_where_the_engine_tells_nothing(
    house: House, mailbox: Mailbox
) -> None:
    house.engine.away = True
    house.look()
    house.pass_minutes(6, sweep=False)
    assert house.look() == ["engine"], "the sweep cannot come without it"
    assert _told(mailbox) == []
    house.pass_minutes(6, sweep=False)
    house.look()
    assert "Prefect nie odpowiada" in _told(mailbox)[0]
    house.engine.away = False
    assert house.look() == ["sweep"]
    house.pass_minutes(0)
    assert house.look() == []


def test_a_database_that_is_away_is_told_while_it_is_and_noted_when_it_is_back(
    house: House, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> Any:
        raise OperationalError("select", {}, Exception("connection refused"))

    with monkeypatch.context() as patch:
        patch.setattr(alarm_watch, "reading", away)
        house.watch.look_now()
        house._on += timedelta(minutes=6)
        house.pass_minutes(0)
        house.watch.look_now()
        house.watch.look_now()
    (words,) = _told(mailbox)
    assert "Baza danych nie odpowiada" in words
    assert house.look() == []
    assert tell() == 1
    assert "Skończyło się: Baza danych nie odpowiada" in _told(mailbox)[1].replace("\n", " ")


def test_a_queue_that_is_just_short_of_too_old_neither_begins_an_alarm_nor_ends_it(house: House) -> None:
    def in_review(name: bytes) -> str:
        tracking = scan(name)
        _move(tracking, State.IN_REVIEW)
        return tracking

    first = in_review(b"first")
    house.pass_minutes(5 * 60)
    second = in_review(b"second")
    house.pass_minutes(18 * 60)
    assert house.look() == [], "23 hours"
    house.pass_minutes(2 * 60)
    assert house.look() == ["queue"], "25 hours"
    in_review(b"third")
    _move(first, State.REJECTED)
    assert house.look() == ["queue"], "20 hours: soon it would begin anew"
    house.pass_minutes(5 * 60)
    assert house.look() == ["queue"], "25 hours"
    _move(second, State.REJECTED)
    assert house.look() == [], "5 hours"
    assert [event["event"] for event in house.engine.events] == [ALARM_BEGINS, ALARM_ENDS]


def test_a_stuck_document_is_one_alarm_while_it_is_tried_again(house: House) -> None:
    tracking = scan()

    def trouble() -> None:
        with transaction() as session:
            leases.record_trouble(session, tracking, "a run", "OperationalError")

    def take_up() -> None:
        with transaction() as session:
            assert leases.claim(session, tracking, "a run")

    take_up()
    trouble()
    house.pass_minutes(70)
    assert house.look() == ["stuck"]
    take_up()
    assert house.look() == ["stuck"], "nor is it the backlog of a machine that is too slow"
    trouble()
    assert house.look() == ["stuck"]
    take_up()
    with transaction() as session:
        leases.release(session, tracking, "a run")
    _move(tracking, State.READY)
    assert house.look() == []
    assert len(house.engine.events) == 2


def _move(tracking: str, state: State) -> None:
    with transaction() as session:
        transitions.move(session, loading.load(session, tracking), state, actor="a test", reason_code="encrypted")
