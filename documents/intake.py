"""Taking in: the original is stored first, then the database records it, and only then is the sender told.

All functions work inside the caller's transaction and never commit.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final
from unicodedata import category

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, not_, or_, select
from sqlalchemy.orm import Session

from database.encryption import digest
from database.engine import insert_if_absent
from documents.entries import find_or_add_document
from documents.loading import load
from documents.originals import OriginalError, StoredFile, is_there, store_bytes, store_file
from documents.states import IntakeChannel, State
from documents.tables import Document, Original
from documents.transitions import move
from documents.values import save_readings
from environment import clock
from environment.settings import get_settings
from forms.submission import BLANK_FORM, Submission

_SAME_BYTES: Final = "same_bytes"
_PLACES: Final = (IntakeChannel.FOLDER, IntakeChannel.CLI)


class IdempotencyConflictError(ValueError):
    """The same idempotency key came with another content; the message is Polish."""


@dataclass(frozen=True, slots=True)
class IntakeReceipt:
    """What the sender is told: ``reason`` is Polish and None when all is well."""

    tracking: str
    state: State
    duplicate_of: str | None = None
    reason: str | None = None


def receive_file(
    session: Session,
    path: Path,
    *,
    channel: IntakeChannel,
    file_name: str | None = None,
    idempotency_key: str | None = None,
) -> IntakeReceipt:
    """Take in a whole file: store its original, then record it as ``received``.

    The same bytes again are recorded as ``duplicate`` with the earlier tracking number, unless the earlier ones ended
    ``quarantined``: those may be tried again. ``file_name`` is the sender's name of it, the path's own by default.
    OSError when the file cannot be read, IdempotencyConflictError when the key came before with other bytes.
    """
    return receive_stored(
        session, store_file(path), path=path, channel=channel, file_name=file_name, idempotency_key=idempotency_key
    )


def receive_stored(
    session: Session,
    stored: StoredFile,
    *,
    channel: IntakeChannel,
    path: Path | None = None,
    file_name: str | None = None,
    idempotency_key: str | None = None,
    retried: str | None = None,
    turn: datetime | None = None,
    authority: int | None = None,
) -> IntakeReceipt:
    """As ``receive_file``, for an original that is in the store already (kept before the transaction began).

    ``retried`` is the tracking number of a quarantined document that had no original yet: it goes on with this one.
    ``turn`` is when its turn to be read comes, where that is not now. ``authority`` is that of who sends it for a
    customer.
    """
    request = digest("file", stored.sha256)
    if idempotency_key is not None and (known := _by_key(session, idempotency_key, request)):
        return known
    _record_original(session, stored)
    earlier = _earlier(session, stored.sha256, channel)
    state = State.RECEIVED if earlier is None else State.DUPLICATE
    reason = None if earlier is None else _told_before(earlier)
    reason_code = None if earlier is None else _SAME_BYTES
    document = _unread(session, retried)
    if document is not None:
        document.original_sha256, document.source_key = stored.sha256, None
        move(session, document, state, actor=channel, reason_code=reason_code, reason=reason)
    else:
        document, new = find_or_add_document(
            session,
            channel,
            state,
            actor=channel,
            reason_code=reason_code,
            reason=reason,
            original_sha256=stored.sha256,
            turn=turn,
            authority=authority,
            **_origin(path, file_name, channel),
            **_key(idempotency_key, request),
        )
        if not new:
            return _same_request(document, request)
    document.duplicate_of = None if earlier is None else earlier.tracking
    session.flush()
    return _receipt(document)


def receive_unusable(
    session: Session, path: Path, *, channel: IntakeChannel, code: str, message: str, file_name: str | None = None
) -> IntakeReceipt:
    """Record a file that cannot be used as ``quarantined``, with its reason in Polish.

    Its original is kept when its bytes can be read and it is not larger than ``settings.max_file_bytes``. What cannot
    be kept (no permission, symbolic link, directory, too large) is recorded once for the path and its time of change,
    however often it is told.
    """
    return quarantine(
        session, keepable(path), path=path, channel=channel, code=code, message=message, file_name=file_name
    )


def keepable(path: Path) -> StoredFile | None:
    """The stored original of a file that is unusable but can be kept; None when it cannot be."""
    try:
        if path.lstat().st_size > get_settings().max_file_bytes:
            return None
        return store_file(path)
    except (OSError, OriginalError):
        return None


def quarantine(
    session: Session,
    stored: StoredFile | None,
    *,
    path: Path,
    channel: IntakeChannel,
    code: str,
    message: str,
    file_name: str | None = None,
    retried: str | None = None,
) -> IntakeReceipt:
    """As ``receive_unusable``, with the original already in the store (None: it cannot be kept)."""
    source_key = None
    if stored is None:
        source_key = _source_key(path, code)
    else:
        _record_original(session, stored)
    document = _unread(session, retried)
    if document is not None:
        document.original_sha256, document.source_key = stored.sha256 if stored else None, source_key
        if stored is not None or document.reason_code != code:
            move(session, document, State.QUARANTINED, actor=channel, reason_code=code, reason=message)
        return _receipt(document)
    document, _ = find_or_add_document(
        session,
        channel,
        State.QUARANTINED,
        actor=channel,
        reason_code=code,
        reason=message,
        original_sha256=None if stored is None else stored.sha256,
        source_key=source_key,
        **_origin(path, file_name, channel),
    )
    return _receipt(document)


def receive_values(
    session: Session,
    submission: Submission,
    *,
    channel: IntakeChannel,
    raw: bytes,
    idempotency_key: str | None = None,
    authority: int | None = None,
) -> IntakeReceipt:
    """Take in typed values: ``raw`` (the JSON as it came) is the original, the values are its readings.

    The same key with the same values gives the same receipt; with others IdempotencyConflictError. Whether the same
    request came before without a key is for the customer register to say: the same values may be meant anew.
    ``authority`` is that of who sends it for a customer.
    """
    form = submission.form
    request = digest(form.code, form.version, json.dumps(submission.values, sort_keys=True))
    if idempotency_key is not None and (known := _by_key(session, idempotency_key, request)):
        return known
    stored = store_bytes(raw)
    _record_original(session, stored)
    document, new = find_or_add_document(
        session,
        channel,
        State.RECEIVED,
        actor=channel,
        original_sha256=stored.sha256,
        form=form.code,
        version=form.version,
        paper=submission.paper,
        pages=[],
        authority=authority,
        **_key(idempotency_key, request),
    )
    if not new:
        return _same_request(document, request)
    save_readings(session, document, submission, "online")
    return _receipt(document)


def _unread(session: Session, tracking: str | None) -> Document | None:
    """The quarantined document that still lacks its original; None when a clerk closed it meanwhile."""
    document = None if tracking is None else load(session, tracking)
    unread = document is not None and document.at is State.QUARANTINED and document.original_sha256 is None
    return document if unread else None


def readable(name: str) -> str:
    """A file name that can be written and shown whatever it holds.

    Bytes that are no text, and signs that nobody sees or that turn text around, are written as their numbers: no file
    looks like one of another kind.
    """
    unseen = {"Cf", "Zl", "Zp"}
    shown = (sign.encode("unicode_escape").decode() if category(sign) in unseen else sign for sign in name)
    return "".join(shown).encode("utf-8", "backslashreplace").decode()


def _origin(path: Path | None, file_name: str | None, channel: IntakeChannel) -> dict[str, str | None]:
    """Name and place of a file; what was uploaded came from no place that we know."""
    name = file_name if file_name is not None or path is None else path.name
    return {
        "file_name": None if name is None else readable(name),
        "source_path": readable(str(path.absolute())) if path is not None and channel in _PLACES else None,
    }


def _key(idempotency_key: str | None, request: str) -> dict[str, str]:
    """A keyed digest of the sender's key: of known length, and nothing a sender puts into it is kept."""
    return {} if idempotency_key is None else {"idempotency_key": digest(idempotency_key), "request_digest": request}


