"""What the office calls things (Polish): states of documents and messages, ways in and out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from confirmations.tables import Medium, MessageState
from customers.calls import CallOutcome
from documents.states import IntakeChannel, State

STATES: Final[Mapping[str, str]] = {
    State.RECEIVED: "czeka na odczytanie",
    State.IN_REVIEW: "do sprawdzenia",
    State.READY: "gotowe do wpisania",
    State.APPLIED: "wpisane, wysyłamy potwierdzenie",
    State.CONFIRMED: "załatwione",
    State.REJECTED: "odrzucone",
    State.QUARANTINED: "kwarantanna",
    State.DUPLICATE: "powtórzenie",
}
"""A state in a few words."""

CHANNELS: Final[Mapping[str, str]] = {
    IntakeChannel.FOLDER: "skan z kancelarii",
    IntakeChannel.UPLOAD: "plik od klienta",
    IntakeChannel.WEB: "formularz na stronie",
    IntakeChannel.API: "z innego systemu",
    IntakeChannel.CLI: "plik wczytany ręcznie",
    IntakeChannel.DESK: "utworzone w biurze",
}
"""How a document came in."""

MEDIA: Final[Mapping[str, str]] = {Medium.EMAIL: "e-mail", Medium.SMS: "SMS", Medium.LETTER: "list"}
"""How a message goes."""

MESSAGE_STATES: Final[Mapping[str, str]] = {
    MessageState.PENDING: "czeka na wysłanie",
    MessageState.SENDING: "wysyłamy",
    MessageState.SENT: "wysłano",
    MessageState.FAILED: "nie udało się wysłać",
    MessageState.UNCERTAIN: "nie wiadomo, czy dotarła",
    MessageState.BOUNCED: "wróciła",
    MessageState.CLOSED: "zamknięto bez wysłania",
}
"""Where a message is."""

CALLS: Final[Mapping[str, str]] = {
    CallOutcome.TOLD: "klient wie",
    CallOutcome.DECLINED: "klient rezygnuje",
    CallOutcome.WRITTEN: "nie odbiera, napisano list",
}
"""What came of a call to a customer who did not prove his address in time."""
