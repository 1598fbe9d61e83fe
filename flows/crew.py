"""Several documents processed side by side in one process, none stopping the others.

To the engine they are nothing of their own: what it shows of a document is told once it has ended (``flows.mirror``).
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from prefect import get_run_logger

from documents.states import State
from documents.tables import Document
from flows.arrival_order import waits
from flows.process_document import bring_forward

_FOR_OTHERS: Final = 6
"""Threads beside those of the documents at work."""
_MOST_RUNNING: Final = 4
"""So many times as many as may be at work may be under way, with those that wait for others."""


@dataclass
class Crew:
    """The runs under way for one owner; at most ``size`` are at work, others wait for those before them.

    ``ends`` counts how documents ended, ``failed`` names those with a fault, ``idle`` those that could not be had,
    ``ended`` all whose run is over.
    """

    owner: str
    size: int
    finished: Callable[[str], None] = lambda tracking: None
    running: dict[asyncio.Task[State | None], str] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    idle: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    _waiting: set[str] = field(default_factory=set)
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Each may wait in a thread for a reader; leases must be prolonged and documents claimed all the same."""
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(self.size + _FOR_OTHERS))

    @property
    def free(self) -> int:
        """How many more documents may be started now."""
        return min(self.size - len(self.at_work), self.size * _MOST_RUNNING - len(self.running))

    @property
    def at_work(self) -> set[str]:
        """The tracking numbers of the documents under way that do not wait for those before them."""
        return set(self.running.values()) - self._waiting

    def start(self, tracking: str, claimed: Document | None = None) -> None:
        """Begin a document's run; ``claimed`` is its row where the owner holds it already."""
        self.running[asyncio.create_task(self._run(tracking, claimed))] = tracking

    def stir(self) -> None:
        """Say that there may be something to start."""
        self._stirred.set()

    async def some_end(self, patience: float) -> None:
        """Wait until a run has ended or begun to wait for others, somebody stirs, or ``patience`` seconds are over."""
        stirred = asyncio.create_task(self._stirred.wait())
        done, _ = await asyncio.wait([*self.running, stirred], timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        stirred.cancel()
        self._stirred.clear()
        for task in [each for each in self.running if each in done]:
            self._take_down(task, self.running.pop(task))

    async def _run(self, tracking: str, claimed: Document | None) -> State | None:
        waits.set(self._wait)
        return await bring_forward(tracking, self.owner, claimed)

    def _wait(self, tracking: str, waiting: bool) -> None:
        if waiting:
            self._waiting.add(tracking)
            self.stir()
        else:
            self._waiting.discard(tracking)

    def _take_down(self, task: asyncio.Task[State | None], tracking: str) -> None:
        fault = task.exception()
        if fault is not None:
            self.failed.append(tracking)
            get_run_logger().error("Document %s met a fault and is tried again later: %s", tracking, _told(fault))
        elif (end := task.result()) is None:
            self.idle.append(tracking)
        else:
            self.ends[end.value] = self.ends.get(end.value, 0) + 1
        self.ended.append(tracking)
        self.finished(tracking)


def _told(fault: BaseException) -> str:
    """What it is and where it arose; its own words may quote what a customer wrote."""
    *_, last = traceback.extract_tb(fault.__traceback__)
    return f"{type(fault).__name__} in {Path(last.filename).name}, line {last.lineno}"
