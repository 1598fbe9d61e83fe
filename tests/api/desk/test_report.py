"""The report at the desk: any days, for those who may see it, on the page, in a workbook and as lines."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest

from access.roles import Role
from benchmarks import office
from benchmarks.office import Paper
from database.engine import reading
from documents import loading
from environment import clock
from tests.api.desk.staff import Desk

SignIn = Callable[..., Desk]


@pytest.fixture
def cases(sqlite_database: str) -> tuple[str, str]:
    """One settled online, and a paper that waits."""
    office.fill_register()
    settled, waits = office.online("einvoice_acceptance", 2), office.waiting(Paper(person=1))
    office.worked_off(settled)
    return settled, waits


def test_a_manager_sees_today_and_goes_on_to_other_days(cases: tuple[str, str], desk: SignIn) -> None:
    maria = desk("maria", Role.MANAGER)
    page = maria.browser.get("/biuro/raport").text
    assert 'aria-current="page">Dziś</a>' in page and page.count("<svg") == 4
    assert cases[1] in page, "what waits is told by its number"
    assert "Dopuszczalnych jest 1." in page.replace("\xa0", " "), "what second looks prove against it"
    yesterday = clock.today() - timedelta(days=1)
    assert f"/biuro/raport?od={yesterday}&amp;do={yesterday}" in page
    assert "/biuro/raport" in maria.browser.get("/biuro/przeglad").text
    for person in office.people()[1:3]:
        assert str(person["name"]) not in page and str(person["email"]) not in page


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("od=2026-02-30", "Nie ma takiego dnia"),
        ("od=2026-03-02&do=2026-03-01", "wcześniejszy niż początek"),
        ("od=2024-03-02&do=2026-03-01", "najwyżej 366 dni"),
        ("od=9999-12-31", "nie może być późniejsza"),
    ],
)
def test_days_that_are_none_are_told_at_their_field(desk: SignIn, query: str, told: str) -> None:
    jan = desk("jan", Role.SUPERVISOR).browser
    answer = jan.get(f"/biuro/raport?{query}")
    assert answer.status_code == 422 and told in answer.text and 'aria-invalid="true"' in answer.text
    assert jan.get(f"/biuro/raport.csv?{query}").status_code == 422


def test_the_workbook_holds_numbers_and_the_lines_hold_numbers_of_cases_and_no_names(
    cases: tuple[str, str], desk: SignIn
) -> None:
    maria = desk("maria", Role.MANAGER).browser
    book = openpyxl.load_workbook(BytesIO(maria.get("/biuro/raport.xlsx").content))
    summary = {row[0]: row[1] for row in book["Podsumowanie"].iter_rows(min_row=2, values_only=True)}
    assert (summary["przyszło"], summary["załatwiono"], summary["bez udziału człowieka"]) == (2, 1, 0.5)
    answer = maria.get("/biuro/raport.csv")
    assert answer.headers["content-disposition"].startswith("attachment")
    lines: list[dict[str, Any]] = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    told = {line["sprawa"]: (line["stan"], line["udział człowieka"], line["jak wypełniono"]) for line in lines}
    assert told == {
        cases[0]: ("załatwione", "nie", "wpisane na ekranie"),
        cases[1]: ("do sprawdzenia", "tak", "pismo ręczne"),
    }
    with reading() as session:
        moments = [loading.load(session, tracking).received_at for tracking in cases]
    shown = {line["sprawa"]: line["przyszła"] for line in lines}
    assert shown == dict(zip(cases, map(clock.local_time, moments), strict=True)), "by the company's clock"
    everything = answer.text + str([list(sheet.values) for sheet in book])
    assert not [person["name"] for person in office.people() if person["name"] in everything]
