"""The sweep's own work in one process without the workflow engine: flows and tasks as the plain functions they are."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from prefect import Flow, Task
from prefect.states import Failed

from documents.originals import hash_file
from environment import clock
from flows import crew, daily_report, ingestion, lease, message_sending, nightly, process_document, steps, sweep
from ocr.errors import DocumentError
from ocr.results import FileReading

Readings = Mapping[str, FileReading | DocumentError]
"""What a reader would find in a file, or why it is unusable, by the SHA-256 of its bytes."""

_FLOWS = (crew, message_sending, ingestion, lease, nightly, process_document, daily_report, steps, sweep)


def without_engine(readings: Readings) -> None:
    """Let flows of this process ask no engine, and know what stands in files without a reader."""
    for module in _FLOWS:
        for name, value in list(vars(module).items()):
            if isinstance(value, Flow | Task):
                setattr(module, name, _plain(value.fn))
            elif name == "get_run_logger":
                setattr(module, name, lambda: logging.getLogger("flows"))
            elif name.startswith("acreate_"):
                setattr(module, name, _nothing)

    def read_file(original: BinaryIO, **_: Any) -> FileReading:
        return _found(readings, hashlib.sha256(original.read()).hexdigest())

    def check_whole(path: Path) -> bool:
        _found(readings, hash_file(path))
        return True

    vars(sweep)["Mirror"] = _Nobody
    for module, name, value in ((steps, "read_file", read_file), (sweep, "check_whole", check_whole)):
        setattr(module, name, value)


def sweep_once() -> None:
    """One sweep that works off what there is."""
    asyncio.run(sweep.intake_sweep(0))


def later(ahead: timedelta) -> None:
    """Let the clock of this process be so much ahead."""

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + ahead

    vars(clock)["datetime"] = Later


class _Nobody:
    """Who would show documents in the engine."""

    def __init__(self, *_: Any) -> None:
        """Nothing."""

    async def end(self) -> None:
        """Nothing."""


def _found(readings: Readings, sha256: str) -> FileReading:
    found = readings[sha256]
    if isinstance(found, DocumentError):
        raise found
    return found


def _plain(function: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def called(*arguments: Any, return_state: bool = False, **named: Any) -> Any:
        try:
            return await function(*arguments, **named)
        except Exception as fault:
            if return_state:
                logging.getLogger("flows").exception("a fault")
                return Failed(message=type(fault).__name__)
            raise

    return called


async def _nothing(*_arguments: Any, **_named: Any) -> None:
    """Where the engine would be told something."""
