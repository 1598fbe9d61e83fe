"""A delivery checked whole: each cell by its column, each row by its rules, what refers to something by what there is.

Nothing is written here. Every wrong row is told by file and line, at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from billing.column_types import Amount
from billing.contract import BY_NAME, CHARGES, INVOICES, BillingTable, Column, Reference
from billing.refusal import BillingRefusedError, DeliveryProblem
from billing.sources import BillingSource, SourceTable, digest_of, refused
from customers.damage import says_nothing
from customers.list_files import CustomerFileError

FILE: Final = "file"
"""Column of a checked table beside its own: the file of each row, whose line is in the index."""
Known = Callable[[str, str, Collection[str]], set[str]]
"""Told a table, a column and values: which of them the register has."""
Pictured = Callable[[Collection[str]], Mapping[str, Collection[tuple[str, str]]]]
"""Told digests of PDFs: the invoices of which each is the picture in the register, as number and customer."""
_PDF: Final = b"%PDF-"
_HEAD: Final = 1024


@dataclass(frozen=True)
class Checked:
    """The tables of a delivery that is right, by name; those that it has."""

    source: BillingSource
    frames: Mapping[str, pd.DataFrame]

    def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        return {name: len(frame) for name, frame in self.frames.items()}


def checked(source: BillingSource, known: Known, pictured: Pictured) -> Checked:
    """The delivery as values; BillingRefusedError with all that is wrong with it."""
    problems: list[DeliveryProblem] = []
    parts: dict[str, list[pd.DataFrame]] = {}
    for sheet in source.sheets():
        frame, told = _values(sheet)
        parts.setdefault(sheet.table.name, []).append(frame)
        problems += told
    frames = {name: pd.concat(found) if len(found) > 1 else found[0] for name, found in parts.items()}
    for name, frame in frames.items():
        problems += _twice(BY_NAME[name], frame)
        problems += _broken_rules(BY_NAME[name], frame)
        problems += _outside(BY_NAME[name], frame, source)
    if not problems:  # what refers to a row that is wrong itself would be told twice
        problems += _unknown(frames, known)
        problems += _sums(frames)
        problems += _pdfs(source, frames.get(INVOICES.name))
        problems += _shared_pdfs(frames.get(INVOICES.name))
        problems += _pdfs_of_others(frames.get(INVOICES.name), pictured)
    if problems:
        raise BillingRefusedError(problems)
    return Checked(source, frames)


def _values(sheet: SourceTable) -> tuple[pd.DataFrame, list[DeliveryProblem]]:
    table, problems, pieces, count = sheet.table, list[DeliveryProblem](), list[pd.DataFrame](), 0
    try:
        for piece in sheet.pieces:
            text = f"Liczba kolumn inna niż w nagłówku ({sheet.width}). Jeśli to podsumowanie, usuń ten wiersz."
            problems += [DeliveryProblem(sheet.name, line, text) for line in sorted(piece.misfits)]
            blank = (piece.cells.apply(lambda column: column.str.strip()) == "").all(axis=1).to_numpy()
            cells = piece.cells[~blank & ~piece.cells.index.isin(piece.misfits)]
            count += len(cells) + len(piece.misfits)
            frame, told = _parsed(table, sheet.name, cells)
            pieces.append(frame)
            problems += told
    except CustomerFileError as error:
        problems += refused(sheet.name, error).problems
    if sheet.rows not in (None, count) and not problems:
        text = f"Plik ma wierszy: {count}, a według manifestu ma ich być {sheet.rows}. Utwórz dostawę jeszcze raz."
        problems.append(DeliveryProblem(sheet.name, 0, text))
    empty = pd.DataFrame({name: pd.Series(dtype=object) for name in (*table.names, FILE)})
    return (pd.concat(pieces) if pieces else empty), problems


def _parsed(table: BillingTable, file: str, cells: pd.DataFrame) -> tuple[pd.DataFrame, list[DeliveryProblem]]:
    """Each text of a column is looked at once, however often it stands there."""
    found: dict[str, Any] = {}
    problems: list[DeliveryProblem] = []
    lines = cells.index.to_numpy()
    for column in table.columns:
        codes, texts = pd.factorize(cells[column.name].to_numpy())
        values, wrong = np.empty(len(texts), object), dict[int, str]()
        for at, text in enumerate(texts):
            try:
                values[at] = _value(column, text)
            except ValueError as error:
                wrong[at] = str(error)
        found[column.name] = values[codes] if len(texts) else values
        for at in map(int, np.flatnonzero(np.isin(codes, list(wrong)))) if wrong else ():
            told = f"{column.name} ({column.label}): {wrong[int(codes[at])]}"
            problems.append(DeliveryProblem(file, int(lines[at]), told))
    right = ~np.isin(lines, [one.line for one in problems])
    frame = pd.DataFrame(found, index=lines, dtype=object)[right]
    for column in table.columns:
        if isinstance(column.kind, Amount):  # all of them are required: exact whole numbers, reckoned with as arrays
            frame[column.name] = frame[column.name].astype("int64")
    return frame.assign(**{FILE: file}), sorted(problems, key=lambda one: one.line)


def _value(column: Column, text: str) -> Any:
    text = text.strip()
    if not text or says_nothing(text):
        if column.required:
            raise ValueError("uzupełnij.")
        return None
    return column.kind.parse(text)


def _twice(table: BillingTable, frame: pd.DataFrame) -> Iterator[DeliveryProblem]:
    key = list(table.key)
    doubled = frame[frame.duplicated(key, keep=False)]
    first: dict[tuple[Any, ...], str] = {}
    for line, file, *values in doubled[[FILE, *key]].itertuples(name=None):
        former = first.setdefault(tuple(values), f"{file}, wiersz {line}")
        if former != f"{file}, wiersz {line}":
            yield DeliveryProblem(file, line, f"Ten sam klucz ({', '.join(key)}) jest już w: {former}.")


def _broken_rules(table: BillingTable, frame: pd.DataFrame) -> Iterator[DeliveryProblem]:
    for rule in table.rules:
        bad = frame.loc[rule.broken(frame), FILE] if len(frame) else frame[FILE]
        yield from (DeliveryProblem(str(file), int(str(line)), rule.told) for line, file in bad.items())


def _outside(table: BillingTable, frame: pd.DataFrame, source: BillingSource) -> Iterator[DeliveryProblem]:
    """Rows of another time than the delivery: what is said to be all of a period must be just that."""
    if table.of_period is None:
        return
    first, last = source.period.first, source.period.last
    for line, file, day in frame[[FILE, table.of_period]].itertuples(name=None):
        if not first <= day <= last:
            text = f"{table.of_period}: dzień spoza okresu dostawy ({first} – {last}). Popraw okres w manifeście."
            yield DeliveryProblem(file, line, text)


def _unknown(frames: Mapping[str, pd.DataFrame], known: Known) -> Iterator[DeliveryProblem]:
    for name, frame in frames.items():
        for reference in BY_NAME[name].references:
            yield from _unknown_by(reference, frame, frames.get(reference.table), known)


def _unknown_by(
    reference: Reference, frame: pd.DataFrame, target: pd.DataFrame | None, known: Known
) -> Iterator[DeliveryProblem]:
    wanted = frame.loc[frame[reference.column].notna(), [FILE, reference.column]]
    missing = set(wanted[reference.column]) - (set() if target is None else set(target[reference.target]))
    missing -= known(reference.table, reference.target, missing)
    for line, file, value in wanted[wanted[reference.column].isin(missing)].itertuples(name=None):
        yield DeliveryProblem(file, line, f"{reference.column} {value}: {reference.told}")


def _sums(frames: Mapping[str, pd.DataFrame]) -> Iterator[DeliveryProblem]:
    """Positions add up to their invoice, where the delivery has both."""
    invoices, charges = frames.get(INVOICES.name), frames.get(CHARGES.name)
    if invoices is None or charges is None or charges.empty:
        return
    total = charges.groupby("invoice_no")["gross"].sum()
    ours = invoices["invoice_no"].map(total)
    wrong = invoices[ours.notna() & (ours != invoices["gross"])]
    for line, file in wrong[FILE].items():
        yield DeliveryProblem(str(file), int(str(line)), "Suma pozycji jest inna niż kwota brutto faktury.")


def _pdfs(source: BillingSource, invoices: pd.DataFrame | None) -> Iterator[DeliveryProblem]:
    if invoices is None:
        return
    listed = invoices.loc[invoices["pdf"].notna(), [FILE, "pdf", "pdf_sha256"]]
    for line, file, name, digest in listed.itertuples(name=None):
        if told := _pdf_fault(source, name, digest):
            yield DeliveryProblem(file, line, f"{name}: {told}")


def _shared_pdfs(invoices: pd.DataFrame | None) -> Iterator[DeliveryProblem]:
    """One picture is of one customer's invoice: with somebody else's he would get that one's bill."""
    if invoices is None:
        return
    listed = invoices.loc[invoices["pdf"].notna(), [FILE, "pdf", "pdf_sha256", "customer_no"]]
    owners = listed.groupby("pdf_sha256")["customer_no"].nunique()
    shared = listed[listed["pdf_sha256"].isin(owners.index[owners > 1])]
    for line, file, name, *_ in shared.itertuples(name=None):
        yield DeliveryProblem(
            file, line, f"{name}: Ten sam plik PDF jest przy fakturze innego klienta. Wskaż właściwy."
        )


