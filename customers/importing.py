"""The customer file: CSV or Excel into the register, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from customers.records import CustomerRecord


class CustomerFileError(Exception):
    """A customer file that cannot be taken; all problems as ``(line, Polish message)``, line 0 for the file itself."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        super().__init__(f"customer file with {len(problems)} problems")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """Customers added, changed and left as they were."""

    added: int
    changed: int
    unchanged: int


def read_customers(path: Path, *, notice: Callable[[str], None] | None = None) -> list[CustomerRecord]:
    """Read and check a customer file; CustomerFileError lists every problem at once."""
    raise NotImplementedError


def import_customers(session: Session, records: Iterable[CustomerRecord]) -> ImportCounts:
    """Add new customers and update changed ones in the caller's transaction."""
    raise NotImplementedError
