"""A clock that tests move on, and an office to fill."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import Self

import pytest

from benchmarks import office
from environment import clock

Later = Callable[[int], None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """So many days later: ``later(30)``."""
    shift = timedelta()

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + shift

    def move(days: int) -> None:
        nonlocal shift
        shift += timedelta(days=days)

    monkeypatch.setattr(clock, "datetime", Shifted)
    return move


@pytest.fixture
def town(database: str) -> str:
    """Customers in the register, on either database."""
    office.fill_register()
    return database
