"""Errors that a command may meet through no fault of the program, each in Polish with cause and remedy."""

from __future__ import annotations

import re
from typing import Any, Final

from backups.manifest import BackupError
from cli.console import CommandError
from database.dumping import DumpError
from database.engine import DatabaseBrokenError, DatabaseUnreachableError, DatabaseUrlError
from database.keys import SecretKeyError
from database.upgrading import OthersAtWorkError, SchemaError
from database.workflow_schema import SchemaRefusedError
from documents.store_interface import StoreUnreachableError
from environment.disk_faults import cause_of, is_full, is_read_only
from environment.places import FolderOfOursError
from environment.settings_file import SettingsFileError
from flows.authentication import AuthenticationFileError
from forms.further import UnfitError
from forms.terms import TermsError
from readers.antivirus import AntivirusUnavailableError
from readers.pool import ReadersUnavailableError

_OLDER: Final = "Baza danych ma tabele ze starszej wersji programu. Uruchom `ebok up`, aby je uaktualnić."
_NEWER: Final = (
    "Bazę danych utworzyła nowsza wersja programu. "
    "Zainstaluj tę nowszą wersję albo przywróć kopię zapasową zrobioną w obecnej."
)
_KEY: Final = (
    "Klucz szyfrowania jest niewłaściwy albo nie pasuje do danych. Niczego nie zapisano. Przywróć plik kluczy tej "
    "instalacji z ostatniej kopii, zrobionej po wymianie kluczy (keys/secret.keys w EBOK_HOME albo ten z "
    "EBOK_SECRET_KEY_FILE), albo popraw EBOK_SECRET_KEY."
)
_URL: Final = (
    "EBOK_DATABASE_URL nie jest adresem bazy SQLite ani PostgreSQL. "
    "Przykłady: sqlite:////srv/ebok/ebok.sqlite, postgresql://ebok:hasło@127.0.0.1/ebok."
)
_REFUSED: Final = (
    "Baza danych nie pozwala założyć miejsca na przebiegi Prefect (schemat prefect z rozszerzeniem pg_trgm). Niech jej "
    "właściciel da użytkownikowi z EBOK_DATABASE_URL prawo CREATE w tej bazie, potem uruchom polecenie jeszcze raz."
)
_OTHERS: Final = (
    "Na innych maszynach pracuje program, który nie zna tej zmiany. Zatrzymaj tam `ebok worker`, poczekaj pół minuty i "
    "wydaj polecenie jeszcze raz; co potem, mówi docs/administrator.md, „Więcej niż jedna maszyna”."
)
_DISK: Final = (
    "Na dysku {where} brakuje miejsca. Zwolnij miejsce i wydaj polecenie jeszcze raz: niczego nie zapisano w połowie. "
    "Ile gdzie zostało, mówi `ebok doctor`."
)
_CLOSED: Final = (
    "Na dysku {where} nie można zapisywać: jest tylko do odczytu albo brakuje prawa. Sprawdź, czemu (`mount`, dziennik "
    "systemu: bywa, że dysk się psuje), podłącz go do zapisu i wydaj polecenie jeszcze raz."
)
_UNREACHABLE: Final = "Baza danych nie odpowiada. Sprawdź, czy działa i czy EBOK_DATABASE_URL jest właściwy."
_BROKEN: Final = (
    "Plik bazy danych jest uszkodzony albo nie jest bazą. Sprawdź EBOK_DATABASE_URL albo przywróć kopię zapasową."
)
_AUTHENTICATION: Final = (
    "W pliku prefect.auth w folderze EBOK_HOME (albo w EBOK_PREFECT_AUTH, jeśli jest ustawione) nie ma hasła do "
    "Prefect. Usuń plik i uruchom `ebok up` ponownie, powstanie nowy; dla `ebok worker` skopiuj go z głównej maszyny."
)
_WRONG_SETTING: Final = "Niewłaściwa wartość ustawienia: {}. Popraw ją w pliku ustawień albo w środowisku."
_USAGE: Final = (
    (r"Missing option '(.+?)'", "brakuje opcji {0}."),
    (r"Missing argument '(.+?)(?:\.\.\.)?'", "brakuje argumentu {0}."),
    (r"No such command '(.+?)'", "nie ma polecenia {0}."),
    (r"No such option: (\S+?)\.?(?: |$)", "nie ma opcji {0}."),
    (r"Option '(.+?)' requires an argument", "opcja {0} wymaga wartości."),
    (r"Option '(.+?)' does not take a value", "opcja {0} nie przyjmuje wartości."),
    (r"Invalid value for '(.+?)': .*'(.*)' is not one of (.+?)\.?$", "{0} nie może być {1}, może być: {2}."),
    (r"Invalid value for '(.+?)': .*'(.*)' does not match", "{0}: {1} nie jest datą w postaci 2026-01-31."),
    (r"Invalid value for '(.+?)':", "niewłaściwa wartość {0}."),
    (r"Got unexpected extra argument(?:s|\(s\))? \((.+)\)", "za dużo argumentów: {0}."),
)
"""How the command line library says it, and how we do."""


