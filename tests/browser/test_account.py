"""A customer's account as it is lived: from the link of the sign-up to paying, by keyboard and without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks import live, office
from environment.settings import get_settings
from tests.browser.conftest import Axe, OpenPage, listening

LOGIN = "klient0@example.com"


def test_a_sign_up_ends_signed_in_and_whoever_signed_out_comes_back_by_keyboard_alone(page: Page, axe: Axe) -> None:
    office.worked_off(office.online("ebok_signup", 4))
    page.goto(office.link_to(4))
    page.get_by_label("Nowe hasło", exact=True).fill(office.PASSWORD)
    page.get_by_label("Nowe hasło jeszcze raz").fill(office.PASSWORD)
    page.get_by_role("button", name="Potwierdzam adres i zapisuję hasło").click()
    page.get_by_role("link", name=re.compile("Przejdź.do.swojego.konta")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Twoje konto")
    expect(page.get_by_text(office.people()[4]["customer_no"])).to_be_visible()

    page.get_by_role("button", name="Wyloguj").click()
    expect(page.get_by_role("status")).to_contain_text("Wylogowano")
    page.goto("/ebok/faktury")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Zaloguj")
    listening(page)
    page.get_by_label("Adres e-mail").focus()
    page.keyboard.type(office.people()[4]["email"])
    page.keyboard.press("Tab")
    page.keyboard.type("nie to hasło")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    axe(page)
    listening(page)
    page.get_by_label("Hasło", exact=True).focus()
    page.keyboard.type(office.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Faktury")


def test_all_is_done_without_scripts_from_signing_in_to_a_form_that_is_filled_in(open_page: OpenPage) -> None:
    ((number, _),) = office.billed_accounts(months=2)
    page = open_page(script=False)
    page.goto("/ebok/")
    page.get_by_label("Adres e-mail").fill(LOGIN)
    page.get_by_label("Hasło", exact=True).fill(office.PASSWORD)
    page.get_by_role("button", name="Zaloguj się").click()
    page.get_by_role("link", name=re.compile("Wszystkie.faktury")).click()
    page.get_by_label("Pokaż", exact=True).select_option("do-zaplaty")
    page.get_by_role("button", name="Pokaż").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Faktury")
    page.get_by_role("link", name="Zużycie").click()
    expect(page.get_by_role("img")).to_be_visible()
    page.get_by_role("link", name="Zapłać", exact=True).click()
    expect(page.get_by_role("button", name="Kopiuj")).to_have_count(0)
    page.get_by_role("link", name="Przegląd").click()
    page.get_by_role("button", name=re.compile("Chcę.faktury")).click()
    expect(page.get_by_label("Numer klienta")).to_have_value(number)
    expect(page.get_by_label(re.compile("Adres e.mail do faktur"))).to_have_value(LOGIN)


def test_the_account_number_is_copied_by_one_click(open_page: OpenPage) -> None:
    ((number, _),) = office.billed_accounts(months=2)
    page = open_page(cookies={"ebok_konto": (office.account_session(number), "/ebok")})
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    office.owe(number, "250.00")
    page.goto("/ebok/zaplac")
    copied = page.locator("#rachunek").get_attribute("data-copied")
    page.get_by_role("button", name=re.compile("Kopiuj.*Numer")).click()
    expect(page.locator("#skopiowano")).to_have_text("Skopiowano.")
    assert page.evaluate("navigator.clipboard.readText()") == copied


def test_a_passkey_of_the_device_takes_the_place_of_the_password(browser: Browser, site: str, axe: Axe) -> None:
    named = site.replace("127.0.0.1", "localhost")  # a number is no name for which browsers make passkeys
    office.open_account(office.people()[0]["customer_no"], LOGIN)
    with pytest.MonkeyPatch.context() as patch, live.opened(browser, named, live.PHONE, {}) as page:
        patch.setenv("EBOK_PUBLIC_URL", named)
        get_settings.cache_clear()
        device = page.context.new_cdp_session(page)
        device.send("WebAuthn.enable")
        kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        present = {"isUserVerified": True, "automaticPresenceSimulation": True}
        device.send("WebAuthn.addVirtualAuthenticator", {"options": {**kind, **present}})
        page.goto("/ebok/konto/klucze")
        page.get_by_label("Adres e-mail").fill(LOGIN)
        page.get_by_label("Hasło", exact=True).fill(office.PASSWORD)
        page.get_by_role("button", name="Zaloguj się", exact=True).click()
        page.get_by_label("Nazwa klucza").fill("telefon")
        page.get_by_label("Twoje hasło").fill(office.PASSWORD)
        axe(page)
        page.get_by_role("button", name="Dalej").click()
        page.get_by_role("button", name=re.compile("Utwórz.klucz")).click()
        expect(page.get_by_role("status")).to_contain_text("Klucz jest dodany")
        axe(page)
        page.get_by_role("button", name="Wyloguj").click()
        page.goto("/ebok/zaloguj?dalej=/ebok/faktury")
        axe(page)
        page.get_by_role("button", name=re.compile("kluczem.dostępu")).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Faktury")
        page.evaluate("localStorage.setItem('ebok-formularz-ebok_signup', 'typed')")
        page.get_by_role("link", name="Konto", exact=True).click()
        page.get_by_role("button", name=re.compile("zapomnij.mnie")).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("nic już o Tobie nie pamięta")
        axe(page)
        assert page.evaluate("localStorage.length") == 0
        assert page.context.cookies() == []
