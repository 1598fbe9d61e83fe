"""Migrations on both databases, from an empty one to what the program's tables are."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from cryptography.fernet import Fernet
from sqlalchemy import String, inspect, select, text

from confirmations.tables import Message, Sending
from customers.register_index import index_rest, indexed_share, numbers_named
from customers.tables import RegisterWord
from database.encryption import encrypt
from database.engine import Base, engine_for, get_engine, reading, transaction
from database.holders import enter
from database.key_mark import KeyMark
from database.keys import SecretKeyError, key_ring
from database.upgrading import OthersAtWorkError, SchemaError, check, migrations, upgrade
from documents.file_names import index_name, named
from documents.tables import Document, FileWord
from environment.settings import get_settings
from tests.postgres import Cluster

_HAS_TABLES = re.compile(r"\(Base\):|\bBase\.metadata\b")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty database in force."""
    url = f"sqlite:///{home / 'new' / 'ebok.sqlite'}"
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres")
        url = cluster.create(f"empty_{uuid.uuid4().hex}")
    yield from _in_force(url, monkeypatch)


@pytest.fixture
def empty_sqlite(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The same, where the kind of database does not matter."""
    yield from _in_force(f"sqlite:///{home / 'new' / 'ebok.sqlite'}", monkeypatch)


def _in_force(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("EBOK_DATABASE_URL", url)
    get_settings.cache_clear()
    yield url
    engine_for(url).dispose()


def import_all_tables() -> None:
    """Import each module of the program that has tables, wherever it stands."""
    program = Path(__file__).parents[2]
    for path in program.glob("*/**/*.py"):
        module = path.relative_to(program).with_suffix("").parts
        outside = module[0] in ("tests", "benchmarks") or not (program / module[0] / "__init__.py").exists()
        if not outside and "migrations" not in module and _HAS_TABLES.search(path.read_text()):
            import_module(".".join(module))


def differs(context: MigrationContext, _one: object, _other: object, stands: object, wanted: object) -> bool | None:
    """None leaves it to Alembic; SQLite keeps texts of any length, whatever the column says."""
    texts = isinstance(stands, String) and isinstance(wanted, String)
    return False if context.dialect.name == "sqlite" and texts else None


def test_migrations_and_tables_agree_and_upgrading_twice_changes_nothing(empty_database: str) -> None:
    import_all_tables()
    upgrade()
    upgrade()
    check()
    with get_engine().connect() as connection:
        differences = compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": differs}), Base.metadata
        )
    assert differences == []


def test_an_empty_database_is_said_to_need_the_start_command(empty_database: str) -> None:
    with pytest.raises(SchemaError, match=r"revision none.*ebok up"):
        check()


def test_a_database_of_a_newer_program_is_refused_and_left_alone(empty_sqlite: str) -> None:
    upgrade()
    with transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for step in (check, upgrade):
        with pytest.raises(SchemaError, match="newer version"):
            step()


def test_a_failed_upgrade_leaves_nothing_behind(empty_database: str) -> None:
    with get_engine().begin() as connection:
        connection.execute(text("CREATE TABLE transitions (id INTEGER)"))  # the last tables meet a stranger
    with pytest.raises(Exception, match="transitions"):
        upgrade()
    assert inspect(get_engine()).get_table_names() == ["transitions"]


def test_every_migration_can_be_undone(empty_database: str) -> None:
    upgrade()
    with get_engine().begin() as connection:
        command.downgrade(migrations(connection), "base")
    assert inspect(get_engine()).get_table_names() == ["alembic_version"]
    upgrade()
    check()


def test_tables_are_not_changed_while_programs_of_their_version_work_on_other_machines(empty_database: str) -> None:
    upgrade()
    with transaction() as session:
        enter(session, "run 1", "a test")
        head = session.scalar(text("SELECT version_num FROM alembic_version"))
        session.execute(text("UPDATE holders SET machine = 'another-1'"))
    upgrade()  # there is nothing to change
    with transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0019'"))
    with pytest.raises(OthersAtWorkError):
        upgrade()
    with transaction() as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == "0019" != head


def test_customers_of_before_the_index_are_owed_it_and_found_before_and_after_it_is_made(empty_database: str) -> None:
    with get_engine().begin() as connection:
        command.upgrade(migrations(connection), "0011")
        columns = "customer_no, name, content_digest, invoice_delivery, updated_at"
        row = "'10000001', 'Żaneta Łącka', '-', 'paper', '2026-01-01 00:00:00.000000+00:00'"
        connection.execute(text(f"INSERT INTO customers ({columns}) VALUES ({row})"))
    upgrade()
    assert indexed_share() == 0
    for share in (0, 1):
        with reading() as session:
            assert numbers_named(session, ["lack", "zan"], 9) == ["10000001"]
            assert session.scalar(select(RegisterWord.count).where(RegisterWord.word == "ŻANETA")) == (share or None)
        assert sum(index_rest()) == 1 - share
    assert indexed_share() == 1


def test_scans_of_before_their_names_were_indexed_are_found_by_them(empty_database: str) -> None:
    with get_engine().begin() as connection:
        command.upgrade(migrations(connection), "0018")
        columns = "id, tracking, file_name, channel, state, received_at, updated_at, part, paper, attempts, desk_level"
        moment = "'2026-01-01 00:00:00.000000+00:00'"
        for number, way in enumerate(("folder", "upload"), start=1):
            row = f"{number}, 'AAAA-000{number}', :name, '{way}', 'received', {moment}, {moment}, 1, false, 0, 'clerk'"
            name = {"name": encrypt("Żaneta_SKAN0042.pdf")}
            connection.execute(text(f"INSERT INTO documents ({columns}) VALUES ({row})"), name)
    upgrade()
    with reading() as session:
        assert named(session, "zaneta skan 42", 9) == [1]
        words = select(FileWord.document_id, FileWord.word).order_by(FileWord.word)
        migrated = session.execute(words).all()
    with transaction() as session:
        session.execute(text("DELETE FROM file_words"))
        index_name(session, session.get_one(Document, 1))
        session.flush()
        assert session.execute(words).all() == migrated, "as the program itself takes them"


def test_messages_of_before_their_ways_were_kept_have_their_last_try_and_come_back_by_its_token(
    empty_database: str,
) -> None:
    when = "'2026-01-01 00:00:00.000000+00:00'"
    with get_engine().begin() as connection:
        command.upgrade(migrations(connection), "0013")
        at = f"{when}, {when}, {when}"
        columns = "tracking, channel, state, attempts, repeatable, bounces, next_attempt_at, created_at, sent_at"
        secret = "recipient, context"
        for key, more, values in (
            ("one", "transport, reference, return_token", "'smtp', '<a@b>', '00ff00ff'"),
            ("two", "transport", "NULL"),
        ):
            connection.execute(
                text(
                    f"INSERT INTO messages (key, template, {columns}, {secret}, {more})"
                    f" VALUES ('{key}', 'einvoice_link', 'K7M4-PX9A', 'email', 'sent', 1, false, 0, {at},"
                    f" :recipient, :context, {values})"
                ),
                {"recipient": encrypt("a@example.com"), "context": encrypt('{"link": "x"}')},
            )
    upgrade()
    with reading() as session:
        (tried,) = session.scalars(select(Sending))
        assert (tried.recipient, tried.return_token, tried.reference) == ("a@example.com", "00ff00ff", "<a@b>")
        assert tried.accepted_at == datetime(2026, 1, 1, tzinfo=UTC)
        assert [(one.role, one.customer_no) for one in session.scalars(select(Message))] == [("link", None)] * 2
    with get_engine().begin() as connection:
        command.downgrade(migrations(connection), "0013")
        kept = connection.execute(text("SELECT key, return_token FROM messages ORDER BY key")).all()
    assert [tuple(row) for row in kept] == [("one", "00ff00ff"), ("two", None)]


def test_processes_that_start_at_once_upgrade_it_once(empty_database: str, tmp_path: Path) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", "from database.upgrading import check, upgrade; upgrade(); check()"],
            cwd=tmp_path,
            env={**os.environ},
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    faults = [process.communicate()[1].decode() for process in started]
    assert [process.returncode for process in started] == [0, 0], faults
    check()
    with get_engine().connect() as connection:
        assert len(connection.scalars(select(KeyMark.fingerprint)).all()) == 1


def _content() -> list[str]:
    """All rows of all tables, as text."""
    with get_engine().connect() as connection:
        names = inspect(connection).get_table_names()
        return [f"{name}: {row}" for name in names for row in connection.execute(text(f"SELECT * FROM {name}"))]


def test_a_program_with_another_key_is_refused_and_writes_nothing(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade()
    before = _content()
    monkeypatch.setenv("EBOK_SECRET_KEY", Fernet.generate_key().decode())
    get_settings.cache_clear()
    for step in (check, upgrade):
        with pytest.raises(SecretKeyError, match=r"another key.*secret\.key"):
            step()
    assert _content() == before


def test_what_is_no_key_leaves_no_tables_behind(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_SECRET_KEY", "abc")
    get_settings.cache_clear()
    with pytest.raises(SecretKeyError, match="is no key"):
        upgrade()
    assert inspect(get_engine()).get_table_names() == []


def test_a_lost_key_is_not_replaced_by_a_new_one(empty_sqlite: str, home: Path) -> None:
    upgrade()
    (home / "keys" / "secret.keys").unlink()
    for step in (check, upgrade):
        with pytest.raises(SecretKeyError, match="Put back the file of keys"):
            step()
    assert not (home / "keys" / "secret.keys").exists()


def test_the_mark_tells_nothing_of_the_key(empty_sqlite: str, home: Path) -> None:
    upgrade()
    assert key_ring().newest.secret.hex() not in "".join(_content())
    assert (home / "keys" / "secret.keys").read_text().split()[-1] not in "".join(_content())


def test_a_space_around_the_key_in_the_setting_makes_no_other_key(
    empty_sqlite: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade()
    line = (home / "keys" / "secret.keys").read_text().splitlines()[-1]
    monkeypatch.setenv("EBOK_SECRET_KEY", f" {line} ")
    get_settings.cache_clear()
    check()
