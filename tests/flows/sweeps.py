"""Sweeps that tests begin, and waiting for what they bring about."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from prefect.client.schemas.objects import State as RunState

from database.engine import transaction
from documents import summaries
from environment.settings import get_settings
from flows import sweep
from flows.sweep import intake_sweep
from tests.waiting import pause


def look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sweeps look without pausing, and take files that have just come."""
    monkeypatch.setenv("EBOK_INTAKE_STABLE_SECONDS", "0")
    monkeypatch.setenv("EBOK_SWEEP_INTERVAL_SECONDS", "0.2")
    get_settings.cache_clear()


def sweep_once() -> RunState[Any]:
    """A sweep that works off what there is; its end."""
    end: RunState[Any] = asyncio.run(intake_sweep(return_state=True))  # type: ignore[arg-type]
    return end


def sweep_while(monkeypatch: pytest.MonkeyPatch, watch: Callable[[], None]) -> None:
    """A sweep whose time is over when `watch` has returned: a slow machine may use up any that is set in seconds."""
    over = Event()

    def to_the_end() -> None:
        try:
            watch()
        finally:
            over.set()

    monkeypatch.setattr(
        sweep, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + (3600.0 if over.is_set() else 0.0))
    )
    with ThreadPoolExecutor(1) as beside:
        watched = beside.submit(to_the_end)
        assert asyncio.run(intake_sweep(1800, return_state=True)).is_completed()  # type: ignore[call-overload]
        watched.result()


def wait(until: Callable[[], bool]) -> None:
    """Look again and again until it is so; a minute at most."""
    most = time.monotonic() + 60
    while not until():
        assert time.monotonic() < most, states()
        pause()


def states() -> dict[str, str]:
    """Where each document stands, by its number."""
    with transaction() as session:
        return {one.tracking: one.state for one in summaries.list_documents(session)}
