"""Every night what is over is erased: in bundles, never what is at work, and a second time nothing more."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from audit.tables import AuditEntry
from audit.verification import look_at_trail
from benchmarks import office
from benchmarks.office import Paper
from confirmations import outbox
from confirmations.tables import Message, MessageState
from customers.tables import Account, Change, Consent, Customer, PasswordLink, Proof, Request
from database import clock
from database.engine import Session, transaction
from database.settings import get_settings
from documents import register
from documents.drafts import Draft, keep, new_token
from documents.entries import find_or_add_document
from documents.intake import receive_file, receive_stored
from documents.originals import OriginalError, is_sound, original_path, store_bytes, store_file
from documents.states import Channel, State
from documents.tables import Document, Original, Reading
from retention import bundles, files, nightly
from retention.nightly import Night
from retention.table import KINDS
from review.tables import SecondLook
from specimens.files import joined
from tests.retention.conftest import Later


def counts(night: Night) -> dict[str, int]:
    return night.counts


def document(tracking: str) -> Document:
    with transaction() as session:
        return register.load(session, tracking)


def number_of(table: type) -> int:
    with transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def refused(data: bytes = b"%PDF-1.7 nothing", name: str = "SKAN_0001.pdf") -> str:
    """A file that was rejected: a settled case with an original and a reading, and no consent."""
    tracking = office.read(office.received(data, name), Paper())
    with transaction() as session:
        row = register.load(session, tracking)
        register.move(session, row, State.REJECTED, actor="machine", reason_code="not_ours", reason="Nie do nas.")
    return tracking


def closed_account(session: Session, number: str, tracking: str) -> Account:
    """An account whose owner ended it, opened by that case."""
    account = Account(
        customer_no=number,
        login="a@example.com",
        state="closed",
        notify_sms=False,
        notify_email=False,
        tracking=tracking,
        created_at=clock.now(),
    )
    session.add(account)
    session.flush()
    return account


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
        told = register.story(session, tracking)
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
        row = register.load(session, tracking)
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
    monkeypatch.setattr("retention.cases.SIZE", 3)
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
        other, _ = find_or_add_document(session, Channel.FOLDER, State.IN_REVIEW, actor="machine")
        register.load(session, tracking).duplicate_of = other.tracking


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
        register.move(session, register.load(session, first), State.REJECTED, actor="machine")
    sha256 = document(first).original_sha256 or ""
    later(2000)
    night = nightly.run("machine")
    assert night.originals == 0 and is_sound(sha256)
    assert document(first).original_released_at is not None
    with transaction() as session:
        register.move(session, register.load(session, second), State.REJECTED, actor="machine")
    later(2000)
    assert nightly.run("machine").originals == 1
    assert not original_path(sha256).exists()


def test_the_original_of_a_consent_stays_as_long_as_it_is_in_force_and_its_proof_after_that(
    town: str, later: Later
) -> None:
    tracking = office.on_einvoice(0)
    outbox.deliver(transaction)
    sha256 = document(tracking).original_sha256 or ""
    later(4000)
    nightly.run("machine")
    assert is_sound(sha256)
    assert document(tracking).values_erased_at is not None
    with transaction() as session:
        consent = session.scalars(select(Consent)).one()
        consent.effective_to = clock.today()
    later(1096)
    assert nightly.run("machine").originals == 1
    with transaction() as session:
        proof = session.scalars(select(Consent)).one()
        assert (proof.customer_no, proof.original_sha256) == (office.people()[0]["customer_no"], sha256)
        assert proof.email == office.people()[0]["email"] and proof.email_proven_at and proof.terms_version
        assert register.load(session, tracking).channel == Channel.WEB
    later(1096)
    night = counts(nightly.run("machine"))
    assert (night["consents"], night["case_records"]) == (1, 1)  # of the record nothing was left but the proof
    assert number_of(Consent) == number_of(Proof) == number_of(Document) == 0
    assert number_of(Change) == number_of(Original) == number_of(Message) == 0


def test_a_message_is_erased_with_its_file_and_tells_that_it_was_sent(town: str, later: Later) -> None:
    tracking = office.online("einvoice_acceptance")
    office.worked_off(tracking)
    with transaction() as session:
        message = session.scalars(select(Message)).one()
    file = get_settings().outgoing / str(message.reference)
    assert file.is_file() and message.recipient
    later(1096)
    young = clock.now().timestamp()
    os.utime(file, (young, young))
    nightly.run("machine")
    with transaction() as session:
        message = session.scalars(select(Message)).one()
        assert (message.recipient, message.context, message.state) == ("", {"tracking": tracking}, "sent")
        assert message.sent_at is not None
    assert not file.exists()


def test_what_nobody_proved_in_time_is_erased_with_its_account(town: str, later: Later) -> None:
    tracking = office.online("ebok_signup")
    office.worked_off(tracking)
    later(15)
    with transaction() as session:
        assert session.scalars(select(Proof)).one().warned_at is None
    later(366)
    assert "unproven" not in counts(nightly.run("machine"))  # nobody was told yet
    with transaction() as session:
        session.scalars(select(Proof)).one().warned_at = clock.now()
    assert counts(nightly.run("machine"))["unproven"] == 1
    with transaction() as session:
        assert session.scalars(select(Proof)).one().email == ""
        consent = session.scalars(select(Consent)).one()
        assert consent.email == "" and consent.effective_to is not None
    assert number_of(Account) == 0
    # Whoever asks for the same again gets it: nothing was brought about.
    again = office.online("ebok_signup")
    office.worked_off(again)
    assert number_of(Account) == 1


def test_a_quarantined_file_that_nobody_deals_with_is_put_away_and_erased(town: str, later: Later) -> None:
    tracking = office.received(b"%PDF-1.7 broken")
    with transaction() as session:
        row = register.load(session, tracking)
        register.move(session, row, State.QUARANTINED, actor="machine", reason_code="encrypted", reason="Hasło.")
    later(179)
    nightly.run("machine")
    assert document(tracking).state == "quarantined"
    later(2)
    night = nightly.run("machine")
    assert counts(night) == {"quarantined": 1} and night.originals == 1
    assert (document(tracking).state, document(tracking).reason_code) == ("rejected", "encrypted")
    with transaction() as session:
        assert register.counts(session)["stuck"] == []


def test_the_same_bytes_after_that_are_a_case_of_their_own_with_their_file(town: str, later: Later) -> None:
    data = b"%PDF-1.7 the same"
    refused(data)
    later(2000)
    assert nightly.run("machine").originals == 1
    again = office.received(data)
    assert document(again).state == "received"
    assert is_sound(document(again).original_sha256 or "")
    assert nightly.run("machine").originals == 0
    assert is_sound(document(again).original_sha256 or "")


def test_who_takes_bytes_in_while_their_file_is_erased_is_told_to_try_again(town: str, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7 x")
    with pytest.raises(OriginalError), transaction() as session:
        _erase_after_storing(session, path)
    with transaction() as session:
        assert receive_file(session, path, channel=Channel.CLI).state is State.RECEIVED


def _erase_after_storing(session: Session, path: Path) -> None:
    stored = store_file(path)
    original_path(stored.sha256).unlink()
    receive_stored(session, stored, channel=Channel.CLI, path=path)


def test_files_of_the_store_that_no_row_stands_for_go_after_a_day(town: str, tmp_path: Path, later: Later) -> None:
    stray = original_path(store_bytes(b"%PDF-1.7 of a crash").sha256)
    kept = refused()
    files.erase_unclaimed()
    assert stray.exists()
    later(2)
    files.erase_unclaimed()
    assert not stray.exists()
    assert is_sound(document(kept).original_sha256 or "")


def test_old_files_of_every_sort_go_and_a_log_is_parted_while_it_is_written(
    town: str, home: Path, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_KEEP_LOGS_DAYS", "2")
    get_settings.cache_clear()
    places = {
        "outgoing/letters/list.pdf": "outgoing",
        "pictures/0.jpg": "pictures",
        "customers-report.csv": "reports",
        "logs/api.log.1": "logs",
    }
    for name in places:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(b"x")
    log = home / "logs" / "api.log"
    with log.open("ab") as writing:
        writing.write(b"before\n")
        writing.flush()
        nightly.run("machine")
        assert log.read_bytes() == b""
        writing.write(b"after\n")
    assert log.read_bytes() == b"after\n"
    assert [path.read_bytes() for path in log.parent.glob("api.log.2*")] == [b"before\n"]
    assert all((home / name).exists() for name in places)
    log.write_bytes(b"")
    later(91)
    night = nightly.run("machine")
    assert {one.kind.code: one.erased for one in night.outcomes if one.kind.files} == {
        "outgoing": 1,
        "pictures": 1,
        "reports": 1,
        "logs": 2,
    }
    assert not any((home / name).exists() for name in places)


def test_drafts_and_departed_customers_go(town: str, later: Later, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_KEEP_CUSTOMERS_DAYS", "400")
    get_settings.cache_clear()
    with transaction() as session:
        keep(session, "ebok_signup", new_token(), {"name": "Kto"}, own=False)
    einvoice = office.on_einvoice(0)
    later(401)
    assert counts(nightly.run("machine"))["drafts"] == 1
    assert number_of(Draft) == 0
    assert number_of(Customer) == len(office.people())  # nobody was on a newer list
    office.fill_register(office.people()[6:])
    night = nightly.run("machine")
    assert counts(night)["customers"] == 5
    assert [one.at_work for one in night.outcomes if one.kind.code == "customers"] == [1]
    assert number_of(Customer) == len(office.people()) - 5
    assert document(einvoice).customer_no == office.people()[0]["customer_no"]
    assert counts(nightly.run("machine")) == {}


def test_bundles_are_small_enough_that_others_can_write() -> None:
    assert bundles.SIZE <= 500


def test_requests_links_leases_and_the_beginning_of_the_audit_go_in_their_time(
    town: str, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_KEEP_AUDIT_DAYS", "1200")
    get_settings.cache_clear()
    tracking, number = refused(), str(office.people()[0]["customer_no"])
    with transaction() as session:
        row = register.load(session, tracking)
        row.desk_owner, row.desk_until = "ewa", clock.now()
        session.add(SecondLook(tracking=tracking, chosen_at=clock.now(), clerk="ewa", clerk_until=clock.now()))
        session.add(Request(customer_no=number, form="x", tracking=tracking, values={"a": "b"}, at=clock.now()))
        account = closed_account(session, number, tracking)
        link = {"created_at": clock.now(), "expires_at": clock.now()}
        session.add(PasswordLink(token_digest="d", account_id=account.id, **link))
    later(31)
    assert counts(nightly.run("machine")) == {"desk_leases": 2}
    later(335)
    assert counts(nightly.run("machine")) == {"password_links": 1, "accounts": 1}
    later(730)
    assert counts(nightly.run("machine")) == {"requests": 1}
    later(200)
    assert counts(nightly.run("machine"))["audit"] > 1
    assert look_at_trail().whole


def test_an_account_goes_with_its_links_whose_time_is_not_over(town: str, later: Later) -> None:
    tracking, number = refused(), str(office.people()[0]["customer_no"])
    with transaction() as session:
        account = closed_account(session, number, tracking)
        at = {"created_at": clock.now(), "expires_at": clock.now() + timedelta(days=300)}
        session.add(PasswordLink(token_digest="d", account_id=account.id, **at))
    later(366)
    assert counts(nightly.run("machine")) == {"accounts": 1}
    assert number_of(PasswordLink) == 0
