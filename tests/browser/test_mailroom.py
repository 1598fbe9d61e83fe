"""The mailroom's page in a browser: it shows by itself what comes and goes, and says so when it cannot."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from benchmarks import office
from environment.settings import get_settings
from specimens import files
from tests.browser.conftest import Axe, SignedIn

EVERY = 10_000
"""Milliseconds between two looks."""


def test_it_shows_by_itself_what_comes_and_goes_and_is_never_calm_about_what_it_cannot_see(
    signed_in: SignedIn, axe: Axe
) -> None:
    inbox = get_settings().inbox
    inbox.mkdir(parents=True, exist_ok=True)
    page = signed_in("kasia", width=1024, height=768)
    page.clock.install()
    page.goto("/biuro/")
    headline = page.locator("#naglowek")
    expect(headline).to_have_text("Wszystko przyjęte")
    axe(page)

    page.get_by_role("link", name="Odśwież").focus()
    (inbox / "SKAN_0007.pdf").write_bytes(b"%PDF")
    page.clock.run_for(EVERY)
    expect(headline).to_have_text("Program przyjmuje pliki")
    expect(page.get_by_role("status")).to_have_text("Program przyjmuje pliki")
    expect(page.get_by_role("link", name="Odśwież")).to_be_focused()
    axe(page)

    (inbox / "SKAN_0007.pdf").unlink()
    tracking = office.received(files.letter(5), "SKAN_0007.pdf")
    page.clock.run_for(EVERY)
    expect(headline).to_have_text("Wszystko przyjęte")
    expect(page.get_by_role("row", name="SKAN_0007.pdf")).to_contain_text(tracking)

    def away(route: Route) -> None:
        route.abort()

    page.route("**/biuro/kancelaria", away)
    page.clock.run_for(EVERY)
    lost = page.get_by_role("alert")
    expect(lost).to_contain_text("Nie ma połączenia z programem")
    page.unroute("**/biuro/kancelaria", away)
    page.clock.run_for(EVERY)
    expect(lost).to_be_hidden()

    page.get_by_label("Nazwa pliku albo jej część").fill("skan 7")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Znalezione skany", exact=True)).to_be_focused()
    expect(page.get_by_role("link", name=tracking)).to_have_count(0)
