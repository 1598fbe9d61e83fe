"""Whether the owner of an account is the customer, and not a neighbour who knows his number, name and address.

It is known where the login is an address of his (``is_his_address``), or once its owner has given what only the
customer has: number and amount of one of the last invoices, or a code that came by letter. Until then the account
shows nothing of the customer (``api.portal.access``).
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.orm import Session

from access import tries
from audit.trail import record
from billing.dispatch_tables import DeliveredInvoice
from billing.statement import invoices_of
from confirmations.account_messages import compose_letter_code
from confirmations.recipients import postal_address
from confirmations.tables import Message, MessageState
from customers.accounts import active_account
from customers.consents import EINVOICE
from customers.records import RegisterLookup
from customers.tables import Account, Authority, Consent, Customer, LetterCode
from database.encryption import digest
from environment import clock
from environment.clock import last_day, local_day, midnight
from environment.settings import get_settings
from portal.views import OWNER

_DIGITS: Final = 8
_DAY: Final = 24 * 60
_TRIES_A_DAY: Final = 5
_TRIES_OF_CODE: Final = 20
"""Codes typed that were none before a code counts no more: one guess in five million is right."""
_INVOICES: Final = 3
"""The last ones: those that a customer has at hand."""
_MONEY: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
_LOOKED_AT: Final = 24
"""Invoices of which it is looked where they went."""
_WHOLE_ADDRESS: Final = 3
"""Lines of an address to which a letter can go."""


class Way(StrEnum):
    """How it became known."""

    REGISTER = "register"
    INVOICE = "invoice"
    LETTER = "letter"
    IDENTITY = "identity"
    DOCUMENT = "document"
    """A clerk saw an identity document, or (``caller``) asked on the telephone (``portal.claims``)."""
    CALLER = "caller"


class Answer(StrEnum):
    """What came of something typed."""

    RIGHT = "right"
    WRONG = "wrong"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Letters:
    """The letter that is on its way, and whether one may be asked for; ``reachable``: the address is a whole one.

    ``next_at`` is the beginning of a day, since people are told a day.
    """

    sent_at: datetime | None
    until: datetime | None
    next_at: datetime | None
    reachable: bool


def note_known(session: Session, account: Account) -> None:
    """Write down that the owner is known, where the login is an address that is known to be the customer's."""
    if account.vouched_at is None and is_his_address(session, account.customer_no, account.login):
        vouch(session, account, Way.REGISTER)


def vouch(session: Session, account: Account, way: Way, *, actor: str = OWNER) -> None:
    """The owner of that account is the customer; ``actor`` is who showed it, or said so."""
    if account.vouched_at is not None:
        return
    account.vouched_at, account.vouched_by = clock.now(), way.value
    session.execute(delete(LetterCode).where(LetterCode.account_id == account.id))
    subject = f"customer:{account.customer_no}"
    record(session, actor=actor, action="account_vouched", subject=subject, detail={"by": way.value})


def letters(session: Session, customer_no: str) -> Letters:
    """Where the letter of that customer's account is."""
    account = active_account(session, customer_no)
    newest = None if account is None else _newest(session, account)
    reachable = _address(session, customer_no) is not None
    if newest is None:
        return Letters(None, None, None, reachable)
    again = midnight(local_day(newest.created_at) + timedelta(days=get_settings().letter_code_again_days))
    return Letters(newest.created_at, newest.expires_at, again if again > clock.now() else None, reachable)


def send_letter(session: Session, customer_no: str) -> bool:
    """Put a letter with a new code into the outbox; False where one went not long ago, or the address is not whole."""
    account, customer = active_account(session, customer_no, hold=True), RegisterLookup(session).find(customer_no)
    if account is None or account.vouched_at is not None or customer is None:
        return False
    known = letters(session, customer_no)
    if known.next_at is not None or not known.reachable:
        return False
    at, code = clock.now(), "".join(secrets.choice("0123456789") for _ in range(_DIGITS))
    until = at + timedelta(days=get_settings().letter_code_days)
    row = LetterCode(
        account_id=account.id, code_digest=_digest(account, code), created_at=at, expires_at=until, wrong=0
    )
    session.add(row)
    session.flush()
    shown = f"{code[: _DIGITS // 2]} {code[_DIGITS // 2 :]}"
    compose_letter_code(session, customer, account.tracking, code=shown, until=last_day(until), again=str(row.id))
    record(session, actor="customer", action="account_code_sent", subject=f"customer:{customer_no}")
    return True


