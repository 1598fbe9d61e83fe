"""What the rules judge by: a look at the register, the scan folder, the disks and the store; only looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from alarms.kinds import Kind
from alarms.rules import SLOW, Failing, Observed, Waiting
from confirmations.reading_health import mailbox_state
from confirmations.tables import Medium, Message, MessageState, Sending
from documents.leases import is_stuck
from documents.states import TO_BRING_FORWARD, State
from documents.tables import Document, Sighting
from environment.settings import get_settings
from integrity.nightly import last_result
from integrity.readiness import OK, Part, PartsWatch, free_bytes

_EARLY, _ENOUGH = 2, 2.5
"""A disk is told once there is less than twice the room without which no file is taken in; above that much all is well.

Between the two nothing begins and nothing is over: work that comes and goes must not have it told again and again.
"""
Since = Callable[[Kind, bool], datetime | None]
"""Told whether something is wrong now, says since when it is; None where it is not."""
_KIND_OF: Final = {Medium.EMAIL: Kind.EMAIL, Medium.SMS: Kind.SMS, Medium.LETTER: Kind.LETTER}
_PENDING: Final = (MessageState.PENDING.value, MessageState.SENDING.value)
_UNDECIDED: Final = (MessageState.FAILED.value, MessageState.UNCERTAIN.value)


def of_machine(seen: Observed, since: Since) -> Observed:
    """With the folder, the disks and the store of this machine; each may take as long as a share does."""
    parts = PartsWatch().parts((Part.INBOX, Part.ORIGINALS))
    folder, store = (
        None if (began := since(kind, parts.get(part, OK) != OK)) is None else (began, parts[part])
        for kind, part in ((Kind.FOLDER, Part.INBOX), (Kind.STORE, Part.ORIGINALS))
    )
    least, room = get_settings().least_free_bytes, free_bytes()
    full = tuple((name, f"Wolne: {free / 1024**3:.1f} GB.") for name, free in room.items() if free < _EARLY * least)
    near = any(_EARLY * least <= free < _ENOUGH * least for free in room.values())
    return replace(seen, folder=folder, store=store, disks=full, disks_near=near)


def of_register(session: Session, seen: Observed, *, sweep: datetime | None) -> Observed:
    """With what the register knows; ``sweep`` is since when none lives."""
    at, settings = seen.at, get_settings()
    mailbox, compared = mailbox_state(session), last_result(session)
    to_bring_forward = Document.state.in_([state.value for state in TO_BRING_FORWARD])
    slow, too_long = at - SLOW, at - timedelta(hours=settings.alarm_queue_hours)
    in_review = and_(Document.state == State.IN_REVIEW.value, Document.updated_at <= too_long)
    late = and_(Message.state == MessageState.PENDING.value, Message.last_error.is_not(None), Message.attempts > 0)
    unread = and_(Sighting.waiting_for.is_not(None), Sighting.tracking.is_(None), Sighting.first_seen <= slow)
    return replace(
        seen,
        sweep=sweep,
        failing=tuple(_failing(session)),
        mailbox=None
        if mailbox is None or not mailbox["trouble"]
        else (datetime.fromisoformat(mailbox["since"] or at.isoformat()), mailbox["trouble"]),
        files=_waiting(session, Sighting.first_seen, unread),
        open=_waiting(session, Document.updated_at, to_bring_forward),
        backlog=_waiting(
            session, Document.updated_at, and_(to_bring_forward, Document.updated_at <= slow, ~is_stuck())
        ),
        queue=_waiting(session, Document.updated_at, in_review),
        stuck=_waiting(session, Document.updated_at, is_stuck()),
        quarantined=_waiting(session, Document.updated_at, Document.state == State.QUARANTINED.value),
        undecided=_waiting(session, Message.created_at, Message.state.in_(_UNDECIDED)),
        late=_waiting(session, Message.created_at, and_(late, Message.created_at <= slow)),
        bounced=_waiting(session, Message.created_at, Message.state == MessageState.BOUNCED.value),
        differences=Waiting(compared.number, compared.at) if compared is not None and compared.number else None,
    )


def _waiting(
    session: Session, since: InstrumentedAttribute[datetime], condition: ColumnElement[bool]
) -> Waiting | None:
    number, oldest = session.execute(select(func.count(), func.min(since)).where(condition)).one()
    return Waiting(number, oldest) if number else None


def _failing(session: Session) -> Iterator[Failing]:
    refused = and_(Message.state == MessageState.PENDING.value, Message.last_error.is_not(None))
    for medium in list(session.scalars(select(Message.channel).where(refused).distinct())):
        last = session.scalar(select(func.max(Sending.accepted_at)).where(Sending.channel == medium))
        of_it = and_(refused, Message.channel == medium)
        since_then = () if last is None else (Sending.at > last,)
        tried = select(func.min(Sending.at), func.count(func.distinct(Message.id)), func.min(Message.attempts))
        tries = tried.join(Message, Message.id == Sending.message_id).where(of_it, *since_then)
        since, number, attempts = session.execute(tries).one()
        if not number:
            continue
        waits = select(func.count()).select_from(Message).where(_waits_by(medium))
        yield Failing(
            _KIND_OF[Medium(medium)],
            since,
            number,
            session.scalar(waits) or 0,
            # A channel that takes nothing costs a message no attempt.
            closed=attempts == 0,
            why=_why(session, of_it),
        )


def _waits_by(medium: str) -> ColumnElement[bool]:
    return and_(Message.channel == medium, Message.state.in_(_PENDING))


def _why(session: Session, condition: ColumnElement[bool]) -> str:
    """What the last one that was refused met, without its code."""
    last = select(Message.last_error).where(condition).order_by(Message.next_attempt_at.desc()).limit(1)
    return (session.scalar(last) or "").partition(": ")[2]
