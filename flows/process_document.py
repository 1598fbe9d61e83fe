"""One document from the first look to the confirmation.

Every step starts from the state in the document's row and stores the next one there, so a run may be broken off
anywhere and repeated: nothing is done twice and nothing is lost.

To the engine a document that a sweep works on is nothing of its own; what a manager sees of it is told by
``flows.mirror``. A human who has one document done again starts the run that shows it, or another one.
"""

from __future__ import annotations

import asyncio
from typing import Final

from prefect import flow
from prefect.client.schemas.objects import State as RunState
from prefect.client.schemas.objects import StateType
from prefect.context import FlowRunContext
from prefect.runtime import flow_run
from prefect.states import Cancelled, Completed

from database.engine import reading, transaction
from documents import leases, showing
from documents.states import TO_BRING_FORWARD, State
from documents.tables import Document
from documents.tracking import normalise_tracking
from flows import names, steps
from flows.arrival_order import wait_for_earlier
from flows.engine_setup import ONE_DOCUMENT
from flows.lease import alive, held
from flows.wording import shown

NOTHING_TO_DO: Final = "Nic do zrobienia"
DONE_AGAIN: Final = "Ponowiona"
_BY: Final = "workflow engine"
"""Who has a document done again there: the engine does not know which of the managers."""
_UNCHANGED: Final = "Powtórzenie niczego nie zmieniło."
_ENDS: Final = (StateType.COMPLETED, StateType.CANCELLED, StateType.FAILED)


def _run_name() -> str:
    """The run that shows the document keeps its name; another one is told from it."""
    if _shows_document():
        return str(flow_run.name)
    return f"{flow_run.parameters['tracking']} · jeszcze raz"


@flow(name=names.DOCUMENT, flow_run_name=_run_name)
async def process_document(tracking: str) -> RunState[None]:
    """Take one document, which nobody else works on, as far as it gets without a human, and send its messages.

    Somebody wished that: one whose attempts are used up gets new ones.
    """
    tracking = normalise_tracking(tracking)
    async with alive(ONE_DOCUMENT) as owner:
        await asyncio.to_thread(_free, tracking)
        done = await bring_forward(tracking, owner)
        left = await steps.deliver(tracking, owner)
    changed = done is not None or left > 0
    return await asyncio.to_thread(_end, tracking, changed=changed, shows_document=_shows_document())


async def bring_forward(tracking: str, owner: str, claimed: Document | None = None) -> State | None:
    """How far the document got; None when another run has it, or the next step is a human's.

    ``claimed`` is its row where ``owner`` holds it already. A fault propagates and the document is tried again later.
    """
    async with held(tracking, owner, claimed) as document:
        if document is None:
            return None
        state = await steps.carry_out(document)
        if state in TO_BRING_FORWARD:
            await wait_for_earlier(tracking)
        if state is State.RECEIVED:
            state = await steps.match(tracking)
        if state is State.READY:
            state = await steps.apply(tracking)
        document.state = state.value
        return state


def _free(tracking: str) -> None:
    with reading() as session:
        stuck = showing.standing(session, tracking).stuck
    if stuck:
        with transaction() as session:
            leases.unstick(session, tracking, _BY)


def _shows_document() -> bool:
    """Whether this run is the one that shows its document."""
    context = FlowRunContext.get()
    run = None if context is None else context.flow_run
    return run is not None and run.idempotency_key == run.parameters.get("tracking")


def _end(tracking: str, *, changed: bool, shows_document: bool) -> RunState[None]:
    """The end of a run.

    One that shows its document ends as that stands; where that is no end, it is shown so a few seconds later.
    """
    with reading() as session:
        stands = showing.standing(session, tracking)
    now = shown(stands)
    told = now.message if changed else f"{_UNCHANGED} {now.message}"
    if shows_document and now.type in _ENDS:
        return RunState(type=now.type, name=now.state, message=told)
    if shows_document:
        with transaction() as session:
            showing.show_again(session, [tracking])
    end = Completed if changed else Cancelled
    return end(name=DONE_AGAIN if changed else NOTHING_TO_DO, message=f"{now.state}. {told}")
