"""The runs that show documents, as calls of the engine's API; names, tags and states are those of ``flows.wording``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, cast
from uuid import UUID, uuid4

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import ArtifactCreate
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterId,
    FlowRunFilterState,
)
from prefect.client.schemas.objects import FlowRun, StateDetails, StateType
from prefect.client.schemas.objects import State as RunState

from documents.showing import DocumentStanding, StateChange
from environment import clock
from flows.overview import Overview
from flows.process_document import DONE_AGAIN, NOTHING_TO_DO
from flows.wording import STATE_NAMES, event_name, in_words, shown

MOST: Final = 100
"""So many runs the engine makes at most in one go."""
_MAKE: Final = "/deployments/{id}/create_flow_run/bulk"
_LONGEST: Final = timedelta(minutes=15)
"""A run of one document that takes longer is dead."""
_KEPT: Final = timedelta(hours=1)
"""So long stays a run by which a human had a document done again, beside the one that shows it."""
_LIVE: Final = (StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)
_FOREIGN_TYPES: Final = (StateType.SCHEDULED, StateType.RUNNING, StateType.CANCELLING, StateType.CRASHED)
"""Types of states in which no document is shown, and below names of such states of other types."""
_FOREIGN_NAMES: Final = (
    *("Completed", "Failed", "Cancelled", "Paused", "Suspended", "Pending", "TimedOut", "Refused"),
    *("Submitting", "InfrastructurePending", DONE_AGAIN, NOTHING_TO_DO),
)


async def make(
    client: PrefectClient, deployment: UUID, documents: Sequence[DocumentStanding]
) -> dict[str, DocumentStanding]:
    """A run for each, in one request; each document by its run. One that has a run already gets that one as it is."""
    asked = [_asked(one) for one in documents]
    answer = await client.request("POST", cast("Any", _MAKE), path_params={"id": deployment}, json=asked)
    results = answer.json()["results"]
    return {made["flow_run_id"]: one for made, one in zip(results, documents, strict=True) if made["flow_run_id"]}


async def read(client: PrefectClient, runs: Iterable[str]) -> dict[str, FlowRun]:
    """Those that are there."""
    wanted = FlowRunFilter(id=FlowRunFilterId(any_=[UUID(run) for run in runs]))
    return {str(run.id): run for run in await client.read_flow_runs(flow_run_filter=wanted, limit=2 * MOST)}


async def bring_up_to_date(client: PrefectClient, run: FlowRun, document: DocumentStanding) -> bool:
    """Have a run show its document as that stands now; whether its state was another one before."""
    now = shown(document)
    if run.name != now.name or set(run.tags) != set(now.tags):
        await client.update_flow_run(run.id, name=now.name, tags=now.tags)
    if run.state is not None and (run.state.type, run.state.name, run.state.message) == (
        now.type,
        now.state,
        now.message,
    ):
        return False
    details = StateDetails(pause_reschedule=now.resumes_anew)
    state = RunState[Any](type=now.type, name=now.state, message=now.message, state_details=details)
    await client.set_flow_run_state(run.id, state, force=True)
    return True


async def tell(client: PrefectClient, runs: Mapping[int, str], steps: Sequence[StateChange]) -> None:
    """How each document (by whose number ``runs`` names the run that shows it) came to stand so, in one request.

    That is one event a document: each would be a seventh of all that the engine keeps of it.
    """
    taken = dict[int, list[StateChange]]()
    for step in steps:
        taken.setdefault(step.document, []).append(step)
    if taken:
        events = [_event(way, runs[document]) for document, way in taken.items()]
        await client.request("POST", cast("Any", "/events"), json=events)


async def lay(client: PrefectClient, run: str, tracking: str, table: Overview) -> None:
    """Lay a table of the fields, masked, beside a run."""
    artifact = ArtifactCreate(
        key=tracking.lower(),
        type="table",
        description=table.description,
        data=json.dumps(table.rows, ensure_ascii=False),
        flow_run_id=UUID(run),
    )
    await client.create_artifact(artifact)


def goes_on(run: FlowRun) -> bool:
    """Whether somebody has this document done again just now, or waits for that."""
    state = run.state
    if state is None or state.type not in _LIVE or state.name in STATE_NAMES:
        return False
    return state.type is StateType.SCHEDULED or abs(clock.now() - state.timestamp) < _LONGEST


async def changed_elsewhere(client: PrefectClient, deployment: UUID) -> list[str]:
    """Documents whose runs are over without showing them, for somebody changed that; other runs that are over go."""
    wanted = FlowRunFilter(
        deployment_id=FlowRunFilterDeploymentId(any_=[deployment]),
        state=FlowRunFilterState.model_validate(
            {"operator": "or_", "type": {"any_": _FOREIGN_TYPES}, "name": {"any_": _FOREIGN_NAMES}}
        ),
    )
    found = await client.read_flow_runs(flow_run_filter=wanted, limit=2 * MOST)
    over = [run for run in found if not goes_on(run)]
    for run in over:
        if run.idempotency_key is None and run.end_time is not None and abs(clock.now() - run.end_time) > _KEPT:
            await client.delete_flow_run(run.id)
    return [run.idempotency_key for run in over if run.idempotency_key is not None]


def _event(way: Sequence[StateChange], run: str) -> dict[str, Any]:
    step = way[-1]
    return {
        "id": str(uuid4()),
        "occurred": step.at.isoformat(),
        "event": event_name(step.after),
        "resource": {"prefect.resource.id": f"ebok.sprawa.{step.tracking}", "prefect.resource.name": step.tracking},
        "related": [{"prefect.resource.id": f"prefect.flow-run.{run}", "prefect.resource.role": "flow-run"}],
        "payload": in_words(way),
    }


def _asked(one: DocumentStanding) -> dict[str, Any]:
    now = shown(one)
    return {
        "name": now.name,
        "tags": list(now.tags),
        "idempotency_key": one.tracking,
        "parameters": {"tracking": one.tracking},
        "enforce_parameter_schema": False,
        "state": {
            "type": now.type.value,
            "name": now.state,
            "message": now.message,
            "state_details": {"pause_reschedule": now.resumes_anew},
        },
    }
