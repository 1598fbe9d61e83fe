"""What `ebok doctor` tries of the machine itself: settings, folders, Tesseract, versions, clock."""

from __future__ import annotations

import ctypes
import grp
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Final

from cli.causes import ENGINE_MISSING
from cli.faults import told_in_polish
from cli.finding import Finding
from confirmations.channels.interface import DeliveryError
from confirmations.channels.trial import send_trial
from database.engine import DatabaseBrokenError, DatabaseUnreachableError, get_engine, reading
from database.keys import SecretKeyError
from database.upgrading import SchemaError, check
from documents.folder_mount import AWAY, is_mounted
from environment import clock, settings_file
from environment.disk_faults import cause_of
from environment.folders import is_folder
from environment.settings import Settings, get_settings
from forms.terms import REGULAMINS, versions, what_changes
from ocr.errors import TesseractMissingError
from ocr.tesseract.language_data import tessdata_folder

_TRIED: Final = ".ebok-doctor-"
"""Of a file that is gone at once; by such a name no sweep takes it for a scan."""
_NO_SETTING: Final = frozenset({"EBOK_SECRETS_DIR"})
_LEAST: Final = {"sqlite": (3, 35), "postgresql": (13,)}
_KINDS: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_CLOCK_ERROR: Final = 5
"""What the kernel says of a clock that nothing keeps right (adjtimex)."""


def findings() -> Iterator[Finding]:
    """All of them, in the order in which they are told."""
    yield from _settings()
    yield from _folders()
    yield _tesseract()
    yield from _versions()
    yield from _terms()
    yield from _time()


def mail(recipient: str | None) -> Iterator[Finding]:
    """Whether a message to that address leaves; nothing where none is given."""
    if recipient is None:
        return
    told = f"Serwer poczty przyjął wiadomość próbną do {recipient}; sprawdź, czy dotarła"
    if get_settings().smtp_host is None:
        remedy = "Nie ma EBOK_SMTP_HOST: wiadomości są zapisywane do plików w folderze wiadomości, żadna nie wychodzi."
        yield Finding("mail", False, told, remedy)
        return
    try:
        send_trial(recipient)
    except DeliveryError as error:
        yield Finding("mail", False, told, error.message)
    except ValueError:
        yield Finding("mail", False, told, "To nie jest adres e-mail: popraw go po --mail-to.")
    else:
        yield Finding("mail", True, told)


def _settings() -> Iterator[Finding]:
    """The file of settings, where there is one, is not for everybody; and each name is one that the program knows."""
    path = settings_file.SETTINGS_FILE
    told = f"Plik ustawień ({path}) czytają tylko root i użytkownik usługi"
    if path.exists():
        private = not stat.S_IMODE(path.stat().st_mode) & 0o007
        group = grp.getgrgid(os.getegid()).gr_name
        remedy = f"Są w nim hasła. Wydaj jako root: chown root:{group} {path} && chmod 640 {path}"
        yield Finding("settings_private", private, told, None if private else remedy)
    known = {f"EBOK_{name.upper()}" for name in Settings.model_fields} | _NO_SETTING
    strange = sorted(name for name in os.environ if name.startswith("EBOK_") and name not in known)
    remedy = (
        f"Program nie zna: {', '.join(strange)}. Popraw literówkę albo usuń; wszystkie wymienia: ebok up --settings"
    )
    yield Finding("settings_known", not strange, "Wszystkie ustawienia mają znane nazwy", remedy if strange else None)


def _folders() -> Iterator[Finding]:
    """Each is written into, for rights alone do not tell of a share that takes nothing."""
    settings = get_settings()
    if settings.takes_scans and is_folder(settings.inbox):
        away = not is_mounted(settings.inbox.absolute())
        remedy = AWAY if away else _written(settings.inbox, "zabierać z niego skanów (plik jest po przyjęciu usuwany)")
        yield Finding("inbox", remedy is None, f"Folder skanów działa ({settings.inbox})", remedy)
    elif settings.takes_scans:
        remedy = "Nie ma go: podłącz udział albo utwórz folder."
        missing = settings.inbox_dir is not None
        yield Finding("inbox", not missing, f"Folder skanów działa ({settings.inbox})", remedy if missing else None)
    if settings.writes_messages and is_folder(settings.outgoing):
        remedy = _written(settings.outgoing, "zapisać w nim listów")
        yield Finding("outgoing", remedy is None, f"Folder wiadomości i listów działa ({settings.outgoing})", remedy)


def _written(folder: Path, what: str) -> str | None:
    """What to do where a file cannot be made and removed there."""
    try:
        with tempfile.NamedTemporaryFile(prefix=_TRIED, suffix=".tmp", dir=folder):
            pass
    except OSError as error:
        return f"Program nie może {what}: {cause_of(error)}. Nadaj użytkownikowi usługi prawo zapisu i sprawdź miejsce."
    return None


def _tesseract() -> Finding:
    try:
        folder = tessdata_folder()
    except TesseractMissingError:
        return Finding("tesseract", False, "Tesseract czyta druk po polsku i angielsku", ENGINE_MISSING)
    return Finding("tesseract", True, f"Tesseract czyta druk po polsku i angielsku ({folder})")


def _terms() -> Iterator[Finding]:
    """Whether customers can be told what a version that is still to come changes."""
    coming = [one for key in REGULAMINS for one in versions(key)[1:] if one.in_force_from > clock.today()]
    untold = [f"{one.key}-{one.version}_changes.md" for one in coming if not what_changes(one)]
    told = "Każda nowa wersja regulaminu ma listę zmian do e-maila"
    remedy = f"Zapisz obok regulaminu, co się zmienia, po jednym „- ” na zmianę: {', '.join(untold)}"
    yield Finding("terms_changes", not untold, told, remedy if untold else None)


def _versions() -> Iterator[Finding]:
    """What runs, and that the database is one that this edition works with."""
    python = ".".join(map(str, sys.version_info[:3]))
    try:
        name, number = _database_version()
    except (DatabaseUnreachableError, DatabaseBrokenError):
        return  # another finding tells it
    told = f"Wersje pasują do siebie: eBOK {version('ebok')}, Python {python}, Prefect {version('prefect')}, {name}"
    least = _LEAST[get_engine().dialect.name]
    remedy = None
    if number < least:
        remedy = f"Zaktualizuj bazę danych co najmniej do wersji {'.'.join(map(str, least))}."
    try:
        check()
    except SchemaError as mismatch:
        if mismatch.present is not None:
            remedy = told_in_polish(mismatch)
    except (SecretKeyError, DatabaseUnreachableError, DatabaseBrokenError):
        pass  # `keys_fit` tells it
    yield Finding("versions", remedy is None, told, remedy)


def _database_version() -> tuple[str, tuple[int, ...]]:
    with reading() as session:
        number: tuple[int, ...] = session.connection().dialect.server_version_info or ()
    kind = _KINDS[get_engine().dialect.name]
    return f"{kind} {'.'.join(map(str, number))}", number


def _time() -> Iterator[Finding]:
    """Whether something keeps the clock of this machine right; nothing where the system does not say."""
    try:
        said = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))
    except (OSError, AttributeError):
        return
    if said < 0:
        return
    holds = said != _CLOCK_ERROR
    remedy = (
        "Włącz NTP (timedatectl set-ntp true): kody drugiego składnika i terminy odnośników liczą się według zegara."
    )
    yield Finding("time", holds, "Zegar tej maszyny jest nastawiany (NTP)", None if holds else remedy)
