"""Customers' accounts at the desk: whose a number is, numbers that wait to join one, authority that came on paper.

What a customer gives and takes online he does in his account; here is what takes a human.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from api.desk.access import Decider, Posted, SignedIn, desk_page, text_of
from api.desk.messages import questions
from api.portal.authorities import email_of, faults_of, typed_of
from api.portal.frame import SCOPES
from audit.trail import note_view
from customers.caller_check import Caller, can_be_asked
from customers.records import RegisterLookup
from database.engine import reading, transaction
from documents.loading import UnknownDocumentError, load
from documents.tracking import TrackingError, normalise_tracking
from environment.clock import today
from forms.fields import CUSTOMER_NO
from portal.authorities import LONGEST, AuthorityError, give, given, withdraw
from portal.claims import NotShownError, Shown, claim_on, end_claim, require_shown, say_his
from portal.numbers import all_waiting, settle
from portal.views import Scope
from portal.vouching import Way

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

PAGE: Final = "/biuro/konta-klientow"
_TOLD: Final = {
    "dodany": "Numer jest dodany do konta. Właściciel konta dostał wiadomość.",
    "odmowa": "Numer nie jest dodany. Właściciel konta dostał wiadomość.",
    "konto": "To konto tymczasem się zmieniło. Nic nie zapisano. Przeczytaj, co jest teraz.",
    "inaczej": "Tej prośby już nie ma albo numer trafił tymczasem na inne konto. Nic się nie zmieniło.",
    "dane": "Pełnomocnictwo jest zapisane. Pełnomocnik dostał odnośnik, klient wiadomość.",
    "jego": "Zapisane: to konto tego klienta. Właściciel konta dostał wiadomość i widzi już swoje faktury.",
    "zamkniete": "Konto jest zamknięte, a numer wolny: klient może założyć własne konto. Na adres tamtego konta poszła "
    "wiadomość.",
    "wycofane": "Pełnomocnictwo jest wycofane. Obie strony dostały wiadomość.",
}
_AGREED: Final = {"name": "nazwisko albo nazwa", "pesel": "PESEL", "nip": "NIP", "address": "adres"}
_NO_CASE: Final = "Nie ma sprawy o tym numerze. Zeskanuj pismo i wpisz numer sprawy, pod którym je przyjęto."
_OTHERS_CASE: Final = "Sprawa o tym numerze jest innego klienta. Sprawdź numer sprawy i numer klienta."
_SAID: Final = {"co": ("jego", "obce"), "jak": tuple(Shown)}
_UNSAID: Final = {
    "co": "Zaznacz, czy to konto tego klienta, czy kogoś innego.",
    "jak": "Zaznacz, skąd wiesz, że rozmawiasz z tym klientem.",
}
KNOWN_BY: Final = {
    Way.REGISTER: "login to adres, który mamy w rejestrze",
    Way.INVOICE: "podał numer i kwotę faktury",
    Way.LETTER: "przepisał kod z naszego listu",
    Way.IDENTITY: "zalogował się u dostawcy, który zna PESEL",
    Way.DOCUMENT: "pokazał dokument w biurze",
    Way.CALLER: "odpowiedział na pytanie przez telefon",
}
"""How it is known that an account is the customer's."""
_DIGITS: Final = 10


@router.get(PAGE)
def show(request: Request, clerk: Decider, numer: str = "") -> Response:
    """What waits, and who acts for one customer where his number is asked for."""
    return _page(request, clerk, numer.strip())


@router.post(f"{PAGE}/konto")
def settle_claim(request: Request, clerk: Decider, form: Posted) -> Response:
    """Say that an account is the customer's, who is here or on the telephone, or end a stranger's."""
    names = ("numer", "konto", "co", "jak", "pytanie", "odpowiedz")
    typed = {name: text_of(form, name).strip()[:60] for name in names}
    number, account = typed["numer"], _whole(typed["konto"])
    faults = {name: told for name, told in _UNSAID.items() if typed[name] not in _SAID[name]}
    if faults:
        return _page(request, clerk, number, typed=typed, faults=faults)
    caller, shown = Caller(number, typed["pytanie"], typed["odpowiedz"]), Shown(typed["jak"])
    decide, done = (say_his, "jego") if typed["co"] == "jego" else (end_claim, "zamkniete")
    try:
        with transaction() as session:
            wrong = require_shown(session, number, shown, caller, clerk.actor)
            settled = wrong is None and decide(session, number, account, shown, clerk.actor)
    except NotShownError as error:
        wrong = str(error)
    if wrong is not None:
        return _page(request, clerk, number, typed=typed, faults={"odpowiedz": wrong})
    return _to(done if settled else "konto", number)


