"""Readings at the desk: which wait for a clerk, and accepting or rejecting one with a reason that its customer reads.

All functions work inside the caller's transaction and never commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit.trail import record
from billing.metering.history import Shown, shown_by
from billing.metering.tables import OF_READING, ReadingState, ReportedReading
from confirmations.message import account_address
from confirmations.outbox import enqueue
from confirmations.tables import NO_CASE, Medium, RecipientRole
from customers.accounts import known_login
from environment import clock

_MOST: Final = 50


class DecidedError(Exception):
    """Somebody else has decided meanwhile, or the reading was replaced."""


@dataclass(frozen=True, slots=True)
class AtDesk:
    """A reading as a clerk sees it, with what the meter showed last before it."""

    row: ReportedReading
    before: Shown | None


@dataclass(frozen=True, slots=True)
class DeskReadings:
    """What waits, the oldest first, and the newest of all others; ``counts`` by state."""

    waiting: tuple[AtDesk, ...]
    others: tuple[ReportedReading, ...]
    counts: Mapping[ReadingState, int]


def readings_at_desk(session: Session) -> DeskReadings:
    """All that a clerk wants to see of readings, doubtful ones first."""
    of_state = ReportedReading.state == ReadingState.WAITING.value
    waiting = session.scalars(select(ReportedReading).where(of_state).order_by(ReportedReading.id).limit(_MOST)).all()
    others = session.scalars(select(ReportedReading).where(~of_state).order_by(ReportedReading.id.desc()).limit(_MOST))
    shown = shown_by(session, {one.meter_no for one in waiting})
    counted = session.execute(select(ReportedReading.state, func.count()).group_by(ReportedReading.state))
    return DeskReadings(
        tuple(AtDesk(one, _before(shown[one.meter_no], one)) for one in waiting),
        tuple(others),
        {ReadingState(state): number for state, number in counted},
    )


def accept(session: Session, number: str, actor: str) -> None:
    """It goes to billing with the next export; DecidedError."""
    _decide(session, number, actor, ReadingState.ACCEPTED, None)


def reject(session: Session, number: str, actor: str, reason: str) -> bool:
    """It goes nowhere; its customer is told the reason where he can be. Whether he is; DecidedError."""
    row = _decide(session, number, actor, ReadingState.REJECTED, reason)
    login = known_login(session, row.customer_no)
    if row.phone is not None:
        medium, recipient = Medium.SMS, row.phone
    elif login is not None:
        medium, recipient = Medium.EMAIL, login
    else:
        return False
    row.message_key, page = f"{OF_READING}{number}", account_address("odczyt", row.customer_no)
    enqueue(
        session,
        key=row.message_key,
        tracking=NO_CASE,
        channel=medium,
        recipient=recipient,
        template="reading_rejected",
        context={"tracking": NO_CASE, "proven": True, "number": number, "reason": reason, "page": page},
        role=RecipientRole.EXACT,
        customer_no=row.customer_no,
    )
    return True


def photo_of(session: Session, number: str) -> str | None:
    """The digest of the photo of a reading, None where there is none."""
    return session.scalar(select(ReportedReading.photo_sha256).where(ReportedReading.number == number))


def _decide(session: Session, number: str, actor: str, state: ReadingState, reason: str | None) -> ReportedReading:
    found = select(ReportedReading).where(ReportedReading.number == number)
    row = session.scalar(found.with_for_update().execution_options(populate_existing=True))
    if row is None or row.at is not ReadingState.WAITING:
        raise DecidedError
    row.state, row.decided_by, row.decided_at, row.reason = state.value, actor, clock.now(), reason
    session.flush()
    subject = f"customer:{row.customer_no}"
    record(session, actor=actor, action=f"reading_{state.value}", subject=subject, detail={"reading": number})
    return row


def _before(shown: list[Shown], row: ReportedReading) -> Shown | None:
    earlier = [one for one in shown if one.day < row.read_on and one.number != row.number]
    return earlier[-1] if earlier else None
