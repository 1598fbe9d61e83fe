"""The whole story of a document on one page, and what may still be done about it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from audit.tables import AuditEntry
from benchmarks import office
from benchmarks.office import Paper
from confirmations.tables import Message
from customers.tables import Proof
from database.engine import transaction
from documents import loading, splitting
from documents.splitting import FoundForm
from documents.states import State
from documents.values import correct, submission_of
from review import decisions, queue
from review.case_sheet import seen_of
from specimens.files import blank_page, joined
from tests.api.desk.staff import Desk


def text(answer: object) -> str:
    page = answer.text  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\N{NO-BREAK SPACE}", " ")


def audited(tracking: str) -> list[tuple[str, str]]:
    with transaction() as session:
        rows = session.query(AuditEntry).filter_by(subject=tracking).order_by(AuditEntry.id)
        return [(row.actor, row.action) for row in rows]


def rejected(tracking: str) -> None:
    ewa = queue.Clerk("ewa")
    with transaction() as session:
        queue.claim(session, tracking, ewa)
        seen = seen_of(loading.load(session, tracking))
        decisions.reject_as_not_ours(session, tracking, ewa, seen)


@pytest.fixture
def ola(desk: Callable[..., Desk]) -> Desk:
    office.fill_register()
    return desk()


def test_everything_that_happened_to_a_document_is_told_on_one_page(ola: Desk) -> None:
    tracking = office.online("einvoice_acceptance")
    office.worked_off(tracking)
    row = office.people()[0]
    with transaction() as session:
        link = session.query(Message).filter_by(tracking=tracking).one().context["link"]

    page = ola.browser.get(f"/biuro/sprawy/{tracking}/historia")
    told = text(page)

    assert row["name"] in told and row["customer_no"] in told
    assert f"{row['name']} klient" in told
    assert "zmieniono rejestr" in told
    assert "wysłano wiadomość" in told
    assert "załatwione" in told
    assert link not in page.text
    assert link.rsplit("/", 1)[1] not in page.text, "who has the link could prove another's address"


def test_a_pesel_is_masked_until_a_clerk_asks_and_then_the_audit_says_who(ola: Desk) -> None:
    tracking = office.waiting(Paper(read={"pesel": "44051401359"}))
    pesels = (office.people()[0]["pesel"], "44051401359")
    address = f"/biuro/sprawy/{tracking}/historia"

    assert not any(pesel in ola.browser.get(address).text for pesel in pesels)
    assert ola.browser.post(address).status_code == 403
    assert audited(tracking)[-1][1] != "revealed"
    shown = ola.post(address)

    assert "44051401359" in shown.text
    assert audited(tracking)[-1] == ("clerk:ola", "revealed")
    assert not any(pesel in ola.browser.get(address).text for pesel in pesels)


def test_a_correction_stands_beside_what_was_read(ola: Desk) -> None:
    tracking = office.waiting(Paper(doubtful=("email",)))
    with transaction() as session:
        document = loading.load(session, tracking)
        before = submission_of(session, document).text("email")
        correct(session, document, "email", "poprawiony@example.com", "ola")
    told = text(ola.browser.get(f"/biuro/sprawy/{tracking}/historia"))
    assert "poprawiony@example.com biuro, Ola Wymyślona" in told
    assert f"{before} (pismo ręczne, 61%)" in told


def test_what_was_rejected_can_be_opened_again_and_what_is_done_cannot(ola: Desk) -> None:
    waiting, done = office.waiting(), office.online("einvoice_acceptance", 1)
    office.worked_off(done)
    rejected(waiting)

    assert "Otwórz ponownie" in ola.browser.get(f"/biuro/sprawy/{waiting}/historia").text
    assert "Otwórz ponownie" not in ola.browser.get(f"/biuro/sprawy/{done}/historia").text
    assert "znowu w kolejce" in text(ola.post(f"/biuro/sprawy/{waiting}/historia/otworz"))
    assert ola.post(f"/biuro/sprawy/{done}/historia/otworz").status_code == 409
    with transaction() as session:
        assert loading.load(session, waiting).at is State.IN_REVIEW
        assert loading.load(session, done).at is State.CONFIRMED


def test_a_link_that_nobody_used_is_sent_again_and_the_old_one_ends(ola: Desk) -> None:
    tracking = office.online("einvoice_acceptance")
    office.worked_off(tracking)
    assert "nowy odnośnik" in text(ola.post(f"/biuro/sprawy/{tracking}/historia/odnosnik")).lower()
    office.worked_off(tracking)
    with transaction() as session:
        assert [proof.void for proof in session.query(Proof).order_by(Proof.id)] == ["replaced", None]
    assert ("clerk:ola", "link_sent_again") in audited(tracking)
    assert len(office.mails_to(office.people()[0]["email"])) == 2
    assert ola.post(f"/biuro/sprawy/{office.online('einvoice_withdrawal', 2)}/historia/odnosnik").status_code == 409


def test_a_message_of_an_earlier_program_does_not_hide_the_story(ola: Desk) -> None:
    tracking = office.online("einvoice_acceptance")
    office.worked_off(tracking)
    with transaction() as session:
        message = session.query(Message).filter_by(tracking=tracking).one()
        message.template, message.last_error = "gone", "smtp_refused: Serwer poczty odmówił."
    told = text(ola.browser.get(f"/biuro/sprawy/{tracking}/historia"))
    assert "z wcześniejszej wersji programu" in told
    assert "Serwer poczty odmówił." in told and "smtp_refused" not in told


def test_a_story_of_no_document_is_not_found(ola: Desk) -> None:
    assert ola.browser.get("/biuro/sprawy/K7M4-PX9A/historia").status_code == 404


def test_the_story_says_to_which_case_each_page_of_the_file_went(ola: Desk) -> None:
    tracking = office.received(joined(*(blank_page() for _ in range(4))))
    parts = [FoundForm(None, None, pages, None, "scan") for pages in ((1,), (3, 4))]
    with transaction() as session:
        first, second = (
            each.tracking
            for each in splitting.split(session, loading.load(session, tracking), parts, ignored_pages=[2])
        )

    told = text(ola.browser.get(f"/biuro/sprawy/{first}/historia")).replace(" ;", ";")
    assert f"Strony pliku 1: ta sprawa; 2: pusta albo przekładka; 3, 4: {second}" in told
    told = text(ola.browser.get(f"/biuro/sprawy/{second}/historia")).replace(" ;", ";")
    assert f"Strony pliku 1: {first}; 2: pusta albo przekładka; 3, 4: ta sprawa" in told