def by_code(session: Session, customer_no: str, typed: str) -> Answer:
    """Whether that is a code that came by letter; then the owner is known."""
    account = active_account(session, customer_no, hold=True)
    if account is None or not _counted(session, customer_no):
        return Answer.TOO_MANY
    code = "".join(sign for sign in typed if sign.isdecimal() and sign.isascii())
    of_account = (LetterCode.account_id == account.id, LetterCode.expires_at > clock.now())
    usable = (*of_account, LetterCode.wrong < _TRIES_OF_CODE)
    right = exists().where(*usable, LetterCode.code_digest == _digest(account, code))
    if not session.scalar(select(right)):
        session.execute(update(LetterCode).where(*of_account).values(wrong=LetterCode.wrong + 1))
        return Answer.WRONG
    return _given(session, account, Way.LETTER)


def by_invoice(session: Session, customer_no: str, number: str, amount: str) -> Answer:
    """Whether one of the last invoices has that number and amount; then the owner is known."""
    account = active_account(session, customer_no, hold=True)
    if account is None or not _counted(session, customer_no):
        return Answer.TOO_MANY
    paid, wanted = _amount(amount), _plain(number)
    last = invoices_of(session, customer_no, limit=_INVOICES)
    if not any(_plain(row["invoice_no"]) == wanted and row["gross"] == paid and paid for row in last):
        return Answer.WRONG
    return _given(session, account, Way.INVOICE)


def has_invoices(session: Session, customer_no: str) -> bool:
    """Whether there is an invoice that he can name."""
    return bool(invoices_of(session, customer_no, limit=1))


def sweep_away(session: Session) -> int:
    """Delete codes that count no more; gives how many."""
    over = delete(LetterCode).where(LetterCode.expires_at <= clock.now()).returning(LetterCode.id)
    return len(session.execute(over).all())


def _given(session: Session, account: Account, way: Way) -> Answer:
    vouch(session, account, way)
    tries.forget(session, _key(account.customer_no))
    return Answer.RIGHT


def _counted(session: Session, customer_no: str) -> bool:
    """Count a try, if one is left today."""
    key = _key(customer_no)
    if not tries.allowed(session, key, most=_TRIES_A_DAY, minutes=_DAY):
        return False
    tries.note_wrong(session, key)
    return True


def is_his_address(session: Session, customer_no: str, login: str) -> bool:
    """Whether that e-mail address is known to be the customer's: billing has it, or his e-invoices arrive there.

    An acceptance of e-invoices alone tells nothing: whoever knows number, name and address can send one and prove a
    mailbox of his own. An invoice that was sent there since told all that ``by_invoice`` asks for. One to whom
    authority was given gets invoices for the customer, and is not him.
    """
    customer = session.get(Customer, customer_no)
    if customer is not None and customer.email is not None and customer.email.lower() == login:
        return True
    agents = or_(Authority.email == login, Authority.account_id.in_(select(Account.id).where(Account.login == login)))
    if session.scalar(select(exists().where(Authority.customer_no == customer_no, agents))):
        return False
    arrived = (
        select(Message.recipient)
        .join(DeliveredInvoice, DeliveredInvoice.message_key == Message.key)
        .join(Consent, Consent.customer_no == DeliveredInvoice.customer_no)
        .where(
            DeliveredInvoice.customer_no == customer_no,
            DeliveredInvoice.decided_at > Consent.email_proven_at,
            Message.state == MessageState.SENT,
            Consent.subject == EINVOICE,
            Consent.email == login,
            Consent.effective_to.is_(None),
        )
        .order_by(DeliveredInvoice.decided_at.desc())
        .limit(_LOOKED_AT)
    )  # one of a day before goes to the address before, also after another was proven
    return any(recipient == login for recipient in session.scalars(arrived))


def _address(session: Session, customer_no: str) -> str | None:
    customer = RegisterLookup(session).find(customer_no)
    lines = "" if customer is None else postal_address(customer)
    return lines if len(lines.splitlines()) >= _WHOLE_ADDRESS else None


def _newest(session: Session, account: Account) -> LetterCode | None:
    newest = select(LetterCode).where(LetterCode.account_id == account.id, LetterCode.expires_at > clock.now())
    return session.scalar(newest.order_by(LetterCode.id.desc()).limit(1))


def _plain(number: str) -> str:
    """The number of an invoice however it is spaced and in whichever letters."""
    return "".join(number.split()).casefold()


def _amount(typed: str) -> Decimal | None:
    """An amount as people write it: '1 234,50 zł'."""
    plain = "".join(typed.lower().replace("zł", "").replace("pln", "").split()).replace(",", ".")
    return Decimal(plain) if _MONEY.fullmatch(plain) else None


def _digest(account: Account, code: str) -> str:
    return digest("letter code", str(account.id), code)


def _key(customer_no: str) -> str:
    return f"vouching:{customer_no}"
