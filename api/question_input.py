"""What comes with a question, by a page or by a program: its text, files, and what makes it count once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import uuid4

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from api.limits import require_room
from api.problems import ApiProblem
from api.receiving import FIELD, receive_in_turn, store_beside_text
from forms.form import Problem
from portal.questions import MOST_FILES, SentFile

_MOST_FIELDS: Final = 12
_MOST_READ: Final = 4 * MOST_FILES
_LONGEST_KEY: Final = 64
_TOO_MANY: Final = f"Do jednej wiadomości można dołączyć najwyżej {MOST_FILES} plików."
_BROKEN: Final = "Pytanie nie dotarło w całości. Wyślij je jeszcze raz."
_TODAY: Final = "Dzisiaj przyszło już od Ciebie bardzo dużo wiadomości. Napisz jutro albo zadzwoń do nas."


@dataclass(frozen=True, slots=True)
class SentForm:
    """The fields of a form in parts, and its files; they are there only as long as the form is open."""

    fields: FormData
    files: Sequence[UploadFile]

    def text(self, name: str) -> str:
        """What was typed in a field, '' when it was not sent."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""


@asynccontextmanager
async def sent_form(request: Request) -> AsyncIterator[SentForm]:
    """The form in the body; ApiProblem for more files than may come, and for a body that breaks off."""
    require_room(request)
    try:
        # More than are taken: what is too much is told in our own words, beside what was written.
        async with request.form(max_files=_MOST_READ, max_fields=_MOST_FIELDS) as form:
            files = [one for one in form.getlist(FIELD) if isinstance(one, UploadFile) and (one.filename or one.size)]
            yield SentForm(form, files)
    except HTTPException as refusal:
        raise _too_many() if "Too many files" in refusal.detail else ApiProblem(400, _BROKEN) from refusal


async def stored(request: Request, files: Sequence[UploadFile]) -> list[SentFile]:
    """The files, looked at when it is their sender's turn, and stored; ApiProblem for what cannot be used."""
    if len(files) > MOST_FILES:
        raise _too_many()
    return await receive_in_turn(request, partial(store_beside_text, request, files)) if files else []


def key_of(sent: str) -> str:
    """What came with the form as its key; a new one where it is missing or was tampered with."""
    known = sent.isascii() and sent.isprintable() and 0 < len(sent) <= _LONGEST_KEY
    return sent if known else uuid4().hex


def too_many_today() -> ApiProblem:
    """The answer to a customer who has written too much."""
    return ApiProblem(429, _TODAY, headers={"Retry-After": "86400"})


def _too_many() -> ApiProblem:
    return ApiProblem(422, _TOO_MANY, problems=[Problem(FIELD, "too_many_files", _TOO_MANY)])
