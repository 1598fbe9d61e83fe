"""The kinds of trouble: what each is called, what to do, and what else is only a consequence of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What is not as it should be."""

    DATABASE = "database"
    DISK = "disk"
    ENGINE = "engine"
    SWEEP = "sweep"
    STORE = "store"
    FOLDER = "folder"
    EMAIL = "email"
    SMS = "sms"
    LETTER = "letter"
    MAILBOX = "bounce_mailbox"
    FILES = "files"
    BACKLOG = "backlog"
    RUN = "run"
    QUEUE = "queue"
    STUCK = "stuck"
    QUARANTINE = "quarantine"
    MESSAGES = "messages"
    BOUNCES = "bounces"
    DIFFERENCES = "differences"


@dataclass(frozen=True, slots=True)
class Told:
    """A kind in words (Polish): what is wrong, what ``waits`` counts, what to do, who does it.

    ``outage``: it concerns everybody, so all pages of the desk show it. ``grows``: more of the same is news.
    """

    name: str
    waits: str
    advice: str
    outage: bool = False
    grows: bool = False


_BY_ITSELF: Final = "wyjdą same, gdy przyczyna minie"
WORDS: Final[Mapping[Kind, Told]] = {
    Kind.DATABASE: Told(
        "Baza danych nie odpowiada", "", "Administrator: uruchom serwer bazy danych. Praca stoi i ruszy sama.", True
    ),
    Kind.DISK: Told(
        "Kończy się miejsce na dysku", "", "Administrator: zwolnij miejsce. Pełny dysk zatrzyma przyjmowanie.", True
    ),
    Kind.ENGINE: Told(
        "Prefect nie odpowiada", "", "Administrator: zobacz server.log w dziennikach. Praca ruszy sama.", True
    ),
    Kind.SWEEP: Told(
        "Przegląd nie przychodzi, spraw nikt nie załatwia",
        "sprawy",
        "Administrator: zobacz worker.log w dziennikach i uruchom program ponownie. Sprawy są bezpieczne.",
        True,
    ),
    Kind.STORE: Told("Magazyn oryginałów nie odpowiada", "", "Administrator: zobacz `ebok doctor`.", True),
    Kind.FOLDER: Told("Folderu skanów nie da się używać", "", "Skanów z niego nie ma jeszcze w programie.", True),
    Kind.EMAIL: Told(
        "E-maile nie wychodzą",
        "wiadomości",
        f"Administrator: sprawdź serwer poczty. Wiadomości {_BY_ITSELF}; spraw nie trzeba powtarzać.",
        True,
    ),
    Kind.SMS: Told(
        "SMS-y nie wychodzą",
        "wiadomości",
        f"Administrator: sprawdź bramkę SMS. {_BY_ITSELF[:1].upper()}{_BY_ITSELF[1:]}.",
        True,
    ),
    Kind.LETTER: Told(
        "Listów nie można zapisać", "listy", "Administrator: sprawdź folder wiadomości. Listy zapiszą się same.", True
    ),
    Kind.MAILBOX: Told("Skrzynki zwrotów nie da się czytać", "", "Administrator: sprawdź ustawienia skrzynki."),
    Kind.FILES: Told(
        "W folderze skanów leżą pliki, których nie da się przyjąć",
        "pliki",
        "Kancelaria: zobacz „Do wyjaśnienia” w biurze.",
        grows=True,
    ),
    Kind.BACKLOG: Told(
        "Program nie nadąża z odczytem",
        "sprawy",
        "Administrator: sprawdź obciążenie maszyny. Sprawy są załatwiane po kolei.",
    ),
    Kind.RUN: Told("Zaplanowany przebieg się nie udał", "", "Administrator: zobacz ten przebieg w Prefect."),
    Kind.QUEUE: Told("Sprawy za długo czekają na pracownika", "sprawy", "Biuro: weź najstarsze z kolejki."),
    Kind.STUCK: Told(
        "Sprawy utknęły: program próbował tyle razy, ile może",
        "sprawy",
        "Biuro: zobacz „Do wyjaśnienia”, usuń przyczynę i uruchom je jeszcze raz.",
        grows=True,
    ),
    Kind.QUARANTINE: Told(
        "Pliki w kwarantannie: nie da się ich użyć",
        "pliki",
        "Biuro: zobacz „Do wyjaśnienia”; poproś o plik jeszcze raz albo zamknij sprawę.",
        grows=True,
    ),
    Kind.MESSAGES: Told(
        "Wiadomości nie wyszły i czekają na decyzję", "wiadomości", "Biuro: zobacz „Do wyjaśnienia”.", grows=True
    ),
    Kind.BOUNCES: Told(
        "Wiadomości wróciły", "wiadomości", "Biuro: zobacz „Do wyjaśnienia”; zadzwoń po właściwy adres.", grows=True
    ),
    Kind.DIFFERENCES: Told(
        "Dane się nie zgadzają", "różnice", "Administrator: co i jak naprawić, mówi `ebok check`.", grows=True
    ),
}

_ALL_OF_REGISTER: Final = frozenset(Kind) - {Kind.DATABASE, Kind.DISK, Kind.ENGINE}
HIDES: Final[Mapping[Kind, frozenset[Kind]]] = {
    Kind.DATABASE: _ALL_OF_REGISTER,
    Kind.ENGINE: frozenset({Kind.SWEEP, Kind.RUN, Kind.BACKLOG}),
    Kind.SWEEP: frozenset({Kind.BACKLOG}),
    Kind.STORE: frozenset({Kind.BACKLOG, Kind.FILES}),
    Kind.FOLDER: frozenset({Kind.FILES}),
}
"""What is a consequence of a trouble is not told beside it, and cannot be known to be over before it is."""
