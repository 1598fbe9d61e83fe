"""How a document is shown in the workflow engine: name, tags, and a state in a manager's words (Polish).

Nothing is shown that could quote a value: reasons are told by their codes, never by the sentences kept with a document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from unicodedata import normalize

from prefect.client.schemas.objects import StateType

from confirmations.tables import MessageState
from documents.scans import FOUND_AFTER_RESTORE
from documents.showing import DocumentStanding, StateChange
from documents.states import IntakeChannel, State
from environment import clock
from flows import names
from forms.catalogue import UnknownFormError, form_by_code
from ocr.errors import DocumentError
from review.reasons import short

# No type is one that the engine's own services act on: runs that are scheduled are started or late, paused ones have no
# time at which they expire. What is rejected or a repetition changed nothing; the engine calls that cancelled.
_STATES: Final[Mapping[str, tuple[StateType, str]]] = {
    State.RECEIVED: (StateType.PENDING, names.TO_BE_READ),
    State.READY: (StateType.PENDING, names.TO_BE_ENTERED),
    State.APPLIED: (StateType.PENDING, names.TO_BE_TOLD),
    State.IN_REVIEW: (StateType.PAUSED, "Czeka na pracownika"),
    State.CONFIRMED: (StateType.COMPLETED, "Załatwiona"),
    State.REJECTED: (StateType.CANCELLED, "Odrzucona"),
    State.DUPLICATE: (StateType.CANCELLED, "Powtórzenie"),
    State.QUARANTINED: (StateType.FAILED, "Kwarantanna"),
    "stuck": (StateType.FAILED, "Utknęła"),
}
FAULT: Final = "fault"
"""Stands for no state: work on a document met a fault, and is done again."""
MESSAGE_STATES: Final[Mapping[MessageState, str]] = {
    MessageState.PENDING: "czeka",
    MessageState.SENDING: "właśnie wychodzi",
    MessageState.SENT: "wysłana",
    MessageState.FAILED: "nie wyszła",
    MessageState.UNCERTAIN: "nie wiadomo, czy wyszła",
    MessageState.BOUNCED: "wróciła",
    MessageState.CLOSED: "zamknięta",
}
STATE_NAMES: Final = tuple(name for _, name in _STATES.values())
"""All names of states that documents are shown in; the engine and whoever works in it sets others."""
_WAYS: Final[Mapping[IntakeChannel, str]] = {
    IntakeChannel.FOLDER: "skan",
    IntakeChannel.UPLOAD: "plik ze strony",
    IntakeChannel.API: "inny system",
    IntakeChannel.CLI: "plik administratora",
    IntakeChannel.WEB: "formularz na stronie",
    IntakeChannel.DESK: "biuro",
}
_UNKNOWN: Final = "nierozpoznany dokument"
_NOT_READ: Final = "nieodczytany dokument"
_QUARANTINED: Final[Mapping[str, str]] = {
    "empty_file": "pusty plik",
    "truncated": "niepełny plik",
    "encrypted": "plik z hasłem",
    "no_pages": "plik bez stron",
    "too_many_pages": "za dużo stron",
    "page_too_large": "za duża strona",
    "unknown_format": "nieznany rodzaj pliku",
    "not_a_photo": "to nie zdjęcie",
    "not_a_file": "to nie plik",
    "missing_file": "pliku już nie ma",
    "no_permission": "brak prawa odczytu",
    "file_too_large": "za duży plik",
    "damaged": "uszkodzony plik",
    "too_costly": "plik zbyt złożony",
    "reader_died": "odczyt przerwany",
    "infected": "wirus",
    "attachments": "załączniki w pliku",
    "check_failed": "sprawdzenie pliku nie udało się",
    "blank_form": "pusty druk",
    FOUND_AFTER_RESTORE: "odnaleziony po odtworzeniu",
}
"""Why a file cannot be used, in the few words that a state's name has room for."""
_OTHER_FILE: Final = "pliku nie da się użyć"


@dataclass(frozen=True, slots=True)
class Shown:
    """One document as a run: its name, its tags, and its state as type, name and message."""

    name: str
    tags: tuple[str, ...]
    type: StateType
    state: str
    message: str

    @property
    def resumes_anew(self) -> bool:
        """Whether somebody who resumes it has it begin anew: nothing stands still that could go on."""
        return self.type is StateType.PAUSED


def shown(one: DocumentStanding) -> Shown:
    """How that document is shown."""
    kind, name = _STATES[one.mark]
    form = _form(one)
    message = ". ".join(_sentences(one)) + "."
    state = f"{name}: {_QUARANTINED.get(one.reason_code or '', _OTHER_FILE)}" if one.mark == State.QUARANTINED else name
    return Shown(f"{one.tracking} · {form}", (form, _WAYS[one.way_in], name), kind, state, message)


def state_name(code: str) -> str:
    """What a state of documents is called, or that a fault was met."""
    return "Błąd, będzie powtórzona" if code == FAULT else _STATES[code][1]


def event_name(state: State) -> str:
    """The event by which a document came to that state, as automations may wait for it: no Polish letters in it."""
    plain = normalize("NFKD", _STATES[state][1].lower().replace("ł", "l")).encode("ascii", "ignore").decode()
    return f"ebok.sprawa.{plain.replace(' ', '-')}"


def in_words(way: Sequence[StateChange]) -> dict[str, str | list[str]]:
    """What an event says of the steps by which a document came to its state: when each was, and whose; no names."""
    last = way[-1]
    told: dict[str, str | list[str]] = {"stan": _STATES[last.after][1], "kroki": [_told_of(step) for step in way]}
    if way[0].before is not None:
        told["przedtem"] = _STATES[way[0].before][1]
    if last.reason_code is not None:
        told["powod"] = _reason(last.reason_code)
    return told


def _told_of(step: StateChange) -> str:
    return f"{clock.local_time(step.at)}: {_STATES[step.after][1]} ({'pracownik' if step.by_hand else 'program'})"


def _form(one: DocumentStanding) -> str:
    if one.form is None:
        return _NOT_READ if one.state is State.RECEIVED else _UNKNOWN
    try:
        title = form_by_code(one.form).title
    except UnknownFormError:
        return one.form
    return f"{title[0].lower()}{title[1:]}"


def _sentences(one: DocumentStanding) -> Iterator[str]:
    if one.stuck:
        yield f"Program próbował tyle razy, ile może (błąd: {one.fault or 'worker_lost'}): uruchom ją jeszcze raz"
    elif one.reason_code is not None:
        yield f"Powód: {_reason(one.reason_code)}"
    yield f"Przyszła {clock.local_time(one.received_at)}, w tym stanie od {clock.local_time(one.since)}"
    if one.erased_at is not None:
        yield "Dane usunięto zgodnie z okresem przechowywania"


def _reason(code: str) -> str:
    """In the words of who looked at the file, else in those of the desk."""
    return (_of_file(code) or short(code)).rstrip(".")


def _of_file(code: str) -> str | None:
    return next((error.message for error in DocumentError.__subclasses__() if error.code == code), None)
