"""What an import of a month of billing costs, with a picture of each invoice, while somebody else writes.

``python -m benchmarks.billed [CUSTOMERS] [sqlite] [postgresql]`` writes its part of ``docs/benchmarks-billing.md``. The
command runs as the administrator runs it, in a process of its own; its processor time is user and system of that
process. Another process writes to the register meanwhile, as a clerk's decision does.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import platform
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from benchmarks.importing import beside_a_writer
from benchmarks.live import throw_away_home
from benchmarks.scoring import table
from benchmarks.sections import put_section
from billing.manifest import NAME
from billing.sample import CUSTOMERS, write_sample
from customers.customer_list import read_customers
from customers.importing import load_customers
from environment import clock
from tests.postgres import running_cluster

COUNT: Final = 100_000
GOAL_CPU: Final = 180.0
DOCUMENT: Final = Path("docs/benchmarks-billing.md")
_INVOICES: Final = "invoices.csv"


def write_month(folder: Path, customers: int) -> int:
    """A delivery of one month into a folder, with a picture of each invoice; gives how many there are.

    One picture is drawn as billing's is; the others are it with other bytes behind its end: as many different files of
    the size of invoices, of which nothing is known before.
    """
    write_sample(folder, customers, months=1, until=clock.today(), pdfs=False)
    with tempfile.TemporaryDirectory() as name:
        write_sample(Path(name) / "one", 1, months=1, until=clock.today())
        drawn = next(Path(name).rglob("*.pdf")).read_bytes()
    with (folder / _INVOICES).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    for at, row in enumerate(rows):
        path = folder / "pdf" / f"{at // 1000}" / f"{at}.pdf"
        path.parent.mkdir(parents=True, exist_ok=True)
        content = drawn + f"\n%{at}\n".encode()
        path.write_bytes(content)
        row.update(pdf=path.relative_to(folder).as_posix(), pdf_sha256=hashlib.sha256(content).hexdigest())
    with (folder / _INVOICES).open("w", encoding="utf-8", newline="") as file:
        written = csv.DictWriter(file, list(rows[0]), delimiter=";")
        written.writeheader()
        written.writerows(rows)
    manifest = json.loads((folder / NAME).read_text(encoding="utf-8"))
    for one in manifest["files"]:
        if one["name"] == _INVOICES:
            one["sha256"] = hashlib.sha256((folder / _INVOICES).read_bytes()).hexdigest()
    (folder / NAME).write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    return len(rows)


def main(customers: int, databases: list[str]) -> None:
    """Import on each kind of database and write the page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "month"
        with throw_away_home():
            invoices = write_month(folder, customers)
        size = next((folder / "pdf").rglob("*.pdf")).stat().st_size
        for database in databases:
            with ExitStack() as open_:
                cluster = open_.enter_context(running_cluster()) if database == "postgresql" else None
                open_.enter_context(throw_away_home(None if cluster is None else cluster.create("ebok")))
                load_customers(read_customers(folder / CUSTOMERS).records)
                done = beside_a_writer("billing", "import", str(folder))
            if done.status:
                raise RuntimeError("the import failed")
            told = f"at {1000 * done.cpu / invoices:.2f} ms an invoice, not measured with so many"
            if customers >= COUNT:
                told = "met" if done.cpu < GOAL_CPU else "missed"
            row = (
                *(f"{invoices:,}", f"{size / 1000:.0f}", f"{done.cpu:.0f}", f"{done.wall:.0f}"),
                *(f"{done.megabytes:.0f}", f"{1000 * max(done.waits, default=0):.0f}", str(len(done.waits))),
            )
            titles = ("invoices", "KB a picture", "CPU s", "elapsed s", "memory MB", "longest wait, ms", "its writes")
            text = "\n\n".join(
                [
                    f"{clock.today()}, {customers:,} customers, {os.cpu_count()} cores ({platform.machine()}), "
                    f"load {os.getloadavg()[0]:.1f} at the end.",
                    table(titles, [row]),
                    f"Goal: under {GOAL_CPU:.0f} s CPU for {COUNT:,} customers: {told}.",
                ]
            )
            put_section(DOCUMENT, _HEAD, database, text)
            print(text, flush=True)


_HEAD: Final = (
    "# An import of a month of billing\n\n"
    "`python -m benchmarks.billed`: a month's delivery, all of it new, by `ebok billing import`, while somebody else "
    "writes to the register all the time (a customer's row and a line of the audit; what one of these took at most is "
    "the longest wait). Each invoice has a picture of its own that the store has not. Processor time is user and "
    "system of the command alone; PostgreSQL's server comes on top. The time that passes is mostly the disk's, which "
    "confirms two writes for each picture."
)


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("customers", type=int, nargs="?", default=COUNT)
    options.add_argument("databases", nargs="*", default=["sqlite", "postgresql"])
    given = options.parse_args()
    main(given.customers, given.databases)