def _pdfs_of_others(invoices: pd.DataFrame | None, pictured: Pictured) -> Iterator[DeliveryProblem]:
    """The same of what an earlier delivery told, unless this one tells that invoice anew."""
    if invoices is None:
        return
    listed = invoices.loc[invoices["pdf"].notna(), [FILE, "pdf", "pdf_sha256", "customer_no"]]
    of_digests, anew = pictured(set(listed["pdf_sha256"])), set(invoices["invoice_no"])
    for line, file, name, digest, customer_no in listed.itertuples(name=None):
        for invoice_no, owner in of_digests.get(digest, ()):
            if owner != customer_no and invoice_no not in anew:
                text = (
                    f"{name}: Ten sam plik PDF jest przy fakturze {invoice_no} innego klienta z wcześniejszej dostawy."
                )
                yield DeliveryProblem(file, line, f"{text} Wskaż właściwy.")
                break


def _pdf_fault(source: BillingSource, name: str, digest: str) -> str | None:
    path = source.pdf(name)
    try:
        if path.is_symlink() or not path.is_file():
            return "Nie ma tego pliku w folderze dostawy. Skopiuj go tam."
        if digest_of(path) != digest:
            return "Plik jest inny, niż mówi jego skrót: zmieniono go albo nie skopiował się cały. Skopiuj go znowu."
        with path.open("rb") as content:
            return None if _PDF in content.read(_HEAD) else "To nie jest plik PDF."
    except OSError:
        return "Nie można otworzyć pliku. Sprawdź uprawnienia."
