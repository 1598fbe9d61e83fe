"""Who can be told something, and where: owners of accounts that work, by proven addresses that take messages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased

from confirmations.stopped_addresses import stopped_among
from customers.accounts import is_vouched
from customers.bulk import is_one_of
from customers.tables import Account, AccountNumber, Customer
from environment.clock import today
from forms.fields import MOBILE
from notices.choices import Switches, switches_of
from notices.kinds import NoticeKind
from notices.tables import NoticePhone

_MOST_OWNERS: Final = 20


@dataclass(frozen=True, slots=True)
class Person:
    """Whom notices about a customer go to.

    ``email`` and ``phone`` are None where there is none, nobody has proven it, or it takes nothing.
    """

    account_id: int
    customer_no: str
    email: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    switches: Switches

    def sms_for(self, kind: NoticeKind) -> str | None:
        """The telephone to which that kind goes now; None where it does not go by SMS."""
        return self.phone if self.switches[kind.switched_as].by_sms else None

    def email_for(self, kind: NoticeKind) -> str | None:
        """The address to which that kind goes now; None where it does not go by e-mail."""
        return self.email if self.switches[kind.switched_as].by_email else None


def people_of(session: Session, accounts: Sequence[Account]) -> list[Person]:
    """The owners of these accounts, once for each customer number that is theirs."""
    switches, phones = switches_of(session, accounts), proven_phones(session, accounts)
    addresses = {account.login for account in accounts} | set(phones.values())
    stopped = stopped_among(session, addresses) if addresses else set()

    def usable(address: str | None) -> str | None:
        return None if address in stopped else address

    numbers = _numbers(session, accounts)
    return [
        Person(account.id, number, usable(account.login), usable(phones.get(account.id)), switches[account.id])
        for account in accounts
        for number in numbers[account.id]
    ]


def people_about(session: Session, numbers: Collection[str], *, hold: bool = False) -> list[Person]:
    """The people to whom notices about these customers go; ``hold``: nobody else tells them anything meanwhile."""
    further = select(AccountNumber.account_id).where(
        AccountNumber.state == "active", is_one_of(session, AccountNumber.customer_no, numbers)
    )
    whose = or_(is_one_of(session, Account.customer_no, numbers), Account.id.in_(further))
    found = select(Account).where(Account.state == "active", whose).order_by(Account.id)
    found = found.execution_options(populate_existing=True)
    people = people_of(session, session.scalars(found.with_for_update() if hold else found).all())
    wanted = set(numbers)
    return [one for one in people if one.customer_no in wanted]


def _numbers(session: Session, accounts: Collection[Account]) -> dict[int, list[str]]:
    """The customer numbers of each account: its own, and further ones that nobody has an account of his own for.

    The own one of who is not known to be that customer is left out: a stranger's mailbox would be told of his bills.
    """
    numbers = {account.id: [account.customer_no] if is_vouched(account.vouched_at) else [] for account in accounts}
    owned = aliased(Account)
    own = exists().where(owned.customer_no == AccountNumber.customer_no, owned.state == "active")
    further = select(AccountNumber.account_id, AccountNumber.customer_no).where(
        AccountNumber.account_id.in_(numbers), AccountNumber.state == "active", ~own
    )
    for account_id, number in session.execute(further.order_by(AccountNumber.id)):
        numbers[account_id].append(number)
    return numbers


def numbers_proven_for(session: Session, phone: str) -> list[str]:
    """The customer numbers whose own account has proven that telephone by a code, where its owner is that customer."""
    found = select(Account.customer_no, Account.vouched_at).join(NoticePhone, NoticePhone.account_id == Account.id)
    found = found.where(
        Account.state == "active", NoticePhone.phone == phone, NoticePhone.proven_at.is_not(None)
    ).limit(_MOST_OWNERS)
    return [row.customer_no for row in session.execute(found) if is_vouched(row.vouched_at)]


def proven_phones(session: Session, accounts: Collection[Account]) -> dict[int, str]:
    """The telephone of each account that has a proven one, by its id.

    A code sent there proves it; so does the register, where the company has had the same number from the customer.
    """
    of_these = {account.id: account for account in accounts}
    rows = session.scalars(select(NoticePhone).where(NoticePhone.account_id.in_(of_these)))
    proven = {row.account_id: row.phone for row in rows if row.proven_at is not None and row.phone}
    rest = {one.customer_no: one for one in accounts if one.id not in proven and one.phone}
    known = select(Customer.customer_no, Customer.phone).where(is_one_of(session, Customer.customer_no, rest))
    for number, phone in session.execute(known) if rest else ():
        account = rest[number]
        if phone == account.phone and MOBILE.kind.parse(phone, today()).fault is None:
            proven[account.id] = phone
    return proven
