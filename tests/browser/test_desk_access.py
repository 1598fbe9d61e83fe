"""Staff at the door of the desk, at its search and at the story of a document, in a real Chromium."""

from __future__ import annotations

import io
import re

import pyotp
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from benchmarks import office
from benchmarks.office import Paper
from tests.browser.conftest import Axe, OpenPage, SignedIn


def test_staff_sign_in_by_keyboard_and_out_again(open_page: OpenPage, axe: Axe) -> None:
    office.add_sample_staff("ewa")
    page = open_page()
    page.goto("/biuro/szukaj")
    expect(page).to_have_title("Zaloguj się – Biuro MZK")
    axe(page)

    page.get_by_label("Login").focus()
    page.keyboard.type("ewa")
    page.keyboard.press("Tab")
    page.keyboard.type("nie to hasło")
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("^Błąd: "))
    expect(page.get_by_role("alert")).to_be_focused()
    axe(page)

    page.get_by_label("Hasło").fill(office.PASSWORD)
    page.get_by_label("Pokaż, co wpisuję").check()
    expect(page.get_by_label("Hasło")).to_have_attribute("type", "text")
    page.get_by_label("Pokaż, co wpisuję").uncheck()
    expect(page.get_by_label("Hasło")).to_have_attribute("type", "password")
    page.get_by_label("Hasło").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Szukaj")
    page.get_by_role("link", name="Ewa Kwiatek").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Twoje hasło")
    page.get_by_label("Pokaż, co wpisuję").check()
    expect(page.locator("input[type=text]")).to_have_count(3)
    axe(page)
    page.get_by_role("button", name="Wyloguj").click()
    expect(page.get_by_role("status")).to_have_text("Wylogowano.")


def test_a_supervisor_sets_up_the_second_factor_by_keyboard_and_without_script(open_page: OpenPage, axe: Axe) -> None:
    office.add_sample_staff("jan")
    page = open_page(script=False)
    sign_in(page, "jan", "/biuro/szukaj")
    expect(page.get_by_role("heading", level=1)).to_have_text("Drugi składnik logowania")
    axe(page)
    secret = page.locator("#klucz").inner_text().replace(" ", "")
    pictured = Image.open(io.BytesIO(page.get_by_role("img").screenshot()))
    assert f"secret={secret}" in zxingcpp.read_barcodes(pictured)[0].text

    page.get_by_label("Kod z aplikacji").focus()
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("^Błąd: "))
    assert page.locator("#klucz").inner_text().replace(" ", "") == secret
    axe(page)
    page.get_by_label("Kod z aplikacji").fill(pyotp.TOTP(secret).now())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Drugi składnik jest włączony")
    axe(page)
    codes = page.locator(".codes code").all_inner_texts()
    page.get_by_role("link", name="Mam je").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kolejka")

    elsewhere = open_page(script=False)
    sign_in(elsewhere, "jan", "/biuro/szukaj")
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Kod z aplikacji")
    axe(elsewhere)
    elsewhere.keyboard.type(codes[0])
    elsewhere.keyboard.press("Enter")
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Szukaj")

    page.goto("/biuro/zalogowania")
    expect(page.get_by_role("row")).to_have_count(3)
    axe(page)
    page.get_by_role("button", name=re.compile("^Zakończ.*Chrome")).click()
    expect(page.get_by_role("status")).to_have_text("Zalogowanie jest zakończone.")
    elsewhere.reload()
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Zaloguj się")


def sign_in(page: Page, login: str, after: str) -> None:
    page.goto(after)
    page.get_by_label("Login").fill(login)
    page.get_by_label("Hasło").fill(office.PASSWORD)
    page.keyboard.press("Enter")


def test_an_administrator_adds_an_account_whose_owner_chooses_a_password(
    signed_in: SignedIn, open_page: OpenPage, axe: Axe
) -> None:
    page = signed_in("adam")
    page.goto("/biuro/konta")
    axe(page)
    page.get_by_label("Login").fill("nowa")
    page.get_by_label("Imię i nazwisko").fill("Nowa Osoba")
    page.get_by_role("button", name="Załóż konto").click()
    given = page.locator(".secret").inner_text()
    axe(page)

    newcomer = open_page()
    newcomer.goto("/biuro/")
    newcomer.get_by_label("Login").fill("nowa")
    newcomer.get_by_label("Hasło").fill(given)
    newcomer.keyboard.press("Enter")
    expect(newcomer.get_by_role("heading", level=1)).to_have_text("Twoje hasło")
    newcomer.get_by_label("Obecne hasło").fill(given)
    for label in ("Nowe hasło", "Nowe hasło jeszcze raz"):
        newcomer.get_by_label(label, exact=True).fill("cztery żółte rowery")
    newcomer.get_by_role("button", name="Zmień hasło").click()
    expect(newcomer.get_by_role("heading", level=1)).to_have_text("Kolejka")


def _search(page: Page, label: str, typed: str, button: str) -> None:
    page.goto("/biuro/szukaj")
    page.get_by_label(label).fill(typed)
    page.get_by_role("button", name=button).click()


def test_from_a_name_to_the_story_of_a_document(signed_in: SignedIn, axe: Axe) -> None:
    tracking = office.online("einvoice_acceptance", 3)
    office.worked_off(tracking)
    customer = office.people()[3]
    page = signed_in("ewa", width=360, height=740)

    _search(page, "Nazwisko albo nazwa firmy", customer["name"].split()[-1], "Szukaj klienta")
    axe(page)
    page.get_by_role("link", name=re.compile(rf"Sprawy \(1\).*{customer['name']}")).click()
    found = page.get_by_role("link", name=tracking)
    expect(found).to_be_visible()
    axe(page)
    found.click()

    expect(page.get_by_role("heading", level=1)).to_have_text(f"Historia sprawy {tracking}")
    page.get_by_text("Treść").click()
    page.get_by_text("Dziennik").click()
    axe(page)


def test_the_story_of_a_paper_shows_its_page_and_its_pesel_on_demand(signed_in: SignedIn, axe: Axe) -> None:
    tracking, pesel = office.waiting(Paper(person=1)), office.people()[1]["pesel"]
    page = signed_in("jan")
    _search(page, "Numer sprawy", tracking.lower().replace("-", " "), "Szukaj spraw")

    expect(page).to_have_url(re.compile(f"{tracking}/historia$"))
    picture = page.get_by_role("img", name="Strona 1")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 100
    expect(page.get_by_text(pesel)).to_have_count(0)
    page.get_by_role("button", name="Pokaż PESEL").click()
    expect(page.get_by_text(pesel).first).to_be_visible()
    axe(page)
