"""What is no longer kept, at the desk and on the customer's page: it says so, and nothing breaks."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from access.staff import Role
from api.app import create_app
from api.case_access import Access, _signature
from benchmarks import office
from benchmarks.office import Paper
from confirmations.erasing import erase_message, messages_to
from database.engine import transaction
from documents import loading, transitions
from documents.erasing import ERASED, release_original
from documents.states import State
from documents.tables import Document
from environment import clock
from retention import files
from retention.documents import reduce
from specimens.files import joined
from tests.api.desk.staff import Desk


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\N{NO-BREAK SPACE}", " ")


def settled(tracking: str) -> None:
    with transaction() as session:
        transitions.move(
            session, loading.load(session, tracking), State.REJECTED, actor="machine", reason_code="not_ours"
        )


def erased(tracking: str) -> None:
    with transaction() as session:
        row = loading.load(session, tracking)
        reduce(session, row)
        release_original(session, row)
    files.erase_unclaimed()


@pytest.fixture
def ola(desk: Callable[..., Desk]) -> Desk:
    office.fill_register()
    return desk("ola", Role.SUPERVISOR)


def test_the_story_says_what_was_erased_and_offers_nothing_that_needs_it(ola: Desk) -> None:
    tracking = office.read(office.received(office.scanned(Paper())), Paper())
    settled(tracking)
    before = ola.browser.get(f"/biuro/sprawy/{tracking}/historia").text
    assert "Otwórz ponownie" in before and ERASED not in before
    erased(tracking)
    page = ola.browser.get(f"/biuro/sprawy/{tracking}/historia")
    assert page.status_code == 200
    told = text(page.text)
    assert f"Oryginał: {ERASED}." in told and f"Odczytane dane: {ERASED}." in told
    assert "Otwórz ponownie" not in told and "uszkodzony" not in told and "miniatura" not in page.text
    refused = ola.post(f"/biuro/sprawy/{tracking}/historia/otworz")
    assert refused.status_code == 409 and ERASED in text(refused.text)
    for address in ("strona/1.jpg", "miniatura/1.jpg", "oryginal"):
        answer = ola.browser.get(f"/biuro/sprawy/{tracking}/{address}")
        assert answer.status_code == 410, address
        assert ERASED in text(answer.text).lower(), address
    found = ola.browser.get("/biuro/szukaj", params={"numer": tracking})
    assert found.status_code == 200 and tracking in found.text


def test_of_a_batch_the_pages_of_the_case_that_is_kept_are_shown_and_no_others(ola: Desk) -> None:
    gone = office.read(
        office.received(joined(office.scanned(Paper()), office.scanned(Paper(person=1)))), Paper(), Paper(person=1)
    )
    with transaction() as session:
        kept = session.query(Document).filter_by(parent_tracking=gone).one().tracking
    settled(gone)
    erased(gone)
    assert ola.browser.get(f"/biuro/sprawy/{kept}/strona/2.jpg").status_code == 200
    assert ola.browser.get(f"/biuro/sprawy/{kept}/strona/1.jpg").status_code == 410
    whole = ola.browser.get(f"/biuro/sprawy/{kept}/oryginal")
    assert whole.status_code == 410 and "innej sprawy" in whole.text


def test_a_message_that_is_erased_is_told_as_one(ola: Desk) -> None:
    tracking = office.online("einvoice_acceptance")
    office.worked_off(tracking)
    with transaction() as session:
        for message in messages_to(session, frozenset({tracking})):
            erase_message(session, message)
    page = ola.browser.get(f"/biuro/sprawy/{tracking}/historia")
    assert page.status_code == 200
    assert f"Wiadomość: treść i adresat {ERASED}" in text(page.text)


def test_the_customers_page_says_it_too_and_so_does_the_receipt(sqlite_database: str) -> None:
    office.fill_register()
    tracking = office.online("einvoice_acceptance")
    office.worked_off(tracking)
    erased(tracking)
    browser = TestClient(create_app())
    until = str(int(clock.now().timestamp()) + 1000)
    cookie = f"{Access.SENDER}.{until}.{_signature(tracking, Access.SENDER, until)}"
    headers = {"Cookie": f"ebok_sprawa={cookie}"}
    page = browser.get(f"/sprawa/{tracking}", headers=headers)
    assert page.status_code == 200
    assert f"Dane i pliki z tej sprawy: {ERASED}." in text(page.text)
    assert str(office.people()[0]["name"]) not in page.text
    receipt = browser.get(f"/sprawa/{tracking}/potwierdzenie.pdf", headers=headers)
    assert receipt.status_code == 200 and receipt.content.startswith(b"%PDF-")
