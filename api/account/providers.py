"""Signing in at a provider of identities, as JSON: whether the account is bound to one, and ending that.

Binding and signing in there lead a browser away and back by pages of the provider (``api.portal.provider``): a program
has nothing to send there.
"""

from __future__ import annotations

from fastapi import Request
from pydantic import BaseModel, Field

from api.account.access import ChangingHolder, new_router
from api.account.password import TOO_MANY, WRONG, PasswordOnceMore, require_password
from api.portal.access import Holder
from api.problems import ApiProblem, answers
from database.engine import reading, transaction
from environment.settings import get_settings
from portal.identities import is_bound, unbind

router = new_router("Konto: sposoby logowania")


class IdentityProvider(BaseModel):
    """Where one can sign in instead of with the password."""

    name: str = Field(examples=["Węzeł Krajowy"])
    bound: bool = Field(description="Czy to konto jest z nim połączone")


@router.get("/providers", summary="Logowanie u dostawcy", response_description="Dostawcy; pusta lista, gdy ich nie ma")
def list_providers(owner: Holder) -> list[IdentityProvider]:
    """Połączyć konto można tylko na stronie /ebok/konto/dostawca: prowadzi przez strony dostawcy."""
    settings = get_settings()
    if settings.account_oidc_issuer is None:
        return []
    with reading() as session:
        return [IdentityProvider(name=settings.account_oidc_name, bound=is_bound(session, owner.home_no))]


@router.post(
    "/providers/unbinding",
    status_code=204,
    summary="Zakończ połączenie z dostawcą",
    response_description="Konto nie jest połączone; hasło działa dalej",
    responses=answers(s404="Nie ma tu logowania u dostawcy", s422=WRONG, s429=TOO_MANY),
)
def end(request: Request, owner: ChangingHolder, given: PasswordOnceMore) -> None:
    """Drugi raz niczego nie zmienia."""
    if get_settings().account_oidc_issuer is None:
        raise ApiProblem(404, "Nie ma tu innego logowania niż hasłem i kluczem dostępu.")
    require_password(request, owner, given)
    with transaction() as session:
        unbind(session, owner.home_no)
