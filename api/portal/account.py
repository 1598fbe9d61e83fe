"""The account itself: login, customer number, and where it is signed in."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from api.portal.access import Holder, HolderPosted, RowNumber, drop_token, token_of
from api.portal.addresses import ACCOUNT, SIGN_IN
from api.portal.frame import account_page
from customers.records import RegisterLookup
from database.engine import reading, transaction
from environment.settings import get_settings
from portal.passkeys import passkeys_of
from portal.sessions import devices, end_device, end_everywhere

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_DEVICES: Final = f"{ACCOUNT}/urzadzenia"


@router.get(ACCOUNT)
def show(request: Request, owner: Holder) -> Response:
    """Whose account it is, and its sessions."""
    with reading() as session:
        found = devices(session, owner.home_no, token_of(request))
        record = RegisterLookup(session).find(owner.home_no) if owner.vouched and not owner.is_agent else None
        keys = len(passkeys_of(session, owner.home_no))
    done = "zakonczone" in request.query_params
    settings = get_settings()
    return account_page(
        request,
        owner,
        "portal/account.html",
        devices=found,
        record=record,
        passkeys=keys,
        provider=settings.account_oidc_name if settings.account_oidc_issuer else None,
        done=done,
    )


@router.post(_DEVICES + "/{number}/wyloguj")
def end_one(owner: Holder, number: RowNumber, form: HolderPosted) -> Response:
    """End one session; of others' accounts none can be named."""
    with transaction() as session:
        end_device(session, owner.home_no, number)
    return RedirectResponse(f"{ACCOUNT}?zakonczone=1", 303)


@router.post(f"{_DEVICES}/wyloguj")
def end_all(owner: Holder, form: HolderPosted) -> Response:
    """End all sessions, this one too."""
    with transaction() as session:
        end_everywhere(session, owner.home_no)
    answer = RedirectResponse(f"{SIGN_IN}?wylogowano=1", 303)
    drop_token(answer)
    return answer
