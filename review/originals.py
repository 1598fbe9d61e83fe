"""Handing out originals at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from audit.trail import record
from documents.erasing import ErasedError, require_original
from documents.loading import load
from documents.originals import is_there
from documents.tables import Document, Original
from readers.antivirus import InfectedFileError


@dataclass(frozen=True, slots=True)
class HandedOut:
    """An original: its digest, what it is, and its sender's name of it."""

    sha256: str
    media_type: str
    name: str | None


_PARTLY: Final = (
    "W tym pliku są też strony innej sprawy, które usunięto zgodnie z okresem przechowywania. Obejrzyj strony tej "
    "sprawy."
)


class HeldBackError(Exception):
    """The antivirus stopped this file: it goes to nobody's computer."""


def handed_out(session: Session, tracking: str, actor: str) -> HandedOut | None:
    """The original of a document, with a line in the audit of who got it; None when none is kept.

    UnknownDocumentError when there is no such document, HeldBackError when the antivirus stopped its file, ErasedError
    when it is no longer kept, or holds another case's pages that are not.
    """
    document = load(session, tracking)
    require_original(document)
    root = document.parent_tracking or document.tracking
    family = or_(Document.tracking == root, Document.parent_tracking == root)
    if session.scalar(select(Document.id).where(family, Document.original_released_at.is_not(None)).limit(1)):
        raise ErasedError(_PARTLY)
    if document.reason_code == InfectedFileError.code:
        raise HeldBackError
    kept = None if document.original_sha256 is None else session.get(Original, document.original_sha256)
    if kept is None or not is_there(kept.sha256):
        return None
    record(session, actor=actor, action="original_handed_out", subject=document.tracking)
    session.flush()
    return HandedOut(kept.sha256, kept.media_type, document.file_name)
