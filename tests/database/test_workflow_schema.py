"""Where the workflow engine keeps its tables: beside ours in PostgreSQL, never among them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from sqlalchemy import make_url

from database import upgrading
from database.engine import forget_engines
from database.workflow_schema import SchemaRefusedError, address_for_asyncpg, workflow_database
from environment.settings import get_settings
from flows.authentication import authorization
from tests.engine import command_with_engine
from tests.postgres import Cluster

_NUMBERS = itertools.count()


@pytest.fixture
def empty_database(home: Path, postgres: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database of PostgreSQL that is used for one test; gives its URL."""
    url = postgres.create(f"workflow_{next(_NUMBERS)}")
    monkeypatch.setenv("EBOK_DATABASE_URL", url)
    get_settings.cache_clear()
    yield url
    forget_engines(url)
    get_settings.cache_clear()


@pytest.fixture
def own_database(empty_database: str) -> str:
    """The same with our tables."""
    upgrading.upgrade()
    return empty_database


@pytest.mark.parametrize("elsewhere", [False, True], ids=["no trigrams yet", "trigrams among our tables"])
def test_the_engine_keeps_its_tables_beside_ours_and_takes_none_of_ours_for_its_own(
    own_database: str, home: Path, elsewhere: bool
) -> None:
    with psycopg.connect(own_database, autocommit=True) as connection:
        if elsewhere:
            connection.execute("CREATE EXTENSION pg_trgm SCHEMA public")
        with command_with_engine() as (_, address):
            made = httpx.post(f"{address}/flows/", json={"name": "beside"}, headers=authorization(), timeout=60)
        assert made.status_code == httpx.codes.CREATED
        found = connection.execute("SELECT name, to_regclass('public.flow') FROM prefect.flow").fetchall()
    assert found == [("beside", None)]
    assert not list((home / "prefect").glob("*.db"))
    upgrading.check()


@pytest.mark.parametrize(
    ("elsewhere", "searched", "kept"),
    [(False, "prefect", None), (True, "prefect,public", "prefect.alembic_version")],
    ids=["no trigrams yet", "trigrams among our tables"],
)
def test_its_own_tables_are_looked_for_first_and_ours_are_never_taken_for_them(
    empty_database: str, elsewhere: bool, searched: str, kept: str | None
) -> None:
    with psycopg.connect(empty_database, autocommit=True) as connection:
        if elsewhere:
            connection.execute("CREATE EXTENSION pg_trgm SCHEMA public")
        told = workflow_database()
        assert [value for name, value in told.items() if name.endswith("SEARCH_PATH")] == [searched]
        assert told == workflow_database(), "once more changes nothing"
        found = connection.execute("SELECT to_regclass('prefect.alembic_version')::text").fetchone()
    assert found == (kept,)


def test_a_user_who_may_not_make_the_schema_is_told_so(
    own_database: str, postgres: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute("CREATE ROLE guest LOGIN")
    guest = own_database.replace("postgres@", "guest@")
    monkeypatch.setenv("EBOK_DATABASE_URL", guest)
    get_settings.cache_clear()
    with pytest.raises(SchemaRefusedError, match="permission denied"):
        workflow_database()
    forget_engines(guest)


def test_with_sqlite_the_engine_has_a_file_of_its_own(sqlite_database: str) -> None:
    assert workflow_database() == {}


@pytest.mark.parametrize(
    ("ours", "its"),
    [
        ("postgresql://ebok:p%40ss@db/ebok", {"": "postgresql+asyncpg://ebok:p%40ss@db/ebok"}),
        (
            "postgresql+psycopg://ebok@db:5433/ebok?sslmode=verify-full&sslrootcert=/etc/ca.pem&connect_timeout=5",
            {"": "postgresql+asyncpg://ebok@db:5433/ebok?ssl=verify-full", "PGSSLROOTCERT": "/etc/ca.pem"},
        ),
        ("postgresql:///ebok?host=/run/postgresql", {"": "postgresql+asyncpg:///ebok?host=%2Frun%2Fpostgresql"}),
    ],
)
def test_its_driver_reaches_the_same_server_as_safely_as_ours(ours: str, its: dict[str, str]) -> None:
    wanted = {name or "PREFECT_SERVER_DATABASE_CONNECTION_URL": value for name, value in its.items()}
    assert address_for_asyncpg(make_url(ours)) == wanted
