"""An installation with something to lose, and ways of losing it."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from benchmarks import office
from database.engine import forget_engines, get_engine
from database.keys import key_file
from database.upgrading import upgrade
from documents.store_mark import claim_store
from environment.settings import get_settings
from integrity import checking

Lose = Callable[..., None]
OF_A_RESTORE = {"account_sessions", "audit", "audit_head", "restores", "staff_sessions"}
"""Tables in which a restore itself leaves something."""


@pytest.fixture
def town(database: str) -> str:
    """Customers, a case that is settled, one that waits to be read, a store with its mark; on either database."""
    return _filled(database)


@pytest.fixture
def small_town(sqlite_database: str) -> str:
    """The same on SQLite."""
    return _filled(sqlite_database)


def _filled(database: str) -> str:
    upgrade()  # marks the keys
    office.fill_register()
    claim_store()
    office.worked_off(office.online("einvoice_acceptance", 0))
    office.received(b"%PDF-1.7 a letter")
    return database


@pytest.fixture
def lose(home: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lose]:
    """Everything is gone, the keys too unless they are kept elsewhere; there is a new machine and a new database."""

    def gone(*, keys: bool = False) -> None:
        kept, postgresql = key_file().read_bytes(), get_engine().dialect.name == "postgresql"
        forget_engines(get_settings().url)
        shutil.rmtree(home)
        home.mkdir()
        if postgresql:
            cluster = request.getfixturevalue("postgres")
            monkeypatch.setenv("EBOK_DATABASE_URL", cluster.create(f"new_{uuid.uuid4().hex}"))
            get_settings.cache_clear()
        if not keys:
            key_file().parent.mkdir(mode=0o700)
            key_file().write_bytes(kept)

    yield gone
    forget_engines(get_settings().url)


@pytest.fixture(autouse=True)
def _no_second_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a check finds is looked at at once."""
    monkeypatch.setattr(checking.time, "sleep", lambda _: None)


def rows() -> list[str]:
    """All rows of all tables but those that a restore adds to, as they lie in the database."""
    with get_engine().connect() as connection:
        names = set(inspect(connection).get_table_names()) - OF_A_RESTORE
        return sorted(f"{name}: {row}" for name in names for row in connection.execute(text(f"SELECT * FROM {name}")))


def files(folder: Path) -> dict[str, bytes]:
    """All files of a folder with their content."""
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}
