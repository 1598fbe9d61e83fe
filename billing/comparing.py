"""What a delivery would change: its rows held against those in force, bundle by bundle, nothing written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.checking import FILE, Checked
from billing.contract import BY_NAME, CUSTOMER, INVOICES, BillingTable
from billing.tables import CONTENT, TABLES, in_force, last_applied
from customers.bulk import is_one_of
from customers.tables import Customer
from database.encryption import digester
from database.engine import reading

_AT_ONCE: Final = 5000
_EXAMPLES: Final = 5

Key = tuple[Any, ...]


@dataclass
class TableDifference:
    """What becomes of one table; examples are keys and lines of files, with no data of a person.

    ``rows`` are those to be written, each as its values with the content, and ``replaced`` the keys, with the delivery
    since which they are so, of those that are over then.
    """

    table: BillingTable
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    vanished: int = 0
    examples: dict[str, list[str]] = field(default_factory=lambda: {"added": [], "changed": [], "vanished": []})
    rows: list[Key] = field(default_factory=list, repr=False)
    replaced: list[Key] = field(default_factory=list, repr=False)

    def counts(self) -> dict[str, int]:
        """For programs."""
        return {name: getattr(self, name) for name in ("added", "changed", "unchanged", "vanished")}


@dataclass
class Differences:
    """What a delivery would change of what was true after the delivery number ``base``."""

    base: int
    tables: list[TableDifference]

    def counts(self) -> dict[str, dict[str, int]]:
        """By table, for programs."""
        return {one.table.name: one.counts() for one in self.tables}


def known(table: str, column: str, values: Collection[str]) -> set[str]:
    """Which of these values the register has in that column."""
    asked = Customer.customer_no if table == CUSTOMER.table else TABLES[table].c[column]
    where = [] if table == CUSTOMER.table else [in_force(TABLES[table])]
    found: set[str] = set()
    for some in _bundles(sorted(values)):
        with reading() as session:
            found.update(session.scalars(select(asked).where(is_one_of(session, asked, some), *where)))
    return found


def pictured(digests: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    """The invoices in force of which each of these is the picture, as number and customer."""
    invoices, found = TABLES[INVOICES.name], dict[str, list[tuple[str, str]]]()
    asked = select(invoices.c.pdf_sha256, invoices.c.invoice_no, invoices.c.customer_no).where(in_force(invoices))
    for some in _bundles(sorted(digests)):
        with reading() as session:
            for digest, *of_whom in session.execute(asked.where(is_one_of(session, invoices.c.pdf_sha256, some))):
                found.setdefault(digest, []).append((of_whom[0], of_whom[1]))
    return found


def compare(checked: Checked) -> Differences:
    """Hold each table of the delivery against the register."""
    with reading() as session:
        base = session.scalars(last_applied()).one()
    return Differences(base, [_of_table(BY_NAME[name], frame, checked) for name, frame in checked.frames.items()])


def _of_table(told: BillingTable, frame: pd.DataFrame, checked: Checked) -> TableDifference:
    done, delivered = TableDifference(told), set[Key]()
    ordered = frame.sort_values(list(told.key), kind="stable")
    place = [told.kept.index(name) for name in told.key]
    digested, lines = digester(), zip(ordered[FILE], ordered.index, strict=True)
    values = zip(*(ordered[name].tolist() for name in told.kept), strict=True)
    both = zip(values, lines, strict=True)
    while bundle := list(islice(both, _AT_ONCE)):
        with reading() as session:
            before = _before(session, told, [str(row[place[0]]) for row, _ in bundle])
        for row, (file, line) in bundle:
            key = tuple(row[at] for at in place)
            delivered.add(key)
            content = digested(*map(str, row))[:CONTENT]
            former = before.get(key)
            if former is not None and former[0] == content:
                done.unchanged += 1
                continue
            done.rows.append((*row, content))
            if former is None:
                done.added += 1
                _example(done, "added", f"{file}, wiersz {line}")
            else:
                done.changed += 1
                done.replaced.append((*key, former[1]))
                _example(done, "changed", f"{file}, wiersz {line}")
    for key, since in _expected(told, checked):
        if key not in delivered:
            done.vanished += 1
            if told.part_of is not None:  # what comes again of an invoice is all of it: this position is none any more
                done.replaced.append((*key, since))
            if told.key != ("customer_no",):
                _example(done, "vanished", ", ".join(map(str, key)))
    return done


def _before(session: Session, told: BillingTable, first: Sequence[str]) -> dict[Key, tuple[str, int]]:
    """Content and beginning of the rows in force whose first part of the key is one of these."""
    table = TABLES[told.name]
    keys = [table.c[name] for name in told.key]
    wanted = select(*keys, table.c.content, table.c.since).where(
        is_one_of(session, keys[0], list(dict.fromkeys(first))), in_force(table)
    )
    return {tuple(key): (content, since) for *key, content, since in session.execute(wanted)}


def _expected(told: BillingTable, checked: Checked) -> Iterator[tuple[Key, int]]:
    """The keys of the rows in force that such a delivery should have, too, each with the delivery since which it is."""
    table = TABLES[told.name]
    keys = [table.c[name] for name in told.key]
    wanted = select(*keys, table.c.since).where(in_force(table))
    if told.part_of is not None:
        of = sorted(set(checked.frames[told.part_of][told.key[0]])) if told.part_of in checked.frames else []
        for some in _bundles(of):
            with reading() as session:
                found = session.execute(wanted.where(is_one_of(session, keys[0], some))).all()
            yield from ((tuple(key), since) for *key, since in found)
        return
    if told.of_period is not None:
        period = checked.source.period
        wanted = wanted.where(table.c[told.of_period].between(period.first, period.last))
    with reading() as session:
        for *key, since in session.execute(wanted.execution_options(yield_per=_AT_ONCE)):
            yield tuple(key), since


def _bundles(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[at : at + _AT_ONCE] for at in range(0, len(values), _AT_ONCE))


def _example(done: TableDifference, of: str, text: str) -> None:
    if len(done.examples[of]) < _EXAMPLES:
        done.examples[of].append(text)
