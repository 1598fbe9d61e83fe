"""A disk that fills up while something comes in: its sender is told in our own shape, and nothing is half kept."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from api import receiving
from api.problems import PROBLEM_JSON
from database.engine import get_engine, transaction
from documents import originals
from documents.summaries import list_documents
from tests.api.pictures import picture


@pytest.fixture
def full_database(sqlite_database: str) -> Iterator[None]:
    """A database on whose disk there is room for nothing more."""
    engine = get_engine()

    def fill(connection: object, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # type: ignore[attr-defined]  # that is: as large as it is

    event.listen(engine, "connect", fill)
    engine.dispose()
    yield
    event.remove(engine, "connect", fill)
    engine.dispose()


def refused(client: TestClient, place: str = "/api/v1/uploads") -> None:
    answer = client.post(place, files={"file": ("skan.jpg", picture("JPEG"))})
    assert (answer.status_code, answer.headers["content-type"]) == (507, PROBLEM_JSON)
    assert answer.headers["retry-after"] == "3600"
    assert "nic nie zostało zapisane" in answer.json()["detail"]


@pytest.mark.parametrize(("where", "name"), [(shutil, "copyfileobj"), (receiving, "store_file"), (originals, "sealed")])
def test_a_disk_that_fills_up_on_the_way_of_a_file_is_told_and_leaves_nothing(
    lone_client: TestClient, home: Path, monkeypatch: pytest.MonkeyPatch, where: object, name: str
) -> None:
    def fill(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(where, name, fill)
        refused(lone_client)
    with transaction() as session:
        assert list_documents(session) == ()
    assert [path for path in (home / "originals").rglob("*") if path.is_file()] == []
    assert lone_client.post("/api/v1/uploads", files={"file": ("a.jpg", picture("JPEG"))}).status_code == 202


@pytest.mark.usefixtures("full_database")
def test_a_database_that_cannot_grow_is_told_as_the_same(lone_client: TestClient, values: dict[str, object]) -> None:
    place = "/api/v1/forms/einvoice_withdrawal/submissions"
    answers = [lone_client.post(place, json={**values, "house": str(number)}) for number in range(12)]
    assert answers[-1].status_code == 507, "rows are kept until the pages that are there are full"
    assert {answer.status_code for answer in answers} <= {202, 507}


def test_another_trouble_of_files_stays_a_fault_of_ours(
    lone_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(receiving, "store_file", fail)
    answer = lone_client.post("/api/v1/uploads", files={"file": ("a.jpg", picture("JPEG"))})
    assert (answer.status_code, answer.json()["title"]) == (500, "Błąd po naszej stronie")
