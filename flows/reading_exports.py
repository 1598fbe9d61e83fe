"""The run that hands over to billing what customers read from their meters; a manager sees how many, never whose."""

from __future__ import annotations

import asyncio

from prefect import flow
from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed, Failed

from billing.metering.exporting import export_readings
from environment.settings import get_settings
from flows import names


@flow(name=names.READINGS, flow_run_name=names.told_from(names.READINGS))
async def hand_over_readings() -> RunState[dict[str, int]]:
    """Write a file of what is accepted by now; one that an earlier run did not finish comes first, under its number."""
    place = get_settings().readings_dir
    if place is None:
        told = "Nie ustawiono folderu odczytów dla rozliczeń (EBOK_READINGS_DIR)."
        return Completed(name=names.ENDED, message=told, data={})
    try:
        if not await asyncio.to_thread(place.is_dir):  # a share that is away: nobody would look into one made here
            return Failed(message=f"Nie ma folderu odczytów {place}. Sprawdź, czy udział jest podłączony.")
        done = await asyncio.to_thread(lambda: list(export_readings(place, "workflow engine")))
    except OSError:
        return Failed(message=f"Do folderu odczytów {place} nie można zapisać. Odczyty czekają na następny przebieg.")
    runs = ", ".join(f"{one.path.name} (odczytów: {one.readings})" for one in done)
    told = f"Zapisano: {runs}." if runs else "Nie ma nowych odczytów do przekazania."
    counts = {"exports": len(done), "readings": sum(one.readings for one in done)}
    return Completed(name=names.ENDED, message=told, data=counts)
