"""A hold on a document that is at work, on both databases."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from database import holders
from database.engine import reading, transaction
from database.holders import Holder
from documents import leases, loading
from documents.tables import Document
from environment import clock
from environment.machine import machine_name
from environment.processes import born
from environment.settings import get_settings
from flows import lease
from flows.lease import alive, held
from readers.pool import ReadersUnavailableError
from tests.documents.received import scan

pytestmark = pytest.mark.usefixtures("database")

AWAY = OperationalError("UPDATE", {}, Exception("the server went away"))


def _document(tracking: str) -> Document:
    with reading() as session:
        return loading.load(session, tracking)


def _free(tracking: str) -> bool:
    with reading() as session:
        return bool(leases.open_lanes(session)) and not leases.is_held(session, tracking)


def test_a_register_that_is_away_for_a_moment_ends_neither_the_signs_of_life_nor_the_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tracking, give_sign, tries = scan(), holders.give_sign, list[bool]()

    def sometimes(session: Session, owner: str) -> None:
        """Away for two signs, there again for one, away for one more."""
        tries.append(len(tries) not in (0, 1, 3))
        if not tries[-1]:
            raise AWAY
        give_sign(session, owner)

    async def work() -> None:
        async with alive("a test") as owner, asyncio.timeout(60), held(tracking, owner) as document:
            assert document is not None
            while len(tries) < 5:
                await asyncio.sleep(0.01)
            assert not _free(tracking)
        assert _free(tracking)

    monkeypatch.setattr(holders, "PULSE", 0.05)
    monkeypatch.setattr(holders, "give_sign", sometimes)
    with capture_logs() as logs:
        asyncio.run(work())
    told = [(line["event"], line["fault"]) for line in logs if line["event"] == "no_sign_of_life"]
    assert told == [("no_sign_of_life", "OperationalError")] * 2, "one line a trouble"


def test_a_document_is_given_back_as_soon_as_the_register_is_there_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tracking, release, tries = scan(), leases.release, list[str]()

    def at_last(session: Session, given: str, owner: str) -> None:
        tries.append(given)
        if len(tries) < 3:
            raise AWAY
        release(session, given, owner)

    async def work() -> None:
        async with alive("a test") as owner:
            async with held(tracking, owner):
                pass
            assert _document(tracking).lease_owner is None

    monkeypatch.setattr(lease, "_AGAIN", 0.01)
    monkeypatch.setattr(leases, "release", at_last)
    asyncio.run(work())
    assert tries == [tracking] * 3


@pytest.mark.parametrize(
    ("fault", "attempts"),
    [
        (AWAY, 0),
        (ReadersUnavailableError("none"), 0),
        (OSError(28, "No space left on device"), 0),
        (OSError(5, "Input/output error"), 1),
        (ValueError("of the file"), 1),
    ],
)
def test_a_trouble_of_the_installation_counts_as_no_attempt_of_the_document(fault: Exception, attempts: int) -> None:
    tracking = scan()

    async def work() -> None:
        async with alive("a test") as owner, held(tracking, owner):
            raise fault

    with pytest.raises(type(fault)):
        asyncio.run(work())
    document = _document(tracking)
    assert (document.attempts, document.last_fault) == (attempts, type(fault).__name__)
    assert document.lease_until is not None and document.lease_until > clock.now(), "not again at once"


def test_a_document_that_has_met_such_a_trouble_for_an_hour_is_shown_as_stuck() -> None:
    tracking = scan()
    with transaction() as session:
        assert leases.claim(session, tracking, "a run")
        leases.record_trouble(session, tracking, "a run", "OperationalError")

    def stuck() -> bool:
        with reading() as session:
            return session.query(Document.id).where(leases.is_stuck()).first() is not None

    assert not stuck()
    with transaction() as session:
        session.execute(update(Document).values(received_at=clock.now() - timedelta(hours=2)))
    assert stuck()


def _holder(owner: str, *, pid: int, birth: str, machine: str = "", seen: timedelta = timedelta()) -> None:
    at = clock.now()
    with transaction() as session:
        row = Holder(owner=owner, purpose="a test", machine=machine or machine_name(), pid=pid, birth=birth)
        row.begun_at, row.seen_at = at, at - seen
        session.add(row)


def _held_by(owner: str) -> str:
    tracking = scan(owner.encode())
    with transaction() as session:
        assert leases.claim(session, tracking, owner)
    return tracking


def _dead_process() -> tuple[int, str]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        birth = born(process.pid)
        assert birth is not None
    return process.pid, birth


def test_what_a_dead_process_of_this_machine_held_is_free_as_soon_as_another_run_begins() -> None:
    pid, birth = _dead_process()
    _holder("dead", pid=pid, birth=birth)
    tracking = _held_by("dead")
    assert not _free(tracking)

    async def begin() -> None:
        async with alive("a test"):
            assert _free(tracking)

    asyncio.run(begin())


def test_of_another_machine_only_silence_tells_that_a_run_is_over() -> None:
    pid, birth = _dead_process()
    _holder("elsewhere", pid=pid, birth=birth, machine="another-1")
    tracking = _held_by("elsewhere")

    async def begin() -> None:
        async with alive("a test"):
            assert not _free(tracking)

    asyncio.run(begin())
    with transaction() as session:
        session.execute(update(Holder).values(seen_at=clock.now() - timedelta(seconds=30)))
    assert _free(tracking)


def test_what_a_run_leaves_behind_is_free_as_soon_as_it_is_over() -> None:
    async def work() -> str:
        async with alive("a test") as owner:
            left = _held_by(owner)
            assert not _free(left)
        return left

    assert _free(asyncio.run(work()))


def test_a_document_whose_work_is_stopped_from_outside_is_given_back_at_once_and_has_met_no_fault() -> None:
    tracking = scan()

    async def work() -> None:
        async with alive("a test") as owner:
            with suppress(asyncio.CancelledError):
                async with held(tracking, owner):
                    raise asyncio.CancelledError
            assert _free(tracking)

    asyncio.run(work())
    document = _document(tracking)
    assert (document.lease_owner, document.attempts, document.last_fault) == (None, 0, None)


@pytest.mark.parametrize("step", [timedelta(hours=1), -timedelta(hours=1)])
def test_a_clock_that_steps_by_an_hour_neither_keeps_the_dead_alive_nor_kills_the_living(
    step: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid, birth = _dead_process()
    _holder("silent", pid=pid, birth=birth, machine="another-1")
    left, now = _held_by("silent"), clock.now

    async def work() -> None:
        async with alive("a test") as owner:
            mine = _held_by(owner)
            monkeypatch.setattr(clock, "now", lambda: now() + step)
            with transaction() as session:
                holders.give_sign(session, owner)
            assert not _free(mine)
            assert _free(left)

    asyncio.run(work())


def test_a_pause_after_a_fault_does_not_grow_when_the_clock_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    tracking, now = _held_by("a run"), clock.now
    with transaction() as session:
        leases.record_fault(session, tracking, "a run", "OperationalError")
    with reading() as session:
        assert not leases.open_lanes(session)
    monkeypatch.setattr(clock, "now", lambda: now() - timedelta(hours=1))
    with reading() as session:
        assert leases.open_lanes(session)


def test_a_lease_of_a_run_that_was_never_written_down_ends_by_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    tracking, now = _held_by("a version before"), clock.now
    assert not _free(tracking)
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(seconds=get_settings().lease_seconds + 1))
    assert _free(tracking)
