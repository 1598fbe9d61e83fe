"""Links that prove an e-mail address, as JSON; their pages are in ``api.links``."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from access.passwords import LONGEST, SHORTEST, hashed
from access.passwords import fault as password_fault
from api.answers import ProofTaken
from api.link_wording import heading, status_of
from api.problems import ApiProblem, answers
from confirmations.composing import compose_proof
from customers.effects import proving_for
from customers.proofs import ProofError
from customers.proving import check, prove
from database.engine import reading, transaction
from forms.form import Problem

router = APIRouter(tags=["Potwierdzanie adresu e-mail"])


class ProofGiven(BaseModel):
    """What may come with the use of a link."""

    password: str | None = Field(
        default=None,
        description=f"Hasło do nowego konta eBOK, od {SHORTEST} do {LONGEST} znaków. Bez niego konto zacznie działać, "
        "a jego właściciel wybierze hasło na stronie /haslo. Przy innych odnośnikach nie ma znaczenia.",
        examples=["cztery zwykłe słowa obok siebie"],
        repr=False,
    )


@router.post(
    "/api/v1/email-proofs/{token}",
    summary="Potwierdź adres e-mail odnośnikiem z wiadomości",
    response_description="Adres jest potwierdzony",
    responses=answers(
        s400="Treść nie jest JSON-em",
        s404="Nie znamy tego odnośnika",
        s409="Odnośnik był już użyty",
        s410="Odnośnik stracił ważność",
        s422="Hasło wymaga poprawy; odnośnik działa dalej",
    ),
)
def prove_as_json(token: str, given: ProofGiven | None = None) -> ProofTaken:
    """Działa jeden raz; token to ostatnia część odnośnika. Treść jest potrzebna tylko, aby od razu ustawić hasło."""
    try:
        password_hash = _kept(token, given.password) if given and given.password is not None else None
        with transaction() as session:
            found = prove(session, token, password_hash)
            compose_proof(session, found)
    except ProofError as error:
        raise ApiProblem(status_of(error.code), error.message, title=heading(error.code)) from error
    return ProofTaken(
        purpose=found.purpose, tracking=found.tracking, message=f"{proving_for(found.purpose).page.done}."
    )


def _kept(token: str, password: str) -> str | None:
    """What is kept of the password of an account; ApiProblem when it is no good one."""
    with reading() as session:
        found = check(session, token)
    if not proving_for(found.purpose).password:
        return None
    if wrong := password_fault(password, about=[found.email]):
        raise ApiProblem(422, problems=[Problem("password", wrong.code, wrong.message)])
    return hashed(password)
