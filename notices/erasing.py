"""Erasing what was told and what was wanted: with its time, and with its customer.

All functions work inside the caller's transaction and never commit.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.orm import Session

from confirmations.erasing import erase_of_no_case
from confirmations.tables import ENDED, Message
from customers.bulk import is_one_of
from customers.consents import EINVOICE
from customers.tables import Account, Consent
from environment import clock
from notices.tables import TERMS_KIND, NoticeChoice, NoticePhone, Outage, ToldNotice

_AT_LEAST: Final = timedelta(days=240)
"""So long it is known what was told, whatever is set: else it would be told a second time."""

_AGREED_BY: Final = {"ebok": "account", "einvoice": EINVOICE}
"""The subject of the consent to each Regulamin."""


def erase_before(session: Session, moment: datetime, most: int) -> int:
    """Erase what was told before then, with its messages, and outages; gives how many notices.

    Of a message that is not done with nothing is erased.
    """
    session.execute(delete(Outage).where(Outage.ends_at < min(moment, clock.now() - _AT_LEAST)))
    return _erase(session, _old(session, moment, most, ToldNotice.kind != TERMS_KIND))


def erase_terms_before(session: Session, moment: datetime, most: int) -> int:
    """Erase who was told then of a new version of a Regulamin, with the messages; gives how many."""
    return _erase(session, _old(session, moment, most, ToldNotice.kind == TERMS_KIND))


def erase_of(session: Session, customer_no: str) -> int:
    """Erase what a customer was told, with its messages; gives how many notices.

    That he was told of a new version of a Regulamin stays as long as he is bound by that one: it is part of the proof,
    and he would be told again.
    """
    in_force = (Consent.effective_to.is_(None), Consent.email_proven_at.is_not(None))
    bound = or_(
        *(
            and_(
                ToldNotice.subject.like(f"{key} %"),
                exists().where(Consent.customer_no == customer_no, Consent.subject == subject, *in_force),
            )
            for key, subject in _AGREED_BY.items()
        )
    )
    his = select(ToldNotice).where(ToldNotice.customer_no == customer_no)
    return _erase(session, list(session.scalars(his.where(or_(ToldNotice.kind != TERMS_KIND, ~bound)))))


def everything_of(session: Session, customer_no: str) -> dict[str, list[dict[str, Any]]]:
    """What a customer wants to be told, his proven telephones, and what he was told, for whoever asks what is held."""
    accounts = select(Account.id).where(Account.customer_no == customer_no)
    choices = session.scalars(select(NoticeChoice).where(NoticeChoice.account_id.in_(accounts)))
    phones = session.scalars(select(NoticePhone).where(NoticePhone.account_id.in_(accounts)))
    notices = select(ToldNotice).where(ToldNotice.customer_no == customer_no).order_by(ToldNotice.decided_at)
    return {
        "choices": [
            {"kind": one.kind, "by_sms": one.by_sms, "by_email": one.by_email, "days": one.days} for one in choices
        ],
        "phones": [{"phone": one.phone, "proven_at": one.proven_at} for one in phones if one.phone],
        "told": [
            {"kind": one.kind, "about": one.subject, "decided_at": one.decided_at} for one in session.scalars(notices)
        ],
    }


def _old(session: Session, moment: datetime, most: int, which: ColumnElement[bool]) -> list[ToldNotice]:
    before = ToldNotice.decided_at < min(moment, clock.now() - _AT_LEAST)
    return list(session.scalars(select(ToldNotice).where(before, which).order_by(ToldNotice.decided_at).limit(most)))


def _erase(session: Session, rows: list[ToldNotice]) -> int:
    keys = {key for row in rows for key in (row.sms_key, row.email_key) if key is not None}
    unsettled = and_(is_one_of(session, Message.key, keys), Message.state.not_in(ENDED))
    open_keys = set(session.scalars(select(Message.key).where(unsettled))) if keys else set()
    done = [row for row in rows if not {row.sms_key, row.email_key} & open_keys]
    session.execute(delete(ToldNotice).where(ToldNotice.id.in_([row.id for row in done])))
    theirs = {key for row in done for key in (row.sms_key, row.email_key) if key is not None}
    of_others = select(ToldNotice.email_key).where(is_one_of(session, ToldNotice.email_key, theirs))
    shared = set(session.scalars(of_others)) if theirs else set()  # several customers with one address
    erase_of_no_case(session, sorted(theirs - shared))
    return len(done)
