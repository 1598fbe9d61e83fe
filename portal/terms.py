"""A new version of the Regulamin: the owner of an account is asked once, may answer later, and loses nothing till then.

He is asked from the day on which the version is in force. Who answers later goes on as before until a day, which is
never sooner than ``_AFTER_ASKED`` after he was asked first, however long he was away. After it his account waits for
the answer: all that belongs to the account itself, his data and closing it too, stays within reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from audit.trail import record
from customers.proofs import lock_customer
from customers.tables import Account, TermsAnswer
from environment import clock
from environment.settings import get_settings
from forms.terms import Terms, in_force, versions

_KEY: Final = "ebok"
_AFTER_ASKED: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class NewTerms:
    """A version that is still to be answered; ``postponed``: by a day that has not passed its owner answers later.

    ``until`` is that day, the last on which he may go on without an answer.
    """

    terms: Terms
    until: date
    postponed: bool
    overdue: bool

    @property
    def holds(self) -> bool:
        """Whether the answer comes before anything else."""
        return self.overdue or not self.postponed


def new_terms(session: Session, customer_no: str, accepted: str | None, day: date) -> NewTerms | None:
    """What is to be answered for the account that accepted that version; None where that is the newest, or unknown."""
    now = in_force(_KEY, day)
    known = {one.version: one.in_force_from for one in versions(_KEY)}
    if accepted is None or known.get(accepted, date.min) >= now.in_force_from:
        return None
    of_this = (TermsAnswer.customer_no == customer_no, TermsAnswer.version == now.version)
    first = session.scalar(select(func.min(TermsAnswer.at)).where(*of_this))
    asked_on = day if first is None else clock.local_day(first)
    until = max(now.in_force_from + timedelta(days=get_settings().terms_days), asked_on + _AFTER_ASKED)
    return NewTerms(now, until, postponed=first is not None, overdue=day > until)


def announced(day: date) -> Terms | None:
    """The version that is not in force yet, the next one if there are several; there is nothing to answer to it."""
    return next((one for one in versions(_KEY) if one.in_force_from > day), None)


def reply(session: Session, customer_no: str, asked: NewTerms | None, version: str, *, accepted: bool) -> bool:
    """Keep what the owner of an account says to what he is asked; 'later' is an answer up to its day.

    False where nothing is asked, the day is over, or another version is in force (by now).
    """
    if asked is None or (asked.overdue and not accepted):
        return False
    return answer(session, customer_no, version, accepted=accepted)


def answer(session: Session, customer_no: str, version: str, *, accepted: bool) -> bool:
    """Keep what the owner of an account answered; False where that version is not the one in force (any more)."""
    lock_customer(session, customer_no)
    if version != in_force(_KEY, clock.today()).version:
        return False
    told = "accepted" if accepted else "later"
    session.add(TermsAnswer(customer_no=customer_no, version=version, answer=told, at=clock.now()))
    if accepted:
        of_him = (Account.customer_no == customer_no, Account.state == "active")
        session.execute(update(Account).where(*of_him).values(terms_version=version))
    detail = {"version": version}
    record(session, actor="customer", action=f"terms_{told}", subject=f"customer:{customer_no}", detail=detail)
    return True
