"""The run that tells customers of new versions of both Regulamins before they are in force."""

from __future__ import annotations

import asyncio

from prefect import flow
from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed

from database.engine import reading
from flows import names
from forms.terms import Terms
from notices.terms import late, tell_changes


@flow(name=names.TERMS, flow_run_name=names.told_from(names.TERMS))
async def tell_of_new_terms() -> RunState[dict[str, int]]:
    """Write what is due today into the outbox; who gets what is in no artifact."""
    written = await asyncio.to_thread(tell_changes)
    told = [f"{_name(terms)}: zawiadomiono {number}." for terms, number in written.items()]
    told += await asyncio.to_thread(_late)
    data = {f"{terms.key} {terms.version}": number for terms, number in written.items()}
    return Completed(name=names.ENDED, message=" ".join(told) or "Nie zmienia się żaden regulamin.", data=data)


def _late() -> list[str]:
    with reading() as session:
        return [f"Za późno, ostatnim dniem był {one.last_day:%d.%m.%Y}: {_name(one.terms)}." for one in late(session)]


def _name(terms: Terms) -> str:
    return f"{terms.title}, wersja {terms.version} od {terms.in_force_from:%d.%m.%Y}"
