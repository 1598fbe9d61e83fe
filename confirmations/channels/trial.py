"""A test message to the administrator, sent exactly as messages to customers are, to see whether messages leave."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from confirmations.channels.smtp import hand_over
from environment.clock import now
from environment.settings import get_settings

_TEXT = """To jest wiadomość próbna: ebok doctor sprawdza, czy poczta wychodzi.

Skoro dotarła, serwer poczty przyjmuje wiadomości programu. Jeśli leży w spamie, sprawdź rekordy SPF i DKIM domeny
nadawcy ({sender}).
"""


def send_trial(recipient: str) -> None:
    """Send it; DeliveryError says why it could not leave."""
    settings = get_settings()
    mail = EmailMessage(policy=SMTP)
    mail["To"] = recipient
    mail["From"] = settings.mail_from
    mail["Subject"] = "eBOK: wiadomość próbna"
    mail["Date"] = format_datetime(now().astimezone(settings.zone))
    mail["Message-ID"] = make_msgid(domain=settings.mail_from.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_TEXT.format(sender=settings.mail_from), cte="quoted-printable")
    hand_over(mail, settings.mail_from, [recipient])
