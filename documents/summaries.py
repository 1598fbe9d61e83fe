"""Answers about documents: the story of one, counts of all, lists."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from audit.tables import AuditEntry
from audit.trail import VIEWS
from documents.leases import is_stuck
from documents.loading import load
from documents.originals import is_sound
from documents.states import WAITING, IntakeChannel, State
from documents.store_interface import StoreUnreachableError
from documents.tables import Document, Original, Reading, Transition
from documents.values import known_form
from forms.form import Form
from forms.kinds import FieldKind, Pesel

_MOST_STUCK: Final = 100
_WORKER_LOST: Final = "worker_lost"
_WHY_STUCK: Final = (
    "Przetwarzanie nie powiodło się tyle razy, ile dopuszczają ustawienia. Usuń przyczynę (kod błędu) i uruchom "
    "dokument ponownie."
)


def story(session: Session, tracking: str, *, masked: bool = True) -> dict[str, Any]:
    """All there is of one document, ready for JSON; sensitive values are masked, unless they are asked for.

    ``erased`` tells when values and original were erased because their time was over, None where they were not.
    ``authority`` is the number of that by which somebody sent it for a customer, None where nobody did.
    ``changes`` and ``messages`` are empty lists for the packages that know them. UnknownDocumentError when there is no
    such document.
    """
    document = load(session, tracking)
    return {
        "tracking": document.tracking,
        "state": document.state,
        "reason_code": document.reason_code,
        "reason": document.reason,
        "channel": document.channel,
        "file": document.file_name,
        "form": document.form,
        "version": document.version,
        "pages": document.pages,
        "paper": document.paper,
        "signatures": [_signature(each, masked=masked) for each in document.signatures or ()],
        "customer_no": document.customer_no,
        "authority": document.authority,
        "received_at": _time(document.received_at),
        "signed_on": document.signed_on and document.signed_on.isoformat(),
        "duplicate_of": document.duplicate_of,
        "parent": document.parent_tracking,
        "children": _children(session, document),
        "file_pages": _file_pages(session, document),
        "attempts": document.attempts,
        "last_fault": document.last_fault,
        "problems": document.problems or [],
        "original": _original(session, document),
        "erased": {"values": _erased(document.values_erased_at), "original": _erased(document.original_released_at)},
        "states": _states(session, document),
        "readings": _readings(session, document, masked=masked),
        "changes": [],
        "messages": [],
        "audit": _audit(session, document),
    }


def counts(session: Session) -> dict[str, Any]:
    """What is where: by state, by channel, the oldest waiting, what is stuck and why; no personal data.

    ``oldest_waiting`` is ``{tracking, state, since}`` or None; ``stuck`` lists (100 at most, the oldest first)
    ``{tracking, state, since, attempts, code, reason}``: documents whose attempts are used up and quarantined ones.
    """
    by_state = {state.value: 0 for state in State}
    by_channel = {channel.value: 0 for channel in IntakeChannel}
    for state, channel, number in session.execute(
        select(Document.state, Document.channel, func.count()).group_by(Document.state, Document.channel)
    ):
        by_state[state] += number
        by_channel[channel] += number
    stuck = or_(is_stuck(), Document.state == State.QUARANTINED)
    return {
        "total": sum(by_state.values()),
        "by_state": by_state,
        "by_channel": by_channel,
        "oldest_waiting": _oldest_waiting(session),
        "stuck_total": session.scalar(select(func.count()).select_from(Document).where(stuck)),
        "stuck": [
            _stuck(document)
            for document in session.scalars(
                select(Document).where(stuck).order_by(Document.received_at, Document.id).limit(_MOST_STUCK)
            )
        ],
    }


def list_documents(session: Session) -> tuple[Document, ...]:
    """All documents, oldest first."""
    return tuple(session.scalars(select(Document).order_by(Document.received_at, Document.id)))


def trackings_of_customer(session: Session, customer_no: str) -> set[str]:
    """The numbers of all documents that are known to be a customer's."""
    return set(session.scalars(select(Document.tracking).where(Document.customer_no == customer_no)))


