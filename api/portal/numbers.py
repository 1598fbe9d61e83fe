"""Customer numbers of an account: which one is looked at, further ones, and those of others that were given to see.

What comes of asking for a number is told in the same words, after the same time, whether there is such a number or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from api.answer_time import not_before_floor
from api.portal.access import Holder, HolderPosted, SignedIn, local_address, token_of
from api.portal.addresses import BILLS, HOME, NUMBERS, PAY, USAGE
from api.portal.frame import account_page
from database.engine import reading, transaction
from portal.authorities import give_back
from portal.numbers import (
    ASKED_FOR,
    FIELDS,
    Joining,
    TooManyNumbersError,
    ask_once_more,
    faults_of,
    numbers_waiting,
    remove,
)
from portal.sessions import look_at
from portal.views import Permission, places_of

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_ADD: Final = f"{NUMBERS}/dodaj"
_SAME_FOR_ALL: Final = frozenset({HOME, BILLS, PAY, USAGE})
"""Pages that everybody may see of whatever number he looks at."""
_TOLD: Final = {
    "dodany": "Numer jest dodany. Wybierzesz go u góry strony.",
    "czeka": "Prośbę sprawdzi nasze biuro, zwykle w ciągu dwóch dni roboczych. O wyniku napiszemy na adres, którym się "
    "logujesz.",
    "byl": "Ten numer jest już na Twoim koncie.",
    "usuniety": "Numeru nie ma już na Twoim koncie.",
    "oddane": "Pełnomocnictwo jest oddane. Nie widzisz już tego numeru.",
}
_JOINING: Final = {Joining.JOINED: "dodany", Joining.WAITS: "czeka", Joining.HAD: "byl"}


@router.post("/ebok/numer")
def switch(request: Request, owner: Holder, form: HolderPosted) -> Response:
    """Look at another number of the account; one that it may not look at changes nothing."""
    wanted, after, goal = (str(form.get(name) or "") for name in ("numer", "dalej", "cel"))
    if any(view.customer_no == wanted for view in owner.views):
        with transaction() as session:
            look_at(session, token_of(request), wanted)
    if goal:  # of the page that said which of his numbers has it
        return RedirectResponse(local_address(goal), 303)
    return RedirectResponse(after if after in _SAME_FOR_ALL else HOME, 303)


@router.get(NUMBERS)
def show(request: Request, owner: Holder) -> Response:
    """All numbers, and what waits for the office."""
    told = _TOLD.get(next(iter(request.query_params), ""))
    with reading() as session:
        waiting = numbers_waiting(session, owner.account_id)
        places = places_of(session, [view.customer_no for view in owner.views if view.may(Permission.SEE)])
    return account_page(request, owner, "portal/numbers.html", waiting=waiting, places=places, told=told)


@router.get(_ADD)
def ask_for_number(request: Request, owner: Holder) -> Response:
    """The page that asks whose number it is."""
    return _page(request, owner)


@router.post(_ADD)
async def add(request: Request, owner: Holder, form: HolderPosted) -> Response:
    """Have a number join the account, or wait for the office."""
    typed = {name: str(form.get(name) or "").strip()[:100] for name in ASKED_FOR}
    if faults := faults_of(typed):
        return _page(request, owner, typed=typed, faults=faults)
    try:
        async with not_before_floor():
            came = await run_in_threadpool(asked, owner, typed)
    except TooManyNumbersError as error:
        return _page(request, owner, typed=typed, faults={"customer_no": error.told}, status=429)
    return RedirectResponse(f"{NUMBERS}?{_JOINING[came]}", 303)


@router.post(f"{NUMBERS}/usun")
def take_out(owner: Holder, form: HolderPosted) -> Response:
    """Take a further number out of the account; the first one goes with the account only."""
    with transaction() as session:
        remove(session, owner.account_id, str(form.get("numer") or ""))
    return RedirectResponse(f"{NUMBERS}?usuniety", 303)


@router.post(f"{NUMBERS}/oddaj")
def return_authority(owner: Holder, form: HolderPosted) -> Response:
    """Give back what somebody gave of authority."""
    with transaction() as session:
        give_back(session, owner.account_id, str(form.get("numer") or ""))
    return RedirectResponse(f"{NUMBERS}?oddane", 303)


def asked(owner: SignedIn, typed: Mapping[str, str]) -> Joining:
    """What came of it; TooManyNumbersError."""
    with transaction() as session:
        return ask_once_more(session, owner.account_id, typed)


def _page(
    request: Request,
    owner: SignedIn,
    *,
    typed: Mapping[str, str] | None = None,
    faults: dict[str, str] | None = None,
    status: int = 422,
) -> Response:
    told: dict[str, Any] = {"fields": FIELDS, "typed": typed or {}}
    return account_page(
        request,
        owner,
        "portal/number_adding.html",
        status=status if faults else 200,
        faults=faults or {},
        faulty=bool(faults),
        **told,
    )
