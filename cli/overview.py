"""Status of the installation, the story of one document, and restarting a stuck one."""

from __future__ import annotations

from typing import Any, Final

from rich.table import Table
from rich.text import Text

from access.staff import list_staff
from alarms.keeping import standing
from alarms.kinds import AlarmKind
from audit.trail import note_view
from backups.last import last_backup
from billing.metering.exporting import HandedOver, handed_over
from cli import backup, status_words
from cli.console import CommandError, json_text, out
from cli.operator import operator
from cli.originals import figures, warning
from cli.story import sentences
from confirmations.overview import counts as message_counts
from confirmations.overview import messages_of
from confirmations.reading_health import mailbox_state
from customers.register import changes_of
from database.engine import reading, transaction
from database.holders import machines
from database.upgrading import SchemaError, check, upgrade
from documents import leases, loading, summaries, transitions
from documents.erasing import ERASED
from documents.folder_overview import look_into, overview
from documents.loading import UnknownDocumentError
from documents.states import OPEN, State
from documents.tracking import TrackingError, normalise_tracking
from environment.settings import get_settings
from flows.engine_setup import SWEEP
from integrity.nightly import Result, last_result
from integrity.readiness import OK, Component, PartsWatch, ReadinessCheck
from review import second_look, troubles
from review.history import history

_ALARMS_OF: Final = {
    Component.ORIGINALS: {AlarmKind.STORE},
    Component.DISK: {AlarmKind.DISK},
    Component.INBOX: {AlarmKind.FOLDER},
    Component.SWEEP: {AlarmKind.SWEEP, AlarmKind.ENGINE},
    Component.MAIL: {AlarmKind.EMAIL, AlarmKind.SMS, AlarmKind.LETTER},
}
"""What is told as one of these alarms, with since when, is not told a second time."""


def show_status(*, as_json: bool) -> None:
    """Counts by state and channel, the oldest waiting, what is stuck and why."""
    _open_register()
    look = look_into()
    with reading() as session:
        told = {
            **summaries.counts(session),
            "messages": message_counts(session),
            "bounce_mailbox": mailbox_state(session),
            "second_look": second_look.figures(session),
            "folder": overview(session, look).told(),
            "machines": machines(session, SWEEP),
            "readings_for_billing": _handed_over(handed_over(session)),
            "alarms": standing(session),
        }
        compared = last_result(session)
        found = troubles.troubles(session)
    told["store"] = figures()
    seen = ReadinessCheck()
    told["parts"], told["free_bytes"] = PartsWatch().parts(look=seen), seen.free
    alive, sign = seen.sweep
    told["sweep"] = {"alive": alive, "last_sign": sign and sign.isoformat(timespec="seconds")}
    told["backup"] = backup.told()
    files = {one.tracking: one.file_name for one in (*found.stuck, *found.quarantined)}
    for stuck in told["stuck"]:
        stuck["file"] = files.get(stuck["tracking"])
    told["integrity"] = None if compared is None else _compared(compared)
    if as_json:
        json_text(told)
    else:
        _print_status(told, overdue=compared is not None and compared.overdue)


