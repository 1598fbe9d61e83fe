"""Readings of the meters of an account: reporting one, and what became of those before."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from api.bodies import READING
from api.meter_forms import ReadingForm, context, empty_form, reported
from api.portal.access import Acting, Posted, SignedIn
from api.portal.frame import account_page
from billing.metering.history import Meter, meters_of
from billing.metering.leaks import leaks_of
from billing.metering.reported import reported_by
from billing.metering.tables import ReadingSource
from database.engine import reading
from environment.clock import today
from notices.leaks import tell_of_leaks

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_TAKEN: Final = "przyjety"


@router.get(READING)
def show(request: Request, owner: Acting) -> Response:
    """The form, and the readings so far; what was just taken above it."""
    return _page(request, owner, empty_form(_meters(owner)), just=request.query_params.get(_TAKEN))


@router.post(READING)
async def report(request: Request, owner: Acting, form: Posted) -> Response:
    """Take a reading, or ask about it."""
    try:
        meters = await run_in_threadpool(_meters, owner)
        done = await reported(request, form, owner.customer_no, meters, ReadingSource.ACCOUNT, actor=owner.actor)
    finally:
        await form.close()
    if isinstance(done, ReadingForm):
        return await run_in_threadpool(_page, request, owner, done)
    await run_in_threadpool(tell_of_leaks, [owner.customer_no])
    return RedirectResponse(f"{READING}?{_TAKEN}={done.number}", 303)


def _meters(owner: SignedIn) -> list[Meter]:
    with reading() as session:
        return meters_of(session, [owner.customer_no], today())


def _page(request: Request, owner: SignedIn, shown: ReadingForm, just: str | None = None) -> Response:
    with reading() as session:
        readings = reported_by(session, owner.customer_no)
        taken = next((one for one in readings if one.number == just), None)
        leaks = leaks_of(session, owner.customer_no, today()) if taken else []
        senders = owner.senders(session, [one.authority for one in readings])
    told: dict[str, Any] = {"readings": readings, "senders": senders, "taken": taken, "leaks": leaks}
    return account_page(request, owner, "portal/readings.html", status=shown.status, **context(shown, READING), **told)
