"""Cases of a customer in which a step is still to be done: by us, or by him, whose link waits in his mailbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from customers.acting import agent
from customers.tables import Account, Authority, Proof
from documents.states import WAITING, State
from documents.tables import Document
from environment.clock import today

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


@dataclass(frozen=True, slots=True)
class SendingAgent:
    """Who sent a case for the customer whose it is, as the audit names him; ``over``: he acts for him no more."""

    actor: str
    over: bool


def agent_of_case(session: Session, tracking: str) -> SendingAgent | None:
    """By whom that case was sent for its customer; None where he did himself, or it is not known yet whose it is."""
    wanted = (
        select(Authority, Account.customer_no)
        .join(Document, and_(Document.authority == Authority.id, Document.customer_no == Authority.customer_no))
        .outerjoin(Account, Account.id == Authority.account_id)
        .where(Document.tracking == tracking)
    )
    found = session.execute(wanted).tuples().first()
    if found is None:
        return None
    given, home_no = found
    over = given.ended_at is not None or given.until < today()
    return SendingAgent(agent(home_no or "", given.id), over or home_no is None)


def is_case_of(session: Session, customer_no: str, tracking: str) -> bool:
    """Whether that case is this customer's."""
    his = select(Document.id).where(Document.tracking == tracking, Document.customer_no == customer_no)
    return session.scalar(his) is not None
