"""The page to search: what it asks for, what stands in its addresses."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest

from benchmarks import office
from review import search
from tests.api.desk.staff import Desk


def test_a_tracking_number_however_typed_leads_to_the_story(desk: Callable[..., Desk]) -> None:
    ola, tracking = desk(), office.online("einvoice_withdrawal")
    typed = tracking.lower().replace("-", " ")
    found = ola.browser.get("/biuro/szukaj", params={"numer": typed}, follow_redirects=False)
    assert (found.status_code, found.headers["location"]) == (303, f"/biuro/sprawy/{tracking}/historia")


def test_customers_are_found_by_name_and_no_address_holds_it(desk: Callable[..., Desk]) -> None:
    office.fill_register()
    ola, row = desk(), office.people()[0]
    found = ola.post("/biuro/szukaj", nazwa=row["name"])
    assert found.request.url.query == b""
    assert row["customer_no"] in found.text
    assert "Nie ma" not in found.text
    assert "nie ma takiego klienta" in ola.post("/biuro/szukaj", nazwa="Xyz").text
    assert ola.browser.post("/biuro/szukaj", data={"nazwa": "Xyz"}).status_code == 403


def test_what_was_asked_for_stays_and_what_is_wrong_with_it_is_told(desk: Callable[..., Desk]) -> None:
    ola = desk()
    asked = {"numer": "K7M4", "klient": "12", "od": "31.02.2026", "stan": "confirmed"}
    refused = ola.browser.get("/biuro/szukaj", params=asked)
    assert refused.status_code == 422
    for name in ("numer", "klient", "od"):
        assert f'id="{name}-error"' in refused.text
    assert 'value="K7M4"' in refused.text
    assert '<option value="confirmed" selected>' in refused.text


def test_an_empty_form_finds_all(desk: Callable[..., Desk]) -> None:
    ola, tracking = desk(), office.online("einvoice_withdrawal")
    assert tracking not in ola.browser.get("/biuro/szukaj").text
    assert tracking in ola.browser.get("/biuro/szukaj", params={"numer": "", "stan": ""}).text


def test_pages_of_cases_are_turned_both_ways_by_the_case_beside_them_and_keep_what_was_asked_for(
    desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SHOWN", 2)
    monkeypatch.setattr(search, "MOST_COUNTED", 2)
    ola, sent = desk(), [office.online("einvoice_withdrawal", person) for person in range(3)][::-1]

    def turned(page: str, name: str) -> str | None:
        found = re.search(rf'href="([^"]+)" rel="{name}"', page)
        return unescape(found[1]) if found else None

    first = ola.browser.get("/biuro/szukaj", params={"formularz": "einvoice_withdrawal"}).text
    assert "Znaleziono: ponad 2" in first
    assert turned(first, "prev") is None
    assert [tracking in first for tracking in sent] == [True, True, False]
    older = ola.browser.get(turned(first, "next") or "").text
    assert turned(older, "next") is None
    assert [tracking in older for tracking in sent] == [False, False, True]
    back = turned(older, "prev") or ""
    assert "formularz=einvoice_withdrawal" in back
    assert [tracking in ola.browser.get(back).text for tracking in sent] == [True, True, False]


def test_an_empty_answer_says_what_to_try_and_nonsense_is_no_fault(desk: Callable[..., Desk]) -> None:
    ola = desk()
    assert "poszerz zakres dni" in ola.browser.get("/biuro/szukaj", params={"od": "2026-01-01"}).text
    nonsense = {
        "stan": "\x7f",
        "formularz": "\x7f",
        "kanal": "x",
        "starsze": "-1",
        "nowsze": "K7M4-PX9A",
        "do": "9999-12-31",
        "klient": "10000017",
    }
    assert ola.browser.get("/biuro/szukaj", params=nonsense).status_code == 200
    assert ola.browser.get("/biuro/szukaj", params=nonsense | {"stan": "\0"}).status_code == 400
