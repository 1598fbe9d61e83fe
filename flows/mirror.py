"""What the workflow engine shows of the documents: each is one run there, whose state is that of the register.

No document waits for it. The run of a document is made once, with its end as its state where it has ended; the register
knows which are behind, whoever changed them. What somebody changes in the engine is put right again, but for a run that
really goes on: a human may have a document done again by its own run.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client

from database.engine import passing_transaction, reading, transaction
from documents import showing
from documents.showing import UNSURE, DocumentStanding, StateChange
from documents.states import State
from flows import shown_runs
from flows.names import DOCUMENTS
from flows.overview import overview

_PAUSE: Final = 5.0
"""Seconds between looks at the register."""
_ROUND: Final = 30.0
"""Seconds between looks at what was changed in the engine itself."""


class Mirror:
    """Brings up to date what is shown, beside everything else, from when it is made until it is told to end.

    ``owner`` is unique per run; ``log`` is told of a trouble once, however long it lasts.
    """

    def __init__(self, owner: str, log: logging.Logger | logging.LoggerAdapter[logging.Logger]) -> None:
        self._owner, self._log = owner, log
        self._over = asyncio.Event()
        self._deployment: UUID | None = None
        self._next_round = 0.0
        self._in_trouble = False
        self._work = asyncio.create_task(self._go_on())

    async def end(self) -> None:
        """Show what has ended by now, and nothing after that."""
        self._over.set()
        await self._work

    async def _go_on(self) -> None:
        async with get_client() as client:
            while True:
                over = self._over.is_set()
                more = await self._look(client)
                if over and not more:
                    return
                if not more:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._over.wait(), _PAUSE)

    async def _look(self, client: PrefectClient) -> bool:
        """Whether there is more to be shown at once."""
        try:
            deployment = await self._known_deployment(client)
            if time.monotonic() >= self._next_round:
                await _put_right(client, deployment)
                self._next_round = time.monotonic() + _ROUND
            more = await self._bring_up_to_date(client, deployment)
        except Exception as fault:  # whatever it is, documents go on
            if not self._in_trouble:
                self._log.error("What is shown of documents is not brought up to date: %s", type(fault).__name__)
            self._in_trouble, self._deployment = True, None
            return False
        self._in_trouble = False
        return more

    async def _known_deployment(self, client: PrefectClient) -> UUID:
        if self._deployment is None:
            self._deployment = (await client.read_deployment_by_name(DOCUMENTS)).id
            await asyncio.to_thread(_shown_in, self._deployment)
        return self._deployment

    async def _bring_up_to_date(self, client: PrefectClient, deployment: UUID) -> bool:
        found = await asyncio.to_thread(_not_shown)
        if not found or not await asyncio.to_thread(_claim, self._owner):
            return False
        await asyncio.to_thread(_pass_over, [one for one in found if one.long_ended])
        recent = [one for one in found if not one.long_ended]
        done = len(found) - len(recent)
        done += await _make([one for one in recent if one.run in (None, UNSURE)], client, deployment)
        done += await _change({one.run: one for one in recent if one.run not in (None, UNSURE)}, client)
        await asyncio.to_thread(_release, self._owner)
        return done > 0 and len(found) == shown_runs.MOST


async def _make(documents: Sequence[DocumentStanding], client: PrefectClient, deployment: UUID) -> int:
    """Have runs made for documents that have none; how many."""
    if not documents:
        return 0
    await asyncio.to_thread(_begin, [one for one in documents if one.run is None])
    made = await shown_runs.make(client, deployment, documents)
    await _note_told(client, {run: one for run, one in made.items() if one.run is None})
    for run, one in made.items():
        await _lay_table(client, run, one)
    await _change({run: one for run, one in made.items() if one.run == UNSURE}, client)
    if len(made) < len(documents):
        raise RuntimeError("the engine refused to make runs")
    return len(made)


async def _change(documents: Mapping[str | None, DocumentStanding], client: PrefectClient) -> int:
    """Bring the runs of documents up to date; how many."""
    wanted = {run: one for run, one in documents.items() if run is not None}
    if not wanted:
        return 0
    there = await shown_runs.read(client, wanted)
    await asyncio.to_thread(_forget, [run for run in wanted if run not in there])
    done, failed = dict[str, DocumentStanding](), None
    for run, seen in there.items():
        if shown_runs.goes_on(seen):
            continue
        try:
            if await shown_runs.bring_up_to_date(client, seen, wanted[run]):
                await _lay_table(client, run, wanted[run])
            done[run] = wanted[run]
        except Exception as fault:  # one that cannot be shown keeps no other from it
            failed = fault
    await _note_told(client, done)
    if failed is not None:
        raise failed
    return len(done)


async def _note_told(client: PrefectClient, shown: Mapping[str, DocumentStanding]) -> None:
    """Have the engine know of what happened to these documents, in one request, and note that all this is shown."""
    steps = await asyncio.to_thread(_untold, list(shown.values()))
    await shown_runs.tell(client, {one.id: run for run, one in shown.items()}, steps)
    await asyncio.to_thread(_note, shown, steps)


async def _lay_table(client: PrefectClient, run: str, document: DocumentStanding) -> None:
    """What was read, masked, for a manager to look at while a document waits for a human."""
    if document.state is State.IN_REVIEW:
        await shown_runs.lay(client, run, document.tracking, await asyncio.to_thread(overview, document.tracking))


async def _put_right(client: PrefectClient, deployment: UUID) -> None:
    """What somebody changed in the engine is shown again as the register has it."""
    changed = await shown_runs.changed_elsewhere(client, deployment)
    if changed:
        await asyncio.to_thread(_show_again, changed)


def _shown_in(deployment: UUID) -> None:
    with transaction() as session:
        showing.shown_in(session, str(deployment))


def _not_shown() -> list[DocumentStanding]:
    with reading() as session:
        return showing.not_shown(session, shown_runs.MOST)


def _claim(owner: str) -> bool:
    with passing_transaction() as session:
        return showing.claim(session, owner)


def _release(owner: str) -> None:
    with passing_transaction() as session:
        showing.release(session, owner)


def _begin(documents: Sequence[DocumentStanding]) -> None:
    with passing_transaction() as session:
        showing.note_begun(session, documents)


def _untold(shown: Sequence[DocumentStanding]) -> list[StateChange]:
    if not shown:
        return []
    with reading() as session:
        return showing.untold_steps(session, shown)


def _note(shown: Mapping[str, DocumentStanding], steps: Sequence[StateChange]) -> None:
    with passing_transaction() as session:
        showing.note_shown(session, shown, steps)


def _pass_over(documents: Sequence[DocumentStanding]) -> None:
    if documents:
        with passing_transaction() as session:
            showing.pass_over(session, documents)


def _forget(runs: Sequence[str]) -> None:
    if runs:
        with passing_transaction() as session:
            showing.forget_runs(session, runs)


def _show_again(trackings: Sequence[str]) -> None:
    with passing_transaction() as session:
        showing.show_again(session, trackings)
