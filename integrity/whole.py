"""The database file as such, and the audit as a chain."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from sqlalchemy import text

from audit.verification import EntryFault, look_at_trail
from database.engine import DatabaseBrokenError, get_engine, reading
from integrity.differences import Comparison, Difference, DifferenceKind, Scope, Whose

_MOST: Final = 100

DAMAGED: Final = DifferenceKind(
    "database_damaged",
    "Plik bazy danych jest uszkodzony.",
    "Zatrzymaj program, sprawdź dysk i przywróć bazę z kopii zapasowej.",
    Whose.OTHER,
)
DANGLING: Final = DifferenceKind(
    "reference_dangling",
    "Wiersz bazy danych powołuje się na inny, którego nie ma.",
    "Porównaj tę tabelę z kopią zapasową bazy i przywróć, co zginęło.",
    Whose.OTHER,
)
BROKEN_TRAIL: Final = DifferenceKind(
    "audit_broken",
    "Dziennik zdarzeń jest naruszony.",
    "Zobacz, co mówi ebok audit verify, porównaj z kopią zapasową i ustal, kto miał dostęp do bazy danych.",
    Whose.OTHER,
)


class DatabaseFile(Comparison):
    """What SQLite finds in its file; PostgreSQL sees to its own pages and references."""

    name = "Baza danych"
    kinds = (DAMAGED, DANGLING)

    def differences(self, scope: Scope) -> Iterator[Difference]:
        """Pages and references."""
        if get_engine().dialect.name != "sqlite":
            return
        try:
            with reading() as session:
                damage = session.scalars(text(f"PRAGMA quick_check({_MOST})")).all()
                rows = session.execute(text("PRAGMA foreign_key_check")).fetchmany(_MOST)
        except DatabaseBrokenError:  # so badly that it cannot even be looked through
            damage, rows = [""], []
        if damage != ["ok"]:
            yield Difference(DAMAGED, None, "ebok.sqlite", f"miejsc: co najmniej {len(damage)}")
        for table, number, *_ in rows:
            yield Difference(DANGLING, (table, number), table, f"wiersz {number}")

    def remaining(self, found: Collection[Difference], scope: Scope) -> list[Difference]:
        """Look once more."""
        return list(self.differences(scope))


class Trail(Comparison):
    """The chain of the audit."""

    name = "Dziennik zdarzeń"
    kinds = (BROKEN_TRAIL,)

    def differences(self, scope: Scope) -> Iterator[Difference]:
        """The first entry that is not as it was."""
        verdict = look_at_trail()
        if verdict.fault is not None:
            detail = "plik audit.mark" if verdict.fault is EntryFault.NOTE else f"wpis {verdict.position}"
            yield Difference(BROKEN_TRAIL, verdict.position, "audit", detail)

    def remaining(self, found: Collection[Difference], scope: Scope) -> list[Difference]:
        """Look once more."""
        return list(self.differences(scope))


COMPARISONS: Final[tuple[Comparison, ...]] = (DatabaseFile(), Trail())
"""What is compared here."""
