"""Anybody can write to the return address: whatever he sends, the reports behind it are read and no address is lost."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest
import structlog
from sqlalchemy import select, text

import confirmations.bounces
from audit.tables import AuditEntry
from confirmations.bounce_folder import take_bounces
from confirmations.bounce_reasons import Bounce
from confirmations.bounce_reports import BounceReport, read_report
from confirmations.bounces import note
from confirmations.stopped_addresses import stop, why_stopped
from confirmations.tables import Medium, Sending
from database.engine import transaction
from environment.settings import get_settings
from tests.confirmations.conftest import Mailbox
from tests.confirmations.reports import BOUNCES, MESSAGE_ID, dsn
from tests.confirmations.samples import RECIPIENT, TRACKING, put_in, sendings, sent, stored
from tests.waiting import pause


def _many(pattern: str, number: int = 70_000) -> bytes:
    return " ".join(pattern.format(n) for n in range(number)).encode()


HOSTILE = {
    "NUL in the Message-ID": dsn("5.1.1", message_id="<a\x00b@mzk.example>"),
    "NUL in References": dsn("5.1.1").replace(b"Return-Path: <>", b"References: <a\x00b@c>"),
    "NUL in the status": dsn("5.1.1\x00", "550 \x00"),
    "more ids than a statement takes": dsn("5.1.1").replace(b"Return-Path: <>", b"References: " + _many("<{:x}@b>")),
    "more tokens than a statement takes": dsn("5.1.1").replace(
        b"Return-Path: <>", b"Delivered-To: " + _many("zwroty+{:020x}@mzk.example", 9000)
    ),
    "many ids that are well formed": dsn("5.1.1").replace(
        b"Return-Path: <>", b"References: " + _many("<{:x}@b>", 1000)
    ),
    "many tokens that are well formed": dsn("5.1.1").replace(
        b"Return-Path: <>", b"Delivered-To: " + _many("zwroty+{:020x}@mzk.example", 1000)
    ),
    "an id of a megabyte": dsn("5.1.1", message_id="<" + "a" * 1_000_000 + "@b>"),
    "letters that are none": dsn("5.1.1", message_id="<\udcff@b>".encode("utf-8", "surrogateescape").decode("latin-1")),
    "bytes that are no text": dsn("5.1.1").replace(MESSAGE_ID.encode(), b"<\xff\xfe\xed\xa0\x80@mzk.example>"),
    "an encoded surrogate": dsn("5.1.1").replace(
        b"Return-Path: <>", b"References: =?utf-16?b?2AA=?= <=?utf-8?q?=00?=@b>"
    ),
    "words of a megabyte": dsn("5.0.0", "550 " + "user " * 200_000, message_id="<x@y>"),
    "parts within parts": b"From: MAILER-DAEMON@x\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 5000,
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_report_is_put_aside_and_the_one_behind_it_is_read(on_postgres: Path, hostile: bytes) -> None:
    put_in(on_postgres, hostile, "0.eml")
    put_in(on_postgres, dsn("5.1.1", to=sent()), "1.eml")
    assert take_bounces() == {"other": 1, "unknown_user": 1}
    assert [path.name for path in (on_postgres / "inne").iterdir()] == ["0.eml"]
    assert stored().state == "bounced"


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_of_any_report_few_names_are_looked_up_and_each_is_printable_and_short(hostile: bytes) -> None:
    report = None
    with suppress(RecursionError):
        report = read_report(hostile, BOUNCES)
    for names in (report.tokens, report.message_ids) if report else ():
        assert len(names) <= 20
        assert all(len(name) <= 200 and name.isascii() and name.isprintable() for name in names)


def test_a_message_that_fails_in_any_other_way_is_told_once_and_put_aside(
    returned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in(returned, dsn("5.1.1", to=sent("one")), "0.eml")
    put_in(returned, dsn("5.1.1", to=sent("two")), "1.eml")
    found, tokens = confirmations.bounces._sending_of, (sendings("one")[-1].return_token,)
    monkeypatch.setattr(
        confirmations.bounces,
        "_sending_of",
        lambda session, report: _raise() if report.tokens == tokens else found(session, report),
    )
    with structlog.testing.capture_logs() as lines:
        assert take_bounces() == {"other": 1, "unknown_user": 1}
        assert take_bounces() == {}
    told = [line for line in lines if line["event"] == "bounce_not_noted"]
    assert told == [{"event": "bounce_not_noted", "fault": "RuntimeError", "log_level": "warning"}]
    assert (stored("one").state, stored("two").state) == ("sent", "bounced")


def _raise() -> None:
    raise RuntimeError("somebody@example.com")


@pytest.mark.parametrize("status", ["5.1.1", "5.7.1", "4.4.1"])
def test_nobody_ends_a_message_by_a_message_id_that_he_computes(returned: Path, status: str) -> None:
    key = f"{TRACKING}:einvoice_link"
    sent(key)
    domain = get_settings().mail_from.rpartition("@")[2]
    for readdressed in ("", " 0", " 1"):
        computed = hashlib.sha256(f"{key}{readdressed}".encode()).hexdigest()
        for digits in (32, 40, 64):
            put_in(returned, dsn(status, message_id=f"<{computed[:digits]}@{domain}>"), f"{readdressed}{digits}.eml")
    assert take_bounces() == {"other": 9}
    assert (stored(key).state, sendings(key)[0].bounce) == ("sent", None)


def test_a_message_id_that_was_made_without_a_key_names_nothing_and_its_token_does(returned: Path) -> None:
    address, old = sent(), f"<{hashlib.sha256(b'one').hexdigest()[:32]}@mzk.example>"
    with transaction() as session:
        session.scalars(select(Sending)).one().reference = old
    put_in(returned, dsn("5.1.1", message_id=old), "0.eml")
    assert take_bounces() == {"other": 1}
    put_in(returned, dsn("5.1.1", message_id=old, to=address), "1.eml")
    assert take_bounces() == {"unknown_user": 1}


@pytest.mark.parametrize(("verp", "stopped"), [(True, False), (False, True)])
def test_an_address_is_stopped_by_the_return_address_of_a_sending_wherever_there_is_one(
    returned: Path, monkeypatch: pytest.MonkeyPatch, verp: bool, stopped: bool
) -> None:
    if not verp:
        monkeypatch.delenv("EBOK_BOUNCE_ADDRESS")
        get_settings.cache_clear()
    sent()
    put_in(returned, dsn("5.1.1", message_id=str(stored().reference)), "1.eml")
    assert take_bounces() == {"unknown_user": 1}
    assert stored().state == "bounced"
    with transaction() as session:
        assert (why_stopped(session, RECIPIENT[Medium.EMAIL]) is not None) is stopped


def test_the_same_report_read_by_two_at_once_counts_once(
    postgres_database: str, mailbox: Mailbox, set_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_settings(bounce_address=BOUNCES)
    data, found = dsn("4.4.1", to=sent()), confirmations.bounces._sending_of

    def overtaken(session: object, report: BounceReport) -> object:
        """While one has found the sending, another notes the same report."""
        told = found(session, report)  # type: ignore[arg-type]
        monkeypatch.setattr(confirmations.bounces, "_sending_of", found)
        with transaction() as other:
            assert note(other, data) is Bounce.NOT_REACHED
        return told

    monkeypatch.setattr(confirmations.bounces, "_sending_of", overtaken)
    with transaction() as session:
        assert note(session, data) is Bounce.NOT_REACHED
    with transaction() as session:
        noted = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == TRACKING)).all()
    assert (noted, stored().bounces) == (["message_bounced"], 1)


def test_two_stop_the_same_address_at_once(postgres_database: str) -> None:
    faults = list[BaseException]()

    def second() -> None:
        try:
            with transaction() as session:
                stop(session, "somebody@example.com", "unknown_user")
        except BaseException as fault:
            faults.append(fault)

    thread = Thread(target=second)
    with transaction() as session:
        stop(session, "somebody@example.com", "unknown_user")
        session.flush()
        thread.start()
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while thread.is_alive() and not session.scalar(waiting):
            pause()
    thread.join()
    assert faults == []
    with transaction() as session:
        assert why_stopped(session, "somebody@example.com") is not None
