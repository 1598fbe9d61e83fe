"""Signing in at a provider of identities in a real browser, from the desk and back to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from access.identities import set_way
from access.roles import SignInWay
from benchmarks import live
from benchmarks.live import WIDE
from benchmarks.office import add_sample_staff
from database.engine import transaction
from tests.browser.conftest import Axe, SignedIn
from tests.identity_provider import Provider, providing, use


@pytest.fixture
def provider(site: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Provider]:
    with providing() as running:
        running.asks = True
        use(running, monkeypatch, tmp_path, site, oidc_second_factor_amr="otp", oidc_name="konto gminy")
        yield running


@pytest.mark.parametrize("script", [True, False])
def test_a_clerk_goes_to_the_provider_and_comes_back_to_the_page_asked_for(
    browser: Browser, site: str, provider: Provider, axe: Axe, script: bool
) -> None:
    add_sample_staff("ewa")
    with transaction() as session:
        set_way(session, "ewa", SignInWay.EITHER, subject="osoba-1")
    with live.opened(browser, site, WIDE, {}, script=script) as page:
        page.goto("/biuro/szukaj")
        expect(page.get_by_role("heading", level=1)).to_have_text("Zaloguj się")
        axe(page)
        page.get_by_role("button", name="Zaloguj się przez konto gminy").click()
        expect(page.get_by_role("heading", name="Konto firmowe")).to_be_visible()
        assert page.url.startswith(provider.issuer)
        page.get_by_role("button", name="Dalej").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Szukaj")
        assert page.url == f"{site}/biuro/szukaj"
        page.get_by_role("button", name="Wyloguj").click()
        expect(page.get_by_role("status")).to_contain_text("nadal trwa")
        axe(page)


def test_a_stranger_reads_what_to_do_and_the_administrator_does_it(
    browser: Browser, site: str, provider: Provider, signed_in: SignedIn, axe: Axe
) -> None:
    add_sample_staff("olga")
    provider.claims = {"sub": "b7d6a1c2-osoba", "amr": ["otp"]}
    with live.opened(browser, site, WIDE, {}) as page:
        page.goto("/biuro/")
        page.get_by_role("button", name="Zaloguj się przez konto gminy").click()
        page.get_by_role("button", name="Dalej").click()
        expect(page.get_by_role("alert")).to_contain_text("b7d6a1c2-osoba")
        axe(page)
        adam: Page = signed_in("adam")
        adam.goto("/biuro/konta")
        axe(adam)
        row = adam.get_by_role("row").filter(has_text="olga")
        row.get_by_label("Identyfikator u dostawcy").fill("b7d6a1c2-osoba")
        row.get_by_label("Co wpuszcza").select_option("provider")
        row.get_by_role("button", name="Ustaw").click()
        expect(adam.get_by_role("status")).to_contain_text("Sposób logowania jest zmieniony")
        page.get_by_role("button", name="Zaloguj się przez konto gminy").click()
        page.get_by_role("button", name="Dalej").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Kolejka")
