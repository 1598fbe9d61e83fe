"""The run that looks for deliveries of the billing system; a manager sees what changed by numbers, never whose."""

from __future__ import annotations

import asyncio

from prefect import flow
from prefect.artifacts import acreate_markdown_artifact
from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed, Failed

from billing.importing import ImportBusyError
from billing.pickup import REPORT, MissingFolderError, PickedUp, pick_up
from environment import clock
from environment.settings import get_settings
from flows import names
from notices.leaks import tell_of_leaks


@flow(name=names.BILLING, flow_run_name=names.told_from(names.BILLING))
async def import_deliveries() -> RunState[dict[str, int]]:
    """Import what billing has delivered since the last run; a delivery that is refused makes the run fail."""
    place = get_settings().billing_dir
    if place is None:
        return Completed(name=names.ENDED, message="Nie ustawiono folderu rozliczeń (EBOK_BILLING_DIR).", data={})
    try:
        done = await asyncio.to_thread(pick_up, place, "workflow engine")
    except MissingFolderError:
        return Failed(message=f"Nie ma folderu rozliczeń {place}. Sprawdź, czy udział jest podłączony.")
    except ImportBusyError:
        return Completed(name=names.ENDED, message="Ktoś właśnie wczytuje rozliczenia.", data={})
    if done.taken:
        await asyncio.to_thread(tell_of_leaks)
        await acreate_markdown_artifact(
            _markdown(done), key="rozliczenia", description=f"Rozliczenia, {clock.today():%d.%m.%Y}"
        )
    if done.refused is not None:
        text = f"Dostawy {done.refused} nie wczytano, błędów: {done.problems}. Są w pliku {REPORT} w jej folderze."
        return Failed(message=text)
    told = f"Wczytano dostaw: {len(done.taken)}." if done.taken else "Nie ma nowych dostaw."
    return Completed(name=names.ENDED, message=told, data={"deliveries": len(done.taken)})


def _markdown(done: PickedUp) -> str:
    lines = ["## Wczytane dostawy z rozliczeń"]
    for name, told in done.taken:
        lines += ["", f"### {name}", "", *(f"- {line.strip()}" for line in told)]
    return "\n".join(lines)
