"""The nightly run: data whose retention period is over are erased, and a manager sees how many."""

from __future__ import annotations

import asyncio

from prefect import flow, get_run_logger
from prefect.artifacts import acreate_markdown_artifact
from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed

from environment import clock
from retention import nightly
from retention.nightly import Night


@flow(name="erase-expired")
async def erase_expired() -> RunState[dict[str, int]]:
    """Erase what is no longer kept; the artifact says how many of each kind, never whose."""
    night = await asyncio.to_thread(nightly.run, "machine")
    await acreate_markdown_artifact(
        _markdown(night), key="retention", description=f"Okresy przechowywania, {clock.today():%d.%m.%Y}"
    )
    told = ", ".join(f"{code}: {number}" for code, number in night.counts.items()) or "nothing was due"
    get_run_logger().info("Erased: %s; original files: %d", told, night.originals)
    return Completed(message=told, data={**night.counts, "original_files": night.originals})


def _markdown(night: Night) -> str:
    lines = ["| co | usunięto | zostaje, bo w toku |", "| --- | ---: | ---: |"]
    lines += [f"| {one.kind.name} | {one.erased} | {one.at_work} |" for one in night.outcomes]
    return "\n".join(["## Usunięte zgodnie z okresami przechowywania", "", *lines, "", _files(night)])


def _files(night: Night) -> str:
    return f"Plików usuniętych z magazynu oryginałów: {night.originals}."
