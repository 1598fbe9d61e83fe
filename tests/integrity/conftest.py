"""An installation that has worked, built once and copied for each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from database.engine import forget_engines
from environment.settings import get_settings
from tests.integrity.installation import Cases, build
from tests.retention.conftest import later

__all__ = ["later"]


@dataclass(frozen=True)
class Template:
    """Its home, and the numbers of its cases."""

    home: Path
    cases: Cases


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Template]:
    """The installation, on SQLite."""
    home = tmp_path_factory.mktemp("installation")
    shutil.copyfile(sqlite_template, home / "ebok.sqlite")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("EBOK_"):
                patch.delenv(name)
        patch.setenv("EBOK_HOME", str(home))
        patch.setenv("EBOK_SECOND_LOOK_RATE", "0")
        get_settings.cache_clear()
        cases = build()
        forget_engines(get_settings().url)
    get_settings.cache_clear()
    yield Template(home, cases)


@pytest.fixture
def cases(home: Path, template: Template, sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> Cases:
    """A copy of it in force; gives the numbers of its cases."""
    shutil.copytree(template.home, home, dirs_exist_ok=True)
    monkeypatch.setenv("EBOK_SECOND_LOOK_RATE", "0")
    get_settings.cache_clear()
    return template.cases
