"""Which runs live, by their last sign, and for how long it is known of one that it is over; on both databases."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Integer, literal, select
from sqlalchemy.types import String

from database import holders
from database.engine import Instant, reading, transaction
from database.holders import Holder, is_in_force, living_here
from environment import clock
from environment.machine import machine_name
from environment.processes import born

pytestmark = pytest.mark.usefixtures("database")

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
LONGEST = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def _run(owner: str, *, seen: timedelta | None, begun: timedelta = timedelta(), machine: str | None = None) -> None:
    """A run of this process; ``seen`` and ``begun`` as far before now."""
    with transaction() as session:
        row = Holder(owner=owner, purpose="a test", machine=machine or machine_name(), pid=os.getpid())
        row.birth, row.begun_at = born(row.pid) or "", NOW - begun
        row.seen_at = None if seen is None else NOW - seen
        session.add(row)


def _holds(owner: str | None, until: timedelta | None) -> bool:
    """Whether a lease of that owner, until then from now on, is held."""
    moment = None if until is None else NOW + until
    asked = select(literal(1, Integer)).where(is_in_force(literal(owner, String), literal(moment, Instant), LONGEST))
    with reading() as session:
        return session.scalar(asked) is not None


def _known() -> set[str]:
    with reading() as session:
        return set(session.scalars(select(Holder.owner)))


@pytest.mark.parametrize(
    ("seconds", "lives"), [(0, True), (3 * holders.PULSE, True), (30, False), (-3 * holders.PULSE, True), (-30, False)]
)
def test_a_run_lives_for_some_missed_signs_and_no_longer_whichever_way_the_clock_went(
    seconds: float, lives: bool
) -> None:
    _run("a run", seen=timedelta(seconds=seconds))
    _run("another", seen=timedelta())
    assert _holds("a run", timedelta(minutes=1)) is lives
    assert _holds("a run", None) is lives, "its leases last as long as it lives, whatever their time"


@pytest.mark.parametrize(
    ("until", "held"),
    [
        (timedelta(minutes=1), True),
        (-timedelta(seconds=1), False),
        (LONGEST + timedelta(seconds=30), True),  # another looked at the clock a little later
        (LONGEST + timedelta(minutes=2), False),  # written before the clock was put back
        (None, False),
    ],
)
def test_a_lease_of_nobody_who_was_written_down_lasts_until_its_time_which_cannot_be_far(
    until: timedelta | None, held: bool
) -> None:
    _run("a run", seen=timedelta())
    assert _holds("a version before", until) is held
    assert not _holds(None, until), "what nobody holds is free"


def test_of_a_run_that_is_over_it_is_known_for_a_day_so_that_its_leases_stay_free() -> None:
    day = timedelta(days=1)
    _run("over today", seen=None, begun=day - timedelta(hours=1))
    _run("over long ago", seen=None, begun=day + timedelta(hours=1))
    _run("silent long ago", seen=2 * day, begun=3 * day, machine="another-1")
    _run("silent today", seen=timedelta(hours=20), begun=3 * day, machine="another-1")
    _run("alive for days", seen=timedelta(), begun=3 * day)
    _run("begun while the clock was put back", seen=2 * day, begun=timedelta(hours=1), machine="another-1")
    with transaction() as session:
        holders.enter(session, "new", "a test")
    gone = {"over long ago", "silent long ago"}
    kept = {"over today", "silent today", "alive for days", "begun while the clock was put back", "new"}
    assert (_known() & gone, kept - _known()) == (set(), set())
    assert not _holds("over today", timedelta(minutes=1))
    assert _holds("alive for days", None), "its process lives"
    assert _holds("new", None), "from its first moment"


def test_of_this_machine_those_live_that_are_not_over_the_oldest_first() -> None:
    _run("younger", seen=timedelta(), begun=timedelta(hours=1))
    _run("older", seen=timedelta(hours=1), begun=timedelta(hours=2))
    _run("over", seen=None)
    _run("elsewhere", seen=timedelta(), machine="another-1")
    with reading() as session:
        assert [one.owner for one in living_here(session)] == ["older", "younger"]


def test_a_sign_and_an_end_are_of_one_run_alone() -> None:
    for owner in ("a run", "another"):
        _run(owner, seen=timedelta(minutes=1))
    with transaction() as session:
        holders.give_sign(session, "a run")
    assert (_holds("a run", None), _holds("another", None)) == (True, False)
    with transaction() as session:
        holders.give_sign(session, "another")
        holders.leave(session, "a run")
    assert (_holds("a run", None), _holds("another", None)) == (False, True)


def test_a_process_that_got_the_number_of_one_that_ended_is_not_that_run() -> None:
    _run("a run", seen=timedelta())
    with transaction() as session:
        (mine,) = living_here(session)
        assert not holders.is_gone(mine)
        mine.birth = "1"
        assert holders.is_gone(mine)


def test_the_runs_of_other_machines_are_told_apart_by_their_signs() -> None:
    _run("here", seen=timedelta(hours=1))
    _run("silent", seen=timedelta(seconds=21), machine="another-1")
    _run("alive", seen=timedelta(seconds=19), machine="another-1")
    _run("ahead", seen=-timedelta(seconds=19), machine="another-2")
    _run("over", seen=None, machine="another-1")
    with reading() as session:
        alive, silent = holders.elsewhere(session)
        later = holders.elsewhere(session, silent=timedelta(minutes=5))
    assert ({one.owner for one in alive}, [one.owner for one in silent]) == ({"alive", "ahead"}, ["silent"])
    assert ({one.owner for one in later[0]}, later[1]) == ({"alive", "ahead", "silent"}, [])


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_is_ahead_only_of_a_server_that_has_one_of_its_own(monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(hours=hours))
    with reading() as session:
        ahead, dialect = holders.clock_ahead(session), session.get_bind().dialect.name
    shown = timedelta(hours=hours) if dialect == "postgresql" else timedelta()
    assert abs(ahead - shown) < timedelta(minutes=1)
