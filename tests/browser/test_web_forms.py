"""Customers fill in forms: on a phone, without JavaScript, by keyboard alone."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect
from sqlalchemy import select

from benchmarks import office
from database.engine import transaction
from documents.tables import Document
from forms.catalogue import form_by_code
from forms.web import asked_online
from tests.browser.conftest import Axe, OpenPage

CODE = "einvoice_acceptance"
CASE = re.compile(r"/sprawa/[0-9A-Z]{4}-[0-9A-Z]{4}$")
NEXT, SEND = "Dalej: sprawdź dane", "Oświadczam i wysyłam"


def typed() -> dict[str, str]:
    """What a customer types into the fields, ticks left out."""
    form, values = form_by_code(CODE), office.values(CODE)
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, str) and name in form and asked_online(form[name])
    }


def fill(page: Page, values: dict[str, str]) -> None:
    for name, value in values.items():
        page.locator(f"#{name}").fill(value)


def trackings() -> list[str]:
    with transaction() as session:
        return list(session.scalars(select(Document.tracking)))


def test_a_form_is_chosen_filled_in_and_sent_once_on_a_phone(page: Page, axe: Axe) -> None:
    page.goto("/")
    axe(page)
    page.get_by_role("link", name="Akceptacja faktur elektronicznych").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Akceptacja faktur elektronicznych")
    axe(page)

    place = page.locator("#nip").evaluate("element => element.getBoundingClientRect().top + scrollY")
    page.locator("#pesel").fill("44051401358")
    page.locator("#pesel").blur()
    expect(page.locator("#pesel-blad")).to_have_text(re.compile("Ten numer jest błędny"))
    assert page.locator("#nip").evaluate("element => element.getBoundingClientRect().top + scrollY") == place

    fill(page, {**typed(), "email": "ala@"})
    expect(page.locator("#pesel-blad")).to_be_empty()
    page.get_by_role("button", name=NEXT).click()
    expect(page).to_have_title(re.compile(r"^Błąd: "))
    expect(page.locator(".error-summary")).to_be_focused()
    axe(page)
    page.get_by_role("link", name="Zaznacz: Akceptuję").click()
    expect(page.locator("#accept_terms")).to_be_focused()
    page.keyboard.press("Space")
    page.locator("#email").fill(typed()["email"])
    page.get_by_role("button", name=NEXT).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Sprawdź, zanim wyślesz")
    axe(page)
    page.get_by_role("link", name="Zmień Imię i nazwisko").click()
    expect(page.locator("#name")).to_be_focused()
    expect(page.locator("#name")).to_have_value(typed()["name"])
    page.get_by_role("button", name=NEXT).click()
    page.get_by_role("button", name=SEND).dblclick()
    expect(page).to_have_url(CASE)
    case = page.url

    page.reload()
    page.go_back()
    expect(page).to_have_url(case)
    assert trackings() == [case.rpartition("/")[2]]


def test_a_form_is_kept_for_later_and_sent_without_javascript(
    page_without_script: Page, open_page: OpenPage, axe: Axe
) -> None:
    page = page_without_script
    page.goto(f"/formularze/{CODE}")
    page.get_by_role("button", name=NEXT).click()
    expect(page.locator(".error-summary")).to_be_focused()
    axe(page)
    fill(page, {"name": "Janina Wymyślona"})
    page.get_by_role("button", name="Zapisz i dokończ później").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Formularz jest zapisany")
    expect(page.get_by_role("button", name="Skopiuj")).to_be_hidden()
    axe(page)
    address = page.get_by_label("Adres Twojego formularza").input_value()

    elsewhere = open_page(script=False)
    elsewhere.goto(address)
    expect(elsewhere.locator("#name")).to_have_value("Janina Wymyślona")
    fill(elsewhere, typed())
    elsewhere.locator("#accept_terms").check()
    elsewhere.get_by_role("button", name=NEXT).click()
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Sprawdź, zanim wyślesz")
    elsewhere.go_back()
    expect(elsewhere.locator("#email")).to_have_value(typed()["email"])
    elsewhere.get_by_role("button", name=NEXT).click()
    elsewhere.get_by_role("button", name=SEND).click()
    expect(elsewhere).to_have_url(CASE)

    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ten formularz jest już wysłany")
    axe(page)
    assert len(trackings()) == 1


def test_a_form_is_filled_in_and_sent_by_keyboard_alone(wide_page: Page, axe: Axe) -> None:
    page = wide_page
    page.goto(f"/formularze/{CODE}")
    axe(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Przejdź do treści")).to_be_focused()
    page.keyboard.press("Enter")

    given = {**typed(), "accept_terms": " "}
    for name, value in given.items():
        tab_to(page, f"#{name}")
        page.keyboard.type(value)
    expect(page.locator("#accept_terms")).to_be_checked()
    page.keyboard.press("Tab")
    tab_to(page, f"button:has-text('{NEXT}')")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sprawdź, zanim wyślesz")
    axe(page)
    tab_to(page, f"button:has-text('{SEND}')")
    page.keyboard.press("Enter")

    expect(page).to_have_url(CASE)


def test_the_address_of_a_kept_form_is_copied(page: Page, axe: Axe) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/formularze/{CODE}")
    page.get_by_role("button", name="Zapisz i dokończ później").click()
    copying = page.get_by_role("button", name="Skopiuj adres")
    expect(copying).to_be_visible()
    axe(page)
    copying.click()
    expect(page.get_by_text("Skopiowano adres")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.get_by_label("Adres Twojego formularza").input_value()


def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until the focus is there; it never goes back."""
    for _ in range(40):
        if page.locator(wanted).evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {wanted}")


