"""The day wished for a visit: working days to come for who types it, any day of this time on paper."""

from __future__ import annotations

from datetime import date

import pytest

from environment.settings import get_settings
from environment.working_days import is_working_day, working_day_after
from forms.catalogue import form_by_code
from forms.kinds import CubicMetres, WishedDay
from forms.submission import FieldValue, Submission
from forms.web import fault_of, online_submission
from tests.forms.samples import values_of

MONDAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    "day",
    ["2026-11-11", "2026-12-24", "2026-12-25", "2027-01-01", "2027-01-06", "2027-03-29", "2027-05-27", "2026-11-28"],
    ids=[
        "independence",
        "christmas eve",
        "christmas",
        "new year",
        "epiphany",
        "easter monday",
        "corpus christi",
        "sat",
    ],
)
def test_nobody_works_on_holidays_of_poland_and_at_weekends(day: str) -> None:
    assert not is_working_day(date.fromisoformat(day))


def test_working_days_are_counted_past_weekends_and_holidays() -> None:
    assert working_day_after(MONDAY, 0) == date(2026, 12, 1)
    assert working_day_after(MONDAY, 4) == date(2026, 12, 7)
    assert working_day_after(date(2026, 12, 23), 0) == date(2026, 12, 28)


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("2026-11-29", "too_soon"),
        ("2026-12-03", "too_soon"),
        ("2026-12-04", None),
        ("2026-12-05", "no_working_day"),
        ("2026-12-24", "no_working_day"),
        ("2027-03-01", "too_far"),
    ],
)
def test_who_types_a_day_is_told_which_can_be_had(home: object, day: str, code: str | None) -> None:
    fault = WishedDay().untimely(day, MONDAY)
    assert (None if fault is None else fault.code) == code


def test_how_soon_a_visit_can_be_is_a_setting(home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_VISIT_NOTICE_DAYS", "0")
    get_settings.cache_clear()
    assert WishedDay().untimely("2026-12-01", MONDAY) is None
    monkeypatch.setenv("EBOK_VISIT_NOTICE_DAYS", "10")
    get_settings.cache_clear()
    told = WishedDay().untimely("2026-12-04", MONDAY)
    assert told is not None
    assert "15.12.2026" in told.message
    get_settings.cache_clear()


@pytest.mark.parametrize("day", ["2026-11-29", "2026-12-05", "2026-11-02"])
def test_paper_may_wish_for_a_day_that_cannot_be_had_and_the_web_may_not(home: object, day: str) -> None:
    form = form_by_code("tank_collection")
    values = {**values_of(form), "wished_on": day, "date_signed": "2026-11-01"}
    on_paper = Submission(form, {name: FieldValue(v) for name, v in {**values, "signature": True}.items()}, paper=True)
    assert on_paper.problems(MONDAY) == []
    assert [one.field for one in online_submission(form, values, MONDAY)[1]] == ["wished_on"]
    assert fault_of(form, "wished_on", day, MONDAY)


def test_a_day_of_another_time_is_a_slip_on_paper_too(home: object) -> None:
    kind = WishedDay()
    faults = {raw: kind.parse(raw, MONDAY).fault for raw in ("07.12.2062", "31.11.2026", "7.12.2026")}
    assert {raw: fault and fault.code for raw, fault in faults.items()} == {
        "07.12.2062": "bad_date",
        "31.11.2026": "bad_date",
        "7.12.2026": None,
    }


def test_the_date_picker_of_a_browser_offers_no_day_that_cannot_be_had(home: object) -> None:
    attributes = WishedDay().html_attributes()
    assert attributes["type"] == "date"
    assert WishedDay().example() == attributes["min"] < attributes["max"]


@pytest.mark.parametrize(
    ("raw", "value"), [("8", "8"), ("08", "8"), ("10 m3", "10"), ("12 m³", "12"), ("6 metrów sześciennych", "6")]
)
def test_what_a_tank_holds_is_whole_cubic_metres(raw: str, value: str) -> None:
    assert (CubicMetres().parse(raw).value, CubicMetres().parse(raw).fault) == (value, None)


@pytest.mark.parametrize("raw", ["0", "100", "8,5", "osiem"])
def test_what_no_tank_holds_is_told(raw: str) -> None:
    fault = CubicMetres().parse(raw).fault
    assert fault is not None
    assert fault.code == "bad_volume"
