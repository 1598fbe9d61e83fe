"""One customer as matching sees it, and where customers are looked up: the register or a plain list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Protocol

from sqlalchemy.orm import Session

from customers.tables import Customer


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """The columns of the customer file, normalised as ``forms.kinds`` does; None where unknown.

    ``invoice_email`` is no column of the file: it is the address to which e-invoices go now, None on paper.
    ``unusable`` is what stands in the file, by column, where it is no value: wrong, or damaged by a spreadsheet.
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
    unusable: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def unknown(self) -> frozenset[str]:
        """Columns in which the customer has something that nobody can tell: other than what he has not."""
        return frozenset(name for name in self.unusable if getattr(self, name) is None)

    def __repr__(self) -> str:
        """Name nobody: records end up in tracebacks."""
        return "CustomerRecord(…)"


COLUMNS = tuple(item.name for item in fields(CustomerRecord) if item.name not in ("invoice_email", "unusable"))
"""The columns of the customer file, in order."""

ADDRESS = ("street", "house", "flat", "postcode", "town")
IDENTITY = frozenset({"customer_no", "name", "pesel", "nip", *ADDRESS})
"""Fields that tell who a submission comes from: they are held against the register."""


def record_of(row: Customer) -> CustomerRecord:
    """The customer of a row of the register."""
    values = {name: getattr(row, name) for name in (*COLUMNS, "invoice_email")}
    return CustomerRecord(**values, unusable=row.unusable or {})


class CustomerLookup(Protocol):
    """Where a customer is found by number."""

    def find(self, customer_no: str) -> CustomerRecord | None:
        """The customer of that number, None when there is none."""


class RegisterLookup:
    """The customer register in the database."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._found = dict[str, Customer | None]()
        """Sessions forget rows that nobody keeps: to look again would ask, and decrypt, again."""

    def find(self, customer_no: str) -> CustomerRecord | None:
        """The customer of that number, None when there is none."""
        if customer_no not in self._found:
            self._found[customer_no] = self._session.get(Customer, customer_no)
        row = self._found[customer_no]
        return None if row is None else record_of(row)


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
