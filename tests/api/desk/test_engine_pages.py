"""Whom the proxy lets through to the engine's pages, and the way there and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from access.roles import Role
from environment import clock
from environment.settings import get_settings
from tests.api.desk.staff import Desk, browser

WHO = "/biuro/kto"


def test_the_proxy_is_told_who_may_pass(desk: Callable[..., Desk]) -> None:
    assert browser().get(WHO, follow_redirects=False).status_code == 401
    told = {
        role: desk(role.value, role).browser.get(WHO, follow_redirects=False) for role in (Role.MANAGER, Role.CLERK)
    }
    assert {role: answer.status_code for role, answer in told.items()} == {Role.MANAGER: 204, Role.CLERK: 403}


def test_a_proxy_that_knows_no_names_is_told_them_whatever_host_it_was_asked_for(
    desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    maria, anybody = desk("maria", Role.MANAGER).browser, browser()
    assert "x-engine-host" not in maria.get(WHO).headers
    monkeypatch.setenv("EBOK_PREFECT_UI_URL", "http://127.0.0.1:8444")
    get_settings.cache_clear()
    for who in (maria, anybody):
        for host in ({}, {"Host": "localhost:4200"}):
            told = who.get(WHO, headers=host).headers
            assert told["x-engine-host"] == "127.0.0.1:8444"
            assert told["x-desk-url"] == get_settings().staff_url


def test_pages_that_ask_for_news_keep_nobody_signed_in_and_opening_one_does(
    desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    opens, looks_on = desk("maria", Role.MANAGER), desk("mirek", Role.MANAGER)
    for _ in range(3):
        moment = clock.now() + timedelta(minutes=12)
        monkeypatch.setattr(clock, "now", lambda at=moment: at)
        opens.browser.get(WHO, headers={"Sec-Fetch-Mode": "navigate"})
        looks_on.browser.get(WHO, headers={"Sec-Fetch-Mode": "cors"})
    assert opens.browser.get(WHO).status_code == 204
    assert looks_on.browser.get(WHO).status_code == 401


def test_who_was_kept_out_is_led_back_to_the_page_and_to_no_other_site(
    desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    maria = desk("maria", Role.MANAGER).browser
    missing = maria.get("/biuro/przebiegi/v2/runs")
    assert missing.status_code == 404
    assert "EBOK_PREFECT_UI_URL" in missing.text
    assert "EBOK_PREFECT_UI_URL" in maria.get("/biuro/przeglad").text

    monkeypatch.setenv("EBOK_PREFECT_UI_URL", f"{get_settings().staff_url}:8444")
    get_settings.cache_clear()
    page = maria.get("/biuro/przebiegi/v2/runs?tab=a&x=1").text
    assert f'content="0; url={get_settings().staff_url}:8444/v2/runs?tab=a&amp;x=1"' in page
    for path in ("//other.example/", "/@other.example/", "/%0d%0a"):
        page = maria.get(f"/biuro/przebiegi{path}").text
        assert f'content="0; url={get_settings().staff_url}:8444/' in page
    assert "/biuro/przebiegi/v2/artifacts" in maria.get("/biuro/przeglad").text

    asked = browser().get("/biuro/przebiegi/v2/runs?tab=a", follow_redirects=False)
    assert asked.headers["location"] == "/biuro/logowanie?dalej=%2Fbiuro%2Fprzebiegi%2Fv2%2Fruns%3Ftab%3Da"
