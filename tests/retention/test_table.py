"""The table of what is kept knows every table and every place, and the administrator reads the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import text

import alarms.tables  # noqa: F401
import integrity.tables  # noqa: F401
import reports.tables  # noqa: F401
import review.tables  # noqa: F401  with it all tables are known
from database.engine import Base, get_engine
from environment.settings import Settings, get_settings
from retention.listing import markdown, periods
from retention.table import KINDS

ROOT = Path(__file__).parents[2]
ROOMS = [path.parent for path in ROOT.glob("*/__init__.py") if path.parent.name not in ("tests", "benchmarks")]
NOT_OURS = {"alembic_version"}
"""Of the tool that upgrades the database: a revision, and nothing else."""


def test_every_table_of_the_database_has_a_row(database: str) -> None:
    known = {table for kind in KINDS for table in kind.tables}
    assert known == set(Base.metadata.tables)
    assert set(sqlalchemy.inspect(get_engine()).get_table_names()) - NOT_OURS == known


def test_a_table_that_nobody_thought_of_is_found_missing(sqlite_database: str) -> None:
    with get_engine().begin() as connection:
        connection.execute(text("CREATE TABLE notes (of_whom TEXT)"))
    known = {table for kind in KINDS for table in kind.tables}
    assert set(sqlalchemy.inspect(get_engine()).get_table_names()) - NOT_OURS - known == {"notes"}


def places_in(source: str) -> Iterator[str]:
    """What a module puts into the home folder: the first part of each path that begins at ``….home``."""
    tree = ast.parse(source)
    constants = {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)):
            continue
        begin, name = node.left, node.right
        if isinstance(begin, ast.Attribute):
            at_home = begin.attr == "home"
        else:
            at_home = isinstance(begin, ast.Name) and begin.id == "home"
        if not at_home:
            continue
        if isinstance(name, ast.JoinedStr):  # a draft that gets its name a moment later
            assert isinstance(name.values[0], ast.Constant) and name.values[0].value == "."
        elif isinstance(name, ast.Name):
            yield str(constants[name.id])
        else:
            assert isinstance(name, ast.Constant), ast.dump(name)
            yield str(name.value)


def test_every_place_in_the_home_folder_that_the_program_names_has_a_row() -> None:
    found = {place for room in ROOMS for path in room.rglob("*.py") for place in places_in(path.read_text())}
    known = {place for kind in KINDS for place in kind.places}
    samples = {"samples", "customers.csv"}  # `ebok demo`: its home is thrown away
    assert {"originals", "outgoing", "prefect", "customers-report.csv"} <= found
    assert found - samples <= known


def test_a_place_that_nobody_thought_of_is_seen_however_it_is_written() -> None:
    source = '_FOLDER = "cellar"\nplace = get_settings().home / _FOLDER / "more"\nother = settings.home / "attic"'
    assert set(places_in(source)) == {"cellar", "attic"}


def test_every_period_is_a_setting_of_which_nothing_and_zero_mean_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    named = {kind.setting for kind in KINDS if kind.setting is not None}
    assert {name for name in Settings.model_fields if name.startswith("keep_")} == named - {"draft_days"}
    for name in named - {"draft_days"}:
        for typed in ("", "0"):
            monkeypatch.setenv(f"EBOK_{name.upper()}", typed)
            get_settings.cache_clear()
            kind = next(kind for kind in KINDS if kind.setting == name)
            assert kind.days == 0
            assert {one.code: told for one, told in periods()}[kind.code] == "bezterminowo"
    get_settings.cache_clear()


def test_what_has_a_period_is_erased_by_something_and_all_else_says_how_long_it_stays() -> None:
    for kind in KINDS:
        assert (kind.setting is None) == bool(kind.period), kind.code
        if kind.setting is not None:
            assert kind.rows or kind.files, kind.code
        assert kind.tables or kind.places, kind.code
        assert all((kind.name, kind.purpose, kind.basis, kind.then)), kind.code
    assert len({kind.code for kind in KINDS}) == len(KINDS)


def test_the_administrator_reads_the_table_that_is_carried_out(home: Path) -> None:
    assert markdown() in (ROOT / "docs" / "administrator.md").read_text()
