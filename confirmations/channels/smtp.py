"""E-mail through a mail server."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from typing import Final

from confirmations.channels.interface import (
    Accepted,
    ClosedChannelError,
    Envelope,
    PermanentDeliveryError,
    TemporaryDeliveryError,
    UncertainDeliveryError,
)
from confirmations.channels.mail import email_of, message_id, return_path
from environment.settings import Settings, get_settings

_IMPLICIT_TLS_PORT: Final = 465
_MOST_OF_REPLY: Final = 160
_ADDRESS: Final = re.compile(r"\S*@\S*")


class SmtpServer:
    """One connection a message; refusals of the server are told by their number only, since they name the recipient."""

    name: Final = "smtp"
    repeatable: Final = False

    def send(self, envelope: Envelope) -> Accepted:
        """Hand the e-mail to the server; its Message-ID is the reference."""
        reply = hand_over(email_of(envelope), return_path(envelope), [envelope.recipient])
        return Accepted(message_id(envelope), _without_addresses(reply))


def hand_over(mail: EmailMessage, sender: str, recipients: Sequence[str]) -> str:
    """Hand an e-mail to the server, for those of its recipients that it takes: what it said. DeliveryError if none."""
    with _session(get_settings()) as smtp:
        code, _ = smtp.mail(sender)
        if code != 250:
            raise ClosedChannelError(
                "sender_refused",
                f"Serwer poczty odrzucił nadawcę (kod {code}). Sprawdź EBOK_MAIL_FROM i EBOK_BOUNCE_ADDRESS.",
            )
        answers = [smtp.rcpt(recipient)[0] for recipient in recipients]
        if not any(code in (250, 251) for code in answers):
            raise _refusal("recipient", "adres odbiorcy", answers[0])
        code, said = _transfer(smtp, mail.as_bytes())
        if code != 250:
            raise _refusal("content", "wiadomość", code)
        return f"{code} {said}"


def _transfer(smtp: smtplib.SMTP, data: bytes) -> tuple[int, str]:
    """Send the content; the answer. Silence after that leaves open whether the server took it."""
    try:
        code, said = smtp.data(data)
    except smtplib.SMTPDataError as error:
        return error.smtp_code, ""
    except (OSError, smtplib.SMTPException) as error:
        raise UncertainDeliveryError(
            "connection_lost", "Połączenie z serwerem poczty zerwało się w trakcie wysyłania. Wiadomość mogła dojść."
        ) from error
    return code, said.decode("ascii", "replace")


def _without_addresses(reply: str) -> str:
    """What the server said on taking a message, in which its number of it stands, without e-mail addresses."""
    return _ADDRESS.sub("…", " ".join(reply.split()))[:_MOST_OF_REPLY]


@contextmanager
def _session(settings: Settings) -> Iterator[smtplib.SMTP]:
    """A greeted, encrypted and authenticated connection; ClosedChannelError when the server gives none."""
    smtp = None
    try:
        smtp = _connect(settings)
        yield smtp
    except smtplib.SMTPAuthenticationError as error:
        raise ClosedChannelError(
            "login_refused", "Serwer poczty odrzucił login. Sprawdź EBOK_SMTP_USER i EBOK_SMTP_PASSWORD."
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        raise ClosedChannelError(
            "tls_not_offered",
            "Serwer poczty nie oferuje szyfrowania lub logowania. Sprawdź EBOK_SMTP_PORT i EBOK_SMTP_TLS.",
        ) from error
    except ssl.SSLError as error:
        raise ClosedChannelError(
            "tls_failed", "Nie udało się szyfrowane połączenie z serwerem poczty. Sprawdź jego certyfikat."
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        raise ClosedChannelError(
            "server_unreachable", f"Serwer poczty nie odpowiada ({type(error).__name__}). Sprawdź EBOK_SMTP_HOST."
        ) from error
    finally:
        if smtp is not None:
            _leave(smtp)


def _connect(settings: Settings) -> smtplib.SMTP:
    assert settings.smtp_host is not None
    host, port, timeout = settings.smtp_host, settings.smtp_port, settings.smtp_timeout_seconds
    if port == _IMPLICIT_TLS_PORT:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=timeout, context=ssl.create_default_context())
    else:
        smtp = smtplib.SMTP(host, port, timeout=timeout)
    try:
        if settings.smtp_tls and port != _IMPLICIT_TLS_PORT:
            smtp.starttls(context=ssl.create_default_context())
        smtp.ehlo_or_helo_if_needed()
        if settings.smtp_user and settings.smtp_password is not None:
            smtp.login(settings.smtp_user, settings.smtp_password.get_secret_value())
    except BaseException:
        smtp.close()
        raise
    return smtp


def _leave(smtp: smtplib.SMTP) -> None:
    """Say goodbye; what was sent is sent, whatever the server answers now."""
    with suppress(OSError, smtplib.SMTPException):
        smtp.quit()
    smtp.close()


def _refusal(what: str, name: str, code: int) -> TemporaryDeliveryError | PermanentDeliveryError:
    told = f"Serwer poczty odrzucił {name} (kod {code})."
    if 400 <= code < 500:
        return TemporaryDeliveryError(f"{what}_deferred", f"{told} Spróbujemy ponownie.")
    return PermanentDeliveryError(f"{what}_refused", f"{told} Sprawdź adres i skontaktuj się z klientem.")
