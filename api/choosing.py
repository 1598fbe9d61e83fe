"""The page where a password for an eBOK account is chosen: by the link of the sign-up, or by a link sent later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response

from access.passwords import LONGEST, SHORTEST
from access.passwords import fault as password_fault
from api.pages import page
from forms.terms import Terms


@dataclass(frozen=True, slots=True)
class ChoicePage:
    """What the page says besides how a password must be.

    The login is shown whole: who holds the link has got it from that very mailbox, and password stores keep both.
    ``terms`` is the Regulamin that is accepted with it, where the account begins here.
    """

    login: str
    introduction: str
    button: str
    closing: str
    tracking: str | None = None
    terms: Terms | None = None
    title: str = "Wybierz hasło do eBOK"


def choice_page(request: Request, choice: ChoicePage, faults: Mapping[str, str] | None = None) -> Response:
    """The page; with ``faults`` by field it tells what to mend."""
    return page(
        request,
        "links/password.html",
        status=422 if faults else 200,
        choice=choice,
        faults=faults or {},
        faulty=bool(faults),
        shortest=SHORTEST,
        longest=LONGEST,
    )


def chosen(password: str, again: str, *, login: str) -> dict[str, str]:
    """What is wrong with the two typed passwords, by field; empty when they are good."""
    if wrong := password_fault(password, about=[login]):
        return {"password": wrong.message}
    if password != again:
        return {"again": "Oba hasła muszą być takie same. Wpisz je jeszcze raz."}
    return {}
