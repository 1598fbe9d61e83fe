"""What the rules judge by: a look at the register, the scan folder, the disks and the store; only looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from alarms.kinds import AlarmKind
from alarms.rules import SLOW, Failing, Observed, Waiting
from confirmations.reading_health import mailbox_state
from confirmations.tables import Medium, Message, MessageState, Sending
from documents.leases import is_stuck, is_troubled
from documents.states import TO_BRING_FORWARD, State
from documents.tables import Document, Sighting
from environment.settings import get_settings
from integrity.last_check import last_check
from integrity.readiness import OK, Component, PartsWatch, free_bytes
from portal.question_tables import Question

_EARLY, _ENOUGH = 2, 2.5
"""A disk is told once there is less than twice the room without which no file is taken in; above that much all is well.

Between the two nothing begins and nothing is over: work that comes and goes must not have it told again and again.
"""
_NEARLY: Final = 0.75
"""What has waited for this part of the time that is too long begins no alarm, and ends none, for the same reason."""
_ALWAYS: Final = true()
Since = Callable[[AlarmKind, bool], datetime | None]
"""Told whether something is wrong now, says since when it is; None where it is not."""
_KIND_OF: Final = {Medium.EMAIL: AlarmKind.EMAIL, Medium.SMS: AlarmKind.SMS, Medium.LETTER: AlarmKind.LETTER}
_PENDING: Final = (MessageState.PENDING.value, MessageState.SENDING.value)
_UNDECIDED: Final = (MessageState.FAILED.value, MessageState.UNCERTAIN.value)


def of_machine(seen: Observed, since: Since) -> Observed:
    """With the folder, the disks and the store of this machine; each may take as long as a share does."""
    parts = PartsWatch().parts((Component.INBOX, Component.ORIGINALS))
    folder, store = (
        None if (began := since(kind, parts.get(part, OK) != OK)) is None else (began, parts[part])
        for kind, part in ((AlarmKind.FOLDER, Component.INBOX), (AlarmKind.STORE, Component.ORIGINALS))
    )
    least, room = get_settings().least_free_bytes, free_bytes()
    full = tuple((name, f"Wolne: {free / 1024**3:.1f} GB.") for name, free in room.items() if free < _EARLY * least)
    near = (
        {AlarmKind.DISK}
        if any(_EARLY * least <= free < _ENOUGH * least for free in room.values())
        else set[AlarmKind]()
    )
    return replace(seen, folder=folder, store=store, disks=full, near=seen.near | near)


def of_register(session: Session, seen: Observed, *, sweep: datetime | None) -> Observed:
    """With what the register knows; ``sweep`` is since when none lives."""
    looked = _Look(session, seen.at)
    mailbox, compared = mailbox_state(session), last_check(session)
    to_bring_forward = Document.state.in_([state.value for state in TO_BRING_FORWARD])
    in_review = Document.state == State.IN_REVIEW.value
    put_off = and_(Message.state.in_(_PENDING), Message.last_error.is_not(None), Message.attempts > 0)
    at_rest = Message.state == MessageState.PENDING.value
    unread = and_(Sighting.waiting_for.is_not(None), Sighting.tracking.is_(None))
    settings = get_settings()
    too_long, unanswered = timedelta(hours=settings.alarm_queue_hours), timedelta(hours=settings.alarm_question_hours)
    observed = replace(
        seen,
        sweep=sweep,
        failing=tuple(_failing(session)),
        mailbox=None
        if mailbox is None or not mailbox["trouble"]
        else (datetime.fromisoformat(mailbox["since"] or seen.at.isoformat()), mailbox["trouble"]),
        files=looked.late(AlarmKind.FILES, Sighting.first_seen, SLOW, unread),
        open=looked.waiting(AlarmKind.SWEEP, Document.updated_at, to_bring_forward),
        backlog=looked.late(AlarmKind.BACKLOG, Document.updated_at, SLOW, and_(to_bring_forward, ~is_troubled())),
        queue=looked.late(AlarmKind.QUEUE, Document.updated_at, too_long, in_review),
        questions=looked.late(AlarmKind.QUESTIONS, Question.waits_since, unanswered, Question.waits_since.is_not(None)),
        stuck=looked.waiting(AlarmKind.STUCK, Document.updated_at, is_troubled(), is_stuck()),
        quarantined=looked.waiting(
            AlarmKind.QUARANTINE, Document.updated_at, Document.state == State.QUARANTINED.value
        ),
        undecided=looked.waiting(AlarmKind.MESSAGES, Message.created_at, Message.state.in_(_UNDECIDED)),
        late=looked.late(AlarmKind.MESSAGES, Message.created_at, SLOW, put_off, at_rest),
        bounced=looked.waiting(AlarmKind.BOUNCES, Message.created_at, Message.state == MessageState.BOUNCED.value),
        differences=Waiting(compared.number, compared.at) if compared is not None and compared.number else None,
    )
    return replace(observed, near=seen.near | looked.near)


@dataclass
class _Look:
    """One look at what waits; ``near`` are kinds of which nothing counts now, but something will, or just did."""

    session: Session
    at: datetime
    near: set[AlarmKind] = field(default_factory=set)

    def waiting(
        self,
        kind: AlarmKind,
        since: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
        condition: ColumnElement[bool],
        now: ColumnElement[bool] = _ALWAYS,
    ) -> Waiting | None:
        """What fulfils both; where the first is fulfilled alone, the kind is near."""
        some, number, oldest = self.session.execute(
            select(func.count(), func.count().filter(now), func.min(since).filter(now)).where(condition)
        ).one()
        if some and not number:
            self.near.add(kind)
        return Waiting(number, oldest) if number else None

    def late(
        self,
        kind: AlarmKind,
        since: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
        longest: timedelta,
        condition: ColumnElement[bool],
        now: ColumnElement[bool] = _ALWAYS,
    ) -> Waiting | None:
        """The same of what has waited for longer than that; nearly so long is near."""
        nearly = and_(condition, since <= self.at - _NEARLY * longest)
        return self.waiting(kind, since, nearly, and_(since <= self.at - longest, now))


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
