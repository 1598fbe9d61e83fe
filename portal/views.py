"""Which customer number a session looks at, what it may do there, and as whom: the one thing that every page asks.

An account looks at its own numbers, with which it may do everything, and at those of customers who gave its owner
authority, with which it may do what that says, up to its day. Both are asked for anew with each page: what is withdrawn
or over is so at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sqlalchemy import Date, Integer, String, literal, select, union_all
from sqlalchemy.orm import Session

from customers.acting import CUSTOMER, agent
from customers.agents import is_agent
from customers.tables import AccountNumber, Authority, Customer

OWNER: Final = CUSTOMER


class Permission(StrEnum):
    """What may be done with a customer number by whoever looks at it."""

    SEE = "see"
    """See invoices, what is owed, how to pay it, and consumption."""
    ACT = "act"
    """Send readings, requests and questions, and see how cases stand."""
    EINVOICES = "einvoices"
    """Fill in the forms on electronic invoices."""
    OWN = "own"
    """Whatever is the customer's own affair: what we hold of him, who acts for him."""


class Scope(StrEnum):
    """How far an authority goes; each goes as far as the one before, and further."""

    SEE = "see"
    ACT = "act"
    EINVOICES = "einvoices"

    @property
    def permissions(self) -> frozenset[Permission]:
        """All that it lets somebody do."""
        return _PERMISSIONS[self]


_PERMISSIONS: Final[Mapping[Scope, frozenset[Permission]]] = MappingProxyType(
    {
        Scope.SEE: frozenset({Permission.SEE}),
        Scope.ACT: frozenset({Permission.SEE, Permission.ACT}),
        Scope.EINVOICES: frozenset({Permission.SEE, Permission.ACT, Permission.EINVOICES}),
    }
)


@dataclass(frozen=True, slots=True)
class View:
    """A customer number that an account may look at, and what it may do there.

    ``scope`` and ``until`` are those of the ``authority`` (its row) by which it looks at somebody else's, None of its
    own.
    """

    customer_no: str
    permissions: frozenset[Permission]
    scope: Scope | None = None
    until: date | None = None
    authority: int | None = None

    def may(self, permission: Permission) -> bool:
        """Whether that may be done with this number."""
        return permission in self.permissions


def actor_of(home_no: str, view: View) -> str:
    """Who acts, as the audit has it, when the account of that number looks at this one."""
    return OWNER if view.authority is None else agent(home_no, view.authority)


def own(customer_no: str) -> View:
    """The view that a customer has of himself: everything may be done."""
    return View(customer_no, frozenset(Permission))


def unknown(customer_no: str) -> View:
    """The view of whoever is not known to be that customer yet: nothing may be done."""
    return View(customer_no, frozenset())


def views_of(session: Session, account_id: int, home_no: str, day: date) -> tuple[View, ...]:
    """All that an account may look at on that day: its own first number, its further ones, then other customers'.

    The first one of an agent's account is no customer's: it stands there only where there is nothing else to look at.
    """
    further = select(
        AccountNumber.customer_no,
        literal(None, String).label("scope"),
        literal(None, Date).label("until"),
        literal(None, Integer).label("authority"),
    ).where(AccountNumber.account_id == account_id, AccountNumber.state == "active")
    given = select(Authority.customer_no, Authority.scope, Authority.until, Authority.id).where(
        Authority.account_id == account_id, Authority.ended_at.is_(None), Authority.until >= day
    )
    rows = session.execute(union_all(further, given)).all()
    mine = [own(number) for number in sorted(row.customer_no for row in rows if row.scope is None)]
    seen = {home_no, *(one.customer_no for one in mine)}
    others: dict[str, View] = {}
    for scope in Scope:  # of several authorities over one number the widest counts
        for row in rows:
            if row.scope == scope and row.customer_no not in seen:
                others[row.customer_no] = View(row.customer_no, scope.permissions, scope, row.until, row.authority)
    given_to_see = [others[number] for number in sorted(others)]
    if is_agent(home_no):
        return (*mine, *given_to_see) or (unknown(home_no),)
    return (own(home_no), *mine, *given_to_see)


def places_of(session: Session, numbers: Collection[str]) -> dict[str, str]:
    """Addresses in one line, by number: people tell their numbers apart by them. '' where none is known."""
    found = select(Customer.customer_no, Customer.street, Customer.house, Customer.flat, Customer.town).where(
        Customer.customer_no.in_(numbers)
    )
    return {row.customer_no: _place(row.street, row.house, row.flat, row.town) for row in session.execute(found)}


def _place(street: str | None, house: str | None, flat: str | None, town: str | None) -> str:
    """As people say it; villages without streets number their houses."""
    door = f"{house}/{flat}" if house and flat else house
    parts = (street, door) if street else (town, door)
    return ", ".join(part for part in (" ".join(part for part in parts if part), town if street else None) if part)
