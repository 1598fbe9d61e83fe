"""A clock that a test sets."""

from __future__ import annotations

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from environment import clock

WARSAW = ZoneInfo("Europe/Warsaw")


class SetClock:
    """What the program takes for the present moment, by the clock in Poland: '2026-11-02 10:00'."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch

    def __call__(self, local: str, fold: int = 0) -> datetime:
        moment = datetime.fromisoformat(local).replace(tzinfo=WARSAW, fold=fold)

        class Fixed(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                return moment.astimezone(tz)

        self._patch.setattr(clock, "datetime", Fixed)
        return moment
