"""The figures for a monitor: what they say, and who gets them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event

from api.app import create_app
from database import holders
from database.engine import get_engine, transaction
from environment.settings import get_settings
from flows.engine_setup import SWEEP

HERE = ("127.0.0.1", 40000)


@pytest.fixture
def monitor(sqlite_database: str) -> TestClient:
    """A program on this machine."""
    return TestClient(create_app(), base_url="http://127.0.0.1:8000", client=HERE)


def figures(client: TestClient) -> dict[tuple[str, ...], float]:
    """Each sample by its name and the values of its labels."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    families = list(text_string_to_metric_families(answer.text))
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def test_documents_messages_sweeps_disks_and_requests_are_told(
    monitor: TestClient, values: dict[str, object], home: Path
) -> None:
    with transaction() as session:
        holders.enter(session, "run a", SWEEP)
    sent = monitor.post("/api/v1/forms/einvoice_withdrawal/submissions", json=values)
    monitor.get(f"/api/v1/submissions/{sent.json()['tracking']}")
    monitor.get("/static/ebok.css")
    monitor.get("/nie/ma")
    told = figures(monitor)
    assert told["ebok_documents", "received"] == 1
    assert told["ebok_messages", "sent"] == 0
    assert told["ebok_messages_not_leaving",] == told["ebok_documents_stuck",] == 0
    assert told["ebok_sweep_alive",] == told["ebok_ready", "sweep"] == 1
    assert told["ebok_last_sweep_timestamp_seconds",] > told["ebok_oldest_waiting_timestamp_seconds",] - 60 > 0
    assert told["ebok_free_bytes", "EBOK_HOME"] > 0
    counted = {name[1:]: number for name, number in told.items() if name[0] == "ebok_http_request_seconds_count"}
    assert counted == {
        ("POST", "/api/v1/forms/einvoice_withdrawal/submissions", "202"): 1,
        ("GET", "/api/v1/submissions/{tracking}", "200"): 1,
        ("GET", "/static", "200"): 1,
        ("GET", "unknown", "404"): 1,
    }


@pytest.mark.usefixtures("sqlite_database")
def test_nothing_is_asked_twice_for_one_look(monitor: TestClient) -> None:
    figures(monitor)
    asked = list[tuple[str, str]]()

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        asked.append((statement, str(parameters)))

    event.listen(get_engine(), "before_cursor_execute", note)
    figures(monitor)
    event.remove(get_engine(), "before_cursor_execute", note)
    assert [one for one, times in Counter(asked).items() if times > 1] == []


def test_a_database_that_is_away_is_told_and_the_rest_stays(
    monitor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_DATABASE_URL", "postgresql://nobody:tajne@127.0.0.1:1/nothing")
    get_settings.cache_clear()
    told = figures(monitor)
    assert told["ebok_ready", "database"] == 0
    assert told["ebok_free_bytes", "EBOK_HOME"] > 0
    assert ("ebok_documents", "received") not in told


@pytest.mark.parametrize(
    ("client", "headers"),
    [
        (("203.0.113.9", 40000), {}),
        (HERE, {"X-Forwarded-For": "203.0.113.9"}),
        (HERE, {"Forwarded": "for=203.0.113.9"}),
    ],
)
def test_whoever_is_not_on_this_machine_finds_nothing(
    sqlite_database: str, client: tuple[str, int], headers: dict[str, str]
) -> None:
    asking = TestClient(create_app(), base_url="http://ebok.example", client=client, headers=headers)
    assert asking.get("/metrics").status_code == 404


@pytest.mark.usefixtures("sqlite_database")
def test_with_a_token_it_alone_opens_from_wherever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_METRICS_TOKEN", "tajny-znak")
    get_settings.cache_clear()
    asking = TestClient(create_app(), client=("203.0.113.9", 40000))
    assert asking.get("/metrics", headers={"Authorization": "Bearer tajny-znak"}).status_code == 200
    assert asking.get("/metrics", headers={"Authorization": "Bearer inny"}).status_code == 404
    assert TestClient(create_app(), client=HERE).get("/metrics").status_code == 404
