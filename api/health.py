"""Whether the process is alive, and whether everything that the house needs is there."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.answers import Health, Readiness
from api.problems import answers
from integrity.readiness import OK, Component, PartsWatch

router = APIRouter(tags=["Działanie"])


@router.get(
    "/healthz",
    summary="Czy program działa",
    description="Nie zagląda do bazy danych.",
    response_description="Działa",
)
async def healthz() -> Health:
    """Alive; says nothing of the database."""
    return Health(status="ok")


@router.get(
    "/readyz",
    summary="Czy wszystko, czego program potrzebuje, jest gotowe",
    description="Baza danych odpowiada, ma właściwe tabele i klucz szyfrowania; oryginały można zapisać; na dyskach "
    "jest miejsce; folder skanów jest na swoim miejscu; ktoś załatwia sprawy; wiadomości wychodzą.",
    response_description="Gotowe",
    responses={
        503: {"model": Readiness, "description": "Coś nie jest gotowe; parts mówi, co"},
        **answers(s422="Nie ma takiej części"),
    },
)
async def readyz(
    request: Request,
    response: Response,
    part: Annotated[list[Component] | None, Query(max_length=len(Component), description="Tylko te części")] = None,
) -> Readiness:
    """Every part, or those that are asked for: what only serves pages can do so while no mail leaves."""
    watch: PartsWatch = request.app.state.parts
    found = await run_in_threadpool(watch.parts, part or ())
    ready = all(told == OK for told in found.values())
    response.status_code = 200 if ready else 503
    return Readiness(status="ready" if ready else "not_ready", parts=found)
