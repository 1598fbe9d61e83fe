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
from database.engine import transaction
from documents import leases, loading, summaries, transitions
from documents.folder import ScanFolder
from documents.intake import receive_unusable
from documents.sightings import key_of
from documents.states import IntakeChannel, State
from documents.tables import CHECK_FAILED, Document, Sighting
from environment import clock
from environment.settings import get_settings
from ocr.files.opening import check_whole
from review import messages, troubles
from review.decisions import RefusedError
from review.queue import Clerk
from review.troubles import Troubles
from specimens.files import blank_page, write

EWA = Clerk("ewa")


@pytest.fixture(autouse=True)
def _office(sqlite_database: str) -> None:
    office.fill_register()


def _found() -> Troubles:
    with transaction() as session:
        return troubles.troubles(session)


def _quarantined(folder: Path, data: bytes | None = None) -> str:
    path = write(folder / "SKAN_7.pdf", blank_page() if data is None else data)
    with transaction() as session:
        return receive_unusable(
            session, path, channel=IntakeChannel.FOLDER, code="damaged", message="Zły plik."
        ).tracking


def _state(tracking: str) -> State:
    with transaction() as session:
        return loading.load(session, tracking).at


def _claimed() -> list[str]:
    with transaction() as session:
        return leases.claim_open(session, "a worker", 10)


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
        story = summaries.story(session, tracking)
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
        document, sent = loading.load(session, tracking), messages_of(session, tracking)
    assert (document.reason_code, document.customer_no) == ("damaged", number or None)
    assert "Brak kartki" in (document.reason or "")
    assert [message["template"] for message in sent] == ([] if person is None else ["incomplete_unreadable"])
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
        (messages.mark_sent if arrived else messages.send_again)(session, key, EWA)
    with pytest.raises(RefusedError), transaction() as session:
        messages.mark_sent(session, key, EWA)
    outbox.deliver()
    with transaction() as session:
        assert {one["state"] for one in messages_of(session, tracking)} == {"sent"}
        story = summaries.story(session, tracking)
    assert _found().messages == ()
    assert len(office.mails_to(address)) == (0 if arrived else 1)
    action = "message_marked_sent" if arrived else "message_sent_again"
    assert ("clerk:ewa", action) in [(entry["actor"], entry["action"]) for entry in story["audit"]]


def _bounced() -> tuple[str, str]:
    """A document of which no message arrived; its tracking and the message's key."""
    office.on_einvoice(0)
    tracking = office.online("einvoice_withdrawal")
    office.worked_off(tracking)
    bounced = {"state": MessageState.BOUNCED.value, "last_error": "refused: Odrzucona."}
    with transaction() as session:
        session.execute(update(Message).where(Message.tracking == tracking).values(**bounced))
        session.execute(update(Document).where(Document.tracking == tracking).values(state=State.APPLIED))
    return tracking, _found().messages[0]["key"]


def test_a_message_that_nobody_gets_is_closed_with_its_reason_and_ends_its_document() -> None:
    tracking, key = _bounced()
    for words in (" ", "PESEL 44051401359"):
        with transaction() as session, pytest.raises(RefusedError):
            messages.close_message(session, key, EWA, words)
    with transaction() as session:
        messages.close_message(session, key, EWA, "Powiedziano przez telefon.")
    with transaction() as session:
        document = loading.load(session, tracking)
        story = summaries.story(session, tracking)
    assert (document.at, document.reason) == (State.CONFIRMED, "Zamknięto bez wiadomości: Powiedziano przez telefon.")
    assert ("clerk:ewa", "message_closed") in [(entry["actor"], entry["action"]) for entry in story["audit"]]
    assert _found().messages == ()
    with transaction() as session, pytest.raises(RefusedError):
        messages.close_message(session, key, EWA, "Jeszcze raz.")


