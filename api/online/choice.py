"""The first page: what a customer can do here."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from api.pages import page
from forms.catalogue import current_forms

router = APIRouter(include_in_schema=False)

_FIRST: Final = ("ebok_signup", "einvoice_acceptance", "einvoice_email_change", "einvoice_withdrawal")
"""The order in which customers need them; a further form comes after these."""


@router.get("/", response_class=HTMLResponse)
def choose(request: Request) -> Response:
    """Every form, and the other ways."""
    place = {code: number for number, code in enumerate(_FIRST)}
    forms = sorted(current_forms(), key=lambda form: place.get(form.code, len(_FIRST)))
    return page(request, "choice.html", forms=[(form, _first_sentence(form.intro)) for form in forms])


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".") + "."
