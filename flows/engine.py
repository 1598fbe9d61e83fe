"""How the workflow engine is set up; no import of Prefect here, its settings must stand before it is imported."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from database.settings import get_settings

WORK_POOL: Final = "ebok"
DEPLOYMENTS: Final = Path(__file__).with_name("prefect.yaml")
"""The deployments; in the repository a link to the file at its root, so that they are installed with this package."""

_NEEDED_BY_NOBODY: Final = (
    "TASK_RUN_RECORDER",
    "EVENT_PERSISTER",
    "TRIGGERS",
    "SCHEDULER",
    "LATE_RUNS",
    "FOREMAN",
    "CANCELLATION_CLEANUP",
    "PAUSE_EXPIRATIONS",
    "REPOSSESSOR",
)


def engine_environment(api_url: str | None = None) -> dict[str, str]:
    """Environment variables for Prefect, its server and its workers: all state in our home, nothing told to anybody.

    ``api_url`` is the address of a running server; without it Prefect starts a temporary one beside the process, and
    that one does without the services that only schedules and the user interface need: on SQLite each of them makes
    requests fail that Prefect then repeats after two seconds.
    """
    home = (get_settings().home / "prefect").absolute()
    environment = {
        "PREFECT_HOME": str(home),
        # Otherwise its server copies the user interface into the installation, which a service user may not write.
        "PREFECT_UI_STATIC_DIRECTORY": str(home / "ui"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_LEVEL": "WARNING" if api_url is None else "INFO",
        # After a pause of the whole machine only the next few sweeps are late, not those of an hour.
        "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_RUNS": "2",
        "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME": "00:01:00",
        "PREFECT_WORKER_QUERY_SECONDS": "5",
        # Task runs are written in bundles: on SQLite each write makes others fail, to be repeated after two seconds.
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "5",
    }
    if api_url is not None:
        environment["PREFECT_API_URL"] = api_url
    else:
        environment["PREFECT_SERVER_ALLOW_EPHEMERAL_MODE"] = "true"
        environment["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"] = "120"
        environment |= {f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in _NEEDED_BY_NOBODY}
    return environment


def set_up_engine(api_url: str | None = None) -> None:
    """Put the engine's settings in force in this process, before Prefect is imported."""
    os.environ.pop("PREFECT_API_URL", None)
    os.environ.update(engine_environment(api_url))
