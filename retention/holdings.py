"""What is held about one customer: found by number in every room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from audit import trail
from audit.tables import AuditEntry
from billing.statement import everything_of
from confirmations.erasing import messages_about, messages_to
from confirmations.tables import Message
from customers.erasing import consents_of
from customers.tables import (
    Account,
    AccountNumber,
    Authority,
    Change,
    Consent,
    Customer,
    LetterCode,
    Passkey,
    Proof,
    Request,
    TermsAnswer,
)
from documents import drafts
from documents.drafts import Draft
from documents.erasing import shares_original
from documents.tables import Document, Reading
from portal.conversations import Conversation
from portal.questions import all_of

_NUMBER: Final = "customer_no"
_Row = TypeVar("_Row", Account, Change, Proof, Request, TermsAnswer)
_OfAccounts = TypeVar("_OfAccounts", AccountNumber, Authority)
_OfAccount = TypeVar("_OfAccount", LetterCode, Passkey)


class UnknownCustomerError(LookupError):
    """Nothing at all is held of a customer of that number."""


@dataclass(frozen=True, slots=True)
class Held:
    """All that is held under one customer's number.

    ``named`` are trackings of cases in which somebody gave that number, or this customer's PESEL, and which nobody has
    found to be his: perhaps they are another's. ``shared`` are trackings of his cases whose file others share.
    ``authorities`` are those that he gave and those that he has; ``joined`` says in whose account his number is beside
    his own, and which numbers are in his.
    """

    customer_no: str
    customer: Customer | None = field(repr=False)
    documents: tuple[Document, ...] = field(repr=False)
    consents: tuple[Consent, ...] = field(repr=False)
    accounts: tuple[Account, ...] = field(repr=False)
    joined: tuple[AccountNumber, ...] = field(repr=False)
    authorities: tuple[Authority, ...] = field(repr=False)
    terms_answers: tuple[TermsAnswer, ...] = field(repr=False)
    passkeys: tuple[Passkey, ...] = field(repr=False)
    letter_codes: tuple[LetterCode, ...] = field(repr=False)
    proofs: tuple[Proof, ...] = field(repr=False)
    requests: tuple[Request, ...] = field(repr=False)
    questions: tuple[Conversation, ...] = field(repr=False)
    changes: tuple[Change, ...] = field(repr=False)
    messages: tuple[Message, ...] = field(repr=False)
    drafts: tuple[Draft, ...] = field(repr=False)
    audit: tuple[AuditEntry, ...] = field(repr=False)
    named: tuple[str, ...]
    shared: frozenset[str]

    @property
    def trackings(self) -> frozenset[str]:
        """The numbers of his cases."""
        return frozenset(document.tracking for document in self.documents)


def personal_data_of(session: Session, customer_no: str) -> Held:
    """What is held of that customer; UnknownCustomerError when that is nothing."""
    require_known(session, customer_no)
    customer = session.get(Customer, customer_no)
    documents, of_invoices = _documents(session, customer_no), messages_about(session, customer_no)
    own, questions = frozenset(document.tracking for document in documents), all_of(session, customer_no)
    asked = {f"question:{one.number}" for one in questions}
    accounts = _all(session, Account, customer_no)
    authorities = _with_accounts(session, Authority, customer_no, accounts)
    acts = any(one.customer_no != customer_no for one in authorities)
    return Held(
        customer_no,
        customer,
        documents,
        tuple(consents_of(session, customer_no)),
        accounts,
        _with_accounts(session, AccountNumber, customer_no, accounts),
        authorities,
        _all(session, TermsAnswer, customer_no),
        _of_accounts(session, Passkey, accounts),
        _of_accounts(session, LetterCode, accounts),
        _all(session, Proof, customer_no),
        _all(session, Request, customer_no),
        questions,
        _all(session, Change, customer_no),
        (*messages_to(session, own), *of_invoices),
        tuple(drafts.begun_with(session, _NUMBER, customer_no)),
        _audit(session, customer_no, own | asked | {message.subject for message in of_invoices}, acts=acts),
        _named(session, customer_no, None if customer is None else customer.pesel, own),
        frozenset(one.tracking for one in documents if shares_original(session, one, own)),
    )


def require_known(session: Session, customer_no: str) -> None:
    """UnknownCustomerError when nothing is held of that customer."""
    known = session.get(Customer, customer_no) or consents_of(session, customer_no) or _documents(session, customer_no)
    if not known and not all_of(session, customer_no) and not any(everything_of(session, customer_no).values()):
        raise UnknownCustomerError(customer_no)


def _documents(session: Session, customer_no: str) -> tuple[Document, ...]:
    """His cases, and files that came a second time: they hold the same."""
    by_change = select(Change.tracking).where(Change.customer_no == customer_no)
    by_consent = select(Consent.tracking).where(Consent.customer_no == customer_no)
    by_end = select(Consent.ended_by_tracking).where(Consent.customer_no == customer_no)
    own = or_(
        Document.customer_no == customer_no,
        *(Document.tracking.in_(known) for known in (by_change, by_consent, by_end)),
    )
    own_trackings = select(Document.tracking).where(own)
    again = and_(Document.duplicate_of.in_(own_trackings), Document.customer_no.is_(None))
    found = select(Document).where(or_(own, again)).order_by(Document.received_at, Document.id)
    return tuple(session.scalars(found))


def _all(session: Session, table: type[_Row], customer_no: str) -> tuple[_Row, ...]:
    return tuple(session.scalars(select(table).where(table.customer_no == customer_no).order_by(table.id)))


def _with_accounts(
    session: Session, table: type[_OfAccounts], customer_no: str, accounts: Sequence[Account]
) -> tuple[_OfAccounts, ...]:
    """What names that customer, or one of his accounts."""
    numbers = [account.id for account in accounts]
    named = or_(table.customer_no == customer_no, table.account_id.in_(numbers))
    return tuple(session.scalars(select(table).where(named).order_by(table.id)))


def _of_accounts(session: Session, table: type[_OfAccount], accounts: Sequence[Account]) -> tuple[_OfAccount, ...]:
    """What belongs to one of his accounts."""
    numbers = [account.id for account in accounts]
    return tuple(session.scalars(select(table).where(table.account_id.in_(numbers)).order_by(table.id)))


def _audit(session: Session, customer_no: str, subjects: frozenset[str], *, acts: bool) -> tuple[AuditEntry, ...]:
    """Entries of him, of his cases and invoices, of searches that showed him, and of what he did for others.

    The oldest first.
    """
    subjects |= {f"customer:{customer_no}"}
    of_him = trail.entries(session, trail.TrailFilter(subjects=sorted(subjects), mentioned=customer_no))
    found = {one.id: one for one in of_him}
    if acts:
        found |= {one.id: one for one in trail.entries(session, trail.TrailFilter(actor=customer_no))}
    return tuple(found[number] for number in sorted(found))


def _named(session: Session, customer_no: str, pesel: str | None, own: frozenset[str]) -> tuple[str, ...]:
    """Cases of nobody in particular that give his number or PESEL; values are encrypted, so each is looked at."""
    wanted = {_NUMBER: customer_no, "pesel": pesel}
    rows = session.execute(
        select(Document.tracking, Reading.field, Reading.value)
        .join(Reading, Reading.document_id == Document.id)
        .where(Reading.field.in_(wanted), Document.customer_no.is_(None))
    )
    found = {tracking for tracking, name, value in rows if value is not None and value == wanted[name]}
    return tuple(sorted(found - own))
