"""What managers may ask of the engine by the company's proxy."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from flows.managers_way import ManagersWay, may_pass

RUN = "/api/flow_runs/6f1c3a52-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v2/runs"),
        ("GET", RUN),
        ("POST", "/api/flow_runs/filter"),
        ("POST", "/api/artifacts/latest/count"),
        ("POST", "/api/ui/flow_runs/history"),
        ("POST", "/api/events/count-by/time"),
        ("POST", "/api/work_pools/ebok/queues/filter"),
        ("POST", f"{RUN}/resume"),
        ("POST", "/api/deployments/6f1c3a52/create_flow_run"),
    ],
)
def test_looking_and_putting_to_work_again_pass(method: str, path: str) -> None:
    assert may_pass(method, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", RUN),
        ("PATCH", "/api/deployments/6f1c3a52"),
        ("PUT", "/api/automations/6f1c3a52"),
        ("POST", "/api/flow_runs/"),
        ("POST", "/api/flow_runs/bulk_set_state"),
        ("POST", "/api/flow_runs/bulk_delete"),
        ("POST", "/api/deployments/6f1c3a52/pause_deployment"),
        ("POST", "/api/deployments/6f1c3a52/create_flow_run/bulk"),
        ("POST", "/api/variables/"),
        ("POST", "/api/block_documents/"),
        ("POST", "/api/work_pools/ebok/get_scheduled_flow_runs"),
        ("POST", f"{RUN}/set_state/filter/../../bulk_delete"),
    ],
)
def test_all_else_is_refused(method: str, path: str) -> None:
    assert not may_pass(method, path)


async def engine(scope: dict[str, object], receive: object, send: object) -> None:
    """Answers with what it was sent."""
    request = Request(scope, receive)  # type: ignore[arg-type]
    await PlainTextResponse((await request.body()) or b"done")(scope, receive, send)  # type: ignore[arg-type]


@pytest.fixture
def asked() -> TestClient:
    """The engine, whose pages managers open at biuro.example.com:8444."""
    confined = ManagersWay(engine, "biuro.example.com:8444", own={"127.0.0.1", "localhost"})  # type: ignore[arg-type]
    return TestClient(confined)


@pytest.mark.parametrize(
    "name",
    [
        "biuro.example.com:8444",
        "BIURO.example.com:8444",
        "biuro.example.com",
        "biuro.example.com:4200",
        "biuro.example.com.:8444",
        "strange.example.com",
    ],
)
def test_by_no_name_but_the_machine_s_own_is_more_allowed(asked: TestClient, name: str) -> None:
    assert asked.delete(RUN, headers={"Host": name}).status_code == 403
    assert asked.delete(RUN, headers={"Host": "127.0.0.1:4200"}).text == "done"


@pytest.mark.parametrize(
    "body",
    [
        b'{"state": {"type": "CANCELLING"}}',
        b'{"state": {"type": "COMPLETED", "name": "SCHEDULED"}}',
        b'{"state": null}',
        b"[]",
        b"",
        b'{"state": {"type": "SCHEDULED"}}' + b" " * 70_000,
        b"[" * 60_000,
    ],
)
def test_a_run_is_put_to_work_again_and_given_no_other_state(asked: TestClient, body: bytes) -> None:
    headers = {"Host": "biuro.example.com:8444"}
    again = b'{"state": {"type": "SCHEDULED", "name": "AwaitingRetry"}, "force": true}'
    assert asked.post(f"{RUN}/set_state", headers=headers, content=again).content == again
    assert asked.post(f"{RUN}/set_state", headers=headers, content=body).status_code == 403