@router.post(f"{PAGE}/numery")
def settle_number(clerk: Decider, form: Posted) -> Response:
    """Let a number join an account, or not."""
    joins, wanted = text_of(form, "co") == "dodaj", _whole(text_of(form, "prosba"))
    with transaction() as session:
        settled = settle(session, wanted, clerk.actor, joins=joins)
    return _to(("dodany" if joins else "odmowa") if settled else "inaczej")


@router.post(f"{PAGE}/pelnomocnictwa")
def record_authority(request: Request, clerk: Decider, form: Posted) -> Response:
    """Record an authority that came on paper; the link goes to the agent as for any other."""
    number, typed = text_of(form, "numer").strip(), typed_of(form) | {"paper": text_of(form, "paper").strip()[:20]}
    faults = faults_of(typed)
    try:
        paper = normalise_tracking(typed["paper"])
        with reading() as session:
            if load(session, paper).customer_no not in (None, number):
                faults["paper"] = _OTHERS_CASE
    except (TrackingError, UnknownDocumentError):
        faults["paper"] = _NO_CASE
    if faults:
        return _page(request, clerk, number, typed=typed, faults=faults)
    try:
        with transaction() as session:
            scope, until = Scope(typed["scope"]), date.fromisoformat(typed["until"])
            give(session, number, email_of(typed), scope, until, actor=clerk.actor, paper=paper)
    except AuthorityError as error:
        return _page(request, clerk, number, typed=typed, faults={error.field: error.message})
    return _to("dane", number)


@router.post(f"{PAGE}/pelnomocnictwa/wycofaj")
def withdraw_authority(clerk: Decider, form: Posted) -> Response:
    """Withdraw one at once, whoever gave it."""
    number = text_of(form, "numer").strip()
    with transaction() as session:
        ended = withdraw(session, number, _whole(text_of(form, "pelnomocnictwo")), clerk.actor)
    return _to("wycofane" if ended else "inaczej", number)


def _whole(text: str) -> int:
    """A number of ours as a form has it; 0, which nothing has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS else 0


def _to(told: str, number: str = "") -> Response:
    query = {"zrobione": told} | ({"numer": number} if number else {})
    return RedirectResponse(f"{PAGE}?{urlencode(query)}", 303)


def _page(
    request: Request,
    clerk: SignedIn,
    number: str,
    *,
    typed: Mapping[str, str] | None = None,
    faults: dict[str, str] | None = None,
) -> Response:
    parsed = CUSTOMER_NO.kind.parse(number)
    with reading() as session:
        waiting = all_waiting(session)
        customer = RegisterLookup(session).find(str(parsed.value)) if parsed.value else None
        found = [] if customer is None else given(session, customer.customer_no)
        claim = None if customer is None else claim_on(session, customer.customer_no)
    note_view(actor=clerk.actor, action="viewed", subject="customer_accounts")
    if customer is not None:
        note_view(actor=clerk.actor, action="viewed", subject=f"customer:{customer.customer_no}")
    return desk_page(
        request,
        clerk,
        "desk/customer_accounts.html",
        status=422 if faults else 200,
        waiting=waiting,
        customer=customer,
        number=number,
        given=found,
        claim=claim,
        known_by=KNOWN_BY,
        questions=questions(),
        askable=customer is not None and can_be_asked(customer),
        typed=typed or {},
        faults=faults or {},
        told=_TOLD.get(request.query_params.get("zrobione", "")),
        agreed=_AGREED,
        scopes=SCOPES,
        first=today(),
        last=today() + LONGEST,
    )
