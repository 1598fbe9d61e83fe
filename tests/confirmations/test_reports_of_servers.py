"""Reports as mail servers of the world write them: which fault it is, and which message, is told of each."""

from __future__ import annotations

import base64
import quopri

import pytest

from confirmations.bounce_reasons import Bounce
from confirmations.bounce_reports import read_report
from tests.confirmations.reports import BOUNCES, MESSAGE_ID, dsn, in_words

TOKEN = "00ff00ff00ff00ff00ff"
OURS = f"To: x@y\nMessage-ID: {MESSAGE_ID}\nSubject: s\n\nZajrzyj do folderu SPAM. 550 5.1.1\n"
QMAIL = "Hi. This is the qmail-send program.\n\n<x@y>:\n{}\n\n--- Below this line is a copy of the message.\n\n"
EXIM = "This message was created automatically by mail delivery software.\n\n{}\n\n------ This is a copy -----\n"


@pytest.mark.parametrize(
    ("status", "said", "why"),
    [
        ("5.0.0", "552 Requested mail action aborted: exceeded storage allocation", Bounce.MAILBOX_FULL),
        ("5.0.0", "554 przekroczony limit pojemnosci skrzynki", Bounce.MAILBOX_FULL),
        ("5.2.1", "550 5.2.1 mailbox is over quota", Bounce.MAILBOX_FULL),
        ("5.2.2", "552 no more", Bounce.MAILBOX_FULL),
        ("5.1.1", "550 no mailbox, so no quota", Bounce.UNKNOWN_USER),
        ("5.4.5", "550 daily sending quota exceeded", Bounce.REFUSED),
        ("5.7.1", "550 5.7.1 not accepted", Bounce.REFUSED_AS_SPAM),
        ("5.7.1", "550 5.7.1 Recipient address rejected: User unknown", Bounce.UNKNOWN_USER),
        ("5.5.0", "550 5.5.0 Requested action not taken: mailbox\n    unavailable", Bounce.UNKNOWN_USER),
        ("5.0.0", "550 Nie ma takiego uzytkownika", Bounce.UNKNOWN_USER),
        ("5.0.0", "550 Mailbox not found", Bounce.UNKNOWN_USER),
        ("4.0.0", "DNS type 'mx' lookup of gmial.com responded with code NXDOMAIN", Bounce.UNKNOWN_USER),
        ("5.1.0", "Domain gmial.com does not accept mail (nullMX)", Bounce.UNKNOWN_USER),
        ("5.4.316", "550 5.4.316 Message expired, connection refused", Bounce.NOT_REACHED),
        ("4.7.1", "450 4.7.1 Recipient address rejected: Greylisted by policy", Bounce.NOT_REACHED),
        ("4.7.4", "TLS is required, but was not offered", Bounce.NOT_REACHED),
        ("4.7.28", "421-4.7.28 an unusual rate of unsolicited mail", Bounce.REFUSED_AS_SPAM),
        ("5.0.0", "554 Recipient address rejected: blocked using dnsbl", Bounce.REFUSED_AS_SPAM),
        ("5.7.133", "550 5.7.133 SenderNotAuthenticatedForGroup; authentication required", Bounce.REFUSED),
        ("5.1.8", "550 Sender address rejected: domain does not exist", Bounce.REFUSED),
        ("5.1.1 (bad mailbox)", "550", Bounce.UNKNOWN_USER),
    ],
)
def test_what_servers_say_is_told_apart_however_they_word_it(status: str, said: str, why: Bounce) -> None:
    assert _bounce(dsn(status, said)) == (why, (MESSAGE_ID,))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("Sorry, no mailbox here by that name. vpopmail", Bounce.UNKNOWN_USER),
        ("The users mailfolder is over the allowed quota (size). (#5.2.2)", Bounce.MAILBOX_FULL),
        ("Remote host said: 554 Transaction failed", Bounce.REFUSED),
        ("Exim 4.94.2 said: 550 User unknown", Bounce.UNKNOWN_USER),
        ("I couldn't connect. (#4.4.1)\nThis message has been in the queue too long.", Bounce.NOT_REACHED),
    ],
)
def test_of_a_report_in_words_its_own_count_and_those_of_the_returned_message_name_it(said: str, why: Bounce) -> None:
    assert _bounce(in_words(QMAIL.format(said) + OURS)) == (why, (MESSAGE_ID,))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("550 5.1.1 User unknown", Bounce.UNKNOWN_USER),
        ("Unrouteable address", Bounce.UNKNOWN_USER),
        ("something that nobody foresaw", Bounce.REFUSED),
        ("A message has not yet been delivered after 24 hours: 451 4.7.1 try later", Bounce.DELAYED),
    ],
)
def test_a_server_that_calls_its_report_an_answer_is_known_by_what_only_servers_write(said: str, why: Bounce) -> None:
    failed = {} if why is Bounce.DELAYED else {"X_Failed_Recipients": "x@y"}
    report = in_words(EXIM.format(said) + OURS, Auto_Submitted="auto-replied", **failed)
    assert _bounce(report) == (why, (MESSAGE_ID,))


