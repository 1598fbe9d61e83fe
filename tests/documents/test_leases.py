from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from database.engine import reading, transaction
from documents.intake import receive_stored, receive_values
from documents.leases import claim, claim_open, open_lanes, record_fault, record_trouble, release, unstick
from documents.loading import load
from documents.originals import store_bytes
from documents.states import IntakeChannel, State
from documents.summaries import counts
from documents.transitions import move
from environment import clock
from environment.settings import get_settings
from tests.documents.examples import acceptance, together

pytestmark = pytest.mark.usefixtures("database")


class Time:
    """The time of the register, moved by the test."""

    def __init__(self) -> None:
        self.present = datetime(2026, 1, 5, 9, tzinfo=UTC)

    def wait(self, seconds: float) -> None:
        self.present += timedelta(seconds=seconds)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    told = Time()
    monkeypatch.setattr(clock, "now", lambda: told.present)
    return told


def scan(number: int = 0) -> str:
    stored = store_bytes(b"%%PDF %d" % number)
    with transaction() as session:
        return receive_stored(session, stored, channel=IntakeChannel.FOLDER).tracking


def claimed(tracking: str, owner: str) -> bool:
    with transaction() as session:
        return claim(session, tracking, owner) is not None


def claimed_open(owner: str, limit: int = 10) -> list[str]:
    with transaction() as session:
        return claim_open(session, owner, limit)


def test_files_to_be_read_can_be_claimed_apart_from_all_else() -> None:
    file = scan()
    with transaction() as session:
        form = receive_values(session, acceptance(), channel=IntakeChannel.API, raw=b"{}").tracking
    with transaction() as session:
        assert claim_open(session, "a", 10, unread=False) == [form]
        assert claim_open(session, "a", 10, unread=False) == []
        assert claim_open(session, "a", 10, unread=True) == [file]


def lanes() -> list[bool]:
    with reading() as session:
        return open_lanes(session)


def test_it_is_told_apart_whether_files_to_be_read_or_others_can_be_claimed() -> None:
    assert lanes() == []
    file = scan()
    assert lanes() == [True]
    with transaction() as session:
        receive_values(session, acceptance(), channel=IntakeChannel.API, raw=b"{}")
    assert lanes() == [True, False]
    assert claimed(file, "a")
    assert lanes() == [False]


def released(tracking: str, owner: str) -> None:
    with transaction() as session:
        release(session, tracking, owner)


def faulted(tracking: str, owner: str) -> None:
    with transaction() as session:
        record_fault(session, tracking, owner, "OperationalError")


def test_a_claimed_document_is_nobody_elses() -> None:
    tracking = scan()
    assert claimed(tracking, "a")
    assert not claimed(tracking, "b")
    assert claimed_open("b") == []
    released(tracking, "a")
    assert claimed(tracking, "b")


def test_a_claim_gives_the_document_with_its_lease(time: Time) -> None:
    tracking = scan()
    with transaction() as session:
        document = claim(session, tracking, "a")
        assert document is not None
        assert (document.lease_owner, document.attempts) == ("a", 1)
        assert document.lease_until == time.present + timedelta(seconds=get_settings().lease_seconds)


def test_a_document_whose_run_died_once_keeps_its_place_before_what_came_later(time: Time) -> None:
    first, later = scan(1), scan(2)
    assert claimed_open("dead", 1) == [first]
    time.wait(get_settings().lease_seconds + 1)
    assert claimed_open("a", 1) == [first]
    time.wait(get_settings().lease_seconds + 1)
    assert claimed_open("b", 1) == [later]  # one that brings death to its runs keeps nobody waiting


def test_the_owner_may_claim_again_and_prolongs_its_lease(time: Time) -> None:
    tracking = scan()
    assert claimed_open("a") == [tracking]
    time.wait(200)
    assert claimed(tracking, "a")
    time.wait(200)
    assert not claimed(tracking, "b")
    with transaction() as session:
        assert load(session, tracking).attempts == 1


def test_an_expired_lease_is_taken_again_and_counts_an_attempt(time: Time) -> None:
    tracking = scan()
    assert claimed(tracking, "killed")
    time.wait(299)
    assert claimed_open("b") == []
    time.wait(2)
    assert claimed_open("b") == [tracking]
    with transaction() as session:
        assert load(session, tracking).attempts == 2


def test_who_lost_its_lease_cannot_end_that_of_the_next(time: Time) -> None:
    tracking = scan()
    assert claimed(tracking, "slow")
    time.wait(301)
    assert claimed(tracking, "b")
    released(tracking, "slow")
    faulted(tracking, "slow")
    assert not claimed(tracking, "c")


