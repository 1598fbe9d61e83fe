"""A Prefect server for tests: a process of its own on a throw-away database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def running_engine(home: Path, patch: pytest.MonkeyPatch) -> Iterator[str]:
    """Start it, give the address of its API, stop it. It leaves out the services that only user interfaces need."""
    from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings  # noqa: PLC0415  it takes seconds
    from prefect.testing.utilities import prefect_test_harness  # noqa: PLC0415

    patch.setenv("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    patch.setenv("DO_NOT_TRACK", "1")
    for service in ("TASK_RUN_RECORDER", "EVENT_PERSISTER", "TRIGGERS"):
        patch.setenv(f"PREFECT_SERVER_SERVICES_{service}_ENABLED", "false")
    with temporary_settings({PREFECT_HOME: home}), prefect_test_harness(server_startup_timeout=120):
        yield PREFECT_API_URL.value()
