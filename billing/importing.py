"""Importing a delivery: whole or not at all, in short transactions so that nobody else waits long for the database.

Rows are written as those of a delivery that is not true yet; one last transaction makes it true. An import that was
killed leaves rows that nobody sees, and the next one removes them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Delete, Table, Update, bindparam, delete, insert, select, tuple_, update

from audit.trail import record
from billing.checking import Checked, checked
from billing.comparing import Differences, TableDifference, compare, known, pictured
from billing.contract import INVOICES, PAYMENTS
from billing.refusal import BillingRefusedError, DeliveryProblem
from billing.sources import BillingSource
from billing.tables import TABLES, BillingDelivery, Scaled, last_applied
from customers.bulk import made_for, prepared
from database.engine import get_engine, insert_if_absent, reading, transaction
from database.holders import enter, give_sign, is_in_force, leave
from database.pace import Pace
from documents import claims
from documents.originals import OriginalError, StoredFile, store_file
from environment import clock

_PURPOSE: Final = "billing"
_SUBJECT: Final = "billing"
_BUNDLE: Final = 2000
_LEAST: Final = 200
_FILES: Final = 100


class ImportBusyError(RuntimeError):
    """Another import is at work, or was while this one compared; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a delivery: ``known_since`` where the same one was applied before, and nothing is to be done."""

    number: int | None
    known_since: datetime | None
    differences: Differences | None = field(repr=False)


def applied_before(digest: str) -> datetime | None:
    """When a delivery of that digest was applied; None when it was not."""
    with reading() as session:
        wanted = select(BillingDelivery.applied_at).where(
            BillingDelivery.digest == digest, BillingDelivery.applied_at.is_not(None)
        )
        return session.scalars(wanted.order_by(BillingDelivery.number.desc()).limit(1)).first()


def import_delivery(
    source: BillingSource, actor: str, *, dry_run: bool = False, done: Callable[[int], None] = lambda _: None
) -> Imported:
    """Apply a delivery, or with ``dry_run`` tell what that would change.

    BillingRefusedError with all that is wrong with it; ImportBusyError when another one is being written.
    """
    if (since := applied_before(source.digest)) is not None:
        return Imported(None, since, None)
    delivery = checked(source, known, pictured)
    differences = compare(delivery)
    if dry_run:
        return Imported(None, None, differences)
    with _at_work(delivery, differences) as (number, owner):
        _store_pdfs(delivery, owner, done)
        pace = _pace(owner)
        for one in differences.tables:
            _write(one, number, pace, done)
        counts = differences.counts()
        with transaction() as session:
            row = session.get_one(BillingDelivery, number)
            row.applied_at, row.counts, row.paid_until = clock.now(), counts, _paid_until(delivery)
            leave(session, owner)
            told = {f"{name}_{what}": count for name, each in counts.items() for what, count in each.items() if count}
            record(
                session, actor=actor, action="billing_imported", subject=_SUBJECT, detail={"delivery": number, **told}
            )
    clear()
    return Imported(number, None, differences)


def _paid_until(delivery: Checked) -> date | None:
    """The last day of which a delivery has all payments: of today, whatever its period, they are not in yet."""
    if PAYMENTS.name not in delivery.frames:
        return None
    return min(delivery.source.period.last, clock.today() - timedelta(days=1))


def clear() -> None:
    """Remove what is true no more, and what imports that were killed have left."""
    with reading() as session:
        now = session.scalars(last_applied()).one()
        if (
            session.scalar(select(BillingDelivery.number).where(BillingDelivery.applied_at.is_(None)).limit(1))
            is not None
        ):
            return  # of that one, whoever begins next sees to it
    pace = Pace(_BUNDLE, _LEAST)
    for table in TABLES.values():
        _remove(table, table.c.until <= now, pace)


@contextmanager
def _at_work(delivery: Checked, differences: Differences) -> Iterator[tuple[int, str]]:
    """The one import that writes; what one that died has left is removed first."""
    owner = f"{_PURPOSE}-{secrets.token_hex(8)}"
    with transaction() as session:
        enter(session, owner, _PURPOSE)
        open_one = select(BillingDelivery).where(BillingDelivery.applied_at.is_(None)).with_for_update()
        for other in session.scalars(open_one).all():
            lives = is_in_force(BillingDelivery.owner, BillingDelivery.begun_at, timedelta())
            if (
                session.scalar(select(BillingDelivery.number).where(BillingDelivery.number == other.number, lives))
                is not None
            ):
                raise ImportBusyError
            session.delete(other)
        session.flush()
        if session.scalars(last_applied()).one() != differences.base:
            raise ImportBusyError
        number = differences.base + 1
        told = {"number": number, "digest": delivery.source.digest, "owner": owner, "begun_at": clock.now()}
        if not insert_if_absent(session, BillingDelivery, told):
            raise ImportBusyError
    try:
        pace = _pace(owner)
        for table in TABLES.values():
            _remove(table, table.c.since > differences.base, pace)
            _put_back(table, differences.base, pace)
        yield number, owner
    except BaseException:
        with transaction() as session:
            leave(session, owner)
        raise


def _pace(owner: str) -> Pace:
    """Of an import that is at work: it gives a sign of life with each transaction."""
    return Pace(_BUNDLE, _LEAST, lambda session: give_sign(session, owner))


def _write(one: TableDifference, number: int, pace: Pace, done: Callable[[int], None]) -> None:
    """The rows of a table as those of this delivery, and the former ones as over with it."""
    table, dialect = TABLES[one.table.name], get_engine().dialect
    names = (*one.table.kept, "content", "since", "until")
    inserting = prepared(insert(table), dialect, names)
    same = [table.c[name] == bindparam(f"of_{name}") for name in (*one.table.key, "since")]
    of_former = [f"of_{name}" for name in (*one.table.key, "since")]
    ending = prepared(update(table).where(*same), dialect, ("until", *of_former))
    rows, at, former, ended = one.rows, 0, one.replaced, 0
    while at < len(rows):
        some = rows[at : at + pace.size]
        given = _as_given(table, names, [(*row, number, None) for row in some])
        with pace.transaction() as session:
            inserting.write(session, given)
        at += len(some)
        done(len(some))
    while ended < len(former):
        keys = former[ended : ended + pace.size]
        given = _as_given(table, (*one.table.key, "since"), keys, prefix="of_")
        with pace.transaction() as session:
            ending.write(session, [{**row, "until": number} for row in given])
        ended += len(keys)


def _as_given(
    table: Table, names: Sequence[str], rows: Sequence[tuple[Any, ...]], prefix: str = ""
) -> list[Mapping[str, Any]]:
    """Rows as the driver takes them; amounts are whole numbers already."""
    made = {
        name: make
        for name, make in made_for(table, get_engine().dialect).items()
        if not isinstance(table.c[name].type, Scaled)
    }
    given = [dict(zip(names, row, strict=True)) for row in rows]
    for name in made.keys() & set(names):
        make = made[name]
        seen: dict[Any, Any] = {}
        for row in given:
            value = row[name]
            if isinstance(value, date):
                row[name] = seen[value] if value in seen else seen.setdefault(value, make(value))
            elif value is not None:
                row[name] = make(value)
    return [{f"{prefix}{name}": value for name, value in row.items()} for row in given]


def _remove(table: Table, condition: ColumnElement[bool], pace: Pace) -> None:
    _by_bundles(delete(table), table, condition, pace)


def _put_back(table: Table, base: int, pace: Pace) -> None:
    _by_bundles(update(table).values(until=None), table, table.c.until > base, pace)


def _by_bundles(change: Delete | Update, table: Table, condition: ColumnElement[bool], pace: Pace) -> None:
    """Carry out a change, after which the condition holds no more, for all rows for which it does."""
    keys = list(table.primary_key)
    while True:
        with reading() as session:
            found = [tuple(row) for row in session.execute(select(*keys).where(condition).limit(pace.size))]
        if not found:
            return
        with pace.transaction() as session:
            session.execute(change.where(tuple_(*keys).in_(found)))


def _store_pdfs(delivery: Checked, owner: str, done: Callable[[int], None]) -> None:
    """All pictures of invoices that the store has not into it, before any row that names them."""
    invoices = delivery.frames.get(INVOICES.name)
    if invoices is None:
        return
    listed = invoices.loc[invoices["pdf"].notna(), ["pdf", "pdf_sha256", "file"]]
    wanted = [(*row, line) for line, *row in listed.itertuples(name=None)]
    for at in range(0, len(wanted), _FILES):
        some = wanted[at : at + _FILES]
        with reading() as session:  # nobody lets go of any while a delivery is being written
            known_ones = claims.kept(session, [sha256 for _, sha256, _, _ in some], claims.INVOICES)
        files = [
            _stored(delivery, name, sha256, (file, line))
            for name, sha256, file, line in some
            if sha256 not in known_ones
        ]
        with transaction() as session:
            claims.keep(session, files, claims.INVOICES)
            give_sign(session, owner)
        done(len(some))


def _stored(delivery: Checked, name: str, sha256: str, place: tuple[str, int]) -> StoredFile:
    try:
        stored = store_file(delivery.source.pdf(name))
        if stored.sha256 == sha256:
            return stored
    except (OSError, OriginalError):
        pass
    text = f"{name}: Plik zmienił się w czasie wczytywania. Wczytaj dostawę jeszcze raz."
    raise BillingRefusedError([DeliveryProblem(*place, text)])
