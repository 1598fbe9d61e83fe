"""Where the SMS gateway tells what became of an SMS: the token of the sending, which nobody can guess, lets it in."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from starlette.responses import Response

from api.problems import ApiProblem
from confirmations import sms_reports
from confirmations.channels.smsapi import REPORTS
from database.engine import transaction

router = APIRouter(include_in_schema=False, default_response_class=PlainTextResponse)


@router.get(f"/{REPORTS}/{{token}}")
def take(token: str, status: str = "") -> Response:
    """One report of SMSAPI, which asks by GET and wants 'OK' for an answer; it may come more than once."""
    with transaction() as session:
        known = sms_reports.note(session, token[:24], status[:3])
    if not known:
        raise ApiProblem(404, "Nie ma takiej wysyłki.", title="Nie ma takiej wysyłki")
    return PlainTextResponse("OK")
