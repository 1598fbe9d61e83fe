"""Links that prove an address, choosing a password, and what there is to download, on a phone and by keyboard."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from sqlalchemy import select

from benchmarks import office
from confirmations.tables import Message
from customers.tables import Proof
from database.engine import transaction
from environment.clock import now
from tests.browser.conftest import Axe

PASSWORD = "żółte kalosze w deszczu"


def sent_link(tracking: str) -> str:
    """The link in the newest message about a case."""
    with transaction() as session:
        newest = select(Message).where(Message.tracking == tracking).order_by(Message.id.desc()).limit(1)
        return str(session.scalars(newest).one().context["link"])


def test_a_sign_up_ends_with_a_password_chosen_by_keyboard_alone(page: Page, axe: Axe) -> None:
    tracking = office.online("ebok_signup")
    office.worked_off(tracking)
    page.goto(sent_link(tracking))
    axe(page)

    first = page.get_by_label("Nowe hasło", exact=True)
    first.focus()
    page.keyboard.type("krótkie")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page).to_have_title("Błąd: Wybierz hasło do eBOK – MZK")
    expect(first).to_have_attribute("aria-invalid", "true")
    axe(page)

    first.focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_label("Pokaż hasła")).to_be_checked()
    expect(first).to_have_attribute("type", "text")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Konto w eBOK jest aktywne")
    axe(page)


def test_a_link_that_ran_out_is_sent_again_and_used_without_script(page_without_script: Page, axe: Axe) -> None:
    page, tracking = page_without_script, office.online("ebok_signup")
    office.worked_off(tracking)
    with transaction() as session:
        session.scalars(select(Proof).where(Proof.tracking == tracking)).one().expires_at = now()
    page.goto(sent_link(tracking))
    axe(page)

    page.get_by_role("button", name="Wyślij nowy odnośnik").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Wysłaliśmy nowy odnośnik")
    expect(page.get_by_role("main")).to_contain_text("SPAM")
    axe(page)

    page.goto(sent_link(tracking))
    expect(page.get_by_label("Pokaż hasła")).to_be_hidden()
    page.get_by_label("Nowe hasło", exact=True).fill(PASSWORD)
    page.get_by_label("Nowe hasło jeszcze raz").fill(PASSWORD)
    page.get_by_role("button", name="Potwierdzam").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Konto w eBOK jest aktywne")
