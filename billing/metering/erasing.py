"""Erasing readings that customers reported, with their photos and messages.

All functions work inside the caller's transaction and never commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from billing.metering.tables import OF_SMS, OVER, ReportedReading
from confirmations.erasing import erase_of_no_case
from confirmations.tables import ENDED, NO_CASE, Message
from documents import claims


def readings_of(session: Session, customer_no: str) -> list[ReportedReading]:
    """All readings that a customer reported, oldest first."""
    his = select(ReportedReading).where(ReportedReading.customer_no == customer_no)
    return list(session.scalars(his.order_by(ReportedReading.id)))


def erase_before(session: Session, moment: datetime, most: int) -> int:
    """Erase settled readings and answers to SMS of before; gives how many of the sort of which are more."""
    over = (ReportedReading.taken_at < moment, ReportedReading.state.in_(OVER))
    found = session.scalars(select(ReportedReading).where(*over).order_by(ReportedReading.id).limit(most)).all()
    _erase(session, found)
    answers = select(Message.key).where(
        Message.tracking == NO_CASE,
        Message.key.startswith(OF_SMS),
        Message.created_at < moment,
        Message.state.in_(ENDED),
    )
    keys = list(session.scalars(answers.limit(most)))
    erase_of_no_case(session, keys)
    return max(len(found), len(keys))


def erase_readings(session: Session, customer_no: str) -> int:
    """Erase all that a customer reported; gives how many readings."""
    found = readings_of(session, customer_no)
    _erase(session, found)
    return len(found)


def reduce_readings(session: Session, customer_no: str) -> int:
    """Erase photos, telephones and words of a customer's settled readings: billing needs the numbers alone."""
    over = (ReportedReading.customer_no == customer_no, ReportedReading.state.in_(OVER))
    found = [one for one in session.scalars(select(ReportedReading).where(*over)) if any(_more(one))]
    photos = [one.photo_sha256 for one in found if one.photo_sha256]
    for one in found:
        one.photo_sha256 = one.phone = one.doubt_told = one.reason = None
    session.flush()
    _release(session, photos)
    return len(found)


def _more(one: ReportedReading) -> tuple[str | None, ...]:
    return one.photo_sha256, one.phone, one.doubt_told, one.reason


def _erase(session: Session, rows: Sequence[ReportedReading]) -> None:
    photos = [one.photo_sha256 for one in rows if one.photo_sha256]
    keys = [one.message_key for one in rows if one.message_key]
    _delete(session, ReportedReading, ReportedReading.id.in_([one.id for one in rows]))
    _release(session, photos)
    erase_of_no_case(session, keys)


def _release(session: Session, photos: Sequence[str]) -> None:
    """Photos that no reading names any more lose their claim."""
    named = set(session.scalars(select(ReportedReading.photo_sha256).where(ReportedReading.photo_sha256.in_(photos))))
    claims.let_go(session, [one for one in photos if one not in named], claims.READINGS)


def _delete(session: Session, table: type[Any], condition: ColumnElement[bool]) -> None:
    session.execute(delete(table).where(condition).execution_options(synchronize_session="fetch"))
