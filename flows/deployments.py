"""The deployments of prefect.yaml, as the engine's API takes them.

Prefect's own command imports itself and every flow to make them, which was a fifth of what a whole `ebok demo` takes of
the processor. Neither is needed: what it would look up in the flows stands beside their entrypoints.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml

from flows.engine_setup import DEPLOYMENTS

_NO_PARAMETERS: Final[dict[str, Any]] = {"title": "Parameters", "type": "object", "properties": {}}
_NOTHING: Final = (
    *("version", "version_info", "path", "work_queue_name", "storage_document_id", "infrastructure_document_id"),
    *("concurrency_limit", "concurrency_options"),
)
"""What none of ours has."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One deployment: the name of its flow, and what is told of it, but for that flow's number."""

    flow: str
    told: dict[str, Any]


def wanted_deployments() -> Iterator[Wanted]:
    """All of them; nothing is left out, so that what an older version or a stranger said goes."""
    for one in yaml.safe_load(DEPLOYMENTS.read_text(encoding="utf-8"))["deployments"]:
        schedules = [{"active": True, "schedule": schedule} for schedule in one.get("schedules", ())]
        yield Wanted(
            one["flow_name"],
            {
                "name": one["name"],
                "description": one["description"],
                "entrypoint": one["entrypoint"],
                "work_pool_name": one["work_pool"]["name"],
                "tags": one.get("tags", []),
                "parameters": one.get("parameters", {}),
                "parameter_openapi_schema": one.get("parameter_openapi_schema", _NO_PARAMETERS),
                "enforce_parameter_schema": True,
                "schedules": schedules,
                "job_variables": {},
                "labels": {},
                "pull_steps": [],
                "paused": False,
                **dict.fromkeys(_NOTHING),
            },
        )
