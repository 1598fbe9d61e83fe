"""The report of the day before, for managers: as an artifact of its run, and by e-mail to whom the settings name."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from prefect import flow, get_run_logger, task
from prefect.artifacts import acreate_markdown_artifact
from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed

from alarms.keeping import ended, standing
from alarms.wording import end
from audit.verification import TrailVerdict, look_at_trail
from confirmations import overview as messages
from confirmations.reading_health import mailbox_state
from database.engine import Session, reading
from documents import summaries
from documents.states import State
from environment import clock
from environment.settings import get_settings
from flows import names
from integrity.nightly import Result, last_result
from reports.mailing import send
from reports.markdown import grid, markdown
from reports.model import Report, text_of
from reports.report import report
from reports.span import Span, day_of
from reports.wording import why
from review.wording import STATES

_TRIES: Final = 24
_PAUSE: Final = 15 * 60
"""Seconds between two tries to send the report, which then go on for six hours: outages of mail last no longer."""


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the report says beside its tables: how the program itself is."""

    report: Report
    stuck: dict[str, Any]
    messages_in_trouble: int
    mailbox: dict[str, Any] | None
    compared: Result | None
    alarms: list[str]


@flow(name=names.REPORT, flow_run_name=names.told_from(names.REPORT))
async def daily_report() -> RunState[dict[str, int]]:
    """Write the report of yesterday as an artifact, then send it; who has it already does not get it again."""
    span = day_of(clock.today() - timedelta(days=1))
    facts = await asyncio.to_thread(_facts, span)
    trail = await asyncio.to_thread(look_at_trail)
    await acreate_markdown_artifact(
        _markdown(facts, span, trail), key="raport-dnia", description=f"Raport dnia {span.last:%d.%m.%Y}"
    )
    if trail.fault is not None:
        get_run_logger().error("The audit trail is broken at entry %s (%s)", trail.position, trail.fault.value)
    else:
        get_run_logger().info("The audit trail is whole: %s entries, end %s", trail.entries, trail.end)
    mailed = await send_report(span.last) if get_settings().readers_of_report else 0
    figures = dict(facts.report.figures)
    told = {"przyszło": figures["przyszło"], "utknęło": facts.stuck["stuck_total"], "wysłano": mailed}
    words = ", ".join(f"{name}: {number}" for name, number in told.items())
    return Completed(name=names.ENDED, message=f"{words[:1].upper()}{words[1:]}.", data=told)


@task(name="wysłanie raportu", retries=_TRIES, retry_delay_seconds=_PAUSE)
async def send_report(day: date) -> int:
    """Send the report of that day to those who have not got it yet; gives to how many."""
    return await asyncio.to_thread(_sent, day_of(day))


def _sent(span: Span) -> int:
    with reading() as session:
        made = report(session, span)
    return send(made, span)


def _facts(span: Span) -> _Facts:
    with reading() as session:
        return _Facts(
            report(session, span),
            summaries.counts(session),
            messages.counts(session)["problems"],
            mailbox_state(session),
            last_result(session),
            _alarms(session),
        )


def _markdown(facts: _Facts, span: Span, trail: TrailVerdict) -> str:
    stuck = [
        (f"`{one['tracking']}`", STATES[one["state"]], _cause(one), text_of(datetime.fromisoformat(one["since"])))
        for one in facts.stuck["stuck"]
    ]
    desk = f"{get_settings().staff_url}/biuro/raport?od={span.first}&do={span.last}"
    return "\n\n".join(
        [
            f"[Ten raport z wykresami]({desk}) (w biurze, po zalogowaniu)",
            *_list("## Alarmy", facts.alarms),
            markdown(facts.report),
            "## Utknęło",
            grid(("sprawa", "stan", "przyczyna", "od"), stuck) if stuck else "Nic.",
            "## Program",
            f"Wiadomości wymagające uwagi: {facts.messages_in_trouble}.",
            *_mailbox(facts.mailbox),
            "## Zgodność danych",
            *_compared(facts.compared),
            "## Dziennik zdarzeń",
            _trail(trail),
        ]
    )


def _cause(stuck: Mapping[str, Any]) -> str:
    """Why a file cannot be used, or by what fault of the program a case is stuck."""
    quarantined = stuck["state"] == State.QUARANTINED.value
    return why(stuck["code"]) if quarantined else f"błąd programu: {stuck['code']}"


def _alarms(session: Session) -> list[str]:
    """What goes on, and what ended since the last report."""
    over = ended(session, clock.now() - timedelta(days=1))
    return [*(one["line"] for one in standing(session)), *(end(one) for one in over)]


def _list(heading: str, lines: list[str]) -> list[str]:
    return [heading, "\n".join(f"- {one}" for one in lines)] if lines else []


def _mailbox(state: dict[str, Any] | None) -> list[str]:
    """Nothing where there is nothing to do."""
    if state is None or not (state["trouble"] or state["left_alone"]):
        return []
    if state["trouble"]:
        since = clock.local_time(datetime.fromisoformat(state["since"]))
        return [f"**Skrzynki zwrotów nie da się czytać** od {since}. {state['trouble']}"]
    return [f"W skrzynce zwrotów leżą z gwiazdką, do obejrzenia: {state['left_alone']}."]


def _compared(found: Result | None) -> list[str]:
    """New differences one by one kind; those that were told before are only counted."""
    if found is None:
        return ["Jeszcze nie sprawdzana: robi to co noc przebieg „Zgodność danych”."]
    at = clock.local_time(found.at)
    overdue = "**Od tego czasu nie sprawdzano.** Zobacz, co zatrzymuje przebieg „Zgodność danych”."
    late = [overdue] if found.overdue else []
    if not found.number:
        return [f"Wszystko się zgadza. Sprawdzono {at}.", *late]
    new = [(sort.message, sort.new) for sort in found.sorts if sort.new]
    known = found.number - found.new
    return [
        f"Sprawdzono {at}. Czego to dotyczy i co zrobić, mówi `ebok check`.",
        *([grid(("nowe różnice", "ile"), new)] if new else []),
        *([f"Znane z wcześniejszych nocy: {known}."] if known else []),
        *late,
    ]


def _trail(trail: TrailVerdict) -> str:
    if trail.fault is not None:
        return f"**Naruszony od wpisu {trail.position}.** Sprawdź poleceniem `ebok audit verify`, co się stało."
    return f"Nienaruszony, wpisów: {trail.entries}. Znak końca: `{trail.end or 'brak'}`."
