"""What `ebok check` costs where the register is large, and how long somebody else waits for the database meanwhile.

``python -m benchmarks.checking [CUSTOMERS] [sqlite] [postgresql]`` imports so many invented customers and has all of it
compared, while another process writes as a clerk's decision does. It prints a row of the table in
``docs/benchmarks-register.md`` for each database.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import Final

from benchmarks.importing import beside_a_writer, csv_file
from benchmarks.live import throw_away_home
from benchmarks.scoring import table
from customers.customer_list import read_customers
from customers.importing import import_customers
from database.engine import transaction
from specimens.people import invented_customers
from tests.postgres import running_cluster

CUSTOMERS: Final = 1_000_000
_TITLES: Final = (
    *("database", "customers", "CPU s", "elapsed s", "memory MB", "longest wait of another writer, ms"),
    *("its writes", "exit"),
)


def main(count: int, databases: list[str]) -> None:
    """Measure on each database."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        listed = csv_file(Path(folder) / "customers.csv", invented_customers(count, 7, consecutive=True))
        for database in databases:
            with running_cluster() if database == "postgresql" else nullcontext() as cluster:
                rows.append(_row(database, count, listed, None if cluster is None else cluster.create("ebok")))
    print(f"load {os.getloadavg()[0]:.1f} at the end", table(_TITLES, rows), sep="\n\n")


def _row(database: str, count: int, listed: Path, url: str | None) -> tuple[str, ...]:
    with throw_away_home(url):
        with transaction() as session:
            import_customers(session, read_customers(listed).records)
        done = beside_a_writer("check")
    figures = (f"{done.cpu:.1f}", f"{done.wall:.0f}", f"{done.megabytes:.0f}", f"{max(done.waits) * 1000:.0f}")
    return database, f"{count:,}", *figures, str(len(done.waits)), str(done.status)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("customers", type=int, nargs="?", default=CUSTOMERS)
    options.add_argument("databases", nargs="*", choices=("sqlite", "postgresql"), default=["sqlite", "postgresql"])
    chosen = options.parse_args()
    main(chosen.customers, chosen.databases)
