"""Whether an installation can do its work now: each part that it needs, and in Polish what is wrong with it.

Nothing is written, and nothing asked that may take long; `ebok doctor` tries more.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
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
from environment.running import SWEEP, ended, noted
from environment.settings import get_settings

OK: Final = "ok"
_HANDOVER: Final = timedelta(minutes=1)
"""So long none may live between a sweep and the next one."""
_MEGABYTE: Final = 1024 * 1024
_SCHEMA: Final = "Tabele bazy danych są w innej wersji niż program. Uruchom go przez `ebok up`."
_NO_DATABASE: Final = "Brak połączenia z bazą danych. Sprawdź, czy działa i czy EBOK_DATABASE_URL jest poprawny."
_BROKEN: Final = "Baza danych jest uszkodzona albo brakuje w niej tabel. Zobacz `ebok doctor` i `ebok check`."
_KEY: Final = (
    "Klucz szyfrowania nie pasuje do danych. Przywróć plik kluczy tej instalacji (keys/secret.keys) albo popraw "
    "EBOK_SECRET_KEY, a potem uruchom program ponownie."
)
_UNKNOWN: Final = "Nie wiadomo: baza danych nie odpowiada jak należy."
_log = structlog.get_logger(__name__)


class Part(StrEnum):
    """What is needed."""

    DATABASE = "database"
    KEY = "key"
    ORIGINALS = "originals"
    DISK = "disk"
    INBOX = "inbox"
    SWEEP = "sweep"
    PROCESSES = "processes"
    MAIL = "mail"


class PartsWatch:
    """Looks at the parts; who keeps it knows when it saw a sweep: the next one begins as the one before ends."""

    def __init__(self) -> None:
        self._swept_at: datetime | None = None

    def parts(self, wanted: Collection[Part] = ()) -> dict[str, str]:
        """'ok' or what is wrong, for each of these parts, or all; what a machine has not is left out."""
        state = cache(_database)  # asked once, and not at all where nothing that is wanted rests on it
        looks: dict[Part, Callable[[], str | None]] = {
            Part.DATABASE: lambda: state()[0],
            Part.KEY: lambda: state()[1],
            Part.ORIGINALS: _originals,
            Part.DISK: _disk,
            Part.INBOX: _inbox,
            Part.SWEEP: lambda: self._sweep() if state() == (OK, OK) else _UNKNOWN,
            Part.PROCESSES: _processes,
            Part.MAIL: lambda: _mail() if state() == (OK, OK) else _UNKNOWN,
        }
        found = {part: look() for part, look in looks.items() if not wanted or part in wanted}
        return {part.value: told for part, told in found.items() if told is not None}

    def _sweep(self) -> str:
        alive, sign = last_sweep()
        if alive:
            self._swept_at = clock.now()
        if self._swept_at is not None and clock.now() - self._swept_at <= _HANDOVER:
            return OK
        since = "jeszcze żaden nie zaczął" if sign is None else f"ostatni znak życia: {_local(sign)}"
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
    for name, place in places.items():
        there = _existing(place)
        try:
            disk, free = there.stat().st_dev, shutil.disk_usage(there).free
        except OSError:
            continue
        if disk not in disks:
            found[name] = free
        disks.add(disk)
    return found


def last_sweep() -> tuple[bool, datetime | None]:
    """Whether a sweep lives on any machine, and its last sign of life."""
    with reading() as session:
        return bool(machines(session, SWEEP)), last_sign(session, SWEEP)


def _database() -> tuple[str, str]:
    """How the database is, and how the key is."""
    try:
        check()
    except SchemaError:
        return _SCHEMA, OK
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
    there = _existing(get_settings().originals)
    return OK if there.is_dir() and os.access(there, os.W_OK | os.X_OK) else "Brak prawa zapisu w folderze."


def _disk() -> str:
    least = get_settings().least_free_bytes
    full = [f"{name}: {free // _MEGABYTE} MB" for name, free in free_bytes().items() if free < least]
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
    if settings.inbox_dir is not None and not folder.is_dir():
        return "Nie ma folderu skanów (EBOK_INBOX_DIR). Podłącz udział albo utwórz folder."
    if not is_mounted(folder.absolute()):
        return AWAY
    there = _existing(folder)
    if not (there.is_dir() and os.access(there, os.R_OK | os.W_OK | os.X_OK)):
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


def _mail() -> str:
    with reading() as session:
        waits = not_leaving(session)
    if waits is None:
        return OK
    number, since = waits
    return f"Wiadomości nie wychodzą: {number}, najdłużej czekająca od {_local(since)}. Sprawdź: ebok doctor."


def _existing(place: Path) -> Path:
    return next(each for each in (place.absolute(), *place.absolute().parents) if each.exists())


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(get_settings().zone):%Y-%m-%d %H:%M}"
