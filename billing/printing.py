"""Runs of the printer: invoices that go on paper, each in exactly one run, whose files are made once it is closed.

A run that is killed is gone on with: it takes in what it had not yet, is closed, and its files are written under the
same names. None is added to a run that is closed, so a file that somebody prints is never made anew with others in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from audit.trail import record
from billing import contract
from billing.dispatch_tables import DeliveredInvoice, PrintRun
from billing.dispatched import is_its_message
from billing.post_order import post_order
from billing.print_files import PaperInvoice, Printed, write_run
from billing.tables import INVOICES, in_force
from confirmations.restored import Restore
from confirmations.tables import NOT_ARRIVED, Message
from customers.records import CustomerRecord, record_of
from customers.tables import Customer
from database.engine import insert_if_absent, reading, transaction
from database.pace import Pace
from environment import clock
from environment.settings import get_settings

_BUNDLE: Final = 500
_LEAST: Final = 50
_AT_ONCE: Final = 500
_SUBJECT: Final = "invoices"


def print_due(actor: str) -> list[Printed]:
    """Print all that goes on paper by now: the runs whose files were written, the oldest first.

    None where letters are written by another machine.
    """
    if not get_settings().writes_messages:
        return []
    _close(_fill())
    with reading() as session:
        unwritten = select(PrintRun.number).where(PrintRun.closed_at.is_not(None), PrintRun.written_at.is_(None))
        numbers = list(session.scalars(unwritten.order_by(PrintRun.number)))
    return [_write(number, actor) for number in numbers]


def waiting(session: Session) -> int:
    """How many invoices the next run prints, as things stand."""
    return session.scalar(select(func.count()).select_from(DeliveredInvoice).where(to_print())) or 0


def to_print() -> ColumnElement[bool]:
    """Condition on deliveries: on paper, and in no run yet."""
    key = DeliveredInvoice.message_key
    back = exists().where(Message.key == key, Message.state.in_(NOT_ARRIVED))
    return and_(DeliveredInvoice.print_run.is_(None), or_(key.is_(None), back))


def _fill() -> int | None:
    """Put all that is to be printed into the run that is open, a new one where there is none; None for no run."""
    pace, number = Pace(_BUNDLE, _LEAST), _open_run()
    while True:
        with reading() as session:
            wanted = select(DeliveredInvoice.invoice_no).where(to_print()).order_by(DeliveredInvoice.invoice_no)
            found = list(session.scalars(wanted.limit(pace.size)))
        if not found:
            return number
        with pace.transaction() as session:
            if number is None or not _held(session, number):
                number = _begin(session)
            of_these = DeliveredInvoice.invoice_no.in_(found)
            session.execute(select(DeliveredInvoice.invoice_no).where(of_these).with_for_update())  # one may move
            session.execute(update(DeliveredInvoice).where(of_these, to_print()).values(print_run=number))


def _open_run() -> int | None:
    with reading() as session:
        return session.scalar(select(PrintRun.number).where(PrintRun.closed_at.is_(None)).limit(1))


def _held(session: Session, number: int) -> bool:
    """Whether the run is open still; nobody closes it before the transaction ends."""
    held = select(PrintRun.number).where(PrintRun.number == number, PrintRun.closed_at.is_(None)).with_for_update()
    return session.scalar(held) is not None


def _begin(session: Session) -> int:
    """The number of the open run: another may have begun it just now."""
    last = session.execute(
        select(PrintRun.number, PrintRun.closed_at).order_by(PrintRun.number.desc()).limit(1)
    ).first()
    if last is not None and last.closed_at is None and _held(session, last.number):
        return int(last.number)
    number = 1 if last is None else last.number + 1
    begun = insert_if_absent(session, PrintRun, {"number": number, "begun_at": clock.now()})
    return number if begun else _begin(session)


def _close(number: int | None) -> None:
    if number is None:
        return
    with transaction() as session:
        if _held(session, number):
            session.execute(update(PrintRun).where(PrintRun.number == number).values(closed_at=clock.now()))


def _write(number: int, actor: str) -> Printed:
    """Make the files of a closed run, and say that they are there."""
    with reading() as session:
        sheets = _sheets(session, number)
        begun_at: datetime = session.scalars(select(PrintRun.begun_at).where(PrintRun.number == number)).one()
    printed = write_run(number, clock.local_day(begun_at), sheets)
    with transaction() as session:
        written = update(PrintRun).where(PrintRun.number == number, PrintRun.written_at.is_(None))
        if session.execute(written.values(written_at=clock.now())).rowcount:  # type: ignore[attr-defined]
            _note_owners(session, number, sheets)
            detail = {"print_run": number, "invoices": printed.invoices}
            record(session, actor=actor, action="invoices_printed", subject=_SUBJECT, detail=detail)
    return printed


def _note_owners(session: Session, number: int, sheets: Sequence[PaperInvoice]) -> None:
    """To whom each went: it may have become another customer's after it had joined the run."""
    owners = {sheet.invoice["invoice_no"]: sheet.invoice["customer_no"] for sheet in sheets}
    joined = select(DeliveredInvoice.invoice_no, DeliveredInvoice.customer_no).where(
        DeliveredInvoice.print_run == number
    )
    for invoice_no, joined_for in session.execute(joined).tuples().all():
        if (owner := owners.get(invoice_no, joined_for)) != joined_for:
            of_it = update(DeliveredInvoice).where(DeliveredInvoice.invoice_no == invoice_no)
            session.execute(of_it.values(customer_no=owner, moved_to=None, moved_settled_at=None))


@dataclass(frozen=True, slots=True)
class _Known:
    invoices: dict[str, Any]
    customers: dict[str, CustomerRecord]


def _sheets(session: Session, number: int) -> list[PaperInvoice]:
    """The invoices of a run in the order of the post, each to whose it is by now: billing may have told a wrong one."""
    of_run = select(DeliveredInvoice).where(DeliveredInvoice.print_run == number)
    rows = list(session.scalars(of_run.order_by(DeliveredInvoice.invoice_no)))
    emailed = exists().where(is_its_message())
    written = select(DeliveredInvoice.invoice_no).where(DeliveredInvoice.print_run == number, emailed)
    came_back = set(session.scalars(written))
    known = _Known({}, {})
    for at in range(0, len(rows), _AT_ONCE):
        some = rows[at : at + _AT_ONCE]
        columns = [INVOICES.c[name] for name in contract.INVOICES.kept]
        of_these = INVOICES.c.invoice_no.in_([row.invoice_no for row in some])
        for invoice in session.execute(select(*columns).where(of_these, in_force(INVOICES))).mappings():
            known.invoices[invoice["invoice_no"]] = dict(invoice)
        of_some = {known.invoices[row.invoice_no]["customer_no"] for row in some if row.invoice_no in known.invoices}
        whose = Customer.customer_no.in_(of_some - known.customers.keys())
        for customer in session.scalars(select(Customer).where(whose)):
            known.customers[customer.customer_no] = record_of(customer)
    restored_at = session.scalar(select(func.max(Restore.at)))
    sheets = [
        PaperInvoice(
            known.invoices[row.invoice_no],
            known.customers.get(known.invoices[row.invoice_no]["customer_no"]),
            came_back=row.invoice_no in came_back,
            uncertain=row.uncertain or (restored_at is not None and row.decided_at <= restored_at),
        )
        for row in rows
        if row.invoice_no in known.invoices
    ]
    return sorted(sheets, key=lambda one: (post_order(one.customer), one.invoice["invoice_no"]))
