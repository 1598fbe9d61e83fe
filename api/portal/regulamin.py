"""A new Regulamin: the owner of an account accepts it, answers later, or closes his account."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from api.portal.access import Holder, HolderPosted, local_address
from api.portal.addresses import HOME, TERMS
from api.portal.frame import account_page
from database.engine import transaction
from portal.terms import reply

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get(TERMS)
def ask(request: Request, owner: Holder, dalej: str = HOME) -> Response:
    """The question; who has nothing to answer goes on."""
    after = local_address(dalej)
    if owner.terms is None:
        return RedirectResponse(after, 303)
    return account_page(request, owner, "portal/terms.html", after=after)


@router.post(TERMS)
def take_answer(owner: Holder, form: HolderPosted) -> Response:
    """Keep the answer; 'later' is one up to its day."""
    told, version = form.get("odpowiedz"), str(form.get("wersja") or "")
    if told in ("tak", "pozniej"):
        with transaction() as session:
            reply(session, owner.home_no, owner.terms, version, accepted=told == "tak")
    return RedirectResponse(local_address(str(form.get("dalej") or HOME)), 303)
