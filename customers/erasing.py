"""Erasing what the customer register keeps beside its list: links, requests, accounts, and what came of documents.

What remains of a consent is its proof: number (and name, as long as the register has it), form and version, version of
the Regulamin, days of signature and receipt, from when to when it held, the address and when it was proven, the case
and the digest of its original.

All functions work inside the caller's transaction and never commit.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from customers.accounts import is_vouched
from customers.effects import consenting_to
from customers.proofs import VOID_ERASED
from customers.register_index import described, held, renew
from customers.tables import (
    Account,
    AccountNumber,
    AccountSession,
    Authority,
    Change,
    Consent,
    Customer,
    LetterCode,
    Passkey,
    PasswordLink,
    Proof,
    Request,
    TermsAnswer,
)
from environment import clock

REDUCED: Final = ""
"""Digest of the content of a customer's row that was erased."""
_ACCOUNT: Final = "account"
"""Subject of the consent to an account."""
_OWNER: Final = "customer"
"""Who gave an authority in his account (``portal.views.OWNER``)."""
_GONE: Final = "account erased"
"""What ended an authority whose owner's account was erased by no wish of his."""
_KEPT_OF_DETAIL: Final = ("duplicate_of", "corrected_by", "undone")
"""Of a change: what other cases rest on, and names nobody."""


def reduce_change(session: Session, tracking: str, told: str) -> None:
    """Of what came of a document keep that it came, and when; ``told`` stands for what it said."""
    for change in session.scalars(select(Change).where(Change.tracking == tracking)):
        kept = {name: change.detail[name] for name in _KEPT_OF_DETAIL if name in change.detail}
        change.detail = {"message": told, "facts": {}, "duplicate_of": None, **kept}
        change.request_digest = ""
    session.flush()


def erase_change(session: Session, tracking: str) -> None:
    """Erase that a document changed something; the caller has seen to it that no consent rests on it."""
    _delete(session, Change, Change.tracking == tracking)
    _delete(session, Request, Request.tracking == tracking)


def erase_requests(session: Session, *conditions: ColumnElement[bool]) -> int:
    """Erase wishes that the office carried out; gives how many."""
    return _delete(session, Request, *conditions)


def consents_of(session: Session, customer_no: str) -> list[Consent]:
    """All consents of a customer, oldest first."""
    return list(session.scalars(select(Consent).where(Consent.customer_no == customer_no).order_by(Consent.id)))


def open_consents(session: Session, customer_no: str) -> list[Consent]:
    """The consents of a customer that are in force or wait for the proof of their address."""
    return [consent for consent in consents_of(session, customer_no) if consent.effective_to is None]


def is_in_force(consent: Consent) -> bool:
    """Whether a consent holds now."""
    return consent.effective_to is None and consent.email_proven_at is not None


def erase_unproven(session: Session, proof: Proof) -> None:
    """Erase a link that nobody used, and what never came into force because of that: its consent, its account."""
    consent = session.get_one(Consent, proof.consent_id)
    proof.email, proof.nonce = "", ""
    if proof.used_at is None:
        proof.void = VOID_ERASED
    session.flush()
    others = select(Proof.id).where(Proof.consent_id == consent.id, Proof.void.is_distinct_from(VOID_ERASED))
    if consent.email_proven_at is not None or session.scalar(others.limit(1)) is not None:
        return
    consent.email = ""
    consent.effective_to = consent.effective_to or consent.received_on
    consenting_to(consent.subject).forget(session, consent)
    session.flush()


def erase_consent(session: Session, consent: Consent) -> None:
    """Erase the proof of a consent, with the links that proved its address, and what was answered to later versions."""
    _delete(session, Proof, Proof.consent_id == consent.id)
    if consent.subject == _ACCOUNT:
        _delete(
            session, TermsAnswer, TermsAnswer.customer_no == consent.customer_no, ~_has_account(consent.customer_no)
        )
    session.delete(consent)
    session.flush()


