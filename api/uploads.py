"""Files: a filled-in PDF, a scan or a photo."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from api.answers import UploadTaken, status_url
from api.bodies import UPLOADS_PATH, too_large
from api.problems import ApiProblem, answers
from api.submissions import Key, conflict
from database.engine import transaction
from database.settings import get_settings
from documents.intake import IdempotencyConflictError, receive_file
from documents.register import load
from documents.states import Channel, State
from forms.form import Problem
from ocr.errors import DocumentError
from ocr.pages import check_whole

router = APIRouter(tags=["Pliki"])

_STATUS: Final = {"unknown_format": 415, "file_too_large": 413}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "contentMediaType": "application/octet-stream",
                            "description": "PDF, TIFF, JPEG, PNG albo HEIC",
                        }
                    },
                },
                "encoding": {"file": {"contentType": "application/pdf, image/tiff, image/jpeg, image/png, image/heic"}},
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
    async with request.form(max_files=1, max_fields=8) as form:
        sent = form.get("file")
        if not isinstance(sent, UploadFile):
            raise ApiProblem(422, problems=[Problem("file", "missing", "Dołącz plik.")])
        taken = await to_thread.run_sync(_take, sent, key, limiter=request.app.state.file_openers)
    response.status_code = 200 if taken.state == State.DUPLICATE else 202
    response.headers["Location"] = taken.status_url
    return taken


def _take(sent: UploadFile, key: str | None) -> UploadTaken:
    """Look at the file in a place of its own, then store it; a file that cannot be used is not kept.

    Its sender has it, and is told at once what to do.
    """
    if sent.size is not None and sent.size > get_settings().max_upload_bytes:
        raise too_large(upload=True)
    with tempfile.TemporaryDirectory(prefix="ebok-") as folder:
        path = Path(folder) / "upload"
        with path.open("wb") as out:
            shutil.copyfileobj(sent.file, out)
        try:
            check_whole(path)
        except DocumentError as error:
            problem = Problem("file", error.code, error.message)
            raise ApiProblem(_STATUS.get(error.code, 422), error.message, problems=[problem]) from error
        try:
            with transaction() as session:
                receipt = receive_file(
                    session, path, channel=Channel.UPLOAD, file_name=sent.filename, idempotency_key=key
                )
                received_at = load(session, receipt.tracking).received_at
        except IdempotencyConflictError as error:
            raise conflict() from error
    return UploadTaken(
        tracking=receipt.tracking,
        state=receipt.state,
        duplicate_of=receipt.duplicate_of,
        received_at=received_at,
        status_url=status_url(receipt.tracking),
    )
