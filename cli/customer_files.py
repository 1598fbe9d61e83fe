"""A file of customers as a command reads it: what is wrong with it is told by line, what cannot be used is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from cli.console import CommandError, err
from customers.customer_list import LABELS, CustomerList, Doubt, read_customers
from customers.list_files import CustomerFileError
from customers.records import CustomerRecord


def records_of(path: Path) -> list[CustomerRecord]:
    """The customers of a file; CommandError lists every line that refuses it."""
    listed = read_list(path, strict=False)
    if listed.doubts:
        warn(f"{counted(listed.doubts)}. Które to wiersze, wypisze `ebok customers import`.")
    return listed.records


def read_list(path: Path, *, strict: bool) -> CustomerList:
    """The customers of a file; CommandError lists every line that refuses it."""
    try:
        return read_customers(path, strict=strict, notice=warn)
    except CustomerFileError as error:
        told = "\n".join(f"  {f'wiersz {line}: ' if line else ''}{message}" for line, message in error.problems)
        raise CommandError(f"Plik klientów ma błędy, niczego nie wczytano.\n{told}") from error


def warn(text: str) -> None:
    """Say so beside what the command gives."""
    err().print(Text("Uwaga:", "yellow"), text, soft_wrap=True)


def counted(doubts: Sequence[Doubt]) -> str:
    """How many values are of no use, by column."""
    by_column = Counter(LABELS[doubt.column] for doubt in doubts)
    return f"Wartości nie do użycia: {len(doubts)} ({', '.join(f'{name}: {n}' for name, n in by_column.most_common())})"
