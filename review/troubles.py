"""What is stuck until a person decides: documents, files in the scan folder, messages, invoices.

All functions work inside the caller's transaction and never commit. What is no longer as it was shown raises
RefusedError, so a second click does nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from billing.moved import MovedInvoice, count_moved, moved_after_it_went, settle_moved
from confirmations.composing import compose_incomplete
from confirmations.overview import problems_of
from customers.records import RegisterLookup
from documents.folder_files import look
from documents.folder_overview import reason_of
from documents.intake import readable
from documents.leases import is_stuck, unstick
from documents.loading import load, lock
from documents.sightings import key_of
from documents.states import State
from documents.tables import Document, Sighting
from documents.transitions import move
from environment import clock
from environment.settings import get_settings
from forms.form import Problem
from review.decisions import RefusedError, require_no_pesel
from review.queue import Clerk

_MOST: Final = 100
_MOST_NOTE: Final = 1000
_WORKER_LOST: Final = "worker_lost"
_FAULTS: Final = {
    "message_not_sent": "Wiadomości z tej sprawy nie udało się wysłać. Zobacz niżej, dlaczego.",
    "OriginalError": "Oryginału nie ma w magazynie plików albo został zmieniony. Powiedz o tym administratorowi.",
    "StoreUnreachableError": "Magazyn oryginałów nie odpowiada. Powiedz o tym administratorowi, a gdy go uruchomi, "
    "spróbuj jeszcze raz.",
    "AntivirusUnavailableError": "Program antywirusowy nie odpowiada, więc nikt nie otworzył tego pliku. Powiedz "
    "o tym administratorowi, a gdy go uruchomi, spróbuj jeszcze raz.",
    _WORKER_LOST: "Program przerywano w trakcie pracy nad tą sprawą.",
}
_OTHER_FAULT: Final = "Program napotkał błąd. Spróbuj jeszcze raz, a jeśli to nie pomoże, powiedz administratorowi."
_SETTLED: Final = Problem(None, "settled", "Ktoś już się tym zajął: na liście widać obecny stan.")
_NO_ORIGINAL: Final = Problem(
    None, "no_original", "Tego pliku nie ma w magazynie, więc nie ma czego odczytać. Dostarcz go do folderu skanów."
)
_NO_CUSTOMER: Final = Problem("customer_no", "unknown_customer", "Nie ma klienta o tym numerze.")


@dataclass(frozen=True, slots=True)
class StuckDocument:
    """A document that the machine cannot move on; ``code`` names the fault or why it is in quarantine."""

    tracking: str
    state: State
    since: datetime
    channel: str
    attempts: int
    code: str
    reason: str
    file_name: str | None = field(repr=False)
    has_original: bool


@dataclass(frozen=True, slots=True)
class StuckFile:
    """A file in the scan folder by the digest of its path; ``taken_as`` is its document when only removing it fails.

    ``code`` is None then, else what it waits for; ``attempts`` counts the checks that a fault of the program ended.
    """

    path_key: str
    since: datetime
    reason: str
    taken_as: str | None
    code: str | None
    attempts: int


@dataclass(frozen=True, slots=True)
class Troubles:
    """All that waits, the oldest first; ``total`` counts the documents, of which at most 100 are listed.

    ``moved`` are invoices (at most 100 of ``moved_total``) that became another customer's after they had gone.
    """

    stuck: tuple[StuckDocument, ...]
    quarantined: tuple[StuckDocument, ...]
    total: int
    files: tuple[StuckFile, ...]
    messages: tuple[Mapping[str, Any], ...]
    moved: tuple[MovedInvoice, ...]
    moved_total: int


def troubles(session: Session) -> Troubles:
    """What waits now."""
    shown = or_(is_stuck(), Document.state == State.QUARANTINED.value)
    rows = session.scalars(select(Document).where(shown).order_by(Document.received_at, Document.id).limit(_MOST))
    documents = [_document(row) for row in rows]
    files = session.scalars(
        select(Sighting)
        .where(or_(Sighting.waiting_for.is_not(None), _not_removed()))
        .order_by(Sighting.first_seen, Sighting.id)
        .limit(_MOST)
    )
    return Troubles(
        tuple(one for one in documents if one.state is not State.QUARANTINED),
        tuple(one for one in documents if one.state is State.QUARANTINED),
        session.scalar(select(func.count()).select_from(Document).where(shown)) or 0,
        tuple(_file(row) for row in files),
        tuple(problems_of(session, _MOST)),
        tuple(moved_after_it_went(session, _MOST)),
        count_moved(session),
    )


def names_in_folder() -> dict[str, str]:
    """Names of the files in the scan folder by the digest of their paths; none when it cannot be looked at."""
    folder = get_settings().inbox.absolute()
    try:
        return {key_of(seen.path): readable(str(seen.path.relative_to(folder))) for seen in look(folder)}
    except OSError:
        return {}


def retry(session: Session, tracking: str, clerk: Clerk) -> None:
    """Let the machine try again: the next sweep takes the document up. A quarantined one is read anew."""
    document = lock(session, load(session, tracking))
    if document.at is State.QUARANTINED:
        if document.original_sha256 is None:
            raise RefusedError([_NO_ORIGINAL])
        document.attempts, document.last_fault, document.lease_until = 0, None, None
        move(session, document, State.RECEIVED, actor=clerk.actor)
    elif session.scalar(select(Document.id).where(Document.id == document.id, is_stuck())) is not None:
        unstick(session, tracking, clerk.actor)
        document.lease_owner = document.lease_until = None
        session.flush()
    else:
        raise RefusedError([_SETTLED])


def close(session: Session, tracking: str, clerk: Clerk, *, note: str = "", customer_no: str = "") -> bool:
    """Put a quarantined document away; its sender is told when the clerk found out who it is. True when he is told.

    The reason stays the one of the quarantine: the page of the case tells it to whoever asks.
    """
    document = lock(session, load(session, tracking))
    if document.at is not State.QUARANTINED:
        raise RefusedError([_SETTLED])
    number, words = customer_no.strip(), note.strip()[:_MOST_NOTE]
    require_no_pesel(words)
    told = False
    if number:
        customer = RegisterLookup(session).find(number)
        if customer is None:
            raise RefusedError([_NO_CUSTOMER])
        document.customer_no = customer.customer_no
        keys = compose_incomplete(
            session,
            tracking=document.tracking,
            form=None,
            problems=[],
            customer=customer,
            note=words or None,
        )
        told = bool(keys)
    before = document.reason or ""
    reason = f"{before} Zamknięto w biurze{': ' + words if words else ''}.".strip()
    move(session, document, State.REJECTED, actor=clerk.actor, reason_code=document.reason_code, reason=reason)
    return told


def settle_invoice(session: Session, invoice_no: str, owner: str, clerk: Clerk) -> None:
    """The clerk has seen to it that the customer whose an invoice became has it, or decided that he need not."""
    if not settle_moved(session, invoice_no, owner, actor=clerk.actor):
        raise RefusedError([_SETTLED])


def _document(row: Document) -> StuckDocument:
    quarantined = row.at is State.QUARANTINED
    code = (row.reason_code if quarantined else row.last_fault) or _WORKER_LOST
    told = (row.reason or "") if quarantined else _FAULTS.get(code, _OTHER_FAULT)
    return StuckDocument(
        row.tracking,
        row.at,
        row.received_at,
        row.channel,
        row.attempts,
        code,
        told,
        row.file_name,
        row.original_sha256 is not None,
    )


def _not_removed() -> ColumnElement[bool]:
    """Taken in, but still there after a time in which every sweep would have removed it."""
    patience = clock.now() - timedelta(seconds=get_settings().lease_seconds)
    return and_(Sighting.settled.is_(True), Sighting.unchanged_since <= patience)


def _file(row: Sighting) -> StuckFile:
    taken_as = row.tracking if row.settled else None
    return StuckFile(row.path_key, row.first_seen, reason_of(row), taken_as, row.waiting_for, row.attempts)
