"""The clerk puts pages right and clears what is stuck, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect
from sqlalchemy import update

from benchmarks import office
from benchmarks.live import PHONE
from benchmarks.office import Paper
from confirmations.bounce_reasons import told_of
from confirmations.tables import Message, MessageState
from database.engine import transaction
from documents import loading
from documents.intake import receive_unusable
from documents.states import IntakeChannel, State
from review import queue
from review.queue import Clerk
from specimens.files import blank_page, joined, write
from tests.browser.conftest import Axe, SignedIn, listening


def test_pages_are_turned_split_off_and_joined_again_on_a_phone_without_scripts(signed_in: SignedIn, axe: Axe) -> None:
    tracking = office.received(joined(office.scanned(Paper()), blank_page()))
    office.read(tracking, Paper())
    with transaction() as session:
        loading.load(session, tracking).pages = [1, 2]
    office.judged(tracking)
    with transaction() as session:
        queue.claim(session, tracking, Clerk("ewa"))
    page = signed_in("ewa", width=PHONE[0], script=False)
    page.goto(f"/biuro/sprawy/{tracking}/strony")
    seen = page.get_by_role("img", name="Strona 1, powiększ")
    expect(seen).to_have_js_property("naturalHeight", 396)
    axe(page)

    page.get_by_role("button", name="Obróć stronę 1 w prawo").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Strona jest obrócona")
    expect(seen).to_have_js_property("naturalHeight", 198)

    page.get_by_role("button", name="Wydziel zaznaczone strony").click()
    expect(page.get_by_role("alert")).to_contain_text("Zaznacz strony")
    axe(page)
    page.get_by_label("Strona 2 do nowej sprawy").check()
    page.get_by_role("button", name="Wydziel zaznaczone strony").click()
    expect(page.get_by_role("status")).to_contain_text("osobną sprawą")
    child = page.get_by_role("status").get_by_role("link").inner_text()
    axe(page)
    page.get_by_role("radio", name=child).check()
    page.get_by_role("button", name="Dołącz strony").click()
    expect(page.get_by_role("status")).to_contain_text("dołączone")
    with transaction() as session:
        assert loading.load(session, tracking).pages == [1, 2]
        assert loading.load(session, child).at is State.DUPLICATE


def test_a_page_is_turned_beside_what_is_being_typed(signed_in: SignedIn) -> None:
    tracking = office.waiting()
    with transaction() as session:
        queue.claim(session, tracking, Clerk("ewa"))
    page = signed_in("ewa")
    page.goto(f"/biuro/sprawy/{tracking}")
    seen, email = page.get_by_role("img", name="Strona 1 dokumentu"), page.locator("#email")
    expect(seen).to_have_js_property("naturalHeight", 1980)
    email.fill("wpisane@example.com")
    listening(page)
    page.keyboard.press("Alt+R")
    expect(seen).to_have_js_property("naturalHeight", 990)
    expect(page.locator(".crop").first).to_have_js_property("complete", True)
    expect(email).to_have_value("wpisane@example.com")
    with transaction() as session:
        assert loading.load(session, tracking).turns == {"1": 1}


def test_what_is_stuck_is_cleared(signed_in: SignedIn, axe: Axe, tmp_path: Path) -> None:
    with transaction() as session:
        first, second = (
            receive_unusable(
                session,
                write(tmp_path / name, blank_page() + ending),
                channel=IntakeChannel.FOLDER,
                code="damaged",
                message="Plik jest uszkodzony.",
            ).tracking
            for name, ending in (("jeden.pdf", b"\n"), ("dwa.pdf", b"\n\n"))
        )
    page = signed_in("ewa", width=PHONE[0])
    page.goto("/biuro/do-wyjasnienia")
    axe(page)
    page.get_by_role("button", name=re.compile(f"Spróbuj jeszcze raz.*{first}")).click()
    expect(page.get_by_role("status")).to_contain_text("w ciągu minuty")

    page.get_by_text("Zamknij tę sprawę").click()
    page.get_by_label("Numer klienta").fill("99999999")
    page.get_by_role("button", name=re.compile(f"Zamknij sprawę.*{second}")).click()
    expect(page.get_by_role("alert")).to_contain_text("Nie ma klienta")
    expect(page.get_by_label("Numer klienta")).to_have_value("99999999")
    axe(page)
    page.get_by_label("Numer klienta").fill(office.people()[0]["customer_no"])
    page.get_by_role("button", name=re.compile(f"Zamknij sprawę.*{second}")).click()
    expect(page.get_by_role("status")).to_contain_text("wiadomość do klienta")
    expect(page.get_by_text("Nic nie czeka na wyjaśnienie")).to_be_visible()
    axe(page)
    with transaction() as session:
        states = [loading.load(session, tracking).at for tracking in (first, second)]
    assert states == [State.RECEIVED, State.REJECTED]


def test_a_message_that_came_back_is_printed_or_closed_with_a_reason(signed_in: SignedIn, axe: Axe) -> None:
    trackings = []
    for person in (0, 1):
        office.on_einvoice(person)
        trackings.append(office.online("einvoice_withdrawal", person))
        office.worked_off(trackings[-1])
    told = {"state": MessageState.BOUNCED.value, "last_error": f"unknown_user: {told_of('unknown_user')}"}
    with transaction() as session:
        session.execute(update(Message).where(Message.tracking.in_(trackings)).values(**told))
    page = signed_in("ewa")
    page.goto("/biuro/do-wyjasnienia")
    expect(page.get_by_text("Takiego adresu nie ma. Zapytaj klienta o właściwy adres.")).to_have_count(2)
    axe(page)

    page.get_by_role("button", name=re.compile(f"Wydrukuj jako list.*{trackings[0]}")).click()
    expect(page.get_by_role("status")).to_contain_text("List jest gotowy do druku")

    page.get_by_text(f"Zamknij bez wiadomości: sprawa {trackings[1]}").first.click()
    close = page.get_by_role("button", name=re.compile(f"Zamknij bez wiadomości.*{trackings[1]}"))
    close.click()
    expect(page.get_by_role("alert")).to_contain_text("Napisz, dlaczego")
    axe(page)
    page.get_by_label("Dlaczego klient nie dostanie tej wiadomości").fill("Powiedziano mu przez telefon.")
    close.click()
    expect(page.get_by_role("status")).to_contain_text("zamknięta")
    expect(page.get_by_text("Nic nie czeka na wyjaśnienie")).to_be_visible()
    page.goto(f"/biuro/sprawy/{trackings[1]}/historia")
    expect(page.get_by_text("zamknięto bez wysłania")).to_be_visible()
