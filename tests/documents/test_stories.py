"""What people are told of a document: its whole story, the counts of all, and what its sender may know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from audit.tables import AuditEntry
from database.engine import transaction
from documents.intake import receive_stored, receive_values
from documents.loading import load
from documents.originals import StoredFile, store_bytes
from documents.progress import Understood, further_parts, states_passed, understood
from documents.splitting import FoundForm, split
from documents.states import IntakeChannel, State
from documents.summaries import counts, story
from documents.tables import Reading
from documents.transitions import move
from documents.values import correct, form_of, known_form, save_readings, submission_of
from environment import clock
from environment.settings import get_settings
from forms.catalogue import UnknownFormError, form_by_code
from forms.form import Problem
from forms.submission import FieldValue, Source
from tests.documents.examples import acceptance, read_acceptance

pytestmark = pytest.mark.usefixtures("sqlite_database")
MOMENT = datetime(2026, 1, 6, 9, 30, tzinfo=UTC)
TOLD = "2026-01-06T09:30:00+00:00"
DOUBT = Problem("email", "doubtful_field", "Sprawdź adres.")


@pytest.fixture(autouse=True)
def _moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MOMENT)


def scanned(content: bytes = b"%PDF-1.7 scan", **values: Any) -> tuple[str, StoredFile]:
    stored = store_bytes(content)
    with transaction() as session:
        document = receive_stored(session, stored, channel=IntakeChannel.FOLDER, file_name="skan.pdf", **values)
        return document.tracking, stored


def part(*pages: int) -> FoundForm:
    return FoundForm("einvoice_acceptance", "1", pages or (1,), read_acceptance(), "scan", (DOUBT,))


def in_review() -> str:
    tracking, _ = scanned()
    with transaction() as session:
        split(session, load(session, tracking), [part(1)])
        move(session, load(session, tracking), State.IN_REVIEW, actor="machine", reason_code="doubt", reason="Sprawdź.")
    return tracking


def told(tracking: str, **options: bool) -> dict[str, Any]:
    with transaction() as session:
        return story(session, tracking, **options)


def test_the_story_of_a_scan_that_has_just_come_is_told_whole() -> None:
    tracking, stored = scanned()
    found = told(tracking)
    audit = found.pop("audit")
    assert found == {
        "tracking": tracking,
        "state": "received",
        "reason_code": None,
        "reason": None,
        "channel": "folder",
        "file": "skan.pdf",
        "form": None,
        "version": None,
        "pages": None,
        "paper": found["paper"],
        "customer_no": None,
        "authority": None,
        "received_at": TOLD,
        "signed_on": None,
        "duplicate_of": None,
        "parent": None,
        "children": [],
        "file_pages": [],
        "attempts": 0,
        "last_fault": None,
        "problems": [],
        "original": {
            "sha256": stored.sha256,
            "size": 13,
            "media_type": "application/pdf",
            "path": stored.path,
            "stored_at": TOLD,
            "sound": True,
        },
        "signatures": [],
        "erased": {"values": None, "original": None},
        "states": [
            {"at": TOLD, "from": None, "to": "received", "actor": "folder", "reason_code": None, "reason": None}
        ],
        "readings": [],
        "changes": [],
        "messages": [],
    }
    assert audit == [
        {"at": TOLD, "actor": "folder", "action": "taken_in", "detail": {"state": "received", "channel": "folder"}}
    ]


def test_the_story_of_a_document_in_review_has_its_readings_and_its_reason() -> None:
    found = told(in_review())
    assert (found["state"], found["reason_code"], found["reason"]) == ("in_review", "doubt", "Sprawdź.")
    assert (found["form"], found["version"], found["pages"], found["paper"]) == ("einvoice_acceptance", "1", [1], True)
    assert found["problems"] == [{"field": "email", "code": "doubtful_field", "message": "Sprawdź adres."}]
    assert found["signed_on"] == "2026-01-05"
    assert [one["from"] for one in found["states"]] == [None, "received"]
    readings = {one["field"]: one for one in found["readings"]}
    assert readings["email"] == {
        "field": "email",
        "value": "anna@example.com",
        "confidence": 0.9,
        "trusted": False,
        "source": "print",
        "page": 1,
        "box": [50.0, 100.0, 120.5, 120.0],
        "doubt": "jeden odczyt",
        "reader": "machine",
        "at": TOLD,
        "superseded": False,
    }
    assert readings["pesel"]["value"] == "•" * 11


def test_what_is_sensitive_is_shown_only_when_it_is_asked_for() -> None:
    tracking = in_review()
    shown = {one["field"]: one["value"] for one in told(tracking, masked=False)["readings"]}
    assert shown["pesel"] == "44051401359"


def test_forms_of_one_file_name_each_other_in_the_order_of_their_pages() -> None:
    tracking, _ = scanned()
    with transaction() as session:
        found = split(session, load(session, tracking), [part(1), part(2), part(3)])
        trackings = [one.tracking for one in found]
    assert told(tracking)["children"] == trackings[1:]
    assert told(trackings[2])["parent"] == tracking
    assert told(trackings[2])["pages"] == [3]
    with transaction() as session:
        assert further_parts(session, load(session, tracking)) == trackings[1:]
        assert further_parts(session, load(session, trackings[1])) == []


def test_counts_tell_what_is_where_since_when_and_why_it_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MOMENT - timedelta(hours=1))
    waits = in_review()
    monkeypatch.setattr(clock, "now", lambda: MOMENT)
    stuck, _ = scanned(b"%PDF 2")
    lost, _ = scanned(b"%PDF 3")
    bad, _ = scanned(b"%PDF 4")
    with transaction() as session:
        for tracking, fault in ((stuck, "OperationalError"), (lost, None)):
            document = load(session, tracking)
            document.attempts, document.last_fault = get_settings().max_attempts, fault
        move(session, load(session, bad), State.QUARANTINED, actor="machine", reason_code="encrypted", reason="Hasło.")
    with transaction() as session:
        found = counts(session)
    assert (found["total"], found["stuck_total"]) == (4, 3)
    assert found["by_channel"] == {**dict.fromkeys((one.value for one in IntakeChannel), 0), "folder": 4}
    assert {name: count for name, count in found["by_state"].items() if count} == {
        "in_review": 1,
        "received": 2,
        "quarantined": 1,
    }
    earlier = (MOMENT - timedelta(hours=1)).isoformat(timespec="seconds")
    assert found["oldest_waiting"] == {"tracking": waits, "state": "in_review", "since": earlier}
    why = {one["tracking"]: one for one in found["stuck"]}
    assert list(why) == [stuck, lost, bad]
    assert (why[bad]["code"], why[bad]["reason"], why[bad]["attempts"]) == ("encrypted", "Hasło.", 0)
    assert (why[stuck]["code"], why[lost]["code"]) == ("OperationalError", "worker_lost")
    assert why[stuck]["since"] == TOLD
    assert why[stuck]["reason"] == why[lost]["reason"] != ""
    assert {one["state"] for one in found["stuck"]} == {"received", "quarantined"}


def test_a_sender_sees_the_way_of_his_document() -> None:
    tracking = in_review()
    with transaction() as session:
        assert states_passed(session, load(session, tracking)) == [(State.RECEIVED, MOMENT), (State.IN_REVIEW, MOMENT)]


def test_a_sender_sees_what_was_understood_with_what_a_clerk_checks() -> None:
    tracking = in_review()
    with transaction() as session:
        correct(session, load(session, tracking), "name", "Anna Żółkiewska", "7")
        correct(session, load(session, tracking), "street", None, "7")
        found = understood(session, load(session, tracking))
    form = form_by_code("einvoice_acceptance")
    labels = [item.label for item in form.fields]
    assert [one.label for one in found] == sorted((one.label for one in found), key=labels.index)
    by_label = {one.label: one for one in found}
    assert by_label[form["name"].label] == Understood(form["name"].label, "Anna Żółkiewska", "A" + "•" * 14, False)
    assert by_label[form["pesel"].label] == Understood(form["pesel"].label, "•" * 11, "•" * 11, True)
    assert by_label[form["date_signed"].label].masked == "05.01.2026"
    assert by_label[form["accept_terms"].label].masked == "tak"
    assert form["street"].label not in by_label, "what is empty and beyond doubt is not told"


def test_a_sender_of_a_web_form_is_not_told_of_a_signature_and_of_no_check() -> None:
    with transaction() as session:
        tracking = receive_values(session, acceptance(), channel=IntakeChannel.WEB, raw=b"{}").tracking
    with transaction() as session:
        found = understood(session, load(session, tracking))
    form = form_by_code("einvoice_acceptance")
    assert form["signature"].label not in [one.label for one in found]
    assert not any(one.checked for one in found)


def test_nothing_is_understood_of_a_form_that_is_not_known() -> None:
    tracking = in_review()
    with transaction() as session:
        load(session, tracking).form = "form_of_old"
    with transaction() as session:
        document = load(session, tracking)
        assert understood(session, document) == []
        assert known_form(document) is None
        with pytest.raises(UnknownFormError):
            form_of(document)


def test_a_version_that_is_not_installed_is_read_as_the_newest_and_no_form_is_none() -> None:
    tracking, _ = scanned()
    with transaction() as session:
        document = load(session, tracking)
        assert known_form(document) is None
        with pytest.raises(ValueError, match=tracking):
            form_of(document)
        document.form, document.version = "einvoice_acceptance", "0"
    with transaction() as session:
        assert (
            known_form(load(session, tracking))
            == form_of(load(session, tracking))
            == form_by_code("einvoice_acceptance")
        )


def test_a_correction_keeps_its_raw_text_its_place_and_its_author() -> None:
    tracking = in_review()
    with transaction() as session:
        correct(session, load(session, tracking), "email", " EWA@Example.com ", "7")
    with transaction() as session:
        row = session.scalars(select(Reading).where(Reading.field == "email", Reading.superseded.is_(False))).one()
        assert (row.value, row.raw, row.source) == ("ewa@example.com", " EWA@Example.com ", "clerk")
        assert (row.page, row.box, row.reader, row.at) == (1, [50.0, 100.0, 120.5, 120.0], "clerk:7", MOMENT)
        assert (row.confidence, row.trusted) == (1.0, True)
        audit = session.scalars(select(AuditEntry).where(AuditEntry.action == "corrected")).one()
        assert (audit.actor, audit.subject, audit.detail) == ("clerk:7", tracking, {"field": "email"})


def test_a_reading_without_a_value_of_the_first_leaves_that_behind_but_not_a_clerks() -> None:
    tracking = in_review()
    with transaction() as session:
        document = load(session, tracking)
        correct(session, document, "email", "ewa@example.com", "7")
        fields = {"name": FieldValue("Anna Nowak", source=Source.PRINT, page=1)}
        again = read_acceptance()
        save_readings(session, document, type(again)(again.form, fields, paper=True), "machine")
    with transaction() as session:
        found = submission_of(session, load(session, tracking))
        assert {name: one.value for name, one in found.fields.items()} == {
            "name": "Anna Nowak",
            "email": "ewa@example.com",
        }
        assert load(session, tracking).signed_on is None


@pytest.mark.parametrize("changed", ["confidence", "trusted", "source", "page", "box", "raw", "doubt"])
def test_the_same_value_with_other_evidence_is_a_new_reading(changed: str) -> None:
    tracking = in_review()
    others = {
        "confidence": 0.5, "trusted": True, "source": Source.HANDPRINT, "page": 2, "box": (1.0, 2.0, 3.0, 4.0),
        "raw": "anna@", "doubt": "inny",
    }  # fmt: skip
    with transaction() as session:
        document = load(session, tracking)
        given = submission_of(session, document)
        before = given.fields["email"]
        columns = {name: getattr(before, name) for name in before.__slots__}
        other = FieldValue(**{**columns, changed: others[changed]})
        save_readings(session, document, given.with_value("email", other), "machine")
    with transaction() as session:
        rows = list(session.scalars(select(Reading).where(Reading.field == "email").order_by(Reading.id)))
        assert [row.superseded for row in rows] == [True, False]
        assert submission_of(session, load(session, tracking)).fields["email"] == other


@pytest.mark.parametrize(("source", "paper"), [("scan", True), ("text", False)])
def test_a_part_without_a_form_is_paper_when_it_was_scanned(source: str, paper: bool) -> None:
    tracking, _ = scanned()
    with transaction() as session:
        (found,) = split(session, load(session, tracking), [FoundForm(None, None, (1,), None, source)])
        assert found.paper is paper


def test_a_value_that_cannot_be_found_is_told_as_being_checked() -> None:
    tracking = in_review()
    with transaction() as session:
        correct(session, load(session, tracking), "email", None, "7")
    form = form_by_code("einvoice_acceptance")
    with transaction() as session:
        told_of = {one.label: one for one in understood(session, load(session, tracking))}
    assert told_of[form["email"].label] == Understood(form["email"].label, None, None, True)
