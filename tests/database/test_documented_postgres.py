"""PostgreSQL as the administrator's guide makes it: enough for the register and for the engine's own tables."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from database.engine import forget_engines
from database.upgrading import check, upgrade
from database.workflow_schema import workflow_database
from environment.settings import get_settings
from tests.postgres import Cluster

GUIDE = (Path(__file__).parents[2] / "docs" / "administrator.md").read_text()


def test_the_guides_database_and_role_are_enough_for_all_that_the_program_makes_there(
    home: Path, postgres: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = re.search(r"^```sql\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    assert found is not None
    url = f"postgresql://ebok@127.0.0.1:{postgres.port}/ebok"
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as owner:
        try:
            for statement in found[1].strip().splitlines():
                owner.execute(statement.encode())
            monkeypatch.setenv("EBOK_DATABASE_URL", url)
            get_settings.cache_clear()
            upgrade()
            check()
            assert "ebok" in str(workflow_database())
        finally:
            forget_engines(url)
            owner.execute("DROP DATABASE IF EXISTS ebok WITH (FORCE)")
            owner.execute("DROP ROLE IF EXISTS ebok")
