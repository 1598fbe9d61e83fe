"""Reports of mail servers: why a message did not arrive is told apart, and what is no report is none."""

from __future__ import annotations

import pytest

from confirmations.bounce_reasons import Bounce, told_of
from confirmations.bounce_reports import read_report
from tests.confirmations.reports import BOUNCES, MESSAGE_ID, dsn, in_words


@pytest.mark.parametrize(
    ("status", "said", "why"),
    [
        ("5.1.1", "550 5.1.1 <x@y>: Recipient address rejected: User unknown", Bounce.UNKNOWN_USER),
        ("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound", Bounce.UNKNOWN_USER),
        ("5.1.2", "Host or domain name not found", Bounce.UNKNOWN_USER),
        ("5.2.1", "550 5.2.1 mailbox disabled", Bounce.UNKNOWN_USER),
        ("5.0.0", "550 5.1.1 no such user here", Bounce.UNKNOWN_USER),
        ("5.0.0", "550 No such recipient here", Bounce.UNKNOWN_USER),
        ("5.2.2", "552 5.2.2 Quota exceeded", Bounce.MAILBOX_FULL),
        ("4.2.2", "452 4.2.2 The email account that you tried to reach is over quota", Bounce.MAILBOX_FULL),
        ("5.0.0", "552 Mailbox is full", Bounce.MAILBOX_FULL),
        ("5.7.1", "554 5.7.1 Message rejected as spam", Bounce.REFUSED_AS_SPAM),
        ("5.7.26", "550 5.7.26 unauthenticated, DMARC", Bounce.REFUSED_AS_SPAM),
        ("5.0.0", "554 Your IP is on a blocklist", Bounce.REFUSED_AS_SPAM),
        ("4.4.1", "connect to mx: Connection timed out", Bounce.NOT_REACHED),
        ("5.3.4", "552 message too big", Bounce.REFUSED),
        ("", "", Bounce.REFUSED),
    ],
)
def test_why_a_message_came_back_is_told_apart_by_status_and_words(status: str, said: str, why: Bounce) -> None:
    report = read_report(dsn(status, said))
    assert report is not None
    assert (report.bounce, report.message_ids) == (why, (MESSAGE_ID,))
    assert told_of(why.value).endswith(".")


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
def test_a_message_is_known_by_its_headers_or_by_all_of_it(returned: str) -> None:
    report = read_report(dsn("5.1.1", returned=returned))
    assert report is not None
    assert report.message_ids == (MESSAGE_ID,)


def test_a_message_is_known_by_the_address_to_which_it_came_back() -> None:
    report = read_report(dsn("5.1.1", to="zwroty+00ff00ff00ff00ff00ff@mzk.example", returned="text/plain"), BOUNCES)
    assert report is not None
    assert (report.tokens, report.message_ids) == (("00ff00ff00ff00ff00ff",), ())
    stranger = read_report(dsn("5.1.1", to="zwroty+00ff00ff00ff00ff00ff@other.example"), BOUNCES)
    assert stranger is not None
    assert stranger.tokens == ()


def test_a_message_that_is_only_late_has_not_come_back() -> None:
    report = read_report(dsn("4.4.1", "connection timed out", action="delayed"))
    assert report is not None
    assert report.bounce is Bounce.DELAYED


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Hi. This is the qmail-send program.\n<x@y>: 550 5.1.1 user unknown", Bounce.UNKNOWN_USER),
        ("Sorry, no mailbox here by that name: does not exist", Bounce.UNKNOWN_USER),
        ("host mx said: 552 mailbox full", Bounce.MAILBOX_FULL),
        ("host mx said: 451 try again later", Bounce.NOT_REACHED),
    ],
)
def test_a_report_in_words_alone_counts_where_it_names_what_servers_say(text: str, why: Bounce) -> None:
    report = read_report(in_words(text, References=MESSAGE_ID))
    assert report is not None
    assert (report.bounce, report.message_ids) == (why, (MESSAGE_ID,))


@pytest.mark.parametrize(
    "data",
    [
        dsn("2.0.0", action="delivered"),
        dsn("2.0.0", action="relayed"),
        in_words("I am away, 550 5.1.1", sender="jan@example.com", Auto_Submitted="auto-replied"),
        in_words("I am away, 550 5.1.1", Auto_Submitted="auto-replied"),
        in_words("I am away, 550 5.1.1", X_Autoreply="yes"),
        in_words("Dziękuję! 550 5.1.1", sender="jan@example.com"),
        in_words("Your message was delivered, 2.0.0"),
        in_words("Nothing that a server would say."),
        b"",
        b"\x00\xff no mail at all",
        b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n",
    ],
)
def test_what_tells_of_no_fault_is_no_report(data: bytes) -> None:
    assert read_report(data) is None
