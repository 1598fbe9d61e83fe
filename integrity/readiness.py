"""Whether an installation can do its work now: each part that it needs, and in Polish what is wrong with it.

Nothing is written, and nothing asked that may take long; `ebok doctor` tries more.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Final

import structlog

from confirmations.overview import not_leaving
from database.engine import DatabaseBrokenError, DatabaseUnreachableError, reading
from database.holders import last_sign, machines
from database.keys import SecretKeyError
from database.upgrading import SchemaError, check
from documents.folder_mount import AWAY, is_mounted
from documents.store import store
from documents.store_interface import StoreUnreachableError
from environment import clock
from environment.folders import is_folder, nearest
from environment.running import SWEEP, ended, noted
from environment.settings import get_settings

OK: Final = "ok"
_HANDOVER: Final = timedelta(minutes=1)
"""So long none may live between a sweep and the next one."""
_MEGABYTE: Final = 1024 * 1024
_SCHEMA: Final = "Tabele bazy danych są w innej wersji niż program. Uruchom go przez `ebok up`."
_NEWER: Final = (
    "Tabele bazy danych są z nowszej wersji programu. Zainstaluj tę nowszą wersję albo odtwórz kopię zapasową zrobioną "
    "w obecnej."
)
_NO_DATABASE: Final = "Brak połączenia z bazą danych. Sprawdź, czy działa i czy EBOK_DATABASE_URL jest poprawny."
_BROKEN: Final = "Baza danych jest uszkodzona albo brakuje w niej tabel. Zobacz `ebok doctor` i `ebok check`."
_KEY: Final = (
    "Klucz szyfrowania nie pasuje do danych. Przywróć plik kluczy tej instalacji (keys/secret.keys) albo popraw "
    "EBOK_SECRET_KEY, a potem uruchom program ponownie."
)
_STORE_CLOSED: Final = (
    "Program nie może zapisywać w folderze oryginałów (EBOK_ORIGINALS_URL, domyślnie originals w EBOK_HOME): brak "
    "prawa zapisu albo dysk tylko do odczytu. Daj użytkownikowi usługi prawo zapisu; nowe pliki czekają."
)
_UNKNOWN: Final = "Nie wiadomo: baza danych nie odpowiada jak należy."
_log = structlog.get_logger(__name__)


class Component(StrEnum):
    """What is needed."""

    DATABASE = "database"
    KEY = "key"
    ORIGINALS = "originals"
    DISK = "disk"
    INBOX = "inbox"
    SWEEP = "sweep"
    PROCESSES = "processes"
    MAIL = "mail"


class ReadinessCheck:
    """What one look asks: each thing once, and not at all where nobody wants to know it."""

    @cached_property
    def database(self) -> tuple[str, str]:
        """How the database is, and how the key is."""
        return _database()

    @cached_property
    def free(self) -> dict[str, int]:
        """Free room, as ``free_bytes`` tells it."""
        return free_bytes()

    @cached_property
    def sweep(self) -> tuple[bool, datetime | None]:
        """Whether a sweep lives on any machine, and its last sign of life."""
        with reading() as session:
            return bool(machines(session, SWEEP)), last_sign(session, SWEEP)

    @cached_property
    def late(self) -> tuple[int, datetime] | None:
        """How many messages should have left long ago, and since when the oldest waits."""
        with reading() as session:
            return not_leaving(session)


class PartsWatch:
    """Looks at the parts; who keeps it knows when it saw a sweep: the next one begins as the one before ends."""

    def __init__(self) -> None:
        self._swept_at: datetime | None = None

    def parts(self, wanted: Collection[Component] = (), look: ReadinessCheck | None = None) -> dict[str, str]:
        """'ok' or what is wrong, for each of these parts, or all; what a machine has not is left out."""
        seen = look or ReadinessCheck()
        looks: dict[Component, Callable[[], str | None]] = {
            Component.DATABASE: lambda: seen.database[0],
            Component.KEY: lambda: seen.database[1],
            Component.ORIGINALS: _originals,
            Component.DISK: lambda: _disk(seen.free),
            Component.INBOX: _inbox,
            Component.SWEEP: lambda: self._sweep(*seen.sweep) if seen.database == (OK, OK) else _UNKNOWN,
            Component.PROCESSES: _processes,
            Component.MAIL: lambda: _mail(seen.late) if seen.database == (OK, OK) else _UNKNOWN,
        }
        found = {part: ask() for part, ask in looks.items() if not wanted or part in wanted}
        return {part.value: told for part, told in found.items() if told is not None}

    def _sweep(self, alive: bool, sign: datetime | None) -> str:
        if alive:
            self._swept_at = clock.now()
        if self._swept_at is not None and clock.now() - self._swept_at <= _HANDOVER:
            return OK
        since = "jeszcze żaden nie zaczął" if sign is None else f"ostatni znak życia: {clock.local_time(sign)}"
        return (
            f"Żaden przegląd nie pracuje ({since}), więc spraw i skanów nikt nie załatwia. Pół minuty po starcie tak "
            "bywa; jeśli to trwa, zobacz logs/worker.log w EBOK_HOME i uruchom usługę ponownie."
        )


def free_bytes() -> dict[str, int]:
    """Free room by the setting whose folder lies there; a disk that two share is told once."""
    settings, disks, found = get_settings(), set[int](), {}
    places = {"EBOK_HOME": settings.home, "EBOK_INBOX_DIR": settings.inbox}
    if settings.originals_bucket is None:
        places["EBOK_ORIGINALS_URL"] = settings.originals
    if settings.database_file is not None:
        places["EBOK_DATABASE_URL"] = settings.database_file
    for name, place in places.items():
        there = nearest(place)
        try:
            disk, free = there.stat().st_dev, shutil.disk_usage(there).free
        except OSError:
            continue
        if disk not in disks:
            found[name] = free
        disks.add(disk)
    return found


def _database() -> tuple[str, str]:
    try:
        check()
    except SchemaError as mismatch:
        return (_NEWER if mismatch.newer else _SCHEMA), OK
    except SecretKeyError:
        return OK, _KEY
    except (DatabaseUnreachableError, DatabaseBrokenError) as fault:
        _log.warning("database_unreachable", type=type(fault).__qualname__)
        return (_NO_DATABASE if isinstance(fault, DatabaseUnreachableError) else _BROKEN), OK
    return OK, OK


def _originals() -> str:
    """'ok' when the store answers, and files can be made where it is a folder, which may still have to be made."""
    try:
        store().require()
    except StoreUnreachableError as away:
        return away.remedy
    if get_settings().originals_bucket is not None:
        return OK
    there = nearest(get_settings().originals)
    return OK if is_folder(there) and os.access(there, os.W_OK | os.X_OK) else _STORE_CLOSED


def _disk(room: Mapping[str, int]) -> str:
    least = get_settings().least_free_bytes
    full = [f"{name}: {free // _MEGABYTE} MB" for name, free in room.items() if free < least]
    if not full:
        return OK
    return (
        f"Kończy się miejsce na dysku ({', '.join(full)}; potrzeba {least // _MEGABYTE} MB, EBOK_LEAST_FREE_BYTES). "
        "Zwolnij miejsce: strony nie przyjmują teraz plików."
    )


def _inbox() -> str | None:
    settings = get_settings()
    if not settings.takes_scans:
        return None
    folder = settings.inbox
    if settings.inbox_dir is not None and not is_folder(folder):
        return "Nie ma folderu skanów (EBOK_INBOX_DIR). Podłącz udział albo utwórz folder."
    if not is_mounted(folder.absolute()):
        return AWAY
    there = nearest(folder)
    if not (is_folder(there) and os.access(there, os.R_OK | os.W_OK | os.X_OK)):
        return "Program nie może czytać folderu skanów albo usuwać z niego plików. Nadaj mu prawo zapisu."
    return OK


def _processes() -> str | None:
    """The engine's server and worker, where this home has a running `ebok up` or `ebok worker`."""
    told = noted()
    if not told.get("names"):
        return None
    gone = ended(told)
    return (
        OK
        if not gone
        else f"Nie działa: {', '.join(gone)}. Program uruchamia to ponownie; dzienniki są w EBOK_HOME/logs."
    )


def _mail(late: tuple[int, datetime] | None) -> str:
    if late is None:
        return OK
    number, since = late
    return f"Wiadomości nie wychodzą: {number}, najdłużej czekająca od {clock.local_time(since)}. Sprawdź: ebok doctor."
