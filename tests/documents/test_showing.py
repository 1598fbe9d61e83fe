"""What is not shown as it stands is found, whoever changed it, and noted only where nothing changed meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from database.engine import transaction
from documents import erasing, leases, loading, showing, transitions
from documents.showing import UNSURE, DocumentStanding
from documents.states import State
from environment import clock
from environment.settings import get_settings
from tests.documents.received import in_review, online

pytestmark = pytest.mark.usefixtures("database")


class Time:
    """The time of the register, moved by the test."""

    def __init__(self) -> None:
        self.present = datetime(2026, 1, 5, 9, tzinfo=UTC)

    def wait(self, time: timedelta) -> None:
        self.present += time


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    told = Time()
    monkeypatch.setattr(clock, "now", lambda: told.present)
    return told


def behind() -> dict[str, DocumentStanding]:
    with transaction() as session:
        return {one.tracking: one for one in showing.not_shown(session, 100)}


def show(*found: DocumentStanding) -> None:
    with transaction() as session:
        showing.note_shown(session, {f"run of {one.tracking}": one for one in found})


def settled(tracking: str, state: State = State.REJECTED) -> None:
    with transaction() as session:
        transitions.move(session, loading.load(session, tracking), state, actor="clerk:ewa")


def test_what_waits_for_a_human_is_behind_at_once_and_again_when_he_has_settled_it() -> None:
    tracking = in_review()
    seen = behind()[tracking]
    assert (seen.mark, seen.reason_code, seen.run) == ("in_review", "doubt", None)
    show(seen)
    assert behind() == {}
    settled(tracking)
    assert (behind()[tracking].mark, behind()[tracking].run) == ("rejected", f"run of {tracking}")


def test_what_changed_while_it_was_shown_is_behind_still() -> None:
    tracking = in_review()
    seen = behind()[tracking]
    settled(tracking)
    show(seen)
    assert behind()[tracking].mark == "rejected"


def test_what_the_machine_works_on_is_behind_only_when_it_has_stood_still_for_a_while(time: Time) -> None:
    tracking = online()
    assert behind() == {}
    time.wait(timedelta(seconds=55))
    assert behind()[tracking].mark == "received"
    time.wait(timedelta(hours=-1))
    assert list(behind()) == [tracking], "a clock that goes back hides nothing"


def test_a_fault_and_a_document_that_is_stuck_are_behind(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_MAX_ATTEMPTS", "2")
    get_settings.cache_clear()
    tracking = online()
    time.wait(timedelta(minutes=1))
    show(*behind().values())
    with transaction() as session:
        assert leases.claim(session, tracking, "a worker")
        leases.record_fault(session, tracking, "a worker", "TimeoutError")
    assert (behind()[tracking].mark, behind()[tracking].fault) == ("received", "TimeoutError")
    show(*behind().values())
    with transaction() as session:
        assert leases.claim(session, tracking, "a worker that is killed")
    assert behind() == {}, "it is worked on"
    time.wait(timedelta(hours=1))
    assert behind()[tracking].mark == "stuck", "nobody noted that"
    show(*behind().values())
    assert behind() == {}
    with transaction() as session:
        leases.unstick(session, tracking, "clerk:ewa")
    time.wait(timedelta(minutes=1))
    assert behind()[tracking].mark == "received"


def test_a_document_whose_values_are_erased_is_behind_and_keeps_its_run() -> None:
    tracking = in_review()
    show(*behind().values())
    with transaction() as session:
        erasing.erase_values(session, loading.load(session, tracking))
    assert behind()[tracking].erased_at is not None
    assert behind()[tracking].run == f"run of {tracking}"


def test_a_run_that_may_have_been_made_before_a_crash_is_known_as_such() -> None:
    tracking = in_review()
    with transaction() as session:
        showing.note_begun(session, behind().values())
    assert behind()[tracking].run == UNSURE


def test_an_engine_that_knows_none_is_shown_what_waits_and_what_ended_lately(time: Time) -> None:
    old, recent, waits = in_review(), in_review(), in_review()
    settled(old)
    show(*behind().values())
    with transaction() as session:
        showing.shown_in(session, "the first")
    time.wait(timedelta(days=91))
    settled(recent)
    show(*behind().values())
    for deployment, wanted in (("the first", set[str]()), ("another", {recent, waits})):
        with transaction() as session:
            showing.shown_in(session, deployment)
        assert set(behind()) == wanted
    assert {one.run for one in behind().values()} == {None}


def test_what_ended_long_ago_is_passed_over(time: Time) -> None:
    tracking = in_review()
    settled(tracking)
    time.wait(timedelta(days=91))
    found = behind()
    assert [one.long_ended for one in found.values()] == [True]
    with transaction() as session:
        showing.pass_over(session, found.values())
    assert behind() == {}


def test_one_at_a_time_shows_documents_even_after_a_crash_and_a_clock_that_went_back(time: Time) -> None:
    def claimed(owner: str) -> bool:
        with transaction() as session:
            return showing.claim(session, owner)

    assert claimed("first")
    assert claimed("first")
    assert not claimed("second")
    time.wait(timedelta(minutes=2))
    assert claimed("second"), "the first was killed"
    time.wait(timedelta(hours=-1))
    assert claimed("third")
    with transaction() as session:
        showing.release(session, "third")
    assert claimed("fourth")
