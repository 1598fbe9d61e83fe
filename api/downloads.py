"""What customers can download: forms to print or fill in, every version of both Regulamin texts, the leaflet."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from api.pages import page
from api.problems import ApiProblem
from environment.clock import today
from forms.blank import draw_blank
from forms.catalogue import UnknownFormError, current_forms, form_by_code
from forms.fillable import draw_fillable
from forms.form import Form
from forms.leaflet import draw_leaflet
from forms.terms import KEYS, Terms, in_force, terms_of, versions, what_changes
from forms.terms_pages import terms_html, terms_pdf

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_FILLABLE: Final = "-do-wypelnienia"
_LEAFLET: Final = "ulotka"
PDF_HEADERS: Final = {
    "Cache-Control": "public, max-age=3600",
    # A PDF loads nothing; viewers within the browser need styles and scripts of their own.
    "Content-Security-Policy": "base-uri 'none'; frame-ancestors 'none'",
}
_NO_TERMS: Final = "Nie mamy takiego regulaminu. Wszystkie są na stronie „Do pobrania”."


@router.get("/do-pobrania")
def offer(request: Request) -> Response:
    """Everything, with its size."""
    day = today()
    files = [
        (form, _kilobytes(_form(form, terms_of(form), fillable=True)), _kilobytes(_form(form, terms_of(form))))
        for form in current_forms()
    ]
    texts = [(in_force(key, day), versions(key)) for key in KEYS]
    return page(request, "downloads.html", files=files, texts=texts, leaflet=_kilobytes(_leaflet()), today=day)


@router.get("/do-pobrania/{name}.pdf")
def give(name: str) -> Response:
    """The leaflet, or a form: its blank, or the PDF to fill in."""
    if name == _LEAFLET:
        return _pdf(_leaflet(), name)
    try:
        form = form_by_code(name.removesuffix(_FILLABLE))
    except UnknownFormError as error:
        raise ApiProblem(404, "Nie mamy takiego pliku. Wszystkie są na stronie „Do pobrania”.") from error
    return _pdf(_form(form, terms_of(form), fillable=name.endswith(_FILLABLE)), name)


@router.get("/prywatnosc")
def show_privacy(request: Request) -> Response:
    """What becomes of data here."""
    return _shown(request, in_force("privacy", today()), forgettable=True)


@router.get("/deklaracja-dostepnosci")
def show_accessibility(request: Request) -> Response:
    """How far everybody can use these pages, with the structure and places that the law asks for."""
    return _shown(request, in_force("accessibility", today()))


@router.get("/regulaminy/{key}")
def show_in_force(request: Request, key: str) -> Response:
    """The Regulamin that is in force today."""
    if key not in KEYS:
        raise ApiProblem(404, _NO_TERMS)
    return _shown(request, in_force(key, today()))


@router.get("/regulaminy/{key}/{version}.pdf")
def give_terms(key: str, version: str) -> Response:
    """One version of a Regulamin, as PDF."""
    return _pdf(_terms(_version(key, version)), f"regulamin-{key}-{version}")


@router.get("/regulaminy/{key}/{version}")
def show(request: Request, key: str, version: str) -> Response:
    """One version of a Regulamin, also one that was or will be in force."""
    return _shown(request, _version(key, version))


def _shown(request: Request, terms: Terms, *, forgettable: bool = False) -> Response:
    """``forgettable``: with the button that has the browser forget who reads."""
    known = versions(terms.key)
    return page(
        request,
        "terms.html",
        terms=terms,
        text=_html(terms),
        changes=what_changes(terms),
        size=_kilobytes(_terms(terms)),
        state=_state(terms, today()),
        others=[other for other in reversed(known) if other != terms],
        forgettable=forgettable,
    )


def _state(terms: Terms, day: date) -> str:
    """'now', 'then' or 'later'."""
    if terms == in_force(terms.key, day):
        return "now"
    return "later" if terms.in_force_from > day else "then"


def _version(key: str, version: str) -> Terms:
    found = [terms for terms in versions(key) if terms.version == version] if key in KEYS else []
    if not found:
        raise ApiProblem(404, _NO_TERMS)
    return found[0]


def _pdf(content: bytes, name: str) -> Response:
    disposition = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return Response(content, media_type="application/pdf", headers=PDF_HEADERS | disposition)


def _kilobytes(content: bytes) -> int:
    return max(1, round(len(content) / 1024))


# Drawn once a process: all that they are made of are settings, the catalogue and the Regulamin of the day.


@lru_cache(maxsize=64)
def _form(form: Form, terms: Terms | None, *, fillable: bool = False) -> bytes:
    """``terms`` are printed on the form: a new version of them is a new file."""
    return draw_fillable(form) if fillable else draw_blank(form)


@lru_cache(maxsize=1)
def _leaflet() -> bytes:
    return draw_leaflet()


@lru_cache(maxsize=16)
def _terms(terms: Terms) -> bytes:
    return terms_pdf(terms)


@lru_cache(maxsize=16)
def _html(terms: Terms) -> str:
    return terms_html(terms)
