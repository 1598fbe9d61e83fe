"""Who watches that a sweep lives: one begins where none does, and what a dead one held is free at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from urllib.error import URLError

import pytest
from sqlalchemy import update

from cli import sweep_watch
from cli.sweep_watch import SweepWatch
from database.engine import reading, transaction
from database.holders import Holder, living_here
from documents import leases
from environment import clock
from environment.machine import machine_name
from environment.processes import born
from flows.engine import SWEEP
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


def test_no_sweep_is_asked_for_while_one_lives(
    engine: Engine, watch: SweepWatch, process: subprocess.Popen[bytes]
) -> None:
    _sweep(process)
    watch.look()
    assert engine.begun == 0


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


def test_an_engine_that_is_away_is_asked_again_and_nothing_is_raised(engine: Engine, watch: SweepWatch) -> None:
    engine.away = True
    watch.look()
    watch.look()
    engine.away = False
    watch.look()
    assert engine.begun == 1


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


def test_a_sweep_that_lives_but_has_given_no_sign_for_minutes_is_ended(
    engine: Engine, watch: SweepWatch, process: subprocess.Popen[bytes]
) -> None:
    _sweep(process)
    with transaction() as session:
        session.execute(update(Holder).values(seen_at=clock.now() - timedelta(minutes=6)))
    watch.look()
    process.wait(60)
    watch.look()
    assert engine.begun == 1


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
