"""The contract with the billing system: its schema, a sample, and deliveries."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

from billing.checking import checked
from billing.contract import BY_NAME
from billing.refusal import BillingRefusedError, Problem
from billing.sample import CUSTOMERS, write_sample
from billing.schema import markdown, schemas
from billing.sources import Folder
from cli.console import CommandError, out
from cli.customer_files import warn
from environment.clock import today

_SHOWN: Final = 200
"""Problems of a delivery that a terminal shows; the rest are counted."""


def show_schema(*, as_markdown: bool) -> None:
    """The contract as JSON schema, or as the tables of the documentation."""
    text = markdown() if as_markdown else json.dumps(schemas(), ensure_ascii=False, indent=2)
    sys.stdout.write(f"{text}\n")


def sample(folder: Path, *, customers: int, seed: int, months: int, until: date | None, pdfs: bool) -> None:
    """Write a delivery of invented customers into a new folder."""
    try:
        counts = write_sample(folder, customers, seed=seed, months=months, until=until or today(), pdfs=pdfs)
    except FileExistsError as error:
        raise CommandError(f"Folder {folder} nie jest pusty. Podaj nowy albo opróżnij ten.") from error
    out().print(f"Dostawa w {folder}: {_counted(counts)}.", soft_wrap=True)
    out().print(f"Najpierw klienci: ebok customers import {folder / CUSTOMERS}", soft_wrap=True)


def check(folder: Path) -> None:
    """Look whether a delivery is right in itself, without a database; whom the register knows is not asked."""
    try:
        found = checked(Folder(folder, warn), lambda _table, _column, values: set(values))
    except BillingRefusedError as error:
        raise CommandError(told("Dostawa ma błędy.", error.problems)) from error
    out().print(f"Dostawa jest dobra: {_counted(found.rows())}.", soft_wrap=True)
    out().print("Czy klienci i dawniejsze faktury są w rejestrze, sprawdzi dopiero ebok billing import.")


def told(what: str, problems: Sequence[Problem]) -> str:
    """The first problems line by line, and how many more there are."""
    more = len(problems) - _SHOWN
    lines = [what, *(f"  {one.told}" for one in problems[:_SHOWN]), *([f"  … i jeszcze {more}."] if more > 0 else [])]
    return "\n".join(lines)


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{BY_NAME[name].label}: {number}" for name, number in counts.items())