def _setting(fault: dict[str, Any]) -> str:
    """What is wrong with one setting; its value is told only where it names a folder, for others are secret."""
    found = re.search(r"EBOK_\w+", fault["msg"])  # one that several settings together are wrong about
    name = f"EBOK_{str(fault['loc'][0]).upper()}" if fault["loc"] else found[0] if found else "EBOK_…"
    if isinstance(fault.get("ctx", {}).get("error"), FolderOfOursError):
        return f"{name}: w tym folderze są pliki programu. Wskaż osobny folder, tylko na skany."
    if fault["type"] == "path_not_directory":
        return f"{name}: nie ma folderu {fault['input']}. Utwórz go, popraw zmienną środowiska albo ją usuń."
    return _WRONG_SETTING.format(name)


def usage_in_polish(error: Exception) -> str:
    """Wrong usage of a command as plain text, with the way to its help; what is not known stays as it was said."""
    said: str = error.format_message() if hasattr(error, "format_message") else str(error)
    for pattern, told in _USAGE:
        if found := re.match(pattern, said):
            said = told.format(*found.groups())
            break
    if said.startswith("Usage:"):  # no command at all: what is said is the help itself
        return said
    command = getattr(getattr(error, "ctx", None), "command_path", "ebok")
    return f"Błędne użycie: {said}\nPomoc: {command} --help"


_TOLD: Final[tuple[tuple[type[Exception], str], ...]] = (
    (SecretKeyError, _KEY),
    (AuthenticationFileError, _AUTHENTICATION),
    (DatabaseUrlError, _URL),
    (OthersAtWorkError, _OTHERS),
    (SchemaRefusedError, _REFUSED),
    (DatabaseUnreachableError, _UNREACHABLE),
    (AntivirusUnavailableError, f"{AntivirusUnavailableError.message} Sprawdź EBOK_CLAMAV."),
    (ReadersUnavailableError, f"{ReadersUnavailableError.message} Co sprawdzić, mówi: ebok doctor"),
)


def unfit(error: UnfitError) -> str:
    """What of forms, effects and kinds cannot be used, and what to do; the fault itself is for who writes them."""
    return f"Formularz, skutek albo rodzaj pola nie pasuje: {error}. Popraw ten plik albo zabierz go z EBOK_FORMS_DIR."


def _disk_of(error: Exception) -> str:
    """Which disk it was, where that is known."""
    if isinstance(error, OSError):
        return f"z {error.filename}" if error.filename else "programu (EBOK_HOME albo folder plików tymczasowych)"
    return "z bazą danych"


def told_in_polish(error: Exception) -> str | None:
    """An expected error in Polish; None for a fault of the program."""
    told: str | None = None
    if is_full(error) or is_read_only(error):
        told = (_DISK if is_full(error) else _CLOSED).format(where=_disk_of(error))
    elif isinstance(error, CommandError | TermsError | SettingsFileError | BackupError | DumpError):
        told = str(error)
    elif isinstance(error, UnfitError):
        told = unfit(error)
    elif isinstance(error, StoreUnreachableError):
        told = error.remedy
    elif isinstance(error, SchemaError):
        told = _NEWER if error.newer else _OLDER
    elif isinstance(error, OSError) and error.filename is not None:
        told = f"Nie można użyć {error.filename}: {cause_of(error)}. Sprawdź to miejsce i ustawienie EBOK_HOME."
    elif type(error) is DatabaseBrokenError:  # its subclasses are faults of the program
        told = _BROKEN
    elif type(error).__name__ == "ValidationError" and getattr(error, "title", "") == "Settings":
        told = " ".join(_setting(fault) for fault in error.errors())  # type: ignore[attr-defined]
    elif type(error).__name__ == "SettingsError":  # a list that is none
        name = re.search(r'field "(\w+)"', str(error))
        told = _WRONG_SETTING.format(f"EBOK_{name[1].upper()}" if name else "EBOK_…")
    else:
        cause = getattr(error, "orig", None)  # a wrong key is met while a statement is put together
        known = [text for kind, text in _TOLD if isinstance(error, kind) or isinstance(cause, kind)]
        told = known[0] if known else None
    return told