def test_what_is_typed_outlives_a_reload_and_a_closed_tab_until_the_server_has_it(page: Page, axe: Axe) -> None:
    page.goto(f"/formularze/{CODE}")
    page.locator("#name").fill("Janina Wymyślona")
    page.locator("#accept_terms").check()
    page.reload()
    expect(page.get_by_role("status").first).to_contain_text("Wpisaliśmy z powrotem")
    expect(page.locator("#name")).to_have_value("Janina Wymyślona")
    expect(page.locator("#accept_terms")).to_be_checked()
    axe(page)
    tab = page.context.new_page()
    page.close()
    tab.goto(f"/formularze/{CODE}")
    expect(tab.locator("#name")).to_have_value("Janina Wymyślona")

    tab.get_by_role("button", name="Zapisz i dokończ później").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Formularz jest zapisany")
    assert tab.evaluate("localStorage.length") == 0, "the server has it"
    tab.get_by_role("link", name="Wypełniaj dalej teraz").click()
    tab.locator("#street").fill("Wodna")
    tab.reload()
    expect(tab.locator("#street")).to_have_value("Wodna")
    tab.get_by_role("button", name="Skasuj i zacznij od nowa").click()
    expect(tab.locator("#name")).to_have_value("")
    assert tab.evaluate("localStorage.length") == 0


def test_a_shared_computer_keeps_nothing_when_told_so(page: Page) -> None:
    page.goto(f"/formularze/{CODE}")
    page.locator("#name").fill("Janina Wymyślona")
    page.get_by_role("button", name="To wspólny komputer: nie zapamiętuj").click()
    page.locator("#street").fill("Wodna")
    page.reload()
    expect(page.get_by_text("Ta przeglądarka nie zapamiętuje")).to_be_visible()
    expect(page.locator("#name")).to_have_value("")
    assert "Wymyślona" not in page.evaluate("JSON.stringify(localStorage)")
    page.get_by_role("button", name="Zapamiętuj", exact=True).click()
    page.locator("#street").fill("Wodna")
    page.reload()
    page.get_by_role("button", name="Usuń to i zacznij od pustego").click()
    expect(page.locator("#street")).to_have_value("")
    expect(page.locator("#przywrocone")).to_be_hidden()
