"""Papers that wait at the desk, made by the functions that the machine uses."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import select, update

from confirmations.tables import Message
from database.engine import reading, transaction
from documents import loading, splitting
from documents.entries import find_or_add_document
from documents.splitting import FoundForm
from documents.states import IntakeChannel, State
from documents.tables import Document
from environment import clock
from flows import steps
from forms.form import Problem
from forms.submission import FieldValue, Submission
from review import decisions, queue
from review.case_sheet import CaseSheet, seen_of, sheet
from review.queue import Clerk

EWA, OLGA = Clerk("ewa"), Clerk("olga")
JAN = Clerk("jan", supervisor=True)


def paper(given: Submission) -> Submission:
    """The same on paper, signed today."""
    signed = given.with_value("date_signed", FieldValue(clock.today().isoformat()))
    return Submission(signed.form, signed.with_value("signature", FieldValue(True)).fields, paper=True)


def waiting(given: Submission, received_at: datetime | None = None, problems: tuple[Problem, ...] = ()) -> str:
    """A paper with these readings that the machine has judged and left to a human; its tracking number."""
    with transaction() as session:
        document, _ = find_or_add_document(
            session, IntakeChannel.FOLDER, State.RECEIVED, actor="machine", received_at=received_at or clock.now()
        )
        part = FoundForm(given.form.code, given.form.version, (1,), given, "scan", problems)
        splitting.split(session, document, [part])
    asyncio.run(steps.match(document.tracking))
    assert state_of(document.tracking) == "in_review"
    return document.tracking


def bare(form: str | None = "ebok_signup", reason: str = "doubtful_field", minutes: float = 0) -> str:
    """A document that waits, without readings, received so many minutes ago."""
    with transaction() as session:
        document, _ = find_or_add_document(
            session,
            IntakeChannel.FOLDER,
            State.IN_REVIEW,
            actor="machine",
            form=form,
            reason_code=reason,
            received_at=clock.now() - timedelta(minutes=minutes),
        )
    return document.tracking


def taken(tracking: str, clerk: Clerk = EWA) -> str:
    """Hold it for the clerk; the mark of the state that he sees."""
    with transaction() as session:
        queue.claim(session, tracking, clerk)
        return seen_of(loading.load(session, tracking))


def lying(tracking: str, clerk: Clerk = EWA) -> CaseSheet:
    """What the clerk sees of it."""
    with reading() as session:
        return sheet(session, tracking, clerk)


def approve(tracking: str, seen: str, overrule: tuple[str, ...] = (), **values: object) -> None:
    """Ewa's approval, with what she typed."""
    with transaction() as session:
        decisions.approve(session, tracking, EWA, seen=seen, values=values, overrule=overrule)


def leases_run_out() -> None:
    """As if a long time had passed."""
    with transaction() as session:
        session.execute(update(Document).values(desk_until=clock.now() - timedelta(seconds=1)))


def applied(tracking: str) -> str:
    """The machine's next step after an approval; the state it leaves."""
    asyncio.run(steps.apply(tracking))
    return state_of(tracking)


def state_of(tracking: str) -> str:
    with transaction() as session:
        return loading.load(session, tracking).state


def messages(tracking: str) -> list[tuple[str, str, dict[str, object]]]:
    """What is in the outbox for a document: medium, recipient, context."""
    with transaction() as session:
        rows = session.scalars(select(Message).where(Message.tracking == tracking).order_by(Message.id))
        return [(row.channel, row.recipient, row.context) for row in rows]
