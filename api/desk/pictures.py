"""Pictures of pages and fields, and the originals: only for signed-in staff and only for their browsers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import Final, Literal

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from api.desk.access import Decider, tracking_of
from api.problems import ApiProblem
from audit.trail import note_view
from database.engine import reading, transaction
from documents.erasing import ErasedError
from documents.originals import ENDINGS, OriginalError, chunks_of
from ocr.errors import DocumentError
from readers.pictures import SHOWN_WIDTH, THUMBNAIL_WIDTH
from readers.pool import ReadersUnavailableError
from review.originals import HeldBackError, handed_out
from review.pages import NoPictureError, field_of, picture_of

router = APIRouter(include_in_schema=False)

_ASKED_AGAIN: Final = "private, max-age=0, must-revalidate"
"""Only the clerk's own browser may keep what shows personal data; it asks each time whether that was turned since."""
_SIZES: Final = {"strona": SHOWN_WIDTH, "miniatura": THUMBNAIL_WIDTH}
_HELD_BACK: Final = (
    "Program antywirusowy znalazł w tym pliku zagrożenie, więc biuro go nie wydaje. Jeśli to pomyłka, spróbuj odczytać "
    "go jeszcze raz po aktualizacji antywirusa: plik, który jest dla niego czysty, da się też pobrać."
)


@router.get("/biuro/sprawy/{tracking}/{size}/{page}.jpg")
def page(request: Request, clerk: Decider, tracking: str, size: Literal["strona", "miniatura"], page: int) -> Response:
    """A page of the original, laid flat where it is a form of ours, turned as it was turned at the desk."""
    number = tracking_of(tracking)
    with none_is_404(), reading() as session:
        picture = picture_of(session, number, page)
    note_view(actor=clerk.actor, action="pictures_viewed", subject=number)
    return picture_answer(request, f"{picture.mark}-{size}", "image/jpeg", lambda: picture.shown(_SIZES[size]))


@router.get("/biuro/sprawy/{tracking}/pole/{field}.png")
def field(request: Request, clerk: Decider, tracking: str, field: str) -> Response:
    """A field with its surroundings, about twice as large as on paper."""
    number = tracking_of(tracking)
    with none_is_404(), reading() as session:
        picture, box = field_of(session, number, field)
    note_view(actor=clerk.actor, action="pictures_viewed", subject=number)
    return picture_answer(request, f"{picture.mark}-{box}", "image/png", lambda: picture.field(box))


@router.get("/biuro/sprawy/{tracking}/oryginal")
def original(clerk: Decider, tracking: str) -> Response:
    """The file as it came, to be saved; that it was handed out stands in the audit."""
    number = tracking_of(tracking)
    try:
        with transaction() as session:
            file = handed_out(session, number, clerk.actor)
    except ErasedError as erased:
        raise ApiProblem(410, erased.message, title="Oryginału już nie ma") from erased
    except HeldBackError as stopped:
        raise ApiProblem(403, _HELD_BACK, title="Plik jest zatrzymany") from stopped
    try:
        content = None if file is None else chunks_of(file.sha256)
    except OriginalError:
        content = None
    if file is None or content is None:
        raise ApiProblem(404, "Oryginału tej sprawy nie ma w magazynie plików.", title="Nie ma oryginału")
    ending = ENDINGS.get(file.media_type) or PurePath(file.name or "").suffix[:8]
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{number}{ending}"'}
    return StreamingResponse(content, media_type="application/octet-stream", headers=headers)


def picture_answer(request: Request, mark: str, media_type: str, draw: Callable[[], bytes]) -> Response:
    """The picture, drawn only when the browser has not got it yet."""
    headers = {"Cache-Control": _ASKED_AGAIN, "ETag": f'"{hashlib.sha256(mark.encode()).hexdigest()[:32]}"'}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    with none_is_404():
        return Response(draw(), media_type=media_type, headers=headers)


@contextmanager
def none_is_404() -> Iterator[None]:
    """Where there is nothing to see, or no file that can be opened, say just that."""
    try:
        yield
    except (NoPictureError, DocumentError, OriginalError, ValueError) as nothing:
        raise ApiProblem(404, "Nie ma takiego obrazu.", title="Nie ma obrazu") from nothing
    except ErasedError as erased:
        raise ApiProblem(410, erased.message, title="Obrazu już nie ma") from erased
    except ReadersUnavailableError as busy:
        raise ApiProblem(503, "Teraz nie można narysować obrazu. Spróbuj za chwilę.", title="Nie ma obrazu") from busy
