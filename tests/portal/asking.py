"""Questions for tests: asked from a sample account, with files in the store."""

from __future__ import annotations

from uuid import uuid4

from benchmarks import office
from database.engine import transaction
from documents.originals import store_bytes
from portal import questions
from portal.conversations import QuestionKind
from portal.questions import Asker, SentFile, Written

PICTURE = b"\x89PNG\r\n\x1a\n" + b"wodomierz"
"""Enough of a picture for the store, which looks into none."""


def asker(person: int = 0, *, sees_all: bool = True) -> Asker:
    """That sample customer, with an account since now where there was none."""
    return Asker(str(office.people()[person]["customer_no"]), f"osoba{person}@example.com", sees_all)


def with_account(person: int = 0) -> Asker:
    found = asker(person)
    office.open_account(found.customer_no, found.login)
    return found


def written(text: str = "Skąd ta kwota?", *files: bytes, key: str = "") -> Written:
    sent = tuple(SentFile(f"zdjęcie {place}.png", store_bytes(data)) for place, data in enumerate(files, 1))
    return Written(text, key or uuid4().hex, sent)


def ask(whom: Asker, text: str = "Skąd ta kwota?", *files: bytes, key: str = "") -> int:
    """The number of a new question."""
    turn = written(text, *files, key=key)
    with transaction() as session:
        return questions.ask(session, whom, turn, kind=QuestionKind.BILLING)
