"""The page for files: a filled-in PDF, or photos of the pages of one paper.

It works without JavaScript; with it (``sending.js``) pages can be put in order, and the way of the files is shown. A
repetition of the same request, by a double click or by loading the answer again, gives the same case.
"""

from __future__ import annotations

from functools import partial
from typing import Final
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.bodies import SENDING_PATH
from api.case_access import grant
from api.limits import require_room
from api.pages import page
from api.problems import ApiProblem
from api.receiving import FIELD, receive_files, receive_in_turn
from environment.settings import get_settings
from forms.form import Problem

router = APIRouter(include_in_schema=False)

MOST_PHOTOS: Final = 20
"""More pages than any paper of ours has; each is looked at before the sender is answered."""
_KEY: Final = "key"
_LONGEST_KEY: Final = 64
_MISSING: Final = "Wybierz plik PDF albo zdjęcia swojego formularza."
_TOO_MANY: Final = f"Razem można wysłać najwyżej {MOST_PHOTOS} zdjęć. Wyślij tylko strony jednego formularza."
_BROKEN: Final = "Plik nie dotarł w całości. Wybierz go jeszcze raz i wyślij."


@router.get(SENDING_PATH, response_class=HTMLResponse)
def offer(request: Request) -> Response:
    """The empty page."""
    return _sending_page(request)


@router.post(SENDING_PATH, response_class=HTMLResponse)
async def send(request: Request) -> Response:
    """Take the files and lead to the page of their case, whose cookie goes with the answer.

    The script of the page asks for JSON: it is told where to go, or gets the problem.
    """
    try:
        tracking = await _taken(request)
    except ApiProblem as problem:
        if _by_script(request):
            return problem.response(request)
        return _sending_page(request, problem)
    place = f"/sprawa/{tracking}"
    answer: Response = JSONResponse({"place": place}) if _by_script(request) else RedirectResponse(place, 303)
    grant(answer, tracking)
    return answer


async def _taken(request: Request) -> str:
    require_room(request)
    try:
        # One more of each than is taken: what is too much is told in our own words.
        async with request.form(max_files=MOST_PHOTOS + 1, max_fields=8) as form:
            sent = [
                each for each in form.getlist(FIELD) if isinstance(each, UploadFile) and (each.filename or each.size)
            ]
            if not sent:
                raise ApiProblem(422, problems=[Problem(FIELD, "missing", _MISSING)])
            if len(sent) > MOST_PHOTOS:
                raise _too_many()
            take = partial(receive_files, request, sent, _key(form.get(_KEY)), by_content=True)
            taken = await receive_in_turn(request, take)
    except HTTPException as refusal:
        raise _too_many() if "Too many" in refusal.detail else _broken() from refusal
    return taken.receipt.tracking


def _key(sent: object) -> str:
    """The key that came with the page; a new one where it is missing or was tampered with."""
    known = isinstance(sent, str) and sent.isascii() and sent.isprintable() and 0 < len(sent) <= _LONGEST_KEY
    return f"{SENDING_PATH} {sent if known else uuid4().hex}"


def _too_many() -> ApiProblem:
    return ApiProblem(422, problems=[Problem(FIELD, "too_many_files", _TOO_MANY)])


def _broken() -> ApiProblem:
    return ApiProblem(400, problems=[Problem(FIELD, "broken_off", _BROKEN)])


def _by_script(request: Request) -> bool:
    return request.headers.get("accept", "").startswith("application/json")


def _sending_page(request: Request, problem: ApiProblem | None = None) -> Response:
    """The page, with what went wrong; the files have to be chosen again, as browsers keep none."""
    told = None
    if problem is not None:
        told = problem.answer.problems[0].message if problem.answer.problems else problem.answer.detail
    return page(
        request,
        "sending.html",
        status=200 if problem is None else problem.status,
        faulty=problem is not None,
        problem=told,
        key=uuid4().hex,
        most_bytes=get_settings().max_upload_bytes,
        most_photos=MOST_PHOTOS,
    )
