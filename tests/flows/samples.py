"""Customers and papers for the tests of the workflow."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from customers.customer_list import CustomerList, read_customers
from customers.importing import import_customers
from database.engine import transaction
from documents.intake import receive_file, receive_values
from documents.states import IntakeChannel
from environment import clock
from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
from forms.kinds import Value
from forms.submission import submission_from_values
from specimens import names
from specimens.files import image_pdf
from specimens.paper import print_form
from specimens.people import CustomerRow, invented_customers, values_for, write_customers
from specimens.scanner import scan

PEOPLE: Sequence[CustomerRow] = [
    row for row in invented_customers(60, 11, domains=names.SAFE_DOMAINS) if row["email"] and row["phone"]
][:6]
"""Invented customers with e-mail and telephone."""


def fill_register() -> None:
    """The customers into the register in force."""
    with transaction() as session:
        import_customers(session, _listed().records)


@cache
def _listed() -> CustomerList:
    """As the company's list has them."""
    with tempfile.TemporaryDirectory() as folder:
        return read_customers(write_customers(PEOPLE, Path(folder) / "customers.csv"))


def values(code: str, person: int = 0, **changed: Value) -> dict[str, Value]:
    """What that customer writes on that form."""
    form = form_by_code(code)
    drawn = values_for(form, PEOPLE[person], person, clock.today(), domains=names.SAFE_DOMAINS)
    return {**drawn, "date_signed": clock.today().isoformat(), **changed}


def online(code: str, person: int = 0, **changed: Value) -> str:
    """A form sent by the API; gives its tracking number."""
    given: dict[str, Any] = values(code, person, **changed)
    given.pop("signature", None)
    submission, problems = submission_from_values(form_by_code(code), given, clock.today())
    assert problems == []
    with transaction() as session:
        return receive_values(session, submission, channel=IntakeChannel.API, raw=json.dumps(given).encode()).tracking


def scanned(path: Path, code: str, person: int = 0, **changed: Value) -> Path:
    """A printed and scanned form."""
    path.write_bytes(image_pdf(scan(print_form(form_by_code(code), values(code, person, **changed)), "gray200", 1)))
    return path


def fillable(path: Path, code: str, person: int = 0) -> Path:
    """A form filled in on the screen: the quickest to read."""
    path.write_bytes(draw_fillable(form_by_code(code), values(code, person)))
    return path


def received(path: Path) -> str:
    """A file taken in; gives its tracking number."""
    with transaction() as session:
        return receive_file(session, path, channel=IntakeChannel.UPLOAD).tracking
