"""Who acts for a customer: how the audit names him, and who that is to those who read what he wrote.

What an agent writes carries the number of his authority, and nothing else of him: who he is is asked for when it is
shown, so it goes with his account, and the authority with its period.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.agents import is_agent
from customers.tables import Account, Authority, Customer

AGENT: Final = "pełnomocnik"
_ACTOR: Final = re.compile(r"agent:[^/]+/([0-9]{1,10})")


@dataclass(frozen=True, slots=True)
class Agent:
    """Who was given an authority: his address, '' once his account is gone, and his name where he is a customer."""

    customer_no: str
    name: str | None = field(repr=False)
    email: str = field(repr=False)

    @property
    def told_to_customer(self) -> str:
        """Who it is, for the customer: the address that the authority was given to, and nothing of the register."""
        return _told(self.email)


def agent(home_no: str, authority: int) -> str:
    """Who acts by authority, as the audit has it: his account, by its own number, and which authority."""
    return f"agent:{home_no}/{authority}"


def authority_of(actor: str) -> int | None:
    """By which authority somebody acts, named as in the audit; None where by none."""
    found = _ACTOR.fullmatch(actor)
    return None if found is None else int(found[1])


def agents(session: Session, authorities: Iterable[int | None]) -> dict[int, Agent]:
    """Who was given these authorities, by number; those that are kept no more are not there."""
    wanted = {number for number in authorities if number is not None}
    if not wanted:
        return {}
    found = (
        select(Authority.id, Authority.customer_no, Authority.email, Account.customer_no.label("home"), Customer.name)
        .outerjoin(Account, Account.id == Authority.account_id)
        .outerjoin(Customer, Customer.customer_no == Account.customer_no)
        .where(Authority.id.in_(wanted))
    )
    return {
        row.id: Agent(row.customer_no, None if row.home is None or is_agent(row.home) else row.name, row.email)
        for row in session.execute(found)
    }


def agents_in_words(session: Session, authorities: Iterable[int | None], *, of_whom: bool = False) -> dict[int, str]:
    """Who sent what, for the office, by authority: 'Jan Kowalski, pełnomocnik'.

    ``of_whom`` adds whose agent he is, where that does not go without saying.
    """
    wanted = {number for number in authorities if number is not None}
    found = agents(session, wanted)
    return {number: _of_office(found.get(number), of_whom=of_whom) for number in wanted}


def _of_office(one: Agent | None, *, of_whom: bool) -> str:
    if one is None:
        return AGENT
    told = _told(one.name or one.email)
    return f"{told} klienta {one.customer_no}" if of_whom else told


def _told(who: str) -> str:
    return f"{who}, {AGENT}" if who else AGENT
