"""What `ebok worker` tries before it starts: each thing that it shares with the main machine, told with its remedy."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from cli import doctor, joining
from cli.console import CommandError
from cli.joining import require_what_is_shared
from cli.ports import free_port
from database.engine import transaction
from database.upgrading import SchemaError, note_keys
from documents.store_interface import StoreUnreachableError
from documents.store_mark import StoreMark, claim_store
from environment.settings import get_settings
from flows.authentication import authorization
from tests.cli.samples import run
from tests.documents.received import scan


@dataclass
class Engine:
    """Answers as the main machine's, to whoever has the right string; or as told."""

    url: str = ""
    knows: str = ""
    status: int = 200
    body: str = json.dumps({"name": "ebok"})


@pytest.fixture
def engine() -> Iterator[Engine]:
    told = Engine()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            let_in = self.headers.get("Authorization") == told.knows and self.path == "/api/work_pools/ebok"
            self.send_response(told.status if let_in else 401)
            self.end_headers()
            self.wfile.write(told.body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told.url = f"http://127.0.0.1:{server.server_port}"
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def _has_all(
    home: Path, postgres_database: str, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that may join, whose register and store are those of the main one."""
    (tmp_path / "share").mkdir()
    monkeypatch.setenv("EBOK_ORIGINALS_URL", str(tmp_path / "share"))
    monkeypatch.setenv("EBOK_PREFECT_URL", f"{engine.url}/")
    get_settings.cache_clear()
    engine.knows = authorization()["Authorization"]
    claim_store()
    note_keys()


def _refused(*words: str) -> None:
    with pytest.raises(CommandError) as refusal:
        require_what_is_shared()
    for word in words:
        assert word in str(refusal.value)


def _set(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"EBOK_{name.upper()}", value)
    get_settings.cache_clear()


def test_a_machine_that_has_all_of_it_may_join() -> None:
    require_what_is_shared()


def test_the_string_may_be_a_setting_instead_of_a_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, prefect_auth=(home / "prefect.auth").read_text())
    (home / "prefect.auth").unlink()
    require_what_is_shared()
    assert not (home / "prefect.auth").exists()


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("prefect_url", "", ("EBOK_PREFECT_URL", "ebok up", "docs/administrator.md")),
        ("prefect_url", "http://10.0.0.5:4200", ("http://10.0.0.5:4200", "https")),
        ("prefect_url", "http://localhost.example.com", ("localhost.example.com", "https")),
        ("database_url", "sqlite:////tmp/none.sqlite", ("EBOK_DATABASE_URL", "PostgreSQL", "SQLite")),
        ("originals_url", "", ("EBOK_ORIGINALS_URL", "s3://")),
        ("secret_key", Fernet.generate_key().decode(), ("keys/secret.keys", "Skopiuj")),
        ("prefect_auth", "ebok:" + "x" * 32, ("prefect.auth", "jeszcze raz")),
    ],
    ids=["no engine", "in the clear", "like this machine", "SQLite", "no store", "another key", "another string"],
)
def test_a_setting_that_is_missing_or_another_is_told(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: str, words: tuple[str, ...]
) -> None:
    _set(monkeypatch, **{setting: value})
    _refused(*words)


def test_a_missing_string_is_told_and_none_is_made(home: Path) -> None:
    (home / "prefect.auth").unlink()
    _refused(str(home / "prefect.auth"), "EBOK_PREFECT_AUTH")
    assert not (home / "prefect.auth").exists()


def test_missing_keys_are_told_and_none_are_made(home: Path) -> None:
    (home / "keys" / "secret.keys").unlink()
    _refused("keys/secret.keys", "Skopiuj", "0600")
    assert not (home / "keys" / "secret.keys").exists()


@pytest.mark.parametrize("newer", [True, False])
def test_tables_of_another_version_are_told(monkeypatch: pytest.MonkeyPatch, newer: bool) -> None:
    def other() -> None:
        raise SchemaError("other", "0001", newer=newer)

    monkeypatch.setattr(joining, "check", other)
    _refused("wersji", "najpierw", "ebok up")


@pytest.mark.parametrize(("seconds", "told"), [(6, True), (-6, True), (4, False)])
def test_a_clock_that_is_another_than_the_register_s_is_told(
    monkeypatch: pytest.MonkeyPatch, seconds: int, told: bool
) -> None:
    monkeypatch.setattr(joining, "clock_ahead", lambda session: timedelta(seconds=seconds))
    if told:
        _refused("6 s", "NTP")
    else:
        require_what_is_shared()


def test_a_store_without_the_mark_of_the_register_is_told(tmp_path: Path) -> None:
    (tmp_path / "share" / "store.id").unlink()
    _refused("EBOK_ORIGINALS_URL")


def test_a_store_is_told_while_neither_it_nor_the_register_bears_a_mark(tmp_path: Path) -> None:
    (tmp_path / "share" / "store.id").unlink()
    with transaction() as session:
        session.query(StoreMark).delete()
    _refused("EBOK_ORIGINALS_URL", "ebok up")


def test_the_store_of_another_register_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "store.id").write_text("another")
    _set(monkeypatch, originals_url=str(tmp_path / "other"))
    _refused(str(tmp_path / "other"), "EBOK_ORIGINALS_URL")


def test_a_share_that_is_not_there_is_told_as_everywhere(tmp_path: Path) -> None:
    (tmp_path / "share").rename(tmp_path / "away")
    with pytest.raises(StoreUnreachableError):
        require_what_is_shared()


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (404, "{}", ("HTTP 404", "Host: 127.0.0.1:4200")),
        (502, "", ("nie odpowiada", "ebok up")),
        (200, "<html>", ("coś innego", "EBOK_PREFECT_URL")),
    ],
)
def test_an_engine_that_is_not_the_main_machine_s_is_told(
    engine: Engine, status: int, body: str, words: tuple[str, ...]
) -> None:
    engine.status, engine.body = status, body
    _refused(engine.url, *words)


def test_an_engine_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, prefect_url=f"http://127.0.0.1:{free_port('127.0.0.1', 0)}")
    _refused("nie odpowiada", "tunel")


def test_the_doctor_says_whether_this_machine_may_join(engine: Engine) -> None:
    (found,) = doctor._joining()
    assert (found.code, found.holds, found.remedy) == ("joining", True, None)
    engine.status = 404
    (found,) = doctor._joining()
    assert not found.holds and "HTTP 404" in (found.remedy or "")


def test_the_doctor_compares_the_clock_with_the_register_s(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [one.holds for one in doctor._clock()] == [True]
    monkeypatch.setattr(doctor, "clock_ahead", lambda session: timedelta(minutes=1))
    (found,) = doctor._clock()
    assert not found.holds and "60.0 s" in found.message and "NTP" in (found.remedy or "")


def test_commands_on_a_machine_that_may_not_begin_end_with_one_sentence_and_leave_nothing_running(
    home: Path, engine: Engine
) -> None:
    engine.status = 404
    for command, word in (("worker", "HTTP 404"), ("up", "ebok worker")):
        done = run(command)
        assert done.returncode == 1
        assert word in done.stderr and "Traceback" not in done.stderr
    assert not (home / "running.json").exists()
    assert not (home / "prefect").exists()
