"""Every night what is over is erased: in bundles, never what is at work, and a second time nothing more."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from audit.tables import AuditEntry
from benchmarks import office
from benchmarks.office import Paper
from confirmations.tables import Message, MessageState
from database.engine import transaction
from documents import loading, summaries, transitions
from documents.entries import find_or_add_document
from documents.originals import is_sound
from documents.states import IntakeChannel, State
from documents.tables import Document, Reading
from environment import clock
from environment.settings import get_settings
from retention import bundles, nightly
from retention.table import KINDS
from review.tables import SecondLook
from specimens.files import joined
from tests.retention.conftest import Later
from tests.retention.nights import counts, document, number_of, refused
from tests.stored import original_path


@pytest.fixture(autouse=True)
def _sampled_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Second looks are drawn where a test asks for one."""
    monkeypatch.setenv("EBOK_SECOND_LOOK_RATE", "0")
    get_settings.cache_clear()


def test_a_settled_case_loses_original_values_and_words_when_its_time_is_over(town: str, later: Later) -> None:
    tracking = refused()
    sha256 = document(tracking).original_sha256
    assert sha256 is not None
    later(1094)
    assert counts(nightly.run("machine")) == {}
    assert is_sound(sha256)
    later(2)
    night = nightly.run("machine")
    assert counts(night) == {"originals": 1, "values": 1}
    assert night.originals == 1
    assert not original_path(sha256).exists()
    row = document(tracking)
    assert (row.file_name, row.source_path, row.reason, row.problems) == (None, None, None, None)
    assert row.reason_code == "not_ours" and row.original_sha256 == sha256
    assert number_of(Reading) == 0
    with transaction() as session:
        told = summaries.story(session, tracking)
    assert told["original"] is None and all(told["erased"].values())
    assert all(one["reason"] is None for one in told["states"])


def test_every_column_of_a_case_is_record_or_is_emptied(town: str, later: Later) -> None:
    tracking = refused()
    record = {
        *("id", "tracking", "original_sha256", "channel", "state", "reason_code", "form", "version", "pages", "paper"),
        *("customer_no", "part", "received_at", "signed_on", "attempts", "desk_level", "updated_at"),
        *("values_erased_at", "original_released_at"),
    }
    with transaction() as session:
        row = loading.load(session, tracking)
        row.desk_note, row.desk_owner, row.source_path = "Zadzwonić.", "ewa", "/skany/Kowalska.pdf"
        row.signatures = [{"name": "Ewa Kowalska"}]
        row.customer_no = str(office.people()[0]["customer_no"])
        row.idempotency_key, row.request_digest, row.source_key = "a", "b", "c"
    later(2000)
    nightly.run("machine")
    row = document(tracking)
    left = {name for name in Document.__table__.columns.keys() if getattr(row, name) is not None}  # noqa: SIM118
    assert left == record


def test_a_second_run_finds_nothing_more_and_the_audit_says_what_the_first_did(town: str, later: Later) -> None:
    refused()
    later(2000)
    first = nightly.run("machine")
    assert counts(first)
    assert counts(nightly.run("machine")) == {}
    with transaction() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "retention")).all()
        assert [(one.actor, one.detail) for one in noted] == [("machine", {"erased": counts(first), "originals": 1})]


def test_looking_first_erases_nothing_and_counts_the_same(town: str, later: Later) -> None:
    tracking = refused()
    later(2000)
    looked = nightly.run("machine", dry=True)
    assert document(tracking).values_erased_at is None
    assert is_sound(document(tracking).original_sha256 or "")
    assert number_of(AuditEntry) and not any(one == "retention" for one in _actions())
    assert counts(looked) == counts(nightly.run("machine"))


def _actions() -> list[str]:
    with transaction() as session:
        return list(session.scalars(select(AuditEntry.action)))


