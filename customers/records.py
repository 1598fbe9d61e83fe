"""One customer as matching sees it, and where customers are looked up: the register or a plain list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Protocol

from sqlalchemy.orm import Session

from customers.tables import Customer


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """The columns of the customer file, normalised as ``forms.kinds`` does; None where unknown.

    ``invoice_email`` is no column of the file: it is the address to which e-invoices go now, None on paper.
    """

    customer_no: str
    name: str
    pesel: str | None = None
    nip: str | None = None
    street: str | None = None
    house: str | None = None
    flat: str | None = None
    postcode: str | None = None
    town: str | None = None
    phone: str | None = None
    email: str | None = None
    invoice_email: str | None = None

    def __repr__(self) -> str:
        """Name nobody: records end up in tracebacks."""
        return "CustomerRecord(…)"


COLUMNS = tuple(item.name for item in fields(CustomerRecord) if item.name != "invoice_email")
"""The columns of the customer file, in order."""


class Directory(Protocol):
    """Where a customer is found by number."""

    def find(self, customer_no: str) -> CustomerRecord | None:
        """The customer of that number, None when there is none."""


class RegisterDirectory:
    """The customer register in the database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, customer_no: str) -> CustomerRecord | None:
        """The customer of that number, None when there is none."""
        row = self._session.get(Customer, customer_no)
        if row is None:
            return None
        return CustomerRecord(**{name: getattr(row, name) for name in (*COLUMNS, "invoice_email")})


class ListDirectory:
    """Customers from a file, with no database."""

    def __init__(self, records: Iterable[CustomerRecord]) -> None:
        self._records = {record.customer_no: record for record in records}

    @property
    def records(self) -> tuple[CustomerRecord, ...]:
        """All of them."""
        return tuple(self._records.values())

    def find(self, customer_no: str) -> CustomerRecord | None:
        """The customer of that number, None when there is none."""
        return self._records.get(customer_no)
