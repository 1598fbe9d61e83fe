"""What is stuck: told with its reason, tried again for good, put away, and nothing is done twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from benchmarks import office
from confirmations import outbox
from confirmations.overview import messages_of
from confirmations.tables import Message, MessageState
from database import clock
from database.engine import transaction
from database.settings import get_settings
from documents import register
from documents.folder import ScanFolder
from documents.intake import receive_unusable
from documents.states import Channel, State
from documents.tables import Document
from ocr.pages import check_whole
from review import troubles
from review.decisions import RefusedError
from review.queue import Clerk
from review.troubles import Troubles
from specimens.files import blank_page, write

EWA = Clerk("ewa")


@pytest.fixture(autouse=True)
def _office(database: str) -> None:
    office.fill_register()


def _found() -> Troubles:
    with transaction() as session:
        return troubles.troubles(session)


def _quarantined(folder: Path, data: bytes | None = None) -> str:
    path = write(folder / "SKAN_7.pdf", blank_page() if data is None else data)
    with transaction() as session:
        return receive_unusable(session, path, channel=Channel.FOLDER, code="damaged", message="Zły plik.").tracking


def _state(tracking: str) -> State:
    with transaction() as session:
        return register.load(session, tracking).at


def _claimed() -> list[str]:
    with transaction() as session:
        return register.claim_open(session, "a worker", 10)


def test_a_document_whose_attempts_are_used_up_is_carried_out_after_all() -> None:
    tracking = office.online("einvoice_withdrawal")
    with transaction() as session:
        session.execute(update(Document).values(attempts=get_settings().max_attempts, last_fault="OSError"))
    (stuck,) = _found().stuck
    assert (stuck.tracking, stuck.code, _claimed()) == (tracking, "OSError", [])
    with transaction() as session:
        troubles.retry(session, tracking, EWA)
    assert _found().total == 0
    assert _claimed() == [tracking]
    assert office.worked_off(tracking) is not State.RECEIVED
    with transaction() as session:
        story = register.story(session, tracking)
    assert ("clerk:ewa", "unstuck") in [(entry["actor"], entry["action"]) for entry in story["audit"]]


def test_a_quarantined_file_is_read_again(tmp_path: Path) -> None:
    tracking = _quarantined(tmp_path)
    (told,) = _found().quarantined
    assert (told.tracking, told.reason, told.file_name, told.has_original) == (
        tracking,
        "Zły plik.",
        "SKAN_7.pdf",
        True,
    )
    with transaction() as session:
        troubles.retry(session, tracking, EWA)
    assert _claimed() == [tracking]
    assert office.worked_off(tracking) is State.IN_REVIEW
    with pytest.raises(RefusedError), transaction() as session:
        troubles.retry(session, tracking, EWA)


@pytest.mark.parametrize("person", [None, 1])
def test_a_quarantined_file_is_put_away_with_or_without_a_message(tmp_path: Path, person: int | None) -> None:
    tracking = _quarantined(tmp_path)
    number = "" if person is None else office.people()[person]["customer_no"]
    with transaction() as session:
        assert troubles.close(session, tracking, EWA, note="Brak kartki", customer_no=number) is (person is not None)
    assert _state(tracking) is State.REJECTED
    with transaction() as session:
        document, messages = register.load(session, tracking), messages_of(session, tracking)
    assert (document.reason_code, document.customer_no) == ("damaged", number or None)
    assert "Brak kartki" in (document.reason or "")
    assert [message["template"] for message in messages] == ([] if person is None else ["incomplete_unreadable"])
    with pytest.raises(RefusedError), transaction() as session:
        troubles.close(session, tracking, EWA, customer_no=number)


def test_nobody_is_told_for_a_number_that_nobody_has(tmp_path: Path) -> None:
    tracking = _quarantined(tmp_path)
    with pytest.raises(RefusedError), transaction() as session:
        troubles.close(session, tracking, EWA, customer_no="99999999")
    assert _state(tracking) is State.QUARANTINED


@pytest.mark.parametrize("arrived", [True, False])
def test_an_uncertain_message_is_sent_again_or_taken_for_sent(arrived: bool) -> None:
    tracking = office.online("einvoice_acceptance")
    office.worked_off(tracking)
    address = office.people()[0]["email"]
    assert len(office.mails_to(address)) == 1
    for mail in get_settings().outgoing.rglob("*.eml"):
        mail.unlink()
    with transaction() as session:
        session.execute(update(Message).values(state=MessageState.UNCERTAIN.value, last_error="timeout: Nie wiadomo."))
    key = _found().messages[0]["key"]
    with transaction() as session:
        (troubles.mark_sent if arrived else troubles.send_again)(session, key, EWA)
    with pytest.raises(RefusedError), transaction() as session:
        troubles.mark_sent(session, key, EWA)
    outbox.deliver()
    with transaction() as session:
        assert {one["state"] for one in messages_of(session, tracking)} == {"sent"}
        story = register.story(session, tracking)
    assert _found().messages == ()
    assert len(office.mails_to(address)) == (0 if arrived else 1)
    action = "message_marked_sent" if arrived else "message_sent_again"
    assert ("clerk:ewa", action) in [(entry["actor"], entry["action"]) for entry in story["audit"]]


def test_a_file_that_the_scan_folder_keeps_is_told_by_name_and_reason() -> None:
    inbox = get_settings().inbox
    inbox.mkdir()
    write(inbox / "SKAN_8.pdf", b"%PDF-1.4 and no end")
    ScanFolder().take(check_whole)
    ScanFolder(now=lambda: clock.now() + timedelta(seconds=20)).take(check_whole)
    (waiting,) = _found().files
    assert troubles.names_in_folder()[waiting.path_key] == "SKAN_8.pdf"
    assert "niepełny" in waiting.reason
