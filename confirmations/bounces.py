"""What a bounce does: each report is matched to the message it is about, which then has failed or is put off."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.trail import record
from confirmations.bounce_reasons import Bounce, told_of
from confirmations.bounce_reports import BounceReport, read_report
from confirmations.channels.interface import DIGITS
from confirmations.stopped_addresses import stop
from confirmations.tables import Medium, Message, MessageState, Sending
from database.engine import DatabaseUnreachableError, transaction
from environment.clock import now
from environment.settings import get_settings

_SOFT: Final = frozenset({Bounce.MAILBOX_FULL, Bounce.NOT_REACHED})
_OUT: Final = (MessageState.SENT.value, MessageState.UNCERTAIN.value, MessageState.SENDING.value)
"""States of a message that may have left; one that is 'sending' still has surely left when it comes back."""
_LATER: Final = (timedelta(hours=6), timedelta(days=1), timedelta(days=3))
"""When a message is sent again that found a full mailbox, or none that answers; after that a human decides."""
_KEYED: Final = re.compile(rf"<[0-9a-f]{{{DIGITS}}}@")

_log = structlog.get_logger(__name__)


def note_alone(data: bytes) -> Bounce | None:
    """Note what an e-mail reports in a transaction of its own; None, too, where that fails, whatever is wrong with it.

    Anybody can send one to that address: none may keep those behind it from being read.
    """
    try:
        with transaction() as session:
            return note(session, data)
    except DatabaseUnreachableError:
        raise
    except Exception as fault:
        _log.warning("bounce_not_noted", fault=type(fault).__name__)
        return None


def note(session: Session, data: bytes) -> Bounce | None:
    """Note what an e-mail reports, in the caller's transaction; None when it is no report of a message of ours.

    A report is of one sending and counts once. What it says of an earlier one than the last is its history, and no more
    than that: the message may have left for another address since. An address is stopped only by what came back to the
    return address of its sending, where each has one: its Message-ID is read by everybody whom the message passes.
    """
    report = _read(data)
    sending, by_token = (None, False) if report is None else _sending_of(session, report)
    if report is None or sending is None:
        return None
    held = select(Message).where(Message.id == sending.message_id).with_for_update()
    message = session.scalars(held.execution_options(populate_existing=True)).one()
    session.refresh(sending)  # who held the message may have noted the same report
    if message.erased_at is None and sending.bounce in (None, Bounce.DELAYED.value) and sending.bounce != report.bounce:
        sending.bounce, sending.bounced_at = report.bounce.value, now()
        if report.bounce is Bounce.UNKNOWN_USER and (by_token or get_settings().bounce_address is None):
            stop(session, sending.recipient, report.bounce.value)
        if _is_last(session, sending) and message.state in _OUT:
            _carry_out(message, report.bounce)
        detail = {"message": message.key, "reason": report.bounce.value}
        record(session, actor="machine", action="message_bounced", subject=message.subject, detail=detail)
    session.flush()
    return report.bounce


def _read(data: bytes) -> BounceReport | None:
    """What an e-mail reports; None, too, where it is so broken that nobody can read it: a human has to look at it."""
    try:
        return read_report(data, get_settings().bounce_address)
    except Exception as fault:  # the parser of the standard library has no end of them; the text may name somebody
        _log.warning("bounce_unreadable", fault=type(fault).__name__)
        return None


def _carry_out(message: Message, bounce: Bounce) -> None:
    message.last_error = f"{bounce.value}: {told_of(bounce.value)}"
    if bounce is Bounce.DELAYED:
        return
    message.claim = None
    if bounce in _SOFT and message.bounces < len(_LATER):
        message.state, message.next_attempt_at = MessageState.PENDING.value, now() + _LATER[message.bounces]
    else:
        message.state = MessageState.BOUNCED.value
    message.bounces += 1


def _sending_of(session: Session, report: BounceReport) -> tuple[Sending | None, bool]:
    """The sending that a report is about, and whether by its own token; else it is the last one with its Message-ID.

    Only a Message-ID that cannot be computed counts: who names it has got the message.
    """
    secret = [one for one in report.message_ids if _KEYED.match(one)]
    for known in (Sending.return_token.in_(report.tokens), Sending.reference.in_(secret)):
        found = select(Sending).where(Sending.channel == Medium.EMAIL.value, known).order_by(Sending.id.desc())
        if (sending := session.scalars(found.limit(1)).first()) is not None:
            return sending, sending.return_token in report.tokens
    return None, False


def _is_last(session: Session, sending: Sending) -> bool:
    later = select(Sending.id).where(Sending.message_id == sending.message_id, Sending.id > sending.id)
    return session.scalar(later.limit(1)) is None
