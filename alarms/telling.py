"""The person responsible gets one e-mail with everything that began or ended since the last one.

What could not be sent is told by a later one: when nothing leaves, that is itself an alarm, and is told when it ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from alarms.kinds import WORDS
from alarms.rules import Trouble
from alarms.tables import Alarm
from alarms.wording import end, heading, line
from database.engine import reading, transaction
from environment import clock
from environment.settings import get_settings

_AGAIN: Final = timedelta(days=1)
"""After this more of the same is told, and that something is over no longer is."""
_GROWING: Final = [kind.value for kind, words in WORDS.items() if words.grows]
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Notice:
    alarm: int
    told_at: datetime | None
    told_waits: int | None
    end_told_at: datetime | None
    heading: str
    line: str


def waits_since(session: Session) -> datetime | None:
    """Since when something waits to be told; None where nothing does, or nobody is to be told."""
    if not get_settings().alarm_addresses:
        return None
    rows = session.scalars(_untold())
    return min((one.closed_at or one.opened_at for one in rows), default=None)


def tell() -> int:
    """Tell all that nobody was told yet, in one e-mail: how many alarms that were. Several may do so at once."""
    with reading() as session:
        if waits_since(session) is None:
            return 0
    with transaction() as session:
        notices = _claim(session)
    if not notices:
        return 0
    if not _left(_subject(notices), _text(notices)):
        with transaction() as session:
            _give_back(session, notices)
        return 0
    return len(notices)


def tell_at_once(trouble: Trouble) -> bool:
    """Tell a trouble that cannot be written down; whether somebody was told."""
    words = WORDS[trouble.kind]
    if not get_settings().alarm_addresses:
        return False
    since = "" if trouble.since is None else f", od {clock.local_time(trouble.since)}"
    return _left(f"eBOK: alarm: {words.name}", f"{words.name}{since}. {words.advice}\n")


def _left(subject: str, text: str) -> bool:
    """Send an e-mail to those who are told alarms; whether it left, or may have: rather once too seldom than often."""
    # What watches alarms has seldom one to tell, and with the channels come the libraries of letters: 50 MB.
    from confirmations.channels.interface import DeliveryError, UncertainDeliveryError  # noqa: PLC0415
    from confirmations.channels.notices import send_notice  # noqa: PLC0415

    try:
        send_notice(get_settings().alarm_addresses, subject, text)
    except UncertainDeliveryError:
        return True
    except DeliveryError as fault:
        _log.warning("alarm_not_told", code=fault.code)
        return False
    return True


def _untold() -> Select[tuple[Alarm]]:
    goes_on = Alarm.closed_at.is_(None)
    begins = and_(goes_on, Alarm.told_at.is_(None))
    grows = and_(
        *(goes_on, Alarm.kind.in_(_GROWING), Alarm.waits > Alarm.told_waits),
        Alarm.told_at <= clock.now() - _AGAIN,
    )
    ends = and_(Alarm.closed_at > clock.now() - _AGAIN, Alarm.end_told_at.is_(None))
    return select(Alarm).where(or_(begins, grows, ends)).order_by(Alarm.since, Alarm.id)


def _claim(session: Session) -> list[_Notice]:
    """All that is to be told, marked as told."""
    at, notices = clock.now(), list[_Notice]()
    for one in session.scalars(_untold().with_for_update(skip_locked=True)):
        words = line(one) if one.closed_at is None else end(one)
        notices.append(_Notice(one.id, one.told_at, one.told_waits, one.end_told_at, heading(one), words))
        if one.closed_at is None:
            one.told_at, one.told_waits = at, one.waits
        else:
            one.end_told_at = at
    return notices


def _give_back(session: Session, notices: Sequence[_Notice]) -> None:
    for notice in notices:
        row = session.get(Alarm, notice.alarm)
        if row is not None:
            row.told_at, row.told_waits, row.end_told_at = notice.told_at, notice.told_waits, notice.end_told_at


def _subject(notices: Sequence[_Notice]) -> str:
    over = all(one.line.startswith("Skończyło się") for one in notices)
    if len(notices) == 1:
        return f"eBOK: {'po alarmie' if over else 'alarm'}: {notices[0].heading}"
    return f"eBOK: {'po alarmach' if over else 'alarmy'} ({len(notices)})"


def _text(notices: Sequence[_Notice]) -> str:
    return "\n\n".join([*(one.line for one in notices), f"Biuro: {get_settings().staff_url}/biuro/"]) + "\n"
