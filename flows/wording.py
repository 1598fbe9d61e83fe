"""How a document is shown in the workflow engine: name, tags, and a state in a manager's words (Polish).

Nothing is shown that could quote a value: reasons are told by their codes, never by the sentences kept with a document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from prefect.client.schemas.objects import StateType

from documents.showing import Standing
from documents.states import Channel, State
from environment.settings import get_settings
from forms.catalogue import UnknownFormError, form_by_code
from ocr.errors import DocumentError

# No type is one that the engine's own services act on: runs that are scheduled are started or late, paused ones have no
# time at which they expire. What is rejected or a repetition changed nothing; the engine calls that cancelled.
_STATES: Final[Mapping[str, tuple[StateType, str]]] = {
    State.RECEIVED: (StateType.PENDING, "Czeka na odczytanie"),
    State.READY: (StateType.PENDING, "Czeka na wpisanie"),
    State.APPLIED: (StateType.PENDING, "Czeka na wysłanie wiadomości"),
    State.IN_REVIEW: (StateType.PAUSED, "Czeka na pracownika"),
    State.CONFIRMED: (StateType.COMPLETED, "Załatwiona"),
    State.REJECTED: (StateType.CANCELLED, "Odrzucona"),
    State.DUPLICATE: (StateType.CANCELLED, "Powtórzenie"),
    State.QUARANTINED: (StateType.FAILED, "Kwarantanna"),
    "stuck": (StateType.FAILED, "Utknęła"),
}
STATE_NAMES: Final = tuple(name for _, name in _STATES.values())
"""All names of states that documents are shown in; the engine and whoever works in it sets others."""
_WAYS: Final[Mapping[Channel, str]] = {
    Channel.FOLDER: "skan",
    Channel.UPLOAD: "plik ze strony",
    Channel.API: "inny system",
    Channel.CLI: "plik administratora",
    Channel.WEB: "formularz na stronie",
    Channel.DESK: "biuro",
}
_UNKNOWN: Final = "nierozpoznany dokument"
_NOT_READ: Final = "nieodczytany dokument"
_REASONS: Final[Mapping[str, str]] = {
    "attachments": "plik ma załączniki",
    "blank_form": "pusty druk",
    "current_email_differs": "dotychczasowy adres e-mail inny niż w rejestrze",
    "doubtful": "niepewny odczyt",
    "doubtful_field": "niepewny odczyt",
    "doubt": "niepewny odczyt",
    "email_missing": "brak adresu e-mail",
    "incomplete": "niekompletny formularz",
    "infected": "program antywirusowy znalazł wirusa",
    "joined": "strony dołączone do innej sprawy",
    "letter_in_batch": "pismo wśród formularzy",
    "login_taken": "login zajęty",
    "mismatch": "dane inne niż w rejestrze",
    "missing": "brak wymaganego pola",
    "missing_signature": "brak podpisu",
    "no_active_consent": "klient nie ma zgody na e-faktury",
    "not_ours": "to nie nasz formularz",
    "old_signature": "stary podpis",
    "read_failed": "programowi nie udało się odczytać pliku",
    "reopened": "otwarta ponownie przez pracownika",
    "same_bytes": "ten sam plik już przyszedł",
    "second_factor_missing": "klienta wskazuje tylko jedna rzecz",
    "unknown_customer": "nie ma takiego klienta w rejestrze",
    "unknown_form": "nierozpoznany formularz",
    "unknown_layout": "inny druk",
}


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


def shown(one: Standing) -> Shown:
    """How that document is shown."""
    kind, name = _STATES[one.mark]
    form = _form(one)
    message = ". ".join(_sentences(one)) + "."
    return Shown(f"{one.tracking} · {form}", (form, _WAYS[one.way_in], name), kind, name, message)


def _form(one: Standing) -> str:
    if one.form is None:
        return _NOT_READ if one.state is State.RECEIVED else _UNKNOWN
    try:
        title = form_by_code(one.form).title
    except UnknownFormError:
        return one.form
    return f"{title[0].lower()}{title[1:]}"


def _sentences(one: Standing) -> Iterator[str]:
    if one.stuck:
        yield f"Program próbował tyle razy, ile może (błąd: {one.fault or 'worker_lost'}): uruchom ją jeszcze raz"
    elif one.reason_code is not None:
        told = _of_file(one.reason_code) or _REASONS.get(one.reason_code) or one.reason_code
        yield f"Powód: {told.rstrip('.')}"
    yield f"Przyszła {_local(one.received_at)}, w tym stanie od {_local(one.since)}"
    if one.erased_at is not None:
        yield "Dane usunięto zgodnie z okresem przechowywania"


def _of_file(code: str) -> str | None:
    """What is wrong with a file, in the words of who looked at it."""
    return next((error.message for error in DocumentError.__subclasses__() if error.code == code), None)


def _local(at: datetime) -> str:
    return f"{at.astimezone(get_settings().zone):%d.%m.%Y %H:%M}"
