"""An e-mail as it is sent: both parts, headers and attachments, for SMTP and .eml files alike."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from confirmations.channels.interface import Envelope, PermanentDeliveryError
from confirmations.rendering import as_html, as_text
from environment.settings import get_settings

_POLICY: Final = SMTP.clone(max_line_length=78)


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
    mail["From"] = Address(display_name=settings.company_name, addr_spec=settings.mail_from)
    mail["Reply-To"] = Address(display_name=settings.company_name, addr_spec=settings.company_email)
    mail["Subject"] = content.subject
    mail["Date"] = format_datetime(envelope.at.astimezone(settings.zone))
    mail["Message-ID"] = message_id(envelope)
    mail["Content-Language"] = "pl"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(as_text(content), cte="quoted-printable")
    mail.add_alternative(as_html(content), subtype="html", cte="quoted-printable")
    for item in content.attachments:
        mail.add_attachment(item.data, maintype="application", subtype="pdf", filename=item.name)
    return mail
