"""A short e-mail to those who look after the installation: no message to a customer, and not in the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from uuid import uuid4

from confirmations.channels.files import write_whole
from confirmations.channels.smtp import hand_over
from environment.clock import now
from environment.settings import get_settings


def send_notice(recipients: Sequence[str], subject: str, text: str) -> None:
    """Send it to all of them, or write it beside the messages where there is no mail server; DeliveryError if not."""
    settings = get_settings()
    mail = EmailMessage(policy=SMTP.clone(max_line_length=78))
    mail["To"] = ", ".join(recipients)
    mail["From"] = settings.mail_from
    mail["Subject"] = subject
    mail["Date"] = format_datetime(now().astimezone(settings.zone))
    mail["Message-ID"] = make_msgid(domain=settings.mail_from.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text, cte="quoted-printable")
    if settings.smtp_host is None:
        write_whole(settings.outgoing / f"alarm-{uuid4().hex[:12]}.eml", mail.as_bytes())
    else:
        hand_over(mail, settings.mail_from, recipients)