def _time(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")


def _erased(at: datetime | None) -> str | None:
    return None if at is None else _time(at)


def _children(session: Session, document: Document) -> list[str]:
    wanted = select(Document.tracking).where(Document.parent_tracking == document.tracking).order_by(Document.part)
    return list(session.scalars(wanted))


def _file_pages(session: Session, document: Document) -> list[dict[str, Any]]:
    """Where each page of the file went: ``{page, tracking}``; the tracking is None for empty pages and separators."""
    root = document.parent_tracking or document.tracking
    family = or_(Document.tracking == root, Document.parent_tracking == root)
    went: dict[int, str | None] = {}
    for each in session.scalars(select(Document).where(family).order_by(Document.part)):
        kept = each.at is not State.DUPLICATE or each.duplicate_of is None
        for page in each.pages or ():
            if kept or page not in went:
                went[page] = each.tracking
    split = select(AuditEntry).where(AuditEntry.subject == root, AuditEntry.action == "split").order_by(AuditEntry.id)
    for entry in session.scalars(split):
        for page in (entry.detail or {}).get("ignored_pages", ()):
            went.setdefault(page, None)
    return [{"page": page, "tracking": went[page]} for page in sorted(went)]


def _original(session: Session, document: Document) -> dict[str, Any] | None:
    found = None if document.original_sha256 is None else session.get(Original, document.original_sha256)
    if found is None or document.original_released_at is not None:
        return None
    return {
        "sha256": found.sha256,
        "size": found.size,
        "media_type": found.media_type,
        "path": found.path,
        "stored_at": _time(found.stored_at),
        "sound": _sound(found.sha256),
    }


def _sound(sha256: str) -> bool | None:
    """None where the store does not say."""
    try:
        return is_sound(sha256)
    except StoreUnreachableError:
        return None


def _states(session: Session, document: Document) -> list[dict[str, Any]]:
    rows = session.scalars(select(Transition).where(Transition.document_id == document.id).order_by(Transition.id))
    return [
        {
            "at": _time(row.at),
            "from": row.from_state,
            "to": row.to_state,
            "actor": row.actor,
            "reason_code": row.reason_code,
            "reason": row.note,
        }
        for row in rows
    ]


def _readings(session: Session, document: Document, *, masked: bool) -> list[dict[str, Any]]:
    rows = session.scalars(select(Reading).where(Reading.document_id == document.id).order_by(Reading.id))
    form = known_form(document)
    return [
        {
            "field": row.field,
            "value": _shown(_kind(form, row.field), row.value) if masked else row.value,
            "confidence": round(row.confidence, 4),
            "trusted": row.trusted,
            "source": row.source,
            "page": row.page,
            "box": row.box,
            "doubt": row.doubt,
            "reader": row.reader,
            "at": _time(row.at),
            "superseded": row.superseded,
        }
        for row in rows
    ]


def _signature(told: dict[str, Any], *, masked: bool) -> dict[str, Any]:
    """An electronic signature, its numbers masked as those of the readings are."""
    return {**told, "pesel": Pesel().masked(told["pesel"])} if masked and told["pesel"] else dict(told)


def _kind(form: Form | None, field: str) -> FieldKind:
    """The kind of a field; where the form is unknown everything is taken for the most sensitive."""
    return form[field].kind if form is not None and field in form else Pesel()


def _shown(kind: FieldKind, value: str | bool | None) -> str | bool | None:
    return kind.masked(value) if kind.sensitive and value is not None else value


def _audit(session: Session, document: Document) -> list[dict[str, Any]]:
    """What was done with it; who looked at it is for `ebok audit list` to tell."""
    done = (AuditEntry.subject == document.tracking, AuditEntry.action.not_in(VIEWS))
    rows = session.scalars(select(AuditEntry).where(*done).order_by(AuditEntry.id))
    return [{"at": _time(row.at), "actor": row.actor, "action": row.action, "detail": row.detail} for row in rows]


def _oldest_waiting(session: Session) -> dict[str, str] | None:
    oldest = session.scalar(
        select(Document)
        .where(Document.state.in_([state.value for state in WAITING]))
        .order_by(Document.received_at, Document.id)
        .limit(1)
    )
    if oldest is None:
        return None
    return {"tracking": oldest.tracking, "state": oldest.state, "since": _time(oldest.received_at)}


def _stuck(document: Document) -> dict[str, Any]:
    quarantined = document.state == State.QUARANTINED
    return {
        "tracking": document.tracking,
        "state": document.state,
        "since": _time(document.received_at),
        "attempts": document.attempts,
        "code": document.reason_code if quarantined else document.last_fault or _WORKER_LOST,
        "reason": document.reason if quarantined else _WHY_STUCK,
    }