def _source_key(path: Path, code: str) -> str:
    """Names a path with its time of change: a new file at the same place is told anew."""
    changed = path.lstat().st_mtime_ns if os.path.lexists(path) else 0
    return digest(os.fsencode(path.absolute()).hex(), code, str(changed))


def _record_original(session: Session, stored: StoredFile) -> None:
    """Make the row of the original and lock it, so that two takers of the same bytes see each other.

    Whoever erases originals that are no longer kept holds the same lock: OriginalError when he was faster.
    """
    row = {
        "sha256": stored.sha256,
        "size": stored.size,
        "media_type": stored.media_type,
        "path": stored.path,
        "stored_at": clock.now(),
    }
    if not insert_if_absent(session, Original, row):  # one that was made now is locked as it is
        locked = select(Original).where(Original.sha256 == stored.sha256).with_for_update()
        kept = session.scalars(locked.execution_options(populate_existing=True)).one()
        if kept.erased_at is not None:
            kept.erased_at, kept.stored_at = None, clock.now()
    if not is_there(stored.sha256):
        raise OriginalError("the original was erased while the same file was taken in; it is tried again later")


def _earlier(session: Session, sha256: str, channel: IntakeChannel) -> Document | None:
    """The document that these bytes came in as before, if they ask for anything; repetitions do not count.

    The same leaflet or empty blank may come from anybody: of what is known to be no form of ours, or one without an
    entry, an uploader is told no stranger's number. A document that let go of these bytes, because its time is over,
    answers for nobody any more: what comes now is judged by what the customer register still knows.
    """
    return session.scalar(_earlier_of(uploaded=channel is IntakeChannel.UPLOAD), {"sha256": sha256})


