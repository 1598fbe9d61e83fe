"""The daily report: what came, what waits, what is stuck, whose address is unproven, whether all fits together."""

from __future__ import annotations

import asyncio
from typing import Any

from prefect import flow, get_run_logger
from prefect.artifacts import acreate_markdown_artifact
from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed

from audit.verification import Verdict, look_at_trail
from confirmations import overview as messages
from confirmations.reading_health import mailbox_state
from customers.effects import proving_for
from customers.proofs import Unproven, expired_unproven
from database.engine import reading, transaction
from documents import summaries
from environment import clock
from environment.settings import get_settings
from integrity.nightly import Result, last_result
from review import second_look
from review.tolerance.section import quality_section, sentences


@flow(name="daily-report")
async def daily_report() -> RunState[dict[str, int]]:
    """Write the report of the day as an artifact; every unproven address is told in one report only."""
    counts, outbox, unproven, looked, compared, quality = await asyncio.to_thread(_facts)
    trail = await asyncio.to_thread(look_at_trail)
    await acreate_markdown_artifact(
        _markdown(counts, outbox, unproven, looked, compared=compared, quality=quality, trail=trail),
        key="daily-report",
        description=f"Stan na {clock.today():%d.%m.%Y}",
    )
    for one in unproven:
        get_run_logger().warning("Address not proven in time: %s (%s)", one.tracking, one.purpose)
    if trail.fault is not None:
        get_run_logger().error("The audit trail is broken at entry %s (%s)", trail.position, trail.fault.value)
    else:
        get_run_logger().info("The audit trail is whole: %s entries, end %s", trail.entries, trail.end)
    told = {"documents": counts["total"], "stuck": counts["stuck_total"], "unproven": len(unproven)}
    return Completed(message=", ".join(f"{name}: {number}" for name, number in told.items()), data=told)


def _facts() -> tuple[dict[str, Any], dict[str, Any], list[Unproven], dict[str, Any], Result | None, list[str]]:
    with reading() as session:
        quality = sentences(quality_section(session))
        documents, looked, compared = summaries.counts(session), second_look.figures(session), last_result(session)
        outbox = messages.counts(session) | {"mailbox": mailbox_state(session)}
    with transaction() as session:
        return documents, outbox, expired_unproven(session), looked, compared, quality


def _markdown(
    counts: dict[str, Any],
    outbox: dict[str, Any],
    unproven: list[Unproven],
    looked: dict[str, Any],
    *,
    compared: Result | None,
    quality: list[str],
    trail: Verdict,
) -> str:
    states = _table(("stan", "dokumenty"), [(name, number) for name, number in counts["by_state"].items()])
    channels = _table(("droga", "dokumenty"), [(name, number) for name, number in counts["by_channel"].items()])
    oldest = counts["oldest_waiting"]
    waits = f"`{oldest['tracking']}` ({oldest['state']}) od {oldest['since']}" if oldest else "nic"
    stuck = [(f"`{one['tracking']}`", one["state"], one["code"], one["since"]) for one in counts["stuck"]]
    late = [(f"`{one.tracking}`", proving_for(one.purpose).matter, f"{one.expires_at:%d.%m.%Y}") for one in unproven]
    return "\n\n".join(
        [
            "## Dokumenty",
            states,
            channels,
            f"Najdłużej czeka: {waits}. Wiadomości wymagające uwagi: {outbox['problems']}.",
            *_mailbox(outbox["mailbox"]),
            "## Utknęło",
            _table(("sprawa", "stan", "przyczyna", "od"), stuck) if stuck else "Nic.",
            "## Adresy niepotwierdzone w terminie – skontaktuj się z klientem",
            _table(("sprawa", "czego dotyczy", "termin minął"), late) if late else "Brak.",
            "## Druga kontrola",
            f"Sprawdzono spraw: {looked['looked']}, z błędem: {looked['documents_wrong']}. Błędnych pól: "
            f"{looked['fields_wrong']} z {looked['fields_checked']}. Czeka: {looked['waiting']}.",
            *quality,
            "## Zgodność danych",
            *_compared(compared),
            "## Dziennik zdarzeń",
            _trail(trail),
        ]
    )


def _mailbox(state: dict[str, Any] | None) -> list[str]:
    """Nothing where there is nothing to do."""
    if state is None or not (state["trouble"] or state["left_alone"]):
        return []
    if state["trouble"]:
        return [f"**Skrzynki zwrotów nie da się czytać** od {state['since']}. {state['trouble']}"]
    return [f"W skrzynce zwrotów leżą z gwiazdką, do obejrzenia: {state['left_alone']}."]


def _compared(found: Result | None) -> list[str]:
    """New differences one by one kind; those that were told before are only counted."""
    if found is None:
        return ["Jeszcze nie sprawdzana: robi to co noc `every-night-check`."]
    at = f"{found.at.astimezone(get_settings().zone):%d.%m.%Y, %H:%M}"
    late = ["**Od tego czasu nie sprawdzano.** Zobacz, co zatrzymuje `every-night-check`."] if found.overdue else []
    if not found.number:
        return [f"Wszystko się zgadza. Sprawdzono {at}.", *late]
    new = [(sort.message, sort.new) for sort in found.sorts if sort.new]
    known = found.number - found.new
    return [
        f"Sprawdzono {at}. Czego to dotyczy i co zrobić, mówi `ebok check`.",
        *([_table(("nowe różnice", "ile"), new)] if new else []),
        *([f"Znane z wcześniejszych nocy: {known}."] if known else []),
        *late,
    ]


def _trail(trail: Verdict) -> str:
    if trail.fault is not None:
        return f"**Naruszony od wpisu {trail.position}.** Sprawdź poleceniem `ebok audit verify`, co się stało."
    return f"Nienaruszony, wpisów: {trail.entries}. Znak końca: `{trail.end or 'brak'}`."


def _table(heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
