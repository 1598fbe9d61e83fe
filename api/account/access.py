"""Who may ask the account's JSON API: whoever is signed in, with the cookie that the account's pages know.

A route says by its annotation what it takes, as pages do: ``owner: Owner``, ``Seeing``, ``Acting``, ``Einvoicing`` or
``Holder``. Where it changes anything it is ``ChangingOwner`` and so on: who has sent the secret along, which is another
one for each customer number. How either is refused is described for every route by ``describe``.
"""

from __future__ import annotations

import hmac
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request

from api.cookies import cookie_name
from api.portal.access import BETWEEN, COOKIE, Acting, Holder, Owner, SignedIn
from api.problems import ApiProblem, answers
from api.security import ACCOUNT_API

SECRET: Final = "X-CSRF-Token"
ANYBODY: Final[dict[str, Any]] = {"security": []}
"""``openapi_extra`` of a route for which nobody need be signed in."""
_MISSING: Final = f"Wyślij w nagłówku {SECRET} wartość csrf_token, którą podaje GET {ACCOUNT_API}/session."
_REFUSALS: Final = {
    str(status): told
    for status, told in answers(
        s400="Treść nie jest JSON-em",
        s401="Nikt nie jest zalogowany albo sesja się skończyła",
        s403=f"Pełnomocnictwo tego nie obejmuje; przy zmianach także brak nagłówka {SECRET} albo zły",
        s422="Parametry wymagają poprawy",
    ).items()
}


def new_router(tag: str) -> APIRouter:
    """A router for addresses of the account."""
    return APIRouter(prefix=ACCOUNT_API, tags=[tag])


def _sent_along(request: Request, secret: str, *, any_number: bool = False) -> None:
    """ApiProblem 403 without the secret, which no other site can know."""
    told = request.headers.get(SECRET, "")
    told = told.partition(BETWEEN)[0] if any_number else told
    if not hmac.compare_digest(told.encode(), secret.encode()):
        raise ApiProblem(403, _MISSING, title="To polecenie nie ma sekretu sesji")


def _owner(request: Request, owner: Owner) -> SignedIn:
    _sent_along(request, owner.csrf)
    return owner


def _acting(request: Request, owner: Acting) -> SignedIn:
    _sent_along(request, owner.csrf)
    return owner


def _holder(request: Request, owner: Holder) -> SignedIn:
    _sent_along(request, owner.secret, any_number=True)
    return owner


ChangingOwner = Annotated[SignedIn, Depends(_owner)]
ChangingActor = Annotated[SignedIn, Depends(_acting)]
ChangingHolder = Annotated[SignedIn, Depends(_holder)]


def describe(described: dict[str, Any]) -> None:
    """Say in the description of the API how the account's addresses are entered, and how they refuse."""
    schemes = described.setdefault("components", {}).setdefault("securitySchemes", {})
    schemes["session"] = {
        "type": "apiKey",
        "in": "cookie",
        "name": cookie_name(COOKIE),
        "description": f"Ciasteczko, które daje POST {ACCOUNT_API}/session",
    }
    schemes["secret"] = {
        "type": "apiKey",
        "in": "header",
        "name": SECRET,
        "description": f"Wartość csrf_token, którą podają POST i GET {ACCOUNT_API}/session",
    }
    for path, operations in described["paths"].items():
        if path.startswith(f"{ACCOUNT_API}/"):
            for method, operation in operations.items():
                _complete(operation, changes=method != "get")


def _complete(operation: dict[str, Any], *, changes: bool) -> None:
    needed = operation.setdefault("security", [{"session": [], "secret": []} if changes else {"session": []}])
    owed, told = ["401", "403"] if needed else [], operation["responses"]
    if "HTTPValidationError" in str(told.get("422")):  # the framework's own shape, which is never sent
        del told["422"]
        owed.append("422")
    if "requestBody" in operation:
        owed.append("400")
    for status in owed:
        told.setdefault(status, _REFUSALS[status])
