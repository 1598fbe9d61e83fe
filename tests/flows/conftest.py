"""The workflow on a database with customers and a Prefect server of the tests' own."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from environment.settings import get_settings
from tests.flows.samples import fill_register


@pytest.fixture
def office(home: Path, sqlite_database: str, engine: str) -> Path:
    """A home with customers in its register and a workflow engine; the workflow does the same on both databases."""
    fill_register()
    get_settings().inbox.mkdir()
    return home


@pytest.fixture
def office_on_either(home: Path, database: str, engine: str) -> Path:
    """The same on SQLite and on PostgreSQL."""
    fill_register()
    get_settings().inbox.mkdir()
    return home


@pytest.fixture
def unused_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
