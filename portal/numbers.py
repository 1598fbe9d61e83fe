"""Further customer numbers in one account: a flat, a cottage and a shop under one login.

A number joins at once where what was given agrees with the register by two factors, as with the sign-up, and the login
of the account is known to be that customer's address (``portal.vouching``). So it takes at least what an account takes,
and the mailbox must be the customer's besides. Everything else waits for the office, and whoever asks is told the same,
whether such a number is there or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Select, delete, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from access import tries
from audit.trail import record
from confirmations.account_messages import compose_account_notice, compose_number_watched
from customers.accounts import open_account
from customers.matching import match
from customers.proofs import lock_customer
from customers.records import CustomerRecord, RegisterLookup
from customers.tables import Account, AccountNumber, Customer
from environment import clock
from environment.settings import get_settings
from forms.catalogue import form_by_code
from forms.submission import submission_from_values
from portal.authorities import end_of_number
from portal.vouching import is_his_address

ASKED_FOR: Final = ("customer_no", "name", "postcode")
"""Fields of the sign-up that tell whose number it is."""
_SIGN_UP: Final = form_by_code("ebok_signup")
FIELDS: Final = tuple(_SIGN_UP[name] for name in ASKED_FOR)
"""The same as fields, with their labels and kinds."""
_DAY: Final = 24 * 60


class TooManyNumbersError(Exception):
    """As many were asked for today as may be; ``told`` says so in Polish."""

    told: Final = "Poproszono już o tyle numerów, ile można jednego dnia. Spróbuj jutro albo zadzwoń do nas."


class Joining(StrEnum):
    """What came of asking for a further number."""

    JOINED = "joined"
    WAITS = "waits"
    HAD = "had"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A number that waits for the office, with what a clerk decides by.

    ``agreed`` names what of that asked with it agrees with the register. ``free`` is whether it may join: it is in the
    register, and in no account.
    """

    number: int
    login: str = field(repr=False)
    home: CustomerRecord | None
    customer_no: str
    record: CustomerRecord | None
    agreed: tuple[str, ...]
    free: bool
    asked_at: datetime


