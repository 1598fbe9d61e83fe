"""Erasers of what the customer register keeps: links, requests, consents, accounts, customers who left, their bills."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from audit.trail import MACHINE
from billing.erasing import erase_before, erase_customer
from billing.metering import erasing as metering
from customers.agents import forget_agent
from customers.erasing import (
    REDUCED,
    erase_accounts,
    erase_authorities,
    erase_consent,
    erase_requests,
    erase_unproven,
    is_in_force,
    open_consents,
    reduce_customer,
)
from customers.proofs import VOID_ERASED
from customers.tables import Account, Authority, Consent, Customer, PasswordLink, Proof, Request
from customers.visits import ENDED
from documents.tables import Document
from environment import clock
from environment.clock import local_day
from notices.erasing import erase_before as erase_notices_before
from notices.erasing import erase_terms_before
from portal.authorities import end_of_customer
from portal.question_erasing import erase_before as erase_before_questions
from portal.question_erasing import is_owed_an_answer
from retention.bundles import SIZE, Bundle
from retention.work import CLOSED, at_work


def requests(session: Session, cutoff: datetime, after: int) -> Bundle:
    """Erase wishes that the office carried out; a visit that is still to come waits."""
    over = or_(Request.visit_state.is_(None), Request.visit_state.in_(ENDED))
    return Bundle(erase_requests(session, Request.at < cutoff, over))


def questions(session: Session, cutoff: datetime, after: int) -> Bundle:
    """Erase questions to which nobody owes an answer, with all that came with them."""
    erased = erase_before_questions(session, cutoff, SIZE)
    return Bundle(erased, 0, after + 1 if erased == SIZE else None)


def unproven(session: Session, cutoff: datetime, after: int) -> Bundle:
    """Erase links that nobody used, with what never came into force; one whose customer is to be phoned waits."""
    found = session.scalars(
        select(Proof)
        .where(
            Proof.id > after,
            Proof.used_at.is_(None),
            Proof.void.is_distinct_from(VOID_ERASED),
            Proof.expires_at < cutoff,
        )
        .order_by(Proof.id)
        .limit(SIZE)
    ).all()
    unsettled = [proof for proof in found if proof.void is None and proof.phoned_at is None]
    for proof in found:
        if proof not in unsettled:
            erase_unproven(session, proof)
    return Bundle(len(found) - len(unsettled), len(unsettled), found[-1].id if found else None)


def password_links(session: Session, cutoff: datetime, after: int) -> Bundle:
    """Erase links by which a password was chosen, or could have been."""
    over = delete(PasswordLink).where(PasswordLink.expires_at < cutoff).returning(PasswordLink.id)
    return Bundle(len(session.execute(over).all()))


def consents(session: Session, cutoff: datetime, after: int) -> Bundle:
    """Erase the proofs of consents that are over for long."""
    over = (Consent.effective_to.is_not(None), Consent.effective_to < local_day(cutoff))
    found = session.scalars(select(Consent).where(Consent.id > after, *over).order_by(Consent.id).limit(SIZE)).all()
    numbers, whose = [consent.id for consent in found], {consent.customer_no for consent in found}
    for consent in found:
        erase_consent(session, consent)
    for number in whose:
        forget_agent(session, number)
    return Bundle(len(numbers), 0, numbers[-1] if numbers else None)


def accounts(session: Session, cutoff: datetime, after: int) -> Bundle:
    """Erase accounts that were closed."""
    lately = exists().where(
        Consent.tracking == Account.tracking,
        Consent.subject == "account",
        or_(Consent.effective_to.is_(None), Consent.effective_to >= local_day(cutoff)),
    )
    return Bundle(erase_accounts(session, Account.state == "closed", Account.created_at < cutoff, ~lately))


def authorities(session: Session, cutoff: datetime, after: int) -> Bundle:
    """Erase who had authority over a number until then, and invitations that nobody took up."""
    unused = and_(Authority.accepted_at.is_(None), Authority.link_ends < cutoff)
    over = or_(Authority.ended_at < cutoff, Authority.until < local_day(cutoff), unused)
    return Bundle(erase_authorities(session, over))


def customers(session: Session, cutoff: datetime, after: int) -> Bundle:
    """Erase customers that no imported list has named for that long, counted up to the newest list.

    Numbers need not be numbers to the database, so all are looked at in one go; those that are to go are few.
    """
    newest = session.scalar(select(func.max(Customer.listed_at)))
    if newest is None:
        return Bundle(0)
    gone = (Customer.listed_at < newest - (clock.now() - cutoff), Customer.content_digest != REDUCED)
    erased = kept = 0
    for customer in session.scalars(select(Customer).where(*gone).order_by(Customer.customer_no)).all():
        number = customer.customer_no
        busy = exists().where(Document.customer_no == number, or_(Document.state.not_in(CLOSED), at_work()))
        needed = session.scalar(select(busy)) or is_owed_an_answer(session, number)
        if needed or any(is_in_force(one) for one in open_consents(session, number)):
            kept += 1
        else:
            end_of_customer(session, number, MACHINE)
            reduce_customer(session, customer)
            erase_customer(session, number)
            metering.erase_readings(session, number)
            erased += 1
    return Bundle(erased, kept)


def notices(session: Session, cutoff: datetime, after: int) -> Bundle:
    """Erase what customers were told so long ago, with the messages."""
    erased = erase_notices_before(session, cutoff, SIZE)
    return Bundle(erased, 0, after + 1 if erased == SIZE else None)


def told_terms(session: Session, cutoff: datetime, after: int) -> Bundle:
    """Erase who was told so long ago of a new version of a Regulamin, with the messages."""
    erased = erase_terms_before(session, cutoff, SIZE)
    return Bundle(erased, 0, after + 1 if erased == SIZE else None)


def billing(session: Session, cutoff: datetime, after: int) -> Bundle:
    """Erase what billing told so long ago."""
    erased = erase_before(session, local_day(cutoff), SIZE)
    return Bundle(erased, 0, after + 1 if erased == SIZE else None)


def readings(session: Session, cutoff: datetime, after: int) -> Bundle:
    """Erase what customers reported of their meters so long ago, once billing has it or nobody wants it."""
    erased = metering.erase_before(session, cutoff, SIZE)
    return Bundle(erased, 0, after + 1 if erased == SIZE else None)
