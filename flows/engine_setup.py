"""Setting up the workflow engine. Prefect is not imported here: its settings must be in place before it is."""

from __future__ import annotations

import ipaddress
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from database.workflow_schema import ADDRESS, workflow_database
from environment import running
from environment.settings import get_settings
from flows.authentication import authentication_string

WORK_POOL: Final = "ebok"
SWEEP: Final = running.SWEEP
"""The flow that looks for work is called as its runs are."""
RUN_COMMAND: Final = shlex.join((sys.executable, "-P", "-m", "flows.run"))
"""The one command that a flow run is; the folder it starts in is no place to import from."""
ONE_DOCUMENT: Final = "process-document"
MESSAGES: Final = "deliver-messages"
RUNS: Final = (SWEEP, ONE_DOCUMENT, MESSAGES)
"""The flows whose runs hold documents or messages and are the engine's own."""
_RUN: Final = "run "
MOST_RUNS: Final = 6
"""Flow runs of deployments at once: runs that hang must not fill the machine's memory with their successors."""
BASE_JOB_TEMPLATE: Final[dict[str, Any]] = {
    # No `env`, not even an empty one: Prefect would merge that of a deployment or a run into it.
    "job_configuration": {"command": RUN_COMMAND, "stream_output": True},
    "variables": {"type": "object", "properties": {}, "additionalProperties": False},
}
"""How the work pool starts a run: no deployment and no run may have it otherwise."""
DEPLOYMENTS: Final = Path(__file__).with_name("prefect.yaml")
"""The deployments; in the repository a link to the file at its root, so that they are installed with this package."""
AUTOMATIONS: Final = Path(__file__).with_name("automations.yaml")
"""What it does by itself when something happens."""

_NOBODY: Final = "http://ebok.invalid"
_NOT_INHERITED: Final = ("PREFECT_API_URL", "PREFECT_API_KEY")
"""A key of Prefect's cloud would be sent instead of our authentication string."""
_OF_NO_USE: Final = ("PAUSE_EXPIRATIONS", "REPOSSESSOR", "TASK_RUN_RECORDER")
"""Services for what none of our flows does: pauses that expire, limits of concurrency, task runs.

Documents that wait for a clerk are paused runs: the first would read all of them every few seconds.
"""
_OF_ONE_COMMAND_NEITHER: Final = (
    *("EVENT_PERSISTER", "TRIGGERS", "SCHEDULER", "LATE_RUNS", "FOREMAN", "CANCELLATION_CLEANUP"),
    "CLEANUP_RECONCILER",
)
_LOOKS: Final = {
    **{
        f"PREFECT_SERVER_SERVICES_{name}_LOOP_SECONDS": "300"
        for name in ("LATE_RUNS", "FOREMAN", "CANCELLATION_CLEANUP", "CLEANUP_RECONCILER", "SCHEDULER")
    },
    "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "60",
}
"""Services that look for what seldom is there, which they would do every few seconds."""


def engine_environment(api_url: str, *, temporary: bool = False) -> dict[str, str]:
    """Environment variables for Prefect, its server and its workers: all state in our home, nothing told to anybody.

    ``api_url`` is the address of the server, which asks for the authentication string. A ``temporary`` one, of a single
    command, does without the services that only schedules and the user interface need.
    """
    secret = authentication_string()
    folder = (get_settings().home / "prefect").absolute()
    environment = {
        "PREFECT_API_URL": api_url,
        "PREFECT_HOME": str(folder),
        # Otherwise its server copies the user interface into the installation, which a service user may not write.
        "PREFECT_UI_STATIC_DIRECTORY": str(folder / "ui"),
        "PREFECT_SERVER_API_AUTH_STRING": secret,
        "PREFECT_API_AUTH_STRING": secret,
        # The user interface asks for its data where it came from itself; pages of no other origin may.
        "PREFECT_SERVER_UI_API_URL": "/api",
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": _NOBODY if temporary else api_url.removesuffix("/api"),
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        # Its many threads would each keep room of their own that was used once.
        "MALLOC_ARENA_MAX": "2",
        "PREFECT_LOGGING_LEVEL": "WARNING" if temporary else "INFO",
        # After a pause of the whole machine only the next few sweeps are late, not those of an hour.
        "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_RUNS": "2",
        "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME": "00:01:00",
        "PREFECT_WORKER_QUERY_SECONDS": "10",
        # What is told to the engine comes together for so long.
        "PREFECT_LOGGING_TO_API_BATCH_INTERVAL": "10",
        **_LOOKS,
        **{f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in _OF_NO_USE},
        # Events are written in bundles: on SQLite one writes at a time.
        "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "100",
        "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
        "PREFECT_SERVER_SERVICES_TRIGGERS_READ_BATCH_SIZE": "100",
    }
    if not temporary:
        environment |= vacuum_environment()
    else:
        environment |= {f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in _OF_ONE_COMMAND_NEITHER}
    return environment


def vacuum_environment() -> dict[str, str]:
    """What the engine forgets by its own service: runs with their logs and artifacts, and events."""
    days = get_settings().engine_days
    return {
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(days * 86_400),
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": f"P{days}D",
    }


def children_environment(ours: Mapping[str, str], api_url: str, *, temporary: bool = False) -> dict[str, str]:
    """The environment of processes that belong to the engine at this address."""
    inherited = {name: value for name, value in ours.items() if name not in _NOT_INHERITED}
    return {**inherited, **engine_environment(api_url, temporary=temporary)}


def server_command(factory: str, host: str, port: int, *, log_level: str) -> tuple[str, ...]:
    """What starts the engine's server made by that function of ``flows.server``: a module and its arguments."""
    return ("flows", "server", factory, host, str(port), log_level)


def server_environment(ours: Mapping[str, str], api_url: str, *, temporary: bool = False) -> dict[str, str]:
    """The environment of the engine's server at this address, which alone knows where its tables are.

    An administrator who has set ``PREFECT_SERVER_DATABASE_CONNECTION_URL`` has chosen himself. SchemaRefusedError when
    our database refuses it a place.
    """
    its_tables = {} if ADDRESS in ours else workflow_database()
    return {**children_environment(ours, api_url, temporary=temporary), **its_tables}


def set_up_engine(api_url: str, *, temporary: bool = False) -> None:
    """Put the settings of the engine at this address in force in this process, before Prefect is imported."""
    for name in _NOT_INHERITED:
        os.environ.pop(name, None)
    os.environ.update(engine_environment(api_url, temporary=temporary))


def hand_over_logs() -> None:
    """Send what this process has logged for the engine's pages, before a server of its own ends.

    Otherwise the process tries that when it ends itself: for more than a minute, and tells the user of the failure.
    """
    if "prefect" in sys.modules:
        from prefect.logging.handlers import APILogHandler  # noqa: PLC0415  it takes seconds

        APILogHandler().flush()


def owner_of(run: object) -> str:
    """The name under which the run of that number holds documents."""
    return f"{_RUN}{run}"


def run_of(owner: str) -> str:
    """The number of the run that holds documents under that name."""
    return owner.removeprefix(_RUN)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    try:
        return host == "localhost" or ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        return False
