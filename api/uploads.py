"""Files: a filled-in PDF, a scan or a photo."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from api.answers import UploadTaken, status_url
from api.bodies import UPLOADS_PATH
from api.limits import require_room
from api.problems import ApiProblem, answers
from api.receiving import FIELD, receive_files, receive_in_turn
from api.submissions import Key, conflict
from documents.intake import IdempotencyConflictError
from documents.states import State
from forms.form import Problem

router = APIRouter(tags=["Pliki"])

_MOST_FIELDS: Final = 8
"""Fields beside the file that a sender's program may add."""
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [FIELD],
                    "properties": {
                        FIELD: {
                            "type": "string",
                            "contentMediaType": "application/octet-stream",
                            "description": "PDF, TIFF, JPEG, PNG albo HEIC",
                        }
                    },
                    "additionalProperties": {"type": "string", "description": "Bez znaczenia"},
                    "maxProperties": _MOST_FIELDS + 1,
                },
                "encoding": {FIELD: {"contentType": "application/pdf, image/tiff, image/jpeg, image/png, image/heic"}},
            }
        },
    }
}


@router.post(
    UPLOADS_PATH,
    status_code=202,
    summary="Przyślij wypełniony formularz jako plik",
    response_description="Plik jest przyjęty",
    responses={
        200: {"model": UploadTaken, "description": "Ten sam plik już do nas dotarł; duplicate_of podaje numer sprawy"},
        **answers(
            s400="Treść nie jest poprawnym multipart/form-data albo klucz jest niepoprawny",
            s409="Klucza użyto już z innym plikiem",
            s413="Plik jest za duży",
            s415="Plik nie jest PDF-em ani obrazem",
            s429="Za dużo plików naraz albo z jednego łącza; Retry-After mówi, kiedy wysłać jeszcze raz",
            s507="Na serwerze nie ma miejsca na pliki; Retry-After mówi, kiedy wysłać jeszcze raz",
            s422="Pliku brakuje, jest pusty, uszkodzony, zabezpieczony hasłem albo ma za dużo stron",
        ),
    },
    openapi_extra=_BODY,
)
async def upload(request: Request, response: Response, key: Key) -> UploadTaken:
    """Przyjmujemy jeden plik naraz; może w nim być kilka formularzy.

    Potwierdzenie wysyłamy na adres podany w formularzu.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise ApiProblem(415, "Wyślij plik jako multipart/form-data w polu file.")
    require_room(request)
    async with request.form(max_files=1, max_fields=_MOST_FIELDS) as form:
        sent = form.get(FIELD)
        if not isinstance(sent, UploadFile):
            raise ApiProblem(422, problems=[Problem(FIELD, "missing", "Dołącz plik.")])
        try:
            take = partial(receive_files, request, [sent], key)
            taken = await receive_in_turn(request, take)
        except IdempotencyConflictError as error:
            raise conflict() from error
    receipt, place = taken.receipt, status_url(taken.receipt.tracking)
    response.status_code = 200 if receipt.state == State.DUPLICATE else 202
    response.headers["Location"] = place
    return UploadTaken(
        tracking=receipt.tracking,
        state=receipt.state,
        duplicate_of=receipt.duplicate_of,
        received_at=taken.received_at,
        status_url=place,
    )
