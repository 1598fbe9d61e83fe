"""Alive and ready."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from fastapi.testclient import TestClient

from api.app import create_app
from cli.processes import Child
from cli.running import note
from confirmations.outbox import enqueue
from confirmations.tables import Medium, Message
from database import holders
from database.engine import transaction
from database.upgrading import upgrade
from environment import clock
from environment.settings import get_settings
from flows.engine_setup import SWEEP


def test_the_process_is_alive_even_without_a_database(home: Path) -> None:
    assert TestClient(create_app()).get("/healthz").json() == {"status": "ok"}


PARTS = ["database", "key", "originals", "disk", "inbox", "sweep", "mail"]


@pytest.fixture
def ready(sqlite_database: str) -> TestClient:
    """An installation in which a sweep lives."""
    with transaction() as session:
        holders.enter(session, "run a", SWEEP)
    return TestClient(create_app())


def not_ready(client: TestClient) -> dict[str, str]:
    """What is told of the parts that are not ready."""
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "not_ready")
    assert list(answer.json()["parts"]) == PARTS
    return {part: told for part, told in answer.json()["parts"].items() if told != "ok"}


def test_a_house_in_which_all_works_is_ready(ready: TestClient) -> None:
    answer = ready.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "parts": dict.fromkeys(PARTS, "ok")}


def test_who_only_serves_pages_asks_for_what_pages_need(sqlite_database: str) -> None:
    client = TestClient(create_app())
    assert list(not_ready(client)) == ["sweep"]
    asked = client.get("/readyz", params={"part": ["database", "originals"]})
    assert (asked.status_code, asked.json()["parts"]) == (200, {"database": "ok", "originals": "ok"})
    assert client.get("/readyz?part=nic").status_code == 422


def test_a_sweep_that_gives_no_sign_is_told_with_its_last_one_but_not_between_two(
    ready: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ready.get("/readyz").status_code == 200
    with transaction() as session:
        holders.leave(session, "run a")
    assert ready.get("/readyz").status_code == 200
    later = clock.now() + timedelta(minutes=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    (told,) = not_ready(ready).values()
    assert re.match(r"Żaden przegląd nie pracuje \(ostatni znak życia: \d\d\.\d\d\.\d{4} \d\d:\d\d\)", told)
    assert ready.get("/readyz").status_code == 503, "that it was asked in between makes nothing alive"


def test_a_full_disk_is_told_with_the_room_that_is_left(ready: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_LEAST_FREE_BYTES", str(10**18))
    get_settings.cache_clear()
    (told,) = not_ready(ready).values()
    assert "EBOK_HOME: " in told and " MB" in told


def test_a_scan_folder_that_is_gone_is_told(ready: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_INBOX_DIR", str(tmp_path / "skany"))
    get_settings.cache_clear()
    assert "EBOK_INBOX_DIR" in not_ready(ready)["inbox"]
    monkeypatch.setenv("EBOK_INBOX_DIR", str(tmp_path / ("s" * 300)))  # as a share whose server is gone answers
    get_settings.cache_clear()
    assert "EBOK_INBOX_DIR" in not_ready(ready)["inbox"]
    monkeypatch.setenv("EBOK_INBOX_DIR", str(tmp_path / "skany"))
    get_settings.cache_clear()
    (tmp_path / "skany").mkdir()
    assert ready.get("/readyz").status_code == 200


def test_messages_that_do_not_leave_are_told_but_not_one_that_is_put_off_for_itself(ready: TestClient) -> None:
    long_ago = clock.now() - timedelta(hours=2)
    with transaction() as session:
        for number, (attempts, fault) in enumerate([(1, "recipient_deferred: pełna skrzynka"), (0, None)]):
            enqueue(session, key=f"a{number}", tracking="K7M4PX9A", channel=Medium.EMAIL, recipient="a@b.example",
                    template="received", context={})  # fmt: skip
            message = session.query(Message).filter_by(key=f"a{number}").one()
            message.attempts, message.last_error, message.created_at = attempts, fault, long_ago
            message.next_attempt_at = clock.now() + timedelta(minutes=1)
    assert ready.get("/readyz").status_code == 200
    with transaction() as session:
        session.query(Message).filter_by(key="a1").one().last_error = "server_unreachable: nie odpowiada"
    (told,) = not_ready(ready).values()
    assert "Wiadomości nie wychodzą: 1," in told


def test_a_process_of_the_house_that_ended_is_named(ready: TestClient, home: Path) -> None:
    child = Child("worker", ("sleep", "600"), os.environ, home / "worker.log")
    child.start()
    note({}, "http://127.0.0.1:1/api", [child])
    assert ready.get("/readyz").json()["parts"]["processes"] == "ok"
    child.await_end(0)
    told = ready.get("/readyz").json()["parts"]["processes"]
    assert told.startswith("Nie działa: worker.")


def test_a_database_without_tables_is_not_ready(home: Path) -> None:
    answer = TestClient(create_app()).get("/readyz")

    assert answer.status_code == 503
    assert "ebok up" in answer.json()["parts"]["database"]


def test_a_database_of_another_key_is_not_ready(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade()
    monkeypatch.setenv("EBOK_SECRET_KEY", Fernet.generate_key().decode())
    get_settings.cache_clear()

    answer = TestClient(create_app()).get("/readyz")

    assert answer.status_code == 503
    assert "secret.key" in answer.json()["parts"]["key"]


def test_a_database_that_does_not_answer_is_not_ready(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_DATABASE_URL", "postgresql://nobody:tajne@127.0.0.1:1/nothing")
    get_settings.cache_clear()

    answer = TestClient(create_app()).get("/readyz")

    assert answer.status_code == 503
    assert "EBOK_DATABASE_URL" in answer.json()["parts"]["database"]
    assert "tajne" not in answer.text


def test_a_home_that_cannot_hold_files_is_not_ready(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade()
    (home / "originals").write_text("a file where a folder should be")

    answer = TestClient(create_app()).get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["parts"]["originals"] != "ok"


def test_a_sender_is_asked_to_come_back_while_the_database_is_away(
    home: Path, values: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_DATABASE_URL", "postgresql://nobody:tajne@127.0.0.1:1/nothing")
    get_settings.cache_clear()

    answer = TestClient(create_app()).post("/api/v1/forms/einvoice_withdrawal/submissions", json=values)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
    assert "Nic nie zostało zapisane" in answer.json()["detail"]
