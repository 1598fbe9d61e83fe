"""Cases of a customer in which a step is still to be done: by us, or by him, whose link waits in his mailbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from customers.tables import Proof
from documents.states import WAITING, State
from documents.tables import Document

_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Case:
    """One of them; ``waits_for_link``: only he can do what comes next. ``authority``: by which it was sent for him."""

    tracking: str
    form: str | None
    version: str | None
    state: State
    received_at: datetime
    waits_for_link: bool
    authority: int | None


def open_cases(session: Session, customer_no: str) -> list[Case]:
    """The newest of them first."""
    unused = exists().where(
        Proof.tracking == Document.tracking,
        Proof.customer_no == customer_no,
        Proof.used_at.is_(None),
        Proof.void.is_(None),
    )
    found = (
        select(Document, unused)
        .where(
            Document.customer_no == customer_no,
            or_(Document.state.in_(WAITING), and_(Document.state == State.CONFIRMED, unused)),
        )
        .order_by(Document.received_at.desc(), Document.id.desc())
        .limit(_MOST)
    )
    return [
        Case(row.tracking, row.form, row.version, State(row.state), row.received_at, bool(waits), row.authority)
        for row, waits in session.execute(found)
    ]


def is_case_of(session: Session, customer_no: str, tracking: str) -> bool:
    """Whether that case is this customer's."""
    his = select(Document.id).where(Document.tracking == tracking, Document.customer_no == customer_no)
    return session.scalar(his) is not None
