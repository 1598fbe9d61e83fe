"""Customers whom the office has to phone: their link ran out unused, so what they asked for has not come about.

A link that ran out is the task itself. It stays one until a clerk says what came of it, the customer gets another
link, or what it was for is over; nothing that only looks, and no crash, makes it go away.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session

from audit.trail import record
from customers.tables import Customer, Proof
from environment import clock


class CallOutcome(StrEnum):
    """What came of a call."""

    TOLD = "told"
    DECLINED = "declined"
    WRITTEN = "written"


@dataclass(frozen=True, slots=True)
class Call:
    """One customer to be phoned; ``purpose`` is that of the link, ``overdue_since`` when it ran out."""

    tracking: str
    purpose: str
    overdue_since: datetime
    customer_no: str
    name: str = field(repr=False)
    phone: str | None = field(repr=False)


def calls_owed(session: Session, limit: int) -> list[Call]:
    """Who is to be phoned, the longest overdue first."""
    rows = session.execute(
        select(Proof.tracking, Proof.purpose, Proof.expires_at, Customer.customer_no, Customer.name, Customer.phone)
        .join(Customer, Customer.customer_no == Proof.customer_no)
        .where(is_owed())
        .order_by(Proof.expires_at, Proof.id)
        .limit(limit)
    )
    return [Call(*row) for row in rows]


def count_owed(session: Session) -> int:
    """How many are to be phoned."""
    return session.scalar(select(func.count()).select_from(Proof).where(is_owed())) or 0


def finish_call(session: Session, tracking: str, outcome: CallOutcome, *, actor: str) -> bool:
    """Note what came of the call about that document; False when nobody is to be phoned about it (any more)."""
    done = session.execute(
        update(Proof)
        .where(Proof.tracking == tracking, is_owed())
        .values(phoned_at=clock.now(), call_outcome=outcome.value)
        .execution_options(synchronize_session=False)
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        return False
    record(session, actor=actor, action="customer_phoned", subject=tracking, detail={"outcome": outcome.value})
    return True


def is_owed() -> ColumnElement[bool]:
    """Condition: the link ran out unused, nothing took its place, and nobody has settled it on the telephone."""
    return and_(
        Proof.used_at.is_(None), Proof.void.is_(None), Proof.phoned_at.is_(None), Proof.expires_at <= clock.now()
    )