def test_a_letter_takes_the_place_of_an_email_that_came_back() -> None:
    tracking, key = _bounced()
    with transaction() as session:
        messages.print_message(session, key, EWA)
    outbox.deliver(transaction, tracking)
    with transaction() as session:
        (message,) = messages_of(session, tracking)
    assert (message["channel"], message["state"]) == ("letter", "sent")
    with transaction() as session, pytest.raises(RefusedError):
        messages.print_message(session, key, EWA)


def test_a_file_that_the_scan_folder_keeps_is_told_by_name_and_reason() -> None:
    inbox = get_settings().inbox
    inbox.mkdir()
    write(inbox / "SKAN_8.pdf", b"%PDF-1.4 and no end")
    ScanFolder().take(check_whole)
    ScanFolder(now=lambda: clock.now() + timedelta(seconds=20)).take(check_whole)
    (waiting,) = _found().files
    assert troubles.names_in_folder()[waiting.path_key] == "SKAN_8.pdf"
    assert "niepełny" in waiting.reason


def _sighted(name: str, minutes: float, **state: object) -> str:
    """A file of the scan folder as the sweeps have left it; the key of its path."""
    path, at = get_settings().inbox / name, clock.now() - timedelta(minutes=minutes)
    with transaction() as session:
        row = {"folder_key": key_of(path.parent), "path_key": key_of(path), "size": 1, "mtime_ns": 1}
        session.add(Sighting(**row, first_seen=at, **{"unchanged_since": at, **state}))
    return key_of(path)


def test_what_a_file_waits_for_is_told_in_words_the_oldest_first() -> None:
    newest = _sighted("a.pdf", 1, waiting_for="no_permission", attempts=3)
    oldest = _sighted("b.pdf", 9, waiting_for=CHECK_FAILED)
    other = _sighted("c.pdf", 5, waiting_for="something new")
    _sighted("d.pdf", 7)
    lease = get_settings().lease_seconds
    kept = _sighted("e.pdf", 3, settled=True, tracking="K7M4-PX9A")
    _sighted("f.pdf", 4, settled=True, tracking="K7M4-PX9B", unchanged_since=clock.now())
    with transaction() as session:
        long_ago = clock.now() - timedelta(seconds=lease + 5)
        session.execute(update(Sighting).where(Sighting.path_key == kept).values(unchanged_since=long_ago))
    files = _found().files
    assert [one.path_key for one in files] == [oldest, other, kept, newest]
    assert [(one.code, one.taken_as, one.attempts) for one in files] == [
        (CHECK_FAILED, None, 0), ("something new", None, 0), (None, "K7M4-PX9A", 0), ("no_permission", None, 3),
    ]  # fmt: skip
    words = ("z winy programu", "Program próbuje dalej", "Usuń go", "prawo odczytu")
    assert all(word in one.reason for word, one in zip(words, files, strict=True))


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("message_not_sent", "nie udało się wysłać"), ("OriginalError", "nie ma w magazynie plików"),
        (None, "Program przerywano"), ("ValueError", "Program napotkał błąd"),
    ],
)  # fmt: skip
def test_why_a_document_is_stuck_is_told_in_words(fault: str | None, told: str) -> None:
    tracking = office.online("einvoice_withdrawal")
    with transaction() as session:
        tries = get_settings().max_attempts
        session.execute(update(Document).values(attempts=tries, last_fault=fault, reason="Inny.", reason_code="other"))
        received = loading.load(session, tracking).received_at
    found = _found()
    (stuck,) = found.stuck
    assert (stuck.tracking, stuck.state, stuck.since, stuck.channel) == (tracking, State.RECEIVED, received, "web")
    assert (stuck.attempts, stuck.code, stuck.file_name) == (tries, fault or "worker_lost", None)
    assert told in stuck.reason
    assert (found.quarantined, found.total, found.files, found.messages) == ((), 1, (), ())


