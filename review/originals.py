"""Handing out originals at the desk."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from audit.trail import record
from documents.loading import load
from documents.originals import original_path
from documents.tables import Original
from readers.antivirus import InfectedFileError


@dataclass(frozen=True, slots=True)
class HandedOut:
    """An original: its digest, what it is, and its sender's name of it."""

    sha256: str
    media_type: str
    name: str | None


class HeldBackError(Exception):
    """The antivirus stopped this file: it goes to nobody's computer."""


def handed_out(session: Session, tracking: str, actor: str) -> HandedOut | None:
    """The original of a document, with a line in the audit of who got it; None when none is kept.

    UnknownDocumentError when there is no such document, HeldBackError when the antivirus stopped its file.
    """
    document = load(session, tracking)
    if document.reason_code == InfectedFileError.code:
        raise HeldBackError
    kept = None if document.original_sha256 is None else session.get(Original, document.original_sha256)
    if kept is None or not original_path(kept.sha256).is_file():
        return None
    record(session, actor=actor, action="original_handed_out", subject=document.tracking)
    session.flush()
    return HandedOut(kept.sha256, kept.media_type, document.file_name)
