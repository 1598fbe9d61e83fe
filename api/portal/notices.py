"""What the owner of an account wants to be told, and how; the telephone for SMS is proven by a code."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.portal.access import Holder, HolderPosted, SignedIn, SignInNeededError
from api.portal.addresses import NOTICES
from api.portal.frame import account_page
from customers.accounts import active_account
from customers.tables import Account
from database.engine import Session, reading, transaction
from environment.settings import get_settings
from notices.choices import Switch, choose_as_owner, switches_of
from notices.kinds import LABELS, NoticeKind
from notices.people import proven_phones
from notices.phones import PhoneError, phone_of, prove, send_code, waiting_phone

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

PHONE: Final = f"{NOTICES}/telefon"
_DONE: Final = {
    "zapisane": "Zapisane. Od teraz piszemy tak, jak chcesz.",
    "numer": "Numer jest potwierdzony. Na ten numer będą przychodzić SMS-y.",
}
WRONG_CODE: Final = "Ten kod się nie zgadza albo stracił ważność. Sprawdź go albo poproś o nowy."


@router.get(NOTICES)
def show(request: Request, owner: Holder, zrobione: str = "") -> Response:
    """All switches."""
    return _page(request, owner, done=_DONE.get(zrobione))


@router.post(NOTICES)
def save(owner: Holder, form: HolderPosted) -> Response:
    """What was ticked holds from now on; what was not is off."""
    with transaction() as session:
        choose_as_owner(session, account_of(session, owner), {kind: _switch(form, kind) for kind in LABELS})
    return RedirectResponse(f"{NOTICES}?zrobione=zapisane", 303)


@router.post(PHONE)
def ask_for_code(request: Request, owner: Holder, form: HolderPosted) -> Response:
    """A code to a telephone."""
    typed = str(form.get("phone") or "")[:40]
    number, fault = phone_of(typed)
    if fault:
        return _page(request, owner, status=422, typed=typed, faults={"phone": fault})
    try:
        with transaction() as session:
            send_code(session, account_of(session, owner), number)
    except PhoneError as error:
        return _page(request, owner, status=429, typed=typed, faults={"phone": str(error)})
    return RedirectResponse(PHONE, 303)


@router.get(PHONE)
def ask_code(request: Request, owner: Holder) -> Response:
    """The page on which the code is typed."""
    return _code_page(request, owner)


@router.post(f"{PHONE}/kod")
def take_code(request: Request, owner: Holder, form: HolderPosted) -> Response:
    """The code that was typed."""
    try:
        with transaction() as session:
            right = prove(session, account_of(session, owner), str(form.get("code") or "")[:20])
    except PhoneError as error:
        return _code_page(request, owner, status=429, fault=str(error))
    if not right:
        return _code_page(request, owner, status=422, fault=WRONG_CODE)
    return RedirectResponse(f"{NOTICES}?zrobione=numer", 303)


def account_of(session: Session, owner: SignedIn) -> Account:
    """His account; SignInNeededError where it was closed this very moment."""
    account = active_account(session, owner.home_no)
    if account is None:
        raise SignInNeededError(NOTICES)
    return account


def _switch(form: FormData, kind: NoticeKind) -> Switch:
    days = None
    if kind is NoticeKind.DATE_NEAR:
        known, typed = get_settings().notice_days, str(form.get("days") or "")
        days = int(typed) if typed in map(str, known) else known[0]
    return Switch(form.get(f"{kind}-sms") is not None, form.get(f"{kind}-email") is not None, days)


def _page(
    request: Request,
    owner: SignedIn,
    *,
    status: int = 200,
    done: str | None = None,
    typed: str | None = None,
    faults: dict[str, str] | None = None,
) -> Response:
    with reading() as session:
        account = account_of(session, owner)
        switches, proven = switches_of(session, [account])[account.id], proven_phones(session, [account])
    phone = proven.get(account.id)
    return account_page(
        request,
        owner,
        "portal/notices.html",
        status=status,
        done=done,
        labels=LABELS,
        switches=switches,
        all_days=sorted({*get_settings().notice_days, switches[NoticeKind.DATE_NEAR].days or 0} - {0}),
        phone=phone,
        typed=typed if typed is not None else (phone or account.phone or ""),
        wants_sms=any(one.by_sms for one in switches.values()),
        hours=(get_settings().notices_not_before, get_settings().notices_not_after),
        faults=faults or {},
        faulty=bool(faults),
    )


def _code_page(request: Request, owner: SignedIn, *, status: int = 200, fault: str | None = None) -> Response:
    with reading() as session:
        phone = waiting_phone(session, account_of(session, owner))
    if phone is None and fault is None:
        return RedirectResponse(NOTICES, 303)
    return account_page(
        request, owner, "portal/notice_phone.html", status=status, phone=phone, fault=fault, faulty=fault is not None
    )
