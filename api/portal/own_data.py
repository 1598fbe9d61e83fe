"""What an owner may do with all of his account: get what we hold of him, and close it. Both ask for the password."""

from __future__ import annotations

import shutil
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse
from starlette.background import BackgroundTask
from starlette.datastructures import FormData
from starlette.responses import Response

from access import tries
from access.passwords import LONGEST
from api.pages import message_page
from api.portal.access import (
    Holder,
    HolderPosted,
    Posted,
    SignedIn,
    VouchingNeededError,
    device_mark_of,
    drop_token,
    retry_after,
)
from api.portal.addresses import ACCOUNT
from api.portal.frame import account_page
from api.problems import ApiProblem
from api.security import client_key
from customers.agents import is_agent
from database.engine import transaction
from environment.clock import today
from forms.form import Problem
from portal.closing import close_account
from portal.entering import knows_password
from portal.sessions import TooManyTriesError
from portal.views import OWNER, Permission
from readers.scratch import Scratch
from retention.export import export

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

DATA: Final = f"{ACCOUNT}/dane"
CLOSE: Final = f"{ACCOUNT}/zamknij"
MINUTES: Final = 60
_EXPORTS: Final = 3
"""In an hour: each opens every file that we hold of him."""
_WRONG: Final = "To nie jest hasło do tego konta. Wpisz je jeszcze raz."
LATER: Final = "Twoje dane pobrano już kilka razy. Spróbuj za godzinę."


@router.get(DATA)
def ask_for_data(request: Request, owner: Holder) -> Response:
    """What the file will hold."""
    return _data_page(request, owner, of_whom(owner))


@router.post(DATA)
def give_data(request: Request, owner: Holder, form: Posted) -> Response:
    """All that is held of him, as one file."""
    number = of_whom(owner)
    if error := unproven(request, owner, form):
        return _data_page(request, owner, number, error=error)
    return packed_data(number) or _data_page(request, owner, number, error=LATER, status=429)


def of_whom(owner: SignedIn) -> str:
    """The number whose data he gets: the one that he looks at where it is his own, else that of his account.

    His data are his whatever Regulamin he agrees to, and whoever he acts for. VouchingNeededError where he is not known
    to be the customer.
    """
    if owner.may(Permission.OWN):
        return owner.customer_no
    if not (owner.vouched or owner.is_agent):
        raise VouchingNeededError
    return owner.home_no


def packed_data(number: str) -> Response | None:
    """The file of all that is held under that number; None where it was given too often of late."""
    key = f"export:{number}"
    with transaction() as session:
        if not tries.allowed(session, key, most=_EXPORTS, minutes=MINUTES):
            return None
        tries.note_wrong(session, key)
    scratch = Scratch()
    folder = scratch.path / "data"
    export(number, folder, OWNER)
    packed = shutil.make_archive(str(folder), "zip", folder)
    return FileResponse(
        packed,
        media_type="application/zip",
        filename=f"ebok-moje-dane-{today()}.zip",
        background=BackgroundTask(scratch.remove),
    )


@router.get(CLOSE)
def ask_to_close(request: Request, owner: Holder) -> Response:
    """What closing means."""
    return account_page(request, owner, "portal/close.html", error=None, longest=LONGEST)


@router.post(CLOSE)
def close(request: Request, owner: Holder, form: HolderPosted) -> Response:
    """Close the account at once."""
    if error := unproven(request, owner, form):
        return account_page(request, owner, "portal/close.html", status=422, error=error, faulty=True, longest=LONGEST)
    with transaction() as session:
        close_account(session, owner.home_no, today())
    told = [
        "Potwierdzenie wysłaliśmy na adres, który był Twoim loginem.",
        "Faktury przychodzą dalej tak jak dotąd. Konto możesz założyć od nowa, kiedy zechcesz.",
    ]
    answer = message_page(request, 200, "Konto jest zamknięte", told, mood="good", onward=("/", "Strona główna"))
    drop_token(answer)
    return answer


def unproven(request: Request, owner: SignedIn, form: FormData) -> str | None:
    """What to say where the password typed is not the account's; it is counted as a try to sign in."""
    typed = form.get("password")
    refused = refused_password(request, owner, typed if isinstance(typed, str) else "")
    return None if refused is None else refused.answer.detail


def refused_password(request: Request, owner: SignedIn, typed: str) -> ApiProblem | None:
    """The answer where that is not the account's password, or it was tried too often; None where it is right."""
    try:
        right = knows_password(owner.login, typed, client=client_key(request), device_mark=device_mark_of(request))
    except TooManyTriesError as error:
        return ApiProblem(429, f"Za dużo nieudanych prób. Odczekaj {error.minutes} minut.", headers=retry_after(error))
    return None if right else ApiProblem(422, _WRONG, problems=[Problem("password", "wrong_password", _WRONG)])


def _data_page(
    request: Request, owner: SignedIn, number: str, *, error: str | None = None, status: int = 422
) -> Response:
    return account_page(
        request,
        owner,
        "portal/data.html",
        number=number,
        of_agent=is_agent(number),
        status=status if error else 200,
        error=error,
        faulty=error is not None,
        longest=LONGEST,
    )
