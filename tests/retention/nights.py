"""Settled cases for nights in which they are erased, and how they are counted."""

from __future__ import annotations

from sqlalchemy import func, select

from benchmarks import office
from benchmarks.office import Paper
from customers.tables import Account
from database.engine import Session, transaction
from documents import loading, transitions
from documents.states import State
from documents.tables import Document
from environment import clock
from retention.nightly import Night


def counts(night: Night) -> dict[str, int]:
    return night.counts


def document(tracking: str) -> Document:
    with transaction() as session:
        return loading.load(session, tracking)


def number_of(table: type) -> int:
    with transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def refused(data: bytes = b"%PDF-1.7 nothing", name: str = "SKAN_0001.pdf") -> str:
    """A file that was rejected: a settled case with an original and a reading, and no consent."""
    tracking = office.read(office.received(data, name), Paper())
    with transaction() as session:
        row = loading.load(session, tracking)
        transitions.move(session, row, State.REJECTED, actor="machine", reason_code="not_ours", reason="Nie do nas.")
    return tracking


def closed_account(session: Session, number: str, tracking: str) -> Account:
    """An account whose owner ended it, opened by that case."""
    account = Account(
        customer_no=number,
        login="a@example.com",
        state="closed",
        notify_sms=False,
        notify_email=False,
        tracking=tracking,
        created_at=clock.now(),
    )
    session.add(account)
    session.flush()
    return account