@cache
def _earlier_of(*, uploaded: bool) -> Select[tuple[Document]]:
    """Made once: to put a question together costs more than to ask it."""
    wanted = [Document.original_sha256 == bindparam("sha256"), Document.state != State.QUARANTINED]
    wanted += [not_(_repetition()), func.coalesce(Document.reason_code, "") != BLANK_FORM]
    wanted.append(Document.original_released_at.is_(None))
    if uploaded:
        wanted.append(or_(Document.pages.is_(None), Document.form.is_not(None)))
    return select(Document).where(*wanted).order_by(Document.id).limit(1)


def _repetition() -> ColumnElement[bool]:
    return and_(Document.state == State.DUPLICATE, Document.reason_code == _SAME_BYTES)


def release_repetitions(
    session: Session, document: Document, *, channel: IntakeChannel | None = None
) -> list[Document]:
    """The documents that were taken for repetitions of one that turned out to ask for nothing; no longer so.

    They get the pages and problems of that one, and the caller moves them. Only those of ``channel``, if it is named.
    """
    same = [Document.duplicate_of == document.tracking, _repetition()]
    if channel is not None:
        same.append(Document.channel == channel.value)
    found = list(session.scalars(select(Document).where(*same).order_by(Document.id)))
    for each in found:
        each.duplicate_of, each.paper = None, document.paper
        each.form, each.version, each.pages = document.form, document.version, document.pages
        each.turns, each.problems, each.signatures = document.turns, document.problems, document.signatures
    session.flush()
    return found


def _told_before(earlier: Document) -> str:
    told = f"Ten sam plik wpłynął już wcześniej pod numerem {earlier.tracking}. Nie rozpatrujemy go drugi raz."
    if earlier.state == State.REJECTED:
        told += " Tamto zgłoszenie nie mogło zostać przyjęte: popraw dokument zgodnie z podaną przyczyną i prześlij go."
    return told


def _by_key(session: Session, idempotency_key: str, request: str) -> IntakeReceipt | None:
    known = session.scalar(select(Document).where(Document.idempotency_key == digest(idempotency_key)))
    return None if known is None else _same_request(known, request)


def _same_request(known: Document, request: str) -> IntakeReceipt:
    if known.request_digest != request:
        raise IdempotencyConflictError(
            "Ten sam klucz Idempotency-Key przyszedł wcześniej z inną treścią. Dla nowego zgłoszenia nadaj nowy klucz."
        )
    return _receipt(known)


def _receipt(document: Document) -> IntakeReceipt:
    return IntakeReceipt(document.tracking, State(document.state), document.duplicate_of, document.reason)
