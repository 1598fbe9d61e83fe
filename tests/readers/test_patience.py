"""How long a look is waited for: for its start, and for its own seconds, whatever is done to the clock of the wall."""

from __future__ import annotations

import time as clock
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from readers import looks, pool

SECONDS = 2.0


class Time:
    def __init__(self) -> None:
        self.at = 1000.0

    def monotonic(self) -> float:
        return self.at


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    told = Time()
    monkeypatch.setattr(pool, "time", told)
    return told


def check(patience: Any, time: Time, at: float, *, begun: bool) -> None:
    time.at = 1000.0 + at
    patience.check(begun=begun)


def test_a_reader_that_has_not_begun_is_waited_for_as_long_as_a_start_may_take(time: Time) -> None:
    patience = pool._Patience(SECONDS)
    check(patience, time, pool._LONGEST_START - 1, begun=False)
    with pytest.raises(pool._SilentReaderError):
        check(patience, time, pool._LONGEST_START + 1, begun=False)


def test_one_that_has_begun_has_all_its_seconds_from_then_on_however_long_its_start_took(time: Time) -> None:
    patience, begun = pool._Patience(SECONDS), pool._LONGEST_START - 1
    check(patience, time, begun, begun=True)
    check(patience, time, begun + SECONDS - 0.1, begun=True)
    with pytest.raises(TimeoutError):
        check(patience, time, begun + SECONDS + 0.1, begun=True)


def test_a_clock_that_is_put_right_during_a_look_makes_no_file_too_costly(
    home: Path, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = count(0, 3600)
    leaping = SimpleNamespace(time=lambda: clock.time() + next(ahead), sleep=clock.sleep)
    monkeypatch.setattr("pebble.pool.process.time", leaping)
    assert looks.read_file(filled).documents
    assert next(ahead) >= 0
