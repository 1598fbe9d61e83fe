"""Alive and ready."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from fastapi.testclient import TestClient

from api.app import create_app
from database.upgrading import upgrade
from environment.settings import get_settings


def test_the_process_is_alive_even_without_a_database(home: Path) -> None:
    assert TestClient(create_app()).get("/healthz").json() == {"status": "ok"}


def test_a_migrated_database_and_writable_folders_are_ready(home: Path) -> None:
    upgrade()

    answer = TestClient(create_app()).get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "parts": {"database": "ok", "originals": "ok"}}


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
    assert "secret.key" in answer.json()["parts"]["database"]


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
