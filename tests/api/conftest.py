"""What the tests of the API share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api import answer_time
from tests.application import application
from tests.fifth_form import fifth_form

__all__ = ["fifth_form"]


@pytest.fixture
def _answers_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer is held back so that its time tells nothing; ``test_answer_time`` sees to that."""
    monkeypatch.setattr(answer_time, "FLOOR", 0.0)


@pytest.fixture
def client(database: str, _answers_at_once: None) -> Iterator[TestClient]:
    """The application on a fresh database of each kind, as a sender sees it."""
    with TestClient(application(), base_url="http://ebok.example") as talking:
        yield talking


@pytest.fixture
def lone_client(sqlite_database: str, _answers_at_once: None) -> Iterator[TestClient]:
    """The application where the kind of database does not matter."""
    with TestClient(application(), base_url="http://ebok.example") as talking:
        yield talking


@pytest.fixture
def values() -> dict[str, object]:
    """A withdrawal that has no fault."""
    return {
        "customer_no": "10000017",
        "name": "Janina Wymyślona",
        "street": "Przykładowa",
        "house": "12a",
        "postcode": "66470",
        "town": "Kostrzyn nad Odrą",
        "date_signed": "15.01.2026",
    }
