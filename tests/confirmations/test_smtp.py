"""E-mail through a real mail server, and what its answers lead to."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from confirmations.outbox import deliver, enqueue
from confirmations.tables import Medium, MessageState
from database.engine import transaction
from environment.settings import get_settings
from tests.certificates import self_signed
from tests.confirmations.conftest import Mailbox, MailServer
from tests.confirmations.samples import RECIPIENT, let_time_pass, put, stored


def test_an_accepted_mail_is_complete(database: str, mailbox: Mailbox) -> None:
    put()
    assert [done.state for done in deliver()] == [MessageState.SENT]
    (mail,) = mailbox.mails
    assert mail["To"] == RECIPIENT[Medium.EMAIL]
    assert mail["From"] == '"Miejskie Zakłady Komunalne Sp. z o.o." <ebok@mzk.kostrzyn.pl>'
    assert mail["Reply-To"].addresses[0].addr_spec == "mzk@kostrzyn.pl"
    assert mail["Subject"] == "Wracamy do faktur papierowych (sprawa K7M4-PX9R)"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == stored().reference
    assert parsedate_to_datetime(mail["Date"]).utcoffset() is not None
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None and html is not None and mail.get_content_type() == "multipart/alternative"
    for part in (plain, html):
        assert "24\N{NO-BREAK SPACE}listopada\N{NO-BREAK SPACE}2026\N{NO-BREAK SPACE}r." in part.get_content()


def test_a_refused_recipient_has_failed_and_nothing_names_the_address(sqlite_database: str, mailbox: Mailbox) -> None:
    put()
    mailbox.at_recipient = f"550 no such user {RECIPIENT[Medium.EMAIL]}"
    assert [(done.state, done.error) for done in deliver()] == [(MessageState.FAILED, "recipient_refused")]
    told = str(stored().last_error)
    assert "550" in told and "example.com" not in told
    let_time_pass()
    assert deliver() == []


def test_a_deferred_mail_goes_out_later_under_the_same_message_id(sqlite_database: str, mailbox: Mailbox) -> None:
    put()
    mailbox.at_recipient = "451 greylisted, try again"
    assert [(done.state, done.error) for done in deliver()] == [(MessageState.PENDING, "recipient_deferred")]
    mailbox.at_recipient = "250 OK"
    let_time_pass()
    assert [done.state for done in deliver()] == [MessageState.SENT]
    assert mailbox.mails[0]["Message-ID"] == stored().reference


@pytest.mark.parametrize(
    ("answer", "state", "error"),
    [
        ("451 busy", MessageState.PENDING, "content_deferred"),
        ("554 looks like spam", MessageState.FAILED, "content_refused"),
        ("hang up", MessageState.UNCERTAIN, "connection_lost"),
    ],
)
def test_the_answer_to_the_content_decides(
    sqlite_database: str, mailbox: Mailbox, answer: str, state: MessageState, error: str
) -> None:
    put()
    mailbox.at_content = answer
    assert [(done.state, done.error) for done in deliver()] == [(state, error)]


def test_a_sender_that_the_server_refuses_is_a_fault_of_the_settings_and_tried_again(
    sqlite_database: str, mailbox: Mailbox
) -> None:
    put()
    mailbox.at_sender = "550 who are you"
    assert [(done.state, done.error) for done in deliver()] == [(MessageState.PENDING, "sender_refused")]
    assert "EBOK_MAIL_FROM" in str(stored().last_error) and "550" in str(stored().last_error)


def test_a_server_that_is_down_is_tried_again(database: str, set_settings: Callable[..., None]) -> None:
    put()
    set_settings(smtp_host="127.0.0.1", smtp_port=1, smtp_tls=False)
    assert [(done.state, done.error) for done in deliver()] == [(MessageState.PENDING, "server_unreachable")]


def test_no_mail_leaves_in_the_clear_when_encryption_is_demanded(
    sqlite_database: str, mailbox: Mailbox, set_settings: Callable[..., None]
) -> None:
    put()
    set_settings(smtp_tls=True)
    assert [(done.state, done.error) for done in deliver()] == [(MessageState.PENDING, "tls_not_offered")]
    assert mailbox.mails == []


def test_a_recipient_that_smuggles_headers_is_refused(sqlite_database: str, mailbox: Mailbox) -> None:
    with transaction() as session:
        enqueue(
            session,
            key="smuggler",
            tracking="K7M4-PX9R",
            channel=Medium.EMAIL,
            recipient="a@example.com\r\nBcc: b@example.com",
            template="account_active",
            context={"tracking": "K7M4-PX9R", "customer_ref": None, "proven": True},
        )
    assert [(done.state, done.error) for done in deliver()] == [(MessageState.FAILED, "bad_address")]


def test_mail_goes_encrypted_and_authenticated(
    sqlite_database: str, set_settings: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = self_signed(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    box, logins = Mailbox(), []

    def authenticate(_server: object, _session: object, _envelope: object, mechanism: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        logins.append((mechanism, data.login))
        return AuthResult(success=data.password == b"correct", handled=False)

    put()
    with MailServer(box, tls_context=context, require_starttls=True, authenticator=authenticate) as server:
        set_settings(smtp_host="127.0.0.1", smtp_port=server.port, smtp_user="ebok", smtp_password="wrong")
        assert [(done.state, done.error) for done in deliver()] == [(MessageState.PENDING, "login_refused")]
        set_settings(smtp_password="correct")
        let_time_pass()
        assert [done.state for done in deliver()] == [MessageState.SENT]
    assert len(box.mails) == 1 and logins[-1][1] == b"ebok"


def test_a_certificate_nobody_vouches_for_is_not_trusted(
    sqlite_database: str, set_settings: Callable[..., None], tmp_path: Path
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*self_signed(tmp_path))
    box = Mailbox()
    put()
    with MailServer(box, tls_context=context) as server:
        set_settings(smtp_host="127.0.0.1", smtp_port=server.port)
        assert [(done.state, done.error) for done in deliver()] == [(MessageState.PENDING, "tls_failed")]
    assert box.mails == [] and get_settings().smtp_tls