def end_account(session: Session, account: Account, day: date) -> None:
    """The owner wants no account any more: its consent ends with that day, the account is erased.

    Of an owner who was never known to be the customer it was none of the customer's: it is taken back.
    """
    if account.state == "closed":
        erase_accounts(session, Account.id == account.id)
        return
    open_consent = select(Consent).where(
        Consent.customer_no == account.customer_no, Consent.subject == _ACCOUNT, Consent.effective_to.is_(None)
    )
    for consent in session.scalars(open_consent):
        consent.effective_to, consent.withdrawn = day, is_vouched(account.vouched_at)
    erase_accounts(session, Account.id == account.id)


def end_authorities(session: Session, account: Account) -> None:
    """End what the owner of an account gave and was given, where it was opened by mistake."""
    further = select(AccountNumber.customer_no).where(AccountNumber.account_id == account.id)
    over = or_(Authority.customer_no == account.customer_no, Authority.customer_no.in_(further))
    given = and_(over, Authority.given_by == _OWNER)
    concerned = (or_(given, Authority.account_id == account.id), Authority.ended_at.is_(None))
    ended = update(Authority).where(*concerned).values(ended_at=clock.now(), ended_by=_GONE, token_digest=None)
    session.execute(ended)


def erase_accounts(session: Session, *conditions: ColumnElement[bool]) -> int:
    """Erase accounts with their passwords, passkeys, codes, links, sessions and numbers; gives how many.

    Of authority that their owners were given only remains that it was.
    """
    numbers = list(session.scalars(select(Account.id).where(*conditions)))
    for authority in session.scalars(select(Authority).where(Authority.account_id.in_(numbers))):
        authority.account_id, authority.email, authority.token_digest = None, "", None
        authority.ended_at, authority.ended_by = authority.ended_at or clock.now(), authority.ended_by or _GONE
    session.flush()
    _delete(session, AccountNumber, AccountNumber.account_id.in_(numbers))
    _delete(session, AccountSession, AccountSession.account_id.in_(numbers))
    _delete(session, PasswordLink, PasswordLink.account_id.in_(numbers))
    _delete(session, Passkey, Passkey.account_id.in_(numbers))
    _delete(session, LetterCode, LetterCode.account_id.in_(numbers))
    return _delete(session, Account, Account.id.in_(numbers))


def erase_standing(session: Session, customer_no: str) -> int:
    """Erase in whose account a number is beside its own, and who had authority over it; gives how many."""
    joined = _delete(session, AccountNumber, AccountNumber.customer_no == customer_no)
    return joined + _delete(session, Authority, Authority.customer_no == customer_no)


def erase_authorities(session: Session, *conditions: ColumnElement[bool]) -> int:
    """Erase who had authority; gives how many."""
    return _delete(session, Authority, *conditions)


def reduce_customer(session: Session, customer: Customer) -> bool:
    """Erase a customer's row; what still proves something leaves his number and name. True when nothing is left."""
    number = customer.customer_no
    index = held(session, [number])
    before = described(session, [number])
    erase_standing(session, number)
    if rests_on(session, number):
        for name in ("pesel", "nip", "street", "house", "flat", "postcode", "town", "phone", "email", "unusable"):
            setattr(customer, name, None)
        customer.address_key = customer.pesel_key = None
        customer.invoice_email = None if customer.invoice_delivery == "paper" else customer.invoice_email
        customer.content_digest = REDUCED  # whoever is listed again is written anew
        customer.updated_at = clock.now()
        session.flush()
        renew(session, index, before, described(session, [number]))
        return False
    session.delete(customer)
    session.flush()
    renew(session, index, before, ())
    return True


def rests_on(session: Session, customer_no: str) -> bool:
    """Whether something is kept that needs the customer's row."""
    return any(
        session.scalar(select(exists().where(table.customer_no == customer_no)))
        for table in (Consent, Account, Request, Change, Proof, TermsAnswer)
    )


def _has_account(customer_no: str) -> ColumnElement[bool]:
    return exists().where(Account.customer_no == customer_no, Account.state != "closed")


def _delete(session: Session, table: type, *conditions: ColumnElement[bool]) -> int:
    deleted = session.execute(delete(table).where(*conditions).execution_options(synchronize_session=False))
    return int(deleted.rowcount)  # type: ignore[attr-defined]
