"""The customer file into the register."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.text import Text

from cli.console import CommandError, err, out, progress
from customers.importing import CustomerFileError, import_customers, read_customers
from customers.records import CustomerRecord
from database.engine import transaction
from database.upgrading import upgrade


def records_of(path: Path) -> list[CustomerRecord]:
    """The customers of a file; CommandError lists every wrong line."""
    try:
        return read_customers(path, notice=lambda text: err().print(Text("Uwaga:", "yellow"), text, soft_wrap=True))
    except CustomerFileError as error:
        told = "\n".join(f"  {f'wiersz {line}: ' if line else ''}{message}" for line, message in error.problems)
        raise CommandError(f"Plik klientów ma błędy, niczego nie wczytano.\n{told}") from error


def import_file(path: Path) -> None:
    """Add and update customers from a file, all or nothing."""
    upgrade()
    with progress() as bar:
        reading = bar.add_task("Czytam plik", total=None)
        records = records_of(path)
        bar.update(reading, total=len(records), description="Wczytuję klientów")

        def one_by_one() -> Iterator[CustomerRecord]:
            for record in records:
                yield record
                bar.advance(reading)

        with transaction() as session:
            counts = import_customers(session, one_by_one())
    out().print(f"Klienci: dodano {counts.added}, zmieniono {counts.changed}, bez zmian {counts.unchanged}")
