"""Looking for work: new files in the scan folder, open documents, messages that are due."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from prefect import flow, get_run_logger
from prefect.artifacts import acreate_markdown_artifact
from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed

from audit.verification import BrokenTrailError, note_end
from confirmations.bounce_polling import look_into_mailbox
from database.engine import DatabaseUnreachableError, passing_transaction, reading
from documents import leases, loading
from documents.folder import ScanFolder, ScanFolderError
from documents.tables import Document
from environment import clock
from environment.settings import get_settings
from flows import names
from flows.crew import Crew
from flows.engine_setup import SWEEP
from flows.lease import alive
from flows.message_sending import Deliverer
from flows.mirror import Mirror
from flows.wording import FAULT, state_name
from readers.looks import check_whole

_GLANCE: Final = 1.0
"""Most seconds between looks at what is going on."""
_LEAST: Final = 0.05
"""Least seconds between looks whether something came."""
_AT_REST: Final = 2.0
"""As many while nothing goes on: what comes in by the web waits for half of it."""
_EARLY: Final = 30.0
"""Most seconds by which a scheduled sweep may begin before its time."""
_AGAIN: Final = 5.0
"""Seconds after which a sweep that could not look for work tries again."""
_ENOUGH: Final = 5.0
"""After so many seconds a look begins no further file: the next one sees what came meanwhile, perhaps to go first."""


def _watch(every_seconds: float) -> float:
    """For how many seconds to watch: until the next scheduled sweep takes over; 0 for a sweep that is not to."""
    if not every_seconds:
        return 0.0
    left = every_seconds - clock.now().timestamp() % every_seconds
    # One that begins just before its time must not take itself for the one before: rather two watch for a while.
    return left + (every_seconds if left < min(every_seconds / 10, _EARLY) else 0.0)


@flow(name=names.SWEEP, flow_run_name=names.told_from(names.SWEEP))
async def intake_sweep(every_seconds: float = 0) -> RunState[dict[str, int]]:
    """Take in what lies in the scan folder and bring every open document as far as it gets without a human.

    A sweep that is scheduled ``every_seconds`` stays and watches until the next one begins; 0 works off what there is
    and ends. A document that fails stops no other, nor does a register that is away for a while: then it is looked for
    work again later. Documents of a killed run come again once it is known to be over. Sweeps may overlap: leases part
    the documents, the folder and the outbox part the files and messages.
    """
    # Counted by a clock that nobody puts back.
    end = time.monotonic() + _watch(every_seconds)
    async with alive(SWEEP) as owner:
        crew = Crew(owner, get_settings().sweep_parallel)
        intake = _Intake(ScanFolder(owner=owner) if get_settings().takes_scans else None, crew.stir)
        mailbox, deliverer, mirror = _Mailbox(), Deliverer(owner), Mirror(owner, get_run_logger())
        if not every_seconds:
            await intake.look()
        await _Watch(crew, intake, mailbox, deliverer, end).keep(watching=bool(every_seconds))
        await deliverer.finish()
        await mailbox.last_look()
        await deliverer.finish()
        await mirror.end()
    await asyncio.to_thread(_note_end_of_trail)
    told = await _tell(crew, intake.taken)
    intake.require_health()
    if intake.fault is not None:
        raise intake.fault
    return told


@dataclass
class _Watch:
    """One sweep's loop."""

    crew: Crew
    intake: _Intake
    mailbox: _Mailbox
    deliverer: Deliverer
    end: float
    reading: set[str] = field(default_factory=set)
    in_trouble: bool = False

    async def keep(self, *, watching: bool) -> None:
        """Look for work and begin it until the time is over and all that was begun has ended."""
        pause, next_look = get_settings().sweep_interval_seconds, 0.0
        while True:
            if time.monotonic() >= next_look:
                if watching:
                    self.intake.begin_look(until=self.end)
                self.mailbox.begin_look()
                self.deliverer.stir()
                next_look = time.monotonic() + pause
            # With nothing else to do there is nothing to be gained by waiting for more to be sent.
            self.deliverer.begin(at_once=not self.crew.running)
            over, looked = time.monotonic() >= self.end, not self.intake.looking
            if not (watching and over) and not await self._begin_work() and not over:
                next_look = max(next_look, time.monotonic() + _AGAIN)
                await asyncio.sleep(_AGAIN)
            if over and looked and not self.crew.running:
                return  # asked only after a claim: a document that ended may have left the further forms of its file
            before = len(self.crew.ended)
            at_rest = not self.crew.running and not self.intake.looking
            await self.crew.some_end(min(_AT_REST if at_rest else _GLANCE, pause))
            if len(self.crew.ended) > before:
                self.deliverer.stir()

    async def _begin_work(self) -> bool:
        """Claim and begin what there is room for; False when the register could not be asked, which is told once.

        Reading may take long, or have to wait for a reader: never are all at work on files to be read.
        """
        crew, most_to_read = self.crew, self.crew.size - self.crew.size // 4
        try:
            room = {True: most_to_read - len(self.reading & crew.at_work), False: crew.size}
            for unread in await asyncio.to_thread(_lanes) if crew.free > 0 else ():
                most = min(room[unread], crew.free)
                if unread and self._rather_several(most):
                    continue
                for document in await asyncio.to_thread(_claim_open, crew.owner, most, unread):
                    crew.start(document.tracking, document)
                    self.reading.update([document.tracking] if unread else [])
        except DatabaseUnreachableError as fault:
            if not self.in_trouble:
                get_run_logger().error("The register could not be asked for work: %s", type(fault).__name__)
            self.in_trouble = True
            return False
        self.in_trouble = False
        return True

    def _rather_several(self, most: int) -> bool:
        """Whether to claim files only once there is room for more: to claim one costs as much as to claim several.

        What is at work keeps all readers busy meanwhile.
        """
        few = most < self.crew.size // 4
        return few and len(self.reading & self.crew.at_work) > get_settings().readers + 1


