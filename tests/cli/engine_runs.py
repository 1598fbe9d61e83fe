"""What an owner of its authentication string asks the engine of a running `ebok up` for: deployments and runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import httpx

from tests.waiting import pause

ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


def filled(path: str) -> str:
    """A path of the schema with something in its blanks."""
    return "/".join(str(uuid4()) if "{" in part else part for part in path.split("/"))


def flow(engine: httpx.Client) -> str:
    return str(engine.get("flows/name/Przegląd").json()["id"])


def deploy(engine: httpx.Client, **told: Any) -> httpx.Response:
    asked = {"name": f"foreign-{uuid4()}", "flow_id": flow(engine), "work_pool_name": "ebok", **told}
    return engine.post("deployments/", json=asked)


def deployment(engine: httpx.Client, **told: Any) -> str:
    return str(deploy(engine, **told).raise_for_status().json()["id"])


def run_of(engine: httpx.Client, deployment: str, asked: Mapping[str, Any] = MappingProxyType({})) -> str:
    """A run of this deployment, asked for."""
    made = engine.post(f"deployments/{deployment}/create_flow_run", json=dict(asked)).raise_for_status()
    return str(made.json()["id"])


def end_of_run(engine: httpx.Client, run: str, marker: Path) -> dict[str, Any]:
    """The state in which this run ends, without the attack having made its mark."""
    while (found := state(engine, run))["type"] not in ENDED:
        assert not marker.exists()
        pause()
    assert not marker.exists()
    return found


def told_of(engine: httpx.Client, run: str) -> str:
    """The log of a run, of which the worker writes a part."""
    wanted = {"logs": {"flow_run_id": {"any_": [run]}}}
    return "\n".join(one["message"] for one in engine.post("logs/filter", json=wanted).json())


def state(engine: httpx.Client, run: str) -> dict[str, Any]:
    return dict(engine.get(f"flow_runs/{run}").json()["state"])