def test_whom_a_message_did_not_reach_is_enough_for_a_server_to_be_known() -> None:
    said = "Delivery to the following recipient failed permanently: 550 5.1.1"
    report = in_words(said, Auto_Submitted="auto-replied", X_Failed_Recipients="x@y", References=MESSAGE_ID)
    assert _bounce(report) == (Bounce.UNKNOWN_USER, (MESSAGE_ID,))


def test_a_fault_that_only_the_words_for_people_tell_is_told_apart_by_them() -> None:
    bare = dsn("5.0.0").replace(b"Your message could not be delivered", b"all relevant MX point to non-existent hosts")
    assert _bounce(bare) == (Bounce.UNKNOWN_USER, (MESSAGE_ID,))


def _encoded(report: bytes, kind: bytes, how: str) -> bytes:
    """The report with its part of that kind encoded."""
    before, _, rest = report.partition(b"Content-Type: " + kind + b"\r\n\r\n")
    inside, _, after = rest.partition(b"\r\n--=_b")
    made = base64.encodebytes(inside) if how == "base64" else quopri.encodestring(inside)
    head = b"Content-Type: " + kind + b"\r\nContent-Transfer-Encoding: " + how.encode() + b"\r\n\r\n"
    return before + head + made + b"\r\n--=_b" + after


GLOBAL = dsn("5.1.1").replace(b"message/delivery-status", b"message/global-delivery-status")
FORMS = {
    "action with a comment": dsn("5.1.1", action="Failed (bounced)"),
    "byte order mark": b"\xef\xbb\xbf" + dsn("5.1.1"),
    "global status": GLOBAL,
    "global message": dsn("5.1.1", returned="message/global"),
    "global headers": dsn("5.1.1", returned="message/global-headers"),
    "status in base64": _encoded(dsn("5.1.1"), b"message/delivery-status", "base64"),
    "status in quoted-printable": _encoded(dsn("5.1.1"), b"message/delivery-status", "quoted-printable"),
    "global status in base64": _encoded(GLOBAL, b"message/global-delivery-status", "base64"),
    "headers in base64": _encoded(dsn("5.1.1"), b"text/rfc822-headers", "base64"),
    "headers in quoted-printable": _encoded(dsn("5.1.1"), b"text/rfc822-headers", "quoted-printable"),
    "message in base64": _encoded(dsn("5.1.1", returned="message/rfc822"), b"message/rfc822", "base64"),
}


@pytest.mark.parametrize("report", FORMS.values(), ids=FORMS)
def test_a_report_is_read_in_every_form_that_standards_and_gateways_give_it(report: bytes) -> None:
    assert _bounce(report) == (Bounce.UNKNOWN_USER, (MESSAGE_ID,))


@pytest.mark.parametrize(
    "header",
    [
        "X-Envelope-To: <{}>",
        "X-RCPT-To: {}",
        "Received: from mx by imap with ESMTP\r\n\tfor <{}>; Mon, 30 Nov 2026 08:00:00 +0100",
        "Delivered-To: prvs=12ab={}",
    ],
)
def test_the_address_to_which_it_came_back_is_found_wherever_servers_note_it(header: str) -> None:
    noted = header.format(f"zwroty+{TOKEN}@mzk.example").encode()
    report = read_report(dsn("5.1.1", to="undisclosed:;").replace(b"Return-Path: <>", noted), BOUNCES)
    assert report is not None
    assert report.tokens == (TOKEN,)


def _bounce(data: bytes) -> tuple[Bounce, tuple[str, ...]] | None:
    found = read_report(data, BOUNCES)
    return None if found is None else (found.bounce, found.message_ids)