@dataclass
class _Intake:
    """The scan folder as a sweep sees it: files taken, and the fault that keeps it from looking, if any.

    A look goes on beside the documents at work: files that take long to check keep none of them waiting. There is none
    on a machine that only shares the work of another one.
    """

    folder: ScanFolder | None
    stir: Callable[[], None]
    taken: int = 0
    fault: ScanFolderError | None = None
    trouble: Exception | None = None
    _look: asyncio.Task[None] | None = None
    _watch: asyncio.Task[None] | None = None

    @property
    def looking(self) -> bool:
        """Whether a look is under way."""
        return self._look is not None and not self._look.done()

    def begin_look(self, *, until: float) -> None:
        """Begin to look, unless the time (of the monotonic clock) has come or a look is under way still."""
        if self.folder is None or self.looking or time.monotonic() >= until:
            return
        self.require_health()
        enough = time.monotonic() + _ENOUGH
        self._look = asyncio.create_task(self.look(lambda: time.monotonic() >= min(until, enough)))
        if self._watch is None:
            self._watch = asyncio.create_task(self._look_early(self.folder, until))

    async def _look_early(self, folder: ScanFolder, until: float) -> None:
        """Look as soon as something came; a file system that says nothing of that is looked at in its time."""
        while time.monotonic() < until:
            await asyncio.sleep(min(_GLANCE, max(_LEAST, folder.rest)))
            if not self.looking and await asyncio.to_thread(folder.stirred):
                self.begin_look(until=until)

    def require_health(self) -> None:
        """Raise what kept the last look from coming to its end."""
        if self._look is not None and self._look.done():
            self._look.result()

    async def look(self, stopping: Callable[[], bool] = lambda: False) -> None:
        """Take in what is whole; each file is told by its tracking number, never by its name."""
        if self.folder is None:
            return
        try:
            found = await asyncio.to_thread(self.folder.take, check_whole, stopping)
        except ScanFolderError as fault:
            self.fault = fault
            return
        except (DatabaseUnreachableError, OSError) as fault:
            # The register is away, or the folder or the disk of the store: the next look finds all as it was.
            if type(fault) is not type(self.trouble):
                get_run_logger().error("The scan folder could not be looked at: %s", type(fault).__name__)
            self.trouble = fault
            return
        self.trouble = None
        for one in found:
            if one.fault is not None:
                get_run_logger().error("A file of the scan folder met a fault: %s", type(one.fault).__name__)
        taken = [f"{one.tracking} ({one.state})" for one in found if one.fault is None and one.tracking is not None]
        if taken:
            self.taken += len(taken)
            self.stir()
            get_run_logger().info("Taken in: %s", ", ".join(taken))


class _Mailbox:
    """The bounce mailbox as a sweep sees it: a look goes on beside everything else, for a server may be slow."""

    def __init__(self) -> None:
        self._look: asyncio.Task[None] | None = None

    def begin_look(self) -> None:
        """Begin to look, unless a look is under way still; whether it is time is known there."""
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._look_into())

    async def last_look(self) -> None:
        """Wait for the look that is under way."""
        if self._look is not None:
            await self._look

    async def _look_into(self) -> None:
        try:
            await asyncio.to_thread(look_into_mailbox)
        except Exception as fault:  # what came back must keep nothing that comes in or is to leave
            get_run_logger().error("Looking into the bounce mailbox met a fault: %s", type(fault).__name__)


def _lanes() -> list[bool]:
    """For which `unread` there are documents to be claimed."""
    with reading() as session:
        return leases.open_lanes(session)


def _claim_open(owner: str, limit: int, unread: bool) -> list[Document]:
    if limit <= 0:
        return []
    with passing_transaction() as session:
        return loading.load_all(session, leases.claim_open(session, owner, limit, unread=unread))


def _note_end_of_trail() -> None:
    """Note where the audit ends, so that a cut is seen; one that is found is told by the report of the day."""
    with suppress(BrokenTrailError, ValueError):
        note_end()


async def _tell(crew: Crew, taken: int) -> RunState[dict[str, int]]:
    rows = [*sorted(crew.ends.items()), (FAULT, len(crew.failed))]
    counts = {code: number for code, number in rows if number}
    words = [f"{state_name(code)}: {number}" for code, number in counts.items()]
    told = f"Pobrane pliki: {taken}. {'; '.join(words) or 'Żadna sprawa nie czekała na program'}."
    if counts or taken:
        table = "\n".join(f"| {state_name(code)} | {number} |" for code, number in counts.items())
        failed = "".join(f"\n- błąd: `{tracking}`" for tracking in crew.failed)
        await acreate_markdown_artifact(
            f"Pobrane pliki: {taken}\n\n| stan | dokumenty |\n|---|---|\n{table}\n{failed}",
            key="przeglad",
            description="Przegląd skanów i otwartych dokumentów",
        )
    return Completed(name=names.ENDED, message=told, data=counts)
