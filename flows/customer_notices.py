"""The run that tells customers of invoices and payment dates, and goes on with outages where that was broken off."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

from prefect import flow
from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed

from billing.statement import payments_known_until
from database.engine import reading
from environment import clock
from environment.settings import get_settings
from flows import names
from notices.due import tell_due
from notices.kinds import LABELS, NoticeKind
from notices.outages import tell_waiting

_PAUSE: Final = timedelta(days=7)
"""Whoever runs the company is told of reminders that wait longer than this for payments."""


@flow(name=names.NOTICES, flow_run_name=names.told_from(names.NOTICES))
async def tell_customers() -> RunState[dict[str, int]]:
    """Write what is due today into the outbox; who gets what is in no artifact."""
    outages = (await asyncio.to_thread(tell_waiting)).total()
    written = {kind: counts.total() for kind, counts in (await asyncio.to_thread(tell_due)).items()}
    counts = {**written, NoticeKind.OUTAGE: outages}
    told = ", ".join(f"{_name(kind)}: {number}" for kind, number in counts.items() if number) or "Nic nowego"
    if get_settings().notices_from is None:
        told = "Nie ustawiono, od których faktur powiadamiać (EBOK_NOTICES_FROM)"
    else:
        told += await asyncio.to_thread(_held_back)
    return Completed(name=names.ENDED, message=f"{told}.", data={str(kind): number for kind, number in counts.items()})


def _name(kind: NoticeKind) -> str:
    return f"{LABELS[kind.switched_as].name}{' jeszcze raz' if kind is NoticeKind.PASSED_AGAIN else ''}"


def _held_back() -> str:
    """That reminders wait for payments, which billing has not told for long, or never did; '' where they do not."""
    with reading() as session:
        known = payments_known_until(session)
    if known is None:
        return ". Że termin płatności minął, nie piszemy nikomu: rozliczenia nie podały jeszcze wpłat"
    if known >= clock.today() - _PAUSE:
        return ""
    return (
        f". Że termin płatności minął, napiszemy, gdy rozliczenia podadzą dalsze wpłaty: znamy je do {known:%d.%m.%Y}"
    )