def test_a_document_tried_again_is_nobodys_and_one_that_is_not_stuck_is_refused() -> None:
    stuck, sound = office.online("einvoice_withdrawal"), office.online("einvoice_withdrawal", 1)
    later = clock.now() + timedelta(hours=1)
    with transaction() as session:
        values = {"attempts": get_settings().max_attempts, "lease_until": clock.now() - timedelta(seconds=1)}
        session.execute(update(Document).where(Document.tracking == stuck).values(**values, lease_owner="a worker"))
        session.execute(update(Document).where(Document.tracking == sound).values(lease_until=later))
    with transaction() as session:
        troubles.retry(session, stuck, EWA)
        document = loading.load(session, stuck)
        session.refresh(document)
        assert (document.lease_owner, document.lease_until, document.attempts) == (None, None, 0)
    for tracking in (stuck, sound):
        with pytest.raises(RefusedError) as refused, transaction() as session:
            troubles.retry(session, tracking, EWA)
        assert [(one.field, one.code) for one in refused.value.problems] == [(None, "settled")]


def test_a_quarantined_file_that_is_read_anew_begins_anew_and_one_that_is_gone_cannot(tmp_path: Path) -> None:
    tracking = _quarantined(tmp_path)
    with transaction() as session:
        session.execute(update(Document).values(attempts=4, last_fault="OSError", lease_until=clock.now()))
    with transaction() as session:
        troubles.retry(session, tracking, EWA)
        document = loading.load(session, tracking)
        assert (document.attempts, document.last_fault, document.lease_until) == (0, None, None)
        assert summaries.story(session, tracking)["states"][-1]["actor"] == "clerk:ewa"
        transitions.move(
            session, document, State.QUARANTINED, actor="machine", reason_code="damaged", reason="Zły plik."
        )
        document.original_sha256 = None
    (told,) = _found().quarantined
    assert (told.has_original, told.code, told.state) == (False, "damaged", State.QUARANTINED)
    with pytest.raises(RefusedError) as refused, transaction() as session:
        troubles.retry(session, tracking, EWA)
    assert [one.code for one in refused.value.problems] == ["no_original"]


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        ("", "Zły plik. Zamknięto w biurze."), ("  ", "Zły plik. Zamknięto w biurze."),
        (" Brak kartki ", "Zły plik. Zamknięto w biurze: Brak kartki."),
        ("x" * 1001, f"Zły plik. Zamknięto w biurze: {'x' * 1000}."),
    ],
)  # fmt: skip
def test_the_reason_of_the_quarantine_stays_beside_the_note_of_who_closed_it(
    tmp_path: Path, note: str, reason: str
) -> None:
    tracking = _quarantined(tmp_path)
    with transaction() as session:
        troubles.close(session, tracking, EWA, note=note, customer_no=f" {office.people()[1]['customer_no']} ")
        (message,) = messages_of(session, tracking)
        row = session.get_one(Message, session.query(Message.id).filter_by(key=message["key"]).scalar())
        assert row.context["note"] == (note.strip()[:1000] or None)
        assert loading.load(session, tracking).reason == reason
        assert summaries.story(session, tracking)["states"][-1]["actor"] == "clerk:ewa"


def test_a_file_is_not_put_away_with_a_pesel_in_the_words_to_its_sender(tmp_path: Path) -> None:
    tracking = _quarantined(tmp_path)
    with pytest.raises(RefusedError) as refused, transaction() as session:
        troubles.close(session, tracking, EWA, note="To pan 44051401359.")
    assert [one.code for one in refused.value.problems] == ["pesel"]
    assert _state(tracking) is State.QUARANTINED


def test_names_of_the_scan_folder_are_told_by_key_and_none_where_it_cannot_be_looked_at() -> None:
    assert troubles.names_in_folder() == {}
    inbox = get_settings().inbox
    (inbox / "partia").mkdir(parents=True)
    (inbox / "Thumbs.db").write_bytes(b"x")
    path = write(inbox / "partia" / "SKAN_9.pdf", blank_page())
    assert troubles.names_in_folder() == {key_of(path): "partia/SKAN_9.pdf"}
