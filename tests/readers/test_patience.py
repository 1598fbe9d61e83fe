"""How long a look is waited for: for its start, for its own seconds, and for those in which it waited for us."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from readers import pool

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


def over(patience: Any, time: Time, at: float, *, begun: bool) -> bool:
    time.at = 1000.0 + at
    return bool(patience.over(begun=begun))


def patience_with(answering: float = 0.0) -> Any:
    return pool._Patience(SECONDS, SimpleNamespace(seconds=answering))  # type: ignore[arg-type]


def test_a_reader_that_has_not_begun_is_waited_for_as_long_as_a_start_may_take(time: Time) -> None:
    patience = patience_with()
    assert not over(patience, time, pool._LONGEST_START - 1, begun=False)
    assert over(patience, time, pool._LONGEST_START + 1, begun=False)


def test_one_that_has_begun_has_all_its_seconds_from_then_on_however_long_its_start_took(time: Time) -> None:
    patience, begun = patience_with(), pool._LONGEST_START - 1
    assert not over(patience, time, begun, begun=True)
    assert not over(patience, time, begun + pool._LONGEST_START + SECONDS - 1, begun=True)
    assert over(patience, time, begun + pool._LONGEST_START + SECONDS + 1, begun=True)


def test_what_a_reader_waited_for_answers_is_not_its_own_time(time: Time) -> None:
    patience = patience_with(answering=30.0)
    longest = pool._LONGEST_START + SECONDS + 30.0
    assert not over(patience, time, 0, begun=True)
    assert not over(patience, time, longest - 1, begun=True)
    assert over(patience, time, longest + 1, begun=True)
