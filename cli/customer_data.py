"""One customer's data: exported whole, or erased as far as allowed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import typer
from rich.table import Table
from rich.text import Text

from cli.console import CommandError, err, json_line, out
from cli.operator import operator
from database.upgrading import check
from environment.disk_faults import cause_of
from retention import erasure
from retention.erasure import Erasure, Fate
from retention.export import export as write_export
from retention.holdings import UnknownCustomerError

_FATES: Final = {
    Fate.ERASED: Text("usunięte", "green"),
    Fate.REDUCED: Text("zredukowane", "yellow"),
    Fate.KEPT: Text("zostaje", "red"),
}
_BUSY: Final = (
    "Baza była zajęta, więc ślady usuniętych danych mogły w niej zostać. Powtórz polecenie, gdy nikt nie pracuje."
)


def export(number: str, folder: Path) -> None:
    """Write all that is held of a customer into a new folder."""
    check()
    try:
        done = write_export(number, folder, operator())
    except UnknownCustomerError as error:
        raise _unknown(number) from error
    except FileExistsError as error:
        raise CommandError(f"W {folder} coś już jest. Podaj nowy folder.") from error
    except OSError as error:
        raise CommandError(f"Nie można zapisać w {folder}: {cause_of(error)}.") from error
    out().print(f"Zapisano plików: {done.files}. Zacznij od {folder / 'index.html'} (dane osobowe).", soft_wrap=True)
    if done.incomplete:
        told = ", ".join(done.incomplete)
        err().print(Text("Uwaga:", "yellow"), f"Nie udało się wydać oryginałów spraw: {told}. Powód jest w spisie.")
        sys.exit(1)


def erase(number: str, *, yes: bool, departed: bool, as_json: bool) -> None:
    """Show what will happen, ask, and do it."""
    check()
    try:
        planned = erasure.plan(number, departed=departed)
        if not yes:
            _show(planned, err_too=as_json)
            if not typer.confirm("Zrobić to?", err=True):
                raise CommandError("Niczego nie usunięto.")
        done = erasure.erase(number, operator(), departed=departed)
    except UnknownCustomerError as error:
        raise _unknown(number) from error
    for line in done.lines if as_json else ():
        json_line({"what": line.what, "tracking": line.subject, "fate": line.fate.value, "why": line.why or None})
    if yes and not as_json:
        _show(done)
    out_of_json = err() if as_json else out()
    out_of_json.print("Zrobione." if done.lines else "Nie było czego usuwać.")
    if not done.wiped:
        err().print(Text("Uwaga:", "yellow"), _BUSY)
        sys.exit(1)


def _show(told: Erasure, *, err_too: bool = False) -> None:
    table = Table("co", "sprawa", "co się stanie", "dlaczego, co zostaje")
    for line in told.lines:
        table.add_row(line.what, line.subject or "", _FATES[line.fate], line.why)
    (err() if err_too else out()).print(table)


def _unknown(number: str) -> CommandError:
    return CommandError(f"Nie mamy niczego o kliencie {number}. Sprawdź numer albo ustawienie EBOK_HOME.")
