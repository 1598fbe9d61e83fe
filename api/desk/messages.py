"""One message at the desk: its whole way, and what a clerk may do about it; shared by the pages that show messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from starlette.datastructures import FormData

from api.desk.access import text_of
from confirmations.bounce_reasons import told_of
from confirmations.tables import Medium
from customers.caller_check import QUESTIONS, Caller
from database.engine import transaction
from forms.form import Problem
from review import messages
from review.queue import Clerk

DONE: Final = {
    "wyslij": "Wiadomość zostanie wysłana jeszcze raz.",
    "dotarla": "Wiadomość jest oznaczona jako wysłana.",
    "list": "List jest gotowy do druku w ciągu minuty.",
    "bez": "Wiadomość jest zamknięta. Powód jest w historii sprawy.",
    "adres": "Adres jest poprawiony, a wiadomość wyjdzie na niego w ciągu minuty.",
}
"""What a page says afterwards, by the button that was pressed."""
_LEFT: Final = {
    "smtp": "wysłano",
    "eml": "zapisano do pliku",
    "letter": "przygotowano list",
    "sms-gateway": "wysłano",
    "sms-file": "zapisano do pliku",
}
_LATE: Final = "delayed"
_ANYBODY: Final = "Klient albo program, który sprawdza jego pocztę."


@dataclass(frozen=True, slots=True)
class MessageEvent:
    """Something that happened to a message; ``mood`` colours its tag, ``why`` says more."""

    at: datetime
    what: str
    mood: str = ""
    why: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Typed:
    """What a clerk typed and pressed, shown again where it was refused: ``about`` is the key of the message."""

    about: str = ""
    action: str = ""
    reason: str = field(default="", repr=False)
    customer_no: str = field(default="", repr=False)
    question: str = ""
    answer: str = field(default="", repr=False)
    email: str = field(default="", repr=False)


def typed_in(form: FormData) -> Typed:
    """What stands in a form about a message."""
    names = ("wiadomosc", "co", "powod", "numer_klienta", "pytanie", "odpowiedz", "adres")
    return Typed(*(text_of(form, name) for name in names))


def act_on(person: Clerk, typed: Typed) -> Sequence[Problem] | None:
    """Do what the pressed button says; None when it is none of a message's, else what stands against it.

    RefusedError, too, is what stands against it, where nothing at all is kept.
    """
    with transaction() as session:
        match typed.action:
            case "wyslij":
                messages.send_again(session, typed.about, person)
            case "dotarla":
                messages.mark_sent(session, typed.about, person)
            case "list":
                messages.print_message(session, typed.about, person)
            case "bez":
                messages.close_message(session, typed.about, person, typed.reason)
            case "adres":
                caller = Caller(typed.customer_no, typed.question, typed.answer)
                return messages.correct_address(session, typed.about, person, caller, typed.email)
            case _:
                return None
    return []


def questions() -> list[tuple[str, str]]:
    """What may be asked of somebody on the telephone: code and text."""
    return [(code, question.text) for code, question in QUESTIONS.items()]


def way_of(message: Mapping[str, Any]) -> list[MessageEvent]:
    """All that is known to have happened to a message, in order."""
    steps = [MessageEvent(datetime.fromisoformat(message["created_at"]), "napisano")]
    for number, sending in enumerate(message["sendings"], 1):
        steps += _steps_of(sending, ended=number < len(message["sendings"]) or message["state"] != "sending")
    steps += _steps_of_link(message["link"] or {})
    return sorted(steps, key=lambda step: step.at)


def _steps_of(sending: Mapping[str, Any], *, ended: bool) -> Iterator[MessageEvent]:
    at, accepted = datetime.fromisoformat(sending["at"]), sending["accepted_at"]
    if accepted is None:
        error = sending["error"] and sending["error"].partition(": ")[2]
        told = error or ("Nie wiadomo, czy doszła." if ended else None)
        yield MessageEvent(at, "próba wysłania" if ended else "wysyłamy", "warn" if ended else "", told)
    else:
        yield MessageEvent(at, _LEFT.get(sending["transport"], "wysłano"), "", f"do: {sending['recipient']}")
        if sending["reply"]:
            told = "serwer poczty przyjął" if sending["channel"] == Medium.EMAIL else "bramka SMS"
            yield MessageEvent(datetime.fromisoformat(accepted), told, "good", sending["reply"])
    if sending["bounce"]:
        late = sending["bounce"] == _LATE
        what, mood = ("spóźnia się", "warn") if late else ("wróciła", "wrong")
        yield MessageEvent(datetime.fromisoformat(sending["bounced_at"]), what, mood, told_of(sending["bounce"]))


def _steps_of_link(link: Mapping[str, str | None]) -> Iterator[MessageEvent]:
    opened, last, proven = (link.get(name) for name in ("opened_at", "last_opened_at", "proven_at"))
    if opened:
        yield MessageEvent(datetime.fromisoformat(opened), "otwarto odnośnik", "", _ANYBODY)
    if last and last != opened:
        yield MessageEvent(datetime.fromisoformat(last), "otwarto odnośnik ostatni raz", "", _ANYBODY)
    if proven:
        yield MessageEvent(
            datetime.fromisoformat(proven), "adres potwierdzony", "good", "Klient nacisnął przycisk na stronie."
        )