@pytest.mark.parametrize("days", ["0", ""])
def test_without_a_period_everything_stays(town: str, later: Later, monkeypatch: pytest.MonkeyPatch, days: str) -> None:
    tracking = refused()
    for kind in KINDS:
        if kind.setting and kind.setting.startswith("keep_"):
            monkeypatch.setenv(f"EBOK_{kind.setting.upper()}", days)
    get_settings.cache_clear()
    later(40_000)
    assert counts(nightly.run("machine")) == {}
    assert is_sound(document(tracking).original_sha256 or "")


def test_more_than_a_bundle_is_erased_and_a_run_that_broke_off_is_gone_on_with(
    town: str, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retention.documents.SIZE", 3)
    monkeypatch.setattr("retention.files.SIZE", 3)
    trackings = [refused(b"%%PDF-1.7 %d" % number) for number in range(8)]
    later(2000)

    erased, real = [], nightly._bundles

    def breaks_off(kind: object, cutoff: object, *, dry: bool) -> object:
        for bundle in real(kind, cutoff, dry=dry):  # type: ignore[arg-type]
            erased.append(bundle.erased)
            if sum(erased) >= 3:
                raise KeyboardInterrupt
            yield bundle

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(nightly, "_bundles", breaks_off)
        nightly.run("machine")
    done = [document(one).original_released_at is not None for one in trackings]
    assert sum(done) == 3
    night = nightly.run("machine")
    assert counts(night) == {"originals": 5, "values": 8}
    assert night.originals == 8


def waits_for_a_clerk(tracking: str) -> None:
    with transaction() as session:
        session.execute(update(Document).where(Document.tracking == tracking).values(state=State.IN_REVIEW.value))


def has_an_unsent_message(tracking: str) -> None:
    at = clock.now()
    with transaction() as session:
        session.add(
            Message(
                key=f"{tracking} test",
                tracking=tracking,
                channel="email",
                recipient="ktos@example.com",
                template="incomplete",
                context={},
                state=MessageState.FAILED.value,
                next_attempt_at=at,
                created_at=at,
            )
        )


def waits_for_a_second_look(tracking: str) -> None:
    with transaction() as session:
        session.add(SecondLook(tracking=tracking, chosen_at=clock.now()))


def repeats_an_open_case(tracking: str) -> None:
    with transaction() as session:
        other, _ = find_or_add_document(session, IntakeChannel.FOLDER, State.IN_REVIEW, actor="machine")
        loading.load(session, tracking).duplicate_of = other.tracking


AT_WORK = [waits_for_a_clerk, has_an_unsent_message, waits_for_a_second_look, repeats_an_open_case]


@pytest.mark.parametrize("busy", AT_WORK, ids=lambda each: each.__name__)
def test_what_is_at_work_is_never_erased(town: str, later: Later, busy: object) -> None:
    tracking = refused()
    busy(tracking)  # type: ignore[operator]
    later(20_000)
    night = nightly.run("machine")
    assert is_sound(document(tracking).original_sha256 or "")
    assert document(tracking).values_erased_at is None
    if busy is not waits_for_a_clerk:
        assert {one.kind.code: one.at_work for one in night.outcomes if one.at_work} == {"originals": 1, "values": 1}


def test_a_file_that_two_cases_share_goes_with_the_last_of_them(town: str, later: Later) -> None:
    data = joined(office.scanned(Paper()), office.scanned(Paper(person=1)))
    first = office.read(office.received(data), Paper(), Paper(person=1))
    with transaction() as session:
        second = session.scalars(select(Document.tracking).where(Document.parent_tracking == first)).one()
        transitions.move(session, loading.load(session, first), State.REJECTED, actor="machine")
    sha256 = document(first).original_sha256 or ""
    later(2000)
    night = nightly.run("machine")
    assert night.originals == 0 and is_sound(sha256)
    assert document(first).original_released_at is not None
    with transaction() as session:
        transitions.move(session, loading.load(session, second), State.REJECTED, actor="machine")
    later(2000)
    assert nightly.run("machine").originals == 1
    assert not original_path(sha256).exists()


def test_bundles_are_small_enough_that_others_can_write() -> None:
    assert bundles.SIZE <= 500
