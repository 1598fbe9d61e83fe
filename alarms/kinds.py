"""The kinds of trouble: what each is called, what to do, and what else is only a consequence of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class AlarmKind(StrEnum):
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
    QUESTIONS = "questions"
    STUCK = "stuck"
    QUARANTINE = "quarantine"
    MESSAGES = "messages"
    BOUNCES = "bounces"
    DIFFERENCES = "differences"


@dataclass(frozen=True, slots=True)
class AlarmWording:
    """A kind in words (Polish): what is wrong, what ``waits`` counts, what to do, who does it.

    ``outage``: it concerns everybody, so all pages of the desk show it. ``grows``: more of the same is news.
    """

    name: str
    waits: str
    advice: str
    outage: bool = False
    grows: bool = False


_BY_ITSELF: Final = "wyjdą same, gdy przyczyna minie"
WORDS: Final[Mapping[AlarmKind, AlarmWording]] = {
    AlarmKind.DATABASE: AlarmWording(
        "Baza danych nie odpowiada", "", "Administrator: uruchom serwer bazy danych. Praca stoi i ruszy sama.", True
    ),
    AlarmKind.DISK: AlarmWording(
        "Kończy się miejsce na dysku", "", "Administrator: zwolnij miejsce. Pełny dysk zatrzyma przyjmowanie.", True
    ),
    AlarmKind.ENGINE: AlarmWording(
        "Prefect nie odpowiada", "", "Administrator: zobacz server.log w dziennikach. Praca ruszy sama.", True
    ),
    AlarmKind.SWEEP: AlarmWording(
        "Przegląd nie przychodzi, spraw nikt nie załatwia",
        "sprawy",
        "Administrator: zobacz worker.log w dziennikach i uruchom program ponownie. Sprawy są bezpieczne.",
        True,
    ),
    AlarmKind.STORE: AlarmWording("Magazyn oryginałów nie odpowiada", "", "Administrator: zobacz `ebok doctor`.", True),
    AlarmKind.FOLDER: AlarmWording(
        "Folderu skanów nie da się używać", "", "Skanów z niego nie ma jeszcze w programie.", True
    ),
    AlarmKind.EMAIL: AlarmWording(
        "E-maile nie wychodzą",
        "wiadomości",
        f"Administrator: sprawdź serwer poczty. Wiadomości {_BY_ITSELF}; spraw nie trzeba powtarzać.",
        True,
    ),
    AlarmKind.SMS: AlarmWording(
        "SMS-y nie wychodzą",
        "wiadomości",
        f"Administrator: sprawdź bramkę SMS. {_BY_ITSELF[:1].upper()}{_BY_ITSELF[1:]}.",
        True,
    ),
    AlarmKind.LETTER: AlarmWording(
        "Listów nie można zapisać", "listy", "Administrator: sprawdź folder wiadomości. Listy zapiszą się same.", True
    ),
    AlarmKind.MAILBOX: AlarmWording(
        "Skrzynki zwrotów nie da się czytać", "", "Administrator: sprawdź ustawienia skrzynki."
    ),
    AlarmKind.FILES: AlarmWording(
        "W folderze skanów leżą pliki, których nie da się przyjąć",
        "pliki",
        "Kancelaria: zobacz „Do wyjaśnienia” w biurze.",
        grows=True,
    ),
    AlarmKind.BACKLOG: AlarmWording(
        "Program nie nadąża z odczytem",
        "sprawy",
        "Administrator: sprawdź obciążenie maszyny. Sprawy są załatwiane po kolei.",
    ),
    AlarmKind.RUN: AlarmWording(
        "Zaplanowany przebieg się nie udał", "", "Administrator: zobacz ten przebieg w Prefect."
    ),
    AlarmKind.QUEUE: AlarmWording(
        "Sprawy za długo czekają na pracownika", "sprawy", "Biuro: weź najstarsze z kolejki."
    ),
    AlarmKind.QUESTIONS: AlarmWording(
        "Pytania klientów za długo czekają na odpowiedź", "pytania", "Biuro: odpowiedz na najstarsze w „Pytania”."
    ),
    AlarmKind.STUCK: AlarmWording(
        "Sprawy utknęły: program próbował tyle razy, ile może",
        "sprawy",
        "Biuro: zobacz „Do wyjaśnienia”, usuń przyczynę i uruchom je jeszcze raz.",
        grows=True,
    ),
    AlarmKind.QUARANTINE: AlarmWording(
        "Pliki w kwarantannie: nie da się ich użyć",
        "pliki",
        "Biuro: zobacz „Do wyjaśnienia”; poproś o plik jeszcze raz albo zamknij sprawę.",
        grows=True,
    ),
    AlarmKind.MESSAGES: AlarmWording(
        "Wiadomości nie wyszły i czekają na decyzję", "wiadomości", "Biuro: zobacz „Do wyjaśnienia”.", grows=True
    ),
    AlarmKind.BOUNCES: AlarmWording(
        "Wiadomości wróciły", "wiadomości", "Biuro: zobacz „Do wyjaśnienia”; zadzwoń po właściwy adres.", grows=True
    ),
    AlarmKind.DIFFERENCES: AlarmWording(
        "Dane się nie zgadzają", "różnice", "Administrator: co i jak naprawić, mówi `ebok check`.", grows=True
    ),
}

_ALL_OF_REGISTER: Final = frozenset(AlarmKind) - {AlarmKind.DATABASE, AlarmKind.DISK, AlarmKind.ENGINE}
HIDES: Final[Mapping[AlarmKind, frozenset[AlarmKind]]] = {
    AlarmKind.DATABASE: _ALL_OF_REGISTER,
    AlarmKind.ENGINE: frozenset({AlarmKind.SWEEP, AlarmKind.RUN, AlarmKind.BACKLOG}),
    AlarmKind.SWEEP: frozenset({AlarmKind.BACKLOG}),
    AlarmKind.STORE: frozenset({AlarmKind.BACKLOG, AlarmKind.FILES}),
    AlarmKind.FOLDER: frozenset({AlarmKind.FILES}),
}
"""What is a consequence of a trouble is not told beside it, and cannot be known to be over before it is."""
