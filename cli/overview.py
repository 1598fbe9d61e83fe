"""What is where, the story of one document, and setting a stuck one going again."""

from __future__ import annotations

from typing import Any

from rich.table import Table
from rich.text import Text

from audit.trail import record_view
from cli.console import CommandError, json_text, on_a_line, out
from cli.operator import operator
from confirmations.overview import counts as message_counts
from confirmations.overview import messages_of
from customers.register import changes_of
from database.engine import transaction
from database.upgrading import SchemaError, check, upgrade
from documents import register
from documents.erasing import ERASED
from documents.register import UnknownDocumentError
from documents.states import OPEN, State
from documents.tracking import TrackingError, normalise_tracking
from review import second_look, troubles

_MOST_LEFT = 100
_ERASABLE = {"values": "dane", "original": "oryginał"}


def show_status(*, as_json: bool) -> None:
    """Counts by state and channel, the oldest waiting, what is stuck and why."""
    _open_register()
    with transaction() as session:
        told = {
            **register.counts(session),
            "messages": message_counts(session),
            "second_look": second_look.figures(session),
        }
        found = troubles.troubles(session)
    names, left = troubles.names_in_folder(), troubles.left_in_folder()
    files = {one.tracking: one.file_name for one in (*found.stuck, *found.quarantined)}
    for stuck in told["stuck"]:
        stuck["file"] = files.get(stuck["tracking"])
    told["folder"]["files"] = [_file(one, names.get(one.path_key)) for one in found.files]
    told["folder"]["left_alone"], told["folder"]["left_alone_total"] = left[:_MOST_LEFT], len(left)
    if as_json:
        json_text(told)
        return
    table = Table("stan", "dokumenty")
    for state, number in told["by_state"].items():
        table.add_row(state, str(number))
    out().print(table)
    out().print("Wpłynęło: " + ", ".join(f"{name} {number}" for name, number in told["by_channel"].items()))
    if oldest := told["oldest_waiting"]:
        out().print(f"Najdłużej czeka: {oldest['tracking']} ({oldest['state']}) od {oldest['since']}")
    out().print(f"Wiadomości wymagające uwagi: {told['messages']['problems']}")
    looked = told["second_look"]
    if looked["looked"] or looked["waiting"]:
        out().print(
            f"Druga kontrola: {looked['fields_wrong']} błędnych pól z {looked['fields_checked']} sprawdzonych, "
            f"{looked['waiting']} spraw czeka"
        )
    for stuck in told["stuck"]:
        name = f" {on_a_line(stuck['file'])}" if stuck["file"] else ""
        told_of = f"{stuck['tracking']}{name} ({stuck['state']}, {stuck['code']}): {stuck['reason']}"
        out().print(Text("Utknął", "yellow"), told_of)
    for waiting in told["folder"]["files"]:
        out().print(Text("W folderze", "yellow"), f"{on_a_line(waiting['file'] or '?')}: {waiting['reason']}")
    if left:
        out().print(f"Pominięte w folderze skanów (kosze, miniatury, pliki systemowe): {len(left)}")


def _file(one: troubles.StuckFile, name: str | None) -> dict[str, Any]:
    return {
        "file": name,
        "since": one.since.isoformat(timespec="seconds"),
        "code": one.code,
        "reason": one.reason,
        "attempts": one.attempts,
        "tracking": one.taken_as,
    }


def show_document(text: str, *, as_json: bool) -> None:
    """The whole story of one document."""
    _open_register()
    tracking = _tracking(text)
    try:
        with transaction() as session:
            told = {
                **register.story(session, tracking),
                "changes": changes_of(session, tracking),
                "messages": messages_of(session, tracking),
            }
            record_view(session, actor=operator(), action="viewed", subject=tracking)
    except UnknownDocumentError as error:
        raise _unknown(tracking) from error
    if as_json:
        json_text(told)
    else:
        _print_story(told)


def retry(text: str) -> None:
    """A quarantined document is read again, one whose attempts are used up gets new ones."""
    _open_register()
    tracking = _tracking(text)
    try:
        with transaction() as session:
            document = register.load(session, tracking)
            if document.original_released_at is not None:
                raise CommandError(f"Sprawa {tracking}: {ERASED}. Nie ma czego powtarzać.")
            if document.at is State.QUARANTINED:
                if document.original_sha256 is None:
                    raise CommandError("Tego pliku nie udało się zachować. Usuń przyczynę i dostarcz plik jeszcze raz.")
                register.move(session, document, State.RECEIVED, actor=operator())
            elif document.at not in OPEN:
                raise CommandError(f"Dokument {tracking} jest w stanie {document.state}: nie ma czego powtarzać.")
            register.unstick(session, tracking, operator())
    except UnknownDocumentError as error:
        raise _unknown(tracking) from error
    out().print(f"Dokument {tracking} zostanie wzięty przez najbliższy przegląd.")


def _open_register() -> None:
    """A home folder in which nothing has begun yet is an empty register, not an error."""
    try:
        check()
    except SchemaError as mismatch:
        if mismatch.present is not None:
            raise
        upgrade()


def _tracking(text: str) -> str:
    try:
        return normalise_tracking(text)
    except TrackingError as error:
        raise CommandError(str(error)) from error


def _unknown(tracking: str) -> CommandError:
    return CommandError(f"Nie ma dokumentu {tracking}. Sprawdź numer albo ustawienie EBOK_HOME.")


def _print_story(told: dict[str, Any]) -> None:
    head = [told["tracking"], told["form"] or "bez formularza", told["state"], told["reason"] or ""]
    out().print(" · ".join(part for part in head if part))
    for name, at in told["erased"].items():
        if at is not None:
            out().print(f"  {_ERASABLE[name]}: {ERASED} ({at})")
    for step in told["states"]:
        out().print(f"  {step['at']}  {step['to']}  ({step['actor']})  {step['reason'] or ''}")
    if len(told["file_pages"]) > 1:
        went = (f"{one['page']}: {one['tracking'] or 'pusta albo przekładka'}" for one in told["file_pages"])
        out().print("  strony pliku: " + ", ".join(went))
    table = Table("pole", "wartość", "pewność", "zaufane", "kto", "wątpliwość")
    for one in told["readings"]:
        if not one["superseded"]:
            trusted = "tak" if one["trusted"] else "nie"
            value = "" if one["value"] is None else str(one["value"])
            table.add_row(one["field"], value, f"{one['confidence']:.0%}", trusted, one["reader"], one["doubt"] or "")
    out().print(table)
    for change in told["changes"]:
        out().print(f"  zmiana: {change}")
    for message in told["messages"]:
        out().print(f"  wiadomość: {message['template']} ({message['channel']}) {message['state']}")
