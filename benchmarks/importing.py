"""What an import of many customers costs, and how long somebody else waits for the database meanwhile.

``python -m benchmarks.importing [CUSTOMERS]`` writes ``docs/benchmarks-import.md``. The command runs as the
administrator runs it, in a process of its own; its processor time is user and system of that process. Another process
writes to the register meanwhile, as a clerk's decision does; the longest of its transactions is what anybody waits.
"""

from __future__ import annotations

import csv
import os
import platform
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import openpyxl
from sqlalchemy import select, update

from audit.trail import record
from benchmarks.live import throw_away_home
from benchmarks.memory import Peak, most_held_by
from benchmarks.scoring import table
from customers.records import COLUMNS
from customers.tables import Customer
from database.engine import transaction
from environment import clock
from specimens.people import CustomerRow, invented_customers
from tests.postgres import running_cluster

CUSTOMERS: Final = 200_000
GOAL_CPU: Final = 30.0
GOAL_WAIT: Final = 1.0
DOCUMENT: Final = Path("docs/benchmarks-import.md")
_PAUSE: Final = 0.02
_DAMAGED: Final = {"house": "05.lip", "phone": "6,007E+08", "email": "brak@", "flat": "01:02:00"}
_ONE_IN: Final = 50
"""Every so many customers have a damaged cell."""


@dataclass(frozen=True)
class Import:
    """One import: what was imported where, its processor time, length and most memory, what another writer waited."""

    database: str
    what: str
    cpu: float
    wall: float
    megabytes: float
    longest: float
    writes: int


def main(count: int) -> None:
    """Import everything on both databases and write the page."""
    with tempfile.TemporaryDirectory() as folder:
        files = dict(_files(Path(folder), count))
        with throw_away_home():
            found = list(imports("SQLite", files))
        with running_cluster() as cluster, throw_away_home(cluster.create("ebok")):
            found += list(imports("PostgreSQL", files))
    DOCUMENT.write_text(_page(found, count), encoding="utf-8")


def _files(folder: Path, count: int) -> Iterator[tuple[str, Path]]:
    people = invented_customers(count, 7, consecutive=True)
    yield "CSV, all new", csv_file(folder / "new.csv", people)
    yield "the same again, nothing changed", folder / "new.csv"
    rng = random.Random(7)
    for row in people[::_ONE_IN]:
        column = rng.choice(list(_DAMAGED))
        row[column] = _DAMAGED[column]  # type: ignore[literal-required]
    for row in people:
        row["town"] = "Nowe Miasto"
    yield "Excel, all changed, one in fifty damaged", _xlsx(folder / "changed.xlsx", people)


def csv_file(path: Path, people: Sequence[CustomerRow]) -> Path:
    """The customers as a file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        written = csv.DictWriter(file, COLUMNS)
        written.writeheader()
        written.writerows(people)
    return path


def _xlsx(path: Path, people: Sequence[CustomerRow]) -> Path:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(COLUMNS))
    for row in people:
        sheet.append([row[name] for name in COLUMNS])  # type: ignore[literal-required]
    book.save(path)
    return path


def imports(database: str, files: dict[str, Path]) -> Iterator[Import]:
    """Import the files one after the other into the database in force; Import by file."""
    for what, path in files.items():
        done = beside_a_writer("customers", "import", str(path))
        if done.status:
            raise RuntimeError(f"the import failed: {what}")
        waits = done.waits
        yield Import(database, what, done.cpu, done.wall, done.megabytes, max(waits, default=0.0), len(waits))


@dataclass(frozen=True)
class Command:
    """One command of ours: its processor time, length, most memory and exit status; waits of who wrote meanwhile."""

    cpu: float
    wall: float
    megabytes: float
    status: int
    waits: Sequence[float]


def beside_a_writer(*words: str) -> Command:
    """Run `ebok` with these words on the database in force, while somebody writes to it."""
    over, waits = threading.Event(), list[float]()
    writer = threading.Thread(target=_write, args=(over, waits))
    began = time.monotonic()
    command = subprocess.Popen([Path(sys.prefix) / "bin" / "ebok", *words])
    writer.start()
    with Peak(partial(most_held_by, command.pid)) as peak:
        _, status, used = os.wait4(command.pid, 0)
    wall = time.monotonic() - began
    over.set()
    writer.join()
    command.returncode = os.waitstatus_to_exitcode(status)
    return Command(used.ru_utime + used.ru_stime, wall, peak.most, command.returncode, waits)


def _write(over: threading.Event, waits: list[float]) -> None:
    """What a clerk's decision does to the database: a customer's row and a line of the audit, again and again."""
    rng = random.Random(1)
    while not over.wait(_PAUSE):
        number = str(53464097 + rng.randrange(CUSTOMERS))
        began = time.monotonic()
        with transaction() as session:
            session.scalar(select(Customer.name).where(Customer.customer_no == number))
            session.execute(update(Customer).where(Customer.customer_no == number).values(invoice_delivery="paper"))
            record(session, actor="benchmark", action="waited", subject=number)
        waits.append(time.monotonic() - began)


def _page(found: Sequence[Import], count: int) -> str:
    most, longest = max(one.cpu for one in found), max(one.longest for one in found)
    met = "**Met**" if most < GOAL_CPU and longest < GOAL_WAIT else "**Missed**"
    rows = [
        (
            *(one.database, one.what, f"{one.cpu:.1f}", f"{one.wall:.0f}", f"{one.megabytes:.0f}"),
            *(f"{one.longest * 1000:.0f}", str(one.writes)),
        )
        for one in found
    ]
    titles = ("database", "file", "CPU s", "elapsed s", "memory MB", "longest wait of another writer, ms", "its writes")
    return f"""# An import of many customers

A list of {count:,} customers by `ebok customers import`, while somebody else writes to the register all the time (a customer's row and a line of the audit, every {_PAUSE * 1000:.0f} ms). Processor time is user and system of the command alone; PostgreSQL's server comes on top. How it is written: [decision 16](decisions/0016-what-a-customer-list-may-break.md).

`python -m benchmarks.importing {count}`, {clock.today()}, {os.cpu_count()} cores ({platform.machine()}), load {os.getloadavg()[0]:.1f} at the end.

Goal: under {GOAL_CPU:.0f} s CPU, and nobody waits longer than {GOAL_WAIT:.0f} s. {met}: {most:.1f} s and {longest:.2f} s at most.

{table(titles, rows)}
"""  # noqa: E501  a paragraph of the page is one line


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS)
