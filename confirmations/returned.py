"""What a bounce does: each report is matched to the message it is about, which then has failed or is put off."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.trail import record
from confirmations.bounces import Bounce, Report, read_report, told_of
from confirmations.stopped_addresses import stop
from confirmations.tables import Medium, Message, MessageState, Sending
from database.engine import transaction
from environment.clock import now
from environment.settings import get_settings

_SOFT: Final = frozenset({Bounce.MAILBOX_FULL, Bounce.NOT_REACHED})
_OUT: Final = (MessageState.SENT.value, MessageState.UNCERTAIN.value, MessageState.SENDING.value)
"""States of a message that may have left; one that is 'sending' still has surely left when it comes back."""
_LATER: Final = (timedelta(hours=6), timedelta(days=1), timedelta(days=3))
"""When a message is sent again that found a full mailbox, or none that answers; after that a human decides."""
_STILL: Final = 5.0
"""Seconds after which nobody writes to a file any more."""
_MOST_BYTES: Final = 32 * 1024**2
_UNKNOWN: Final = "inne"

_log = structlog.get_logger(__name__)


def take_returned() -> dict[str, int]:
    """Read what lies in the folder of returned mail: how many reports of each sort, and of what is none ('other').

    A report that is understood is removed: the message and the audit tell of it. Whatever else lies there is moved into
    a folder 'inne' within it, for the administrator.
    """
    folder, found = get_settings().bounces_dir, dict[str, int]()
    if folder is None:
        return found
    for path in _lying(folder):
        with transaction() as session:
            told = note(session, path.read_bytes()) if path.stat().st_size <= _MOST_BYTES else None
        if told is None:
            aside = folder / _UNKNOWN
            aside.mkdir(mode=0o700, exist_ok=True)
            path.replace(aside / path.name)
        else:
            path.unlink()
        sort = "other" if told is None else told.value
        found[sort] = found.get(sort, 0) + 1
    if found:
        _log.info("returned_mail", **found)
    return found


def returned_waits() -> bool:
    """Whether something lies in the folder of returned mail."""
    folder = get_settings().bounces_dir
    return folder is not None and bool(_lying(folder))


def note(session: Session, data: bytes) -> Bounce | None:
    """Note what an e-mail reports, in the caller's transaction; None when it is no report of a message of ours.

    A report is of one sending and counts once. What it says of an earlier one than the last is its history, and no more
    than that: the message may have left for another address since.
    """
    report = _read(data)
    sending = None if report is None else _sending_of(session, report)
    if report is None or sending is None:
        return None
    held = select(Message).where(Message.id == sending.message_id).with_for_update()
    message = session.scalars(held.execution_options(populate_existing=True)).one()
    if message.erased_at is None and sending.bounce in (None, Bounce.DELAYED.value) and sending.bounce != report.bounce:
        sending.bounce, sending.bounced_at = report.bounce.value, now()
        if report.bounce is Bounce.UNKNOWN_USER:
            stop(session, sending.recipient, report.bounce.value)
        if _is_last(session, sending) and message.state in _OUT:
            _carry_out(message, report.bounce)
        detail = {"message": message.key, "reason": report.bounce.value}
        record(session, actor="machine", action="message_bounced", subject=message.tracking, detail=detail)
    session.flush()
    return report.bounce


def _read(data: bytes) -> Report | None:
    """What an e-mail reports; None, too, where it is so broken that nobody can read it: a human has to look at it."""
    try:
        return read_report(data, get_settings().bounce_address)
    except Exception as fault:  # the parser of the standard library has no end of them; the text may name somebody
        _log.warning("returned_mail_unreadable", fault=type(fault).__name__)
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


def _sending_of(session: Session, report: Report) -> Sending | None:
    """The sending that a report is about: by its own token, else the last one with its Message-ID."""
    for known in (Sending.return_token.in_(report.tokens), Sending.reference.in_(report.message_ids)):
        found = select(Sending).where(Sending.channel == Medium.EMAIL.value, known).order_by(Sending.id.desc())
        if (sending := session.scalars(found.limit(1)).first()) is not None:
            return sending
    return None


def _is_last(session: Session, sending: Sending) -> bool:
    later = select(Sending.id).where(Sending.message_id == sending.message_id, Sending.id > sending.id)
    return session.scalar(later.limit(1)) is None


def _lying(folder: Path) -> list[Path]:
    """What lies there and is written to its end, the oldest first; a folder that is not there holds nothing."""
    until, found = time.time() - _STILL, []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False) and not entry.name.startswith("."):
                    at = entry.stat().st_mtime
                    if at <= until:
                        found.append((at, entry.name))
    except FileNotFoundError:
        return []
    return [folder / name for _, name in sorted(found)]