def _print_status(told: dict[str, Any], *, overdue: bool) -> None:
    """The same in words."""
    for alarm in told["alarms"]:
        out().print(Text("Alarm", "red"), alarm["line"], soft_wrap=True)
    alarmed = {alarm["kind"] for alarm in told["alarms"]}
    for part, trouble in told["parts"].items():
        if trouble != OK and not _ALARMS_OF.get(part, set()) & alarmed:
            out().print(Text("Nie działa", "red"), trouble, soft_wrap=True)
    table = Table("stan", "dokumenty")
    for state, number in told["by_state"].items():
        table.add_row(status_words.state_name(state), str(number))
    table.add_row("razem", str(told["total"]))
    out().print(table)
    out().print(f"Wpłynęło: {status_words.ways_in(told['by_channel'])}", soft_wrap=True)
    if oldest := told["oldest_waiting"]:
        where, since = status_words.state_name(oldest["state"]), status_words.when(oldest["since"])
        out().print(f"Najdłużej czeka: {oldest['tracking']} ({where}) od {since}", soft_wrap=True)
    if told["machines"]:
        out().print(f"Przy pracy: {', '.join(told['machines'])}")
    out().print(status_words.sweep(told["sweep"]), soft_wrap=True)
    room = ", ".join(f"{name} {number / 1024**3:.1f} GB" for name, number in told["free_bytes"].items())
    out().print(f"Wolne miejsce: {room}")
    for line in status_words.messages(told["messages"]):
        out().print(line, soft_wrap=True)
    _print_mailbox(told["bounce_mailbox"])
    out().print(status_words.readings_for_billing(told["readings_for_billing"]), soft_wrap=True)
    for line in status_words.second_look(told["second_look"]):
        out().print(line, soft_wrap=True)
    for stuck in told["stuck"]:
        out().print(Text("Utknął", "yellow"), status_words.stuck(stuck), soft_wrap=True)
    if more := told["stuck_total"] - len(told["stuck"]):
        out().print(Text("Utknął", "yellow"), f"i jeszcze {more}")
    _print_folder(told["folder"])
    out().print(status_words.store(told["store"]), soft_wrap=True)
    if lacking := warning():
        out().print(Text("Oryginały", "yellow"), lacking)
    out().print(f"Ostatnia kopia zapasowa: {backup.told_in_words(last_backup())}")
    out().print(status_words.integrity(told["integrity"]), soft_wrap=True)
    differences = (told["integrity"] or {}).get("differences", 0)
    if differences or overdue:
        what = f"różnic: {differences}" if differences else "od dwóch nocy nie sprawdzano"
        out().print(Text("Zgodność danych", "yellow"), f"{what}. Co się nie zgadza i co zrobić, mówi: ebok check")


def _handed_over(readings: HandedOver) -> dict[str, Any]:
    last = readings.last_at and readings.last_at.isoformat(timespec="seconds")
    return {
        "accepted": readings.accepted,
        "in_review": readings.waiting,
        "last_export": readings.last,
        "last_export_at": last,
        "by_itself": get_settings().readings_dir is not None,
    }


def _compared(result: Result) -> dict[str, Any]:
    return {
        "at": result.at.isoformat(timespec="seconds"),
        "differences": result.number,
        "new": result.new,
        "complete": result.complete,
        "overdue": result.overdue,
        "by_code": {sort.code: sort.number for sort in result.sorts},
    }


def _print_mailbox(state: dict[str, Any] | None) -> None:
    if state is not None and state["trouble"]:
        since = status_words.when(state["since"])
        out().print(Text("Skrzynki zwrotów nie da się czytać", "yellow"), f"od {since}: {state['trouble']}")
    elif state is not None and state["left_alone"]:
        out().print(f"W skrzynce zwrotów leżą z gwiazdką, do obejrzenia: {state['left_alone']}")


def _print_folder(folder: dict[str, Any]) -> None:
    for one in folder["files"]:
        out().print(Text("W folderze", "yellow"), status_words.in_folder(one), soft_wrap=True)
    if more := folder["files_total"] - len(folder["files"]):
        out().print(Text("W folderze", "yellow"), f"i jeszcze {more}")
    for line in status_words.folder(folder):
        out().print(line, soft_wrap=True)


def show_document(text: str, *, as_json: bool) -> None:
    """The whole story of one document: in sentences, or all of it for programs."""
    _open_register()
    tracking = _tracking(text)
    try:
        with reading() as session:
            if as_json:
                told = {
                    **summaries.story(session, tracking),
                    "changes": changes_of(session, tracking),
                    "messages": messages_of(session, tracking),
                }
            else:
                found, names = history(session, tracking), {one.login: one.name for one in list_staff(session)}
    except UnknownDocumentError as error:
        raise _unknown(tracking) from error
    note_view(actor=operator(), action="viewed", subject=tracking)
    if as_json:
        json_text(told)
        return
    for line in sentences(found, names):
        out().print(line, soft_wrap=True)


def retry(text: str) -> None:
    """A quarantined document is read again, one whose attempts are used up gets new ones."""
    _open_register()
    tracking = _tracking(text)
    try:
        with transaction() as session:
            document = loading.load(session, tracking)
            if document.original_released_at is not None:
                raise CommandError(f"Sprawa {tracking}: {ERASED}. Nie ma czego powtarzać.")
            if document.at is State.QUARANTINED:
                if document.original_sha256 is None:
                    raise CommandError("Tego pliku nie udało się zachować. Usuń przyczynę i dostarcz plik jeszcze raz.")
                transitions.move(session, document, State.RECEIVED, actor=operator())
            elif document.at not in OPEN:
                raise CommandError(f"Dokument {tracking} jest w stanie {document.state}: nie ma czego powtarzać.")
            leases.unstick(session, tracking, operator())
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
