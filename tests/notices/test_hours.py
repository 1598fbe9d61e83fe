"""No notice leaves between 21 and 8 by the clock in Poland, also on the days on which clocks are put on and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from confirmations.leaving_hours import may_leave, opens_at
from confirmations.overview import not_leaving
from database.engine import reading
from notices.due import tell_due
from tests.clocks import WARSAW, SetClock
from tests.confirmations.samples import let_time_pass
from tests.notices.conftest import Told, sent, states

NIGHTS = [
    ("2026-11-02 07:59:59", False),
    ("2026-11-02 08:00", True),
    ("2026-11-02 20:58", True),
    ("2026-11-02 20:59:30", False),
    ("2026-11-02 21:00", False),
    ("2026-11-02 23:59:30", False),
    ("2026-11-03 00:00", False),
    ("2026-10-25 07:30", False),
    ("2026-10-25 08:00", True),
    ("2027-03-28 07:59", False),
    ("2027-03-28 08:00", True),
    ("2027-03-28 20:58", True),
    ("2027-03-28 21:01", False),
]


@pytest.mark.parametrize(("local", "open_now"), NIGHTS)
def test_the_clock_in_poland_decides(home: object, local: str, open_now: bool) -> None:
    moment = datetime.fromisoformat(local).replace(tzinfo=WARSAW).astimezone(UTC)
    assert may_leave(moment) is open_now
    assert may_leave(opens_at(moment))
    assert opens_at(moment).astimezone(WARSAW).hour == (8 if not open_now else moment.astimezone(WARSAW).hour)


def test_every_minute_of_the_days_of_changed_clocks_keeps_to_the_hours(home: object) -> None:
    for day in ("2026-10-24", "2027-03-27"):
        first = datetime.fromisoformat(f"{day} 12:00").replace(tzinfo=WARSAW).astimezone(UTC)
        for minutes in range(0, 36 * 60, 7):
            moment = first + timedelta(minutes=minutes)
            if may_leave(moment):
                assert 8 <= moment.astimezone(WARSAW).hour < 21


def test_what_is_written_in_the_evening_waits_for_the_morning_and_nobody_is_alarmed(
    people: list[Told], at: SetClock
) -> None:
    at("2026-11-02 21:30")
    tell_due()
    for night in ("2026-11-02 23:00", "2026-11-03 03:00", "2026-11-03 07:59"):
        at(night)
        let_time_pass()
        assert sent() == []
        with reading() as session:
            assert not_leaving(session) is None
    at("2026-11-03 08:00")
    with reading() as session:
        assert not_leaving(session) is None, "it had no time to leave yet"
    assert len(sent()) == 6
    assert set(states()) == {"sent"}


def test_other_hours_are_a_setting(people_here: list[Told], at: SetClock, set_settings: Callable[..., None]) -> None:
    tell_due()
    set_settings(notices_not_before="11", notices_not_after="12")
    assert sent() == []
    at("2026-11-02 11:10")
    let_time_pass()
    assert len(sent()) == 6
