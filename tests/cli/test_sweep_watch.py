"""Who watches that a sweep lives: one begins where none does, and what a dead one held is free at once."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from urllib.error import URLError

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from cli import sweep_watch
from cli.sweep_watch import SweepWatch, runs_elsewhere
from database import holders
from database.engine import reading, transaction
from database.holders import Holder, living_here
from database.upgrading import SchemaError
from documents import leases
from environment import clock
from environment.machine import machine_name
from environment.processes import born
from flows.engine_setup import MESSAGES, SWEEP
from tests.documents.received import scan

pytestmark = pytest.mark.usefixtures("database")


class Engine:
    """Remembers what it was asked for; may be away."""

    def __init__(self) -> None:
        self.begun, self.closed, self.away, self.on_its_way = 0, list[str](), False, True

    def begin_sweep(self) -> str:
        if self.away:
            raise URLError("connection refused")
        self.begun += 1
        return str(self.begun)

    def is_on_its_way(self, run: str) -> bool:
        return self.on_its_way

    def close_run(self, run: str) -> None:
        self.closed.append(run)


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def watch(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> SweepWatch:
    monkeypatch.setattr(sweep_watch, "_EVERY", 0.0)
    monkeypatch.setattr(sweep_watch, "_THOROUGH", 0.0)
    return SweepWatch(engine, lambda told: None)


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as running:
        yield running
        running.kill()


def _sweep(process: subprocess.Popen[bytes], run: str = "1", machine: str | None = None) -> None:
    at = clock.now()
    with transaction() as session:
        row = Holder(owner=f"run {run}", purpose=SWEEP, machine=machine or machine_name(), pid=process.pid)
        row.birth, row.begun_at, row.seen_at = born(process.pid) or "", at, at
        session.add(row)


def test_a_sweep_is_asked_for_once_where_none_lives(
    engine: Engine, watch: SweepWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_watch, "_TO_BEGIN", 0.0)
    watch.look()
    watch.look()
    assert engine.begun == 1, "it is on its way"
    engine.on_its_way = False
    watch.look()
    assert engine.begun == 2, "it ended before it gave a sign"


def test_a_sweep_that_does_not_begin_is_asked_for_again_only_after_a_while(
    engine: Engine, watch: SweepWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_watch, "_TO_BEGIN", 3600.0)
    engine.on_its_way = False
    watch.look()
    watch.look()
    assert engine.begun == 1


def test_a_sweep_that_is_on_its_way_for_too_long_is_taken_for_lost(
    engine: Engine, watch: SweepWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_watch, "_TO_BEGIN", 0.0)
    monkeypatch.setattr(sweep_watch, "_LONGEST_WAY", 0.0)
    watch.look()
    watch.look()
    assert engine.begun == 2


def test_a_sweep_that_dies_soon_after_it_was_asked_for_is_followed_by_another_at_once(
    engine: Engine, watch: SweepWatch, process: subprocess.Popen[bytes]
) -> None:
    watch.look()
    _sweep(process)
    watch.look()
    process.kill()
    process.wait()
    watch.look()
    assert engine.begun == 2


def test_no_sweep_is_asked_for_while_one_lives(
    engine: Engine, watch: SweepWatch, process: subprocess.Popen[bytes]
) -> None:
    _sweep(process)
    watch.look()
    assert engine.begun == 0


def test_while_the_sweep_s_process_is_there_the_register_is_left_alone_and_its_end_is_seen_at_once(
    engine: Engine, watch: SweepWatch, process: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, known = list[int](), sweep_watch.holders.living_here

    def counted(session: Session) -> list[Holder]:
        asked.append(1)
        return known(session)

    monkeypatch.setattr(sweep_watch.holders, "living_here", counted)
    monkeypatch.setattr(sweep_watch, "_THOROUGH", 1_000.0)
    _sweep(process)
    for _ in range(5):
        watch.look()
    assert (len(asked), engine.begun) == (1, 0)
    process.kill()
    while born(process.pid):  # nobody has asked after it yet: it is no process any more all the same
        pass
    watch.look()
    assert (len(asked), engine.begun) == (2, 1)


def test_a_run_that_sends_messages_is_no_sweep(
    engine: Engine, watch: SweepWatch, process: subprocess.Popen[bytes]
) -> None:
    _sweep(process)
    with transaction() as session:
        session.execute(update(Holder).values(purpose=MESSAGES))
    watch.look()
    assert engine.begun == 1


def test_a_sweep_of_another_machine_is_none_of_this_one(
    engine: Engine, watch: SweepWatch, process: subprocess.Popen[bytes]
) -> None:
    _sweep(process, machine="another-1")
    watch.look()
    assert engine.begun == 1


def test_what_a_killed_sweep_held_is_free_its_run_is_closed_and_another_begins_in_the_same_look(
    engine: Engine, watch: SweepWatch, process: subprocess.Popen[bytes]
) -> None:
    tracking = scan()
    _sweep(process)
    with transaction() as session:
        assert leases.claim(session, tracking, "run 1")
    watch.look()
    process.kill()
    process.wait()
    with reading() as session:
        assert leases.is_held(session, tracking)
    watch.look()
    with reading() as session:
        assert not leases.is_held(session, tracking)
        assert living_here(session) == []
    assert (engine.begun, engine.closed) == (1, ["1"])


def test_a_dead_run_that_the_engine_cannot_close_keeps_no_other_from_beginning(
    engine: Engine, watch: SweepWatch, process: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(run: str) -> None:
        raise URLError("connection refused")

    monkeypatch.setattr(engine, "close_run", away)
    _sweep(process)
    process.kill()
    process.wait()
    watch.look()
    assert engine.begun == 1


def test_a_register_that_is_away_is_asked_again_and_nothing_is_raised(
    engine: Engine, watch: SweepWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(session: object) -> list[Holder]:
        raise OperationalError("SELECT", {}, Exception("the server went away"))

    with monkeypatch.context() as patch:
        patch.setattr(holders, "living_here", away)
        watch.look()
    assert engine.begun == 0
    watch.look()
    assert engine.begun == 1


def test_an_engine_that_is_away_is_asked_again_and_nothing_is_raised(engine: Engine, watch: SweepWatch) -> None:
    engine.away = True
    watch.look()
    watch.look()
    engine.away = False
    watch.look()
    assert engine.begun == 1


def test_a_trouble_is_told_once_and_so_is_its_end(
    engine: Engine, watch: SweepWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = list[str]()
    monkeypatch.setattr(watch, "_tell", told.append)
    engine.away = True
    for _ in range(3):
        watch.look()
    assert len(told) == 1 and "Prefect" in told[0]
    engine.away = False
    for _ in range(3):
        watch.look()
    assert len(told) == 2 and "znów" in told[1]


def test_who_asks_in_vain_asks_again_after_a_growing_pause(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    at, asked = 1_000.0, list[float]()

    def in_vain() -> str:
        asked.append(at)
        raise URLError("connection refused")

    monkeypatch.setattr(sweep_watch.time, "monotonic", lambda: at)
    monkeypatch.setattr(engine, "begin_sweep", in_vain)
    watch = SweepWatch(engine, lambda told: None)
    while at < 1_060:
        watch.look()
        at += 0.5
    pauses = [later - earlier for earlier, later in pairwise(asked)]
    assert pauses[0] < pauses[1] < pauses[2]
    assert max(pauses) <= 10.5


def test_tables_of_another_version_are_told_and_no_sweep_is_asked_for(
    engine: Engine, watch: SweepWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def older() -> None:
        raise SchemaError("older", "0001", newer=False)

    told = list[str]()
    monkeypatch.setattr(watch, "_tell", told.append)
    monkeypatch.setattr(sweep_watch, "check", older)
    watch.look()
    assert engine.begun == 0
    assert len(told) == 1 and "ebok up" in told[0]


def test_what_a_silent_machine_held_is_free_and_its_run_is_closed(
    engine: Engine, watch: SweepWatch, process: subprocess.Popen[bytes]
) -> None:
    _sweep(process, "silent", machine="another-1")
    _sweep(process, "alive", machine="another-2")
    with transaction() as session:
        silent = update(Holder).where(Holder.owner == "run silent")
        session.execute(silent.values(seen_at=clock.now() - timedelta(minutes=6)))
    watch.look()
    assert engine.closed == ["silent"]
    assert runs_elsewhere() == {"alive"}


def test_an_answer_that_nobody_understands_ends_nothing(
    engine: Engine, watch: SweepWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nonsense() -> str:
        raise KeyError("id")

    with monkeypatch.context() as for_once:
        for_once.setattr(engine, "begin_sweep", nonsense)
        watch.look()
    watch.look()
    assert engine.begun == 1


@pytest.mark.parametrize("silent", [timedelta(minutes=6), -timedelta(minutes=6)], ids=["silent", "clock put back"])
def test_a_sweep_that_lives_but_has_given_no_sign_for_minutes_is_ended(
    engine: Engine, watch: SweepWatch, process: subprocess.Popen[bytes], silent: timedelta
) -> None:
    _sweep(process)
    with transaction() as session:
        session.execute(update(Holder).values(seen_at=clock.now() - silent))
    watch.look()
    process.wait(60)
    watch.look()
    assert engine.begun == 1


@pytest.mark.parametrize(("purpose", "minutes"), [(SWEEP, 3), ("ingest", 60)])
def test_neither_who_is_silent_for_a_moment_is_ended_nor_what_a_person_started(
    watch: SweepWatch, process: subprocess.Popen[bytes], purpose: str, minutes: int
) -> None:
    _sweep(process)
    with transaction() as session:
        session.execute(update(Holder).values(purpose=purpose, seen_at=clock.now() - timedelta(minutes=minutes)))
    watch.look()
    process.communicate(b"\n")
    assert process.returncode == 0


def test_a_process_that_got_the_number_of_a_dead_sweep_is_left_alone(
    watch: SweepWatch, process: subprocess.Popen[bytes]
) -> None:
    _sweep(process)
    with transaction() as session:
        session.execute(update(Holder).values(birth="1"))
    watch.end_all(grace=0)
    process.communicate(b"\n")
    assert process.returncode == 0


def test_a_run_that_does_not_end_when_it_is_asked_is_killed_and_what_it_held_is_free(watch: SweepWatch) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); input()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", deaf], **pipes) as process:  # type: ignore[call-overload]
        process.stdout.readline()
        _sweep(process)
        watch.end_all(grace=0.2)
        assert process.wait(60) == -signal.SIGKILL
    with reading() as session:
        assert living_here(session) == []


def test_runs_of_the_engine_end_with_it_and_those_of_a_person_at_a_terminal_do_not(
    watch: SweepWatch, process: subprocess.Popen[bytes]
) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as ingest:
        _sweep(process)
        _sweep(ingest, "2")
        with transaction() as session:
            session.execute(update(Holder).where(Holder.owner == "run 2").values(purpose="ingest"))
        watch.end_all(grace=30)
        assert process.wait(60) != 0
        assert ingest.poll() is None
        ingest.kill()
