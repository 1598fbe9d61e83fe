"""The first page of a manager: where each of his questions is answered."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from api.desk.access import ENGINE, OVERVIEW, Manager, desk_page
from environment.settings import get_settings

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_WAYS: Final = (
    (
        "/biuro/raport",
        "Raport",
        "Co przyszło, jak się skończyło, ile to trwało, co czeka i dlaczego, jak program czyta. Dla dowolnych dni.",
    ),
    ("/biuro/szukaj", "Szukaj", "Sprawa po numerze, sprawy klienta, wszystko z wybranych dni albo w jednym stanie."),
    (
        "/biuro/tolerancja",
        "Jakość odczytu",
        "Ile wartości program odczytał źle, ile błędów dopuszczasz i ile spraw przechodzi przy tym bez człowieka.",
    ),
)
_OF_THE_ENGINE: Final = (
    (
        f"{ENGINE}/v2/runs",
        "Przebiegi spraw (Prefect)",
        "Każda sprawa w jednym wierszu, ze stanem z rejestru: co czeka, co utknęło, co puścić jeszcze raz.",
    ),
    (
        f"{ENGINE}/v2/artifacts",
        "Raporty i tabele w Prefect",
        "Raport dnia, to, co odczytano ze spraw czekających na pracownika, wynik sprawdzenia danych.",
    ),
)
"""Address, name and what is found there."""


@router.get(OVERVIEW)
def show(request: Request, clerk: Manager) -> Response:
    """Links with what each answers."""
    has_engine = get_settings().prefect_ui_url is not None
    ways = _WAYS + _OF_THE_ENGINE if has_engine else _WAYS
    return desk_page(request, clerk, "desk/overview.html", ways=ways, has_engine=has_engine)
