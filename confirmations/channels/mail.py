"""An e-mail as it is sent: both parts, headers and attachments, for SMTP and .eml files alike."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from functools import lru_cache
from typing import Any, Final

from confirmations.channels.interface import Envelope, PermanentDeliveryError
from confirmations.rendering import as_html, as_text
from environment.settings import get_settings

_OF_ALL: Final = frozenset(
    {
        *("from", "reply-to", "content-language", "auto-submitted", "x-auto-response-suppress"),
        *("mime-version", "content-transfer-encoding"),
    }
)
"""Headers that most e-mails have alike, and that name no customer."""
_AS_IT_IS: Final = "list-unsubscribe"
"""The library breaks a long address or writes it in words of RFC 2047, and no mail program finds it then."""


class _Policy(EmailPolicy):
    """Makes what all e-mails have in common once: the library takes longer for headers than for all else of a mail."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        """A header as it is kept."""
        alike = type(value) is str and (name.lower() in _OF_ALL or value.startswith("text/"))
        return _made(self, name, value) if alike else super().header_store_parse(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The lines of a header."""
        if name.lower() == _AS_IT_IS:
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return _laid_out(self, name, value) if name.lower() in _OF_ALL else super().fold_binary(name, value)


@lru_cache(maxsize=64)
def _made(policy: EmailPolicy, name: str, value: str) -> tuple[str, Any]:
    return EmailPolicy.header_store_parse(policy, name, value)


@lru_cache(maxsize=64)
def _laid_out(policy: EmailPolicy, name: str, value: str) -> bytes:
    return EmailPolicy.fold_binary(policy, name, value)


@lru_cache(maxsize=8)
def _of_company(header: str, name: str, address: str) -> Any:
    return _POLICY.header_factory(header, Address(display_name=name, addr_spec=address))


_POLICY: Final = _Policy(linesep=SMTP.linesep, max_line_length=78)


def message_id(envelope: Envelope) -> str:
    """The same for every attempt at one message, so that a repeated one can be recognised."""
    return f"<{envelope.digest}@{get_settings().mail_from.rpartition('@')[2]}>"


def return_path(envelope: Envelope) -> str:
    """Where a message comes back that cannot be delivered: an address of its own (VERP) where bounces are read."""
    settings = get_settings()
    if settings.bounce_address is None:
        return settings.mail_from
    name, _, domain = settings.bounce_address.rpartition("@")
    return f"{name}+{envelope.return_token}@{domain}" if envelope.return_token else settings.bounce_address


def email_of(envelope: Envelope) -> EmailMessage:
    """The complete e-mail; PermanentDeliveryError when the recipient is no e-mail address."""
    settings, content = get_settings(), envelope.content
    mail = EmailMessage(policy=_POLICY)
    try:
        mail["To"] = Address(addr_spec=envelope.recipient)
    except (ValueError, IndexError) as error:
        raise PermanentDeliveryError("bad_address", "To nie jest adres e-mail. Popraw go w rejestrze.") from error
    mail["From"] = _of_company("From", settings.company_name, settings.mail_from)
    mail["Reply-To"] = _of_company("Reply-To", settings.company_name, settings.company_email)
    mail["Subject"] = content.subject
    mail["Date"] = format_datetime(envelope.at.astimezone(settings.zone))
    mail["Message-ID"] = message_id(envelope)
    mail["Content-Language"] = "pl"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    mail["X-Auto-Response-Suppress"] = "All"
    if content.unsubscribe is not None:  # RFC 8058: one click in the mail program, without signing in
        mail["List-Unsubscribe"] = f"<{content.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(as_text(content), cte="quoted-printable")
    mail.add_alternative(as_html(content), subtype="html", cte="quoted-printable")
    for item in content.attachments:
        mail.add_attachment(item.data, maintype="application", subtype="pdf", filename=item.name)
    return mail
