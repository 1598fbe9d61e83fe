"""The way to the pages of the workflow engine, which stand behind the company's proxy.

Before each request there the proxy asks ``WHO`` whether to let it through, and leads whoever it keeps out to
``ENGINE``: that is a page of the desk like any other, so he signs in and comes back, or is told that it is not for him.
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from access.roles import Right
from api.desk.access import (
    ENGINE,
    WHO,
    EngineViewer,
    FurtherSignInError,
    SignInNeededError,
    desk_page,
    signed_in,
    visitor,
)
from api.problems import ApiProblem
from environment.settings import get_settings

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get(WHO)
def tell_whether_to_let_through(request: Request) -> Response:
    """204 for whoever may open the engine's pages; 401 for whoever has to sign in first, 403 for others.

    A proxy that knows no names is told them: the desk's address, and by which host the engine knows a manager.
    """
    names = {"X-Desk-Url": get_settings().staff_url}
    if there := get_settings().prefect_ui_url:
        names["X-Engine-Host"] = urlsplit(there).netloc
    try:
        person = signed_in(request, visitor(request))
    except (SignInNeededError, FurtherSignInError):
        return Response(status_code=401, headers=names)
    return Response(status_code=204 if person.may(Right.ENGINE) else 403, headers=names)


@router.get(ENGINE + "/{path:path}")
def lead_on(request: Request, clerk: EngineViewer, path: str) -> Response:
    """To that page of the engine, now that the proxy will let it through.

    By a page, since the form to sign in led here, and forms of ours may lead to no other site.
    """
    there = get_settings().prefect_ui_url
    if there is None:
        advice = "Administrator nie podłączył jeszcze widoku przebiegów (ustawienie EBOK_PREFECT_UI_URL)."
        raise ApiProblem(404, advice, title="Widok przebiegów nie jest podłączony")
    query = f"?{request.url.query}" if request.url.query else ""
    address = f"{there.rstrip('/')}/{quote(path)}{query}"
    return desk_page(request, clerk, "desk/to_engine.html", address=address)
