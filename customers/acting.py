"""Who acts for a customer: how the audit names him, and who that is to those who read what he wrote.

What an agent writes carries the number of his authority, and nothing else of him: who he is is asked for when it is
shown, so it goes with his account, and the authority with its period.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.agents import is_agent
from customers.tables import Account, Authority, Customer
from environment import clock

CUSTOMER: Final = "customer"
"""Who acts with a number of his own account, as the audit has it."""
AGENT: Final = "pełnomocnik"
_ACTOR: Final = re.compile(r"agent:[^/]+/([0-9]{1,10})")


@dataclass(frozen=True, slots=True)
class Agent:
    """Who was given an authority: his address, '' once his account is gone, and his name where he is a customer.

    ``account`` is whose it is, None while nobody has taken it up and once that is gone; ``over`` is the day on which it
    ended, or the last on which it held, None while it holds.
    """

    customer_no: str
    account: int | None
    over: date | None
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


def is_his_word(actor: str) -> bool:
    """Whether that is the customer, or somebody who speaks for him: neither office nor crew nor machine."""
    return actor == CUSTOMER or authority_of(actor) is not None


def told_of(customer_no: str, actor: str | None) -> str | None:
    """Who acted, as the data of that customer tell it: of somebody else who acts for him by which authority only.

    The number of an agent's account may be that of another customer.
    """
    number = None if actor is None else authority_of(actor)
    return actor if number is None or actor == agent(customer_no, number) else f"agent/{number}"


def agents(session: Session, authorities: Iterable[int | None]) -> dict[int, Agent]:
    """Who was given these authorities, by number; those that are kept no more are not there."""
    wanted = {number for number in authorities if number is not None}
    if not wanted:
        return {}
    found = (
        select(Authority, Account.customer_no.label("home"), Customer.name)
        .outerjoin(Account, Account.id == Authority.account_id)
        .outerjoin(Customer, Customer.customer_no == Account.customer_no)
        .where(Authority.id.in_(wanted))
    )
    return {
        given.id: Agent(
            given.customer_no,
            given.account_id,
            _over(given),
            None if home is None or is_agent(home) else name,
            given.email,
        )
        for given, home, name in session.execute(found).tuples()
    }


def agents_in_words(session: Session, authorities: Iterable[int | None], *, of_whom: bool = False) -> dict[int, str]:
    """Who sent what, for the office, by authority: 'Jan Kowalski, pełnomocnik'.

    ``of_whom`` adds whose agent he is, where that does not go without saying. That he is none any more is told, too:
    what he began before may have come later.
    """
    wanted = {number for number in authorities if number is not None}
    found = agents(session, wanted)
    return {number: _of_office(found.get(number), of_whom=of_whom) for number in wanted}


def _of_office(one: Agent | None, *, of_whom: bool) -> str:
    if one is None:
        return AGENT
    told = _told(one.name or one.email)
    whose = f"{told} klienta {one.customer_no}" if of_whom else told
    return whose if one.over is None else f"{whose} (do {one.over:%d.%m.%Y})"


def _over(given: Authority) -> date | None:
    if given.ended_at is not None:
        return min(clock.local_day(given.ended_at), given.until)
    return given.until if given.until < clock.today() else None


def _told(who: str) -> str:
    return f"{who}, {AGENT}" if who else AGENT
