"""The run that tells customers of invoices and payment dates, and goes on with outages where that was broken off."""

from __future__ import annotations

import asyncio

from prefect import flow
from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed

from environment.settings import get_settings
from flows import names
from notices.due import tell_due
from notices.kinds import LABELS, NoticeKind
from notices.outages import tell_waiting


@flow(name=names.NOTICES, flow_run_name=names.told_from(names.NOTICES))
async def tell_customers() -> RunState[dict[str, int]]:
    """Write what is due today into the outbox; who gets what is in no artifact."""
    outages = (await asyncio.to_thread(tell_waiting)).total()
    written = {kind: counts.total() for kind, counts in (await asyncio.to_thread(tell_due)).items()}
    counts = {**written, NoticeKind.OUTAGE: outages}
    told = ", ".join(f"{_name(kind)}: {number}" for kind, number in counts.items() if number) or "Nic nowego"
    if get_settings().notices_from is None:
        told = "Nie ustawiono, od których faktur powiadamiać (EBOK_NOTICES_FROM)"
    return Completed(name=names.ENDED, message=f"{told}.", data={str(kind): number for kind, number in counts.items()})


def _name(kind: NoticeKind) -> str:
    return f"{LABELS[kind.switched_as].name}{' jeszcze raz' if kind is NoticeKind.PASSED_AGAIN else ''}"
