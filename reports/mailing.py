"""The report of a day as an e-mail to those named in the settings, to each of them once.

A mail is noted before it is sent: what a crash or a broken connection leaves open is not sent again. What surely did
not leave is forgotten, so that the next try sends it.
"""

from __future__ import annotations

from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from sqlalchemy import delete, update

from confirmations.channels.files import write_whole
from confirmations.channels.interface import DeliveryError, UncertainDeliveryError
from confirmations.channels.smtp import hand_over
from database.encryption import digest
from database.engine import insert_if_absent, transaction
from environment import clock
from environment.settings import get_settings
from reports.markdown import case_address, markdown
from reports.model import CaseLink, Report, text_of
from reports.span import Span
from reports.tables import ReportMail

_KEPT: Final = timedelta(days=31)


def send(report: Report, span: Span) -> int:
    """Send a report to all who have not got it yet; gives to how many. DeliveryError when one did not leave."""
    sent, failed = 0, None
    for recipient in get_settings().readers_of_report:
        try:
            sent += _send_once(report, span, recipient)
        except UncertainDeliveryError:
            continue
        except DeliveryError as error:
            failed = error
    if failed is not None:
        raise failed
    return sent


def _send_once(report: Report, span: Span, recipient: str) -> bool:
    key = digest("report", recipient.lower())
    of_mail = (ReportMail.day == span.last, ReportMail.recipient_key == key)
    with transaction() as session:
        session.execute(delete(ReportMail).where(ReportMail.day < span.last - _KEPT))
        if not insert_if_absent(session, ReportMail, {"day": span.last, "recipient_key": key}):
            return False
    try:
        _hand_out(_email_of(report, span, recipient), recipient, f"raport-{span.last}-{key[:8]}")
    except UncertainDeliveryError:
        raise
    except DeliveryError:
        with transaction() as session:
            session.execute(delete(ReportMail).where(*of_mail))
        raise
    with transaction() as session:
        session.execute(update(ReportMail).where(*of_mail).values(sent_at=clock.now()))
    return True


def _hand_out(mail: EmailMessage, recipient: str, name: str) -> None:
    settings = get_settings()
    if settings.smtp_host:
        hand_over(mail, settings.mail_from, [recipient])
    else:
        write_whole(settings.outgoing / f"{name}.eml", mail.as_bytes())


def _email_of(report: Report, span: Span, recipient: str) -> EmailMessage:
    settings = get_settings()
    mail = EmailMessage(policy=SMTP.clone(max_line_length=78))
    mail["To"] = Address(addr_spec=recipient)
    mail["From"] = Address(display_name=settings.company_name, addr_spec=settings.mail_from)
    mail["Subject"] = report.title
    mail["Date"] = format_datetime(report.told_at.astimezone(settings.zone))
    mail["Content-Language"] = "pl"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(markdown(report), cte="quoted-printable")
    address = f"{settings.staff_url}/biuro/raport?od={span.first}&do={span.last}"
    html = _template().render(
        report=report,
        address=address,
        company=settings,
        text_of=text_of,
        is_case=lambda cell: isinstance(cell, CaseLink),
        case_address=case_address,
    )
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    return mail


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")
