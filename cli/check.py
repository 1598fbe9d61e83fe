"""`ebok check`: whether folder, store, register, changes, outbox, consents and audit fit together."""

from __future__ import annotations

import sys
from typing import Any

from rich.table import Table
from rich.text import Text

from cli.console import err, json_text, out, progress
from cli.operator import operator
from database.upgrading import check as check_schema
from integrity.checking import CheckResult, check, every_original, no_original, repair
from integrity.differences import Comparison, Difference, Whose

_WHOSE = {Whose.CASE: "sprawa", Whose.ORIGINAL: "oryginał", Whose.CUSTOMER: "klient", Whose.OTHER: ""}


def run(*, mend: bool, fast: bool, as_json: bool) -> None:
    """Tell each difference with its remedy, and mend what is safe to mend; exit status 1 while something differs."""
    check_schema()
    found = _compared(fast=fast)
    mended = dict(_mended(found)) if mend else dict[Difference, bool]()
    left = [one for one in found.differences if not mended.get(one)]
    if as_json:
        told = [_told(one, mended.get(one) if mend else None) for one in found.differences]
        json_text({"whole": not left, "complete": found.complete, "counts": found.counts, "differences": told})
    else:
        _print(found, mended, left)
    if left:
        sys.exit(1)


def _compared(*, fast: bool) -> CheckResult:
    with progress() as bar:
        task = bar.add_task("", total=None)

        def hear(comparison: Comparison, number: int) -> None:
            bar.update(task, description=comparison.name, advance=number)

        return check(no_original if fast else every_original, hear)


def _mended(found: CheckResult) -> list[tuple[Difference, bool]]:
    return list(repair(found.differences, operator()))


def _told(one: Difference, mended: bool | None) -> dict[str, Any]:
    return {
        "code": one.kind.code,
        "whose": one.kind.whose.name.lower(),
        "subject": one.subject,
        "detail": one.detail or None,
        "message": one.kind.message,
        "remedy": one.kind.remedy,
        "repairable": one.kind.mending is not None,
        "repaired": mended,
    }


def _print(found: CheckResult, mended: dict[Difference, bool], left: list[Difference]) -> None:
    for one in found.differences:
        if mended.get(one):
            out().print(Text("Naprawiono", "green"), f"{_named(one)}: {one.kind.mending}.", soft_wrap=True)
    if not left:
        out().print("Wszystko się zgadza." if not found.differences else "Poza tym wszystko się zgadza.")
        return
    table = Table("kod", "czego dotyczy", "co się nie zgadza", "co zrobić")
    for one in left:
        table.add_row(one.kind.code, _named(one), one.kind.message, one.kind.remedy)
    out().print(table)
    if not found.complete:
        out().print("To nie wszystko: jest tego więcej, niż to polecenie wypisuje.")
    if not mended and any(one.kind.mending for one in left):
        err().print("Co da się bezpiecznie naprawić, naprawi: ebok check --repair")


def _named(one: Difference) -> str:
    named = f"{_WHOSE[one.kind.whose]} {one.subject}".strip()
    return f"{named} ({one.detail})" if one.detail else named
