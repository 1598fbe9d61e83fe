"""The store of originals as commands tell of it: whether it answers, and whether it is the one of this register."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from documents.originals import OriginalError, try_store
from documents.store import store
from documents.store_interface import StoreUnreachableError
from documents.store_mark import StoreStanding, standing
from environment.disk_faults import cause_of
from environment.settings import get_settings

_ANOTHERS: Final = (
    "Magazyn oryginałów tej maszyny ({place}) nie jest magazynem tego rejestru{missing}. Dokumenty, których oryginałów "
    "w nim nie ma, nie zostaną odczytane. Ustaw na każdej maszynie ten sam EBOK_ORIGINALS_URL (wspólny folder albo "
    "s3://…) i skopiuj tam oryginały z jej folderu; gdy odtwarzasz kopię, odtwórz cały folder oryginałów."
)
_LACKING: Final = (
    "W magazynie oryginałów ({place}) brakuje plików, które zna rejestr{missing}. Skopiuj je z innej maszyny albo z "
    "kopii zapasowej."
)


def warning(ask: Callable[[], StoreStanding] = standing) -> str | None:
    """What is wrong with the store of this machine and what to do; None where nothing is."""
    try:
        found = ask()
    except StoreUnreachableError as away:
        return away.remedy
    return told(found)


def told(found: StoreStanding) -> str | None:
    """What speaks against the store, and what to do; None where nothing does."""
    if found.fits:
        return None
    missing = f" (z {found.looked} najnowszych oryginałów brakuje {found.missing})" if found.missing else ""
    return (_ANOTHERS if found.ours is False else _LACKING).format(place=place(), missing=missing)


def figures() -> dict[str, Any]:
    """The same for programs: ``{reachable, ours, looked, missing}``."""
    try:
        found = standing()
    except StoreUnreachableError:
        return {"reachable": False, "ours": None, "looked": 0, "missing": 0}
    return {"reachable": True, "ours": found.ours, "looked": found.looked, "missing": found.missing}


def place() -> str:
    """Where originals are kept, as the administrator knows it."""
    settings = get_settings()
    return str(settings.originals) if settings.originals_bucket is None else f"s3://{settings.originals_bucket}"


def trouble_in_use() -> str | None:
    """What to do where the store cannot be written, read or erased as it should; each is tried."""
    try:
        try_store()
    except StoreUnreachableError as away:
        return away.remedy
    except OriginalError:
        return (
            f"Magazyn {place()} nadpisuje to, co w nim leży, zamiast odmówić (warunek If-None-Match). Zaktualizuj "
            "serwer S3 albo wybierz taki, który zna zapis warunkowy."
        )
    except OSError as error:
        return f"Nie można zapisać w {place()}: {cause_of(error)}. Sprawdź prawa użytkownika usługi i miejsce na dysku."
    return None


def keeps_what_is_removed() -> bool | None:
    """Whether what is erased stays in older versions; None where the store does not say."""
    try:
        return store().keeps_what_is_removed()
    except StoreUnreachableError:
        return None
