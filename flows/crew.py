"""Several documents at work in one process, each in a flow run of its own, none stopping the others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

from prefect import get_run_logger
from prefect.client.schemas.objects import State as RunState

from flows.process_document import NOTHING_TO_DO, process_document

_FOR_OTHERS: Final = 6
"""Threads beside those of the documents at work."""


@dataclass
class Crew:
    """The runs under way for one owner.

    ``ends`` counts how documents ended, ``failed`` names those with a fault, ``idle`` those that could not be had,
    ``ended`` all whose run is over.
    """

    owner: str
    size: int
    finished: Callable[[str], None] = lambda tracking: None
    running: dict[asyncio.Task[RunState[Any]], str] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    idle: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Each may wait in a thread for a reader; leases must be prolonged and documents claimed all the same."""
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(self.size + _FOR_OTHERS))

    @property
    def free(self) -> int:
        """How many more documents may be started now."""
        return self.size - len(self.running)

    @property
    def at_work(self) -> set[str]:
        """The tracking numbers of the documents under way."""
        return set(self.running.values())

    def start(self, tracking: str) -> None:
        """Begin a document's run."""
        self.running[asyncio.create_task(_run(tracking, self.owner))] = tracking

    async def some_end(self, patience: float) -> None:
        """Wait until at least one run has ended or ``patience`` seconds are over."""
        if not self.running:
            await asyncio.sleep(patience)
            return
        done, _ = await asyncio.wait(self.running, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            self._take_down(task, self.running.pop(task))

    def _take_down(self, task: asyncio.Task[RunState[Any]], tracking: str) -> None:
        end = task.result()
        if not end.is_completed():
            self.failed.append(tracking)
            get_run_logger().error("Document %s ended in a fault; it is tried again later.", tracking)
        elif end.name == NOTHING_TO_DO:
            self.idle.append(tracking)
        else:
            name = end.name or "completed"
            self.ends[name] = self.ends.get(name, 0) + 1
        self.ended.append(tracking)
        self.finished(tracking)


async def _run(tracking: str, owner: str) -> RunState[Any]:
    """The end of a document's run, good or bad; the engine has logged a fault already."""
    end: RunState[Any] = await process_document(tracking, owner, return_state=True)
    return end
