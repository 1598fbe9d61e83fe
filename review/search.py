"""Finding documents and customers at the desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Tuple, func, literal, select, tuple_
from sqlalchemy.orm import Session

from audit.trail import SEARCHED_BY_NAME, record
from customers.comparison import plain
from customers.register_index import numbers_named
from customers.tables import Customer
from database.engine import Instant
from documents.states import IntakeChannel, State
from documents.tables import Document
from environment import clock
from review.queue import NO_FORM

SHOWN: Final = 50
"""Documents on one page."""
MOST_CUSTOMERS: Final = 30
MOST_COUNTED: Final = 10_000
"""Documents beyond this number are not counted: nobody looks through them."""
_SHORTEST_NAME: Final = 2


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: None is any. Days are local and both belong to the range; ``form`` is a code or NO_FORM."""

    tracking: str | None = None
    customer_no: str | None = None
    since: date | None = None
    until: date | None = None
    state: State | None = None
    form: str | None = None
    channel: IntakeChannel | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One document that was found; ``customer`` is the name in the register."""

    tracking: str
    received_at: datetime
    form: str | None
    state: State
    channel: str
    customer_no: str | None
    customer: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class SearchResults:
    """One page of what was found, the newest first; ``total`` is not counted further than ``MOST_COUNTED``.

    ``newer`` and ``older`` tell whether there are others on that side.
    """

    lines: tuple[SearchResult, ...]
    total: int
    newer: bool
    older: bool

    @property
    def uncounted(self) -> bool:
        """Whether there are more than ``total``."""
        return self.total > MOST_COUNTED


@dataclass(frozen=True, slots=True)
class FoundCustomer:
    """A customer of that name, and how many documents are known to be his."""

    customer_no: str
    name: str = field(repr=False)
    address: str = field(repr=False)
    documents: int


def find(session: Session, query: Query, *, before: str | None = None, after: str | None = None) -> SearchResults:
    """The documents that meet every condition: the newest, or those next to one, older or newer than it.

    ``before`` is the tracking number of one that is newer than all that are wanted, ``after`` of one that is older;
    where there is no such document they count for nothing.
    """
    conditions = _conditions(query)
    counted = select(Document.id).where(*conditions).limit(MOST_COUNTED + 1).subquery()
    total = session.scalar(select(func.count()).select_from(counted)) or 0
    order = tuple_(Document.received_at, Document.id)
    at = _place(session, before or after)
    if at is not None:
        conditions.append(order < at if before else order > at)
    backwards = at is not None and not before
    columns = (Document.received_at, Document.id)
    rows = session.execute(
        select(Document, Customer.name)
        .outerjoin(Customer, Customer.customer_no == Document.customer_no)
        .where(*conditions)
        .order_by(*(column.asc() if backwards else column.desc() for column in columns))
        .limit(SHOWN + 1)
    ).all()
    found = [
        SearchResult(one.tracking, one.received_at, one.form, one.at, one.channel, one.customer_no, name)
        for one, name in rows[:SHOWN]
    ]
    more = len(rows) > SHOWN
    if backwards:
        return SearchResults(tuple(found[::-1]), total, newer=more, older=True)
    return SearchResults(tuple(found), total, newer=at is not None, older=more)


def customers_named(session: Session, typed: str) -> list[FoundCustomer]:
    """Customers whose names have all these words or beginnings of words, by name, at most MOST_CUSTOMERS and one more.

    Diacritics, capitals and the order of the words make no difference. Empty where too little was typed. Of too many
    those come whose longest word is first in the alphabet.
    """
    words = plain(typed).split()
    if sum(len(word) for word in words) < _SHORTEST_NAME:
        return []
    numbers = numbers_named(session, words, MOST_CUSTOMERS + 1)
    documents = select(func.count()).where(Document.customer_no == Customer.customer_no).scalar_subquery()
    rows = session.execute(
        select(Customer, documents)
        .where(Customer.customer_no.in_(numbers))
        .order_by(Customer.name, Customer.customer_no)
    )
    return [FoundCustomer(one.customer_no, one.name, _address(one), number) for one, number in rows]


def record_search(session: Session, query: Query, found: SearchResults, *, actor: str) -> None:
    """Who looked for documents, by which numbers, days and states, and how many there were."""
    asked = {name: str(value) for name, value in asdict(query).items() if value is not None}
    detail = {"asked": asked, "found": found.total}
    subject = query.tracking or (f"customer:{query.customer_no}" if query.customer_no else "search")
    record(session, actor=actor, action="searched", subject=subject, detail=detail)


def record_name_search(session: Session, found: Sequence[FoundCustomer], *, actor: str) -> None:
    """Who looked for customers by a name, and whose names and addresses were shown; never the name that was typed."""
    detail = {"shown": [one.customer_no for one in found[:MOST_CUSTOMERS]], "found": len(found)}
    record(session, actor=actor, action=SEARCHED_BY_NAME, subject="search", detail=detail)


def _place(session: Session, tracking: str | None) -> Tuple | None:
    """Where a document stands among all."""
    columns = Document.received_at, Document.id
    row = None if tracking is None else session.execute(select(*columns).where(Document.tracking == tracking)).first()
    return None if row is None else tuple_(literal(row.received_at, Instant), literal(row.id))


def _conditions(query: Query) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.tracking is not None:
        found.append(Document.tracking == query.tracking)
    if query.customer_no is not None:
        found.append(Document.customer_no == query.customer_no)
    if query.since is not None:
        found.append(Document.received_at >= clock.midnight(query.since))
    if query.until is not None:
        found.append(Document.received_at < clock.midnight(query.until + timedelta(days=1)))
    if query.state is not None:
        found.append(Document.state == query.state.value)
    if query.form is not None:
        found.append(Document.form.is_(None) if query.form == NO_FORM else Document.form == query.form)
    if query.channel is not None:
        found.append(Document.channel == query.channel.value)
    return found


def _address(customer: Customer) -> str:
    house = "/".join(part for part in (customer.house, customer.flat) if part)
    street = f"{customer.street or customer.town or ''} {house}".strip()
    return ", ".join(part for part in (street, f"{customer.postcode or ''} {customer.town or ''}".strip()) if part)
