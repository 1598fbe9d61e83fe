"""How each customer gets his invoices on a day, and since when: what billing needs for its prices and its printer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.agents import is_customer
from customers.consents import EINVOICE
from customers.register import holds_on
from customers.tables import Consent, Customer

_AT_ONCE: Final = 500
_DAY: Final = timedelta(days=1)


class AddressState(StrEnum):
    """What is known of the address: ``waiting`` is that of an acceptance whose link nobody had used by that day."""

    PROVEN = "proven"
    WAITING = "waiting"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ListedDelivery:
    """How one customer gets invoices: ``since`` is the first day of this way, None where it was never another.

    ``accepted_on`` is when the acceptance that holds, or that waits for its proof, was received.
    """

    customer_no: str
    channel: str
    since: date | None
    address: AddressState
    accepted_on: date | None


def deliveries_of_all(session: Session, day: date) -> Iterator[ListedDelivery]:
    """Every customer of the register in the order of the numbers; a day that is past stays as it was."""
    after = ""
    while True:
        wanted = select(Customer.customer_no).where(Customer.customer_no > after, is_customer())
        numbers = list(session.scalars(wanted.order_by(Customer.customer_no).limit(_AT_ONCE)))
        if not numbers:
            return
        consents: dict[str, list[Consent]] = {}
        of_these = (Consent.customer_no.in_(numbers), Consent.subject == EINVOICE)
        for one in session.scalars(select(Consent).where(*of_these).order_by(Consent.id)):
            consents.setdefault(one.customer_no, []).append(one)
        for number in numbers:
            yield _listed(number, consents.get(number, []), day)
        after = numbers[-1]


def _listed(number: str, consents: Sequence[Consent], day: date) -> ListedDelivery:
    """By the acceptances of a customer, the oldest first."""
    for one in reversed(consents):
        if holds_on(one, day):
            return ListedDelivery(number, "email", _first_by_email(consents, one), AddressState.PROVEN, one.received_on)
    ended = [one.effective_to for one in consents if one.effective_from and one.effective_to and one.effective_to < day]
    since = max(ended) + _DAY if ended else None
    waits = [one for one in consents if _waits(one, day)]
    if waits:
        return ListedDelivery(number, "paper", since, AddressState.WAITING, waits[-1].received_on)
    return ListedDelivery(number, "paper", since, AddressState.NONE, None)


def _first_by_email(consents: Sequence[Consent], one: Consent) -> date | None:
    """The first day without a gap: who withdrew and accepted again in time was never back on paper."""
    first = one.effective_from
    for earlier in reversed(consents):
        begun, over = earlier.effective_from, earlier.effective_to
        if first and begun and over and begun < first <= over + _DAY:
            first = begun
    return first


def _waits(one: Consent, day: date) -> bool:
    """Whether it was received by then, and nobody had used its link."""
    unproven = one.effective_from is None or one.effective_from > day
    return unproven and one.received_on <= day and (one.effective_to is None or one.effective_to >= day)
