"""`ebok retention`: how long data are kept, and running the nightly erasure by hand."""

from __future__ import annotations

import sys

from rich.table import Table

from cli.console import err, json_line, out
from cli.operator import operator
from database.upgrading import check
from retention import nightly
from retention.listing import markdown, periods


def show(*, as_json: bool, as_markdown: bool) -> None:
    """The table with the periods in force."""
    if as_markdown:
        sys.stdout.write(f"{markdown()}\n")
        return
    for kind, period in periods() if as_json else ():
        json_line(
            {
                "kind": kind.code,
                "name": kind.name,
                "purpose": kind.purpose,
                "basis": kind.basis,
                "setting": kind.setting and f"EBOK_{kind.setting.upper()}",
                "days": kind.days,
                "period": period,
                "then": kind.then,
            }
        )
    if as_json:
        return
    table = Table("co", "po co", "podstawa", "jak długo", "co potem")
    for kind, period in periods():
        table.add_row(kind.name, kind.purpose, kind.basis, period, kind.then)
    out().print(table)


def run(*, dry: bool, as_json: bool) -> None:
    """Erase, or only count, what is no longer kept."""
    check()
    night = nightly.run(operator(), dry=dry)
    for one in night.outcomes if as_json else ():
        json_line({"kind": one.kind.code, "erased": one.erased, "at_work": one.at_work, "dry_run": night.dry})
    if as_json:
        return
    table = Table("co", "do usunięcia" if dry else "usunięto", "zostaje, bo w toku")
    for one in night.outcomes:
        if one.erased or one.at_work:
            table.add_row(one.kind.name, str(one.erased), str(one.at_work))
    out().print(table)
    if not dry:
        out().print(f"Plików usuniętych z magazynu oryginałów: {night.originals}")
    err().print("Okresy i ustawienia: ebok retention list")
