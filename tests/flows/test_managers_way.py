"""What managers may ask of the engine by the company's proxy."""

from __future__ import annotations

import pytest

from flows.managers_way import may_pass

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
        ("POST", f"{RUN}/set_state"),
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
