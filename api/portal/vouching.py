"""The page on which the owner of an account shows that he is the customer: by an invoice or a code from a letter."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from api.portal.access import Holder, HolderPosted, SignedIn
from api.portal.addresses import HOME, VOUCHING
from api.portal.frame import account_page
from confirmations.polish import long_date
from database.engine import reading, transaction
from environment.clock import last_day, local_day
from environment.settings import get_settings
from portal import vouching
from portal.vouching import Answer, by_code, by_invoice, has_invoices, letters

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

LONGEST: Final = 60
TOO_MANY: Final = "Dziś było już pięć prób. Spróbuj jutro."
WRONG_CODE: Final = "To nie jest kod z naszego listu albo jego czas już minął. Przepisz go cyfra po cyfrze."
WRONG_INVOICE: Final = (
    "Żadna z trzech ostatnich faktur nie ma takiego numeru i takiej kwoty. Przepisz je z faktury: numer i kwotę do "
    "zapłaty za ten okres."
)


@router.get(VOUCHING)
def show(request: Request, owner: Holder) -> Response:
    """Why nothing is shown yet, and what to do; who is known goes on."""
    return RedirectResponse(HOME, 303) if owner.vouched else _page(request, owner)


@router.post(f"{VOUCHING}/kwota")
def take_invoice(request: Request, owner: Holder, form: HolderPosted) -> Response:
    """Number and amount of an invoice."""
    number, amount = (str(form.get(name) or "")[:LONGEST] for name in ("numer", "kwota"))
    with transaction() as session:
        answer = by_invoice(session, owner.home_no, number, amount)
    faults = {"numer": TOO_MANY if answer is Answer.TOO_MANY else WRONG_INVOICE}
    return _answered(request, owner, answer, faults, number=number, amount=amount)


@router.post(f"{VOUCHING}/kod")
def take_code(request: Request, owner: Holder, form: HolderPosted) -> Response:
    """The code from the letter."""
    with transaction() as session:
        answer = by_code(session, owner.home_no, str(form.get("kod") or "")[:LONGEST])
    return _answered(request, owner, answer, {"kod": TOO_MANY if answer is Answer.TOO_MANY else WRONG_CODE})


@router.post(f"{VOUCHING}/list")
def send(request: Request, owner: Holder, form: HolderPosted) -> Response:
    """Send a letter with a code; where that cannot be, the page says why."""
    with transaction() as session:
        vouching.send_letter(session, owner.home_no)
    return RedirectResponse(f"{VOUCHING}#list", 303)


def _answered(request: Request, owner: SignedIn, answer: Answer, faults: dict[str, str], **typed: str) -> Response:
    if owner.vouched or answer is Answer.RIGHT:
        return RedirectResponse(HOME, 303)
    return _page(request, owner, faults=faults, **typed)


def _page(
    request: Request, owner: SignedIn, *, faults: dict[str, str] | None = None, number: str = "", amount: str = ""
) -> Response:
    with reading() as session:
        letter, invoices = letters(session, owner.home_no), has_invoices(session, owner.home_no)
    sent, again = (None if one is None else long_date(local_day(one)) for one in (letter.sent_at, letter.next_at))
    return account_page(
        request,
        owner,
        "portal/vouching.html",
        status=422 if faults else 200,
        faults=faults or {},
        faulty=bool(faults),
        invoices=invoices,
        reachable=letter.reachable,
        sent=sent,
        until=None if letter.until is None else long_date(last_day(letter.until)),
        again=again,
        code_days=get_settings().letter_code_days,
        number=number,
        amount=amount,
    )
