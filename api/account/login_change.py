"""Another e-mail address to sign in with: asked for with the password, counted once the link sent there is used."""

from __future__ import annotations

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from api.account.access import ANYBODY, ChangingHolder, new_router
from api.account.password import TOO_MANY, PasswordOnceMore, require_password
from api.account.tokens import LinkToken
from api.answer_time import not_before_floor
from api.portal.login_change import NO_LINK, send_link_to
from api.problems import ApiProblem, answers
from customers.logins import LoginLinkError
from database.engine import transaction
from forms.form import Problem
from portal.login_change import new_address, use_link

router = new_router("Konto: ustawienia")


class NewLogin(PasswordOnceMore):
    """Another address to sign in with."""

    email: str = Field(description="Nowy adres e-mail", max_length=254, examples=["nowy@example.com"], repr=False)


class LinkSent(BaseModel):
    """What happens next."""

    message: str


@router.post(
    "/login-change",
    status_code=202,
    summary="Zmień login",
    response_description="Odnośnik jest w drodze",
    responses=answers(s422="Adres albo hasło wymaga poprawy", s429=TOO_MANY),
)
async def change_login(request: Request, owner: ChangingHolder, given: NewLogin) -> LinkSent:
    """Nowy adres jest loginem, gdy jego właściciel kliknie odnośnik; odpowiedź jest taka sama dla każdego adresu."""
    email, fault = new_address(owner.login, given.email)
    async with not_before_floor():
        await run_in_threadpool(require_password, request, owner, given)
        if fault:
            raise ApiProblem(422, problems=[Problem("email", "bad_email", fault)])
        await run_in_threadpool(send_link_to, owner, email)
    return LinkSent(message="Wysłaliśmy odnośnik na nowy adres. Do tego czasu loguj się dotychczasowym.")


@router.post(
    "/login-change/confirmation",
    status_code=204,
    summary="Potwierdź nowy login",
    response_description="Nowy adres jest loginem; poprzedni dostaje wiadomość",
    responses=answers(s404="Ten odnośnik nie działa: był użyty, stracił ważność albo wysłaliśmy nowszy"),
    openapi_extra=ANYBODY,
)
def confirm(given: LinkToken) -> None:
    """Tym, co stoi na końcu odnośnika z wiadomości; nikt nie musi być zalogowany, tak jak na stronie."""
    try:
        with transaction() as session:
            use_link(session, given.token)
    except LoginLinkError as error:
        raise ApiProblem(404, NO_LINK, title="Ten odnośnik nie działa") from error
