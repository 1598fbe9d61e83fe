"""Invoices go to their customers: by e-mail who accepted that on the day of the invoice, all others are printed.

Which way an invoice goes is decided once, in the transaction that writes its e-mail into the outbox. From there on the
outbox has it: states, leases, bounces. What did not arrive by e-mail is printed (``billing.printing``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import exists, literal, select, tuple_
from sqlalchemy.orm import Session

from billing import contract
from billing.dispatch_tables import OF_INVOICE, DeliveredInvoice
from billing.invoice_message import TEMPLATE, context_of
from billing.moved import follow, has_gone, is_anothers
from billing.statement import Row
from billing.tables import INVOICES, SETTLEMENTS, in_force
from confirmations.outbox import enqueue
from confirmations.restored import restored_since
from confirmations.settling import hand_on, withdraw
from confirmations.tables import NO_CASE, Medium, RecipientRole
from customers.register import InvoiceDelivery, deliveries_on
from database.engine import insert_if_absent, reading
from database.pace import Pace
from environment import clock
from environment.settings import get_settings

_BUNDLE: Final = 200
_LEAST: Final = 20
_NOT_HIS: Final = "Według rozliczeń ta faktura jest innego klienta. Pójdzie do niego na papierze."
"""He has not accepted e-invoices, or billing has no picture of it."""
_COLUMNS: Final = tuple(INVOICES.c[name] for name in contract.INVOICES.kept)
_Place = tuple[date, str]


@dataclass(frozen=True, slots=True)
class Decided:
    """How many invoices go by e-mail and how many on paper, of those that nobody had decided on before."""

    emails: int
    papers: int


def decide() -> Decided:
    """Decide on all invoices issued by today, from the first day of delivery on; none without such a day.

    What waits to leave says what billing says by now. Safe to repeat and to be killed: what is decided stays, and its
    message is written with it.
    """
    first = get_settings().invoice_delivery_from
    if first is None:
        return Decided(0, 0)
    _follow_billing()
    emails = papers = 0
    pace, after = Pace(_BUNDLE, _LEAST), (first, "")
    while bundle := _undecided(after, pace.size):
        after = bundle[-1]["issued_on"], bundle[-1]["invoice_no"]
        with pace.transaction() as session:
            found = [_decide(session, *one) for one in _with_ways(session, bundle)]
        emails += found.count(True)
        papers += found.count(False)
    return Decided(emails, papers)


def foreseen() -> Decided:
    """What ``decide`` would do now."""
    first = get_settings().invoice_delivery_from
    if first is None:
        return Decided(0, 0)
    emails, papers, after = 0, 0, (first, "")
    while bundle := _undecided(after, _BUNDLE):
        after = bundle[-1]["issued_on"], bundle[-1]["invoice_no"]
        with reading() as session:
            ways = deliveries_on(session, _wanted(bundle), to_send=True)
        by_email = sum(goes_by_email(row, ways[row["customer_no"], row["issued_on"]]) for row in bundle)
        emails, papers = emails + by_email, papers + len(bundle) - by_email
    return Decided(emails, papers)


def _undecided(after: _Place, most: int) -> list[Row]:
    """The next invoices by day and number on which nobody has decided."""
    decided = exists().where(DeliveredInvoice.invoice_no == INVOICES.c.invoice_no)
    place = tuple_(INVOICES.c.issued_on, INVOICES.c.invoice_no)
    wanted = (
        select(*_COLUMNS)
        .where(
            INVOICES.c.issued_on.between(after[0], clock.today()),
            place > tuple_(literal(after[0]), literal(after[1])),
            in_force(INVOICES),
            ~decided,
        )
        .order_by(INVOICES.c.issued_on, INVOICES.c.invoice_no)
        .limit(most)
    )
    with reading() as session:
        return [dict(row) for row in session.execute(wanted).mappings()]


def _follow_billing() -> None:
    """An invoice that is somebody else's by now, and has not gone yet, goes the way that its owner chose.

    Printed ones and e-mails that left are not followed: a clerk is told (``billing.moved``). What else changed is told
    when an e-mail leaves (``invoice_message.judge``).
    """
    moved = (
        select(DeliveredInvoice.invoice_no)
        .join(INVOICES, INVOICES.c.invoice_no == DeliveredInvoice.invoice_no)
        .where(in_force(INVOICES), is_anothers())
    )
    with reading() as session:
        numbers = sorted(session.scalars(moved))
    pace = Pace(_BUNDLE, _LEAST)
    while numbers:
        some, numbers = numbers[: pace.size], numbers[pace.size :]
        with pace.transaction() as session:
            of_these = INVOICES.c.invoice_no.in_(some)
            rows = session.execute(select(*_COLUMNS).where(of_these, in_force(INVOICES))).mappings()
            for row, way, account, _ in _with_ways(session, [dict(row) for row in rows]):
                _move(session, row, way, account)


def _move(session: Session, row: Row, way: InvoiceDelivery, account: str | None) -> None:
    """An invoice that has not gone yet goes to whose it is by now, as he would have got it from the beginning.

    Of one that has gone a clerk is told.
    """
    of_it = select(DeliveredInvoice).where(DeliveredInvoice.invoice_no == row["invoice_no"]).with_for_update()
    delivered = session.scalars(of_it.execution_options(populate_existing=True)).one()
    if has_gone(session, delivered):
        follow(delivered, row["customer_no"])
        return
    if delivered.print_run is not None or delivered.customer_no == row["customer_no"]:
        return
    key, his, by_email = f"{OF_INVOICE}{row['invoice_no']}", row["customer_no"], goes_by_email(row, way)
    if delivered.message_key is None:
        if by_email:
            _send(session, row, way, account)
            delivered.message_key = key
    elif by_email:
        assert way.email is not None
        if not hand_on(session, key, way.email, his, context_of(session, row, account)):
            return  # it left just now
    elif not withdraw(session, key, _NOT_HIS):
        return
    delivered.customer_no, delivered.decided_at = his, clock.now()
    delivered.moved_to = delivered.moved_settled_at = None


def _wanted(bundle: Sequence[Row]) -> Collection[tuple[str, date]]:
    return {(row["customer_no"], row["issued_on"]) for row in bundle}


def _with_ways(session: Session, bundle: Sequence[Row]) -> list[tuple[Row, InvoiceDelivery, str | None, bool]]:
    """Each with its way, the account to pay to, and whether it may have gone before a restore."""
    ways = deliveries_on(session, _wanted(bundle), to_send=True)
    accounts = dict(
        session.execute(
            select(SETTLEMENTS.c.customer_no, SETTLEMENTS.c.bank_account).where(
                SETTLEMENTS.c.customer_no.in_({row["customer_no"] for row in bundle}), in_force(SETTLEMENTS)
            )
        )
        .tuples()
        .all()
    )
    gone = {day: restored_since(session, clock.midnight(day)) for day in {row["issued_on"] for row in bundle}}
    return [
        (row, ways[row["customer_no"], row["issued_on"]], accounts.get(row["customer_no"]), gone[row["issued_on"]])
        for row in bundle
    ]


def goes_by_email(row: Row, way: InvoiceDelivery) -> bool:
    """Without a picture there is nothing to send."""
    return way.email is not None and row["pdf_sha256"] is not None


def _decide(session: Session, row: Row, way: InvoiceDelivery, account: str | None, gone: bool) -> bool | None:
    """True where it goes by e-mail, None where somebody else has decided meanwhile."""
    by_email, number = goes_by_email(row, way), row["invoice_no"]
    told = {
        "invoice_no": number,
        "customer_no": row["customer_no"],
        "issued_on": row["issued_on"],
        "decided_at": clock.now(),
        "message_key": f"{OF_INVOICE}{number}" if by_email else None,
        "uncertain": gone and not by_email,
    }
    if not insert_if_absent(session, DeliveredInvoice, told):
        return None
    if by_email:
        _send(session, row, way, account)
    return by_email


def _send(session: Session, row: Row, way: InvoiceDelivery, account: str | None) -> None:
    assert way.email is not None
    enqueue(
        session,
        key=f"{OF_INVOICE}{row['invoice_no']}",
        tracking=NO_CASE,
        channel=Medium.EMAIL,
        recipient=way.email,
        template=TEMPLATE,
        context=context_of(session, row, account),
        role=RecipientRole.EXACT,
        customer_no=row["customer_no"],
        owed_since=clock.midnight(row["issued_on"]),
    )
