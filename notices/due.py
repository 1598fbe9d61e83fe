"""The run that tells customers of their invoices: new ones, payment dates that come near, and dates that passed.

It goes through the accounts in bundles, each in a short transaction of its own; whoever is killed is gone on with from
the beginning, and finds told what was told.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.dispatching import goes_by_email
from billing.statement import Row, payments_known_until
from billing.tables import INVOICES, in_force
from confirmations.message import account_address
from confirmations.restored import restored_since
from confirmations.tables import Medium
from customers.bulk import is_one_of
from customers.register import InvoiceDelivery, deliveries_on
from customers.tables import Account
from database.pace import Pace
from environment import clock
from environment.settings import get_settings
from notices.kinds import NoticeKind
from notices.people import Person, people_of
from notices.telling import Telling, tell, told_before
from portal.bills import left_to_pay

_BUNDLE: Final = 500
_LEAST: Final = 20
NEW_DAYS: Final = 7
"""An invoice is new for so long: what is older is no news."""
PASSED_DAYS: Final = 30
"""So long after its time it is still told that a date passed: longer than any pause of the run."""
_LOOKED_BACK: Final = timedelta(days=180)
"""Invoices that were issued before are told of no more, whatever their date of payment."""

Written = dict[NoticeKind, Counter[Medium]]
"""How many messages were written, by kind and medium."""


@dataclass(frozen=True, slots=True)
class _Due:
    """When an invoice is told of, and from which day on it was to be told."""

    kind: NoticeKind
    since: Callable[[Row, Person], date]
    until: Callable[[Row, Person], date]
    owed: bool
    """Only where it is known that it is not paid; else wherever it is not known that it is."""
    late: bool = False
    """It says that nobody has paid: only once billing has told all payments up to the day before it is to be told."""


def tell_due() -> Written:
    """Tell all accounts what is due today; nothing without a first day (``notices_from``)."""
    written: Written = defaultdict(Counter)
    if get_settings().notices_from is None:
        return written
    pace, after = Pace(_BUNDLE, _LEAST), 0
    while True:
        with pace.transaction() as session:
            accounts = _next(session, after, pace.size)
            if not accounts:
                return written
            after = accounts[-1].id
            for kind, counts in _tell(session, accounts).items():
                written[kind] += counts


def _next(session: Session, after: int, most: int) -> Sequence[Account]:
    found = select(Account).where(Account.id > after, Account.state == "active").order_by(Account.id).limit(most)
    return session.scalars(found.with_for_update()).all()


def _tell(session: Session, accounts: Sequence[Account]) -> Mapping[NoticeKind, Counter[Medium]]:
    people = {one.customer_no: one for one in people_of(session, accounts) if any(_wants(one))}
    invoices = _invoices(session, people)
    today, owed = clock.today(), dict[str, dict[str, Decimal]]()
    paid_until = payments_known_until(session)
    due = []
    for rule in _rules():
        last = _last_day(rule, today, paid_until)
        rows = [row for row in invoices if last and _is_due(rule, row, people[row["customer_no"]], today, last)]
        due.append((rule, _fresh(session, rule, rows)))
    if concerned := {row["customer_no"] for _, rows in due for row in rows}:
        owed = left_to_pay(session, concerned, today)
    written = {}
    for rule, rows in due:
        if unpaid := [row for row in rows if _is_open(rule, row, owed)]:
            written[rule.kind] = tell(session, rule.kind, _tellings(session, rule, unpaid, people))
    return written


def _last_day(rule: _Due, today: date, paid_until: date | None) -> date | None:
    """Whom that rule is to be told of by this day is told of today; None for nobody."""
    if not rule.late:
        return today
    return None if paid_until is None else min(today, paid_until + timedelta(days=1))


def _fresh(session: Session, rule: _Due, rows: list[Row]) -> list[Row]:
    """Those that were not told by that rule: before debts are worked out, which takes longer."""
    before = told_before(session, rule.kind, {row["customer_no"] for row in rows}) if rows else set()
    return [row for row in rows if _key(row) not in before]


def _wants(person: Person) -> Iterator[bool]:
    for kind in (NoticeKind.NEW_INVOICE, NoticeKind.DATE_NEAR, NoticeKind.DATE_PASSED):
        switch = person.switches[kind]
        yield switch.by_sms or switch.by_email


def _rules() -> list[_Due]:
    """In the order in which they are told."""
    settings = get_settings()
    after, again = settings.notices_passed_after_days, settings.notices_passed_again_days

    def days_before(person: Person) -> int:
        return person.switches[NoticeKind.DATE_NEAR].days or settings.notice_days[0]

    def passed(days: int) -> tuple[Callable[[Row, Person], date], Callable[[Row, Person], date]]:
        first = timedelta(days=days)
        last = timedelta(days=days + PASSED_DAYS)
        return lambda row, _: row["due_on"] + first, lambda row, _: row["due_on"] + last

    rules = [
        _Due(
            NoticeKind.NEW_INVOICE,
            lambda row, _: row["issued_on"],
            lambda row, _: row["issued_on"] + timedelta(days=NEW_DAYS),
            owed=False,
        ),
        _Due(
            NoticeKind.DATE_NEAR,
            lambda row, person: row["due_on"] - timedelta(days=days_before(person)),
            lambda row, _: row["due_on"],
            owed=True,
        ),
        _Due(NoticeKind.DATE_PASSED, *passed(after), owed=True, late=True),
    ]
    return [*rules, _Due(NoticeKind.PASSED_AGAIN, *passed(after + again), owed=True, late=True)] if again else rules


def _invoices(session: Session, people: Mapping[str, Person]) -> list[Row]:
    """What may be told of, of these customers, by number: what there is to pay, corrections too, from the first day."""
    if not people:
        return []
    first = get_settings().notices_from
    assert first is not None
    names = ("customer_no", "invoice_no", "issued_on", "due_on", "pdf_sha256")
    wanted = select(*(INVOICES.c[name] for name in names)).where(
        is_one_of(session, INVOICES.c.customer_no, people),
        INVOICES.c.issued_on.between(max(first, clock.today() - _LOOKED_BACK), clock.today()),
        INVOICES.c.gross > Decimal(0),
        in_force(INVOICES),
    )
    found = session.execute(wanted.order_by(INVOICES.c.customer_no, INVOICES.c.due_on, INVOICES.c.invoice_no))
    return [dict(row) for row in found.mappings()]


def _is_due(rule: _Due, row: Row, person: Person, today: date, last: date) -> bool:
    """Whether an invoice is told of today, if it was to be told by the day ``last``."""
    return rule.since(row, person) <= last and today <= rule.until(row, person)


def _is_open(rule: _Due, row: Row, owed: Mapping[str, Mapping[str, Decimal]]) -> bool:
    """Whether it is still to be paid, as far as that is known."""
    left = owed.get(row["customer_no"], {}).get(row["invoice_no"])
    return (left is None and not rule.owed) or bool(left)


def _key(row: Row) -> tuple[str, str]:
    return row["customer_no"], row["invoice_no"]


def _tellings(session: Session, rule: _Due, rows: Sequence[Row], people: Mapping[str, Person]) -> Iterator[Telling]:
    """One message a customer, however many invoices it is about."""
    new = rule.kind is NoticeKind.NEW_INVOICE
    days = {(row["customer_no"], row["issued_on"]) for row in rows} if new else set()
    ways = deliveries_on(session, days, to_send=True)
    restored: dict[date, bool] = {}

    def gone(day: date) -> bool:
        if day not in restored:
            restored[day] = restored_since(session, clock.midnight(day))
        return restored[day]

    by_customer: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_customer[row["customer_no"]].append(row)
    for number, his in by_customer.items():
        person = people[number]
        said: dict[str, Any] = {"due_on": his[0]["due_on"].isoformat(), "count": len(his)}
        said["page"] = account_address("faktury" if new else "zaplac", number)
        yield Telling(
            person,
            tuple(row["invoice_no"] for row in his),
            said,
            without_email=new and all(_comes_by_email(row, ways[number, row["issued_on"]]) for row in his),
            gone=any(gone(rule.since(row, person)) for row in his),
        )


def _comes_by_email(row: Row, way: InvoiceDelivery) -> bool:
    """Whether the invoice itself comes by e-mail, from us or, before our first day, from billing."""
    first = get_settings().invoice_delivery_from
    ours = first is not None and row["issued_on"] >= first
    return goes_by_email(row, way) if ours else way.email is not None
