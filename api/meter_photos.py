"""A photo of a meter: looked at and drawn anew in a process of its own, so that nobody opens a stranger's file."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Final

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from api.bodies import too_large
from api.limits import count_submission, require_room
from api.problems import ApiProblem
from api.receiving import checked, receive_in_turn, refused
from billing.metering.photos import keep_photo, photo_named
from database.engine import transaction
from documents.originals import media_type_of, store_bytes
from environment.settings import get_settings
from forms.form import Problem
from readers.looks import laid_flat

PHOTO: Final = "zdjecie"
KEPT: Final = "zdjecie_mamy"
"""Fields: the file itself, and the name of one that we have from the sending before."""
_PICTURES: Final = frozenset({"image/jpeg", "image/png", "image/heic"})
_HEAD: Final = 1024
_NO_PICTURE: Final = "To nie jest zdjęcie. Wybierz plik JPEG, PNG albo HEIC albo podaj odczyt bez zdjęcia."


async def photo_of(request: Request, form: FormData, customer_no: str) -> str | None:
    """The name of the photo that came with a form, kept by now; None without one. ApiProblem for what is none."""
    sent = form.get(PHOTO)
    if isinstance(sent, UploadFile) and (sent.filename or sent.size):
        require_room(request)
        return await kept_photo(request, sent, customer_no, PHOTO)
    named = form.get(KEPT)
    return named if isinstance(named, str) and photo_named(named, customer_no) else None


async def kept_photo(request: Request, sent: UploadFile, customer_no: str, field: str) -> str:
    """The name of the photo in that field, kept by now; ApiProblem for what is none."""
    return await receive_in_turn(request, partial(_kept, request, sent, customer_no, field))


def _kept(request: Request, sent: UploadFile, customer_no: str, field: str) -> str:
    if (sent.size or 0) > get_settings().max_upload_bytes:
        raise too_large(upload=True)
    with transaction() as session:
        count_submission(session, request, size=sent.size or 0)
    with tempfile.TemporaryDirectory(prefix="ebok-") as folder:
        path = checked(sent, Path(folder) / "photo")
        with path.open("rb") as file:
            if media_type_of(file.read(_HEAD)) not in _PICTURES:
                raise ApiProblem(415, _NO_PICTURE, problems=[Problem(field, "unknown_format", _NO_PICTURE)])
        with refused():
            drawn = laid_flat(path, 1, None)
    photo = store_bytes(drawn)
    with transaction() as session:
        return keep_photo(session, photo, customer_no)