def faults_of(typed: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with what was typed of ``ASKED_FOR``, by field."""
    faults = {}
    for field_ in FIELDS:
        parsed = field_.kind.parse(typed[field_.name], clock.today())
        if parsed.fault or parsed.value is None:
            faults[field_.name] = parsed.fault.message if parsed.fault else f"Uzupełnij: {field_.label}."
    return faults


def ask_once_more(session: Session, account_id: int, values: Mapping[str, str]) -> Joining:
    """``ask`` as the owner of an account may some times a day, whatever comes of it; TooManyNumbersError."""
    key, most = f"numbers:{account_id}", get_settings().numbers_per_day
    if not tries.allowed(session, key, most=most, minutes=_DAY):
        raise TooManyNumbersError
    tries.note_wrong(session, key)
    return ask(session, account_id, values)


def ask(session: Session, account_id: int, values: Mapping[str, str]) -> Joining:
    """Have a number join an account, or wait for the office; ``values`` are those of ``ASKED_FOR``, as typed."""
    submission, _ = submission_from_values(_SIGN_UP, values, clock.today())
    number = submission.text("customer_no")
    if number is None:
        raise ValueError("no customer number")
    lock_customer(session, number)
    account = session.get_one(Account, account_id, with_for_update=True)
    row = session.scalar(_of(account_id, number))
    if number == account.customer_no or (row is not None and row.state == "active"):
        return Joining.HAD
    found = match(submission, RegisterLookup(session))
    if row is None:
        row = AccountNumber(account_id=account_id, customer_no=number, state="waiting")
        session.add(row)
    row.agreed, row.asked_at = ",".join(sorted(found.factors - {"customer_no"})), clock.now()
    session.flush()
    if found.identified and is_his_address(session, number, account.login) and _join(session, row):
        _tell(session, "number_joined", account, row)
        _audit(session, "customer", "number_joined", number, account)
        return Joining.JOINED
    _audit(session, "customer", "number_asked_for", number, account)
    return Joining.WAITS


def numbers_waiting(session: Session, account_id: int) -> list[AccountNumber]:
    """What an account still waits for, the oldest first."""
    of_account = (AccountNumber.account_id == account_id, AccountNumber.state == "waiting")
    return list(session.scalars(select(AccountNumber).where(*of_account).order_by(AccountNumber.id)))


def remove(session: Session, account_id: int, customer_no: str) -> bool:
    """Take a further number, or one that waits, out of an account at its owner's wish; whether there was one.

    What he gave of authority over it ends.
    """
    lock_customer(session, customer_no)
    row = session.scalar(_of(account_id, customer_no))
    if row is None:
        return False
    account = session.get_one(Account, account_id)
    if row.state == "active":
        end_of_number(session, customer_no)
    session.delete(row)
    _audit(session, "customer", "number_removed", customer_no, account)
    return True


def all_waiting(session: Session) -> list[Waiting]:
    """What the office is to decide, the oldest first."""
    found = (
        select(AccountNumber, Account)
        .join(Account, Account.id == AccountNumber.account_id)
        .where(AccountNumber.state == "waiting", Account.state == "active")
        .order_by(AccountNumber.id)
    )
    register = RegisterLookup(session)
    return [
        Waiting(
            row.id,
            account.login,
            register.find(account.customer_no),
            row.customer_no,
            register.find(row.customer_no),
            tuple(part for part in row.agreed.split(",") if part),
            _is_free(session, row.customer_no),
            row.asked_at,
        )
        for row, account in session.execute(found)
    ]


def settle(session: Session, number: int, actor: str, *, joins: bool) -> bool:
    """A clerk decides about what waits, and the owner of the account is told; False where it cannot be (any more)."""
    asked = session.get(AccountNumber, number)
    if asked is None:
        return False
    lock_customer(session, asked.customer_no)  # before the row, in the order in which ``ask`` holds them
    row = session.get(AccountNumber, number, with_for_update=True, populate_existing=True)
    if row is None or row.state != "waiting":
        return False
    account = session.get_one(Account, row.account_id)
    if not joins:
        session.delete(row)
        _tell(session, "number_refused", account, row)
        _audit(session, actor, "number_refused", row.customer_no, account)
        return True
    if not _join(session, row):
        return False
    _tell(session, "number_joined", account, row)
    customer = RegisterLookup(session).find(row.customer_no)
    if customer is not None:
        compose_number_watched(session, customer, account.login, tracking=account.tracking, again=_mark_of(row))
    _audit(session, actor, "number_joined", row.customer_no, account)
    return True


def _join(session: Session, row: AccountNumber) -> bool:
    """Make a number one of the account's, where it is free."""
    closed = select(Account.id).where(Account.state == "closed").scalar_subquery()
    left = (AccountNumber.customer_no == row.customer_no, AccountNumber.account_id.in_(closed))
    session.execute(delete(AccountNumber).where(*left))
    if not _is_free(session, row.customer_no):
        return False
    try:
        with session.begin_nested():
            row.state = "active"
    except IntegrityError:  # another account took it at the same moment
        return False
    return True


def _tell(session: Session, template: str, account: Account, row: AccountNumber) -> None:
    """Tell the owner of an account; no message names the number."""
    compose_account_notice(
        session, template, account.login, account.customer_no, tracking=account.tracking, again=_mark_of(row)
    )


def _mark_of(row: AccountNumber) -> str:
    """What tells the message about one number from that about another, and about the same one another time."""
    return f"{row.id}-{row.asked_at:%y%m%d%H%M%S}"


def _is_free(session: Session, customer_no: str) -> bool:
    known = session.scalar(select(exists().where(Customer.customer_no == customer_no)))
    return bool(known) and open_account(session, customer_no) is None


def _of(account_id: int, customer_no: str) -> Select[tuple[AccountNumber]]:
    of_account = (AccountNumber.account_id == account_id, AccountNumber.customer_no == customer_no)
    return select(AccountNumber).where(*of_account).with_for_update().execution_options(populate_existing=True)


def _audit(session: Session, actor: str, action: str, customer_no: str, account: Account) -> None:
    detail = {"account_of": account.customer_no}
    record(session, actor=actor, action=action, subject=f"customer:{customer_no}", detail=detail)
