"""Links in messages that prove an e-mail address: the page that opens, and the same as JSON.

Opening a link changes nothing, since mail scanners open links too; only the button (a POST) uses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from api.answers import ProofTaken
from api.pages import message_page, page
from api.problems import ApiProblem, answers
from confirmations.composing import compose_proof
from customers.proofs import ProofError, ProofResult, check, prove
from database.engine import transaction

router = APIRouter(tags=["Potwierdzanie adresu e-mail"])


@dataclass(frozen=True, slots=True)
class Wording:
    """What the page says of one purpose of a link."""

    question: str
    button: str
    done: str
    consequence: str


_WORDING: Final = {
    "account": Wording(
        "Potwierdź, że ten adres e-mail należy do Ciebie, a uruchomimy Twoje konto w eBOK.",
        "Potwierdzam i uruchamiam konto",
        "Konto w eBOK jest aktywne",
        "Dziękujemy, adres e-mail jest potwierdzony. Jest on Twoim loginem. Szczegóły wysłaliśmy w osobnej wiadomości.",
    ),
    "einvoice": Wording(
        "Potwierdź, że ten adres e-mail należy do Ciebie, a zaczniemy wysyłać na niego faktury zamiast papierowych.",
        "Potwierdzam, chcę e-faktury",
        "Faktury będą przychodzić e-mailem",
        "Dziękujemy, adres e-mail jest potwierdzony. Faktur papierowych już nie wyślemy. "
        "Szczegóły wysłaliśmy w osobnej wiadomości.",
    ),
    "einvoice_change": Wording(
        "Potwierdź, że ten adres e-mail należy do Ciebie, a zaczniemy wysyłać na niego faktury elektroniczne.",
        "Potwierdzam nowy adres",
        "Nowy adres do faktur jest potwierdzony",
        "Dziękujemy. Od teraz faktury elektroniczne wysyłamy na ten adres. Szczegóły wysłaliśmy w osobnej wiadomości.",
    ),
}
_PLAIN: Final = Wording(
    "Potwierdź, że ten adres e-mail należy do Ciebie.",
    "Potwierdzam mój adres",
    "Adres e-mail jest potwierdzony",
    "Dziękujemy. Szczegóły wysłaliśmy w osobnej wiadomości.",
)
_STATUS: Final = {"unknown": 404, "used": 409}
_HEADINGS: Final = {
    "unknown": "Odnośnik jest niepoprawny",
    "used": "Adres jest już potwierdzony",
    "expired": "Potrzebny jest nowy odnośnik",
    "replaced": "Użyj nowszego odnośnika",
    "withdrawn": "Odnośnik jest nieaktualny",
}


@router.get("/potwierdzenie/{token}", response_class=HTMLResponse, include_in_schema=False)
def ask(request: Request, token: str) -> Response:
    """The page that a link opens."""
    try:
        with transaction() as session:
            found = check(session, token)
    except ProofError as error:
        return _refused(request, error)
    wording = _WORDING.get(found.purpose, _PLAIN)
    return page(request, "proof_question.html", wording=wording, tracking=found.tracking)


@router.post("/potwierdzenie/{token}", response_class=HTMLResponse, include_in_schema=False)
def answer(request: Request, token: str) -> Response:
    """The button on that page."""
    try:
        found = _prove(token)
    except ProofError as error:
        return _refused(request, error)
    wording = _WORDING.get(found.purpose, _PLAIN)
    return message_page(request, 200, wording.done, [wording.consequence], mood="good", tracking=found.tracking)


@router.post(
    "/api/v1/email-proofs/{token}",
    summary="Potwierdź adres e-mail odnośnikiem z wiadomości",
    response_description="Adres jest potwierdzony",
    responses=answers(s404="Nie znamy tego odnośnika", s409="Odnośnik był już użyty", s410="Odnośnik stracił ważność"),
)
def prove_as_json(token: str) -> ProofTaken:
    """Działa jeden raz; token to ostatnia część odnośnika."""
    try:
        found = _prove(token)
    except ProofError as error:
        raise ApiProblem(_STATUS.get(error.code, 410), error.message, title=_heading(error)) from error
    wording = _WORDING.get(found.purpose, _PLAIN)
    return ProofTaken(purpose=found.purpose, tracking=found.tracking, message=f"{wording.done}.")


def _prove(token: str) -> ProofResult:
    with transaction() as session:
        found = prove(session, token)
        compose_proof(session, found)
        return found


def _heading(error: ProofError) -> str:
    return _HEADINGS.get(error.code, _HEADINGS["expired"])


def _refused(request: Request, error: ProofError) -> Response:
    mood = "good" if error.code == "used" else "warn"
    return message_page(request, _STATUS.get(error.code, 410), _heading(error), [error.message], mood=mood)
