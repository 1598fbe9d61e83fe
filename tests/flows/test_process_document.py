"""One document on its way, with a real Prefect server and nothing replaced."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pikepdf
from prefect.client.schemas.objects import State as RunState
from sqlalchemy import Connection, Engine, event, update

from confirmations.overview import messages_of
from customers.register import changes_of
from database.engine import transaction
from documents import leases, loading, summaries
from documents.progress import states_passed
from documents.states import State
from documents.tables import Document
from documents.tracking import new_tracking, normalise_tracking
from environment.settings import get_settings
from flows import steps
from flows.process_document import NOTHING_TO_DO, process_document
from specimens.files import image_pdf, letter
from specimens.scanner import scan
from tests.confirmations.samples import let_time_pass
from tests.flows.samples import PEOPLE, fillable, online, received, scanned
from tests.stored import original_path


def _run(tracking: str) -> RunState[Any]:
    end: RunState[Any] = asyncio.run(process_document(tracking, return_state=True))  # type: ignore[arg-type]
    return end


def _end(tracking: str) -> State | None:
    """Where a document is after a run of it; None when the run failed or had nothing to do."""
    end = _run(tracking)
    return _document(normalise_tracking(tracking)).at if end.is_completed() else None


def _document(tracking: str) -> Document:
    with transaction() as session:
        return loading.load(session, tracking)


def _changes(tracking: str) -> list[dict[str, Any]]:
    with transaction() as session:
        return changes_of(session, tracking)


def _templates(tracking: str) -> list[str]:
    with transaction() as session:
        return [message["template"] for message in messages_of(session, tracking)]


def test_a_form_sent_online_is_applied_and_confirmed_once(office_on_either: Path) -> None:
    tracking = online("ebok_signup")
    assert _end(tracking) == State.CONFIRMED
    assert [change["outcome"] for change in _changes(tracking)] == ["done"]
    assert _templates(tracking) == ["account_link"]
    assert len(list(get_settings().outgoing.rglob("*.eml"))) == 1


def test_what_can_be_done_at_once_is_one_transaction_with_every_step_on_record(office_on_either: Path) -> None:
    document, commits = _document(online("ebok_signup")), list[Connection]()

    def note(connection: Connection) -> None:
        commits.append(connection)

    event.listen(Engine, "commit", note)
    try:
        assert steps._carry_out(document) is State.APPLIED
    finally:
        event.remove(Engine, "commit", note)
    assert len(commits) == 1
    with transaction() as session:
        assert [state for state, _ in states_passed(session, document)] == ["received", "ready", "applied"]


def test_a_printed_scan_goes_straight_through(office: Path, tmp_path: Path) -> None:
    tracking = received(scanned(tmp_path / "a.pdf", "einvoice_acceptance"))
    assert _end(tracking) == State.CONFIRMED
    assert _document(tracking).customer_no == PEOPLE[0]["customer_no"]


def test_a_form_with_files_attached_waits_for_a_human_who_is_told_of_them(office: Path, tmp_path: Path) -> None:
    attached = scanned(tmp_path / "a.pdf", "einvoice_acceptance")
    with pikepdf.open(attached, allow_overwriting_input=True) as pdf:
        pdf.attachments["umowa.txt"] = b"anything"
        pdf.save(attached)
    tracking = received(attached)
    assert _end(tracking) == State.IN_REVIEW
    assert (
        _document(tracking).reason == "Plik ma załączniki albo dalsze obrazy, których tu nie widać: 1. Otwórz oryginał."
    )


def test_a_confirmed_document_has_nothing_left_to_do(office: Path) -> None:
    tracking = online("ebok_signup")
    _run(tracking)
    assert _run(tracking).name == NOTHING_TO_DO
    assert len(_templates(tracking)) == 1


def test_a_number_typed_by_hand_is_understood_and_an_unknown_one_is_red(office: Path) -> None:
    tracking = online("ebok_signup")
    assert _end(tracking.lower().replace("-", " ")) == State.CONFIRMED
    assert _run(new_tracking()).is_failed()


def test_a_missing_signature_rejects_the_paper_and_asks_for_it(office: Path, tmp_path: Path) -> None:
    tracking = received(scanned(tmp_path / "a.pdf", "einvoice_acceptance", signature=False))
    assert _end(tracking) == State.REJECTED
    assert _document(tracking).reason_code == "missing_signature"
    assert _templates(tracking) == ["incomplete_signature"]
    assert _changes(tracking) == []


def test_the_same_request_again_is_a_duplicate_and_told_so(office: Path) -> None:
    first, second = online("ebok_signup"), online("ebok_signup")
    _run(first)
    assert _end(second) == State.DUPLICATE
    assert _document(second).duplicate_of == first
    assert _templates(second) == ["already_done"]


def test_what_the_register_cannot_do_waits_for_a_human_with_its_reason(office: Path) -> None:
    tracking = online("einvoice_withdrawal", email_current=None)
    assert _end(tracking) == State.IN_REVIEW
    assert _document(tracking).reason_code == "no_active_consent"
    assert _templates(tracking) == []


def test_a_paper_that_is_none_of_ours_waits_for_a_human(office: Path, tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    path.write_bytes(image_pdf(scan(letter(3), "gray200", 1)))
    tracking = received(path)
    assert _end(tracking) == State.IN_REVIEW
    assert _document(tracking).reason_code == "unknown_form"


def test_an_unusable_original_is_quarantined_with_its_reason(office: Path, tmp_path: Path) -> None:
    path = tmp_path / "not.pdf"
    path.write_text("this is no document")
    tracking = received(path)
    assert _end(tracking) == State.QUARANTINED
    assert _document(tracking).reason_code == "unknown_format"


def test_a_fault_is_red_recorded_and_lets_the_document_go(office: Path, tmp_path: Path) -> None:
    tracking = received(fillable(tmp_path / "a.pdf", "einvoice_acceptance"))
    original = original_path(_document(tracking).original_sha256 or "")
    aside = original.rename(tmp_path / "aside")
    assert _run(tracking).is_failed()
    left = _document(tracking)
    assert (left.state, left.lease_owner) == (State.RECEIVED, None)
    assert left.last_fault
    aside.rename(original)
    assert _end(tracking) == State.CONFIRMED


def test_a_store_that_is_away_puts_no_file_into_quarantine(office: Path, tmp_path: Path, monkeypatch: Any) -> None:
    tracking = received(fillable(tmp_path / "a.pdf", "einvoice_acceptance"))
    monkeypatch.setenv("EBOK_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("EBOK_ORIGINALS_URL", str(tmp_path / "away"))
    get_settings.cache_clear()
    assert _run(tracking).is_failed()
    left = _document(tracking)
    assert (left.state, left.last_fault, left.attempts) == (State.RECEIVED, "StoreUnreachableError", 0)


def test_a_document_that_another_worker_holds_is_left_alone(office: Path) -> None:
    tracking = online("ebok_signup")
    with transaction() as session:
        leases.claim(session, tracking, "somebody else")
    assert _run(tracking).name == NOTHING_TO_DO
    assert _document(tracking).lease_owner == "somebody else"


def test_a_message_that_cannot_leave_keeps_the_document_open_and_says_why(
    office: Path, monkeypatch: Any, unused_port: int
) -> None:
    monkeypatch.setenv("EBOK_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("EBOK_SMTP_PORT", str(unused_port))
    get_settings.cache_clear()
    tracking = online("ebok_signup")
    assert _end(tracking) == State.APPLIED
    left = _document(tracking)
    assert (left.last_fault, left.attempts, left.lease_until) == (None, 0, None), "it is no fault of the document"
    with transaction() as session:
        assert next(one["error"] for one in messages_of(session, tracking) if one["channel"] == "email")
        assert tracking not in leases.claim_open(session, "a worker", 10)


def test_a_mail_server_that_is_away_longer_than_there_are_attempts_makes_nothing_stuck(
    office: Path, monkeypatch: Any, unused_port: int
) -> None:
    monkeypatch.setenv("EBOK_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("EBOK_SMTP_PORT", str(unused_port))
    get_settings.cache_clear()
    tracking = online("ebok_signup")
    for _ in range(get_settings().max_attempts + 1):
        assert _end(tracking) == State.APPLIED
        with transaction() as session:
            assert summaries.counts(session)["stuck"] == []
            session.execute(update(Document).values(lease_until=None))
        let_time_pass()
    monkeypatch.delenv("EBOK_SMTP_HOST")
    get_settings.cache_clear()
    assert _end(tracking) == State.CONFIRMED
    assert _document(tracking).attempts == 0
