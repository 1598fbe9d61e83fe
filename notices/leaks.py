"""Whoever wants it is told that his water may be leaking: after a delivery of billing, or a reading of his own.

A leak is one trouble, however many readings show it: nobody is told of it again for a time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Final

from sqlalchemy import select

from billing.metering.leaks import FoundLeak, leaks_among
from confirmations.message import account_address
from customers.tables import Account
from database.engine import Session, reading, transaction
from environment import clock
from notices.kinds import NoticeKind
from notices.people import Person, people_about, people_of
from notices.tables import ToldNotice
from notices.telling import Telling, tell

_BUNDLE: Final = 200
_QUIET: Final = timedelta(days=90)


def tell_of_leaks(customers: Collection[str] | None = None) -> int:
    """Tell everybody, or these customers, whose meter shows a leak; gives how many are told.

    To each once; safe to repeat and to be killed.
    """
    day, told = clock.today(), 0
    for numbers in _wanting(customers):
        with reading() as session:
            found = leaks_among(session, numbers, day)
        for number, leaks in found.items():
            with transaction() as session:
                told += _tell(session, number, leaks[0])
    return told


def _wanting(customers: Collection[str] | None) -> Iterator[list[str]]:
    """Customer numbers whose people want to be told, so many at once."""
    if customers is not None:
        with reading() as session:
            numbers = _numbers(people_about(session, customers))
        if numbers:
            yield numbers
        return
    after = 0
    while True:
        with reading() as session:
            wanted = select(Account).where(Account.state == "active", Account.id > after)
            accounts = session.scalars(wanted.order_by(Account.id).limit(_BUNDLE)).all()
            numbers = _numbers(people_of(session, accounts)) if accounts else []
            after = accounts[-1].id if accounts else 0
        if not accounts:
            return
        if numbers:
            yield numbers


def _numbers(people: Collection[Person]) -> list[str]:
    return sorted({one.customer_no for one in people if _wants(one)})


def _wants(person: Person) -> bool:
    return person.email_for(NoticeKind.LEAK) is not None or person.sms_for(NoticeKind.LEAK) is not None


def _tell(session: Session, customer_no: str, found: FoundLeak) -> bool:
    """Write the notice; False where it, or that of another leak, was written a short while ago."""
    people = [one for one in people_about(session, [customer_no], hold=True) if _wants(one)]
    if not people or _told_lately(session, customer_no):
        return False
    said = {"page": account_address("zuzycie", customer_no)}
    subject = _subject(found.leak.period.last)
    return bool(tell(session, NoticeKind.LEAK, [Telling(people[0], (subject,), said)]))


def _told_lately(session: Session, customer_no: str) -> bool:
    told = select(ToldNotice.id).where(
        ToldNotice.customer_no == customer_no,
        ToldNotice.kind == NoticeKind.LEAK.value,
        ToldNotice.decided_at > clock.now() - _QUIET,
    )
    return session.scalar(told.limit(1)) is not None


def _subject(read_on: date) -> str:
    return read_on.isoformat()
