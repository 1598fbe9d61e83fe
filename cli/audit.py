"""`ebok audit`: whether the trail of who did and saw what is whole, and what stands in it."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from itertools import islice
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from audit.tables import AuditEntry
from audit.trail import TrailFilter, browse, record
from audit.verification import EntryFault, Mark, look_at_trail, mark_file
from cli.console import CommandError, err, json_line, out
from cli.operator import operator
from database.engine import reading, transaction
from database.upgrading import check
from documents.summaries import trackings_of_customer
from documents.tracking import TrackingError, normalise_tracking
from environment.clock import midnight
from environment.settings import get_settings

_FAULTS: Final = {
    EntryFault.CHANGED: "wpis {0} jest zmieniony albo stoi na innym miejscu",
    EntryFault.MISSING: "brakuje wpisu {0}, choć są późniejsze",
    EntryFault.CUT_OFF: "dziennik jest ucięty: brakuje wpisu {0} i wszystkich po nim",
    EntryFault.UNSEALED: "wpis o identyfikatorze {0} dopisano z pominięciem programu",
    EntryFault.OTHER: "wpis {0} jest inny niż wtedy, gdy zapisano koniec dziennika",
    EntryFault.NOTE: "uszkodzony jest plik, w którym zapisany jest koniec dziennika",
}
_REMEDY: Final = (
    "Porównaj dziennik z kopią zapasową i ustal, kto miał dostęp do bazy danych. Jeśli to Ty przywróciłeś starszą "
    "kopię bazy, usuń plik {0} i sprawdź jeszcze raz."
)


def run_verify(*, marks: list[str], as_json: bool) -> None:
    """Look at every entry; exit status 1 when one is not as it was, which is told by its number."""
    check()
    known = [_mark(written) for written in marks]
    found = look_at_trail(known)
    if as_json:
        fault = None if found.fault is None else {"position": found.position, "code": found.fault.value}
        json_line({"ok": found.whole, "entries": found.entries, "end": found.end and str(found.end), "fault": fault})
    if found.fault is not None:
        if not as_json:
            told = _FAULTS[found.fault].format(found.position)
            out().print(Text("Dziennik jest naruszony:", "bold red"), f"{told}.", soft_wrap=True)
            err().print(_REMEDY.format(mark_file()), soft_wrap=True)
        sys.exit(1)
    if not as_json:
        out().print(f"Dziennik jest nienaruszony. Wpisów: {found.entries}.")
        if found.end is not None:
            out().print(f"Znak końca: {found.end}", soft_wrap=True)


def show(
    *, since: datetime | None, who: str | None, document: str | None, customer: str | None, most: int, as_json: bool
) -> None:
    """The newest entries that were asked for, the oldest of them first; that they were looked at is an entry, too."""
    check()
    begin = None if since is None else midnight(since)
    subjects = None if document is None else {_tracking(document)}
    if customer is not None:
        with reading() as session:
            subjects = {*(subjects or ()), f"customer:{customer}", *trackings_of_customer(session, customer)}
    found = [_told(entry) for entry in islice(browse(TrailFilter(begin, who, subjects, customer)), most or None)]
    asked = {"since": since and date.isoformat(since), "who": who, "document": document, "customer": customer}
    detail = {name: value for name, value in asked.items() if value is not None}
    with transaction() as session:
        record(
            session, actor=operator(), action="audit_listed", subject="audit", detail={**detail, "found": len(found)}
        )
    found.reverse()
    if as_json:
        for one in found:
            json_line(one)
        return
    table = Table("nr", "kiedy", "kto", "co", "czego dotyczy", "szczegóły")
    for one in found:
        detail_text = json.dumps(one["detail"], ensure_ascii=False) if one["detail"] else ""
        at = f"{datetime.fromisoformat(one['at']):%d.%m.%Y %H:%M:%S}"
        table.add_row(str(one["position"]), at, one["actor"], one["action"], one["subject"], detail_text)
    out().print(table)


def _told(entry: AuditEntry) -> dict[str, Any]:
    return {
        "position": entry.position,
        "at": entry.at.astimezone(get_settings().zone).isoformat(timespec="seconds"),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
    }


def _mark(written: str) -> Mark:
    try:
        return Mark.parse(written)
    except ValueError as error:
        raise CommandError("Znak końca dziennika ma postać NUMER:SKRÓT, jak w raporcie dnia.") from error


def _tracking(typed: str) -> str:
    try:
        return normalise_tracking(typed)
    except TrackingError as error:
        raise CommandError(str(error)) from error