def test_only_what_the_machine_can_move_on_is_claimed() -> None:
    tracking = scan()
    with transaction() as session:
        move(session, load(session, tracking), State.IN_REVIEW, actor="machine")
    assert claimed_open("a") == []
    assert not claimed(tracking, "a")
    assert not claimed("K7M4-PX9A", "a")


def test_the_limit_is_kept_and_the_oldest_comes_first(time: Time) -> None:
    trackings = []
    for number in range(5):
        trackings.append(scan(number))
        time.wait(1)
    assert claimed_open("a", 2) == trackings[:2]
    assert claimed_open("b", 9) == trackings[2:]


def test_after_a_fault_the_next_attempt_waits_longer_each_time(time: Time) -> None:
    tracking = scan()
    for pause in (15, 30, 60, 120):
        assert claimed_open("a") == [tracking]
        faulted(tracking, "a")
        time.wait(pause - 1)
        assert claimed_open("a") == []
        time.wait(1)
    assert claimed_open("a") == [tracking]


def test_by_hand_a_document_is_taken_at_once_after_a_fault(time: Time) -> None:
    tracking = scan()
    assert claimed(tracking, "a")
    faulted(tracking, "a")
    assert claimed_open("b") == []
    assert claimed(tracking, "b")


def test_a_document_with_faults_does_not_hold_up_the_others(time: Time) -> None:
    bad, good = scan(1), scan(2)
    assert claimed(bad, "a")
    faulted(bad, "a")
    time.wait(60)
    assert claimed_open("a", 1) == [good]


def test_a_document_whose_attempts_are_used_up_is_stuck_and_shown(time: Time) -> None:
    tracking = scan()
    for _ in range(get_settings().max_attempts):
        assert claimed(tracking, "a")
        faulted(tracking, "a")
    time.wait(10_000)
    assert claimed_open("a") == []
    assert not claimed(tracking, "a")
    with transaction() as session:
        (line,) = counts(session)["stuck"]
    assert (line["tracking"], line["code"], line["attempts"]) == (tracking, "OperationalError", 5)
    with transaction() as session:
        unstick(session, tracking, "admin")
    assert claimed_open("a") == [tracking]


def test_a_document_whose_workers_are_killed_again_and_again_is_stuck_too(time: Time) -> None:
    tracking = scan()
    for _ in range(get_settings().max_attempts):
        with transaction() as session:
            assert counts(session)["stuck"] == []
        assert claimed_open("killed") == [tracking]
        time.wait(301)
    with transaction() as session:
        assert [line["code"] for line in counts(session)["stuck"]] == ["worker_lost"]


def troubled(tracking: str, owner: str) -> None:
    with transaction() as session:
        record_trouble(session, tracking, owner, "OperationalError")


def stuck() -> list[str]:
    with transaction() as session:
        return [line["tracking"] for line in counts(session)["stuck"]]


def test_a_trouble_of_the_installation_leaves_the_attempts_as_the_faults_before_it_left_them(time: Time) -> None:
    tracking = scan()
    for _ in range(2):
        assert claimed(tracking, "a")
        faulted(tracking, "a")
    for _ in range(get_settings().max_attempts):
        assert claimed(tracking, "a")
        troubled(tracking, "a")
    with transaction() as session:
        assert load(session, tracking).attempts == 2
    assert claimed_open("a") == []
    time.wait(11)
    assert claimed_open("a") == [tracking]


def test_a_document_that_met_a_trouble_is_shown_as_stuck_after_an_hour_unless_somebody_works_on_it(time: Time) -> None:
    in_trouble, fine = scan(1), scan(2)
    assert claimed(in_trouble, "a")
    troubled(in_trouble, "a")
    time.wait(59 * 60)
    assert stuck() == []
    time.wait(2 * 60)
    assert stuck() == [in_trouble], f"{fine} only waits"
    assert claimed(in_trouble, "a")
    assert stuck() == []
    troubled(in_trouble, "a")
    assert stuck() == [in_trouble]
    with transaction() as session:
        move(session, load(session, in_trouble), State.IN_REVIEW, actor="machine")
    assert stuck() == []


def test_work_that_went_well_gives_new_attempts(time: Time) -> None:
    tracking = scan()
    for _ in range(10):
        assert claimed(tracking, "a")
        released(tracking, "a")


def test_of_many_that_claim_one_document_one_wins() -> None:
    tracking = scan()
    winners: list[int] = []

    def run(number: int) -> None:
        if claimed(tracking, f"worker {number}"):
            winners.append(number)

    together(8, run)
    assert len(winners) == 1


def test_sweeps_at_once_share_the_documents_out() -> None:
    trackings = {scan(number) for number in range(20)}
    shares: list[list[str]] = []
    together(5, lambda number: shares.append(claimed_open(f"sweep {number}", 6)))
    shares.append(claimed_open("last", 20))
    taken = [tracking for share in shares for tracking in share]
    assert sorted(taken) == sorted(trackings)
