"""E-mails that came back: each report is held against the message that it is about, and ends or puts off that one."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from audit.trail import record
from confirmations.bounces import Bounce, Report, read_report, told_of
from confirmations.stopped_addresses import stop
from confirmations.tables import Medium, Message, MessageState
from database.clock import now
from database.engine import transaction
from database.settings import get_settings

_SOFT: Final = frozenset({Bounce.MAILBOX_FULL, Bounce.NOT_REACHED})
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
    """Note what an e-mail reports, in the caller's transaction; None when it is no report of a message of ours."""
    report = read_report(data, get_settings().bounce_address)
    message = None if report is None else _message_of(session, report)
    if report is None or message is None:
        return None
    if message.state in (MessageState.SENT.value, MessageState.UNCERTAIN.value) and message.erased_at is None:
        _carry_out(session, message, report.bounce)
        detail = {"message": message.key, "reason": report.bounce.value}
        record(session, actor="machine", action="message_bounced", subject=message.tracking, detail=detail)
    session.flush()
    return report.bounce


def _carry_out(session: Session, message: Message, bounce: Bounce) -> None:
    message.last_error = f"{bounce.value}: {told_of(bounce.value)}"
    if bounce is Bounce.DELAYED:
        return
    message.claim = None
    if bounce in _SOFT and message.bounces < len(_LATER):
        message.state, message.next_attempt_at = MessageState.PENDING.value, now() + _LATER[message.bounces]
    else:
        message.state = MessageState.BOUNCED.value
    message.bounces += 1
    if bounce is Bounce.UNKNOWN_USER:
        stop(session, message.recipient, bounce.value)


def _message_of(session: Session, report: Report) -> Message | None:
    """The e-mail that a report is about; its own token is worth as much as its Message-ID."""
    known = or_(Message.return_token.in_(report.tokens), Message.reference.in_(report.message_ids))
    return session.scalars(
        select(Message).where(Message.channel == Medium.EMAIL.value, known).order_by(Message.id.desc()).limit(1)
    ).first()


def _lying(folder: Path) -> list[Path]:
    """What lies there and is written to its end, the oldest first; a folder that is not there holds nothing."""
    until, found = time.time() - _STILL, []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False) and not entry.name.startswith("."):
                    at = entry.stat(follow_symlinks=False).st_mtime
                    if at <= until:
                        found.append((at, entry.name))
    except FileNotFoundError:
        return []
    return [folder / name for _, name in sorted(found)]
