"""Prefect's process worker, restricted to one command and our flows whatever the server's database says."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from prefect import Flow
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import FlowRun
from prefect.flows import load_flow_from_entrypoint
from prefect.settings import get_current_settings
from prefect.utilities.processutils import setup_signal_handlers_worker
from prefect.workers import process

from environment.machine import machine_name
from environment.settings import get_settings
from flows.engine_setup import MOST_RUNS, RUN_COMMAND, WORK_POOL
from flows.entrypoints import entrypoint_of


class OurConfiguration(process.ProcessJobConfiguration):
    """How a run is started: always the same. The pool's template says so too, but whoever signs in may change that."""

    @classmethod
    async def from_template_and_values(
        cls, base_job_template: dict[str, Any], values: dict[str, Any], client: PrefectClient | None = None
    ) -> OurConfiguration:
        """The one configuration; neither template nor job variables are looked at."""
        return cls(command=RUN_COMMAND)


async def load_ours(flow_run: FlowRun) -> Flow[..., Any]:
    """The flow of a run, for its hooks; RefusedRunError when it is none of ours."""
    async with get_client() as client:
        deployment = await client.read_deployment(flow_run.deployment_id) if flow_run.deployment_id else None
    return load_flow_from_entrypoint(entrypoint_of(deployment), use_placeholder_flow=False)


def _queues() -> list[str]:
    """What was asked of this machine and, unless it joins another one, what was asked of none.

    That is what people start and what has its hour: it is about the places of the main machine, too.
    """
    return [machine_name()] if get_settings().joins_another else ["default", machine_name()]


def main() -> None:
    """Work until a signal ends it."""
    # The worker loads a flow into itself for the hooks of a run that crashed or was cancelled: with what the database
    # has as its steps, shell commands among them. There is no setting for that.
    process.load_flow_from_flow_run = load_ours  # type: ignore[assignment,attr-defined]
    setup_signal_handlers_worker(os.getpid(), "the worker", print)
    settings = get_current_settings().worker
    worker = process.ProcessWorker(
        WORK_POOL,
        name=machine_name(),
        work_queues=_queues(),
        limit=MOST_RUNS,
        prefetch_seconds=settings.prefetch_seconds,
        heartbeat_interval_seconds=int(settings.heartbeat_seconds),
        create_pool_if_not_found=False,
    )
    worker.job_configuration = OurConfiguration
    asyncio.run(worker.start())
