"""Whether the process is alive, and whether everything it needs is there."""

from __future__ import annotations

import os

import structlog
from fastapi import APIRouter, Response
from fastapi.concurrency import run_in_threadpool

from api.answers import Health, Readiness
from database.keys import SecretKeyError
from database.upgrading import SchemaError, check
from documents.store import store
from documents.store_interface import StoreUnreachableError
from environment.settings import get_settings

log = structlog.get_logger("api")
router = APIRouter(tags=["Działanie"])


@router.get(
    "/healthz",
    summary="Czy program działa",
    description="Nie zagląda do bazy danych.",
    response_description="Działa",
)
async def healthz() -> Health:
    """Alive; says nothing of the database."""
    return Health(status="ok")


@router.get(
    "/readyz",
    summary="Czy wszystko, czego program potrzebuje, jest gotowe",
    description="Baza danych odpowiada, ma właściwe tabele i klucz szyfrowania; w folderze oryginałów można zapisywać.",
    response_description="Gotowe",
    responses={503: {"model": Readiness, "description": "Coś nie jest gotowe; parts mówi, co"}},
)
async def readyz(response: Response) -> Readiness:
    """Database reachable and migrated, folders writable."""
    parts = {"database": await run_in_threadpool(_database), "originals": await run_in_threadpool(_originals)}
    ready = all(state == "ok" for state in parts.values())
    response.status_code = 200 if ready else 503
    return Readiness(status="ready" if ready else "not_ready", parts=parts)


def _originals() -> str:
    """'ok' when the store answers, and files can be made where it is a folder, which may still have to be made."""
    try:
        store().require()
    except StoreUnreachableError as away:
        return away.remedy
    if get_settings().originals_bucket is not None:
        return "ok"
    path = get_settings().originals
    existing = next(place for place in (path, *path.absolute().parents) if place.exists())
    return "ok" if existing.is_dir() and os.access(existing, os.W_OK | os.X_OK) else "Brak prawa zapisu w folderze."


def _database() -> str:
    try:
        check()
    except SchemaError:
        return "Tabele bazy danych są w innej wersji niż program. Uruchom go przez `ebok up`."
    except SecretKeyError:
        return (
            "Klucz szyfrowania nie pasuje do danych. Przywróć plik kluczy tej instalacji (keys/secret.keys) albo "
            "popraw EBOK_SECRET_KEY, a potem uruchom program ponownie."
        )
    except Exception as error:  # every driver has faults of its own; each means that the database is not there
        log.warning("database_unreachable", type=type(error).__qualname__)
        return "Brak połączenia z bazą danych. Sprawdź, czy działa i czy EBOK_DATABASE_URL jest poprawny."
    return "ok"
