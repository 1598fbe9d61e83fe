"""Importing the customer list, in short transactions so that nobody else waits long for the database.

Everything is checked before the first write, so a refused file changes nothing. An import that is killed has written
some bundles whole and the rest not at all; done again, it writes what is missing and leaves the others as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import Any, Final, cast

from sqlalchemy import Dialect, Table, bindparam, select, update
from sqlalchemy.orm import Session

from customers.bulk import Prepared, is_one_of, made_for, prepared
from customers.keys import lookup_keys
from customers.records import COLUMNS, CustomerRecord
from customers.register_index import described, held, index_rest, renew
from customers.tables import Customer
from database.encryption import digester
from database.engine import get_engine, insert_for, reading
from database.pace import Pace
from environment.clock import now

_BUNDLE: Final = 2000
"""Customers in one transaction at most: the more, the fewer pages of an index are written twice."""
_LEAST: Final = 250
"""Fewer cost more than they spare: what is done for each bundle, and to bring it to the disk, stays."""
_ADDRESS: Final = frozenset({"street", "house", "flat", "postcode", "town"})
_TABLE: Final = cast("Table", Customer.__table__)
_KEPT: Final = frozenset({"customer_no", "invoice_delivery", "invoice_email", "delivery_from"})
"""Columns that no import changes in a customer who is there already."""
_LOOKED_UP: Final = sorted({column.name for index in _TABLE.indexes for column in index.columns})
"""Columns by which customers are found. To write an index anew costs more than all other columns of a row."""
_OF_THESE: Final = frozenset({*_LOOKED_UP, "customer_no", "pesel"})
"""What is as it was where those columns are: the PESEL has its key among them."""


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """Customers added, changed and left as they were."""

    added: int
    changed: int
    unchanged: int

    def with_those(self, more: ImportCounts) -> ImportCounts:
        """Both together."""
        return ImportCounts(self.added + more.added, self.changed + more.changed, self.unchanged + more.unchanged)


@dataclass(frozen=True, slots=True)
class _Known:
    """A customer as the register has him: what tells a change, how he is found, his values where the list lacks some.

    ``found_by`` is None where he has no keys yet.
    """

    content: str | None
    found_by: tuple[str | None, ...] | None
    values: Mapping[str, str | None]


def load_customers(records: Iterable[CustomerRecord], *, done: Callable[[int], None] = lambda _: None) -> ImportCounts:
    """Add new customers and update changed ones, bundle by bundle; ``done`` is told how many each bundle had.

    What the index of the register still lacks is put in first.
    """
    for _ in index_rest():
        pass
    counts, steps, pace = ImportCounts(0, 0, 0), iter(records), Pace(_BUNDLE, _LEAST)
    while bundle := _bundle(steps, pace.size):
        with reading() as session:
            known = _known(session, bundle)
        rows, count = _rows(bundle, known)
        with pace.transaction() as session:
            _write(session, bundle, rows, known)
        counts = counts.with_those(count)
        done(len(bundle))
    return counts


def import_customers(session: Session, records: Iterable[CustomerRecord]) -> ImportCounts:
    """The same in the caller's transaction, which lasts as long as the whole list.

    Only the columns of the file are written: delivery of invoices, consents and accounts stay as they are. Customers
    that the file does not have stay too.
    """
    counts, steps = ImportCounts(0, 0, 0), iter(records)
    while bundle := _bundle(steps, _BUNDLE):
        known = _known(session, bundle)
        rows, count = _rows(bundle, known)
        _write(session, bundle, rows, known)
        counts = counts.with_those(count)
    session.expire_all()  # customers that the session holds already show the new values
    return counts


def _bundle(steps: Iterator[CustomerRecord], size: int) -> list[CustomerRecord]:
    """The next ones, by number: the pages of the table one after the other."""
    return sorted(islice(steps, size), key=lambda record: record.customer_no)


def _known(session: Session, records: Sequence[CustomerRecord]) -> dict[str, _Known]:
    damaged = {record.customer_no for record in records if record.unusable}
    numbers = [record.customer_no for record in records]
    found: dict[str, _Known] = {}
    looked_up = [getattr(Customer, name) for name in _LOOKED_UP]
    for number, content, key, *found_by in session.execute(
        select(Customer.customer_no, Customer.content_digest, Customer.name_key, *looked_up).where(
            is_one_of(session, Customer.customer_no, numbers)
        )
    ):
        # Rows from the time before there were keys to look them up by count as changed once.
        found[number] = _Known(content, tuple(found_by), {}) if key else _Known(None, None, {})
    columns = [getattr(Customer, name) for name in COLUMNS]
    for values in session.execute(select(*columns).where(is_one_of(session, Customer.customer_no, damaged))).mappings():
        number = values["customer_no"]
        found[number] = replace(found[number], values=dict(values))
    return found


def _rows(records: Sequence[CustomerRecord], known: Mapping[str, _Known]) -> tuple[list[dict[str, Any]], ImportCounts]:
    """The rows to write, as the driver takes them, and how many are new, changed and as they were."""
    rows, added = list[dict[str, Any]](), 0
    moment, digested, made = now(), digester(), made_for(_TABLE, get_engine().dialect)
    for record in records:
        values = {name: getattr(record, name) for name in COLUMNS}
        content = digested(*_content(values, record.unusable))
        former = known.get(record.customer_no)
        if former is not None and former.content == content:
            continue
        added += former is None
        if former is not None and record.unusable:
            values |= _still_good(record, former.values)
        unknown = frozenset(name for name in record.unusable if values[name] is None)
        row: dict[str, Any] = {
            **values,
            **lookup_keys(values, unknown, digested),
            "unusable": dict(record.unusable) or None,
            "content_digest": content,
            "updated_at": moment,
            "listed_at": moment,
            "invoice_delivery": "paper",
        }
        for name in made.keys() & row.keys():
            row[name] = made[name](row[name])
        rows.append(row)
    return rows, ImportCounts(added, len(rows) - added, len(records) - len(rows))


def _content(values: Mapping[str, str | None], unusable: Mapping[str, str]) -> Iterator[str]:
    """What tells a changed customer; it is kept as a digest."""
    yield from (f"{name}={value or ''}" for name, value in values.items())
    yield from (f"unusable {name}={raw}" for name, raw in unusable.items())


def _still_good(record: CustomerRecord, former: Mapping[str, str | None]) -> dict[str, str | None]:
    """Values of an earlier list where this one has damaged them: damage wipes nothing that was good.

    Only for the same customer (his name is the same), and of an address only where all the rest of it is the same:
    an old house number beside a new street would be an address that never was.
    """
    if record.name != former["name"]:
        return {}
    same_address = all(getattr(record, name) == former[name] for name in _ADDRESS - record.unusable.keys())
    return {name: former[name] for name in record.unusable if name not in _ADDRESS or same_address}


def _write(
    session: Session,
    records: Sequence[CustomerRecord],
    rows: Sequence[Mapping[str, Any]],
    known: Mapping[str, _Known],
) -> None:
    """Write the rows of new and changed customers, and note of the others that a list has them.

    Who is on no list for long may be erased. The index is held meanwhile: two imports at once take turns.
    """
    index = held(session, [record.customer_no for record in records])
    before = described(session, [row["customer_no"] for row in rows])
    unchanged = {record.customer_no for record in records} - {row["customer_no"] for row in rows}
    if unchanged:
        among_them = is_one_of(session, Customer.customer_no, unchanged)
        listed = update(Customer).where(among_them).values(listed_at=now())
        session.execute(listed.execution_options(synchronize_session=False))
    found_as_before, others = list[Mapping[str, Any]](), list[Mapping[str, Any]]()
    for row in rows:
        former = known.get(row["customer_no"])
        same = former is not None and former.found_by == tuple(row[name] for name in _LOOKED_UP)
        (found_as_before if same else others).append(row)
    if found_as_before and not _update(session, found_as_before):
        others = list(rows)
    if others:
        _upsert(session, others)
    renew(session, index, before, rows)


def _update(session: Session, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Write those whose keys are as they were; whether they all still were, for others write meanwhile, too."""
    written = [name for name in rows[0] if name not in _KEPT | _OF_THESE]
    told = [
        {
            "of": row["customer_no"],
            **{name: row[name] for name in written},
            **{f"still_{name}": row[name] for name in _LOOKED_UP},
        }
        for row in rows
    ]
    return _updating(session.connection().dialect, tuple(told[0])).write(session, told).rowcount == len(rows)


@cache
def _updating(dialect: Dialect, names: tuple[str, ...]) -> Prepared:
    still = (_TABLE.c[name].is_not_distinct_from(bindparam(f"still_{name}")) for name in _LOOKED_UP)
    return prepared(update(_TABLE).where(_TABLE.c.customer_no == bindparam("of"), *still), dialect, names)


def _upsert(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert, or update where the number is there already: perhaps another import was first."""
    _upserting(session.connection().dialect, tuple(rows[0])).write(session, rows)


@cache
def _upserting(dialect: Dialect, names: tuple[str, ...]) -> Prepared:
    statement = insert_for(dialect.name)(_TABLE)
    changed = {name: statement.excluded[name] for name in names if name not in _KEPT}
    upsert = statement.on_conflict_do_update(index_elements=[_TABLE.c.customer_no], set_=changed)
    return prepared(upsert, dialect, names)
