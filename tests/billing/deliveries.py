"""A small delivery to be spoilt: a sample whose tables are written anew, with a manifest that fits again."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from billing.checking import checked
from billing.contract import BY_NAME
from billing.refusal import BillingRefusedError
from billing.sample import write_sample
from billing.sources import FolderSource

Rows = list[dict[str, str]]
UNTIL = date(2026, 11, 1)


def delivery(folder: Path, customers: int = 3, *, months: int = 2, pdfs: bool = False, until: date = UNTIL) -> Path:
    write_sample(folder, customers, months=months, until=until, pdfs=pdfs)
    return folder


def rows_of(folder: Path, table: str) -> Rows:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def edited(folder: Path, table: str, edit: Callable[[Rows], object]) -> Path:
    """The table with its rows changed in place."""
    rows = rows_of(folder, table)
    edit(rows)
    path = folder / f"{table}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, BY_NAME[table].names, delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    return listed(folder, table, path, len(rows))


def listed(folder: Path, table: str, path: Path, rows: int) -> Path:
    """With a manifest that has this file for the table."""

    def change(told: dict[str, Any]) -> None:
        others = [one for one in told["files"] if one["table"] != table]
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        told["files"] = [*others, {"table": table, "name": path.name, "sha256": digest, "rows": rows}]

    return manifest(folder, change)


def manifest(folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    path = folder / "manifest.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    change(told)
    path.write_text(json.dumps(told), encoding="utf-8")
    return folder


def problems(folder: Path) -> list[tuple[str, int, str]]:
    """Why the delivery is refused; nothing where it is right. The register knows everybody and nothing else."""
    try:
        everybody = lambda table, _column, values: set(values) if table == "customers" else set()  # noqa: E731
        checked(FolderSource(folder), everybody, lambda _digests: {})
    except BillingRefusedError as error:
        return [(one.file, one.line, one.message) for one in error.problems]
    return []
