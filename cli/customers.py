"""Importing the customer file into the register."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final

from audit.trail import record
from cli.console import CommandError, out, progress
from cli.customer_files import counted, read_list, warn
from cli.indexing import complete_index
from cli.operator import operator
from customers.customer_list import Doubt
from customers.importing import load_customers
from database.engine import transaction
from database.upgrading import upgrade
from environment.disk_faults import cause_of
from environment.settings import get_settings
from forms.kinds import Pesel

_HEADINGS: Final = ("wiersz", "numer klienta", "kolumna", "wartość", "powód")
_FORMULA_SIGNS: Final = tuple("=+-@\t\r")
"""A cell that begins so would be calculated by a spreadsheet."""


def import_file(path: Path, *, strict: bool = False, report: Path | None = None) -> None:
    """Add and update customers from a file that identifies each of them; all or nothing for one that does not."""
    report = report or get_settings().import_report
    if report.resolve() == path.resolve():
        raise CommandError("Raport zastąpiłby wczytywany plik: podaj w --report inny.")
    upgrade()
    with progress() as bar:
        reading = bar.add_task("Czytam plik", total=None)
        listed = read_list(path, strict=strict)
        where = _write_report(report, listed.doubts)
        bar.update(reading, total=listed.count, description="Wczytuję klientów")
        _note("customers_import_begun", rows=listed.count, unusable=len(listed.doubts))
        counts = load_customers(listed, done=lambda number: bar.advance(reading, number))
    _note("customers_imported", **asdict(counts))
    out().print(f"Klienci: dodano {counts.added}, zmieniono {counts.changed}, bez zmian {counts.unchanged}")
    if listed.doubts:
        warn(f"{counted(listed.doubts)}. Pozostałe dane tych klientów wczytano.")
        out().print(f"Wiersze i powody: {where} (zawiera dane osobowe)", soft_wrap=True)


def index() -> None:
    """Complete the index, and say so."""
    upgrade()
    complete_index()
    out().print("Indeks klientów jest pełny.")


def _write_report(path: Path, doubts: Sequence[Doubt]) -> Path:
    """The doubts as a file that spreadsheets open, for its owner only; it takes the place of an earlier one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8-sig") as file:
            table = csv.writer(file, delimiter=";")
            table.writerow(_HEADINGS)
            table.writerows(
                (one.line, one.customer_no, one.column, _as_text(_shown(one)), one.reason) for one in doubts
            )
        draft.replace(path)
    except OSError as error:
        text = (
            f"Nie można zapisać raportu {path}: {cause_of(error)}. Usuń tę przyczynę albo podaj inny plik w --report."
        )
        with suppress(OSError):
            draft.unlink()
        raise CommandError(f"{text} Niczego nie wczytano.") from error
    return path


def _shown(doubt: Doubt) -> str:
    """What stood in the cell, but no PESEL, in whichever column: who mends it finds the row in the list itself."""
    hidden = Pesel().hidden_in(doubt.raw)
    return Pesel().masked(doubt.raw) if doubt.column == "pesel" and hidden == doubt.raw else hidden


def _as_text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_SIGNS) else cell


def _note(action: str, **detail: int) -> None:
    with transaction() as session:
        record(session, actor=operator(), action=action, subject="customers", detail=detail)
