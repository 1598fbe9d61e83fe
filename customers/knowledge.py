"""What the customer register, or a list of customers, lends to reading; beside it what the installation knows.

Of the register in the database only words and keyed digests stay in memory; the rows of those who come into question
are looked up for each page. PESEL is encrypted there: its digest finds the owner.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import Final

from sqlalchemy import case, func, select

from customers.records import COLUMNS, CustomerRecord, RegisterDirectory
from customers.tables import Customer
from database.encryption import digest
from database.engine import get_engine, reading, transaction
from ocr.installation import Installation
from ocr.knowledge import Row

_SOUGHT: Final = {"pesel": "pesel", "nip": "nip", "phone": "phone", "email": "email", "invoice_email": "email"}
"""Columns by which a customer is found, beside his number, and what is asked for to look there."""
_READ: Final = ("name", "street", "postcode", "town")
"""Columns that words and places are taken from."""
_FRESH: Final = 60.0
"""Seconds for which words and digests are taken to be those of the register."""

_PAGE: Final = 2000
"""Customers in one transaction: SQLite lets nobody write while one is open."""


@dataclass(frozen=True, slots=True)
class _Words:
    """What is gathered from rows: words by field with their counts, towns by post code."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    places: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, row: Mapping[str, str]) -> None:
        """Words of the name; street and town as they are; all in capitals."""
        for name in ("name", "street", "town"):
            text = row.get(name, "").upper()
            self.counts[name].update(text.split() if name == "name" else [text] if text else [])
        if "postcode" in row and "town" in row:
            self.places[row["postcode"]].add(row["town"].upper())


class ListKnowledge(Installation):
    """Customers from a file, with no database."""

    def __init__(self, records: Iterable[CustomerRecord]) -> None:
        super().__init__()
        self._rows = {record.customer_no: _row(record) for record in records}
        self._numbers: dict[tuple[str, str], set[str]] = defaultdict(set)
        for number, row in self._rows.items():
            for name, column in _SOUGHT.items():
                if name in row:
                    self._numbers[column, row[name]].add(number)
        words = _Words()
        for row in self._rows.values():
            words.add(row)
        self.learn(words.counts, words.places)

    def customers(self, wanted: Mapping[str, Collection[str]]) -> Sequence[Row]:
        """The customers who carry one of these values in that column, each once."""
        numbers = set(wanted.get("customer_no", ()))
        for column, values in wanted.items():
            for value in values:
                numbers |= self._numbers.get((column, value), set())
        return [self._rows[number] for number in sorted(numbers & self._rows.keys())]


class RegisterKnowledge(Installation):
    """The customer register in the database; threads may share it."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()
        self._numbers: dict[str, set[str]] = {}
        self._state: object = None
        self._looked = -_FRESH

    def words(self, field: str) -> Mapping[str, float]:
        """Words of the register beside those of the installation."""
        self._look()
        return super().words(field)

    def places(self) -> Mapping[str, Sequence[str]]:
        """Post codes and towns of the register beside those of the installation."""
        self._look()
        return super().places()

    def customers(self, wanted: Mapping[str, Collection[str]]) -> Sequence[Row]:
        """The customers who carry one of these values in that column, each once."""
        self._look()
        numbers = set(wanted.get("customer_no", ()))
        for column, values in wanted.items():
            for value in values:
                numbers |= self._numbers.get(digest(column, value), set())
        with transaction() as session:
            directory = RegisterDirectory(session)
            found = [directory.find(number) for number in sorted(numbers)]
        return [_row(record) for record in found if record is not None]

    def _look(self) -> None:
        """Gather words and digests anew when the register is another one than some time ago."""
        with self._lock:
            if time.monotonic() - self._looked < _FRESH:
                return
            with transaction() as session:
                state = session.execute(select(func.count(), func.max(Customer.updated_at))).one()
            if state != self._state:
                self._gather()
            self._state, self._looked = state, time.monotonic()

    def _gather(self) -> None:
        """Page by page, each in a transaction of its own: others write meanwhile, which the next look sees."""
        numbers: dict[str, set[str]] = defaultdict(set)
        words = _Words()
        for found in _pages():
            row = {name: value for name, value in found.items() if value}
            words.add(row)
            for name, column in _SOUGHT.items():
                if name in row:
                    numbers[digest(column, row[name])].add(row["customer_no"])
            if "pesel_key" in row:
                numbers[row["pesel_key"]].add(row["customer_no"])
        self._numbers = dict(numbers)
        self.learn(words.counts, words.places)


def _pages() -> Iterator[Mapping[str, str | None]]:
    """The rows of the register by number. A PESEL is decrypted only where its key, which is its digest, is not kept."""
    pesel = case((Customer.pesel_key.is_(None), Customer.pesel)).label("pesel")
    others = (getattr(Customer, name) for name in ("customer_no", "pesel_key", *_SOUGHT, *_READ) if name != "pesel")
    wanted = select(*others, pesel).order_by(Customer.customer_no).limit(_PAGE)
    last = ""
    while True:
        with reading() as session:
            rows = session.execute(wanted.where(Customer.customer_no > last)).mappings().all()
        if not rows:
            return
        yield from ({str(name): value for name, value in row.items()} for row in rows)
        last = rows[-1]["customer_no"]


def register_knowledge() -> RegisterKnowledge:
    """The register of the database in force; one for each database and process."""
    return _of(str(get_engine().url))


@cache
def _of(_url: str) -> RegisterKnowledge:
    return RegisterKnowledge()


def _row(record: CustomerRecord) -> Row:
    found = {name: getattr(record, name) for name in (*COLUMNS, "invoice_email")}
    if record.unknown & {"street", "flat"}:
        found["house"] = None  # half an address is no whole one without street or flat, which would be a second factor
    return {name: value for name, value in found.items() if value}
