"""E-mails that come back end as such, or are sent again later; an address that does not exist gets no more mail."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from sqlalchemy import select

import confirmations.bounces
from audit.tables import AuditEntry
from confirmations.bounce_folder import bounces_wait, take_bounces
from confirmations.bounce_reports import BounceReport
from confirmations.channels.interface import Accepted, Envelope
from confirmations.channels.smtp import SmtpServer
from confirmations.outbox import deliver
from confirmations.overview import problems_of
from confirmations.settling import as_letter, close, redirect, send_again, settle
from confirmations.stopped_addresses import stop, sweep_away, why_stopped
from confirmations.tables import Medium, Message, MessageState
from database.engine import transaction
from environment.clock import now
from tests.confirmations.conftest import Mailbox
from tests.confirmations.reports import dsn
from tests.confirmations.samples import (
    RECIPIENT,
    TRACKING,
    let_time_pass,
    put,
    put_in,
    return_address,
    sendings,
    sent,
    stored,
)


def test_a_message_leaves_with_a_return_address_of_its_own(returned: Path, mailbox: Mailbox) -> None:
    addresses = {sent("one"), sent("two")}
    assert set(mailbox.senders) == addresses
    assert len(addresses) == 2


def test_an_address_that_does_not_exist_makes_a_task_and_gets_no_more_mail(returned: Path, mailbox: Mailbox) -> None:
    report = put_in(returned, dsn("5.1.1", to=sent()))
    assert bounces_wait()
    with structlog.testing.capture_logs() as lines:
        assert take_bounces() == {"unknown_user": 1}
    assert lines == [{"event": "bounces_read", "unknown_user": 1, "log_level": "info"}]
    assert not report.exists()
    with transaction() as session:
        (problem,) = problems_of(session)
        (noted,) = session.scalars(select(AuditEntry).where(AuditEntry.subject == TRACKING))
    assert (noted.actor, noted.action) == ("machine", "message_bounced")
    assert noted.detail == {"message": "one", "reason": "unknown_user"}
    assert (problem["state"], problem["error"].partition(":")[0]) == ("bounced", "unknown_user")
    put(key="two")
    assert deliver() == []
    assert (stored("two").state, (stored("two").last_error or "").partition(":")[0]) == ("failed", "address_stopped")
    assert len(mailbox.mails) == 1


def test_a_human_may_send_to_a_stopped_address_again(returned: Path, mailbox: Mailbox) -> None:
    put_in(returned, dsn("5.1.1", to=sent()))
    take_bounces()
    with transaction() as session:
        assert send_again(session, "one")
    assert [one.state for one in deliver()] == [MessageState.SENT]
    with transaction() as session:
        assert why_stopped(session, RECIPIENT[Medium.EMAIL]) is None
    assert len(mailbox.mails) == 2


def test_a_full_mailbox_is_tried_three_times_more_and_is_then_a_clerks(returned: Path, mailbox: Mailbox) -> None:
    sent()
    for time_round in range(3):
        put_in(returned, dsn("5.2.2", to=return_address()))
        assert take_bounces() == {"mailbox_full": 1}
        assert (stored().state, stored().bounces, deliver()) == ("pending", time_round + 1, [])
        assert stored().claim is None
        let_time_pass()
        assert [one.state for one in deliver()] == [MessageState.SENT]
    put_in(returned, dsn("5.2.2", to=return_address()))
    take_bounces()
    assert stored().state == "bounced"
    assert [one.bounce for one in sendings()] == ["mailbox_full"] * 4
    with transaction() as session:
        assert why_stopped(session, RECIPIENT[Medium.EMAIL]) is None, "it exists"


def test_a_message_is_known_by_its_message_id_alone(returned: Path) -> None:
    sent()
    put_in(returned, dsn("5.7.1", message_id=str(stored().reference)))
    assert take_bounces() == {"refused_as_spam": 1}
    assert stored().state == "bounced"


def test_a_message_that_is_late_stays_sent_and_says_so(returned: Path) -> None:
    put_in(returned, dsn("4.4.1", action="delayed", to=sent()))
    assert take_bounces() == {"delayed": 1}
    assert (stored().state, (stored().last_error or "").partition(":")[0]) == ("sent", "delayed")


def test_what_is_no_report_of_ours_is_put_aside_for_the_administrator(returned: Path) -> None:
    sent()
    put_in(returned, dsn("5.1.1", to="zwroty+00000000000000000000@mzk.example"))
    put_in(returned, b"Subject: hello\r\n\r\nhello", "2.eml")
    assert take_bounces() == {"other": 2}
    assert sorted(path.name for path in (returned / "inne").iterdir()) == ["1.eml", "2.eml"]
    assert (stored().state, bounces_wait()) == ("sent", False)


def test_the_same_report_twice_changes_nothing_more(returned: Path) -> None:
    address = sent()
    for name in ("1.eml", "2.eml"):
        put_in(returned, dsn("5.2.2", to=address), name)
    assert take_bounces() == {"mailbox_full": 2}
    assert (stored().state, stored().bounces) == ("pending", 1)


def test_a_file_that_is_still_written_is_left(returned: Path) -> None:
    path = put_in(returned, dsn("5.1.1", to=sent()))
    os.utime(path)
    assert take_bounces() == {}
    assert path.exists()


def test_a_file_that_a_wrong_clock_has_dated_far_ahead_is_read(returned: Path) -> None:
    path = put_in(returned, dsn("5.1.1", to=sent()))
    ahead = time.time() + 86_400 * 400
    os.utime(path, (ahead, ahead))
    assert take_bounces() == {"unknown_user": 1}


@pytest.mark.parametrize("folder", [None, "missing"])
def test_an_installation_without_such_a_folder_reads_none(
    tmp_path: Path, database: str, set_settings: Callable[..., None], folder: str | None
) -> None:
    if folder:
        set_settings(bounces_dir=tmp_path / folder)
    assert (take_bounces(), bounces_wait()) == ({}, False)


def test_a_message_that_came_back_is_printed_as_a_letter_or_closed(returned: Path) -> None:
    for key in ("one", "two"):
        put_in(returned, dsn("5.7.1", to=sent(key)))
        take_bounces()
    with transaction() as session:
        assert not settle(session, "one"), "it came back for sure"
        assert as_letter(session, "one", RECIPIENT[Medium.LETTER])
        assert close(session, "two", "Powiedziano mu.")
        assert not close(session, "two", "Powiedziano mu.")
        assert not as_letter(session, "two", RECIPIENT[Medium.LETTER])
    (letter,) = deliver()
    assert (letter.key, letter.channel, letter.state) == ("one", Medium.LETTER, MessageState.SENT)
    assert (stored("one").context["proven"], stored("one").recipient) == (True, RECIPIENT[Medium.LETTER])
    with transaction() as session:
        assert not redirect(session, "one", "zofia.nowa@example.com"), "it has left"
    with transaction() as session:
        assert problems_of(session) == []


def test_a_report_of_an_earlier_try_is_history_and_changes_nothing_of_the_later_one(returned: Path) -> None:
    first = sent()
    put_in(returned, dsn("5.2.2", to=first))
    take_bounces()
    let_time_pass()
    assert [one.state for one in deliver()] == [MessageState.SENT]
    assert return_address() != first
    put_in(returned, dsn("5.2.2", to=first))  # the same once more: a crash, or a server that tells it twice
    assert take_bounces() == {"mailbox_full": 1}
    assert (stored().state, stored().bounces) == ("sent", 1)
    assert [one.bounce for one in sendings()] == ["mailbox_full", None]


def test_a_first_report_of_an_earlier_try_does_not_take_the_later_one_back(returned: Path) -> None:
    first = sent()
    with transaction() as session:  # a crash left open whether it had left
        session.scalars(select(Message)).one().state = MessageState.UNCERTAIN.value
    with transaction() as session:
        assert send_again(session, "one")
    assert [one.state for one in deliver()] == [MessageState.SENT]
    put_in(returned, dsn("5.7.1", to=first))
    assert take_bounces() == {"refused_as_spam": 1}
    assert (stored().state, [one.bounce for one in sendings()]) == ("sent", ["refused_as_spam", None])


def test_a_message_that_a_human_has_closed_stays_closed_whatever_comes_back(returned: Path) -> None:
    address = sent()
    with transaction() as session:
        session.scalars(select(Message)).one().state = MessageState.CLOSED.value
    put_in(returned, dsn("5.7.1", to=address))
    assert take_bounces() == {"refused_as_spam": 1}
    assert (stored().state, [one.bounce for one in sendings()]) == ("closed", ["refused_as_spam"])


def test_what_is_told_of_a_sending_that_came_back_already_changes_nothing_more(returned: Path) -> None:
    address = sent()
    for name, status in (("1.eml", "5.2.2"), ("2.eml", "5.1.1")):
        put_in(returned, dsn(status, to=address), name)
        take_bounces()
    assert (stored().state, [one.bounce for one in sendings()]) == ("pending", ["mailbox_full"])
    with transaction() as session:
        assert why_stopped(session, RECIPIENT[Medium.EMAIL]) is None


def test_of_a_message_that_was_erased_nothing_is_noted(returned: Path) -> None:
    address = sent()
    with transaction() as session:
        session.scalars(select(Message)).one().erased_at = now()
    put_in(returned, dsn("5.1.1", to=address))
    assert take_bounces() == {"unknown_user": 1}
    assert (stored().state, [one.bounce for one in sendings()]) == ("sent", [None])
    with transaction() as session:
        assert why_stopped(session, RECIPIENT[Medium.EMAIL]) is None


def test_an_address_is_stopped_however_it_is_written(sqlite_database: str) -> None:
    with transaction() as session:
        stop(session, " Zofia@Example.com", "unknown_user")
        assert why_stopped(session, "zofia@example.com ") is not None


def test_a_stopped_address_is_forgotten_after_its_time_and_not_before(sqlite_database: str) -> None:
    with transaction() as session:
        stop(session, "zofia@example.com", "unknown_user")
        assert sweep_away(session, now() - timedelta(days=1)) == 0
        assert why_stopped(session, "zofia@example.com") is not None
        assert sweep_away(session, now() + timedelta(days=1)) == 1
        assert why_stopped(session, "zofia@example.com") is None


def test_a_message_that_a_human_sends_again_has_all_its_tries_anew(returned: Path) -> None:
    put_in(returned, dsn("5.7.1", to=sent()))
    take_bounces()
    with transaction() as session:
        assert send_again(session, "one")
    assert (stored().bounces, stored().attempts) == (0, 0)


def test_that_a_message_is_late_is_noted_once_however_often_it_is_told(returned: Path) -> None:
    late = dsn("4.4.1", action="delayed", to=sent())
    for name in ("1.eml", "2.eml"):
        put_in(returned, late, name)
    assert take_bounces() == {"delayed": 2}
    with transaction() as session:
        assert len(session.scalars(select(AuditEntry).where(AuditEntry.subject == TRACKING)).all()) == 1


def test_what_comes_back_from_an_address_that_was_corrected_stops_that_one_alone(
    returned: Path, mailbox: Mailbox
) -> None:
    first = sent()
    put_in(returned, dsn("5.7.1", to=first, message_id=str(stored().reference)))
    take_bounces()
    with transaction() as session:
        assert redirect(session, "one", "zofia.nowa@example.com")
    assert [one.state for one in deliver()] == [MessageState.SENT]
    assert [mail["To"] for mail in mailbox.mails] == [RECIPIENT[Medium.EMAIL], "zofia.nowa@example.com"]
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 2
    assert stored().context["proven"] is False
    put_in(returned, dsn("5.1.1", to=first))
    take_bounces()
    assert (stored().state, sendings()[0].recipient) == ("sent", RECIPIENT[Medium.EMAIL])
    with transaction() as session:
        assert why_stopped(session, "zofia.nowa@example.com") is None


def test_a_message_that_comes_back_while_it_is_being_sent_stays_so(returned: Path, mailbox: Mailbox) -> None:
    put()

    class Slow(SmtpServer):
        def send(self, envelope: Envelope) -> Accepted:
            accepted = super().send(envelope)
            put_in(returned, dsn("5.1.1", to=return_address()))
            assert take_bounces() == {"unknown_user": 1}
            return accepted

    assert deliver(channels=lambda _: Slow()) == []
    assert (stored().state, sendings()[0].bounce) == ("bounced", "unknown_user")


def test_a_report_that_the_parser_cannot_bear_is_put_aside_and_the_next_one_read(
    returned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = sent()
    put_in(returned, b"From: broken", "0.eml")
    put_in(returned, dsn("5.1.1", to=address))
    read = confirmations.bounces.read_report

    def breaks(data: bytes, bounce_address: str | None) -> BounceReport | None:
        if data == b"From: broken":
            raise IndexError("somebody@example.com")
        return read(data, bounce_address)

    monkeypatch.setattr(confirmations.bounces, "read_report", breaks)
    with structlog.testing.capture_logs() as lines:
        assert take_bounces() == {"other": 1, "unknown_user": 1}
    assert {"event": "bounce_unreadable", "fault": "IndexError", "log_level": "warning"} in lines
    assert (returned / "inne" / "0.eml").exists()
