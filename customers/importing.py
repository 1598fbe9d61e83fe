"""The customer file: CSV or Excel into the register, whole or not at all.

Everything is read as text, so that leading zeros stay; '12345678.0', which spreadsheets make of numbers, is understood.
A file with one wrong row changes nothing, and all its wrong rows are told at once, by line, without repeating what
stands in them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import pandas as pd
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from customers.keys import lookup_keys
from customers.records import COLUMNS, CustomerRecord
from customers.tables import Customer
from database.clock import now, today
from database.encryption import digest
from database.settings import get_settings
from forms.kinds import Digits, Email, Kind, Nip, Pesel, Phone, Postcode, Text

_LABELS: Final = {
    "customer_no": "numer klienta",
    "name": "nazwa",
    "pesel": "PESEL",
    "nip": "NIP",
    "street": "ulica",
    "house": "nr domu",
    "flat": "nr lokalu",
    "postcode": "kod pocztowy",
    "town": "miejscowość",
    "phone": "telefon",
    "email": "adres e-mail",
}
_REQUIRED: Final = ("customer_no", "name")
_NUMBERS: Final = frozenset(COLUMNS) - {"name", "street", "town", "email"}
_SPARE_COLUMNS: Final = 8
"""Cells beyond the heading that are still read, so that a row which is too long is told by its line."""


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
    """Read and check a customer file; CustomerFileError lists every problem at once.

    Columns may stand in any order. Others than ours are left out, which ``notice`` is told in Polish.
    """
    frame = _read_frame(path)
    if frame.empty:
        raise CustomerFileError([(0, "Plik jest pusty. Pierwszy wiersz ma zawierać nazwy kolumn.")])
    headings = [_cell(value).lower() for value in frame.iloc[0]]
    problems = [(1, f"Brakuje kolumny {name}.") for name in COLUMNS if name not in headings]
    problems += [(1, f"Kolumna {name} występuje dwa razy.") for name in COLUMNS if headings.count(name) > 1]
    if problems:
        raise CustomerFileError(problems)
    ignored = [heading for heading in headings if heading and heading not in COLUMNS]
    if ignored and notice is not None:
        notice(f"Pominięto kolumny: {', '.join(ignored)}.")
    records = _checked_rows(frame.iloc[1:], headings)
    if not records:
        raise CustomerFileError([(0, "Plik nie zawiera żadnego klienta: jest w nim tylko wiersz z nazwami kolumn.")])
    return records


def _read_frame(path: Path) -> pd.DataFrame:
    """All cells as text, the heading as row 0; a cell that is not there at all is None or NaN."""
    try:
        if path.suffix.lower() == ".xlsx":
            return pd.read_excel(path, header=None, dtype=str, na_filter=False, engine="openpyxl")
        if path.suffix.lower() == ".csv":
            return _read_csv(path)
    except UnicodeDecodeError as error:
        text = "Plik nie jest w kodowaniu UTF-8. W programie Excel zapisz go jako „CSV UTF-8”."
        raise CustomerFileError([(0, text)]) from error
    except pd.errors.ParserError as error:
        line = re.search(r"line (\d+)", str(error))
        text = "Nie można odczytać wierszy: sprawdź liczbę kolumn i czy każdy cudzysłów jest zamknięty."
        raise CustomerFileError([(int(line[1]) if line else 0, text)]) from error
    except (BadZipFile, KeyError, ValueError) as error:
        text = "Nie można otworzyć arkusza. Zapisz go ponownie jako .xlsx, bez hasła, albo jako CSV UTF-8."
        raise CustomerFileError([(0, text)]) from error
    except OSError as error:
        text = "Nie można otworzyć pliku. Sprawdź jego nazwę, folder i uprawnienia."
        raise CustomerFileError([(0, text)]) from error
    raise CustomerFileError([(0, "Podaj plik .csv (UTF-8) albo .xlsx.")])


def _read_csv(path: Path) -> pd.DataFrame:
    with path.open(encoding="utf-8-sig") as file:
        heading = file.readline()
    if not heading.strip():
        return pd.DataFrame()
    separator = ";" if heading.count(";") > heading.count(",") else ","
    return pd.read_csv(
        path,
        sep=separator,
        encoding="utf-8-sig",
        header=None,
        names=range(heading.count(separator) + 1 + _SPARE_COLUMNS),
        index_col=False,
        dtype=str,
        keep_default_na=False,
        skip_blank_lines=False,
        engine="python",  # the other one gives empty texts for cells that a row does not have at all
    )


def _cell(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _checked_rows(rows: pd.DataFrame, headings: list[str]) -> list[CustomerRecord]:
    kinds, places = _kinds(), {name: headings.index(name) for name in COLUMNS}
    width = max((at for at, heading in enumerate(headings) if heading), default=0) + 1
    records: list[CustomerRecord] = []
    problems: list[tuple[int, str]] = []
    first_lines: dict[str, int] = {}
    line = 1
    for row in rows.itertuples(index=False, name=None):
        line += 1
        here, line = line, line + sum(value.count("\n") for value in row if isinstance(value, str))
        cells = [_cell(value) for value in row]
        if not any(cells):
            continue
        if any(cells[width:]) or any(not isinstance(value, str) for value in row[:width]):
            problems.append((here, f"Liczba kolumn inna niż w nagłówku ({width})."))
            continue
        values, faults = _checked(kinds, {name: cells[at] for name, at in places.items()})
        problems += [(here, fault) for fault in faults]
        number = values.get("customer_no")
        if number is not None and (first := first_lines.setdefault(number, here)) != here:
            problems.append((here, f"Ten numer klienta jest już w wierszu {first}."))
        if not faults:
            records.append(CustomerRecord(**values))  # type: ignore[arg-type]  # required ones are checked
    if problems:
        raise CustomerFileError(problems)
    return records


def _kinds() -> dict[str, Kind]:
    """Kinds as on the forms; texts may be longer, for the register is no comb."""
    return {
        "customer_no": Digits(get_settings().customer_no_length),
        "name": Text(200),
        "pesel": Pesel(),
        "nip": Nip(),
        "street": Text(100),
        "house": Text(20),
        "flat": Text(20),
        "postcode": Postcode(),
        "town": Text(100),
        "phone": Phone(),
        "email": Email(254),
    }


def _checked(kinds: dict[str, Kind], cells: dict[str, str]) -> tuple[dict[str, str | None], list[str]]:
    values: dict[str, str | None] = {}
    faults = []
    day = today()
    for name, text in cells.items():
        parsed = kinds[name].parse(re.sub(r"^(\d+)\.0$", r"\1", text) if name in _NUMBERS else text, day)
        values[name] = parsed.value if isinstance(parsed.value, str) else None
        if parsed.fault is not None:
            faults.append(f"{name} ({_LABELS[name]}): {parsed.fault.message}")
        elif name in _REQUIRED and parsed.value is None:
            faults.append(f"{name} ({_LABELS[name]}): uzupełnij.")
    return values, faults


def import_customers(session: Session, records: Iterable[CustomerRecord]) -> ImportCounts:
    """Add new customers and update changed ones in the caller's transaction.

    Only the columns of the file are written: delivery of invoices, consents and accounts stay as they are. Customers
    that the file does not have stay too.
    """
    # Rows from the time before there were keys to look them up by count as changed once.
    known = {row.customer_no: row.content_digest if row.name_key else None for row in session.execute(
        select(Customer.customer_no, Customer.content_digest, Customer.name_key)
    )}  # fmt: skip
    moment = now()
    added, changed, unchanged = [], [], 0
    for record in records:
        values = {name: getattr(record, name) for name in COLUMNS}
        content = digest(*(f"{name}={value or ''}" for name, value in values.items()))
        row = {**values, **lookup_keys(values), "content_digest": content, "updated_at": moment}
        if record.customer_no not in known:
            added.append({**row, "invoice_delivery": "paper"})
        elif known[record.customer_no] != content:
            changed.append(row)
        else:
            unchanged += 1
    if added:
        session.execute(insert(Customer), added)
    if changed:
        session.execute(update(Customer), changed)
        session.expire_all()  # customers that the session holds already show the new values
    return ImportCounts(len(added), len(changed), unchanged)
