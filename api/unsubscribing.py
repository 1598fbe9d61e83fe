"""Switching notices off from an e-mail without signing in: a page with one button, or one click in the mail program.

Opening the address changes nothing: programs that look into mail open it too. RFC 8058 has mail programs POST to it.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from api.pages import message_page, page
from api.portal.addresses import NOTICES
from api.problems import ApiProblem
from database.engine import transaction
from notices.kinds import LABELS
from notices.unsubscribing import PATH, Unsubscription, read, token_for, unsubscribe

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get(PATH + "/{token}")
def ask(request: Request, token: str) -> Response:
    """The page with the button; nothing is switched off yet."""
    wanted = _wanted(token)
    others = None if wanted.kind is None else f"{PATH}/{token_for(wanted.account_id, None)}"
    return page(request, "unsubscribe.html", about=_about(wanted), others=others)


@router.post(PATH + "/{token}")
def switch_off(request: Request, token: str) -> Response:
    """The button, or the mail program."""
    wanted = _wanted(token)
    with transaction() as session:
        unsubscribe(session, wanted)
    told = [f"Nie będziemy już pisać e-maili o {_about(wanted)}.", "Włączysz je z powrotem w eBOK, w Powiadomieniach."]
    return message_page(request, 200, "Wyłączone", told, mood="good", onward=(NOTICES, "Powiadomienia w eBOK"))


def _wanted(token: str) -> Unsubscription:
    found = read(token)
    if found is None:
        advice = "Otwórz cały adres z wiadomości albo zaloguj się do eBOK i wyłącz to w Powiadomieniach."
        raise ApiProblem(404, advice, title="Ten adres nie działa")
    return found


def _about(wanted: Unsubscription) -> str:
    if wanted.kind is None:
        return "fakturach, terminach płatności, przerwach w dostawie wody i wyciekach"
    return LABELS[wanted.kind].about
