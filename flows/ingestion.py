"""Processing given documents to the end in this process, by the same steps as a sweep, for the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from prefect import flow
from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed

from database.engine import reading
from documents import leases, loading
from documents.progress import further_parts
from environment.settings import get_settings
from flows import names
from flows.crew import Crew
from flows.lease import alive
from flows.message_sending import Deliverer

_GLANCE = 0.5


def bring_to_end(trackings: Iterable[str], finished: Callable[[str], None]) -> None:
    """Take these documents, and the further forms found in their files, as far as they get without a human.

    A document that another process holds is waited for: that process ends it, or its lease runs out. ``finished`` is
    called with the tracking number at the end of each run.
    """
    wanted = list(dict.fromkeys(trackings))

    @flow(name=names.COMMAND, flow_run_name=names.told_from(names.COMMAND))
    async def ingest(documents: list[str]) -> RunState[None]:
        """Work off the given documents."""
        async with alive("ingest") as owner:
            crew, deliverer = Crew(owner, get_settings().sweep_parallel, finished), Deliverer(owner)
            waiting, known = list(documents), set(documents)
            while waiting or crew.running:
                while waiting and crew.free:
                    crew.start(waiting.pop(0))
                await crew.some_end(_GLANCE)
                if crew.ended:
                    deliverer.stir()
                deliverer.begin()
                parts = await asyncio.to_thread(_parts_of, crew.ended)
                waiting += [part for part in parts if part not in known]
                known.update(parts)
                crew.ended.clear()
                waiting += await asyncio.to_thread(_held_elsewhere, crew.idle)
                crew.idle.clear()
            await deliverer.finish()
        return Completed(name=names.ENDED, message=f"Spraw: {len(known)}, błędów: {len(crew.failed)}.")

    asyncio.run(ingest(wanted))


def _parts_of(trackings: list[str]) -> list[str]:
    """The further forms found in the files of these documents."""
    if not trackings:
        return []
    with reading() as session:
        return [part for one in trackings for part in further_parts(session, loading.load(session, one))]


def _held_elsewhere(trackings: list[str]) -> list[str]:
    """Those that the machine could move on but another process holds."""
    if not trackings:
        return []
    with reading() as session:
        return [one for one in trackings if leases.is_held(session, one)]
