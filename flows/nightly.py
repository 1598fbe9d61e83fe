"""The nightly runs: what is no longer kept is erased, and all that is kept is compared; a manager sees the numbers."""

from __future__ import annotations

import asyncio

from prefect import flow, get_run_logger
from prefect.artifacts import acreate_markdown_artifact
from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed

from environment import clock
from flows import names
from integrity import nightly as integrity
from integrity.nightly import Result
from retention import nightly
from retention.nightly import Night


@flow(name=names.ERASURE, flow_run_name=names.told_from(names.ERASURE))
async def erase_expired() -> RunState[dict[str, int]]:
    """Erase what is no longer kept; the artifact says how many of each kind, never whose."""
    night = await asyncio.to_thread(nightly.run, "machine")
    await acreate_markdown_artifact(
        _markdown(night), key="okresy-przechowywania", description=f"Okresy przechowywania, {clock.today():%d.%m.%Y}"
    )
    told = ", ".join(f"{code}: {number}" for code, number in night.counts.items()) or "nothing was due"
    get_run_logger().info("Erased: %s; original files: %d", told, night.originals)
    erased = sum(night.counts.values())
    told = f"Usunięto: {erased}, plików oryginałów: {night.originals}." if erased else "Niczego nie trzeba było usuwać."
    return Completed(name=names.ENDED, message=told, data={**night.counts, "original_files": night.originals})


@flow(name=names.COMPARISON, flow_run_name=names.told_from(names.COMPARISON))
async def check_integrity() -> RunState[dict[str, int]]:
    """Compare all that is kept; the artifact says how many differences of each kind there are, never whose."""
    found = await asyncio.to_thread(integrity.run)
    await acreate_markdown_artifact(
        _compared(found), key="zgodnosc-danych", description=f"Zgodność danych, {clock.today():%d.%m.%Y}"
    )
    for sort in found.sorts:
        if sort.new:
            get_run_logger().error("New differences: %s: %d", sort.code, sort.new)
    counts = {sort.code: sort.number for sort in found.sorts}
    told = f"Różnic: {found.number}, nowych: {found.new}." if found.number else "Wszystko się zgadza."
    return Completed(name=names.ENDED, message=told, data=counts)


def _compared(found: Result) -> str:
    if not found.sorts:
        return "Wszystko się zgadza."
    lines = ["| kod | co się nie zgadza | ile | w tym nowe |", "| --- | --- | ---: | ---: |"]
    lines += [f"| {sort.code} | {sort.message} | {sort.number} | {sort.new} |" for sort in found.sorts]
    more = [] if found.complete else ["", "To nie wszystko: jest tego więcej."]
    return "\n".join(["## Co się nie zgadza", "", *lines, *more, "", "Czego to dotyczy i co zrobić: `ebok check`."])


def _markdown(night: Night) -> str:
    lines = ["| co | usunięto | zostaje, bo w toku |", "| --- | ---: | ---: |"]
    lines += [f"| {one.kind.name} | {one.erased} | {one.at_work} |" for one in night.outcomes]
    return "\n".join(["## Usunięte zgodnie z okresami przechowywania", "", *lines, "", _files(night)])


def _files(night: Night) -> str:
    return f"Plików usuniętych z magazynu oryginałów: {night.originals}."
