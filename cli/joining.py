"""What a machine needs to share the work of another one: the same register, keys, originals and workflow engine.

Each is tried before anything starts, and nothing is written; CommandError tells what is amiss and what to do.
"""

from __future__ import annotations

import urllib.error
from http import HTTPStatus
from typing import Final

from cli.connections import is_private
from cli.console import CommandError
from cli.engine_api import EngineApi
from cli.originals import told
from database.engine import get_engine, reading
from database.holders import MOST_APART, clock_ahead
from database.keys import SecretKeyError, key_file
from database.upgrading import SchemaError, check
from documents.store_mark import standing
from environment.settings import get_settings
from flows.authentication import authentication_file, has_authentication
from flows.engine_setup import WORK_POOL

_GUIDE: Final = "docs/administrator.md, „Więcej niż jedna maszyna”"
_NO_URL: Final = (
    "Brakuje EBOK_PREFECT_URL: adresu Prefect na głównej maszynie (tej z `ebok up`), przez tunel "
    f"(http://127.0.0.1:4200) albo serwer pośredniczący (https://…). Jak go przygotować: {_GUIDE}."
)
_IN_THE_CLEAR: Final = (
    "EBOK_PREFECT_URL={url}: hasło do Prefect szłoby otwartym tekstem, a kto je zna, zatrzymuje i usuwa przebiegi. "
    "Wpisz adres https albo tunel (http://127.0.0.1:4200)."
)
_SQLITE: Final = (
    "EBOK_DATABASE_URL nie wskazuje PostgreSQL. Kilka maszyn pracuje na jednym PostgreSQL; SQLite jest dla jednej. "
    "Wpisz ten sam adres bazy, co na głównej maszynie."
)
_OWN_FOLDER: Final = (
    "Brakuje EBOK_ORIGINALS_URL: oryginały leżałyby w folderze tylko tej maszyny. Ustaw na każdej maszynie ten sam "
    f"wspólny folder albo s3://…; jak przenieść dotychczasowe: {_GUIDE}."
)
_NO_KEY: Final = (
    "Kluczem z tej maszyny nie odczyta się danych. Skopiuj z głównej maszyny plik kluczy (EBOK_HOME/keys/secret.keys) "
    "do {file}, z prawami 0600, i zrób to znowu po każdej wymianie kluczy."
)
_SCHEMA: Final = (
    "Tabele bazy danych są w innej wersji niż program na tej maszynie. Zainstaluj wszędzie tę samą wersję, uruchom "
    "najpierw `ebok up` na głównej maszynie, potem `ebok worker`."
)
_CLOCK: Final = (
    "Zegar tej maszyny różni się o {seconds:.0f} s od zegara bazy danych; przy takiej różnicy maszyny mają się "
    "nawzajem za martwe. Włącz NTP na tej maszynie i na maszynie z bazą."
)
_UNMARKED: Final = (
    "W magazynie oryginałów nie ma znaku tego rejestru. Sprawdź, czy EBOK_ORIGINALS_URL jest ten sam, co na głównej "
    "maszynie, i czy udział jest podłączony; jeśli magazyn jest nowy, uruchom najpierw `ebok up` na głównej."
)
_NO_SECRET: Final = (
    "Brakuje hasła do Prefect. Skopiuj z głównej maszyny plik prefect.auth z jej EBOK_HOME do {file}, z prawami 0600, "
    "albo wpisz jego treść w EBOK_PREFECT_AUTH."
)
_REFUSED: Final = (
    "Prefect na głównej maszynie nie przyjmuje hasła tej maszyny. Skopiuj plik prefect.auth jeszcze raz: po każdej "
    "jego zmianie potrzebują go wszystkie maszyny."
)
_SILENT: Final = (
    "Prefect nie odpowiada pod adresem {url}. Sprawdź, czy na głównej maszynie działa `ebok up`, a po drodze tunel "
    "albo serwer pośredniczący i jego certyfikat."
)
_FOREIGN: Final = (
    "Pod adresem {url} odpowiada coś innego niż Prefect tej instalacji ({answer}). Popraw EBOK_PREFECT_URL; serwer "
    "pośredniczący ma podawać dalej nagłówek Host: 127.0.0.1:4200."
)
_LONGEST_ANSWER: Final = 15.0


def engine_joined() -> EngineApi:
    """The API of the engine on the main machine."""
    return EngineApi(f"{(get_settings().prefect_url or '').rstrip('/')}/api")


def require_what_is_shared() -> None:
    """Do nothing where this machine has all that it needs to share the work of another one.

    StoreUnreachableError, and what a database may meet, as everywhere.
    """
    _require_settings()
    _require_register()
    _require_store()
    _require_engine()


def _require_settings() -> None:
    settings = get_settings()
    if settings.prefect_url is None:
        raise CommandError(_NO_URL)
    if not is_private(settings.prefect_url):
        raise CommandError(_IN_THE_CLEAR.format(url=settings.prefect_url))
    if get_engine().dialect.name != "postgresql":
        raise CommandError(_SQLITE)
    if settings.originals_url is None:
        raise CommandError(_OWN_FOLDER)
    if not has_authentication():
        raise CommandError(_NO_SECRET.format(file=authentication_file().absolute()))


def _require_register() -> None:
    try:
        check()
    except SchemaError as mismatch:
        raise CommandError(_SCHEMA) from mismatch
    except SecretKeyError as wrong:
        raise CommandError(_NO_KEY.format(file=key_file().absolute())) from wrong
    with reading() as session:
        apart = abs(clock_ahead(session))
    if apart > MOST_APART:
        raise CommandError(_CLOCK.format(seconds=apart.total_seconds()))


def _require_store() -> None:
    """The mark alone tells of a folder that only looks like the shared one: before the first original, too."""
    found = standing()
    if found.ours is None:
        raise CommandError(_UNMARKED)
    if not found.ours:
        raise CommandError(told(found) or _UNMARKED)


def _require_engine() -> None:
    """Whether it lets us in, and has what only the engine of a running `ebok up` has."""
    url = get_settings().prefect_url
    try:
        engine_joined().ask_once(f"work_pools/{WORK_POOL}", None, "GET", seconds=_LONGEST_ANSWER)
    except urllib.error.HTTPError as answer:
        if answer.code == HTTPStatus.UNAUTHORIZED:
            raise CommandError(_REFUSED) from answer
        if answer.code >= HTTPStatus.INTERNAL_SERVER_ERROR:  # a proxy that reaches nobody
            raise CommandError(_SILENT.format(url=url)) from answer
        raise CommandError(_FOREIGN.format(url=url, answer=f"HTTP {answer.code}")) from answer
    except OSError as error:
        raise CommandError(_SILENT.format(url=url)) from error
    except ValueError as nonsense:
        raise CommandError(_FOREIGN.format(url=url, answer="to nie jest jego odpowiedź")) from nonsense
