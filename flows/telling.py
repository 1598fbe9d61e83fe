"""Sends alarms to the person responsible when an automation of the engine asks for it; the rules are in ``alarms``."""

from __future__ import annotations

import asyncio

from prefect import flow
from prefect.client.schemas.objects import State as RunState
from prefect.states import Cancelled, Completed, Failed

from alarms import telling
from database.engine import reading
from flows import names
from flows.process_document import NOTHING_TO_DO


@flow(name=names.ALARMS, flow_run_name=names.told_from(names.ALARMS))
async def tell_alarms() -> RunState[int]:
    """Send one e-mail with all alarms that began or ended and that nobody was told."""
    number = await asyncio.to_thread(telling.tell)
    if number:
        return Completed(name=names.ENDED, message=f"Powiadomiono, alarmów: {number}.", data=number)
    if await asyncio.to_thread(_waits):
        return Failed(name="Nieudane", message="E-mail z alarmami nie wyszedł; program ponawia go co minutę.")
    return Cancelled(name=NOTHING_TO_DO, message="O wszystkim już powiadomiono.")


def _waits() -> bool:
    with reading() as session:
        return telling.waits_since(session) is not None
