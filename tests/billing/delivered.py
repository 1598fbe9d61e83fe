"""Customers with and without e-invoices, and their invoices of one month, delivered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path

from sqlalchemy import select

from billing.dispatching import decide
from billing.importing import import_delivery
from billing.sources import FolderSource
from confirmations.tables import Message
from customers.customer_list import read_customers
from customers.importing import load_customers
from customers.tables import Consent, Proof
from database.engine import reading, transaction
from tests.billing.deliveries import delivery, rows_of

SetSettings = Callable[..., None]
FIRST = "2026-10-01"
BEFORE = date(2026, 9, 1)


def told(folder: Path, customers: int = 3, *, pdfs: bool = True) -> Path:
    """An imported delivery of October with pictures; nobody gets his invoice by e-mail yet."""
    delivery(folder, customers, months=1, pdfs=pdfs)
    load_customers(read_customers(folder / "customers.csv"))
    import_delivery(FolderSource(folder), "machine")
    return folder


def invoices(folder: Path) -> list[dict[str, str]]:
    """Those of the delivery, one a customer, in the order of the customers."""
    return [row for row in rows_of(folder, "invoices") if row["kind"] == "invoice"]


def accepts(
    customer_no: str,
    *addresses: tuple[str, date | None],
    since: date | None = BEFORE,
    until: date | None = None,
    tracking: str = "K7M4-PX9R",
) -> None:
    """An acceptance from that day on, and links to addresses with the days on which they were used."""
    with transaction() as session:
        consent = Consent(
            customer_no=customer_no,
            subject="einvoice",
            form="einvoice_acceptance",
            form_version="1",
            received_on=BEFORE,
            effective_from=since,
            effective_to=until,
            email=addresses[-1][0],
            email_proven_at=None if since is None else noon(since),
            tracking=tracking,
            withdrawn=until is not None,
        )
        session.add(consent)
        session.flush()
        for place, (email, day) in enumerate(addresses):
            link = {"purpose": "einvoice", "customer_no": customer_no, "tracking": tracking, "consent_id": consent.id}
            mark = f"{customer_no}-{consent.id}-{place}"
            at = noon(BEFORE)
            used = None if day is None else noon(day)
            session.add(
                Proof(token_digest=mark, nonce=mark, email=email, created_at=at, expires_at=at, used_at=used, **link)
            )


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def emails() -> dict[str, str]:
    """Invoices for which there is an e-mail, with its address."""
    with reading() as session:
        found = session.scalars(select(Message).where(Message.tracking == "").order_by(Message.id))
        return {one.key.removeprefix("invoice:"): one.recipient for one in found}


def decided(set_settings: SetSettings, **settings: str) -> tuple[int, int]:
    """Decide on all invoices of October; how many go by e-mail and on paper."""
    set_settings(invoice_delivery_from=FIRST, **settings)
    done = decide()
    return done.emails, done.papers
