"""One document from the first look to the confirmation.

Every step starts from the state in the document's row and stores the next one there, so a run may be broken off
anywhere and repeated: nothing is done twice and nothing is lost.

To the engine a document is a task run of the sweep that works on it, told by events that its server writes down in
bundles: a flow run for each would cost more than the document. One that a human asks for has a flow run of its own.
"""

from __future__ import annotations

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed

from documents.states import State
from documents.tracking import normalise_tracking
from flows import steps
from flows.arrival_order import wait_for_earlier
from flows.lease import held, run_owner

NOTHING_TO_DO = "nothing_to_do"


@flow(name="process-document", flow_run_name="{tracking}")
async def process_document(tracking: str) -> RunState[str]:
    """Take one document, which nobody else works on, as far as it gets without a human."""
    return await _bring_forward(tracking, run_owner())


@task(name="document", task_run_name="{tracking}", cache_policy=NO_CACHE)
async def claimed_document(tracking: str, owner: str) -> RunState[str]:
    """Take a document that ``owner`` has claimed as far as it gets without a human."""
    return await _bring_forward(tracking, owner)


async def _bring_forward(tracking: str, owner: str) -> RunState[str]:
    """How the run ends, good or with nothing to do; a fault propagates and the document is tried again later."""
    tracking = normalise_tracking(tracking)
    async with held(tracking, owner) as document:
        if document is None:
            return Completed(name=NOTHING_TO_DO, message="Another run has it, or the next step is a human's.", data="")
        state = document.at
        if state is State.RECEIVED and document.pages is None:
            state = await steps.read(tracking)
        if state in (State.RECEIVED, State.READY):
            await wait_for_earlier(tracking)
        if state is State.RECEIVED:
            state = await steps.judge(tracking)
        if state is State.READY:
            state = await steps.apply(tracking)
        state = await steps.deliver(tracking)
        await steps.publish_overview(tracking)
    return Completed(name=state.value, data=state.value)
