"""Much that is written leaves gaps for others."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from database import pace
from database.pace import LONGEST, Pace


class _Time:
    """A clock that only goes on when somebody works or sleeps."""

    def __init__(self) -> None:
        self.now, self.slept = 100.0, list[float]()

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Time:
    told = _Time()
    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=told.monotonic, sleep=told.sleep))
    return told


def _write(clock: _Time, writing: Pace, *seconds: float) -> None:
    for took in seconds:
        with writing.transaction():
            clock.now += took


def test_a_long_transaction_is_followed_by_a_gap(sqlite_database: str, clock: _Time) -> None:
    _write(clock, Pace(2000, 200), LONGEST, LONGEST, LONGEST)

    assert clock.slept == pytest.approx([0.1, 0.1])


def test_short_ones_are_followed_by_a_gap_when_together_they_were_long(sqlite_database: str, clock: _Time) -> None:
    _write(clock, Pace(2000, 200), *[0.016] * 20)

    assert clock.slept == pytest.approx([0.1]), "after ten of them"


def test_little_is_written_without_a_gap(sqlite_database: str, clock: _Time) -> None:
    _write(clock, Pace(2000, 200), 0.01, 0.02, 0.03)

    assert clock.slept == []


def test_time_that_went_by_otherwise_counts_as_a_gap(sqlite_database: str, clock: _Time) -> None:
    writing = Pace(2000, 200)
    _write(clock, writing, LONGEST)
    clock.now += 1
    _write(clock, writing, 0.01, 0.01)

    assert clock.slept == []


def test_postgresql_lets_others_write_meanwhile_and_needs_no_gaps(postgres_database: str, clock: _Time) -> None:
    _write(clock, Pace(2000, 200), LONGEST, LONGEST)

    assert clock.slept == []
