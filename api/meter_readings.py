"""Reporting what a meter shows without an account: who knows the customer number and a second factor may.

Nothing is told to who guesses: a wrong number and a wrong second factor get the same answer after the same time, and
only so many tries. What opens the form is a cookie that opens nothing else, and not for long.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from access.lockout import TooManyTriesError, count_secret
from api.answer_time import not_before_floor
from api.bodies import OPEN_READING
from api.cookies import cookie_of, drop_cookie, give_cookie
from api.meter_forms import ReadingForm, context, empty_form, reported
from api.pages import page
from api.portal.access import signed_in_here
from api.problems import ApiProblem
from api.progress import MINUTES, TOO_MANY
from api.security import client_key
from audit.trail import record_view
from billing.metering.history import Meter, meters_of
from billing.metering.identifying import meters_for
from billing.metering.reported import state_told
from billing.metering.tables import ReadingSource
from database.encryption import digest
from database.engine import reading, transaction
from environment import clock
from forms.fields import CUSTOMER_NO
from notices.leaks import tell_of_leaks
from portal.views import OWNER, actor_of

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

ADDRESS: Final = "/odczyt"
_DONE: Final = f"{ADDRESS}/przyjety"
_COOKIE: Final = "ebok_odczyt"
_OPEN: Final = timedelta(minutes=30)
_ALL: Final = ""
"""In the place of one meter's number: all meters of the customer."""
_LONGEST: Final = 254
_MISSING: Final = "Wpisz numer wodomierza z tarczy albo z faktury, albo swój adres e-mail."
_WRONG: Final = (
    "Nie znaleźliśmy klienta o tym numerze z takim wodomierzem albo adresem e-mail. Porównaj oba numery z fakturą. "
    "Możesz też podać odczyt przez telefon."
)


@dataclass(frozen=True, slots=True)
class _Opened:
    """Whose form this browser may open, and of which of his meters."""

    customer_no: str
    meter_no: str


@router.get(ADDRESS)
def ask(request: Request) -> Response:
    """Where both factors are typed."""
    return _entry(request)


@router.post(ADDRESS)
async def enter(
    request: Request, customer_no: Annotated[str, Form()] = "", secret: Annotated[str, Form()] = ""
) -> Response:
    """Open the form to this browser when both agree."""
    parsed, faults = CUSTOMER_NO.kind.parse(customer_no, clock.today()), {}
    number = parsed.value if isinstance(parsed.value, str) and parsed.fault is None else None
    if number is None:
        faults["customer_no"] = (
            parsed.fault.message if parsed.fault else "Wpisz numer klienta. Jest na każdej fakturze."
        )
    if not secret.strip():
        faults["secret"] = _MISSING
    if number is None or faults:
        return _entry(request, customer_no, faults, status=422)
    async with not_before_floor():
        opened = await run_in_threadpool(_try, number, secret.strip()[:_LONGEST], client_key(request))
    if opened is None:
        return _entry(request, customer_no, {"": _WRONG}, status=422)
    answer = RedirectResponse(OPEN_READING, 303)
    give_cookie(answer, _COOKIE, form_cookie(opened.customer_no, opened.meter_no), ADDRESS)
    return answer


@router.get(OPEN_READING)
def show(request: Request) -> Response:
    """The form."""
    opened = _opened(request)
    if opened is None:
        return RedirectResponse(ADDRESS, 303)
    return _form_page(request, empty_form(_meters(opened)))


@router.post(OPEN_READING)
async def report(request: Request) -> Response:
    """Take a reading, or ask about it; then this browser has no more to open."""
    opened = _opened(request)
    if opened is None:
        return RedirectResponse(ADDRESS, 303)
    async with request.form(max_files=1, max_fields=12) as form:
        meters = await run_in_threadpool(_meters, opened)
        actor = await run_in_threadpool(_actor, request, opened.customer_no)
        done = await reported(request, form, opened.customer_no, meters, ReadingSource.WEB, actor=actor)
    if isinstance(done, ReadingForm):
        return _form_page(request, done)
    await run_in_threadpool(tell_of_leaks, [opened.customer_no])
    answer = RedirectResponse(f"{_DONE}/{done.number}", 303)
    if len(meters) == 1:
        drop_cookie(answer, _COOKIE, ADDRESS)
    return answer


@router.get(f"{_DONE}/{{number}}")
def done(request: Request, number: str) -> Response:
    """What became of a reading; it names nobody."""
    with reading() as session:
        told = state_told(session, number)
    if told is None:
        raise ApiProblem(404, "Nie ma odczytu o tym numerze. Sprawdź go.", title="Nie ma takiego odczytu")
    more = _opened(request) is not None
    return page(request, "meter_done.html", number=number, told=told, more=more, layout="good")


def _try(number: str, secret: str, client: str) -> _Opened | None:
    """One try, counted before it is looked at; a number that nobody has takes the same way as any other."""
    try:
        with transaction() as session:
            counted = count_secret(session, "reading", number, client, minutes=MINUTES)
    except TooManyTriesError as error:
        raise ApiProblem(429, TOO_MANY, headers={"Retry-After": str(MINUTES * 60)}) from error
    with transaction() as session:
        found = meters_for(session, number, secret, clock.today())
        if not found:
            return None
        counted.settle(session)
        record_view(session, actor="unknown", action="viewed", subject=f"customer:{number}")
    return _Opened(number, _ALL if "@" in secret else found[0].meter_no)


def _actor(request: Request, customer_no: str) -> str:
    """Who reports: the customer, unless who is signed in here acts for him."""
    owner = signed_in_here(request)
    view = None if owner is None else owner.view_of(customer_no)
    return OWNER if owner is None or view is None else actor_of(owner.home_no, view)


def _meters(opened: _Opened) -> list[Meter]:
    with reading() as session:
        found = meters_of(session, [opened.customer_no], clock.today())
    return [one for one in found if opened.meter_no in (_ALL, one.meter_no)]


def form_cookie(customer_no: str, meter_no: str) -> str:
    """What a browser keeps that may open the form of that customer for one meter, '' for all of them."""
    until = int((clock.now() + _OPEN).timestamp())
    told = f"{customer_no}.{until}.{meter_no.encode().hex()}"
    return f"{told}.{digest('reading form', told)}"


def _opened(request: Request) -> _Opened | None:
    """Whose form the cookie opens; None where there is none, or its time is over."""
    told, _, proof = cookie_of(request, _COOKIE).rpartition(".")
    if not told or not hmac.compare_digest(proof.encode(), digest("reading form", told).encode()):
        return None
    customer_no, until, meter = told.split(".")
    if int(until) < clock.now().timestamp():
        return None
    return _Opened(customer_no, bytes.fromhex(meter).decode())


def _form_page(request: Request, shown: ReadingForm) -> Response:
    return page(request, "meter_reading.html", status=shown.status, **context(shown, OPEN_READING))


def _entry(
    request: Request, customer_no: str = "", faults: dict[str, str] | None = None, *, status: int = 200
) -> Response:
    """The page that asks for both; the second factor is not shown again."""
    return page(
        request,
        "meter_entry.html",
        status=status,
        customer_no=customer_no[:20],
        faults=faults or {},
        faulty=bool(faults),
    )
