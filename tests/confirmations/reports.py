"""Reports of mail servers that a message of ours did not arrive, as different servers write them; all invented."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

MESSAGE_ID: Final = "<0123456789abcdef0123456789abcdef@mzk.example>"
BOUNCES: Final = "zwroty@mzk.example"


def dsn(
    status: str,
    said: str = "",
    *,
    action: str = "failed",
    to: str = BOUNCES,
    returned: str = "text/rfc822-headers",
    message_id: str = MESSAGE_ID,
) -> bytes:
    """A delivery status notification as Postfix, Exim and Exchange write them."""
    about = f"Final-Recipient: rfc822; somebody@example.com\nAction: {action}\nStatus: {status}"
    diagnostic = f"\nDiagnostic-Code: smtp; {said}" if said else ""
    lines = [
        "Return-Path: <>",
        "From: Mail Delivery System <MAILER-DAEMON@mx.example>",
        f"To: {to}",
        "Subject: Undelivered Mail Returned to Sender",
        "Auto-Submitted: auto-replied" if action == "delivered" else "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"',
        "",
        "--=_b",
        "Content-Type: text/plain; charset=utf-8",
        "",
        "This is the mail system. Your message could not be delivered, 5.9.9 is no status of it.",
        "--=_b",
        "Content-Type: message/delivery-status",
        "",
        f"Reporting-MTA: dns; mx.example\n\n{about}{diagnostic}",
        "",
        "--=_b",
        f"Content-Type: {returned}",
        "",
        f"From: ebok@mzk.example\nMessage-ID: {message_id}\nSubject: x\n\nText with 550 5.1.1 in it",
        "--=_b--",
        "",
    ]
    return "\n".join(lines).replace("\n", "\r\n").encode()


def in_words(text: str, *, to: str = BOUNCES, sender: str = "MAILER-DAEMON@mx.example", **headers: str) -> bytes:
    """A report in words alone, as older servers write it; or what is none."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, to, "failure notice"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()
