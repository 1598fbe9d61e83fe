"""What was composed, and what customers do with it, as several tests look at it."""

from __future__ import annotations

import re

from sqlalchemy import select

from confirmations.composing import compose_incomplete, compose_proof
from confirmations.rendering import as_html, as_text, render
from confirmations.tables import Medium, Message
from customers.outcome import Outcome
from customers.proving import prove
from customers.records import CustomerRecord
from database.engine import transaction
from forms.catalogue import form_by_code
from forms.form import Problem
from forms.submission import Submission
from tests.customers.samples import JAN

UNSIGNED = Problem("signature", "missing_signature", "Brakuje własnoręcznego podpisu.")


def confirm(outcome: Outcome) -> None:
    """What the page behind the link does in one transaction."""
    assert outcome.proof_token is not None
    with transaction() as session:
        compose_proof(session, prove(session, outcome.proof_token))


def told(tracking: str) -> list[tuple[str, str, str]]:
    """Template, channel and recipient of every message of a document."""
    return [(message.template, message.channel, message.recipient) for message in messages(tracking)]


def messages(tracking: str) -> list[Message]:
    with transaction() as session:
        found = select(Message).where(Message.tracking == tracking).order_by(Message.id)
        return list(session.scalars(found))


def text_of(message: Message) -> str:
    content = render(message.template, message.context, Medium(message.channel))
    return f"{content.subject}\n{as_text(content)}\n{as_html(content)}"


def incomplete(
    customer: CustomerRecord | None,
    *problems: Problem,
    given: Submission | None = None,
    tracking: str = "AAAA-BBB1",
) -> None:
    form = form_by_code("einvoice_acceptance")
    with transaction() as session:
        compose_incomplete(
            session, tracking=tracking, form=form, problems=problems, customer=customer, submission=given
        )


def personal(text: str) -> list[str]:
    """What of the customer's data stands in a text."""
    known = [value for value in (getattr(JAN, name) for name in JAN.__dataclass_fields__) if value and len(value) > 2]
    company = {JAN.town, JAN.postcode}  # those of the office too
    text = re.sub(r"/potwierdzenie/[\w-]+", "", text)  # a token is made of chance, digits of a number among it
    return [
        value for value in (*known, JAN.customer_no[-3:], *JAN.name.split()) if value not in company and value in text
    ]
