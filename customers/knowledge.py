"""What the customer register, or a list of customers, lends to reading (``ocr.knowledge.Register``).

Nothing of the register is gathered: words come from its index, which whoever changes customers keeps up, and customers
are looked up for each page by what may be written there. A PESEL is encrypted; its keyed digest finds the owner.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from threading import Lock
from typing import Final

from sqlalchemy import ColumnElement, select

from customers.keys import pesel_key
from customers.records import COLUMNS, CustomerRecord, record_of
from customers.register_index import words_of
from customers.tables import Customer, RegisterIndex, RegisterWord
from database.encryption import digester
from database.engine import get_engine, reading

Row = Mapping[str, str]
"""One customer: the columns of the customer file by name and 'invoice_email', without those that are unknown."""

_SOUGHT: Final = ("customer_no", "pesel", "nip", "phone")
"""Columns by which a customer is found. Never by an e-mail address: a new one may be like another's."""
_FRESH: Final = 60.0
"""Seconds for which words are taken to be those of the register."""


class ListKnowledge:
    """Customers from a file, with no database."""

    def __init__(self, records: Iterable[CustomerRecord]) -> None:
        self._rows = {record.customer_no: _row(record) for record in records}
        self._numbers: dict[tuple[str, str], set[str]] = defaultdict(set)
        counted: Counter[tuple[str, str]] = Counter()
        for number, row in self._rows.items():
            counted.update(words_of(row))
            for column in _SOUGHT:
                if column in row:
                    self._numbers[column, row[column]].add(number)
        self._words = _by_field((field, word, number) for (field, word), number in counted.items())

    def words(self) -> Mapping[str, Mapping[str, int]]:
        """How many customers have which word, by field; the same object always."""
        return self._words

    def customers(self, wanted: Mapping[str, Collection[str]]) -> Sequence[Row]:
        """The customers who carry one of these values in that column, each once."""
        pairs = ((column, value) for column, values in wanted.items() for value in values)
        numbers = set().union(*(self._numbers.get(pair, ()) for pair in pairs))
        return [self._rows[number] for number in sorted(numbers)]


class RegisterKnowledge:
    """The customer register in the database; threads may share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._words: Mapping[str, Mapping[str, int]] = {}
        self._state: int | None = None
        self._looked = -_FRESH

    def words(self) -> Mapping[str, Mapping[str, int]]:
        """How many customers have which word, by field; the same object as long as nothing is seen to change."""
        with self._lock:
            if time.monotonic() - self._looked >= _FRESH:
                with reading() as session:
                    state = session.scalar(select(RegisterIndex.words_state)) or 0
                    if state != self._state:
                        told = select(RegisterWord.field, RegisterWord.word, RegisterWord.count)
                        self._words = _by_field((field, word, count) for field, word, count in session.execute(told))
                self._state, self._looked = state, time.monotonic()
            return self._words

    def customers(self, wanted: Mapping[str, Collection[str]]) -> Sequence[Row]:
        """The customers who carry one of these values in that column, each once."""
        conditions = [_carries(column, values) for column, values in wanted.items() if column in _SOUGHT and values]
        with reading() as session:
            # Each by its own index; all in one question leave it to the database whether it uses them.
            numbers = {
                number for one in conditions for number in session.scalars(select(Customer.customer_no).where(one))
            }
            found = session.scalars(
                select(Customer).where(Customer.customer_no.in_(numbers)).order_by(Customer.customer_no)
            )
            return [_row(record_of(customer)) for customer in found]


def _carries(column: str, values: Collection[str]) -> ColumnElement[bool]:
    if column == "pesel":
        digested = digester()
        return Customer.pesel_key.in_([pesel_key(value, digested) for value in values])
    return getattr(Customer, column).in_(list(values))  # type: ignore[no-any-return]


def register_knowledge() -> RegisterKnowledge:
    """The register of the database in force; one for each database and process."""
    return _of(str(get_engine().url))


@cache
def _of(_url: str) -> RegisterKnowledge:
    return RegisterKnowledge()


def _by_field(counted: Iterable[tuple[str, str, int]]) -> Mapping[str, Mapping[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for field, word, number in counted:
        found[field][word] = number
    return dict(found)


def _row(record: CustomerRecord) -> Row:
    found = {name: getattr(record, name) for name in (*COLUMNS, "invoice_email")}
    if record.unknown & {"street", "flat"}:
        found["house"] = None  # half an address is no whole one without street or flat, which would be a second factor
    return {name: value for name, value in found.items() if value}
