"""Files that customers send, whichever page or program sends them: looked at in a place of their own, then stored.

A file that cannot be used is not kept: its sender has it, and is told at once what to do.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from anyio import to_thread
from fastapi import Request
from starlette.datastructures import UploadFile

from api.bodies import too_large
from api.door import Door
from api.limits import count_submission
from api.portal.access import authority_of, signed_in_here
from api.problems import ApiProblem
from api.security import client_key
from database.engine import transaction
from documents.intake import IntakeReceipt, receive_stored
from documents.loading import load
from documents.originals import store_file
from documents.states import IntakeChannel
from environment.settings import get_settings
from forms.form import Problem
from forms.submission import BLANK_FORM
from ocr.errors import DocumentError
from portal.questions import SentFile
from readers.looks import check_whole, holds_only_blanks, join_photos
from readers.pool import ReadersUnavailableError

Taken = TypeVar("Taken")
FIELD: Final = "file"
"""Name of the field that holds a file in the body of a request."""
_STATUS: Final = {"unknown_format": 415, "file_too_large": 413}
_BLANK: Final = (
    "Ten formularz jest pusty: nie widać na nim żadnych wpisów. Wypełnij go, zapisz plik i wyślij jeszcze raz. Jeśli "
    "jest wypełniony, zrób wyraźniejsze zdjęcie albo skan."
)
_BUSY: Final = "Teraz nie możemy sprawdzić pliku. Nic nie zostało zapisane: wyślij go za kilka minut jeszcze raz."
_LINE: Final = (
    "Teraz sprawdzamy zbyt wiele plików. Nic nie zostało zapisane: wyślij swój za kilka minut jeszcze raz albo "
    "wypełnij formularz na naszej stronie."
)
_MOST_OF_NAMES: Final = 200


@dataclass(frozen=True, slots=True)
class ReceivedFiles:
    """What came of the files: one document."""

    receipt: IntakeReceipt
    received_at: datetime


async def receive_in_turn(request: Request, take: Callable[[], Taken]) -> Taken:
    """Have files taken when it is their sender's turn; ApiProblem 429 when too many wait before them.

    Who waits longer than other programs wait for an answer would learn nothing of what became of his file.
    """
    door: Door = request.app.state.door
    async with AsyncExitStack() as held:
        try:
            await held.enter_async_context(door.place(client_key(request), get_settings().door_wait_seconds))
        except TimeoutError as late:
            raise ApiProblem(429, _LINE, title="Za dużo plików naraz", headers={"Retry-After": "120"}) from late
        return await to_thread.run_sync(take)


def receive_files(
    request: Request, sent: Sequence[UploadFile], key: str | None, *, by_content: bool = False
) -> ReceivedFiles:
    """One file as it is, or several photos as the pages of one document, in their order.

    The key came before with other files: with ``by_content`` they are another document, otherwise
    IdempotencyConflictError. Raises ApiProblem (413, 415 or 422) for what cannot be used, 429 for what is too much.
    """
    size = sum(each.size or 0 for each in sent)
    if size > get_settings().max_upload_bytes:
        raise too_large(upload=True)
    with transaction() as session:
        count_submission(session, request, size=size)
    with tempfile.TemporaryDirectory(prefix="ebok-") as folder:
        paths = [checked(each, Path(folder) / f"{number}", len(sent)) for number, each in enumerate(sent, 1)]
        path = paths[0] if len(paths) == 1 else _joined(paths, Path(folder) / "joined")
        _refuse_blanks(path)
        names = ", ".join(each.filename or "" for each in sent)[:_MOST_OF_NAMES]
        authority = authority_of(signed_in_here(request), None)
        stored = store_file(path)  # before the transaction, which keeps all other writers waiting
        if by_content and key is not None:
            key = f"{key} {stored.sha256}"
        with transaction() as session:
            receipt = receive_stored(
                session,
                stored,
                channel=IntakeChannel.UPLOAD,
                file_name=names or None,
                idempotency_key=key,
                authority=authority,
            )
            return ReceivedFiles(receipt, load(session, receipt.tracking).received_at)


def store_beside_text(request: Request, sent: Sequence[UploadFile]) -> list[SentFile]:
    """Files that go with something written, each looked at as one that comes alone, and stored; raises as that does."""
    size = sum(each.size or 0 for each in sent)
    if size > get_settings().max_upload_bytes:
        raise too_large(upload=True)
    with transaction() as session:
        count_submission(session, request, size=size)
    with tempfile.TemporaryDirectory(prefix="ebok-") as folder:
        paths = [checked(each, Path(folder) / f"{at}", len(sent), "Plik") for at, each in enumerate(sent, 1)]
        return [SentFile(each.filename or "", store_file(path)) for each, path in zip(sent, paths, strict=True)]


def checked(sent: UploadFile, path: Path, of: int = 1, what: str = "Zdjęcie") -> Path:
    """A file that was sent, ``of`` so many, written there and found whole; ApiProblem for what cannot be used."""
    with path.open("wb") as out:
        shutil.copyfileobj(sent.file, out)
    with refused(f"{what} {path.name}: " if of > 1 else ""):
        check_whole(path)
    return path


def _refuse_blanks(path: Path) -> None:
    """A form on which nothing was written is told at once: it is no request, so it becomes no case."""
    with refused():
        blank = holds_only_blanks(path)
    if blank:
        raise ApiProblem(422, _BLANK, problems=[Problem(FIELD, BLANK_FORM, _BLANK)])


def _joined(paths: Sequence[Path], joined: Path) -> Path:
    with refused():
        joined.write_bytes(join_photos(paths))
    return joined


@contextmanager
def refused(which: str = "") -> Iterator[None]:
    """The answer to a file that cannot be used, or cannot be looked at now."""
    try:
        yield
    except DocumentError as error:
        message = f"{which}{error.message}"
        problem = Problem(FIELD, error.code, message)
        raise ApiProblem(_STATUS.get(error.code, 422), message, problems=[problem]) from error
    except ReadersUnavailableError as error:
        raise ApiProblem(503, _BUSY, headers={"Retry-After": "60"}) from error
