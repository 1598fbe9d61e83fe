"""The acceptances of companies as a file: whom to write to once the company issues invoices in KSeF."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Final

from audit import trail
from cli.console import CommandError, out
from cli.operator import operator
from customers.ksef import company_acceptances
from database.engine import reading, transaction
from database.upgrading import check

_HEADINGS: Final = (
    "numer klienta",
    "rodzaj",
    "nazwa",
    "NIP",
    "ulica",
    "nr domu",
    "nr lokalu",
    "kod pocztowy",
    "miejscowość",
    "e-mail do faktur",
    "zgoda wpłynęła",
    "obowiązuje od",
    "wersja regulaminu",
)
_FORMULA_SIGNS: Final = tuple("=+-@\t\r")
"""A cell that begins so would be calculated by a spreadsheet."""


def write(target: Path) -> None:
    """Write them into a new file for its owner only; that they were given out is noted."""
    check()
    with reading() as session:
        rows = [
            (
                of.customer_no,
                party.value,
                of.name,
                of.nip,
                *(of.street, of.house, of.flat, of.postcode, of.town),
                consent.email,
                consent.received_on,
                consent.effective_from or "adres niepotwierdzony",
                consent.terms_version,
            )
            for party, of, consent in company_acceptances(session)
        ]
    try:
        number = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise CommandError(f"{target} już jest. Podaj inną nazwę.") from error
    with os.fdopen(number, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(_HEADINGS)
        writer.writerows([_plain(cell) for cell in row] for row in rows)
    with transaction() as session:
        detail = {"customers": len(rows)}
        trail.record(session, actor=operator(), action="company_consents_exported", subject="customers", detail=detail)
    out().print(f"Firm, wspólnot i spółdzielni ze zgodą: {len(rows)}. Lista (dane klientów): {target}", soft_wrap=True)


def _plain(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_SIGNS) else cell
